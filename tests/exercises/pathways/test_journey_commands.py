"""A couple on its way: what opens by itself, what a therapist decides, and what nobody else learns of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access.audit import AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Seat, Viewer
from portal.exercises import journey_commands, queries, safety
from portal.exercises.journey_commands import Arming, Moved
from portal.exercises.journey_jobs import advance_all
from portal.exercises.journey_queries import journeys_of, way_of
from portal.exercises.mechanics.tracker import afterwards_round
from portal.exercises.models import Assignment, AssignmentState, Response, Whom
from portal.exercises.pathway import parse_pathway, pathways
from portal.exercises.pathway_models import Journey, JourneyState, JourneyStep, SessionState, StepState
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.people.models import OutgoingMail
from tests.exercises.doing import ZONE, fill, give, send
from tests.factories import MORNING, Pair, World

DAY = timedelta(days=1)
FIRST = "first-four-weeks"
WAY = """
id = "a-way"
version = 1
title = "A way"
purpose = "Somewhere."
weeks = 2
[clinician]
not_when = "n"
"""
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


def only(slug: str, *keys: str) -> set[str]:
    """Return the keys of all other steps of a pathway, to be left out."""
    return {step.key for step in pathways()[slug].steps} - set(keys)


def asked(records: Records, pair: Pair) -> dict[str, str]:
    """Return whom each assignment of the couple asks, by exercise."""
    with records.within(pair.therapist, read_only=True) as scope:
        return {each.slug: each.whom for each in scope.all(scope.select(Assignment))}


def test_nobody_is_put_on_the_way_before_it_is_said_who_apologizes(records: Records, pair: Pair) -> None:
    with pytest.raises(Refused):
        arm(records, pair, "repair", left_out=only("repair", "sorry"))
    with pytest.raises(Refused):
        arm(records, pair, "repair", whom={"account": Whom.A})
    arm(records, pair, "repair", left_out={"account", "sorry"})


@pytest.mark.parametrize("chosen", list(Whom))
def test_an_exercise_for_one_is_given_to_who_was_chosen(
    records: Records, world: World, pair: Pair, chosen: Whom
) -> None:
    journey_id = arm(
        records, pair, "twelve-weeks", left_out=only("twelve-weeks", "sorry"), whom={"sorry": chosen}
    )
    world.clock.move_to(MORNING + 4 * DAY)
    advance_all(records)
    assert asked(records, pair) == {"repair-script": chosen}
    with records.within(pair.therapist, read_only=True) as scope:
        steps = way_of(scope, scope.find(Journey, journey_id)).steps
    assert {step.whom for step in steps} == {None, chosen}


def test_a_choice_for_a_step_that_is_for_both_anyway_changes_nothing(records: Records, pair: Pair) -> None:
    arm(records, pair, left_out=only(FIRST, "signs"), whom={"signs": Whom.A})
    assert asked(records, pair) == {"warning-signs": Whom.BOTH}


def test_a_step_for_one_is_done_when_that_one_has_sent_it_and_the_pathway_goes_on(
    records: Records, world: World, pair: Pair
) -> None:
    arm(
        records,
        pair,
        "twelve-weeks",
        left_out=only("twelve-weeks", "sorry", "promises"),
        whom={"sorry": Whom.B},
    )
    world.clock.move_to(MORNING + 4 * DAY)
    advance_all(records)
    assert tasks(records, pair.a) == []
    (task,) = tasks(records, pair.b)
    send(records, pair.b, task.assignment.id, fill(library()["repair-script"], "canary"))
    advance_all(records)
    assert states(records, pair)["sorry"] == StepState.DONE
    world.clock.move_to(MORNING + 5 * DAY)
    advance_all(records)
    assert "promises-kept" in opened(records, pair)


def tasks(records: Records, partner: Viewer) -> list[queries.Task]:
    with records.within(partner, read_only=True) as scope:
        return queries.my_tasks(scope, seat=Seat(partner.seat or ""), today=day_in(ZONE, scope.now))


def test_a_journey_from_before_anybody_was_asked_goes_on_for_both(
    records: Records, world: World, pair: Pair
) -> None:
    journey_id = arm(
        records, pair, "twelve-weeks", left_out=only("twelve-weeks", "signs", "sorry"), whom={"sorry": Whom.A}
    )
    with records.within(pair.therapist) as scope:
        for step in way_of(scope, scope.find(Journey, journey_id)).steps:
            step.whom = None
        scope.flush()
    answer(records, pair, "warning-signs")
    world.clock.move_to(MORNING + 4 * DAY)
    advance_all(records)
    assert asked(records, pair)["repair-script"] == Whom.BOTH


def armed_as(records: Records, pair: Pair, steps: str) -> str:
    """Put the couple on its way through a pathway of some steps, as its definition was kept; return the journey's id."""
    pathway = parse_pathway(f"{WAY}\n{steps}", name="a-way")
    with records.within(pair.therapist) as scope:
        return journey_commands.arm(scope, pathway, Arming(couple_id=pair.couple_id), once_key=new_id()).id


WEEKLY_LOG = """
[[steps]]
key = "promises"
exercise = "promises-kept"
release = "at_once"
recurrence = "weekly"
times = 2
"""


def test_a_log_follows_its_own_days_even_where_an_old_pathway_says_otherwise(
    records: Records, world: World, pair: Pair
) -> None:
    armed_as(records, pair, WEEKLY_LOG)
    given = opened(records, pair)["promises-kept"]
    for day in (1, 2):
        world.clock.move_to(MORNING + day * DAY)
        for partner in (pair.a, pair.b):
            send(records, partner, given, fill(library()["promises-kept"], f"day {day}"))
    with records.within(pair.a, read_only=True) as scope:
        sent = scope.all(scope.select(Response).where(Response.author_id == pair.a.account_id))
        assert {each.period for each in sent} == {"2026-11-20", "2026-11-21"}
    advance_all(records)
    assert states(records, pair)["promises"] == StepState.DONE


