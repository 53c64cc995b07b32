"""What is settled in a plan, in words for whoever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask_babel import get_timezone

from portal.access.viewer import Seat
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.plan import Field
from portal.exercises.mechanics.planning_model import (
    Arranger,
    EventKind,
    Picked,
    Settled,
    Status,
    Values,
    Weekly,
    When,
    Words,
)
from portal.exercises.parts.plans.queries import picked_text, spec_of
from portal.web.render import clock, day_and_clock, day_and_month, weekday_name
from portal.web.translate import _, _n

A_MONDAY: Final = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that there is to settle. Without a text it is still open; ``is_own`` says that somebody wrote it."""

    label: str
    text: str
    is_own: bool
    was: str | None = None
    """What stood there before, where a suggestion changed it."""


def rows_of(
    exercise: Exercise, values: Values, people: Mapping[Seat, str], *, before: Values | None = None
) -> list[Row]:
    """Return everything that there is to settle, in words; ``people`` says what the two are called."""
    return [
        Row(
            label=field.text,
            text=text_of(exercise, values.get(field.key), people),
            is_own=isinstance(values.get(field.key), Words),
            was=_before(exercise, field, values, before, people),
        )
        for field in spec_of(exercise).fields
    ]


def _before(
    exercise: Exercise, field: Field, values: Values, before: Values | None, people: Mapping[Seat, str]
) -> str | None:
    if before is None or before.get(field.key) == values.get(field.key):
        return None
    return text_of(exercise, before.get(field.key), people) or None


def text_of(exercise: Exercise, value: Settled | None, people: Mapping[Seat, str]) -> str:
    """Return something that was settled in words; empty for what is still open."""
    match value:
        case None:
            return ""
        case Picked():
            return picked_text(exercise, value)
        case Words(text):
            return text
        case Arranger(seats):
            return _both_words(people) if len(seats) > 1 else people[next(iter(seats))]
        case Weekly(weekday, at, _zone):
            day = weekday_name(A_MONDAY + timedelta(days=weekday))
            return _("Every %(day)s, %(time)s", day=day, time=clock(at))
        case When():
            return when_words(value)


def _both_words(people: Mapping[Seat, str]) -> str:
    if _("You") in people.values():
        return _("Both of you")
    return _("%(first)s and %(second)s", first=people[Seat.A], second=people[Seat.B])


def when_words(when: When) -> str:
    """Return a time in words: "Saturday 28 November, 19:00–21:00"."""
    begins = day_and_clock(when.start)
    return begins if when.end is None else f"{begins}–{clock(when.end)}"


def monday_words(when: When) -> str:
    """Return the Monday of the week of a time in words: it may have been on another day of that week."""
    day = when.start.astimezone(get_timezone()).date()
    return day_and_month(day - timedelta(days=day.weekday()))


def what_words(exercise: Exercise, values: Values, people: Mapping[Seat, str]) -> str:
    """Return in words what is planned."""
    return text_of(exercise, values.get(spec_of(exercise).what.key), people) or "…"


def status_words(status: Status) -> str:
    """Return where a plan stands, for the therapist."""
    return {
        Status.PROPOSED: _("Suggested"),
        Status.AGREED: _("Agreed"),
        Status.OPEN: _("Its time is open"),
        Status.DONE: _("It took place"),
        Status.LET_GO: _("Let go"),
    }[status]


def act_words(kind: EventKind) -> str:
    """Return what somebody did, for the therapist."""
    return {
        EventKind.PROPOSE: _("suggested it"),
        EventKind.CHANGE: _("suggested it differently"),
        EventKind.AGREE: _("agreed"),
        EventKind.PUT_OFF: _("put it off"),
        EventKind.DONE: _("said that it took place"),
        EventKind.LET_GO: _("let it go"),
    }[kind]


def times_words(done: int, meetings: int) -> str:
    """Return how often something took place that is meant for several times; empty where it is meant for one."""
    if meetings == 1:
        return ""
    left = meetings - done
    if done == 0:
        return _n("Meant for %(num)s time", "Meant for %(num)s times", meetings)
    if left == 0:
        return _n("It took place %(num)s time", "It took place %(num)s times", done)
    return _("It took place %(done)s of %(all)s times", done=done, all=meetings)
