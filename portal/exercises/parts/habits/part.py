"""How a small habit fits into an exercise that something else leads. Its page is that of every log."""

from datetime import datetime
from typing import Final

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.exercises.models import ResponseState
from portal.exercises.parts.base import Part, Standing
from portal.exercises.queries import Task
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle
from portal.web.translate import _


def not_walked(scope: Scope, task: Task, round_name: str) -> None:
    """Return nothing to walk through: a log is kept and sent in one go, on its own page."""
    del scope, task, round_name


def reviewed_elsewhere(scope: Scope, work: Work, people: Circle) -> None:
    """Return nothing more to review: each log is drawn in the same way, whatever leads its exercise."""
    del scope, work, people


def standing(task: Task, now: datetime) -> Standing | None:
    """Return that a habit beside something else can be noted, until it is; what leads an exercise says so itself."""
    del now  # The task is that of the current round.
    if not task.is_aside:
        return None
    spec = task.exercise.spec(TrackerSpec)
    is_weekly = spec is not None and spec.every is Every.WEEK
    words = _("A short note for this week") if is_weekly else _("A ten-second note for today")
    return Standing(words, is_asked=task.state is not ResponseState.SENT)


HABIT: Final = Part(
    mechanic=MechanicName.TRACKER,
    page="exercises.log",
    words=lambda: _("Note it"),
    opened_words=lambda _names: _("Days one of you noted"),
    walk=not_walked,
    standing=standing,
    review=reviewed_elsewhere,
    review_template="",
)
"""What habits offer to the pages around them."""
