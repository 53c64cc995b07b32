"""Putting the entries of a draft in order: adding, moving, taking out and putting back. Nothing that was typed is lost."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

from portal.exercises.own.schema import (
    ENTRY,
    Found,
    Listing,
    Nowhere,
    Part,
    Table,
    Where,
    entries_of,
    entry_of,
    find,
)

TAKEN_OUT: Final = "_taken_out"
"""Where the editor keeps what was taken out since the draft was published last."""
ADDED: Final = "_added"
"""The key of the form by which something was added last, and the key of what was added: the same again adds nothing."""
COUNT: Final = "_count"
"""How many keys the editor has made. None is made twice: answers are compared by them over editions."""

_NUMBERED: Final = re.compile(r"[a-z]+(\d+)", re.ASCII)


def as_place(text: str | None) -> int:
    """Return the number that a text is, where it is a short one in plain digits; -1 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1


def add(
    draft: Table, parts: Sequence[Part], where: Where, name: str, *, kind: str = "", once_key: str = ""
) -> Where:
    """Add an empty entry at the end of a list; return where it is. The same ``once_key`` adds it once."""
    found = find(draft, parts, where)
    listing = listing_of(found, name)
    last = draft.get(ADDED) or ["", ""]
    if once_key and last[0] == once_key and entry_of(found.table, listing, last[1]):
        return (*where, name, last[1])
    entry = new_entry(draft, listing, kind)
    entries_of(found.table, listing).append(entry)
    draft[ADDED] = [once_key, entry[ENTRY]]
    return (*where, name, entry[ENTRY])


def add_lines(draft: Table, parts: Sequence[Part], where: Where, name: str, lines: Sequence[str]) -> None:
    """Add an entry for each line, at the end of a list whose entries need nothing but their text."""
    found = find(draft, parts, where)
    listing = listing_of(found, name)
    for line in lines:
        entries_of(found.table, listing).append(new_entry(draft, listing) | {listing.named_by: line})


def new_entry(draft: Table, listing: Listing, kind: str = "") -> Table:
    """Return an entry for a list with a key that nothing in the draft has, or ever had."""
    start = deepcopy(dict(listing.start))
    presets = start.pop("presets", {})
    chosen = {"kind": kind} if listing.kinds and kind in dict(listing.kinds) else {}
    return {ENTRY: new_key(draft, listing.prefix), **start, **chosen, **deepcopy(presets.get(kind, {}))}


def new_key(draft: Table, prefix: str) -> str:
    """Return a key that nothing in the draft has, or ever had."""
    number = max(int(draft.get(COUNT) or 0), _highest(draft)) + 1
    draft[COUNT] = number
    return f"{prefix}{number}"


def _highest(value: Any) -> int:
    """Return the highest number at the end of a key anywhere in a draft, such as 12 for ``q12``."""
    if isinstance(value, list):
        return max(map(_highest, value), default=0)
    if not isinstance(value, dict):
        return 0
    own = _NUMBERED.fullmatch(str(value.get(ENTRY, "")))
    return max([int(own[1]) if own else 0, *map(_highest, value.values())])


def move(draft: Table, parts: Sequence[Part], where: Where, by: int) -> Where:
    """Move an entry up (-1) or down (1); from the end of its list it goes on into the neighboring one.

    Returns where it is then.
    """
    found, listing, siblings = _entry(draft, parts, where)
    place = siblings.index(found.table)
    if 0 <= place + by < len(siblings):
        siblings.insert(place + by, siblings.pop(place))
        return where
    neighbor = _neighbor(draft, parts, where[:-2], by)
    if neighbor is None:
        return where
    entry = siblings.pop(place)
    further = entries_of(neighbor, listing)
    further.insert(len(further) if by < 0 else 0, entry)
    return (*where[:-3], str(neighbor[ENTRY]), *where[-2:])


def may_move(draft: Table, parts: Sequence[Part], where: Where, by: int) -> bool:
    """Say whether an entry has anywhere to go."""
    found, _listing, siblings = _entry(draft, parts, where)
    place = siblings.index(found.table) + by
    return 0 <= place < len(siblings) or _neighbor(draft, parts, where[:-2], by) is not None


def take_out(draft: Table, parts: Sequence[Part], where: Where) -> None:
    """Take an entry out of its list, and keep it for the case that it was a mistake."""
    found, _listing, siblings = _entry(draft, parts, where)
    place = siblings.index(found.table)
    del siblings[place]
    draft.setdefault(TAKEN_OUT, []).append({"where": list(where), "place": place, "entry": found.table})


def keep_row(draft: Table, where: Where, key: str, place: int, text: str) -> None:
    """Keep a row that was taken out of a list of texts."""
    if text.strip():
        kept = {"where": [*where], "row": key, "place": place, "entry": text}
        draft.setdefault(TAKEN_OUT, []).append(kept)


def put_back(draft: Table, parts: Sequence[Part], number: int) -> Where:
    """Put back what was taken out, where it stood; return where that is. Raises Nowhere if there is no such place."""
    kept = draft.get(TAKEN_OUT, [])
    if not 0 <= number < len(kept):
        raise Nowhere(str(number))
    one = kept[number]
    where: Where = tuple(one["where"])
    if "row" in one:
        table = find(draft, parts, where).table
        table.setdefault(one["row"], []).insert(one["place"], one["entry"])
    else:
        found = find(draft, parts, where[:-2])
        entries_of(found.table, listing_of(found, where[-2])).insert(one["place"], one["entry"])
    del kept[number]
    return where


def listing_of(found: Found, name: str) -> Listing:
    """Return a list of a table by its name. Raises Nowhere."""
    for listing in found.lists:
        if listing.key == name:
            return listing
    raise Nowhere(name)


def _entry(draft: Table, parts: Sequence[Part], where: Where) -> tuple[Found, Listing, list[Table]]:
    found = find(draft, parts, where)
    if found.listing is None:
        raise Nowhere(where)
    return found, found.listing, entries_of(found.trail[-1], found.listing)


def _neighbor(draft: Table, parts: Sequence[Part], where: Where, by: int) -> Table | None:
    """Return the table before or after one in its own list, if there is one: the page before that of a question."""
    found = find(draft, parts, where)
    if found.listing is None:
        return None
    siblings = entries_of(found.trail[-1], found.listing)
    place = siblings.index(found.table) + by
    return siblings[place] if 0 <= place < len(siblings) else None
