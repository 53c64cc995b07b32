"""Draws a page of a form as a WTForms form, and reads what people sent back into answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wtforms import BooleanField, Field, Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from portal.access.privacy import Audience
from portal.questionnaires.model import (
    CHOICE_KINDS,
    Answers,
    Item,
    ItemKind,
    Page,
    Value,
    declined,
    is_declined,
)
from portal.questionnaires.validation import Error, Problem, Refused, clean_value, shortfall

PREFER_NOT: Final = "__prefer_not"
"""The value of "prefer not to answer" in a list, and the end of the name of its own checkbox beside a text."""

Translate = Callable[..., str]
"""``gettext``: takes a sentence with ``%(name)s`` marks and the values for them as keywords."""


def _mark(sentence: str) -> str:
    """Mark a sentence for translation; it is translated when it is shown."""
    return sentence


N_ = _mark

SENTENCES: Final[Mapping[Problem, str]] = {
    Problem.REQUIRED: N_("Please answer this, or say that you prefer not to"),
    Problem.NOT_A_NUMBER: N_("Please write a number in digits, such as 20"),
    Problem.NOT_WHOLE: N_("Please write a whole number, such as 20"),
    Problem.TOO_MANY_DECIMALS: N_("Please use at most %(decimals)s digits after the point"),
    Problem.TOO_LOW: N_("Please write a number that is not below %(low)s"),
    Problem.TOO_HIGH: N_("Please write a number that is not above %(high)s"),
    Problem.NOT_A_DATE: N_("Please give a full date with day, month and year"),
    Problem.DATE_OUT_OF_RANGE: N_("Please give a year between %(first)s and %(last)s"),
    Problem.DAY_NOT_AHEAD: N_("Please choose a day to come: tomorrow or later"),
    Problem.DAY_TOO_FAR: N_("Please choose a day within the next year"),
    Problem.DAY_BEFORE_ARRIVAL: N_("Please choose a day after the one on which the letter arrives"),
    Problem.TOO_SHORT: N_("Please write at least %(least)s characters"),
    Problem.TOO_LONG: N_("This is %(over)s characters longer than the %(most)s there is room for"),
    Problem.UNSUITABLE_TEXT: N_("This holds a character that can’t be kept. Please take it out"),
    Problem.UNKNOWN_OPTION: N_("Please choose something from the list"),
    Problem.EXCLUSIVE_OPTION: N_("“%(option)s” can’t be chosen together with something else"),
    Problem.MAY_NOT_DECLINE: N_("Please choose something from the list"),
    Problem.WRONG_TYPE: N_("This can’t be read. Please answer again"),
    Problem.UNKNOWN_ITEM: N_("This question isn’t part of the page any more"),
}
WORDS_AND_DECLINED: Final = N_(
    "You wrote something and also prefer not to answer. Please keep one of the two"
)
PREFER_NOT_WORDS: Final = N_("Prefer not to answer")
REQUIRED_WITHOUT_DECLINING: Final = N_("Please answer this")


def say_plainly(sentence: str, **params: object) -> str:
    """Fill a sentence in without translating it; what ``gettext`` does where there is no other language."""
    return sentence % params if params else sentence


def say_error(item: Item, error: Error, translate: Translate) -> str:
    """Return the sentence for what is wrong with an answer."""
    if error.problem is Problem.REQUIRED and not item.may_decline:
        return translate(REQUIRED_WITHOUT_DECLINING)
    return translate(SENTENCES[error.problem], **error.params)


class OptionChoice(SelectChoice):  # type: ignore[misc]  # WTForms carries no types
    """A choice that also answers to positions: 0 is its value, 1 its words."""

    def __getitem__(self, position: int) -> object:
        """Return the value (0) or the words (1)."""
        return (self.value, self.label)[position]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a drawn page: an item, its field unless it is only shown, and its "prefer not" checkbox."""

    item: Item
    field: Field | None
    decline: Field | None


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page that is ready to be shown and to be read back. Made by ``draw_page``."""

    items: tuple[Item, ...]
    form_class: type[Form]
    visible_to: Callable[[Audience], object]

    def form(self, answers: Answers, **kwargs: Any) -> Form:
        """Return the form with the answers so far; further arguments (``formdata``) go to the form class.

        Nothing is chosen that isn't in the answers. Besides what WTForms gives them, fields carry ``item``,
        ``portal_style`` ("cards" "segmented" "scale" "long" "short" "number" "date"), ``visible_to``,
        ``ends`` (words at the ends of a scale, or nothing), ``hint``, ``counter`` (most characters),
        ``inputmode``, ``suffix`` (unit), ``quiet`` (the value of "prefer not to answer" in the list) and
        ``optional``.
        """
        form = self.form_class(data=_prefill(self.items, answers), **kwargs)
        for item in self.items:
            if item.is_answerable:
                _dress(form[item.key], item, self.visible_to(item.audience))
        return form

    def rows(self, form: Form) -> tuple[Row, ...]:
        """Return what stands on the page, in order, with the fields of a form made by ``form``."""
        return tuple(
            Row(
                item=item,
                field=form[item.key] if item.is_answerable else None,
                decline=form[item.key + PREFER_NOT] if _has_checkbox(item) else None,
            )
            for item in self.items
        )

    def answers_in(self, form: Form) -> dict[str, Value | None]:
        """Return the answers of a form that has been validated; ``None`` says that an item is unanswered now."""
        return {item.key: clean_value(item, _raw(form, item)) for item in self.items if item.is_answerable}


def draw_page(
    page: Page,
    asked: Collection[str],
    *,
    visible_to: Callable[[Audience], object],
    translate: Translate = say_plainly,
    base: type[Form] = Form,
    demand: bool = True,
) -> DrawnPage:
    """Return a page drawn as a form, with the items whose keys are in ``asked`` (see ``conditions.enabled_keys``).

    ``visible_to`` says for an audience what stands beside the input about who will see it. ``demand`` false
    lets required items stay empty, for "save and go on later".
    """
    items = tuple(item for item in page.walk() if item.key in asked)
    fields: dict[str, Any] = {}
    for item in items:
        if not item.is_answerable:
            continue
        fields[item.key] = _field(item, translate, demand=demand)
        if _has_checkbox(item):
            fields[item.key + PREFER_NOT] = BooleanField(translate(PREFER_NOT_WORDS))
    form_class = type("PageForm", (base,), fields)
    return DrawnPage(items, form_class, visible_to)


_LISTED: Final = CHOICE_KINDS | {ItemKind.SCALE}
"""Kinds that are drawn as a list, in which "prefer not to answer" is one more choice."""


def _has_checkbox(item: Item) -> bool:
    """Say whether "prefer not to answer" needs a checkbox of its own, there being no list to put it in."""
    return item.may_decline and item.kind not in _LISTED


def _field(item: Item, translate: Translate, *, demand: bool) -> Any:
    """Return an unbound field. Its own checks replace those of WTForms, so that pages and JSON agree."""
    checks: Sequence[Any] = [_Check(item, translate, demand=demand)]
    match item.kind:
        case ItemKind.CHOICE | ItemKind.SCALE:
            return RadioField(item.text, checks, choices=_choices(item, translate), validate_choice=False)
        case ItemKind.MULTI:
            return SelectMultipleField(
                item.text, checks, choices=_choices(item, translate), validate_choice=False
            )
        case ItemKind.LONG:
            return TextAreaField(item.text, checks)
        case _:
            return StringField(item.text, checks)


def _choices(item: Item, translate: Translate) -> list[OptionChoice]:
    if item.kind is ItemKind.SCALE:
        choices = [OptionChoice(str(point), str(point)) for point in scale_points(item)]
    else:
        choices = [OptionChoice(option.key, option.text) for option in item.options]
    if item.may_decline:
        choices.append(OptionChoice(PREFER_NOT, translate(PREFER_NOT_WORDS)))
    return choices


def scale_points(item: Item) -> range:
    """Return the points of a scale item."""
    return range(int(item.low or 0), int(item.high or 0) + 1)


class _Check:
    """The one validator of a drawn field: what ``validation`` says about its item."""

    def __init__(self, item: Item, translate: Translate, *, demand: bool) -> None:
        self._item = item
        self._translate = translate
        self._demand = demand

    def __call__(self, form: Form, _field: Field) -> None:
        try:
            value = clean_value(self._item, _raw(form, self._item))
        except Refused as refusal:
            raise ValidationError(say_error(self._item, refusal.error, self._translate)) from refusal
        if is_declined(value) and _words(form, self._item):
            raise ValidationError(self._translate(WORDS_AND_DECLINED))
        missing = shortfall(self._item, value) if self._demand else None
        if missing is not None:
            raise ValidationError(say_error(self._item, missing, self._translate))


def _raw(form: Form, item: Item) -> object:
    """Return what a field holds in the shape that ``clean_value`` takes."""
    field = form[item.key]
    # WTForms keeps the value it was made with when nothing was sent; for us nothing sent is no answer.
    chosen = None if field.raw_data == [] else field.data
    if not item.may_decline:
        return chosen
    if _has_checkbox(item):
        return declined() if form[item.key + PREFER_NOT].data else chosen
    if chosen in (PREFER_NOT, [PREFER_NOT]):
        return declined()
    if isinstance(chosen, list) and PREFER_NOT in chosen:
        raise Refused(Error(Problem.EXCLUSIVE_OPTION, {"option": _quiet_words(field)}))
    return chosen


def _quiet_words(field: Field) -> str:
    return str(next(choice.label for choice in field.choices if choice.value == PREFER_NOT))


def _words(form: Form, item: Item) -> bool:
    """Say whether something was written into the field itself."""
    field = form[item.key]
    return item.kind not in _LISTED and field.raw_data != [] and bool((field.data or "").strip())


def _prefill(items: Sequence[Item], answers: Answers) -> dict[str, object]:
    values: dict[str, object] = {}
    for item in items:
        value = answers.get(item.key)
        if value is None:
            continue
        if is_declined(value):
            values |= _prefilled_decline(item)
        else:
            values[item.key] = value if isinstance(value, list) else str(value)
    return values


def _prefilled_decline(item: Item) -> dict[str, object]:
    if item.kind is ItemKind.MULTI:
        return {item.key: [PREFER_NOT]}
    if item.kind in _LISTED:
        return {item.key: PREFER_NOT}
    return {item.key + PREFER_NOT: True}


def _dress(field: Any, item: Item, visible_to: object) -> None:
    """Put on a bound field what the components ask of it."""
    field.item = item
    field.portal_style = _style(item)
    field.visible_to = visible_to
    field.ends = (item.low_text, item.high_text) if item.kind is ItemKind.SCALE else None
    field.hint = item.hint
    field.counter = item.max_length if item.kind is ItemKind.LONG else None
    field.inputmode = _inputmode(item)
    field.suffix = item.unit or None
    field.quiet = PREFER_NOT if item.may_decline and item.kind in _LISTED else None
    field.optional = not item.required


def _style(item: Item) -> str:
    if item.kind in CHOICE_KINDS:
        return "segmented" if item.compact else "cards"
    return item.kind.value


def _inputmode(item: Item) -> str | None:
    if item.kind is not ItemKind.NUMBER:
        return None
    # Phones' digit pads have neither a point nor a minus sign.
    if item.low is None or item.low < 0:
        return "text"
    return "decimal" if item.decimals else "numeric"
