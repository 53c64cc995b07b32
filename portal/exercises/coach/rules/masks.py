"""Hides what is only told or taken back, so that nobody is held to somebody else's words."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from portal.exercises.coach.patterns import Patterns, patterns
from portal.exercises.coach.reading import Sentence

_TABLE: Final = Path(__file__).with_name("masks.toml")
_CHECKS_BACK: Final = patterns(
    """
    (is|was) that (right|it|correct|what you|how you|about right|close)
    (did|do|have|am) i (get|got|understand|understood|hear|heard|have) (that|you|it|this|right|everything)? ..3 (right|correctly|so far|properly)?
    (have|did) i (missed|miss|got|get) ..3
    """
)
_CONDITIONS: Final = frozenset("if unless until or dare should".split())
_SPEAKS_AGAIN: Final = patterns(
    "(,|and) (i|so|now|that|it) (am|feel|felt|was|do|did|have|will|would|is|hurt|made)"
)


@dataclass(frozen=True, slots=True)
class _Frames:
    patterns: Patterns
    not_told: Patterns
    ends: frozenset[str]


@cache
def _frames() -> _Frames:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return _Frames(patterns(table["frames"]), patterns(table["not_told"]), frozenset(table["ends"].split()))


def without_told(found: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """Return the sentences with reported and taken-back words masked.

    When the last sentence asks whether the partner was heard rightly, everything before it is the partner's.
    """
    if len(found) > 1 and found[-1].asks and _CHECKS_BACK.fits(found[-1]):
        return tuple(each.masked(0, len(each.words)) for each in found[:-1]) + found[-1:]
    return tuple(_without_told(each) for each in found)


def _without_told(sentence: Sentence) -> Sentence:
    masked = sentence
    for match in _frames().patterns.matches(sentence):
        if match.start() and sentence.words[sentence.index_at(match.start())].plain in _CONDITIONS:
            continue
        if _frames().not_told.begins(sentence.line[match.end() :]):
            continue
        first = sentence.index_at(match.end() + 1)
        if match.end() + 1 < len(sentence.line):
            masked = masked.masked(first, _end(sentence, first))
    return masked


def _end(sentence: Sentence, first: int) -> int:
    """Return where the writer speaks again."""
    for index in range(first, len(sentence.words)):
        if sentence.words[index].plain in _frames().ends:
            return index
        if sentence.words[index].plain in {",", "and"}:
            rest = sentence.line[sentence.places[index] - 1 :]
            if _SPEAKS_AGAIN.begins(rest):
                return index
    return len(sentence.words)
