"""A real browser: phone and desktop, with and without JavaScript; accessibility and HTML checks.

``open_page`` opens a page of any kind; ``phone``, ``desktop`` and their ``…_without_script`` twins are the usual
ones. Every HTML page that they load is kept, and when the run ends one validator run judges them all: a mistake
fails the run. ``check_accessibility(page)`` is for tests to call wherever a page has something new to show.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request

from tests.run_folder import is_worker, run_folder

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "tests" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
VALIDATOR = ROOT / ".cache" / "vnu-26.9.27.jar"

# Without the tag wcag22aa axe leaves the size of targets out.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that another theme of the same page can change.
AXE_RULES_FOR_COLORS = ["color-contrast", "link-in-text-block"]

BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Letters come out the same whatever the screen that fontconfig believes in.
    "--font-render-hinting=none",
    # Otherwise a process is kept ready for whoever comes next, and made anew whenever somebody else's page moves on.
    "--disable-site-isolation-trials",
    # Nothing but this machine is there.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


class Device(Enum):
    """What people hold in their hands. The values are arguments of a browser context."""

    PHONE = {  # noqa: RUF012 - an enum's value
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    }
    DESKTOP = {"viewport": {"width": 1280, "height": 900}}  # noqa: RUF012 - an enum's value


class OpenPage(Protocol):
    """Opens a page in a context of its own: its own cookies, so a different person may sign in on each.

    ``keep=False`` leaves what it sees out of the validator's folder; further arguments are Playwright's.
    """

    def __call__(
        self, device: Device = Device.DESKTOP, *, script: bool = True, keep: bool = True, **context: Any
    ) -> Page: ...


# --- Pages that were seen -------------------------------------------------------------------------

_MISTAKES = pytest.StashKey[list["HtmlMistake"]]()


@dataclass
class VisitRecorder:
    """Keeps one copy of every different HTML page that the tests of one process saw."""

    folder: Path
    test: str = ""
    missed: list[str] = field(default_factory=list)

    def keep(self, url: str, html: bytes, *, fragment: bool = False) -> None:
        """Keep a page, or a fragment of one inside a small page, for the validator at the end of the run."""
        if fragment:
            title = escape(f"Fragment of {url}").encode()
            html = b'<!doctype html><html lang="en"><title>%s</title><main>%s</main></html>' % (title, html)
        self.folder.mkdir(parents=True, exist_ok=True)
        page = self.folder / f"{hashlib.sha256(html).hexdigest()[:24]}.html"
        if not page.exists():
            page.write_bytes(html)
            page.with_suffix(".json").write_text(json.dumps({"url": url, "test": self.test}))

    def watch(self, context: BrowserContext) -> None:
        """Keep every HTML answer that a browser context gets from now on."""
        context.on("requestfinished", self._keep_answer)

    def _keep_answer(self, request: Request) -> None:
        if request.resource_type not in {"document", "fetch", "xhr"}:
            return
        try:
            response = request.response()
            if response is None or not response.headers.get("content-type", "").startswith("text/html"):
                return
            if 300 <= response.status < 400 or response.status == 204:
                return
            html = response.body()
        except Error:
            # The browser drops the body of a page that was left at once.
            self.missed.append(request.url)
            return
        fragment = b"<!doctype html" not in html[:200].lower()
        self.keep(request.url, html, fragment=fragment)


@dataclass(frozen=True)
class HtmlMistake:
    """One thing that the validator found wrong in a page."""

    url: str
    test: str
    line: int
    message: str
    extract: str

    def __str__(self) -> str:
        return f"{self.url} line {self.line} (seen in {self.test})\n    {self.message}\n    {self.extract}"


def html_mistakes(folder: Path) -> list[HtmlMistake]:
    """Validate every page kept in a folder in one run and return what is wrong. Raises RuntimeError without Java."""
    java = shutil.which("java")
    if java is None or not VALIDATOR.exists():
        raise RuntimeError("the HTML checker or Java is missing: run tools/setup.sh test")
    options = ["--errors-only", "--stdout", "--exit-zero-always", "--skip-non-html", "--format", "json"]
    done = subprocess.run(
        [java, "-jar", VALIDATOR, *options, folder],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    mistakes = []
    for message in json.loads(done.stdout)["messages"]:
        page = Path(message["url"].removeprefix("file:"))
        seen = json.loads(page.with_suffix(".json").read_text())
        mistakes.append(
            HtmlMistake(
                url=seen["url"],
                test=seen["test"],
                line=message.get("lastLine", 0),
                message=message["message"],
                extract=" ".join(message.get("extract", "").split()),
            )
        )
    return mistakes


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    pages = run_folder(session.config) / "pages"
    if is_worker(session.config) or not pages.exists():
        return
    mistakes = html_mistakes(pages)
    session.config.stash[_MISTAKES] = mistakes
    if mistakes:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    mistakes = config.stash.get(_MISTAKES, None)
    if mistakes is None:
        return
    pages = len(list((run_folder(config) / "pages").glob("*.html")))
    if not mistakes:
        terminalreporter.write_line(f"HTML: {pages} different pages were seen, all of them valid.")
        return
    terminalreporter.section(
        f"HTML mistakes: {len(mistakes)}, in {pages} pages that were seen", red=True, bold=True
    )
    alike: dict[str, list[HtmlMistake]] = defaultdict(list)
    for mistake in mistakes:
        alike[mistake.message].append(mistake)
    for found in alike.values():
        terminalreporter.write_line(f"{found[0]}\n    places like this one: {len(found)}")


@pytest.fixture(scope="session")
def _recorder(shared_folder: Path) -> VisitRecorder:
    return VisitRecorder(shared_folder / "pages")


@pytest.fixture
def visits(_recorder: VisitRecorder, request: pytest.FixtureRequest) -> VisitRecorder:
    """Keeps pages for the validator; tests without a browser hand it what they rendered: ``visits.keep(url, html)``."""
    _recorder.test = request.node.nodeid
    _recorder.missed.clear()
    return _recorder


# --- The browser ----------------------------------------------------------------------------------


def browser_program() -> str:
    """Return the path of the browser; raise RuntimeError when there is none."""
    chosen = os.environ.get("PORTAL_TEST_BROWSER")
    names = [chosen] if chosen else ["chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError(
            "there is no Chromium: run tools/setup.sh test, or name one in PORTAL_TEST_BROWSER"
        )
    return found


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The installed browser instead of one that Playwright would download."""
    return {**browser_type_launch_args, "executable_path": browser_program(), "args": BROWSER_FLAGS}


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], visits: VisitRecorder) -> OpenPage:
    """Opens pages: ``open_page(Device.PHONE, script=False, locale="es", color_scheme="dark", …)``."""
    return _opener(new_context, visits)


