"""Reads of journeys: where a couple's way through a pathway stands, and what the next step waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func

from portal.access.scope import Scope
from portal.exercises import journey
from portal.exercises.domain import Exercise, Need, Who, needs_both
from portal.exercises.journey import Facts, Mark, Outlook
from portal.exercises.mechanics.base import SHARED, MechanicName
from portal.exercises.mechanics.climb import EventKind
from portal.exercises.mechanics.ladder import LadderSpec
from portal.exercises.mechanics.tracker import is_afterwards
from portal.exercises.models import Assignment, AssignmentState, OverlapMatch, Response, ResponseState, Whom
from portal.exercises.needs import unmet
from portal.exercises.part_models import LadderEvent
from portal.exercises.pathway import PathStep, Pathway, parse_pathway, times_asked
from portal.exercises.pathway_models import (
    Journey,
    JourneyState,
    JourneyStep,
    PathwayCopy,
    SessionState,
    StepState,
    TherapySession,
)
from portal.exercises.safety import is_conjoint, open_flags
from portal.exercises.shelf import exercise_at_hand, exercises_by_copy
from portal.kit.clock import FARTHEST
from portal.people.practice_queries import practice_of


@dataclass(frozen=True, slots=True)
class Way:
    """One journey with its pathway and its steps in order; ``assignments`` by step position."""

    journey: Journey
    pathway: Pathway
    steps: tuple[JourneyStep, ...]
    assignments: Mapping[int, Assignment]

    def mark(self, position: int) -> Mark:
        """Return what has happened with a step, as the rules need it."""
        row = self.steps[position]
        return Mark(
            state=journey.State(row.state),
            released_at=row.released_at,
            done_at=row.done_at,
            opened_by_therapist=row.opened_by_therapist_at is not None,
            moved_to=row.moved_to,
        )

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What has happened with every step."""
        return tuple(self.mark(position) for position in range(len(self.steps)))


def journeys_of(scope: Scope, couple_id: str) -> list[Journey]:
    """Return the journeys of a couple, the newest first. A partner's scope finds none."""
    query = scope.select(Journey).where(Journey.couple_id == couple_id)
    return scope.all(query.order_by(Journey.started_at.desc(), Journey.id))


def way_of(scope: Scope, row: Journey) -> Way:
    """Return a journey with its pathway, steps and assignments."""
    copy = scope.one(scope.select(PathwayCopy).where(PathwayCopy.id == row.copy_id))
    query = scope.select(JourneyStep).where(JourneyStep.journey_id == row.id)
    steps = tuple(scope.all(query.order_by(JourneyStep.position)))
    ids = sorted(step.assignment_id for step in steps if step.assignment_id)
    given = scope.all(scope.select(Assignment).where(Assignment.id.in_(ids))) if ids else []
    by_id = {each.id: each for each in given}
    return Way(
        journey=row,
        pathway=parse_pathway(copy.source, name=f"{copy.slug} as armed"),
        steps=steps,
        assignments={
            step.position: by_id[step.assignment_id] for step in steps if step.assignment_id in by_id
        },
    )


def sessions_of(scope: Scope, couple_id: str) -> list[TherapySession]:
    """Return the sessions of a couple that weren't cancelled, oldest first."""
    query = scope.select(TherapySession).where(
        TherapySession.couple_id == couple_id, TherapySession.state != SessionState.CANCELLED
    )
    return scope.all(query.order_by(TherapySession.starts_at, TherapySession.id))


def facts_of(scope: Scope, way: Way) -> Facts:
    """Return everything that bears on a journey now. Reads both partners' rows: for its therapist, or the house."""
    couple_id = way.journey.couple_id
    return Facts(
        now=scope.now,
        started_at=way.journey.started_at,
        zone=ZoneInfo(practice_of(scope).time_zone),
        is_paused=way.journey.state != JourneyState.RUNNING,
        has_flag=bool(open_flags(scope, couple_id)),
        matches=_matches(scope, way),
        sessions=[_session(each) for each in sessions_of(scope, couple_id) if _is_within_reach(scope, each)],
        conjoint=_conjoint(scope, way),
        unmet=_unmet(scope, way),
    )


def _unmet(scope: Scope, way: Way) -> frozenset[str]:
    """Return the steps ahead whose exercise isn't at hand, or needs what the couple hasn't got; flags are apart."""
    known = exercises_in(scope, way.pathway, for_journey_of=way.journey.author_id)
    ahead = [way.pathway.steps[row.position] for row in way.steps if row.state == StepState.AHEAD]
    return frozenset(
        step.key for step in ahead if step.exercise not in known or lacking(scope, step, way.journey)
    )


def exercises_in(scope: Scope, pathway: Pathway, *, for_journey_of: str | None = None) -> dict[str, Exercise]:
    """Return the exercises that a pathway's steps name, by slug, as far as they are at hand.

    ``for_journey_of`` is the therapist who armed it, where a journey is under way.
    """
    slugs = dict.fromkeys(step.exercise for step in pathway.steps)
    found = {slug: exercise_at_hand(scope, slug, for_journey_of=for_journey_of) for slug in slugs}
    return {slug: exercise for slug, exercise in found.items() if exercise is not None}


def asks_for_whom(step: PathStep, exercise: Exercise | None) -> bool:
    """Say whether a therapist has to say for whom a step is: its exercise is for one of the two, and nothing names one."""
    if exercise is None or exercise.who is not Who.ONE:
        return False
    return step.whom is None and not needs_both(exercise)


def to_choose(scope: Scope, pathway: Pathway) -> dict[str, Exercise]:
    """Return the exercises of the steps for which a therapist has to say for whom they are, by step key."""
    known = exercises_in(scope, pathway)
    found = {step.key: known[step.exercise] for step in pathway.steps if step.exercise in known}
    return {
        key: each for key, each in found.items() if asks_for_whom(pathway.steps[pathway.position(key)], each)
    }


