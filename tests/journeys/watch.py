"""Watches the pages of a journey: nothing may go wrong in the console, leave the house, overflow or be out of reach."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Route, ViewportSize, expect

from tests.browser import check_accessibility, shape_of

NARROW = (390, 320)
LOUD = frozenset({"error", "warning"})
# Every answer from 400 up is also a line in the console; what a test wants to be refused is none of a page's faults.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_ID = re.compile(r"/[a-z2-7]{26}(?=/|$)")


@dataclass
class Watch:
    """What was seen to go wrong on some pages of one server. ``left`` is where Leave has led.

    ``checked`` is what every watch of this run has looked at already, and ``kinds`` are the pages of this one.
    """

    url: str
    printed: Callable[[], str]
    checked: set[str]
    kinds: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        """Watch a page and all that its context opens."""
        page.context.on("console", self._console)
        page.context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        page.context.on("request", self._request)
        return page

    def elsewhere(self, page: Page) -> Page:
        """Watch a page from which somebody is going to leave: other sites than the portal are answered here.

        Only where it is needed, because a browser whose requests are held up keeps nothing for the next page.
        """
        page.context.route(lambda url: not self._is_here(url), self._weather)
        return self.over(page)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in LOUD and not REFUSED.search(message.text):
            self.faults.append(f"console of {message.page and message.page.url}: {message.text}")

    def _is_here(self, url: str) -> bool:
        return url.startswith((self.url, "blob:", "data:"))

    def _request(self, request: Request) -> None:
        referrer = request.headers.get("referer")
        if not self._is_here(request.url) and (request.resource_type != "document" or referrer):
            self.faults.append(f"{request.resource_type} request to {request.url} with referrer {referrer}")

    def _weather(self, route: Route) -> None:
        self.left.append(route.request.url)
        route.fulfill(
            content_type="text/html",
            body="<!doctype html><html lang=en><title>Weather</title><h1>Rain</h1></html>",
        )

    def look_at(self, page: Page) -> None:
        """Check a page that has something new to show: both themes, and narrow screens.

        It has if it is the first of its kind, or is made of something that no page checked before it was made of.
        Without script in the page only its width is checked: the checker itself needs script.
        """
        page.wait_for_load_state("load")
        kind = kind_of(page)
        self.kinds.add(kind)
        with_script = bool(page.evaluate("document.body.classList.contains('govuk-frontend-supported')"))
        size = f"{_size(page)['width']} px wide, {'with' if with_script else 'without'} script"
        shown = {f"{size}: {each}" for each in (kind, *shape_of(page))}
        if shown <= self.checked:
            return
        self.checked |= shown
        for scheme in ("light", "dark"):
            # Without motion nothing is caught half-way between two colours.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            keep_picture(page, f"{kind} {size} {scheme}")
            if with_script:
                check_accessibility(page, colors_only=scheme == "dark")
        page.emulate_media(color_scheme=None, reduced_motion=None)
        self._check_width(page)

    def _check_width(self, page: Page) -> None:
        before = _size(page)
        for width in NARROW:
            if width != _size(page)["width"]:
                page.set_viewport_size({"width": width, "height": before["height"]})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, (
                f"{page.url} needs {needed} px on a screen of {width}: {_too_wide(page, width)}"
            )
        page.set_viewport_size(before)

    def forgive(self, *words: str) -> None:
        """Leave out faults that the test itself brings about, by words that they hold."""
        self.forgiven += words

    def check(self) -> None:
        """Fail with everything that went wrong on the pages that were watched."""
        found = [fault for fault in self.faults if not any(words in fault for words in self.forgiven)]
        assert not found, "\n".join([*found, "The server printed:", *self.printed().splitlines()[-30:]])


def _size(page: Page) -> ViewportSize:
    size = page.viewport_size
    assert size is not None
    return size


def kind_of(page: Page) -> str:
    """Return a page's address with its ids taken out; pages of exercises are alike if they hold the same fields."""
    path = re.sub(r"^/join/.*", "/join/-", _ID.sub("/-", urlsplit(page.url).path))
    step = re.fullmatch(r"(/t/-/p/)[^/]+", path)
    if step:
        fields = (
            "[...document.querySelectorAll('.options, textarea')].map(each => each.className || each.tagName)"
        )
        return step[1] + " ".join(sorted(set(page.evaluate(fields))))
    heading = page.locator("h1").first.inner_text() if page.locator("h1").count() else ""
    return f"{path} {heading}".strip()


def _too_wide(page: Page, width: int) -> str:
    return str(
        page.evaluate(
            """width => [...document.querySelectorAll('body *')]
            .filter(each => each.getBoundingClientRect().right > width + 1)
            .slice(0, 4).map(each => `${each.tagName}.${each.className}`).join(' ')""",
            width,
        )
    )


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of a page in the folder that PORTAL_TEST_PICTURES names, if it names one."""
    folder = os.environ.get("PORTAL_TEST_PICTURES")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    file = re.sub(r"[^\w-]+", "_", name).strip("_")
    page.screenshot(path=Path(folder) / f"{file[:110]}.png", full_page=True)


def expect_heading(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait until a page's main heading says something."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
