"""However one partner comes not to be open to something, the other's whole portal is the same to the last byte."""

import pickle
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import commands
from portal.exercises.mechanics.ladder import READY
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.models import OverlapMatch
from portal.exercises.parts.ladders import commands as ladders
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from portal.reports.base import Copy
from portal.reports.printing import progress_page
from tests.exercises import doing
from tests.exercises.doing import task_of
from tests.exercises.ladders import climbing
from tests.factories import MORNING, Pair, World
from tests.pages import read
from tests.portal_app import Site, Sites, masked, settle

MENU = "touch-menu"
OPTIONS = [item.key for item in library()[MENU].form.questions[:3]]
YES, PERHAPS, NO = (level.key for level in library()[MENU].spec(OverlapSpec).levels)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Days:
    """When B answers; when B looks; when A changes something; when B looks again, and once A's first words have run out."""

    answers: int
    before: int
    changes: int
    after: int
    run_out: int


FOLLOWED = re.compile(r"/(?:today|together|just-me|more|help|t)\b")
REMEMBERED = ("", "?again=1", "/open", "/sent", "/check", "/steps", "/p/1", "/choices/back", "/leave-out")
"""Pages of an exercise that may stand in somebody's history, whether anything leads there now or not."""

LONG, SHORT = Days(40, 45, 50, 59, 61), Days(9, 10, 11, 13, 15)
"""For what stands sixty days, and for what stands fourteen."""


@dataclass
class Given:
    """Who is in the world, and what they were given: a menu, and ladders with the first step of each."""

    pair: Pair
    days: Days
    menu: str | None
    ladders: dict[str, str]


Act = Callable[[Records, Given], None]


def build_long(records: Records) -> Given:
    """Make a couple with a menu and a ladder, on which nobody has done anything."""
    pair = _couple(records)
    menu, ladder = (doing.give(records, pair, slug) for slug in (MENU, climbing.TALK))
    return Given(pair, LONG, menu, {ladder: "saw"})


def build_short(records: Records) -> Given:
    """Make a couple with a ladder whose first step the therapist has opened."""
    pair = _couple(records)
    ladder = doing.give(records, pair, climbing.TOUCH)
    climbing.decide(records, pair, ladder, "senses_alone")
    return Given(pair, SHORT, None, {ladder: "senses_alone"})


def _couple(records: Records) -> Pair:
    pair = World(records).sample
    for viewer in (pair.a, pair.b):
        settle(records, viewer)
    return pair


def world(sites: Sites, days: Days) -> tuple[Site, Given]:
    name, build = ("silent-long", build_long) if days is LONG else ("silent-short", build_short)
    note = sites.shared / f"{name}.pickle"

    def make(records: Records) -> None:
        note.write_bytes(pickle.dumps(build(records)))

    site = sites.copy_of(name, make)
    return site, pickle.loads(note.read_bytes())  # noqa: S301 - written by this very run


# What A does


def say(word: str, records: Records, given: Given, *, by: Viewer | None = None) -> None:
    """Give the same answer to everything: "yes", "perhaps", "no", or a blank."""
    viewer, place = by or given.pair.a, {"yes": 0, "perhaps": 1, "no": 2}.get(word)
    if given.menu:
        level = None if place is None else (YES, PERHAPS, NO)[place]
        doing.send(records, viewer, given.menu, dict.fromkeys(OPTIONS, level))
    for ladder, step in given.ladders.items():
        climbing.begin(records, viewer, ladder)
        levels = climbing.seen_by(records, viewer, ladder).spec.levels
        climbing.rate(records, viewer, ladder, {step: None if place is None else levels[place].key})


def type_only(records: Records, given: Given) -> None:
    a = given.pair.a
    if given.menu:
        doing.type_in(records, a, given.menu, dict.fromkeys(OPTIONS, YES))
    for ladder, step in given.ladders.items():
        climbing.begin(records, a, ladder)
        levels = climbing.seen_by(records, a, ladder).spec.levels
        climbing.draft(records, a, ladder, {READY + step: levels[0].key})


def leave_out(records: Records, given: Given) -> None:
    """Leave everything out; a list that was sent can't be left out any more, and is taken back."""
    a = given.pair.a
    for ladder in given.ladders:
        with records.within(a) as scope:
            task = task_of(scope, a, ladder)
            commands.decline(scope, task)
            ladders.stop(scope, task)
    if given.menu is None:
        return
    with records.within(a) as scope:
        task = task_of(scope, a, given.menu)
        if task.state is None:
            commands.decline(scope, task)
        else:
            commands.withdraw_choices(scope, task)


