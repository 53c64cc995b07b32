"""A draft as couples will see it, as it stands: what isn't written yet is left open, what can't be shown is left out."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from portal.exercises.domain import Exercise
from portal.exercises.own.arranging import new_entry
from portal.exercises.own.compile import Trouble, exercise_of, troubles_in
from portal.exercises.own.drafts import Draft
from portal.exercises.own.schema import (
    ENTRY,
    Field,
    Found,
    Listing,
    Shape,
    entries_of,
    find,
    put_at,
    value_at,
)
from portal.exercises.own.shapes import parts_of
from portal.kit.library import DefinitionError

THEMES: Final = "themes"
NO_THEME: Final = "open"
LETTER_PARTS: Final = "parts"
OPEN: Final = "…"
"""What stands where nothing is written yet."""
_ROUNDS: Final = 12
_FIRST_NUMBER: Final = 10


def viewable(draft: Draft, *, slug: str, version: int) -> Exercise | None:
    """Return a draft as an exercise that can be looked at, finished or not; None where nothing can be made of it."""
    tree = deepcopy(draft)
    for _round in range(_ROUNDS):
        try:
            return exercise_of(tree, slug=slug, version=version)
        except DefinitionError:
            for trouble in troubles_in(tree, slug=slug):
                _patch(tree, trouble)
    return None


def _patch(tree: Draft, trouble: Trouble) -> None:
    try:
        found = find(tree, parts_of(tree), trouble.where)
    except LookupError:
        return
    field = next((each for each in found.shown if each.key == trouble.field), None)
    if field is not None and (trouble.is_gap or field.shape in {Shape.NUMBER, Shape.CHOICE}):
        put_at(found.table, field.key, _stand_in(found, field))
    elif trouble.is_gap and found.lists:
        _add_to_lists(tree, found)
    elif found.listing is not None:
        siblings = entries_of(found.trail[-1], found.listing)
        siblings[:] = [each for each in siblings if each.get(ENTRY) != found.table.get(ENTRY)]
    elif field is None:
        _add_to_lists(tree, found)
    else:
        put_at(found.table, field.key, None)


def _add_to_lists(tree: Draft, found: Found) -> None:
    """Add something to read to each list that has nothing yet, and to cards, of which there can be too few."""
    for listing in found.lists:
        entries = entries_of(found.table, listing)
        if listing.can_grow and (not entries or listing.in_lines):
            kind = listing.kinds[0][0] if listing.kinds else ""
            entry = new_entry(tree, listing, kind)
            entries.append(entry | {listing.named_by: _open(listing, entry)})
        if listing.key == LETTER_PARTS:
            # One part at least can't stay empty.
            entries[0]["min"] = max(1, _whole(entries[0].get("min")))


def _whole(value: Any) -> int:
    """Return a value that is a whole number, or 0."""
    return value if isinstance(value, int) else 0


def _open(listing: Listing | None, entry: Mapping[str, Any]) -> str:
    """Return what stands for words that aren't there: with a number where no two may be the same."""
    return f"{OPEN} {entry.get(ENTRY)}" if listing is not None and listing.in_lines else OPEN


def _stand_in(found: Found, field: Field) -> Any:
    before = value_at(found.table, field.key)
    match field.shape:
        case Shape.LINE | Shape.TEXT:
            return _open(found.listing, found.table)
        case Shape.LINES if field.key == THEMES:
            return [NO_THEME]
        case Shape.LINES | Shape.ROWS:
            return [OPEN]
        case Shape.NUMBER:
            return (before if isinstance(before, int) and before > _FIRST_NUMBER else _FIRST_NUMBER) * 2
        case Shape.OPTIONS:
            kept = list(before) if isinstance(before, list) else []
            number = len(kept) + 1
            return [*kept, {"key": f"{field.prefix}_{number}", field.named_by: OPEN}]
        case Shape.SEVERAL:
            return [field.choices[0][0]]
        case _:
            return field.choices[0][0] if field.choices else None
