"""What an exercise asks to think about afterwards: where something was read or had together, and not before."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape

import pytest

from portal.access.privacy import Audience
from portal.exercises import care_commands, commands
from portal.exercises.mechanics.plan import PlanSpec, period_of
from portal.exercises.mechanics.planning_model import EventKind
from portal.exercises.models import Answer, Whom
from portal.exercises.shelf import in_language, library
from portal.people.models import Account
from portal.questionnaires.model import Value
from tests.exercises.doing import fill, give, send
from tests.exercises.plans.arranging import TEA, do, give_with_matches, settle_on, tell
from tests.factories import Pair
from tests.portal_app import Site, Visitor, furnish


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


def shown(visitor: Visitor, path: str) -> str:
    """Return the main part of a page as it is read; nothing where it leads elsewhere."""
    answer = visitor.get(path)
    main = re.search(r"<main.*?</main>", answer.get_data(as_text=True), re.DOTALL)
    return "" if main is None or answer.status_code != 200 else " ".join(unescape(main[0]).split())


def asks(visitor: Visitor, given: str, slug: str) -> dict[str, bool]:
    """Return whether the pages after sending, and of what is open, ask what the exercise asks afterwards."""
    found = {}
    for place in ("sent", "open"):
        page = shown(visitor, f"/t/{given}/{place}")
        there = [each in page for each in library()[slug].debrief]
        assert all(there) or not any(there)
        found[place] = all(there)
    return found


def both_send(site: Site, pair: Pair, slug: str, **more: Value) -> str:
    """Give an exercise and let both send it."""
    given = give(site.records, pair, slug)
    for viewer in (pair.a, pair.b):
        send(site.records, viewer, given, fill(library()[slug], "Words long enough to be sent") | more)
    return given


NOWHERE, ALONE, TOGETHER = (
    {"sent": False, "open": False},
    {"sent": True, "open": False},
    {"sent": False, "open": True},
)


@pytest.mark.parametrize(
    ("slug", "place"),
    [
        ("i-statements", TOGETHER),
        ("what-i-miss", TOGETHER),
        ("progress-reflection", TOGETHER),
        ("future-vision", TOGETHER),
        ("compromise", TOGETHER),
        ("touch-menu", ALONE),
        ("warning-signs", ALONE),
        ("stressors", ALONE),
        ("more-help", ALONE),
    ],
)
def test_it_is_asked_where_it_can_be_answered(
    site: Site, pair: Pair, slug: str, place: Mapping[str, bool]
) -> None:
    given = both_send(site, pair, slug)
    for viewer in (pair.a, pair.b):
        assert asks(site.sign_in_as(viewer), given, slug) == place


@pytest.mark.parametrize("slug", ["i-statements", "progress-reflection", "future-vision"])
def test_before_anything_is_open_nothing_is_asked(site: Site, pair: Pair, slug: str) -> None:
    given = give(site.records, pair, slug)
    send(site.records, pair.a, given, fill(library()[slug], "Words long enough to be sent"))
    assert asks(site.sign_in_as(pair.a), given, slug) == NOWHERE


def test_nothing_in_common_asks_nothing(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "future-vision")
    lines = [item for item in library()["future-vision"].form.questions if item.audience is Audience.OVERLAP]
    for viewer, level in ((pair.a, 0), (pair.b, -1)):
        send(site.records, viewer, given, {item.key: item.options[level].key for item in lines})
    assert asks(site.sign_in_as(pair.a), given, "future-vision") == NOWHERE


def test_what_is_held_asks_once_it_is_open(site: Site, pair: Pair) -> None:
    given = both_send(site, pair, "root-causes")
    assert asks(site.sign_in_as(pair.b), given, "root-causes") == NOWHERE
    with site.records.within(pair.therapist) as scope:
        held = scope.select(Answer).where(
            Answer.author_id == pair.a.account_id, Answer.audience == Audience.HELD
        )
        for answer in scope.all(held):
            care_commands.open_held(scope, answer.id)
    assert asks(site.sign_in_as(pair.b), given, "root-causes") == TOGETHER
    # Its writer is not told on their own page that it was opened.
    assert asks(site.sign_in_as(pair.a), given, "root-causes") == NOWHERE


def test_the_only_writer_of_a_letter_is_asked_once_they_have_an_answer(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "repair-script", whom=Whom.A)
    response = send(site.records, pair.a, given, {"act": "was late", "change": "leave earlier"})
    sam = site.sign_in_as(pair.a)
    assert asks(sam, given, "repair-script") == NOWHERE
    assert asks(site.sign_in_as(pair.b), given, "repair-script")["open"]
    with site.records.within(pair.b) as scope:
        commands.react(scope, response, "heard")
    assert asks(sam, given, "repair-script") == ALONE


def test_a_time_together_is_asked_about_after_it_was_had(site: Site, pair: Pair) -> None:
    given = give_with_matches(site.records, pair)
    settle_on(site.records, pair, given, TEA)
    assert asks(site.sign_in_as(pair.a), given, "date-ideas") == NOWHERE
    site.clock.move(timedelta(days=3))
    sam = site.sign_in_as(pair.a)
    assert asks(sam, given, "date-ideas") == NOWHERE
    do(site.records, pair.b, given, EventKind.DONE)
    assert asks(sam, given, "date-ideas") == NOWHERE
    look_back(site, pair, given)
    assert asks(sam, given, "date-ideas") == TOGETHER


def look_back(site: Site, pair: Pair, given: str) -> None:
    """Let the first note how their time together was."""
    spec = library()["date-ideas"].spec(PlanSpec)
    assert spec is not None
    values = {item.key: item.options[0].key for item in spec.afterwards.questions if item.kind == "choice"}
    tell(site.records, pair.a, given, period_of(1, 1), values)


def test_it_is_asked_in_the_language_of_each(site: Site, pair: Pair) -> None:
    given = both_send(site, pair, "i-statements")
    with site.records.within(pair.a) as scope:
        scope.find(Account, pair.a.account_id).locale = "es"
    page = shown(site.sign_in_as(pair.a), f"/t/{given}/open")
    assert in_language(library()["i-statements"], "es").debrief[0] in page
    assert library()["i-statements"].debrief[0] not in page
