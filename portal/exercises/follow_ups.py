"""The day on which a letter's writer has promised to come back to it: whether it fits, and asking them on that day.

It is kept on the writer's own round and nowhere else: nobody but they can tell whether they were asked, put it off or did
it. The letter itself tells both of the day.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises.mechanics.base import Delivery, MechanicName
from portal.exercises.mechanics.letter import FOLLOW_UP, LetterSpec, follow_up_day, follow_up_error
from portal.exercises.models import Assignment, Response, ResponseState
from portal.exercises.queries import Task, letter_asking_again
from portal.kit.clock import day_begins, day_in
from portal.people.post import Message, call_off, in_the_morning, post
from portal.people.practice_queries import practice_of
from portal.questionnaires.model import Answers
from portal.questionnaires.validation import Error

ANOTHER_WEEK: Final = timedelta(days=7)
"""How long a writer can put it off at a time."""


def errors_in(
    scope: Scope, task: Task, values: Mapping[str, object], *, delivery: Delivery | None = None
) -> dict[str, Error]:
    """Return what is wrong with the day that a letter names, by item key; empty for anything but such a letter."""
    spec = _spec(task)
    if spec is None:
        return {}
    zone = practice_of(scope).time_zone
    arrives = None if delivery is None or delivery.at is None else day_in(zone, delivery.at)
    error = follow_up_error(spec, values, today=day_in(zone, scope.now), arrives=arrives)
    return {} if error is None else {FOLLOW_UP: error}


def remember(scope: Scope, task: Task, response: Response, values: Answers) -> None:
    """Keep when the writer is asked to keep their word, in place of what an earlier letter of this round had said."""
    spec = _spec(task)
    if spec is None:
        return
    forget(scope, response)
    day = follow_up_day(spec, values)
    if day is not None:
        _ask_on(scope, response, day)


def forget(scope: Scope, response: Response) -> None:
    """Ask no more: the letter was taken back, or its writer has done what they promised."""
    if response.part != MechanicName.LETTER or response.asked_at is None:
        return
    call_off(scope, response.author_id, due_at=_morning(scope, response, response.asked_at))
    response.asked_at = None
    scope.flush()


def forget_all(scope: Scope, assignment: Assignment) -> None:
    """Ask nobody any more about an assignment that ends: there would be nothing to be found."""
    query = scope.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.part == MechanicName.LETTER,
        Response.asked_at.is_not(None),
    )
    for response in scope.all(query):
        forget(scope, response)


def has_asked(scope: Scope, task: Task, period: str) -> None:
    """Note that the writer has come back to their letter. Raises Refused where nothing was promised in that round."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    forget(scope, _asking(scope, task, period))


def put_off(scope: Scope, task: Task, period: str) -> date:
    """Ask the writer a week from now; return that day. The letter stays as it is. Raises Refused as ``has_asked``."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    response = _asking(scope, task, period)
    forget(scope, response)
    return _ask_on(scope, response, day_in(practice_of(scope).time_zone, scope.now) + ANOTHER_WEEK)


def _asking(scope: Scope, task: Task, period: str) -> Response:
    response = letter_asking_again(scope, task, period)
    if response is None:
        raise Refused("nothing was promised")
    return response


def _ask_on(scope: Scope, response: Response, day: date) -> date:
    response.asked_at = day_begins(practice_of(scope).time_zone, day)
    scope.flush()
    post(scope, response.author_id, Message.NEWS, due_at=_morning(scope, response, response.asked_at))
    return day


def _morning(scope: Scope, response: Response, moment: datetime) -> datetime:
    zone = practice_of(scope).time_zone
    return in_the_morning(day_in(zone, moment), zone=zone, of=response.id)


def _spec(task: Task) -> LetterSpec | None:
    spec = task.exercise.spec(LetterSpec) if task.part is MechanicName.LETTER else None
    return spec if spec is not None and spec.has_follow_up else None


def is_asking(response: Response, now: datetime) -> bool:
    """Say whether the day has come on which a letter's writer wanted to ask how it is now."""
    if response.part != MechanicName.LETTER or response.state != ResponseState.SENT:
        return False
    return response.asked_at is not None and response.asked_at <= now
