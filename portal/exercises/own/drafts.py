"""What a therapist is writing, between the editor and the shelf: a tree of plain values that becomes a definition.

A draft holds the very tables and keys of a definition file (`docs/adding-things.md`), as JSON. It may be unfinished:
what is missing or wrong is found by the ordinary reader of definitions, and only when it is published. Keys that begin
with an underscore belong to the editor and never reach a definition.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from portal.kit.library import values_of

Draft = dict[str, Any]
"""The tables and keys of a definition. Numbers that were mistyped stand in it as the text that was typed."""

SLUG_PREFIX: Final = "own-"
"""How the names of all own works begin, and of nothing built-in."""

TITLE_LENGTH: Final = 80

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_MOST_IN_A_ROW: Final = 100


def as_kept(draft: Mapping[str, Any]) -> str:
    """Return a draft as the text that is kept; the same draft is always the same text."""
    return json.dumps(draft, ensure_ascii=False, sort_keys=False, separators=(",", ":"))


def as_draft(kept: str) -> Draft:
    """Return the draft that was kept as a text."""
    found: Draft = json.loads(kept)
    return found


def draft_of(source: str) -> Draft:
    """Return the draft that says the same as a definition, to begin a work of one's own with."""
    values = dict(values_of(source, name="a definition to be copied"))
    return {key: value for key, value in values.items() if key not in {"id", "version"}}


def title_of(draft: Mapping[str, Any]) -> str:
    """Return the title of a draft as far as it has one, short enough to be kept beside it."""
    return " ".join(str(draft.get("title") or "").split())[:TITLE_LENGTH]


def source_of(draft: Mapping[str, Any], *, slug: str, version: int, tables: Collection[str] = ()) -> str:
    """Return a draft as the text of a definition, ready for the reader of its kind.

    Empty values are left out: nothing typed is nothing said. ``tables`` are there even if nothing is in them, so that
    the reader names each thing they lack. Nothing is checked here.
    """
    tidied = _tidied(draft)
    tidied |= {name: tidied.get(name, {}) for name in tables}
    head = {"id": slug, "version": version}
    return "\n".join(_lines(head | {key: value for key, value in tidied.items() if key not in head})) + "\n"


def _tidied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without the editor's own keys and without empty ones, at every depth."""
    tidied = {key: _tidied_value(value) for key, value in values.items() if not key.startswith("_")}
    return {key: value for key, value in tidied.items() if value not in ("", None, [], {})}


def _tidied_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _tidied(value)
    if isinstance(value, list):
        return [_tidied_value(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def _lines(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a table's own keys first, then the tables below it: what follows a header belongs to that table."""
    below: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, Mapping) or _is_tables(value):
            below.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below:
        name = ".".join(_key(step) for step in (*path, key))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]")
            yield from _lines(value, (*path, key))
            continue
        for entry in value:
            yield from ("", f"[[{name}]]")
            yield from _lines(entry, (*path, key))


def _is_tables(value: Any) -> bool:
    """Say whether a list is best written as an array of tables: short things such as options stay in one line."""
    if not isinstance(value, list) or not value or not all(isinstance(each, Mapping) for each in value):
        return False
    return any(len(_value(each)) > _MOST_IN_A_ROW for each in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list([_value(each) for each in value])
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, default=str)


def _list(entries: Sequence[str]) -> str:
    if sum(map(len, entries)) <= _MOST_IN_A_ROW:
        return "[" + ", ".join(entries) + "]"
    return "[\n" + "".join(f"  {each},\n" for each in entries) + "]"


def _text(text: str) -> str:
    # TOML's basic strings are those of JSON, except that DEL has to be escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
