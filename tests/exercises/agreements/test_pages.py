"""A partner's pages of a shared text: what each sees of it, and what happens when both act at the same time."""

from datetime import timedelta

import pytest

from portal.access.viewer import House, Seat
from portal.exercises import care_commands
from portal.exercises.mechanics.negotiation_model import EventKind as K
from portal.exercises.models import AssignmentState
from portal.exercises.parts.agreements.queries import Place
from portal.people.models import Account, AccountState
from tests.exercises.agreements.sitting import Room, answered_alone, form_in, sit, words
from tests.pages import read
from tests.portal_app import Site, Sites, masked

A, B = Seat.A, Seat.B


@pytest.fixture
def room(sites: Sites) -> Room:
    return sit(sites.empty())


def test_it_begins_with_an_introduction_and_then_leads_to_the_text(sites: Sites) -> None:
    room = sit(sites.empty(), begun=False)
    assert room.a.get(room.base).location == f"/t/{room.table.given}"
    address, fields = form_in("", room.a.get(f"/t/{room.table.given}").get_data(as_text=True), "/begin")
    assert room.a.post(address, fields).location == room.base
    assert room.a.get(f"/t/{room.table.given}").location == room.base


def test_a_text_is_begun_clause_by_clause(room: Room) -> None:
    page = room.page(room.a)
    told = words(page)
    assert "A pause We say pause. A suggestion to begin with. Agree to this wording" in told
    assert "How long is it?" in told
    assert "Phones Not at the table." in told

    answer = room.send(room.a, "", "/1/answer", go="agree")
    assert answer.location == f"{room.base}#clause-1"
    told = words(room.page(room.a))
    assert "You agree. It is settled once you both do." in told
    assert "Find words for it" in told

    room.send(room.a, "/2", "/2/words", wording="Twenty minutes.")
    assert "Your words. They are settled once you both agree." in words(room.page(room.a))
    assert "Alex" not in words(room.page(room.a)).replace("You, Alex and Ines", "")
    told = words(room.page(room.b, "?at=2"))
    assert "Sam suggests these words." in told
    room.send(room.b, "?at=2", "/2/answer", go="agree")
    assert "Twenty minutes. Settled" in words(room.page(room.b))


def test_changed_words_show_what_was_taken_out_and_put_in(room: Room) -> None:
    room.table.do(A, K.REWORD, "pause", "We both say stop.")
    page = room.page(room.b)
    assert '<del><span class="quietly">taken out: </span>' in page
    assert "Sam suggests this change." in words(page)
    assert "<ins>" not in room.page(room.a)
    room.table.do(A, K.REWORD, "pause", "Whoever is tired makes a sign with both hands.")
    page = room.page(room.b)
    assert "Before: We say pause." in words(page)
    assert "<ins>" not in page


def test_the_same_words_are_the_same_bytes_whatever_the_other_does_alone(room: Room) -> None:
    table, addresses = room.table, ["/today", "/together", "/just-me", "/more", room.base, f"{room.base}/1"]
    addresses += [f"{room.base}/versions", f"/t/{table.given}"]

    def seen() -> list[bytes]:
        return [masked(room.b.get(each)) for each in addresses]

    table.do(B, K.COMMENT, "pause", "Hello.")
    table.settle()
    before, number = seen(), table.revision(B)
    for kind, clause in ((K.SIGN, ""), (K.TAKE_BACK, ""), (K.SIGN, "")):
        table.do(A, kind, clause)
        table.type(A, Place.WORDING.key("pause"), f"Half a thought about {kind}")
        assert seen() == before
    assert room.b.get(f"{room.base}/now?revision={number}").status_code == 204
    table.do(B, K.SIGN)
    before = seen()
    table.do(A, K.SLIPPED, "pause", "It was a long Monday.", period="2026-W47")
    assert seen() == before


def test_before_having_begun_nobody_learns_that_the_other_has(sites: Sites) -> None:
    room = sit(sites.empty(), begun=False)
    addresses = ["/today", "/together", "/just-me", f"/t/{room.table.given}", room.base]
    # The first form in a browser brings its cookie.
    room.b.get(f"/t/{room.table.given}")
    before = [masked(room.b.get(each)) for each in addresses]
    room.table.type(A, Place.WORDING.key("pause"), "Half a thought")
    room.table.do(A, K.AGREE, "pause")
    assert [masked(room.b.get(each)) for each in addresses] == before
    room.table.do(A, K.REWORD, "pause", "We say stop.")
    assert "It is your turn" in words(room.b.get("/today").get_data(as_text=True))


