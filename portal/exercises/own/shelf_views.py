"""What becomes of an own exercise or pathway: asking for the practice, off the shelf, deleting; and the admin's decision."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission
from portal.exercises.forms import ConfirmForm
from portal.exercises.own import commands as own_commands
from portal.exercises.own import decision_pages as own_decision_pages
from portal.exercises.own.arranging import as_place
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.forms import DecisionForm
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.queries import any_work, work_for_decision
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

WRITE: dict[str, Any] = {"permission": Permission.WRITE_OWN, "audience": For.THERAPIST}
DECIDE: dict[str, Any] = {"permission": Permission.MANAGE_PRACTICE, "audience": For.ADMIN}


@room.page("/own-works/<work_id>/ask", methods=("POST",), **WRITE)
def own_work_ask(work_id: str) -> Any:
    """Ask an administrator to offer it to the whole practice, or take that back."""
    work, ask = any_work(scope(), work_id), request.form.get("go") != "back"
    if ConfirmForm().validate():
        own_commands.ask_for_practice(scope(), work, ask=ask)
        words = _("An administrator will look at it.") if ask else _("The request is taken back.")
        flash(words, "done")
    return _committed(_page_of(work))


@room.page("/own-works/<work_id>/retire", methods=("GET", "POST"), **WRITE)
def own_work_retire(work_id: str) -> Any:
    """Ask once more, then take a work off the shelf."""
    work, form = any_work(scope(), work_id), ConfirmForm()
    if request.method != "POST" or not form.validate():
        return render("exercises/own/retire.html", work=work, form=form, back=_page_of(work))
    own_commands.retire(scope(), work)
    flash(_("It is off the shelf."), "done")
    return _committed(_page_of(work))


@room.page("/own-works/<work_id>/delete", methods=("GET", "POST"), **WRITE)
def own_work_delete(work_id: str) -> Any:
    """Ask once more, then delete a draft of which nothing was ever published."""
    work, form = any_work(scope(), work_id), ConfirmForm()
    if request.method != "POST" or not form.validate():
        return render("exercises/own/delete.html", work=work, form=form, back=_page_of(work))
    target = url_for(".own_exercises" if work.kind == OwnKind.EXERCISE else ".library_pathways")
    own_commands.drop(scope(), work)
    flash(_("The draft is deleted."), "done")
    return _committed(target)


@room.page("/practice/own-works", **DECIDE)
def practice_works() -> str:
    """List what therapists ask to be offered to the practice, and what is."""
    return render("exercises/own/practice.html", **own_decision_pages.waiting(scope()))


@room.page("/practice/own-works/<work_id>", methods=("GET", "POST"), **DECIDE)
def practice_work(work_id: str) -> Any:
    """Read an edition, then offer it to the practice, or hand it back with a note."""
    work, form = work_for_decision(scope(), work_id), DecisionForm()
    if request.method != "POST":
        return _decision_page(work, form)
    go = request.form.get("go", "")
    if not form.validate() or not _has_note(form, go):
        return _decision_page(work, form), 422
    try:
        _decided(work, form, go)
    except DraftChanged as changed:
        flash(
            _("A newer version was published since, or the request was taken back. Please look again."),
            "warn",
        )
        return _decision_page(changed.work, form), 409
    return _committed(url_for(".practice_works"))


def _has_note(form: DecisionForm, go: str) -> bool:
    if go == "offer" or str(form.note.data or "").strip():
        return True
    form.note.errors = [_("Please say in a sentence why, for the one who wrote it")]
    return False


def _decided(work: OwnWork, form: DecisionForm, go: str) -> None:
    note, version = str(form.note.data or "").strip(), as_place(form.version.data)
    if go == "withdraw":
        own_commands.withdraw_from_practice(scope(), work, note=note)
        flash(_("It is no longer offered to the practice."), "done")
        return
    own_commands.decide(scope(), work, accept=go == "offer", version=version, note=note)
    words = (
        _("Every therapist can assign it now.") if go == "offer" else _("It is handed back, with your note.")
    )
    flash(words, "done")


def _decision_page(work: OwnWork, form: DecisionForm) -> str:
    return render("exercises/own/decide.html", **own_decision_pages.deciding(scope(), work, form))


def _page_of(work: OwnWork) -> str:
    endpoint = ".own_exercise" if work.kind == OwnKind.EXERCISE else ".own_pathway"
    return url_for(endpoint, work_id=work.id)


def _committed(target: str) -> Answered:
    scope().commit()
    return redirect(target, 303)
