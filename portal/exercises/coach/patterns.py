"""A small language for what to look for in a sentence: words, word lists and gaps.

A pattern is a line of elements, each with a space before it. ``word`` is that word, ``<list>`` any entry of a word
list, ``(a|b c|<list>)`` one of several, ``..3`` up to three words of the same clause, ``^`` and ``$`` the ends of the
sentence. ``?`` after an element makes it optional, ``*`` lets it repeat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

from portal.exercises.coach.lexicon import word_lists
from portal.exercises.coach.reading import Sentence

_ELEMENT: Final = re.compile(r"\^|\$|\.\.\d+|\([^)]*\)[?*+]?|<\w+>[?*+]?|[^\s?*+]+[?*+]?")
_GAP: Final = r"(?: [^ ,;:~]+)"
_PUNCTUATION: Final = r"(?: [,;:—–-])"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, ready to search with. A sentence must have a word of each of ``needs``."""

    regex: re.Pattern[str]
    needs: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, source: str, *, ends_here: bool = False) -> Self:
        """Return a pattern; with ``ends_here`` it only fits at the end of what is searched."""
        parts: list[str] = []
        needs: list[frozenset[str]] = []
        for element in _ELEMENT.findall(source):
            part, heads = _compiled(element)
            parts.append(part)
            if heads:
                needs.append(heads)
        tail = "$" if ends_here else "(?= )"
        return cls(re.compile("".join(parts) + tail), tuple(needs))

    def may_fit(self, bag: frozenset[str]) -> bool:
        """Say whether the words of a sentence leave a chance."""
        return not any(heads.isdisjoint(bag) for heads in self.needs)


def _compiled(element: str) -> tuple[str, frozenset[str]]:
    """Return the regular expression of an element, and the first words it can have if it must be there."""
    if element == "^":
        return r"^(?: [^\w ~]+)*", frozenset()
    if element == "$":
        return r"(?=(?: [^\w ~]+)* $)", frozenset()
    if element.startswith(".."):
        return f"{_GAP}{{0,{int(element[2:])}}}?", frozenset()
    mark = element[-1] if element[-1] in "?*+" else ""
    entries = _alternatives(element.removesuffix(mark) if mark else element)
    heads = frozenset(entry.split()[0] for entry in entries)
    return _any_of(tuple(sorted(entries))) + mark, heads if mark in {"", "+"} else frozenset()


def _alternatives(element: str) -> frozenset[str]:
    if element.startswith("("):
        parts = element[1:-1].split("|")
        return frozenset().union(*(_alternatives(part.strip()) for part in parts))
    if element.startswith("<"):
        return word_lists()[element[1:-1]]
    return frozenset({element})


@cache
def _any_of(entries: tuple[str, ...]) -> str:
    """Return one expression for many entries that shares their beginnings, so that searching stays quick."""
    tree: dict[str, Any] = {}
    for entry in entries:
        branch = tree
        for letter in f" {entry}":
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return f"(?:{_branches(tree)})"


def _branches(tree: dict[str, Any]) -> str:
    ends = "" in tree
    options = [re.escape(letter) + _branches(below) for letter, below in tree.items() if letter]
    if not options:
        return ""
    if ends:
        # A longer entry goes first, and a shorter one may only end where its word does.
        options.append("(?= )")
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


@cache
def _ready(sources: tuple[str, ...], *, ends_here: bool) -> tuple[Pattern, ...]:
    """Return patterns in a form to search with; making them takes a while, so it happens once, when needed."""
    return tuple(Pattern.of(source, ends_here=ends_here) for source in sources)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Several patterns of which any may fit; with ``ends_here`` only at the end of what is searched."""

    sources: tuple[str, ...]
    ends_here: bool = False

    @property
    def each(self) -> tuple[Pattern, ...]:
        """The patterns, ready to search with."""
        return _ready(self.sources, ends_here=self.ends_here)

    def matches(self, sentence: Sentence) -> Iterator[re.Match[str]]:
        """Yield every fit in a sentence."""
        for pattern in self.each:
            if pattern.may_fit(sentence.bag):
                yield from pattern.regex.finditer(sentence.line)

    def fits(self, sentence: Sentence) -> bool:
        """Say whether any pattern fits somewhere in a sentence."""
        return next(self.matches(sentence), None) is not None

    def fits_in(self, line: str) -> bool:
        """Say whether any pattern fits in a piece of a line, which begins with a space."""
        return any(pattern.regex.search(line) is not None for pattern in self.each)

    def begins(self, line: str) -> bool:
        """Say whether any pattern fits at the very beginning of a piece of a line."""
        return any(pattern.regex.match(line) is not None for pattern in self.each)


def patterns(*sources: str) -> Patterns:
    """Return patterns for some lines; an entry may hold several lines."""
    lines = (line.strip() for source in sources for line in source.splitlines())
    return Patterns(tuple(line for line in lines if line and not line.startswith("#")))
