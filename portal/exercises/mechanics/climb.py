"""The rules by which steps open and close: only what both are ready for, and no trace of what one isn't.

A step that isn't open is "not scheduled", and nothing says why: unanswered, refused, taken back, run out, or not yet
opened by the therapist look the same, because a partner's page is made of ``view``, and that is given what both are
open to (``Common``) but never a rating. Stepping back and stopping are nothing else than taking one's own ratings back.

What the pages have to do: whenever a rating is sent, taken back or runs out, let the house compare both lists with
``common`` and keep the result as overlap matches (option = step, until = ``until``), as for an overlap; keep events in
order (couple and assignment; in a solo ladder also the author). Show no dates: when a step opened or closes could be
set against one's own rating. And open a form of ratings with ``to_begin_with``, so that one that has run out isn't
given again by merely sending the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.exercises.mechanics.base import Sent
from portal.exercises.mechanics.ladder import READY, LadderSpec
from portal.questionnaires.model import Answers


@dataclass(frozen=True, slots=True)
class Rating:
    """How ready one partner feels for a step, and since when."""

    level: str
    at: datetime


Ratings = Mapping[str, Rating]
"""One partner's ratings by step. What isn't in it isn't answered."""


@dataclass(frozen=True, slots=True)
class Common:
    """A step that both are open to, at the level of the more careful one, and until when (``None``: no end)."""

    step: str
    level: str
    until: datetime | None


class EventKind(StrEnum):
    """What both partners see happen on a ladder, or the therapist does."""

    DONE = "done"
    """The step was taken; either says so for both."""
    OPENED = "opened"
    """The therapist opened the step."""
    CLOSED = "closed"
    """The therapist closed it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on a ladder. It has no author: who of the two said that a step was taken is nothing."""

    kind: EventKind
    step: str
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of an event is an aware datetime")


class NotOpen(Exception):
    """A step was said to be taken that isn't open, or can't be opened or closed. ``event`` is what was asked."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(f"{event.kind.value} {event.step}")


@dataclass(frozen=True, slots=True)
class Opening:
    """A step that is open now, at a level."""

    step: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step as a partner sees it; without a level it isn't scheduled."""

    step: str
    times: int
    is_within_reach: bool
    level: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that a partner's page may be drawn from; the same for both. ``current`` is the hardest open step."""

    rungs: tuple[Rung, ...]
    current: Opening | None


def ratings_from(spec: LadderSpec, answers: Answers, *, sent: Sent | None) -> dict[str, Rating]:
    """Return the ratings in one partner's answers to the page of ratings; none before they are sent."""
    if sent is None:
        return {}
    given = ((step.key, answers.get(READY + step.key)) for step in spec.steps)
    return {step: Rating(level, sent.at) for step, level in given if isinstance(level, str)}


def to_begin_with(spec: LadderSpec, ratings: Ratings, *, now: datetime) -> dict[str, str]:
    """Return the answers with which a partner's page of ratings opens: one's own, without what has run out."""
    return {READY + step: one.level for step, one in ratings.items() if _still_stands(spec, one, now)}


def step_back(spec: LadderSpec, ratings: Ratings, step: str) -> dict[str, Rating]:
    """Return one's ratings without those for a step and all harder ones; raises ``KeyError`` for an unknown step."""
    place = spec.index(step)
    return {key: one for key, one in ratings.items() if spec.index(key) < place}


def stop(ratings: Ratings) -> dict[str, Rating]:
    """Return no ratings at all: nothing is open any more until they are given anew."""
    del ratings  # Whatever they were.
    return {}


def common(spec: LadderSpec, first: Ratings, second: Ratings, *, now: datetime) -> tuple[Common, ...]:
    """Return the steps that both are open to, from easiest to hardest; it doesn't tell who was more careful."""
    ours, theirs = _open_to(spec, first, now), _open_to(spec, second, now)
    return tuple(
        _lower(spec, step.key, ours, theirs) for step in spec.steps if step.key in ours.keys() & theirs
    )


