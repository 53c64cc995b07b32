"""A couple on its way: what opens by itself, what a therapist decides, and what nobody else learns of it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House
from portal.exercises import journey_commands, queries, safety
from portal.exercises.journey_commands import Arming, Moved
from portal.exercises.journey_jobs import advance_all
from portal.exercises.journey_queries import journeys_of, way_of
from portal.exercises.models import Assignment, AssignmentState
from portal.exercises.pathway import pathways
from portal.exercises.pathway_models import Journey, JourneyState, JourneyStep, SessionState, StepState
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.people.models import OutgoingMail
from tests.exercises.doing import fill, send
from tests.factories import MORNING, Pair, World

DAY = timedelta(days=1)
FIRST = "first-four-weeks"
CALM = {
    "abuse": 0, "afraid": "no", "speak_freely": "freely", "tell_in_person": "no_need"
}  # fmt: skip
TROUBLED = {"afraid": "often"}


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def arm(records: Records, pair: Pair, slug: str = FIRST, *, once_key: str = "", **arming: object) -> str:
    """Put the couple on its way; return the journey's id."""
    with records.within(pair.therapist) as scope:
        plan = Arming(couple_id=pair.couple_id, **arming)  # type: ignore[arg-type]
        return journey_commands.arm(scope, pathways()[slug], plan, once_key=once_key or new_id()).id


def states(records: Records, pair: Pair) -> dict[str, str]:
    """Return where each step of the newest journey stands, by key."""
    with records.within(pair.therapist, read_only=True) as scope:
        way = way_of(scope, journeys_of(scope, pair.couple_id)[0])
        return {step.key: way.steps[place].state for place, step in enumerate(way.pathway.steps)}


def opened(records: Records, pair: Pair) -> dict[str, str]:
    """Return the assignments that partner a sees now, by exercise."""
    with records.within(pair.a, read_only=True) as scope:
        return {each.slug: each.id for each in queries.open_assignments(scope)}


def answer(records: Records, pair: Pair, slug: str, **values: object) -> None:
    """Let both partners send an exercise that is open."""
    assignment_id = opened(records, pair)[slug]
    for partner in (pair.a, pair.b):
        send(records, partner, assignment_id, fill(library()[slug], "canary") | calm_for(slug) | values)  # type: ignore[operator]


def calm_for(slug: str) -> dict[str, object]:
    """Return answers that raise no flag, for the form that asks about safety."""
    return dict(CALM) if slug == "stressors" else {}


def revision(records: Records, pair: Pair, journey_id: str) -> int:
    with records.within(pair.therapist, read_only=True) as scope:
        return scope.find(Journey, journey_id).revision


def test_arming_opens_the_first_steps_and_tells_both_in_neutral_words(records: Records, pair: Pair) -> None:
    arm(records, pair)
    assert set(opened(records, pair)) == {"warning-signs", "stressors"}
    with records.within(House(pair.therapist.practice_id), read_only=True) as scope:
        mails = scope.all(scope.select(OutgoingMail))
    assert {(mail.account_id, mail.message) for mail in mails} == {
        (pair.a.account_id, "news"),
        (pair.b.account_id, "news"),
    }


def test_arming_twice_with_one_page_happens_once(records: Records, pair: Pair) -> None:
    assert arm(records, pair, once_key="k") == arm(records, pair, once_key="k")
    assert len(opened(records, pair)) == 2


def test_time_opens_the_next_step_by_the_minutely_sweep(records: Records, world: World, pair: Pair) -> None:
    arm(records, pair)
    world.clock.move_to(MORNING + DAY)
    advance_all(records)
    assert "daily-five" not in opened(records, pair)
    world.clock.move_to(MORNING + 2 * DAY)
    advance_all(records)
    advance_all(records)
    assert "daily-five" in opened(records, pair)
    assert states(records, pair)["five"] == StepState.RELEASED


def test_a_step_is_done_when_both_have_sent_it_and_not_before(
    records: Records, world: World, pair: Pair
) -> None:
    arm(records, pair)
    assignment = opened(records, pair)["warning-signs"]
    send(records, pair.a, assignment, fill(library()["warning-signs"], "canary"))
    advance_all(records)
    assert states(records, pair)["signs"] == StepState.RELEASED
    send(records, pair.b, assignment, fill(library()["warning-signs"], "canary"))
    advance_all(records)
    assert states(records, pair)["signs"] == StepState.DONE


def test_steps_left_out_beforehand_never_open(records: Records, pair: Pair) -> None:
    arm(records, pair, left_out={"load"})
    assert set(opened(records, pair)) == {"warning-signs"}
    assert states(records, pair)["load"] == StepState.SKIPPED


def test_a_pause_holds_everything_and_going_on_lets_what_is_due_open(
    records: Records, world: World, pair: Pair
) -> None:
    journey_id = arm(records, pair)
    with records.within(pair.therapist) as scope:
        journey_commands.pause(scope, journey_id, seen=0)
    world.clock.move_to(MORNING + 9 * DAY)
    advance_all(records)
    assert set(opened(records, pair)) == {"warning-signs", "stressors"}
    with records.within(pair.therapist) as scope:
        journey_commands.go_on(scope, journey_id, seen=1)
    assert "daily-five" in opened(records, pair)


def test_a_page_that_is_behind_changes_nothing(records: Records, pair: Pair) -> None:
    journey_id = arm(records, pair)
    with records.within(pair.therapist) as scope:
        journey_commands.leave_out(scope, journey_id, 2, seen=0)
    with pytest.raises(Moved), records.within(pair.therapist) as scope:
        journey_commands.leave_out(scope, journey_id, 3, seen=0)
    with pytest.raises(Moved), records.within(pair.therapist) as scope:
        journey_commands.leave_out(scope, journey_id, 0, seen=1)
    assert states(records, pair)["causes"] == StepState.AHEAD


