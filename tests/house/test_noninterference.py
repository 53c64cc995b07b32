"""Whatever one partner does alone, the other's whole portal stays the same to the last byte."""

import pickle
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import make_url, select

from portal.access.audit import Action, record
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import House, Seat, Viewer
from portal.exercises import care_commands, commands
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind
from portal.exercises.models import Response, ResponseState, Whom
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.people import kept
from portal.people.account_commands import Theme, change_settings
from portal.people.models import OutgoingMail
from portal.reports.base import Copy
from portal.reports.printing import progress_page
from tests.exercises.doing import fill, task_of
from tests.factories import MORNING, Pair, World
from tests.house import leak_exercises
from tests.house.crawl import Crawl
from tests.portal_app import Site, Sites, open_session, settle

pytestmark = pytest.mark.slow

OWN_SECRETS = ("/account/second-step", "/account/recovery", "/account/devices")
"""Pages that are fresh at each visit, or list one's own sessions."""
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
EXERCISES: Mapping[str, Exercise] = {
    "mixed": leak_exercises.mixed("mixed", "A few questions"),
    "waiting": leak_exercises.mixed("waiting", "More questions"),
    "left": leak_exercises.mixed("left", "Other questions"),
    "letter": leak_exercises.letter("letter", "A letter"),
    "held": leak_exercises.letter("held", "Another letter"),
    "unsent": leak_exercises.letter("unsent", "One more letter"),
    "overlap": leak_exercises.overlap("overlap", "What both want"),
    "log": leak_exercises.tracker("log", "A log", audience="therapist"),
}


@dataclass
class Quiet:
    """A couple, what it was given, and the session of the partner who is watched."""

    pair: Pair
    given: dict[str, str]
    token: str = ""


def give(
    records: Records, pair: Pair, exercise: Exercise, *, whom: Whom = Whom.BOTH, release: bool = True
) -> str:
    plan = care_commands.Plan(
        couple_id=pair.couple_id, whom=whom, recurrence=Recurrence(exercise.recurrence), release=release,
        instructions="Take your time.",
    )  # fmt: skip
    with records.within(pair.therapist) as scope:
        return care_commands.assign(scope, exercise, plan, once_key=new_id()).id


def draft(records: Records, viewer: Viewer, assignment: str, values: Mapping[str, Any]) -> None:
    with records.within(viewer) as scope:
        commands.keep_draft(scope, task_of(scope, viewer, assignment), values, revision=None)


def send(
    records: Records, viewer: Viewer, assignment: str, values: Mapping[str, Any], delivery: Delivery = AT_ONCE
) -> None:
    draft(records, viewer, assignment, values)
    with records.within(viewer) as scope:
        commands.send(scope, task_of(scope, viewer, assignment), once_key=new_id(), delivery=delivery)


def build(records: Records) -> Quiet:
    """Make a couple of which B has done this and that, and A nothing."""
    pair = World(records).sample
    for viewer in (pair.a, pair.b):
        settle(records, viewer)
    given = {name: give(records, pair, exercise) for name, exercise in EXERCISES.items()}
    given["stressors"] = give(records, pair, library()["stressors"])
    send(records, pair.b, given["mixed"], {"only_me": "Mine", "to_both": "For us both", "how_much": 2})
    draft(records, pair.b, given["waiting"], {"to_both": "Not yet sent"})
    send(records, pair.b, given["stressors"], fill(library()["stressors"], "heavy"))
    return Quiet(pair, given, open_session(records, pair.b))


def live_alone(records: Records, quiet: Quiet, *, answering: bool = True) -> None:
    """Do everything that one partner, and the therapist with them, can do without telling the other.

    ``answering`` includes what the other will see as soon as they answer too.
    """
    pair, given = quiet.pair, quiet.given
    a = pair.a
    draft(records, a, given["mixed"], {"to_both": "Almost sent"})
    if answering:
        words = {"only_me": "A secret", "to_therapist": "Afraid at home", "to_both": "Us"}
        send(records, a, given["waiting"], words)
        send(records, a, given["overlap"], {"walk": "not_now", "song": "comfortable"})
    with records.within(a) as scope:
        commands.decline(scope, task_of(scope, a, given["left"]))
    later = Delivery(DeliveryKind.LATER, MORNING + timedelta(days=2))
    send(records, a, given["letter"], {"words": "For another day"}, later)
    send(records, a, given["held"], {"words": "For our session"}, Delivery(DeliveryKind.HELD))
    draft(records, a, given["unsent"], {"words": "Never to be sent"})
    send(records, a, given["log"], {"log": "yes", "log_note": "A note"})
    stressors = library()["stressors"]
    worst = {item.key: int(item.high) for item in stressors.form.questions if item.kind == "scale"}
    send(records, a, given["stressors"], {**fill(stressors, "hit me"), **worst})
    kept.keep(records, (a.practice_id, a.account_id), path="/account", fields={"words": ["Typed and kept"]})
    with records.within(a) as scope:
        change_settings(scope, locale=None, theme=Theme.DARK, text_size=125)
    open_session(records, a)
    _care_for_one(records, quiet)


