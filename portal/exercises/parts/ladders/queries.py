"""Reads of ladders: how one stands for a partner or a therapist, which pages may be walked, what was told after steps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import climb
from portal.exercises.mechanics.base import MechanicName, Sent
from portal.exercises.mechanics.climb import Common, Event, EventKind, Rating, View
from portal.exercises.mechanics.ladder import READINESS, READY, LadderSpec, readiness_form, step_form
from portal.exercises.models import Answer, Assignment, OverlapMatch, Response, ResponseState
from portal.exercises.part_models import LadderEvent, SoloLadderEvent
from portal.exercises.queries import Task, Written, written
from portal.questionnaires.model import Form

_VISIT: Final = re.compile(r"(\d\d)-([1-9]\d{0,2})", re.ASCII)


@dataclass(frozen=True)
class Ladder:
    """How a ladder stands: what was done on it, and what is open to both (to its one climber, on a solo ladder)."""

    spec: LadderSpec
    history: tuple[Event, ...]
    common: tuple[Common, ...]
    now: datetime

    @cached_property
    def view(self) -> View:
        """All that a partner's page may show of it; the same for both."""
        return climb.view(self.spec, self.common, self.history, now=self.now)

    @cached_property
    def reached(self) -> tuple[str, ...]:
        """The steps that can be rated now."""
        return climb.within_reach(self.spec, self.history)

    def times(self, step: str) -> int:
        """Return how often a step was taken."""
        return climb.times_done(self.history, step)

    def is_open(self, step: str) -> bool:
        """Say whether a step is open now."""
        return any(rung.step == step and rung.level is not None for rung in self.view.rungs)


@dataclass(frozen=True, slots=True)
class Visit:
    """One taking of a step, from 1. It may be the next one: what was begun and stopped can be looked back on too."""

    step: str
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """What one person told after a visit, as far as the reader may read it."""

    visit: Visit
    written: Written


def spec_of(exercise: Exercise) -> LadderSpec:
    """Return what an exercise says about its ladder. Raises Refused for one that has none."""
    spec = exercise.spec(LadderSpec)
    if spec is None:
        raise Refused("holds no ladder")
    return spec


def level_words(spec: LadderSpec, key: str) -> str:
    """Return how ready a level says that somebody is; raises ``KeyError`` for one that isn't there."""
    return {level.key: level.text for level in spec.levels}[key]


def ladder_of(scope: Scope, task: Task) -> Ladder:
    """Return a partner's ladder. Of what the other is ready for it holds only what both are."""
    spec = spec_of(task.exercise)
    if spec.solo:
        own = climb.alone(spec, my_ratings(scope, task), now=scope.now)
        return Ladder(spec, _events(scope, SoloLadderEvent, task.assignment), own, scope.now)
    return shared_ladder(scope, task.assignment, spec)


def shared_ladder(scope: Scope, assignment: Assignment, spec: LadderSpec) -> Ladder:
    """Return a ladder that two climb together, as both partners and their therapist know it."""
    query = scope.select(OverlapMatch).where(
        OverlapMatch.assignment_id == assignment.id, OverlapMatch.until > scope.now
    )
    rows = scope.all(query.order_by(OverlapMatch.position))
    common = tuple(Common(row.option, row.level, row.until) for row in rows)
    return Ladder(spec, _events(scope, LadderEvent, assignment), common, scope.now)


def _events(
    scope: Scope, model: type[LadderEvent] | type[SoloLadderEvent], assignment: Assignment
) -> tuple[Event, ...]:
    query = scope.select(model).where(model.assignment_id == assignment.id)
    if model is SoloLadderEvent:
        query = query.where(SoloLadderEvent.author_id == scope.account_id)
    return tuple(
        Event(EventKind(row.kind), row.step, row.at) for row in scope.all(query.order_by(model.number))
    )


