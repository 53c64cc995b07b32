"""An exercise as one of the two will see it, and the filters by theme and touch."""

import re

import pytest

from portal.access.viewer import House
from portal.exercises.finding import Wanted, find, wanted
from portal.exercises.shelf import library
from portal.people.models import Account
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

LETTER, MENU = "i-statements", "touch-menu"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(("seat", "line"), [("a", "You, Alex and Ines"), ("b", "You, Sam and Ines")])
def test_each_of_the_two_is_shown_with_the_others_name(
    ines: Visitor, pair: Pair, seat: str, line: str
) -> None:
    told = words(ines.get(f"/library/{LETTER}?couple={pair.couple_id}&seat={seat}").get_data(as_text=True))
    assert line in told
    assert "Both of you and your therapist" not in told


def test_somebody_who_reads_spanish_is_shown_it_in_spanish(site: Site, ines: Visitor, pair: Pair) -> None:
    with site.records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, pair.b.account_id).locale = "es"
    address = f"/library/{LETTER}?couple={pair.couple_id}&seat="
    assert "in Spanish" in words(ines.get(f"{address}b").get_data(as_text=True))
    assert 'class="preview-walk" lang="es"' in ines.get(f"{address}b").get_data(as_text=True)
    assert 'class="preview-walk" lang="en"' in ines.get(f"{address}a").get_data(as_text=True)


def test_the_page_before_giving_shows_it_as_either_with_the_word_to_them(ines: Visitor, pair: Pair) -> None:
    path = f"/assign/{LETTER}?couple={pair.couple_id}"
    form = next(f for f in read(path, ines.get(path).get_data(as_text=True)).forms if f.method == "post")
    sent = form.fields | {"instructions": ["Take it slowly."], "go": ["see-b"]}
    told = words(ines.post(path, sent).get_data(as_text=True))
    assert "As Alex will see it" in told
    assert "A word from Ines Take it slowly." in told
    alone = words(ines.post(path, sent | {"whom": ["a"]}).get_data(as_text=True))
    assert "As Alex will see it" not in alone


def test_an_introduction_says_who_reads_full_lists(ines: Visitor, pair: Pair) -> None:
    path = f"/assign/{MENU}?couple={pair.couple_id}"
    form = next(f for f in read(path, ines.get(path).get_data(as_text=True)).forms if f.method == "post")
    sent = form.fields | {"sees": ["lists"], "thought": ["y"], "go": ["see-a"]}
    assert (
        "Ines sees your whole list"
        in words(ines.post(path, sent).get_data(as_text=True)).partition("As Sam")[2]
    )


def test_themes_and_touch_can_be_asked_for() -> None:
    exercises = library().values()
    trust = find(exercises, Wanted(theme="trust"))
    assert {each.slug for each in trust} == {each.slug for each in exercises if "trust" in each.themes}
    without = find(exercises, Wanted(touch=0))
    assert {each.slug for each in without} == {each.slug for each in exercises if not each.touch_level}
    for wish in (Wanted(theme="trust", touch=0), Wanted(touch=3)):
        assert wanted(wish.as_query()) == wish
    assert wanted({"touch": "7"}) == Wanted()


def test_both_stand_as_filters_and_as_chips(ines: Visitor) -> None:
    page = ines.get("/library?theme=trust&touch=0").get_data(as_text=True)
    chips = re.findall(r'class="filter filter-set" href="([^"]+)"', page)
    assert len(chips) == 2
    assert sum("touch=0" in each for each in chips) == 1
