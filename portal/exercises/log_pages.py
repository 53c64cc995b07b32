"""What the page of a quick log shows: today's or this week's note, the days that were noted, what it is taken from."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from wtforms import Form

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.forms import LogForm, draw, label_words
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.tracker import LOG_MINUTES, TrackerSpec
from portal.exercises.queries import MatchWords, Task
from portal.questionnaires.drawing import DrawnPage
from portal.questionnaires.model import Answers
from portal.web.visibility import Moment, Names

WEEKS_SHOWN: Final = 4


def habit_of(scope: Scope, task: Task, *, today: date) -> Task:
    """Return the round of a log that today belongs to, whether the log leads the exercise or is a further part of it.

    Raises Refused for an exercise without a log.
    """
    if task.is_tracker:
        return task
    if MechanicName.TRACKER not in task.exercise.mechanics:
        raise Refused("nothing is logged in it")
    period = queries.round_on(today, task.assignment, task.exercise, part=MechanicName.TRACKER)
    return queries.aside(scope, task, MechanicName.TRACKER, period=period)


def spec_of(task: Task) -> TrackerSpec:
    """Return what an exercise says about its log. Raises Refused for one without."""
    spec = task.exercise.spec(TrackerSpec)
    if spec is None:
        raise Refused("not a tracker")
    return spec


def taken_from(scope: Scope, task: Task) -> tuple[MatchWords, ...] | None:
    """Return what both are open to now in the list that a habit is taken from; ``None`` if it is taken from none."""
    slug = spec_of(task).only_from
    return queries.matches_of(scope, task.assignment.couple_id, slug) if slug else None


def log_form(task: Task, values: Mapping[str, Any], names: Names) -> tuple[DrawnPage, Form]:
    """Return the one short page of a log."""
    page = task.form.pages[0]
    drawn = draw(task.walk, page, values, names, lists=False, demand=True, base=LogForm, moment=Moment.NOW)
    return drawn, drawn.form(values)


def log(
    scope: Scope,
    task: Task,
    names: Names,
    *,
    today: date,
    form: Form | None = None,
    minutes: int | None = None,
) -> dict[str, Any]:
    """Return what a tracker's page shows: today's log and the days that one of the two noted.

    ``minutes`` are put in beside what is noted already, for its writer to save or change.
    """
    spec = spec_of(task)
    values = queries.my_values(scope, task)
    drawn, fresh = log_form(task, _with(values, minutes, task), names)
    entries = queries.logs(scope, task.assignment.id)
    noted = {day for period, _author, found in entries for day in tracker.done_days(spec, {period: found})}
    own_days = [
        tracker.first_day(period) for period, author, _values in entries if author == scope.account_id
    ]
    return {
        "task": task,
        "form": form or fresh,
        "rows": drawn.rows(form or fresh),
        "logged": task.response is not None and task.response.sent_at is not None,
        "weeks": _weeks(today),
        "noted": noted,
        "today": today,
        "welcome_back": spec.restart_text
        if tracker.needs_welcome_back(spec, max(own_days, default=None), today=today)
        else None,
        "taken_from": taken_from(scope, task),
        "minutes": minutes if task.form.item(LOG_MINUTES) else None,
        "seen_by": label_words(task.walk, names, lists=False),
        "weekly": spec.every is tracker.Every.WEEK,
        "joint": task.form.questions[0].audience is Audience.COUPLE,
        "names": names,
    }


def _weeks(today: date) -> list[list[date]]:
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS_SHOWN - 1))
    return [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS_SHOWN)]


def _with(values: Answers, minutes: int | None, task: Task) -> Answers:
    item = task.form.item(LOG_MINUTES)
    if minutes is None or item is None:
        return values
    noted = values.get(LOG_MINUTES)
    sum_of_both = minutes + (noted if isinstance(noted, int) else 0)
    return {**values, LOG_MINUTES: min(sum_of_both, int(item.high or sum_of_both))}
