"""Makes the pictures of docs/screenshots from the sample practice: phones, desktops and a page of paper."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from portal.access.scope import Records
from portal.access.vault import read_key_file
from portal.access.viewer import House
from portal.config import load_config
from portal.exercises.models import Assignment
from portal.kit.clock import SystemClock
from portal.kit.db import open_engine
from portal.people import totp
from portal.people.practice_queries import practice_ids

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
TALLEST = 1280
"""How many pixels of a page a picture shows, unless it asks for more."""
COLORS = 64

Steps = Callable[[Page], None]


def _begin(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Start|Continue|Begin|Open)")).first.click()


def _begin_alone(page: Page) -> None:
    """Begin a form that asks first whether its reader is alone."""
    _begin(page)
    page.get_by_role("link", name="Yes, go on").click()


def _write_a_letter(page: Page) -> None:
    """Type into a letter what brings up a hint, and wait for it."""
    _begin(page)
    page.get_by_role("textbox").nth(0).fill("Thursday, in the hall.")
    page.get_by_role("textbox").nth(1).fill("You were kind, you always are.")
    page.get_by_role("textbox").nth(1).blur()
    page.get_by_text("Your words as a whole").wait_for()


def _turn_cards(page: Page) -> None:
    """Go to cards that are open to both."""
    page.get_by_text("Other cards", exact=True).first.click()
    page.locator("li", has_text="Open to you both").get_by_role("link").first.click()


STEPS: Mapping[str, Steps] = {
    "begin": _begin,
    "begin_alone": _begin_alone,
    "write_a_letter": _write_a_letter,
    "turn_cards": _turn_cards,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: its name, whose page it is, the way there, and what stands below it."""

    name: str
    who: str
    path: str
    steps: str = ""
    words: str
    tallest: int = TALLEST


WANTED = tomllib.loads((ROOT / "tools" / "screenshots.toml").read_text(encoding="utf-8"))
ON_A_PHONE, ON_A_DESKTOP = ([Shot(**each) for each in WANTED[device]] for device in ("phone", "desktop"))


