"""The pages of a talk without a script: two browsers, kind outcomes for everything that comes at a bad moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from portal.access.viewer import House
from portal.exercises.domain import Recurrence
from portal.exercises.models import AssignmentState
from portal.exercises.shelf import library
from portal.people.models import Account, AccountState
from tests.exercises.talk.talking import K, Talking, whole
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish, masked

KEPT = "What you had written is kept, for you alone."


@dataclass
class Browser:
    """One partner's browser with the page of a talk."""

    visitor: Visitor
    path: str
    text: str = ""

    def look(self, query: str = "") -> "Browser":
        """Open the page."""
        answer = self.visitor.get(self.path + query)
        assert answer.status_code == 200, answer.headers.get("Location")
        self.text = answer.get_data(as_text=True)
        return self

    def form(self, ending: str = "/turns") -> Form:
        """Return the form of the page that goes to an address, with the fields that stand elsewhere on the page."""
        found = next(form for form in read(self.path, self.text).forms if form.action.endswith(ending))
        if ending == "/turns":
            named = re.findall(r'name="(\w+)" value="([^"]*)" form="turn"', self.text)
            found.fields.update({name: [value] for name, value in named})
        return found

    def press(self, act: str, status: int = 303, **typed: str) -> str:
        """Press a button of the page as it stands here, however old it is; return what is answered."""
        fields: dict[str, Any] = {**self.form().fields, **typed, "act": act}
        answer = self.visitor.post(self.path, fields)
        assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
        if status == 303:
            self.look()
            return str(answer.headers["Location"])
        self.text = answer.get_data(as_text=True)
        return self.text

    @property
    def words(self) -> str:
        """The main part of the page without its tags."""
        main = re.search(r"<main.*?</main>", self.text, re.DOTALL)
        assert main
        return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())

    @property
    def acts(self) -> set[str]:
        """What can be pressed in the talk."""
        return {
            value
            for form in read(self.path, self.text).forms
            for name, value in form.buttons
            if name == "act"
        }

    @property
    def field(self) -> str:
        """What stands in the field."""
        found = re.search(r'<textarea[^>]*id="said"[^>]*>\s*(.*?)</textarea>', self.text, re.DOTALL)
        assert found, "there is no field"
        return found[1].strip()


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def talk(site: Site, pair: Pair) -> Talking:
    """A talk that both have begun."""
    return Talking.on(site.records, pair)


@pytest.fixture
def sam(site: Site, pair: Pair, talk: Talking) -> Browser:
    """The first partner's browser."""
    return Browser(site.sign_in_as(pair.a), f"/t/{talk.assignment_id}/turns").look()


@pytest.fixture
def alex(site: Site, pair: Pair, talk: Talking) -> Browser:
    """The second partner's browser."""
    return Browser(site.sign_in_as(pair.b), f"/t/{talk.assignment_id}/turns").look()


def test_a_whole_talk_goes_by_plain_forms(sam: Browser, alex: Browser, pair: Pair) -> None:
    at = {pair.a.account_id: sam, pair.b.account_id: alex}
    for viewer, kind, words in whole(pair.a, pair.b):
        at[viewer.account_id].look().press(kind.value, said=words)

    for browser in (sam, alex):
        browser.look()
        assert "The talk is complete" in browser.words
        assert all(words in browser.words for _who, _kind, words in whole(pair.a, pair.b))
        assert "2 questions for you alone" in browser.words
    assert sam.acts == alex.acts == set()


def test_whose_turn_it_is_stands_in_words(sam: Browser, alex: Browser) -> None:
    assert "Who speaks first?" in sam.words
    sam.press("speak_first")
    assert "Your turn to speak" in sam.words
    assert "Sam’s turn to speak" in alex.look().words
    sam.press("say", said="the ferry was late")
    assert "Your turn to say it back" in alex.look().words
    assert "Alex’s turn to say it back" in sam.words


def test_the_words_beside_the_field_say_who_will_see_it(sam: Browser) -> None:
    sam.press("speak_first")

    assert "Only you for now. Alex and Ines once you send it" in sam.words