def alone(spec: LadderSpec, ratings: Ratings, *, now: datetime) -> tuple[Common, ...]:
    """Return the steps that somebody on a solo ladder is open to."""
    return common(spec, ratings, ratings, now=now)


def _lower(spec: LadderSpec, step: str, first: Ratings, second: Ratings) -> Common:
    ranks = [level.key for level in spec.levels]
    level = max(first[step].level, second[step].level, key=ranks.index)
    if spec.expires is None:
        return Common(step, level, None)
    return Common(step, level, min(first[step].at, second[step].at) + spec.expires)


def _open_to(spec: LadderSpec, ratings: Ratings, now: datetime) -> dict[str, Rating]:
    """Return the ratings that stand and say more than not now. The last level is treated like no rating at all."""
    levels = {level.key for level in spec.levels[:-1]}
    return {
        step: one for step, one in ratings.items() if one.level in levels and _still_stands(spec, one, now)
    }


def _still_stands(spec: LadderSpec, rating: Rating, now: datetime) -> bool:
    has_run_out = spec.expires is not None and now >= rating.at + spec.expires
    return rating.at <= now and not has_run_out


def times_done(history: Sequence[Event], step: str) -> int:
    """Return how often a step was taken; the last of these is the ``visit`` of `ladder.period_of`."""
    return sum(event.kind is EventKind.DONE and event.step == step for event in history)


def within_reach(spec: LadderSpec, history: Sequence[Event]) -> tuple[str, ...]:
    """Return the steps that can be rated and opened: all taken often enough, and the one after them."""
    reached = []
    for step in spec.steps:
        reached.append(step.key)
        if times_done(history, step.key) < spec.repeats:
            break
    return tuple(reached)


def opened_by_therapist(spec: LadderSpec, history: Sequence[Event]) -> frozenset[str]:
    """Return the steps that the therapist has opened and not closed; all of them where that isn't asked for."""
    if not spec.therapist_opens:
        return frozenset(step.key for step in spec.steps)
    last = {event.step: event.kind for event in history if event.kind is not EventKind.DONE}
    return frozenset(step for step, kind in last.items() if kind is EventKind.OPENED)


def openings(
    spec: LadderSpec, shared: Sequence[Common], history: Sequence[Event], *, now: datetime
) -> tuple[Opening, ...]:
    """Return the steps that are open now, from easiest to hardest, given what both are open to."""
    possible = set(within_reach(spec, history)) & opened_by_therapist(spec, history)
    return tuple(
        Opening(one.step, one.level)
        for one in shared
        if one.step in possible and (one.until is None or now < one.until)
    )


def open_step(
    spec: LadderSpec, first: Ratings, second: Ratings, history: Sequence[Event], *, now: datetime
) -> Opening | None:
    """Return the hardest step that is open for two partners, or nothing."""
    return view(spec, common(spec, first, second, now=now), history, now=now).current


def view(spec: LadderSpec, shared: Sequence[Common], history: Sequence[Event], *, now: datetime) -> View:
    """Return the ladder as either partner may see it."""
    found = openings(spec, shared, history, now=now)
    levels = {opening.step: opening.level for opening in found}
    reached = within_reach(spec, history)
    rungs = tuple(
        Rung(
            step=step.key,
            times=times_done(history, step.key),
            is_within_reach=step.key in reached,
            level=levels.get(step.key),
        )
        for step in spec.steps
    )
    return View(rungs=rungs, current=found[-1] if found else None)


def record(
    spec: LadderSpec, shared: Sequence[Common], history: Sequence[Event], event: Event
) -> tuple[Event, ...]:
    """Return the history with one more event.

    Raises ``NotOpen`` for a step taken that isn't open at the time of the event (a page from before it closed; say
    "not scheduled" and nothing else), and for an opening or closing where it isn't the therapist's to give.
    """
    if event.kind is EventKind.DONE:
        is_possible = event.step in {one.step for one in openings(spec, shared, history, now=event.at)}
    else:
        is_possible = spec.therapist_opens and event.step in {step.key for step in spec.steps}
    if not is_possible:
        raise NotOpen(event)
    return (*history, event)
