"""Reads of assigned exercises: a partner's own work, what is open to both, and what a therapist has to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, or_

from portal.access.policy import Permission, Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise, Recurrence, period_for
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.overlap import OverlapSpec, level_text, option_text
from portal.exercises.models import (
    Answer,
    Assignment,
    AssignmentState,
    Draft,
    Feedback,
    OverlapMatch,
    Reaction,
    Response,
    ResponseState,
    Whom,
)
from portal.exercises.shelf import exercises_by_copy
from portal.questionnaires.model import Value


@dataclass(frozen=True, slots=True)
class Task:
    """A partner's own view of one assignment: the exercise, the current round, and their response to it."""

    assignment: Assignment
    exercise: Exercise
    period: str
    response: Response | None

    @property
    def state(self) -> ResponseState | None:
        """How far the partner is in this round; None before the start."""
        return None if self.response is None else ResponseState(self.response.state)

    @property
    def is_tracker(self) -> bool:
        """Say whether it is done by a quick log."""
        return self.exercise.lead is MechanicName.TRACKER


@dataclass(frozen=True, slots=True)
class MatchWords:
    """An option that both are open to, in words, with the level at which both are."""

    option: str
    text: str
    level: str
    level_words: str


@dataclass(frozen=True, slots=True)
class Written:
    """What one person sent in one round, as far as the viewer may read it: values by item key."""

    response_id: str
    assignment_id: str
    author_id: str
    sent_at: datetime
    values: dict[str, Value]
    audiences: dict[str, Audience]
    answer_ids: dict[str, str]
    period: str
    opens: dict[str, datetime | None] = field(default_factory=dict)
    """From when on each answer is open to the partner; None while it isn't."""

    def is_open(self, now: datetime) -> bool:
        """Say whether both partners can read all of it by now."""
        return all(moment is not None and moment <= now for moment in self.opens.values())


def recurrence_of(assignment: Assignment) -> Recurrence:
    """Return how often an assignment comes back."""
    return Recurrence(assignment.recurrence)


def asks(assignment: Assignment, seat: Seat) -> bool:
    """Say whether an assignment asks the partner in a seat."""
    return assignment.whom in {Whom.BOTH, seat.value}


def open_assignments(scope: Scope) -> list[Assignment]:
    """Return the assignments that the couple sees and that are not ended, oldest first."""
    query = scope.select(Assignment).where(
        Assignment.state == AssignmentState.OPEN,
        Assignment.released_at <= scope.now,
        Assignment.opens_at <= scope.now,
    )
    return scope.all(query.order_by(Assignment.opens_at, Assignment.id))


def my_tasks(scope: Scope, *, seat: Seat, today: date) -> list[Task]:
    """Return what a partner has been given, with their own state in the current round."""
    assignments = [each for each in open_assignments(scope) if asks(each, seat)]
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    periods = {each.id: period_for(recurrence_of(each), today) for each in assignments}
    mine = scope.select(Response).where(
        Response.author_id == scope.account_id, Response.assignment_id.in_(sorted(periods))
    )
    responses = {(each.assignment_id, each.period): each for each in scope.all(mine)} if periods else {}
    return [
        Task(each, exercises[each.copy_id], periods[each.id], responses.get((each.id, periods[each.id])))
        for each in assignments
    ]


def my_task(scope: Scope, assignment_id: str, *, seat: Seat, today: date) -> Task:
    """Return one of a partner's tasks. Raises Refused for what isn't theirs, isn't released or has ended."""
    query = scope.select(Assignment).where(
        Assignment.id == assignment_id,
        Assignment.released_at <= scope.now,
        Assignment.opens_at <= scope.now,
    )
    assignment: Assignment = scope.one(query)
    if not asks(assignment, seat):
        raise Refused("asks the other partner")
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    period = period_for(recurrence_of(assignment), today)
    mine = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.assignment_id == assignment.id,
        Response.period == period,
    )
    return Task(assignment, exercise, period, scope.first(mine))


def my_draft(scope: Scope, response: Response) -> Draft | None:
    """Return what a partner has typed so far in a round."""
    draft: Draft | None = scope.first(
        scope.select(Draft).where(Draft.response_id == response.id, Draft.author_id == scope.account_id)
    )
    return draft


def my_values(scope: Scope, task: Task) -> dict[str, Value]:
    """Return what a partner's form is filled with: the draft, or else what they sent in this round."""
    if task.response is None:
        return {}
    draft = my_draft(scope, task.response)
    if draft is not None:
        return dict(draft.values)
    query = scope.select(Answer).where(
        Answer.response_id == task.response.id, Answer.author_id == scope.account_id
    )
    return {each.item: each.value for each in scope.all(query)}


