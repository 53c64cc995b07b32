"""What each partner's page shows of a talk: turns that were sent, what is asked of them, and the time that is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.viewer import Seat
from portal.exercises.mechanics.dialogue import DialogueSpec, Stage, StageKind
from portal.exercises.mechanics.talk import choices, retold, state_of
from portal.exercises.mechanics.talk_model import WRITTEN, Ending, Move, MoveKind, Phase, Talk


class Expectation(StrEnum):
    """What a page asks of one partner now."""

    TOPIC = "topic"
    FIRST = "first"
    WRITE = "write"
    CONFIRM = "confirm"
    LISTEN = "listen"
    """Nothing: it is the other's turn, and the page can be closed."""
    REST = "rest"
    AFTERWARDS = "afterwards"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """A timed stage as a page shows it; ``left`` ends at nothing, and then nothing happens."""

    total: timedelta
    left: timedelta
    is_running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something that was said, as both partners and the therapist read it."""

    by: Seat
    kind: MoveKind
    stage: str
    title: str
    text: str
    at: datetime
    half: int
    piece: int
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that one partner's page may be drawn from."""

    turns: tuple[Turn, ...]
    phase: Phase
    expected: Expectation
    choices: frozenset[MoveKind]
    topic: str
    other_would_listen: bool
    is_speaker: bool
    half: int
    piece: int
    round: int
    stage: Stage | None
    writing: str
    """A name for what this partner writes at this point, in a pause too; empty where they write nothing."""
    may_leave_it: bool
    """Suggest leaving it there: it has been put right often enough."""
    is_paused: bool
    back_at: datetime | None
    back_is_agreed: bool
    ending: Ending | None
    revision: int
    place: int
    """Goes into the form of a turn and comes back as ``seen`` of ``play``."""


def turns_of(spec: DialogueSpec, moves: Sequence[Move]) -> tuple[Turn, ...]:
    """Return what was said so far, in order: the same for both partners, the therapist and a report."""
    return _turns(list(retold(spec, moves)))


def _turns(told: Sequence[tuple[Talk, Move, Talk]]) -> tuple[Turn, ...]:
    return tuple(_turn(before, move) for before, move, _ in told if move.kind in _SPOKEN)


_SPOKEN: Final = (WRITTEN - {MoveKind.TOPIC}) | {MoveKind.YES, MoveKind.LET_BE}


def _turn(talk: Talk, move: Move) -> Turn:
    return Turn(
        by=move.seat,
        kind=move.kind,
        stage=talk.stage.key if talk.stage else "",
        title=talk.stage.title if talk.stage else "",
        text=move.text,
        at=move.at,
        half=talk.half,
        piece=talk.piece,
        round=talk.round,
    )


def visible_to(spec: DialogueSpec, moves: Sequence[Move], seat: Seat) -> View:
    """Return the talk as one partner may see it: turns that were sent, what is asked of them, and no names of acts."""
    told = list(retold(spec, moves))
    talk = told[-1][2] if told else state_of(spec, ())
    open_to_seat = choices(spec, talk, seat)
    return View(
        turns=_turns(told),
        phase=talk.phase,
        expected=expected_of(talk, seat),
        choices=open_to_seat,
        topic=talk.topic,
        other_would_listen=seat.other in talk.would_listen,
        is_speaker=talk.speaker is seat,
        half=talk.half,
        piece=talk.piece,
        round=talk.round,
        stage=talk.stage,
        writing=talk.writing if talk.writes(seat) else "",
        may_leave_it=MoveKind.LET_BE in open_to_seat,
        is_paused=talk.pause is not None,
        back_at=talk.pause.back_at if talk.pause else None,
        back_is_agreed=talk.pause is not None and talk.pause.is_agreed,
        ending=talk.ending,
        revision=talk.revision,
        place=talk.place,
    )


def expected_of(talk: Talk, seat: Seat) -> Expectation:
    """Return what a talk asks of one partner."""
    if talk.ending is not None:
        return Expectation.AFTERWARDS
    if talk.pause is not None:
        return Expectation.REST
    if talk.phase is Phase.TOPIC:
        return Expectation.TOPIC
    if talk.phase is Phase.FIRST:
        return Expectation.FIRST
    if seat not in talk.still:
        return Expectation.LISTEN
    is_confirm = talk.stage is not None and talk.stage.kind is StageKind.CONFIRM
    return Expectation.CONFIRM if is_confirm else Expectation.WRITE


def is_asked(talk: Talk, seat: Seat) -> bool:
    """Say whether anything is asked of a partner that only they can do: nobody is asked twice for one thing."""
    match expected_of(talk, seat):
        case Expectation.LISTEN | Expectation.REST:
            return False
        case Expectation.TOPIC:
            return talk.topic_by is not seat
        case Expectation.FIRST:
            return seat not in talk.would_listen or seat.other in talk.would_listen
        case _:
            return True


def time_left(talk: Talk, now: datetime) -> TimeLeft | None:
    """Return the timer of the present stage, or nothing if the stage has none. It stands while the talk rests."""
    if talk.stage is None or talk.stage.seconds is None:
        return None
    total = timedelta(seconds=talk.stage.seconds)
    if talk.timer is None:
        return TimeLeft(total=total, left=total, is_running=False)
    until = talk.pause.since if talk.pause else now
    used = max(until - talk.timer.started - talk.timer.stood, timedelta())
    left = max(total - used, timedelta())
    return TimeLeft(total=total, left=left, is_running=talk.pause is None and left > timedelta())


def is_quiet(spec: DialogueSpec, moves: Sequence[Move], now: datetime) -> bool:
    """Say whether nothing has happened for so long that a page may ask both alike whether to go on or to close."""
    talk = state_of(spec, moves)
    if not moves or talk.ending is not None:
        return False
    named = talk.pause.back_at if talk.pause else None
    return now - max(moves[-1].at, named or moves[-1].at) >= spec.quiet_after
