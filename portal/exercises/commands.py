"""What partners do with their exercises: begin, keep a draft, send, take back, leave out, log, react, share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.privacy import Audience, Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import follow_ups, matching
from portal.exercises.domain import Walk
from portal.exercises.mechanics.base import AT_ONCE, Delivery, MechanicName, Sent
from portal.exercises.mechanics.letter import LetterSpec, audience_of, response_text
from portal.exercises.mechanics.safety_items import about_safety
from portal.exercises.models import (
    Answer,
    Assignment,
    AssignmentState,
    Draft,
    Reaction,
    Response,
    ResponseState,
    Turn,
    Whom,
)
from portal.exercises.pathway_models import ADVANCE
from portal.exercises.queries import (
    Task,
    Until,
    answers_about_safety,
    as_sent_in,
    as_typed_in,
    is_beside,
    is_open_to_both,
    letter_under_way,
    my_choices,
    my_draft,
    sent_values,
    told_at,
    typed_in_draft,
)
from portal.exercises.safety import raise_flags
from portal.exercises.shelf import exercises_by_copy
from portal.people.couple_queries import circle
from portal.people.post import Message, call_off, post
from portal.questionnaires.model import Item, Value
from portal.questionnaires.validation import Checked, Error, check_draft, check_sending

TAKE_BACK = timedelta(minutes=10)
"""How long something that was sent can be taken back by its writer."""


class Incomplete(Exception):
    """Something must be answered before this can be sent; ``errors`` says what, by item key."""

    def __init__(self, errors: Mapping[str, Error]) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


class Conflict(Exception):
    """A draft was changed elsewhere meanwhile. ``theirs`` is what is kept now, ``mine`` what was sent."""

    def __init__(self, *, mine: Mapping[str, Value], theirs: Mapping[str, Value], revision: int) -> None:
        super().__init__("the draft was changed elsewhere")
        self.mine, self.theirs, self.revision = mine, theirs, revision


class TooLate(Exception):
    """The thing can no longer be done: the assignment has ended, or the time to take it back is over."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft that was kept: its revision, and what could not be kept of it, by item key."""

    revision: int
    errors: Mapping[str, Error]