def test_whoever_has_left_it_out_is_not_called_back_by_the_other(room: Room) -> None:
    _address, fields = form_in("", room.b.get(f"/t/{room.table.given}/leave-out").get_data(as_text=True), "")
    assert room.b.post(f"/t/{room.table.given}/leave-out", fields).status_code == 303
    room.table.do(A, K.REWORD, "pause", "We say stop.")
    assert "How we pause" not in words(room.b.get("/today").get_data(as_text=True))
    assert "We say stop." in room.page(room.b, "/1")


def test_a_page_that_asks_is_answered_only_when_something_has_changed_for_its_reader(room: Room) -> None:
    number = room.table.revision(B)
    assert room.b.get(f"{room.base}/now?revision={number}").status_code == 204
    room.table.do(A, K.REWORD, "pause", "We both say stop.")
    answer = room.b.get(f"{room.base}/now?revision={number}")
    assert answer.status_code == 200
    assert "The text has changed." in answer.get_data(as_text=True)
    assert "We both say stop." not in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_words_that_meet_a_changed_clause_are_kept_and_both_texts_are_shown(room: Room) -> None:
    held = room.held(room.a, "/1", "/1/words")
    room.table.do(B, K.REWORD, "pause", "We say stop.")
    answer = room.sent(room.a, held, wording="We make a T.")

    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    told = words(page)
    assert "These words have changed meanwhile" in told
    assert "What you had before you We say pause." in told
    assert "taken out: pause put in: stop" in told
    address, fields = form_in(room.base, page, "/1/words")
    assert fields["wording"] == ["We make a T."]
    assert room.table.words(A)[Place.WORDING.key("pause")].text == "We make a T."
    assert room.a.post(address, fields).status_code == 303
    assert room.table.view(B).clauses[0].text == "We make a T."
    assert room.table.words(A) == {}


def test_agreeing_to_words_that_have_changed_agrees_to_nothing(room: Room) -> None:
    held = room.held(room.a, "", "/1/answer")
    room.table.do(B, K.REWORD, "pause", "We say stop.")
    answer = room.sent(room.a, held, go="agree")
    assert answer.status_code == 409
    assert "What stands there now" in words(answer.get_data(as_text=True))
    assert not room.table.view(A).clauses[0].is_settled


def test_a_stale_signature_signs_nothing_and_shows_both_texts(room: Room) -> None:
    room.table.settle()
    held = room.held(room.a, "/sign", "/sign")
    room.table.do(B, K.REWORD, "pause", "We say stop.")
    room.table.do(A, K.AGREE, "pause")
    answer = room.sent(room.a, held)

    assert answer.status_code == 409
    told = words(answer.get_data(as_text=True))
    assert "You have signed nothing." in told
    assert "The text that you had before you 1 A pause We say pause. 2 How long Twenty minutes." in told
    assert "The text as it is now 1 A pause We say stop. 2 How long Twenty minutes." in told
    assert room.table.whole().signatures == {}
    assert room.send(room.a, "/sign", "/sign").status_code == 303
    assert room.table.view(A).own_signature is not None


def test_what_is_signed_is_shown_word_for_word_and_both_names_appear_together(room: Room) -> None:
    room.table.settle()
    told = words(room.page(room.a, "/sign"))
    assert "1 A pause We say pause. 2 How long Twenty minutes. We both mean it." in told
    assert "30 days after both have signed" in told
    assert room.send(room.a, "/sign", "/sign").location == room.base
    told = words(room.page(room.a))
    assert "Your signature is under this text." in told
    assert "Sam Wren" not in told
    assert "signature is under" not in words(room.page(room.b))
    room.send(room.b, "/sign", "/sign")
    for visitor in (room.a, room.b):
        told = words(room.page(visitor))
        assert "Version 1, signed by you both." in told
        assert "signed 19 November 2026 Sam Wren Alex Holm" in told
        assert "You look at it together again on 19 December 2026" in told


def test_a_signature_can_be_taken_back_while_it_stands_alone(room: Room) -> None:
    room.table.settle()
    room.table.do(A, K.SIGN)
    room.send(room.a, "", "/unsign")
    assert room.table.whole().signatures == {}
    assert "Read it once more and sign" in words(room.page(room.a))


