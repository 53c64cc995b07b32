"""What was told after the steps of a ladder, in words, for whoever may read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import Line, MechanicName
from portal.exercises.mechanics.ladder import Step, step_form
from portal.exercises.models import Assignment
from portal.exercises.parts.ladders import queries
from portal.exercises.parts.ladders.queries import Told
from portal.people.couple_queries import Circle, Person, circle
from portal.questionnaires.model import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one partner told after a step, for somebody else to read."""

    step: Step
    person: Person
    lines: tuple[Line, ...]


def opened(scope: Scope, assignment: Assignment, exercise: Exercise) -> Mapping[str, Any] | None:
    """Return what the other told after steps, as far as it is open to the reader; ``None`` for nothing."""
    people = circle(scope, assignment.couple_id)
    told = queries.told(scope, queries.spec_of(exercise), assignment.id)
    theirs = [each for each in told if each.written.author_id != scope.account_id]
    found = [each for each in readings(exercise, theirs, people) if each.lines]
    return {"told": found} if found else None


def readings(exercise: Exercise, told: Sequence[Told], people: Circle) -> list[Read]:
    """Return what was told after steps in words; what its reader may not read isn't in ``told``."""
    spec = queries.spec_of(exercise)
    return [
        Read(
            step=spec.steps[spec.index(each.visit.step)],
            person=people.person(each.written.author_id),
            lines=lines_of(exercise, each, each.written.values),
        )
        for each in told
    ]


def lines_of(exercise: Exercise, told: Told, values: Answers) -> tuple[Line, ...]:
    """Return some values of what was told in words, without what was left out."""
    form = step_form(queries.spec_of(exercise), told.visit.step)
    walk = exercise.walk(MechanicName.LADDER, form)
    return tuple(line for line in walk.summary(values).lines if line.texts)
