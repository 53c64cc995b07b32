"""Reads of assigned exercises: a partner's own work, and what its readers may read of what was sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, or_

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.vault import CannotOpen
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise, Recurrence, Walk, log_recurrence, period_for
from portal.exercises.mechanics import agreement, journal, ladder, letter, plan, tracker
from portal.exercises.mechanics.base import SHARED, MechanicName
from portal.exercises.mechanics.overlap import OverlapSpec, level_text, option_text
from portal.exercises.mechanics.safety_items import about_safety
from portal.exercises.mechanics.tracker import LOG_NOTE, LOGGED, TrackerSpec
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
    Turn,
    Whom,
)
from portal.exercises.pathway_words import spoken
from portal.exercises.shelf import exercises_for
from portal.questionnaires.model import Form, Value


@dataclass(frozen=True, slots=True)
class Task:
    """A partner's own view of one assignment: the pages that are walked, the current round, and their response."""

    assignment: Assignment
    walk: Walk
    period: str
    response: Response | None
    is_aside: bool = False
    """Whether these pages are reached from the exercise's own page, and lead back there."""
    further: tuple["Task", ...] = ()
    """The further parts of the exercise in their current rounds, where all of somebody's tasks were looked up."""
    own: Mapping[tuple[MechanicName, str], Response] = field(default_factory=dict)
    """All of the partner's own rounds in this assignment, by part and period, where all tasks were looked up."""

    @property
    def exercise(self) -> Exercise:
        """The exercise that was assigned."""
        return self.walk.exercise

    @property
    def part(self) -> MechanicName:
        """The mechanic whose pages are walked."""
        return self.walk.part

    @property
    def form(self) -> Form:
        """The pages that are walked."""
        return self.walk.form

    @property
    def word(self) -> str:
        """What the therapist, or the pathway, says to go with it; a pathway's words in the exercise's language."""
        words = self.assignment.instructions or ""
        return spoken(words, slug=self.assignment.slug, language=self.exercise.language) if words else ""

    @property
    def turn(self) -> Turn | None:
        """What the partner has to do now in something that two do together."""
        return None if self.response is None or self.response.turn is None else Turn(self.response.turn)

    @property
    def asked_at(self) -> datetime | None:
        """From when on the partner is asked to look again at what two did together."""
        return None if self.response is None else self.response.asked_at

    def is_asked_again(self, now: datetime) -> bool:
        """Say whether the time has come to look again at what two did together."""
        return self.asked_at is not None and self.asked_at <= now

    @property
    def is_asked_alone(self) -> bool:
        """Say whether what two did together brought questions for this partner alone, not answered so far."""
        name = None if self.response is None else self.response.asked_round
        return name is not None and not self.has_sent(name)

    def has_sent(self, period: str) -> bool:
        """Say whether the partner has sent a round of this part; for tasks that were looked up with all others."""
        round_ = self.own.get((self.part, period))
        return round_ is not None and round_.state == ResponseState.SENT

    @property
    def state(self) -> ResponseState | None:
        """How far the partner is in this round; None before the start."""
        if self.response is None or self.response.state == ResponseState.AHEAD:
            return None
        return ResponseState(self.response.state)

    @property
    def is_tracker(self) -> bool:
        """Say whether it is done by a quick log."""
        return self.part is MechanicName.TRACKER


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

    def opened(self, now: datetime) -> "Written":
        """Return only what both partners can read of it by now, answer by answer."""
        keys = [key for key, moment in self.opens.items() if moment is not None and moment <= now]
        return replace(
            self,
            values={key: self.values[key] for key in keys},
            audiences={key: self.audiences[key] for key in keys},
            answer_ids={key: self.answer_ids[key] for key in keys},
            opens={key: self.opens[key] for key in keys},
        )


def recurrence_of(assignment: Assignment) -> Recurrence:
    """Return how often an assignment comes back."""
    return Recurrence(assignment.recurrence)


def asks(assignment: Assignment, seat: Seat) -> bool:
    """Say whether an assignment asks the partner in a seat."""
    return assignment.whom in {Whom.BOTH, seat.value}


TO_MORNING: Final = timedelta(hours=8)
"""How long after the beginning of a day the mail about it is sent: midnight is no time for a mail."""


