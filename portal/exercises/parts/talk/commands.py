"""What partners do in a talk: one move at a time; and keeping words for them that were not sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.commands import Asked, Conflict, TooLate, begin, note_turns, open_together
from portal.exercises.mechanics.talk import play
from portal.exercises.mechanics.talk_model import WRITTEN, Move, MoveKind, Talk
from portal.exercises.mechanics.talk_view import Expectation, expected_of, is_asked
from portal.exercises.models import Assignment, AssignmentState, Draft, Turn
from portal.exercises.part_models import TalkMove
from portal.exercises.parts.talk.queries import (
    WORDS,
    Unsent,
    moves_of,
    sent_before,
    spec_of,
    talk_of,
    unsent,
    unsent_in,
    was_said,
)
from portal.exercises.queries import Task, my_draft
from portal.people.couple_queries import circle
from portal.people.post import Message, call_off, post

AWAY: Final = timedelta(hours=1)
"""How long it must have been somebody's turn before they are told by mail."""

WORDS_LENGTH: Final = 10_000
"""The longest words that are kept unsent; what can be sent is shorter."""

ONCE_LENGTH: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Words on a page: what they are for (`Talk.writing`), and the revision of what the page had found kept."""

    writing: str
    words: str
    revision: int | None = None


NOTHING_TYPED: Final = Typed(writing="", words="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a partner does in a talk. ``seen`` is the ``place`` of the page on which it was done.

    ``back_at`` is a time to go on: the one that they name, or the one that their page showed when they agreed to it.
    """

    kind: MoveKind
    typed: Typed = NOTHING_TYPED
    back_at: datetime | None = None
    seen: int | None = None
    once_key: str = ""


def act(scope: Scope, task: Task, done: Act) -> None:
    """Make one move in the talk of a task's round. The same page sent again changes nothing.

    What was typed beside a move that carries no words stays kept. Raises TooLate when the assignment has ended, and
    what `talk.play` raises when the move doesn't fit: keep its words then.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _alone(scope, task.assignment)
    if _is_repeated(scope, task, done):
        return
    own = replace(task, response=begin(scope, task))
    people = circle(scope, task.assignment.couple_id)
    moves = moves_of(scope, task.assignment.id, task.period, people)
    move = _move(people.person(scope.account_id).seat, done, scope.now)
    after = play(spec_of(task), moves, move, seen=done.seen)
    if done.kind in WRITTEN:
        _let_go(scope, own, done.typed)
    elif done.typed.words.strip():
        put_by(scope, own, done.typed)
    if len(after) > len(moves):
        _append(scope, own, done, move, number=len(after))
        _pass_on(scope, own, moves, after)


def _alone(scope: Scope, assignment: Assignment) -> None:
    """Let nobody else move in this talk until the commit, and see the assignment as it is by now.

    SQLite lets one transaction write at a time anyway; PostgreSQL locks the row.
    """
    query = scope.select(Assignment).where(Assignment.id == assignment.id)
    scope.one(query.with_for_update(key_share=True).execution_options(populate_existing=True))


def _is_repeated(scope: Scope, task: Task, done: Act) -> bool:
    """Say whether this very page was sent before. Other words from a page that was gone back to are something new."""
    before = sent_before(scope, task, once_key=done.once_key) if done.once_key else None
    return before is not None and before.strip() == (done.typed.words.strip() if done.kind in WRITTEN else "")


def _move(seat: Seat, done: Act, now: datetime) -> Move:
    words = done.typed.words.strip() if done.kind in WRITTEN else ""
    return Move(seat, done.kind, words, now, done.back_at)


def _append(scope: Scope, task: Task, done: Act, move: Move, *, number: int) -> None:
    row = TalkMove(
        couple_id=task.assignment.couple_id,
        assignment_id=task.assignment.id,
        author_id=scope.account_id,
        audience=Audience.COUPLE,
        sent_at=scope.now,
        open_at=scope.now,
        lists_open=False,
        period=task.period,
        number=number,
        kind=move.kind.value,
        at=move.at,
        back_at=move.back_at,
        once_key=done.once_key[:ONCE_LENGTH] or None,
    )
    row.text = move.text
    scope.add(row)
    if move.kind in WRITTEN:
        # Who paused or ended a talk is written down nowhere but in the talk itself.
        record(scope, Action.SENT, subject_id=row.id, couple_id=row.couple_id)


def _pass_on(scope: Scope, task: Task, before: Sequence[Move], after: Sequence[Move]) -> None:
    """Do what follows from a move for both: whose turn it is on their lists, and a mail for who isn't there."""
    was, now = talk_of(task, before), talk_of(task, after)
    note_turns(scope, task, {seat: Asked(turn_of(now, seat)) for seat in Seat})
    if now.ending is not None:
        open_together(scope, task.assignment)
    _tell(scope, task, before, after[-1], was=was, now=now)


def turn_of(talk: Talk, seat: Seat) -> Turn:
    """Return what a partner has to do in a talk now, for their own list of things to do."""
    match expected_of(talk, seat):
        case Expectation.AFTERWARDS:
            return Turn.OVER
        case Expectation.REST:
            return Turn.REST
        case _:
            return Turn.YOURS if is_asked(talk, seat) else Turn.THEIRS


