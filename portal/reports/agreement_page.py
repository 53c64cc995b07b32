"""What stands on the printed copy of a text that both signed: its words, when each was settled, and who signed."""

from dataclasses import dataclass

from portal.kit.text import direction_of
from portal.reports.base import Colophon, Fact, Named, Paper, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseLine:
    """One clause: its words, since when both have agreed on them, and what it said before if it is new."""

    number: str
    title: str
    words: Prose
    since: str
    news: str
    """That it is new in this version, in a sentence; empty for a clause that has stayed."""
    before: Prose = ()
    """The words of the version before, where there were any."""

    @property
    def direction(self) -> str:
        """Return the writing direction of the words."""
        return direction_of(" ".join(self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One text: head, clauses, what both sign, and room for the day on which they look at it again."""

    title: str
    promise: Prose
    facts: tuple[Fact, ...]
    clauses: tuple[ClauseLine, ...]
    left_out: str
    """Which clauses of the version before are gone, in a sentence; empty where none are."""
    accepted: str
    review_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage:
    """Everything on the printed copy; several texts where a couple has several."""

    paper: Paper
    a: Named
    b: Named
    sheets: tuple[Sheet, ...]
    colophon: Colophon

    @property
    def both(self) -> tuple[Named, Named]:
        """Return the two people, always in the same order."""
        return (self.a, self.b)