def begin(scope: Scope, task: Task) -> Response:
    """Return the partner's response in this round, started if it wasn't; a left-out one is taken up again."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _check_running(task)
    response = task.response
    if response is None:
        response = scope.add(
            Response(
                couple_id=task.assignment.couple_id,
                assignment_id=task.assignment.id,
                author_id=scope.account_id,
                part=task.part,
                period=task.period,
                started_at=scope.now,
            )
        )
        _take_over(scope, task, response)
        return response
    if is_open_to_both(scope, task):
        raise TooLate("it is open to both")
    if response.state == ResponseState.AHEAD:
        response.started_at = scope.now
    if response.state in {ResponseState.AHEAD, ResponseState.DECLINED}:
        response.state = ResponseState.DRAFT
        scope.flush()
        _take_over(scope, task, response)
    return response


def _check_running(task: Task) -> None:
    if task.assignment.state != AssignmentState.OPEN:
        raise TooLate("the assignment has ended")


def _take_over(scope: Scope, task: Task, response: Response) -> None:
    """Begin a new round of an overlap with what the partner is open to by their last list, for them to look at again.

    It keeps the age of that list, so that consent never lasts longer for having been looked at.
    """
    chosen = my_choices(scope, task)
    if chosen is None or my_draft(scope, response) is not None:
        return
    draft = Draft(
        couple_id=response.couple_id, author_id=scope.account_id, response_id=response.id, revision=0
    )
    draft.values, draft.saved_at = dict(chosen.values), chosen.sent_at
    scope.add(draft)


def keep_draft(
    scope: Scope, task: Task, typed: Mapping[str, object], *, revision: int | None, replace: bool = False
) -> Kept:
    """Keep what a partner has typed in some items; other items of the draft stay as they are.

    ``typed`` maps item keys to raw values, None for "unanswered now". ``revision`` is the one that the page
    was made from; where another tab was quicker, Conflict is raised and nothing changes, unless ``replace``.
    """
    response = begin(scope, task)
    draft = my_draft(scope, response)
    current = _kept_so_far(scope, task, response, draft)
    checked = check_draft(task.form, {key: value for key, value in typed.items() if value is not None})
    merged = {key: value for key, value in current.items() if key not in typed}
    kept = {key: current[key] for key in checked.errors if key in current}
    values = {**merged, **kept, **checked.values}
    if draft is None:
        draft = Draft(
            couple_id=response.couple_id, author_id=scope.account_id, response_id=response.id, revision=0
        )
        draft.values, draft.saved_at = values, scope.now
        scope.add(draft)
    elif values == current:
        # A save that comes late and says nothing new must not make the page that follows it look old.
        draft.values, draft.saved_at = values, scope.now
        scope.flush()
        return Kept(draft.revision, checked.errors)
    elif not replace and revision is not None and revision != draft.revision:
        raise Conflict(mine={**current, **checked.values}, theirs=current, revision=draft.revision)
    draft.values, draft.saved_at, draft.revision = values, scope.now, draft.revision + 1
    scope.flush()
    return Kept(draft.revision, checked.errors)


def _kept_so_far(scope: Scope, task: Task, response: Response, draft: Draft | None) -> dict[str, Value]:
    if draft is None:
        return _sent_values(scope, task, response)
    found = typed_in_draft(scope, task, response, draft)
    return found | _sent_values(scope, task, response) if is_beside(task, found) else found


def _sent_values(scope: Scope, task: Task, response: Response) -> dict[str, Value]:
    return as_typed_in(task, sent_values(scope, task, response))


def check(scope: Scope, task: Task) -> Checked:
    """Return what would be sent now, and what is still missing."""
    values = _values_to_send(scope, task)
    return check_sending(task.form, values)


def _values_to_send(scope: Scope, task: Task) -> dict[str, Value]:
    if task.response is None:
        return {}
    draft = my_draft(scope, task.response)
    if draft is None or is_beside(task, draft.values):
        return _sent_values(scope, task, task.response)
    return _of_the_walk(task, typed_in_draft(scope, task, task.response, draft))


def send(scope: Scope, task: Task, *, once_key: str, delivery: Delivery = AT_ONCE) -> Response:
    """Send a partner's draft. Sending the same page again changes nothing and returns the same response.

    Raises Incomplete when something required is missing, and TooLate when the assignment has ended.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    if task.response is not None and task.response.once_key == once_key:
        return task.response
    _check_running(task)
    before = task.response
    draft = None if before is None else my_draft(scope, before)
    as_sent = draft is None or is_beside(task, draft.values)
    if before is not None and before.state == ResponseState.SENT and as_sent:
        return before
    response = begin(scope, task)
    draft = my_draft(scope, response)
    typed = _of_the_walk(task, {} if draft is None else typed_in_draft(scope, task, response, draft))
    # Who changes something else was not shown what they had answered about safety. It stays as they sent it.
    checked = check_sending(task.form, answers_about_safety(scope, task, response) | typed)
    errors = checked.errors | follow_ups.errors_in(scope, task, checked.values, delivery=delivery)
    if errors:
        raise Incomplete(errors)
    response.state, response.once_key = ResponseState.SENT, once_key
    response.sent_at, response.reviewed_at, response.reviewed_by = scope.now, None, None
    _put_answers(scope, task, response, as_sent_in(task, checked.values), delivery)
    raise_flags(
        scope, response, task.form, {key: value for key, value in checked.values.items() if key in typed}
    )
    follow_ups.remember(scope, task, response, checked.values)
    if draft is not None:
        _empty(scope, task, draft)
    opened = _meet(scope, task, response)
    _tell_partner(scope, task, response, opened=opened)
    record(scope, Action.SENT, subject_id=response.id, couple_id=response.couple_id)
    scope.nudge(ADVANCE, practice_id=scope.practice_id, couple_id=response.couple_id)
    return response


