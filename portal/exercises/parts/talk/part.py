"""What a talk in turns offers to the pages around it."""

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.parts.base import Part
from portal.exercises.parts.talk import review_pages
from portal.exercises.parts.talk.queries import moves_of, spec_of, talk_of
from portal.exercises.queries import Task
from portal.people.couple_queries import circle
from portal.questionnaires.model import Form
from portal.web.translate import _
from portal.web.visibility import Names


def _walk(scope: Scope, task: Task, period: str) -> Form | None:
    """Return the questions for each alone, the same for both after every ending; nothing before it."""
    people = circle(scope, task.assignment.couple_id)
    moves = moves_of(scope, task.assignment.id, period, people)
    return spec_of(task).form if talk_of(task, moves).ending is not None else None


def _opened(names: Names) -> str:
    del names  # It belongs to both alike.
    return _("Your talk, to read again")


TALK = Part(
    mechanic=MechanicName.DIALOGUE,
    page="exercises.talk",
    words=lambda: _("Your talk"),
    opened_words=_opened,
    walk=_walk,
    review=review_pages.review,
    review_template="exercises/talk/review.html",
)
