"""What graded steps are made of: the steps, how ready somebody may feel for one, and what is asked after each.

This module reads the table; `climb.py` beside it holds the rules by which a step opens. A ``[ladder]`` table has

- ``question`` and ``levels``: three, most ready first; the last is never disclosed;
- ``solo``: each has a ladder of their own, and nobody else is needed for a step;
- ``therapist`` "overlap" or "lists": what the therapist sees of the ratings; ``therapist_opens``: whether a step needs
  their opening too; ``expires_days``: how long a rating stands (a solo ladder needs none of these three);
- ``repeats``: how often a step is taken before the next comes within reach; ``waiting_text``, ``step_back_text``;
- ``[[ladder.steps]]`` from easiest to hardest: ``key``, ``title``, ``text``, ``minutes``, and if wanted ``hint`` and
  ``touch_level``; in a solo ladder ``max_length`` (there is something to write) and ``audience``;
- ``[ladder.afterwards]``: the pages that each fills in alone after a step.

For the pages: ratings are ordinary answers with the audience ``overlap`` (``private`` in a solo ladder), walked with
``readiness_form`` in the period ``READINESS``; what is written and asked after a step is walked with ``step_form`` in
the period that ``period_of`` names. ``form`` has all of these items, so that labels, summaries and reviews find them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from portal.exercises.mechanics.overlap import LEVELS, TherapistSees
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated
from portal.questionnaires.reading import LONG_LENGTH, item_key

NAME: Final = MechanicName.LADDER
AUDIENCES: Final = frozenset({Audience.COUPLE, Audience.PRIVATE})

READINESS: Final = "readiness"
"""The key of the page of ratings, and the period in which they are answered."""
ROUND: Final = "1"
"""The one round of a ladder, however often its steps are taken: what a partner has begun, and does no more in it."""
READY: Final = "ready_"
"""How the keys of the ratings begin; the key of the step follows."""
STEP_KEY_LENGTH: Final = 32
STEPS: Final = range(2, 31)
_STEP_AUDIENCES: Final = frozenset({Audience.PRIVATE, Audience.THERAPIST, Audience.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. In a solo ladder ``item`` is what there is to write in it, if anything."""

    key: str
    title: str
    text: str
    hint: str
    minutes: int
    touch_level: int
    item: Item | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderSpec:
    """What a ``[ladder]`` table says. ``levels`` go from most to least ready; without ``expires`` ratings stand."""

    question: str
    levels: tuple[Option, ...]
    solo: bool
    therapist: TherapistSees
    therapist_opens: bool
    expires: timedelta | None
    repeats: int
    waiting_text: str
    step_back_text: str
    steps: tuple[Step, ...]
    afterwards: Form

    def index(self, key: str) -> int:
        """Return the place of a step, from 0; raises ``KeyError`` for one that isn't there."""
        return {step.key: place for place, step in enumerate(self.steps)}[key]


def read(table: Table, frame: Frame) -> LadderSpec:
    """Return what a ``[ladder]`` table says, noting every mistake at the table."""
    solo = table.flag("solo", default=False)
    if solo is not (frame.audience is Audience.PRIVATE):
        table.complain("solo", "is true exactly if the audience of the exercise is private")
    steps = tuple(_read_step(entry, solo=solo) for entry in table.tables("steps"))
    if len(steps) not in STEPS:
        table.complain("steps", f"must be {STEPS.start} to {STEPS.stop - 1}")
    for key in repeated([step.key for step in steps]):
        table.complain("steps", f"the step key {key} comes twice")
    return LadderSpec(
        question=table.text("question", at_most=200),
        levels=_read_levels(table),
        solo=solo,
        therapist=TherapistSees.OVERLAP if solo else table.choice("therapist", TherapistSees),
        therapist_opens=False if solo else table.flag("therapist_opens", default=False),
        expires=None if solo else timedelta(days=table.integer("expires_days", low=1, high=365)),
        repeats=table.optional_integer("repeats", default=1, low=1, high=5),
        waiting_text=table.text("waiting_text", at_most=200),
        step_back_text=table.text("step_back_text", at_most=200),
        steps=steps,
        afterwards=read_afterwards(table, alone=solo),
    )


def _read_levels(table: Table) -> tuple[Option, ...]:
    levels = tuple(
        Option(key=entry.key("key"), text=entry.text("text", at_most=60)) for entry in table.tables("levels")
    )
    if len({level.key for level in levels}) != LEVELS or len(levels) != LEVELS:
        table.complain("levels", "must be exactly three different ones, most ready first")
    return levels


