"""Questions that a partner answers alone, with scores, and a comparison of the two partners' answers.

``reveal`` says when answers for the couple open; ``opening``, that the first page is asked before a list that leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    Line,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    line_of,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.conditions import enabled_keys
from portal.questionnaires.model import ANSWER_AUDIENCES, Answers, Form, Item
from portal.questionnaires.reading import read_pages, read_scores
from portal.questionnaires.scoring import ScoreResult, ends_of, points, score_form

NAME: Final = MechanicName.QUESTIONNAIRE
AUDIENCES: Final = ANSWER_AUDIENCES - {Audience.OVERLAP}

FAR_APART: Final = Fraction(3, 10)
"""The share of a scale from which two answers count as far apart: 3 points on a scale of 0–10. Our own rule of
thumb for what is worth talking about; it says nothing about who is right and has no clinical norm behind it."""


class Reveal(StrEnum):
    """When the partner may read ``couple`` answers."""

    NEVER = "never"
    SENT = "sent"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireSpec:
    """What a ``[questionnaire]`` table says."""

    form: Form
    reveal: Reveal
    opening: bool
    """Whether its first page is asked before what leads the exercise, where that is something else."""


class Of(StrEnum):
    """What a comparison is about."""

    ITEM = "item"
    SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both partners' answers to one item, or both results of one score.

    ``distance`` is in points of the item's own scale, ``share`` the same as a part of its span (0–1); both are
    missing where there is no scale, or not two answers on it.
    """

    of: Of
    key: str
    label: str
    first: Line | ScoreResult
    second: Line | ScoreResult
    distance: Fraction | None = None
    share: Fraction | None = None

    @property
    def is_far_apart(self) -> bool:
        """Say whether the two are worth talking about for their distance."""
        return self.share is not None and self.share >= FAR_APART


def read(table: Table, frame: Frame) -> QuestionnaireSpec:
    """Return what a ``[questionnaire]`` table says, noting every mistake at the table."""
    pages = read_pages(table, frame.audience, allowed=AUDIENCES)
    form = Form(pages=pages, scores=read_scores(table, pages))
    is_shared = any(item.audience is Audience.COUPLE for item in form.questions)
    usual = Reveal.BOTH if is_shared else Reveal.NEVER
    reveal = table.optional_choice("reveal", Reveal, default=usual)
    if is_shared is (reveal is Reveal.NEVER):
        table.complain("reveal", "is never exactly if no item is for the couple")
    return QuestionnaireSpec(form=form, reveal=reveal, opening=table.flag("opening", default=False))


def form(spec: QuestionnaireSpec) -> Form:
    """Return the pages of the questionnaire."""
    return spec.form


def label(spec: QuestionnaireSpec, audience: Audience) -> Label:
    """Return the label of an item; couple answers that wait for both partners say so."""
    if audience is Audience.COUPLE and spec.reveal is Reveal.BOTH:
        return Label.LATER
    return label_for(audience)


def open_at(
    spec: QuestionnaireSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when couple answers open: once sent, or once both partners have sent theirs.

    Ask again for both partners' answers when the second one sends.
    """
    del delivery  # Only a letter is delivered.
    if audience is not Audience.COUPLE or spec.reveal is Reveal.NEVER:
        return None
    if spec.reveal is Reveal.SENT:
        return own.at
    return max(own.at, other.at) if other is not None else None


def summary(spec: QuestionnaireSpec, answers: Answers) -> Summary:
    """Return the answers in words, with all scores."""
    return summarise(spec.form, answers)


def contents(spec: QuestionnaireSpec) -> Mapping[str, object]:
    """Return pages, items and scores as plain JSON values."""
    return {
        "reveal": spec.reveal.value,
        "opening": spec.opening,
        "pages": [{"key": page.key, "title": page.title, "intro": page.intro} for page in spec.form.pages],
        "items": items_as_json(spec.form),
        "scores": [{"key": score.key, "title": score.title} for score in spec.form.scores],
    }


def compare(spec: QuestionnaireSpec, first: Answers, second: Answers) -> tuple[Comparison, ...]:
    """Return both partners' scores and answers side by side: scores first, then items, in the form's order.

    An item is compared where it was asked of at least one of the two. For the couple's own eyes leave out of
    both maps what the other may not read, and show the items only: a score tells of every answer in it.
    """
    form = spec.form
    asked = enabled_keys(form, first) | enabled_keys(form, second)
    ours, theirs = score_form(form, first), score_form(form, second)
    scores = [_compared_scores(ours[score.key], theirs[score.key]) for score in form.scores]
    items = [_compared_answers(item, first, second) for item in form.questions if item.key in asked]
    return (*scores, *items)


def widest_first(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    """Return comparisons with the widest distance first; those without one come last, in their old order."""
    return tuple(sorted(comparisons, key=lambda one: -1 if one.share is None else one.share, reverse=True))


def _compared_scores(first: ScoreResult, second: ScoreResult) -> Comparison:
    distance = share = None
    if first.value is not None and second.value is not None:
        distance = abs(first.value - second.value)
        share = distance / first.ends.span if first.ends is not None else None
    return Comparison(
        of=Of.SCORE,
        key=first.score.key,
        label=first.score.title,
        first=first,
        second=second,
        distance=distance,
        share=share,
    )


def _compared_answers(item: Item, first: Answers, second: Answers) -> Comparison:
    ends = ends_of(item)
    distance = share = None
    ours, theirs = points(item, first.get(item.key)), points(item, second.get(item.key))
    if ends is not None and ends.span > 0 and ours is not None and theirs is not None:
        distance = abs(ours - theirs)
        share = distance / ends.span
    return Comparison(
        of=Of.ITEM,
        key=item.key,
        label=item.text,
        first=line_of(item, first.get(item.key)),
        second=line_of(item, second.get(item.key)),
        distance=distance,
        share=share,
    )
