"""What every mechanic offers, and the values that mechanics take and give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar

from portal.access.privacy import Audience, Label
from portal.kit.library import Table
from portal.questionnaires.conditions import enabled_keys
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Value, is_answered, is_declined
from portal.questionnaires.scoring import ScoreResult, score_form


class MechanicName(StrEnum):
    """The kinds of interaction that an exercise can be built from."""

    QUESTIONNAIRE = "questionnaire"
    JOURNAL = "journal"
    LETTER = "letter"
    DIALOGUE = "dialogue"
    OVERLAP = "overlap"
    AGREEMENT = "agreement"
    LADDER = "ladder"
    TRACKER = "tracker"
    DECK = "deck"
    TIMELINE = "timeline"
    PLAN = "plan"


PLACED: Final = frozenset(
    {
        MechanicName.JOURNAL,
        MechanicName.DIALOGUE,
        MechanicName.AGREEMENT,
        MechanicName.LADDER,
        MechanicName.DECK,
        MechanicName.TIMELINE,
        MechanicName.PLAN,
    }
)
"""The mechanics that have a page of their own, from which partners go on walks; the others are walked through once."""

IN_ONE_GO: Final = frozenset({MechanicName.QUESTIONNAIRE, MechanicName.LETTER, MechanicName.OVERLAP})
"""The mechanics whose pages are walked one after the other where an exercise has several of them."""

SHARED: Final = frozenset(
    {MechanicName.OVERLAP, MechanicName.DIALOGUE, MechanicName.AGREEMENT, MechanicName.PLAN}
)
"""The mechanics from which something comes that belongs to both at once, besides what each of them wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a mechanic's table needs to know of the exercise around it."""

    title: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Sent:
    """The fact that a partner has sent their answers, and when."""

    at: datetime


class DeliveryKind(StrEnum):
    """When a letter reaches its receiver."""

    NOW = "now"
    LATER = "later"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the writer of a letter wants it delivered; ``at`` is set for ``LATER`` and only then."""

    kind: DeliveryKind
    at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.at is not None) is not (self.kind is DeliveryKind.LATER):
            raise ValueError("a delivery has a time exactly if it is for later")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("the time of a delivery is an aware datetime")


AT_ONCE = Delivery(DeliveryKind.NOW)


class State(StrEnum):
    """Whether an item has an answer."""

    ANSWERED = "answered"
    DECLINED = "declined"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer in words, for a review or a report. Without an answer ``texts`` is empty."""

    key: str
    page: str
    label: str
    audience: Audience
    kind: ItemKind
    state: State
    texts: tuple[str, ...] = ()
    number: int | float | None = None
    ends: tuple[str, str] | None = None
    """The words at the two ends, for an answer on a scale."""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one partner answered, in words, with the scores over it."""

    lines: tuple[Line, ...]
    scores: tuple[ScoreResult, ...] = ()

    def only(self, audiences: Sequence[Audience]) -> "Summary":
        """Return the lines for some audiences. Scores stay only if every line stays, since they tell of all."""
        lines = tuple(line for line in self.lines if line.audience in audiences)
        return Summary(lines=lines, scores=self.scores if len(lines) == len(self.lines) else ())

    def for_partner(self) -> "Summary":
        """Return the summary in which a declined answer looks exactly like one that was skipped."""
        lines = tuple(
            replace(line, state=State.UNANSWERED) if line.state is State.DECLINED else line
            for line in self.lines
        )
        return replace(self, lines=lines)


SpecT = TypeVar("SpecT")


class Mechanic(Protocol[SpecT]):
    """What a mechanic's module offers. ``SpecT`` is what it makes of its table in an exercise file.

    A mechanic is a pure module with these names at its top; `mechanics/__init__.py` lists it.
    """

    @property
    def NAME(self) -> MechanicName:  # noqa: N802 – it is a constant of the module.
        """The name of the mechanic, and of its table in an exercise file."""
        ...

    @property
    def AUDIENCES(self) -> frozenset[Audience]:  # noqa: N802 – it is a constant of the module.
        """The audiences that an exercise led by this mechanic may have."""
        ...

    def read(self, table: Table, frame: Frame, /) -> SpecT:
        """Return what the mechanic's table says, noting every mistake at the table."""
        ...

    def form(self, spec: SpecT, /) -> Form:
        """Return the pages of items that a partner walks through, each item with its audience."""
        ...

    def label(self, spec: SpecT, audience: Audience, /) -> Label:
        """Return the visibility label for an item of an audience, shown before anything is typed."""
        ...

    def open_at(
        self,
        spec: SpecT,
        audience: Audience,
        /,
        *,
        own: Sent,
        other: Sent | None,
        delivery: Delivery,
    ) -> datetime | None:
        """Return when a partner's sent answers of an audience open to the other partner; ``None``: not yet.

        Only ``couple`` answers open by themselves. ``held`` ones open by the therapist's release, which is the
        caller's to record; the others never do.
        """
        ...

    def summary(self, spec: SpecT, answers: Answers, /) -> Summary:
        """Return answers in words. What the reader may not read has to be left out of ``answers`` before."""
        ...

    def contents(self, spec: SpecT, /) -> Mapping[str, object]:
        """Return the mechanic's part of the definition as plain JSON values, with all its texts."""
        ...


