"""The suite's own browser checks find what they are there to find, under the strictest content policy."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import (
    OpenPage,
    VisitRecorder,
    accessibility_violations,
    check_accessibility,
    html_mistakes,
)
from tests.servers import LiveServer, live_server

SMALL_SERVER = '''
import signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html>
<html lang="en"><head><title>{title}</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""
PAGES = {
    "/good": ("A good page", "<p>Nothing is wrong here.</p><a href='/bad'>On</a>"),
    "/bad": ("A bad page", "<img src='data:,'><p aria-nonsense=x></i>"),
    "/posted": ("Sent", "<p>Thank you.</p>"),
    "/form": ("A form", "<form action=/posted method=post><button>Send</button></form>"),
}

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        title, body = PAGES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(PAGE.format(title=title, body=body).encode())

    do_POST = do_GET

    def log_message(self, *arguments):
        pass

def stop(*arguments):
    sys.exit(0)

signal.signal(signal.SIGTERM, stop)
server = HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler)
print(f"Listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
'''


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("small")
    (folder / "server.py").write_text(SMALL_SERVER)
    with live_server(folder / "instance", command=[sys.executable, folder / "server.py"]) as server:
        yield server


def test_a_good_page_passes_on_a_phone_and_a_desktop(
    small_server: LiveServer, phone: Page, desktop: Page
) -> None:
    for page in (phone, desktop):
        page.goto(f"{small_server.url}/good")
        check_accessibility(page)
    assert phone.evaluate("innerWidth") == 390
    assert desktop.evaluate("innerWidth") == 1280


def test_a_picture_without_words_is_found(small_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(keep=False)
    page.goto(f"{small_server.url}/bad")
    found = accessibility_violations(page)
    assert any(violation.startswith("image-alt") for violation in found)
    with pytest.raises(AssertionError, match="image-alt"):
        check_accessibility(page)


def test_every_page_on_the_way_is_kept(
    small_server: LiveServer, open_page: OpenPage, visits: VisitRecorder
) -> None:
    page = open_page(script=False)
    page.goto(f"{small_server.url}/form")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    for _attempt in range(100):
        # A page is kept once the browser has told that it came, which may be after its words can be seen.
        kept = [path.read_text() for path in visits.folder.glob("*.html")]
        if any("Thank you." in html for html in kept):
            break
        page.wait_for_timeout(50)
    assert any("A form" in html for html in kept)
    assert any("Thank you." in html for html in kept)
    assert visits.missed == []


def test_the_validator_names_the_page_and_the_mistake(tmp_path: Path) -> None:
    seen = VisitRecorder(tmp_path / "pages", test="this test")
    seen.keep("/bad", b'<!doctype html><html lang="en"><title>x</title><p></i></p></html>')
    seen.keep("/good", b'<!doctype html><html lang="en"><title>x</title><p>Well.</p></html>')
    seen.keep("/part", b"<p>A part of a page.</p>", fragment=True)
    mistakes = html_mistakes(tmp_path / "pages")
    assert {(mistake.url, mistake.test) for mistake in mistakes} == {("/bad", "this test")}


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = [sys.executable, "-c", "raise SystemExit('no database')"]
    with pytest.raises(RuntimeError, match="no database"), live_server(tmp_path / "instance", command=broken):
        pass
