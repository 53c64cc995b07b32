"""How the editor of own exercises sees a definition: tables with fields to fill in, and lists of further tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

Table = dict[str, Any]
"""One table of a draft: the draft itself, one of its mechanics, a question."""

Where = tuple[str, ...]
"""The way to a table: a part of the exercise, then by turns the name of a list and the key of one of its entries."""


class Shape(StrEnum):
    """What kind of thing is typed into a field."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    """A list of texts, one on each line."""
    ROWS = "rows"
    """A list of texts, each in a row of its own that can be moved."""
    OPTIONS = "options"
    """A list of tables with a key and a text, one on each line; what else they hold stays with its line."""
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to fill in. ``key`` is that of the definition, with dots where it lies in a table below."""

    key: str
    shape: Shape
    label: Any
    hint: Any = ""
    optional: bool = False
    choices: tuple[tuple[str, Any], ...] = ()
    choices_from: tuple[str, ...] = ()
    """Where in the draft the options lie that can be chosen; without any there the field is left out."""
    usual: Any = None
    """What holds where nothing is said."""
    only: frozenset[str] = frozenset()
    """The kinds of question that have it; empty: all of them."""
    named_by: str = "text"
    """For options: the key of their text."""
    prefix: str = "option"
    """For options: how the keys of new ones begin."""
    rows: int = 4

    def is_for(self, table: Mapping[str, Any]) -> bool:
        """Say whether a table of this kind has the field at all."""
        return not self.only or table.get("kind") in self.only


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of tables that can be added to, put in order and shortened."""

    key: str
    title: Any
    one: Any
    """What an entry is called that has no words of its own yet."""
    add: Any
    named_by: str
    prefix: str
    fields: tuple[Field, ...]
    lists: tuple["Listing", ...] = ()
    kinds: tuple[tuple[str, Any], ...] = ()
    """What a new entry can be, where there is a choice."""
    start: Mapping[str, Any] = field(default_factory=dict)
    """What a new entry holds."""
    can_grow: bool = True
    in_lines: bool = False
    """Whether several can be written at once, one on each line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an exercise: a page of fields, with lists. ``table`` is where its table lies in the draft."""

    name: str
    title: Any
    text: Any = ""
    table: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    lists: tuple[Listing, ...] = ()


class Nowhere(LookupError):
    """There is nothing in the draft at this place, or not any more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A table of a draft, what can be filled in there, and where it stands."""

    table: Table
    fields: tuple[Field, ...]
    lists: tuple[Listing, ...]
    where: Where
    listing: Listing | None = None
    """The list that it is an entry of."""
    trail: tuple[Table, ...] = ()
    """The tables that it lies in, from the part on."""

    @property
    def shown(self) -> tuple[Field, ...]:
        """Return the fields that a table of this kind has."""
        return tuple(each for each in self.fields if each.is_for(self.table))


ENTRY: Final = "key"


def find(draft: Table, parts: Sequence[Part], where: Where) -> Found:
    """Return the table at a place of a draft, which is changed where it is changed. Raises Nowhere."""
    part = next((each for each in parts if where and each.name == where[0]), None)
    if part is None or len(where) % 2 == 0:
        raise Nowhere(where)
    table = below(draft, part.table)
    found = Found(table, part.fields, part.lists, where[:1])
    for name, key in zip(where[1::2], where[2::2], strict=True):
        listing = next((each for each in found.lists if each.key == name), None)
        entry = None if listing is None else entry_of(found.table, listing, key)
        if listing is None or entry is None:
            raise Nowhere(where)
        trail = (*found.trail, found.table)
        found = Found(entry, listing.fields, listing.lists, (*found.where, name, key), listing, trail)
    return found


def below(table: Table, path: Sequence[str]) -> Table:
    """Return the table at the end of a path of keys, making those that aren't there."""
    for step in path:
        inner = table.get(step)
        if not isinstance(inner, dict):
            inner = table[step] = {}
        table = inner
    return table


def value_at(table: Mapping[str, Any], key: str) -> Any:
    """Return what stands at a key, which may have dots; None where nothing does."""
    found: Any = table
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def put_at(table: Table, key: str, value: Any) -> None:
    """Put a value at a key, which may have dots."""
    *path, last = key.split(".")
    below(table, path)[last] = value


def entries_of(table: Table, listing: Listing) -> list[Table]:
    """Return the entries of a list, to be changed where they are; an empty one is made where there is none."""
    found = value_at(table, listing.key)
    if not isinstance(found, list):
        found = []
        put_at(table, listing.key, found)
    return found


def entry_of(table: Table, listing: Listing, key: str) -> Table | None:
    """Return the entry with a key, if it is there."""
    return next((each for each in entries_of(table, listing) if each.get(ENTRY) == key), None)


def walk(draft: Table, parts: Sequence[Part]) -> Iterator[Found]:
    """Yield every table of a draft that the editor knows, in reading order."""
    for part in parts:
        yield from _walk_from(draft, parts, (part.name,))


def _walk_from(draft: Table, parts: Sequence[Part], where: Where) -> Iterator[Found]:
    found = find(draft, parts, where)
    yield found
    for listing in found.lists:
        for entry in entries_of(found.table, listing):
            yield from _walk_from(draft, parts, (*where, listing.key, str(entry.get(ENTRY))))
