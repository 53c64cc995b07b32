"""The values of a shared text: what partners can do with it, and everything that follows from what they did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from portal.access.viewer import Seat

BOTH: Final = frozenset(Seat)
NOBODY: Final[frozenset[Seat]] = frozenset()


class EventKind(StrEnum):
    """What a partner can do with the text."""

    PROPOSE = "propose"
    """Add a clause of one's own."""
    REWORD = "reword"
    """Word a clause differently; an empty wording proposes to leave it out."""
    AGREE = "agree"
    TALK = "talk"
    """Rather talk about a clause first."""
    COMMENT = "comment"
    REVIEW = "review"
    """Name the day on which to look at the text again; it is part of what is signed."""
    SIGN = "sign"
    TAKE_BACK = "take_back"
    """Take one's own signature back as long as the other's isn't there."""
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    KEPT = "kept"
    SLIPPED = "slipped"


class Status(StrEnum):
    """Where a text stands for both."""

    OPEN = "open"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a partner did. ``seen`` is what they had before them; ``day`` and ``period`` as the kind needs.

    With a signature, ``day`` is the day on which it was given where the two live; else the day of ``at`` counts.
    """

    seat: Seat
    kind: EventKind
    clause: str
    text: str
    at: datetime
    seen: int = 0
    day: date | None = None
    period: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of an event is an aware datetime")


@dataclass(frozen=True, slots=True)
class Worded:
    """A clause as it read at some time."""

    key: str
    title: str
    text: str


class Refused(Exception):
    """An event doesn't fit. ``event`` is the whole event, so that its text isn't lost."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(f"{event.kind.value} by {event.seat.value}")


class OutOfOrder(Refused):
    """This has no place as the text stands now."""


class Unfit(Refused):
    """The event is about a clause that isn't there, or its text, day or period can't be."""


class NotSettled(Refused):
    """The text can't be signed yet: some clauses aren't agreed on by both, or nothing stands in it."""


class Stale(Refused):
    """The text changed after the page was made. ``seen`` and ``now`` are the two wordings, clause by clause."""

    def __init__(self, event: Event, *, seen: tuple[Worded, ...], now: tuple[Worded, ...]) -> None:
        super().__init__(event)
        self.seen = seen
        self.now = now


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark beside a clause, for both."""

    by: Seat
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause as it is now. ``since`` is the number of the text in which it got its wording."""

    key: str
    title: str
    prompt: str
    optional: bool
    text: str
    since: int = 1
    by: Seat | None = None
    before: str = ""
    """What stood there before its present writer took it up."""
    agreed: frozenset[Seat] = NOBODY
    to_talk: frozenset[Seat] = NOBODY
    talk_now: frozenset[Seat] = NOBODY
    """Those of ``to_talk`` who said so of the present wording."""
    comments: tuple[Comment, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Say whether both agree, or nobody has taken up a clause that isn't needed."""
        is_idle = self.optional and self.by is None and not self.to_talk
        return self.agreed == BOTH or is_idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The whole text at some time; numbers count every change of a word, from 1. Clauses left out have no words."""

    number: int
    clauses: tuple[Worded, ...]
    review_on: date | None


@dataclass(frozen=True, slots=True)
class Signature:
    """One partner's signature under the text with a number."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text that both signed. Versions count from 1 and are never changed."""

    number: int
    text: Text
    signed: tuple[tuple[Seat, datetime], ...]
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """How one partner found that it went in a period; an empty clause means the whole."""

    by: Seat
    period: str
    clause: str
    kept: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Everything that follows from the events so far, for the therapist. A partner's page is drawn from a view."""

    status: Status
    clauses: tuple[Clause, ...]
    texts: tuple[Text, ...]
    signatures: Mapping[Seat, Signature] = field(default_factory=dict)
    versions: tuple[Version, ...] = ()
    in_force: Version | None = None
    logs: tuple[Log, ...] = ()

    @property
    def text(self) -> Text:
        """Return the text as it is now."""
        return self.texts[-1]

    def clause(self, key: str) -> Clause | None:
        """Return the clause with a key, if there is one."""
        return next((clause for clause in self.clauses if clause.key == key), None)

    def has_signed(self, seat: Seat) -> bool:
        """Say whether a partner's signature stands under the text as it is now."""
        signature = self.signatures.get(seat)
        return signature is not None and signature.number == self.text.number

    @property
    def can_be_signed(self) -> bool:
        """Say whether both agree on every clause and there is something to sign."""
        return all(clause.is_settled for clause in self.clauses) and any(c.text for c in self.clauses)