def main() -> None:
    """Build the sample practice in a throw-away folder, serve it, and take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of the names of pictures to take")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio.built(Path(folder), chosen.folder, tuple(chosen.only))
        with studio.served() as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            _phones(studio, browser, url)
            _desktops(studio, browser, url)
            browser.close()
    if not chosen.only:
        (chosen.folder / "README.md").write_text(_read_me(), encoding="utf-8")


def _read_me() -> str:
    """Return the page that shows all pictures in order."""
    lines = [
        "# What it looks like",
        "",
        "Pages of the sample practice, taken by `make screenshots`. Partners use a phone most of the time, by day and by",
        "night; their therapist sits at a desk.",
        "",
        "## On a phone",
        "",
    ]
    for shot in ON_A_PHONE:
        pair = " ".join(
            f'<img src="{shot.name}-{way}.png" width="260" alt="{shot.words}, {way}">'
            for way in ("light", "dark")
        )
        lines += [f"**{shot.words}**", "", pair, ""]
    lines += ["## On a desk", ""]
    for shot in ON_A_DESKTOP:
        lines += [f"**{shot.words}**", "", f'<img src="{shot.name}.png" width="760" alt="{shot.words}">', ""]
    lines += ["## On paper", ""]
    for name, words in (("report-preview", "A report, looked over first"), ("report-page", "A page of it")):
        lines += [f"**{words}**", "", f'<img src="{name}.png" width="560" alt="{words}">', ""]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Studio:
    """The sample practice in a folder of its own, and where its pictures go."""

    instance: Path
    folder: Path
    only: tuple[str, ...]
    world: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def built(cls, scratch: Path, folder: Path, only: tuple[str, ...]) -> "Studio":
        """Build the sample practice."""
        instance = scratch / "instance"
        loaded = subprocess.run(
            [PORTAL, "demo", "load", "--json"],
            env=os.environ | {"PORTAL_INSTANCE": str(instance)},
            capture_output=True,
            check=True,
        )
        world = json.loads(loaded.stdout)
        return cls(instance, folder, only, world, _names(instance, world["couples"][0]["id"]))

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the practice; yield its address."""
        environment = os.environ | {"PORTAL_INSTANCE": str(self.instance), "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            [PORTAL, "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server:
            try:
                lines = server.stdout or iter(())
                ready = (found[1] for line in lines if (found := re.search(r"Listening on (\S+)", line)))
                url = next(ready, None)
                if url is None:
                    raise SystemExit("The portal didn't start; `portal serve` says why.")
                yield url
            finally:
                server.terminate()

    def account(self, who: str) -> Mapping[str, Any]:
        """Return the account of the first couple's partner in a seat, or of its therapist."""
        couple = self.world["couples"][0]["ref"]
        for account in self.world["accounts"]:
            is_partner = account["couple"] == couple and account["seat"] == who
            if is_partner or account["role"] == who:
                return dict(account)
        raise LookupError(who)

    def is_wanted(self, name: str) -> bool:
        """Say whether a picture is to be taken."""
        return not self.only or name.startswith(self.only)


def _names(instance: Path, couple_id: str) -> dict[str, str]:
    """Return what stands for the names in paths: the couple, and its newest assignment of each exercise."""
    config = load_config({"PORTAL_INSTANCE": str(instance)})
    engine = open_engine(config.database_url)
    records = Records.open(engine, read_key_file(config.secrets_file), SystemClock())
    newest: dict[str, str] = {}
    for practice_id in practice_ids(records):
        with records.within(House(practice_id, frozenset({couple_id})), read_only=True) as scope:
            query = scope.select(Assignment).where(Assignment.released_at.is_not(None))
            rows = scope.all(query.order_by(Assignment.created_at))
            newest |= {each.slug: each.id for each in rows if each.couple_id == couple_id}
    engine.dispose()
    return {name: newest[slug] for name, slug in WANTED["given"].items()} | {"couple": couple_id}


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


def _take(studio: Studio, page: Page, name: str, *, dark: bool = False, tallest: int = TALLEST) -> None:
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.wait_for_load_state("networkidle")
    size = page.viewport_size or {"width": 1280, "height": 860}
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": min(max(whole, size["height"]), tallest)})
    page.screenshot(path=studio.folder / f"{name}.png")
    page.set_viewport_size(size)
    _make_small(studio.folder / f"{name}.png")


def _make_small(picture: Path) -> None:
    """Keep a picture with few colours, which is all that these pages have: a quarter of the bytes."""
    with Image.open(picture) as shown:
        shown.convert("RGB").quantize(COLORS).save(picture, optimize=True)


def _go(page: Page, url: str, shot: Shot, studio: Studio) -> None:
    page.goto(url + shot.path.format_map(studio.names))
    if shot.steps:
        STEPS[shot.steps](page)


def _phones(studio: Studio, browser: Browser, url: str) -> None:
    pages: dict[str, Page] = {}
    for shot in ON_A_PHONE:
        if not studio.is_wanted(shot.name):
            continue
        if shot.who not in pages:
            pages[shot.who] = _signed_in(browser, url, studio.account(shot.who), PHONE)
        page = pages[shot.who]
        _go(page, url, shot, studio)
        _take(studio, page, f"{shot.name}-light", tallest=shot.tallest)
        _take(studio, page, f"{shot.name}-dark", dark=True, tallest=shot.tallest)


def _desktops(studio: Studio, browser: Browser, url: str) -> None:
    page = _signed_in(browser, url, studio.account("therapist"), DESKTOP)
    for shot in ON_A_DESKTOP:
        if studio.is_wanted(shot.name):
            _go(page, url, shot, studio)
            _take(studio, page, shot.name)
    if studio.is_wanted("report"):
        page.goto(f"{url}/couples/{studio.names['couple']}/reports")
        page.get_by_role("button", name="Look it over").click()
        _take(studio, page, "report-preview")
        _report(studio, page)


def _report(studio: Studio, page: Page) -> None:
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Approve and download").click()
    report = studio.instance / "report.pdf"
    downloading.value.save_as(report)
    picture = studio.folder / "report-page"
    subprocess.run(
        ["pdftoppm", "-png", "-r", "80", "-f", "2", "-l", "2", "-singlefile", report, picture], check=True
    )
    _make_small(picture.with_suffix(".png"))


if __name__ == "__main__":
    main()
