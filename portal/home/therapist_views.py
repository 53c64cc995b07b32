"""A therapist's caseload, and one couple at a glance."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.access.policy import Permission
from portal.access.viewer import Role
from portal.home import caseload as lists
from portal.home import couple_pages
from portal.home.commands import set_goals
from portal.home.forms import GoalsForm
from portal.home.room import room
from portal.web.current import person, scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

REVIEW: dict[str, Any] = {"permission": Permission.REVIEW, "audience": For.THERAPIST}


@room.page("/couples", permission=Permission.SEE_COUPLES, audience=For.STAFF)
def caseload() -> Any:
    """Show a therapist what needs them, and their couples; others are led to the directory of names."""
    if Role.THERAPIST not in person().viewer.roles:
        return redirect(url_for("people.couple_directory"), 303)
    shown = request.args.get("show", "")
    context = lists.caseload(
        scope(),
        today=today(),
        show=lists.Show(shown) if shown in set(lists.Show) else lists.Show.ALL,
        words=" ".join(request.args.get("q", "").split())[:100],
        page=request.args.get("page", 1, type=int),
    )
    return render("home/therapist/caseload.html", today=today(), **context)


@room.page("/couples/<couple_id>", **REVIEW)
def couple(couple_id: str) -> str:
    """Show one couple: the work in hand, what came lately, and what they want."""
    context = couple_pages.overview(scope(), couple_id, today=today())
    return render("home/therapist/couple.html", couple_id=couple_id, **context)


@room.page("/couples/<couple_id>/answers", **REVIEW)
def couple_answers(couple_id: str) -> str:
    """List everything that a couple has sent."""
    return render(
        "home/therapist/couple_answers.html",
        couple_id=couple_id,
        rows=couple_pages.answers(scope(), couple_id),
        rounds_words=couple_pages.rounds_words,
    )


@room.page("/couples/<couple_id>/goals", methods=("GET", "POST"), **REVIEW)
def couple_goals(couple_id: str) -> Any:
    """Write down what a couple wants, in their own plain words."""
    form = GoalsForm(goals=couple_pages.goals_of(scope(), couple_id))
    if request.method == "GET" or not form.validate():
        page = render("home/therapist/goals.html", form=form, couple_id=couple_id)
        return (page, 422) if form.errors else page
    set_goals(scope(), couple_id, goals=form.goals.data or "")
    flash(_("What they want is saved."), "done")
    scope().commit()
    return redirect(url_for(".couple", couple_id=couple_id), 303)
