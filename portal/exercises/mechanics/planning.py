"""How a plan of two comes about: either suggests, either changes, the other agrees, and either may put it off or drop it.

What the pages have to do: keep events in order (couple, assignment, number from 1 on, unique); for each request
``record`` the event on what is kept, and append the last of the result if there is one more. Forms hand back as
``seen`` the number of the wording that their page showed. Catch ``Stale`` and show what stands now beside what was
typed; catch ``Unfit`` and name the fields; catch ``OutOfOrder`` and show the plan as it is now.

Both are equal here: whoever suggests has agreed to it, and any change undoes the other's agreement. Putting off and
dropping count in whatever state a plan is, also from a page that is old, and nothing that is shown says who did it.
There is one plan in the making at a time; once it took place as often as the exercise asks, or was dropped, the next
can be suggested. What has a fixed time in the week stands until it is changed or dropped: each time that it took place
is noted beside it, once, whoever says so.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.access.viewer import Seat
from portal.exercises.mechanics.plan import MOMENTS, SHORT_LENGTH, Field, FieldKind, PlanSpec, option_text
from portal.exercises.mechanics.planning_model import (
    Arranger,
    Event,
    EventKind,
    Meeting,
    OutOfOrder,
    Picked,
    Plan,
    Settled,
    Stale,
    Status,
    Unfit,
    Values,
    Weekly,
    When,
    Words,
)

Plans = tuple[Plan, ...]


def plans_of(spec: PlanSpec, events: Sequence[Event]) -> Plans:
    """Return the plans that follow from events in their order, oldest first; raises ``Refused`` if one is out of order.

    What was settled in them was looked at when it was recorded, and isn't again.
    """
    return list(retold(spec, events))[-1]


def retold(spec: PlanSpec, events: Sequence[Event]) -> Iterator[Plans]:
    """Yield the plans at first (none) and after each event; raises ``Refused`` at one that is out of order."""
    plans: Plans = ()
    yield plans
    for event in events:
        _check_order(spec, plans, event)
        plans = _EFFECTS[event.kind](spec, plans, event)
        yield plans


def record(
    spec: PlanSpec, events: Sequence[Event], event: Event, *, ideas: Collection[str] = ()
) -> tuple[Event, ...]:
    """Return the events with one more, or as they were where it asks for what already is.

    A suggestion gets the number of its plan. ``ideas`` are the keys that may be picked now, where the ideas come from
    what both marked; the one that stands in the plan already stays possible. Raises ``OutOfOrder``, ``Unfit`` or
    ``Stale``.
    """
    plans = plans_of(spec, events)
    if event.kind is EventKind.PROPOSE:
        event = replace(event, plan=len(plans) + 1)
    if event.kind is EventKind.DONE and spec.is_weekly and not event.values:
        event = replace(event, values=_last_time(spec, plans, event))
    if event.kind is EventKind.CHANGE and _says_yes(spec, plans, event):
        event = replace(event, kind=EventKind.AGREE, values={})
    if _has_happened(spec, plans, event):
        return tuple(events)
    _check_order(spec, plans, event)
    if event.kind is EventKind.AGREE:
        _check_whole(spec, _plan(plans, event), event)
    if event.kind is EventKind.DONE and spec.is_weekly:
        _check_time(spec, _plan(plans, event), event)
    if event.kind in _WORDED:
        _check_values(spec, event)
        _check_pick(spec, plans, event, ideas)
    return (*events, event)


def current(plans: Plans) -> Plan | None:
    """Return the plan that is in the making or agreed, if there is one."""
    return plans[-1] if plans and not plans[-1].is_closed else None


def allowed(spec: PlanSpec, plan: Plan | None, seat: Seat) -> frozenset[EventKind]:
    """Return what a partner can do: the same for both, but that nobody agrees to what they suggested themselves."""
    del spec  # The same can be done with all plans.
    if plan is None or plan.is_closed:
        return frozenset({EventKind.PROPOSE})
    found = {EventKind.CHANGE, EventKind.LET_GO}
    if plan.status is Status.PROPOSED and plan.by is not seat:
        found.add(EventKind.AGREE)
    if plan.status in {Status.PROPOSED, Status.AGREED}:
        found.add(EventKind.PUT_OFF)
    if plan.status is Status.AGREED:
        found.add(EventKind.DONE)
    return frozenset(found)


def is_whole(spec: PlanSpec, values: Values) -> bool:
    """Say whether a plan says enough to agree to it: what, and when."""
    return spec.what.key in values and spec.moment.key in values


def moment_in(spec: PlanSpec, values: Values) -> When | Weekly | None:
    """Return when something is planned, if that is settled."""
    found = values.get(spec.moment.key)
    return found if isinstance(found, When | Weekly) else None


def has_passed(spec: PlanSpec, values: Values, now: datetime) -> bool:
    """Say whether the time of a plan has come; a weekly one comes again and again."""
    moment = moment_in(spec, values)
    return isinstance(moment, When) and moment.start <= now


def time_in_week(moment: Weekly, day: date) -> When:
    """Return the time that a weekly moment has in the week of a day, by the clocks of its zone."""
    its_day = day + timedelta(days=moment.weekday - day.weekday())
    return When(datetime.combine(its_day, moment.at, tzinfo=ZoneInfo(moment.zone)).astimezone(UTC))


def next_time(moment: Weekly, after: datetime) -> When:
    """Return the first time of a weekly moment that comes after another moment."""
    today = after.astimezone(ZoneInfo(moment.zone)).date()
    this_week = time_in_week(moment, today)
    return this_week if this_week.start > after else time_in_week(moment, today + timedelta(days=7))


def time_to_tell(spec: PlanSpec, plan: Plan, now: datetime) -> When | None:
    """Return the last time of a weekly plan, if it came since both agreed and nobody has said that it took place."""
    if plan.status is not Status.AGREED:
        return None
    last = _last(spec, plan, now)
    told = {moment_in(spec, meeting.values) for meeting in plan.meetings}
    return last if last is not None and last.start >= plan.at and last not in told else None


def _last(spec: PlanSpec, plan: Plan, now: datetime) -> When | None:
    moment = moment_in(spec, plan.values)
    if not isinstance(moment, Weekly):
        return None
    today = now.astimezone(ZoneInfo(moment.zone)).date()
    this_week = time_in_week(moment, today)
    return this_week if this_week.start <= now else time_in_week(moment, today - timedelta(days=7))


_WORDED: Final = frozenset({EventKind.PROPOSE, EventKind.CHANGE})
_ALWAYS: Final = frozenset({EventKind.PUT_OFF, EventKind.LET_GO})
"""What counts whichever wording its page showed: nobody is held to something by a change they haven't seen."""


