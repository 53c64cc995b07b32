"""Two partners agree on how they pause, each on a phone of their own, and sign the same text."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.access.viewer import Seat, Viewer
from portal.exercises.mechanics.negotiation_model import EventKind
from tests.browser import Device, OpenPage
from tests.exercises.agreements.negotiating import Table
from tests.factories import Pair
from tests.journeys.arranged import Stage
from tests.journeys.walks import follow, press, sign_in
from tests.journeys.watch import Watch, expect_heading

A, B, K = Seat.A, Seat.B, EventKind
WORDING = "Your wording"
LOOKS_EVERY = 15_000
"""Milliseconds between two looks of a page at what is new."""


@pytest.fixture
def pair(stage: Stage) -> Pair:
    """A couple of this test's own."""
    return stage.couple()


def come_in(stage: Stage, watch: Watch, page: Page, viewer: Viewer, given: str) -> Page:
    """Sign a partner in on a page, and let them begin."""
    watch.over(page)
    sign_in(page, stage.server.url, stage.address(viewer))
    page.goto(f"{stage.server.url}/t/{given}")
    press(page, "Start")
    expect_heading(page, "Pause and come back")
    return page


def agree_to_all(page: Page) -> None:
    """Agree to whatever is open, one clause after the other."""
    button = page.get_by_role("button", name="Agree to this wording")
    while button.count():
        number = page.locator(".clause-suggested").get_attribute("id")
        button.click()
        expect(page.locator(f"#{number}.clause-suggested")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_two_people_word_a_text_agree_and_sign_it(
    stage: Stage, watch: Watch, pair: Pair, open_page: OpenPage, script: bool
) -> None:
    given = stage.give(pair, "pause-and-return")
    sam = open_page(Device.PHONE, script=script)
    sam.clock.install()
    come_in(stage, watch, sam, pair.a, given)
    alex = come_in(stage, watch, open_page(Device.PHONE, script=script), pair.b, given)
    watch.look_at(sam)

    suggest_other_words(watch, alex)
    # Sam is told of it where the browser can ask, and nothing changes on the page by itself.
    if script:
        sam.clock.fast_forward(LOOKS_EVERY)
        expect(sam.locator("#now")).to_contain_text("The text has changed.")
        expect(sam.locator("#clause-1")).not_to_contain_text("Alex suggests")
        follow(sam, "Show it as it is now")
    else:
        sam.reload()
    expect(sam.locator("#clause-1")).to_contain_text("Alex suggests this change.")
    watch.look_at(sam)
    agree_to_all(sam)
    expect(sam.locator("#signing")).to_contain_text("Opens when every clause is settled.")
    alex.reload()
    agree_to_all(alex)
    expect(alex.locator("#signing")).to_contain_text("Every clause is settled.")

    sign(watch, alex)
    expect(alex.locator("#signing")).to_contain_text("Your signature is under this text.")
    expect(alex.get_by_text("Alex Holm")).to_have_count(0)
    sam.reload()
    expect(sam.get_by_text("Your signature is under this text.")).to_have_count(0)
    sign(watch, sam)
    for page in (sam, alex):
        page.goto(f"{stage.server.url}/t/{given}/text")
        expect(page.locator("#text")).to_contain_text("Version 1, signed by you both.")
        expect(page.locator("#signing")).to_contain_text("Sam Wren")
        expect(page.locator("#signing")).to_contain_text("Alex Holm")
        watch.look_at(page)

    note_and_put_away(watch, sam)
    table = Table(stage.records, pair, given)
    assert table.view(A).status == table.view(B).status == "withdrawn"
    assert [each.number for each in table.view(B).versions] == [1]


def test_somebody_who_was_signed_out_elsewhere_keeps_the_page_they_read(
    stage: Stage, watch: Watch, pair: Pair, phone: Page
) -> None:
    phone.clock.install()
    sam = come_in(stage, watch, phone, pair.a, stage.give(pair, "pause-and-return"))
    read = sam.locator("main").inner_text()
    sam.context.clear_cookies()
    with sam.expect_response(re.compile("/sign-in")):
        sam.clock.fast_forward(LOOKS_EVERY)
    sam.clock.run_for(2_000)

    expect_heading(sam, "Pause and come back")
    assert sam.locator("main").inner_text() == read
    sam.reload()
    expect_heading(sam, "Sign in")


def suggest_other_words(watch: Watch, page: Page) -> None:
    """Suggest other words for the first clause, and say why."""
    follow(page, "Other words")
    expect_heading(page, "How we notice it")
    watch.look_at(page)
    page.get_by_role("textbox", name=WORDING).fill("One of us gets loud and fast. Both of us then say pause.")
    press(page, "Suggest these words")
    expect(page.locator("#clause-1")).to_contain_text("Your words. They are settled once you both agree.")
    follow(page, re.compile("^Change or comment"))
    page.get_by_role("textbox", name="A comment for you both").fill("Shorter is easier to keep.")
    press(page, "Send the comment")
    expect(page.locator("#said")).to_contain_text("Shorter is easier to keep.")
    follow(page, "The whole text")


def sign(watch: Watch, page: Page) -> None:
    """Read the text once more and sign it."""
    follow(page, "Read it once more and sign")
    expect_heading(page, "Read it once more")
    watch.look_at(page)
    press(page, "Sign this text")
    expect_heading(page, "Pause and come back")


def note_and_put_away(watch: Watch, page: Page) -> None:
    """Note privately how it went, look at the versions, and put the text away."""
    follow(page, "Note how it goes")
    expect_heading(page, "How did it go this week?")
    watch.look_at(page)
    page.get_by_role("radio", name="It slipped").check()
    page.get_by_role("textbox", name="A few words, if you like").fill("A long Monday.")
    press(page, "Send this note")
    expect(page.get_by_text("A long Monday.")).to_be_visible()
    follow(page, "The whole text")
    follow(page, "Versions and what changed")
    watch.look_at(page)
    follow(page, "The whole text")
    follow(page, "Put it away")
    watch.look_at(page)
    press(page, "Put it away")
    expect(page.locator("#text")).to_contain_text("Nothing here counts at the moment.")


def test_a_stale_signature_shows_both_texts_and_signs_nothing(
    stage: Stage, watch: Watch, pair: Pair, phone: Page
) -> None:
    given = stage.give(pair, "pause-and-return")
    table = Table(stage.records, pair, given)
    sam = come_in(stage, watch, phone, pair.a, given)
    for seat in Seat:
        for each in table.view(seat).clauses:
            table.do(seat, K.AGREE, each.key)
    sam.goto(f"{stage.server.url}/t/{given}/text/sign")
    table.do(B, K.REWORD, "length", "Half an hour, and no longer than two.")
    table.do(A, K.AGREE, "length")
    press(sam, "Sign this text")

    expect_heading(sam, "The text has changed")
    expect(sam.get_by_text("You have signed nothing.")).to_be_visible()
    expect(sam.locator("main ins").first).to_contain_text("Half an hour")
    watch.look_at(sam)
    follow(sam, "Read the new text and sign")
    press(sam, "Sign this text")
    expect(sam.locator("#signing")).to_contain_text("Your signature is under this text.")
    assert table.view(B).versions == ()


def test_words_that_are_being_typed_are_kept_and_survive_the_others_change(
    stage: Stage, watch: Watch, pair: Pair, phone: Page
) -> None:
    given = stage.give(pair, "pause-and-return")
    table = Table(stage.records, pair, given)
    sam = come_in(stage, watch, phone, pair.a, given)
    sam.goto(f"{stage.server.url}/t/{given}/text/3")
    box = sam.get_by_role("textbox", name=WORDING)
    box.fill("Between twenty minutes")
    expect(sam.locator("#draft-wording")).to_contain_text("Draft saved")
    sam.reload()
    expect(box).to_have_value("Between twenty minutes")
    expect(sam.locator("#draft-wording")).to_contain_text("You had begun these words")
    table.do(B, K.REWORD, "length", "Half an hour.")
    box.fill("Between twenty minutes and two hours.")
    press(sam, "Suggest these words")

    expect(sam.get_by_text("These words have changed meanwhile")).to_be_visible()
    expect(box).to_have_value("Between twenty minutes and two hours.")
    watch.look_at(sam)
    press(sam, "Suggest these words")
    expect(sam.locator("#clause-3")).to_contain_text("Your words. They are settled once you both agree.")
    assert table.view(B).clauses[2].text == "Between twenty minutes and two hours."
