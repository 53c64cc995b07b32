"""The values of a talk: what partners can do in it, one move at a time, and everything that follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.viewer import Seat
from portal.exercises.mechanics.dialogue import Stage

BOTH: Final = frozenset(Seat)
NOBODY: Final[frozenset[Seat]] = frozenset()


class MoveKind(StrEnum):
    """What a partner can do in a talk."""

    TOPIC = "topic"
    AGREE_TOPIC = "agree_topic"
    SPEAK_FIRST = "speak_first"
    LISTEN_FIRST = "listen_first"
    SAY = "say"
    SAY_BACK = "say_back"
    YES = "yes"
    CLARIFY = "clarify"
    LET_BE = "let_be"
    """Go on without a yes, once it has been put right as often as the exercise suggests."""
    VALIDATE = "validate"
    ASK = "ask"
    HAND_OVER = "hand_over"
    """Have said enough, where another piece would be possible."""
    START = "start"
    """Start the timer of a timed stage."""
    PAUSE = "pause"
    RETURN = "return"
    """Name a time to go on, while the talk is paused."""
    AGREE_RETURN = "agree_return"
    RESUME = "resume"
    END = "end"


WRITTEN: Final = frozenset(
    {
        MoveKind.TOPIC,
        MoveKind.SAY,
        MoveKind.SAY_BACK,
        MoveKind.CLARIFY,
        MoveKind.VALIDATE,
        MoveKind.ASK,
    }
)
CARE: Final = frozenset({MoveKind.PAUSE, MoveKind.RESUME, MoveKind.END})
ASIDE: Final = CARE | {MoveKind.LISTEN_FIRST, MoveKind.START, MoveKind.RETURN, MoveKind.AGREE_RETURN}
"""Moves that don't take the talk any further, so that what was written before them still fits."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a partner did.

    ``back_at`` is the time named with ``RETURN``, or with ``PAUSE`` if wanted; with ``AGREE_RETURN`` it is the time that
    their page showed.
    """

    seat: Seat
    kind: MoveKind
    text: str
    at: datetime
    back_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or (self.back_at is not None and self.back_at.tzinfo is None):
            raise ValueError("the times of a move are aware datetimes")


class Refused(Exception):
    """A move doesn't fit what the talk is at by now. ``move`` is the whole move, so that its text isn't lost."""

    def __init__(self, move: Move) -> None:
        self.move = move
        super().__init__(f"{move.kind.value} by {move.seat.value}")


class NotYourTurn(Refused):
    """It is the other's turn to do this."""


class OutOfOrder(Refused):
    """This has no place at the moment, or no longer."""


class MovedOn(OutOfOrder):
    """The talk went on after the page was made on which this was written."""


class UnfitText(Refused):
    """The text of the move is missing or too long, or a time to return isn't there or has passed."""


class Phase(StrEnum):
    """Where a talk is."""

    TOPIC = "topic"
    FIRST = "first"
    TURNS = "turns"
    TOGETHER = "together"
    OVER = "over"


class Ending(StrEnum):
    """How a talk came to its end. Nothing says by whom."""

    COMPLETE = "complete"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A rest. ``back_at`` is a time that one of the two named, agreed on once the other says so too."""

    since: datetime
    back_at: datetime | None = None
    named_by: Seat | None = None
    is_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer that was started, and how long it has stood still since."""

    started: datetime
    stood: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Everything that follows from the moves so far. Not for a partner's page: that is ``visible_to``."""

    phase: Phase
    topic: str = ""
    topic_by: Seat | None = None
    would_listen: frozenset[Seat] = NOBODY
    speaker: Seat | None = None
    half: int = 1
    piece: int = 1
    round: int = 1
    index: int = 0
    stage: Stage | None = None
    still: frozenset[Seat] = NOBODY
    """Who still acts in the present stage; empty between stages and at the end."""
    timer: Timer | None = None
    pause: Pause | None = None
    ending: Ending | None = None
    revision: int = 0
    """The number of moves."""
    place: int = 0
    """The number of moves that took the talk further."""

    @property
    def writing(self) -> str:
        """A name for what is written at this point, the same until it is done; empty where nothing is."""
        if self.phase is Phase.TOPIC:
            return Phase.TOPIC.value
        if self.stage is None:
            return ""
        return f"{self.half}.{self.piece}.{self.round}.{self.stage.key}"

    def writes(self, seat: Seat) -> bool:
        """Say whether one of the two writes something at this point, in a pause or not."""
        return self.phase is Phase.TOPIC or seat in self.still