def logs(scope: Scope, assignment_id: str) -> list[tuple[str, str, dict[str, Value]]]:
    """Return what the viewer may read of a tracker: (period, author id, values), oldest first."""
    query = scope.select(Answer).where(Answer.assignment_id == assignment_id, Answer.sent_at.is_not(None))
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for each in scope.all(query.order_by(Answer.sent_at, Answer.id)):
        found.setdefault((each.period, each.author_id), {})[each.item] = each.value
    return [(period, author, values) for (period, author), values in found.items()]


def written(scope: Scope, assignment_ids: Sequence[str]) -> list[Written]:
    """Return everything sent for some assignments that the viewer may read, oldest first, by response."""
    if not assignment_ids:
        return []
    query = scope.select(Answer).where(
        Answer.assignment_id.in_(sorted(assignment_ids)), Answer.sent_at.is_not(None)
    )
    return _by_response(scope.all(query.order_by(Answer.sent_at, Answer.id)))


def _by_response(answers: Iterable[Answer]) -> list[Written]:
    found: dict[str, Written] = {}
    for each in answers:
        if each.sent_at is None:
            continue
        entry = found.setdefault(
            each.response_id,
            Written(
                each.response_id, each.assignment_id, each.author_id, each.sent_at, {}, {}, {}, each.period
            ),
        )
        entry.values[each.item] = each.value
        entry.audiences[each.item] = Audience(each.audience)
        entry.answer_ids[each.item] = each.id
        entry.opens[each.item] = each.open_at
    return list(found.values())


def matches(scope: Scope, assignment: Assignment, exercise: Exercise) -> tuple[MatchWords, ...] | None:
    """Return what both are open to, most open level first; None until both have answered."""
    spec = exercise.spec(OverlapSpec)
    if spec is None or assignment.both_sent_at is None:
        return None
    query = scope.select(OverlapMatch).where(
        OverlapMatch.assignment_id == assignment.id, OverlapMatch.until > scope.now
    )
    return tuple(
        MatchWords(each.option, option_text(spec, each.option), each.level, level_text(spec, each.level))
        for each in scope.all(query.order_by(OverlapMatch.position))
    )


def reactions(scope: Scope, response_ids: Sequence[str]) -> dict[str, str]:
    """Return the receivers' answers to letters that the viewer may read, by response."""
    if not response_ids:
        return {}
    query = scope.select(Reaction).where(Reaction.response_id.in_(sorted(response_ids)))
    return {each.response_id: each.choice for each in scope.all(query)}


def feedback(scope: Scope, assignment_ids: Sequence[str]) -> list[Feedback]:
    """Return a therapist's words on some assignments that the viewer may read, oldest first."""
    if not assignment_ids:
        return []
    query = scope.select(Feedback).where(Feedback.assignment_id.in_(sorted(assignment_ids)))
    return scope.all(query.order_by(Feedback.sent_at, Feedback.id))


@dataclass(frozen=True, slots=True)
class Together:
    """An assignment in which something of the partner, or of both, is open to the viewer."""

    assignment: Assignment
    exercise: Exercise
    both_answered: bool
    opened_at: datetime
    has_words: bool = False
    """Whether a therapist wrote something that the viewer may read."""


def together(scope: Scope) -> list[Together]:
    """Return the assignments of the couple with something to read for this partner, newest first."""
    others = scope.select(Answer).where(Answer.author_id != scope.account_id)
    theirs: dict[str, datetime] = {}
    for each in scope.all(others):
        moment = max(each.open_at or each.sent_at, theirs.get(each.assignment_id, each.sent_at))
        theirs[each.assignment_id] = moment
    words = scope.all(scope.select(Feedback).where(Feedback.author_id != scope.account_id))
    for each in words:
        theirs[each.assignment_id] = max(each.sent_at, theirs.get(each.assignment_id, each.sent_at))
    query = scope.select(Assignment).where(
        Assignment.released_at <= scope.now,
        or_(Assignment.id.in_(sorted(theirs)), Assignment.both_sent_at.is_not(None)),
    )
    assignments = scope.all(query)
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    answered = {each.assignment_id for each in words}
    found = [
        Together(
            each,
            exercises[each.copy_id],
            each.both_sent_at is not None,
            max(filter(None, (theirs.get(each.id), each.both_sent_at))),
            each.id in answered,
        )
        for each in assignments
        if each.id in theirs or exercises[each.copy_id].spec(OverlapSpec) is not None
    ]
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Work:
    """An assignment as the couple's therapist sees it: each partner's rounds, newest first."""

    assignment: Assignment
    exercise: Exercise
    responses: tuple[Response, ...]

    def latest(self, account_id: str) -> Response | None:
        """Return a partner's newest round."""
        return next((each for each in self.responses if each.author_id == account_id), None)

    @property
    def unread(self) -> bool:
        """Say whether something was sent that has not been reviewed."""
        return any(each.state == ResponseState.SENT and each.reviewed_at is None for each in self.responses)


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


def to_read(scope: Scope) -> list[Work]:
    """Return the assignments in a therapist's caseload with something new, the longest unread first."""
    unread = _unread(scope)
    if not unread:
        return []
    assignments = scope.all(scope.select(Assignment).where(Assignment.id.in_(sorted(unread))))
    found = _with_responses(scope, assignments)
    return sorted(found, key=lambda each: unread[each.assignment.id])


