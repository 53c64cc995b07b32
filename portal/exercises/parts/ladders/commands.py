"""What is done on ladders: readiness compared anew, steps taken, gone back on, stopped; a therapist opens and closes."""

from contextlib import suppress
from typing import Final

from sqlalchemy import delete

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import matching, safety
from portal.exercises.commands import Asked, TooLate, note_turns
from portal.exercises.matching import Shared
from portal.exercises.mechanics import climb
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.climb import Event, EventKind, NotOpen
from portal.exercises.mechanics.ladder import READINESS, READY, ROUND, LadderSpec, period_of
from portal.exercises.models import Answer, Assignment, AssignmentState, Turn
from portal.exercises.part_models import LadderEvent, SoloLadderEvent
from portal.exercises.parts.ladders.queries import (
    Ladder,
    Visit,
    ladder_of,
    my_response,
    shared_ladder,
    spec_of,
    visit_of,
)
from portal.exercises.queries import Task, aside, my_draft
from portal.exercises.shelf import exercises_by_copy
from portal.people.couple_queries import circle

ONCE_LENGTH: Final = 40


def follow(scope: Scope, task: Task) -> None:
    """Do what follows from a round that a partner has just sent: compare readiness, or note a step of a solo ladder."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    spec = spec_of(task.exercise)
    matching.lock(scope, task.assignment)
    _say_if_nothing_is_to_read(scope, task)
    visit = visit_of(spec, task.period)
    if visit is None:
        _compare(scope, task.assignment, spec)
    elif spec.solo:
        # What was written in a step that isn't open any more is kept; the step just doesn't count as taken.
        with suppress(NotOpen):
            take(scope, task, visit, once_key="")


def take(scope: Scope, task: Task, visit: Visit, *, once_key: str) -> None:
    """Note that a step was taken: for both, whoever says so. Said twice, or by both of them, it is still one visit.

    Raises NotOpen for a step that isn't open, and TooLate when the assignment has ended.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _hold_still(scope, task.assignment)
    ladder = ladder_of(scope, task)
    if visit.number <= ladder.times(visit.step):
        return
    event = Event(EventKind.DONE, visit.step, scope.now)
    if visit.number > ladder.times(visit.step) + 1:
        raise NotOpen(event)
    climb.record(ladder.spec, ladder.common, ladder.history, event)
    _append(scope, task.assignment, ladder, event, once_key=once_key)
    _ask_for_words(scope, task, ladder, visit)


def _ask_for_words(scope: Scope, task: Task, ladder: Ladder, visit: Visit) -> None:
    """Put the look back on a step on the lists of all who took it."""
    own = aside(scope, task, MechanicName.LADDER, period=ROUND)
    asked = Asked(Turn.REST, round=period_of(ladder.spec, visit.step, visit.number))
    seats = [circle(scope).person(scope.account_id).seat] if ladder.spec.solo else Seat
    note_turns(scope, own, dict.fromkeys(seats, asked))


def step_back(scope: Scope, task: Task, step: str) -> None:
    """Take back one's readiness for a step and all harder ones. Raises KeyError for an unknown step."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    spec = spec_of(task.exercise)
    place = spec.index(step)
    _withdraw(scope, task, [each.key for each in spec.steps[place:]])


def stop(scope: Scope, task: Task) -> None:
    """Take back all of one's readiness: no step is open until it is given anew. It can be done at any time."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _withdraw(scope, task, [each.key for each in spec_of(task.exercise).steps])


def _withdraw(scope: Scope, task: Task, steps: list[str]) -> None:
    """Delete one's own ratings, sent and drafted. The response stays as it was: nobody can tell from it."""
    matching.lock(scope, task.assignment)
    response = my_response(scope, task, READINESS)
    if response is None:
        return
    keys = [READY + step for step in steps]
    own = Answer.response_id == response.id
    scope.session.execute(delete(Answer).where(own, Answer.item.in_(keys)))
    draft = my_draft(scope, response)
    if draft is not None:
        draft.values = {key: value for key, value in draft.values.items() if key not in keys}
        # A page that was made from the draft before is old now, and says so when it is sent.
        draft.revision += 1
    scope.flush()
    record(scope, Action.TAKEN_BACK, subject_id=response.id, couple_id=response.couple_id)
    _compare(scope, task.assignment, spec_of(task.exercise))


