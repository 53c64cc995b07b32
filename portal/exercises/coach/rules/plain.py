"""Rules that are nothing but patterns: blame, labels of character, mind-reading, threats, requests, conditions."""

import re
import tomllib
from collections.abc import Iterable, Iterator
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
    needs: Patterns
    """One of these must fit somewhere in the sentence, if there are any."""
    before: Patterns
    """Fits right before what was found."""
    after: Patterns
    """Fits right after what was found."""
    asks: bool | None
    """Whether it holds for questions only, or for other sentences only."""
    care: bool
    """Whether what it finds means that a life may be in danger."""

    def holds(self, sentence: Sentence, match: re.Match[str]) -> bool:
        """Say whether what was found in a sentence stands, given the words around it."""
        if self.asks is not None and self.asks is not sentence.asks:
            return False
        if self.before.fits_in(f"{sentence.line[: match.start()]} ") or self.after.begins(
            sentence.line[match.end() :]
        ):
            return False
        if self.needs.sources and not self.needs.fits(sentence):
            return False
        return not self.unless.fits(sentence)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of all tables."""
    return tuple(_rule(entry) for name in _TABLES for entry in _entries(name))


@cache
def _looked_for() -> tuple[Patterns, tuple[Rule, ...]]:
    """Return the patterns of all rules in one, and the rule of each: looking them up together is quicker."""
    pairs = [(source, rule) for rule in rules() for source in rule.find.sources]
    return Patterns(tuple(source for source, _rule in pairs)), tuple(rule for _source, rule in pairs)


def finds(sentence: Sentence) -> Iterator[Find]:
    """Yield what all pattern rules find in a sentence."""
    looked_for, owners = _looked_for()
    for number, match in looked_for.numbered_matches(sentence):
        rule = owners[number]
        if rule.holds(sentence, match):
            start, end = sentence.span(match.start(), match.end())
            yield Find(rule.code, start, end)


def speaks_of_danger(found: Iterable[Sentence]) -> bool:
    """Say whether any sentence speaks of harming oneself or of killing; a figure of speech doesn't count."""
    return any(
        rule.holds(each, match)
        for each in found
        for rule in rules()
        if rule.care
        for match in rule.find.matches(each)
    )


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
        needs=patterns(str(entry.get("needs", ""))),
        before=Patterns(before.sources, ends_here=True),
        after=patterns(str(entry.get("after", ""))),
        asks=None if asks is None else bool(asks),
        care=bool(entry.get("care", False)),
    )