def withdraw(records: Records, given: Given, *, act: Callable[..., None] = ladders.stop) -> None:
    a = given.pair.a
    if given.menu:
        with records.within(a) as scope:
            commands.withdraw_choices(scope, task_of(scope, a, given.menu))
    for ladder, step in given.ladders.items():
        with records.within(a) as scope:
            task = task_of(scope, a, ladder)
            ladders.stop(scope, task) if act is ladders.stop else act(scope, task, step)


def nothing(_records: Records, _given: Given) -> None:
    """Do nothing."""


go_back = partial(withdraw, act=ladders.step_back)

PATTERNS: Mapping[str, tuple[Sequence[Act], Act]] = {
    "never opened": ([], nothing),
    "no": ([partial(say, "no")], nothing),
    "unanswered": ([partial(say, "blank")], nothing),
    "draft only": ([type_only], nothing),
    "left out": ([leave_out], nothing),
    "withdrawn before": ([partial(say, "yes"), withdraw], nothing),
    "perhaps, then no": ([partial(say, "perhaps")], partial(say, "no")),
    "perhaps, then withdrawn": ([partial(say, "perhaps")], withdraw),
    "yes, then no": ([partial(say, "yes")], partial(say, "no")),
    "yes, then blank": ([partial(say, "yes")], partial(say, "blank")),
    "yes, then withdrawn": ([partial(say, "yes")], withdraw),
    "yes, then back": ([partial(say, "yes")], go_back),
    "yes, then left out": ([partial(say, "yes")], leave_out),
    "yes, then run out": ([partial(say, "yes")], nothing),
}
"""By name: what A does at first, and what A does later, once B has answered."""


def lived(sites: Sites, name: str, days: Days) -> Iterator[tuple[int, Site, Given]]:
    """Live through a pattern; stop at each day on which B looks."""
    site, given = world(sites, days)
    records, clock = site.records, site.clock
    first, later = PATTERNS[name]
    for minutes, act in enumerate(first):
        clock.move(MORNING + timedelta(minutes=minutes) - clock.now())
        act(records, given)
    for day in (days.answers, days.before, days.changes, days.after, days.run_out):
        clock.move(MORNING + timedelta(days=day) - clock.now())
        if day == days.answers:
            say("yes", records, given, by=given.pair.b)
        elif day == days.changes:
            later(records, given)
        else:
            yield day, site, given


def common_of(records: Records, given: Given) -> str:
    """Return what both are open to now, to say which worlds have to look the same."""
    with records.within(given.pair.b, read_only=True) as scope:
        rows = scope.all(scope.select(OverlapMatch).where(OverlapMatch.until > scope.now))
        return repr(sorted((row.assignment_id, row.option, row.level) for row in rows))


def mails_to(records: Records, viewer: Viewer) -> list[Any]:
    """Return every mail to somebody, with all that it and its envelope hold."""
    with records.within(viewer, read_only=True) as scope:
        mails = select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id)
        found = list(scope.session.scalars(mails))
        return sorted(repr((mail.message, mail.state, mail.created_at, mail.due_at)) for mail in found)


def joint_paper(site: Site, given: Given) -> Any:
    """Return the joint report, as it is printed."""
    records, pair = site.records, given.pair
    with site.app.test_request_context(), records.within(pair.therapist, read_only=True) as scope:
        first, last = date(2026, 11, 1), scope.now.date()
        return progress_page(scope, pair.couple_id, Copy.JOINT, first=first, last=last)


def pages_for(site: Site, given: Given) -> dict[str, bytes]:
    """Return every page that B comes to by following links, and those that B may remember, with all their headers."""
    visitor, found = site.sign_in_as(given.pair.b), {}
    waiting = ["/today", "/together", "/just-me", "/more"]
    for assignment in [given.menu, *given.ladders]:
        waiting += [f"/t/{assignment}{page}" for page in REMEMBERED if assignment]
    while waiting:
        path = waiting.pop(0)
        if path in found or not FOLLOWED.match(path):
            continue
        answer = visitor.get(path)
        found[path] = masked(answer)
        if answer.mimetype == "text/html":
            waiting += sorted(read(path, answer.get_data(as_text=True)).links)
        if answer.location:
            waiting.append(answer.location)
    return found


def everything_for(site: Site, given: Given) -> dict[str, Any]:
    """Return every page, mail and paper that B can be shown."""
    found: dict[str, Any] = dict(pages_for(site, given))
    found["mails"] = mails_to(site.records, given.pair.b)
    found["joint paper"] = joint_paper(site, given)
    return found


