"""What a therapist reads of a couple's talks: what was said, how often it was put right, how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.dialogue import DialogueSpec
from portal.exercises.mechanics.talk import state_of
from portal.exercises.mechanics.talk_model import Ending, Move, MoveKind, Talk
from portal.exercises.mechanics.talk_view import turns_of
from portal.exercises.parts.base import Closing, closings
from portal.exercises.parts.talk.queries import talks_of
from portal.exercises.parts.talk.words import Quoted, quoted
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, Person
from portal.web.translate import _, _n


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """How often one partner has put right what was said back to them."""

    person: Person
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkShown:
    """One talk as its therapist reads it. Nothing says who paused or ended it."""

    since: datetime
    until: datetime
    topic: str
    how: str
    is_over: bool
    put_right: tuple[Put, ...]
    turns: tuple[Quoted, ...]
    closings: tuple[Closing, ...]


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return the talks of an assignment, newest first; None while nobody has begun one."""
    spec = work.exercise.spec(DialogueSpec)
    talks = talks_of(scope, work.assignment.id, people)
    if spec is None or not talks:
        return None
    answered = closings(scope, work, people, part=MechanicName.DIALOGUE, form=spec.form)
    return {"talks": [_talk(spec, moves, people, period, answered) for period, moves in talks.items()]}


def _talk(
    spec: DialogueSpec, moves: Sequence[Move], people: Circle, period: str, answered: Sequence[Closing]
) -> TalkShown:
    talk = state_of(spec, moves)
    return TalkShown(
        since=moves[0].at,
        until=moves[-1].at,
        topic=talk.topic,
        how=_how(talk),
        is_over=talk.ending is not None,
        put_right=tuple(_put_right(moves, person) for person in (people.a, people.b)),
        turns=tuple(quoted(spec, turn, people) for turn in turns_of(spec, moves)),
        closings=tuple(each for each in answered if each.period == period),
    )


def _how(talk: Talk) -> str:
    if talk.ending is Ending.COMPLETE:
        return _("Complete")
    if talk.ending is Ending.STOPPED:
        return _("Stopped before its end")
    return _("Paused") if talk.pause is not None else _("Going on")


def _put_right(moves: Sequence[Move], person: Person) -> Put:
    count = sum(move.kind is MoveKind.CLARIFY and move.seat is person.seat for move in moves)
    words = (
        _n("put it right once", "put it right %(num)s times", count) if count else _("nothing to put right")
    )
    return Put(person=person, words=words)
