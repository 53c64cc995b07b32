"""What every report is made of: plain frozen values, with no database, no request and no typesetter behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from markupsafe import Markup

from portal.access.privacy import Label
from portal.kit.charts import Person, Seat, check_square
from portal.kit.pdf import Assets
from portal.kit.text import breakable, direction_of, soft, tied

Prose = tuple[str, ...]
"""Text of any length, as paragraphs short enough to be set. Make it with `prose`."""

Page = TypeVar("Page")


SHORT_QUOTE = 220
"""Letters up to which two quotes stand side by side."""

LONG_NAMES = 34
"""Letters of both names together up to which they are set in the largest size."""


def prose(text: str) -> Prose:
    """Return typed text as paragraphs for a report."""
    return tuple(breakable(text))


class Copy(StrEnum):
    """Whom a copy is made for. It decides what was gathered, not how it looks."""

    CLINICIAN = "clinician"
    JOINT = "joint"
    PARTNER_A = "partner-a"
    PARTNER_B = "partner-b"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet itself: its neutral number, its kind, and who may read it.

    `label` chooses the stroke and the icon of the running head, `label_words` stand beside them. No names.
    """

    number: str
    kind: str
    copy: Copy
    label: Label
    label_words: str
    lang: str = "en"
    direction: str = "ltr"

    @property
    def title(self) -> str:
        """Return the only words told in the file's metadata."""
        return f"Report {self.number}"

    @property
    def file_name(self) -> str:
        """Return the name to download under: the number, nothing about people."""
        return f"report-{self.number}.pdf"


@dataclass(frozen=True, slots=True)
class Named:
    """One of the two: the mark and short name used beside numbers, and the full name for the cover."""

    person: Person
    full: str

    @property
    def seat(self) -> Seat:
        """Return which of the two it is."""
        return self.person.seat

    @property
    def short(self) -> str:
        """Return the name used inside the report."""
        return self.person.name


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page's head: what it is, about whom, from when to when, by whom."""

    line: str
    a: Named
    b: Named
    period: str
    therapist: str
    practice: str

    @property
    def long(self) -> bool:
        """Say whether the names are too long for the largest size."""
        return len(self.a.full) + len(self.b.full) > LONG_NAMES

    @property
    def both(self) -> tuple[Named, Named]:
        """Return the two people, always in the same order."""
        return (self.a, self.b)


@dataclass(frozen=True, slots=True)
class Check:
    """How a reader can learn whether a paper is genuine, without learning what it says."""

    code: str
    address: str
    made: str

    def square(self, title: str) -> Markup:
        """Return the square code that leads to the check."""
        return check_square(f"{self.address}/{self.code}".upper(), title=title)


@dataclass(frozen=True, slots=True)
class Colophon:
    """The foot of the last page: help first, and the check if the practice offers one."""

    help_lines: Prose
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, with where they come from and who may read them."""

    words: Prose
    who: Named
    source: str
    day: str
    label: Label
    label_words: str

    @property
    def long(self) -> bool:
        """Say whether the words need the full width instead of standing beside another quote."""
        return sum(len(paragraph) for paragraph in self.words) > SHORT_QUOTE

    @property
    def direction(self) -> str:
        """Return the writing direction of the words."""
        return direction_of(" ".join(self.words))


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and its short lines, for a row of facts."""

    term: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report(Generic[Page]):
    """A kind of report: its key in addresses and commands, its template, and the function that gathers its page.

    `gather(scope, couple_id, …)` returns a frozen dataclass of plain values that has a `paper`.
    """

    key: str
    template: str
    gather: Callable[..., Page]
    copies: frozenset[Copy]


Registry = Mapping[str, Report[Any]]
"""All kinds of report, by key."""


def paper_assets(static: Path) -> Assets:
    """Return what printed documents may use: our fonts, icons and the print style sheet."""
    return Assets(folders={"static": static}, stylesheets=("portal:/static/print.css",))


def printable(page: Page) -> Page:
    """Return a copy of a page in which every text can be broken into lines, and is broken well.

    Walks dataclasses and tuples, so that no field can be forgotten. Drawings and enums stay as they are.
    """
    return cast("Page", _printable(page))


def _printable(value: object) -> object:
    if isinstance(value, Markup | Enum):
        return value
    if isinstance(value, str):
        return tied(soft(value))
    if isinstance(value, tuple):
        return tuple(_printable(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {part.name: _printable(getattr(value, part.name)) for part in fields(value) if part.init}
        return replace(value, **changes)
    return value