def test_when_to_stop_stands_open_for_both_in_every_turn(sam: Browser, alex: Browser, pair: Pair) -> None:
    exercise = library()["check-in"]
    at = {pair.a.account_id: sam, pair.b.account_id: alex}
    for viewer, kind, words in whole(pair.a, pair.b):
        for browser in (sam, alex):
            told = unescape(browser.look().words)
            assert f"Stopping {exercise.stop_rule}" in told
            assert told.count(exercise.stop_rule) == 1
            assert all(each in told for each in (*exercise.cautions, *exercise.steps))
        at[viewer.account_id].look().press(kind.value, said=words)
    for browser in (sam, alex):
        assert exercise.stop_rule not in unescape(browser.look().words)


def test_when_to_stop_stands_there_in_a_pause_too_and_is_never_fetched_again(
    sam: Browser, alex: Browser
) -> None:
    exercise = library()["check-in"]
    sam.press("speak_first")
    address = live_address(alex.look())
    sam.press("pause")
    answer = alex.visitor.get(address)
    assert answer.status_code == 200
    assert exercise.stop_rule not in unescape(answer.get_data(as_text=True))
    for browser in (sam, alex):
        assert exercise.stop_rule in unescape(browser.look().words)


def test_what_to_think_about_is_asked_when_the_talk_is_over(sam: Browser, alex: Browser, pair: Pair) -> None:
    first = library()["check-in"].debrief[0]
    at = {pair.a.account_id: sam, pair.b.account_id: alex}
    *before, (viewer, kind, words) = whole(pair.a, pair.b)
    for each, move, said in before:
        at[each.account_id].look().press(move.value, said=said)
    assert not any(first in unescape(browser.look().words) for browser in (sam, alex))
    address = live_address(sam if viewer is pair.b else alex)
    at[viewer.account_id].press(kind.value, said=words)
    assert all(first in unescape(browser.look().words) for browser in (sam, alex))
    # It comes with the last look too, without loading the page again.
    other = alex if viewer is pair.a else sam
    assert first in unescape(other.visitor.get(address).get_data(as_text=True))


def test_nothing_new_is_answered_with_nothing(sam: Browser, alex: Browser) -> None:
    address = live_address(sam)
    answer = sam.visitor.get(address)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    alex.press("listen_first")
    answer = sam.visitor.get(address)
    assert answer.status_code == 200
    assert "Alex would rather listen first." in answer.get_data(as_text=True)