def test_whoever_signed_an_earlier_wording_is_shown_what_has_changed_since(room: Room) -> None:
    room.table.settle()
    room.table.do(A, K.SIGN)
    room.table.do(B, K.REWORD, "pause", "We say stop.")
    told = words(room.page(room.a))
    assert "You had signed an earlier wording. This is what has changed since:" in told
    assert "You had signed" not in words(room.page(room.b))


def test_something_that_comes_too_late_changes_nothing_and_loses_no_words(room: Room) -> None:
    held = room.held(room.a, "/1", "/1/words")
    room.table.settle()
    room.table.sign()
    answer = room.sent(room.a, held, wording="One more thought about it.")
    assert answer.status_code == 409
    told = words(answer.get_data(as_text=True))
    assert "It is signed now. To change it, open it again first." in told
    assert "One more thought about it." in told
    room.table.do(B, K.REOPEN)
    _address, fields = room.held(room.a, "/1", "/1/words")
    assert fields["wording"] == ["One more thought about it."]


def test_a_text_that_was_put_away_meanwhile_takes_no_answer(room: Room) -> None:
    held = room.held(room.a, "", "/1/answer")
    room.table.do(B, K.WITHDRAW)
    answer = room.sent(room.a, held, go="agree")
    assert answer.status_code == 409
    assert "It was put away meanwhile." in words(answer.get_data(as_text=True))


def test_a_withdrawn_assignment_shows_what_was_typed_and_stays_readable(room: Room) -> None:
    held, remark = room.held(room.a, "/1", "/1/words"), room.held(room.a, "/1", "/1/remark")
    room.table.type(A, Place.WORDING.key("pause"), "We make")
    with room.site.records.within(room.table.pair.therapist) as scope:
        care_commands.end(scope, room.table.given, state=AssignmentState.WITHDRAWN)

    for form, name in ((held, "wording"), (remark, "remark")):
        answer = room.sent(room.a, form, **{name: "We make a T."})
        assert answer.status_code == 409
        assert "We make a T." in answer.get_data(as_text=True)
    kept = room.a.post(f"{room.base}/keep/wording/1", {**held[1], "wording": "We make a T"})
    assert kept.status_code == 409
    told = words(room.page(room.a))
    assert "This has ended" in told
    assert "We say pause." in told
    assert "Agree to this wording" not in told
    assert room.table.words(A)[Place.WORDING.key("pause")].text == "We make"
    assert room.page(room.a, "/1")


def test_with_a_partner_who_can_no_longer_sign_in_everything_stays_as_it_was(room: Room) -> None:
    room.table.settle()
    before = words(room.page(room.a))
    with room.site.records.within(House(room.table.pair.a.practice_id)) as scope:
        scope.find(Account, room.table.pair.b.account_id).state = AccountState.SUSPENDED
    assert words(room.page(room.a)) == before
    assert room.send(room.a, "/sign", "/sign").status_code == 303
    assert "Nobody sees it before you have both signed." in words(room.page(room.a))


def test_two_windows_on_one_clause_never_lose_each_others_words(room: Room) -> None:
    first, second = room.held(room.a, "/1", "/1/words"), room.held(room.a, "/1", "/1/words")
    keep = f"{room.base}/keep/wording/1"
    kept = room.a.post(keep, {**first[1], "wording": "In the first window"})
    assert kept.status_code == 200
    assert 'name="revision" value="1"' in kept.get_data(as_text=True)
    assert room.a.post(keep, {**second[1], "wording": "In the second"}).status_code == 409
    assert room.sent(room.a, second, wording="We say stop.").status_code == 303
    assert room.table.words(A)[Place.WORDING.key("pause")].text == "In the first window"
    _address, fields = room.held(room.a, "/1", "/1/words")
    assert fields["wording"] == ["In the first window"]


def test_words_are_kept_while_they_are_typed_and_gone_once_they_are_sent(room: Room) -> None:
    address, fields = room.held(room.a, "/1", "/1/words")
    room.a.post(f"{room.base}/keep/wording/1", {**fields, "wording": "We make a T."})
    told = room.page(room.a, "/1")
    assert "You had begun these words" in told
    assert room.a.post(address, {**fields, "wording": "We make a T."}).status_code == 303
    assert "You had begun these words" not in room.page(room.a, "/1")
    late = room.a.post(f"{room.base}/keep/wording/1", {**fields, "wording": "We make a T."})
    assert late.status_code in {200, 409}
    assert "You had begun these words" not in room.page(room.a, "/1")