def alike(sites: Sites, days: Days) -> dict[tuple[int, str], dict[str, dict[str, Any]]]:
    """Return everything that B is shown, by the day and by what both are open to, and by the pattern of A."""
    found: dict[tuple[int, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for name in PATTERNS:
        for day, site, given in lived(sites, name, days):
            found[day, common_of(site.records, given)][name] = everything_for(site, given)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("days", [LONG, SHORT], ids=["menu and ladder", "touch"])
def test_why_something_is_not_common_cannot_be_told_from_any_page_mail_or_paper(
    sites: Sites, days: Days
) -> None:
    worlds = alike(sites, days)
    assert sorted((day, len(those)) for (day, _common), those in worlds.items()) == [
        (days.before, 2), (days.before, 6), (days.before, 6), (days.after, 1), (days.after, 13), (days.run_out, 14)
    ]  # fmt: skip
    for those in worlds.values():
        (first, expected), *others = those.items()
        assert len(expected) > 15
        for name, found in others:
            assert sorted(found) == sorted(expected), (first, name)
            assert [where for where in found if found[where] != expected[where]] == [], (first, name)


@pytest.mark.parametrize("days", [LONG, SHORT], ids=["menu and ladder", "touch"])
def test_b_does_see_what_both_are_open_to(sites: Sites, days: Days) -> None:
    """Without this the comparison could pass by looking at nothing."""
    seen = []
    for name in ("yes, then withdrawn", "no"):
        day, site, given = next(lived(sites, name, days))
        assert day == days.before
        b = site.sign_in_as(given.pair.b)
        pages = [f"/t/{given.menu}/open", "/together", "/today"] if given.menu else []
        seen.append(
            [masked(b.get(page)) for page in (*pages, *(f"/t/{each}/steps" for each in given.ladders))]
        )
    assert all(one != other for one, other in zip(*seen, strict=True))


def answers_to(site: Site, given: Given) -> dict[str, bytes]:
    """Return what B is answered who acts on pages that may be stale, and what the pages say after it."""
    visitor = site.sign_in_as(given.pair.b)
    form = {"csrf_token": visitor.csrf, "writer": visitor.writer, "once_key": "k", "place": "1", "visit": "1"}
    found = {}
    for ladder in given.ladders:
        for act in ("taken", "back", "stop"):
            found[f"{act} {ladder}"] = masked(visitor.post(f"/t/{ladder}/steps/{act}", form))
            found[f"after {act} {ladder}"] = masked(visitor.get(f"/t/{ladder}/steps"))
    if given.menu:
        found["back"] = masked(visitor.post(f"/t/{given.menu}/choices/back", form))
        for page in (f"/t/{given.menu}/sent", f"/t/{given.menu}/open", "/together", "/today"):
            found[page] = masked(visitor.get(page))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("days", [LONG, SHORT], ids=["menu and ladder", "touch"])
def test_nothing_that_b_sends_is_answered_otherwise(sites: Sites, days: Days) -> None:
    expected: dict[str, bytes] = {}
    for name in PATTERNS:
        *_earlier, (_day, site, given) = lived(sites, name, days)
        found = answers_to(site, given)
        expected = expected or found
        assert [where for where in found if found[where] != expected[where]] == [], name


# Steps that the therapist opens


def _decide(records: Records, given: Given, *, opens: bool) -> None:
    for ladder, step in given.ladders.items():
        climbing.decide(records, given.pair, ladder, step, opens=opens)


def _opened(_records: Records, _given: Given) -> None:
    """The step is open from the therapist's side; A isn't ready."""


def _closed_again(records: Records, given: Given) -> None:
    say("yes", records, given)
    _decide(records, given, opens=False)


def _never_opened(records: Records, given: Given) -> None:
    _decide(records, given, opens=False)


def _closed_with_a_flag(records: Records, given: Given) -> None:
    _closed_again(records, given)
    for ladder in given.ladders:
        climbing.tell(records, given.pair.a, ladder, {"free_to_say_no": "no", "worry": "talk"}, period="01-1")


def test_a_therapists_no_looks_like_the_others(sites: Sites) -> None:
    seen = []
    for act in (_opened, _never_opened, _closed_again, _closed_with_a_flag):
        site, given = world(sites, SHORT)
        act(site.records, given)
        say("yes", site.records, given, by=given.pair.b)
        visitor = site.sign_in_as(given.pair.b)
        pages = ["/today", "/together", "/just-me", *(f"/t/{each}/steps" for each in given.ladders)]
        seen.append([*(masked(visitor.get(page)) for page in pages), *mails_to(site.records, given.pair.b)])
    first, *others = seen
    assert all(each == first for each in others)
