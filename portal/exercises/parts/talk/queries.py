"""Reads of talks: the moves of a round, whether a page is still up to date, and words that were never sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import and_, bindparam, select

from portal.access.questions import MOMENT, PRACTICE, Question, partners_see
from portal.access.scope import Scope
from portal.access.vault import CannotOpen
from portal.exercises.mechanics.dialogue import DialogueSpec
from portal.exercises.mechanics.talk import state_of
from portal.exercises.mechanics.talk_model import Move, MoveKind, Talk
from portal.exercises.models import Assignment, AssignmentState, Draft
from portal.exercises.part_models import TalkMove
from portal.exercises.queries import Task, my_draft
from portal.kit.db import ONE
from portal.people.couple_queries import Circle

GONE: Final = "…"
"""Stands for words that can't be read any more, because their writer's key was destroyed."""

WORDS: Final = "talk"
"""The key in a draft below which the words lie that were typed on the page of a talk, by what they are for."""


def spec_of(task: Task) -> DialogueSpec:
    """Return what the exercise says about the talk. Raises ``LookupError`` for one without a talk."""
    spec = task.exercise.spec(DialogueSpec)
    if spec is None:
        raise LookupError("not a talk")
    return spec


def moves_of(scope: Scope, assignment_id: str, period: str, people: Circle) -> tuple[Move, ...]:
    """Return the moves of one talk in their order, as far as the viewer may read them: all, once they were sent."""
    query = scope.select(TalkMove).where(TalkMove.assignment_id == assignment_id, TalkMove.period == period)
    return tuple(_move(row, people) for row in scope.all(query.order_by(TalkMove.number)))


def talks_of(scope: Scope, assignment_id: str, people: Circle) -> dict[str, tuple[Move, ...]]:
    """Return every talk of an assignment by its round, the newest first."""
    query = scope.select(TalkMove).where(TalkMove.assignment_id == assignment_id)
    found: dict[str, tuple[Move, ...]] = {}
    for row in scope.all(query.order_by(TalkMove.period.desc(), TalkMove.number)):
        found[row.period] = (*found.get(row.period, ()), _move(row, people))
    return found


def _move(row: TalkMove, people: Circle) -> Move:
    seat = people.person(row.author_id).seat
    return Move(seat, MoveKind(row.kind), _words(row), row.at, row.back_at)


def _words(row: TalkMove) -> str:
    try:
        return row.text
    except CannotOpen:
        return GONE


def talk_of(task: Task, moves: Sequence[Move]) -> Talk:
    """Return where a talk stands."""
    return state_of(spec_of(task), moves)


@dataclass(frozen=True, slots=True)
class Begun:
    """A talk that was begun: its round, and when its first move was made."""

    period: str
    since: datetime


def begun(scope: Scope, assignment_id: str) -> list[Begun]:
    """Return the talks of an assignment that were begun, the newest first."""
    query = scope.select(TalkMove).where(TalkMove.assignment_id == assignment_id, TalkMove.number == 1)
    rows = scope.rows(query.with_only_columns(TalkMove.period, TalkMove.at).order_by(TalkMove.period.desc()))
    return [Begun(period, at) for period, at in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a talk is: as much as a page needs to know whether anything has changed."""

    revision: int
    is_open: bool
    """Whether its assignment is still running."""


def standing(scope: Scope, assignment_id: str, period: str) -> Standing | None:
    """Return how far a talk is, in one small query that opens no text; None for an assignment out of sight."""
    row = scope.put(_how_far(), assignment_id=assignment_id, period=period)
    return Standing(row.number or 0, row.state == AssignmentState.OPEN) if row is not None else None


@cache
def _how_far() -> Question:
    """Return the question how far a talk is, which its pages ask every few seconds.

    Moves are only counted: whoever sees an assignment of a couple sees that each of them was made.
    """
    moved = and_(
        TalkMove.practice_id == PRACTICE,
        TalkMove.assignment_id == Assignment.id,
        TalkMove.period == bindparam("period"),
    )
    query = (
        select(Assignment.state, TalkMove.number)
        .outerjoin(TalkMove, moved)
        .where(
            Assignment.practice_id == PRACTICE,
            Assignment.id == bindparam("assignment_id"),
            Assignment.released_at <= MOMENT,
            partners_see(Assignment),
        )
        .order_by(TalkMove.number.desc())
        .limit(ONE)
    )
    return Question(query)


@dataclass(frozen=True, slots=True)
class Kept:
    """Words that were typed and not sent, and how often they were kept since they were begun."""

    words: str
    revision: int


NOTHING: Final = Kept("", 0)


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a partner has typed and not sent, by what it was for. Nobody else can read it or see that it is there."""

    by_writing: Mapping[str, Kept]
    saved_at: datetime | None = None

    def at(self, writing: str) -> Kept:
        """Return what was typed for one thing."""
        return self.by_writing.get(writing, NOTHING)

    def besides(self, writing: str) -> dict[str, str]:
        """Return what was typed for anything else, oldest first."""
        return {name: kept.words for name, kept in self.by_writing.items() if name != writing and kept.words}


def unsent(scope: Scope, task: Task) -> Unsent:
    """Return what the viewer has typed in one talk and not sent."""
    draft = None if task.response is None else my_draft(scope, task.response)
    return Unsent({}) if draft is None else unsent_in(draft)


def unsent_in(draft: Draft) -> Unsent:
    """Return the words for a talk that a draft holds."""
    found = {name: Kept(words, revision) for name, (words, revision) in draft.values.get(WORDS, {}).items()}
    return Unsent(found, draft.saved_at)


def sent_before(scope: Scope, task: Task, *, once_key: str) -> str | None:
    """Return the words of the viewer's own move that a page with this key has made; None if it has made none."""
    query = scope.select(TalkMove).where(
        TalkMove.assignment_id == task.assignment.id,
        TalkMove.author_id == scope.account_id,
        TalkMove.once_key == once_key,
    )
    row: TalkMove | None = scope.first(query)
    return None if row is None else _words(row)


def was_said(scope: Scope, task: Task, words: str) -> bool:
    """Say whether the viewer has said words of this talk that begin like these: then they are no draft any more."""
    query = scope.select(TalkMove).where(
        TalkMove.assignment_id == task.assignment.id,
        TalkMove.period == task.period,
        TalkMove.author_id == scope.account_id,
    )
    return any(_words(row).startswith(words.strip()) for row in scope.all(query))
