"""Rules that are nothing but patterns: blame, labels of character, mind-reading, threats, requests, conditions."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from portal.exercises.coach.codes import Code, Find
from portal.exercises.coach.patterns import Patterns, patterns
from portal.exercises.coach.reading import Sentence

_FOLDER: Final = Path(__file__).parent
_TABLES: Final = ("blaming.toml", "labels.toml", "mind.toml", "threats.toml", "request.toml", "apology.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look for, and what around it takes it back."""

    code: Code
    find: Patterns
    unless: Patterns
    """Fits anywhere in the sentence."""
    before: Patterns
    """Fits right before what was found."""
    after: Patterns
    """Fits right after what was found."""
    asks: bool | None
    """Whether it holds for questions only, or for other sentences only."""

    def finds(self, sentence: Sentence) -> Iterator[Find]:
        """Yield what the rule finds in a sentence."""
        if self.asks is not None and self.asks is not sentence.asks:
            return
        for match in self.find.matches(sentence):
            before = sentence.line[: match.start()] + (" " if match.start() else "")
            if self.before.fits_in(before.rstrip(" ")) or self.after.begins(sentence.line[match.end() :]):
                continue
            if self.unless.fits(sentence):
                return
            start, end = sentence.span(match.start(), match.end())
            yield Find(self.code, start, end)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of all tables."""
    return tuple(_rule(entry) for name in _TABLES for entry in _entries(name))


def finds(sentence: Sentence) -> Iterator[Find]:
    """Yield what all pattern rules find in a sentence."""
    for rule in rules():
        yield from rule.finds(sentence)


def _entries(name: str) -> list[dict[str, str | bool]]:
    entries: list[dict[str, str | bool]] = tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))["rule"]
    return entries


def _rule(entry: dict[str, str | bool]) -> Rule:
    before = patterns(str(entry.get("before", "")))
    asks = entry.get("asks")
    return Rule(
        code=Code(str(entry["code"])),
        find=patterns(str(entry["find"])),
        unless=patterns(str(entry.get("unless", ""))),
        before=Patterns(before.sources, ends_here=True),
        after=patterns(str(entry.get("after", ""))),
        asks=None if asks is None else bool(asks),
    )
