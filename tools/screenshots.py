"""Makes the pictures of docs/screenshots from the sample practice: phones, desktops and a page of paper."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from portal.people import totp

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
PORTAL = Path(sys.executable).with_name("portal")
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 860}, "accept_downloads": True}


def main() -> None:
    """Build the sample practice in a throw-away folder, serve it, and take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder) / "instance")
        loaded = subprocess.run(
            [PORTAL, "demo", "load", "--json"], env=settings, capture_output=True, check=True
        )
        world = json.loads(loaded.stdout)
        with _served(settings) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            _partner(browser, url, world)
            _therapist(browser, url, world, Path(folder))
            browser.close()


def _settings(instance: Path) -> dict[str, str]:
    return {**os.environ, "PORTAL_INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _served(settings: Mapping[str, str]) -> Iterator[str]:
    command = [str(PORTAL), "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            lines = server.stdout or iter(())
            yield next(found[1] for line in lines if (found := re.search(r"Listening on (\S+)", line)))
        finally:
            server.terminate()


def _first_couple(world: Mapping[str, Any]) -> str:
    """Return the couple that has a history."""
    return str(world["couples"][0]["ref"])


def _account(world: Mapping[str, Any], role: str, *, seat: str | None = None) -> Mapping[str, Any]:
    couple = _first_couple(world)
    for account in world["accounts"]:
        mine = role != "partner" or (account["couple"] == couple and account["seat"] == seat)
        if account["role"] == role and mine:
            return dict(account)
    raise LookupError(role)


def _signed_in(browser: Browser, url: str, account: Mapping[str, Any], context: Mapping[str, Any]) -> Page:
    page = browser.new_context(**context, locale="en-GB", reduced_motion="reduce").new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("Email address").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    if account.get("totp_secret"):
        code = totp.code_at(account["totp_secret"], totp.step_at(datetime.now(UTC)))
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/(today|couples)$"))
    return page


def _take(page: Page, name: str, *, dark: bool = False) -> None:
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    _make_small(FOLDER / f"{name}.png")


def _make_small(picture: Path) -> None:
    """Keep a picture with few colours, which is all that these pages have: a quarter of the bytes."""
    with Image.open(picture) as shown:
        shown.convert("RGB").quantize(128).save(picture, optimize=True)


def _both(page: Page, name: str) -> None:
    _take(page, f"{name}-light")
    _take(page, f"{name}-dark", dark=True)


def _partner(browser: Browser, url: str, world: Mapping[str, Any]) -> None:
    page = _signed_in(browser, url, _account(world, "partner", seat="a"), PHONE)
    _both(page, "today")
    page.goto(f"{url}/together")
    _both(page, "together")
    page.get_by_role("link", name="Things to do, just us two").first.click()
    _both(page, "overlap")
    page.goto(f"{url}/today")
    page.get_by_role("link", name=re.compile("^(Start|Continue)")).first.click()
    page.get_by_role("button", name=re.compile("^(Start|Continue)")).first.click()
    _both(page, "step")
    page.goto(f"{url}/today")
    page.get_by_role("link", name="Five minutes a day").first.click()
    _both(page, "log")


def _therapist(browser: Browser, url: str, world: Mapping[str, Any], folder: Path) -> None:
    page = _signed_in(browser, url, _account(world, "therapist"), DESKTOP)
    _take(page, "caseload")
    page.goto(f"{url}/answers")
    _take(page, "review")
    page.goto(f"{url}/library")
    _take(page, "library")
    page.goto(f"{url}/couples")
    first = [
        account["name"].split()[0]
        for account in world["accounts"]
        if account["couple"] == _first_couple(world)
    ]
    page.get_by_role("row").get_by_role("link", name=re.compile(first[0])).first.click()
    _take(page, "couple")
    page.get_by_role("link", name="Make a report").click()
    page.get_by_role("button", name="Look it over").click()
    _take(page, "report-preview")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Approve and download").click()
    report = folder / "report.pdf"
    downloading.value.save_as(report)
    picture = FOLDER / "report-page"
    subprocess.run(
        ["pdftoppm", "-png", "-r", "80", "-f", "2", "-l", "2", "-singlefile", report, picture], check=True
    )
    _make_small(picture.with_suffix(".png"))


if __name__ == "__main__":
    main()
