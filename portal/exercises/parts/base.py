"""What a mechanic with a page of its own offers to the pages around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.domain import Exercise
from portal.exercises.forms import place_of
from portal.exercises.mechanics.base import Line, MechanicName
from portal.exercises.models import Assignment, ResponseState, Turn
from portal.exercises.queries import Task
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, Person
from portal.questionnaires.model import Form
from portal.web.translate import _
from portal.web.visibility import Names


def nothing_to_do(scope: Scope, task: Task) -> None:
    """Do nothing after a walk was sent."""
    del scope, task  # Its answers are all there is to it.


def nothing_to_read(scope: Scope, assignment: Assignment, exercise: Exercise) -> None:
    """Return nothing to read besides a part's own page."""
    del scope, assignment, exercise  # It is all on that page.


@dataclass(frozen=True, slots=True)
class Standing:
    """How something that has begun stands for a partner: in words for Today, and whether anything is asked of them."""

    words: str
    is_asked: bool
    is_brief: bool = False
    """Whether it takes a moment, and not the minutes of the whole exercise."""


def by_turn(task: Task, now: datetime) -> Standing | None:
    """Return how something stands in which two take turns; ``None`` before it has begun."""
    del now  # A turn lasts until it is taken.
    if task.state is None and task.turn is not Turn.YOURS:
        return None
    match task.turn:
        case Turn.YOURS:
            return Standing(_("It is your turn"), is_asked=True)
        case Turn.THEIRS | Turn.REST:
            rests = _("Open to you both. There is nothing for you to do in it right now")
            return Standing(rests, is_asked=False)
        case Turn.OVER if task.state is not ResponseState.SENT:
            return Standing(_("Two short questions, for you alone"), is_asked=True)
        case _:
            return None


def at_any_time(scope: Scope, task: Task) -> bool:
    """Say that a part is open to a partner as soon as the exercise is."""
    del scope, task  # Nothing has to happen before.
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One mechanic's own page for partners, the walks that begin there, and what a therapist's review shows of it."""

    mechanic: MechanicName
    page: str
    """The endpoint of the partner's page; it takes an ``assignment_id``."""
    words: Callable[[], str]
    """The words of a link to that page, from another page of the exercise."""
    opened_words: Callable[[Names], str]
    """What stands in Together once there is something to read again."""
    walk: Callable[[Scope, Task, str], Form | None]
    """Return the pages of a round that may be walked now, given the leading task; ``None`` if none may be."""
    review: Callable[[Scope, Work, Circle], Mapping[str, Any] | None]
    """Return what the review shows; ``None`` where there is nothing yet."""
    review_template: str
    """A template with a macro ``shown(part, people)`` that draws it."""
    is_ready: Callable[[Scope, Task], bool] = at_any_time
    """Say whether a partner may go to the page yet, where it isn't what the exercise begins with."""
    after_send: Callable[[Scope, Task], None] = nothing_to_do
    """What follows in the same transaction when a walk of this part was sent."""
    after_leaving: Callable[[Scope, Task], None] = nothing_to_do
    """What follows in the same transaction when a partner leaves the exercise out."""
    standing: Callable[[Task, datetime], Standing | None] = by_turn
    """Return how the part stands for a partner at a moment, given its task; ``None`` before it has begun.

    What it needs was written down with the partner's own rounds, so that a list of many asks for nothing more.
    """
    is_kept: bool = False
    """Whether what is walked stays its writer's draft: then it is never sent from the walk."""
    opened: Callable[[Scope, Assignment, Exercise], Mapping[str, Any] | None] = nothing_to_read
    """Return what is open to a partner besides that page, also to one who wasn't asked; ``None`` for nothing."""
    opened_template: str = ""
    """A template with a macro ``shown(part, other, seat)`` that draws it: the other's name and seat."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What one partner answered on their own in one round, for their therapist."""

    person: Person
    sent_at: datetime
    period: str
    lines: tuple[Line, ...]


def closings(scope: Scope, work: Work, people: Circle, *, part: MechanicName, form: Form) -> list[Closing]:
    """Return what both answered on the pages of a form, round by round, newest first; what is read is up to the scope."""
    of_part = {response.id for response in work.responses if response.part == part}
    walk = work.exercise.walk(part, form)
    found = [
        Closing(
            person=people.person(entry.author_id),
            sent_at=entry.sent_at,
            period=entry.period,
            lines=tuple(
                line for line in walk.summary(entry.values).lines if line.key in entry.values and line.texts
            ),
        )
        for entry in queries.written(scope, [work.assignment.id])
        if entry.response_id in of_part
    ]
    return sorted((each for each in found if each.lines), key=lambda each: each.sent_at, reverse=True)


def walk_address(task: Task) -> str:
    """Return where a walk that begins on a part's page is taken up, at its first page."""
    return url_for(
        "exercises.step",
        assignment_id=task.assignment.id,
        place=place_of(task.walk, task.form.pages[0].key),
        part=task.part.value,
        round=task.period,
    )
