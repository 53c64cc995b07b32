"""An exercise from beginning to end with nothing but a keyboard, and with the focus always in sight."""

from playwright.sync_api import Page, expect

from tests.journeys.arranged import Stage
from tests.journeys.walks import sign_in
from tests.journeys.watch import Watch, expect_heading

MOST_STOPS = 60

FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const label = at.closest('label') ?? (at.id && document.querySelector(`label[for="${CSS.escape(at.id)}"]`));
  // A radio that is drawn by its label stands where the label stands.
  const small = at.getBoundingClientRect().width < 8;
  const shown = small && label ? label : at;
  const box = shown.getBoundingClientRect();
  const inset = 4;
  const points = [
    [box.left + box.width / 2, box.top + box.height / 2],
    [box.left + inset, box.top + inset], [box.right - inset, box.top + inset],
    [box.left + inset, box.bottom - inset], [box.right - inset, box.bottom - inset],
  ];
  const inSight = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (shown.contains(hit) || at.contains(hit) || (label && label.contains(hit)));
  });
  const marked = [at, shown, label].filter(Boolean).some((each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  });
  const name = (at.innerText || label?.innerText || at.getAttribute('aria-label') || at.value || '').trim();
  return { tag: at.tagName, type: at.type ?? '', name, inSight, marked, html: at.outerHTML.slice(0, 160) };
}"""


def tab_to(page: Page, name: str, *, tag: str = "") -> None:
    """Press Tab until something with this name has the focus; every stop on the way must be in sight and marked."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            continue
        assert stop["inSight"], f"the focus is covered on {page.url}: {stop['html']}"
        assert stop["marked"], f"the focus can't be seen on {page.url}: {stop['html']}"
        if stop["name"].startswith(name) and (not tag or stop["tag"] == tag):
            return
    raise AssertionError(f"Tab never reached {name!r} on {page.url}")


def test_an_exercise_is_done_with_the_keyboard_alone(stage: Stage, watch: Watch, phone: Page) -> None:
    pair = stage.couple()
    letter = stage.give(pair, "i-statements")
    page = watch.over(phone)
    sign_in(page, stage.server.url, stage.address(pair.a))
    page.goto(f"{stage.server.url}/t/{letter}")

    tab_to(page, "Start", tag="BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/1")
    for question, words in [
        ("What happened, and when?", "the door stood open"),
        ("What did you feel?", "uneasy"),
        ("What would you like", "us to lock it together"),
    ]:
        tab_to(page, question, tag="TEXTAREA")
        page.keyboard.type(words)
    tab_to(page, "Save and continue", tag="BUTTON")
    page.keyboard.press("Space")
    expect_heading(page, "Read it over")
    tab_to(page, "Now")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Keep it for our next session")).to_be_checked()
    tab_to(page, "Send", tag="BUTTON")
    page.keyboard.press("Enter")

    expect_heading(page, "Sent")
    assert stage.responses(pair, letter) == [(pair.a.account_id, "sent")]


def test_a_missing_answer_takes_the_keyboard_to_the_summary_and_from_there_to_the_question(
    stage: Stage, watch: Watch, phone: Page
) -> None:
    pair = stage.couple()
    letter = stage.give(pair, "i-statements")
    page = watch.over(phone)
    sign_in(page, stage.server.url, stage.address(pair.a))
    page.goto(f"{stage.server.url}/t/{letter}")
    tab_to(page, "Start", tag="BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/1")
    tab_to(page, "Save and continue", tag="BUTTON")
    page.keyboard.press("Enter")

    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.title().startswith("Error")
    watch.look_at(page)
    tab_to(page, "Please answer this", tag="A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="What happened, and when?")).to_be_focused()
