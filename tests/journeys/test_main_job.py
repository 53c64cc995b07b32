"""The whole story: a new practice, a couple, four kinds of exercise, a reply, and two reports that tell what they may."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Device, OpenPage
from tests.journeys.arranged import THERAPIST, Stage
from tests.journeys.walks import (
    Authenticator,
    choice,
    fill_in,
    follow,
    link_in,
    mails_to,
    press,
    press_on,
    set_up_account,
    set_up_second_step,
    sign_in,
)
from tests.journeys.watch import Watch, expect_heading
from tests.servers import LiveServer

FIRST = "maren.oakes@post.example"
SECOND = "tomas.reyle@post.example"

SIGNS = "Five signs of distance"
CHANGED = "What has changed, what comes next"
LETTER = "Saying how it is for me"
TOUCH = "What kind of touch feels good"
DAILY = "Five minutes a day"

# Each word is written once, in one place, by one person. Where it turns up later says who can read that place.
THERAPIST_ONLY = {"merganser", "dotterel", "nightjar", "bittern"}
FOR_BOTH = {"kingfisher", "goldfinch", "wagtail", "sandpiper", "plover"}
DRAFT = "corncrake"
NOTE, REPLY, WORD = "whimbrel", "avocet", "curlew"
BOTH_LIKE = "Sitting close on the sofa"
ONE_DECLINES = "Leaning against each other"

pytestmark = pytest.mark.slow


@dataclass
class Practice:
    """A practice in which nobody works yet, and the people of this story in their browsers."""

    server: LiveServer
    watch: Watch
    therapist: Page
    first: Page
    second: Page
    app: Authenticator | None = None
    found: dict[str, str] = field(default_factory=dict)

    @property
    def partners(self) -> tuple[tuple[Page, str], tuple[Page, str]]:
        """Both partners with their addresses."""
        return ((self.first, FIRST), (self.second, SECOND))

    def open(self, page: Page, path: str) -> None:
        """Open a page of the portal by its path."""
        page.goto(self.server.url + path)


@pytest.fixture
def practice(stage: Stage, watch: Watch, open_page: OpenPage) -> Practice:
    """The practice and the therapist whom it has invited. The second partner's phone runs no script."""
    return Practice(
        stage.server,
        watch,
        therapist=watch.over(open_page(Device.DESKTOP, accept_downloads=True)),
        first=watch.over(open_page(Device.PHONE)),
        second=watch.over(open_page(Device.PHONE, script=False)),
    )


def test_the_main_job(practice: Practice, tmp_path: Path) -> None:
    the_therapist_comes_in(practice)
    the_therapist_adds_a_couple(practice)
    for page, address in practice.partners:
        a_partner_comes_in(practice, page, address)

    the_therapist_assigns(practice, SIGNS)
    for page, words in ((practice.first, "merganser"), (practice.second, "dotterel")):
        a_partner_fills_in_the_signs(practice, page, words)

    for title in (CHANGED, LETTER, DAILY):
        the_therapist_assigns(practice, title)
    the_therapist_prepares_and_releases(practice, TOUCH)
    the_first_partner_does_four_exercises(practice)
    the_second_partner_does_four_exercises(practice)
    both_see_what_is_open_to_both(practice)

    the_therapist_compares_replies_and_marks_as_read(practice)
    both_read_what_the_therapist_wrote(practice)

    for_both = the_report(practice, "Both partners and you", tmp_path)
    for_clinicians = the_report(practice, "You and your colleagues only", tmp_path)
    assert words_of_the_story(for_both) <= FOR_BOTH
    assert words_of_the_story(for_both) & {"kingfisher", "goldfinch", "wagtail"}
    assert words_of_the_story(for_clinicians) <= FOR_BOTH | THERAPIST_ONLY
    assert words_of_the_story(for_clinicians) >= {"merganser", "dotterel"}
    for text in (for_both, for_clinicians):
        assert "Maren" in text
        assert ONE_DECLINES not in text
        assert DRAFT not in text
    assert len(practice.watch.kinds) > 25, practice.watch.kinds


# --- The therapist --------------------------------------------------------------------------------


def the_therapist_comes_in(practice: Practice) -> None:
    """Accept the invitation, choose a password, set up the second step, and sign in with it."""
    page, watch = practice.therapist, practice.watch
    (mail,) = mails_to(practice.server.instance / "outbox", THERAPIST)
    page.goto(link_in(mail))
    watch.look_at(page)
    set_up_account(page, link_in(mail))
    sign_in(page, practice.server.url, THERAPIST)
    watch.look_at(page)
    practice.app = set_up_second_step(page)
    watch.look_at(page)
    follow(page, "I have kept them")
    expect(page.get_by_role("heading", name="No couples yet")).to_be_visible()
    watch.look_at(page)
    page.context.clear_cookies()
    sign_in(page, practice.server.url, THERAPIST, app=practice.app)


