"""The word lists of the coach: what ``words/*.toml`` say, with inflections and common misspellings worked out."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "words"
_SPELLING: Final = "spelling.toml"
_VOWELS: Final = frozenset("aeiou")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def inflected(entry: str) -> tuple[str, ...]:
    """Return a word in all its forms: ``walk+`` stands for walk, walks, walked and walking, ``stop++`` doubles."""
    plain = _split(entry.rstrip("+"))
    if not entry.endswith("+"):
        return (plain, plain.replace(" - ", " ")) if " - " in plain else (plain,)
    doubles = entry.endswith("++")
    head, _space, rest = plain.partition(" ")
    forms = (head, _with_s(head), *_past_and_ing(head, doubles=doubles))
    return tuple(f"{form} {rest}".strip() for form in forms)


def _split(entry: str) -> str:
    """Return an entry in the words that a text is read in: hyphens and the ending of an owner stand alone."""
    return entry.replace("_", " ").replace("-", " - ").replace("'s", " 's").strip()


def _with_s(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ies"
    return verb + ("es" if verb.endswith(("s", "x", "ch", "sh", "z")) else "s")


def _past_and_ing(verb: str, *, doubles: bool) -> tuple[str, str]:
    if doubles:
        return f"{verb}{verb[-1]}ed", f"{verb}{verb[-1]}ing"
    if verb.endswith("ee"):
        return f"{verb}d", f"{verb}ing"
    if verb.endswith("e"):
        return f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied", f"{verb}ing"
    return f"{verb}ed", f"{verb}ing"


@cache
def word_lists() -> Mapping[str, frozenset[str]]:
    """Return every word list by name. An entry ``<name>`` takes in another list."""
    raw: dict[str, list[str]] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        if path.name != _SPELLING:
            raw |= {name: block.split() for name, block in _load(path.name).items()}
    return {name: frozenset(_expanded(name, raw)) for name in raw}


def _expanded(name: str, raw: Mapping[str, Iterable[str]]) -> Iterable[str]:
    for entry in raw[name]:
        if entry.startswith("<"):
            yield from _expanded(entry.strip("<>"), raw)
        else:
            yield from inflected(entry)


def _misspelled(word: str) -> Iterable[str]:
    """Yield a word with two letters swapped, a letter doubled, or an inner letter left out."""
    for place in range(1, len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        yield word[:place] + word[place + 1 :]
        yield word[: place + 1] + word[place:]


@cache
def spellings() -> Mapping[str, tuple[str, ...]]:
    """Return the plain words for each contraction, short form and common slip of the pen."""
    raw = _load(_SPELLING)
    known = {word: tuple(plain.split()) for word, plain in raw["known"].items()}
    often = frozenset(raw["often_misspelled"].split())
    real = frozenset(raw["real_words"].split())
    slips = {
        slip: (word,) for word in sorted(often) for slip in _misspelled(word) if slip not in real | often
    }
    return slips | known
