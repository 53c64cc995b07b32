"""All pages about one couple carry the same head and the same tabs, whichever room they belong to."""

import re

import pytest

from portal.exercises.shelf import library
from tests.exercises.doing import fill, give, send
from tests.factories import Pair
from tests.portal_app import Site, Visitor, furnish

TABS = re.compile(r'<nav class="tabs".*?</nav>', re.DOTALL)
TAB = re.compile(
    r'<a href="([^"]+)"( aria-current="page")?>([^<]+?)\s*(?:<span class="count">(\d+)</span>)?</a>'
)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    """The couple's therapist, signed in."""
    return site.sign_in_as(pair.therapist)


def tabs(visitor: Visitor, path: str) -> list[tuple[str, str, str, str]]:
    """Return a page's tabs: address, whether it is the current one, words, count."""
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    [found] = TABS.findall(answer.get_data(as_text=True))
    return TAB.findall(found)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("", "Overview"),
        ("/goals", "Overview"),
        ("/answers", "Answers"),
        ("/pathway", "Pathway"),
        ("/reports", "Reports"),
        ("/reports/progress?copy=joint&first=2026-11-01&last=2026-11-22", "Reports"),
        ("/access", "Signing in"),
    ],
)
def test_every_page_has_all_tabs_and_marks_its_own(
    ines: Visitor, pair: Pair, path: str, current: str
) -> None:
    found = tabs(ines, f"/couples/{pair.couple_id}{path}")
    on_overview = tabs(ines, f"/couples/{pair.couple_id}")
    assert [(url, words) for url, _mark, words, _count in found] == [
        (url, words) for url, _mark, words, _count in on_overview
    ]
    assert [words for _url, mark, words, _count in found if mark] == [current]
    for url, _mark, words, _count in found:
        assert [shown for _url, mark, shown, _count in tabs(ines, url) if mark] == [words]


def test_the_tab_counts_what_is_new_of_this_couple_alone(site: Site, ines: Visitor, pair: Pair) -> None:
    slug = "i-statements"
    given = give(site.records, pair, slug)
    send(site.records, pair.a, given, fill(library()[slug], "a letter"))
    counts = {words: count for _url, _mark, words, count in tabs(ines, f"/couples/{pair.couple_id}/reports")}
    assert counts["Answers"] == "1"
    other = site.world.pair(pair.a.practice_id)
    theirs = site.sign_in_as(other.therapist)
    counts = {words: count for _url, _mark, words, count in tabs(theirs, f"/couples/{other.couple_id}")}
    assert counts["Answers"] == ""