def told_at(assignment: Assignment) -> datetime:
    """Return when a mail tells of an assignment that opens on a day to come."""
    return assignment.opens_at + TO_MORNING


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
    exercises = exercises_for(scope, {each.copy_id for each in assignments})
    periods = {each.id: round_on(today, each, exercises[each.copy_id]) for each in assignments}
    rounds = _own_rounds(scope, [each.id for each in assignments])
    found = []
    for each in assignments:
        walk, own = exercises[each.copy_id].walk(), rounds[each.id]
        period = _going_on(walk, own.values()) or periods[each.id]
        further = tuple(_further(each, walk.exercise, own, today))
        found.append(Task(each, walk, period, own.get((walk.part, period)), further=further, own=own))
    return found


Rounds = Mapping[tuple[MechanicName, str], Response]
"""One partner's rounds in one assignment, by part and period."""


def _own_rounds(scope: Scope, assignment_ids: Sequence[str]) -> Mapping[str, Rounds]:
    mine = scope.select(Response).where(
        Response.author_id == scope.account_id, Response.assignment_id.in_(sorted(assignment_ids))
    )
    found: dict[str, dict[tuple[MechanicName, str], Response]] = {each: {} for each in assignment_ids}
    for response in scope.all(mine) if assignment_ids else ():
        found[response.assignment_id][MechanicName(response.part), response.period] = response
    return found


def _further(assignment: Assignment, exercise: Exercise, own: Rounds, today: date) -> Iterator[Task]:
    for name in exercise.mechanics[1:]:
        period = round_on(today, assignment, exercise, part=name)
        yield Task(assignment, exercise.walk(name), period, own.get((name, period)), is_aside=True, own=own)


LASTING: Final[Mapping[MechanicName, str]] = {
    MechanicName.LADDER: ladder.ROUND,
    MechanicName.AGREEMENT: agreement.ROUND,
    MechanicName.JOURNAL: journal.ROUND,
    MechanicName.PLAN: plan.ROUND,
}
"""The one round of what lasts as long as its assignment does."""


def round_on(
    day: date, assignment: Assignment, exercise: Exercise, *, part: MechanicName | None = None
) -> str:
    """Return the round that a day belongs to, of what leads an exercise or of a further part of it."""
    name = part or exercise.lead
    return LASTING.get(name) or period_for(rhythm_of(assignment, exercise, part=name), day)


def rhythm_of(assignment: Assignment, exercise: Exercise, *, part: MechanicName | None = None) -> Recurrence:
    """Return how often what leads an exercise comes back, or a further part of it.

    A log comes back as its own table says, whatever the assignment does: two of its days are never one round.
    """
    log = exercise.spec(TrackerSpec)
    if part is MechanicName.TRACKER and log is not None:
        return log_recurrence(log)
    return exercise.recurring(recurrence_of(assignment))


PAGES_ON_DAYS: Final = frozenset({MechanicName.TRACKER, MechanicName.DECK, *LASTING})
"""What keeps its own count of rounds, so that nothing in it is begun in one round and sent in another."""


def _going_on(walk: Walk, own: Iterable[Response]) -> str | None:
    """Return the round that was begun and isn't over yet: it goes on until it is, whatever day that falls on.

    What somebody has typed on a Sunday evening is still theirs to send on Monday. A talk goes on until it is over.
    """
    if walk.part in PAGES_ON_DAYS:
        return None
    mine = [each for each in own if each.part == walk.part]
    if walk.part is MechanicName.DIALOGUE:
        going = {Turn.YOURS, Turn.THEIRS, Turn.REST}
        return max((each.period for each in mine if each.turn in going), default=None)
    return max((each.period for each in mine if each.state == ResponseState.DRAFT), default=None)


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
    walk = exercises_for(scope, {assignment.copy_id})[assignment.copy_id].walk()
    own = _own_rounds(scope, [assignment.id])[assignment.id]
    period = _going_on(walk, own.values()) or round_on(today, assignment, walk.exercise)
    return Task(assignment, walk, period, own.get((walk.part, period)))


def letter_asking_again(scope: Scope, task: Task, period: str) -> Response | None:
    """Return a partner's own letter of one round that names a day on which they will come back to it, while that is open."""
    response = my_response(scope, task.assignment, MechanicName.LETTER, period)
    is_asked = response is not None and response.state == ResponseState.SENT and response.asked_at is not None
    return response if is_asked else None


def letter_has_arrived(scope: Scope, task: Task) -> bool:
    """Say whether a partner's own letter of a round is open to its receiver."""
    if task.response is None:
        return False
    opened = scope.select(Answer).where(Answer.response_id == task.response.id, Answer.open_at <= scope.now)
    return scope.first(opened) is not None


