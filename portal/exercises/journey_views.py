"""Pathways: looking through them, arming one for a couple, and keeping an eye on its way."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission, Refused
from portal.exercises import journey_commands, journey_pages, pathway_pages
from portal.exercises.journey_commands import Arming, Moved
from portal.exercises.journey_forms import MoveForm, SeenForm, SessionForm, WhomForm, arm_form
from portal.exercises.library_views import couple_in_query
from portal.exercises.models import Whom
from portal.exercises.pathway_models import Journey, SessionState
from portal.exercises.room import room
from portal.kit.clock import day_begins
from portal.web.current import person, scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

BROWSE: dict[str, Any] = {"permission": Permission.BROWSE_LIBRARY, "audience": For.THERAPIST}
CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


@room.page("/pathways", **BROWSE)
def library_pathways() -> str:
    """List the pathways."""
    return render("exercises/pathways/list.html", **pathway_pages.shelf(scope(), couple_in_query()))


@room.page("/pathways/<slug>", **BROWSE)
def pathway(slug: str) -> str:
    """Show one pathway, step by step."""
    context = pathway_pages.looked_at(scope(), slug, couple_in_query())
    return render("exercises/pathways/pathway.html", **context)


@room.page("/pathways/<slug>/arm", methods=("GET", "POST"), **CARE)
def arm(slug: str) -> Any:
    """Decide which steps a couple takes, and put it on its way."""
    found = pathway_pages.pathway_named(scope(), slug)
    couple_id = couple_in_query()
    if couple_id is None:
        return redirect(url_for(".pathway", slug=slug), 303)
    titles = journey_pages.titles_in(scope(), found)
    whom = journey_pages.whom_choices_in(scope(), found, couple_id)
    form = arm_form(found, titles, today=today(), whom=whom)
    if request.method != "POST" or not form.validate():
        context = journey_pages.arming(scope(), found, form, couple_id)
        return render("exercises/pathways/arm.html", **context), 422 if form.errors else 200
    zone = person().time_zone
    arming = Arming(
        couple_id=couple_id,
        left_out=titles.keys() - set(form.steps.data),
        dates={key: day_begins(zone, day) for key, day in form.days().items()},
        whom=form.whom(),
    )
    journey_commands.arm(scope(), found, arming, once_key=str(form.once_key.data))
    flash(_("“%(title)s” is on its way.", title=found.title), "done")
    scope().commit()
    return redirect(url_for(".couple_pathway", couple_id=couple_id), 303)


@room.page("/couples/<couple_id>/pathway", **CARE)
def couple_pathway(couple_id: str) -> str:
    """Show how far a couple has come, what comes next, and its sessions."""
    return render("exercises/pathways/couple.html", **_journeys(couple_id))


def _journeys(couple_id: str, session_form: SessionForm | None = None) -> dict[str, Any]:
    return journey_pages.journeys(scope(), couple_id, session_form=session_form)


ACTS: dict[str, Callable[..., Journey]] = {
    "pause": journey_commands.pause,
    "go-on": journey_commands.go_on,
    "end": journey_commands.end,
}
STEP_ACTS: dict[str, Callable[..., Journey]] = {
    "leave-out": journey_commands.leave_out,
    "open": journey_commands.open_gate,
}


@room.page("/journeys/<journey_id>/<act>", methods=("POST",), **CARE)
def journey_act(journey_id: str, act: str) -> Any:
    """Pause a journey, go on with it, or end it."""
    if act not in ACTS:
        raise Refused("no such act")
    return _do(journey_id, lambda seen: ACTS[act](scope(), journey_id, seen=seen), SeenForm())


@room.page("/journeys/<journey_id>/steps/<int:position>/<act>", methods=("POST",), **CARE)
def step_act(journey_id: str, position: int, act: str) -> Any:
    """Leave a step out, open its gate, or choose its day or whom it is for."""
    if act == "move":
        form = MoveForm()
        form.today = today()
        return _do(journey_id, lambda seen: _move(journey_id, position, form, seen), form)
    if act == "whom":
        chosen = WhomForm()
        return _do(journey_id, lambda seen: _choose(journey_id, position, chosen, seen), chosen)
    if act not in STEP_ACTS:
        raise Refused("no such act")
    return _do(journey_id, lambda seen: STEP_ACTS[act](scope(), journey_id, position, seen=seen), SeenForm())


def _move(journey_id: str, position: int, form: MoveForm, seen: int) -> Journey:
    day = day_begins(person().time_zone, form.day.data) if form.day.data else None
    return journey_commands.move(scope(), journey_id, position, to=day, seen=seen)


def _choose(journey_id: str, position: int, form: WhomForm, seen: int) -> Journey:
    whom = Whom(form.whom.data)
    return journey_commands.choose_whom(scope(), journey_id, position, whom=whom, seen=seen)


def _do(journey_id: str, act: Callable[[int], Journey], form: SeenForm) -> Any:
    """Do something about a journey; where it went on meanwhile, show how it stands now instead."""
    couple_id = scope().find(Journey, journey_id).couple_id
    if not form.validate():
        said = form.errors.get("day")
        flash(said[0] if said else _("Please try that again."), "warn")
        return redirect(url_for(".couple_pathway", couple_id=couple_id), 303)
    try:
        act(form.revision())
    except Moved:
        flash(_("It went on since you opened this page. This is how it stands now."), "warn")
        return render("exercises/pathways/couple.html", **_journeys(couple_id)), 409
    flash(_("Saved."), "done")
    scope().commit()
    return redirect(url_for(".couple_pathway", couple_id=couple_id), 303)


@room.page("/couples/<couple_id>/sessions", methods=("POST",), **CARE)
def add_session(couple_id: str) -> Any:
    """Write down a session."""
    form = SessionForm()
    form.today = today()
    if not form.validate():
        return render("exercises/pathways/couple.html", **_journeys(couple_id, form)), 422
    journey_commands.plan_session(
        scope(),
        couple_id,
        starts_at=form.starts_at(person().time_zone),
        minutes=form.minutes.data,
        once_key=str(form.once_key.data),
    )
    flash(_("The session is written down."), "done")
    return _with_sessions(couple_id)


@room.page("/couples/<couple_id>/sessions/<session_id>/<act>", methods=("POST",), **CARE)
def session_act(couple_id: str, session_id: str, act: str) -> Any:
    """Say that a session was held, or that it won't be."""
    states = {"held": SessionState.HELD, "cancelled": SessionState.CANCELLED, "planned": SessionState.PLANNED}
    if act not in states:
        raise Refused("no such act")
    if SeenForm().validate():
        journey_commands.mark_session(scope(), session_id, state=states[act])
        flash(_("Saved."), "done")
    return _with_sessions(couple_id)


def _with_sessions(couple_id: str) -> Answered:
    journey_commands.advance_all(scope(), couple_id)
    scope().commit()
    return redirect(url_for(".couple_pathway", couple_id=couple_id), 303)
