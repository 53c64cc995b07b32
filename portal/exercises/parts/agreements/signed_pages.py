"""What the pages around a signed text show: signing, what has changed meanwhile, versions, how it went, the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.access.privacy import Label
from portal.exercises.domain import Recurrence, period_for
from portal.exercises.mechanics.negotiation_model import Log, Status, Text, Version, Worded
from portal.exercises.mechanics.negotiation_view import ClauseChange, View
from portal.exercises.parts.agreements.forms import DayForm, NoteForm, SignForm
from portal.exercises.parts.agreements.pages import Table, changed
from portal.exercises.parts.agreements.queries import Place
from portal.web.visibility import Moment, seen_by

NOTES_SHOWN = 12


def sign(at_table: Table, *, today: date) -> dict[str, Any]:
    """Return what the page for signing shows: exactly the text that is signed."""
    form = SignForm(formdata=None)
    form.seen.data = str(at_table.view.text.number)
    named = at_table.view.text.review_on
    return {
        "table": at_table,
        "task": at_table.task,
        "view": at_table.view,
        "words": worded(at_table.view.text),
        "form": form,
        "review_on": named if named is not None and named > today else None,
        "names": at_table.names,
    }


def worded(found: Text) -> tuple[Worded, ...]:
    """Return the clauses of a text that have words."""
    return tuple(each for each in found.clauses if each.text)


def stale(at_table: Table, seen: Sequence[Worded], now: Sequence[Worded]) -> dict[str, Any]:
    """Return both texts that a stale signature is about, and what is different between them."""
    before = Text(number=0, clauses=tuple(seen), review_on=None)
    after = Text(number=0, clauses=tuple(now), review_on=None)
    return {
        "table": at_table,
        "task": at_table.task,
        "changes": changed(before, after) if seen else (),
        "before": worded(before),
        "now": worded(after),
    }


@dataclass(frozen=True, slots=True)
class Edition:
    """A version that both signed, with what was new in it."""

    version: Version
    changes: tuple[ClauseChange, ...]
    is_in_force: bool

    @property
    def words(self) -> tuple[Worded, ...]:
        """The clauses as they were signed."""
        return worded(self.version.text)

    @property
    def day(self) -> Any:
        """When it was signed by both."""
        return max(at for _seat, at in self.version.signed)


def editions(versions: Sequence[Version], in_force: Version | None) -> tuple[Edition, ...]:
    """Return versions with what was new in each, the newest first."""
    earlier = (None, *versions)
    return tuple(
        Edition(each, changed(before.text, each.text) if before else (), each == in_force)
        for before, each in reversed(list(zip(earlier, versions, strict=False)))
    )


def versions(at_table: Table) -> dict[str, Any]:
    """Return what the page of all versions shows."""
    view = at_table.view
    found = editions(view.versions, view.in_force)
    latest = view.versions[-1] if view.versions else None
    in_the_making = view.status is Status.OPEN and latest is not None
    return {
        "table": at_table,
        "task": at_table.task,
        "editions": found,
        "in_the_making": changed(latest.text, view.text) if latest and in_the_making else (),
        "names": at_table.names,
        "seen_by": seen_by(Label.COUPLE, names=at_table.names),
    }


@dataclass(frozen=True, slots=True)
class Noted:
    """A note on how it went: the week it is about, the clause by its title, and the words."""

    monday: date
    title: str
    log: Log


def noted(logs: Sequence[Log], titles: Sequence[Worded]) -> tuple[Noted, ...]:
    """Return notes on how it went, the newest week first."""
    by_key = {each.key: each.title or each.text for each in titles}
    found = [Noted(monday_of(log.period), by_key.get(log.clause, ""), log) for log in logs]
    return tuple(sorted(found, key=lambda each: each.monday, reverse=True))


def monday_of(period: str) -> date:
    """Return the Monday of a week such as ``2026-W47``."""
    year, _w, week = period.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def this_week(today: date) -> str:
    """Return the week that a note is about."""
    return period_for(Recurrence.WEEKLY, today)


def note(at_table: Table, *, form: NoteForm | None = None) -> dict[str, Any]:
    """Return what the page for noting how it went shows."""
    view, kept = at_table.view, at_table.kept(Place.NOTE)
    if form is None:
        form = offer_clauses(NoteForm(formdata=None), view)
        form.note.data = kept.text
    return {
        "table": at_table,
        "task": at_table.task,
        "form": form,
        "kept": kept,
        "seen_by": seen_by(Label.THERAPIST, names=at_table.names, moment=Moment.WRITING),
        "noted": noted(view.own_logs, view.text.clauses)[:NOTES_SHOWN],
        "names": at_table.names,
    }


def offer_clauses(form: NoteForm, view: View) -> NoteForm:
    """Offer the clauses that hold to a note."""
    holds = worded(view.in_force.text) if view.in_force is not None else ()
    return form.offer([(each.key, each.title or _begin(each.text)) for each in holds])


def _begin(words: str) -> str:
    return words if len(words) <= 40 else f"{words[:39].rstrip()}…"


def day(at_table: Table, *, form: DayForm | None = None) -> dict[str, Any]:
    """Return what the page for choosing the day of review shows."""
    if form is None:
        form = DayForm(formdata=None)
        form.day.data = at_table.view.text.review_on
    return {"table": at_table, "task": at_table.task, "form": form}
