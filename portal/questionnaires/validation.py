"""Turns what came in from outside into clean answers, strictly, and says what is wrong in codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from portal.kit.text import UnsuitableText, clean
from portal.questionnaires.conditions import enabled_keys
from portal.questionnaires.model import (
    Answers,
    Form,
    Item,
    ItemKind,
    Value,
    as_date,
    declined,
    is_answered,
)

_WHOLE: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_LARGEST: Final = 10**15
"""Numbers from here on are refused: a float no longer holds each whole number. NaN fails the comparison too."""
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
_TEXT_LIMIT: Final = 20_000
"""The most that is ever taken of one text, whatever a definition says: code points after clean-up."""


class Problem(StrEnum):
    """What can be wrong with an answer; the web layer has the words, with the error's params filled in."""

    REQUIRED = "required"
    NOT_A_NUMBER = "not-a-number"
    NOT_WHOLE = "not-whole"
    TOO_MANY_DECIMALS = "too-many-decimals"
    TOO_LOW = "too-low"
    TOO_HIGH = "too-high"
    NOT_A_DATE = "not-a-date"
    DATE_OUT_OF_RANGE = "date-out-of-range"
    DAY_NOT_AHEAD = "day-not-ahead"
    DAY_TOO_FAR = "day-too-far"
    DAY_BEFORE_ARRIVAL = "day-before-arrival"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    UNSUITABLE_TEXT = "unsuitable-text"
    UNKNOWN_OPTION = "unknown-option"
    EXCLUSIVE_OPTION = "exclusive-option"
    MAY_NOT_DECLINE = "may-not-decline"
    WRONG_TYPE = "wrong-type"
    UNKNOWN_ITEM = "unknown-item"


@dataclass(frozen=True, slots=True)
class Error:
    """One problem with one answer; ``params`` are the numbers and texts that its sentence needs."""

    problem: Problem
    params: Mapping[str, str | int | float] = field(default_factory=dict)


class Refused(ValueError):
    """A single answer was refused; ``error`` says why."""

    def __init__(self, error: Error) -> None:
        self.error = error
        super().__init__(error.problem.value)


@dataclass(frozen=True, slots=True)
class Checked:
    """Clean values and errors by item key. A key is in at most one of the two."""

    values: dict[str, Value]
    errors: dict[str, Error]

    @property
    def is_clean(self) -> bool:
        """Say whether nothing was wrong."""
        return not self.errors


def check_draft(form: Form, raw: Mapping[str, object]) -> Checked:
    """Check answers that stay a draft: nothing is required, and answers of items not asked right now are kept."""
    checked = Checked({}, {})
    for key in sorted(raw.keys() - {item.key for item in form.questions}):
        checked.errors[key] = Error(Problem.UNKNOWN_ITEM)
    for item in form.questions:
        try:
            value = clean_value(item, raw.get(item.key))
        except Refused as refusal:
            checked.errors[item.key] = refusal.error
            continue
        if value is not None:
            checked.values[item.key] = value
    return checked


def check_sending(form: Form, raw: Mapping[str, object]) -> Checked:
    """Check answers that are about to be sent.

    Answers of items that aren't asked are dropped together with anything wrong about them; of the items that
    are asked, the required ones must be answered or declined, and texts must have their least length.
    """
    draft = check_draft(form, raw)
    asked = enabled_keys(form, draft.values)
    errors = {key: error for key, error in draft.errors.items() if key in asked or form.item(key) is None}
    for item in form.questions:
        if item.key in asked and item.key not in errors:
            error = shortfall(item, draft.values.get(item.key))
            if error is not None:
                errors[item.key] = error
    values = {key: value for key, value in draft.values.items() if key in asked and key not in errors}
    return Checked(values, errors)


def shortfall(item: Item, value: Value | None) -> Error | None:
    """Return what is still missing about a clean value before it can be sent, if anything.

    Declining is enough wherever it is offered.
    """
    if value is None:
        return Error(Problem.REQUIRED) if item.required else None
    if isinstance(value, str) and len(value) < item.min_length:
        return Error(Problem.TOO_SHORT, {"least": item.min_length})
    return None


