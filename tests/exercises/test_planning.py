"""How two people make a plan: neither is ahead of the other, nothing is lost, and dropping it always counts."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.exercises.mechanics import plan
from portal.exercises.mechanics.planning import (
    allowed,
    current,
    has_passed,
    is_whole,
    moment_in,
    next_time,
    plans_of,
    record,
    retold,
    time_in_week,
    time_to_tell,
)
from portal.exercises.mechanics.planning_model import (
    Arranger,
    Event,
    EventKind,
    OutOfOrder,
    Picked,
    Refused,
    Stale,
    Status,
    Unfit,
    Weekly,
    When,
    Words,
    packed,
    unpacked,
)
from tests.exercises.test_mechanics_plan import SHARED, WEEKLY
from tests.exercises.turns import NOW, A, B, at, spec_of

K = EventKind
SPEC = spec_of(plan, SHARED)
ONCE = replace(SPEC, meetings=1)
EVERY_WEEK = spec_of(plan, WEEKLY)
IDEAS = ("tea", "walk")
SATURDAY = When(NOW + timedelta(days=6), NOW + timedelta(days=6, hours=2))
TEA = {"what": Picked("tea"), "when": SATURDAY, "who": Arranger(frozenset({A}))}


def after(spec, *steps, ideas=IDEAS):
    """Do steps such as ``(A, K.PROPOSE, TEA)`` a minute apart, each from a fresh page."""
    events = ()
    for minute, (seat, kind, *rest) in enumerate(steps):
        events = do(spec, events, seat, kind, *rest, minutes=minute, ideas=ideas)
    return events


def do(spec, events, seat, kind, values=(), *, minutes=500, seen=None, number=None, ideas=IDEAS):
    plans = plans_of(spec, events)
    last = plans[-1] if plans else None
    event = Event(
        seat,
        kind,
        plan=number or (last.number if last else 0),
        at=at(minutes),
        values=dict(values),
        seen=seen if seen is not None else (last.wording if last else 0),
    )
    return record(spec, events, event, ideas=ideas)


def now(spec, events):
    return plans_of(spec, events)[-1]


def test_one_suggests_and_the_other_agrees():
    suggested = after(SPEC, (A, K.PROPOSE, TEA))
    assert (now(SPEC, suggested).status, now(SPEC, suggested).by) == (Status.PROPOSED, A)
    assert K.AGREE not in allowed(SPEC, now(SPEC, suggested), A)
    assert K.AGREE in allowed(SPEC, now(SPEC, suggested), B)

    agreed = do(SPEC, suggested, B, K.AGREE)

    assert (now(SPEC, agreed).status, now(SPEC, agreed).by) == (Status.AGREED, None)
    assert moment_in(SPEC, now(SPEC, agreed).values) == SATURDAY


def test_nobody_agrees_to_their_own_suggestion():
    with pytest.raises(OutOfOrder):
        do(SPEC, after(SPEC, (A, K.PROPOSE, TEA)), A, K.AGREE)


def test_a_change_undoes_the_agreement_and_asks_the_other():
    changed = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE), (B, K.CHANGE, {**TEA, "where": Words("Home")}))
    plan_now = now(SPEC, changed)
    assert (plan_now.status, plan_now.by, plan_now.wording) == (Status.PROPOSED, B, 2)
    assert K.AGREE in allowed(SPEC, plan_now, A)


def test_to_suggest_just_what_the_other_has_suggested_is_to_agree():
    agreed = after(SPEC, (A, K.PROPOSE, TEA), (B, K.CHANGE, TEA))
    assert [event.kind for event in agreed] == [K.PROPOSE, K.AGREE]
    assert now(SPEC, agreed).status is Status.AGREED


def test_a_plan_without_a_time_can_be_suggested_and_not_agreed_to():
    without = after(SPEC, (A, K.PROPOSE, {"what": Picked("tea")}))
    assert not is_whole(SPEC, now(SPEC, without).values)
    with pytest.raises(Unfit) as refused:
        do(SPEC, without, B, K.AGREE)
    assert refused.value.keys == ("when",)

    filled = do(SPEC, without, B, K.CHANGE, TEA)

    assert now(SPEC, do(SPEC, filled, A, K.AGREE)).status is Status.AGREED


def test_nobody_agrees_to_a_time_that_has_come():
    suggested = after(SPEC, (A, K.PROPOSE, TEA))
    late = 7 * 24 * 60
    assert has_passed(SPEC, TEA, at(late))
    with pytest.raises(Unfit):
        do(SPEC, suggested, B, K.AGREE, minutes=late)


def test_both_suggest_at_once_and_the_second_sees_both():
    first = after(SPEC, (A, K.PROPOSE, TEA))
    walk = {**TEA, "what": Picked("walk")}
    with pytest.raises(Stale) as refused:
        do(SPEC, first, B, K.PROPOSE, walk)
    assert refused.value.now.values == TEA
    assert refused.value.event.values == walk

    instead = do(SPEC, first, B, K.CHANGE, walk)

    assert now(SPEC, instead).values == walk


@pytest.mark.parametrize("kind", [K.CHANGE, K.AGREE, K.DONE])
def test_an_old_page_changes_nothing(kind):
    events = after(SPEC, (A, K.PROPOSE, TEA), (A, K.CHANGE, {**TEA, "where": Words("Home")}))
    with pytest.raises(Stale) as refused:
        do(SPEC, events, B, kind, TEA if kind is K.CHANGE else (), seen=1)
    assert refused.value.now == now(SPEC, events)


@pytest.mark.parametrize("kind", [K.PUT_OFF, K.LET_GO])
@pytest.mark.parametrize("seat", [A, B])
def test_putting_off_and_dropping_count_from_any_page(kind, seat):
    agreed = after(SPEC, (A, K.PROPOSE, TEA), (B, K.CHANGE, {**TEA, "where": Words("Home")}), (A, K.AGREE))
    ended = do(SPEC, agreed, seat, kind, seen=1)
    assert now(SPEC, ended).by is None
    assert moment_in(SPEC, now(SPEC, do(SPEC, agreed, seat, K.PUT_OFF, seen=1)).values) is None


def test_putting_off_looks_the_same_whoever_did_it():
    agreed = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE))
    found = {seat: now(SPEC, do(SPEC, agreed, seat, K.PUT_OFF)) for seat in (A, B)}
    assert found[A] == found[B]


def test_what_was_put_off_keeps_everything_but_its_time():
    events = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE), (A, K.PUT_OFF))
    plan_now = now(SPEC, events)
    assert plan_now.status is Status.OPEN
    assert set(plan_now.values) == {"what", "who"}
    assert now(SPEC, do(SPEC, events, B, K.CHANGE, TEA)).by is B


def test_it_takes_place_as_often_as_the_exercise_asks():
    once = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE), (A, K.DONE))
    assert (now(SPEC, once).status, len(now(SPEC, once).meetings)) == (Status.OPEN, 1)
    later = {**TEA, "when": When(NOW + timedelta(days=9))}
    twice = do(SPEC, once, B, K.CHANGE, later)
    twice = do(SPEC, twice, A, K.AGREE)
    twice = do(SPEC, twice, B, K.DONE)
    assert (now(SPEC, twice).status, [one.time for one in now(SPEC, twice).meetings]) == (
        Status.DONE,
        [1, 2],
    )
    assert current(plans_of(SPEC, twice)) is None
    assert now(SPEC, do(SPEC, twice, B, K.PROPOSE, TEA)).number == 2


def test_both_saying_that_it_took_place_counts_once():
    agreed = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE))
    first = do(SPEC, agreed, A, K.DONE, seen=1)
    assert do(SPEC, first, B, K.DONE, seen=1) == first


def test_pressing_twice_is_pressing_once():
    events = after(ONCE, (A, K.PROPOSE, TEA))
    assert do(ONCE, events, A, K.PROPOSE, TEA) == events
    agreed = do(ONCE, events, B, K.AGREE)
    assert do(ONCE, agreed, B, K.AGREE) == agreed
    gone = do(ONCE, agreed, A, K.LET_GO)
    assert do(ONCE, gone, B, K.LET_GO) == gone
    assert do(ONCE, gone, B, K.PUT_OFF) == gone


def test_an_idea_that_is_gone_cant_be_suggested_and_one_that_stands_in_the_plan_stays():
    with pytest.raises(Unfit) as refused:
        after(SPEC, (A, K.PROPOSE, TEA), ideas=("walk",))
    assert refused.value.keys == ("what",)
    standing = after(SPEC, (A, K.PROPOSE, TEA))
    changed = do(SPEC, standing, B, K.CHANGE, {**TEA, "where": Words("Home")}, ideas=())
    assert now(SPEC, changed).values["what"] == Picked("tea")
    with pytest.raises(Unfit):
        do(SPEC, standing, B, K.CHANGE, {**TEA, "what": Picked("walk")}, ideas=())


def test_what_was_picked_long_ago_is_not_asked_for_again():
    events = after(SPEC, (A, K.PROPOSE, TEA), (B, K.AGREE))
    assert len(list(retold(SPEC, events))) == 3


def test_a_weekly_plan_stands_until_it_is_changed():
    hour = {"what": Picked("coffee"), "when": Weekly(6, time(10), "Europe/London")}
    agreed = after(EVERY_WEEK, (A, K.PROPOSE, hour), (B, K.AGREE))
    assert not has_passed(EVERY_WEEK, hour, at(10_000_000))
    assert allowed(EVERY_WEEK, now(EVERY_WEEK, agreed), A) == {K.CHANGE, K.LET_GO, K.PUT_OFF, K.DONE}
    told = do(EVERY_WEEK, agreed, A, K.DONE, minutes=WEEK)
    standing = now(EVERY_WEEK, told)
    assert (standing.status, standing.wording, standing.values) == (Status.AGREED, 1, hour)


WEEK = 7 * 24 * 60
HOUR = {"what": Picked("coffee"), "when": Weekly(6, time(10), "Europe/London")}
EVERY_SUNDAY = after(EVERY_WEEK, (A, K.PROPOSE, HOUR), (B, K.AGREE))


def test_each_time_of_something_weekly_is_noted_once_whoever_says_so():
    first = do(EVERY_WEEK, EVERY_SUNDAY, A, K.DONE, minutes=WEEK)
    assert do(EVERY_WEEK, first, B, K.DONE, minutes=WEEK + 60) == first
    second = do(EVERY_WEEK, first, B, K.DONE, minutes=2 * WEEK)
    meetings = now(EVERY_WEEK, second).meetings
    assert [each.time for each in meetings] == [1, 2]
    starts = [moment_in(EVERY_WEEK, each.values).start for each in meetings]
    assert starts[1] - starts[0] == timedelta(days=7)
    assert all((each.weekday(), each.hour) == (6, 10) for each in starts)
    assert all(each.values["what"] == Picked("coffee") for each in meetings)


def test_it_can_be_noted_for_a_week_whose_time_is_still_to_come_because_it_was_moved():
    coming = time_in_week(HOUR["when"], at(0).date() + timedelta(days=1))
    named = do(EVERY_WEEK, EVERY_SUNDAY, A, K.DONE, {"when": coming})
    assert moment_in(EVERY_WEEK, now(EVERY_WEEK, named).meetings[0].values) == coming


@pytest.mark.parametrize(
    "time",
    [
        When(NOW + timedelta(days=1, minutes=1)),
        time_in_week(HOUR["when"], NOW.date() + timedelta(days=15)),
        Weekly(6, time(10), "Europe/London"),
    ],
)
def test_a_time_that_a_weekly_plan_has_not_got_is_refused(time):
    with pytest.raises(Unfit) as refused:
        do(EVERY_WEEK, EVERY_SUNDAY, A, K.DONE, {"when": time})
    assert refused.value.keys == ("when",)


def test_a_time_is_asked_about_once_it_came_and_until_somebody_has_said_so():
    standing = now(EVERY_WEEK, EVERY_SUNDAY)
    assert time_to_tell(EVERY_WEEK, standing, at(1)) is None, "the last one was before they agreed"
    last = time_to_tell(EVERY_WEEK, standing, at(WEEK))
    assert at(0) < last.start <= at(WEEK)
    told = do(EVERY_WEEK, EVERY_SUNDAY, A, K.DONE, minutes=WEEK)
    assert time_to_tell(EVERY_WEEK, now(EVERY_WEEK, told), at(WEEK + 1)) is None
    assert time_to_tell(EVERY_WEEK, now(EVERY_WEEK, told), at(2 * WEEK)) == next_time(
        HOUR["when"], last.start
    )
    put_off = do(EVERY_WEEK, EVERY_SUNDAY, A, K.PUT_OFF)
    assert time_to_tell(EVERY_WEEK, now(EVERY_WEEK, put_off), at(WEEK)) is None


def test_a_weekly_time_keeps_its_hour_when_the_clocks_change():
    summer, winter = (time_in_week(HOUR["when"], day) for day in (date(2026, 10, 14), date(2026, 10, 21)))
    assert (summer.start.hour, winter.start.hour) == (9, 10)
    assert winter.start - summer.start == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({}, ("what",)),
        ({"when": SATURDAY}, ("what",)),
        ({**TEA, "when": When(NOW - timedelta(days=1))}, ("when",)),
        ({**TEA, "when": When(SATURDAY.start, SATURDAY.start)}, ("when",)),
        ({**TEA, "where": Words("  ")}, ("where",)),
        ({**TEA, "where": Words("x" * 201)}, ("where",)),
        ({**TEA, "where": Picked("tea")}, ("where",)),
        ({**TEA, "who": Arranger(frozenset())}, ("who",)),
        ({**TEA, "when": Weekly(1, time(9), "Europe/London")}, ("when",)),
        ({**TEA, "what": Words("Tea")}, ("what",)),
        ({**TEA, "elsewhere": Words("x")}, ("elsewhere",)),
    ],
)
def test_what_cant_be_is_named_by_its_field(values, keys):
    with pytest.raises(Unfit) as refused:
        after(SPEC, (A, K.PROPOSE, values))
    assert refused.value.keys == keys
    assert refused.value.event.values == values


TIMES = st.datetimes(timezones=st.just(NOW.tzinfo))
SETTLED = st.one_of(
    st.builds(Picked, st.text(max_size=20)),
    st.builds(Words, st.text(max_size=20)),
    st.builds(When, TIMES, st.none() | TIMES),
    st.builds(
        Weekly, st.integers(0, 6), st.times().map(lambda one: one.replace(second=0, microsecond=0)), st.text()
    ),
    st.builds(Arranger, st.sets(st.sampled_from([A, B]), min_size=1).map(frozenset)),
)


@given(values=st.dictionaries(st.text(max_size=8), SETTLED, max_size=5))
def test_what_is_settled_comes_back_from_its_kept_form(values):
    assert unpacked(packed(values)) == values


@pytest.mark.parametrize("kept", [{"x": {}}, {"x": "words"}, {"x": {"option": 3}}, {"x": {"seats": ["c"]}}])
def test_nothing_else_is_taken_for_something_settled(kept):
    with pytest.raises(ValueError, match=r"plan settles|Seat"):
        unpacked(kept)


class TwoPartnersPlan(RuleBasedStateMachine):
    """Two people with pages of any age, and every kind of step."""

    def __init__(self):
        super().__init__()
        self.events, self.minute = (), 0

    @property
    def plans(self):
        return plans_of(SPEC, self.events)

    @rule(
        seat=st.sampled_from([A, B]),
        kind=st.sampled_from(list(K)),
        age=st.integers(0, 2),
        idea=st.sampled_from(["tea", "walk", "gone"]),
        has_time=st.booleans(),
    )
    def somebody_does_something(self, seat, kind, age, idea, has_time):
        self.minute += 1
        before, plans = self.events, self.plans
        last = plans[-1] if plans else None
        values = {"what": Picked(idea)} | ({"when": SATURDAY} if has_time else {})
        event = Event(
            seat,
            kind,
            plan=last.number if last else 1,
            at=at(self.minute),
            values=values if kind in {K.PROPOSE, K.CHANGE} else {},
            seen=max(0, (last.wording if last else 0) - age),
        )
        try:
            self.events = record(SPEC, self.events, event, ideas=IDEAS)
        except Refused as refused:
            self.check_refusal(refused, event, last)
        assert self.events[: len(before)] == before
        assert len(self.events) - len(before) in {0, 1}

    def check_refusal(self, refused, event, last):
        assert refused.event.values == event.values
        assert last is None or last.is_closed or event.kind not in {K.PUT_OFF, K.LET_GO}

    @invariant()
    def only_the_last_plan_is_in_the_making(self):
        assert all(one.is_closed for one in self.plans[:-1])
        assert [one.number for one in self.plans] == list(range(1, len(self.plans) + 1))

    @invariant()
    def nothing_is_agreed_that_only_one_of_them_wants(self):
        last = self.plans[-1] if self.plans else None
        if last is not None and last.status is Status.AGREED:
            assert is_whole(SPEC, last.values)
            worded = [one for one in self.events if one.kind in {K.PROPOSE, K.CHANGE}][-1]
            agreed = [one for one in self.events if one.kind is K.AGREE][-1]
            assert worded.seat is not agreed.seat
            assert worded.values == last.values

    @invariant()
    def both_can_do_the_same_but_agree_to_themselves(self):
        last = self.plans[-1] if self.plans else None
        assert allowed(SPEC, last, A) ^ allowed(SPEC, last, B) <= {K.AGREE}
        assert last is None or (last.by is None) is (last.status is not Status.PROPOSED)

    @invariant()
    def it_never_takes_place_more_often_than_asked(self):
        for one in self.plans:
            assert len(one.meetings) <= SPEC.meetings
            assert (one.status is Status.DONE) is (len(one.meetings) == SPEC.meetings)
            assert len({meeting.wording for meeting in one.meetings}) == len(one.meetings)


TwoPartnersPlan.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_two_partners_with_pages_of_any_age = TwoPartnersPlan.TestCase
