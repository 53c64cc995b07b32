"""Both partners answer the same list alone; only what both are open to is ever shown, at the lower of two levels.

What one partner isn't open to leaves no trace: an option left blank, declined, withdrawn or answered with the
last level is treated the same everywhere here, nothing is counted, and the order is that of the definition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated
from portal.questionnaires.reading import item_key

NAME: Final = MechanicName.OVERLAP
AUDIENCES: Final = frozenset({Audience.OVERLAP})
LEVELS: Final = 3


class TherapistSees(StrEnum):
    """What the therapist sees of the lists, unless the practice says otherwise; stated on the form."""

    OVERLAP = "overlap"
    LISTS = "lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapSpec:
    """What an ``[overlap]`` table says. ``levels`` go from most to least open; the last is never disclosed."""

    question: str
    levels: tuple[Option, ...]
    form: Form
    therapist: TherapistSees
    expires: timedelta


@dataclass(frozen=True, slots=True)
class Match:
    """An option that both partners are open to, and the level of the more careful one."""

    option_key: str
    level: str


def read(table: Table, frame: Frame) -> OverlapSpec:
    """Return what an ``[overlap]`` table says, noting every mistake at the table."""
    del frame  # The audience of every option is overlap.
    question = table.text("question", at_most=200)
    levels = tuple(
        Option(key=entry.key("key"), text=entry.text("text", at_most=40)) for entry in table.tables("levels")
    )
    if len({level.key for level in levels}) != LEVELS or len(levels) != LEVELS:
        table.complain("levels", "must be exactly three different ones, most open first")
    pages = tuple(_read_group(entry, question, levels) for entry in table.tables("groups"))
    for key in repeated([page.key for page in pages]):
        table.complain("groups", f"the group key {key} comes twice")
    for key in repeated([item.key for page in pages for item in page.items]):
        table.complain("groups", f"the option key {key} comes twice")
    return OverlapSpec(
        question=question,
        levels=levels,
        form=Form(pages=pages),
        therapist=table.choice("therapist", TherapistSees),
        expires=timedelta(days=table.integer("expires_days", low=1, high=365)),
    )


def _read_group(table: Table, question: str, levels: tuple[Option, ...]) -> Page:
    items = tuple(
        Item(
            key=item_key(entry),
            kind=ItemKind.CHOICE,
            text=entry.text("text", at_most=120),
            audience=Audience.OVERLAP,
            options=levels,
            compact=True,
            # Leaving an option blank says no more than "not now" does, so nothing else is needed.
            prefer_not=False,
        )
        for entry in table.tables("options")
    )
    return Page(key=table.key("key"), title=table.text("title", at_most=120), intro=question, items=items)


def form(spec: OverlapSpec) -> Form:
    """Return a page for each group, with one three-way choice for each option."""
    return spec.form


def label(spec: OverlapSpec, audience: Audience) -> Label:
    """Return the label: only what both are open to."""
    del spec, audience  # It is the same for every option.
    return Label.OVERLAP


def open_at(
    spec: OverlapSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return ``None``: a partner never reads the other's answers here, only matches."""
    del spec, audience, own, other, delivery  # Whatever they are, it is never.
    return None


def standing(spec: OverlapSpec, answers: Answers, *, sent: Sent | None, now: datetime) -> Answers:
    """Return the answers that still stand: none before they are sent, none after they have expired."""
    if sent is None or sent.at > now or now >= sent.at + spec.expires:
        return {}
    return answers


def matches(spec: OverlapSpec, first: Answers, second: Answers) -> tuple[Match, ...]:
    """Return the options that both are open to, in the order of the definition, each at the lower level.

    Pass what ``standing`` gives for each partner. The result doesn't tell who of the two was more careful.
    """
    ranks = {level.key: rank for rank, level in enumerate(spec.levels[:-1])}
    found = []
    for item in spec.form.questions:
        ours, theirs = _rank(ranks, first.get(item.key)), _rank(ranks, second.get(item.key))
        if ours is not None and theirs is not None:
            found.append(Match(item.key, spec.levels[max(ours, theirs)].key))
    return tuple(found)


def _rank(ranks: Mapping[str, int], value: object) -> int | None:
    return ranks.get(value) if isinstance(value, str) else None


def option_text(spec: OverlapSpec, key: str) -> str:
    """Return the words of an option; raises ``KeyError`` for one that isn't in the list."""
    item = spec.form.item(key)
    if item is None:
        raise KeyError(key)
    return item.text


def level_text(spec: OverlapSpec, key: str) -> str:
    """Return the words of a level; raises ``KeyError`` for one that isn't there."""
    return {level.key: level.text for level in spec.levels}[key]


def summary(spec: OverlapSpec, answers: Answers) -> Summary:
    """Return one partner's own list in words: for the writer, and for a therapist who sees lists."""
    return summarise(spec.form, answers)


def contents(spec: OverlapSpec) -> Mapping[str, object]:
    """Return question, levels and options as plain JSON values."""
    return {
        "question": spec.question,
        "levels": [{"key": level.key, "text": level.text} for level in spec.levels],
        "options": [
            {"key": item.key, "text": item.text, "group": page.title}
            for page in spec.form.pages
            for item in page.items
        ],
        "therapist": spec.therapist.value,
        "expires_days": spec.expires.days,
    }