def test_a_look_that_finds_nothing_new_puts_two_questions_in_one_transaction(
    site: Site, sam: Browser
) -> None:
    address, begun, asked = live_address(sam), [], []
    sam.visitor.get(address)
    event.listen(site.records.engine, "begin", begun.append)
    event.listen(site.records.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert sam.visitor.get(address).status_code == 204
    assert len(begun) == 1
    assert len([statement for statement in asked if "FROM" in statement]) == 2


def live_address(browser: Browser) -> str:
    """Return where a page asks whether anything has changed."""
    found = re.search(r'data-hx-get="([^"]+)"', browser.text)
    assert found
    return found[1].replace("&amp;", "&")


def test_what_the_other_types_changes_nothing_for_the_one_who_waits(
    sam: Browser, alex: Browser, talk: Talking, pair: Pair
) -> None:
    sam.press("speak_first")
    alex.look()
    before = masked(alex.visitor.get(alex.path))
    talk.keep(pair.a, "1.1.1.speak", "half a sentence that nobody sees")

    assert alex.visitor.get(live_address(alex)).status_code == 204
    assert masked(alex.visitor.get(alex.path)) == before


def test_a_field_somebody_types_in_is_never_exchanged(sam: Browser, alex: Browser) -> None:
    sam.press("speak_first")
    address = live_address(sam)
    alex.look().press("pause")
    answer = sam.visitor.get(address).get_data(as_text=True)
    assert "The talk is paused" in answer
    assert 'id="talk-writing"' not in answer

    alex.press("end", 303) if "end" in alex.acts else alex.visitor.post(
        f"{alex.path}/end", {**alex.form().fields}
    )
    answer = sam.visitor.get(address).get_data(as_text=True)
    assert "The talk has ended" in answer
    assert 'id="talk-writing"' in answer


def test_a_save_while_typing_says_that_something_is_new(sam: Browser, alex: Browser) -> None:
    sam.press("speak_first")
    fields = {**sam.form().fields, "said": "half a sentence"}
    quiet = sam.visitor.post(f"{sam.path}/draft", fields)
    assert quiet.status_code == 200
    assert "HX-Trigger" not in quiet.headers
    assert "Draft saved" in quiet.get_data(as_text=True)
    alex.look().press("pause")
    fields["revision"] = re.findall(r'name="revision" value="(\d+)"', quiet.get_data(as_text=True))
    news = sam.visitor.post(f"{sam.path}/draft", {**fields, "said": "half a sentence more"})
    assert "look" in news.headers["HX-Trigger"]


def test_words_typed_out_of_turn_are_kept_and_shown_beside_what_stands_now(
    sam: Browser, alex: Browser
) -> None:
    sam.press("speak_first")
    late = Browser(sam.visitor, sam.path).look()
    sam.press("say", said="the ferry was late")
    late.press("say", 409, said="the gulls were loud")

    assert "It is Alex’s turn at the moment." in late.words or "has gone on" in late.words
    assert KEPT in late.words
    assert "Words you have not sent" in late.words
    assert "the gulls were loud" in late.text
    assert "the gulls were loud" not in alex.look().text


def test_a_page_from_before_the_talk_went_on_loses_nothing(sam: Browser, alex: Browser) -> None:
    """A yes to a sentence that has been replaced must not count for the new one."""
    sam.press("speak_first")
    sam.press("say", said="the ferry was late")
    alex.look().press("say_back", said="the ferry was slow")
    old = Browser(sam.visitor, sam.path).look()
    sam.look().press("clarify", said="late, not slow")
    alex.look().press("say_back", said="the ferry was late")
    old.press("yes", 409, said="half a remark")

    assert "The talk has gone on since this page was opened." in old.words
    assert "Your turn to check" in old.words
    assert "half a remark" in old.text
    assert "yes" in old.acts


def test_two_windows_of_one_partner_never_overwrite_each_other(sam: Browser) -> None:
    sam.press("speak_first")
    one, two = Browser(sam.visitor, sam.path).look(), Browser(sam.visitor, sam.path).look()
    saved = sam.visitor.post(f"{sam.path}/draft", {**one.form().fields, "said": "the words of one"})
    assert saved.status_code == 200
    assert sam.visitor.post(f"{sam.path}/draft", {**two.form().fields, "said": "of two"}).status_code == 409
    two.press("say", said="the words of two")

    assert "the words of two" in sam.look().words
    assert "Words you have not sent" in sam.words
    assert "the words of one" in sam.text


def test_both_kind_words_at_the_same_time_are_both_taken(
    sam: Browser, alex: Browser, talk: Talking, pair: Pair
) -> None:
    talk.play(*whole(pair.a, pair.b)[:-2])
    sam.look(), alex.look()
    sam.press("say", said="thank you for the walk")
    alex.press("say", said="thank you for the soup")

    assert "The talk is complete" in alex.words


@pytest.mark.parametrize("state", [AssignmentState.WITHDRAWN, AssignmentState.FINISHED])
def test_an_exercise_that_is_closed_while_somebody_types_keeps_their_words(
    sam: Browser, talk: Talking, state: AssignmentState
) -> None:
    sam.press("speak_first")
    asks = live_address(sam)
    talk.end(state)
    assert "This has ended" in sam.visitor.get(asks).get_data(as_text=True)
    page = sam.press("say", 409, said="I wanted to say that the ferry was late")

    assert "This has ended" in page
    assert KEPT in page
    assert "I wanted to say that the ferry was late" in page
    assert "I wanted to say that the ferry was late" in sam.look().text
    assert "Back to Today" in sam.words


def test_a_removed_partner_leaves_a_page_on_which_the_other_can_end(
    sam: Browser, alex: Browser, site: Site, pair: Pair
) -> None:
    sam.press("speak_first")
    before = masked(sam.visitor.get(sam.path))
    with site.records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, pair.b.account_id or "").state = AccountState.SUSPENDED

    assert masked(sam.visitor.get(sam.path)) == before
    sam.press("say", said="are you there")
    assert alex.visitor.get(alex.path).status_code == 303
    sam.visitor.post(f"{sam.path}/end", sam.form().fields)
    assert "The talk has ended" in sam.look().words