def _care_for_one(records: Records, quiet: Quiet) -> None:
    pair, given = quiet.pair, quiet.given
    alone = give(records, pair, leak_exercises.alone("for-a", "Only for one"), whom=Whom.A)
    give(records, pair, leak_exercises.mixed("prepared", "Not yet to be seen"), release=False)
    send(records, pair.a, alone, {"to_therapist": "What nobody else may know"})
    with records.within(pair.therapist) as scope:
        for assignment in (given["stressors"], alone):
            care_commands.mark_read(scope, assignment)
            for to, seat in ((Audience.NOTE, None), (Audience.REPLY, Seat.A)):
                care_commands.give_feedback(
                    scope, assignment, "Well seen", to=to, seat=seat, once_key=new_id()
                )
        record(scope, Action.READ, subject_id=given["stressors"], couple_id=pair.couple_id)


def quiet_site(sites: Sites, **about: Any) -> tuple[Site, Quiet]:
    note = sites.shared / "quiet-world.pickle"
    site = sites.copy_of("quiet-world", lambda records: _noted(note, records), **about)
    return site, pickle.loads(note.read_bytes())  # noqa: S301 - written by this very run


def _noted(note: Any, records: Records) -> None:
    note.write_bytes(pickle.dumps(build(records)))


def everything_of(
    site: Site, viewer: Viewer, quiet: Quiet, *, token: str = "", sending: bool = True
) -> dict[str, bytes]:
    """Return everything that somebody can be shown, by address."""
    knows = {("assignment", each): frozenset({"me"}) for each in quiet.given.values()}
    knows["couple", quiet.pair.couple_id] = frozenset({"me"})
    knows |= {("account", each.account_id): frozenset({"me"}) for each in (quiet.pair.a, quiet.pair.b)}
    cares = frozenset({quiet.pair.couple_id, quiet.pair.a.account_id, quiet.pair.b.account_id})
    crawl = Crawl(
        site.sign_in_as(viewer, token=token),
        "me",
        knows,
        cares,
        most_links=250 if sending else 120,
        most_misses=3,
    )
    crawl.read_everything()
    if sending:
        if site.template is not None:
            _freeze(site)
        crawl.send_everything()
    assert crawl.faults == []
    return {
        where: page for where, page in crawl.pages.items() if not any(each in where for each in OWN_SECRETS)
    }


def _freeze(site: Site) -> None:
    """Make what the portal holds now the state that each sending starts from."""
    frozen = site.folder / "frozen.sqlite3"
    site.records.engine.dispose()
    shutil.copyfile(str(make_url(site.url).database), frozen)
    site.template = frozen


