"""Doing something with a shared text from a page: the text at hand, and what is answered where it doesn't fit."""

from typing import Any

from flask import request

from portal.access.policy import Refused
from portal.exercises.commands import Conflict, TooLate
from portal.exercises.mechanics.negotiation_model import EventKind, NotSettled, OutOfOrder, Stale
from portal.exercises.mechanics.negotiation_model import Refused as DoesNotFit
from portal.exercises.partner_room import Over, has_ended, names_at_hand, task_at_hand
from portal.exercises.parts.agreements import commands, pages, signed_pages
from portal.exercises.parts.agreements.commands import Deed
from portal.exercises.parts.agreements.forms import WordingForm
from portal.exercises.parts.agreements.part import is_ready
from portal.exercises.queries import Task
from portal.kit.text import UnsuitableText, clean
from portal.web.current import scope, seat
from portal.web.render import render

FOLDER = "exercises/agreements"


def task_of(assignment_id: str) -> Task:
    """Return the partner's task. Raises Refused where its text isn't open to them yet."""
    task = task_at_hand(assignment_id)
    if not is_ready(scope(), task):
        raise Refused("not yet")
    return task


def running(assignment_id: str) -> Task:
    """Return the partner's task. Raises Over, which shows what was typed, where its assignment has ended."""
    task = task_of(assignment_id)
    if has_ended(task):
        raise Over(task)
    return task


def table_of(task: Task) -> pages.Table:
    """Return what the signed-in partner has before them of a task's text."""
    return pages.table(scope(), task, names_at_hand(), seat=seat())


def number_in(name: str) -> int | None:
    """Return a small number from the form or the address, or None for anything else."""
    sent = request.form.get(name) or request.args.get(name) or ""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


def do(task: Task, deed: Deed, once_key: str | None) -> Any:
    """Do one thing with the text; return the page that says why not where it doesn't fit, None where it is done."""
    try:
        commands.act(scope(), task, deed, once_key=once_key or "")
    except TooLate:
        raise Over(task) from None
    except Stale as stale:
        return _stale(task, deed, stale)
    except DoesNotFit as refused:
        return _refused(task, deed, refused)
    scope().commit()
    return None


def keep(task: Task, place: str, text: str | None) -> Any:
    """Keep words that were not sent. Words from another window stay as they are: these are in the page's own field."""
    try:
        commands.keep_words(scope(), task, place, clean(text or ""), revision=number_in("revision"))
    except (Conflict, UnsuitableText, commands.TooMuch):
        return None
    except TooLate:
        raise Over(task) from None
    return None


def _stale(task: Task, deed: Deed, stale: Stale) -> Any:
    """Show both texts: the one that was seen, and the one that stands there now. What was typed is in its field."""
    if deed.place is not None:
        keep(task, deed.place, deed.text)
        scope().commit()
    at_table = table_of(task)
    if deed.kind is EventKind.SIGN:
        return render(f"{FOLDER}/stale.html", **signed_pages.stale(at_table, stale.seen, stale.now)), 409
    place = at_table.place_of(deed.clause)
    wording = WordingForm() if deed.kind is EventKind.REWORD else None
    context = pages.clause(at_table, place, wording=wording)
    seen = stale.seen[0].text if stale.seen else ""
    return render(f"{FOLDER}/clause.html", **context, stale=pages.both_wordings(seen, stale.now[0].text)), 409


def _refused(task: Task, deed: Deed, refused: DoesNotFit) -> Any:
    """Say why something has no place any more, and show what was typed; it is kept as well."""
    if deed.place is not None:
        keep(task, deed.place, deed.text)
        scope().commit()
    late = isinstance(refused, OutOfOrder | NotSettled)
    context = {"table": table_of(task), "typed": deed.text, "is_late": late}
    return render(f"{FOLDER}/refused.html", **context), 409 if late else 422