@pytest.mark.parametrize("said", ["", "   ", "x" * 2001])
def test_words_that_are_missing_or_too_many_are_asked_for_again(sam: Browser, said: str) -> None:
    sam.press("speak_first")
    sam.press("say", 422, said=said)

    assert ("Please write something first" in sam.words) or ("Use up to 2000 characters" in sam.words)
    assert sam.field == said.strip()


def test_a_character_that_cannot_be_kept_is_named_and_the_words_stay(sam: Browser) -> None:
    sam.press("speak_first")
    page = sam.press("say", 422, said="the ferry \x01 was late")

    assert "be kept. Please take it out" in page
    assert "was late" in page


def test_a_pause_is_for_both_and_says_of_neither_that_it_was_theirs(sam: Browser, alex: Browser) -> None:
    sam.press("speak_first")
    alex.look().press("pause")
    assert "The talk is paused" in alex.words
    theirs = sam.look().words
    alex.press("resume")
    sam.look().press("pause")

    assert sam.look().words == theirs
    assert "You can keep writing. It can be sent once the talk goes on." in sam.words
    sam.press("say", 409, said="while it rests")
    assert "The talk is paused at the moment." in sam.words
    assert sam.field == "while it rests"


def test_a_time_to_go_on_is_named_at_the_practices_clock_and_agreed_on(
    sam: Browser, alex: Browser, talk: Talking
) -> None:
    sam.press("pause")
    later = {**sam.form("/later").fields, "when": "own", "day": "2026-11-20", "clock": "19:30"}
    assert sam.visitor.post(f"{sam.path}/later", later).status_code == 303
    assert "You suggested to go on Friday 20 November, 19:30." in sam.look().words
    assert "Sam suggests to go on Friday 20 November, 19:30." in alex.look().words
    alex.press("agree_return")

    assert "You go on Friday 20 November, 19:30." in alex.words
    assert "You go on Friday 20 November, 19:30." in sam.look().words
    assert talk.view(talk.pair.a).back_is_agreed


def test_a_time_that_was_named_anew_is_not_agreed_on_from_an_old_page(
    sam: Browser, alex: Browser, talk: Talking
) -> None:
    sam.press("speak_first")
    alex.look().press("pause")

    def name(when: str) -> None:
        later = {**alex.look().form("/later").fields, "when": when}
        assert alex.visitor.post(f"{alex.path}/later", later).status_code == 303

    name("20")
    sam.look()
    name("day")
    words = sam.press("agree_return", 409, said="what I have begun to write")

    assert "The time to go on has changed since this page was opened." in words
    assert not talk.view(talk.pair.a).back_is_agreed
    assert "Alex suggests to go on Friday 20 November, 09:00." in sam.words
    assert sam.field == "what I have begun to write"
    sam.press("agree_return")
    assert talk.view(talk.pair.a).back_is_agreed


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "Please choose when to go on"),
        ({"when": "own", "day": "", "clock": ""}, "Please choose a day and a time"),
        ({"when": "own", "day": "2026-11-19", "clock": "08:00"}, "This time has passed"),
        ({"when": "own", "day": "2026-11-20", "clock": "25:00"}, ""),
        ({"when": "own", "day": "0001-01-01", "clock": "00:00"}, "This time has passed"),
        ({"when": "own", "day": "9999-12-31", "clock": "23:59"}, "Choose a day within the next two years"),
    ],
)
def test_a_time_that_is_not_one_is_asked_for_again(sam: Browser, chosen: dict[str, str], words: str) -> None:
    sam.press("pause")
    answer = sam.visitor.post(f"{sam.path}/later", {**sam.form("/later").fields, **chosen})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("when", "words"), [("20", "09:20"), ("60", "10:00"), ("day", "Friday 20 November, 09:00")]
)
def test_a_usual_time_is_one_press(sam: Browser, when: str, words: str) -> None:
    sam.press("pause")
    sam.visitor.post(f"{sam.path}/later", {**sam.form("/later").fields, "when": when})

    assert words in sam.look().words


