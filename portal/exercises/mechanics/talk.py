"""The rules of taking turns: a list of moves goes in, what is whose turn comes out. Time is always an argument.

What the pages have to do: keep moves in order (couple, assignment, period, number from 1 on, unique, so that two moves
at the same moment can't both win); for each request ``play`` the move on what is kept, and append the last of the
result if there is one more; catch `talk_model.Refused`, whose ``move`` has the text, keep that text as the writer's
draft and show the talk as it is now. A partner's page is drawn from `talk_view.visible_to` alone, and a poll compares
its ``revision``. The timer only shows: nothing is cut off, sent or passed on by time.

Anyone may pause, resume and end at any moment, without a reason; what is shown never says who did. These three never
fail: asked for twice, they have happened.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from portal.access.viewer import Seat
from portal.exercises.mechanics.dialogue import (
    TOPIC_LENGTH,
    By,
    DialogueSpec,
    First,
    Stage,
    StageKind,
    TopicKind,
)
from portal.exercises.mechanics.talk_model import (
    ASIDE,
    BOTH,
    CARE,
    NOBODY,
    WRITTEN,
    Ending,
    Move,
    MovedOn,
    MoveKind,
    NotYourTurn,
    OutOfOrder,
    Pause,
    Phase,
    Talk,
    Timer,
    UnfitText,
)


def state_of(spec: DialogueSpec, moves: Sequence[Move]) -> Talk:
    """Return what follows from moves in their order; raises ``Refused`` if one of them doesn't fit."""
    talk = _beginning(spec)
    for _, _, after in retold(spec, moves):
        talk = after
    return talk


def retold(spec: DialogueSpec, moves: Sequence[Move]) -> Iterator[tuple[Talk, Move, Talk]]:
    """Yield each move with the talk before and after it; raises ``Refused`` at one that doesn't fit."""
    talk = _beginning(spec)
    for move in moves:
        _check(spec, talk, move)
        before, talk = talk, _after(spec, talk, move)
        yield before, move, talk


def allowed(spec: DialogueSpec, moves: Sequence[Move], seat: Seat) -> frozenset[MoveKind]:
    """Return what a partner can do now."""
    return choices(spec, state_of(spec, moves), seat)


def play(
    spec: DialogueSpec, moves: Sequence[Move], move: Move, *, seen: int | None = None
) -> tuple[Move, ...]:
    """Return the moves with one more, or as they were where it asks for what already is.

    ``seen`` is the ``place`` of the page on which it was made; leave it out where that doesn't matter. Nobody agrees to
    another time to go on than the one that the move names. Raises ``NotYourTurn``, ``OutOfOrder``, ``MovedOn`` or
    ``UnfitText``.
    """
    talk = state_of(spec, moves)
    if _has_happened(talk, move):
        return tuple(moves)
    if seen is not None and seen != talk.place and move.kind not in CARE:
        raise MovedOn(move)
    if _agrees_to_another_time(talk, move):
        raise MovedOn(move)
    _check(spec, talk, move)
    return (*moves, move)


def _has_happened(talk: Talk, move: Move) -> bool:
    """Say whether a move asks for what already is; stopping and resting can't be asked for too often."""
    if move.kind not in CARE:
        return False
    if talk.ending is not None:
        return True
    return (move.kind is MoveKind.PAUSE and talk.pause is not None) or (
        move.kind is MoveKind.RESUME and talk.pause is None
    )


def _agrees_to_another_time(talk: Talk, move: Move) -> bool:
    """Say whether a time was named anew after the page was made on which somebody agreed.

    Naming a time leaves the ``place`` as it is, and moves that were made before carry no time to compare: so this is
    asked when a move is made, and not when it is told again.
    """
    if move.kind is not MoveKind.AGREE_RETURN or talk.pause is None:
        return False
    return move.back_at != talk.pause.back_at


def _check(spec: DialogueSpec, talk: Talk, move: Move) -> None:
    if move.kind not in choices(spec, talk, move.seat):
        others = move.kind in choices(spec, talk, move.seat.other)
        raise NotYourTurn(move) if others else OutOfOrder(move)
    if move.kind in WRITTEN and not 0 < len(move.text.strip()) <= _longest(talk):
        raise UnfitText(move)
    if move.kind is MoveKind.RETURN and _named_time(move) is None:
        raise UnfitText(move)


