"""The rules by which steps open: five releases, gates, sessions, flags and pauses, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exercises.journey import (
    Facts,
    Mark,
    Meeting,
    State,
    Turn,
    Wait,
    is_finished,
    outlook,
    to_release,
    turns,
)
from portal.exercises.pathway import (
    Anchor,
    ClinicianNotes,
    ForWhom,
    Gate,
    GateKind,
    Otherwise,
    PathStep,
    Pathway,
    Release,
    Side,
)

START = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
NEXT_MORNING = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


def step(
    key: str, release: Release, *, days: int = 0, anchor: Anchor | None = None, gates: Sequence[Gate] = ()
) -> PathStep:
    return PathStep(
        key=key, exercise=f"exercise-{key}", release=release, days=days, anchor=anchor, gates=tuple(gates),
        whom=ForWhom.BOTH, recurrence=None, due_days=7, times=1, word="",
    )  # fmt: skip


def path(*steps: PathStep) -> Pathway:
    notes = ClinicianNotes(rationale="r", not_when="n", look_for="l")
    return Pathway(
        slug="p", version=1, title="P", purpose="p", weeks=1, why="w", contraindications=(), sources=(),
        clinician=notes, steps=steps, source="", digest="00",
    )  # fmt: skip


def facts(now: datetime = START, **other: object) -> Facts:
    return Facts(**({"now": now, "started_at": START, "zone": ZONE, "matches": {}} | other))  # type: ignore[arg-type]


AHEAD = Mark()
OPEN = Mark(state=State.RELEASED, released_at=START)
DONE = Mark(state=State.DONE, released_at=START, done_at=START)


def test_steps_that_open_at_once_open_together() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AT_ONCE), step("c", Release.AFTER))
    assert to_release(pathway, [AHEAD] * 3, facts()) == (0, 1)


def test_a_step_after_another_waits_until_that_is_done() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AFTER))
    assert to_release(pathway, [OPEN, AHEAD], facts()) == ()
    assert to_release(pathway, [DONE, AHEAD], facts()) == (1,)


def test_a_delay_ends_in_the_local_morning_some_days_after_the_step_before_was_done() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AFTER_DELAY, days=1))
    assert outlook(pathway, [DONE, AHEAD], 1, facts()).opens_at == NEXT_MORNING
    assert to_release(pathway, [DONE, AHEAD], facts(NEXT_MORNING - timedelta(seconds=1))) == ()
    assert to_release(pathway, [DONE, AHEAD], facts(NEXT_MORNING)) == (1,)


def test_an_interval_counts_from_the_opening_whether_the_step_is_done_or_not() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.INTERVAL, days=1))
    assert to_release(pathway, [OPEN, AHEAD], facts(NEXT_MORNING)) == (1,)


def test_a_step_on_a_date_counts_from_the_start_unless_a_day_was_chosen() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.ON_DATE, days=10))
    assert outlook(pathway, [OPEN, AHEAD], 1, facts()).opens_at == datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
    chosen = replace(AHEAD, moved_to=START + 2 * DAY)
    assert outlook(pathway, [OPEN, chosen], 1, facts()).opens_at == START + 2 * DAY
    assert to_release(pathway, [OPEN, chosen], facts(START + 2 * DAY)) == (1,)


def test_no_step_overtakes_an_earlier_one() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AFTER), step("c", Release.ON_DATE, days=1))
    assert to_release(pathway, [OPEN, AHEAD, AHEAD], facts(START + 30 * DAY)) == ()
    assert Wait.EARLIER_STEP in outlook(pathway, [OPEN, AHEAD, AHEAD], 2, facts()).waits


def test_what_was_left_out_counts_as_done_from_then_on() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AFTER_DELAY, days=1))
    left_out = Mark(state=State.SKIPPED, done_at=START)
    assert to_release(pathway, [left_out, AHEAD], facts(NEXT_MORNING)) == (1,)


def session(at: datetime, *, held: bool) -> Meeting:
    return Meeting(starts_at=at, ends_at=at + timedelta(minutes=50), was_held=held)


def test_a_step_before_a_session_opens_some_days_before_the_next_one() -> None:
    pathway = path(step("a", Release.AT_ONCE, anchor=Anchor(side=Side.BEFORE, days=3)))
    meeting = session(START + 7 * DAY, held=False)
    assert outlook(pathway, [AHEAD], 0, facts()).waits == (Wait.SESSION,)
    found = outlook(pathway, [AHEAD], 0, facts(sessions=[meeting]))
    assert (found.waits, found.opens_at) == ((Wait.TIME,), datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert to_release(pathway, [AHEAD], facts(START + 4 * DAY, sessions=[meeting])) == (0,)


def test_a_session_that_has_passed_without_being_held_is_no_next_session() -> None:
    pathway = path(step("a", Release.AT_ONCE, anchor=Anchor(side=Side.BEFORE, days=3)))
    missed = session(START + DAY, held=False)
    assert outlook(pathway, [AHEAD], 0, facts(START + 2 * DAY, sessions=[missed])).waits == (Wait.SESSION,)


def test_a_step_after_a_session_waits_for_one_that_was_held_after_its_own_time_had_come() -> None:
    pathway = path(
        step("a", Release.AT_ONCE), step("b", Release.AFTER, anchor=Anchor(side=Side.AFTER, days=1))
    )
    before, after = session(START - DAY, held=True), session(START + DAY, held=True)
    planned = session(START + DAY, held=False)
    assert to_release(pathway, [DONE, AHEAD], facts(START + 9 * DAY, sessions=[before, planned])) == ()
    held = facts(START + 2 * DAY, sessions=[before, after])
    assert outlook(pathway, [DONE, AHEAD], 1, held).opens_at == datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    assert to_release(pathway, [DONE, AHEAD], held) == (1,)


GATED = path(
    step("a", Release.AT_ONCE),
    step("b", Release.INTERVAL, gates=[Gate(kind=GateKind.BOTH_DONE, of="a")]),
    step("c", Release.INTERVAL, gates=[Gate(kind=GateKind.MATCHES, of="a", at_least=3)]),
    step("d", Release.INTERVAL, gates=[Gate(kind=GateKind.THERAPIST)]),
    step("e", Release.INTERVAL, gates=[Gate(kind=GateKind.NO_FLAG)]),
)


@pytest.mark.parametrize(
    ("position", "marks", "more", "wait"),
    [
        (1, [OPEN, AHEAD, AHEAD, AHEAD, AHEAD], {}, Wait.BOTH_DONE),
        (2, [OPEN, OPEN, AHEAD, AHEAD, AHEAD], {"matches": {"a": 2}}, Wait.MATCHES),
        (3, [OPEN, OPEN, OPEN, AHEAD, AHEAD], {}, Wait.THERAPIST),
        (4, [OPEN, OPEN, OPEN, OPEN, AHEAD], {"has_flag": True}, Wait.FLAG),
    ],
)
def test_each_gate_names_what_it_waits_for(
    position: int, marks: list[Mark], more: dict[str, object], wait: Wait
) -> None:
    assert outlook(GATED, marks, position, facts(**more)).waits == (wait,)


@pytest.mark.parametrize(
    ("position", "marks", "more"),
    [
        (1, [DONE, AHEAD, AHEAD, AHEAD, AHEAD], {}),
        (2, [OPEN, OPEN, AHEAD, AHEAD, AHEAD], {"matches": {"a": 3}}),
        (3, [OPEN, OPEN, OPEN, Mark(opened_by_therapist=True), AHEAD], {}),
        (4, [OPEN, OPEN, OPEN, OPEN, AHEAD], {}),
    ],
)
def test_each_gate_opens(position: int, marks: list[Mark], more: dict[str, object]) -> None:
    assert position in to_release(GATED, marks, facts(**more))


def test_something_new_for_both_is_held_while_a_flag_is_open_and_what_is_private_is_not() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.AT_ONCE))
    held = facts(has_flag=True, conjoint=frozenset({"b"}))
    assert to_release(pathway, [AHEAD, AHEAD], held) == (0,)
    assert outlook(pathway, [OPEN, AHEAD], 1, held).waits == (Wait.FLAG,)


LIGHT = path(
    step("a", Release.AT_ONCE),
    step("b", Release.AFTER, gates=[Gate(kind=GateKind.NO_FLAG, otherwise=Otherwise.SKIP)]),
    step("c", Release.AFTER),
    step("d", Release.AFTER),
)
FLAGGED = facts(has_flag=True, conjoint=frozenset({"b", "d"}))


def test_a_light_step_is_left_out_while_a_flag_is_open_and_the_next_one_has_its_turn() -> None:
    found = turns(LIGHT, [DONE, AHEAD, AHEAD, AHEAD], FLAGGED)
    assert found == (Turn(1, State.SKIPPED), Turn(2, State.RELEASED))
    assert to_release(LIGHT, [DONE, AHEAD, AHEAD, AHEAD], FLAGGED) == (2,)


def test_a_light_step_opens_like_any_other_while_no_flag_is_open() -> None:
    assert turns(LIGHT, [DONE, AHEAD, AHEAD, AHEAD], facts()) == (Turn(1, State.RELEASED),)


@pytest.mark.parametrize(
    ("marks", "more"),
    [
        ([OPEN, AHEAD, AHEAD, AHEAD], {}),
        ([DONE, replace(AHEAD, moved_to=START + DAY), AHEAD, AHEAD], {}),
        ([DONE, AHEAD, AHEAD, AHEAD], {"unmet": frozenset({"b"})}),
        ([DONE, AHEAD, AHEAD, AHEAD], {"is_paused": True}),
    ],
)
def test_a_light_step_whose_turn_has_not_come_is_not_left_out_yet(
    marks: list[Mark], more: dict[str, object]
) -> None:
    assert turns(LIGHT, marks, replace(FLAGGED, **more)) == ()  # type: ignore[arg-type]  # names of fields


def test_a_light_step_that_waits_for_the_therapist_is_left_out_only_after_that() -> None:
    gates = [Gate(kind=GateKind.THERAPIST), Gate(kind=GateKind.NO_FLAG, otherwise=Otherwise.SKIP)]
    pathway = path(step("a", Release.AT_ONCE, gates=gates))
    assert turns(pathway, [AHEAD], facts(has_flag=True)) == ()
    opened = replace(AHEAD, opened_by_therapist=True)
    assert turns(pathway, [opened], facts(has_flag=True)) == (Turn(0, State.SKIPPED),)


def test_what_follows_a_step_that_was_left_out_waits_for_the_flag_if_it_is_for_both() -> None:
    pathway = path(LIGHT.steps[0], LIGHT.steps[1], step("d", Release.AFTER))
    assert turns(pathway, [DONE, AHEAD, AHEAD], FLAGGED) == (Turn(1, State.SKIPPED),)


def test_nothing_opens_while_a_journey_is_paused() -> None:
    assert to_release(path(step("a", Release.AT_ONCE)), [AHEAD], facts(is_paused=True)) == ()


def test_a_morning_is_a_local_one_on_both_sides_of_a_clock_change() -> None:
    pathway = path(step("a", Release.AT_ONCE), step("b", Release.INTERVAL, days=1))
    before_summer = datetime(2027, 3, 27, 20, 0, tzinfo=UTC)
    opened = Mark(state=State.RELEASED, released_at=before_summer)
    found = outlook(pathway, [opened, AHEAD], 1, facts(before_summer))
    assert found.opens_at == datetime(2027, 3, 28, 4, 0, tzinfo=UTC)


RULES = st.builds(
    lambda key, release, days: step(key, release, days=days),
    st.uuids().map(str),
    st.sampled_from(Release),
    st.integers(0, 5),
)


@given(st.lists(RULES, min_size=1, max_size=6), st.data())
def test_time_and_doing_always_lead_to_the_end_one_step_after_the_other(
    steps: list[PathStep], data: st.DataObject
) -> None:
    if steps[0].release in {Release.AFTER, Release.AFTER_DELAY}:
        steps[0] = replace(steps[0], release=Release.AT_ONCE)
    pathway, marks, now = path(*steps), [AHEAD] * len(steps), START
    for _turn in range(200):
        for position in to_release(pathway, marks, facts(now)):
            assert all(mark.state is not State.AHEAD for mark in marks[:position])
            marks[position] = replace(marks[position], state=State.RELEASED, released_at=now)
        open_now = [place for place, mark in enumerate(marks) if mark.state is State.RELEASED]
        if open_now:
            done = data.draw(st.sampled_from(open_now))
            marks[done] = replace(marks[done], state=State.DONE, done_at=now)
        if is_finished(marks):
            break
        now += DAY
    assert is_finished(marks)
