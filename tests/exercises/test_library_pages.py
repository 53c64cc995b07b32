"""Looking through the library: search, filters, and every exercise as partners see it."""

import re

import pytest

from portal.access.privacy import Label
from portal.exercises import preview_pages
from portal.exercises.domain import Phase
from portal.exercises.finding import Wanted, find, labels_of, wanted
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.shelf import library
from tests.exercises.doing import give
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple with its therapist."""
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    """The couple's therapist, signed in."""
    return site.sign_in_as(pair.therapist)


def html(visitor: Visitor, path: str) -> str:
    """Open a page and return it."""
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def listed(page: str) -> list[str]:
    """Return the titles of a list of exercises."""
    return re.findall(r'class="library-title"><a [^>]*>([^<]+)</a>', page)


def test_words_are_found_without_case_and_accents_and_titles_come_first() -> None:
    found = find(library().values(), Wanted(words="LÉTTER"))
    assert found == find(library().values(), Wanted(words="letter"))
    touch = find(library().values(), Wanted(words="touch"))
    assert "touch" in touch[0].title.casefold()


def test_all_words_have_to_be_there() -> None:
    assert find(library().values(), Wanted(words="touch zeppelin")) == []


@pytest.mark.parametrize(
    ("wish", "holds"),
    [
        (Wanted(phase=Phase.REPAIR), lambda each: each.phase is Phase.REPAIR),
        (Wanted(form=MechanicName.TRACKER), lambda each: MechanicName.TRACKER in each.mechanics),
        (Wanted(minutes=5), lambda each: each.minutes <= 5),
        (Wanted(label=Label.HELD), lambda each: Label.HELD in labels_of(each)),
    ],
)
def test_each_filter_keeps_what_it_says_and_nothing_else(wish: Wanted, holds: object) -> None:
    found = find(library().values(), wish)
    assert found
    assert {each.slug for each in found} == {each.slug for each in library().values() if holds(each)}  # type: ignore[operator]


def test_an_address_says_what_is_wanted_and_is_read_back() -> None:
    wish = Wanted("two words", Phase.TOUCH, MechanicName.OVERLAP, 20, Label.OVERLAP)
    assert wanted(wish.as_query()) == wish
    assert wanted({"phase": "gone", "minutes": "7", "form": "x", "audience": "everybody"}) == Wanted()


def test_the_whole_library_is_listed_by_phase(ines: Visitor) -> None:
    page = html(ines, "/library")
    assert len(listed(page)) == len(library())
    assert f"{len(library())} of {len(library())} exercises" in page
    assert "Talking and listening" in page


def test_filters_stand_as_chips_that_can_be_taken_away_one_by_one(ines: Visitor) -> None:
    page = html(ines, "/library?q=touch&phase=touch&minutes=10")
    chips = re.findall(r'class="filter filter-set" href="([^"]+)"', page)
    assert len(chips) == 3
    assert sum("q=touch" in each for each in chips) == 2
    assert sum("phase=touch" in each for each in chips) == 2
    assert 'value="touch"' in page


def test_what_is_chosen_is_shown_beside_the_list(ines: Visitor) -> None:
    page = html(ines, "/library?show=touch-menu")
    aside = page[page.index('id="preview"') :]
    assert library()["touch-menu"].title in aside
    assert "Your partner and therapist see only what you are both open to" in aside


def test_searching_live_gets_only_what_was_found(ines: Visitor) -> None:
    part = ines.get("/library?q=touch", HX_Request="true").get_data(as_text=True)
    assert part.startswith('<div class="stack" id="found">')
    assert listed(part) == listed(html(ines, "/library?q=touch"))


def test_where_nothing_fits_there_is_a_way_back(ines: Visitor) -> None:
    page = html(ines, "/library?q=zeppelin")
    assert "No exercise fits all of this" in page
    assert 'href="/library"' in page


def test_the_couple_that_is_thought_of_stays_in_every_link(ines: Visitor, pair: Pair) -> None:
    page = html(ines, f"/library?couple={pair.couple_id}")
    links = {link for link in read("/library", page).links if link.startswith(("/library?", "/assign/"))}
    assert links
    assert all(f"couple={pair.couple_id}" in link for link in links)


def test_somebody_elses_couple_is_dropped_from_the_address(ines: Visitor, site: Site) -> None:
    other = site.world.pair(site.world.practice("Other"))
    assert other.couple_id not in html(ines, f"/library?couple={other.couple_id}")


def test_what_is_in_use_is_counted_by_couple(ines: Visitor, site: Site, pair: Pair) -> None:
    give(site.records, pair, "i-statements")
    give(site.records, pair, "i-statements")
    assert "In use by 1 couple" in html(ines, "/library?q=how+it+is+for+me")


@pytest.mark.parametrize("slug", sorted(library()))
def test_every_exercise_can_be_looked_at_as_they_see_it_and_takes_nothing(ines: Visitor, slug: str) -> None:
    page = html(ines, f"/library/{slug}")
    exercise = library()[slug]
    assert page.count('<fieldset class="preview-page" disabled>') == sum(
        len(walk.form.pages) for walk in map(preview_pages.as_walked, exercise.walks)
    )
    before, *pages = page.split('<fieldset class="preview-page" disabled>')
    assert len(re.findall(r"<(?:textarea|input)\b", "".join(pages))) >= sum(
        len(walk.form.questions) for walk in map(preview_pages.as_walked, exercise.walks)
    )
    assert "<form" not in "".join(pages)
    assert "Who will see it" in before


@pytest.mark.parametrize("slug", ["warning-signs", "touch-menu", "honest-account"])
def test_the_other_tab_is_for_the_therapist(ines: Visitor, slug: str) -> None:
    page = html(ines, f"/library/{slug}?part=for-you")
    for words in ("Why it may help", "Hold back", "Look for", "Contraindications", "Sources"):
        assert words in page


def test_an_unknown_exercise_is_not_there(ines: Visitor) -> None:
    assert ines.get("/library/no-such-thing").status_code == 404


def test_partners_and_other_staff_have_no_library(site: Site, pair: Pair) -> None:
    viewers = furnish(site.records)[1]
    for viewer in (pair.a, viewers["admin"], viewers["desk"]):
        visitor = site.sign_in_as(viewer)
        assert visitor.get("/library").status_code == 404
        assert visitor.get("/library/warning-signs").status_code == 404