def my_response(scope: Scope, assignment: Assignment, part: MechanicName, period: str) -> Response | None:
    """Return a partner's own response in a round of one part of an exercise."""
    response: Response | None = scope.first(
        scope.select(Response).where(
            Response.author_id == scope.account_id,
            Response.assignment_id == assignment.id,
            Response.part == part,
            Response.period == period,
        )
    )
    return response


def aside(scope: Scope, task: Task, part: MechanicName, *, period: str, form: Form | None = None) -> Task:
    """Return a walk of its own within a task: closing questions, ratings, a second part. ``form`` is its pages."""
    walk = task.exercise.walk(part, form)
    return Task(task.assignment, walk, period, my_response(scope, task.assignment, part, period), True)


def my_draft(scope: Scope, response: Response) -> Draft | None:
    """Return what a partner has typed so far in a round."""
    draft: Draft | None = scope.first(
        scope.select(Draft).where(Draft.response_id == response.id, Draft.author_id == scope.account_id)
    )
    return draft


def is_beside(task: Task, values: Mapping[str, object]) -> bool:
    """Say whether a draft holds only what was typed on a part's own page, and nothing of the pages that are walked."""
    return task.is_aside and bool(values) and not any(task.form.item(key) for key in values)


def my_values(scope: Scope, task: Task) -> dict[str, Value]:
    """Return what a partner's form is filled with: the draft, or else what they sent in this round."""
    if task.response is None:
        return {}
    draft = my_draft(scope, task.response)
    if draft is not None and not is_beside(task, draft.values):
        return typed_in_draft(scope, task, task.response, draft)
    return as_typed_in(task, sent_values(scope, task, task.response))


def consent_until(task: Task, response: Response) -> datetime | None:
    """Return when what a partner sent in a round runs out, because it was consent; ``None`` where nothing does."""
    if task.walk.expires is None or response.sent_at is None:
        return None
    return response.sent_at + task.walk.expires


def has_run_out(scope: Scope, task: Task) -> bool:
    """Say whether what a partner sent in this round was consent that has come to its end."""
    until = None if task.response is None else consent_until(task, task.response)
    return until is not None and until <= scope.now


def sent_values(scope: Scope, task: Task, response: Response) -> dict[str, Value]:
    """Return a partner's own answers as they were sent, as far as they are ever shown to them again.

    What they answered about safety isn't: somebody else may look at the page. Consent that has run out has to be
    given anew.
    """
    hidden = about_safety(task.form)
    until = consent_until(task, response)
    sent = {key: value for key, value in _all_sent(scope, response).items() if key not in hidden}
    if until is None or until > scope.now:
        return sent
    return {key: value for key, value in sent.items() if not _is_consent(task, key)}


OPENED_FOR_GOOD: Final = frozenset({MechanicName.LETTER, MechanicName.QUESTIONNAIRE})
"""What stays as it was sent once the partner can read it. Lists are changed and logs corrected at any time."""


def is_open_to_both(scope: Scope, task: Task) -> bool:
    """Say whether what a partner has sent in this round is open to the other, otherwise than by sharing one answer.

    Then it stays as it is: the other may have read it, and have answered those very words.
    """
    response = task.response
    if response is None or response.state != ResponseState.SENT:
        return False
    if task.is_aside or task.exercise.is_placed or task.part not in OPENED_FOR_GOOD:
        return False
    opened = scope.select(Answer).where(
        Answer.response_id == response.id,
        Answer.audience.in_([Audience.COUPLE, Audience.HELD]),
        Answer.shared_at.is_(None),
        Answer.open_at <= scope.now,
    )
    return scope.first(opened) is not None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a partner chose last in an overlap and hasn't taken back: values by item key, and when they sent it."""

    values: Mapping[str, Value]
    sent_at: datetime


def my_choices(scope: Scope, task: Task) -> Chosen | None:
    """Return what a partner is open to by their newest list, in whichever round; ``None`` where nothing stands."""
    if task.part is not MechanicName.OVERLAP:
        return None
    query = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.assignment_id == task.assignment.id,
        Response.part == MechanicName.OVERLAP,
        Response.state == ResponseState.SENT,
    )
    newest: Response | None = scope.first(query.order_by(Response.sent_at.desc(), Response.id.desc()))
    if newest is None or newest.sent_at is None:
        return None
    sent = sent_values(scope, task, newest)
    values = {key: value for key, value in sent.items() if _is_consent(task, key)}
    return Chosen(values, newest.sent_at) if values else None


