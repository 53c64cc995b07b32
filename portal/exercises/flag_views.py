"""Safety flags, for a couple's therapist: looking at them, raising one by hand, closing one with a decision."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission
from portal.exercises import flag_pages, journey_commands, safety
from portal.exercises.care_forms import DecideForm, RaiseForm
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


@room.page("/couples/<couple_id>/flags", **CARE)
def flags(couple_id: str) -> str:
    """Show what holds new things for a couple, and what was decided earlier."""
    return render("exercises/flags/flags.html", **flag_pages.overview(scope(), couple_id))


@room.page("/couples/<couple_id>/flags/raise", methods=("GET", "POST"), **CARE)
def flag_raise(couple_id: str) -> Any:
    """Ask once more, then raise a flag by hand."""
    form = RaiseForm()
    context = flag_pages.raising(scope(), couple_id, form)
    if request.method != "POST" or not form.validate():
        return render("exercises/flags/raise.html", **context), 422 if form.errors else 200
    about = None if form.about.data == flag_pages.BOTH else form.about.data
    safety.raise_by_hand(scope(), couple_id, about_id=about)
    flash(_("New things for both are held now."), "done")
    scope().commit()
    return _back(couple_id)


@room.page("/flags/<flag_id>", methods=("GET", "POST"), **CARE)
def flag(flag_id: str) -> Any:
    """Show one flag, and close it with a decision in words."""
    form = DecideForm()
    context = flag_pages.deciding(scope(), flag_id, form)
    if request.method != "POST" or not form.validate():
        return render("exercises/flags/flag.html", **context), 422 if form.errors else 200
    try:
        closed = safety.close(scope(), flag_id, decision=form.decision.data)
    except safety.Decided:
        context = flag_pages.deciding(scope(), flag_id, form)
        return render("exercises/flags/flag.html", typed=form.decision.data, **context), 409
    journey_commands.advance_all(scope(), closed.couple_id)
    flash(_("Your decision is kept, and the flag is closed."), "done")
    scope().commit()
    return _back(closed.couple_id)


def _back(couple_id: str) -> Answered:
    return redirect(url_for("home.couple", couple_id=couple_id), 303)
