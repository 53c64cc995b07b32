"""A whole talk in two browsers at once: turns arrive by themselves, and nothing that somebody types is ever touched."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from portal.access.viewer import Viewer
from tests.browser import Device, OpenPage
from tests.factories import Pair
from tests.journeys.arranged import Stage
from tests.journeys.walks import press, sign_in
from tests.journeys.watch import Watch, expect_heading

FIELD = "#said"
SEEN_WITHIN = 3.0
SLOW_MACHINE = 6.0
"""How much longer something may take where many other things run at the same time."""


@pytest.fixture
def pair(stage: Stage) -> Pair:
    """A couple of this test's own."""
    return stage.couple()


@pytest.fixture
def talk(stage: Stage, pair: Pair) -> str:
    """A talk that both were asked to have."""
    return stage.give(pair, "check-in")


def come_in(stage: Stage, watch: Watch, page: Page, viewer: Viewer, talk: str) -> Page:
    """Sign a partner in, and let them begin."""
    watch.over(page)
    sign_in(page, stage.server.url, stage.address(viewer))
    page.goto(f"{stage.server.url}/t/{talk}")
    press(page, "Start")
    expect_heading(page, "Who speaks first?")
    return page


@contextmanager
def soon() -> Iterator[None]:
    """Fail if something takes longer than a turn may take to be seen."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SEEN_WITHIN + SLOW_MACHINE


def say(page: Page, words: str, button: str) -> None:
    """Type words and send them."""
    page.locator(FIELD).fill(words)
    page.get_by_role("button", name=button, exact=True).click()


def arrives(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait for a heading that comes by itself."""
    with soon():
        expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_whole_talk_on_two_phones(
    stage: Stage, watch: Watch, pair: Pair, talk: str, open_page: OpenPage
) -> None:
    sam = come_in(stage, watch, open_page(Device.PHONE), pair.a, talk)
    alex = come_in(stage, watch, open_page(Device.PHONE), pair.b, talk)
    press(sam, "I’ll speak first")
    arrives(alex, "Sam’s turn to speak")
    for page in (sam, alex):
        expect(page.get_by_text("Press pause when you feel flooded")).to_be_visible()
    sam_speaks(watch, sam, alex)
    alex_says_it_back(watch, sam, alex)
    alex_speaks(sam, alex)
    both_have_a_last_word(sam, alex)
    for page in (sam, alex):
        expect(page.get_by_text("Tired, and a little lonely.")).to_be_visible()
        expect(page.get_by_text("Thank you for coming home.")).to_be_visible()
        # Also on the page of whoever only looked on: there is nothing to stop any more, and something to talk about.
        expect(page.get_by_text("Press pause when you feel flooded")).to_be_hidden()
        expect(page.get_by_text("To talk about, if you like")).to_be_visible()
    watch.look_at(sam)

    alex.get_by_role("link", name="2 questions for you alone").click()
    alex.get_by_role("group", name="Did you feel free to say no?").get_by_label("Yes", exact=True).check()
    press(alex, "Save and continue")
    press(alex, "Send")
    expect_heading(alex, "The talk is complete")
    expect(alex.get_by_text("You have answered the questions for you alone.")).to_be_visible()
    assert stores(sam) == stores(alex) == {}


def sam_speaks(watch: Watch, sam: Page, alex: Page) -> None:
    """Let Alex pause and go on while Sam types: not a letter is lost, and the cursor stays where it is."""
    words = "On Monday I came home and the house was dark. I was tired."
    box = sam.locator(FIELD)
    box.press_sequentially("On Monday I came home")
    press(alex, "Pause")
    arrives(sam, "The talk is paused")
    watch.look_at(alex)
    box.press_sequentially(" and the house was dark.", delay=30)
    press(alex, "Go on with the talk")
    box.press_sequentially(" I was tired.", delay=30)
    arrives(sam, "Your turn to speak")
    expect(box).to_have_value(words)
    expect(box).to_be_focused()
    press(sam, "Start the clock")
    expect(sam.locator("[data-minutes]")).to_have_text(re.compile("^(5:00|4:5.)$"))
    expect(box).to_have_value(words)
    with soon():
        expect(alex.locator("[data-minutes]")).to_be_visible()
    press(sam, "Send to Alex")


