"""What goes wrong on an ordinary evening: lost connections, two windows, a quiet hour, a change of mind."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from portal.access.privacy import Audience
from portal.access.viewer import Viewer
from tests.browser import Device, OpenPage
from tests.factories import Pair
from tests.journeys.arranged import Stage
from tests.journeys.walks import choice, follow, give_name_and_password, press, press_on, sign_in
from tests.journeys.watch import Watch, expect_heading

HAPPENED = "What happened, and when?"
FELT = "What did you feel?"
WISH = "What would you like your partner to do?"
KEEPS = re.compile("^Draft saved")
FAILS = "Not saved yet. Keep this page open"
SAVING = 15_000
TRIES_AGAIN = 8_000
"""Milliseconds until the page tries to save again what it could not save."""


@pytest.fixture
def pair(stage: Stage) -> Pair:
    """A couple of this test's own."""
    return stage.couple()


@pytest.fixture
def letter(stage: Stage, pair: Pair) -> str:
    """A letter that both were asked to write."""
    return stage.give(pair, "i-statements")


def come_in(stage: Stage, watch: Watch, page: Page, viewer: Viewer) -> Page:
    """Sign a partner in on a page."""
    watch.over(page)
    sign_in(page, stage.server.url, stage.address(viewer))
    return page


def begin(stage: Stage, page: Page, assignment_id: str) -> None:
    """Open what was assigned and press Start."""
    page.goto(f"{stage.server.url}/t/{assignment_id}")
    press(page, "Start")


def write(page: Page, question: str, words: str) -> None:
    """Type words at the end of what stands in a field."""
    box = page.get_by_role("textbox", name=question)
    box.press("Control+End")
    box.press_sequentially(words)


def state_of_draft(page: Page) -> str:
    """Return what the page says about the draft."""
    return page.locator("#draft-status").inner_text()


def write_whole_letter(page: Page, what: str = "we sat on the pier") -> None:
    """Fill in what a letter needs and go to the page before sending."""
    page.get_by_role("textbox", name=HAPPENED).fill(what)
    page.get_by_role("textbox", name=FELT).fill("calm")
    page.get_by_role("textbox", name=WISH).fill("us to go there again")
    press_on(page)
    expect_heading(page, "Read it over")


def expect_as_if_nothing_was_there(stage: Stage, page: Page, assignment_id: str) -> None:
    """Expect the introduction: where nothing is open yet, the page of what is open leads back to it."""
    expect(page).to_have_url(f"{stage.server.url}/t/{assignment_id}")


def test_words_survive_a_server_that_fails_and_are_saved_by_themselves_afterwards(
    stage: Stage, watch: Watch, pair: Pair, letter: str, phone: Page
) -> None:
    phone.clock.install()
    page = come_in(stage, watch, phone, pair.a)
    begin(stage, page, letter)
    status = page.locator("#draft-status")
    write(page, HAPPENED, "we missed the last ferry")
    expect(status).to_have_text(KEEPS, timeout=SAVING)

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/draft", refuse)
    write(page, HAPPENED, " and walked home")
    expect(status).to_have_text(FAILS, timeout=SAVING)
    expect(page.get_by_role("textbox", name=HAPPENED)).to_have_value(
        "we missed the last ferry and walked home"
    )
    page.unroute("**/draft", refuse)
    page.clock.fast_forward(TRIES_AGAIN)

    expect(status).to_have_text(KEEPS, timeout=SAVING)
    page.reload()
    expect(page.get_by_role("textbox", name=HAPPENED)).to_have_value(
        "we missed the last ferry and walked home"
    )
    # The page saved its own draft several times; that is no other window's change.
    write(page, FELT, "tired")
    expect(status).to_have_text(KEEPS, timeout=SAVING)
    write(page, FELT, ", then glad")
    page.get_by_role("textbox", name=WISH).fill("an earlier ferry")
    press(page, "Save and continue")
    expect_heading(page, "Read it over")
    expect(page.get_by_text("then glad").first).to_be_visible()
    watch.forgive("ERR_CONNECTION_REFUSED", "Failed to fetch")


