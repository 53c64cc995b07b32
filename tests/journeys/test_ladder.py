"""Two people on a ladder, each on a device of their own: a step opens for both, is taken, and closes at one press."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Pair
from tests.journeys.arranged import Stage
from tests.journeys.walks import choice, follow, press, press_on, sign_in
from tests.journeys.watch import Watch, expect_heading

TITLE, FIRST = "A little at a time", "Something I saw"
CLOSED = "No step is open at present"


@pytest.fixture
def pair(stage: Stage) -> Pair:
    """A couple of this test's own."""
    return stage.couple()


def rate(page: Page, level: str) -> None:
    """Say how ready one feels for the first step, look it over and keep it."""
    follow(page, "Say how ready you feel")
    expect_heading(page, "How ready do you feel for this step?")
    choice(page.get_by_role("group", name=FIRST), level).check()
    press_on(page)
    expect_heading(page, "Read it over")
    press(page, "Save my choices")
    expect_heading(page, TITLE)


def look_back(page: Page, watch: Watch) -> None:
    """Say afterwards how the first step was."""
    follow(page, f"How was “{FIRST}” for you?")
    expect_heading(page, "After the step")
    choice(page.get_by_role("group", name="How was this step for you?"), "Easier than I thought").check()
    page.get_by_role("textbox", name="What did your partner do that helped?").fill("You put the phone away.")
    press_on(page)
    expect_heading(page, "On your own")
    watch.look_at(page)
    press_on(page)
    expect_heading(page, "Read it over")
    press(page, "Send")
    expect_heading(page, TITLE)


@pytest.mark.slow
def test_a_step_opens_for_both_is_taken_and_closes_at_one_press(
    stage: Stage, watch: Watch, pair: Pair, phone: Page, desktop_without_script: Page
) -> None:
    given = stage.give(pair, "small-disclosures")
    sam, alex = watch.over(phone), watch.over(desktop_without_script)
    for page, viewer in ((sam, pair.a), (alex, pair.b)):
        sign_in(page, stage.server.url, stage.address(viewer))
        page.goto(f"{stage.server.url}/t/{given}")
        press(page, "Start")
        expect(page.get_by_role("heading", name=CLOSED)).to_be_visible()
        watch.look_at(page)

    rate(sam, "I’m ready")
    expect(sam.get_by_role("heading", name=CLOSED)).to_be_visible()
    alex.reload()
    expect(alex.get_by_role("heading", name=CLOSED)).to_be_visible()

    rate(alex, "Nearly, if we take it slowly")
    sam.reload()
    for page in (sam, alex):
        open_step = page.locator(".step-open")
        expect(open_step).to_contain_text("Open to you both")
        expect(open_step).to_contain_text("Nearly, if we take it slowly")
        watch.look_at(page)

    press(sam, "We took this step")
    expect(sam.get_by_text("It is noted for you both.")).to_be_visible()
    alex.reload()
    look_back(alex, watch)
    sam.reload()
    sam.locator(".rung", has_text=FIRST).locator("summary").click()
    expect(sam.get_by_text("You put the phone away.")).to_be_visible()
    watch.look_at(sam)

    press(alex, "Stop for now")
    expect(alex.get_by_role("heading", name=CLOSED)).to_be_visible()
    press(sam, "We took this step")
    expect(sam.get_by_text("This step is not scheduled. Nothing was noted.")).to_be_visible()
    expect(sam.get_by_role("heading", name=CLOSED)).to_be_visible()
    watch.look_at(sam)
