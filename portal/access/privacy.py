"""The one table that decides who reads what a person wrote, as a Python check and as an SQL filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.access.viewer import House, Role, Viewer


class Audience(StrEnum):
    """Who a piece of writing is for. The first six are a partner's words, the others a therapist's."""

    PRIVATE = "private"
    THERAPIST = "therapist"
    OVERLAP = "overlap"
    HELD = "held"
    COUPLE = "couple"
    DAYS = "days"
    """A log of a habit: both see on which days it was done, and never by whom or what else was answered."""
    NOTE = "note"
    REPLY = "reply"
    REPLY_BOTH = "reply-both"


class Reader(StrEnum):
    """What a viewer is to a row."""

    AUTHOR = "author"
    ADDRESSEE = "addressee"
    PARTNER = "partner"
    THERAPIST = "therapist"


class Rule(StrEnum):
    """From when on a reader may read."""

    NEVER = "never"
    ALWAYS = "always"
    SENT = "sent"
    """Once it was sent: never a draft."""
    OPEN = "open"
    """Once it is open to the couple: sent, and its opening moment has come."""
    LISTS = "lists"
    """Once sent, if the form said that the therapist sees full lists."""


# Whatever isn't named here is never read.
PRIVACY: Mapping[Audience, Mapping[Reader, Rule]] = {
    Audience.PRIVATE: {Reader.AUTHOR: Rule.ALWAYS},
    Audience.THERAPIST: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT},
    Audience.OVERLAP: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.LISTS},
    Audience.HELD: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.OPEN},
    Audience.COUPLE: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.OPEN},
    Audience.DAYS: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT},
    Audience.NOTE: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT},
    Audience.REPLY: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.ADDRESSEE: Rule.SENT},
    Audience.REPLY_BOTH: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.SENT},
}


class Label(StrEnum):
    """The visibility labels that people are shown beside every input and every text."""

    PRIVATE = "private"
    THERAPIST = "therapist"
    COUPLE = "couple"
    LATER = "later"
    OVERLAP = "overlap"
    HELD = "held"
    DAYS = "days"
    NOTES = "notes"


LABELS: Mapping[Audience, Label] = {
    Audience.PRIVATE: Label.PRIVATE,
    Audience.THERAPIST: Label.THERAPIST,
    Audience.OVERLAP: Label.OVERLAP,
    Audience.HELD: Label.HELD,
    Audience.COUPLE: Label.COUPLE,
    Audience.DAYS: Label.DAYS,
    Audience.NOTE: Label.NOTES,
    Audience.REPLY: Label.THERAPIST,
    Audience.REPLY_BOTH: Label.COUPLE,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of one piece of writing."""

    practice_id: str
    couple_id: str
    author_id: str
    audience: Audience
    addressee_id: str | None = None
    sent_at: datetime | None = None
    open_at: datetime | None = None
    lists_open: bool = False


def readers_of(viewer: Viewer | House, facts: Facts) -> frozenset[Reader]:
    """Return everything that a viewer is to a piece of writing; nothing outside their practice and couples."""
    if viewer.practice_id != facts.practice_id or facts.couple_id not in viewer.couples:
        return frozenset()
    found = set()
    if viewer.account_id == facts.author_id:
        found.add(Reader.AUTHOR)
    if viewer.account_id == facts.addressee_id and viewer.account_id is not None:
        found.add(Reader.ADDRESSEE)
    if Role.PARTNER in viewer.roles and viewer.account_id != facts.author_id:
        found.add(Reader.PARTNER)
    if Role.THERAPIST in viewer.roles:
        found.add(Reader.THERAPIST)
    return frozenset(found)


def holds(rule: Rule, facts: Facts, now: datetime) -> bool:
    """Say whether a rule lets its reader read at this moment."""
    sent = facts.sent_at is not None and facts.sent_at <= now
    match rule:
        case Rule.NEVER:
            return False
        case Rule.ALWAYS:
            return True
        case Rule.SENT:
            return sent
        case Rule.OPEN:
            return sent and facts.open_at is not None and facts.open_at <= now
        case Rule.LISTS:
            return sent and facts.lists_open


def may_read(viewer: Viewer | House, facts: Facts, now: datetime) -> bool:
    """Say whether a viewer may read a piece of writing at this moment.

    The house itself may read the rows of the couple it works on; it hands on only what a rule reveals.
    """
    if isinstance(viewer, House):
        return viewer.practice_id == facts.practice_id and facts.couple_id in viewer.couples
    rules = PRIVACY[facts.audience]
    return any(holds(rules.get(reader, Rule.NEVER), facts, now) for reader in readers_of(viewer, facts))
