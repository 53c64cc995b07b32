"""What partners do with a plan: suggest, change, agree, put off, say that it took place, let go."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zlib import crc32
from zoneinfo import ZoneInfo

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.commands import Asked, TooLate, note_turns, open_together
from portal.exercises.matching import lock
from portal.exercises.mechanics import planning
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.plan import ROUND, PlanSpec, Source, period_of
from portal.exercises.mechanics.planning_model import (
    Event,
    EventKind,
    Plan,
    Status,
    Values,
    Weekly,
    When,
    packed,
)
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.models import AssignmentState, Turn
from portal.exercises.part_models import PlanEvent
from portal.exercises.parts.plans.queries import Planned, ideas_now, planned
from portal.exercises.queries import Task, aside
from portal.kit.ids import new_id
from portal.people.couple_queries import circle
from portal.people.post import Message, call_off, post
from portal.people.practice_queries import practice_of

ONCE_LENGTH: Final = 40
QUIET: Final = timedelta(minutes=30)
"""How long after something new the other is told by mail, so that a few changes in a row make one mail."""
MORNING: Final = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that a partner does about a plan; ``seen`` is the number of the wording that their page showed."""

    kind: EventKind
    plan: int = 0
    values: Values = field(default_factory=dict)
    seen: int = 0


def act(scope: Scope, task: Task, deed: Deed, *, once_key: str) -> None:
    """Do one thing about a plan. The same page sent again, and what is so already, changes nothing.

    Raises TooLate when the assignment has ended, and what `planning.record` raises when it doesn't fit: show then
    what was typed beside what stands.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    if task.assignment.state != AssignmentState.OPEN:
        raise TooLate("the assignment has ended")
    before = _planned(scope, task)
    if any(row.once_key == once_key[:ONCE_LENGTH] for row in before.rows):
        return
    event = Event(
        seat=before.people.person(scope.account_id).seat,
        kind=deed.kind,
        plan=deed.plan,
        at=scope.now,
        values=deed.values,
        seen=deed.seen,
    )
    events = planning.record(before.spec, before.events, event, ideas=_ideas(scope, before))
    if len(events) == len(before.events):
        return
    _append(scope, before, events[-1], number=len(events), once_key=once_key)
    after = _planned(scope, task)
    own = aside(scope, task, MechanicName.PLAN, period=ROUND)
    note_turns(scope, own, {seat: _asked(after, seat) for seat in Seat})
    _follow(scope, before, after, seat=event.seat)


def note_weekly_time(scope: Scope, task: Task, day: date) -> None:
    """Note that what has a fixed time took place in the week of a day, because one of the two has logged that it did.

    Does nothing for an exercise without such a plan, or while both haven't agreed on a time.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    spec = task.exercise.spec(PlanSpec)
    if spec is None or not spec.is_weekly:
        return
    lock(scope, task.assignment)
    plan = _planned(scope, task).current
    moment = None if plan is None else planning.moment_in(spec, plan.values)
    if plan is None or plan.status is not Status.AGREED or not isinstance(moment, Weekly):
        return
    time = {spec.moment.key: planning.time_in_week(moment, day)}
    deed = Deed(kind=EventKind.DONE, plan=plan.number, values=time, seen=plan.wording)
    act(scope, task, deed, once_key=new_id())


def _planned(scope: Scope, task: Task) -> Planned:
    people = circle(scope, task.assignment.couple_id)
    return planned(scope, task.assignment, task.exercise, people)


def _ideas(scope: Scope, at: Planned) -> frozenset[str]:
    if at.spec.source is not Source.OVERLAP:
        return frozenset()
    return frozenset(option.key for option in ideas_now(scope, at.assignment, at.exercise))


def _append(scope: Scope, at: Planned, event: Event, *, number: int, once_key: str) -> None:
    row = PlanEvent(
        couple_id=at.assignment.couple_id,
        assignment_id=at.assignment.id,
        author_id=scope.account_id,
        audience=Audience.COUPLE,
        sent_at=scope.now,
        open_at=scope.now,
        lists_open=False,
        number=number,
        plan=event.plan,
        kind=event.kind.value,
        seen=event.seen,
        at=event.at,
        once_key=once_key[:ONCE_LENGTH] or None,
    )
    row.values = packed(event.values)
    scope.add(row)
    if event.kind in {EventKind.PROPOSE, EventKind.CHANGE}:
        # Who put off or dropped something is written down nowhere but in the plan itself.
        record(scope, Action.SENT, subject_id=row.id, couple_id=row.couple_id)


