"""What each partner's page shows of a shared text, and what changed between two versions of it.

Agreement and signatures show only once they are mutual: neither learns that the other alone has agreed, signed or not
signed. The revision of a view rises only with what its reader can see, so that a poll tells nothing else either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from portal.access.viewer import Seat
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.negotiation import allowed, retold
from portal.exercises.mechanics.negotiation_model import (
    Agreement,
    Clause,
    Comment,
    Event,
    EventKind,
    Log,
    Signature,
    Status,
    Text,
    Version,
)
from portal.kit.word_diff import Change, Span, word_diff


class Stance(StrEnum):
    """What one partner has answered to a clause."""

    NONE = "none"
    AGREED = "agreed"
    TALK = "talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """A clause as one partner sees it. ``since`` goes into forms about it and comes back as ``seen``."""

    key: str
    title: str
    prompt: str
    text: str
    since: int
    by: Seat | None
    before: str
    """What stood there before its present writer took it up."""
    is_needed: bool
    """Whether both have to agree on it, if only on leaving it out."""
    own: Stance
    is_settled: bool
    to_talk: bool
    """Whether at least one of the two would rather talk about it first."""
    comments: tuple[Comment, ...]
    is_answered: bool
    """Whether this partner has agreed to the present wording, or would rather talk about it."""

    @property
    def is_open_to_answer(self) -> bool:
        """Say whether a clause that needs both asks for this partner's answer."""
        return self.is_needed and not self.is_answered and not self.is_settled


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that one partner's page may be drawn from."""

    status: Status
    choices: frozenset[EventKind]
    text: Text
    clauses: tuple[ClauseView, ...]
    can_be_signed: bool
    own_signature: Signature | None
    """One's own, under the present text or an earlier one, as long as it isn't part of a version."""
    signed_text: Text | None
    """The text that one's own signature stands under."""
    versions: tuple[Version, ...]
    in_force: Version | None
    own_logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseChange:
    """What became of one clause from one text to another."""

    key: str
    title: str
    spans: tuple[Span, ...]

    @property
    def is_changed(self) -> bool:
        """Say whether a word is different."""
        return any(span.change is not Change.KEPT for span in self.spans)


def visible_to(agreement: Agreement, seat: Seat) -> View:
    """Return the text as one partner may see it."""
    own = agreement.signatures.get(seat)
    return View(
        status=agreement.status,
        choices=allowed(agreement),
        text=agreement.text,
        clauses=tuple(_clause(clause, seat) for clause in agreement.clauses),
        can_be_signed=agreement.status is Status.OPEN and agreement.can_be_signed,
        own_signature=own,
        signed_text=next((each for each in agreement.texts if own and each.number == own.number), None),
        versions=agreement.versions,
        in_force=agreement.in_force,
        own_logs=tuple(log for log in agreement.logs if log.by is seat),
    )


def _clause(clause: Clause, seat: Seat) -> ClauseView:
    return ClauseView(
        key=clause.key,
        title=clause.title,
        prompt=clause.prompt,
        text=clause.text,
        since=clause.since,
        by=clause.by,
        before=clause.before,
        is_needed=not clause.optional or clause.by is not None,
        own=_stance(clause, seat),
        is_settled=clause.is_settled,
        to_talk=bool(clause.to_talk),
        comments=clause.comments,
        is_answered=seat in clause.agreed | clause.talk_now,
    )


def _stance(clause: Clause, seat: Seat) -> Stance:
    if seat in clause.to_talk:
        return Stance.TALK
    return Stance.AGREED if seat in clause.agreed else Stance.NONE


def asks(view: View) -> bool:
    """Say whether the text asks something of this partner now: to begin it, to answer a clause, or to sign."""
    if view.status is not Status.OPEN:
        return False
    has_signed = view.own_signature is not None and view.own_signature.number == view.text.number
    if view.can_be_signed:
        return not has_signed
    is_empty = not any(clause.text for clause in view.clauses)
    return is_empty or any(clause.is_open_to_answer for clause in view.clauses)


def revision(spec: AgreementSpec, events: Sequence[Event], seat: Seat) -> int:
    """Return how often a partner's view has changed so far."""
    views = (visible_to(agreement, seat) for agreement in retold(spec, events))
    return sum(earlier != later for earlier, later in pairwise(views))


def changes(earlier: Text, later: Text) -> tuple[ClauseChange, ...]:
    """Return word by word what became of each clause, in the order of the later text."""
    before = {clause.key: clause.text for clause in earlier.clauses}
    return tuple(
        ClauseChange(
            key=clause.key, title=clause.title, spans=word_diff(before.get(clause.key, ""), clause.text)
        )
        for clause in later.clauses
    )