def _of_the_walk(task: Task, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a draft without what was typed on a part's own page."""
    return {key: value for key, value in values.items() if not task.is_aside or task.form.item(key)}


def _empty(scope: Scope, task: Task, draft: Draft) -> None:
    """Drop what was sent from a draft. What was typed on a part's own page stays with its writer."""
    sent = _of_the_walk(task, draft.values)
    beside = {key: value for key, value in draft.values.items() if key not in sent}
    if beside:
        draft.values, draft.revision = beside, draft.revision + 1
        scope.flush()
    else:
        scope.delete(draft)


def log(scope: Scope, task: Task, answers: Mapping[str, object], *, once_key: str) -> Response:
    """Keep and send a short log in one go. Sending the same page again changes nothing and leaves no draft behind."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    if task.response is not None and task.response.once_key == once_key:
        return task.response
    begun = replace(task, response=begin(scope, task))
    keep_draft(scope, begun, answers, revision=None)
    return send(scope, begun, once_key=once_key)


def _put_answers(
    scope: Scope, task: Task, response: Response, values: Mapping[str, Value], delivery: Delivery
) -> None:
    """Replace the answers of a response. Each gets the one audience that its form has stated.

    An answer that its writer had shared loses that with its old words: sharing is for one version only.
    """
    _delete_answers(scope, response)
    rows = []
    for item in task.form.questions:
        if item.key not in values:
            continue
        audience = _audience(task, item, delivery)
        row = Answer(
            couple_id=response.couple_id,
            assignment_id=response.assignment_id,
            response_id=response.id,
            author_id=response.author_id,
            item=item.key,
            period=response.period,
            audience=audience,
            lists_open=task.assignment.lists_open,
            sent_at=scope.now,
            open_at=task.walk.open_at(item, own=Sent(scope.now), audience=audience, delivery=delivery),
        )
        row.value = values[item.key]
        rows.append(row)
    scope.add_all(rows)


def _audience(task: Task, item: Item, delivery: Delivery) -> Audience:
    letter = task.exercise.spec(LetterSpec)
    if letter is not None and task.part is MechanicName.LETTER and letter.form.item(item.key) is not None:
        return audience_of(letter, delivery)
    return item.audience


def _tell_partner(scope: Scope, task: Task, response: Response, *, opened: bool) -> None:
    """Send the partner the neutral mail when something opens to them: a letter at its time, or what both answered.

    Nothing is sent for a log, nor for a change of mind: who is told nothing can't wonder why.
    """
    partner = circle(scope).partner_of(scope.account_id)
    if task.assignment.whom != Whom.BOTH and task.part is not MechanicName.LETTER:
        return
    if opened:
        post(scope, partner.account_id, Message.NEWS)
    elif task.part is MechanicName.LETTER:
        arrives = scope.first(
            scope.select(Answer).where(Answer.response_id == response.id, Answer.open_at.is_not(None))
        )
        if arrives is not None:
            post(scope, partner.account_id, Message.NEWS, due_at=arrives.open_at)


def _meet(scope: Scope, task: Task, response: Response) -> bool:
    """Open what opens once both have answered; say whether this happened now, for the first time.

    Works on both partners' rows, as the house.
    """
    in_common = task.part is MechanicName.OVERLAP and _meet_in_lists(scope, task)
    return _open_both(scope, task, response) or in_common


def _open_both(scope: Scope, task: Task, response: Response) -> bool:
    """Open both partners' answers once both are there; say whether this happened now, for the first time."""
    if not _opens_together(task):
        # That both have answered is itself private where nothing comes of it.
        return False
    # Of two who send at the same moment, the second has to see what the first has sent.
    matching.lock(scope, task.assignment)
    house = scope.as_house(response.couple_id)
    theirs = house.first(
        house.select(Response).where(
            Response.assignment_id == response.assignment_id,
            Response.part == response.part,
            Response.period == response.period,
            Response.author_id != response.author_id,
            Response.state == ResponseState.SENT,
        )
    )
    if theirs is None:
        return False
    first_time = task.assignment.both_sent_at is None
    if first_time:
        task.assignment.both_sent_at = scope.now
    for mine, other in ((response, theirs), (theirs, response)):
        _open_answers(house, task.walk, own=mine, other=other)
    scope.flush()
    shows = task.exercise.audience in {Audience.COUPLE, Audience.OVERLAP}
    return first_time and shows and not task.is_tracker


def _meet_in_lists(scope: Scope, task: Task) -> bool:
    """Compare both lists of an overlap anew; say whether there is something in common now, for the first time.

    Nothing opens before: that both have answered, and are open to nothing together, is never told.
    """
    found = matching.compare_lists(scope, task.assignment, task.exercise)
    first_time = found and task.assignment.both_sent_at is None
    if first_time:
        task.assignment.both_sent_at = scope.now
        scope.flush()
    return first_time


def withdraw_choices(scope: Scope, task: Task) -> None:
    """Take back everything that a partner chose in an overlap, in whichever round, sent or typed. Nobody is told."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    matching.lock(scope, task.assignment)
    chosen = {item.key for item in task.exercise.form.questions if item.audience is Audience.OVERLAP}
    query = scope.select(Response).where(
        Response.assignment_id == task.assignment.id,
        Response.author_id == scope.account_id,
        Response.part == MechanicName.OVERLAP,
    )
    for response in scope.all(query):
        own = Answer.response_id == response.id
        scope.session.execute(delete(Answer).where(own, Answer.audience == Audience.OVERLAP))
        draft = my_draft(scope, response)
        if draft is not None:
            draft.values = {key: value for key, value in draft.values.items() if key not in chosen}
            draft.revision += 1
        record(scope, Action.TAKEN_BACK, subject_id=response.id, couple_id=response.couple_id)
    scope.flush()
    matching.compare_lists(scope, task.assignment, task.exercise)


def _opens_together(task: Task) -> bool:
    """Say whether anything on the pages of a walk opens once both have answered."""
    return Label.LATER in {task.walk.label_of(item) for item in task.form.questions}


def _open_answers(house: Scope, walk: Walk, *, own: Response, other: Response) -> None:
    if own.sent_at is None or other.sent_at is None:
        return
    waiting = house.select(Answer).where(Answer.response_id == own.id, Answer.open_at.is_(None))
    for answer in house.all(waiting):
        item = walk.form.item(answer.item)
        if item is None or answer.audience != Audience.COUPLE:
            continue
        opens = walk.open_at(item, own=Sent(own.sent_at), other=Sent(other.sent_at))
        answer.open_at = None if opens is None else max(opens, other.sent_at)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one partner has to do now in something that two do together.

    ``round`` names questions for them alone that it brought; from ``at`` on they are asked to look at it again.
    """

    turn: Turn
    round: str | None = None
    at: datetime | None = None


def note_turns(scope: Scope, task: Task, asked: Mapping[Seat, Asked]) -> None:
    """Keep what each partner has to do now in something that two do together, for their own lists only.

    Written for both, as the house: neither can tell from their own row what the other has seen or begun. Their lists
    need nothing else, however much goes on at once.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    house, people = scope.as_house(task.assignment.couple_id), circle(scope)
    query = house.select(Response).where(
        Response.assignment_id == task.assignment.id,
        Response.part == task.part,
        Response.period == task.period,
    )
    rows = {each.author_id: each for each in house.all(query)}
    for seat, one in asked.items():
        account_id = people.at(seat).account_id
        row = rows.get(account_id)
        if row is None:
            row = Response(
                couple_id=task.assignment.couple_id,
                assignment_id=task.assignment.id,
                author_id=account_id,
                part=task.part,
                period=task.period,
                state=ResponseState.AHEAD,
                started_at=scope.now,
            )
            house.add(row)
        row.turn, row.asked_round, row.asked_at = one.turn, one.round, one.at
    house.flush()


def open_together(scope: Scope, assignment: Assignment) -> None:
    """Note from when on there is something that belongs to both. It is never taken back."""
    scope.require(Permission.DO_HOMEWORK, couple_id=assignment.couple_id)
    if assignment.both_sent_at is None:
        assignment.both_sent_at = scope.now
        scope.flush()
        scope.nudge(ADVANCE, practice_id=scope.practice_id, couple_id=assignment.couple_id)


def decline(scope: Scope, task: Task) -> None:
    """Leave an exercise out, this time. The partner sees the same as before; the therapist sees that it was so."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _check_running(task)
    if task.response is not None and task.response.state == ResponseState.SENT:
        raise TooLate("it was sent")
    response = begin(scope, task)
    response.state = ResponseState.DECLINED
    draft = my_draft(scope, response)
    if draft is not None:
        scope.delete(draft)
    record(scope, Action.DECLINED, subject_id=response.id, couple_id=response.couple_id)


def can_take_back(scope: Scope, task: Task) -> Until | None:
    """Return until when what was sent can still be taken back; ``None`` where it can't be any more.

    A letter that hasn't reached its receiver can be, until it does. Anything else can be for ten minutes, unless both
    lists have opened, or the therapist has opened some of it.
    """
    response = task.response
    if response is None or response.state != ResponseState.SENT or response.sent_at is None:
        return None
    if task.exercise.is_placed or task.is_aside or task.part in {MechanicName.OVERLAP, MechanicName.TRACKER}:
        # Overlaps are changed and logs corrected at any time; there is nothing to take back.
        return None
    waits_for = letter_under_way(scope, task, response)
    if waits_for is not None:
        return waits_for
    # Who has read the other's answers can't withdraw their own unread, and what was opened in a session was heard.
    opened = task.part is MechanicName.QUESTIONNAIRE and is_open_to_both(scope, task)
    if opened or _was_opened(scope, response) or scope.now - response.sent_at >= TAKE_BACK:
        return None
    return Until.MINUTES


def _was_opened(scope: Scope, response: Response) -> bool:
    """Say whether the therapist has opened any of what was given into their hands."""
    opened = scope.select(Answer).where(
        Answer.response_id == response.id, Answer.audience == Audience.HELD, Answer.open_at.is_not(None)
    )
    return scope.first(opened) is not None


def take_back(scope: Scope, task: Task) -> None:
    """Turn what was sent back into a draft. Raises TooLate when that is no longer possible."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _hold_still(scope, task)
    if can_take_back(scope, task) is None:
        raise TooLate("the time to take it back is over")
    make_draft_again(scope, task)


def _hold_still(scope: Scope, task: Task) -> None:
    """See what was sent as it stands now, and let nobody open it before this transaction has ended."""
    if task.response is not None:
        sent = (
            scope.select(Answer).where(Answer.response_id == task.response.id).with_for_update(key_share=True)
        )
        scope.all(sent.execution_options(populate_existing=True))


def make_draft_again(scope: Scope, task: Task) -> None:
    """Turn what was sent into a draft, for commands that have made sure that this is still possible.

    A draft that was begun since then is the newer one, and stays. What was answered about safety is not put back: who
    sends it again answers it afresh.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    response = task.response
    if response is None:
        return
    if my_draft(scope, response) is None:
        draft = Draft(
            couple_id=response.couple_id, author_id=scope.account_id, response_id=response.id, revision=0
        )
        draft.values, draft.saved_at = _sent_values(scope, task, response), scope.now
        scope.add(draft)
    _call_off(scope, response)
    follow_ups.forget(scope, response)
    _delete_answers(scope, response)
    response.state, response.sent_at, response.once_key = ResponseState.DRAFT, None, None
    record(scope, Action.TAKEN_BACK, subject_id=response.id, couple_id=response.couple_id)


def _delete_answers(scope: Scope, response: Response) -> None:
    """Delete what was sent in a round, with what the partner has answered to those very words."""
    scope.session.execute(delete(Answer).where(Answer.response_id == response.id))
    scope.session.execute(delete(Reaction).where(Reaction.response_id == response.id))


def _call_off(scope: Scope, response: Response) -> None:
    """Drop the mail about a letter that hasn't arrived: its hour would tell that there was one.

    One mail tells of everything that opens at a moment, so it stays where something else of the writer's does.
    """
    mine = scope.select(Answer).where(Answer.author_id == scope.account_id, Answer.open_at > scope.now)
    coming = scope.all(mine.where(Answer.couple_id == response.couple_id))
    moments = {each.open_at for each in coming if each.response_id == response.id}
    ahead = scope.select(Assignment).where(
        Assignment.couple_id == response.couple_id, Assignment.opens_at > scope.now
    )
    kept = {each.open_at for each in coming if each.response_id != response.id}
    kept |= {told_at(each) for each in scope.all(ahead)}
    partner = circle(scope).partner_of(scope.account_id)
    for moment in sorted(filter(None, moments - kept)):
        call_off(scope, partner.account_id, due_at=moment)


def react(scope: Scope, response_id: str, choice: str, *, assignment_id: str | None = None) -> Reaction:
    """Answer a letter with one of its guided choices.

    Raises Refused for a letter that isn't open to the viewer, or isn't part of the assignment where one is named.
    """
    scope.require(Permission.DO_HOMEWORK)
    letter = scope.one(
        scope.select(Answer).where(Answer.response_id == response_id, Answer.author_id != scope.account_id)
    )
    if assignment_id not in {None, letter.assignment_id}:
        raise Refused("belongs to another exercise")
    assignment = scope.find(Assignment, letter.assignment_id)
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    spec = exercise.spec(LetterSpec)
    if spec is None or response_text(spec, choice) is None:
        raise Refused("not one of the choices")
    mine = scope.first(
        scope.select(Reaction).where(
            Reaction.response_id == response_id, Reaction.author_id == scope.account_id
        )
    )
    if mine is not None:
        mine.choice = choice
        return mine
    return scope.add(
        Reaction(
            couple_id=assignment.couple_id,
            response_id=response_id,
            author_id=scope.account_id,
            audience=Audience.COUPLE,
            sent_at=scope.now,
            open_at=scope.now,
            choice=choice,
        )
    )


def share(scope: Scope, answer_id: str) -> Answer:
    """Let the partner read one answer of one's own. It is one answer at a time, and it is written down."""
    scope.require(Permission.DO_HOMEWORK)
    answer = my_shareable(scope, answer_id)
    answer.audience, answer.shared_at, answer.open_at = Audience.COUPLE, scope.now, scope.now
    record(scope, Action.WIDENED, subject_id=answer.id, couple_id=answer.couple_id)
    return answer


def my_shareable(scope: Scope, answer_id: str) -> Answer:
    """Return an own answer that may be shared. Raises Refused for any other."""
    answer: Answer = scope.find(Answer, answer_id)
    assignment = scope.find(Assignment, answer.assignment_id)
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    mine = answer.author_id == scope.account_id and answer.sent_at is not None
    guarded = answer.item in about_safety(exercise.form)
    if not (mine and exercise.shareable and answer.audience == Audience.THERAPIST) or guarded:
        raise Refused("can't be shared")
    return answer