def my_sent_values(scope: Scope, task: Task) -> dict[str, Value]:
    """Return what a partner has sent in a round and what still stands of it; nothing before it is sent."""
    return {} if task.response is None else sent_values(scope, task, task.response)


def typed_in_draft(scope: Scope, task: Task, response: Response, draft: Draft) -> dict[str, Value]:
    """Return what stands in a draft. What it took over from consent that ran out since it was saved is left out.

    So is consent in a draft that was never sent, once it is as old as that: it was true for another day.
    """
    if response.sent_at is None and task.walk.expires is not None:
        if draft.saved_at + task.walk.expires > scope.now:
            return dict(draft.values)
        return {key: value for key, value in draft.values.items() if not _is_consent(task, key)}
    until = consent_until(task, response)
    if until is None or not draft.saved_at < until <= scope.now:
        return dict(draft.values)
    sent = _all_sent(scope, response)
    return {
        key: value
        for key, value in draft.values.items()
        if sent.get(key) != value or not _is_consent(task, key)
    }


def answers_about_safety(scope: Scope, task: Task, response: Response) -> dict[str, Value]:
    """Return what a partner sent about safety in a round, to be kept for their therapist, and never to be shown."""
    hidden = about_safety(task.form)
    if not hidden or response.state != ResponseState.SENT:
        return {}
    return {key: value for key, value in _all_sent(scope, response).items() if key in hidden}


class Until(StrEnum):
    """Until when a writer can take back what they sent."""

    MINUTES = "minutes"
    """For a few minutes after sending."""
    ARRIVES = "arrives"
    """Until a letter for a later day arrives."""
    OPENED = "opened"
    """Until the therapist opens a letter that was kept for a session."""


def letter_under_way(scope: Scope, task: Task, response: Response) -> Until | None:
    """Return what a sent letter still waits for; ``None`` once it has reached its receiver, or if it is no letter."""
    spec = task.exercise.spec(letter.LetterSpec) if task.part is MechanicName.LETTER else None
    if spec is None:
        return None
    query = scope.select(Answer).where(
        Answer.response_id == response.id,
        Answer.author_id == scope.account_id,
        Answer.item.in_([item.key for item in spec.form.questions]),
    )
    moments = [each.open_at for each in scope.all(query)]
    if any(moment is not None and moment <= scope.now for moment in moments):
        return None
    if None in moments:
        return Until.OPENED
    return Until.ARRIVES if moments else None


def _is_consent(task: Task, key: str) -> bool:
    item = task.form.item(key)
    return item is not None and item.audience is Audience.OVERLAP


def _all_sent(scope: Scope, response: Response) -> dict[str, Value]:
    query = scope.select(Answer).where(
        Answer.response_id == response.id, Answer.author_id == scope.account_id
    )
    return {each.item: each.value for each in scope.all(query)}


def as_typed_in(task: Task, sent: Mapping[str, Value]) -> dict[str, Value]:
    """Return sent answers as they stood in the fields of a form; those of a letter were sent with their starters."""
    spec = task.exercise.spec(letter.LetterSpec) if task.part is MechanicName.LETTER else None
    return dict(sent) if spec is None else letter.as_typed(spec, sent)


def as_sent_in(task: Task, typed: Mapping[str, Value]) -> dict[str, Value]:
    """Return answers as they are sent: those of a letter in the very words that its writer has read."""
    spec = task.exercise.spec(letter.LetterSpec) if task.part is MechanicName.LETTER else None
    return dict(typed) if spec is None else letter.written_out(spec, typed)


def logs(scope: Scope, assignment_id: str) -> list[tuple[str, str, dict[str, Value]]]:
    """Return what the viewer may read of a tracker: (period, author id, values), oldest first."""
    query = scope.select(Answer).where(
        Answer.assignment_id == assignment_id, Answer.sent_at.is_not(None), Answer.item.in_(LOGGED)
    )
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for each in scope.all(query.order_by(Answer.sent_at, Answer.id)):
        value = _value(each)
        if value is not None:
            found.setdefault((each.period, each.author_id), {})[each.item] = value
    return [(period, author, values) for (period, author), values in found.items()]


def _value(answer: Answer) -> Value | None:
    """Return an answer; nothing where it can't be read any more because its writer's key was destroyed."""
    try:
        value: Value | None = answer.value
    except CannotOpen:
        return None
    return value


