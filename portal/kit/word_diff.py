"""Two wordings of a text laid over each other word by word, so that people see at a glance what has changed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile

_WORD = re.compile(r"\s+|\w+(?:['’]\w+)*|[^\w\s]")

PAIRS_AT_MOST = 500_000
"""The product of both numbers of words up to which texts are compared word by word: some tenths of a second."""


class Change(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and what became of it."""

    change: Change
    text: str


def word_diff(before: str, after: str) -> tuple[Span, ...]:
    """Return what was kept, removed and added, in reading order; what was removed stands before what replaces it.

    The kept and removed spans joined are ``before``, the kept and added ones ``after``. Two changes with nothing
    but white space between them are one change. Texts too long to be laid over each other quickly are compared by
    their beginnings and ends only: all between the first and the last change is one change.
    """
    ours, theirs = _WORD.findall(before), _WORD.findall(after)
    pairs = [
        ("".join(ours[i1:i2]), "".join(theirs[j1:j2]), tag == "equal")
        for tag, i1, i2, j1, j2 in _stretches(ours, theirs)
    ]
    return tuple(_spans(_without_slivers(pairs)))


Pair = tuple[str, str, bool]
"""The two sides of a stretch of text, and whether they are the same."""

Stretch = tuple[str, int, int, int, int]


def _stretches(ours: list[str], theirs: list[str]) -> Sequence[Stretch]:
    if len(ours) * len(theirs) <= PAIRS_AT_MOST:
        return SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    head = _alike(ours, theirs)
    tail = min(_alike(ours[::-1], theirs[::-1]), min(len(ours), len(theirs)) - head)
    whole: list[Stretch] = [
        ("equal", 0, head, 0, head),
        ("replace", head, len(ours) - tail, head, len(theirs) - tail),
        ("equal", len(ours) - tail, len(ours), len(theirs) - tail, len(theirs)),
    ]
    return [one for one in whole if one[1] < one[2] or one[3] < one[4]]


def _alike(ours: Iterable[str], theirs: Iterable[str]) -> int:
    """Return how many words two texts have in common from their beginning on."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _without_slivers(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the stretches with changes joined across kept white space, which would only make the eye stumble."""
    joined: list[Pair] = []
    waiting = list(pairs)
    for place, (old, new, same) in enumerate(waiting):
        inside = 0 < place < len(waiting) - 1
        changes = not same or (inside and not old.strip())
        if changes and joined and not joined[-1][2]:
            last_old, last_new, _ = joined.pop()
            joined.append((last_old + old, last_new + new, False))
        else:
            joined.append((old, new, not changes))
    return joined


def _spans(pairs: Iterable[Pair]) -> Iterator[Span]:
    for old, new, same in pairs:
        if same:
            yield Span(Change.KEPT, old)
            continue
        if old:
            yield Span(Change.REMOVED, old)
        if new:
            yield Span(Change.ADDED, new)
