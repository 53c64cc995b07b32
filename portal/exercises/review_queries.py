"""What a couple's therapist reads about their work: everything given, what is new, what is in hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func

from portal.access.policy import Permission
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.ladder import ROUND
from portal.exercises.mechanics.tracker import is_afterwards
from portal.exercises.models import Answer, Assignment, AssignmentState, Response, ResponseState
from portal.exercises.queries import round_on
from portal.exercises.shelf import exercises_by_copy


@dataclass(frozen=True, slots=True)
class Work:
    """An assignment as the couple's therapist sees it: each partner's rounds, newest first."""

    assignment: Assignment
    exercise: Exercise
    responses: tuple[Response, ...]

    def latest(self, account_id: str) -> Response | None:
        """Return a partner's newest round. A habit noted beside something else says nothing about how far they are.

        Nor does what somebody is asked alone about a habit.
        """
        beside = self.exercise.lead is not MechanicName.TRACKER
        rounds = (
            each
            for each in self.responses
            if each.part != MechanicName.TRACKER or not (beside or is_afterwards(each.period))
        )
        return next((each for each in rounds if each.author_id == account_id), None)

    @property
    def rounds_sent(self) -> frozenset[str]:
        """Return the rounds in which something was sent. What somebody is asked alone about a habit is none of its own."""
        return frozenset(
            each.period
            for each in self.responses
            if each.state == ResponseState.SENT
            and not (each.part == MechanicName.TRACKER and is_afterwards(each.period))
        )

    @property
    def unread(self) -> bool:
        """Say whether something was sent that has not been reviewed. Quick logs are looked at, not ticked off."""
        return any(
            each.state == ResponseState.SENT
            and each.reviewed_at is None
            and each.part != MechanicName.TRACKER
            for each in self.responses
        )


def work_of(scope: Scope, couple_id: str) -> list[Work]:
    """Return everything ever assigned to a couple, newest first, with the state of each partner's rounds."""
    scope.require(Permission.REVIEW, couple_id=couple_id)
    query = scope.select(Assignment).where(Assignment.couple_id == couple_id)
    assignments = scope.all(query.order_by(Assignment.created_at.desc(), Assignment.id))
    return _with_responses(scope, assignments)


def work(scope: Scope, assignment_id: str) -> Work:
    """Return one assignment for its therapist."""
    assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.REVIEW, couple_id=assignment.couple_id)
    return _with_responses(scope, [assignment])[0]


def work_in_hand(scope: Scope, *, today: date) -> list[Work]:
    """Return what is open in a therapist's whole caseload, each with its responses in the current round only."""
    scope.require(Permission.REVIEW)
    query = scope.select(Assignment).where(Assignment.state == AssignmentState.OPEN)
    assignments = scope.all(query.order_by(Assignment.created_at, Assignment.id))
    if not assignments:
        return []
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    periods = {each.id: round_on(today, each, exercises[each.copy_id]) for each in assignments}
    current = scope.select(Response, Assignment).where(
        Response.assignment_id == Assignment.id,
        Assignment.state == AssignmentState.OPEN,
        Response.period.in_(sorted(set(periods.values()))),
    )
    by_assignment: dict[str, list[Response]] = {}
    for response, assignment in scope.rows(current):
        if response.period == periods[assignment.id]:
            by_assignment.setdefault(assignment.id, []).append(response)
    return [
        Work(each, exercises[each.copy_id], tuple(by_assignment.get(each.id, ()))) for each in assignments
    ]


def to_read(scope: Scope) -> list[Work]:
    """Return the assignments in a therapist's caseload with something new, the longest unread first."""
    unread = _unread(scope)
    if not unread:
        return []
    assignments = scope.all(scope.select(Assignment).where(Assignment.id.in_(sorted(unread))))
    found = _with_responses(scope, assignments)
    return sorted(found, key=lambda each: unread[each.assignment.id])


def unread_count(scope: Scope, couple_id: str | None = None) -> int:
    """Return how many assignments hold something new: of a therapist's caseload, or of one couple in it."""
    return len(_unread(scope, couple_id))


def _unread(scope: Scope, couple_id: str | None = None) -> dict[str, datetime]:
    """Return since when something lies unread, by assignment. Quick logs are looked at, not ticked off."""
    scope.require(Permission.REVIEW, couple_id=couple_id)
    query = (
        scope.select(Response, Assignment)
        .where(
            Response.assignment_id == Assignment.id,
            Response.state == ResponseState.SENT,
            Response.reviewed_at.is_(None),
            Response.part != MechanicName.TRACKER,
        )
        .with_only_columns(Assignment.id, Assignment.copy_id, func.min(Response.sent_at))
        .group_by(Assignment.id, Assignment.copy_id)
    )
    if couple_id is not None:
        query = query.where(Assignment.couple_id == couple_id)
    rows = scope.rows(query)
    exercises = exercises_by_copy(scope, {copy_id for _id, copy_id, _since in rows})
    return {
        assignment_id: since
        for assignment_id, copy_id, since in rows
        if exercises[copy_id].lead is not MechanicName.TRACKER
    }


def in_use(scope: Scope) -> dict[str, int]:
    """Return how many couples of a therapist's caseload have an exercise in hand, by slug."""
    query = (
        scope.select(Assignment)
        .where(Assignment.state == AssignmentState.OPEN)
        .with_only_columns(Assignment.slug, func.count(func.distinct(Assignment.couple_id)))
        .group_by(Assignment.slug)
    )
    return dict(map(tuple, scope.rows(query)))


def held(scope: Scope) -> set[str]:
    """Return the assignments in which something is held until its therapist opens it."""
    scope.require(Permission.REVIEW)
    query = scope.select(Answer).where(Answer.audience == Audience.HELD, Answer.open_at.is_(None))
    return set(scope.all(query.with_only_columns(Answer.assignment_id).distinct()))


def _with_responses(scope: Scope, assignments: Sequence[Assignment]) -> list[Work]:
    if not assignments:
        return []
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    by_assignment: dict[str, list[Response]] = {}
    query = scope.select(Response).where(Response.assignment_id.in_(sorted(each.id for each in assignments)))
    for response in filter(_is_noticed, scope.all(query.order_by(Response.started_at.desc()))):
        by_assignment.setdefault(response.assignment_id, []).append(response)
    return [
        Work(each, exercises[each.copy_id], tuple(by_assignment.get(each.id, ()))) for each in assignments
    ]


def _is_noticed(response: Response) -> bool:
    """Say whether a therapist has anything to do with a round.

    Not with one of a ladder in which nothing is for them: how ready somebody is, or what they wrote for themselves. Its
    being there, and when, would tell what the answers are not to tell.
    """
    if response.part != MechanicName.LADDER or response.period == ROUND:
        return True
    is_marked = response.reviewed_at is not None and response.reviewed_by is None
    return response.state == ResponseState.SENT and not is_marked