def _note(answer: Answer) -> str:
    value = _value(answer) if answer.item == LOG_NOTE else None
    return "" if value is None else tracker.note_in({LOG_NOTE: value})


def noted_days(scope: Scope, assignment: Assignment, spec: TrackerSpec) -> frozenset[date]:
    """Return the days on which a practice was done, as far as the viewer may know.

    Of what is the couple's, both know the days of both. By whom, and what else was answered, isn't handed on: neither
    reads a row of the other's.
    """
    asked_by = scope.as_house(assignment.couple_id) if spec.is_joint else scope
    return frozenset(
        day
        for period, _author, values in logs(asked_by, assignment.id)
        for day in tracker.done_days(spec, {period: values})
    )


@dataclass(frozen=True, slots=True)
class Note:
    """Words that somebody put beside a log, with the first day of its round."""

    assignment_id: str
    author_id: str
    day: date
    text: str


def notes_of_the_other(scope: Scope, assignment_ids: Sequence[str]) -> list[Note]:
    """Return what the other partner noted beside logs for both to read, the newest day first."""
    if not assignment_ids:
        return []
    query = scope.select(Answer).where(
        Answer.assignment_id.in_(sorted(assignment_ids)),
        Answer.author_id != scope.account_id,
        Answer.item == LOG_NOTE,
    )
    found = [
        Note(each.assignment_id, each.author_id, tracker.first_day(each.period), text)
        for each in scope.all(query)
        if (text := _note(each))
    ]
    return sorted(found, key=lambda note: note.day, reverse=True)


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


def matches(scope: Scope, assignment: Assignment, exercise: Exercise) -> tuple[MatchWords, ...]:
    """Return what both are open to now, in the order of the list.

    Nothing in common looks the same whatever it comes from: no list, no word in it that both are open to, or an end.
    """
    spec = exercise.spec(OverlapSpec)
    if spec is None:
        return ()
    query = scope.select(OverlapMatch).where(
        OverlapMatch.assignment_id == assignment.id, OverlapMatch.until > scope.now
    )
    return tuple(
        MatchWords(each.option, option_text(spec, each.option), each.level, level_text(spec, each.level))
        for each in scope.all(query.order_by(OverlapMatch.position))
    )


def matches_of(scope: Scope, couple_id: str, slug: str) -> tuple[MatchWords, ...]:
    """Return what both are open to now in the newest list of an exercise that they can still change.

    While a list was given anew and isn't answered by both, nothing is: what was said before is no longer asked for.
    """
    query = scope.select(Assignment).where(
        Assignment.couple_id == couple_id,
        Assignment.slug == slug,
        Assignment.state == AssignmentState.OPEN,
        Assignment.released_at <= scope.now,
        Assignment.opens_at <= scope.now,
    )
    newest: Assignment | None = scope.first(query.order_by(Assignment.opens_at.desc(), Assignment.id))
    if newest is None:
        return ()
    return matches(scope, newest, exercises_for(scope, {newest.copy_id})[newest.copy_id])


def with_matches(scope: Scope) -> frozenset[str]:
    """Return the assignments in which both are open to something now."""
    standing = scope.select(OverlapMatch).where(OverlapMatch.until > scope.now)
    return frozenset(scope.all(standing.with_only_columns(OverlapMatch.assignment_id).distinct()))


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
    has_notes: bool = False
    """Whether the other partner noted something beside a log, for both to read."""
    only_notes: bool = False
    """Whether that is all there is to read."""


