"""What a form is made of: pages of items, conditions between them, and scores over them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience

Value = str | int | float | list[str] | dict[str, bool]
"""An answer as it is kept (JSON). Choice: option key; multi: list of option keys; date: ``2026-11-22``;
scale and number: a number; text: a text. ``DECLINED`` stands for "prefer not to answer"."""

Answers = Mapping[str, Value]
"""Answers by item key. An item that isn't in it is unanswered."""

DECLINED: Final[Mapping[str, bool]] = {"declined": True}

ANSWER_AUDIENCES: Final = frozenset(
    {Audience.PRIVATE, Audience.THERAPIST, Audience.OVERLAP, Audience.HELD, Audience.COUPLE}
)
"""The audiences that an answer can have; the others are for a therapist's own words."""

_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

SCALE_POINTS: Final = range(2, 12)
"""How many points a scale may have: it is drawn as radios, and more than eleven don't fit a phone."""

RESERVED_ITEM_KEYS: Final = frozenset(
    {
        "action",
        "csrf_token",
        "data",
        "errors",
        "form_errors",
        "go",
        "hidden_tag",
        "is_submitted",
        "meta",
        "next",
        "once_key",
        "page",
        "populate_obj",
        "process",
        "revision",
        "step",
        "submit",
        "writer",
    }
)
"""Names that a web form keeps for itself; item keys that begin with "validate" are taken as well."""


class ItemKind(StrEnum):
    """What kind of answer an item asks for."""

    CHOICE = "choice"
    MULTI = "multi"
    SCALE = "scale"
    NUMBER = "number"
    DATE = "date"
    SHORT = "short"
    LONG = "long"
    DISPLAY = "display"
    GROUP = "group"


UNANSWERABLE: Final = frozenset({ItemKind.DISPLAY, ItemKind.GROUP})
TEXT_KINDS: Final = frozenset({ItemKind.SHORT, ItemKind.LONG})
CHOICE_KINDS: Final = frozenset({ItemKind.CHOICE, ItemKind.MULTI})
ORDERED_KINDS: Final = frozenset({ItemKind.SCALE, ItemKind.NUMBER, ItemKind.DATE})


class Operator(StrEnum):
    """How a condition looks at an answer; names and meaning follow HL7's questionnaire-enable-operator."""

    EXISTS = "exists"
    EQUALS = "="
    DIFFERS = "!="
    ABOVE = ">"
    BELOW = "<"
    AT_LEAST = ">="
    AT_MOST = "<="


class Match(StrEnum):
    """How many of an item's conditions have to hold."""

    ANY = "any"
    ALL = "all"


class Rule(StrEnum):
    """How a score is made of its parts."""

    SUM = "sum"
    MEAN = "mean"
    WEIGHT = "weight"
    """Each part stretched to 0–10 between its own ends, then the mean."""


class Missing(StrEnum):
    """What a score does about parts without an answer, unless it names a least number of answers."""

    ALL = "all"
    """All must be answered, or there is no total."""
    NONE = "none"
    """None has to be: what is there counts, what isn't counts as nothing."""


class Direction(StrEnum):
    """What more of a score means, so that charts and words never guess."""

    HEAVIER = "heavier"
    LIGHTER = "lighter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to choose. An exclusive option ("nothing of this") can't be chosen beside others."""

    key: str
    text: str
    score: int | float | None = None
    exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that must hold of another item's answer; ``value`` is a truth value for ``exists``."""

    item: str
    op: Operator
    value: str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question, display text or group, with the one audience that its answer will have."""

    key: str
    kind: ItemKind
    text: str
    audience: Audience
    hint: str = ""
    options: tuple[Option, ...] = ()
    low: int | float | None = None
    high: int | float | None = None
    low_text: str = ""
    high_text: str = ""
    decimals: int = 0
    unit: str = ""
    min_length: int = 0
    max_length: int | None = None
    starter: str = ""
    """Words that the writer's text continues, such as "I felt"."""
    compact: bool = False
    """Draw a short choice as one row of buttons."""
    required: bool = False
    prefer_not: bool = True
    when: tuple[Condition, ...] = ()
    when_match: Match = Match.ANY
    items: tuple["Item", ...] = ()
    care: tuple[str, ...] = ()
    """The options that are a matter for the therapist at once."""
    care_from: int | float | None = None
    """The number from which an answer is a matter for the therapist at once."""

    def asks_for_care(self, value: "Value | None") -> bool:
        """Say whether an answer is a matter for the therapist at once. No answer says nothing."""
        if isinstance(value, list):
            return any(each in self.care for each in value)
        if isinstance(value, str):
            return value in self.care
        return isinstance(value, int | float) and self.care_from is not None and value >= self.care_from

    @property
    def is_answerable(self) -> bool:
        """Say whether the item takes an answer at all."""
        return self.kind not in UNANSWERABLE

    @property
    def may_decline(self) -> bool:
        """Say whether "prefer not to answer" is offered."""
        return self.prefer_not and self.is_answerable

    def option(self, key: str) -> Option | None:
        """Return the option with a key, if there is one."""
        return next((option for option in self.options if option.key == key), None)

    def walk(self) -> Iterator["Item"]:
        """Yield the item and everything below it, in order."""
        yield self
        for child in self.items:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is asked together: one step of the walk through a form."""

    key: str
    title: str
    items: tuple[Item, ...]
    intro: str = ""
    hint: str = ""

    def walk(self) -> Iterator[Item]:
        """Yield all items of the page with those below them, in order."""
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of a score in plain words, up to and including ``upto`` (``None``: no upper end)."""

    text: str
    upto: int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number over items, or over scores defined before it."""

    key: str
    title: str
    items: tuple[str, ...]
    rule: Rule
    missing: Missing | int
    higher_is: Direction
    bands: tuple[Band, ...] = ()
    weights: tuple[int | float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Pages of items with the scores over them; the order of items is the order of the walk."""

    pages: tuple[Page, ...]
    scores: tuple[Score, ...] = ()
    _by_key: Mapping[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {item.key: item for item in self.walk()})

    def walk(self) -> Iterator[Item]:
        """Yield all items of all pages, with those in groups, in order."""
        for page in self.pages:
            yield from page.walk()

    @property
    def questions(self) -> tuple[Item, ...]:
        """Return the items that take an answer, in order."""
        return tuple(item for item in self.walk() if item.is_answerable)

    def item(self, key: str) -> Item | None:
        """Return the item with a key, if there is one."""
        return self._by_key.get(key)

    def page(self, key: str) -> Page | None:
        """Return the page with a key, if there is one."""
        return next((page for page in self.pages if page.key == key), None)


def is_declined(value: Value | None) -> bool:
    """Say whether a value is "prefer not to answer"."""
    return isinstance(value, dict)


def is_answered(value: Value | None) -> bool:
    """Say whether a value is an answer: neither absent, nor blank, nor declined."""
    return value is not None and value not in ("", []) and not is_declined(value)


def declined() -> dict[str, bool]:
    """Return a fresh "prefer not to answer", ready to be kept as JSON."""
    return dict(DECLINED)


def repeated(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the keys that come more than once, each once, in order of their second coming."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for key in keys:
        if key in seen:
            twice[key] = None
        seen.add(key)
    return tuple(twice)


def as_date(value: object) -> date | None:
    """Return the day that a kept date answer stands for, or nothing if it isn't one."""
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
