"""A guided letter to the partner: written in parts, delivered now, later or in a session.

A ``[letter.follow_up]`` table (``title``, ``prompt`` and ``hint``) asks the writer for a day on which they will come back
to it. Both read the day at the end of the letter, and from that day on its writer is asked to keep their word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    DeliveryKind,
    Frame,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Page, Value, as_date, repeated
from portal.questionnaires.reading import LONG_LENGTH, item_key
from portal.questionnaires.validation import Error, Problem

NAME: Final = MechanicName.LETTER
AUDIENCES: Final = frozenset({Audience.COUPLE, Audience.HELD})

FOLLOW_UP: Final = "follow_up"
"""The key of the day on which the writer will come back to it."""

FURTHEST: Final = timedelta(days=366)
"""How far off that day may be. A promise for later than a year is hardly one."""


class LetterKind(StrEnum):
    """What sort of letter it is, which decides the hints that the writing coach gives."""

    I_STATEMENT = "i_statement"
    APPRECIATION = "appreciation"
    APOLOGY = "apology"
    NOTE = "note"
    """A free note, which has no form of its own to be held to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedResponse:
    """One thing that the receiver can answer with; answering nothing is always possible too."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSpec:
    """What a ``[letter]`` table says."""

    kind: LetterKind
    form: Form
    audience: Audience
    titles: Mapping[str, str]
    """The short title of each part, by item key."""
    deliveries: tuple[DeliveryKind, ...]
    responses: tuple[GuidedResponse, ...]

    @property
    def parts(self) -> tuple[Item, ...]:
        """Return the parts that are written in words, in their order."""
        return tuple(item for item in self.form.questions if item.kind is ItemKind.LONG)

    @property
    def has_follow_up(self) -> bool:
        """Say whether the writer is asked for a day on which they will come back to it."""
        return self.form.item(FOLLOW_UP) is not None


def read(table: Table, frame: Frame) -> LetterSpec:
    """Return what a ``[letter]`` table says, noting every mistake at the table."""
    audience = frame.audience if frame.audience in AUDIENCES else Audience.COUPLE
    part_tables = table.tables("parts")
    parts = tuple(_read_part(entry, audience) for entry in part_tables)
    if FOLLOW_UP in table:
        parts = (*parts, _read_follow_up(table.table(FOLLOW_UP), audience))
    deliveries = table.choices("deliveries", DeliveryKind)
    if audience is Audience.HELD and deliveries != (DeliveryKind.HELD,):
        table.complain("deliveries", 'must be ["held"] where the audience is held')
    if not any(part.required for part, _ in parts):
        table.complain(
            "parts", "at least one part needs a min of 1 or more, or an empty letter could be sent"
        )
    page = Page(key="letter", title=frame.title, items=tuple(item for item, _ in parts))
    return LetterSpec(
        kind=table.choice("kind", LetterKind),
        form=Form(pages=(page,)),
        audience=audience,
        titles={item.key: title for item, title in parts},
        deliveries=deliveries,
        responses=_read_responses(table),
    )


def _read_part(table: Table, audience: Audience) -> tuple[Item, str]:
    most = table.integer("max_length", low=1, high=LONG_LENGTH)
    least = table.optional_integer("min", default=0, low=0, high=most)
    item = Item(
        key=item_key(table),
        kind=ItemKind.LONG,
        text=table.text("prompt", at_most=400),
        hint=table.optional_text("hint", at_most=400),
        starter=table.optional_text("starter", at_most=80),
        audience=audience,
        min_length=least,
        max_length=most,
        required=least > 0,
        prefer_not=False,
    )
    return item, table.text("title", at_most=80)


def _read_follow_up(table: Table, audience: Audience) -> tuple[Item, str]:
    item = Item(
        key=FOLLOW_UP,
        kind=ItemKind.DATE,
        text=table.text("prompt", at_most=400),
        hint=table.optional_text("hint", at_most=400),
        audience=audience,
        prefer_not=False,
    )
    return item, table.text("title", at_most=80)


def _read_responses(table: Table) -> tuple[GuidedResponse, ...]:
    responses = tuple(
        GuidedResponse(key=entry.key("key"), text=entry.text("text", at_most=120))
        for entry in table.tables("responses")
    )
    for key in repeated([response.key for response in responses]):
        table.complain("responses", f"the response key {key} comes twice")
    return responses


def form(spec: LetterSpec) -> Form:
    """Return one page with the parts of the letter."""
    return spec.form


def label(spec: LetterSpec, audience: Audience) -> Label:
    """Return the label of the letter's parts."""
    del spec  # All letters say it the same way.
    return label_for(audience)


