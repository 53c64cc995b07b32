"""What a shared text offers to the pages around it."""

from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import Turn
from portal.exercises.parts.agreements.queries import closing_of, own_round, shared, spec_of
from portal.exercises.parts.agreements.review_pages import review
from portal.exercises.parts.base import Part, Standing, by_turn
from portal.exercises.queries import Task
from portal.kit.clock import day_in
from portal.people.practice_queries import practice_of
from portal.questionnaires.model import Form
from portal.web.translate import _
from portal.web.visibility import Names


def is_ready(scope: Scope, task: Task) -> bool:
    """Say whether a partner may go to the text: at once where it leads, else when both lists are in."""
    del scope  # The assignment itself says when both had answered for the first time.
    spec_of(task.exercise)
    leads = task.exercise.lead is MechanicName.AGREEMENT
    return leads or task.assignment.both_sent_at is not None


def _walk(scope: Scope, task: Task, period: str) -> Form | None:
    """Return the closing questions of an ending; nothing for a round that no ending has brought."""
    found = shared(scope, task.assignment)
    return spec_of(task.exercise).form if period in found.endings else None


def standing(scope: Scope, task: Task) -> Standing | None:
    """Return how the text stands for a partner: by whose turn it is, and on the day of review that it has come."""
    if not is_ready(scope, task):
        return None
    own = task if task.part is MechanicName.AGREEMENT else own_round(scope, task)
    if own.turn is Turn.OVER:
        return _after_ending(scope, own)
    if own.turn is not None:
        return by_turn(scope, own)
    if own.state is not None:
        # Nothing has changed yet in what this partner sees: then there is always something to answer.
        return Standing(_("It is your turn"), is_asked=True)
    leads = task.exercise.lead is MechanicName.AGREEMENT
    return None if leads else Standing(_("Now you can put it into words together"), is_asked=True)


def _after_ending(scope: Scope, own: Task) -> Standing | None:
    """Return what is asked once it was signed or put away: two questions, and on its day to look at it again."""
    if own.state is None:
        return None
    found = shared(scope, own.assignment)
    if closing_of(scope, own, found) is not None:
        return Standing(_("Two short questions, for you alone"), is_asked=True)
    in_force = found.agreement.in_force
    if in_force is None or in_force.review_on > day_in(practice_of(scope).time_zone, scope.now):
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