def the_therapist_adds_a_couple(practice: Practice) -> None:
    """Invite both partners, each at their own address."""
    page = practice.therapist
    follow(page, "Add a couple")
    practice.watch.look_at(page)
    for legend, name, address in (
        ("First person", "Maren Oakes", FIRST),
        ("Second person", "Tomas Reyle", SECOND),
    ):
        person = page.get_by_role("group", name=legend)
        person.get_by_label("Name").fill(name)
        person.get_by_label("E-mail address").fill(address)
    page.get_by_label("What they want").fill("Talk without the phones on the table")
    press(page, "Send both invitations")
    expect_heading(page, "Maren and Tomas")
    practice.watch.look_at(page)
    practice.found["couple"] = page.url.split("/couples/")[1].split("/")[0]


def open_the_assigning(practice: Practice, title: str) -> Page:
    """Find an exercise in the library by its title, and begin to assign it."""
    page = practice.therapist
    practice.open(page, f"/couples/{practice.found['couple']}")
    practice.watch.look_at(page)
    follow(page, "Assign an exercise")
    practice.watch.look_at(page)
    follow(page, title)
    practice.watch.look_at(page)
    follow(page, re.compile("^Assign"))
    expect_heading(page, f"Assign “{title}”")
    practice.watch.look_at(page)
    return page


def the_therapist_assigns(practice: Practice, title: str) -> None:
    """Give an exercise to both, once or as it suggests, and at once."""
    page = open_the_assigning(practice, title)
    page.get_by_role("group", name="When do they see it?").get_by_label("As soon as it opens").check()
    press(page, "Look it over")
    expect_heading(page, "Check before you assign")
    practice.watch.look_at(page)
    press(page, "Assign")
    expect(page.get_by_text(f"“{title}” is given.")).to_be_visible()


def the_therapist_prepares_and_releases(practice: Practice, title: str) -> None:
    """Prepare an exercise that needs a release; nobody sees it until it is released."""
    page = open_the_assigning(practice, title)
    press(page, "Look it over")
    expect(page.get_by_role("alert").or_(page.locator("[data-error-summary]")).first).to_contain_text(
        "thought"
    )
    page.get_by_label("I have thought about this for Maren and for Tomas").check()
    page.get_by_role("group", name="When do they see it?").get_by_label(
        "Not yet. I will release it myself"
    ).check()
    press(page, "Look it over")
    press(page, "Prepare it")
    expect(page.get_by_text("They see it once you release it.")).to_be_visible()
    practice.open(practice.first, "/today")
    expect(practice.first.get_by_text(title)).to_have_count(0)

    page.get_by_role("row", name=title).get_by_role("link", name="Release").click()
    practice.watch.look_at(page)
    press(page, "Release")
    expect(page.get_by_text(f"“{title}” is released.")).to_be_visible()


def the_therapist_compares_replies_and_marks_as_read(practice: Practice) -> None:
    """Read everything that is new, write to each and to both, and mark it all as read."""
    page, watch = practice.therapist, practice.watch
    practice.open(page, "/couples")
    watch.look_at(page)
    follow(page, "Answers")
    seen = set()
    while page.get_by_role("heading", level=1).first.inner_text() not in {"To read", ""}:
        title = page.locator("main").get_by_role("heading", level=1).inner_text()
        assert title not in seen, f"{title} stays unread"
        seen.add(title)
        watch.look_at(page)
        if title == SIGNS:
            expect(page.get_by_text("merganser")).to_be_visible()
            expect(page.get_by_text("dotterel")).to_be_visible()
            write_words(page, "Note for me", f"Ask about the {NOTE} alone.")
            write_words(page, "Reply to Maren", f"Thank you for telling me of the {REPLY}.")
        if title == CHANGED:
            write_words(page, "Word to both", f"Bring the {WORD} to our session.")
        if title == TOUCH:
            expect(page.get_by_text(BOTH_LIKE)).to_be_visible()
            expect(page.get_by_text(ONE_DECLINES)).to_have_count(0)
        assert DRAFT not in page.content()
        mark_as_read(practice, page)
    assert seen >= {SIGNS, CHANGED, LETTER}, seen
    watch.look_at(page)


