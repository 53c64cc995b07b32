"""Giving an exercise to a couple: for whom, when, what is seen; then a look at all of it, and giving it."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.access.policy import Permission
from portal.exercises import assign_pages, care_commands, give_pages
from portal.exercises.assign_pages import Giving
from portal.exercises.care_forms import GiveForm
from portal.exercises.domain import Exercise
from portal.exercises.library_pages import exercise_named
from portal.exercises.library_views import couple_in_query
from portal.exercises.needs import Unmet
from portal.exercises.room import room
from portal.exercises.safety import OnHold
from portal.people.couple_queries import own_couples
from portal.web.current import person, scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _


@room.page("/assign/<slug>", permission=Permission.ASSIGN, audience=For.THERAPIST, methods=("GET", "POST"))
def assign(slug: str) -> Any:
    """Decide for whom and when, look at it once more, and give it."""
    exercise = exercise_named(scope(), slug)
    couple_id = couple_in_query()
    if couple_id is None:
        return _choose_couple(exercise)
    it = _giving(exercise, couple_id)
    form = GiveForm()
    assign_pages.prepared(form, scope(), it, today=today())
    go = "change" if request.method != "POST" else request.form.get("go", "check")
    if go == "fill":
        give_pages.fill_in(form, scope())
    if go == "keep":
        return _keep_words(form, it)
    return _form_page(form, it) if go in {"change", "fill"} else _decided(form, it, go)


def _giving(exercise: Exercise, couple_id: str) -> Giving:
    return assign_pages.giving(scope(), exercise, couple_id, previous_id=request.args.get("previous"))


def _choose_couple(exercise: Exercise) -> Any:
    couples = own_couples(scope())
    if len(couples) == 1:
        return redirect(url_for(".assign", slug=exercise.slug, couple=couples[0][0]), 303)
    return render("exercises/therapist/assign_whom.html", exercise=exercise, couples=couples)


def _form_page(form: GiveForm, it: Giving) -> str:
    return render("exercises/therapist/assign.html", **assign_pages.page(form, it))


def _keep_words(form: GiveForm, it: Giving) -> Any:
    """Keep what is typed for another time, and show the form as it was."""
    if not form.asks_to_keep():
        return _form_page(form, it), 422
    title = give_pages.keep_words(form, scope(), it.exercise)
    flash(_("Kept as “%(title)s”.", title=title), "done")
    shown = _form_page(form, it)
    scope().commit()
    return shown


def _decided(form: GiveForm, it: Giving, go: str) -> Any:
    """Look everything over, or give it; what stands in the way is said above the form, with all that was typed."""
    if go == "prepare":
        form.release.data = give_pages.LATER
    if it.guard.is_barred:
        return _form_page(form, it), 409
    if not form.validate():
        return _form_page(form, it), 422
    if go != "assign":
        context = assign_pages.check(form, scope(), it, seen_as=go.removeprefix("see-"))
        return render("exercises/therapist/assign_check.html", **context)
    return _give(form, it)


def _give(form: GiveForm, it: Giving) -> Any:
    couple_id, title = it.people.couple_id, it.exercise.title
    plan = give_pages.plan_in(form, couple_id, zone=person().time_zone, previous_id=it.previous_id)
    try:
        care_commands.assign(scope(), it.exercise, plan, once_key=str(form.once_key.data))
    except (OnHold, Unmet):
        # Something came between since this request began.
        return _form_page(form, _giving(it.exercise, couple_id)), 409
    if plan.release:
        flash(_("“%(title)s” is given.", title=title), "done")
    else:
        flash(_("“%(title)s” is prepared. They see it once you release it.", title=title), "done")
    scope().commit()
    return redirect(url_for("home.couple", couple_id=couple_id), 303)