def _tell(scope: Scope, task: Task, before: Sequence[Move], move: Move, *, was: Talk, now: Talk) -> None:
    """Let the other know by mail that something is asked of them, unless they come by themselves within the hour."""
    people, other = circle(scope, task.assignment.couple_id), move.seat.other
    for made in _since_own(before, move.seat):
        call_off(scope, scope.account_id, due_at=made.at + AWAY)
    if now.ending is not None:
        for made in _since_own([*before, move], other):
            call_off(scope, people.at(other).account_id, due_at=made.at + AWAY)
    was_asked = bool(before) and is_asked(was, other)
    if now.ending is not None and not _was_here(before, other, move.at):
        post(scope, people.at(other).account_id, Message.NEWS)
    elif now.ending is None and is_asked(now, other) and not was_asked:
        post(scope, people.at(other).account_id, Message.NEWS, due_at=move.at + AWAY)


def _since_own(moves: Sequence[Move], seat: Seat) -> list[Move]:
    """Return the moves that the other has made since a partner's own last one."""
    own = max((number for number, each in enumerate(moves) if each.seat is seat), default=-1)
    return list(moves[own + 1 :])


def _was_here(moves: Sequence[Move], seat: Seat, now: datetime) -> bool:
    return any(each.seat is seat and now - each.at < AWAY for each in moves)


def keep_words(scope: Scope, task: Task, typed: Typed) -> int:
    """Keep what a partner is typing, for them alone, and return its new revision. Empty words are forgotten.

    Words for a point that the talk has passed are kept as well. Raises Conflict, and changes nothing, where another
    window was quicker; and TooLate where the assignment ended before the partner had begun.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    _alone(scope, task.assignment)
    own = _own(scope, task)
    draft = my_draft(scope, own.response) if own.response is not None else None
    kept = {} if draft is None else dict(draft.values.get(WORDS, {}))
    words, revision = kept.get(typed.writing, ("", 0))
    if typed.words == words:
        return int(revision)
    if words and typed.revision is not None and typed.revision != revision:
        raise Conflict(
            mine={typed.writing: typed.words}, theirs={typed.writing: words}, revision=int(revision)
        )
    if not words and typed.words.strip() and was_said(scope, task, typed.words):
        # A save that comes after its words were sent.
        return int(revision)
    kept[typed.writing] = (typed.words[:WORDS_LENGTH], int(revision) + 1)
    _write(scope, own, draft, kept)
    return int(revision) + 1


def put_by(scope: Scope, task: Task, typed: Typed) -> None:
    """Keep words that could not be sent, or were not meant to be yet, whatever another window has kept meanwhile."""
    try:
        keep_words(scope, task, typed)
    except Conflict:
        kept = unsent(scope, _own(scope, task))
        beside = _free_beside(typed.writing, kept, typed.words)
        keep_words(scope, task, replace(typed, writing=beside, revision=None))


def _free_beside(writing: str, kept: Unsent, words: str) -> str:
    """Return a name under which words can lie beside others for the same thing, without writing over any."""
    names = (f"{writing}~{number}" for number in count(1))
    return next(name for name in names if kept.at(name).words in {"", words})


def throw_away(scope: Scope, task: Task, writing: str) -> None:
    """Forget words that were never sent, at their writer's wish."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    draft = my_draft(scope, task.response) if task.response is not None else None
    if draft is not None:
        kept = {name: words for name, words in draft.values.get(WORDS, {}).items() if name != writing}
        _write(scope, task, draft, kept)


def _own(scope: Scope, task: Task) -> Task:
    if task.assignment.state == AssignmentState.OPEN:
        return replace(task, response=begin(scope, task))
    if task.response is None:
        raise TooLate("the assignment has ended")
    return task


def _let_go(scope: Scope, task: Task, sent: Typed) -> None:
    """Drop a draft whose words were sent. What another window has kept at the same place stays, beside the talk."""
    draft = my_draft(scope, task.response) if task.response is not None else None
    if draft is None:
        return
    found = unsent_in(draft).at(sent.writing)
    kept = {name: value for name, value in draft.values.get(WORDS, {}).items() if name != sent.writing}
    from_elsewhere = sent.revision is not None and sent.revision != found.revision
    if from_elsewhere and found.words and found.words.strip() not in sent.words:
        kept[_free_beside(sent.writing, unsent_in(draft), found.words)] = (found.words, 1)
    _write(scope, task, draft, kept)


def _write(scope: Scope, task: Task, draft: Draft | None, kept: Mapping[str, Any]) -> None:
    if draft is None:
        if task.response is None:
            return
        draft = Draft(
            couple_id=task.assignment.couple_id,
            author_id=scope.account_id,
            response_id=task.response.id,
            revision=0,
        )
        draft.values, draft.saved_at = {WORDS: dict(kept)}, scope.now
        scope.add(draft)
        return
    walked = {key: value for key, value in draft.values.items() if key != WORDS}
    held = {name: value for name, value in kept.items() if value[0].strip()}
    if not walked and not held:
        scope.delete(draft)
        return
    draft.values = walked | ({WORDS: held} if held else {})
    draft.revision, draft.saved_at = draft.revision + 1, scope.now
    scope.flush()
