"""What all of a partner's exercise pages begin with: who may open them, the task at hand, the names on it."""

from functools import partial
from typing import Any

from flask import g, request

from portal.access.policy import Permission
from portal.exercises import queries
from portal.exercises.models import AssignmentState
from portal.exercises.queries import Task
from portal.exercises.room import room
from portal.people.couple_queries import circle
from portal.web.current import scope, seat, today
from portal.web.render import render
from portal.web.room import For
from portal.web.visibility import Names

page = partial(room.page, permission=Permission.DO_HOMEWORK, audience=For.PARTNER)
"""Adds a page that only partners may open."""

WALKED = frozenset({"step", "autosave", "check", "send"})
"""The pages of a walk. Their addresses carry on which walk it is, where that isn't the exercise's only one."""


def task_at_hand(assignment_id: str) -> Task:
    """Return the signed-in partner's task. Raises Refused for what isn't theirs or isn't released."""
    return queries.my_task(scope(), assignment_id, seat=seat(), today=today())


def names_at_hand() -> Names:
    """Return the names of the partner's partner and of their therapist."""
    people = circle(scope())
    other = people.at(seat().other)
    return Names(partner=other.first_name, therapist=people.therapist)


def has_ended(task: Task) -> bool:
    """Say whether an assignment was withdrawn or finished."""
    return task.assignment.state != AssignmentState.OPEN


class Over(Exception):
    """What a page was made for is no longer there; its answer shows what its reader had typed, to take along."""

    def __init__(self, task: Task) -> None:
        super().__init__(task.assignment.id)
        self.task = task


@room.errorhandler(Over)
def _over(over: Over) -> Any:
    """Say that an exercise, or a round of it, has ended, and show what was typed meanwhile."""
    asked = over.task.exercise.form
    typed = [
        (item.text if (item := asked.item(name)) else "", [each for each in values if each])
        for name, values in request.form.lists()
        if name not in NOT_TYPED
    ]
    kept = [(label, values) for label, values in typed if values]
    context = {"task": over.task, "typed": kept, "is_ended": has_ended(over.task)}
    return render("exercises/partner/ended.html", **context), 409 if kept else 200


NOT_TYPED = frozenset(
    {"csrf_token", "writer", "once_key", "revision", "go", "seen", "number", "place", "clause", "went", "day"}
)
"""Fields of forms that hold nothing of their writer's."""


@room.url_defaults
def _stay_on_the_walk(endpoint: str, values: dict[str, Any]) -> None:
    """Let the addresses of a walk lead to the same walk."""
    walked = g.get("walked")
    if walked is not None and endpoint.rpartition(".")[2] in WALKED and "part" not in values:
        values.update(walked)


def walk_named() -> tuple[str, str] | None:
    """Return the part and the round in the address, if it names any, and let further addresses name them too."""
    part, round_ = request.args.get("part"), request.args.get("round")
    if not part or not round_:
        return None
    g.walked = {"part": part, "round": round_}
    return part, round_
