"""What there is to write on, or to look at while writing: lines, boxes, lists, grids, cards, clauses, axes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from portal.reports.base import Prose


class Drawn(StrEnum):
    """What there is to write on, or to look at while writing; each has a macro of its name in the template."""

    LINES = "lines"
    BOXES = "boxes"
    SCALE = "scale"
    BLANK = "blank"
    WORDS = "words"
    BULLETS = "bullets"
    MARKS = "marks"
    WEEK = "week"
    CARDS = "cards"
    TURNS = "turns"
    CLAUSES = "clauses"
    SIGNATURES = "signatures"
    RUNGS = "rungs"
    YEARS = "years"
    FIELDS = "fields"
    STRIP = "strip"


@dataclass(frozen=True, slots=True)
class Lines:
    """Empty lines; the first may begin with words that the writer goes on with."""

    kind: ClassVar[Drawn] = Drawn.LINES
    count: int
    starter: str = ""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Things to tick: round where one of them is chosen, square where several may be."""

    kind: ClassVar[Drawn] = Drawn.BOXES
    options: tuple[str, ...]
    many: bool
    columns: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers in a row, one of which is circled, with words at both ends."""

    kind: ClassVar[Drawn] = Drawn.SCALE
    points: tuple[str, ...]
    low_text: str
    high_text: str


@dataclass(frozen=True, slots=True)
class Blank:
    """One short line, with the unit of a number behind it."""

    kind: ClassVar[Drawn] = Drawn.BLANK
    unit: str


@dataclass(frozen=True, slots=True)
class Words:
    """Something to read before or after writing."""

    kind: ClassVar[Drawn] = Drawn.WORDS
    words: Prose


@dataclass(frozen=True, slots=True)
class Bullets:
    """Ideas to choose from, under an optional heading."""

    kind: ClassVar[Drawn] = Drawn.BULLETS
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One thing to mark, with what is said about it."""

    title: str
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarkGroup:
    """Things to mark under one heading."""

    title: str
    rows: tuple[MarkRow, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """A list in two halves: how open somebody is to something, and "not now" apart from it."""

    kind: ClassVar[Drawn] = Drawn.MARKS
    what: str
    open_title: str
    open_levels: tuple[str, ...]
    rest_level: str
    groups: tuple[MarkGroup, ...]

    @property
    def numbered(self) -> tuple[tuple[str, tuple[tuple[str, MarkRow], ...]], ...]:
        """Return the groups with their rows numbered through."""
        found, number = [], 0
        for group in self.groups:
            rows = [(str(number + place), row) for place, row in enumerate(group.rows, start=1)]
            number += len(rows)
            found.append((group.title, tuple(rows)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Week:
    """A grid of days or weeks in rows, with a box for every choice and room for a word."""

    kind: ClassVar[Drawn] = Drawn.WEEK
    head: str
    rows: int
    choices: tuple[str, ...]
    minutes: str
    note: str
    daily: bool


@dataclass(frozen=True, slots=True)
class CutCard:
    """One card to cut out: a word above, the question, and what may be asked after it."""

    above: str
    text: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards to cut out, eight to a page."""

    kind: ClassVar[Drawn] = Drawn.CARDS
    cards: tuple[CutCard, ...]

    PER_PAGE: ClassVar[int] = 8

    @property
    def pages(self) -> tuple[tuple[CutCard, ...], ...]:
        """Return the cards page by page."""
        starts = range(0, len(self.cards), self.PER_PAGE)
        return tuple(self.cards[start : start + self.PER_PAGE] for start in starts)


@dataclass(frozen=True, slots=True)
class TurnCard:
    """One step of a talk: who it belongs to, what to do, how long, and how it may begin."""

    by: str
    """The key of whoever it belongs to; it chooses the stroke above."""
    who: str
    title: str
    prompt: str
    hint: str = ""
    starters: tuple[str, ...] = ()
    time: str = ""


@dataclass(frozen=True, slots=True)
class Turns:
    """The steps of a talk as cards that go from hand to hand."""

    kind: ClassVar[Drawn] = Drawn.TURNS
    cards: tuple[TurnCard, ...]

    @property
    def pairs(self) -> tuple[tuple[TurnCard, ...], ...]:
        """Return the cards two by two, as they stand beside each other."""
        return tuple(self.cards[start : start + 2] for start in range(0, len(self.cards), 2))


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause to be worded by two: its name, the question, an idea, and whether it may be left out."""

    number: str
    title: str
    prompt: str
    idea: str
    note: str


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a text, each with lines, and a place where both put their initials."""

    kind: ClassVar[Drawn] = Drawn.CLAUSES
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """What both sign, two lines for it, and the day on which the text is looked at again."""

    kind: ClassVar[Drawn] = Drawn.SIGNATURES
    promise: str
    review: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder of one's own, with lines where there is something to write."""

    number: str
    title: str
    text: str
    note: str
    lines: int


@dataclass(frozen=True, slots=True)
class Rungs:
    """The steps of a ladder, the easiest first."""

    kind: ClassVar[Drawn] = Drawn.RUNGS
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Years:
    """Axes to draw the years on: how close it felt upwards, years to the right; below, rows for what happened."""

    kind: ClassVar[Drawn] = Drawn.YEARS
    levels: tuple[str, ...]
    """From the highest to the lowest."""
    low_text: str
    high_text: str
    years: int
    rows: int
    note: str
    """The question about something that happened."""
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that two settle: lines, the days of the week, or boxes, and words before a short line."""

    text: str
    hint: str
    boxes: tuple[str, ...]
    blanks: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class Fields:
    """What there is to settle in a plan."""

    kind: ClassVar[Drawn] = Drawn.FIELDS
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip at the end that the receiver may tear off and give back, or keep."""

    kind: ClassVar[Drawn] = Drawn.STRIP
    title: str
    note: str
    options: tuple[str, ...]


Block = (
    Lines
    | Boxes
    | Scale
    | Blank
    | Words
    | Bullets
    | Marks
    | Week
    | Cards
    | Turns
    | Clauses
    | Signatures
    | Rungs
    | Years
    | Fields
    | Strip
)
"""Everything that a question or a section can hold."""
