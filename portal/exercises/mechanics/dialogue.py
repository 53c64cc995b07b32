"""What a talk in turns is made of: who speaks, who says back, what comes in between, and a question to each at the end.

This module reads the table; `talk.py` beside it holds the rules of taking turns. A ``[dialogue]`` table has

- ``topic`` "own" (each speaker brings one) or "shared" (one is settled by both first), ``topic_prompt``, ``topics``;
- ``first_speaker`` "choice" or "a", and ``swap``: whether the other speaks in a second half;
- ``pieces``: how many things a speaker may say in one half, each with all its stages; ``rounds``: how often something
  is put right before the page suggests leaving it there; ``quiet_hours``: when a page may ask whether to go on;
- ``[[dialogue.stages]]`` in their order: ``key``, ``kind`` (say, say_back, confirm, validate, ask), ``by`` (speaker,
  listener, both), ``title``, ``prompt``, ``max_length``, and if wanted ``hint``, ``starters``, ``seconds`` (a timed
  stage) and ``breath`` with ``breath_seconds`` (a moment of silence before it); confirm: ``yes_text``, ``no_text``.
  Stages ``by = "both"`` come last and are done once, after everybody has spoken;
- ``[dialogue.afterwards]``: the pages that each fills in alone when the talk is over.

For the pages: ``form`` is only those last pages, walked like any exercise once the talk has ended in whatever way. The
turns are moves (`talk_model.Move`), kept in order per couple and period, with the audience ``couple``; ``item_of`` gives a
stage as an item, so that inputs, coach and length checks are the ordinary ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
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
from portal.questionnaires.model import Answers, Form, Item, ItemKind, repeated
from portal.questionnaires.reading import LONG_LENGTH

NAME: Final = MechanicName.DIALOGUE
AUDIENCES: Final = frozenset({Audience.COUPLE})

TOPIC_LENGTH: Final = 120
HOUR: Final = 3600


class StageKind(StrEnum):
    """What happens in a stage."""

    SAY = "say"
    SAY_BACK = "say_back"
    CONFIRM = "confirm"
    VALIDATE = "validate"
    ASK = "ask"


class By(StrEnum):
    """Who acts in a stage."""

    SPEAKER = "speaker"
    LISTENER = "listener"
    BOTH = "both"


class TopicKind(StrEnum):
    """Whose the topic is."""

    OWN = "own"
    SHARED = "shared"


class First(StrEnum):
    """Who speaks first."""

    CHOICE = "choice"
    """Whoever of the two says so."""
    A = "a"


MAY_BE_BY: Final[Mapping[StageKind, frozenset[By]]] = {
    StageKind.SAY: frozenset({By.SPEAKER, By.BOTH}),
    StageKind.SAY_BACK: frozenset({By.LISTENER}),
    StageKind.CONFIRM: frozenset({By.SPEAKER}),
    StageKind.VALIDATE: frozenset({By.LISTENER}),
    StageKind.ASK: frozenset({By.LISTENER}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a talk. ``max_length`` is that of its text; for a confirmation, that of what is put right."""

    key: str
    kind: StageKind
    by: By
    title: str
    prompt: str
    max_length: int
    hint: str = ""
    starters: tuple[str, ...] = ()
    seconds: int | None = None
    breath: str = ""
    breath_seconds: int | None = None
    yes_text: str = ""
    no_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueSpec:
    """What a ``[dialogue]`` table says. ``stages`` are those of each half, ``last_stages`` what both do at the end."""

    topic: TopicKind
    topic_prompt: str
    topics: tuple[str, ...]
    first: First
    swap: bool
    pieces: int
    rounds: int
    quiet_after: timedelta
    pause_text: str
    closing: str
    stages: tuple[Stage, ...]
    last_stages: tuple[Stage, ...]
    form: Form


def read(table: Table, frame: Frame) -> DialogueSpec:
    """Return what a ``[dialogue]`` table says, noting every mistake at the table."""
    del frame  # Turns are for the couple, and what is asked afterwards says itself for whom it is.
    found = tuple(_read_stage(entry) for entry in table.tables("stages"))
    _check_order(table, found)
    return DialogueSpec(
        topic=table.choice("topic", TopicKind),
        topic_prompt=table.text("topic_prompt", at_most=200),
        topics=table.optional_texts("topics", at_most=TOPIC_LENGTH),
        first=table.choice("first_speaker", First),
        swap=table.flag("swap", default=True),
        pieces=table.optional_integer("pieces", default=1, low=1, high=10),
        rounds=table.integer("rounds", low=1, high=10),
        quiet_after=timedelta(hours=table.integer("quiet_hours", low=1, high=24 * 14)),
        pause_text=table.text("pause_text", at_most=300),
        closing=table.text("closing", at_most=300),
        stages=tuple(stage for stage in found if stage.by is not By.BOTH),
        last_stages=tuple(stage for stage in found if stage.by is By.BOTH),
        form=read_afterwards(table),
    )


