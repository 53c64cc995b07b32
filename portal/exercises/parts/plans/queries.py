"""Reads of plans: what both have settled, the ideas to choose from, and which times have been looked back on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.access.vault import CannotOpen
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import plan as mechanic
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.overlap import OverlapSpec, option_text
from portal.exercises.mechanics.plan import FieldKind, Idea, PlanSpec, Source
from portal.exercises.mechanics.planning import current, plans_of
from portal.exercises.mechanics.planning_model import (
    Event,
    EventKind,
    Meeting,
    Picked,
    Plan,
    Settled,
    unpacked,
)
from portal.exercises.models import Answer, Assignment, AssignmentState, Response, ResponseState
from portal.exercises.part_models import PlanEvent
from portal.exercises.queries import Written, asks, matches, written
from portal.people.couple_queries import Circle
from portal.questionnaires.model import Option

SHARED_TIME: Final = "shared-time"
"""The exercise in which the two note how much time they had together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plans of one assignment, with everything that they follow from."""

    assignment: Assignment
    exercise: Exercise
    spec: PlanSpec
    people: Circle
    rows: tuple[PlanEvent, ...]
    events: tuple[Event, ...]
    plans: tuple[Plan, ...]

    @property
    def current(self) -> Plan | None:
        """Return the plan that is in the making or agreed, if there is one."""
        return current(self.plans)

    @property
    def meetings(self) -> list[tuple[Plan, Meeting]]:
        """Return every time that something took place, the latest first."""
        found = [(plan, meeting) for plan in self.plans for meeting in plan.meetings]
        return sorted(found, key=lambda each: (each[0].number, each[1].time), reverse=True)

    def plan(self, number: int) -> Plan:
        """Return the plan with a number. Raises Refused where there is none."""
        found = next((plan for plan in self.plans if plan.number == number), None)
        if found is None:
            raise Refused("no such plan")
        return found


def spec_of(exercise: Exercise) -> PlanSpec:
    """Return what an exercise says about planning. Raises Refused for one without a plan."""
    spec = exercise.spec(PlanSpec)
    if spec is None:
        raise Refused("nothing is planned in it")
    return spec


def planned(scope: Scope, assignment: Assignment, exercise: Exercise, people: Circle) -> Planned:
    """Return the plans of an assignment as far as the viewer may read them: all of what was sent."""
    query = scope.select(PlanEvent).where(PlanEvent.assignment_id == assignment.id)
    rows = tuple(scope.all(query.order_by(PlanEvent.number)))
    events = tuple(_event(row, people) for row in rows)
    spec = spec_of(exercise)
    return Planned(
        assignment=assignment,
        exercise=exercise,
        spec=spec,
        people=people,
        rows=rows,
        events=events,
        plans=plans_of(spec, events),
    )


def _event(row: PlanEvent, people: Circle) -> Event:
    return Event(
        seat=people.person(row.author_id).seat,
        kind=EventKind(row.kind),
        plan=row.plan,
        at=row.at,
        values=_values(row),
        seen=row.seen,
    )


def _values(row: PlanEvent) -> Mapping[str, Settled]:
    """Return what a row settles; nothing where it can't be read any more because its writer's key was destroyed."""
    try:
        return unpacked(row.values)
    except CannotOpen:
        return {}


def ideas_now(scope: Scope, assignment: Assignment, exercise: Exercise) -> tuple[Option, ...]:
    """Return what there is to pick from now: what both are open to, or the options that the exercise brings along."""
    spec = spec_of(exercise)
    if spec.source is Source.OVERLAP:
        return tuple(Option(key=each.option, text=each.text) for each in matches(scope, assignment, exercise))
    return spec.options if spec.what.kind is FieldKind.PICK_OR_SHORT else ()


def picked_text(exercise: Exercise, picked: Picked) -> str:
    """Return the words of an option that was picked, also of one that couldn't be picked any more."""
    spec, overlap = spec_of(exercise), exercise.spec(OverlapSpec)
    if spec.source is Source.OVERLAP and overlap is not None and overlap.form.item(picked.option):
        return option_text(overlap, picked.option)
    return mechanic.option_text(spec.options, picked.option) or "…"


@dataclass(frozen=True, slots=True)
class Collected:
    """The ideas that one of the two has collected for both."""

    response_id: str
    seat: Seat
    ideas: tuple[Idea, ...]


def collected(scope: Scope, at: Planned) -> list[Collected]:
    """Return what each of the two has collected, in the order of their seats."""
    found = [
        Collected(
            each.response_id, at.people.person(each.author_id).seat, mechanic.ideas_in(at.spec, each.values)
        )
        for each in written(scope, [at.assignment.id])
        if each.period == mechanic.IDEAS
    ]
    return sorted((each for each in found if each.ideas), key=lambda each: each.seat)


def looked_back(scope: Scope, at: Planned) -> dict[str, list[Written]]:
    """Return what the viewer may read of how it was, by round."""
    rounds = {mechanic.period_of(plan.number, meeting.time) for plan, meeting in at.meetings}
    found: dict[str, list[Written]] = {}
    for each in written(scope, [at.assignment.id]) if rounds else ():
        if each.period in rounds:
            found.setdefault(each.period, []).append(each)
    return found


def own_rounds(scope: Scope, assignment: Assignment) -> set[str]:
    """Return the rounds of the plans of an assignment that the viewer has answered."""
    query = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.assignment_id == assignment.id,
        Response.part == MechanicName.PLAN,
        Response.state == ResponseState.SENT,
    )
    return set(scope.all(query.with_only_columns(Response.period)))


def shared_time(scope: Scope, seat: Seat) -> Assignment | None:
    """Return the assignment in which a partner notes time together, if they have one in hand."""
    query = scope.select(Assignment).where(
        Assignment.slug == SHARED_TIME,
        Assignment.state == AssignmentState.OPEN,
        Assignment.released_at <= scope.now,
        Assignment.opens_at <= scope.now,
    )
    found: Sequence[Assignment] = scope.all(query.order_by(Assignment.created_at.desc(), Assignment.id))
    return next((each for each in found if asks(each, seat)), None)


def own_number(scope: Scope, at: Planned, period: str, key: str) -> int | None:
    """Return a number that the viewer gave in a round, such as minutes; None if they gave none."""
    query = scope.select(Answer).where(
        Answer.assignment_id == at.assignment.id,
        Answer.author_id == scope.account_id,
        Answer.period == period,
        Answer.item == key,
    )
    found: Answer | None = scope.first(query)
    return found.value if found is not None and isinstance(found.value, int) else None


def is_begun(scope: Scope, assignment: Assignment) -> bool:
    """Say whether anything was ever suggested."""
    return scope.first(scope.select(PlanEvent).where(PlanEvent.assignment_id == assignment.id)) is not None
