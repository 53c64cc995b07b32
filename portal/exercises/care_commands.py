"""What a therapist does with exercises: assign, release, withdraw, open what is held, reply, mark as read."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import follow_ups
from portal.exercises.domain import Exercise, Recurrence, needs_both
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import (
    Answer,
    Assignment,
    AssignmentState,
    Feedback,
    Response,
    ResponseState,
    Whom,
)
from portal.exercises.needs import check_needs
from portal.exercises.queries import told_at
from portal.exercises.safety import OnHold, call_off_openings, flagged
from portal.exercises.shelf import exercises_by_copy, keep_copy
from portal.people.couple_queries import circle
from portal.people.post import Message, post


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a therapist decides about an assignment."""

    couple_id: str
    whom: Whom
    recurrence: Recurrence
    opens_at: datetime | None = None
    due_on: date | None = None
    instructions: str = ""
    sees: TherapistSees = TherapistSees.OVERLAP
    release: bool = True
    previous_id: str | None = None
    author_id: str | None = None
    """The therapist whose decision it was, where a pathway opens it for them."""


def may_be_told(assignment: Assignment) -> tuple[Seat, ...]:
    """Return the partners to whom a therapist can write inside an assignment: those it asks, once it is released.

    Anybody else would learn from the words that the assignment is there.
    """
    if assignment.released_at is None:
        return ()
    return tuple(seat for seat in Seat if assignment.whom in {Whom.BOTH, seat.value})


def assign(scope: Scope, exercise: Exercise, plan: Plan, *, once_key: str) -> Assignment:
    """Give an exercise to a couple, as it is defined now. The same key twice gives it once.

    Raises OnHold where it would open something new to both while a safety flag is open; it can be prepared then,
    unless it is about touch. Raises Unmet where the couple hasn't got what the exercise needs.
    """
    scope.require(Permission.ASSIGN, couple_id=plan.couple_id)
    if plan.whom is not Whom.BOTH and needs_both(exercise):
        raise Refused("only for both")
    known: Assignment | None = scope.first(scope.select(Assignment).where(Assignment.once_key == once_key))
    if known is not None:
        return known
    check_needs(scope, exercise, plan.couple_id, opens=plan.release)
    if plan.previous_id is not None:
        scope.find(Assignment, plan.previous_id)
    assignment = Assignment(
        couple_id=plan.couple_id,
        copy_id=keep_copy(scope, exercise),
        slug=exercise.slug,
        whom=plan.whom,
        recurrence=exercise.recurring(plan.recurrence).value,
        opens_at=plan.opens_at or scope.now,
        due_on=plan.due_on,
        released_at=scope.now if plan.release else None,
        lists_open=exercise.lists is not None and plan.sees is TherapistSees.LISTS,
        author_id=plan.author_id or scope.account_id,
        created_at=scope.now,
        previous_id=plan.previous_id,
        once_key=once_key,
    )
    assignment.instructions = plan.instructions or None
    scope.add(assignment)
    record(scope, Action.ASSIGNED, subject_id=assignment.id, couple_id=plan.couple_id, exercise=exercise.slug)
    if plan.release:
        _tell(scope, assignment)
    return assignment


def _tell(scope: Scope, assignment: Assignment) -> None:
    """Send the neutral mail to those who are asked, each to their own address, once there is something to find."""
    people = circle(scope, assignment.couple_id)
    due_at = told_at(assignment) if assignment.opens_at > scope.now else None
    for person in (people.a, people.b):
        if assignment.whom in {Whom.BOTH, person.seat.value}:
            post(scope, person.account_id, Message.NEWS, due_at=due_at)


def release(scope: Scope, assignment_id: str) -> Assignment:
    """Let the couple see an assignment that was being prepared. Raises OnHold and Unmet as ``assign`` does."""
    assignment = _mine(scope, assignment_id)
    if assignment.released_at is None and assignment.state == AssignmentState.OPEN:
        exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
        check_needs(scope, exercise, assignment.couple_id, opens=True)
        assignment.released_at = scope.now
        record(scope, Action.RELEASED, subject_id=assignment.id, couple_id=assignment.couple_id)
        _tell(scope, assignment)
    return assignment


def end(scope: Scope, assignment_id: str, *, state: AssignmentState) -> Assignment:
    """End an assignment: withdrawn or finished. What was written stays with its writer and its readers."""
    assignment = _mine(scope, assignment_id)
    if assignment.released_at is not None and assignment.opens_at > scope.now:
        call_off_openings(scope, assignment.couple_id, [assignment])
    follow_ups.forget_all(scope, assignment)
    assignment.state = state
    record(
        scope, Action.WITHDRAWN, subject_id=assignment.id, couple_id=assignment.couple_id, state=state.value
    )
    return assignment


