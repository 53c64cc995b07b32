"""The values of a plan: what can be settled in it, what partners can do with it, and what follows from what they did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from portal.access.viewer import Seat


@dataclass(frozen=True, slots=True)
class Picked:
    """An option that was picked, by its key."""

    option: str


@dataclass(frozen=True, slots=True)
class Words:
    """Something in own words."""

    text: str


@dataclass(frozen=True, slots=True)
class When:
    """From when until when; both are aware, and the end may be open."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if any(moment is not None and moment.tzinfo is None for moment in (self.start, self.end)):
            raise ValueError("the time of a plan is an aware datetime")


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of the week (0 is Monday) and a time by the clocks of a time zone."""

    weekday: int
    at: time
    zone: str


@dataclass(frozen=True, slots=True)
class Arranger:
    """Who sees to it: one of the two, or both."""

    seats: frozenset[Seat]


Settled = Picked | Words | When | Weekly | Arranger
Values = Mapping[str, Settled]
"""What is settled, by the key of a field. What isn't in it is still open."""


def packed(values: Values) -> dict[str, object]:
    """Return what is settled as plain JSON values, by field."""
    return {key: _packed(value) for key, value in values.items()}


def _packed(value: Settled) -> dict[str, object]:
    match value:
        case Picked(option):
            return {"option": option}
        case Words(text):
            return {"words": text}
        case When(start, end):
            return {"start": start.isoformat(), "end": end.isoformat() if end else None}
        case Weekly(weekday, clock, zone):
            return {"weekday": weekday, "at": clock.isoformat(timespec="minutes"), "zone": zone}
        case Arranger(seats):
            return {"seats": sorted(seats)}


def unpacked(kept: Mapping[str, object]) -> dict[str, Settled]:
    """Return what was settled from what ``packed`` made of it; raises ``ValueError`` for anything else."""
    return {key: _unpacked(value) for key, value in kept.items()}


def _unpacked(kept: object) -> Settled:
    match kept:
        case {"option": str(option)}:
            return Picked(option)
        case {"words": str(text)}:
            return Words(text)
        case {"start": str(start), "end": None}:
            return When(datetime.fromisoformat(start))
        case {"start": str(start), "end": str(end)}:
            return When(datetime.fromisoformat(start), datetime.fromisoformat(end))
        case {"weekday": int(weekday), "at": str(at), "zone": str(zone)}:
            return Weekly(weekday, time.fromisoformat(at), zone)
        case {"seats": [*seats]}:
            return Arranger(frozenset(Seat(seat) for seat in seats))
    raise ValueError(f"nothing that a plan settles: {kept!r}")


class EventKind(StrEnum):
    """What a partner can do with a plan."""

    PROPOSE = "propose"
    CHANGE = "change"
    """Suggest it differently. Whoever does so agrees to it; the other hasn't yet."""
    AGREE = "agree"
    PUT_OFF = "put_off"
    """Take the time out of it; another can be found. It always counts, whatever happened meanwhile."""
    DONE = "done"
    """It took place; either says so for both. Of what has a fixed time in the week, the values say which time."""
    LET_GO = "let_go"
    """Drop it, without a reason. It always counts."""


class Status(StrEnum):
    """Where a plan stands for both."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    OPEN = "open"
    """Its time is to be found anew: it was put off, or it comes again."""
    DONE = "done"
    LET_GO = "let_go"


CLOSED: Final = frozenset({Status.DONE, Status.LET_GO})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a partner did. ``seen`` is the number of the wording that they had before them."""

    seat: Seat
    kind: EventKind
    plan: int
    at: datetime
    values: Values = field(default_factory=dict)
    seen: int = 0

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of an event is an aware datetime")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One time that the planned thing took place; ``wording`` is the number of the plan's wording then."""

    time: int
    wording: int
    values: Values
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan as it is now. ``wording`` counts its changes, from 1; ``by`` is who suggested what isn't agreed yet."""

    number: int
    status: Status
    values: Values
    wording: int
    by: Seat | None
    at: datetime
    """When it last changed."""
    meetings: tuple[Meeting, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Say whether nothing more can be done with it."""
        return self.status in CLOSED


class Refused(Exception):
    """An event doesn't fit. ``event`` is the whole event, so that nothing of it is lost."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(f"{event.kind.value} by {event.seat.value}")


class OutOfOrder(Refused):
    """This can't be done with the plan as it stands now."""


class Unfit(Refused):
    """What was asked can't be; ``keys`` are the fields that are missing or wrong."""

    def __init__(self, event: Event, keys: tuple[str, ...] = ()) -> None:
        super().__init__(event)
        self.keys = keys


class Stale(Refused):
    """The plan changed after the page was made. ``now`` is the plan as it stands."""

    def __init__(self, event: Event, *, now: Plan) -> None:
        super().__init__(event)
        self.now = now