AnyMechanic = Mechanic[Any]


def label_for(audience: Audience) -> Label:
    """Return the label of an answer's audience where the mechanic adds nothing to it."""
    return {
        Audience.PRIVATE: Label.PRIVATE,
        Audience.THERAPIST: Label.THERAPIST,
        Audience.OVERLAP: Label.OVERLAP,
        Audience.HELD: Label.HELD,
        Audience.COUPLE: Label.COUPLE,
        Audience.DAYS: Label.DAYS,
    }[audience]


def summarise(form: Form, answers: Answers) -> Summary:
    """Return all items of a form that were asked, in words, with the form's scores."""
    asked = enabled_keys(form, answers)
    lines = tuple(
        line_of(item, answers.get(item.key), page=page.title)
        for page in form.pages
        for item in page.walk()
        if item.is_answerable and item.key in asked
    )
    return Summary(lines=lines, scores=tuple(score_form(form, answers).values()))


def line_of(item: Item, value: Value | None, *, page: str = "") -> Line:
    """Return one answer in words."""
    return Line(
        key=item.key,
        page=page,
        label=item.text,
        audience=item.audience,
        kind=item.kind,
        state=_state(value),
        texts=words_of(item, value),
        number=value if isinstance(value, int | float) else None,
        ends=(item.low_text, item.high_text) if item.kind is ItemKind.SCALE else None,
        unit=item.unit,
    )


def words_of(item: Item, value: Value | None) -> tuple[str, ...]:
    """Return an answer as texts: the words of what was chosen, a number in digits, or what was written."""
    if value is None or not is_answered(value) or isinstance(value, dict):
        return ()
    if item.options:
        chosen = value if isinstance(value, list) else [value]
        return tuple(option.text for option in item.options if option.key in chosen)
    return (str(value),)


def _state(value: Value | None) -> State:
    if is_declined(value):
        return State.DECLINED
    return State.ANSWERED if is_answered(value) else State.UNANSWERED


def items_as_json(form: Form) -> list[dict[str, object]]:
    """Return the items of a form with their texts as plain JSON values, leaving out what is empty."""
    return [_item_as_json(item, page.key) for page in form.pages for item in page.walk()]


def _item_as_json(item: Item, page: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "key": item.key,
        "page": page,
        "kind": item.kind.value,
        "text": item.text,
        "hint": item.hint,
        "audience": item.audience.value,
        "options": [
            {"key": option.key, "text": option.text}
            | ({} if option.score is None else {"score": option.score})
            for option in item.options
        ],
        "low": item.low,
        "high": item.high,
        "low_text": item.low_text,
        "high_text": item.high_text,
        "starter": item.starter,
        "unit": item.unit,
        "max_length": item.max_length,
    }
    return {key: value for key, value in shown.items() if value not in (None, "", [])} | {
        "required": item.required
    }