def write_words(page: Page, to: str, words: str) -> None:
    """Write a note or a reply below the answers."""
    page.locator("label").filter(has_text=to).first.click()
    page.get_by_label("Your words").fill(words)
    press(page, "Keep or send")
    expect(page.get_by_text(words)).to_be_visible()


def mark_as_read(practice: Practice, page: Page) -> None:
    """Mark what is shown as read and go on to what is next."""
    if page.get_by_role("button", name="Mark as read").count():
        press(page, "Mark as read")
        expect(page.get_by_text("Marked as read.")).to_be_visible()
    else:
        practice.open(page, "/answers")


def the_report(practice: Practice, copy: str, folder: Path) -> str:
    """Look a report over, download it, and return the words in it."""
    page = practice.therapist
    practice.open(page, f"/couples/{practice.found['couple']}")
    follow(page, "Make a report")
    practice.watch.look_at(page)
    page.get_by_label(copy).check()
    press(page, "Look it over")
    expect(page.get_by_role("article", name="Preview")).to_be_visible()
    practice.watch.look_at(page)
    with page.expect_download() as downloading:
        press(page, "Approve and download")
    file = folder / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert re.fullmatch(r"report-[\w-]+\.pdf", file.name)
    told = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True)
    return told.stdout


def words_of_the_story(text: str) -> set[str]:
    """Return which of the words that were written somewhere in this story a text holds."""
    every = {*THERAPIST_ONLY, *FOR_BOTH, DRAFT, NOTE, REPLY, WORD}
    return {word for word in every if word in text}


# --- The partners ---------------------------------------------------------------------------------


def a_partner_comes_in(practice: Practice, page: Page, address: str) -> None:
    """Follow the own invitation, read what has to be known, and agree."""
    watch = practice.watch
    (mail,) = mails_to(practice.server.instance / "outbox", address)
    assert not re.search(r"Maren|Tomas|Ines|Quay|couple|therap", mail), "a mail says nothing about anybody"
    page.goto(link_in(mail))
    watch.look_at(page)
    set_up_account(page, link_in(mail))
    watch.look_at(page)
    sign_in(page, practice.server.url, address)
    expect_heading(page, "Before you start")
    watch.look_at(page)
    press(page, "I’ve read this")
    expect_heading(page, "Who sees what")
    watch.look_at(page)
    press(page, "I agree")
    expect(page.get_by_text("Nothing for today")).to_be_visible()
    watch.look_at(page)
    for tab in ("Together", "Just me", "More", "Today"):
        page.get_by_role("navigation").get_by_role("link", name=tab, exact=True).click()
        watch.look_at(page)


def begin(practice: Practice, page: Page, title: str) -> None:
    """Open an exercise from Today and start it."""
    open_from_today(practice, page, title)
    expect_heading(page, title)
    practice.watch.look_at(page)
    press(page, "Start")


def open_from_today(practice: Practice, page: Page, title: str) -> None:
    """Open an exercise that is listed on Today, or that stands at its top. What can only be read is another link."""
    practice.open(page, "/today")
    practice.watch.look_at(page)
    listed = page.locator("a[href^='/t/']:not([href$='/open'])").filter(has_text=title)
    at_the_top = page.get_by_role("link", name=re.compile("^(Start|Note it)"))
    (listed if listed.count() else at_the_top).first.click()


def walk(practice: Practice, page: Page, pages: list[Mapping[str, str]]) -> None:
    """Answer page after page."""
    for answers in pages:
        practice.watch.look_at(page)
        fill_in(page, answers)
        press_on(page)
    expect_heading(page, "Read it over")
    practice.watch.look_at(page)


def send(practice: Practice, page: Page, *, button: str = "Send", says: str = "Sent") -> None:
    """Send what was answered."""
    press(page, button)
    expect_heading(page, says)
    practice.watch.look_at(page)


def a_partner_fills_in_the_signs(practice: Practice, page: Page, words: str) -> None:
    """Say of five signs how often, since when and how much they hurt; and a word for the therapist alone."""
    begin(practice, page, SIGNS)
    hurts = "8" if words == "merganser" else "3"
    pages: list[Mapping[str, str]] = [
        {
            question: "Often",
            "Since when has it been like this?": "For some months",
            "How much does it hurt you?": hurts,
        }
        for question in (
            "How often do you miss good time together?",
            "How often do you feel that the two of you are far from each other?",
            "How often does something stay unsolved between you",
            "How often do you feel lonely in your relationship?",
            "How often is it hard to talk",
        )
    ]
    walk(
        practice,
        page,
        [*pages, {"Is there anything you would like": f"I would rather say this alone: {words}"}],
    )
    send(practice, page)