def _named(plans: Plans, event: Event) -> Plan | None:
    return next((plan for plan in plans if plan.number == event.plan), None)


def _says_yes(spec: PlanSpec, plans: Plans, event: Event) -> bool:
    """Say whether a change suggests just what the other has suggested."""
    plan = _named(plans, event)
    return (
        plan is not None
        and EventKind.AGREE in allowed(spec, plan, event.seat)
        and plan.wording == event.seen
        and plan.values == event.values
        and is_whole(spec, plan.values)
    )


def _last_time(spec: PlanSpec, plans: Plans, event: Event) -> Values:
    """Return which time is meant by saying no more than that it took place: the last one."""
    plan = _named(plans, event)
    last = None if plan is None else _last(spec, plan, event.at)
    return {} if last is None else {spec.moment.key: last}


def _check_time(spec: PlanSpec, plan: Plan, event: Event) -> None:
    """Refuse a time that a weekly plan hasn't got, or that is more than a week away."""
    moment, time = moment_in(spec, plan.values), moment_in(spec, event.values)
    if not isinstance(moment, Weekly) or not isinstance(time, When):
        raise Unfit(event, (spec.moment.key,))
    its_day = time.start.astimezone(ZoneInfo(moment.zone)).date()
    if time != time_in_week(moment, its_day) or time.start >= event.at + timedelta(days=7):
        raise Unfit(event, (spec.moment.key,))


def _has_happened(spec: PlanSpec, plans: Plans, event: Event) -> bool:
    """Say whether an event asks for what already is, as a button pressed twice does."""
    plan = current(plans) if event.kind is EventKind.PROPOSE else _named(plans, event)
    if plan is None:
        return False
    is_worded = plan.values == event.values and plan.status in {Status.PROPOSED, Status.AGREED}
    match event.kind:
        case EventKind.PROPOSE | EventKind.CHANGE:
            return is_worded and plan.by in {None, event.seat}
        case EventKind.AGREE:
            return plan.status is Status.AGREED and plan.wording == event.seen
        case EventKind.PUT_OFF:
            return plan.status is Status.OPEN or plan.is_closed
        case EventKind.DONE if spec.is_weekly:
            time = moment_in(spec, event.values)
            return any(moment_in(spec, meeting.values) == time for meeting in plan.meetings)
        case EventKind.DONE:
            return any(meeting.wording == event.seen for meeting in plan.meetings)
        case EventKind.LET_GO:
            return plan.is_closed


def _check_order(spec: PlanSpec, plans: Plans, event: Event) -> None:
    standing = current(plans)
    if event.kind is EventKind.PROPOSE:
        if standing is not None:
            raise Stale(event, now=standing)
        return
    plan = _named(plans, event)
    if plan is None or (plan.is_closed and event.kind not in _ALWAYS):
        raise OutOfOrder(event)
    if event.kind not in _ALWAYS and event.seen != plan.wording:
        raise Stale(event, now=plan)
    if event.kind not in allowed(spec, plan, event.seat):
        raise OutOfOrder(event)


