"""A partner's page of a ladder, with its few acts, and a therapist's way to open and close a step."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission, Refused
from portal.exercises import review_queries, safety
from portal.exercises.commands import TooLate
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.climb import NotOpen
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import Over, has_ended, names_at_hand, page, task_at_hand
from portal.exercises.parts.ladders import commands, pages, queries, review_pages
from portal.exercises.parts.ladders.forms import StepForm
from portal.exercises.parts.ladders.queries import Visit
from portal.exercises.queries import Task
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


def _task(assignment_id: str) -> Task:
    found = task_at_hand(assignment_id)
    if found.exercise.lead is not MechanicName.LADDER:
        raise Refused("not a ladder")
    return found


def _back(assignment_id: str) -> Answered:
    return redirect(url_for(".ladder", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/steps")
def ladder(assignment_id: str) -> Any:
    """Show the steps, the one that is open, and what can be done; the introduction to whoever hasn't begun."""
    found = _task(assignment_id)
    if found.state in {None, ResponseState.DECLINED} and not has_ended(found):
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    return render("exercises/ladders/do.html", **pages.page(scope(), found, names_at_hand()))


def _meant(found: Task, form: StepForm) -> Visit | None:
    """Return the step that a form means; ``None`` for a form that is broken."""
    return form.meant(queries.spec_of(found.exercise)) if form.validate() else None


@page("/t/<assignment_id>/steps/taken", methods=("POST",))
def step_taken(assignment_id: str) -> Any:
    """Note that a step was taken. Where it isn't open, the page says only that it isn't scheduled."""
    found, form = _task(assignment_id), StepForm()
    visit = _meant(found, form)
    if visit is None:
        return _back(assignment_id)
    try:
        commands.take(scope(), found, visit, once_key=str(form.once_key.data))
    except NotOpen:
        flash(_("This step is not scheduled. Nothing was noted."), "info")
        return _back(assignment_id)
    except TooLate:
        raise Over(found) from None
    scope().commit()
    is_solo = queries.spec_of(found.exercise).solo
    flash(_("It is noted.") if is_solo else _("It is noted for you both."), "done")
    return _back(assignment_id)


@page("/t/<assignment_id>/steps/back", methods=("POST",))
def step_back(assignment_id: str) -> Answered:
    """Go back from a step, at once and without a reason."""
    found = _task(assignment_id)
    visit = _meant(found, StepForm())
    if visit is not None:
        commands.step_back(scope(), found, visit.step)
        scope().commit()
        flash(queries.spec_of(found.exercise).step_back_text, "done")
    return _back(assignment_id)


@page("/t/<assignment_id>/steps/stop", methods=("POST",))
def stop_ladder(assignment_id: str) -> Answered:
    """Stop, at once and without a reason."""
    found = _task(assignment_id)
    if ConfirmForm().validate():
        commands.stop(scope(), found)
        scope().commit()
        flash(_("You have stopped. What you said before is taken back."), "done")
    return _back(assignment_id)


@room.page("/answers/<assignment_id>/steps/<int:number>/open", methods=("GET", "POST"), **CARE)
def open_step(assignment_id: str, number: int) -> Any:
    """Ask once more, then open a step to both, once they are ready for it too."""
    return _decide(assignment_id, number, opens=True)


@room.page("/answers/<assignment_id>/steps/<int:number>/close", methods=("GET", "POST"), **CARE)
def close_step(assignment_id: str, number: int) -> Any:
    """Ask once more, then close a step."""
    return _decide(assignment_id, number, opens=False)


def _decide(assignment_id: str, number: int, *, opens: bool) -> Any:
    form = ConfirmForm()
    context = review_pages.deciding(scope(), review_queries.work(scope(), assignment_id), number, opens=opens)
    if request.method != "POST" or not form.validate():
        return render("exercises/ladders/decide.html", form=form, **context)
    act = commands.open_step if opens else commands.close_step
    try:
        act(scope(), assignment_id, context["step"].key, once_key=str(form.once_key.data or ""))
    except safety.OnHold:
        return render("exercises/ladders/decide.html", form=form, **context), 409
    except (NotOpen, TooLate):
        flash(_("This exercise has ended."), "info")
        return redirect(context["back"], 303)
    scope().commit()
    flash(_("The step is open from your side.") if opens else _("The step is closed."), "done")
    return redirect(context["back"], 303)