def test_ending_is_asked_once_more_and_keeps_what_was_typed(sam: Browser, alex: Browser) -> None:
    sam.press("speak_first")
    where = sam.press("stop", said="half a sentence")
    assert where.endswith("/end")
    asked = Browser(sam.visitor, where).look()
    assert "End the talk for you both?" in asked.words
    assert sam.visitor.post(where, asked.form("/end").fields).status_code == 303

    assert "The talk has ended" in sam.look().words
    assert "half a sentence" in sam.text
    assert "The talk has ended" in alex.look().words
    assert "half a sentence" not in alex.text
    assert "2 questions for you alone" in sam.words
    assert "2 questions for you alone" in alex.words


def test_the_questions_afterwards_lead_back_and_show_nothing_to_the_other(
    sam: Browser, alex: Browser
) -> None:
    sam.visitor.post(f"{sam.path}/end", sam.form().fields)
    before = masked(alex.visitor.get(alex.path))
    link = next(link for link in read(sam.path, sam.look().text).links if "part=dialogue" in link)
    step = Browser(sam.visitor, link).look()
    form = next(form for form in read(link, step.text).forms if "/p/" in form.action)
    answer = sam.visitor.post(
        form.action, {**form.fields, "free_to_say_no": "yes", "worry": "no", "go": "on"}
    )
    check = Browser(sam.visitor, answer.headers["Location"]).look()
    form = next(form for form in read(link, check.text).forms if "/send" in form.action)
    answer = sam.visitor.post(form.action, form.fields)

    assert answer.headers["Location"].endswith("/turns")
    assert "You have answered the questions for you alone." in sam.look().words
    assert masked(alex.visitor.get(alex.path)) == before


def test_words_that_were_not_sent_can_be_thrown_away(sam: Browser) -> None:
    sam.press("speak_first")
    sam.press("stop", said="half a sentence")
    sam.visitor.post(f"{sam.path}/end", sam.form().fields)
    assert "half a sentence" in sam.look().text
    form = sam.form("/forget")
    assert sam.visitor.post(form.action, form.fields).status_code == 303

    assert "half a sentence" not in sam.look().text


def test_finishing_later_keeps_the_words_in_their_field(sam: Browser) -> None:
    sam.press("speak_first")
    assert sam.press("later", said="half a sentence") == "/today"

    assert sam.field == "half a sentence"
    assert "Draft saved" in sam.words


def test_the_time_is_told_in_plain_words(sam: Browser, alex: Browser, talk: Talking) -> None:
    sam.press("speak_first")
    assert "5:00" in sam.words
    sam.press("start")
    assert "until 09:05" in sam.words
    assert "until 09:05" in alex.look().words
    talk.clock.move(timedelta(minutes=9))
    assert "The time is up. Take the time you need." in sam.look().words
    sam.press("say", said="a late word")


def test_a_talk_can_be_looked_at_again_without_a_script(sam: Browser) -> None:
    assert re.search(r"<noscript>.*Look again.*</noscript>", sam.text, re.DOTALL)


def test_the_other_talks_of_an_exercise_that_comes_back_can_be_read(site: Site, pair: Pair) -> None:
    talk = Talking.on(site.records, pair, recurrence=Recurrence.WEEKLY)
    talk.play(*whole(pair.a, pair.b))
    talk.clock.move(timedelta(days=7))
    sam = Browser(site.sign_in_as(pair.a), f"/t/{talk.assignment_id}/turns").look()
    assert "the attic is full of boxes" in sam.words
    sam.visitor.post(f"/t/{talk.assignment_id}/begin", sam.form().fields)
    assert "Who speaks first?" in sam.look().words
    assert "the attic is full of boxes" not in sam.words
    link = next(link for link in read(sam.path, sam.text).links if "round=2026-W47" in link)
    assert "the attic is full of boxes" in Browser(sam.visitor, link).look().words


