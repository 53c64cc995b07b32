"""What the page of a ladder shows a partner, gathered into plain values for its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.access.privacy import Audience, Label
from portal.access.scope import Scope
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import Line, MechanicName
from portal.exercises.mechanics.climb import Rung
from portal.exercises.mechanics.ladder import (
    READINESS,
    LadderSpec,
    Step,
    period_of,
    readiness_form,
    step_form,
)
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.base import Standing, walk_address
from portal.exercises.parts.ladders import queries
from portal.exercises.parts.ladders.forms import StepForm
from portal.exercises.parts.ladders.forms import step_form as form_about
from portal.exercises.parts.ladders.queries import Ladder, Told, Visit
from portal.exercises.parts.ladders.readings import lines_of
from portal.exercises.queries import Task
from portal.people.couple_queries import Circle, Person, circle
from portal.questionnaires.model import Form, ItemKind
from portal.web.translate import _
from portal.web.visibility import Names, seen_by

WRITTEN: Final = frozenset({ItemKind.SHORT, ItemKind.LONG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one person told both after a step."""

    person: Person
    is_me: bool
    lines: tuple[Line, ...]

    @property
    def choices(self) -> str:
        """What they chose from lists, in one line."""
        return ". ".join(text for line in self.lines for text in line.texts if line.kind not in WRITTEN)

    @property
    def texts(self) -> list[str]:
        """What they wrote, a paragraph each."""
        return [text for line in self.lines for text in line.texts if line.kind in WRITTEN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One taking of a step: what was told to both, and where one's own pages about it are."""

    voices: tuple[Voice, ...]
    url: str
    has_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One step as it stands on a partner's page."""

    step: Step
    level: str | None
    is_current: bool
    taken: tuple[Taken, ...]

    @property
    def mark(self) -> str:
        """How its rung is drawn: "open", "taken" or "closed"."""
        return "open" if self.level is not None else "taken" if self.taken else "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The step that is open now, with what can be done about it."""

    step: Step
    level: str
    take: StepForm
    back: StepForm
    write_url: str | None


def page(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return everything that a partner's page of a ladder shows. No date stands on it, and nothing of the other's."""
    ladder, exercise = queries.ladder_of(scope, task), task.exercise
    spec, is_over = ladder.spec, has_ended(task)
    own = queries.my_ratings(scope, task)
    rungs = _shown(scope, task, ladder)
    return {
        "task": task,
        "exercise": exercise,
        "spec": spec,
        "names": names,
        "is_over": is_over,
        "rungs": rungs,
        "reached": [each for each in rungs if each.step.key in ladder.reached],
        "ahead": [each for each in rungs if each.step.key not in ladder.reached],
        "current": None if is_over else _current(task, ladder),
        "own": [
            (step.title, queries.level_words(spec, own[step.key].level))
            for step in spec.steps
            if step.key in own
        ],
        "has_more_to_say": any(step not in own for step in ladder.reached),
        "rate_url": _walk(task, READINESS, readiness_form(spec, ladder.reached)),
        "untold": _untold(rungs, ladder),
        "has_looked_back": any(taken.has_told for each in rungs for taken in each.taken),
        "looking_back": [] if spec.solo else _looking_back(task, ladder),
        "seen_by": seen_by(
            Label.PRIVATE if spec.solo else Label.OVERLAP,
            names=names,
            therapist_sees_lists=task.assignment.lists_open,
        ),
        "confirm_form": ConfirmForm(formdata=None),
    }


def standing(task: Task, now: datetime) -> Standing | None:
    """Return how a ladder stands for a partner's own list; ``None`` before they have begun.

    Once they have said how ready they feel nothing more is asked, whatever opens or closes, but a look back.
    """
    del now  # Nothing on a ladder has a time.
    if task.state is not ResponseState.DRAFT:
        return None
    if not task.has_sent(READINESS):
        return Standing(_("Say for yourself how ready you feel for the first step"), is_asked=True)
    if task.is_asked_alone:
        return Standing(_("A few words after a step, for yourself"), is_asked=True)
    return Standing(_("There when you like. Nothing is asked of you"), is_asked=False)


def _walk(task: Task, period: str, form: Form) -> str:
    walk = task.exercise.walk(MechanicName.LADDER, form)
    return walk_address(Task(task.assignment, walk, period, None, is_aside=True))


def _round(task: Task, spec: LadderSpec, visit: Visit) -> str:
    return _walk(task, period_of(spec, visit.step, visit.number), step_form(spec, visit.step))


def _shown(scope: Scope, task: Task, ladder: Ladder) -> list[Shown]:
    spec, view = ladder.spec, ladder.view
    told = queries.told(scope, spec, task.assignment.id)
    people = circle(scope, task.assignment.couple_id)
    periods = [
        period_of(spec, rung.step, number) for rung in view.rungs for number in range(1, rung.times + 1)
    ]
    mine = queries.has_told(scope, task, periods)

    def taken(rung: Rung, number: int) -> Taken:
        visit = Visit(rung.step, number)
        return Taken(
            voices=_voices(scope, task, people, [each for each in told if each.visit == visit]),
            url=_round(task, spec, visit),
            has_told=period_of(spec, rung.step, number) in mine,
        )

    return [
        Shown(
            step=step,
            level=None if rung.level is None or has_ended(task) else queries.level_words(spec, rung.level),
            is_current=view.current is not None and view.current.step == step.key,
            taken=tuple(taken(rung, number) for number in range(rung.times, 0, -1)),
        )
        for step, rung in zip(spec.steps, view.rungs, strict=True)
    ]


def _voices(scope: Scope, task: Task, people: Circle, told: Sequence[Told]) -> tuple[Voice, ...]:
    """Return what was told to both after one visit: the reader's own words first."""
    found = []
    for each in sorted(told, key=lambda one: one.written.author_id != scope.account_id):
        audiences, values = each.written.audiences, each.written.values
        to_both = {key: value for key, value in values.items() if audiences[key] is Audience.COUPLE}
        lines, person = lines_of(task.exercise, each, to_both), people.person(each.written.author_id)
        if lines:
            found.append(Voice(person=person, is_me=person.account_id == scope.account_id, lines=lines))
    return tuple(found)


def _current(task: Task, ladder: Ladder) -> Current | None:
    opening, spec = ladder.view.current, ladder.spec
    if opening is None:
        return None
    step, visit = spec.steps[spec.index(opening.step)], ladder.times(opening.step) + 1
    return Current(
        step=step,
        level=queries.level_words(spec, opening.level),
        take=form_about(spec, step.key, visit=visit),
        back=form_about(spec, step.key),
        write_url=_round(task, spec, Visit(step.key, visit)) if step.item else None,
    )


def _untold(rungs: Sequence[Shown], ladder: Ladder) -> tuple[Step, str] | None:
    """Return the step that was taken last, with where to look back on it, unless its reader has done so."""
    last = queries.last_visit(ladder)
    for shown in rungs:
        if last is not None and shown.step.key == last.step and not shown.taken[0].has_told:
            return shown.step, shown.taken[0].url
    return None


def _looking_back(task: Task, ladder: Ladder) -> list[tuple[str, str]]:
    """Return where each step within reach can be looked back on, taken or not: nothing tells who stopped one."""
    spec = ladder.spec
    return [
        (spec.steps[spec.index(step)].title, _round(task, spec, Visit(step, ladder.times(step) + 1)))
        for step in ladder.reached
    ]
