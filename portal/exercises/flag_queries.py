"""What lies behind safety flags: the answers that raised them, and who decided about them. For therapists alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.models import Assignment, AssignmentState, Response
from portal.exercises.review_queries import Work, work_of
from portal.exercises.safety import is_conjoint
from portal.exercises.safety_models import SafetyFlag
from portal.exercises.shelf import exercises_by_copy
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class Story:
    """A flag with the round of the exercise that raised it; without one where a therapist raised it."""

    flag: SafetyFlag
    exercise: Exercise | None = None
    period: str | None = None


def flag_of(scope: Scope, flag_id: str) -> SafetyFlag:
    """Return a flag. Raises Refused for one of somebody else's couple."""
    flag: SafetyFlag = scope.find(SafetyFlag, flag_id)
    scope.require(Permission.ASSIGN, couple_id=flag.couple_id)
    return flag


def stories(scope: Scope, flags: Sequence[SafetyFlag]) -> list[Story]:
    """Return what raised some flags, in their order. Asks nothing where there are none."""
    answers = sorted({flag.response_id for flag in flags if flag.response_id})
    if not answers:
        return [Story(flag) for flag in flags]
    query = (
        scope.select(Response, Assignment)
        .where(Response.id.in_(answers), Response.assignment_id == Assignment.id)
        .with_only_columns(Response.id, Response.period, Assignment.copy_id)
    )
    rows = {response_id: (period, copy_id) for response_id, period, copy_id in scope.rows(query)}
    exercises = exercises_by_copy(scope, {copy_id for _period, copy_id in rows.values()})
    found = []
    for flag in flags:
        period, copy_id = rows.get(flag.response_id or "", (None, None))
        found.append(Story(flag, exercises.get(copy_id or ""), period))
    return found


def deciders(scope: Scope, flags: Sequence[SafetyFlag]) -> dict[str, str]:
    """Return the names of those who decided about some flags, by account."""
    ids = sorted({flag.closed_by for flag in flags if flag.closed_by})
    if not ids:
        return {}
    query = scope.select(Account).where(Account.id.in_(ids)).with_only_columns(Account.id, Account.name)
    return dict(map(tuple, scope.rows(query)))


def held_works(scope: Scope, couple_id: str) -> list[Work]:
    """Return what lies prepared for a couple and would bring something new to both, newest first."""
    return [
        work
        for work in work_of(scope, couple_id)
        if work.assignment.state == AssignmentState.OPEN
        and work.assignment.released_at is None
        and is_conjoint(work.exercise)
    ]