def clean_value(item: Item, raw: object) -> Value | None:
    """Return the clean value of one answer, or nothing if it is unanswered; raise ``Refused`` otherwise.

    Takes what a web form sends (texts) as well as what JSON holds; a clean value comes back unchanged.
    """
    if raw is None or raw == [] or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, dict):
        return _declined_value(item, raw)
    match item.kind:
        case ItemKind.CHOICE:
            return _option_key(item, raw)
        case ItemKind.MULTI:
            return _option_keys(item, raw)
        case ItemKind.SCALE | ItemKind.NUMBER:
            return _number(item, raw)
        case ItemKind.DATE:
            return _day(raw)
        case ItemKind.SHORT | ItemKind.LONG:
            return _text(item, raw)
        case _:
            raise Refused(Error(Problem.UNKNOWN_ITEM))


def _declined_value(item: Item, raw: dict[object, object]) -> Value:
    if raw.keys() != {"declined"} or raw["declined"] is not True:
        raise Refused(Error(Problem.WRONG_TYPE))
    if not item.may_decline:
        raise Refused(Error(Problem.MAY_NOT_DECLINE))
    return declined()


def _option_key(item: Item, raw: object) -> str:
    if not isinstance(raw, str):
        raise Refused(Error(Problem.WRONG_TYPE))
    if item.option(raw) is None:
        raise Refused(Error(Problem.UNKNOWN_OPTION))
    return raw


def _option_keys(item: Item, raw: object) -> list[str]:
    """Return different chosen keys in the order of the definition, so that order tells nothing."""
    if not isinstance(raw, list | tuple):
        raise Refused(Error(Problem.WRONG_TYPE))
    chosen = {_option_key(item, one) for one in raw}
    if len(chosen) > 1:
        for option in item.options:
            if option.exclusive and option.key in chosen:
                raise Refused(Error(Problem.EXCLUSIVE_OPTION, {"option": option.text}))
    return [option.key for option in item.options if option.key in chosen]


def _number(item: Item, raw: object) -> int | float:
    decimals = item.decimals if item.kind is ItemKind.NUMBER else 0
    number = _parsed_number(raw, decimals)
    if item.low is not None and number < item.low:
        raise Refused(Error(Problem.TOO_LOW, {"low": item.low}))
    if item.high is not None and number > item.high:
        raise Refused(Error(Problem.TOO_HIGH, {"high": item.high}))
    return number


def _parsed_number(raw: object, decimals: int) -> int | float:
    """Return a whole number as int and any other as float; only ASCII digits with a point are numbers."""
    if isinstance(raw, str):
        stripped = raw.strip()
        if _WHOLE.fullmatch(stripped):
            return int(stripped)
        if not _DECIMAL.fullmatch(stripped):
            raise Refused(Error(Problem.NOT_A_NUMBER))
        raw = float(stripped)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Refused(Error(Problem.WRONG_TYPE))
    if not -_LARGEST < raw < _LARGEST:
        raise Refused(Error(Problem.NOT_A_NUMBER))
    if raw == int(raw):
        return int(raw)
    if decimals == 0:
        raise Refused(Error(Problem.NOT_WHOLE))
    if round(raw, decimals) != raw:
        raise Refused(Error(Problem.TOO_MANY_DECIMALS, {"decimals": decimals}))
    return raw


def _day(raw: object) -> str:
    if not isinstance(raw, str):
        raise Refused(Error(Problem.WRONG_TYPE))
    day = as_date(raw.strip())
    if day is None:
        raise Refused(Error(Problem.NOT_A_DATE))
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise Refused(Error(Problem.DATE_OUT_OF_RANGE, {"first": _FIRST_DAY.year, "last": _LAST_DAY.year}))
    return day.isoformat()


def _text(item: Item, raw: object) -> str | None:
    """Return a text with tidy line ends; its length is counted in Unicode code points."""
    if not isinstance(raw, str):
        raise Refused(Error(Problem.WRONG_TYPE))
    try:
        text = clean(raw).strip()
    except UnsuitableText as error:
        raise Refused(Error(Problem.UNSUITABLE_TEXT)) from error
    if item.kind is ItemKind.SHORT:
        text = " ".join(text.split("\n"))
    most = min(item.max_length or _TEXT_LIMIT, _TEXT_LIMIT)
    if len(text) > most:
        raise Refused(Error(Problem.TOO_LONG, {"most": most, "over": len(text) - most}))
    return text or None


def unanswered(form: Form, answers: Answers) -> tuple[Item, ...]:
    """Return the items that are asked and have no answer yet, declined ones left out, in order."""
    asked = enabled_keys(form, answers)
    return tuple(
        item
        for item in form.questions
        if item.key in asked
        and not is_answered(answers.get(item.key))
        and not isinstance(answers.get(item.key), dict)
    )
