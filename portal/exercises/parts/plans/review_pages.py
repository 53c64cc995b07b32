"""What a therapist's review shows of plans: what was settled, how it came about, and how it was for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.plan import period_of
from portal.exercises.mechanics.planning import moment_in
from portal.exercises.mechanics.planning_model import Arranger, Plan, Status, When
from portal.exercises.parts.base import Closing, closings
from portal.exercises.parts.plans import queries
from portal.exercises.parts.plans.queries import Collected, Planned
from portal.exercises.parts.plans.words import (
    Row,
    act_words,
    monday_words,
    rows_of,
    status_words,
    times_words,
)
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, Person
from portal.web.translate import _, _n


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did about a plan."""

    person: Person
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One plan as a therapist reads it."""

    number: int
    status: str
    is_settled: bool
    rows: list[Row]
    times: str
    steps: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """How one time was for those who have said so."""

    title: str
    answers: list[Closing]


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return the plans of an assignment, newest first; ``None`` before anything was suggested or collected."""
    at = queries.planned(scope, work.assignment, work.exercise, people)
    ideas: list[Collected] = queries.collected(scope, at)
    if not at.plans and not ideas:
        return None
    called = {seat: people.at(seat).first_name for seat in Seat}
    return {
        "plans": [_told(at, plan, people, called) for plan in reversed(at.plans)],
        "collected": [(people.at(each.seat), each.ideas) for each in ideas],
        "looked_back": _looked_back(scope, work, people, at),
        "arranged": _arranged(at, people),
    }


def _told(at: Planned, plan: Plan, people: Circle, called: Mapping[Seat, str]) -> Told:
    return Told(
        number=plan.number,
        status=status_words(plan.status),
        is_settled=plan.status in {Status.AGREED, Status.DONE},
        rows=rows_of(at.exercise, plan.values, called),
        times=_times(at, plan),
        steps=[
            Step(people.at(event.seat), act_words(event.kind), event.at)
            for event in at.events
            if event.plan == plan.number
        ],
    )


def _times(at: Planned, plan: Plan) -> str:
    """Return how often a plan took place; what comes back every week is meant for no certain number of times."""
    if at.spec.is_weekly:
        count = len(plan.meetings)
        return _n("It took place %(num)s time", "It took place %(num)s times", count) if count else ""
    return times_words(len(plan.meetings), at.spec.meetings)


def _looked_back(scope: Scope, work: Work, people: Circle, at: Planned) -> list[Back]:
    form = queries.spec_of(work.exercise).afterwards
    found: dict[str, list[Closing]] = {}
    for each in closings(scope, work, people, part=MechanicName.PLAN, form=form):
        found.setdefault(each.period, []).append(each)
    weeks = _weeks(at)
    return [
        Back(title=weeks.get(period) or _title(period), answers=answers) for period, answers in found.items()
    ]


def _weeks(at: Planned) -> dict[str, str]:
    """Return the weeks in which something weekly took place, in words, by the round in which both looked back on it."""
    found = {}
    for plan, meeting in at.meetings if at.spec.is_weekly else ():
        moment = moment_in(at.spec, meeting.values)
        if isinstance(moment, When):
            found[period_of(plan.number, meeting.time)] = _("week of %(day)s", day=monday_words(moment))
    return found


def _title(period: str) -> str:
    number, _dash, time = period.removeprefix("p").partition("-")
    return _("Plan %(number)s, time %(time)s", number=number, time=time)


def _arranged(at: Planned, people: Circle) -> list[tuple[Person, int]]:
    """Return how often each of the two saw to a plan that was agreed or took place."""
    counted = dict.fromkeys(Seat, 0)
    for plan in at.plans:
        times = max(len(plan.meetings), int(plan.status is Status.AGREED))
        for value in plan.values.values():
            for seat in value.seats if isinstance(value, Arranger) else ():
                counted[seat] += times
    return [(people.at(seat), count) for seat, count in counted.items()] if any(counted.values()) else []