def _named_time(move: Move) -> datetime | None:
    """Return the time to go on that was named, if it lies ahead. A pause never fails because of it."""
    return move.back_at if move.back_at is not None and move.back_at > move.at else None


def _longest(talk: Talk) -> int:
    return talk.stage.max_length if talk.stage else TOPIC_LENGTH


def choices(spec: DialogueSpec, talk: Talk, seat: Seat) -> frozenset[MoveKind]:
    """Return what a partner can do at a given state of the talk."""
    if talk.ending is not None:
        return frozenset()
    if talk.pause is not None:
        return _choices_at_rest(talk.pause, seat)
    return frozenset({MoveKind.PAUSE, MoveKind.END}) | _steps(spec, talk, seat)


def _choices_at_rest(pause: Pause, seat: Seat) -> frozenset[MoveKind]:
    may_agree = pause.named_by is seat.other and not pause.is_agreed
    usual = {MoveKind.RESUME, MoveKind.END, MoveKind.RETURN}
    return frozenset(usual | {MoveKind.AGREE_RETURN} if may_agree else usual)


def _steps(spec: DialogueSpec, talk: Talk, seat: Seat) -> frozenset[MoveKind]:
    """Return what takes the talk further, or starts its timer, for one of the two."""
    if talk.phase is Phase.TOPIC:
        named_by_other = talk.topic_by is seat.other
        return frozenset({MoveKind.TOPIC, MoveKind.AGREE_TOPIC} if named_by_other else {MoveKind.TOPIC})
    if talk.phase is Phase.FIRST:
        has_said = seat in talk.would_listen
        return frozenset(
            {MoveKind.SPEAK_FIRST} if has_said else {MoveKind.SPEAK_FIRST, MoveKind.LISTEN_FIRST}
        )
    if talk.stage is None or seat not in talk.still:
        return frozenset()
    return _stage_steps(spec, talk, talk.stage)


_WRITES: Final[Mapping[StageKind, MoveKind]] = {
    StageKind.SAY: MoveKind.SAY,
    StageKind.SAY_BACK: MoveKind.SAY_BACK,
    StageKind.VALIDATE: MoveKind.VALIDATE,
    StageKind.ASK: MoveKind.ASK,
}


def _stage_steps(spec: DialogueSpec, talk: Talk, stage: Stage) -> frozenset[MoveKind]:
    steps = {MoveKind.START} if stage.seconds is not None and talk.timer is None else set()
    if stage.kind is StageKind.CONFIRM:
        steps |= {MoveKind.YES, MoveKind.CLARIFY}
        if talk.round > spec.rounds:
            steps.add(MoveKind.LET_BE)
    else:
        steps.add(_WRITES[stage.kind])
    if talk.phase is Phase.TURNS and talk.index == 0 and talk.piece > 1:
        steps.add(MoveKind.HAND_OVER)
    return frozenset(steps)


def _beginning(spec: DialogueSpec) -> Talk:
    if spec.topic is TopicKind.SHARED:
        return Talk(phase=Phase.TOPIC)
    return _after_topic(spec, Talk(phase=Phase.TOPIC))


def _after_topic(spec: DialogueSpec, talk: Talk) -> Talk:
    if spec.first is First.CHOICE:
        return replace(talk, phase=Phase.FIRST)
    return _half(spec, talk, Seat.A)


def _half(spec: DialogueSpec, talk: Talk, speaker: Seat) -> Talk:
    return _at(spec, replace(talk, phase=Phase.TURNS, speaker=speaker, piece=1), 0)


def _at(spec: DialogueSpec, talk: Talk, index: int) -> Talk:
    """Return the talk at a stage of the present half; saying back for the first time opens round 1."""
    stage = spec.stages[index]
    actor = talk.speaker if stage.by is By.SPEAKER else talk.speaker.other if talk.speaker else None
    says_again = talk.stage is not None and talk.stage.kind is StageKind.CONFIRM and index < talk.index
    return replace(
        talk,
        index=index,
        stage=stage,
        still=frozenset({actor} if actor else ()),
        timer=None,
        round=talk.round + 1 if says_again else 1 if stage.kind is StageKind.SAY_BACK else talk.round,
    )


