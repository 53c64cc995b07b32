"""What people do in the portal, said in their words: sign in, set up an account, fill in a page, send."""

import email
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from portal.people import totp
from tests.journeys.watch import expect_heading

PASSWORD = "nine slow boats past the pier"
MAIL_SECONDS = 30


@dataclass
class Authenticator:
    """The app on somebody's phone. A code works once, so it waits for the next one where it has to."""

    secret: str
    last: int = -1

    def code(self) -> str:
        """Return the six digits of this half-minute, or of the next if these were used."""
        step = totp.step_at(datetime.now(UTC))
        self.last = step if step > self.last else self.last + 1
        return totp.code_at(self.secret, self.last)


def sign_in(
    page: Page, url: str, address: str, *, password: str = PASSWORD, app: Authenticator | None = None
) -> None:
    """Sign somebody in at the front door, with a code where they have a second step."""
    page.goto(f"{url}/sign-in")
    give_name_and_password(page, address, password=password)
    if app is not None:
        expect_heading(page, "Your code")
        page.get_by_label("Code").fill(app.code())
        press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(re.compile("^(Sign in|Your code)$"))


def give_name_and_password(page: Page, address: str, *, password: str = PASSWORD) -> None:
    """Fill in the sign-in page that is shown, and send it."""
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def press(page: Page, words: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=words, exact=True).first.click()


def follow(page: Page, words: str | re.Pattern[str]) -> None:
    """Follow a link by its words."""
    page.get_by_role("link", name=words).first.click()


def set_up_account(page: Page, link: str, *, password: str = PASSWORD) -> None:
    """Follow an invitation and choose a password."""
    page.goto(link)
    expect_heading(page, "Set up your Notebook")
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Set up my Notebook")
    expect_heading(page, "Sign in")


def set_up_second_step(page: Page) -> Authenticator:
    """Go through the pages that staff see before anything else; return the app that now makes their codes."""
    expect_heading(page, "Second step")
    press(page, "Set it up")
    expect_heading(page, "Set up the second step")
    shown = page.locator("code").first.inner_text()
    app = Authenticator(re.sub(r"\s", "", shown))
    page.get_by_label("Code from the app").fill(app.code())
    press(page, "Turn it on")
    expect_heading(page, "Your recovery codes")
    return app


def mails_to(outbox: Path, address: str, *, at_least: int = 1) -> list[str]:
    """Return the texts of all mails to an address, oldest first, once there are enough of them."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        found = [message for message in _mails(outbox) if address in str(message["To"])]
        if len(found) >= at_least:
            return [str(message["Subject"]) + "\n" + message.get_content() for message in found]
        time.sleep(0.2)
    raise AssertionError(
        f"no mail to {address} within {MAIL_SECONDS} seconds; there is {list(outbox.glob('*'))}"
    )


def _mails(outbox: Path) -> list[email.message.EmailMessage]:
    files = sorted(outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime)
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def link_in(text: str) -> str:
    """Return the one address in a mail."""
    found = re.findall(r"https?://\S+", text)
    assert len(found) == 1, text
    return str(found[0])


def fill_in(page: Page, answers: Mapping[str, str]) -> None:
    """Answer the questions of a page that is shown: by the words of each, with the words or the number of the answer."""
    for question, answer in answers.items():
        group, text = page.get_by_role("group", name=question), page.get_by_role("textbox", name=question)
        group.or_(text).first.wait_for()
        if group.count():
            choice(group.first, answer).check()
        else:
            text.first.fill(answer)


def choice(group: Locator, answer: str) -> Locator:
    """Return the radio or checkbox in a group that begins with some words."""
    words = re.compile(rf"^\s*{re.escape(answer)}\b")
    return group.get_by_role("radio", name=words).or_(group.get_by_role("checkbox", name=words)).first


def press_on(page: Page) -> None:
    """Save the page that is shown and go on."""
    press(page, "Save and continue")
