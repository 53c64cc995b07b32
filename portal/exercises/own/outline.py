"""The overview of an own exercise: its parts with what they say so far, and its lists to be put in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from portal.exercises.own.arranging import TAKEN_OUT, may_move
from portal.exercises.own.compile import Trouble
from portal.exercises.own.conditions import how_they_add_up, in_words
from portal.exercises.own.drafts import Draft
from portal.exercises.own.forms import fields_for
from portal.exercises.own.questions import AUDIENCES, KIND_WORDS
from portal.exercises.own.schema import Field, Found, Listing, Shape, Table, Where, entries_of, find, value_at
from portal.exercises.own.shapes import parts_of
from portal.web.translate import _

SHOWN_AT_MOST = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry of a list: a page, a question, a card."""

    where: str
    anchor: str
    title: str
    notes: tuple[str, ...]
    conditions: tuple[str, ...]
    url: str
    gaps: int
    up: bool
    down: bool
    lists: tuple["ListRows", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRows:
    """A list with its entries, and what can be added to it."""

    name: str
    where: str
    anchor: str
    title: str
    add: str
    kinds: tuple[tuple[str, str], ...]
    in_lines: bool
    rows: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRows:
    """One part of an exercise."""

    name: str
    title: str
    text: str
    url: str
    gaps: int
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    """What the fields say, each in one or more lines; without any where something is missing."""
    lists: tuple[ListRows, ...] = field(default=())


def outline(draft: Draft, work_id: str, troubles: Sequence[Trouble]) -> list[PartRows]:
    """Return the parts of a draft in order, each with what it says so far."""
    return [_part(draft, work_id, (part.name,), troubles) for part in parts_of(draft)]


def address(work_id: str, where: Where, **more: Any) -> str:
    """Return the address of the page on which a table is filled in."""
    return url_for(".own_exercise_edit", work_id=work_id, where="/".join(where), **more)


def anchor(where: Where) -> str:
    """Return the name under which the overview can be opened at a table."""
    return "-".join(where).replace(".", "-")


def taken_out(draft: Draft) -> list[tuple[int, str]]:
    """Return what was taken out, with its number; the last first."""
    kept = draft.get(TAKEN_OUT) or []
    return [(number, _name_of_taken(each["entry"])) for number, each in reversed(list(enumerate(kept)))]


def field_words(each: Field, table: Mapping[str, Any]) -> str:
    """Return what a field says, in words and not too long; empty where nothing is said."""
    value = value_at(table, each.key)
    if each.shape is Shape.FLAG:
        return _("Yes") if (each.usual if value is None else value) else _("No")
    if each.shape is Shape.CHOICE:
        chosen = str(each.usual if value in (None, "") else value)
        return str(dict(each.choices).get(chosen, ""))
    if each.shape is Shape.SEVERAL:
        return ", ".join(str(words) for code, words in each.choices if code in (value or ()))
    if each.shape is Shape.OPTIONS:
        value = [one.get(each.named_by, "") for one in value or ()]
    if isinstance(value, list):
        value = " · ".join(str(one) for one in value if one)
    return _short("" if value is None else str(value))


def _part(draft: Draft, work_id: str, where: Where, troubles: Sequence[Trouble]) -> PartRows:
    found = find(draft, parts_of(draft), where)
    part = next(each for each in parts_of(draft) if each.name == where[0])
    return PartRows(
        name=part.name,
        title=str(part.title),
        text=str(part.text),
        url=address(work_id, where) if found.fields else "",
        gaps=len({each.field for each in troubles if each.where == where}),
        facts=tuple(_facts(draft, found)),
        lists=_lists(draft, work_id, found, troubles),
    )


def _facts(draft: Draft, found: Found) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what the fields say. What may stay empty, and is, isn't worth a line, nor is a box without its tick."""
    for each in fields_for(found, draft):
        value = value_at(found.table, each.key)
        if each.shape is Shape.FLAG and not (each.usual if value is None else value):
            continue
        lines = field_lines(each, found.table)
        if lines or not each.optional:
            yield str(each.label), lines


def field_lines(each: Field, table: Mapping[str, Any], *, whole: bool = False) -> tuple[str, ...]:
    """Return what a field says, a list of texts line by line; ``whole``: however long it is."""
    value = value_at(table, each.key)
    if each.shape in {Shape.LINES, Shape.ROWS} and isinstance(value, list):
        return tuple(str(one) if whole else _short(str(one)) for one in value if one)
    if whole and isinstance(value, str) and each.shape in {Shape.LINE, Shape.TEXT}:
        return tuple(line for line in value.splitlines() if line.strip())
    words = field_words(each, table)
    return (words,) if words else ()


def _lists(draft: Draft, work_id: str, found: Found, troubles: Sequence[Trouble]) -> tuple[ListRows, ...]:
    shown = [each for each in found.lists if each.can_grow or entries_of(found.table, each)]
    return tuple(_list(draft, work_id, found, each, troubles) for each in shown)


def _list(
    draft: Draft, work_id: str, found: Found, listing: Listing, troubles: Sequence[Trouble]
) -> ListRows:
    places = [(*found.where, listing.key, str(each.get("key"))) for each in entries_of(found.table, listing)]
    return ListRows(
        name=listing.key,
        where="/".join(found.where),
        anchor=anchor((*found.where, listing.key)),
        title=str(listing.title),
        add=str(listing.add),
        kinds=tuple((value, str(words)) for value, words in listing.kinds),
        in_lines=listing.in_lines,
        rows=tuple(_row(draft, work_id, each, troubles) for each in places),
    )


def _row(draft: Draft, work_id: str, where: Where, troubles: Sequence[Trouble]) -> EntryRow:
    parts = parts_of(draft)
    found = find(draft, parts, where)
    return EntryRow(
        where="/".join(where),
        anchor=anchor(where),
        title=title_of(found),
        notes=tuple(_notes(found.table)),
        conditions=_conditions(draft, found.table),
        url=address(work_id, where),
        gaps=len({each.field for each in troubles if each.where == where}),
        up=may_move(draft, parts, where, -1),
        down=may_move(draft, parts, where, 1),
        lists=_lists(draft, work_id, found, troubles),
    )


def title_of(found: Found) -> str:
    """Return what an entry is called: its own words as far as there are any."""
    listing = found.listing
    if listing is None:
        return ""
    words = _short(str(found.table.get(listing.named_by) or ""))
    if words:
        return words
    place = entries_of(found.trail[-1], listing).index(found.table) + 1
    return _("%(what)s %(number)s", what=listing.one, number=place)


def _conditions(draft: Draft, table: Table) -> tuple[str, ...]:
    said = in_words(draft, table)
    return (how_they_add_up(table), *said) if said else ()


def _notes(table: Table) -> list[str]:
    """Return what else there is to know about an entry at a glance."""
    found = []
    if table.get("kind") in KIND_WORDS:
        found.append(str(KIND_WORDS[table["kind"]]))
    if table.get("audience") in dict(AUDIENCES):
        found.append(str(dict(AUDIENCES)[table["audience"]]))
    if table.get("required"):
        found.append(_("Has to be answered"))
    options = table.get("options")
    if isinstance(options, list) and options:
        found.append(_short(" · ".join(str(each.get("text", "")) for each in options)))
    return found


def _name_of_taken(entry: Any) -> str:
    if isinstance(entry, str):
        return _short(entry)
    return _short(str(entry.get("title") or entry.get("text") or "")) or _("Nothing written yet")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN_AT_MOST else words[: SHOWN_AT_MOST - 1].rstrip() + "…"
