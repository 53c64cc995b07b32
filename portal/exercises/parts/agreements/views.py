"""A partner's pages of a shared text while it is being worded: the whole, one clause, a clause of one's own."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.access.policy import Refused
from portal.exercises import coach_pages
from portal.exercises.commands import Conflict, TooLate
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.negotiation_model import EventKind
from portal.exercises.partner_room import has_ended, page
from portal.exercises.parts import PARTS
from portal.exercises.parts.agreements import commands, pages
from portal.exercises.parts.agreements.commands import Deed
from portal.exercises.parts.agreements.doing import FOLDER, do, keep, number_in, running, table_of, task_of
from portal.exercises.parts.agreements.forms import AnswerForm, OwnClauseForm, RemarkForm, WordingForm
from portal.exercises.parts.agreements.queries import Place
from portal.exercises.queries import Task
from portal.kit.text import UnsuitableText, clean
from portal.web.current import scope, today
from portal.web.render import render
from portal.web.translate import _


@page("/t/<assignment_id>/text")
def agreement(assignment_id: str) -> Any:
    """Show the text clause by clause, as far as this partner may see how it stands."""
    task = task_of(assignment_id)
    if task.exercise.is_placed and task.state is None and not has_ended(task):
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    return render(f"{FOLDER}/do.html", **_text(table_of(task)), further=_further(task))


def _text(at_table: pages.Table) -> dict[str, Any]:
    return pages.text(scope(), at_table, today=today(), at=number_in("at"))


def _further(task: Task) -> list[tuple[str, str]]:
    """Return links to the other parts of the exercise that have pages of their own."""
    return [
        (PARTS[name].words(), url_for(PARTS[name].page, assignment_id=task.assignment.id))
        for name in task.exercise.mechanics
        if name in PARTS and name is not MechanicName.AGREEMENT and PARTS[name].is_ready(scope(), task)
    ]


@page("/t/<assignment_id>/text/now")
def agreement_now(assignment_id: str) -> Any:
    """Say that the text has changed, or nothing where nothing has changed that this partner can see.

    The text itself is left as it is: nobody may agree to words that came under their finger.
    """
    task = task_of(assignment_id)
    if table_of(task).revision == number_in("revision"):
        return "", 204
    return render(f"{FOLDER}/changed.html", task=task)


@page("/t/<assignment_id>/text/<int:place>")
def agreement_clause(assignment_id: str, place: int) -> Any:
    """Show one clause with what was said beside it, and where other words for it are written."""
    return render(f"{FOLDER}/clause.html", **pages.clause(table_of(task_of(assignment_id)), place))


@page("/t/<assignment_id>/text/<int:place>/answer", methods=("POST",))
def agreement_answer(assignment_id: str, place: int) -> Any:
    """Agree to a clause as it was seen, or say that it should be talked about first."""
    task, form = running(assignment_id), AnswerForm()
    at_table = table_of(task)
    one, _view = at_table.clause(place)
    kind = EventKind.TALK if request.form.get("go") == "talk" else EventKind.AGREE
    if not form.validate():
        return render(f"{FOLDER}/clause.html", **pages.clause(at_table, place)), 422
    deed = Deed(kind=kind, clause=one.key, seen=form.since)
    return do(task, deed, form.once_key.data) or redirect(pages.back(at_table, one.key), 303)


@page("/t/<assignment_id>/text/<int:place>/words", methods=("POST",))
def agreement_words(assignment_id: str, place: int) -> Any:
    """Suggest other words for a clause."""
    task, form = running(assignment_id), WordingForm()
    at_table = table_of(task)
    one, _view = at_table.clause(place)
    form.longest = at_table.clause_max
    valid = form.validate()
    if coach_pages.asked() or request.form.get("go") == "later" or not valid:
        kept = keep(task, Place.WORDING.key(one.key), form.wording.data)
        return kept or _unsent(at_table, one.place, wording=form, valid=valid)
    deed = Deed(
        kind=EventKind.REWORD,
        clause=one.key,
        text=form.wording.data or "",
        seen=form.since,
        revision=number_in("revision"),
    )
    return do(task, deed, form.once_key.data) or redirect(pages.back(at_table, one.key), 303)


def _unsent(at_table: pages.Table, place: int, *, wording: WordingForm, valid: bool) -> Any:
    """Answer a form whose words were kept and not sent: later, a look at them, or something to put right."""
    scope().commit()
    if valid and request.form.get("go") == "later":
        flash(_("Your draft is saved."), "done")
        return redirect(pages.back(at_table), 303)
    if valid:
        address = url_for(
            ".agreement_clause",
            assignment_id=at_table.task.assignment.id,
            place=place,
            look=1,
            _anchor="words",
        )
        return redirect(address, 303)
    return render(f"{FOLDER}/clause.html", **pages.clause(at_table, place, wording=wording)), 422


@page("/t/<assignment_id>/text/<int:place>/remark", methods=("POST",))
def agreement_remark(assignment_id: str, place: int) -> Any:
    """Say something beside a clause, for both."""
    task, form = running(assignment_id), RemarkForm()
    at_table = table_of(task)
    one, _view = at_table.clause(place)
    if not form.validate():
        kept = keep(task, Place.REMARK.key(one.key), form.remark.data)
        scope().commit()
        return kept or (render(f"{FOLDER}/clause.html", **pages.clause(at_table, place, remark=form)), 422)
    deed = Deed(kind=EventKind.COMMENT, clause=one.key, text=form.remark.data, revision=number_in("revision"))
    address = url_for(".agreement_clause", assignment_id=assignment_id, place=place, _anchor="said")
    return do(task, deed, form.once_key.data) or redirect(address, 303)


@page("/t/<assignment_id>/text/new", methods=("GET", "POST"))
def agreement_new(assignment_id: str) -> Any:
    """Add a clause of one's own."""
    task = running(assignment_id)
    at_table = table_of(task)
    if not at_table.is_open:
        return redirect(pages.back(at_table), 303)
    form = OwnClauseForm() if request.method == "POST" else None
    if form is not None:
        form.longest = at_table.clause_max
        if form.validate() and not coach_pages.asked():
            deed = Deed(kind=EventKind.PROPOSE, text=form.wording.data, revision=number_in("revision"))
            return do(task, deed, form.once_key.data) or redirect(pages.back(at_table), 303)
        kept = keep(task, Place.OWN_CLAUSE.key(), form.wording.data)
        scope().commit()
        if kept is not None:
            return kept
    context = pages.own_clause(at_table, form=form)
    return render(f"{FOLDER}/new.html", **context), 422 if form is not None and form.errors else 200


@page("/t/<assignment_id>/text/keep/<what>/<int:place>", methods=("POST",))
def agreement_keep(assignment_id: str, what: str, place: int) -> Any:
    """Keep words while they are being typed; answers with the state of the draft only."""
    task = task_of(assignment_id)
    at_table = table_of(task)
    kind, name = _kept_at(what)
    key = at_table.clause(place)[0].key if kind in {Place.WORDING, Place.REMARK} else ""
    try:
        text = clean(request.form.get(name, ""))
        revision = commands.keep_words(scope(), task, kind.key(key), text, revision=number_in("revision"))
    except (Conflict, TooLate, UnsuitableText, commands.TooMuch):
        return "", 409
    scope().commit()
    return render(f"{FOLDER}/kept.html", what=kind.value, revision=revision, now=scope().now)


def _kept_at(what: str) -> tuple[Place, str]:
    """Return what is being written, and the name of its field."""
    names = {
        Place.WORDING: "wording",
        Place.REMARK: "remark",
        Place.OWN_CLAUSE: "wording",
        Place.NOTE: "note",
    }
    if what not in set(Place):
        raise Refused("nothing is written there")
    return Place(what), names[Place(what)]
