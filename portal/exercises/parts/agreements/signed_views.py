"""A partner's pages around signing: the day of review, the signature, versions, how it went, open again, put away."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.negotiation_model import EventKind, Status
from portal.exercises.partner_room import page
from portal.exercises.parts.agreements import pages, signed_pages
from portal.exercises.parts.agreements.commands import Deed
from portal.exercises.parts.agreements.doing import FOLDER, do, keep, number_in, running, table_of, task_of
from portal.exercises.parts.agreements.forms import DayForm, NoteForm, SignForm
from portal.exercises.parts.agreements.queries import Place
from portal.exercises.queries import Task
from portal.web.current import scope, today
from portal.web.render import render
from portal.web.translate import _


@page("/t/<assignment_id>/text/day", methods=("GET", "POST"))
def agreement_day(assignment_id: str) -> Any:
    """Choose the day on which both look at the text again; it is part of what is signed."""
    task = running(assignment_id)
    at_table = table_of(task)
    if not at_table.is_open:
        return redirect(pages.back(at_table), 303)
    form = DayForm() if request.method == "POST" else None
    if form is not None:
        form.today = today()
        if form.validate():
            deed = Deed(kind=EventKind.REVIEW, day=form.day.data)
            return do(task, deed, form.once_key.data) or redirect(pages.back(at_table), 303)
    context = signed_pages.day(at_table, form=form)
    return render(f"{FOLDER}/day.html", **context), 422 if form is not None else 200


@page("/t/<assignment_id>/text/sign", methods=("GET", "POST"))
def agreement_sign(assignment_id: str) -> Any:
    """Show exactly what is signed, and take a signature under it."""
    task = running(assignment_id)
    at_table = table_of(task)
    if request.method == "POST":
        form = SignForm()
        if form.validate():
            deed = Deed(kind=EventKind.SIGN, seen=form.number)
            return do(task, deed, form.once_key.data) or _signed(task)
    if not at_table.view.can_be_signed or at_table.has_signed:
        return redirect(pages.back(at_table), 303)
    return render(f"{FOLDER}/sign.html", **signed_pages.sign(at_table, today=today()))


def _signed(task: Task) -> Any:
    """Say what a signature has brought: its own giver learns no more than they may know."""
    at_table = table_of(task)
    if at_table.view.status is Status.SIGNED:
        flash(_("You have both signed. It counts from now on."), "done")
    else:
        flash(_("Your signature is under this text."), "done")
    return redirect(pages.back(at_table), 303)


@page("/t/<assignment_id>/text/unsign", methods=("POST",))
def agreement_unsign(assignment_id: str) -> Any:
    """Take one's own signature back as long as it stands alone."""
    return _simply(assignment_id, EventKind.TAKE_BACK, _("Your signature is taken back."))


@page("/t/<assignment_id>/text/reopen", methods=("GET", "POST"))
def agreement_reopen(assignment_id: str) -> Any:
    """Ask once more, then open the text again."""
    if request.method != "POST":
        return _ask(assignment_id, "reopen", EventKind.REOPEN)
    return _simply(assignment_id, EventKind.REOPEN, _("The text is open again."))


@page("/t/<assignment_id>/text/away", methods=("GET", "POST"))
def agreement_away(assignment_id: str) -> Any:
    """Ask once more, then put the text away: it counts no longer."""
    if request.method != "POST":
        return _ask(assignment_id, "away", EventKind.WITHDRAW)
    return _simply(assignment_id, EventKind.WITHDRAW, _("It is put away. It doesn’t count any more."))


def _ask(assignment_id: str, act: str, kind: EventKind) -> Any:
    at_table = table_of(running(assignment_id))
    if kind not in at_table.view.choices:
        return redirect(pages.back(at_table), 303)
    return render(f"{FOLDER}/{act}.html", table=at_table, form=ConfirmForm())


def _simply(assignment_id: str, kind: EventKind, words: str) -> Any:
    """Do something that needs nothing but a yes."""
    task, form = running(assignment_id), ConfirmForm()
    address = url_for(".agreement", assignment_id=assignment_id)
    if not form.validate():
        return redirect(address, 303)
    answer = do(task, Deed(kind=kind), form.once_key.data)
    if answer is None:
        flash(words, "done")
    return answer or redirect(address, 303)


@page("/t/<assignment_id>/text/versions")
def agreement_versions(assignment_id: str) -> Any:
    """Show every version that both signed, with what was new in it."""
    return render(f"{FOLDER}/versions.html", **signed_pages.versions(table_of(task_of(assignment_id))))


@page("/t/<assignment_id>/text/note", methods=("GET", "POST"))
def agreement_note(assignment_id: str) -> Any:
    """Note how it went this week, for oneself and the therapist."""
    task = running(assignment_id)
    at_table = table_of(task)
    if at_table.view.in_force is None and request.method != "POST":
        return redirect(pages.back(at_table), 303)
    form = signed_pages.offer_clauses(NoteForm(), at_table.view) if request.method == "POST" else None
    if form is not None:
        if form.validate():
            deed = Deed(
                kind=EventKind(form.went.data),
                clause=form.clause.data,
                text=form.note.data or "",
                period=signed_pages.this_week(today()),
                revision=number_in("revision"),
            )
            address = url_for(".agreement_note", assignment_id=assignment_id)
            return do(task, deed, form.once_key.data) or redirect(address, 303)
        kept = keep(task, Place.NOTE.key(), form.note.data)
        scope().commit()
        if kept is not None:
            return kept
    return render(
        f"{FOLDER}/note.html", **signed_pages.note(at_table, form=form)
    ), 422 if form is not None else 200
