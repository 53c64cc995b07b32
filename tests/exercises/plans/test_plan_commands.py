"""Planning something through the real commands: who may do what, at the same time, and who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises import care_commands, queries
from portal.exercises.commands import TooLate
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.planning_model import (
    EventKind,
    Picked,
    Stale,
    Status,
    Unfit,
    When,
    Words,
)
from portal.exercises.mechanics.planning_model import Refused as DoesNotFit
from portal.exercises.models import AssignmentState, Response, Turn
from portal.exercises.part_models import PlanEvent
from portal.exercises.parts.plans import commands
from portal.exercises.parts.plans.commands import QUIET
from portal.exercises.parts.plans.part import is_ready
from portal.people.models import OutgoingMail
from tests.exercises.doing import give, send, task_of
from tests.exercises.plans.arranging import (
    BREAKFAST,
    IDEAS,
    OWN,
    SATURDAY,
    TEA,
    YES,
    do,
    give_with_matches,
    planned,
    settle_on,
)
from tests.factories import Pair, World

K = EventKind


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


@pytest.fixture
def given(records: Records, pair: Pair) -> str:
    return give_with_matches(records, pair)


def turns(records: Records, pair: Pair, given: str) -> dict[str, Turn | None]:
    found = {}
    for name, viewer in (("a", pair.a), ("b", pair.b)):
        with records.within(viewer, read_only=True) as scope:
            query = scope.select(Response).where(
                Response.assignment_id == given, Response.part == MechanicName.PLAN, Response.period == "1"
            )
            row = scope.first(query)
            found[name] = None if row is None else Turn(row.turn)
    return found


def mails(records: Records, viewer: Viewer) -> list[object]:
    with records.within(House(viewer.practice_id), read_only=True) as scope:
        query = scope.select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id)
        return sorted(each.due_at for each in scope.all(query) if each.due_at > scope.now)


def test_from_a_shared_idea_to_a_plan_that_both_read_alike(records: Records, pair: Pair, given: str) -> None:
    settle_on(records, pair, given)
    for viewer in (pair.a, pair.b, pair.therapist):
        plan = planned(records, viewer, given).current
        assert plan is not None
        assert (plan.status, dict(plan.values)) == (Status.AGREED, dict(TEA))
    assert turns(records, pair, given) == {"a": Turn.SETTLED, "b": Turn.SETTLED}


def test_ones_turn_comes_with_the_others_suggestion(records: Records, pair: Pair, given: str) -> None:
    do(records, pair.b, given, K.PROPOSE, TEA)
    assert turns(records, pair, given) == {"a": Turn.YOURS, "b": Turn.THEIRS}
    do(records, pair.a, given, K.LET_GO)
    assert turns(records, pair, given) == {"a": Turn.OVER, "b": Turn.OVER}


def test_what_is_planned_is_nobodys_answer_and_leaves_the_list_as_it_is(
    records: Records, pair: Pair, given: str
) -> None:
    before = []
    for act in (lambda: None, lambda: settle_on(records, pair, given)):
        act()
        with records.within(pair.a, read_only=True) as scope:
            task = task_of(scope, pair.a, given)
            before.append(
                (
                    task.state,
                    queries.my_values(scope, task),
                    queries.matches(scope, task.assignment, task.exercise),
                )
            )
    assert before[0] == before[1]


@pytest.mark.parametrize("option", ["kitchen_dance", "nowhere", "x" * 80])
def test_only_what_both_are_open_to_can_be_suggested(
    records: Records, pair: Pair, given: str, option: str
) -> None:
    with pytest.raises(Unfit) as refused:
        do(records, pair.a, given, K.PROPOSE, {**TEA, "what": Picked(option)})
    assert refused.value.keys == ("what",)
    assert planned(records, pair.b, given).plans == ()


def test_an_idea_that_one_of_them_takes_back_is_gone_for_new_plans_and_stays_in_the_one_that_stands(
    records: Records, pair: Pair, given: str
) -> None:
    settle_on(records, pair, given)
    send(records, pair.b, given, dict.fromkeys(YES, "not_now"))
    do(records, pair.a, given, K.CHANGE, {**TEA, "where": Words("In the kitchen")})
    assert planned(records, pair.b, given).current is not None
    do(records, pair.b, given, K.LET_GO)
    with pytest.raises(Unfit):
        do(records, pair.a, given, K.PROPOSE, TEA)


def test_there_is_nothing_to_plan_before_anything_is_shared(records: Records, pair: Pair) -> None:
    given = give(records, pair, IDEAS)
    ready = []
    for lists in ((), (pair.a,), (pair.b,)):
        for viewer in lists:
            send(records, viewer, given, YES)
        with records.within(pair.a, read_only=True) as scope:
            ready.append(is_ready(scope, task_of(scope, pair.a, given)))
    assert ready == [False, False, True]


def test_two_who_suggest_at_once_are_shown_to_each_other(records: Records, pair: Pair, given: str) -> None:
    barrier = Barrier(2)

    def suggest(viewer: Viewer, idea: str) -> object:
        barrier.wait(timeout=20)
        try:
            do(records, viewer, given, K.PROPOSE, {**TEA, "what": Picked(idea)}, seen=0)
        except Stale as stale:
            return stale.now.values["what"]
        return "first"

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(suggest, pair.a, "tea_window"), pool.submit(suggest, pair.b, "album")]
        found = [each.result(timeout=60) for each in both]

    standing = planned(records, pair.a, given).plans
    assert len(standing) == 1
    assert {str(one) for one in found} == {"first", str(standing[0].values["what"])}


def test_an_agreement_and_a_change_at_once_never_settle_what_one_has_not_seen(
    records: Records, pair: Pair, given: str
) -> None:
    do(records, pair.a, given, K.PROPOSE, TEA)
    barrier = Barrier(2)

    def race(viewer: Viewer, kind: EventKind, values: object) -> bool:
        barrier.wait(timeout=20)
        try:
            do(records, viewer, given, kind, values, seen=1)  # type: ignore[arg-type]
        except DoesNotFit:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        agreeing = pool.submit(race, pair.b, K.AGREE, None)
        changing = pool.submit(race, pair.a, K.CHANGE, {**TEA, "where": Words("Elsewhere")})
        agreed, changed = agreeing.result(timeout=60), changing.result(timeout=60)

    plan = planned(records, pair.a, given).current
    assert plan is not None
    assert changed
    assert (plan.status, plan.values.get("where")) == (Status.PROPOSED, Words("Elsewhere"))
    assert isinstance(agreed, bool)


def test_the_same_page_sent_twice_counts_once(records: Records, pair: Pair, given: str) -> None:
    for _again in range(2):
        do(records, pair.a, given, K.PROPOSE, TEA, seen=0, once_key="the-same-page")
    do(records, pair.b, given, K.AGREE)
    do(records, pair.b, given, K.AGREE)
    assert [event.kind for event in planned(records, pair.a, given).events] == [K.PROPOSE, K.AGREE]


def test_nothing_more_is_planned_once_the_assignment_has_ended(
    records: Records, pair: Pair, given: str
) -> None:
    settle_on(records, pair, given)
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    for kind in (K.CHANGE, K.LET_GO, K.DONE):
        with pytest.raises(TooLate):
            do(records, pair.a, given, kind, TEA if kind is K.CHANGE else None)
    assert planned(records, pair.b, given).current is not None


def test_only_the_two_plan_and_only_their_therapist_reads_along(
    records: Records, world: World, pair: Pair, given: str
) -> None:
    settle_on(records, pair, given)
    neighbours = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (neighbours.a, neighbours.therapist):
        with records.within(viewer, read_only=True) as scope:
            assert scope.all(scope.select(PlanEvent)) == []
    with records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
    with records.within(pair.therapist) as scope, pytest.raises(Refused):
        commands.act(scope, task, commands.Deed(kind=K.LET_GO, plan=1), once_key="x")
    with records.within(neighbours.a) as scope, pytest.raises(Refused):
        commands.act(scope, task, commands.Deed(kind=K.LET_GO, plan=1), once_key="x")


def test_the_trail_names_no_act_that_ends_a_plan(records: Records, pair: Pair, given: str) -> None:
    settle_on(records, pair, given)
    before = trail(records, pair)
    do(records, pair.a, given, K.PUT_OFF)
    do(records, pair.b, given, K.LET_GO)
    assert trail(records, pair) == before


def trail(records: Records, pair: Pair) -> list[str]:
    with records.within(House(pair.a.practice_id), read_only=True) as scope:
        return sorted(str(each.action) for each in scope.all(scope.select(AuditEntry)))


def test_the_other_is_told_once_of_a_few_changes_in_a_row_and_not_when_they_come_by_themselves(
    records: Records, world: World, pair: Pair, given: str
) -> None:
    before = len(mails(records, pair.b))
    do(records, pair.a, given, K.PROPOSE, {"what": Picked("album")})
    world.clock.move(timedelta(minutes=5))
    do(records, pair.a, given, K.CHANGE, TEA)
    told = mails(records, pair.b)
    assert len(told) == before + 1
    assert told[-1] == records.clock.now() + QUIET
    do(records, pair.b, given, K.CHANGE, {**TEA, "where": Words("In bed")})
    assert len(mails(records, pair.b)) == before
    assert len(mails(records, pair.a)) == 1


def test_both_are_told_to_look_back_and_not_when_the_time_was_moved(
    records: Records, world: World, pair: Pair, given: str
) -> None:
    settle_on(records, pair, given)
    the_day_after = (SATURDAY.start + timedelta(days=1)).date()
    for viewer in (pair.a, pair.b):
        assert [each.date() for each in mails(records, viewer)].count(the_day_after) == 1  # type: ignore[attr-defined]
    do(records, pair.a, given, K.PUT_OFF)
    for viewer in (pair.a, pair.b):
        assert the_day_after not in [each.date() for each in mails(records, viewer)]  # type: ignore[attr-defined]


def test_what_took_place_makes_room_for_the_next_plan(records: Records, world: World, pair: Pair) -> None:
    given = give(records, pair, OWN)
    settle_on(records, pair, given, BREAKFAST)
    world.clock.move(timedelta(days=3))
    do(records, pair.b, given, K.DONE)
    assert turns(records, pair, given) == {"a": Turn.OVER, "b": Turn.OVER}
    later = When(records.clock.now() + timedelta(days=1))
    do(records, pair.a, given, K.PROPOSE, {**BREAKFAST, "when": later})
    assert [plan.status for plan in planned(records, pair.b, given).plans] == [Status.DONE, Status.PROPOSED]


def test_a_plan_stays_readable_in_its_order_when_the_words_of_one_are_gone(
    records: Records, pair: Pair, given: str
) -> None:
    settle_on(records, pair, given)
    with records.within(pair.a) as scope:
        row = scope.first(scope.select(PlanEvent).where(PlanEvent.number == 1))
        assert row is not None
        row.values_sealed = b"\x00" * len(row.values_sealed)
    plan = planned(records, pair.b, given).current
    assert plan is not None
    assert (plan.status, dict(plan.values)) == (Status.AGREED, {})


def test_the_audit_of_a_suggestion_holds_no_word_of_it(records: Records, pair: Pair, given: str) -> None:
    do(records, pair.a, given, K.PROPOSE, TEA)
    with records.within(House(pair.a.practice_id), read_only=True) as scope:
        entries = [each for each in scope.all(scope.select(AuditEntry)) if each.action == Action.SENT]
    assert all("window" not in str(each.detail).lower() for each in entries)