def audience_of(spec: LetterSpec, delivery: Delivery) -> Audience:
    """Return the audience that the parts get when the letter is sent with a delivery.

    A letter that its writer keeps for a session is ``held``: narrower than ``couple``, never wider.
    """
    return Audience.HELD if delivery.kind is DeliveryKind.HELD else spec.audience


def open_at(
    spec: LetterSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when the letter opens to its receiver: when sent, at the chosen time, or not before a release.

    A chosen time that has passed when the letter is sent means now.
    """
    del spec, other  # A letter waits for nobody.
    if audience is not Audience.COUPLE or delivery.kind is DeliveryKind.HELD:
        return None
    return own.at if delivery.at is None else max(own.at, delivery.at)


def whole_text(spec: LetterSpec, answers: Answers) -> str:
    """Return the letter as it will be read: its parts as paragraphs, each begun with its starter.

    A starter that the writer has written out already isn't put there twice.
    """
    paragraphs = (_paragraph(item, answers.get(item.key)) for item in spec.parts)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _paragraph(item: Item, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        return ""
    text = value.strip()
    if not item.starter or text.casefold().startswith(item.starter.rstrip("… .").casefold()):
        return text
    return f"{item.starter.rstrip('… ')} {text}"


def written_out(spec: LetterSpec, answers: Answers) -> dict[str, Value]:
    """Return answers as they are sent: each part begun with its starter, just as its writer read it before sending.

    Whoever reads it later may read the exercise in another language, with other starters.
    """
    begun = {item.key: _paragraph(item, answers.get(item.key)) for item in spec.parts}
    return {**answers, **{key: paragraph for key, paragraph in begun.items() if paragraph}}


def as_typed(spec: LetterSpec, sent: Answers) -> dict[str, Value]:
    """Return what was sent as it stood in the fields: without the starters that ``written_out`` put there."""
    found = dict(sent)
    for item in spec.parts:
        value, starter = sent.get(item.key), f"{item.starter.rstrip('… ')} "
        if isinstance(value, str) and item.starter and value.startswith(starter):
            found[item.key] = value.removeprefix(starter)
    return found


def sent_text(spec: LetterSpec, sent: Answers) -> str:
    """Return a letter that was sent: its parts as paragraphs, in the words that they were sent in."""
    values = (sent.get(item.key) for item in spec.parts)
    return "\n\n".join(value.strip() for value in values if isinstance(value, str) and value.strip())


def follow_up_day(spec: LetterSpec, answers: Mapping[str, object]) -> date | None:
    """Return the day on which the writer will come back to it, as far as they have named one."""
    return as_date(answers.get(FOLLOW_UP)) if spec.has_follow_up else None


def follow_up_error(
    spec: LetterSpec, answers: Mapping[str, object], *, today: date, arrives: date | None = None
) -> Error | None:
    """Return what is wrong with that day, if anything: it has to lie ahead, within a year, and after the letter is there.

    ``arrives`` is the day on which the letter is delivered, where that isn't today.
    """
    day = follow_up_day(spec, answers)
    if day is None:
        return None
    if day <= today:
        return Error(Problem.DAY_NOT_AHEAD)
    if day > today + FURTHEST:
        return Error(Problem.DAY_TOO_FAR)
    return Error(Problem.DAY_BEFORE_ARRIVAL) if arrives is not None and day <= arrives else None


def response_text(spec: LetterSpec, key: str) -> str | None:
    """Return the words of a guided response, or nothing if the letter doesn't offer it."""
    return next((response.text for response in spec.responses if response.key == key), None)


def summary(spec: LetterSpec, answers: Answers) -> Summary:
    """Return the parts as they were written; ``whole_text`` has them joined."""
    return summarise(spec.form, answers)


def contents(spec: LetterSpec) -> Mapping[str, object]:
    """Return parts, deliveries and guided responses as plain JSON values; a day to come back on is the last of the items."""
    return {
        "letter_kind": spec.kind.value,
        "items": [{**item, "title": spec.titles[str(item["key"])]} for item in items_as_json(spec.form)],
        "deliveries": [delivery.value for delivery in spec.deliveries],
        "responses": [{"key": response.key, "text": response.text} for response in spec.responses],
    }
