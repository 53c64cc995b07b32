"""Leave: it ends the session wherever it is pressed, and leaves nothing behind that this browser could show."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Device, OpenPage
from tests.journeys.arranged import Stage
from tests.journeys.walks import follow, press, sign_in
from tests.journeys.watch import Watch, expect_heading

WRITING = "The heron on the jetty was ours"

STORES = """async () => ({
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(each => each.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  cookies: document.cookie,
})"""
NOTHING = {"local": [], "session": [], "databases": [], "caches": [], "workers": 0, "cookies": ""}


def click(page: Page) -> None:
    """Press the button at the top of the page."""
    page.get_by_role("link", name="Leave", exact=True).click()


def shift_three_times(page: Page) -> None:
    """Press Shift three times, as the page before the first use says."""
    for _ in range(3):
        page.keyboard.press("Shift")


def second_skip_link(page: Page) -> None:
    """Reach for Leave from the keyboard, as the second thing on the page."""
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Leave this page")).to_be_focused()
    page.keyboard.press("Enter")


@pytest.fixture
def writing(stage: Stage, watch: Watch, open_page: OpenPage) -> Callable[..., Page]:
    """Somebody in the middle of a letter, with or without script."""

    def write(*, script: bool) -> Page:
        pair = stage.couple()
        letter = stage.give(pair, "i-statements")
        page = watch.elsewhere(open_page(Device.PHONE, script=script))
        sign_in(page, stage.server.url, stage.address(pair.a))
        page.goto(f"{stage.server.url}/t/{letter}")
        press(page, "Start")
        page.get_by_role("textbox", name="What happened, and when?").fill(WRITING)
        return page

    return write


@pytest.mark.parametrize(
    ("leave", "script"),
    [
        pytest.param(click, True, id="click"),
        pytest.param(shift_three_times, True, id="shift three times"),
        pytest.param(second_skip_link, True, id="second skip link"),
        pytest.param(click, False, id="click without script"),
    ],
)
def test_leaving_ends_the_session_and_back_shows_only_the_sign_in_page(
    stage: Stage, watch: Watch, writing: Callable[..., Page], leave: Callable[[Page], None], script: bool
) -> None:
    page = writing(script=script)
    mine = page.context.cookies()
    assert page.evaluate(STORES) == NOTHING

    leave(page)

    expect(page.get_by_role("heading", name="Rain")).to_be_visible()
    assert len(watch.left) == 1, "the browser went to one other place, once"
    page.go_back()
    expect_heading(page, "Sign in")
    assert WRITING not in page.content()
    assert page.evaluate(STORES) == NOTHING
    # A copy of the cookie from before is worth nothing either: the session ended on the server.
    page.context.clear_cookies()
    page.context.add_cookies(mine)  # type: ignore[arg-type]
    page.goto(f"{stage.server.url}/account")
    expect_heading(page, "Sign in")


def test_the_title_and_the_address_of_a_partners_pages_say_nothing(writing: Callable[..., Page]) -> None:
    page = writing(script=True)

    assert page.title() == "Notebook"
    assert not re.search(r"couple|therap|exercise|letter|statement|sign", page.url)


def test_leave_stands_on_the_page_before_signing_in_too(
    stage: Stage, watch: Watch, open_page: OpenPage
) -> None:
    page = watch.elsewhere(open_page(Device.PHONE))
    page.goto(f"{stage.server.url}/sign-in")
    watch.look_at(page)

    click(page)

    expect(page.get_by_role("heading", name="Rain")).to_be_visible()


def test_signing_out_leaves_nothing_that_back_could_show(
    stage: Stage, watch: Watch, open_page: OpenPage
) -> None:
    pair = stage.couple()
    page = watch.over(open_page(Device.PHONE))
    sign_in(page, stage.server.url, stage.address(pair.a))
    page.goto(f"{stage.server.url}/account")

    press(page, "Sign out")
    expect_heading(page, "Sign in")
    page.go_back()

    expect_heading(page, "Sign in")
    follow(page, "Help")
    expect_heading(page, "Help and safety")
