"""What the page of a quick log shows: today's or this week's note, the days that were noted, what it is taken from.

Of what is the couple's it also shows the words that the other has put beside theirs, and to each what they are asked
alone afterwards: at most once in a week, after a log of that week, and never anything about the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from wtforms import Form

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.forms import LogForm, draw, label_words
from portal.exercises.mechanics import plan, tracker
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.plan import PlanSpec
from portal.exercises.mechanics.tracker import LOG_MINUTES, TrackerSpec
from portal.exercises.models import ResponseState
from portal.exercises.parts.base import walk_address
from portal.exercises.queries import MatchWords, Task
from portal.questionnaires.drawing import DrawnPage
from portal.questionnaires.model import Answers
from portal.questionnaires.model import Form as Asked
from portal.web.visibility import Moment, Names

WEEKS_SHOWN: Final = 4
NOTES_SHOWN: Final = 3
"""How many notes of the other stand open on the page of a log; earlier ones are folded away."""


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


def habit_shown(scope: Scope, task: Task, shown: str, *, today: date) -> Task:
    """Return the round that a page was made for if it ended since: what is told of one day isn't noted for the next.

    Any other round than the last one means the round of today.
    """
    habit = habit_of(scope, task, today=today)
    last_day = tracker.first_day(habit.period) - timedelta(days=1)
    before = queries.round_on(last_day, task.assignment, task.exercise, part=MechanicName.TRACKER)
    if shown != before:
        return habit
    mine = queries.my_response(scope, task.assignment, MechanicName.TRACKER, before)
    return replace(habit, period=before, response=mine)


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
    own_days = _own_days(scope, task)
    notes = queries.notes_of_the_other(scope, [task.assignment.id])
    return {
        "task": task,
        "form": form or fresh,
        "rows": drawn.rows(form or fresh),
        "logged": task.response is not None and task.response.sent_at is not None,
        "weeks": _weeks(today),
        "noted": queries.noted_days(scope, task.assignment, spec),
        "today": today,
        "notes": notes[:NOTES_SHOWN],
        "earlier_notes": notes[NOTES_SHOWN:],
        "asked_alone": _asked_alone(scope, task, own_days, today=today),
        "welcome_back": spec.restart_text
        if tracker.needs_welcome_back(spec, max(own_days, default=None), today=today)
        else None,
        "taken_from": taken_from(scope, task),
        "minutes": minutes if task.form.item(LOG_MINUTES) else None,
        "seen_by": label_words(task.walk, names, lists=False),
        "weekly": spec.every is tracker.Every.WEEK,
        "joint": spec.is_joint,
        "names": names,
    }


def _own_days(scope: Scope, task: Task) -> list[date]:
    """Return the first days of the rounds that the viewer has logged."""
    found = queries.logs(scope, task.assignment.id)
    return [tracker.first_day(period) for period, author, _values in found if author == scope.account_id]


@dataclass(frozen=True, slots=True)
class Alone:
    """Something that the viewer is asked alone: where, and whether it can be put away from the log's page."""

    url: str
    is_brief: bool
    """Whether it is the two questions of the habit itself; otherwise it is how something was that took place."""


def _asked_alone(scope: Scope, task: Task, own_days: list[date], *, today: date) -> list[Alone]:
    """Return what the viewer is asked alone now. It depends on nothing but what they have logged and sent themselves."""
    found = []
    habit, settled = week_asked(task, own_days, today=today), task.exercise.spec(PlanSpec)
    if habit is not None and _is_open(scope, task, MechanicName.TRACKER, habit):
        form = spec_of(task).afterwards
        found.append(Alone(_walk(scope, task, MechanicName.TRACKER, habit, form), is_brief=True))
    if settled is not None and settled.afterwards.pages:
        own = queries.my_response(scope, task.assignment, MechanicName.PLAN, plan.ROUND)
        asked = None if own is None else own.asked_round
        if asked and _is_open(scope, task, MechanicName.PLAN, asked):
            address = _walk(scope, task, MechanicName.PLAN, asked, settled.afterwards)
            found.append(Alone(address, is_brief=False))
    return found


def week_asked(task: Task, own_days: list[date], *, today: date) -> str | None:
    """Return the round in which somebody who has logged this week is asked alone; ``None`` if they aren't."""
    this_week = tracker.afterwards_round(today)
    if not spec_of(task).afterwards.pages or this_week not in map(tracker.afterwards_round, own_days):
        return None
    return this_week


def _is_open(scope: Scope, task: Task, part: MechanicName, period: str) -> bool:
    """Say whether the viewer has neither answered a round nor put it away."""
    mine = queries.my_response(scope, task.assignment, part, period)
    return mine is None or mine.state not in {ResponseState.SENT, ResponseState.DECLINED}


def _walk(scope: Scope, task: Task, part: MechanicName, period: str, form: Asked) -> str:
    return walk_address(queries.aside(scope, task, part, period=period, form=form))


def asked_round(scope: Scope, task: Task, *, today: date) -> Task | None:
    """Return what the viewer is asked alone about a habit this week, as the walk that it is; ``None`` if nothing."""
    period = week_asked(task, _own_days(scope, task), today=today)
    if period is None or not _is_open(scope, task, MechanicName.TRACKER, period):
        return None
    return queries.aside(scope, task, MechanicName.TRACKER, period=period, form=spec_of(task).afterwards)


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
