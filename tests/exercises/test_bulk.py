"""Giving one exercise to several couples: who gets it, who doesn't and why, and all of it once."""

import re
from typing import Any

import pytest

from portal.access.viewer import Role, Viewer
from portal.exercises import safety
from portal.exercises.models import Assignment
from tests.exercises.doing import give
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish, settle

LETTER, APOLOGY, TOUCH = "i-statements", "repair-script", "touch-menu"
NAMES = (("Hana Ito", "Milo Reyes"), ("Nora Lind", "Ben Achter"))


@pytest.fixture
def pairs(site: Site) -> list[Pair]:
    """Three couples of one therapist: a free one, one with a flag, and one that has the letter in hand."""
    first = furnish(site.records)[0]
    practice, therapist = first.a.practice_id, first.therapist.account_id
    others = [site.world.pair(practice, names, therapist=therapist) for names in NAMES]
    for pair in others:
        settle(site.records, pair.a)
        settle(site.records, pair.b)
    with site.records.within(others[0].therapist) as scope:
        safety.raise_by_hand(scope, others[0].couple_id)
    give(site.records, others[1], LETTER)
    return [first, *others]


@pytest.fixture
def ines(site: Site, pairs: list[Pair]) -> Visitor:
    couples = frozenset(pair.couple_id for pair in pairs)
    first = pairs[0].therapist
    return site.sign_in_as(Viewer(first.practice_id, first.account_id, frozenset({Role.THERAPIST}), couples))


def first_form(page: str, path: str) -> Form:
    return next(form for form in read(path, page).forms if form.method == "post")


def fields(ines: Visitor, slug: str, pairs: list[Pair], **chosen: str) -> tuple[str, dict[str, Any]]:
    path = f"/assign/{slug}/several"
    sent = dict(first_form(ines.get(path).get_data(as_text=True), path).fields)
    sent |= {"couples": [pair.couple_id for pair in pairs], "go": ["check"]}
    return path, sent | {name: [value] for name, value in chosen.items()}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def given(site: Site, pair: Pair, slug: str) -> list[bool]:
    """Say of each time that a couple was given an exercise whether it is released."""
    with site.records.within(pair.therapist, read_only=True) as scope:
        found = scope.all(scope.select(Assignment).where(Assignment.slug == slug))
        return [each.released_at is not None for each in found]


def test_looking_it_over_says_who_gets_it_and_why_others_dont(
    site: Site, pairs: list[Pair], ines: Visitor
) -> None:
    path, sent = fields(ines, LETTER, pairs)
    told = words(ines.post(path, sent).get_data(as_text=True))
    assert "Sam and Alex Gets it" in told
    assert "New things for both are held until you have decided about it. Look at the flag Held" in told
    assert "They have it in hand already. Look at it Left out" in told
    assert given(site, pairs[0], LETTER) == []


@pytest.mark.parametrize(("held_too", "prepared"), [("", []), ("y", [False])])
def test_it_is_given_once_to_those_to_whom_it_can_be(
    site: Site, pairs: list[Pair], ines: Visitor, held_too: str, prepared: list[bool]
) -> None:
    path, sent = fields(ines, LETTER, pairs, go="assign", held_too=held_too)
    answers = [ines.post(path, sent) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [given(site, pair, LETTER) for pair in pairs] == [[True], prepared, [True]]
    told = words(ines.get(answers[0].headers["Location"]).get_data(as_text=True))
    assert "Sam and Alex Given" in told
    assert "They have it in hand already. Look at it Not given" in told


def test_touch_is_left_out_where_a_flag_is_open(site: Site, pairs: list[Pair], ines: Visitor) -> None:
    path, sent = fields(ines, TOUCH, pairs, go="assign", thought="y", held_too="y")
    assert ines.post(path, sent).status_code == 303
    assert [given(site, pair, TOUCH) for pair in pairs] == [[False], [], [False]]


def test_nothing_typed_is_lost_where_something_is_missing(pairs: list[Pair], ines: Visitor) -> None:
    path, sent = fields(ines, LETTER, [], instructions="Kept as typed.", due_on="2026-11-24")
    answer = ines.post(path, sent)
    page = answer.get_data(as_text=True)
    assert pairs
    assert answer.status_code == 422
    assert "Please choose at least one couple" in page
    assert "Kept as typed." in page
    assert 'value="2026-11-24"' in page


def test_somebody_elses_couple_can_be_given_nothing(site: Site, pairs: list[Pair], ines: Visitor) -> None:
    other = site.world.pair(pairs[0].a.practice_id, ("Ruth Adler", "Tom Becker"))
    path, sent = fields(ines, LETTER, [pairs[0], other], go="assign")
    assert ines.post(path, sent).status_code == 422
    assert given(site, other, LETTER) == []


def test_what_is_for_one_of_the_two_is_given_couple_by_couple(ines: Visitor) -> None:
    assert ines.get(f"/assign/{APOLOGY}/several").status_code == 404
    assert "several" not in ines.get(f"/library/{APOLOGY}").get_data(as_text=True)
