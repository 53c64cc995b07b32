"""A small language for what to look for in a sentence: words, word lists and gaps.

A pattern is a line of elements, each with a space before it. ``word`` is that word, ``<list>`` any entry of a word
list, ``(a|b c|<list>)`` one of several, ``..3`` up to three words of the same clause, ``^`` and ``$`` the ends of the
sentence. ``<number>`` is a number, ``<word>`` and ``<act>`` a word that may tell of an act, ``<doing>`` and
``<act_ing>`` one that ends in "ing". ``?`` after an element makes it optional, ``*`` and ``+`` let it repeat.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, Self

from portal.exercises.coach.lexicon import word_lists
from portal.exercises.coach.reading import Sentence

_ELEMENT: Final = re.compile(r"\^|\$|\.\.\d+|\([^)]*\)[?*+]?|<\w+>[?*+]?|[^\s?*+]+[?*+]?")
_OTHER_THAN: Final = {
    "<word>": ("no_act", r"[^ ,;:~]+"),
    "<not_as>": ("as_alone", r"[^ ,;:~]+"),
    "<thing>": ("no_thing", r"[^ ,;:~]+"),
    "<somebody>": ("no_somebody", r"[^ ,;:~]+"),
    "<did>": ("no_did", r"[^ ,;:~]+"),
    "<felt>": ("no_felt", r"[^ ,;:~]+"),
    "<doing>": ("no_doing", r"[^ ,;:~]+ing"),
    "<act>": ("not_act", r"[^ ,;:~]+"),
    "<act_ing>": ("not_act_ing", r"[^ ,;:~]+ing"),
}
"""Elements that fit every word of a form that isn't on a list."""
_PLACES: Final = {"^": r"^(?: [^\w ~]+)*", "$": r"(?=(?: [^\w ~]+)* $)", "<number>": r"(?: \d[^ ]*)"}
_MARKS: Final = {"": "", "?": "?", "*": "{0,6}", "+": "{1,6}"}
"""How often an element may fit; bounded, so that no text takes long, however odd."""
_COMMON: Final = frozenset(
    "i you me my your we us our it is are was were am be to the a that and not do for of in on at , have this so".split()
)
"""Words that are in most texts, so that a pattern is better looked up by its other words."""
_OWNER: Final = re.compile(r"(?<=\w)'s\b")
"""Texts are read with this ending as a word of its own, so patterns are too."""
_GAP: Final = r"(?: [^ ,;:~]+)"


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
        for element in _ELEMENT.findall(_OWNER.sub(" 's", source)):
            part, heads = _compiled(element)
            parts.append(part)
            if heads:
                needs.append(heads)
        if parts and parts[-1].startswith(_GAP):
            # At the end a gap takes in as much as it can, so that a hint shows the whole thought.
            parts[-1] = parts[-1].removesuffix("?")
        tail = "(?= $)" if ends_here else "(?= )"
        return cls(re.compile("".join(parts) + tail), tuple(needs))


def _compiled(element: str) -> tuple[str, frozenset[str]]:
    """Return the regular expression of an element, and the first words it can have if it must be there."""
    if element in _PLACES:
        return _PLACES[element], frozenset()
    if element.startswith(".."):
        return f"{_GAP}{{0,{int(element[2:])}}}?", frozenset()
    mark = element[-1] if element[-1] in "?*+" else ""
    plain = element.removesuffix(mark) if mark else element
    parts = plain[1:-1].split("|") if plain.startswith("(") else [plain]
    entries = frozenset[str]().union(*(_entries(part.strip()) for part in parts))
    forms = [_form(part) for part in parts if part in _PLACES or part in _OTHER_THAN]
    if entries:
        forms.append(_any_of(tuple(sorted(entries))))
    regex = forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"
    must_be_there = mark in {"", "+"} and len(forms) == 1 and bool(entries)
    return regex + _MARKS[mark], frozenset(
        entry.split()[0] for entry in entries
    ) if must_be_there else frozenset()


def _form(element: str) -> str:
    if element in _PLACES:
        return _PLACES[element]
    refused, form = _OTHER_THAN[element]
    return f"(?:(?!{_any_of(tuple(sorted(word_lists()[refused])))} ) {form})"


def _entries(element: str) -> frozenset[str]:
    if element in _PLACES or element in _OTHER_THAN:
        return frozenset()
    return word_lists()[element[1:-1]] if element.startswith("<") else frozenset({element})


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


@dataclass(frozen=True, slots=True)
class _Ready:
    """Patterns in a form to search with, found by a word that a sentence must have for them to fit."""

    each: tuple[Pattern, ...]
    by_word: Mapping[str, tuple[int, ...]]
    words: frozenset[str]
    others: tuple[tuple[frozenset[str], ...], ...]
    """What each pattern needs beside the word that it is found by."""
    anywhere: tuple[int, ...]

    def worth_trying(self, bag: frozenset[str]) -> Sequence[int]:
        """Return the numbers of the patterns that a sentence with these words has a chance to fit."""
        if self.words.isdisjoint(bag):
            return self.anywhere
        numbers = {number for word in self.words & bag for number in self.by_word[word]}
        found = [*self.anywhere]
        for number in sorted(numbers):
            for heads in self.others[number]:
                if heads.isdisjoint(bag):
                    break
            else:
                found.append(number)
        return found


def _ready(sources: tuple[str, ...], *, ends_here: bool) -> _Ready:
    each = tuple(Pattern.of(source, ends_here=ends_here) for source in sources)
    by_word: dict[str, tuple[int, ...]] = {}
    others: list[tuple[frozenset[str], ...]] = []
    anywhere: list[int] = []
    for number, pattern in enumerate(each):
        rarest = min(pattern.needs, key=_commonness, default=None)
        others.append(tuple(heads for heads in pattern.needs if heads is not rarest))
        if rarest is None:
            anywhere.append(number)
        for word in rarest or ():
            by_word[word] = (*by_word.get(word, ()), number)
    return _Ready(each, by_word, frozenset(by_word), tuple(others), tuple(anywhere))


def _commonness(heads: frozenset[str]) -> tuple[int, int]:
    return len(heads & _COMMON), len(heads)


@dataclass(frozen=True)
class Patterns:
    """Several patterns of which any may fit; with ``ends_here`` only at the end of what is searched."""

    sources: tuple[str, ...]
    ends_here: bool = False

    @cached_property
    def _ready(self) -> _Ready:
        """Making the patterns ready takes a while, so it happens once, when they are needed."""
        return _ready(self.sources, ends_here=self.ends_here)

    @property
    def each(self) -> tuple[Pattern, ...]:
        """The patterns, ready to search with."""
        return self._ready.each

    def matches(self, sentence: Sentence) -> Iterator[re.Match[str]]:
        """Yield every fit in a sentence."""
        each = self._ready.each
        for number in self._ready.worth_trying(sentence.bag):
            yield from each[number].regex.finditer(sentence.line)

    def numbered_matches(self, sentence: Sentence) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield every fit in a sentence with the number of its pattern."""
        each = self._ready.each
        for number in self._ready.worth_trying(sentence.bag):
            for match in each[number].regex.finditer(sentence.line):
                yield number, match

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