def last_visit(ladder: Ladder) -> Visit | None:
    """Return the newest taking of the step that was taken last; ``None`` before any was."""
    step = next((event.step for event in reversed(ladder.history) if event.kind is EventKind.DONE), None)
    return None if step is None else Visit(step, ladder.times(step))


def my_response(scope: Scope, task: Task, period: str) -> Response | None:
    """Return a partner's own response in a round of their ladder."""
    found: Response | None = scope.first(
        scope.select(Response).where(
            Response.assignment_id == task.assignment.id,
            Response.author_id == scope.account_id,
            Response.part == MechanicName.LADDER,
            Response.period == period,
        )
    )
    return found


def my_ratings(scope: Scope, task: Task) -> dict[str, Rating]:
    """Return how ready a partner has said to be, by step; what has run out is left out."""
    spec, response = spec_of(task.exercise), my_response(scope, task, READINESS)
    if response is None or response.sent_at is None or response.state != ResponseState.SENT:
        return {}
    query = scope.select(Answer).where(
        Answer.response_id == response.id, Answer.author_id == scope.account_id
    )
    answers = {each.item: each.value for each in scope.all(query)}
    ratings = climb.ratings_from(spec, answers, sent=Sent(response.sent_at))
    standing = climb.to_begin_with(spec, ratings, now=scope.now)
    return {step: one for step, one in ratings.items() if READY + step in standing}


def has_told(scope: Scope, task: Task, periods: Sequence[str]) -> set[str]:
    """Return those of some rounds in which a partner has sent something themselves."""
    query = scope.select(Response).where(
        Response.assignment_id == task.assignment.id,
        Response.author_id == scope.account_id,
        Response.part == MechanicName.LADDER,
        Response.state == ResponseState.SENT,
        Response.period.in_(list(periods)),
    )
    return {each.period for each in scope.all(query)}


def visit_of(spec: LadderSpec, period: str) -> Visit | None:
    """Return the visit that a round belongs to; ``None`` for a round of ratings, or one that names no step."""
    found = _VISIT.fullmatch(period)
    if found is None or not 1 <= int(found[1]) <= len(spec.steps):
        return None
    return Visit(spec.steps[int(found[1]) - 1].key, int(found[2]))


def form_for(scope: Scope, task: Task, period: str) -> Form | None:
    """Return the pages of a round that may be walked now; ``None`` if none may be.

    Steps within reach can be looked back on at any time, open or not, and one visit more than were noted: whoever
    stopped a step has the same pages as whoever finished one, and nothing on them tells which it was.
    """
    ladder = ladder_of(scope, task)
    if period == READINESS:
        return readiness_form(ladder.spec, ladder.reached)
    visit = visit_of(ladder.spec, period)
    if visit is None or visit.step not in ladder.reached or visit.number > ladder.times(visit.step) + 1:
        return None
    return step_form(ladder.spec, visit.step)


def told(scope: Scope, spec: LadderSpec, assignment_id: str) -> list[Told]:
    """Return what the reader may read of what was told after steps: from the easiest step, oldest visit first."""
    found = []
    for each in written(scope, [assignment_id]):
        visit = visit_of(spec, each.period)
        if visit is not None:
            found.append(Told(visit, each))
    return sorted(found, key=lambda one: (spec.index(one.visit.step), one.visit.number, one.written.sent_at))


def ratings_for_therapist(
    scope: Scope, spec: LadderSpec, assignment: Assignment
) -> Mapping[str, Mapping[str, str]] | None:
    """Return each partner's ratings by account and step, for a therapist who sees full lists; ``None`` for others.

    What has run out is left out, as everywhere.
    """
    if spec.solo or not assignment.lists_open:
        return None
    found: dict[str, dict[str, str]] = {}
    for each in written(scope, [assignment.id]):
        if each.period != READINESS:
            continue
        ratings = climb.ratings_from(spec, each.values, sent=Sent(each.sent_at))
        standing = climb.to_begin_with(spec, ratings, now=scope.now)
        found[each.author_id] = {step: one.level for step, one in ratings.items() if READY + step in standing}
    return found
