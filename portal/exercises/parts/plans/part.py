"""How plans fit into the rest of an exercise: their walks, whether there is anything to plan, and how they stand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import plan as mechanic
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.plan import IDEAS, Source
from portal.exercises.mechanics.planning_model import Status
from portal.exercises.models import Assignment, Turn
from portal.exercises.parts.base import Part, Standing
from portal.exercises.parts.plans import queries, review_pages
from portal.exercises.parts.plans.words import rows_of
from portal.exercises.queries import Task
from portal.people.couple_queries import circle
from portal.questionnaires.model import Form
from portal.web.render import day_and_clock
from portal.web.translate import _


def walk(scope: Scope, task: Task, round_name: str) -> Form | None:
    """Return the pages of a round: collecting ideas, or looking back on a time that took place."""
    people = circle(scope, task.assignment.couple_id)
    at = queries.planned(scope, task.assignment, task.exercise, people)
    if round_name == IDEAS:
        return at.spec.ideas if at.spec.ideas.pages else None
    rounds = {mechanic.period_of(plan.number, meeting.time) for plan, meeting in at.meetings}
    return at.spec.afterwards if round_name in rounds and at.spec.afterwards.pages else None


def is_ready(scope: Scope, task: Task) -> bool:
    """Say whether there is anything to plan: something that both are open to, or a plan that was made before."""
    spec = queries.spec_of(task.exercise)
    if spec.source is Source.OWN:
        return True
    return bool(queries.ideas_now(scope, task.assignment, task.exercise)) or queries.is_begun(
        scope, task.assignment
    )


def standing(task: Task, now: datetime) -> Standing | None:
    """Return how the plans of an exercise stand for a partner, in words for Today."""
    if task.turn is None:
        is_begun = task.state is not None and not task.is_aside
        return _rests(_("Suggest something, or wait for an idea")) if is_begun else None
    if task.is_asked_alone:
        return _asks(_("It took place. Say how it was, on your own"))
    match task.turn:
        case Turn.YOURS:
            return _asks(_("There is a suggestion for you both"))
        case Turn.THEIRS:
            return _rests(_("You suggested something. There is nothing more to do"))
        case Turn.SETTLED if task.is_asked_again(now):
            return _asks(_("Say whether it came about"))
        case Turn.SETTLED:
            return _rests(day_and_clock(task.asked_at) if task.asked_at else _("Settled"))
        case Turn.REST:
            return _rests(_("Its time is still open"))
        case Turn.OVER:
            return _rests(_("Whenever you would like to plan something again"))


def _asks(words: str) -> Standing:
    return Standing(words, is_asked=True, is_brief=True)


def _rests(words: str) -> Standing:
    return Standing(words, is_asked=False, is_brief=True)


def opened(scope: Scope, assignment: Assignment, exercise: Exercise) -> Mapping[str, Any] | None:
    """Return the plan that is settled, or that took place last, for the page of what is open to both."""
    people = circle(scope, assignment.couple_id)
    at = queries.planned(scope, assignment, exercise, people)
    settled = [plan for plan in at.plans if plan.status in {Status.AGREED, Status.DONE}]
    if not settled:
        return None
    seat = people.person(scope.account_id).seat
    called = {seat: _("You"), seat.other: people.at(seat.other).first_name}
    return {"rows": rows_of(exercise, settled[-1].values, called)}


PLAN: Final = Part(
    mechanic=MechanicName.PLAN,
    page="exercises.plan",
    words=lambda: _("Plan together"),
    opened_words=lambda _names: _("Your plan"),
    walk=walk,
    standing=standing,
    is_ready=is_ready,
    review=review_pages.review,
    review_template="exercises/plans/review.html",
    opened=opened,
    opened_template="exercises/plans/opened.html",
)
"""What plans offer to the pages around them."""
