"""The pages of a plan, as two partners use them: from ideas to a time, and how it was for each."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from icalendar import Calendar

from portal.access.viewer import House, Seat
from portal.exercises import care_commands, queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.planning_model import Arranger, EventKind, Picked, Status, When, Words
from portal.exercises.models import AssignmentState
from portal.people.account_commands import Theme, change_settings
from portal.people.practice_queries import practice_of
from tests.exercises.doing import give, send
from tests.exercises.plans.arranging import (
    BREAKFAST,
    OWN,
    SATURDAY,
    TEA,
    WEEKLY,
    YES,
    do,
    give_with_matches,
    planned,
    settle_on,
)
from tests.exercises.test_review import fields_of, html, words
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, settle

K = EventKind
HOSTILE = "<script>alert('x')</script> {{ 7*7 }} \u202e 👩🏽‍🚀"
TEA_TEXT = "A pot of tea by the window, phones in a drawer"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


@pytest.fixture
def given(site: Site, pair: Pair) -> str:
    return give_with_matches(site.records, pair)


def post(visitor: Visitor, path: str, action: str, **typed: Any) -> Any:
    """Send the form of a page as it stands, with something typed."""
    where, fields = fields_of(visitor, path, action)
    return visitor.post(where, fields | {name: [value] for name, value in typed.items()})


def follow(visitor: Visitor, path: str, action: str, **typed: Any) -> str:
    answer = post(visitor, path, action, **typed)
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    return str(answer.location)


def suggest(visitor: Visitor, given: str, **typed: Any) -> Any:
    """Suggest what is typed; what the page had filled in stays, and nothing else is filled in."""
    path = f"/t/{given}/plan/suggest"
    page = html(visitor, path)
    empty = dict.fromkeys(re.findall(r'name="(plan_\w+)"[^>]*type="(?:date|time)"', page), "")
    empty |= dict.fromkeys(re.findall(r'type="(?:date|time)"[^>]*name="(plan_\w+)"', page), "")
    filled = {name for name in empty if re.search(rf'name="{name}"[^>]*value="[^"]+"', page)}
    return post(visitor, path, "/suggest", **{k: v for k, v in empty.items() if k not in filled} | typed)


SATURDAY_TYPED = {"plan_when_day": "2026-11-21", "plan_when_from": "18:00", "plan_when_until": "20:00"}


def test_from_shared_ideas_to_a_settled_plan(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    assert f"/t/{given}/plan" in read("/", html(sam, f"/t/{given}/open")).links
    page = words(html(sam, f"/t/{given}/plan"))
    assert TEA_TEXT in page
    assert "Dancing in the kitchen" not in page
    answer = suggest(
        sam, given, plan_what="tea_window", plan_where=HOSTILE, plan_who_arranges="b", **SATURDAY_TYPED
    )
    assert answer.location == f"/t/{given}/plan"
    assert "Your suggestion" in words(html(sam, f"/t/{given}/plan"))

    told = html(alex, f"/t/{given}/plan")
    assert "Sam suggests" in words(told)
    assert "&lt;script&gt;" in told
    assert "<script>alert" not in told
    assert "Saturday 21 November, 18:00–20:00" in words(told)
    follow(alex, f"/t/{given}/plan", "/agree")

    for visitor in (sam, alex):
        assert "Settled" in words(html(visitor, f"/t/{given}/plan"))
    assert f"/t/{given}/plan" in read("/", html(sam, f"/t/{given}/open")).links


def test_times_are_read_on_each_ones_own_clock(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    suggest(sam, given, plan_what="tea_window", plan_when_day="2027-07-03", plan_when_from="19:00")
    plan = planned(site.records, pair.b, given).current
    assert plan is not None
    assert plan.values["when"] == When(datetime(2027, 7, 3, 18, tzinfo=UTC))


def test_a_time_past_midnight_ends_the_next_day(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    suggest(
        sam,
        given,
        plan_what="album",
        plan_when_day="2026-11-21",
        plan_when_from="22:00",
        plan_when_until="00:30",
    )
    plan = planned(site.records, pair.b, given).current
    assert plan is not None
    assert plan.values["when"] == When(
        datetime(2026, 11, 21, 22, tzinfo=UTC), datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Please choose something that stands here now"),
        ({"plan_what": "kitchen_dance"}, "Please choose something that stands here now"),
        ({"plan_what": "album", "plan_when_from": "18:00"}, "Please add the day"),
        ({"plan_what": "album", "plan_when_day": "2026-11-21"}, "Please add the time at which it begins"),
        (
            {"plan_what": "album", "plan_when_day": "2026-11-18", "plan_when_from": "18:00"},
            "This time has passed",
        ),
        ({"plan_what": "album", "plan_when_day": "soon", "plan_when_from": "18:00"}, "Please give a day"),
        ({"plan_what": "album", "plan_where": "x" * 201}, "Use up to 200 characters"),
        ({"plan_what": "album", "plan_who_arranges": "the neighbours"}, "Please choose one of these"),
    ],
)
def test_what_cant_be_is_said_and_nothing_typed_is_lost(
    sam: Visitor, given: str, typed: dict[str, str], said: str
) -> None:
    answer = suggest(sam, given, plan_cost="Nothing but a stamp", **typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in words(page)
    assert "Nothing but a stamp" in page


def test_without_a_time_the_other_can_fill_it_in_and_not_agree_yet(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    suggest(sam, given, plan_what="album")
    page = words(html(alex, f"/t/{given}/plan"))
    assert "Fill in the rest" in page
    assert "You can change your mind later" not in page
    form = html(alex, f"/t/{given}/plan/suggest")
    assert re.search(r'value="album"[^>]*checked|checked[^>]*value="album"', form)
    suggest(alex, given, **SATURDAY_TYPED)
    assert "You can change your mind later" in words(html(sam, f"/t/{given}/plan"))


def test_a_change_shows_what_stood_there_before(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    settle_on(site.records, pair, given)
    suggest(alex, given, plan_where="In the kitchen")
    page = words(html(sam, f"/t/{given}/plan"))
    assert "Alex suggests" in page
    assert "Before: By the window" in page


def test_two_who_suggest_at_once_each_see_both(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    where, fields = fields_of(sam, f"/t/{given}/plan/suggest", "/suggest")
    do(site.records, pair.b, given, K.PROPOSE, {"what": Picked("cards"), "where": Words("At the big table")})

    late = sam.post(where, fields | {"plan_what": ["album"], "plan_where": ["On the sofa"]})

    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Something was suggested meanwhile" in page
    assert "At the big table" in page
    assert 'value="On the sofa"' in page
    form = next(form for form in read(where, page).forms if form.action.endswith("/suggest"))
    assert sam.post(form.action, form.fields).status_code == 303
    plan = planned(site.records, pair.b, given).current
    assert plan is not None
    assert (plan.values["what"], plan.values["where"]) == (Picked("album"), Words("On the sofa"))


def test_a_page_about_a_plan_that_was_dropped_suggests_nothing_in_place_of_the_next(
    site: Site, alex: Visitor, pair: Pair, given: str
) -> None:
    do(site.records, pair.a, given, K.PROPOSE, {"what": Picked("cards")})
    where, fields = fields_of(alex, f"/t/{given}/plan/suggest", "/suggest")
    do(site.records, pair.a, given, K.LET_GO)
    do(site.records, pair.a, given, K.PROPOSE, {"what": Picked("album"), "where": Words("By the sea")})

    late = alex.post(where, fields | {"plan_what": ["cards"], "plan_where": ["On the sofa"]})

    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Something was suggested meanwhile" in page
    assert "By the sea" in page
    assert 'value="On the sofa"' in page
    plan = planned(site.records, pair.a, given).current
    assert plan is not None
    assert plan.values["where"] == Words("By the sea")
    form = next(form for form in read(where, page).forms if form.action.endswith("/suggest"))
    assert alex.post(form.action, form.fields).status_code == 303
    plan = planned(site.records, pair.a, given).current
    assert plan is not None
    assert (plan.number, plan.values["where"]) == (2, Words("On the sofa"))


@pytest.mark.parametrize(
    ("zone", "day", "said"),
    [
        ("Europe/London", "9999-12-31", "Choose a day within the next two years"),
        ("America/New_York", "9999-12-31", "Choose a day within the next two years"),
        ("Europe/London", "2029-01-01", "Choose a day within the next two years"),
        ("Asia/Tokyo", "0001-01-01", "This time has passed"),
    ],
)
def test_a_day_out_of_reach_is_asked_for_again(
    site: Site, sam: Visitor, pair: Pair, given: str, zone: str, day: str, said: str
) -> None:
    with site.records.within(House(pair.a.practice_id)) as scope:
        practice_of(scope).time_zone = zone
    typed = {"plan_when_day": day, "plan_when_from": "23:30", "plan_when_until": "01:00"}
    answer = suggest(sam, given, plan_what="album", plan_cost="Nothing but a stamp", **typed)

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in words(page)
    assert "Nothing but a stamp" in page


def test_a_plan_for_the_last_day_of_all_from_earlier_can_still_be_agreed_on_and_dropped(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    last = When(datetime(9999, 12, 31, 23, 30, tzinfo=UTC))
    do(site.records, pair.a, given, K.PROPOSE, {**TEA, "when": last})
    do(site.records, pair.b, given, K.AGREE)

    for path in (f"/t/{given}/plan", f"/t/{given}/plan/suggest", "/today", "/together"):
        assert sam.get(path).status_code == 200
    do(site.records, pair.a, given, K.LET_GO)


def test_an_old_window_agrees_to_nothing_it_hasnt_shown(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    do(site.records, pair.a, given, K.PROPOSE, TEA)
    where, fields = fields_of(alex, f"/t/{given}/plan", "/agree")
    do(site.records, pair.a, given, K.CHANGE, {**TEA, "where": Words("Somewhere else")})

    late = alex.post(where, fields)

    assert late.status_code == 409
    page = words(late.get_data(as_text=True))
    assert "This has changed meanwhile" in page
    assert "Somewhere else" in page
    plan = planned(site.records, pair.a, given).current
    assert plan is not None
    assert plan.status is Status.PROPOSED


def test_letting_go_and_putting_off_say_no_name_and_count_from_any_window(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    settle_on(site.records, pair, given)
    where, fields = fields_of(sam, f"/t/{given}/plan/1/drop", "/let-go")
    later, more = fields_of(alex, f"/t/{given}/plan", "/put-off")
    assert alex.post(later, more).status_code == 303
    for visitor in (sam, alex):
        page = words(html(visitor, f"/t/{given}/plan"))
        assert "The time is open" in page
        assert "put it off" not in page
    assert sam.post(where, fields).status_code == 303
    for visitor in (sam, alex):
        assert "Let go" in words(html(visitor, f"/t/{given}/plan"))


def test_what_is_typed_while_the_assignment_ends_is_shown_to_be_taken_along(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    where, fields = fields_of(sam, f"/t/{given}/plan/suggest", "/suggest")
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    answer = sam.post(where, fields | {"plan_what": ["album"], "plan_where": ["A bench by the canal"]})
    assert answer.status_code == 409
    assert "A bench by the canal" in answer.get_data(as_text=True)
    page = words(html(sam, f"/t/{given}/plan"))
    assert "Your therapist has closed this" in page
    assert "Suggest something" not in page


def test_when_nothing_is_shared_any_more_nothing_says_why(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair, given: str
) -> None:
    send(site.records, pair.b, given, dict.fromkeys(YES, "not_now"))
    page = words(html(sam, f"/t/{given}/plan"))
    assert "Nothing stands here right now." in page
    assert "Suggest something" not in page
    assert f"/t/{given}/plan" not in read("/", html(sam, f"/t/{given}/sent")).links


# Afterwards


def took_place(site: Site, pair: Pair, given: str, values: Any = None) -> None:
    """Settle on something, let the time pass, and say that it took place."""
    settle_on(site.records, pair, given, values)
    site.clock.move_to(SATURDAY.start + timedelta(hours=4))
    do(site.records, pair.b, given, K.DONE)


def look_back(visitor: Visitor, given: str, *pages: dict[str, str]) -> None:
    """Answer what is asked afterwards, page by page, and send it."""
    page = html(visitor, f"/t/{given}/plan")
    there = next(link for link in read("/", page).links if "round=p" in link)
    for number, typed in enumerate(pages, start=1):
        there = follow(visitor, there, f"/p/{number}", **typed)
    follow(visitor, there, "/send")


def test_once_the_time_has_come_either_says_that_it_took_place(site: Site, pair: Pair, given: str) -> None:
    settle_on(site.records, pair, given)
    site.clock.move_to(SATURDAY.start + timedelta(hours=3))
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    assert "Did it come about?" in words(html(alex, f"/t/{given}/plan"))
    assert "Say whether it came about" in words(html(sam, "/today"))
    follow(alex, f"/t/{given}/plan", "/done")
    assert "What took place" in words(html(sam, f"/t/{given}/plan"))
    assert "It took place. Say how it was" in words(html(sam, "/today"))


def test_how_it_was_is_open_to_both_and_the_two_closing_questions_are_the_therapists(
    site: Site, pair: Pair, given: str
) -> None:
    took_place(site, pair, given)
    sam, alex, ines = (site.sign_in_as(each) for each in (pair.a, pair.b, pair.therapist))
    look_back(
        sam, given, {"how_was_it": "again", "best": "The second cup", "minutes": "80"}, {"worry": "talk"}
    )
    own = words(html(sam, f"/t/{given}/plan"))
    assert "round=p" not in html(sam, f"/t/{given}/plan")
    # The page is looked at together.
    assert "The second cup" in own
    assert "speak with my therapist" not in own
    theirs = words(html(alex, f"/t/{given}/plan"))
    assert "The second cup" in theirs
    assert "safety" not in theirs
    assert "speak with my therapist" not in theirs
    review = words(html(ines, f"/answers/{given}"))
    assert "The second cup" in review
    assert "speak with my therapist alone" in review
    assert "Sam 1 time" in review


def test_time_together_is_offered_to_be_noted_and_noted_by_nobody_else(
    site: Site, pair: Pair, given: str
) -> None:
    noting = give(site.records, pair, "shared-time", recurrence=Recurrence.WEEKLY)
    took_place(site, pair, given)
    sam = site.sign_in_as(pair.a)
    links = read("/", html(sam, f"/t/{given}/plan")).links
    assert f"/t/{noting}?minutes=120" in links
    assert 'value="120"' in html(sam, f"/t/{noting}?minutes=120")
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.logs(scope, noting) == []
    site.clock.move(timedelta(days=7))
    assert not any(
        "minutes=" in link for link in read("/", html(site.sign_in_as(pair.a), f"/t/{given}/plan")).links
    )


def test_no_link_to_note_time_where_nothing_notes_it(site: Site, pair: Pair, given: str) -> None:
    took_place(site, pair, given)
    links = read("/", html(site.sign_in_as(pair.a), f"/t/{given}/plan")).links
    assert not any("minutes=" in link for link in links)


# The calendar


def calendar_of(visitor: Visitor, given: str, number: int = 1) -> Any:
    answer = visitor.get(f"/t/{given}/plan/{number}/calendar")
    assert answer.status_code == 200
    return answer


def test_the_calendar_file_says_when_and_nothing_else(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    settle_on(site.records, pair, given, {**TEA, "where": Words("The secret place")})
    answer = calendar_of(sam, given)
    made = answer.get_data()
    event = Calendar.from_ical(made).walk("VEVENT")[0]
    assert (str(event["summary"]), event["dtstart"].dt, event["dtend"].dt) == (
        "Time set aside",
        SATURDAY.start,
        SATURDAY.end,
    )
    told = made.decode().lower()
    for secret in (
        "secret",
        "sam",
        "alex",
        "ines",
        "harbour",
        "tea",
        "window",
        given,
        pair.couple_id,
        "localhost",
    ):
        assert secret not in told
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notebook-2026-11-21.ics"'
    assert answer.mimetype == "text/calendar"
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_moved_time_moves_the_entry(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    settle_on(site.records, pair, given)
    first = Calendar.from_ical(calendar_of(sam, given).get_data()).walk("VEVENT")[0]
    do(site.records, pair.a, given, K.CHANGE, {**TEA, "when": When(SATURDAY.start + timedelta(days=1))})
    do(site.records, pair.b, given, K.AGREE)
    moved = Calendar.from_ical(calendar_of(sam, given).get_data()).walk("VEVENT")[0]
    assert first["uid"] == moved["uid"]
    assert moved["sequence"] > first["sequence"]
    assert moved["dtend"].dt - moved["dtstart"].dt == timedelta(hours=1)


def test_a_weekly_hour_is_twelve_instants_at_the_same_time_by_the_clock(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    site.clock.move_to(datetime(2027, 3, 1, 9, tzinfo=UTC))
    given = give(site.records, pair, WEEKLY, recurrence=Recurrence.WEEKLY)
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    assert f"/t/{given}/plan" in read("/", html(sam, f"/t/{given}")).links
    suggest(sam, given, plan_what="sunday_coffee", plan_when_day="6", plan_when_at="10:00")
    assert "Every Sunday, 10:00" in words(html(alex, f"/t/{given}/plan"))
    follow(alex, f"/t/{given}/plan", "/agree")
    events = Calendar.from_ical(calendar_of(alex, given).get_data()).walk("VEVENT")
    starts = [event["dtstart"].dt for event in events]
    assert len(starts) == 12
    assert [start.hour for start in starts[:4]] == [10, 10, 10, 9]
    assert all(
        later - earlier in {timedelta(days=7), timedelta(days=7, hours=-1)}
        for earlier, later in pairwise(starts)
    )
    page = words(html(sam, f"/t/{given}/plan"))
    assert "It took place" not in page


def test_only_the_two_get_a_calendar_file_and_only_of_what_is_agreed(
    site: Site, sam: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    do(site.records, pair.a, given, K.PROPOSE, TEA)
    assert sam.get(f"/t/{given}/plan/1/calendar").status_code == 404
    do(site.records, pair.b, given, K.AGREE)
    assert sam.get(f"/t/{given}/plan/1/calendar").status_code == 200
    assert sam.get(f"/t/{given}/plan/2/calendar").status_code == 404
    assert ines.get(f"/t/{given}/plan/1/calendar").status_code == 404
    neighbours = site.world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    settle(site.records, neighbours.a)
    stranger = site.sign_in_as(neighbours.a)
    for path in ("/plan", "/plan/suggest", "/plan/1/calendar", "/plan/1/drop"):
        assert stranger.get(f"/t/{given}{path}").status_code == 404


# Ideas of their own


def test_ideas_are_collected_shown_to_both_and_taken_up(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, OWN)
    for visitor in (sam, alex):
        assert follow(visitor, f"/t/{given}", "/begin") == f"/t/{given}/plan"
    page = read("/", html(sam, f"/t/{given}/plan"))
    collect = next(link for link in page.links if "round=ideas" in link)
    check = follow(sam, collect, "/p/1", idea_1="Pancakes", idea_why_1="No hurry", idea_3="The quiz")
    follow(sam, check, "/send")
    told = html(alex, f"/t/{given}/plan")
    assert "Pancakes" in told
    assert "No hurry" in told
    take_up = next(link for link in read("/", told).links if "wish=a3" in link)
    assert 'value="The quiz"' in html(alex, take_up)
    assert 'value="A certain breakfast' in html(alex, f"/t/{given}/plan/suggest?wish=o1")
    for nonsense in ("x9", "o999", "<b>", "a" * 500):
        assert 'value="The quiz"' not in html(alex, f"/t/{given}/plan/suggest?wish={nonsense}")


def test_a_plan_asks_for_both_and_stands_on_the_lists_of_both(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, OWN)
    do(site.records, pair.a, given, K.PROPOSE, BREAKFAST)
    assert "There is a suggestion for you both" in words(html(alex, "/today"))
    assert "There is a suggestion" not in words(html(sam, "/today"))
    do(site.records, pair.b, given, K.AGREE)
    assert "Your plan" in words(html(sam, "/together"))
    assert "Breakfast in bed" in words(html(sam, f"/t/{given}/open"))


def test_a_suggestion_beside_a_list_stands_on_today_as_well(
    site: Site, alex: Visitor, pair: Pair, given: str
) -> None:
    do(site.records, pair.a, given, K.PROPOSE, TEA)
    page = html(alex, "/today")
    assert "There is a suggestion for you both" in words(page)
    assert f"/t/{given}/plan" in read("/", page).links


def test_the_review_says_who_sees_to_it_and_how_it_came_about(
    site: Site, ines: Visitor, pair: Pair, given: str
) -> None:
    settle_on(site.records, pair, given)
    do(site.records, pair.b, given, K.PUT_OFF)
    page = words(html(ines, f"/answers/{given}"))
    assert "Plan 1 Its time is open" in page
    assert "put it off" in page
    assert TEA_TEXT in page


def test_every_page_works_in_the_dark_and_in_large_letters(site: Site, pair: Pair, given: str) -> None:
    with site.records.within(pair.a) as scope:
        change_settings(scope, locale=None, theme=Theme.DARK, text_size=150)
    settle_on(site.records, pair, given)
    sam = site.sign_in_as(pair.a)
    for path in ("/plan", "/plan/suggest", "/plan/1/drop"):
        assert "<title>Notebook</title>" in html(sam, f"/t/{given}{path}")


def test_who_arranges_is_named_as_each_one_says_it(
    site: Site, sam: Visitor, alex: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    settle_on(site.records, pair, given, {**TEA, "who_arranges": Arranger(frozenset(Seat))})
    assert "Both of you" in words(html(sam, f"/t/{given}/plan"))
    assert "Sam and Alex" in words(html(ines, f"/answers/{given}"))


def test_there_is_no_plan_in_what_has_none(site: Site, sam: Visitor, pair: Pair) -> None:
    given = give(site.records, pair, "touch-menu")
    for path in ("/plan", "/plan/suggest", "/plan/1/calendar"):
        assert sam.get(f"/t/{given}{path}").status_code == 404
