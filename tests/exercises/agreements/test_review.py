"""What a couple's therapist sees of a shared text, and who else sees it: nobody."""

import pytest

from portal.access.viewer import Seat
from portal.exercises.mechanics.negotiation_model import EventKind as K
from tests.exercises.agreements.sitting import Room, answered_alone, form_in, sit, words
from tests.portal_app import Sites, Visitor

A, B = Seat.A, Seat.B


@pytest.fixture
def room(sites: Sites) -> Room:
    return sit(sites.empty())


@pytest.fixture
def ines(room: Room) -> Visitor:
    return room.site.sign_in_as(room.viewers["therapist"])


def told(room: Room, ines: Visitor) -> str:
    """Return the words of the therapist's page about the text."""
    answer = ines.get(f"/answers/{room.table.given}")
    assert answer.status_code == 200, room.site.faults
    return words(answer.get_data(as_text=True))


def test_before_anything_has_happened_there_is_nothing_to_read(room: Room, ines: Visitor) -> None:
    assert "There is nothing to read in this round." in told(room, ines)


def test_the_therapist_sees_who_has_agreed_to_what_and_who_has_signed(room: Room, ines: Visitor) -> None:
    room.table.do(A, K.REWORD, "length", "Twenty minutes.")
    room.table.do(B, K.TALK, "length")
    room.table.do(B, K.COMMENT, "length", "That is short.")
    seen = told(room, ines)
    assert "In the making. Nothing counts yet." in seen
    assert "Last worded by Sam S Sam Agrees A Alex Would like to talk about it first" in seen
    assert "A pause We say pause. S Sam No answer to this wording A Alex No answer to this wording" in seen
    assert "That is short." in seen
    assert "Nobody has taken up: Phones" in seen
    room.table.do(B, K.AGREE, "length")
    room.table.settle()
    room.table.do(A, K.SIGN)
    assert "S Sam Signed this text Thu 19 Nov, 09:00" in told(room, ines)
    room.table.do(B, K.REWORD, "pause", "We say stop.")
    assert "Signed an earlier wording Thu 19 Nov, 09:00; it no longer counts" in told(room, ines)


def test_versions_notes_and_closing_answers_are_read_together(room: Room, ines: Visitor) -> None:
    room.table.settle()
    room.table.sign()
    room.table.do(A, K.SLIPPED, "pause", "A long Monday.", period="2026-W46")
    room.table.do(B, K.KEPT, "", "", period="2026-W47")
    room.table.do(A, K.REOPEN)
    room.table.do(A, K.REWORD, "pause", "We say stop.")
    room.table.do(B, K.AGREE, "pause")
    room.table.sign()
    answered_alone(room, B)
    seen = told(room, ines)
    assert "Version 2 counts. Both have signed it. They look at it again on 19 December 2026." in seen
    assert "Version 2, signed by both on 19 November 2026 Counts now A pause We say taken out: pause" in seen
    assert "16 Nov – Kept 9 Nov Slipped: A pause A long Monday. –" in seen
    assert (
        "A Alex After version 2, Thu 19 Nov, 09:00 Did you feel free to say no? Partly Any worry? No" in seen
    )
    assert "After version 2, Thu 19 Nov, 09:00 Did you feel" not in words(room.page(room.a))


def test_what_was_signed_is_new_to_read_at_once(room: Room, ines: Visitor) -> None:
    room.table.settle()
    room.table.do(A, K.SIGN)
    assert "All read" in words(ines.get("/answers").get_data(as_text=True))
    room.table.do(B, K.SIGN)
    assert "How we pause" in words(ines.get("/answers").get_data(as_text=True))


def test_a_text_that_was_put_away_says_so(room: Room, ines: Visitor) -> None:
    room.table.settle()
    room.table.sign()
    room.table.do(B, K.WITHDRAW)
    assert "Put away. Nothing counts at the moment." in told(room, ines)


def test_the_therapists_words_stand_on_both_partners_page(room: Room, ines: Visitor) -> None:
    address = f"/answers/{room.table.given}"
    form, fields = form_in(address, ines.get(address).get_data(as_text=True), "/feedback")
    assert ines.post(form, {**fields, "to": "both", "body": "Bring it on Tuesday."}).status_code == 303
    for visitor in (room.a, room.b):
        assert "From Ines Thursday 19 November Bring it on Tuesday." in words(room.page(visitor))


@pytest.mark.parametrize("name", ["a", "b", "admin", "desk"])
def test_nobody_else_reads_the_review(room: Room, name: str) -> None:
    room.table.settle()
    assert room.site.sign_in_as(room.viewers[name]).get(f"/answers/{room.table.given}").status_code == 404