def _read_stage(table: Table) -> Stage:
    kind = table.choice("kind", StageKind)
    by = table.choice("by", By)
    if by not in MAY_BE_BY[kind]:
        table.complain("by", f"{kind.value} is never done by {by.value}")
    is_confirm = kind is StageKind.CONFIRM
    return Stage(
        key=table.key("key"),
        kind=kind,
        by=by,
        title=table.text("title", at_most=80),
        prompt=table.text("prompt", at_most=400),
        max_length=table.integer("max_length", low=20, high=LONG_LENGTH),
        hint=table.optional_text("hint", at_most=400),
        starters=table.optional_texts("starters", at_most=80),
        seconds=table.optional_integer("seconds", default=None, low=5, high=HOUR),
        breath=table.optional_text("breath", at_most=200),
        breath_seconds=table.integer("breath_seconds", low=3, high=300) if "breath" in table else None,
        yes_text=table.text("yes_text", at_most=60) if is_confirm else "",
        no_text=table.text("no_text", at_most=60) if is_confirm else "",
    )


def _check_order(table: Table, stages: tuple[Stage, ...]) -> None:
    for key in repeated([stage.key for stage in stages]):
        table.complain("stages", f"the stage key {key} comes twice")
    if stages and (stages[0].kind, stages[0].by) != (StageKind.SAY, By.SPEAKER):
        table.complain("stages", "the speaker says something first")
    for one, following in pairwise([*stages, None]):
        if one is not None and _does_not_fit(one, following):
            table.complain("stages", f"after {one.key}: {_ORDER}")


_ORDER = "say_back is followed by confirm, confirm comes nowhere else, and what both do comes last"


def _does_not_fit(one: Stage, following: Stage | None) -> bool:
    says_back = one.kind is StageKind.SAY_BACK
    confirms = following is not None and following.kind is StageKind.CONFIRM
    goes_back = following is not None and one.by is By.BOTH and following.by is not By.BOTH
    return says_back is not confirms or goes_back


def item_of(stage: Stage) -> Item:
    """Return a stage as an item to write in: for drawing an input, for the coach and for checking lengths."""
    return Item(
        key=stage.key,
        kind=ItemKind.LONG,
        text=stage.prompt,
        hint=stage.hint,
        audience=Audience.COUPLE,
        min_length=1,
        max_length=stage.max_length,
        required=True,
        prefer_not=False,
    )


def topic_item(spec: DialogueSpec) -> Item:
    """Return the name of the one thing to talk about as an item to write in."""
    return Item(
        key="topic",
        kind=ItemKind.SHORT,
        text=spec.topic_prompt,
        audience=Audience.COUPLE,
        min_length=1,
        max_length=TOPIC_LENGTH,
        required=True,
        prefer_not=False,
    )


def form(spec: DialogueSpec) -> Form:
    """Return the pages that each partner fills in alone once the talk is over."""
    return spec.form


def label(spec: DialogueSpec, audience: Audience) -> Label:
    """Return the label of a turn (``couple``) or of an answer afterwards."""
    del spec  # All talks say it the same way.
    return label_for(audience)


def open_at(
    spec: DialogueSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when something opens to the partner: at once, where it is for the couple."""
    del spec, other, delivery  # A turn that was sent waits for nobody.
    return own.at if audience is Audience.COUPLE else None


def summary(spec: DialogueSpec, answers: Answers) -> Summary:
    """Return what one partner answered afterwards; the turns themselves come from `talk_view.turns_of`."""
    return summarise(spec.form, answers)


def contents(spec: DialogueSpec) -> Mapping[str, object]:
    """Return topics, stages and what is asked afterwards as plain JSON values."""
    return {
        "topic": spec.topic.value,
        "topic_prompt": spec.topic_prompt,
        "topics": list(spec.topics),
        "first_speaker": spec.first.value,
        "swap": spec.swap,
        "pieces": spec.pieces,
        "rounds": spec.rounds,
        "pause_text": spec.pause_text,
        "closing": spec.closing,
        "stages": [_stage_as_json(stage) for stage in (*spec.stages, *spec.last_stages)],
        "items": items_as_json(spec.form),
    }


def _stage_as_json(stage: Stage) -> dict[str, object]:
    return {
        "key": stage.key,
        "kind": stage.kind.value,
        "by": stage.by.value,
        "title": stage.title,
        "prompt": stage.prompt,
        "hint": stage.hint,
        "starters": list(stage.starters),
        "seconds": stage.seconds,
        "max_length": stage.max_length,
    }
