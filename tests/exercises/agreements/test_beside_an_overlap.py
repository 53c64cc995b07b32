"""After an overlap the text comes second: once both lists are in, with what both are open to beside it."""

import pytest

from portal.access.viewer import Seat, Viewer
from portal.exercises.mechanics.negotiation_model import EventKind as K
from portal.exercises.shelf import library
from tests.exercises.agreements.negotiating import Table
from tests.exercises.agreements.sitting import Room, words
from tests.exercises.doing import fill, give, send
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