def together(scope: Scope) -> list[Together]:
    """Return the assignments of the couple with something to read for this partner, newest first."""
    others = scope.select(Answer).where(Answer.author_id != scope.account_id)
    theirs: dict[str, datetime] = {}
    noted: dict[str, datetime] = {}
    for each in scope.all(others):
        if each.item in LOGGED and not _note(each):
            # Days are shown without a name, so nothing here may follow from whose they are.
            continue
        kind = noted if each.item in LOGGED else theirs
        moment = max(each.open_at or each.sent_at, kind.get(each.assignment_id, each.sent_at))
        kind[each.assignment_id] = moment
    own = _logged_by_me(scope)
    words = scope.all(scope.select(Feedback).where(Feedback.author_id != scope.account_id))
    for each in words:
        theirs[each.assignment_id] = max(each.sent_at, theirs.get(each.assignment_id, each.sent_at))
    query = scope.select(Assignment).where(
        Assignment.released_at <= scope.now,
        or_(Assignment.id.in_(sorted({*theirs, *noted, *own})), Assignment.both_sent_at.is_not(None)),
    )
    assignments = scope.all(query)
    exercises = exercises_for(scope, {each.copy_id for each in assignments})
    # Of a habit that leads nothing tells when it was noted. Beside something else, only its notes are read here.
    habits = {
        each.id: each.opens_at
        for each in assignments
        if exercises[each.copy_id].lead is MechanicName.TRACKER
        and (each.id in {*theirs, *noted} or (each.id in own and _is_joint(exercises[each.copy_id])))
    }
    theirs |= {each: max(at, theirs.get(each, at)) for each, at in habits.items()}
    answered, standing = {each.assignment_id for each in words}, with_matches(scope)
    found = []
    for each in assignments:
        exercise, both_at = exercises[each.copy_id], each.both_sent_at
        if exercise.lead is MechanicName.OVERLAP and each.id not in standing:
            # Nothing in common any more looks like nothing in common ever.
            both_at = None
        is_told = each.id in theirs or (both_at is not None and exercise.lead in SHARED)
        if is_told or each.id in noted:
            moments = (theirs.get(each.id), both_at) if is_told else (noted[each.id],)
            found.append(
                Together(
                    each,
                    exercise,
                    both_at is not None,
                    max(filter(None, moments)),
                    has_words=each.id in answered,
                    has_notes=each.id in noted,
                    only_notes=not is_told,
                )
            )
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


def _is_joint(exercise: Exercise) -> bool:
    spec = exercise.spec(TrackerSpec)
    return spec is not None and spec.is_joint


def _logged_by_me(scope: Scope) -> set[str]:
    """Return the assignments in which the viewer has logged something."""
    query = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.part == MechanicName.TRACKER,
        Response.state == ResponseState.SENT,
        Response.period.not_like(f"{tracker.AFTERWARDS}%"),
    )
    return set(scope.all(query.with_only_columns(Response.assignment_id).distinct()))


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
        .where(
            Answer.assignment_id == Assignment.id,
            Answer.author_id != scope.account_id,
            # When somebody notes a habit is for nobody to wonder about.
            Answer.item.not_in(LOGGED),
        )
        .with_only_columns(func.max(Answer.open_at))
    )
    words = (
        scope.select(Feedback)
        .where(Feedback.assignment_id == Assignment.id, Feedback.author_id != scope.account_id)
        .with_only_columns(func.max(Feedback.sent_at))
    )
    standing = scope.select(OverlapMatch).where(
        OverlapMatch.assignment_id == Assignment.id, OverlapMatch.until > scope.now
    )
    matched = standing.with_only_columns(OverlapMatch.id).correlate(Assignment).exists()
    opened = theirs.correlate(Assignment).scalar_subquery()
    told = words.correlate(Assignment).scalar_subquery()
    query = (
        scope.select(Assignment)
        .where(
            Assignment.released_at <= scope.now,
            or_(opened > since, told > since, Assignment.both_sent_at > since),
        )
        .with_only_columns(Assignment.id, Assignment.copy_id, Assignment.both_sent_at, opened, told, matched)
    )
    rows = scope.rows(query)
    exercises = exercises_for(scope, {row[1] for row in rows})
    found = []
    for assignment_id, copy_id, both_at, answers_at, words_at, has_matches in rows:
        exercise = exercises[copy_id]
        is_shown = has_matches if exercise.lead is MechanicName.OVERLAP else exercise.lead in SHARED
        overlaps_at = both_at if is_shown else None
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
    query = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.state != ResponseState.AHEAD,
        # Of a ladder there is one line, whatever was said on it in between.
        or_(Response.part != MechanicName.LADDER, Response.period == ladder.ROUND),
        or_(Response.part != MechanicName.TRACKER, Response.period.not_like(f"{tracker.AFTERWARDS}%")),
    )
    newest: dict[str, Response] = {}
    for response in scope.all(query.order_by(Response.started_at.desc(), Response.id)):
        newest.setdefault(response.assignment_id, response)
    if not newest:
        return []
    assignments = scope.all(scope.select(Assignment).where(Assignment.id.in_(sorted(newest))))
    exercises = exercises_for(scope, {each.copy_id for each in assignments})
    found = [Own(each, exercises[each.copy_id], newest[each.id]) for each in assignments]
    return sorted(found, key=lambda own: own.response.sent_at or own.response.started_at, reverse=True)
