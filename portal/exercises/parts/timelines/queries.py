"""Reads of a timeline: a partner's own draft, and what both have told once it is open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.story import story_of
from portal.exercises.mechanics.timeline import story_form
from portal.exercises.mechanics.timeline_model import EVENT, LINE, START, Story, TimelineSpec
from portal.exercises.models import Answer, Assignment
from portal.exercises.queries import Task
from portal.kit.clock import day_in
from portal.people.practice_queries import practice_of
from portal.questionnaires.model import Value


@dataclass(frozen=True, slots=True)
class Told:
    """What one partner sent in one round: the years, the answers to the questions, and since when it is open to both."""

    author_id: str
    period: str
    values: Mapping[str, Value]
    open_at: datetime | None

    def story(self, spec: TimelineSpec) -> Story:
        """Return the years of it."""
        return story_of(spec, self.values)


def spec_of(exercise: Exercise) -> TimelineSpec:
    """Return the timeline of an exercise. Raises Refused where it has none."""
    spec = exercise.spec(TimelineSpec)
    if spec is None:
        raise Refused("not a timeline")
    return spec


def whole(scope: Scope, task: Task) -> Task:
    """Return the task of everything that is told in a round: years, events and questions."""
    form = story_form(spec_of(task.exercise))
    return queries.aside(scope, task, MechanicName.TIMELINE, period=task.period, form=form)


def today_of(scope: Scope) -> date:
    """Return the calendar day where the practice is."""
    return day_in(practice_of(scope).time_zone, scope.now)


def told(scope: Scope, assignment: Assignment, spec: TimelineSpec) -> list[Told]:
    """Return what the viewer may read of what was sent, by round and writer, oldest first."""
    query = scope.select(Answer).where(Answer.assignment_id == assignment.id, Answer.sent_at.is_not(None))
    asked = {item.key for item in spec.form.questions}
    found: dict[tuple[str, str], list[Answer]] = {}
    for each in scope.all(query.order_by(Answer.sent_at, Answer.id)):
        if each.item in asked or each.item in {START, LINE} or each.item.startswith(EVENT):
            found.setdefault((each.author_id, each.period), []).append(each)
    return [
        Told(author, period, {each.item: each.value for each in rows}, _opened(rows))
        for (author, period), rows in found.items()
    ]


def _opened(rows: Iterable[Answer]) -> datetime | None:
    moments = [each.open_at for each in rows]
    return None if None in moments else max(each for each in moments if each is not None)


def is_open(scope: Scope, entries: Iterable[Told], period: str) -> bool:
    """Say whether a round is open to both. Who has sent anything finds it at their own answers."""
    return any(
        each.period == period and each.open_at is not None and each.open_at <= scope.now for each in entries
    )