def test_words_that_were_typed_before_the_script_came_are_saved_once_it_is_there(
    stage: Stage, watch: Watch, pair: Pair, letter: str, phone: Page
) -> None:
    page = come_in(stage, watch, phone, pair.a)
    underway: list[Route] = []

    def hold(route: Route) -> None:
        underway.append(route)

    page.route("**/htmx.min.js", hold, times=1)
    begin(stage, page, letter)
    write(page, HAPPENED, "the train stood still")
    expect(page.locator("#draft-status")).to_have_text("Saved when you continue")

    underway.pop().continue_()

    expect(page.locator("#draft-status")).to_have_text(KEEPS, timeout=SAVING)
    page.reload()
    expect(page.get_by_role("textbox", name=HAPPENED)).to_have_value("the train stood still")


def test_leaving_a_page_whose_words_are_not_saved_asks_first(
    stage: Stage, watch: Watch, pair: Pair, letter: str, phone: Page
) -> None:
    page = come_in(stage, watch, phone, pair.a)
    begin(stage, page, letter)
    page.route("**/draft", lambda route: route.fulfill(status=503, body=""))
    write(page, HAPPENED, "it rained")
    expect(page.locator("#draft-status")).to_have_text(FAILS, timeout=SAVING)
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.once("dialog", stay)
    page.get_by_role("link", name="Back", exact=True).click(no_wait_after=True)

    expect(page.get_by_role("textbox", name=HAPPENED)).to_have_value("it rained")
    assert asked == ["beforeunload"]
    watch.forgive("503")


def test_two_windows_never_overwrite_each_other_in_silence(
    stage: Stage, watch: Watch, pair: Pair, letter: str, phone_without_script: Page
) -> None:
    page = come_in(stage, watch, phone_without_script, pair.a)
    begin(stage, page, letter)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("textbox", name=HAPPENED).fill("the words of the other window")
    press(other, "Finish later")

    page.get_by_role("textbox", name=HAPPENED).fill("the words of this window")
    press_on(page)

    expect_heading(page, "This was changed in another window")
    expect(page.get_by_role("paragraph").filter(has_text="the words of the other window")).to_be_visible()
    expect(page.get_by_role("paragraph").filter(has_text="the words of this window")).to_be_visible()
    watch.look_at(page)
    press(page, "Keep what is on this page")
    page.goto(f"{stage.server.url}/t/{letter}/p/1")
    expect(page.get_by_role("textbox", name=HAPPENED)).to_have_value("the words of this window")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_pressing_send_twice_sends_once(
    stage: Stage, watch: Watch, pair: Pair, letter: str, open_page: OpenPage, script: bool
) -> None:
    page = come_in(stage, watch, open_page(Device.PHONE, script=script), pair.a)
    begin(stage, page, letter)
    write_whole_letter(page)

    page.get_by_role("button", name="Send", exact=True).dblclick()

    expect_heading(page, "Sent")
    page.reload()
    page.go_back()
    assert stage.responses(pair, letter) == [(pair.a.account_id, "sent")]
    assert stage.times_sent(pair) == 1


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_words_typed_into_a_session_that_has_ended_wait_for_their_writer(
    stage: Stage, watch: Watch, pair: Pair, letter: str, open_page: OpenPage, script: bool
) -> None:
    page = come_in(stage, watch, open_page(Device.PHONE, script=script), pair.a)
    begin(stage, page, letter)
    sign_out_elsewhere(come_in(stage, watch, open_page(Device.DESKTOP), pair.a), stage)

    page.get_by_role("textbox", name=HAPPENED).fill("the lamp was still on")
    page.get_by_role("textbox", name=FELT).fill("relieved")
    page.get_by_role("textbox", name=WISH).fill("more such evenings")
    press(page, "Save and continue")

    expect_heading(page, "Your words are still here")
    expect(page.locator("body")).to_contain_text("the lamp was still on")
    watch.look_at(page)
    follow(page, "Sign in again")
    give_name_and_password(page, stage.address(pair.a))
    expect_heading(page, "Your words are still here")
    watch.look_at(page)
    press(page, "Send it again")
    expect_heading(page, "Read it over")
    expect(page.get_by_text("the lamp was still on").first).to_be_visible()


def sign_out_elsewhere(page: Page, stage: Stage) -> None:
    """End the person's other session from the page that lists them."""
    page.goto(f"{stage.server.url}/account/devices")
    press(page, "Sign out there")
    expect(page.get_by_text("That device is signed out.")).to_be_visible()


