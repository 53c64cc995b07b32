"""After an overlap the text comes second: once both lists are in, with what both are open to beside it."""

import re

import pytest

from portal.access.viewer import Seat, Viewer
from portal.exercises import commands
from portal.exercises.mechanics.negotiation_model import EventKind as K
from portal.exercises.models import Answer, Assignment
from portal.exercises.parts.agreements.queries import shared
from portal.exercises.shelf import library
from tests.exercises.agreements.negotiating import Table
from tests.exercises.agreements.sitting import Room, words
from tests.exercises.doing import fill, give, send, task_of
from tests.portal_app import Sites, furnish

A, B = Seat.A, Seat.B


@pytest.fixture
def room(sites: Sites) -> Room:
    site = sites.empty()
    pair, viewers = furnish(site.records)
    table = Table(site.records, pair, give(site.records, pair, "compromise"))
    return Room(site, table, site.sign_in_as(pair.a), site.sign_in_as(pair.b), viewers)


def answer(room: Room, viewer: Viewer, liked: str) -> None:
    """Send a list on which one option is welcome."""
    exercise = library()["compromise"]
    values = fill(exercise, "Sundays")
    options = [item.key for item in exercise.form.questions if item.options and len(item.options) == 3]
    marked = {key: "comfortable" if key == liked else "not_now" for key in options}
    send(room.site.records, viewer, room.table.given, {**values, **marked} if options else values)


def test_the_text_is_not_there_before_both_lists_are_in(room: Room) -> None:
    assert room.a.get(room.base).status_code == 404
    answer(room, room.table.pair.a, "turns")
    assert room.a.get(room.base).status_code == 404
    assert room.b.get(room.base).status_code == 404
    assert "/text" not in room.a.get(f"/t/{room.table.given}/sent").get_data(as_text=True)


def test_once_both_are_in_it_is_put_into_words_beside_the_common_ground(room: Room) -> None:
    for viewer in (room.table.pair.a, room.table.pair.b):
        answer(room, viewer, "turns")
    assert room.base in room.a.get(f"/t/{room.table.given}/sent").get_data(as_text=True)
    told = words(room.page(room.a))
    assert "What you are both open to Take turns: this time your way, next time mine" in told
    assert "Common ground What do you both want here?" in told
    assert "Now you can put it into words together" in words(room.b.get("/today").get_data(as_text=True))
    room.table.do(A, K.REWORD, "try", "For four weeks we take turns.")
    assert "Sam suggests this change." in words(room.page(room.b, "?at=4"))


def test_nothing_of_a_list_that_isnt_shared_stands_beside_the_text(room: Room) -> None:
    answer(room, room.table.pair.a, "turns")
    answer(room, room.table.pair.b, "coin")
    for visitor in (room.a, room.b):
        told = words(room.page(visitor))
        assert "What you are both open to" not in told
        assert "Take turns" not in told
        assert "coin decide" not in told


def say_weeks(room: Room, a: object, b: object) -> None:
    """Send both lists, with what each says about how long to try."""
    for viewer, weeks in ((room.table.pair.a, a), (room.table.pair.b, b)):
        values = fill(library()["compromise"], "Sundays") | {"turns": "comfortable", "weeks": weeks}
        kept = {key: value for key, value in values.items() if value is not None}
        send(room.site.records, viewer, room.table.given, kept)


def days(room: Room) -> tuple[int, int]:
    """Return after how many days each of them would look at the text again, as their page says."""
    found = [
        re.search(r"You look at it again (\d+) days after", words(room.page(each)))
        for each in (room.a, room.b)
    ]
    assert found[0]
    assert found[1]
    return int(found[0][1]), int(found[1][1])


@pytest.mark.parametrize(("a", "b", "after"), [(6, 2, 14), (3, 26, 21), (4, 4, 28)])
def test_it_is_looked_at_again_after_the_fewer_weeks_that_both_named(
    room: Room, a: int, b: int, after: int
) -> None:
    say_weeks(room, a, b)
    assert days(room) == (after, after)


@pytest.mark.parametrize(("a", "b"), [(2, None), (None, 2), (None, None), (2, {"declined": True})])
def test_weeks_that_only_one_has_named_change_nothing(room: Room, a: object, b: object) -> None:
    say_weeks(room, a, b)
    assert days(room) == (28, 28)


def test_the_weeks_stay_as_they_were_when_the_text_was_begun(room: Room) -> None:
    say_weeks(room, 6, 2)
    room.table.do(A, K.REWORD, "try", "We take turns.")
    with room.site.records.within(room.table.pair.b) as scope:
        (answer,) = scope.all(
            scope.select(Answer).where(Answer.item == "weeks", Answer.author_id == scope.account_id)
        )
        answer.value = 20
    assert days(room) == (14, 14)
    with room.site.records.within(room.table.pair.therapist, read_only=True) as scope:
        found = shared(scope, scope.find(Assignment, room.table.given))
        assert (found.is_begun, found.spec.review_after.days) == (True, 14)


def test_the_day_of_review_is_that_many_days_after_the_second_signature(room: Room) -> None:
    say_weeks(room, 6, 2)
    table = room.table
    for clause in table.view(A).clauses:
        if clause.key != "exceptions":
            table.do(A, K.REWORD, clause.key, f"Our words about {clause.key}.")
            table.do(B, K.AGREE, clause.key)
    assert "To talk about, if you like" not in room.page(room.b)
    table.sign()
    signed = table.view(A).in_force
    assert signed is not None
    assert (signed.review_on - room.site.clock.now().date()).days == 14
    assert "To talk about, if you like" in room.page(room.b)


def test_answers_that_are_not_open_to_both_are_never_counted(room: Room) -> None:
    say_weeks(room, 6, 2)
    with room.site.records.within(room.table.pair.a) as scope:
        for answer in scope.all(
            scope.select(Answer).where(Answer.item == "weeks", Answer.author_id == scope.account_id)
        ):
            answer.open_at = None
    assert days(room) == (28, 28)


def test_the_issue_is_asked_first_and_named_before_the_list_is_opened(room: Room) -> None:
    given = room.table.given
    intro = words(room.a.get(f"/t/{given}").get_data(as_text=True))
    assert "Agree out loud on one issue before either of you opens the list" in intro
    with room.site.records.within(room.table.pair.a) as scope:
        commands.begin(scope, task_of(scope, room.table.pair.a, given))
    first = words(room.a.get(f"/t/{given}/p/1").get_data(as_text=True))
    assert "In a few neutral words: what is this about?" in first
    second = words(room.a.get(f"/t/{given}/p/2").get_data(as_text=True))
    assert "Take the heat out first" in second
    # Whoever looks at their list for today is still told that only what is common is shown.
    assert "only what you are both open to" in words(room.a.get("/today").get_data(as_text=True))


def test_what_one_called_the_issue_is_shown_once_both_have_sent(room: Room) -> None:
    values = fill(library()["compromise"], "Sundays") | {"turns": "comfortable"}
    opened = f"/t/{room.table.given}/open"
    send(room.site.records, room.table.pair.a, room.table.given, values | {"issue_name": "The drums"})
    assert room.b.get(opened).status_code == 303
    send(room.site.records, room.table.pair.b, room.table.given, values | {"issue_name": "Saturday noise"})
    for visitor in (room.a, room.b):
        told = words(visitor.get(opened).get_data(as_text=True))
        assert "The drums" in told
        assert "Saturday noise" in told
