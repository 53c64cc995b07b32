"""Whatever somebody writes for themselves, everybody else's whole portal stays the same to the last byte."""

import pickle
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import commands
from portal.exercises.parts.journals import queries
from portal.people.models import OutgoingMail
from portal.reports.base import Copy
from portal.reports.printing import progress_page
from tests.exercises.doing import give, task_of
from tests.exercises.journals.keeping import FIRST, OPEN, SLUG, discard, share, write
from tests.factories import World
from tests.house import leak_exercises
from tests.house.test_noninterference import Quiet, everything_of, same
from tests.house.test_noninterference import give as give_exercise
from tests.portal_app import Site, Sites, open_session, settle

pytestmark = pytest.mark.slow

FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 11, 30)
SECRET = "What nobody may ever know"
THIRD = "abcdefgh2345-02"


def build(records: Records) -> Quiet:
    """Make a couple with a journal in hand, and something else beside it."""
    pair = World(records).sample
    for viewer in (pair.a, pair.b):
        settle(records, viewer)
    given = {
        "journal": give(records, pair, SLUG),
        "letter": give_exercise(records, pair, leak_exercises.letter("letter", "A letter")),
    }
    return Quiet(pair, given, open_session(records, pair.b))


def site_with(sites: Sites) -> tuple[Site, Quiet]:
    note = sites.shared / "journal-world.pickle"

    def noted(records: Records) -> None:
        note.write_bytes(pickle.dumps(build(records)))

    site = sites.copy_of("journal-world", noted)
    return site, pickle.loads(note.read_bytes())  # noqa: S301 - written by this very run


def write_alone(records: Records, quiet: Quiet) -> None:
    """Do everything that a writer can do with a journal without sharing anything."""
    a, given = quiet.pair.a, quiet.given["journal"]
    with records.within(a) as scope:
        commands.begin(scope, task_of(scope, a, given))
    write(records, a, given, {"entry": SECRET, "mood": 1, "closeness": 1})
    write(records, a, given, {"entry": f"{SECRET}, and more"})
    write(records, a, given, {"first_move": SECRET}, name=FIRST)
    write(records, a, given, {"stopped": SECRET}, name=THIRD)
    discard(records, a, given, name=FIRST)


@pytest.mark.parametrize("who", ["therapist", "partner"])
def test_nobody_else_is_shown_anything_of_what_is_written(sites: Sites, who: str) -> None:
    before, quiet = site_with(sites)
    after, _again = site_with(sites)
    write_alone(after.records, quiet)
    viewer = quiet.pair.therapist if who == "therapist" else quiet.pair.b
    token = "" if who == "therapist" else quiet.token
    first, second = (
        everything_of(site, viewer, quiet, token=token, sending=False) for site in (before, after)
    )
    assert len(first) > 25
    same(first, second)


def test_the_comparison_would_notice_a_shared_page(sites: Sites) -> None:
    after, quiet = site_with(sites)
    write_alone(after.records, quiet)
    share(after.records, quiet.pair.a, quiet.given["journal"], audience=Audience.THERAPIST, name=THIRD)
    pages = everything_of(after, quiet.pair.therapist, quiet, sending=False)
    assert any(SECRET.encode() in page for page in pages.values())
    assert not any(b"and more" in page for page in pages.values())


def test_no_mail_and_no_report_changes(sites: Sites) -> None:
    found: list[Any] = []
    for act in (lambda _records, _quiet: None, write_alone):
        site, quiet = site_with(sites)
        act(site.records, quiet)
        with (
            site.app.test_request_context(),
            site.records.within(quiet.pair.therapist, read_only=True) as scope,
        ):
            papers = [
                progress_page(scope, quiet.pair.couple_id, copy, first=FIRST_DAY, last=LAST_DAY)
                for copy in (Copy.JOINT, Copy.CLINICIAN)
            ]
            mails = sorted(scope.session.scalars(select(OutgoingMail.account_id)))
        found.append((papers, mails))
    assert found[0] == found[1]


def test_one_shared_page_tells_nothing_of_how_many_there_are(sites: Sites) -> None:
    """The therapist is shown the same whether it was somebody's only page or one of many."""
    shown = []
    for others in (0, 12):
        site, quiet = site_with(sites)
        a, given = quiet.pair.a, quiet.given["journal"]
        for number in range(others):
            write(site.records, a, given, {"entry": "x"}, name=f"abcdefg{chr(ord('a') + number)}-00")
        write(site.records, a, given, {"entry": "The one page"})
        share(site.records, a, given, audience=Audience.COUPLE)
        shown.append(
            [
                everything_of(site, viewer, quiet, token=token, sending=False)
                for viewer, token in ((quiet.pair.therapist, ""), (quiet.pair.b, quiet.token))
            ]
        )
    for first, second in zip(*shown, strict=True):
        same(first, second)


def test_the_names_that_pages_hand_out_say_nothing_of_order(sites: Sites) -> None:
    site, quiet = site_with(sites)
    names = _names(site.records, quiet.pair.a, quiet)
    site.clock.move(timedelta(days=1))
    assert _names(site.records, quiet.pair.a, quiet) == names
    assert len({name.partition("-")[0] for name in names}) == len(names)
    assert OPEN not in names


def _names(records: Records, viewer: Viewer, quiet: Quiet) -> list[str]:
    with records.within(viewer, read_only=True) as scope:
        task = task_of(scope, viewer, quiet.given["journal"])
        first = queries.new_name(scope, task, 0, ())
        return [first, queries.new_name(scope, task, 0, {first}), queries.new_name(scope, task, 1, ())]
