"""A place to write by oneself: entries that nobody else learns of, until their writer shares one.

A ``[journal]`` table has

- ``open_prompt``: what stands above an entry that follows no question; ``entry_max``: the length of an entry;
- ``[[journal.prompts]]``: questions to choose from, ``key`` and ``text``;
- ``[[journal.sliders]]``, if wanted: how one feels while writing: ``key``, ``text``, ``low``, ``high``, ``low_text``,
  ``high_text``;
- ``share`` "by_entry" or "never": whether its writer can let somebody read a single entry.

For the pages: an entry is a round of its own. Its name (``entry_name``) says which question it follows and is drawn by
lot, so that the name of one entry that is shared doesn't tell how many others there are. An entry stays a draft until
its writer shares it; only then it becomes answers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Page, is_answered, repeated
from portal.questionnaires.reading import MOST_LENGTH, item_key

NAME: Final = MechanicName.JOURNAL
AUDIENCES: Final = frozenset({Audience.PRIVATE})

ROUND: Final = "1"
"""The round in which a journal is begun; each entry has one of its own."""
OPEN: Final = "entry"
"""The key of an entry that follows no question."""
PAGE: Final = "journal"
SHARED_WITH: Final = (Audience.THERAPIST, Audience.COUPLE)
"""With whom an entry can be shared, from few to many. A partner never reads what the therapist doesn't."""
PROMPTS: Final = range(1, 41)
SLIDERS_AT_MOST: Final = 4
_POINTS: Final = range(2, 12)
_ENTRY: Final = re.compile(r"[a-z2-7]{8,16}-(\d{2})", re.ASCII)


class Sharing(StrEnum):
    """Whether a writer can let somebody read a single entry."""

    BY_ENTRY = "by_entry"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSpec:
    """What a ``[journal]`` table says. The first of ``prompts`` is the open one."""

    share: Sharing
    title: str
    prompts: tuple[Item, ...]
    sliders: tuple[Item, ...]


def read(table: Table, frame: Frame) -> JournalSpec:
    """Return what a ``[journal]`` table says, noting every mistake at the table."""
    longest = table.integer("entry_max", low=200, high=MOST_LENGTH)
    opening = _text_item(OPEN, table.text("open_prompt", at_most=200), longest)
    prompts = tuple(
        _text_item(item_key(entry), entry.text("text", at_most=400), longest)
        for entry in table.tables("prompts")
    )
    sliders = tuple(_read_slider(entry) for entry in table.optional_tables("sliders"))
    if len(prompts) not in PROMPTS:
        table.complain("prompts", f"must be {PROMPTS.start} to {PROMPTS.stop - 1}")
    if len(sliders) > SLIDERS_AT_MOST:
        table.complain("sliders", f"must be {SLIDERS_AT_MOST} at most")
    for key in repeated([item.key for item in (opening, *prompts, *sliders)]):
        table.complain("prompts", f"the key {key} comes twice")
    return JournalSpec(
        share=table.choice("share", Sharing),
        title=frame.title,
        prompts=(opening, *prompts),
        sliders=sliders,
    )


def _text_item(key: str, text: str, longest: int) -> Item:
    return Item(
        key=key,
        kind=ItemKind.LONG,
        text=text,
        audience=Audience.PRIVATE,
        max_length=longest,
        prefer_not=False,
    )


def _read_slider(table: Table) -> Item:
    low, high = table.integer("low"), table.integer("high")
    if high - low + 1 not in _POINTS:
        table.complain("high", f"a slider has {_POINTS.start} to {_POINTS.stop - 1} points")
    return Item(
        key=item_key(table),
        kind=ItemKind.SCALE,
        text=table.text("text", at_most=200),
        audience=Audience.PRIVATE,
        low=low,
        high=high,
        low_text=table.text("low_text", at_most=60),
        high_text=table.text("high_text", at_most=60),
        prefer_not=False,
    )


def entry_name(lot: str, prompt: int) -> str:
    """Return the name of an entry that follows the prompt at a place (0: none); ``lot`` is 8 to 16 random letters."""
    return f"{lot}-{prompt:02d}"


def prompt_of(spec: JournalSpec, name: str) -> Item | None:
    """Return the prompt that an entry with a name follows; ``None`` if this is no entry's name."""
    found = _ENTRY.fullmatch(name)
    if found is None or int(found[1]) >= len(spec.prompts):
        return None
    return spec.prompts[int(found[1])]


def entry_form(spec: JournalSpec, prompt: Item) -> Form:
    """Return the one page on which an entry is written: the words first, then how one feels."""
    return Form(pages=(Page(key=PAGE, title=spec.title, items=(prompt, *spec.sliders)),))


def words_in(spec: JournalSpec, answers: Answers) -> str:
    """Return what was written in an entry; empty if there are no words in it."""
    found = (answers.get(prompt.key) for prompt in spec.prompts)
    return next((value for value in found if isinstance(value, str) and value), "")


def is_blank(answers: Answers) -> bool:
    """Say whether there is nothing in an entry."""
    return not any(is_answered(value) for value in answers.values())


def wider(audience: Audience) -> tuple[Audience, ...]:
    """Return with whom an entry can be shared that has an audience now: only ever with more people."""
    if audience is Audience.PRIVATE:
        return SHARED_WITH
    return SHARED_WITH[SHARED_WITH.index(audience) + 1 :]


def form(spec: JournalSpec) -> Form:
    """Return all that an entry can hold, on one page; ``entry_form`` is what is written at a time."""
    return Form(pages=(Page(key=PAGE, title=spec.title, items=(*spec.prompts, *spec.sliders)),))


def label(spec: JournalSpec, audience: Audience) -> Label:
    """Return the label of an entry."""
    del spec  # All journals say it the same way.
    return label_for(audience)


def open_at(
    spec: JournalSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when an entry opens to the partner: never by itself, and at once where its writer shared it with them."""
    del spec, other, delivery  # An entry waits for nobody.
    return own.at if audience is Audience.COUPLE else None


def summary(spec: JournalSpec, answers: Answers) -> Summary:
    """Return one entry in words: what is in it, and nothing of the questions that it doesn't follow."""
    held = tuple(item for item in form(spec).questions if item.key in answers)
    return summarise(Form(pages=(Page(key=PAGE, title=spec.title, items=held),)), answers)


def contents(spec: JournalSpec) -> Mapping[str, object]:
    """Return sliders and prompts as plain JSON values."""
    return {"share": spec.share.value, "items": items_as_json(form(spec))}