def the_first_partner_does_four_exercises(practice: Practice) -> None:
    """Answer, write, choose and note, on a phone with script."""
    page = practice.first
    look_back(practice, page, moment="kingfisher", alone="nightjar", closeness="4")
    begin(practice, page, LETTER)
    walk(
        practice,
        page,
        [
            {
                "What happened, and when?": "When we saw the wagtail on the wall",
                "What did you feel?": "light",
                "What would you like your partner to do?": "walk there with me on Sunday",
            }
        ],
    )
    page.get_by_label("Now").check()
    send(practice, page)
    choose(practice, page, {BOTH_LIKE: "Comfortable", ONE_DECLINES: "Not now"})
    note_the_day(practice, page, "sandpiper")


def the_second_partner_does_four_exercises(practice: Practice) -> None:
    """The same without script; the letter stays a draft."""
    page = practice.second
    look_back(practice, page, moment="goldfinch", alone="bittern", closeness="7")
    begin(practice, page, LETTER)
    fill_in(page, {"What happened, and when?": f"the {DRAFT} that I kept to myself"})
    press(page, "Finish later")
    expect(page.get_by_text("Your draft is saved.", exact=True)).to_be_visible()
    choose(practice, page, {BOTH_LIKE: "Maybe", ONE_DECLINES: "Comfortable"})
    note_the_day(practice, page, "plover")


def look_back(practice: Practice, page: Page, *, moment: str, alone: str, closeness: str) -> None:
    """Answer the questionnaire: most of it for both, one line for the therapist alone."""
    begin(practice, page, CHANGED)
    walk(
        practice,
        page,
        [
            {
                "And how close do I feel these days?": closeness,
                "One moment from these weeks": f"The {moment} by the canal",
            },
            {"The one habit I would like us to keep": "tea before the news"},
            {},
            {
                "Is there something you would like only your therapist to know?": f"I have not told of the {alone}"
            },
        ],
    )
    send(practice, page)


def choose(practice: Practice, page: Page, wishes: Mapping[str, str]) -> None:
    """Mark what feels good, on the first of six pages."""
    begin(practice, page, TOUCH)
    walk(practice, page, [wishes, {}, {}, {}, {}, {}])
    send(practice, page, button="Save my choices", says="Your choices are saved")


def note_the_day(practice: Practice, page: Page, words: str) -> None:
    """Note the five minutes of today."""
    open_from_today(practice, page, DAILY)
    practice.watch.look_at(page)
    choice(page.get_by_role("group", name="Did you two find your five minutes today?"), "Yes").check()
    page.get_by_role("textbox", name="A word or two about it").fill(f"we spoke of the {words}")
    press(page, "Save for today")
    expect(page.get_by_text("Saved.")).to_be_visible()
    practice.watch.look_at(page)


def both_see_what_is_open_to_both(practice: Practice) -> None:
    """Side by side, the overlap, and the letter; nothing of a refusal, a draft or what is for the therapist."""
    hidden = THERAPIST_ONLY | {DRAFT}
    for page, other in ((practice.first, "goldfinch"), (practice.second, "kingfisher")):
        for title in (CHANGED, TOUCH):
            practice.open(page, "/together")
            practice.watch.look_at(page)
            follow(page, title)
            practice.watch.look_at(page)
            if title == TOUCH:
                expect(page.get_by_text(BOTH_LIKE)).to_be_visible()
                expect(page.get_by_text(ONE_DECLINES)).to_have_count(0)
            else:
                expect(page.get_by_text(other)).to_be_visible()
            assert not [word for word in hidden if word in page.content()]
    page = practice.second
    practice.open(page, "/together")
    follow(page, LETTER)
    expect(page.get_by_text("wagtail")).to_be_visible()
    practice.watch.look_at(page)
    page.get_by_label("I hear what this is like for you").check()
    press(page, "Send this answer")
    expect(page.get_by_text("Your answer is sent.")).to_be_visible()


def both_read_what_the_therapist_wrote(practice: Practice) -> None:
    """A word to both reaches both, a reply reaches one, a note reaches nobody."""
    reached: dict[str, set[str]] = {}
    for page, address in practice.partners:
        for title in (SIGNS, CHANGED):
            practice.open(page, "/together")
            if not page.get_by_role("link", name=title).count():
                continue
            follow(page, title)
            practice.watch.look_at(page)
            found = {word for word in (NOTE, REPLY, WORD) if word in page.content()}
            reached[address] = reached.get(address, set()) | found
    assert reached == {FIRST: {REPLY, WORD}, SECOND: {WORD}}
