"""The fields of questions and pages, the same wherever an exercise asks something."""

from dataclasses import replace
from typing import Any, Final

from flask_babel import lazy_gettext

from portal.access.privacy import Audience
from portal.exercises.own.schema import Field, Listing, Shape
from portal.questionnaires.model import CHOICE_KINDS, TEXT_KINDS, ItemKind, Match

AUDIENCE: Final = "audience"
YES_NO: Final = "yes_no"
"""What the editor offers beside the kinds of questions: a choice whose options are there already."""

AUDIENCES: Final = (
    (Audience.PRIVATE.value, lazy_gettext("Only the one who writes it")),
    (Audience.THERAPIST.value, lazy_gettext("The one who writes it and you")),
    (Audience.HELD.value, lazy_gettext("Held until you open it with them")),
    (Audience.COUPLE.value, lazy_gettext("Both partners and you")),
    (Audience.OVERLAP.value, lazy_gettext("Only what both are open to")),
)

KINDS: Final[tuple[tuple[str, Any], ...]] = (
    (ItemKind.LONG.value, lazy_gettext("A longer text")),
    (ItemKind.SHORT.value, lazy_gettext("A short text")),
    (ItemKind.CHOICE.value, lazy_gettext("One choice from a list")),
    (ItemKind.MULTI.value, lazy_gettext("Several choices from a list")),
    (YES_NO, lazy_gettext("Yes or no")),
    (ItemKind.SCALE.value, lazy_gettext("A scale")),
    (ItemKind.NUMBER.value, lazy_gettext("A number")),
    (ItemKind.DATE.value, lazy_gettext("A date")),
    (ItemKind.DISPLAY.value, lazy_gettext("Something to read, not to answer")),
)
KIND_WORDS: Final = dict(KINDS)

_CHOICES: Final = frozenset(each.value for each in CHOICE_KINDS)
_TEXTS: Final = frozenset(each.value for each in TEXT_KINDS)
_SCALE: Final = frozenset({ItemKind.SCALE.value})
_NUMBER: Final = frozenset({ItemKind.NUMBER.value})
_ASKED: Final = frozenset(each.value for each in ItemKind if each is not ItemKind.DISPLAY)

ITEM_FIELDS: Final = (
    Field(key="text", shape=Shape.TEXT, label=lazy_gettext("What is asked"), rows=2),
    Field(key="hint", shape=Shape.LINE, label=lazy_gettext("A hint below it"), optional=True),
    Field(
        key="kind",
        shape=Shape.CHOICE,
        label=lazy_gettext("How it is answered"),
        hint=lazy_gettext("After changing this, keep it once, and the fields that go with it appear."),
        choices=tuple((code, words) for code, words in KINDS if code != YES_NO),
    ),
    Field(
        key="options",
        shape=Shape.OPTIONS,
        label=lazy_gettext("What can be chosen"),
        hint=lazy_gettext("One on each line, at least two."),
        only=_CHOICES,
        rows=6,
    ),
    Field(key="low", shape=Shape.NUMBER, label=lazy_gettext("Lowest number"), only=_SCALE | _NUMBER),
    Field(
        key="high",
        shape=Shape.NUMBER,
        label=lazy_gettext("Highest number"),
        hint=lazy_gettext("A scale has up to eleven points, such as 0 to 10."),
        only=_SCALE,
    ),
    Field(key="high", shape=Shape.NUMBER, label=lazy_gettext("Highest number"), only=_NUMBER),
    Field(key="low_text", shape=Shape.LINE, label=lazy_gettext("Words at the low end"), only=_SCALE),
    Field(key="high_text", shape=Shape.LINE, label=lazy_gettext("Words at the high end"), only=_SCALE),
    Field(
        key="unit",
        shape=Shape.LINE,
        label=lazy_gettext("Unit, such as minutes"),
        optional=True,
        only=_NUMBER,
    ),
    Field(
        key="max_length",
        shape=Shape.NUMBER,
        label=lazy_gettext("Longest answer, in characters"),
        optional=True,
        only=_TEXTS,
    ),
    Field(
        key=AUDIENCE,
        shape=Shape.CHOICE,
        label=lazy_gettext("Who will see the answer"),
        hint=lazy_gettext("It stands beside the question before anything is typed."),
        choices=AUDIENCES[:-1],
        only=_ASKED,
    ),
    Field(
        key="required",
        shape=Shape.FLAG,
        label=lazy_gettext("It can’t be sent without an answer to this"),
        usual=False,
        only=_ASKED,
    ),
    Field(
        key="prefer_not",
        shape=Shape.FLAG,
        label=lazy_gettext("Offer “Prefer not to answer”"),
        usual=True,
        only=_ASKED,
    ),
    Field(
        key="when_match",
        shape=Shape.CHOICE,
        label=lazy_gettext("With several conditions"),
        choices=(
            (Match.ALL.value, lazy_gettext("All of them have to hold")),
            (Match.ANY.value, lazy_gettext("One is enough")),
        ),
    ),
)

_PRESETS: Final = {
    YES_NO: {
        "kind": ItemKind.CHOICE.value,
        "options": [{"key": "yes", "text": "Yes"}, {"key": "no", "text": "No"}],
    },
    ItemKind.SCALE.value: {"low": 0, "high": 10},
}


def _items(fields: tuple[Field, ...], **start: str) -> Listing:
    return Listing(
        key="items",
        title=lazy_gettext("Questions"),
        one=lazy_gettext("Question"),
        add=lazy_gettext("Add a question"),
        named_by="text",
        prefix="q",
        fields=fields,
        kinds=KINDS,
        start={"presets": _PRESETS, **start},
    )


def _with_usual_audience(field: Field) -> Field:
    """Let a question be for whom the whole exercise is; the form says who that is."""
    if field.key != AUDIENCE:
        return field
    return replace(field, choices=(("", lazy_gettext("As for the whole exercise")), *field.choices))


ITEMS: Final = _items(tuple(map(_with_usual_audience, ITEM_FIELDS)))
ITEMS_AFTERWARDS: Final = _items(ITEM_FIELDS, audience=Audience.THERAPIST.value)

PAGES: Final = Listing(
    key="pages",
    title=lazy_gettext("Pages"),
    one=lazy_gettext("Page"),
    add=lazy_gettext("Add a page"),
    named_by="title",
    prefix="page",
    fields=(
        Field(key="title", shape=Shape.LINE, label=lazy_gettext("Heading of the page")),
        Field(
            key="intro",
            shape=Shape.TEXT,
            label=lazy_gettext("Words before the questions"),
            optional=True,
        ),
        Field(key="hint", shape=Shape.LINE, label=lazy_gettext("A hint below them"), optional=True),
    ),
    lists=(ITEMS,),
)


AFTERWARDS: Final = Listing(
    key="afterwards.pages",
    title=lazy_gettext("What each is asked alone afterwards"),
    one=lazy_gettext("Page"),
    add=lazy_gettext("Add a page"),
    named_by="title",
    prefix="page",
    fields=PAGES.fields,
    lists=(ITEMS_AFTERWARDS,),
)
"""The pages that each fills in alone once the two have done something together."""