def _asked(at: Planned, seat: Seat) -> Asked:
    """Return what a partner has to do now about the newest plan, for their own list of things to do."""
    plan = at.plans[-1]
    meetings = at.meetings if at.spec.afterwards.pages else []
    return Asked(
        turn_of(plan, seat),
        round=next((period_of(each.number, meeting.time) for each, meeting in meetings), None),
        at=_asked_from(at, plan),
    )


def _asked_from(at: Planned, plan: Plan) -> datetime | None:
    """Return from when on both are asked whether a plan came about."""
    if plan.status is not Status.AGREED:
        return None
    moment = planning.moment_in(at.spec, plan.values)
    if isinstance(moment, When):
        return moment.start
    if not isinstance(moment, Weekly) or at.exercise.spec(TrackerSpec) is not None:
        # Where there is a log as well, it asks; nobody is asked the same in two places.
        return None
    last = max([plan.at, *(meeting.said_at for meeting in plan.meetings)])
    return planning.next_time(moment, last).start


def turn_of(plan: Plan, seat: Seat) -> Turn:
    """Return whose turn it is with a plan."""
    match plan.status:
        case Status.PROPOSED:
            return Turn.THEIRS if plan.by is seat else Turn.YOURS
        case Status.AGREED:
            return Turn.SETTLED
        case Status.OPEN:
            return Turn.REST
        case Status.DONE | Status.LET_GO:
            return Turn.OVER


def _follow(scope: Scope, before: Planned, after: Planned, *, seat: Seat) -> None:
    """Do what follows for both: tell the other that there is something new, and both when to look back on it."""
    was, now = before.current, after.plans[-1]
    if was is not None and was.status is Status.AGREED:
        for person in (after.people.a, after.people.b):
            _call_off(scope, before, was, person.account_id)
    if now.status is Status.AGREED:
        open_together(scope, after.assignment)
        for person in (after.people.a, after.people.b):
            _remind(scope, after, now, person.account_id)
    for event in before.events:
        if event.at + QUIET > scope.now:
            told = after.people.at(event.seat.other).account_id
            call_off(scope, told, due_at=event.at + QUIET)
    if now.status is not Status.DONE and len(now.meetings) == len(was.meetings if was else ()):
        post(scope, after.people.at(seat.other).account_id, Message.NEWS, due_at=scope.now + QUIET)


def _remind(scope: Scope, at: Planned, plan: Plan, account_id: str) -> None:
    moment = _looking_back(scope, at, plan)
    if moment is not None:
        post(scope, account_id, Message.NEWS, due_at=moment)


def _call_off(scope: Scope, at: Planned, plan: Plan, account_id: str) -> None:
    moment = _looking_back(scope, at, plan)
    if moment is not None and moment > scope.now:
        call_off(scope, account_id, due_at=moment)


def _looking_back(scope: Scope, at: Planned, plan: Plan) -> datetime | None:
    """Return when both are told to look back on a plan: in the morning, some days after it, as the exercise says.

    The second is the plan's own, so that its mail can be told from others and called off.
    """
    moment = planning.moment_in(at.spec, plan.values)
    if not isinstance(moment, When) or not at.spec.afterwards.pages:
        return None
    zone = ZoneInfo(practice_of(scope).time_zone)
    try:
        day = moment.start.astimezone(zone).date() + max(at.spec.after_due, timedelta(days=1))
    except OverflowError:
        # From when forms took any day: there is no morning after the end of the calendar.
        return None
    seconds = crc32(f"{at.assignment.id}/{plan.number}/{len(plan.meetings)}".encode()) % 3600
    return datetime.combine(day, MORNING, tzinfo=zone).astimezone(UTC) + timedelta(seconds=seconds)