def unread_count(scope: Scope) -> int:
    """Return how many assignments in a therapist's caseload hold something new."""
    return len(_unread(scope))


def _unread(scope: Scope) -> dict[str, datetime]:
    """Return since when something lies unread, by assignment. Quick logs are looked at, not ticked off."""
    scope.require(Permission.REVIEW)
    query = (
        scope.select(Response, Assignment)
        .where(
            Response.assignment_id == Assignment.id,
            Response.state == ResponseState.SENT,
            Response.reviewed_at.is_(None),
        )
        .with_only_columns(Assignment.id, Assignment.copy_id, func.min(Response.sent_at))
        .group_by(Assignment.id, Assignment.copy_id)
    )
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


def _with_responses(scope: Scope, assignments: Sequence[Assignment]) -> list[Work]:
    if not assignments:
        return []
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    by_assignment: dict[str, list[Response]] = {}
    query = scope.select(Response).where(Response.assignment_id.in_(sorted(each.id for each in assignments)))
    for response in scope.all(query.order_by(Response.started_at.desc())):
        by_assignment.setdefault(response.assignment_id, []).append(response)
    return [
        Work(each, exercises[each.copy_id], tuple(by_assignment.get(each.id, ()))) for each in assignments
    ]


@dataclass(frozen=True, slots=True)
class News:
    """An assignment in which something opened to a partner lately: since when, and whether a therapist wrote."""

    assignment_id: str
    exercise: Exercise
    opened_at: datetime
    has_words: bool


def news(scope: Scope, *, since: datetime) -> list[News]:
    """Return what opened to a partner after a moment, newest first, in one query."""
    theirs = (
        scope.select(Answer)
        .where(Answer.assignment_id == Assignment.id, Answer.author_id != scope.account_id)
        .with_only_columns(func.max(Answer.open_at))
    )
    words = (
        scope.select(Feedback)
        .where(Feedback.assignment_id == Assignment.id, Feedback.author_id != scope.account_id)
        .with_only_columns(func.max(Feedback.sent_at))
    )
    opened = theirs.correlate(Assignment).scalar_subquery()
    told = words.correlate(Assignment).scalar_subquery()
    query = (
        scope.select(Assignment)
        .where(
            Assignment.released_at <= scope.now,
            or_(opened > since, told > since, Assignment.both_sent_at > since),
        )
        .with_only_columns(Assignment.id, Assignment.copy_id, Assignment.both_sent_at, opened, told)
    )
    rows = scope.rows(query)
    exercises = exercises_by_copy(scope, {row[1] for row in rows})
    found = []
    for assignment_id, copy_id, both_at, answers_at, words_at in rows:
        exercise = exercises[copy_id]
        overlaps_at = both_at if exercise.spec(OverlapSpec) is not None else None
        tracked = exercise.lead is MechanicName.TRACKER
        moments = [
            each for each in (overlaps_at, None if tracked else answers_at, words_at) if each is not None
        ]
        if moments and max(moments) > since:
            told_lately = words_at is not None and words_at > since
            found.append(News(assignment_id, exercise, max(moments), told_lately))
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Own:
    """An assignment that a partner has worked on, with their newest round of it."""

    assignment: Assignment
    exercise: Exercise
    response: Response


def my_work(scope: Scope) -> list[Own]:
    """Return what a partner has begun, sent or left out, newest first: one line for each assignment."""
    query = scope.select(Response).where(Response.author_id == scope.account_id)
    newest: dict[str, Response] = {}
    for response in scope.all(query.order_by(Response.started_at.desc(), Response.id)):
        newest.setdefault(response.assignment_id, response)
    if not newest:
        return []
    assignments = scope.all(scope.select(Assignment).where(Assignment.id.in_(sorted(newest))))
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    found = [Own(each, exercises[each.copy_id], newest[each.id]) for each in assignments]
    return sorted(found, key=lambda own: own.response.sent_at or own.response.started_at, reverse=True)


def work_in_hand(scope: Scope, *, today: date) -> list[Work]:
    """Return what is open in a therapist's whole caseload, each with its responses in the current round only."""
    scope.require(Permission.REVIEW)
    query = scope.select(Assignment).where(Assignment.state == AssignmentState.OPEN)
    assignments = scope.all(query.order_by(Assignment.created_at, Assignment.id))
    if not assignments:
        return []
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    periods = {each.id: period_for(recurrence_of(each), today) for each in assignments}
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


def held(scope: Scope) -> set[str]:
    """Return the assignments in which something is held until its therapist opens it."""
    scope.require(Permission.REVIEW)
    query = scope.select(Answer).where(Answer.audience == Audience.HELD, Answer.open_at.is_(None))
    return set(scope.all(query.with_only_columns(Answer.assignment_id).distinct()))
