"""How a small habit fits into an exercise that something else leads. Its page is that of every log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from portal.access.scope import Scope
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.exercises.models import ResponseState
from portal.exercises.parts.base import Part, Standing, closings
from portal.exercises.queries import Task, logs
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle
from portal.questionnaires.model import Form
from portal.web.translate import _

ANSWERS_SHOWN: Final = 16
"""How many rounds of answers that were given alone the review shows: both partners' of about two months."""


def walk(scope: Scope, task: Task, round_name: str) -> Form | None:
    """Return what somebody is asked alone about a week in which they have logged something.

    A log itself isn't walked through: it is kept and sent in one go, on its own page.
    """
    spec = task.exercise.spec(TrackerSpec)
    if spec is None or not spec.afterwards.pages:
        return None
    own = (period for period, author, _ in logs(scope, task.assignment.id) if author == scope.account_id)
    asked = {tracker.afterwards_round(tracker.first_day(period)) for period in own}
    return spec.afterwards if round_name in asked else None


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return what each was asked alone, week by week; a log is drawn in the same way, whatever leads its exercise."""
    spec = work.exercise.spec(TrackerSpec)
    if spec is None or not spec.afterwards.pages:
        return None
    answered = closings(scope, work, people, part=MechanicName.TRACKER, form=spec.afterwards)
    of_weeks = [each for each in answered if tracker.is_afterwards(each.period)]
    return {"answered": of_weeks[:ANSWERS_SHOWN]} if of_weeks else None


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
    walk=walk,
    standing=standing,
    review=review,
    review_template="exercises/habits/review.html",
)
"""What habits offer to the pages around them."""
