"""Ways from one part of an exercise to its further parts."""

from flask import url_for

from portal.access.scope import Scope
from portal.exercises.parts import PARTS
from portal.exercises.queries import Task


def further_links(scope: Scope, task: Task) -> list[tuple[str, str]]:
    """Return words and address of each further part of an exercise that this partner may go to by now."""
    parts = [PARTS[name] for name in task.exercise.mechanics[1:] if name in PARTS]
    return [
        (part.words(), url_for(part.page, assignment_id=task.assignment.id))
        for part in parts
        if part.is_ready(scope, task)
    ]