def test_the_next_person_on_a_device_sees_nothing_of_what_was_kept(
    stage: Stage, watch: Watch, pair: Pair, letter: str, open_page: OpenPage
) -> None:
    page = come_in(stage, watch, open_page(Device.PHONE), pair.a)
    begin(stage, page, letter)
    sign_out_elsewhere(come_in(stage, watch, open_page(Device.DESKTOP), pair.a), stage)
    page.get_by_role("textbox", name=HAPPENED).fill("only for my own eyes")
    press(page, "Save and continue")

    follow(page, "Sign in again")
    give_name_and_password(page, stage.address(pair.b))

    expect(page.get_by_role("heading", level=1)).not_to_have_text("Your words are still here")
    assert "only for my own eyes" not in page.content()


def test_an_exercise_is_left_out_without_a_reason_and_without_a_trace_for_the_partner(
    stage: Stage, watch: Watch, pair: Pair, open_page: OpenPage
) -> None:
    talk = stage.give(pair, "progress-reflection")
    theirs = come_in(stage, watch, open_page(Device.PHONE), pair.b)
    theirs.goto(f"{stage.server.url}/t/{talk}")
    before = theirs.locator("main").inner_text()
    page = come_in(stage, watch, open_page(Device.PHONE), pair.a)
    page.goto(f"{stage.server.url}/t/{talk}")

    follow(page, "Not this one, this time")
    watch.look_at(page)
    press(page, "Leave it out")

    expect(page.get_by_text("It is off your list for now.")).to_be_visible()
    theirs.reload()
    assert theirs.locator("main").inner_text() == before
    assert stage.responses(pair, talk) == [(pair.a.account_id, "declined")]


def test_what_was_sent_can_be_taken_back_before_anybody_could_answer(
    stage: Stage, watch: Watch, pair: Pair, letter: str, open_page: OpenPage
) -> None:
    page = come_in(stage, watch, open_page(Device.PHONE), pair.a)
    begin(stage, page, letter)
    write_whole_letter(page, "a heron stood on our car")
    press(page, "Send")
    theirs = come_in(stage, watch, open_page(Device.PHONE), pair.b)
    theirs.goto(f"{stage.server.url}/t/{letter}/open")
    expect(theirs.get_by_text("a heron stood on our car")).to_be_visible()

    press(page, "Take it back")

    expect(page.get_by_text("It is a draft again. Only you can see it.")).to_be_visible()
    theirs.reload()
    expect_as_if_nothing_was_there(stage, theirs, letter)
    expect(theirs.get_by_text("a heron stood on our car")).to_have_count(0)
    assert stage.responses(pair, letter) == [(pair.a.account_id, "draft")]


def test_one_answer_can_be_shared_and_nothing_else_of_the_page_goes_with_it(
    stage: Stage, watch: Watch, pair: Pair, open_page: OpenPage
) -> None:
    signs = stage.give(pair, "warning-signs")
    page = come_in(stage, watch, open_page(Device.PHONE), pair.a)
    begin(stage, page, signs)
    often = page.get_by_role("group", name="How often do you miss good time together?")
    choice(often, "Often").check()
    choice(page.get_by_role("group", name="How much does it hurt you?"), "7").check()
    for _ in range(6):
        press_on(page)
    press(page, "Send")
    theirs = come_in(stage, watch, open_page(Device.PHONE), pair.b)
    theirs.goto(f"{stage.server.url}/t/{signs}/open")
    expect_as_if_nothing_was_there(stage, theirs, signs)

    page.get_by_text("Show what I sent").click()
    page.get_by_role("link", name=re.compile("^Share with Alex.*How often do you miss")).click()
    watch.look_at(page)
    press(page, "Share it")
    expect(page.get_by_text("It is shared.")).to_be_visible()

    theirs.goto(f"{stage.server.url}/t/{signs}/open")
    expect(theirs.get_by_text("Sam chose to share this with you.")).to_be_visible()
    expect(theirs.get_by_text("How often do you miss good time together?")).to_be_visible()
    expect(theirs.get_by_text("How much does it hurt you?")).to_have_count(0)
    watch.look_at(theirs)
    audiences = {item: audience for (_, item), (_, audience) in stage.answers(pair, signs).items()}
    assert audiences == {"quality_time_often": Audience.COUPLE, "quality_time_hurt": Audience.THERAPIST}