def _next(spec: DialogueSpec, talk: Talk) -> Talk:
    """Return the talk at what comes after the present stage: a stage, a piece, the other half, the end."""
    if talk.index + 1 < len(spec.stages):
        return _at(spec, talk, talk.index + 1)
    if talk.piece < spec.pieces:
        return _at(spec, replace(talk, piece=talk.piece + 1, round=1, stage=None), 0)
    return _next_half(spec, talk)


def _next_half(spec: DialogueSpec, talk: Talk) -> Talk:
    if spec.swap and talk.half == 1 and talk.speaker is not None:
        return _half(spec, replace(talk, half=2, round=1, stage=None), talk.speaker.other)
    return _together(spec, replace(talk, phase=Phase.TOGETHER, speaker=None, index=-1))


def _together(spec: DialogueSpec, talk: Talk) -> Talk:
    index = talk.index + 1
    if index < len(spec.last_stages):
        return replace(talk, index=index, stage=spec.last_stages[index], still=BOTH, timer=None, round=1)
    return _over(talk, Ending.COMPLETE)


def _over(talk: Talk, ending: Ending) -> Talk:
    return replace(talk, phase=Phase.OVER, ending=ending, stage=None, still=NOBODY, timer=None, pause=None)


def _after(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    """Return the talk after a move that fits it."""
    after = _EFFECTS[move.kind](spec, replace(talk, revision=talk.revision + 1), move)
    return after if _leaves_place(talk, after, move) else replace(after, place=talk.place + 1)


def _leaves_place(before: Talk, after: Talk, move: Move) -> bool:
    """Say whether what the other is doing meanwhile still fits: where both act at once, neither is too late."""
    both_write = before.phase is Phase.TOGETHER and before.still > after.still > NOBODY
    return move.kind in ASIDE or both_write


def _topic(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    return replace(talk, topic=move.text.strip(), topic_by=move.seat)


def _agree_topic(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del move
    return _after_topic(spec, talk)


def _speak_first(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    return _half(spec, replace(talk, would_listen=NOBODY), move.seat)


def _listen_first(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    return replace(talk, would_listen=talk.would_listen | {move.seat})


def _write(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    if talk.phase is not Phase.TOGETHER:
        return _next(spec, talk)
    still = talk.still - {move.seat}
    return replace(talk, still=still) if still else _together(spec, talk)


def _go_on(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del move
    return _next(spec, talk)


def _clarify(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del move
    return _at(spec, talk, talk.index - 1)


def _hand_over(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del move
    return _next_half(spec, talk)


def _start(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    return replace(talk, timer=Timer(started=move.at))


def _pause(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    back_at = _named_time(move)
    named_by = move.seat if back_at is not None else None
    return replace(talk, pause=Pause(since=move.at, back_at=back_at, named_by=named_by))


def _return(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    since = talk.pause.since if talk.pause else move.at
    return replace(talk, pause=Pause(since=since, back_at=move.back_at, named_by=move.seat))


def _agree_return(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec, move
    return replace(talk, pause=replace(talk.pause, is_agreed=True) if talk.pause else None)


def _resume(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec
    timer = talk.timer
    if timer is not None and talk.pause is not None:
        timer = replace(timer, stood=timer.stood + max(move.at - talk.pause.since, timedelta()))
    return replace(talk, pause=None, timer=timer)


def _end(spec: DialogueSpec, talk: Talk, move: Move) -> Talk:
    del spec, move
    return _over(talk, Ending.COMPLETE if talk.phase is Phase.TOGETHER else Ending.STOPPED)


_EFFECTS: Final[Mapping[MoveKind, Callable[[DialogueSpec, Talk, Move], Talk]]] = {
    MoveKind.TOPIC: _topic,
    MoveKind.AGREE_TOPIC: _agree_topic,
    MoveKind.SPEAK_FIRST: _speak_first,
    MoveKind.LISTEN_FIRST: _listen_first,
    MoveKind.SAY: _write,
    MoveKind.SAY_BACK: _go_on,
    MoveKind.YES: _go_on,
    MoveKind.CLARIFY: _clarify,
    MoveKind.LET_BE: _go_on,
    MoveKind.VALIDATE: _go_on,
    MoveKind.ASK: _go_on,
    MoveKind.HAND_OVER: _hand_over,
    MoveKind.START: _start,
    MoveKind.PAUSE: _pause,
    MoveKind.RETURN: _return,
    MoveKind.AGREE_RETURN: _agree_return,
    MoveKind.RESUME: _resume,
    MoveKind.END: _end,
}