def chosen_for(scope: Scope, way: Way) -> dict[int, Exercise]:
    """Return the exercises of those steps of a journey for which a therapist says for whom they are, by position."""
    known = exercises_in(scope, way.pathway, for_journey_of=way.journey.author_id)
    found = {position: known.get(step.exercise) for position, step in enumerate(way.pathway.steps)}
    return {
        position: each
        for position, each in found.items()
        if each is not None and asks_for_whom(way.pathway.steps[position], each)
    }


def whom_of(step: PathStep, row: JourneyStep, exercise: Exercise) -> Whom:
    """Return for whom a step of a journey is: both where they need each other, who was chosen, or who the pathway names."""
    if needs_both(exercise):
        return Whom.BOTH
    return Whom(row.whom or step.whom or Whom.BOTH)


def lacking(scope: Scope, step: PathStep, row: Journey) -> tuple[Need, ...]:
    """Return what the exercise of a step needs and the couple of a journey hasn't got now, apart from flags."""
    exercise = exercise_at_hand(scope, step.exercise, for_journey_of=row.author_id)
    if exercise is None or not exercise.needs:
        return ()
    return tuple(need for need in unmet(scope, exercise, row.couple_id) if need is not Need.NO_FLAG)


def _is_within_reach(scope: Scope, row: TherapySession) -> bool:
    """Say whether a session can be reckoned with. One from when forms took any day can lie at the end of the calendar."""
    return row.starts_at - scope.now <= FARTHEST + timedelta(days=1)


def _session(row: TherapySession) -> journey.Meeting:
    return journey.Meeting(
        starts_at=row.starts_at,
        ends_at=row.starts_at + timedelta(minutes=row.minutes),
        was_held=row.state == SessionState.HELD,
    )


def _conjoint(scope: Scope, way: Way) -> frozenset[str]:
    """Return the steps that bring something new for both, and those of which nobody can tell."""
    known = exercises_in(scope, way.pathway, for_journey_of=way.journey.author_id)
    steps = [(step.key, known.get(step.exercise)) for step in way.pathway.steps]
    return frozenset(key for key, exercise in steps if exercise is None or is_conjoint(exercise))


def _matches(scope: Scope, way: Way) -> dict[str, int]:
    """Return how many options both are open to, by step key."""
    ids = {assignment.id: way.pathway.steps[position].key for position, assignment in way.assignments.items()}
    if not ids:
        return {}
    query = (
        scope.select(OverlapMatch)
        .where(OverlapMatch.assignment_id.in_(sorted(ids)), OverlapMatch.until > scope.now)
        .with_only_columns(OverlapMatch.assignment_id, func.count())
        .group_by(OverlapMatch.assignment_id)
    )
    return {ids[assignment_id]: count for assignment_id, count in scope.rows(query)}


def outlooks(way: Way, facts: Facts) -> dict[int, Outlook]:
    """Return what each step that lies ahead waits for, by position."""
    marks = way.marks
    return {
        step.position: journey.outlook(way.pathway, marks, step.position, facts)
        for step in way.steps
        if step.state == StepState.AHEAD
    }


def done_at(scope: Scope, step: PathStep, assignment: Assignment) -> datetime | None:
    """Return since when a step counts as done for both; ``None`` while it doesn't.

    What two do together is done when there is something for both; what the therapist can't know of, after its days;
    anything else when each who was asked has sent it as often as the step says. Where a partner may say no without
    its being told, both count, whichever comes first: that somebody has answered at all must open nothing.
    """
    if assignment.state == AssignmentState.FINISHED:
        return scope.now
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    over = assignment.opens_at + timedelta(days=step.due_days)
    after_its_days = over if over <= scope.now else None
    if _is_unseen(exercise):
        return after_its_days
    if exercise.lead is MechanicName.OVERLAP:
        return assignment.both_sent_at or after_its_days
    if exercise.lead is MechanicName.LADDER:
        return _taken(scope, step, assignment) or after_its_days
    if exercise.lead in SHARED:
        return assignment.both_sent_at
    asked = 2 if assignment.whom == Whom.BOTH else 1
    rounds = _rounds(scope, assignment, exercise.lead)
    times = times_asked(step, exercise)
    nth = sorted(moments[times - 1] for moments in rounds if len(moments) >= times)
    return nth[-1] if len(nth) >= asked else None


def _taken(scope: Scope, step: PathStep, assignment: Assignment) -> datetime | None:
    """Return when the two had taken a step of a ladder as often as the pathway says, whichever step it was."""
    taken = scope.select(LadderEvent).where(
        LadderEvent.assignment_id == assignment.id, LadderEvent.kind == EventKind.DONE
    )
    moments = [each.at for each in scope.all(taken.order_by(LadderEvent.number))]
    return moments[step.times - 1] if len(moments) >= step.times else None


def _is_unseen(exercise: Exercise) -> bool:
    ladder = exercise.spec(LadderSpec)
    return exercise.lead is MechanicName.JOURNAL or (ladder is not None and ladder.solo)


def _rounds(scope: Scope, assignment: Assignment, part: MechanicName) -> Sequence[list[datetime]]:
    """Return when each partner sent something, oldest first. What is asked beside a log is no log."""
    query = scope.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.part == part,
        Response.state == ResponseState.SENT,
    )
    sent: dict[str, list[datetime]] = {}
    for row in scope.all(query.order_by(Response.sent_at)):
        is_beside = part is MechanicName.TRACKER and is_afterwards(row.period)
        if row.sent_at is not None and not is_beside:
            sent.setdefault(row.author_id, []).append(row.sent_at)
    return list(sent.values())
