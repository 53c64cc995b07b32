"""What the page of a plan shows of the times that took place: how it was for each, and where its time is noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import url_for

from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises.mechanics import plan as mechanic
from portal.exercises.mechanics import planning
from portal.exercises.mechanics.base import Line, MechanicName
from portal.exercises.mechanics.planning_model import Meeting, When
from portal.exercises.models import Assignment
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.base import walk_address
from portal.exercises.parts.plans import queries
from portal.exercises.parts.plans.queries import Planned
from portal.exercises.parts.plans.table import Table
from portal.exercises.parts.plans.words import monday_words, what_words, when_words
from portal.exercises.queries import Written, aside
from portal.questionnaires.model import Answers
from portal.web.translate import _

MINUTES: Final = "minutes"
"""The key of the question about minutes together, where an exercise asks it."""
WEEKS_SHOWN: Final = 4
"""How many times of something weekly are shown to the two; their therapist reads all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One time that something took place: what, when, and how it was for each as far as both read it."""

    what: str
    when: str
    number: int
    look_back_url: str | None
    mine: list[Line]
    theirs: list[Line]
    time_url: str | None
    """Where the time can be added to what is noted of time together this week."""


def past_meetings(scope: Scope, at_table: Table, now: datetime) -> list[Past]:
    """Return every time that something took place, the latest first."""
    at = at_table.at
    if not at.meetings:
        return []
    told, answered = queries.looked_back(scope, at), queries.own_rounds(scope, at.assignment)
    noted_in = queries.shared_time(scope, at_table.seat) if at.spec.feeds_shared_time else None
    found = []
    # What comes back every week is asked about once: nobody makes up for weeks that went by without a word.
    meetings = at.meetings[:WEEKS_SHOWN] if at.spec.is_weekly else at.meetings
    for place, (plan, meeting) in enumerate(meetings):
        period = mechanic.period_of(plan.number, meeting.time)
        by_me, by_them = _both(at_table, told.get(period, ()))
        open_round = (
            period not in answered
            and bool(at.spec.afterwards.pages)
            and not has_ended(at_table.task)
            and not (at.spec.is_weekly and place > 0)
        )
        minutes = _minutes(scope, at_table, period, meeting, now)
        found.append(
            Past(
                what=what_words(at.exercise, meeting.values, at_table.people),
                when=_when(at, meeting),
                number=meeting.time,
                look_back_url=_look_back_url(scope, at_table, period) if open_round else None,
                mine=by_me,
                theirs=by_them,
                time_url=_time_url(noted_in, minutes),
            )
        )
    return found


def _both(at_table: Table, told: Sequence[Written]) -> tuple[list[Line], list[Line]]:
    """Return what each of the two wrote, own words first."""
    own = {each.author_id == at_table.at.people.at(at_table.seat).account_id: each.values for each in told}
    return _lines(at_table.at, own.get(True, {})), _lines(at_table.at, own.get(False, {}))


def _lines(at: Planned, values: Answers) -> list[Line]:
    """Return what both may read. The page is looked at together: one's own words for the therapist aren't on it."""
    walk = at.exercise.walk(MechanicName.PLAN, at.spec.afterwards)
    to_both = walk.summary(values).only([Audience.COUPLE]).for_partner()
    return [line for line in to_both.lines if line.texts]


def _when(at: Planned, meeting: Meeting) -> str:
    moment = planning.moment_in(at.spec, meeting.values)
    if not isinstance(moment, When):
        return ""
    if at.spec.is_weekly:
        # It may have been on another day of that week.
        return _("Week of %(day)s", day=monday_words(moment))
    return when_words(moment)


def _look_back_url(scope: Scope, at_table: Table, period: str) -> str:
    form = at_table.at.spec.afterwards
    return walk_address(aside(scope, at_table.task, MechanicName.PLAN, period=period, form=form))


def _minutes(scope: Scope, at_table: Table, period: str, meeting: Meeting, now: datetime) -> int | None:
    """Return how long they were together: what the reader noted, or else what was planned; nothing for earlier weeks."""
    moment = planning.moment_in(at_table.at.spec, meeting.values)
    if not isinstance(moment, When) or not _is_this_week(moment.start, now, at_table.zone):
        return None
    noted = queries.own_number(scope, at_table.at, period, MINUTES)
    if noted is not None or moment.end is None:
        return noted
    return int((moment.end - moment.start) / timedelta(minutes=1))


def _is_this_week(moment: datetime, now: datetime, zone: str) -> bool:
    here = ZoneInfo(zone)
    return moment.astimezone(here).isocalendar()[:2] == now.astimezone(here).isocalendar()[:2]


def _time_url(noted_in: Assignment | None, minutes: int | None) -> str | None:
    if noted_in is None or not minutes:
        return None
    return url_for("exercises.task", assignment_id=noted_in.id, minutes=minutes)