def _compare(scope: Scope, assignment: Assignment, spec: LadderSpec) -> None:
    """Let the house keep what both are ready for, as it does for an overlap: nothing else reaches the other."""
    if spec.solo:
        return
    house = scope.as_house(assignment.couple_id)
    both = matching.choices(house, assignment, MechanicName.LADDER, period=READINESS)
    ratings = [climb.ratings_from(spec, each.values, sent=each.sent) for each in both]
    found = climb.common(spec, *ratings, now=scope.now) if len(ratings) == 2 else ()
    matching.put(
        house,
        assignment,
        [Shared(one.step, one.level, one.until) for one in found if one.until is not None],
    )


def _hold_still(scope: Scope, assignment: Assignment) -> None:
    matching.lock(scope, assignment)
    if assignment.state != AssignmentState.OPEN:
        raise TooLate("the assignment has ended")


def _append(scope: Scope, assignment: Assignment, ladder: Ladder, event: Event, *, once_key: str) -> None:
    about = {
        "couple_id": assignment.couple_id,
        "assignment_id": assignment.id,
        "number": len(ladder.history) + 1,
        "kind": event.kind.value,
        "step": event.step,
        "at": event.at,
        "once_key": once_key[:ONCE_LENGTH] or None,
    }
    if ladder.spec.solo:
        scope.add(SoloLadderEvent(author_id=scope.account_id, **about))
    else:
        scope.add(LadderEvent(**about))


def _say_if_nothing_is_to_read(scope: Scope, task: Task) -> None:
    """Mark a round that holds nothing for the therapist, such as one of ratings, so that it is never new to them."""
    response = my_response(scope, task, task.period)
    if response is None:
        return
    told = Answer.audience.not_in([Audience.PRIVATE, Audience.OVERLAP])
    if scope.first(scope.select(Answer).where(Answer.response_id == response.id, told)) is None:
        response.reviewed_at = scope.now
        scope.flush()


def open_step(scope: Scope, assignment_id: str, step: str, *, once_key: str) -> None:
    """Open a step as the couple's therapist. It opens for the two once both are ready for it too.

    Raises OnHold while a safety flag is open, NotOpen where steps aren't the therapist's to open, TooLate when the
    assignment has ended.
    """
    _decide(scope, assignment_id, step, kind=EventKind.OPENED, once_key=once_key)


def close_step(scope: Scope, assignment_id: str, step: str, *, once_key: str) -> None:
    """Close a step again as the couple's therapist, at any time. Raises NotOpen and TooLate as ``open_step`` does."""
    _decide(scope, assignment_id, step, kind=EventKind.CLOSED, once_key=once_key)


def _decide(scope: Scope, assignment_id: str, step: str, *, kind: EventKind, once_key: str) -> None:
    assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.ASSIGN, couple_id=assignment.couple_id)
    _hold_still(scope, assignment)
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    spec = spec_of(exercise)
    if kind is EventKind.OPENED:
        safety.check_hold(scope, exercise, assignment.couple_id)
    ladder = shared_ladder(scope, assignment, spec)
    event = Event(kind, step, scope.now)
    climb.record(spec, ladder.common, ladder.history, event)
    if (step in climb.opened_by_therapist(spec, ladder.history)) is (kind is EventKind.OPENED):
        return
    _append(scope, assignment, ladder, event, once_key=once_key)
    action = Action.RELEASED if kind is EventKind.OPENED else Action.WITHDRAWN
    record(
        scope,
        action,
        subject_id=assignment.id,
        couple_id=assignment.couple_id,
        step=spec.index(step) + 1,
    )
