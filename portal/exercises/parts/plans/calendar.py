"""The calendar file of a plan: that some time is set aside, and when."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.access.policy import Refused
from portal.exercises.mechanics.planning import moment_in
from portal.exercises.mechanics.planning_model import Plan, Status, Weekly, When
from portal.exercises.parts.plans.queries import Planned
from portal.kit.calendar_file import Slot, calendar_file
from portal.kit.ids import id_from
from portal.web.translate import _

AN_HOUR: Final = timedelta(hours=1)
WEEKS: Final = 12
"""How many times of a weekly plan go into one file."""


def file_for(at: Planned, plan: Plan, *, now: datetime) -> tuple[str, bytes]:
    """Return the name and the content of a plan's calendar file. Raises Refused unless its time is agreed."""
    moment = moment_in(at.spec, plan.values)
    if plan.status is not Status.AGREED or moment is None:
        raise Refused("no time is agreed")
    if isinstance(moment, When):
        times = [(str(len(plan.meetings)), moment.start, moment.end or moment.start + AN_HOUR)]
    else:
        times = _weeks(moment, now)
    slots = [
        Slot(
            # The same time moved is the same entry; nothing in it can be traced to the exercise.
            uid=f"{id_from(at.assignment.id, str(plan.number), place)}@notebook.invalid",
            title=_("Time set aside"),
            start=start,
            end=end,
            changes=plan.wording,
            changed_at=plan.at,
        )
        for place, start, end in times
    ]
    return f"notebook-{slots[0].start:%Y-%m-%d}.ics", calendar_file(slots)


def _weeks(moment: Weekly, now: datetime) -> list[tuple[str, datetime, datetime]]:
    """Return the next times of a weekly plan, at the same time by the clocks of its zone, each with its week."""
    zone = ZoneInfo(moment.zone)
    today = now.astimezone(zone).date()
    first = today + timedelta(days=(moment.weekday - today.weekday()) % 7)
    starts = (
        datetime.combine(first + timedelta(weeks=week), moment.at, tzinfo=zone).astimezone(UTC)
        for week in range(WEEKS + 1)
    )
    return [(f"{start:%G-W%V}", start, start + AN_HOUR) for start in starts if start > now][:WEEKS]