def _read_step(table: Table, *, solo: bool) -> Step:
    key = item_key(table)
    if len(key) > STEP_KEY_LENGTH or key.startswith(READY):
        table.complain("key", f"has at most {STEP_KEY_LENGTH} letters and doesn't begin with {READY}")
    title, text = table.text("title", at_most=80), table.text("text", at_most=600)
    hint = table.optional_text("hint", at_most=400)
    return Step(
        key=key,
        title=title,
        text=text,
        hint=hint,
        minutes=table.integer("minutes", low=1, high=240),
        touch_level=table.optional_integer("touch_level", default=0, low=0, high=3),
        item=_read_item(table, key, text, hint) if solo and "max_length" in table else None,
    )


def _read_item(table: Table, key: str, text: str, hint: str) -> Item:
    audience = table.optional_choice("audience", Audience, default=Audience.PRIVATE)
    if audience not in _STEP_AUDIENCES:
        table.complain("audience", f"{audience.value} isn't possible here")
    return Item(
        key=key,
        kind=ItemKind.LONG,
        text=text,
        hint=hint,
        audience=audience,
        max_length=table.integer("max_length", low=20, high=LONG_LENGTH),
        prefer_not=False,
    )


def readiness_form(spec: LadderSpec, keys: Collection[str]) -> Form:
    """Return one page with a three-way choice for each of some steps: those that `climb.within_reach` gives."""
    audience = Audience.PRIVATE if spec.solo else Audience.OVERLAP
    items = tuple(
        Item(
            key=READY + step.key,
            kind=ItemKind.CHOICE,
            text=step.title,
            hint=step.text,
            audience=audience,
            options=spec.levels,
            compact=True,
            # Leaving a step blank says no more than the last level does, so nothing else is needed.
            prefer_not=False,
        )
        for step in spec.steps
        if step.key in keys
    )
    return Form(pages=(Page(key=READINESS, title=spec.question, items=items),))


def step_form(spec: LadderSpec, key: str) -> Form:
    """Return what there is to write in a step, if anything, and what is asked after it."""
    step = spec.steps[spec.index(key)]
    return Form(pages=(*_writing(step), *spec.afterwards.pages))


def _writing(step: Step) -> tuple[Page, ...]:
    return (Page(key=f"step_{step.key}", title=step.title, items=(step.item,)),) if step.item else ()


def period_of(spec: LadderSpec, key: str, visit: int) -> str:
    """Return the period of a step's ``visit``-th taking, from 1, such as ``04-1``; at most 12 letters."""
    return f"{spec.index(key) + 1:02d}-{visit}"


def form(spec: LadderSpec) -> Form:
    """Return all items that a ladder can ask for: ratings, what is written in steps, what is asked afterwards."""
    ratings = readiness_form(spec, {step.key for step in spec.steps})
    writing = (page for step in spec.steps for page in _writing(step))
    return Form(pages=(*ratings.pages, *writing, *spec.afterwards.pages))


def label(spec: LadderSpec, audience: Audience) -> Label:
    """Return the label of an item: only what both are open to, for ratings that two people combine."""
    del spec  # All ladders say it the same way.
    return label_for(audience)


def open_at(
    spec: LadderSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when an answer after a step opens to the partner: at once for the couple's; ratings never do."""
    del spec, other, delivery  # What somebody tells after a step waits for nobody.
    return own.at if audience is Audience.COUPLE else None


def summary(spec: LadderSpec, answers: Answers) -> Summary:
    """Return ratings or answers after a step in words; what somebody isn't asked in that period is left out."""
    asked = Form(pages=tuple(page for page in form(spec).pages if _is_begun(page, answers)))
    return summarise(asked, answers)


def _is_begun(page: Page, answers: Answers) -> bool:
    return any(item.key in answers for item in page.walk())


def contents(spec: LadderSpec) -> Mapping[str, object]:
    """Return question, levels, steps and what is asked afterwards as plain JSON values."""
    return {
        "question": spec.question,
        "levels": [{"key": level.key, "text": level.text} for level in spec.levels],
        "solo": spec.solo,
        "therapist": spec.therapist.value,
        "therapist_opens": spec.therapist_opens,
        "expires_days": spec.expires.days if spec.expires else None,
        "repeats": spec.repeats,
        "waiting_text": spec.waiting_text,
        "step_back_text": spec.step_back_text,
        "steps": [
            {
                "key": step.key,
                "title": step.title,
                "text": step.text,
                "hint": step.hint,
                "minutes": step.minutes,
                "touch_level": step.touch_level,
            }
            for step in spec.steps
        ],
        "items": [
            *items_as_json(Form(pages=tuple(page for step in spec.steps for page in _writing(step)))),
            *items_as_json(spec.afterwards),
        ],
    }
