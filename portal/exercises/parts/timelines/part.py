"""What a timeline offers to the pages around it."""

from typing import Final

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.parts.base import Part
from portal.exercises.parts.timelines.review_pages import review
from portal.exercises.queries import Task
from portal.questionnaires.model import Form
from portal.web.translate import _
from portal.web.visibility import Names


def _no_walk(scope: Scope, task: Task, name: str) -> Form | None:
    """Return nothing: years are told on pages of their own, which lead from one to the next."""
    del scope, task, name  # It is so for every round.
    return None


def _opened_words(names: Names) -> str:
    del names  # The drawing belongs to both alike.
    return _("Your years, drawn together")


TIMELINE: Final = Part(
    mechanic=MechanicName.TIMELINE,
    page="exercises.years",
    words=lambda: _("Your years"),
    opened_words=_opened_words,
    walk=_no_walk,
    review=review,
    review_template="exercises/timelines/review.html",
)
