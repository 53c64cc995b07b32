"""Puts the items of a form on paper: numbered questions, room for each kind of answer, conditions in words."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from babel.lists import format_list
from flask_babel import format_date, get_locale

from portal.exercises.mechanics.safety_items import about_safety
from portal.questionnaires.model import Condition, Form, Item, ItemKind, Match, Operator, as_date
from portal.reports.base import prose
from portal.reports.worksheets.blocks import Blank, Block, Boxes, Lines, Scale, Words
from portal.reports.worksheets.page import Question
from portal.web.translate import _

LINES_FOR: Final = ((60, 1), (160, 2), (300, 3), (600, 4), (1000, 5), (2000, 7))
"""Up to how many letters an answer may have, and how many lines of handwriting that takes at most."""
MOST_LINES: Final = 9
SHORT_OPTION, MIDDLE_OPTION = 14, 30
"""Letters up to which four, or two, things to tick stand side by side."""
PAIR = 2
"""Two things to tick look lost in four columns."""


def on_paper(form: Form) -> tuple[Item, ...]:
    """Return the items of a form that may be asked on paper, in order, those in groups after their group.

    What is a matter for the therapist at once never is: paper lies about, and nobody is told of what is written on it.
    Neither is what depends on such a question.
    """
    left_out = about_safety(form)
    return tuple(item for item in form.walk() if item.key not in left_out)


def numbers(items: Iterable[Item], *, first: int = 1) -> dict[str, str]:
    """Return the number of every question among some items, by key, in order from ``first``."""
    asked = [item.key for item in items if item.is_answerable]
    return {key: str(number) for number, key in enumerate(asked, start=first)}


def questions(items: Iterable[Item], numbered: Mapping[str, str], form: Form) -> tuple[Block | Question, ...]:
    """Return items as they stand on paper; conditions name questions by their numbers."""
    return tuple(_placed(item, numbered, form) for item in items)


def _placed(item: Item, numbered: Mapping[str, str], form: Form) -> Block | Question:
    only_if = condition_words(item, numbered, form)
    if item.kind is ItemKind.DISPLAY:
        return Words(prose(" ".join(filter(None, (only_if, item.text)))))
    return Question(
        number=numbered.get(item.key, ""),
        text=item.text,
        hint=" ".join(filter(None, (item.hint, _how(item)))),
        only_if=only_if,
        blocks=room_for(item),
        titled=item.kind is ItemKind.GROUP,
    )


def _how(item: Item) -> str:
    return _("Tick all that fit.") if item.kind is ItemKind.MULTI else ""


def room_for(item: Item) -> tuple[Block, ...]:
    """Return what an answer of an item's kind is written on."""
    match item.kind:
        case ItemKind.CHOICE | ItemKind.MULTI:
            options = tuple(option.text for option in item.options)
            return (Boxes(options, item.kind is ItemKind.MULTI, _columns(options)),)
        case ItemKind.SCALE:
            points = tuple(str(point) for point in range(int(item.low or 0), int(item.high or 0) + 1))
            return (Scale(points, item.low_text, item.high_text),)
        case ItemKind.NUMBER | ItemKind.DATE:
            return (Blank(item.unit),)
        case ItemKind.SHORT | ItemKind.LONG:
            return (Lines(lines_for(item), item.starter),)
        case _:
            return ()


def lines_for(item: Item) -> int:
    """Return how many lines an answer in words gets."""
    if item.kind is ItemKind.SHORT:
        return 1
    longest = item.max_length or LINES_FOR[-1][0]
    return next((count for letters, count in LINES_FOR if longest <= letters), MOST_LINES)


def _columns(options: tuple[str, ...]) -> int:
    longest = max(map(len, options), default=0)
    if longest <= SHORT_OPTION and len(options) > PAIR:
        return 4
    return 2 if longest <= MIDDLE_OPTION else 1


def condition_words(item: Item, numbered: Mapping[str, str], form: Form) -> str:
    """Return when an item is asked, as a sentence; empty for one that always is."""
    found = [_condition(one, numbered.get(one.item, ""), form.item(one.item)) for one in item.when]
    words = list(dict.fromkeys(filter(None, found)))
    if not words:
        return ""
    style: Literal["or", "standard"] = "or" if item.when_match is Match.ANY else "standard"
    return _("Only %(condition)s.", condition=format_list(words, style, locale=get_locale() or "en"))


def _condition(one: Condition, number: str, source: Item | None) -> str:
    if not number or source is None:
        return ""
    if one.op is Operator.EXISTS:
        answered = _("if you answered question %(number)s", number=number)
        return answered if one.value else _("if you left question %(number)s empty", number=number)
    names = {"value": _value(one, source), "number": number}
    return {
        Operator.EQUALS: _("if you chose %(value)s at question %(number)s", **names),
        Operator.DIFFERS: _("if you chose anything but %(value)s at question %(number)s", **names),
        Operator.ABOVE: _("if it is more than %(value)s at question %(number)s", **names),
        Operator.BELOW: _("if it is less than %(value)s at question %(number)s", **names),
        Operator.AT_LEAST: _("if it is %(value)s or more at question %(number)s", **names),
        Operator.AT_MOST: _("if it is %(value)s or less at question %(number)s", **names),
    }[one.op]


def _value(one: Condition, source: Item) -> str:
    option = source.option(str(one.value))
    if option is not None:
        return _("“%(words)s”", words=option.text)
    day = as_date(one.value)
    return format_date(day, "long") if day else str(one.value)