def alex_says_it_back(watch: Watch, sam: Page, alex: Page) -> None:
    """Say it back, have it put right, and say it back once more."""
    arrives(alex, "Your turn to say it back")
    expect(alex.get_by_role("status").filter(has_text="Your turn to say it back")).to_be_attached()
    expect(alex.get_by_text("and the house was dark")).to_be_visible()
    watch.look_at(alex)
    alex.get_by_role("button", name="What stayed with me is").click()
    alex.locator(FIELD).press_sequentially("that you were tired.")
    expect(alex.locator(FIELD)).to_have_value("What stayed with me is that you were tired.")
    press(alex, "Send to Sam")
    arrives(sam, "Your turn to check")
    watch.look_at(sam)
    say(sam, "Tired, and a little lonely.", "Send what I add")
    arrives(alex, "Your turn to say it back")
    say(alex, "You were tired and lonely.", "Send to Sam")
    arrives(sam, "Your turn to check")
    press(sam, "Yes, that’s it")


def alex_speaks(sam: Page, alex: Page) -> None:
    """Change over."""
    arrives(alex, "Your turn to speak")
    say(alex, "I had been waiting with the soup.", "Send to Sam")
    arrives(sam, "Your turn to say it back")
    say(sam, "You waited, and the soup went cold.", "Send to Alex")
    arrives(alex, "Your turn to check")
    press(alex, "Yes, that’s it")


def both_have_a_last_word(sam: Page, alex: Page) -> None:
    """Write at the same time; neither comes too late."""
    arrives(sam, "A last word from each of you")
    sam.locator(FIELD).fill("Thank you for the soup.")
    say(alex, "Thank you for coming home.", "Send to Sam")
    press(sam, "Send to Alex")
    expect_heading(sam, "The talk is complete")
    arrives(alex, "The talk is complete")


def stores(page: Page) -> dict[str, str]:
    """Return everything that the pages have left in the browser's own stores."""
    found: dict[str, str] = page.evaluate("({...localStorage, ...sessionStorage})")
    return found


def test_words_that_are_being_typed_while_the_other_ends_the_talk_stay_on_the_page(
    stage: Stage, watch: Watch, pair: Pair, talk: str, open_page: OpenPage
) -> None:
    sam = come_in(stage, watch, open_page(Device.PHONE), pair.a, talk)
    alex = come_in(stage, watch, open_page(Device.PHONE), pair.b, talk)
    press(sam, "I’ll speak first")
    arrives(alex, "Sam’s turn to speak")
    # No save gets through, so that only the page itself holds the words.
    sam.route("**/turns/draft", lambda route: route.abort("connectionrefused"))
    sam.locator(FIELD).press_sequentially("I had just begun to say that")
    press(alex, "End the talk")
    expect_heading(alex, "End the talk for you both?")
    watch.look_at(alex)
    press(alex, "End the talk")
    expect_heading(alex, "The talk has ended")
    sam.unroute("**/turns/draft")

    with_patience(sam, "The talk has ended")
    expect(sam.get_by_role("textbox", name="Words you have not sent")).to_have_value(
        "I had just begun to say that"
    )
    sam.reload()
    expect(sam.get_by_role("textbox", name="Words you have not sent")).to_have_value(
        "I had just begun to say that"
    )
    expect(alex.get_by_text("I had just begun to say that")).to_have_count(0)
    watch.forgive("ERR_CONNECTION_REFUSED", "Failed to fetch")


def with_patience(page: Page, words: str) -> None:
    """Wait for a heading on the page of somebody who writes: it looks less often while nothing of theirs is saved."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words, timeout=25_000)


def test_somebody_who_was_signed_out_elsewhere_keeps_what_they_are_typing(
    stage: Stage, watch: Watch, pair: Pair, talk: str, open_page: OpenPage
) -> None:
    sam = come_in(stage, watch, open_page(Device.PHONE), pair.a, talk)
    press(sam, "I’ll speak first")
    sam.locator(FIELD).fill("half a sentence")
    sam.context.clear_cookies()
    # The starters become buttons once the page's script is at work; before that nothing looks on.
    expect(sam.locator("[data-starter] button").first).to_be_visible()
    sam.evaluate("htmx.trigger(document.getElementById('talk-live'), 'look')")
    sam.wait_for_timeout(1000)

    expect(sam.locator(FIELD)).to_have_value("half a sentence")
    expect_heading(sam, "Your turn to speak")
    watch.forgive("401", "Failed to load")
