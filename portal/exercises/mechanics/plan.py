"""What a plan of two people is made of: what there is to settle, ideas to begin with, and what each is asked afterwards.

This module reads the table; `planning.py` beside it holds the rules by which a plan comes about. A ``[plan]`` table has

- ``question``; ``source`` "overlap" (the ideas are what both marked in the list of the same exercise) or "own";
- ``[[plan.fields]]``: what there is to settle: ``key``, ``text``, ``hint`` and ``kind``. ``pick``: one of the ideas;
  ``pick_or_short``: one of the groups' options or own words; ``short``: a few words; ``moment``: a day with a time;
  ``weekly_moment``: a day of the week with a time; ``who``: one of the two, or both. The first field says what is
  planned. It is needed to suggest something, and a moment is needed to agree; anything else may stay open;
- ``[[plan.groups]]``: options like those of an overlap, to choose from or to jog the memory;
- ``own_ideas``, ``idea_prompt``, ``idea_why_prompt``: how many ideas each collects first, if any;
- ``meetings``: how often the planned thing is done; ``feeds_shared_time``: whether it counts as time together;
- ``[plan.afterwards]``: the pages that each fills in alone after each time, ``after_due_days`` after it.

For the pages: a plan is a list of events (`planning_model.Event`) that belong to both as soon as they are sent. Ideas
are walked with ``ideas_form`` in the period ``IDEAS``, what is asked afterwards with ``afterwards`` in the period that
``period_of`` names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.afterwards import read_afterwards
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
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated
from portal.questionnaires.reading import read_options

NAME: Final = MechanicName.PLAN
AUDIENCES: Final = frozenset({Audience.COUPLE})

ROUND: Final = "1"
"""The round in which both have their turns; a plan has no other."""
IDEAS: Final = "ideas"
"""The period in which each collects ideas, and the key of the page."""
IDEA, WHY = "idea_", "idea_why_"
"""How the keys of ideas and of what was good about them begin; a number follows, from 1."""
SHORT_LENGTH: Final = 200
IDEAS_AT_MOST: Final = 6
NO_PAGES: Final = Form(pages=())


class Source(StrEnum):
    """Where the ideas for a plan come from."""

    OVERLAP = "overlap"
    OWN = "own"


class FieldKind(StrEnum):
    """What kind of thing there is to settle."""

    PICK = "pick"
    PICK_OR_SHORT = "pick_or_short"
    SHORT = "short"
    MOMENT = "moment"
    WEEKLY_MOMENT = "weekly_moment"
    WHO = "who"


MOMENTS: Final = frozenset({FieldKind.MOMENT, FieldKind.WEEKLY_MOMENT})
_WHAT: Final = frozenset({FieldKind.PICK, FieldKind.PICK_OR_SHORT, FieldKind.SHORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that there is to settle."""

    key: str
    kind: FieldKind
    text: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Options under one heading, to choose from or to jog the memory."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSpec:
    """What a ``[plan]`` table says. Without ideas of their own or pages afterwards those forms are empty."""

    question: str
    source: Source
    fields: tuple[Field, ...]
    groups: tuple[Group, ...]
    ideas: Form
    meetings: int
    feeds_shared_time: bool
    after_due: timedelta
    afterwards: Form

    @property
    def what(self) -> Field:
        """Return the field that says what is planned."""
        return self.fields[0]

    @property
    def moment(self) -> Field:
        """Return the field that says when."""
        return next(field for field in self.fields if field.kind in MOMENTS)

    @property
    def is_weekly(self) -> bool:
        """Say whether what is planned comes back every week."""
        return self.moment.kind is FieldKind.WEEKLY_MOMENT

    @property
    def options(self) -> tuple[Option, ...]:
        """Return the options of all groups."""
        return tuple(option for group in self.groups for option in group.options)


def read(table: Table, frame: Frame) -> PlanSpec:
    """Return what a ``[plan]`` table says, noting every mistake at the table."""
    del frame  # A plan is always for the couple, whatever leads the exercise.
    source = table.choice("source", Source)
    groups = tuple(_read_group(entry) for entry in table.optional_tables("groups"))
    for key in repeated([option.key for group in groups for option in group.options]):
        table.complain("groups", f"the option key {key} comes twice")
    return PlanSpec(
        question=table.text("question", at_most=200),
        source=source,
        fields=_read_fields(table, source, has_groups=bool(groups)),
        groups=groups,
        ideas=_read_ideas(table),
        meetings=table.optional_integer("meetings", default=1, low=1, high=12),
        feeds_shared_time=table.flag("feeds_shared_time", default=False),
        after_due=timedelta(days=table.optional_integer("after_due_days", default=0, low=0, high=30)),
        afterwards=read_afterwards(table) if "afterwards" in table else NO_PAGES,
    )


def _read_group(table: Table) -> Group:
    table.key("key")
    return Group(
        title=table.text("title", at_most=120), options=read_options(table, with_scores=False, at_least=1)
    )