def same(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> None:
    assert sorted(first) == sorted(second)
    assert [where for where in first if first[where] != second[where]] == []


def test_a_partner_never_sees_that_the_other_did_anything_alone(sites: Sites) -> None:
    before, quiet = quiet_site(sites)
    after, _again = quiet_site(sites)
    live_alone(after.records, quiet)
    pages, others = (
        everything_of(site, quiet.pair.b, quiet, token=quiet.token, sending=False) for site in (before, after)
    )
    assert len(pages) > 60
    same(pages, others)


def test_nothing_that_a_partner_sends_is_answered_otherwise_for_what_the_other_did_alone(
    sites: Sites,
) -> None:
    before, quiet = quiet_site(sites)
    after, _again = quiet_site(sites)
    live_alone(after.records, quiet, answering=False)
    pages, others = (everything_of(site, quiet.pair.b, quiet, token=quiet.token) for site in (before, after))
    assert len([where for where in pages if where.startswith("POST")]) > 20
    same(pages, others)


def test_the_other_partner_does_see_what_is_sent_to_them(sites: Sites) -> None:
    """Without this the comparison above could pass by looking at nothing."""
    before, quiet = quiet_site(sites)
    after, _again = quiet_site(sites)
    send(after.records, quiet.pair.a, quiet.given["mixed"], {"to_both": "For your eyes"})
    pages, others = (
        everything_of(site, quiet.pair.b, quiet, token=quiet.token, sending=False) for site in (before, after)
    )
    assert pages != others
    assert any(b"For your eyes" in page for page in others.values())


def test_no_mail_goes_to_a_partner_because_of_what_the_other_did_alone(sites: Sites) -> None:
    counts = []
    for act in (lambda _records, _quiet: None, live_alone):
        site, quiet = quiet_site(sites)
        act(site.records, quiet)
        with site.records.within(quiet.pair.therapist, read_only=True) as scope:
            # What a letter for another day announces goes out on that day, as its receiver was meant to know.
            own = select(OutgoingMail.message).where(
                OutgoingMail.account_id == quiet.pair.b.account_id, OutgoingMail.due_at <= scope.now
            )
            counts.append(sorted(scope.session.scalars(own)))
    assert counts[0] == counts[1]


def test_a_joint_report_does_not_change_with_what_one_partner_did_alone(sites: Sites) -> None:
    papers = []
    for act in (lambda _records, _quiet: None, live_alone):
        site, quiet = quiet_site(sites)
        act(site.records, quiet)
        with (
            site.app.test_request_context(),
            site.records.within(quiet.pair.therapist, read_only=True) as scope,
        ):
            papers.append(progress_page(scope, quiet.pair.couple_id, Copy.JOINT, first=FIRST, last=LAST))
    assert papers[0] == papers[1]


# What both are open to

COMMON = {"walk": "comfortable", "song": "comfortable", "nap": "maybe", "dance": "not_now"}
Act = Callable[[Records, Quiet], None]


def _says(*lists: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    return lists


REFUSALS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "everything else not now": _says(
        {"walk": "comfortable", "song": "not_now", "nap": "not_now", "dance": "not_now"}
    ),
    "everything else unanswered": _says({"walk": "comfortable"}),
    "open to what the other refused": _says(
        {"walk": "comfortable", "dance": "comfortable", "song": "not_now"}
    ),
    "perhaps open to what the other refused": _says({"walk": "comfortable", "dance": "maybe"}),
    "withdrawn before the other answered": _says(
        {"walk": "comfortable", "song": "comfortable", "nap": "maybe"},
        {"walk": "comfortable", "song": "not_now", "nap": "not_now"},
    ),
}
NOTHING: Mapping[str, Sequence[Mapping[str, str]]] = {
    "all not now": _says(dict.fromkeys(COMMON, "not_now")),
    "only what the other refused": _says({"dance": "comfortable"}),
    "all withdrawn": _says(COMMON, dict.fromkeys(COMMON, "not_now")),
}


def shown_after(
    sites: Sites, lists: Sequence[Mapping[str, str]], *, late: bool = False, watch: str = "b"
) -> dict[str, bytes]:
    """Return what somebody is shown days after A gave some lists, one after the other, and B their own."""
    site, quiet = quiet_site(sites)
    records, pair, given = site.records, quiet.pair, quiet.given["overlap"]
    for answers in lists[:1] if late else lists:
        send(records, pair.a, given, {**dict.fromkeys(COMMON), **answers})
    send(records, pair.b, given, COMMON)
    site.clock.move(timedelta(days=3))
    for answers in lists[1:] if late else ():
        send(records, pair.a, given, {**dict.fromkeys(COMMON), **answers})
    site.clock.move(timedelta(days=2))
    house = House(pair.b.practice_id, frozenset({pair.couple_id}))
    with records.within(house, read_only=True) as scope:
        sent = scope.select(Response).where(
            Response.assignment_id == given, Response.state == ResponseState.SENT
        )
        assert scope.count(sent) == 2
    viewer = pair.b if watch == "b" else pair.therapist
    return everything_of(site, viewer, quiet, sending=False)


@pytest.mark.parametrize("patterns", [REFUSALS, NOTHING], ids=["one in common", "nothing in common"])
def test_a_short_overlap_never_tells_why_it_is_short(
    sites: Sites, patterns: Mapping[str, Sequence[Mapping[str, str]]]
) -> None:
    first, *others = ((name, shown_after(sites, lists)) for name, lists in patterns.items())
    for name, pages in others:
        assert pages == first[1], name


def test_nobody_is_told_that_a_list_was_changed_later(sites: Sites) -> None:
    changed = shown_after(sites, REFUSALS["withdrawn before the other answered"], late=True)
    same(shown_after(sites, REFUSALS["everything else not now"]), changed)


def test_a_therapist_who_sees_the_overlap_does_not_see_the_refusals(sites: Sites) -> None:
    first, *others = (
        shown_after(sites, lists, watch="therapist")
        for name, lists in REFUSALS.items()
        if "withdrawn" not in name
    )
    for pages in others:
        same(first, pages)
