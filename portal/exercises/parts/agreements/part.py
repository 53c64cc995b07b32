"""What a shared text offers to the pages around it."""

from datetime import datetime

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import Turn
from portal.exercises.parts.agreements.queries import shared, spec_of
from portal.exercises.parts.agreements.review_pages import review
from portal.exercises.parts.base import Part, Standing, by_turn
from portal.exercises.queries import Task
from portal.questionnaires.model import Form
from portal.web.translate import _
from portal.web.visibility import Names


def is_ready(scope: Scope, task: Task) -> bool:
    """Say whether a partner may go to the text: at once where it leads, else when both lists are in."""
    del scope  # The assignment itself says when both had answered for the first time.
    spec_of(task.exercise)
    return _is_there(task)


def _is_there(task: Task) -> bool:
    leads = task.exercise.lead is MechanicName.AGREEMENT
    return leads or task.assignment.both_sent_at is not None


def _walk(scope: Scope, task: Task, period: str) -> Form | None:
    """Return the closing questions of an ending; nothing for a round that no ending has brought."""
    found = shared(scope, task.assignment)
    return spec_of(task.exercise).form if period in found.endings else None


def standing(task: Task, now: datetime) -> Standing | None:
    """Return how the text stands for a partner: by whose turn it is, and on the day of review that it has come."""
    if not _is_there(task):
        return None
    if task.turn is Turn.OVER:
        return _after_ending(task, now)
    if task.turn is not None:
        return by_turn(task, now)
    if task.state is not None:
        # Nothing has changed yet in what this partner sees: then there is always something to answer.
        return Standing(_("It is your turn"), is_asked=True)
    leads = task.exercise.lead is MechanicName.AGREEMENT
    return None if leads else Standing(_("Now you can put it into words together"), is_asked=True)


def _after_ending(task: Task, now: datetime) -> Standing | None:
    """Return what is asked once it was signed or put away: two questions, and on its day to look at it again."""
    if task.state is None:
        return None
    if task.is_asked_alone:
        return Standing(_("Two short questions, for you alone"), is_asked=True)
    if not task.is_asked_again(now):
        return None
    return Standing(_("You wanted to look at it together again"), is_asked=True)


def _opened(names: Names) -> str:
    del names  # It belongs to both alike.
    return _("Your agreement")


AGREEMENT = Part(
    mechanic=MechanicName.AGREEMENT,
    page="exercises.agreement",
    words=lambda: _("Your agreement"),
    opened_words=_opened,
    walk=_walk,
    review=review,
    review_template="exercises/agreements/review.html",
    is_ready=is_ready,
    standing=standing,
)
