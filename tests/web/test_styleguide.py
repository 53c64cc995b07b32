"""Every component in a real browser, under the real security policy: readable, reachable, and calm when things fail."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from playwright.sync_api import ConsoleMessage, Page, expect
from werkzeug.serving import make_server

from portal.web.styleguide import ERROR_PAGES, PARTNER_PAGES, STAFF_PAGES, make_app, sample_form
from tests.browser import Device, OpenPage, check_accessibility, shape_of

PAGES = PARTNER_PAGES + STAFF_PAGES + ERROR_PAGES
# Pages with nearly every component are looked at in every theme and in both directions.
EVERYTHING = ("components", "forms", "today", "caseload")
THOROUGH = ("theme=light", "theme=dark&wrong=1", "theme=contrast", "dir=rtl")
FIELD = '{% from "components/field.html" import field %}'


@pytest.fixture(scope="module")
def guide() -> Iterator[str]:
    """Address of a running style guide."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/styleguide"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app() -> Flask:
    app = make_app()
    app.testing = True
    return app


def page_overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


@pytest.fixture(scope="module")
def held_phone(open_lasting_page: OpenPage) -> Page:
    """A phone on which one page after the other is opened."""
    return open_lasting_page(Device.PHONE, bypass_csp=True)


@pytest.fixture(scope="module")
def narrowest_phone(open_lasting_page: OpenPage) -> Page:
    """The same, on the narrowest screen."""
    return open_lasting_page(Device.DESKTOP, viewport={"width": 320, "height": 700}, keep=False)


@pytest.fixture(scope="module")
def office_screen(open_lasting_page: OpenPage) -> Page:
    """A desktop on which one page after the other is opened."""
    return open_lasting_page(Device.DESKTOP, bypass_csp=True)


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits_the_narrowest_phone(
    held_phone: Page, narrowest_phone: Page, guide: str, name: str
) -> None:
    checked = []
    for variant in THOROUGH if name in EVERYTHING else ("theme=light", "theme=dark&wrong=1"):
        held_phone.goto(f"{guide}/{name}?{variant}")
        shape = shape_of(held_phone)
        check_accessibility(held_phone, colors_only=shape in checked)
        checked.append(shape)
    for variant in ("", "text=150"):
        narrowest_phone.goto(f"{guide}/{name}?{variant}")
        assert page_overflow(narrowest_phone) <= 0


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize("name", STAFF_PAGES)
def test_staff_pages_are_accessible_on_a_desktop(office_screen: Page, guide: str, name: str) -> None:
    office_screen.goto(f"{guide}/{name}?theme=light")
    check_accessibility(office_screen)
    office_screen.goto(f"{guide}/{name}?theme=dark")
    check_accessibility(office_screen, colors_only=True)


def test_nothing_breaks_the_security_policy(phone: Page, guide: str) -> None:
    said: list[ConsoleMessage] = []
    phone.on(
        "console", lambda message: said.append(message) if message.type in {"error", "warning"} else None
    )
    for name in ("letter", "forms", "sign-in", "today"):
        phone.goto(f"{guide}/{name}", wait_until="networkidle")
    assert [message.text for message in said] == []


def test_leave_goes_elsewhere_and_back_does_not_return(phone: Page, guide: str) -> None:
    phone.goto(f"{guide}/help")
    phone.goto(f"{guide}/letter")
    phone.get_by_role("banner").get_by_role("link", name="Leave").click()
    expect(phone.get_by_role("heading", name="Weather")).to_be_visible()
    phone.go_back()
    expect(phone.get_by_role("heading", name="Help", exact=True)).to_be_visible()


def test_shift_three_times_leaves(desktop: Page, guide: str) -> None:
    desktop.goto(f"{guide}/today", wait_until="networkidle")
    for _ in range(3):
        desktop.keyboard.press("Shift")
    expect(desktop.get_by_role("heading", name="Weather")).to_be_visible()


def test_leave_works_without_script(phone_without_script: Page, guide: str) -> None:
    phone_without_script.goto(f"{guide}/today")
    phone_without_script.get_by_role("banner").get_by_role("link", name="Leave").click()
    expect(phone_without_script.get_by_role("heading", name="Weather")).to_be_visible()


def test_a_draft_saves_itself_and_says_when_it_could_not(phone: Page, guide: str) -> None:
    phone.goto(f"{guide}/letter", wait_until="networkidle")
    status = phone.locator("#draft-status")
    phone.get_by_role("textbox").fill("I felt lonely on Tuesday.")
    expect(status).to_have_text("Draft saved 20:15")
    phone.get_by_role("textbox").fill("An unlucky evening.")
    expect(status).to_have_text("Not saved yet. Keep this page open")
    expect(phone.get_by_role("textbox")).to_have_value("An unlucky evening.")
    phone.get_by_role("textbox").fill("A lucky evening.")
    expect(status).to_have_text("Draft saved 20:15")


def test_a_wrong_form_moves_the_focus_to_the_summary_and_its_links_to_the_fields(
    phone: Page, guide: str
) -> None:
    phone.goto(f"{guide}/forms", wait_until="networkidle")
    expect(phone.get_by_role("alert")).to_be_focused()
    phone.get_by_role("link", name="Enter the name you want to be called").click()
    expect(phone.get_by_label("Your first name")).to_be_focused()


def test_focus_is_never_hidden_behind_bars(phone: Page, guide: str) -> None:
    phone.goto(f"{guide}/forms", wait_until="networkidle")
    hidden = """() => {
        if (document.activeElement === document.body) return "";
        const box = document.activeElement.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2);
        return document.activeElement.contains(top) || (top && top.contains(document.activeElement)) ? "" :
            document.activeElement.outerHTML.slice(0, 80);
    }"""
    covered = []
    for _ in range(60):
        phone.keyboard.press("Tab")
        covered.append(phone.evaluate(hidden))
    assert [each for each in covered if each] == []


def test_a_field_that_does_not_say_who_sees_it_is_never_drawn(app: Flask) -> None:
    with app.test_request_context():
        with pytest.raises(UndefinedError, match="visible_to"):
            render_template_string(FIELD + "{{ field(form.letter) }}", form=sample_form())
        with pytest.raises(TemplateRuntimeError, match="who will see it"):
            render_template_string(FIELD + "{{ field(form.letter, none) }}", form=sample_form())