def _read_fields(table: Table, source: Source, *, has_groups: bool) -> tuple[Field, ...]:
    fields = tuple(
        Field(
            key=entry.key("key"),
            kind=entry.choice("kind", FieldKind),
            text=entry.text("text", at_most=200),
            hint=entry.optional_text("hint", at_most=300),
        )
        for entry in table.tables("fields")
    )
    for key in repeated([field.key for field in fields]):
        table.complain("fields", f"the field key {key} comes twice")
    kinds = [field.kind for field in fields]
    if not kinds or kinds[0] not in _WHAT:
        table.complain("fields", "the first must say what is planned: pick, pick_or_short or short")
    if sum(kind in MOMENTS for kind in kinds) != 1:
        table.complain("fields", "exactly one must be a moment or weekly_moment")
    if any(kinds.count(kind) > 1 for kind in (FieldKind.PICK, FieldKind.PICK_OR_SHORT)):
        table.complain("fields", "only one can be picked")
    if (FieldKind.PICK in kinds) is not (source is Source.OVERLAP):
        table.complain("source", "is overlap exactly if a field is a pick: it offers what both marked")
    if FieldKind.PICK_OR_SHORT in kinds and not has_groups:
        table.complain("groups", "are missing, so that there is nothing to pick")
    return fields


def _read_ideas(table: Table) -> Form:
    number = table.optional_integer("own_ideas", default=0, low=0, high=IDEAS_AT_MOST)
    if number == 0:
        return NO_PAGES
    prompt = table.text("idea_prompt", at_most=200)
    why = table.optional_text("idea_why_prompt", at_most=200)
    items = []
    for place in range(1, number + 1):
        items.append(_idea(f"{IDEA}{place}", prompt))
        if why:
            items.append(_idea(f"{WHY}{place}", why))
    return Form(pages=(Page(key=IDEAS, title=table.text("question", at_most=200), items=tuple(items)),))


def _idea(key: str, text: str) -> Item:
    return Item(
        key=key,
        kind=ItemKind.SHORT,
        text=text,
        audience=Audience.COUPLE,
        max_length=SHORT_LENGTH,
        prefer_not=False,
    )


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea that somebody collected, with what was good about it."""

    place: int
    text: str
    why: str


def ideas_in(spec: PlanSpec, answers: Answers) -> tuple[Idea, ...]:
    """Return the ideas in one partner's answers; those without words are left out."""
    found = []
    for place in range(1, IDEAS_AT_MOST + 1):
        text, why = answers.get(f"{IDEA}{place}"), answers.get(f"{WHY}{place}")
        if spec.ideas.item(f"{IDEA}{place}") is not None and isinstance(text, str) and text:
            found.append(Idea(place, text, why if isinstance(why, str) else ""))
    return tuple(found)


def period_of(plan: int, time: int) -> str:
    """Return the period of what is asked after a plan's ``time``-th time, both from 1, such as ``p2-1``."""
    return f"p{plan}-{time}"


def form(spec: PlanSpec) -> Form:
    """Return everything that is walked through: ideas, and what is asked afterwards."""
    return Form(pages=(*spec.ideas.pages, *spec.afterwards.pages))


def label(spec: PlanSpec, audience: Audience) -> Label:
    """Return the label of a plan (``couple``) or of an answer afterwards."""
    del spec  # All plans say it the same way.
    return label_for(audience)


def open_at(
    spec: PlanSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when something opens to the partner: at once, where it is for the couple."""
    del spec, other, delivery  # Ideas, and how it was, wait for nobody.
    return own.at if audience is Audience.COUPLE else None


def summary(spec: PlanSpec, answers: Answers) -> Summary:
    """Return ideas or answers afterwards in words; pages that weren't asked in that period are left out."""
    asked = Form(pages=tuple(page for page in form(spec).pages if _is_begun(page, answers)))
    return summarise(asked, answers)


def _is_begun(page: Page, answers: Answers) -> bool:
    return any(item.key in answers for item in page.walk())


def contents(spec: PlanSpec) -> Mapping[str, object]:
    """Return what there is to settle, options, and what is asked, as plain JSON values."""
    planned = {
        "question": spec.question,
        "source": spec.source.value,
        "meetings": spec.meetings,
        "feeds_shared_time": spec.feeds_shared_time,
        "after_due_days": spec.after_due.days,
        "fields": [
            {"key": field.key, "kind": field.kind.value, "text": field.text, "hint": field.hint}
            for field in spec.fields
        ],
        "options": [
            {"key": option.key, "text": option.text, "group": group.title}
            for group in spec.groups
            for option in group.options
        ],
    }
    return {"plan": planned, "items": items_as_json(form(spec))}


def option_text(options: Sequence[Option], key: str) -> str | None:
    """Return the words of an option, if it is one of these."""
    return next((option.text for option in options if option.key == key), None)
