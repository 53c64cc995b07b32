"""What the review of a ladder shows a therapist, and the page on which they open or close a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises import safety
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import climb
from portal.exercises.mechanics.ladder import LadderSpec, Step
from portal.exercises.models import AssignmentState
from portal.exercises.parts.ladders import queries
from portal.exercises.parts.ladders.queries import Ladder, Told, Visit
from portal.exercises.parts.ladders.readings import Read, readings
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, circle
from portal.web.translate import _n
from portal.web.visibility import SeenBy, seen_by_staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One step as its therapist sees it: ``level`` is what both are ready for, whether or not it is open."""

    step: Step
    number: int
    times: int
    level: str | None
    is_open: bool
    is_released: bool
    may_decide: bool
    ratings: tuple[str, str] | None

    @property
    def times_words(self) -> str:
        """How often it was taken."""
        return _n("Taken once", "Taken %(num)s times", self.times) if self.times else ""


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any]:
    """Return what a therapist's review shows of a ladder. Of a solo one it is only what its climber gave into hands."""
    exercise, assignment = work.exercise, work.assignment
    spec = queries.spec_of(exercise)
    told = queries.told(scope, spec, assignment.id)
    shown = {"spec": spec, "assignment": assignment, "seen_by": _seen_by(exercise)}
    if spec.solo:
        return shown | {"told": [each for each in readings(exercise, told, people) if each.lines]}
    ladder = queries.shared_ladder(scope, assignment, spec)
    lists = queries.ratings_for_therapist(scope, spec, assignment)
    is_running = assignment.state == AssignmentState.OPEN
    return shown | {
        "rungs": [_reviewed(ladder, step, people, lists, is_running=is_running) for step in spec.steps],
        "visits": _visits(exercise, told, people),
        "lists_open": assignment.lists_open,
    }


def _seen_by(exercise: Exercise) -> dict[Audience, SeenBy]:
    labels = {item.audience: exercise.label_of(item) for item in exercise.form.questions}
    return {audience: seen_by_staff(label) for audience, label in labels.items()}


def _visits(exercise: Exercise, told: Sequence[Told], people: Circle) -> list[tuple[str, list[Read]]]:
    """Return what both told after each visit, the hardest step and the newest visit first."""
    spec = queries.spec_of(exercise)
    found: dict[Visit, list[Told]] = {}
    for each in reversed(told):
        found.setdefault(each.visit, []).append(each)
    return [
        (spec.steps[spec.index(visit.step)].title, sorted(shown, key=lambda read: read.person.seat))
        for visit, those in found.items()
        if (shown := [read for read in readings(exercise, those, people) if read.lines])
    ]


def _reviewed(
    ladder: Ladder,
    step: Step,
    people: Circle,
    lists: Mapping[str, Mapping[str, str]] | None,
    *,
    is_running: bool,
) -> Reviewed:
    spec = ladder.spec
    level = next(
        (queries.level_words(spec, one.level) for one in ladder.common if one.step == step.key), None
    )
    is_released = step.key in climb.opened_by_therapist(spec, ladder.history)
    may_decide = is_running and spec.therapist_opens and (is_released or step.key in ladder.reached)
    return Reviewed(
        step=step,
        number=spec.index(step.key) + 1,
        times=ladder.times(step.key),
        level=level,
        is_open=ladder.is_open(step.key),
        is_released=is_released,
        may_decide=may_decide,
        ratings=None if lists is None else _both_ratings(spec, step, people, lists),
    )


def _both_ratings(
    spec: LadderSpec, step: Step, people: Circle, lists: Mapping[str, Mapping[str, str]]
) -> tuple[str, str]:
    a, b = (lists.get(person.account_id, {}).get(step.key) for person in (people.a, people.b))
    return (queries.level_words(spec, a) if a else "–", queries.level_words(spec, b) if b else "–")


def deciding(scope: Scope, work: Work, number: int, *, opens: bool) -> dict[str, Any]:
    """Return what the page before opening or closing a step shows. Raises Refused where that isn't the therapist's."""
    spec = queries.spec_of(work.exercise)
    if not spec.therapist_opens or not 1 <= number <= len(spec.steps):
        raise Refused("not a step to open or close")
    return {
        "work": work,
        "spec": spec,
        "step": spec.steps[number - 1],
        "opens": opens,
        "people": circle(scope, work.assignment.couple_id),
        "is_held": opens and _is_held(scope, work),
        "back": url_for("exercises.review", assignment_id=work.assignment.id),
    }


def _is_held(scope: Scope, work: Work) -> bool:
    try:
        safety.check_hold(scope, work.exercise, work.assignment.couple_id)
    except safety.OnHold:
        return True
    return False
