"""Adds answers up to scores, exactly, and leaves a total out with a reason rather than guess it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final

from portal.questionnaires.conditions import enabled_keys
from portal.questionnaires.model import (
    Answers,
    Form,
    Item,
    ItemKind,
    Missing,
    Rule,
    Score,
    Value,
    is_answered,
)

WEIGHT_SPAN: Final = Fraction(10)
"""The upper end of a weight; the lower end is 0."""


class Omitted(StrEnum):
    """Why there is no total."""

    INCOMPLETE = "incomplete"
    """Too few of the parts that were asked have an answer."""
    NOT_ASKED = "not-asked"
    """None of its parts was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The lowest and highest value that something can have."""

    low: Fraction
    high: Fraction

    @property
    def span(self) -> Fraction:
        """Return the distance between the ends."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """What a score came to. Exactly one of ``value`` and ``omitted`` is set."""

    score: Score
    value: Fraction | None
    omitted: Omitted | None
    ends: Ends | None
    """The ends of the score when all its parts are asked, where all parts have ends."""
    answered: int
    asked: int
    prorated: bool = False

    @property
    def whole(self) -> int | None:
        """Return the value rounded to a whole number, halves upwards, as it is shown."""
        return None if self.value is None else floor(self.value + Fraction(1, 2))

    @property
    def band(self) -> str:
        """Return the words for the range in which the exact value lies, or nothing."""
        if self.value is None:
            return ""
        for band in self.score.bands:
            if band.upto is None or self.value <= exact(band.upto):
                return band.text
        return ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a score: nothing as value means that it was asked and has no answer."""

    value: Fraction | None
    ends: Ends | None
    weight: Fraction
    is_asked: bool


def score_form(form: Form, answers: Answers) -> dict[str, ScoreResult]:
    """Return the result of each score of a form, in order.

    Items that aren't asked take no part at all; unanswered and declined ones are missing, and each score's own
    rule says what that means: "all" parts must be there, at least *n* of them (a sum is then raised in
    proportion to the parts that were asked), or "none".
    """
    asked = enabled_keys(form, answers)
    results: dict[str, ScoreResult] = {}
    for score in form.scores:
        results[score.key] = _result(score, _parts(form, score, answers, asked, results))
    return results


def points(item: Item, value: Value | None) -> Fraction | None:
    """Return what an answer is worth: its number, or the scores of the chosen options; nothing if it has none."""
    if not is_answered(value) or isinstance(value, dict):
        return None
    if item.kind in (ItemKind.SCALE, ItemKind.NUMBER):
        return None if isinstance(value, str | list) or value is None else exact(value)
    chosen = value if isinstance(value, list) else [value]
    scores = [option.score for option in item.options if option.key in chosen]
    if not scores or None in scores:
        return None
    return sum((exact(one) for one in scores if one is not None), Fraction(0))


def ends_of(item: Item) -> Ends | None:
    """Return the least and most that an item's answer can be worth, if that is known."""
    if item.kind in (ItemKind.SCALE, ItemKind.NUMBER):
        if item.low is None or item.high is None:
            return None
        return Ends(low=exact(item.low), high=exact(item.high))
    scores = [exact(option.score) for option in item.options if option.score is not None]
    if not scores or len(scores) < len(item.options):
        return None
    if item.kind is ItemKind.CHOICE:
        return Ends(low=min(scores), high=max(scores))
    return Ends(low=_below(scores), high=_above(scores))


def exact(number: float) -> Fraction:
    """Return a number as the fraction that its decimal writing means, so that sums of tenths stay exact."""
    return Fraction(str(number))


def _below(scores: Sequence[Fraction]) -> Fraction:
    negatives = [score for score in scores if score < 0]
    return sum(negatives, Fraction(0)) if negatives else min(scores)


def _above(scores: Sequence[Fraction]) -> Fraction:
    positives = [score for score in scores if score > 0]
    return sum(positives, Fraction(0)) if positives else max(scores)


def _parts(
    form: Form,
    score: Score,
    answers: Answers,
    asked: Iterable[str],
    results: Mapping[str, ScoreResult],
) -> tuple[_Part, ...]:
    weights = score.weights or (1,) * len(score.items)
    found = []
    for key, weight in zip(score.items, weights, strict=True):
        item = form.item(key)
        if item is not None:
            worth = points(item, answers.get(key))
            found.append(_Part(worth, ends_of(item), exact(weight), key in asked))
        elif key in results:
            below = results[key]
            is_asked = below.omitted is not Omitted.NOT_ASKED
            found.append(_Part(below.value, below.ends, exact(weight), is_asked))
    return tuple(found)


def _result(score: Score, parts: Sequence[_Part]) -> ScoreResult:
    asked = [part for part in parts if part.is_asked]
    answered = [part for part in asked if part.value is not None]
    omitted = _omitted(score, len(asked), len(answered))
    is_raised = omitted is None and _is_raised(score, len(asked), len(answered))
    value = None
    if omitted is None:
        value = _combined(score.rule, answered)
        if is_raised:
            value = value * len(asked) / len(answered)
    return ScoreResult(
        score=score,
        value=value,
        omitted=omitted,
        ends=_ends(score.rule, parts),
        answered=len(answered),
        asked=len(asked),
        prorated=is_raised,
    )


def _omitted(score: Score, asked: int, answered: int) -> Omitted | None:
    if asked == 0:
        return Omitted.NOT_ASKED
    return None if answered >= _least(score.missing, asked) else Omitted.INCOMPLETE


def _least(missing: Missing | int, asked: int) -> int:
    """Return how many parts need an answer; items that aren't asked lower a demanded number."""
    if missing is Missing.ALL:
        return asked
    return min(missing, asked) if isinstance(missing, int) else 1


def _is_raised(score: Score, asked: int, answered: int) -> bool:
    return score.rule is Rule.SUM and not isinstance(score.missing, Missing) and answered < asked


def _combined(rule: Rule, parts: Sequence[_Part]) -> Fraction:
    if rule is Rule.WEIGHT:
        return sum((_stretched(part) for part in parts), Fraction(0)) / len(parts)
    total = sum((part.weight * (part.value or 0) for part in parts), Fraction(0))
    return total if rule is Rule.SUM else total / sum(part.weight for part in parts)


def _stretched(part: _Part) -> Fraction:
    """Return a part's value moved from its own ends to 0–10."""
    if part.value is None or part.ends is None or part.ends.span == 0:
        return Fraction(0)
    return (part.value - part.ends.low) / part.ends.span * WEIGHT_SPAN


def _ends(rule: Rule, parts: Sequence[_Part]) -> Ends | None:
    if rule is Rule.WEIGHT:
        return Ends(low=Fraction(0), high=WEIGHT_SPAN)
    known = [(part.weight, part.ends) for part in parts if part.ends is not None]
    if not known or len(known) < len(parts):
        return None
    share = sum((weight for weight, _ in known), Fraction(0)) if rule is Rule.MEAN else Fraction(1)
    return Ends(
        low=sum((weight * ends.low for weight, ends in known), Fraction(0)) / share,
        high=sum((weight * ends.high for weight, ends in known), Fraction(0)) / share,
    )
