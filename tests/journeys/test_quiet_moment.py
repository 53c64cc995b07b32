"""Questions about safety in a browser: asked in a quiet moment, left without a trace, and not found again afterwards."""

import pytest
from playwright.sync_api import Page, expect

from portal.exercises.shelf import library
from tests.browser import Device, OpenPage
from tests.exercises.doing import fill, send
from tests.journeys.arranged import Stage
from tests.journeys.walks import follow, press, sign_in
from tests.journeys.watch import Watch, expect_heading

QUIET = "Are you alone, on a device only you use?"
TITLE = "What is weighing on us"


@pytest.mark.parametrize("script", [pytest.param(True, id="with script"), pytest.param(False, id="without")])
def test_not_now_leaves_it_as_it_was(
    stage: Stage, watch: Watch, open_page: OpenPage, *, script: bool
) -> None:
    pair = stage.couple()
    given = stage.give(pair, "stressors")
    page = watch.elsewhere(open_page(Device.PHONE, script=script))
    sign_in(page, stage.server.url, stage.address(pair.a))
    page.goto(f"{stage.server.url}/t/{given}")
    press(page, "Start")
    expect_heading(page, QUIET)
    follow(page, "Not now")
    expect(page.get_by_text(TITLE).first).to_be_visible()
    assert stage.responses(pair, given) == []
    page.goto(f"{stage.server.url}/t/{given}")
    press(page, "Start")
    follow(page, "Yes, go on")
    expect_heading(page, "From outside")
    press(page, "Save and continue")
    expect_heading(page, "In your own words")
    press(page, "Finish later")
    # The next time is another moment.
    page.goto(f"{stage.server.url}/t/{given}")
    press(page, "Continue")
    expect_heading(page, QUIET)


def test_after_sending_there_is_help_and_no_trace(stage: Stage, phone: Page, watch: Watch) -> None:
    pair = stage.couple()
    given = stage.give(pair, "stressors")
    answers = fill(library()["stressors"], "Long days") | {
        "abuse": 3,
        "afraid": "often",
        "speak_freely": "no",
    }
    send(stage.records, pair.a, given, answers)
    page = watch.elsewhere(phone)
    sign_in(page, stage.server.url, stage.address(pair.a))
    page.goto(f"{stage.server.url}/t/{given}/sent")
    expect(page.get_by_text("Samaritans")).to_be_visible()
    page.get_by_text("Who can help now").first.click()
    expect(page.get_by_text("Samaritans")).to_be_hidden()
    page.get_by_text("Show what I sent").click()
    expect(page.get_by_text("Long days first_help")).to_be_visible()
    expect(page.get_by_text("Some answers aren’t shown here")).to_be_visible()
    expect(page.get_by_text("Are you ever afraid of your partner?")).to_have_count(0)
