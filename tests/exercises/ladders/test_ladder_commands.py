"""What is done on a ladder, through its commands, on both databases."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import Role, Viewer
from portal.exercises import care_commands, commands, queries, review_queries, safety
from portal.exercises.commands import TooLate
from portal.exercises.mechanics.climb import NotOpen
from portal.exercises.mechanics.ladder import READINESS, READY
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import (
    Answer,
    Assignment,
    AssignmentState,
    Draft,
    OverlapMatch,
    ResponseState,
)
from portal.exercises.part_models import LadderEvent, SoloLadderEvent
from portal.exercises.parts.ladders import commands as ladders
from portal.exercises.parts.ladders.queries import Visit, my_ratings, ratings_for_therapist, spec_of, told
from portal.people.models import OutgoingMail
from tests.exercises.doing import give, open_item, task_of
from tests.exercises.ladders.climbing import (
    ALONE,
    TALK,
    TOUCH,
    begin,
    begun,
    both_rate,
    decide,
    draft,
    go_back,
    open_steps,
    rate,
    seen_by,
    stop,
    take,
    tell,
)
from tests.factories import Pair, World

AFTER = {"how_was_it": "easier", "received": "You waited.", "free_to_say_no": "yes", "worry": "no"}


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def test_a_step_opens_once_both_are_ready_at_the_more_careful_level(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    rate(records, pair.a, given, {"saw": "ready"})
    assert open_steps(records, pair.b, given) == {}
    rate(records, pair.b, given, {"saw": "nearly"})
    for viewer in (pair.a, pair.b, pair.therapist):
        assert open_steps(records, viewer, given) == {"saw": "nearly"}


@pytest.mark.parametrize("act", ["not_yet", "blank", "back", "stop", "run out"])
def test_a_step_closes_at_once_for_both_and_leaves_nothing_behind(
    records: Records, pair: Pair, world: World, act: str
) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    match act:
        case "not_yet":
            rate(records, pair.a, given, {"saw": "not_yet"})
        case "blank":
            rate(records, pair.a, given, {"saw": None})
        case "back":
            go_back(records, pair.a, given, "saw")
        case "stop":
            stop(records, pair.a, given)
        case "run out":
            world.clock.move(timedelta(days=60))
    for viewer in (pair.a, pair.b):
        assert open_steps(records, viewer, given) == {}
    with records.within(pair.b, read_only=True) as scope:
        standing = scope.select(OverlapMatch).where(OverlapMatch.until > scope.now)
        assert scope.all(standing) == []


def test_going_back_keeps_the_easier_steps_and_stopping_keeps_none(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    take(records, pair.a, given, "saw")
    both_rate(records, pair, given, {"saw": "ready", "liked": "ready"})
    go_back(records, pair.b, given, "liked")
    assert open_steps(records, pair.a, given) == {"saw": "ready"}
    stop(records, pair.b, given)
    assert open_steps(records, pair.a, given) == {}
    rate(records, pair.b, given, {"saw": "nearly", "liked": "ready"})
    assert open_steps(records, pair.a, given) == {"saw": "nearly", "liked": "ready"}


def test_stopping_takes_drafted_ratings_along(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    draft(records, pair.a, given, {READY + "saw": "nearly"})
    stop(records, pair.a, given)
    with records.within(pair.a, read_only=True) as scope:
        assert [each.values for each in scope.all(scope.select(Draft))] == [{}]


def test_either_says_for_both_that_a_step_was_taken_and_twice_is_once(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    take(records, pair.a, given, "saw")
    take(records, pair.b, given, "saw")
    take(records, pair.a, given, "saw")
    assert seen_by(records, pair.b, given).times("saw") == 1
    assert seen_by(records, pair.b, given).reached == ("saw", "liked")
    take(records, pair.b, given, "saw", 2)
    assert seen_by(records, pair.a, given).times("saw") == 2
    with records.within(pair.therapist, read_only=True) as scope:
        rows = scope.all(scope.select(LadderEvent))
        assert not any(hasattr(row, "author_id") for row in rows)


@pytest.mark.parametrize("step", ["saw", "liked"])
def test_a_step_that_is_not_open_cannot_be_taken(records: Records, pair: Pair, step: str) -> None:
    given = begun(records, pair)
    rate(records, pair.a, given, {"saw": "ready"})
    with pytest.raises(NotOpen):
        take(records, pair.a, given, step)


def test_a_visit_cannot_be_skipped(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    with pytest.raises(NotOpen):
        take(records, pair.a, given, "saw", 3)


def test_ratings_end_with_the_earlier_of_the_two_and_have_to_be_given_anew(
    records: Records, pair: Pair, world: World
) -> None:
    given = begun(records, pair)
    rate(records, pair.a, given, {"saw": "ready"})
    world.clock.move(timedelta(days=30))
    rate(records, pair.b, given, {"saw": "ready"})
    world.clock.move(timedelta(days=29))
    assert open_steps(records, pair.b, given) == {"saw": "ready"}
    world.clock.move(timedelta(days=1))
    assert open_steps(records, pair.b, given) == {}
    for viewer, standing in ((pair.a, set()), (pair.b, {"saw"})):
        with records.within(viewer, read_only=True) as scope:
            task = task_of(scope, viewer, given)
            assert set(my_ratings(scope, task)) == standing
            asked = queries.aside(scope, task, task.part, period=READINESS, form=None)
            assert set(queries.my_values(scope, asked)) == {READY + step for step in standing}


def test_merely_sending_the_page_again_does_not_renew_what_has_run_out(
    records: Records, pair: Pair, world: World
) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    take(records, pair.a, given, "saw")
    both_rate(records, pair, given, {"saw": "ready", "liked": "ready"})
    world.clock.move(timedelta(days=59))
    draft(records, pair.a, given, {READY + "liked": "nearly"})
    world.clock.move(timedelta(days=1))
    rate(records, pair.b, given, {"saw": "ready", "liked": "ready"})
    tell(records, pair.a, given, {}, period=READINESS)
    assert open_steps(records, pair.b, given) == {"liked": "nearly"}


def test_no_mail_is_sent_and_nothing_opens_for_both_because_of_readiness(
    records: Records, pair: Pair
) -> None:
    given = begun(records, pair)
    with records.within(pair.therapist, read_only=True) as scope:
        before = scope.count(scope.select(OutgoingMail))
    both_rate(records, pair, given, {"saw": "ready"})
    take(records, pair.b, given, "saw")
    rate(records, pair.a, given, {"saw": "not_yet"})
    stop(records, pair.b, given)
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(OutgoingMail)) == before
        assert scope.find(Assignment, given).both_sent_at is None


def test_a_therapist_is_never_told_of_ratings_and_reads_none(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    with records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.to_read(scope) == []
        work = review_queries.work(scope, given)
        assert {each.state for each in work.responses} == {ResponseState.DRAFT}
        assert scope.count(scope.select(Answer)) == 0
        assert ratings_for_therapist(scope, spec_of(work.exercise), work.assignment) is None


def test_a_therapist_who_was_announced_to_see_lists_sees_what_stands(
    records: Records, pair: Pair, world: World
) -> None:
    given = give(records, pair, TALK, sees=TherapistSees.LISTS)
    for viewer in (pair.a, pair.b):
        begin(records, viewer, given)
    rate(records, pair.a, given, {"saw": "not_yet"})
    rate(records, pair.b, given, {"saw": "ready"})
    with records.within(pair.therapist, read_only=True) as scope:
        work = review_queries.work(scope, given)
        assert work.assignment.lists_open
        assert ratings_for_therapist(scope, spec_of(work.exercise), work.assignment) == {
            pair.a.account_id: {"saw": "not_yet"},
            pair.b.account_id: {"saw": "ready"},
        }
    stop(records, pair.a, given)
    world.clock.move(timedelta(days=60))
    with records.within(pair.therapist, read_only=True) as scope:
        found = ratings_for_therapist(scope, spec_of(work.exercise), scope.find(Assignment, given))
        assert found == {pair.b.account_id: {}}


def test_what_is_told_after_a_step_reaches_those_it_is_for(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    take(records, pair.b, given, "saw")
    tell(records, pair.a, given, AFTER, period="01-1")
    expected = {
        pair.a: set(AFTER),
        pair.b: {"how_was_it", "received"},
        pair.therapist: set(AFTER),
    }
    for viewer, items in expected.items():
        with records.within(viewer, read_only=True) as scope:
            spec = seen_by(records, pair.a, given).spec
            found = told(scope, spec, given)
            assert [each.visit for each in found] == [Visit("saw", 1)]
            assert set(found[0].written.values) == items
    with records.within(pair.therapist, read_only=True) as scope:
        assert [each.assignment.id for each in review_queries.to_read(scope)] == [given]


def test_a_step_can_be_looked_back_on_whether_it_was_finished_or_not(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    tell(records, pair.a, given, {"free_to_say_no": "no"}, period="01-1")
    for period in ("01-2", "02-1", "13-1", "00-1", "nothing"):
        with pytest.raises(AssertionError, match="can't be walked"):
            draft(records, pair.a, given, {}, period=period)
    with records.within(pair.therapist, read_only=True) as scope:
        assert [flag.about_id for flag in safety.open_flags(scope, pair.couple_id)] == [pair.a.account_id]


def test_leaving_a_ladder_out_takes_readiness_back(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    with records.within(pair.a) as scope:
        task = task_of(scope, pair.a, given)
        commands.decline(scope, task)
        ladders.stop(scope, task)
    assert open_steps(records, pair.b, given) == {}


def test_an_ended_ladder_takes_no_more_steps_but_readiness_can_be_taken_back(
    records: Records, pair: Pair
) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    with pytest.raises(TooLate):
        take(records, pair.a, given, "saw")
    stop(records, pair.a, given)
    assert open_steps(records, pair.b, given) == {}


def test_one_cannot_step_back_from_a_step_that_is_not_there(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    with pytest.raises(KeyError):
        go_back(records, pair.a, given, "gone")


# Steps that the therapist opens


def test_touch_opens_only_with_the_therapist_and_both(records: Records, pair: Pair) -> None:
    given = begun(records, pair, TOUCH)
    both_rate(records, pair, given, {"senses_alone": "welcome"})
    assert open_steps(records, pair.a, given) == {}
    decide(records, pair, given, "senses_alone")
    decide(records, pair, given, "senses_alone")
    assert open_steps(records, pair.a, given) == {"senses_alone": "welcome"}
    decide(records, pair, given, "senses_alone", opens=False)
    assert open_steps(records, pair.b, given) == {}
    with records.within(pair.therapist, read_only=True) as scope:
        assert [row.kind for row in scope.all(scope.select(LadderEvent))] == ["opened", "closed"]


def test_no_step_is_opened_while_a_safety_flag_is_open_but_one_can_be_closed(
    records: Records, pair: Pair
) -> None:
    given = begun(records, pair, TOUCH)
    decide(records, pair, given, "senses_alone")
    tell(records, pair.a, given, {"free_to_say_no": "partly"}, period="01-1")
    with pytest.raises(safety.OnHold):
        decide(records, pair, given, "breathe_near")
    decide(records, pair, given, "senses_alone", opens=False)
    with records.within(pair.therapist) as scope:
        for flag in safety.open_flags(scope, pair.couple_id):
            safety.close(scope, flag.id, decision="Spoke with each of them alone.")
    decide(records, pair, given, "breathe_near")


def test_a_flag_takes_back_nothing_that_is_open(records: Records, pair: Pair) -> None:
    given = begun(records, pair, TOUCH)
    decide(records, pair, given, "senses_alone")
    both_rate(records, pair, given, {"senses_alone": "gently"})
    tell(records, pair.a, given, {"worry": "talk"}, period="01-1")
    assert open_steps(records, pair.b, given) == {"senses_alone": "gently"}


def test_where_steps_are_the_couples_own_a_therapist_opens_none(records: Records, pair: Pair) -> None:
    given = begun(records, pair)
    with pytest.raises(NotOpen):
        decide(records, pair, given, "saw")


def test_only_the_couples_therapist_decides(records: Records, pair: Pair, world: World) -> None:
    given = begun(records, pair, TOUCH)
    practice = pair.a.practice_id
    other = world.pair(practice, ("Dana Moss", "Lee Quill"))
    desk = Viewer(practice, world.account(practice, "Desk", Role.DESK), frozenset({Role.DESK}))
    for viewer in (pair.a, other.therapist, other.a, desk):
        with pytest.raises(Refused), records.within(viewer) as scope:
            ladders.open_step(scope, given, "senses_alone", once_key="k")
    with pytest.raises(Refused), records.within(pair.therapist) as scope:
        ladders.stop(scope, task_of(scope, pair.a, given))


# Ladders of one's own


def test_on_a_ladder_of_ones_own_a_step_is_taken_by_writing_in_it(records: Records, pair: Pair) -> None:
    given = begun(records, pair, ALONE)
    rate(records, pair.a, given, {"name_it": "ready"})
    assert open_steps(records, pair.a, given) == {"name_it": "ready"}
    assert open_steps(records, pair.b, given) == {}
    tell(records, pair.a, given, {"name_it": "It was this."}, period="01-1")
    tell(records, pair.a, given, {"name_it": "It was that."}, period="01-1")
    assert seen_by(records, pair.a, given).times("name_it") == 1
    assert seen_by(records, pair.b, given).times("name_it") == 0


def test_what_was_written_in_a_step_that_is_not_open_any_more_is_kept(records: Records, pair: Pair) -> None:
    given = begun(records, pair, ALONE)
    rate(records, pair.a, given, {"name_it": "ready"})
    draft(records, pair.a, given, {"name_it": "It was this."}, period="01-1")
    stop(records, pair.a, given)
    tell(records, pair.a, given, {}, period="01-1")
    assert seen_by(records, pair.a, given).times("name_it") == 0
    with records.within(pair.a, read_only=True) as scope:
        assert "It was this." in {each.value for each in scope.all(scope.select(Answer))}


def test_nobody_else_learns_anything_of_a_ladder_of_ones_own(records: Records, pair: Pair) -> None:
    given = begun(records, pair, ALONE)
    rate(records, pair.a, given, {"name_it": "ready"})
    tell(records, pair.a, given, {"name_it": "It was this.", "weight": 7}, period="01-1")
    for viewer in (pair.b, pair.therapist):
        with records.within(viewer, read_only=True) as scope:
            for model in (Answer, Draft, SoloLadderEvent, OverlapMatch, LadderEvent):
                assert scope.count(scope.select(model)) == 0
    with records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.to_read(scope) == []
        work = review_queries.work(scope, given)
        assert {each.state for each in work.responses} == {ResponseState.DRAFT}


def test_a_page_that_is_held_reaches_the_therapist_and_later_both(records: Records, pair: Pair) -> None:
    given = begun(records, pair, ALONE)
    steps = [step.key for step in seen_by(records, pair.a, given).spec.steps]
    for step in steps[:-1]:
        rate(records, pair.a, given, dict.fromkeys(steps[: steps.index(step) + 1], "ready"))
        take(records, pair.a, given, step)
    rate(records, pair.a, given, dict.fromkeys(steps, "ready"))
    tell(records, pair.a, given, {"tell": "Hear this with me.", "words": "Mine alone."}, period="11-1")
    with records.within(pair.therapist, read_only=True) as scope:
        assert [each.value for each in scope.all(scope.select(Answer))] == ["Hear this with me."]
        [work] = review_queries.to_read(scope)
        response = next(each for each in work.responses if each.state == ResponseState.SENT)
    with records.within(pair.b, read_only=True) as scope:
        assert scope.count(scope.select(Answer)) == 0
    open_item(records, pair.therapist, response.id)
    with records.within(pair.b, read_only=True) as scope:
        assert [each.value for each in scope.all(scope.select(Answer))] == ["Hear this with me."]


def test_a_page_to_be_held_that_was_left_empty_is_nothing_to_the_therapist(
    records: Records, pair: Pair
) -> None:
    given = begun(records, pair, ALONE)
    steps = [step.key for step in seen_by(records, pair.a, given).spec.steps]
    for step in steps[:-1]:
        rate(records, pair.a, given, dict.fromkeys(steps[: steps.index(step) + 1], "ready"))
        take(records, pair.a, given, step)
    tell(records, pair.a, given, {"words": "Mine alone."}, period="11-1")
    with records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.to_read(scope) == []
        assert {each.period for each in review_queries.work(scope, given).responses} == {"1"}


# At the same moment


def _at_once(records: Records, *acts: object) -> list[BaseException]:
    """Run two acts in transactions that are both open before either goes on."""
    met, found = Barrier(len(acts)), []

    def run(act: object) -> None:
        try:
            met.wait(timeout=20)
            act()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - the test looks at whatever it was
            found.append(error)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


@pytest.mark.parametrize("attempt", range(3))
def test_a_yes_and_a_stop_at_the_same_moment_never_leave_a_step_open(
    records: Records, pair: Pair, attempt: int
) -> None:
    given = begun(records, pair)
    rate(records, pair.a, given, {"saw": "ready"})
    errors = _at_once(
        records,
        lambda: stop(records, pair.a, given),
        lambda: rate(records, pair.b, given, {"saw": "ready"}),
    )
    assert errors == []
    assert open_steps(records, pair.b, given) == {}


@pytest.mark.parametrize("attempt", range(3))
def test_both_saying_at_the_same_moment_that_a_step_was_taken_is_one_visit(
    records: Records, pair: Pair, attempt: int
) -> None:
    given = begun(records, pair)
    both_rate(records, pair, given, {"saw": "ready"})
    errors = _at_once(
        records,
        lambda: take(records, pair.a, given, "saw"),
        lambda: take(records, pair.b, given, "saw"),
    )
    assert errors == []
    assert seen_by(records, pair.a, given).times("saw") == 1
