"""Giving an exercise to a couple: for whom, when, what is seen; then a look at all of it, and giving it."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission
from portal.exercises import assign_pages, care_commands
from portal.exercises.domain import Exercise
from portal.exercises.forms import AssignForm
from portal.exercises.library_pages import exercise_named
from portal.exercises.library_views import couple_in_query
from portal.exercises.models import Assignment
from portal.exercises.room import room
from portal.people.couple_queries import Circle, circle
from portal.web.current import person, scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _


@room.page("/assign/<slug>", permission=Permission.ASSIGN, audience=For.THERAPIST, methods=("GET", "POST"))
def assign(slug: str) -> Any:
    """Decide for whom and when, look at it once more, and give it."""
    exercise = exercise_named(slug)
    couple_id = couple_in_query()
    if couple_id is None:
        return _choose_couple(exercise)
    people = circle(scope(), couple_id)
    previous = assign_pages.previous_of(scope(), exercise, people, previous_id=request.args.get("previous"))
    form = AssignForm()
    assign_pages.prepared(form, exercise, people, today=today(), previous=previous)
    if request.method == "GET" or request.form.get("go") == "change":
        return _form_page(form, exercise, people, previous)
    if not form.validate():
        return _form_page(form, exercise, people, previous), 422
    if request.form.get("go") != "assign":
        context = assign_pages.check(form, exercise, people, previous=previous)
        return render("exercises/therapist/assign_check.html", **context)
    return _give(form, exercise, people, previous)


def _choose_couple(exercise: Exercise) -> Any:
    couples = assign_pages.own_couples(scope())
    if len(couples) == 1:
        return redirect(url_for(".assign", slug=exercise.slug, couple=couples[0][0]), 303)
    return render("exercises/therapist/assign_whom.html", exercise=exercise, couples=couples)


def _form_page(form: AssignForm, exercise: Exercise, people: Circle, previous: Assignment | None) -> str:
    context = assign_pages.page(form, exercise, people, previous=previous)
    return render("exercises/therapist/assign.html", **context)


def _give(form: AssignForm, exercise: Exercise, people: Circle, previous: Assignment | None) -> Answered:
    plan = assign_pages.plan_in(form, people, zone=person().time_zone, previous=previous)
    care_commands.assign(scope(), exercise, plan, once_key=str(form.once_key.data))
    if plan.release:
        flash(_("“%(title)s” is given.", title=exercise.title), "done")
    else:
        flash(_("“%(title)s” is prepared. They see it once you release it.", title=exercise.title), "done")
    scope().commit()
    return redirect(url_for("home.couple", couple_id=people.couple_id), 303)