def test_a_shared_topic_is_suggested_and_agreed_on(site: Site, pair: Pair) -> None:
    talk = Talking.on(site.records, pair, "understanding-first")
    path = f"/t/{talk.assignment_id}/turns"
    sam, alex = Browser(site.sign_in_as(pair.a), path).look(), Browser(site.sign_in_as(pair.b), path).look()
    sam.press("topic", said="Sundays")
    alex.press("topic", 409, said="The garden")
    assert "Sundays" in alex.words
    assert 'value="The garden"' in alex.text
    alex.press("topic", said="Sunday mornings")
    sam.look().press("agree_topic")

    assert "About: Sunday mornings" in sam.words or "Who speaks first?" in sam.words


def test_nobody_else_gets_to_the_pages(site: Site, pair: Pair, talk: Talking) -> None:
    stranger = furnish(site.records)[0].a
    path = f"/t/{talk.assignment_id}/turns"
    for visitor in (site.sign_in_as(stranger), site.sign_in_as(pair.therapist)):
        for query in ("", "/end", "/now?round=1&seen=0"):
            assert visitor.get(path + query).status_code == 404


def test_an_exercise_without_a_talk_has_no_such_page(site: Site, pair: Pair) -> None:
    from tests.exercises.doing import give

    given = give(site.records, pair, "warning-signs")
    assert site.sign_in_as(pair.a).get(f"/t/{given}/turns").status_code == 404


def test_before_it_is_begun_its_introduction_is_shown(site: Site, pair: Pair) -> None:
    from tests.exercises.doing import give

    given = give(site.records, pair, "check-in")
    answer = site.sign_in_as(pair.a).get(f"/t/{given}/turns")
    assert answer.headers["Location"] == f"/t/{given}"


def test_the_therapist_reads_what_was_said_how_often_it_was_put_right_and_how_it_ended(
    site: Site, pair: Pair, talk: Talking
) -> None:
    ines = Browser(site.sign_in_as(pair.therapist), f"/answers/{talk.assignment_id}")
    assert "The talk of" not in ines.look().words
    talk.play(*whole(pair.a, pair.b)[:6])
    assert "Going on" in ines.look().words
    talk.play(*whole(pair.a, pair.b)[6:])
    page = ines.look().words
    assert "Complete" in page
    assert "put it right once" in page
    assert "nothing to put right" in page
    assert all(words in page for _who, _kind, words in whole(pair.a, pair.b))


def test_a_stopped_talk_says_to_the_therapist_neither_who_stopped_it_nor_who_paused(
    site: Site, pair: Pair
) -> None:
    pages = []
    for who in ("a", "b"):
        talk = Talking.on(site.records, pair)
        talk.do(pair.a, K.SPEAK_FIRST, minutes=0)
        talk.do(pair.a, K.SAY, "the ferry was late", minutes=0)
        talk.do(getattr(pair, who), K.PAUSE, minutes=0)
        talk.do(getattr(pair, who), K.END, minutes=0)
        answer = site.sign_in_as(pair.therapist).get(f"/answers/{talk.assignment_id}")
        pages.append(masked(answer).replace(talk.assignment_id.encode(), b"*"))
    assert b"Stopped before its end" in pages[0]
    assert sheet(pages[0]) == sheet(pages[1])


def sheet(page: bytes) -> bytes:
    """Return what a review says of the talk."""
    found = re.search(rb'<section class="sheet">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda fields: fields | {"seen": "x"},
        lambda fields: fields | {"seen": "9" * 40},
        lambda fields: fields | {"round": "2031-W99"},
        lambda fields: fields | {"writing": "x" * 900},
        lambda fields: fields | {"act": "hand_over"},
        lambda fields: fields | {"act": "nothing"},
        lambda fields: {name: value for name, value in fields.items() if name != "once_key"},
    ],
)
def test_a_damaged_form_harms_nothing(
    sam: Browser, site: Site, damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    sam.press("speak_first")
    fields: dict[str, Any] = {**sam.form().fields, "said": "the ferry was late", "act": "say"}
    assert sam.visitor.post(sam.path, damage(fields)).status_code in {303, 409, 422}
    assert site.faults == []