ONCE_TWICE = """
[[steps]]
key = "miss"
exercise = "what-i-miss"
release = "at_once"
times = 2
[[steps]]
key = "next"
exercise = "tell-me-more"
release = "after"
"""


def test_a_step_of_an_old_pathway_that_asks_twice_for_what_comes_once_is_done_all_the_same(
    records: Records, pair: Pair
) -> None:
    armed_as(records, pair, ONCE_TWICE)
    given = opened(records, pair)["what-i-miss"]
    send(records, pair.a, given, fill(library()["what-i-miss"], "words"))
    advance_all(records)
    assert states(records, pair)["miss"] == StepState.RELEASED
    send(records, pair.b, given, fill(library()["what-i-miss"], "words"))
    advance_all(records)
    assert states(records, pair) == {"miss": StepState.DONE, "next": StepState.RELEASED}


def test_what_is_asked_beside_a_log_is_not_counted_as_one(records: Records, world: World, pair: Pair) -> None:
    armed_as(records, pair, WEEKLY_LOG)
    given = opened(records, pair)["promises-kept"]
    for day in (1, 2):
        world.clock.move_to(MORNING + day * DAY)
        for partner in (pair.a, pair.b):
            send(records, partner, given, fill(library()["promises-kept"], f"day {day}"))
    with records.within(pair.therapist) as scope:
        second = scope.select(Response).where(Response.period == "2026-11-21")
        for each in scope.all(second):
            each.period = afterwards_round(date(2026, 11, 21))
        scope.flush()
    advance_all(records)
    assert states(records, pair)["promises"] == StepState.RELEASED


def test_a_log_that_was_given_weekly_long_ago_keeps_each_of_its_days(
    records: Records, world: World, pair: Pair
) -> None:
    given = give(records, pair, "promises-kept")
    with records.within(pair.therapist) as scope:
        scope.find(Assignment, given).recurrence = "weekly"
        scope.flush()
    for day in (0, 1):
        world.clock.move_to(MORNING + day * DAY)
        send(records, pair.a, given, fill(library()["promises-kept"], f"day {day}"))
    with records.within(pair.a, read_only=True) as scope:
        assert {each.period for each in scope.all(scope.select(Response))} == {"2026-11-19", "2026-11-20"}


LIGHT = """
[[steps]]
key = "load"
exercise = "stressors"
release = "at_once"
[[steps]]
key = "hobby"
exercise = "new-hobby"
release = "interval"
days = 1
gates = [{ kind = "no_flag", otherwise = "skip" }]
[[steps]]
key = "signs"
exercise = "warning-signs"
release = "after"
[[steps]]
key = "five"
exercise = "daily-five"
release = "after"
"""


def test_a_light_step_is_left_out_while_a_flag_is_open_and_the_journey_goes_on(
    records: Records, world: World, pair: Pair
) -> None:
    journey_id = armed_as(records, pair, LIGHT)
    troubled = fill(library()["stressors"], "canary") | CALM | TROUBLED
    send(records, pair.b, opened(records, pair)["stressors"], troubled)
    advance_all(records)
    assert states(records, pair)["hobby"] == StepState.AHEAD
    world.clock.move_to(MORNING + DAY)
    advance_all(records)
    found = states(records, pair)
    assert (found["hobby"], found["signs"], found["five"]) == (
        StepState.SKIPPED,
        StepState.RELEASED,
        StepState.AHEAD,
    )
    assert set(opened(records, pair)) == {"stressors", "warning-signs"}
    with records.within(pair.therapist) as scope:
        steps = way_of(scope, scope.find(Journey, journey_id)).steps
        assert [step.left_out_for_flag for step in steps] == [False, True, False, False]
        for flag in safety.open_flags(scope, pair.couple_id):
            safety.close(scope, flag.id, decision="Seen alone; nothing against going on.")
    advance_all(records)
    assert states(records, pair)["hobby"] == StepState.SKIPPED, "its time is over"


def test_a_light_step_opens_where_no_flag_is_open(records: Records, world: World, pair: Pair) -> None:
    armed_as(records, pair, LIGHT)
    world.clock.move_to(MORNING + DAY)
    advance_all(records)
    assert states(records, pair)["hobby"] == StepState.RELEASED


def test_the_audit_says_that_a_step_was_left_out_and_not_why(
    records: Records, world: World, pair: Pair
) -> None:
    journey_id = armed_as(records, pair, LIGHT)
    with records.within(pair.therapist) as scope:
        safety.raise_by_hand(scope, pair.couple_id)
    world.clock.move_to(MORNING + DAY)
    advance_all(records)
    with records.within(pair.therapist, read_only=True) as scope:
        entries = scope.all(scope.select(AuditEntry).where(AuditEntry.subject_id == journey_id))
    assert {"change": "step-left-out"} in [each.detail for each in entries]
    assert "flag" not in str([each.detail for each in entries])


def test_a_day_chosen_when_arming_replaces_the_pathways_own(
    records: Records, world: World, pair: Pair
) -> None:
    everything = {step.key for step in pathways()[FIRST].steps} - {"look_back"}
    arm(records, pair, left_out=everything, dates={"look_back": datetime(2026, 11, 25, tzinfo=UTC)})
    world.clock.move_to(datetime(2026, 11, 25, 0, 1, tzinfo=UTC))
    advance_all(records)
    assert "progress-reflection" in opened(records, pair)