def open_held(scope: Scope, answer_id: str) -> Answer:
    """Open one held answer to the couple, as its writer agreed to when sending it; a letter opens as a whole.

    What is open already stays open since then. Raises OnHold while a flag is open.
    """
    answer = scope.find(Answer, answer_id)
    scope.require(Permission.REVIEW, couple_id=answer.couple_id)
    if answer.audience != Audience.HELD:
        raise Refused("isn't held")
    if flagged(scope, [answer.couple_id]):
        raise OnHold(answer.id)
    waiting = scope.select(Answer).where(
        Answer.response_id == answer.response_id,
        Answer.item.in_(_opened_with(scope, answer)),
        Answer.audience == Audience.HELD,
        Answer.open_at.is_(None),
    )
    # Where its writer takes it back at the same moment, whoever comes second sees what the first has done.
    held = scope.all(waiting.with_for_update(key_share=True).execution_options(populate_existing=True))
    if not held and answer.open_at is None:
        raise Refused("was taken back")
    for each in held:
        each.open_at = scope.now
        record(scope, Action.RELEASED, subject_id=each.id, couple_id=each.couple_id)
    if held:
        post(scope, circle(scope, answer.couple_id).partner_of(answer.author_id).account_id, Message.NEWS)
    scope.flush()
    return answer


def _opened_with(scope: Scope, answer: Answer) -> list[str]:
    """Return the items whose answers open at once with one: the parts of a letter, or that item alone."""
    assignment = scope.find(Assignment, answer.assignment_id)
    letter = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id].spec(LetterSpec)
    if letter is None or letter.form.item(answer.item) is None:
        return [answer.item]
    return [item.key for item in letter.form.questions]


def mark_read(
    scope: Scope, assignment_id: str, *, until: datetime | None = None, period: str | None = None
) -> None:
    """Mark what was sent for an assignment as read, in one round or in all.

    Pass as ``until`` the moment at which the page was made: what was sent after it has not been seen.
    """
    assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.REVIEW, couple_id=assignment.couple_id)
    unread = scope.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.state == ResponseState.SENT,
        Response.reviewed_at.is_(None),
        Response.sent_at <= (until or scope.now),
    )
    if period is not None:
        # What has a page of its own is shown whole beside each round.
        lead = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id].lead
        unread = unread.where(or_(Response.period == period, Response.part != lead))
    for response in scope.all(unread):
        response.reviewed_at, response.reviewed_by = scope.now, scope.account_id
        record(scope, Action.REVIEWED, subject_id=response.id, couple_id=response.couple_id)
    record(scope, Action.READ, subject_id=assignment.id, couple_id=assignment.couple_id)
    scope.flush()


def give_feedback(
    scope: Scope, assignment_id: str, body: str, *, to: Audience, seat: Seat | None = None, once_key: str
) -> Feedback:
    """Write inside an exercise: a note for therapists, a reply to one partner (by seat), or a word to both."""
    assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.REVIEW, couple_id=assignment.couple_id)
    known = scope.first(scope.select(Feedback).where(Feedback.once_key == once_key))
    if known is not None:
        return known
    people = circle(scope, assignment.couple_id)
    readers = {
        Audience.NOTE: [],
        Audience.REPLY: [] if seat is None else [people.at(seat)],
        Audience.REPLY_BOTH: [people.a, people.b],
    }.get(to)
    if readers is None or (to is Audience.REPLY and not readers):
        raise Refused("not a way to reply")
    if not {reader.seat for reader in readers} <= set(may_be_told(assignment)):
        raise Refused("asks somebody else, or isn't released")
    feedback = Feedback(
        couple_id=assignment.couple_id,
        assignment_id=assignment.id,
        author_id=scope.account_id,
        audience=to,
        addressee_id=readers[0].account_id if to is Audience.REPLY else None,
        sent_at=scope.now,
        open_at=scope.now,
        once_key=once_key,
    )
    feedback.body = body
    scope.add(feedback)
    record(scope, Action.REPLIED, subject_id=feedback.id, couple_id=assignment.couple_id, to=to.value)
    for reader in readers:
        post(scope, reader.account_id, Message.NEWS)
    return feedback


def _mine(scope: Scope, assignment_id: str) -> Assignment:
    assignment: Assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.ASSIGN, couple_id=assignment.couple_id)
    return assignment
