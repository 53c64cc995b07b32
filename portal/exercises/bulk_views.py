"""Giving one exercise to several couples: choosing them, a look at how each stands, and what was given."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.access.policy import Permission
from portal.exercises import bulk_commands, bulk_pages, give_pages
from portal.exercises.care_forms import SeveralForm
from portal.exercises.domain import Exercise
from portal.exercises.library_pages import exercise_named
from portal.exercises.room import room
from portal.web.current import person, scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


@room.page("/assign/<slug>/several", methods=("GET", "POST"), **CARE)
def assign_several(slug: str) -> Any:
    """Choose couples and decide for all of them, look at how each stands, and give it."""
    exercise, form = exercise_named(scope(), slug), SeveralForm()
    bulk_pages.prepared(form, scope(), exercise, chosen=request.args.getlist("couple"), today=today())
    go = "change" if request.method != "POST" else request.form.get("go", "check")
    if go == "fill":
        give_pages.fill_in(form, scope())
    if go == "keep":
        return _keep_words(form, exercise)
    if go in {"change", "fill"}:
        return _form_page(form, exercise)
    if not form.validate():
        return _form_page(form, exercise), 422
    if go != "assign":
        context = bulk_pages.check(form, scope(), exercise, zone=person().time_zone)
        return render("exercises/therapist/several_check.html", **context)
    return _give(form, exercise)


@room.page("/assign/<slug>/several/<once_key>", **CARE)
def assigned_several(slug: str, once_key: str) -> str:
    """Show what was given to whom, and why not to others."""
    exercise = exercise_named(scope(), slug)
    context = bulk_pages.given(scope(), exercise, request.args.getlist("couple"), once_key=once_key)
    return render("exercises/therapist/several_given.html", **context)


def _form_page(form: SeveralForm, exercise: Exercise) -> str:
    return render("exercises/therapist/several.html", **bulk_pages.page(form, exercise))


def _keep_words(form: SeveralForm, exercise: Exercise) -> Any:
    """Keep what is typed for another time, and show the form as it was."""
    if not form.asks_to_keep():
        return _form_page(form, exercise), 422
    title = give_pages.keep_words(form, scope(), exercise)
    flash(_("Kept as “%(title)s”.", title=title), "done")
    shown = _form_page(form, exercise)
    scope().commit()
    return shown


def _give(form: SeveralForm, exercise: Exercise) -> Any:
    plans = bulk_pages.plans_in(form, zone=person().time_zone)
    once_key = str(form.once_key.data)
    bulk_commands.assign_several(scope(), exercise, plans, once_key=once_key, held_too=form.held_too.data)
    scope().commit()
    couples = [plan.couple_id for plan in plans]
    return redirect(url_for(".assigned_several", slug=exercise.slug, once_key=once_key, couple=couples), 303)