def test_words_can_be_put_by_for_later(room: Room) -> None:
    answer = room.send(room.a, "/1", "/1/words", wording="Not sure yet.", go="later")
    assert answer.location == room.base
    assert room.table.words(A)[Place.WORDING.key("pause")].text == "Not sure yet."
    assert room.table.view(B).clauses[0].text == "We say pause."


def test_the_same_page_sent_twice_counts_once(room: Room) -> None:
    held = room.held(room.a, "/1", "/1/remark")
    for _ in range(2):
        assert room.sent(room.a, held, remark="I like this one.").status_code == 303
    assert [each.text for each in room.table.view(B).clauses[0].comments] == ["I like this one."]
    told = words(room.page(room.b, "/1"))
    assert "Sam 19 Nov I like this one." in told


@pytest.mark.parametrize(
    ("path", "action", "typed", "says"),
    [
        ("/1", "/1/words", {"wording": "x" * 201}, "Use up to 200 characters"),
        ("/1", "/1/remark", {"remark": " "}, "Please write something first"),
        ("/1", "/1/remark", {"remark": "y" * 1001}, "Use up to 1000 characters"),
        ("/new", "/new", {"wording": ""}, "Please write something first"),
        ("/new", "/new", {"wording": "z" * 201}, "Use up to 200 characters"),
        ("/day", "/day", {"day": "2026-11-19"}, "Choose a day after today"),
        ("/day", "/day", {"day": "soon"}, "Please give a day"),
        ("/1", "/1/words", {"wording": "a\x00b"}, "a character that can’t be kept"),
    ],
)
def test_what_can_not_be_taken_is_shown_again_with_a_plain_sentence(
    room: Room, path: str, action: str, typed: dict[str, str], says: str
) -> None:
    answer = room.send(room.a, path, action, **typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert says.replace("’", "'") in page.replace("&#39;", "'").replace("’", "'")
    for value in typed.values():
        assert value.strip()[:40] in page
    assert room.table.view(B) == room.table.view(B)
    assert [each.text for each in room.table.view(B).clauses] == ["We say pause.", "", ""]


def test_words_that_are_too_long_are_kept_all_the_same(room: Room) -> None:
    room.send(room.a, "/1", "/1/words", wording="x" * 250)
    assert room.table.words(A)[Place.WORDING.key("pause")].text == "x" * 250


def test_a_clause_of_ones_own_and_a_day_need_both(room: Room) -> None:
    assert room.send(room.a, "/new", "/new", wording="No shouting.").status_code == 303
    assert room.send(room.a, "/day", "/day", day="2027-01-12").status_code == 303
    told = words(room.page(room.b))
    assert "No shouting. S Sam suggests these words." in told
    assert "You look at it together again on 12 January 2027" in told


def test_a_clause_can_be_left_out_and_taken_up_again(room: Room) -> None:
    room.send(room.a, "/1", "/1/words", wording="")
    assert "You suggest leaving this out." in words(room.page(room.a))
    told = words(room.page(room.b))
    assert "Sam suggests leaving this out." in told
    assert "taken out: We say pause." in told
    room.table.do(B, K.AGREE, "pause")
    assert "A pause You have both left this out" in words(room.page(room.b))


def test_talking_about_it_first_is_a_third_answer_without_words(room: Room) -> None:
    room.send(room.a, "", "/1/answer", go="talk")
    assert "You would like to talk about this first." in words(room.page(room.a))
    assert "Sam would like to talk about this first." in words(room.page(room.b))


def test_versions_show_what_was_new_in_each(room: Room) -> None:
    assert "There is no version yet." in words(room.page(room.a, "/versions"))
    room.table.settle()
    room.table.sign()
    room.table.do(A, K.REOPEN)
    room.table.do(A, K.REWORD, "pause", "We say stop.")
    told = words(room.page(room.b, "/versions"))
    assert "Version 2, in the making" in told
    room.table.do(B, K.AGREE, "pause")
    room.table.sign()
    told = words(room.page(room.b, "/versions"))
    assert "Version 2 Counts now Signed by you both on 19 November 2026." in told
    assert "What was new in it A pause We say taken out: pause put in: stop ." in told
    assert "The whole of version 1 1 A pause We say pause." in told


def test_either_opens_it_again_or_puts_it_away_and_nothing_says_who(room: Room) -> None:
    room.table.settle()
    room.table.sign()
    assert "Version 1 counts until you have both signed a new one." in words(room.page(room.a, "/reopen"))
    assert room.send(room.a, "/reopen", "/reopen").location == room.base
    assert "Version 2, in the making." in words(room.page(room.b))
    assert room.send(room.b, "/away", "/away").location == room.base
    for visitor in (room.a, room.b):
        told = words(room.page(visitor))
        assert "Put away." in told
        assert "Take it up again" in told
    assert room.send(room.a, "/reopen", "/reopen").location == room.base
    assert "These are your words. Do they still fit?" not in words(room.page(room.b))


def test_a_note_on_how_it_went_is_its_writers_and_the_therapists(room: Room) -> None:
    assert room.a.get(f"{room.base}/note").location == room.base
    room.table.settle()
    room.table.sign()
    answer = room.send(room.a, "/note", "/note", went="slipped", clause="pause", note="A long Monday.")
    assert answer.status_code == 303
    told = words(room.page(room.a, "/note"))
    assert "Slipped A pause: A long Monday. Week of 16 Nov" in told
    assert "A long Monday" not in words(room.page(room.b, "/note"))
    assert room.send(room.a, "/note", "/note", went="", note="Kept for me").status_code == 422
    assert room.table.words(A)["note"].text == "Kept for me"
    assert room.send(room.a, "/note", "/note", went="kept", clause="gone", note="").status_code == 422


def test_two_questions_follow_for_each_alone_and_take_it_off_the_list(room: Room) -> None:
    room.table.settle()
    room.table.sign()
    today = words(room.a.get("/today").get_data(as_text=True))
    assert "Two short questions, for you alone" in today
    page = room.page(room.a)
    assert [each for each in read(room.base, page).links if "round=v1" in each]
    answered_alone(room, A)
    assert "Two short questions" not in words(room.page(room.a))
    assert "How we pause" not in words(room.a.get("/today").get_data(as_text=True)).replace(
        "New to read How we pause", ""
    )
    assert "Two short questions" in words(room.page(room.b))


def test_the_coach_looks_at_words_without_sending_them(room: Room) -> None:
    answer = room.send(room.a, "/1", "/1/words", wording="You never listen and you always leave.", go="coach")
    assert answer.status_code == 303
    assert "look=1" in answer.location
    told = words(room.a.get(answer.location.partition("#")[0]).get_data(as_text=True))
    assert "never" in told
    assert room.table.view(B).clauses[0].text == "We say pause."
    assert room.table.words(A)[Place.WORDING.key("pause")].text.startswith("You never listen")


def test_on_the_day_of_review_the_page_says_so(room: Room) -> None:
    room.table.settle()
    room.table.sign()
    assert "The day to look at it again" not in words(room.page(room.a))
    room.site.clock.move(timedelta(days=31))
    room.a, room.b = (room.site.sign_in_as(each) for each in (room.table.pair.a, room.table.pair.b))
    for visitor in (room.a, room.b):
        assert "The day to look at it again" in words(room.page(visitor))
    for seat in Seat:
        answered_alone(room, seat)
        told = words(room.at(seat).get("/today").get_data(as_text=True))
        assert "You wanted to look at it together again" in told


def test_nobody_else_opens_these_pages(room: Room, site: Site) -> None:
    for name in ("therapist", "admin", "desk"):
        stranger = room.site.sign_in_as(room.viewers[name])
        assert stranger.get(room.base).status_code == 404
    neighbours = room.site.world.pair(room.table.pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    dana = room.site.sign_in_as(neighbours.a)
    for path in ("", "/1", "/sign", "/versions", "/note", "/now", "/keep/wording/1"):
        answer = dana.get(room.base + path)
        assert answer.status_code in {303, 404, 405}


@pytest.mark.parametrize("path", ["/0", "/99", "/keep/nothing/1", "/keep/wording/9"])
def test_what_is_not_there_is_not_there(room: Room, path: str) -> None:
    held = room.held(room.a, "/1", "/1/words")[1]
    answer = room.a.post(room.base + path, held) if "keep" in path else room.a.get(room.base + path)
    assert answer.status_code == 404
