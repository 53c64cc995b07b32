"""A walk that belongs to a part of an exercise keeps to its part and round, whatever goes wrong on a page of it."""

import re

import pytest

from portal.exercises.shelf import library
from tests.exercises.doing import give
from tests.exercises.playing import Hand
from tests.pages import Form, read
from tests.portal_app import Site, furnish


@pytest.fixture
def sam(site: Site) -> Hand:
    """A partner with a plan before them, in which ideas are collected first."""
    pair = furnish(site.records)[0]
    given = give(site.records, pair, "old-traditions")
    hand = Hand(site.sign_in_as(pair.a), given, "A walk", library()["old-traditions"])
    hand.begin()
    return hand


def first_page(sam: Hand) -> tuple[str, Form]:
    [address] = [each for each in sam.walks(f"/t/{sam.given}/plan", "plan") if "round=ideas" in each]
    form = sam.form(address, "/p/1")
    assert form is not None
    return address, form


def test_a_page_that_was_refused_can_be_put_right_and_sent(sam: Hand) -> None:
    address, form = first_page(sam)
    refused = sam.visitor.post(form.action, form.filled("x" * 5000))
    assert refused.status_code == 422
    again = next(
        each for each in read(address, refused.get_data(as_text=True)).forms if each.action == form.action
    )
    put_right = {name: ["A walk"] if name in again.texts else value for name, value in again.fields.items()}
    answer = sam.visitor.post(again.action, put_right | {"go": ["on"]})
    assert answer.status_code == 303, "there is no other window in which anything was changed"
    assert "/check?" in answer.headers["Location"]


def test_the_other_version_of_a_draft_is_that_of_the_same_walk(sam: Hand) -> None:
    address, form = first_page(sam)
    for words, status in (("Here", 303), ("There", 409)):
        answer = sam.visitor.post(form.action, form.filled(words))
        assert answer.status_code == status
    page = answer.get_data(as_text=True)
    link = re.search(r'<a href="([^"]+)">Keep the other version', page)
    assert link is not None
    other = link[1].replace("&amp;", "&")
    assert "part=plan" in other
    shown = sam.visitor.get(other)
    assert shown.status_code == 200
    assert "Here" in shown.get_data(as_text=True)
    assert sam.visitor.get(address).status_code == 200
