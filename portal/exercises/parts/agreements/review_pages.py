"""What a therapist sees of a shared text: how each clause stands with each partner, versions, notes, closing answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.negotiation_model import Agreement, Clause, Log, Status, Version, Worded
from portal.exercises.mechanics.negotiation_view import ClauseChange
from portal.exercises.parts.agreements.pages import changed
from portal.exercises.parts.agreements.queries import Shared, shared, spec_of
from portal.exercises.parts.agreements.signed_pages import editions, monday_of
from portal.exercises.parts.base import closings
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, Person
from portal.web.translate import _

WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Answered:
    """What one partner has said to a clause, in words for the therapist."""

    person: Person
    text: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A remark beside a clause."""

    person: Person
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One clause as it stands, with what each of the two has said to it."""

    title: str
    text: str
    worded_by: Person | None
    answers: tuple[Answered, ...]
    """Empty once both agree: then there is nothing between them to see."""
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """One partner's signature that stands alone, and whether it is under the present text."""

    person: Person
    at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Week:
    """One week of notes on how it went."""

    monday: date
    a: tuple["Kept", ...]
    b: tuple["Kept", ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One partner's note: kept or slipped, on which clause, in which words."""

    kept: bool
    title: str
    note: str


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return what the review shows of a shared text; None where nothing has happened to it."""
    found = shared(scope, work.assignment)
    if not found.rows:
        return None
    now = found.agreement
    return {
        "assignment_id": work.assignment.id,
        "status": _status(now),
        "is_open": now.status is Status.OPEN,
        "rows": [_row(clause, people) for clause in now.clauses if _is_touched(clause)],
        "idle": [clause.title for clause in now.clauses if not _is_touched(clause)],
        "signed": _alone(found, people),
        "editions": editions(now.versions, now.in_force),
        "in_the_making": _in_the_making(now),
        "review_on": now.in_force.review_on if now.in_force else None,
        "is_printable": now.in_force is not None and found.spec.printable,
        "form": ConfirmForm(formdata=None),
        "weeks": weeks(now.logs, now.text.clauses),
        "closings": closings(
            scope,
            work,
            people,
            part=MechanicName.AGREEMENT,
            form=spec_of(work.exercise).form,
        ),
        "rounds": round_words,
    }


def round_words(name: str) -> str:
    """Return in words what a round of closing questions came after, such as ``v1``."""
    number = name[1:]
    if name.startswith("v"):
        return _("After version %(number)s", number=number)
    return _("After it was put away")


def _status(now: Agreement) -> str:
    count = len(now.versions)
    match now.status:
        case Status.SIGNED:
            return _("Version %(number)s counts. Both have signed it.", number=count)
        case Status.WITHDRAWN:
            return _("Put away. Nothing counts at the moment.")
        case Status.OPEN if now.in_force is not None:
            return _("Open again. Version %(number)s counts until both have signed a new one.", number=count)
        case Status.OPEN:
            return _("In the making. Nothing counts yet.")


def _is_touched(clause: Clause) -> bool:
    return not clause.optional or clause.by is not None or bool(clause.to_talk or clause.comments)


def _row(clause: Clause, people: Circle) -> Row:
    return Row(
        title=clause.title or _("A clause of their own"),
        text=clause.text,
        worded_by=None if clause.by is None else people.at(clause.by),
        answers=() if clause.is_settled else tuple(_answered(clause, people.at(seat)) for seat in Seat),
        said=tuple(Said(people.at(each.by), each.text, each.at) for each in clause.comments),
    )


def _answered(clause: Clause, person: Person) -> Answered:
    if person.seat in clause.to_talk:
        return Answered(person, _("Would like to talk about it first"), is_open=True)
    if person.seat in clause.agreed:
        return Answered(person, _("Agrees"), is_open=False)
    return Answered(person, _("No answer to this wording"), is_open=True)


def _alone(found: Shared, people: Circle) -> list[Signed]:
    now = found.agreement
    return [
        Signed(people.at(seat), one.at, one.number == now.text.number) for seat, one in now.signatures.items()
    ]


def _in_the_making(now: Agreement) -> tuple[ClauseChange, ...]:
    latest: Version | None = now.versions[-1] if now.versions else None
    return changed(latest.text, now.text) if latest is not None and now.status is Status.OPEN else ()


def weeks(logs: Sequence[Log], titles: Sequence[Worded]) -> list[Week]:
    """Return both partners' notes week by week, the newest first."""
    by_key = {each.key: each.title or each.text for each in titles}
    found: dict[str, dict[Seat, list[Kept]]] = {}
    for log in logs:
        note = Kept(log.kept, by_key.get(log.clause, ""), log.note)
        found.setdefault(log.period, {seat: [] for seat in Seat})[log.by].append(note)
    ordered = sorted(found.items(), key=lambda each: monday_of(each[0]), reverse=True)
    return [Week(monday_of(period), tuple(of[Seat.A]), tuple(of[Seat.B])) for period, of in ordered][
        :WEEKS_SHOWN
    ]
