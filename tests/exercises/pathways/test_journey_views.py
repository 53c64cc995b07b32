"""A therapist's pages about pathways: looking, arming, deciding; and what two windows do to each other."""

import re

import pytest

from portal.exercises.journey_queries import journeys_of
from portal.exercises.pathway_models import JourneyState
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

FIRST = "first-four-weeks"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def form_to(visitor: Visitor, path: str, ending: str, *, nth: int = 0) -> Form:
    """Return the form of a page whose address ends in some words."""
    found = [form for form in read(path, page(visitor, path)).forms if re.search(ending, form.action)]
    return found[nth]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def arm(ines: Visitor, pair: Pair, **chosen: list[str]) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    assert ines.post(path, form.fields | chosen).status_code == 303


def couple_page(pair: Pair) -> str:
    return f"/couples/{pair.couple_id}/pathway"


def state(site: Site, pair: Pair) -> str:
    with site.records.within(pair.therapist, read_only=True) as scope:
        return journeys_of(scope, pair.couple_id)[0].state


def test_all_pathways_are_listed_and_each_shows_its_steps(ines: Visitor) -> None:
    assert "/pathways/twelve-weeks" in page(ines, "/pathways")
    told = words(page(ines, f"/pathways/{FIRST}"))
    for each in ("Five minutes a day", "5 days after the step before has opened, 3 days before the next session",
                 "When you open it", "Not while a safety flag is open", "Every week"):  # fmt: skip
        assert each in told, each


def test_an_unknown_pathway_is_not_there(ines: Visitor) -> None:
    assert ines.get("/pathways/nowhere").status_code == 404


def test_arming_without_a_couple_leads_to_the_pathway(ines: Visitor) -> None:
    assert ines.get(f"/pathways/{FIRST}/arm").headers["Location"] == f"/pathways/{FIRST}"


def test_arming_puts_the_couple_on_its_way(site: Site, pair: Pair, ines: Visitor) -> None:
    assert "No pathway yet" in page(ines, couple_page(pair))
    arm(ines, pair)
    told = words(page(ines, couple_page(pair)))
    assert "Open since 19 Nov" in told
    assert "From Sat 21 Nov" in told
    sam = site.sign_in_as(pair.a)
    assert "Five signs of distance" in page(sam, "/today")
    assert "First four weeks" not in page(sam, "/today")


def test_steps_can_be_left_out_beforehand_but_not_all_of_them(pair: Pair, ines: Visitor) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    answer = ines.post(path, form.fields | {"steps": []})
    assert answer.status_code == 422
    assert "Please leave at least one step in" in answer.get_data(as_text=True)
    arm(ines, pair, steps=["signs", "five"])
    assert words(page(ines, couple_page(pair))).count("Left out") == 6


def test_a_day_that_has_passed_is_refused_and_what_was_chosen_stays(pair: Pair, ines: Visitor) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    answer = ines.post(path, form.fields | {"steps": ["signs", "look_back"], "day_look_back": ["2026-11-01"]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This day has passed" in told
    assert 'value="2026-11-01"' in told
    assert re.search(r'value="load"(?! checked)', told)


def test_pausing_going_on_and_ending(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    for ending, after in (
        ("/pause", JourneyState.PAUSED),
        ("/go-on", JourneyState.RUNNING),
        ("/end", JourneyState.ENDED),
    ):
        form = form_to(ines, couple_page(pair), ending)
        assert ines.post(form.action, form.fields).status_code == 303
        assert state(site, pair) == after


def test_a_window_that_is_behind_shows_how_it_stands_now(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    behind = form_to(ines, couple_page(pair), "/pause")
    first = form_to(ines, couple_page(pair), "/leave-out")
    ines.post(first.action, first.fields)
    answer = ines.post(behind.action, behind.fields)
    assert answer.status_code == 409
    assert "It went on since you opened this page" in answer.get_data(as_text=True)
    assert state(site, pair) == JourneyState.RUNNING


def test_a_step_is_moved_opened_and_left_out(pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/steps/2/move")
    ines.post(form.action, form.fields | {"day": ["2026-11-30"]})
    assert "From Mon 30 Nov" in words(page(ines, couple_page(pair)))
    form = form_to(ines, couple_page(pair), "/steps/6/open")
    ines.post(form.action, form.fields)
    assert "for you to open it" not in words(page(ines, couple_page(pair)))
    form = form_to(ines, couple_page(pair), "/steps/3/leave-out")
    ines.post(form.action, form.fields)
    assert "Left out" in words(page(ines, couple_page(pair)))


def test_a_day_that_cannot_be_read_changes_nothing(pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/steps/2/move")
    answer = ines.post(form.action, form.fields | {"day": ["soon"]})
    assert answer.status_code == 303
    assert "From Sat 21 Nov" in words(page(ines, couple_page(pair)))


@pytest.mark.parametrize("act", ["/journeys/{}/fly", "/journeys/{}/steps/1/fly"])
def test_acts_that_there_are_not_are_not_there(site: Site, pair: Pair, ines: Visitor, act: str) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/pause")
    journey_id = form.action.split("/")[2]
    assert ines.post(act.format(journey_id), form.fields).status_code == 404


def test_sessions_are_written_down_held_and_cancelled(site: Site, pair: Pair, ines: Visitor) -> None:
    form = form_to(ines, couple_page(pair), "/sessions$")
    answer = ines.post(form.action, form.fields | {"day": ["2026-11-18"], "at": ["17:00"], "minutes": ["50"]})
    assert answer.status_code == 303
    assert "Wed 18 Nov" in words(page(ines, couple_page(pair)))
    held = form_to(ines, couple_page(pair), "/held")
    ines.post(held.action, held.fields)
    assert "Took place" in page(ines, couple_page(pair))
    planned = form_to(ines, couple_page(pair), "/planned")
    ines.post(planned.action, planned.fields)
    cancelled = form_to(ines, couple_page(pair), "/cancelled")
    ines.post(cancelled.action, cancelled.fields)
    assert "None is written down" in page(ines, couple_page(pair))


def test_a_session_without_a_day_is_asked_for_and_the_rest_stays(pair: Pair, ines: Visitor) -> None:
    form = form_to(ines, couple_page(pair), "/sessions$")
    answer = ines.post(form.action, form.fields | {"day": [""], "at": ["17:00"], "minutes": ["45"]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Please choose a day" in told
    assert 'value="45"' in told


def test_nobody_else_gets_to_a_couples_pathway(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/pause")
    stranger = site.sign_in_as(site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist)
    assert stranger.get(couple_page(pair)).status_code == 404
    fields = {"csrf_token": stranger.csrf, "writer": stranger.writer, "seen": "0"}
    assert stranger.post(form.action, fields).status_code == 404
    for partner in (pair.a, pair.b):
        assert site.sign_in_as(partner).get(couple_page(pair)).status_code == 404
