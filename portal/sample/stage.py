"""The stage on which stories are acted: when a day of a story is, who plays in it, and what was given so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.access.scope import Records, Scope
from portal.access.viewer import Role, Seat, Viewer
from portal.exercises import queries
from portal.exercises.queries import Task, Written
from portal.kit.clock import HeldClock, day_in
from portal.sample.story import Act


class BadStory(RuntimeError):
    """A story asks for something that the portal doesn't let happen."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns the days of a story into moments: ``day_zero`` is the story's first day in a practice's time zone."""

    day_zero: date
    zone: str

    def moment(self, act: Act) -> datetime:
        """Return when something happens."""
        return self.at(act.day, act.at.hour, act.at.minute)

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment of a day of the story."""
        found = self.day_zero + timedelta(days=day)
        return datetime(found.year, found.month, found.day, hour, minute, tzinfo=ZoneInfo(self.zone))


@dataclass(slots=True)
class Play:
    """One couple's story while it is acted: its people, and what was given by the names it has in the story."""

    records: Records
    calendar: Calendar
    couple_id: str
    therapist: Viewer
    partners: Mapping[str, Viewer]
    language: str | None = None
    """What the partners chose to read, if they did."""
    assignments: dict[str, str] = field(default_factory=dict)
    journeys: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def task(self, scope: Scope, act: Act) -> Task:
        """Return the acting partner's task, as the pages would."""
        return queries.my_task(
            scope,
            self.assignments[act.work],
            seat=Seat(act.who),
            today=day_in(self.calendar.zone, scope.now),
        )

    def written(self, scope: Scope, act: Act) -> list[Written]:
        """Return what the actor may read of an assignment, oldest first."""
        return queries.written(scope, [self.assignments[act.work]])


def partner_viewer(practice_id: str, account_id: str, *, couple_id: str, seat: Seat) -> Viewer:
    """Return a partner as the rules see them."""
    return Viewer(practice_id, account_id, frozenset({Role.PARTNER}), frozenset({couple_id}), seat)


def hold(records: Records, moment: datetime) -> None:
    """Move the clock of the sample world to a moment."""
    clock = records.clock
    if not isinstance(clock, HeldClock):
        raise TypeError("the sample world needs a clock that can be held")
    clock.move_to(moment)
