"""How a pathway would lie in the calendar, by its own rules, if everything went as supposed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.journey import MORNING, Facts, Mark, Meeting, State, to_release
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.ladder import LadderSpec
from portal.exercises.pathway import PathStep, Pathway

LONGEST: Final = 7 * 60
"""For how many days the calendar is looked through at most."""

MANY: Final = 1000
"""How many things both are supposed to be open to: more than any gate asks for."""

EVENING: Final = time(20, 0)
SESSION_AT: Final = time(12, 0)
PERIODS: Final = {Recurrence.ONCE: 0, Recurrence.DAILY: 1, Recurrence.WEEKLY: 7, Recurrence.MONTHLY: 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is supposed: the first day, the days until something has been sent, and the days between sessions.

    ``session_every`` is 0 where there are no sessions. Gates are supposed to stand open when a step's time comes.
    """

    start: date = field(default_factory=lambda: date(2024, 1, 1))
    pace: int = 3
    session_every: int = 7


@dataclass(frozen=True, slots=True)
class Placed:
    """The days on which a step would open and be done; ``None`` where the calendar never gets there."""

    opens: date | None
    done: date | None


def lay_out(pathway: Pathway, known: Mapping[str, Exercise], supposed: Supposed) -> tuple[Placed, ...]:
    """Return for each step when it would open and be done."""
    marks = [Mark(opened_by_therapist=True) for _ in pathway.steps]
    begun = datetime.combine(supposed.start, MORNING, tzinfo=UTC)
    facts = Facts(
        now=begun,
        started_at=begun,
        zone=ZoneInfo("UTC"),
        matches={step.key: MANY for step in pathway.steps},
    )
    sessions = _sessions(supposed)
    for now in _moments(supposed.start):
        _note_done(pathway, known, marks, now, supposed.pace)
        _open(pathway, marks, replace(facts, now=now, sessions=_at(now, sessions)))
        if all(mark.state is State.DONE for mark in marks):
            break
    return tuple(Placed(_day(mark.released_at), _day(mark.done_at)) for mark in marks)


def _moments(start: date) -> Iterator[datetime]:
    for day in range(LONGEST):
        for at in (MORNING, EVENING):
            yield datetime.combine(start + timedelta(days=day), at, tzinfo=UTC)


def weeks_of(pathway: Pathway, known: Mapping[str, Exercise], supposed: Supposed) -> int:
    """Return for how many weeks a pathway would go on; 0 without any step."""
    days = [(each.done - supposed.start).days for each in lay_out(pathway, known, supposed) if each.done]
    return (max(days) + 6) // 7 if days else 0


def days_for(step: PathStep, exercise: Exercise | None, pace: int) -> int:
    """Return after how many days a step would be done: its own time, or sooner where it is sent sooner."""
    rhythm = (
        exercise.recurring(step.recurrence) if exercise is not None else step.recurrence or Recurrence.ONCE
    )
    if PERIODS[rhythm] and step.times > 1:
        return step.times * PERIODS[rhythm]
    if exercise is not None and _is_unseen(exercise):
        return step.due_days
    return max(1, min(step.due_days, pace) if pace else step.due_days)


def _is_unseen(exercise: Exercise) -> bool:
    """Say whether nobody but the writer knows when something was done: then its days count."""
    ladder = exercise.spec(LadderSpec)
    return exercise.lead is MechanicName.JOURNAL or (ladder is not None and ladder.solo)


def _note_done(
    pathway: Pathway, known: Mapping[str, Exercise], marks: list[Mark], now: datetime, pace: int
) -> None:
    for place, mark in enumerate(marks):
        if mark.state is not State.RELEASED or mark.released_at is None:
            continue
        step = pathway.steps[place]
        after = mark.released_at + timedelta(days=days_for(step, known.get(step.exercise), pace))
        if after <= now:
            marks[place] = replace(mark, state=State.DONE, done_at=now)


def _open(pathway: Pathway, marks: list[Mark], facts: Facts) -> None:
    for place in to_release(pathway, marks, facts):
        marks[place] = replace(marks[place], state=State.RELEASED, released_at=facts.now)


def _sessions(supposed: Supposed) -> Sequence[Meeting]:
    """Return the sessions that are supposed, none of them held yet; the first one is the day of the start."""
    if not supposed.session_every:
        return ()
    starts = [
        datetime.combine(supposed.start + timedelta(days=day), SESSION_AT, tzinfo=UTC)
        for day in range(0, LONGEST, supposed.session_every)
    ]
    return tuple(
        Meeting(starts_at=each, ends_at=each + timedelta(hours=1), was_held=False) for each in starts[1:]
    )


def _at(now: datetime, sessions: Sequence[Meeting]) -> Sequence[Meeting]:
    """Return the sessions as they stand at a moment: those that are over were held."""
    return [replace(each, was_held=True) if each.ends_at <= now else each for each in sessions]


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None
