"""Years of two people on both databases: kept piece by piece, sent, and opened together."""

import threading
from datetime import timedelta

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.exercises import care_commands
from portal.exercises.commands import Incomplete, TooLate
from portal.exercises.mechanics.story import event_text, line_text
from portal.exercises.mechanics.timeline_model import EVENT, LINE, START, Event
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.parts.timelines import commands, queries
from portal.exercises.parts.timelines.commands import Clash
from portal.kit.clock import HeldClock
from portal.kit.ids import new_id
from tests.exercises.doing import give, task_of
from tests.exercises.timelines.telling import SLUG, draft, keep, story, tell, told
from tests.factories import Pair, World


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


@pytest.fixture
def years(records: Records, pair: Pair) -> str:
    return give(records, pair, SLUG)


def test_pieces_of_a_draft_are_kept_beside_each_other(records: Records, pair: Pair, years: str) -> None:
    keep(records, pair.a, years, {START: 2003})
    keep(records, pair.a, years, {LINE: "2003 4"})
    keep(records, pair.a, years, {f"{EVENT}2": event_text(Event(year=2004, title="A move"))})
    keep(records, pair.a, years, {"held_us": "Sundays"})
    assert draft(records, pair.a, years) == {
        START: 2003,
        LINE: "2003 4",
        f"{EVENT}2": "2004 -\nA move",
        "held_us": "Sundays",
    }
    keep(records, pair.a, years, {f"{EVENT}2": None})
    assert f"{EVENT}2" not in draft(records, pair.a, years)


def test_a_draft_is_its_writers_alone(records: Records, pair: Pair, years: str) -> None:
    keep(records, pair.a, years, story("Sam"))
    assert told(records, pair.therapist, years) == {}
    assert told(records, pair.b, years) == {}
    assert draft(records, pair.b, years) == {}


def test_two_windows_with_different_pieces_do_not_disturb_each_other(
    records: Records, pair: Pair, years: str
) -> None:
    line = keep(records, pair.a, years, {LINE: "2003 4"})
    answer = keep(records, pair.a, years, {"held_us": "Sundays"})
    keep(records, pair.a, years, {LINE: "2003 5"}, mark=line)
    keep(records, pair.a, years, {"held_us": "Sundays, mostly"}, mark=answer)
    assert draft(records, pair.a, years) == {LINE: "2003 5", "held_us": "Sundays, mostly"}


def test_two_windows_with_the_same_piece_are_both_heard(records: Records, pair: Pair, years: str) -> None:
    first = keep(records, pair.a, years, {LINE: "2003 4"})
    keep(records, pair.a, years, {LINE: "2003 5"}, mark=first)
    with pytest.raises(Clash) as clash:
        keep(records, pair.a, years, {LINE: "2003 9"}, mark=first)
    assert clash.value.theirs[LINE] == "2003 5"
    assert draft(records, pair.a, years)[LINE] == "2003 5"
    keep(records, pair.a, years, {LINE: "2003 9"}, mark=clash.value.mark)
    keep(records, pair.a, years, {LINE: "2003 9"}, mark=first)
    assert draft(records, pair.a, years)[LINE] == "2003 9"


def test_both_open_at_the_moment_when_the_second_sends(records: Records, pair: Pair, years: str) -> None:
    tell(records, pair.a, years, story("Sam"))
    assert (
        set(told(records, pair.a, years)) == set(told(records, pair.therapist, years)) == {pair.a.account_id}
    )
    assert told(records, pair.b, years) == {}
    tell(records, pair.b, years, story("Alex", start=2004))
    for viewer in (pair.a, pair.b, pair.therapist):
        found = told(records, viewer, years)
        assert set(found) == {pair.a.account_id, pair.b.account_id}
        assert all(each.open_at == records.clock.now() for each in found.values())
        assert found[pair.b.account_id].values[START] == 2004


def test_nothing_can_be_sent_without_a_first_year_and_a_number(
    records: Records, pair: Pair, years: str
) -> None:
    for values in ({}, {START: 2003}, {LINE: "2003 4"}, {START: 2010, LINE: "2003 4"}):
        with pytest.raises(Incomplete):
            tell(records, pair.a, years, values)  # type: ignore[arg-type]
        keep(records, pair.a, years, {START: None, LINE: None})
    assert told(records, pair.therapist, years) == {}


def test_numbers_before_the_first_year_are_not_sent(records: Records, pair: Pair, years: str) -> None:
    tell(records, pair.a, years, story("Sam", start=2010, line={2003: 9, 2010: 4}))
    assert told(records, pair.therapist, years)[pair.a.account_id].values[LINE] == line_text({2010: 4})


def test_it_can_be_changed_and_taken_back_until_it_opens_and_never_after(
    records: Records, pair: Pair, years: str
) -> None:
    tell(records, pair.a, years, story("First"))
    assert isinstance(records.clock, HeldClock)
    records.clock.move(timedelta(days=3))
    tell(records, pair.a, years, {"held_us": "Second answer"})
    sent = told(records, pair.therapist, years)[pair.a.account_id].values
    assert (sent["held_us"], sent[START]) == ("Second answer", 2003)
    with records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, years))
    assert told(records, pair.therapist, years) == {}
    assert draft(records, pair.a, years)["held_us"] == "Second answer"
    tell(records, pair.b, years, story("Alex"))
    assert told(records, pair.b, years).keys() == {pair.b.account_id}
    tell(records, pair.a, years, {})
    with pytest.raises(TooLate):
        keep(records, pair.a, years, {"held_us": "Third"})
    with pytest.raises(TooLate):
        tell(records, pair.b, years, {})
    with pytest.raises(TooLate), records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, years))


def test_taking_back_keeps_what_was_typed_since_it_was_sent(records: Records, pair: Pair, years: str) -> None:
    tell(records, pair.a, years, story("Sam"))
    keep(records, pair.a, years, {"held_us": "Newer words"})
    with records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, years))
        assert queries.whole(scope, task_of(scope, pair.a, years)).state is ResponseState.DRAFT
    assert draft(records, pair.a, years)["held_us"] == "Newer words"


def test_sending_the_same_page_twice_counts_once(records: Records, pair: Pair, years: str) -> None:
    keep(records, pair.a, years, story("Sam"))
    for _again in range(2):
        with records.within(pair.a) as scope:
            first = commands.send(scope, task_of(scope, pair.a, years), once_key="one page")
    assert first.once_key == "one page"


def test_nobody_else_writes_and_nothing_is_kept_after_the_end(
    records: Records, pair: Pair, years: str, world: World
) -> None:
    other = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (other.a, pair.therapist):
        with pytest.raises((Refused, AssertionError)):
            keep(records, viewer, years, {START: 2003})
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, years, state=AssignmentState.FINISHED)
    with pytest.raises(TooLate):
        keep(records, pair.a, years, {START: 2003})


def test_two_who_send_at_the_same_moment_both_find_the_drawing(
    records: Records, pair: Pair, years: str
) -> None:
    keep(records, pair.a, years, story("Sam"))
    first = records.scope(pair.a)
    commands.send(first, task_of(first, pair.a, years), once_key=new_id())
    other = threading.Thread(target=tell, args=(records, pair.b, years, story("Alex")))
    other.start()
    other.join(timeout=0.5)
    first.commit()
    first.close()
    other.join(timeout=30)
    assert not other.is_alive()
    for viewer in (pair.a, pair.b):
        assert set(told(records, viewer, years)) == {pair.a.account_id, pair.b.account_id}