@pytest.fixture(scope="module")
def open_lasting_page(browser: Browser, _recorder: VisitRecorder) -> Iterator[OpenPage]:
    """Opens pages that stay open for all tests of a module, for looking at many addresses one after the other.

    A new page takes a process of its own, and ten times as long to show something as one that is there already.
    """
    opened: list[BrowserContext] = []

    def new_context(**given: Any) -> BrowserContext:
        opened.append(browser.new_context(**given))
        return opened[-1]

    yield _opener(new_context, _recorder)
    for context in opened:
        context.close()


def _opener(new_context: Callable[..., BrowserContext], visits: VisitRecorder) -> OpenPage:
    def open_page(
        device: Device = Device.DESKTOP, *, script: bool = True, keep: bool = True, **context: Any
    ) -> Page:
        opened = new_context(**{**device.value, "java_script_enabled": script, **context})
        opened.set_default_timeout(10_000)
        if keep:
            visits.watch(opened)
        return opened.new_page()

    return open_page


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone of 390 by 844 points."""
    return open_page(Device.PHONE)


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """A page on a screen of 1280 by 900 points."""
    return open_page(Device.DESKTOP)


@pytest.fixture
def phone_without_script(open_page: OpenPage) -> Page:
    """A page on a phone whose browser runs no JavaScript."""
    return open_page(Device.PHONE, script=False)


@pytest.fixture
def desktop_without_script(open_page: OpenPage) -> Page:
    """A page on a desktop whose browser runs no JavaScript."""
    return open_page(Device.DESKTOP, script=False)


# --- Accessibility --------------------------------------------------------------------------------


def accessibility_violations(page: Page, *, colors_only: bool = False) -> list[str]:
    """Return what axe finds wrong on a page, one paragraph for each rule. The page needs JavaScript.

    ``colors_only`` is for a page that was checked already, and now stands there in another theme.
    """
    if not page.evaluate("typeof axe === 'object'"):
        # Evaluated, not added as a script: so the page keeps its own content policy.
        page.evaluate(AXE.read_text())
    rules = ("rule", AXE_RULES_FOR_COLORS) if colors_only else ("tag", AXE_TAGS)
    options = {"runOnly": dict(zip(("type", "values"), rules, strict=True)), "resultTypes": ["violations"]}
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    return [_describe(violation) for violation in found]


def shape_of(page: Page) -> list[str]:
    """Return what a page is made of, without its words: each element with its classes and attributes, in order."""
    shape: list[str] = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("body *")].map((each) =>
        [each.tagName, each.dir, each.getAttribute("class"), ...each.getAttributeNames()].join(" "))"""
    )
    return shape


def check_accessibility(page: Page, *, colors_only: bool = False) -> None:
    """Fail with a readable list when axe finds anything wrong on a page; see ``accessibility_violations``."""
    found = accessibility_violations(page, colors_only=colors_only)
    assert not found, f"{page.url} has {len(found)} accessibility violations:\n" + "\n".join(found)


def _describe(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    shown = "\n".join(f"    {node['target']}: {node['html'][:200]}" for node in nodes[:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}, {len(nodes)} times\n{shown}"
