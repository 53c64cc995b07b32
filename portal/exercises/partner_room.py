"""What all of a partner's exercise pages begin with: who may open them, the task at hand, the names on it."""

from functools import partial
from typing import Any, Final

from flask import current_app, g, redirect, request, url_for
from itsdangerous import Signer

from portal.access.policy import Permission
from portal.exercises import queries
from portal.exercises.mechanics.safety_items import asks_about_safety
from portal.exercises.models import AssignmentState
from portal.exercises.queries import Task
from portal.exercises.room import room
from portal.people.couple_queries import circle
from portal.web.current import SAFE_METHODS, person, scope, seat, today
from portal.web.render import render
from portal.web.room import For
from portal.web.visibility import Names

page = partial(room.page, permission=Permission.DO_HOMEWORK, audience=For.PARTNER)
"""Adds a page that only partners may open."""

WALKED = frozenset({"before", "step", "autosave", "check", "send"})
"""The pages of a walk. Their addresses carry on which walk it is, where that isn't the exercise's only one."""

SITTING: Final = "sitting"
"""What the addresses of a walk carry once its reader has said that they are alone, for as long as they are signed in."""


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
    | {"round"}
)
"""Fields of forms that hold nothing of their writer's."""


class Asked(Exception):
    """Before a page is shown, its reader is asked whether they are alone."""

    def __init__(self, task: Task) -> None:
        super().__init__(task.assignment.id)
        self.task = task


def ask_whether_alone(task: Task) -> None:
    """Raise Asked before pages that ask about safety, unless the address says that this was answered in this sitting.

    It depends on the form alone, so it is the same for everybody. What was typed is taken in any case.
    """
    if not asks_about_safety(task.form):
        return
    if request.method in SAFE_METHODS and request.args.get(SITTING) != _mark(task):
        raise Asked(task)
    sit_down(task)


def sit_down(task: Task) -> None:
    """Let the addresses of a walk carry that its reader is alone. Nothing of it is kept anywhere else."""
    g.sitting = _mark(task)


def _mark(task: Task) -> str:
    signer = Signer(current_app.config["SECRET_KEY"], salt=SITTING)
    return signer.get_signature(f"{person().session_id} {task.assignment.id}").decode()


@room.errorhandler(Asked)
def _ask(asked: Asked) -> Any:
    return redirect(url_for("exercises.before", assignment_id=asked.task.assignment.id), 303)


@room.url_defaults
def _stay_on_the_walk(endpoint: str, values: dict[str, Any]) -> None:
    """Let the addresses of a walk lead to the same walk."""
    if endpoint.rpartition(".")[2] not in WALKED:
        return
    walked, sitting = g.get("walked"), g.get("sitting")
    if walked is not None and "part" not in values:
        values.update(walked)
    if sitting is not None:
        values.setdefault(SITTING, sitting)


def walk_named() -> tuple[str, str] | None:
    """Return the part and the round in the address, if it names any, and let further addresses name them too."""
    part, round_ = request.args.get("part"), request.args.get("round")
    if not part or not round_:
        return None
    g.walked = {"part": part, "round": round_}
    return part, round_
