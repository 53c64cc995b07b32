"""The writing coach beside a letter: hints for its writer alone, while they want them, and kept nowhere."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from portal.exercises.coach import Kind
from portal.exercises.coach_pages import has_hints
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.shelf import in_language, library
from tests.exercises.doing import give
from tests.factories import Pair
from tests.portal_app import Site, Visitor, settle

BLUNT = {
    "situation": "you came home at ten on Monday. You never call",
    "feeling": "lonely",
    "request": "a call",
}
SAID = "Which one time are you thinking of?"
SLOTS = json.dumps([["situation", "When", True], ["feeling", "I felt", True]])


@dataclass
class Desk:
    """A partner who writes, in their browser, and the letter."""

    site: Site
    pair: Pair
    visitor: Visitor
    assignment: str

    @property
    def step(self) -> str:
        return f"/t/{self.assignment}/p/1"

    def send(self, typed: Mapping[str, str], go: str, *, revision: int = 0) -> tuple[int, str]:
        """Send the page with a button; return the status, and where it leads or the page itself."""
        fields = {**typed, "csrf_token": self.visitor.csrf, "go": go, "revision": str(revision)}
        answer = self.visitor.post(self.step, fields)
        return answer.status_code, answer.location or answer.get_data(as_text=True)

    def read(self, path: str = "") -> str:
        return self.visitor.get(path or self.step).get_data(as_text=True)

    def ask(self, typed: Mapping[str, str], **other: str) -> tuple[int, str]:
        """Ask for hints the way a page does while somebody types."""
        fields = {**typed, "csrf_token": self.visitor.csrf, "kind": "i_statement", "slots": SLOTS, **other}
        answer = self.visitor.post("/words", fields)
        return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def desk(site: Site) -> Desk:
    return _desk(site, "i-statements")


def _desk(site: Site, slug: str) -> Desk:
    pair = site.world.pair(site.world.practice())
    settle(site.records, pair.a)
    settle(site.records, pair.b)
    assignment = give(site.records, pair, slug)
    visitor = site.sign_in_as(pair.a)
    visitor.post(f"/t/{assignment}/begin", {"csrf_token": visitor.csrf})
    return Desk(site, pair, visitor, assignment)


def test_hints_stand_beside_the_words_they_quote(desk: Desk) -> None:
    desk.send(BLUNT, "later")
    page = desk.read()
    assert SAID in page
    assert "<mark>You never call</mark>" in page
    assert page.index('name="situation"') < page.index("<mark>You never call") < page.index('name="feeling"')


def test_without_script_a_button_shows_hints_and_keeps_what_is_typed(desk: Desk) -> None:
    status, address = desk.send(BLUNT, "coach")
    assert (status, address) == (303, f"{desk.step}?look=1#words")
    page = desk.read(address)
    assert SAID in page
    assert "You never call</textarea>" in page


def test_looking_over_asks_for_nothing_that_is_missing(desk: Desk) -> None:
    assert desk.send({"situation": "you never call"}, "coach")[0] == 303


def test_looking_over_keeps_a_text_that_is_too_long_for_a_draft(desk: Desk) -> None:
    status, page = desk.send({**BLUNT, "situation": "You never call. " + "long " * 200}, "coach")
    assert status == 422
    assert SAID in page
    assert "long long long </textarea>" in page or "long long long</textarea>" in page


def test_looking_over_comes_back_to_a_page_that_was_to_be_changed(desk: Desk) -> None:
    fields = {**BLUNT, "csrf_token": desk.visitor.csrf, "go": "coach"}
    assert (
        desk.visitor.post(f"{desk.step}?then=check", fields).location
        == f"{desk.step}?then=check&look=1#words"
    )


def test_the_page_before_sending_has_the_hints_once_more(desk: Desk) -> None:
    desk.send(BLUNT, "on")
    assert SAID in desk.read(f"/t/{desk.assignment}/check")


def test_while_somebody_types_hints_come_for_each_part(desk: Desk) -> None:
    status, answer = desk.ask({"situation": "you never call", "feeling": "sad"})
    assert status == 200
    assert re.findall(r'<hx-partial hx-target="#(hints-\w+)"', answer) == [
        "hints-situation", "hints-feeling", "hints-whole",
    ]  # fmt: skip
    assert "<mark>you never call</mark>" in answer
    assert "csrf_token" not in answer


def test_words_are_shown_as_words_whatever_they_look_like(desk: Desk) -> None:
    _status, answer = desk.ask({"situation": "you never <b>call</b>", "feeling": ""})
    assert "<b>" not in answer


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "poem"},
        {"kind": ""},
        {"slots": ""},
        {"slots": "{}"},
        {"slots": "[]"},
        {"slots": "[1]"},
        {"slots": '[["a b", "", true]]'},
        {"slots": json.dumps([["words", "", True]] * 13)},
    ],
)
def test_a_request_that_no_page_makes_is_refused(desk: Desk, other: dict[str, str]) -> None:
    assert desk.ask({"situation": "you never call"}, **other)[0] == 400


def test_a_text_longer_than_any_letter_is_not_looked_at(desk: Desk) -> None:
    assert desk.ask({"situation": "never " * 4000}) == (204, "")


def test_only_partners_ask_for_hints(desk: Desk) -> None:
    visitor = desk.site.sign_in_as(desk.pair.therapist)
    fields = {
        "csrf_token": visitor.csrf,
        "kind": "turn",
        "slots": '[["words", "", true]]',
        "words": "you never call",
    }
    assert visitor.post("/words", fields).status_code == 404


def test_asking_for_hints_changes_nothing_and_is_logged_nowhere(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.read()
    before = desk.site.state()
    desk.ask({"situation": "you never call quillmere", "feeling": "that I want to die"})
    assert desk.site.state() == before
    assert "quillmere" not in caplog.text
    assert desk.site.faults == []


def test_asking_when_nobody_is_signed_in_any_more_keeps_nothing(desk: Desk) -> None:
    fields = {
        "csrf_token": desk.visitor.csrf,
        "kind": "i_statement",
        "slots": SLOTS,
        "situation": "you never call",
    }
    before = desk.site.state()
    stranger = desk.site.sign_in_as(None)
    assert stranger.post("/words", fields).status_code in {400, 401}
    assert desk.site.state() == before


def test_hints_can_be_turned_off_and_on_again(desk: Desk) -> None:
    desk.send(BLUNT, "hints-off")
    page = desk.read()
    assert SAID not in page
    assert "Turn hints on" in page
    assert "/words" not in page
    assert SAID not in desk.ask({"situation": "you never call"})[1]
    assert SAID not in desk.read(f"/t/{desk.assignment}/check")
    desk.send(BLUNT, "hints-on", revision=1)
    assert SAID in desk.read()


def test_turning_hints_off_keeps_what_is_typed(desk: Desk) -> None:
    assert desk.send(BLUNT, "hints-off")[0] == 303
    assert "You never call</textarea>" in desk.read()


def test_with_hints_off_the_writer_can_still_ask_for_them(desk: Desk) -> None:
    desk.send(BLUNT, "hints-off")
    assert SAID in desk.read(desk.send(BLUNT, "coach", revision=1)[1])


def test_who_else_uses_the_browser_does_not_find_hints_turned_off(desk: Desk) -> None:
    desk.send(BLUNT, "hints-off")
    cookie = desk.visitor.client.get_cookie("portal-page")
    assert cookie is not None
    other = desk.site.sign_in_as(desk.pair.b)
    other.client.set_cookie("portal-page", cookie.value)
    other.post(f"/t/{desk.assignment}/begin", {"csrf_token": other.csrf})
    assert "Turn hints off" in other.get(desk.step).get_data(as_text=True)


def test_the_cookie_names_nobody_and_tells_nothing_of_the_text(desk: Desk) -> None:
    desk.send(BLUNT, "hints-off")
    cookie = desk.visitor.client.get_cookie("portal-page")
    assert cookie is not None
    assert cookie.http_only
    assert desk.pair.a.account_id not in cookie.value
    assert re.fullmatch(r"[\w-]{27}", cookie.value)


def test_a_free_note_is_read_like_what_is_said_in_a_talk(site: Site) -> None:
    desk = _desk(site, "surprise-note")
    desk.send({"note": "You never call me. You are so lazy."}, "later")
    page = desk.read()
    assert re.findall(r"<mark>(.*?)</mark>", page) == ["You never call me", "You are so lazy"]
    assert "&#34;kind&#34;: &#34;turn&#34;" in page


def test_a_friendly_note_is_left_alone(site: Site) -> None:
    desk = _desk(site, "surprise-note")
    desk.send({"note": "Remember the red kite? I hope the sun finds you today. See you at seven."}, "later")
    assert "<mark>" not in desk.read()


def test_beside_every_letter_there_is_a_coach() -> None:
    letters = [exercise for exercise in library().values() if exercise.spec(LetterSpec) is not None]
    assert {exercise.slug for exercise in letters} >= {"surprise-note", "what-i-miss", "i-statements"}
    for exercise in letters:
        assert has_hints(exercise)
        for translated in exercise.translations:
            assert not has_hints(in_language(exercise, translated))


@pytest.mark.parametrize(
    "slug",
    ["i-statements", "appreciations", "repair-script", "daily-affirmation", "honest-account", "what-i-miss"],
)
def test_beside_a_letter_there_is_one(site: Site, slug: str) -> None:
    desk = _desk(site, slug)
    assert "/words" in desk.read()
    assert "Writing hints" in desk.read(f"/t/{desk.assignment}?again=1")


@pytest.mark.parametrize("go", ["later", "hints-off"])
def test_words_about_dying_show_their_writer_who_can_help_now(desk: Desk, go: str) -> None:
    desk.send({**BLUNT, "feeling": "that I want to kill myself"}, go)
    for path in (desk.step, f"/t/{desk.assignment}/check"):
        page = desk.read(path)
        assert page.count("Somebody can talk with you now") == 1
        assert "Samaritans" in page
    assert "Somebody can talk with you now" not in desk.read("/")


def test_words_about_dying_show_help_while_they_are_typed(desk: Desk) -> None:
    _status, answer = desk.ask({"situation": "you left", "feeling": "that I want to kill myself"})
    assert answer.index("hints-feeling") < answer.index("Samaritans") < answer.index("hints-whole")


def test_every_kind_of_text_can_be_asked_about(desk: Desk) -> None:
    for kind in Kind:
        assert desk.ask({"situation": "you never call"}, kind=kind.value)[0] == 200
