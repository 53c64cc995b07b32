"""What the writing coach says is for the eyes of the one who writes: no row keeps it and no other page shows it."""

import html
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.access.viewer import Viewer
from portal.exercises.coach import Code
from portal.exercises.coach.hints import say
from portal.exercises.models import Answer, Draft
from portal.people import post_jobs
from portal.tables import METADATA
from portal.web.render import templates_folder
from tests.exercises.doing import give
from tests.house.crawl import Crawl
from tests.portal_app import Site, Sites, Visitor, furnish

pytestmark = pytest.mark.slow

TYPED = {
    "situation": "you came home at ten on Monday. You never call and you always shout, you are so lazy",
    "feeling": "that you don't care, and I want to kill myself",
    "request": "you to call me at six tomorrow",
}
SLOTS = '[["situation", "When", true], ["feeling", "I felt", true], ["request", "I would like", true]]'
TOLD = (*map(say, Code), "A hint about:", "Somebody can talk with you now", "<mark")
"""What stands on a page only where the coach speaks about somebody's words."""


def told_in(page: bytes) -> set[str]:
    """Return the words of hints in a page."""
    plain = html.unescape(page.decode(errors="replace"))
    return {each for each in TOLD if each in plain}


def ask_in_every_way(writer: Visitor, assignment: str) -> None:
    """Write with hints: while typing, with the button, again on the page before sending; then send it all."""
    step = f"/t/{assignment}/p/1"
    form = {"csrf_token": writer.csrf, "writer": writer.writer}
    writer.post(f"/t/{assignment}/begin", form)
    live = writer.post("/words", {**form, **TYPED, "kind": "i_statement", "slots": SLOTS})
    assert len(told_in(live.get_data())) > 4
    writer.post(f"{step}/draft", {**form, **TYPED, "revision": "0"})
    looked = writer.post(step, {**form, **TYPED, "go": "coach", "revision": "1"})
    assert len(told_in(writer.get(looked.location).get_data())) > 4
    assert len(told_in(writer.get(f"/t/{assignment}/check").get_data())) > 4


def rows_of(site: Site) -> bytes:
    """Return every row of every table, the way the database holds it."""
    with site.records.engine.connect() as connection:
        tables = [connection.execute(select(table)).all() for table in METADATA.sorted_tables]
    return repr(tables).encode()


def opened_for(site: Site, writer: Viewer) -> set[str]:
    """Return what the sealed columns of a writer's drafts and answers hold."""
    with site.records.within(writer, read_only=True) as scope:
        kept = [each.values for each in scope.all(scope.select(Draft))]
        kept += [{each.item: each.value} for each in scope.all(scope.select(Answer))]
    return {str(value) for values in kept for value in values.values() if value}


def mails_of(site: Site) -> bytes:
    """Send all mails that are due, and return them."""
    office = post_jobs.open_office(
        templates=templates_folder(), translations=Path("nowhere"), smtp_url="", outbox=site.folder / "outbox",
        base_url="http://localhost",
    )  # fmt: skip
    post_jobs.deliver_due(site.records, office)
    return b"".join(mail.read_bytes().replace(b"=\n", b"") for mail in (site.folder / "outbox").glob("*.eml"))


@pytest.mark.parametrize("is_sent", [False, True])
def test_hints_are_kept_nowhere_and_shown_to_nobody_else(sites: Sites, *, is_sent: bool) -> None:
    site = sites.empty()
    pair, people = furnish(site.records)
    assignment = give(site.records, pair, "i-statements")
    writer = site.sign_in_as(pair.a)
    ask_in_every_way(writer, assignment)
    if is_sent:
        form = {"csrf_token": writer.csrf, "delivery": "now", "once_key": "once"}
        assert writer.post(f"/t/{assignment}/send", form).status_code == 303
    assert told_in(rows_of(site)) == set()
    assert all(told_in(value.encode()) == set() for value in opened_for(site, pair.a))
    assert told_in(mails_of(site)) == set()
    for name in ("b", "therapist"):
        crawl = Crawl(site.sign_in_as(people[name]), name, {}, most_links=60)
        crawl.read_everything()
        assert {where for where, page in crawl.pages.items() if told_in(page)} == set()
        reads_letter = any(TYPED["request"].encode() in page for page in crawl.pages.values())
        assert reads_letter is (is_sent and name in {"b", "therapist"}), (
            "the crawl saw too little, or too much"
        )