def _check_whole(spec: PlanSpec, plan: Plan, event: Event) -> None:
    if not is_whole(spec, plan.values) or has_passed(spec, plan.values, event.at):
        raise Unfit(event, (spec.moment.key,))


def _check_values(spec: PlanSpec, event: Event) -> None:
    """Refuse a suggestion that doesn't say what it is about, or says it in a way that can't be."""
    fields = {field.key: field for field in spec.fields}
    wrong = [
        key
        for key, value in event.values.items()
        if key not in fields or not _fits(fields[key], value, spec, event.at)
    ]
    if spec.what.key not in event.values:
        wrong.insert(0, spec.what.key)
    if wrong:
        raise Unfit(event, tuple(wrong))


def _fits(field: Field, value: Settled, spec: PlanSpec, at: datetime) -> bool:
    match value:
        case Picked(option):
            if field.kind is FieldKind.PICK_OR_SHORT:
                return option_text(spec.options, option) is not None
            return field.kind is FieldKind.PICK
        case Words(text):
            is_free = field.kind in {FieldKind.SHORT, FieldKind.PICK_OR_SHORT}
            return is_free and 0 < len(text.strip()) <= SHORT_LENGTH
        case When(start, end):
            return field.kind is FieldKind.MOMENT and start > at and (end is None or end > start)
        case Weekly(weekday, _clock, zone):
            return field.kind is FieldKind.WEEKLY_MOMENT and weekday in range(7) and zone != ""
        case Arranger(seats):
            return field.kind is FieldKind.WHO and bool(seats)


def _check_pick(spec: PlanSpec, plans: Plans, event: Event, ideas: Collection[str]) -> None:
    """Refuse an idea that isn't open to both now. A page says nothing about why one is gone."""
    picked = event.values.get(spec.what.key)
    if not isinstance(picked, Picked) or spec.what.kind is not FieldKind.PICK:
        return
    plan = _named(plans, event)
    if picked.option not in ideas and (plan is None or plan.values.get(spec.what.key) != picked):
        raise Unfit(event, (spec.what.key,))


def _with(plans: Plans, changed: Plan) -> Plans:
    return tuple(changed if plan.number == changed.number else plan for plan in plans)


def _plan(plans: Plans, event: Event) -> Plan:
    return plans[event.plan - 1]


def _without_moment(spec: PlanSpec, plan: Plan) -> dict[str, Settled]:
    keys = {field.key for field in spec.fields if field.kind in MOMENTS}
    return {key: value for key, value in plan.values.items() if key not in keys}


def _propose(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    del spec
    made = Plan(
        number=len(plans) + 1,
        status=Status.PROPOSED,
        values=event.values,
        wording=1,
        by=event.seat,
        at=event.at,
    )
    return (*plans, made)


def _change(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    del spec
    plan = _plan(plans, event)
    changed = replace(
        plan,
        status=Status.PROPOSED,
        values=event.values,
        wording=plan.wording + 1,
        by=event.seat,
        at=event.at,
    )
    return _with(plans, changed)


def _agree(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    del spec
    return _with(plans, replace(_plan(plans, event), status=Status.AGREED, by=None, at=event.at))


def _put_off(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    plan = _plan(plans, event)
    values = _without_moment(spec, plan)
    changed = replace(plan, status=Status.OPEN, values=values, wording=plan.wording + 1, by=None, at=event.at)
    return _with(plans, changed)


def _done(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    plan = _plan(plans, event)
    meeting = Meeting(len(plan.meetings) + 1, plan.wording, {**plan.values, **event.values}, event.at)
    meetings = (*plan.meetings, meeting)
    if spec.is_weekly:
        return _with(plans, replace(plan, meetings=meetings))
    if len(meetings) < spec.meetings:
        again = _plan(_put_off(spec, plans, event), event)
        return _with(plans, replace(again, meetings=meetings))
    return _with(plans, replace(plan, status=Status.DONE, meetings=meetings, at=event.at))


def _let_go(spec: PlanSpec, plans: Plans, event: Event) -> Plans:
    del spec
    return _with(plans, replace(_plan(plans, event), status=Status.LET_GO, by=None, at=event.at))


_EFFECTS: Final[Mapping[EventKind, Callable[[PlanSpec, Plans, Event], Plans]]] = {
    EventKind.PROPOSE: _propose,
    EventKind.CHANGE: _change,
    EventKind.AGREE: _agree,
    EventKind.PUT_OFF: _put_off,
    EventKind.DONE: _done,
    EventKind.LET_GO: _let_go,
}