def test_a_step_can_be_moved_to_a_day_and_back(records: Records, world: World, pair: Pair) -> None:
    journey_id = arm(records, pair)
    with records.within(pair.therapist) as scope:
        journey_commands.move(scope, journey_id, 2, to=MORNING + DAY, seen=0)
    world.clock.move_to(MORNING + DAY)
    advance_all(records)
    assert "daily-five" in opened(records, pair)


def test_sessions_open_what_is_tied_to_them(records: Records, world: World, pair: Pair) -> None:
    journey_id = arm(records, pair)
    for days in (2, 8):
        world.clock.move_to(MORNING + days * DAY)
        advance_all(records)
    assert "root-causes" not in opened(records, pair)
    with records.within(pair.therapist) as scope:
        planned = journey_commands.plan_session(
            scope, pair.couple_id, starts_at=MORNING + 10 * DAY, minutes=50, once_key="s"
        ).id
        journey_commands.advance_all(scope, pair.couple_id)
    assert "root-causes" in opened(records, pair)
    answer(records, pair, "root-causes")
    world.clock.move_to(MORNING + 12 * DAY)
    advance_all(records)
    assert "what-i-miss" not in opened(records, pair)
    with records.within(pair.therapist) as scope:
        journey_commands.mark_session(scope, planned, state=SessionState.HELD)
        journey_commands.advance_all(scope, pair.couple_id)
    assert "what-i-miss" in opened(records, pair)
    assert journey_id


def test_a_session_to_come_was_not_held_yet(records: Records, pair: Pair) -> None:
    with records.within(pair.therapist) as scope:
        planned = journey_commands.plan_session(
            scope, pair.couple_id, starts_at=MORNING + DAY, minutes=50, once_key="s"
        ).id
    with pytest.raises(Refused), records.within(pair.therapist) as scope:
        journey_commands.mark_session(scope, planned, state=SessionState.HELD)


def test_a_flag_holds_what_is_new_for_both_and_takes_nothing_back(
    records: Records, world: World, pair: Pair
) -> None:
    arm(records, pair)
    troubled = fill(library()["stressors"], "canary") | CALM | TROUBLED
    send(records, pair.b, opened(records, pair)["stressors"], troubled)
    before = opened(records, pair)
    world.clock.move_to(MORNING + 3 * DAY)
    advance_all(records)
    assert opened(records, pair) == before
    with records.within(pair.therapist) as scope:
        for flag in safety.open_flags(scope, pair.couple_id):
            safety.close(scope, flag.id, decision="Seen alone; nothing against going on.")
    advance_all(records)
    assert "daily-five" in opened(records, pair)


def test_what_was_withdrawn_counts_as_left_out_and_what_was_finished_as_done(
    records: Records, world: World, pair: Pair
) -> None:
    arm(records, pair)
    with records.within(pair.therapist) as scope:
        found = opened(records, pair)
        scope.find(Assignment, found["warning-signs"]).state = AssignmentState.WITHDRAWN
        scope.find(Assignment, found["stressors"]).state = AssignmentState.FINISHED
        scope.flush()
    advance_all(records)
    found_states = states(records, pair)
    assert (found_states["signs"], found_states["load"]) == (StepState.SKIPPED, StepState.DONE)


def test_a_journey_whose_steps_are_all_done_or_left_out_is_finished(records: Records, pair: Pair) -> None:
    everything = {step.key for step in pathways()[FIRST].steps} - {"signs"}
    journey_id = arm(records, pair, left_out=everything)
    answer(records, pair, "warning-signs")
    advance_all(records)
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.find(Journey, journey_id).state == JourneyState.FINISHED


def test_an_ended_journey_opens_nothing_more_and_leaves_open_what_is(
    records: Records, world: World, pair: Pair
) -> None:
    journey_id = arm(records, pair)
    with records.within(pair.therapist) as scope:
        journey_commands.end(scope, journey_id, seen=0)
    world.clock.move_to(MORNING + 30 * DAY)
    advance_all(records)
    assert set(opened(records, pair)) == {"warning-signs", "stressors"}


def test_partners_read_no_row_of_a_journey(records: Records, pair: Pair) -> None:
    arm(records, pair)
    for partner in (pair.a, pair.b):
        with records.within(partner, read_only=True) as scope:
            assert scope.all(scope.select(Journey)) == []
            assert scope.all(scope.select(JourneyStep)) == []


def test_only_the_couples_own_therapist_decides(records: Records, world: World, pair: Pair) -> None:
    journey_id = arm(records, pair)
    stranger = world.pair(practice_id=pair.therapist.practice_id)
    with pytest.raises(Refused), records.within(stranger.therapist) as scope:
        journey_commands.pause(scope, journey_id, seen=0)
    with pytest.raises(Refused), records.within(pair.a) as scope:
        journey_commands.arm(scope, pathways()[FIRST], Arming(couple_id=pair.couple_id), once_key="x")


def test_a_day_chosen_when_arming_replaces_the_pathways_own(
    records: Records, world: World, pair: Pair
) -> None:
    everything = {step.key for step in pathways()[FIRST].steps} - {"look_back"}
    arm(records, pair, left_out=everything, dates={"look_back": datetime(2026, 11, 25, tzinfo=UTC)})
    world.clock.move_to(datetime(2026, 11, 25, 0, 1, tzinfo=UTC))
    advance_all(records)
    assert "progress-reflection" in opened(records, pair)
