"""A fixed hour in the week: each time that it took place is looked back on, by each alone, and nobody is asked twice."""

from datetime import UTC, datetime, time, timedelta

import pytest

from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.planning_model import EventKind, Status, Weekly, Words
from portal.exercises.safety import open_flags
from tests.exercises.doing import give
from tests.exercises.plans.arranging import WEEKLY, do, planned, settle_on
from tests.exercises.plans.test_plan_views import follow, look_back
from tests.exercises.test_habits import note
from tests.exercises.test_review import fields_of, html, words
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

K = EventKind
HOUR = {"what": Words("Soup and no phones"), "when": Weekly(4, time(19), "Europe/London")}
FRIDAY_EVENING = datetime(2026, 11, 20, 22, tzinfo=UTC)
CARD = "How was it for you?"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def given(site: Site, pair: Pair) -> str:
    found = give(site.records, pair, WEEKLY, recurrence=Recurrence.WEEKLY)
    settle_on(site.records, pair, found, HOUR)
    return found


def both(site: Site, pair: Pair) -> tuple[Visitor, Visitor]:
    return site.sign_in_as(pair.a), site.sign_in_as(pair.b)


def test_a_log_that_it_took_place_asks_each_of_the_two_how_it_was(site: Site, pair: Pair, given: str) -> None:
    site.clock.move_to(FRIDAY_EVENING)
    sam, alex = both(site, pair)
    assert note(sam, f"/t/{given}", log="yes") == 303
    assert CARD in words(html(sam, f"/t/{given}"))
    assert "It took place. Say how it was, on your own" in words(html(alex, "/today"))
    assert CARD in words(html(alex, f"/t/{given}"))
    [plan] = planned(site.records, pair.a, given).plans
    assert (plan.status, len(plan.meetings)) == (Status.AGREED, 1)

    note(alex, f"/t/{given}", log="short")
    assert len(planned(site.records, pair.a, given).plans[0].meetings) == 1, "both saying so counts once"


@pytest.mark.parametrize("log", ["not_this_week", ""])
def test_nobody_is_asked_about_a_week_without_it(site: Site, pair: Pair, given: str, log: str) -> None:
    site.clock.move_to(FRIDAY_EVENING)
    sam, alex = both(site, pair)
    if log:
        note(sam, f"/t/{given}", log=log)
    assert CARD not in words(html(sam, f"/t/{given}"))
    assert "Say how it was" not in words(html(alex, "/today"))
    assert "Say whether it came about" not in words(html(alex, "/today")), "the log asks already"


def test_a_log_before_anything_was_settled_is_just_a_log(site: Site, pair: Pair) -> None:
    open_one = give(site.records, pair, WEEKLY, recurrence=Recurrence.WEEKLY)
    sam, _alex = both(site, pair)
    assert note(sam, f"/t/{open_one}", log="yes") == 303
    assert CARD not in words(html(sam, f"/t/{open_one}"))
    do(site.records, pair.a, open_one, K.PROPOSE, HOUR)
    assert note(sam, f"/t/{open_one}", log="moved") == 303
    assert planned(site.records, pair.a, open_one).plans[0].meetings == ()


def test_an_hour_that_was_moved_forward_counts_for_its_week(site: Site, pair: Pair, given: str) -> None:
    sam, _alex = both(site, pair)
    note(sam, f"/t/{given}", log="moved")
    assert "Week of 16 Nov" in words(html(sam, f"/t/{given}/plan"))


def test_how_it_was_is_for_both_and_the_two_questions_are_for_the_therapist(
    site: Site, pair: Pair, given: str
) -> None:
    noting = give(site.records, pair, "shared-time", recurrence=Recurrence.WEEKLY)
    site.clock.move_to(FRIDAY_EVENING)
    sam, alex = both(site, pair)
    note(sam, f"/t/{given}", log="yes")
    told = {"how_was_it": "did_me_good", "stayed_with_me": "The laughing", "minutes": "75"}
    look_back(sam, given, told, {"free_to_say_no": "partly", "worry": "no"})
    assert CARD not in words(html(sam, f"/t/{given}"))
    page = html(sam, f"/t/{given}/plan")
    assert f"/t/{noting}?minutes=75" in read("/", page).links

    theirs = words(html(alex, f"/t/{given}/plan"))
    assert "The laughing" in theirs
    assert "Did you feel free" not in theirs
    assert f"/t/{noting}?minutes" not in str(read("/", html(alex, f"/t/{given}/plan")).links)
    with site.records.within(pair.therapist, read_only=True) as scope:
        [flag] = open_flags(scope, pair.couple_id)
        assert flag.about_id == pair.a.account_id
    review = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}"))
    assert "It took place 1 time" in review
    assert "How it was: week of 16 Nov" in review
    assert "Partly" in review


def test_each_week_is_asked_about_once_and_earlier_ones_are_left_alone(
    site: Site, pair: Pair, given: str
) -> None:
    for week in range(6):
        site.clock.move_to(FRIDAY_EVENING + timedelta(weeks=week))
        note(site.sign_in_as(pair.a), f"/t/{given}", log="yes")
    page = html(site.sign_in_as(pair.b), f"/t/{given}/plan")
    assert len([link for link in read("/", page).links if "round=p" in link]) == 1
    assert words(page).count("Week of") == 4
    assert "Week of 21 Dec" in words(page)
    card = html(site.sign_in_as(pair.b), f"/t/{given}")
    assert [link for link in read("/", card).links if "round=p1-6" in link]


def test_without_a_log_either_says_on_the_plans_page_that_it_took_place(
    site: Site, pair: Pair, given: str
) -> None:
    sam, _alex = both(site, pair)
    assert "Did it come about" not in words(html(sam, f"/t/{given}/plan"))
    site.clock.move_to(FRIDAY_EVENING)
    sam, alex = both(site, pair)
    assert "Did it come about on Friday 20 November?" in words(html(sam, f"/t/{given}/plan"))
    follow(sam, f"/t/{given}/plan", "/1/done")
    assert "Did it come about" not in words(html(alex, f"/t/{given}/plan"))
    assert note(alex, f"/t/{given}", log="yes") == 303
    assert len(planned(site.records, pair.a, given).plans[0].meetings) == 1
    page = words(html(alex, f"/t/{given}/plan"))
    assert "Settled" in page


def test_a_button_pressed_twice_or_on_an_old_page_counts_once(site: Site, pair: Pair, given: str) -> None:
    site.clock.move_to(FRIDAY_EVENING)
    sam, alex = both(site, pair)
    where, fields = fields_of(sam, f"/t/{given}/plan", "/1/done")
    theirs = fields_of(alex, f"/t/{given}/plan", "/1/done")
    for visitor, (address, filled) in ((sam, (where, fields)), (sam, (where, fields)), (alex, theirs)):
        assert visitor.post(address, filled).status_code == 303
    assert len(planned(site.records, pair.a, given).plans[0].meetings) == 1
