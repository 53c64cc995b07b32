"""A habit beside something else: its own rounds, its own page, and nobody who can tell when it was noted."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.exercises import log_pages, queries, review_queries
from portal.exercises.domain import Recurrence
from portal.exercises.models import Response
from portal.exercises.needs import Unmet
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from tests.exercises.doing import ZONE, fill, give, send, task_of
from tests.exercises.test_review import fields_of, html, words
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

LETTER, TOUCH, RITUAL, TIME = "appreciations", "touch-menu", "touch-ritual", "shared-time"


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


def note(visitor: Visitor, path: str, **typed: str) -> int:
    """Note a habit on its page; return the status."""
    where, fields = fields_of(visitor, path, "/log")
    return visitor.post(where, fields | {name: [value] for name, value in typed.items()}).status_code


def write_letter(site: Site, pair: Pair, given: str) -> None:
    form = library()[LETTER].walk().form
    send(
        site.records,
        pair.a,
        given,
        {item.key: f"Something long enough to be sent {item.key}" for item in form.questions},
    )


def test_a_letter_and_its_habit_are_kept_apart(site: Site, sam: Visitor, pair: Pair) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    write_letter(site, pair, given)
    assert f"/t/{given}/log" in read("/", html(sam, f"/t/{given}/sent")).links

    assert note(sam, f"/t/{given}/log", log="written", log_note="The full fridge") == 303

    with site.records.within(pair.a, read_only=True) as scope:
        rows = scope.all(scope.select(Response).where(Response.assignment_id == given))
        assert sorted((str(each.part), each.period) for each in rows) == [
            ("letter", "2026-W47"),
            ("tracker", "2026-W47"),
        ]
        assert [values for _period, _author, values in queries.logs(scope, given)] == [
            {"log": "written", "log_note": "The full fridge"}
        ]
    page = words(html(sam, f"/t/{given}/log"))
    assert "Change this week" in page
    assert "Not this one" not in page
    assert "Sent" in words(html(sam, f"/t/{given}/sent"))


def test_the_receiver_of_letters_learns_nothing_new_from_a_noted_habit(
    site: Site, sam: Visitor, alex: Visitor, ines: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    write_letter(site, pair, given)
    site.clock.move(timedelta(hours=30))
    places = ("/today", "/together", f"/t/{given}/open")
    visitor = site.sign_in_as(pair.b)
    before = [words(html(visitor, path)) for path in places]
    with site.records.within(pair.therapist, read_only=True) as scope:
        unread = review_queries.unread_count(scope)
    note(site.sign_in_as(pair.a), f"/t/{given}/log", log="spoken")
    assert [words(html(visitor, path)) for path in places] == before
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.unread_count(scope) == unread
    review = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}"))
    assert "Something long enough" in review


def test_a_log_beside_a_letter_is_no_letter_and_its_note_is_told_apart(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    note(sam, f"/t/{given}/log", log="spoken")
    assert alex.get(f"/t/{given}/open").location == f"/t/{given}"
    assert "What still works" not in words(html(alex, "/together"))

    note(sam, f"/t/{given}/log", log="spoken", log_note="Only a note")
    opened = words(html(alex, f"/t/{given}/open"))
    assert "Sam noted" in opened
    assert "Only a note" in opened
    listed = words(html(alex, "/together"))
    assert "What still works" in listed
    assert "A note from Sam" in listed
    assert "A letter from Sam" not in listed
    assert "New to read" not in words(html(alex, "/today"))


def test_a_habit_that_leads_has_its_page_where_the_exercise_begins(
    site: Site, sam: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, "daily-five", recurrence=Recurrence.DAILY)
    assert sam.get(f"/t/{given}/log").location == f"/t/{given}"
    assert note(sam, f"/t/{given}", log=_first(site, given, pair)) == 303


def noted(site: Site, pair: Pair, given: str) -> dict[str, object]:
    """Return what was noted, by round."""
    with site.records.within(pair.a, read_only=True) as scope:
        return {period: values.get("log_note") for period, _author, values in queries.logs(scope, given)}


def test_a_page_from_before_midnight_notes_the_day_that_it_was_made_for(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "daily-five", recurrence=Recurrence.DAILY)
    done = _first(site, given, pair)
    site.clock.move_to(datetime(2026, 11, 23, 23, 57, tzinfo=UTC))
    sam = site.sign_in_as(pair.a)
    where, fields = fields_of(sam, f"/t/{given}", "/log")
    site.clock.move_to(datetime(2026, 11, 24, 0, 2, tzinfo=UTC))
    about_monday = fields | {"log": [done], "log_note": ["About Monday"]}
    for wrong in ({"log": ["nothing of it"]}, {}):
        answer = sam.post(where, about_monday | wrong)
        assert answer.status_code == (422 if wrong else 303)
        assert 'name="round" value="2026-11-24"' not in answer.get_data(as_text=True)
    assert "Saved for yesterday." in words(html(sam, f"/t/{given}"))
    assert noted(site, pair, given) == {"2026-11-23": "About Monday"}

    assert note(sam, f"/t/{given}", log=done, log_note="About Tuesday") == 303
    assert noted(site, pair, given) == {"2026-11-23": "About Monday", "2026-11-24": "About Tuesday"}


@pytest.mark.parametrize("shown", ["2026-11-20", "2026-11-25", "2027-W01", "1", "x" * 500, "\0"])
def test_no_other_day_can_be_noted_from_a_page(site: Site, pair: Pair, shown: str) -> None:
    site.clock.move_to(datetime(2026, 11, 24, 9, tzinfo=UTC))
    given = give(site.records, pair, "daily-five", recurrence=Recurrence.DAILY)
    sam = site.sign_in_as(pair.a)
    assert note(sam, f"/t/{given}", log=_first(site, given, pair), round=shown) == 303
    assert list(noted(site, pair, given)) == ["2026-11-24"]


def test_a_weekly_habit_beside_a_letter_is_noted_for_the_week_of_its_page(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    site.clock.move_to(datetime(2026, 11, 22, 23, 57, tzinfo=UTC))
    sam = site.sign_in_as(pair.a)
    where, fields = fields_of(sam, f"/t/{given}/log", "/log")
    site.clock.move_to(datetime(2026, 11, 23, 0, 2, tzinfo=UTC))
    assert sam.post(where, fields | {"log": ["spoken"]}).status_code == 303
    assert "Saved for last week." in words(html(sam, f"/t/{given}/log"))
    assert list(noted(site, pair, given)) == ["2026-W47"]


def _first(site: Site, given: str, pair: Pair) -> str:
    with site.records.within(pair.a, read_only=True) as scope:
        return str(fill(task_of(scope, pair.a, given).exercise, "words")["log"])


def test_an_exercise_without_a_habit_has_no_such_page(site: Site, sam: Visitor, pair: Pair) -> None:
    given = give(site.records, pair, "i-statements")
    assert sam.get(f"/t/{given}/log").status_code == 404


def test_each_habit_comes_back_as_its_own_table_says(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.ONCE)
    with site.records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
        assert task.period == "1"
        habit = log_pages.habit_of(scope, task, today=day_in(ZONE, scope.now))
        assert habit.period == "2026-W47"


def test_minutes_that_a_link_brings_are_put_in_beside_the_noted_ones_and_saved_by_nobody(
    site: Site, sam: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, TIME, recurrence=Recurrence.WEEKLY)
    page = html(sam, f"/t/{given}?minutes=90")
    assert 'value="90"' in page
    assert "90 minutes are put in for you" in words(page)
    note(sam, f"/t/{given}", log="real_time", log_minutes="30")
    assert 'value="120"' in html(sam, f"/t/{given}?minutes=90")
    for nonsense in ("-3", "9" * 30, "1.5", "<b>", "٣"):
        assert "put in for you" not in words(html(sam, f"/t/{given}?minutes={nonsense}"))
    with site.records.within(pair.a, read_only=True) as scope:
        assert [values.get("log_minutes") for _p, _a, values in queries.logs(scope, given)] == [30]


# Touch, only from what both are open to


def open_to(site: Site, pair: Pair, *, given: str = "") -> str:
    """Let both be open to one kind of touch; return the list's assignment."""
    menu = given or give(site.records, pair, TOUCH)
    for viewer in (pair.a, pair.b):
        send(site.records, viewer, menu, _some(site, menu, viewer))
    return menu


def _some(site: Site, menu: str, viewer: object, level: str = "comfortable") -> dict[str, str]:
    with site.records.within(viewer, read_only=True) as scope:  # type: ignore[arg-type]
        items = task_of(scope, viewer, menu).form.questions  # type: ignore[arg-type]
    return {item.key: level for item in items[:2]}


def test_a_small_touch_a_day_is_given_only_while_both_are_open_to_something(site: Site, pair: Pair) -> None:
    with pytest.raises(Unmet):
        give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)
    open_to(site, pair)
    assert give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)


def test_its_page_shows_what_both_are_open_to_and_nothing_once_that_is_gone(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    menu = open_to(site, pair)
    given = give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)
    with site.records.within(pair.a, read_only=True) as scope:
        shared = [each.text for each in queries.matches_of(scope, pair.couple_id, TOUCH)]
    page = html(sam, f"/t/{given}")
    assert all(text in page for text in shared)
    assert "Save for today" in page
    where, fields = fields_of(sam, f"/t/{given}", "/log")

    send(site.records, pair.b, menu, _some(site, menu, pair.b, "not_now"))

    gone = html(sam, f"/t/{given}")
    assert "Nothing stands here right now." in gone
    assert "Save for today" not in gone
    assert not any(text in gone for text in shared)
    late = sam.post(where, fields | {"log": ["yes"], "log_note": ["At the door"]})
    assert late.status_code == 409
    assert "At the door" in late.get_data(as_text=True)
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.logs(scope, given) == []


@pytest.mark.parametrize("how", ["withdrawn", "expired", "renewed"])
def test_whatever_ended_it_the_page_is_the_same(site: Site, pair: Pair, how: str) -> None:
    menu = open_to(site, pair)
    given = give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)
    if how == "withdrawn":
        send(site.records, pair.b, menu, _some(site, menu, pair.b, "not_now"))
    if how == "renewed":
        site.clock.move(timedelta(minutes=1))
        give(site.records, pair, TOUCH)
    if how == "expired":
        site.clock.move(timedelta(days=400))
    page = words(html(site.sign_in_as(pair.a), f"/t/{given}"))
    assert "Nothing stands here right now." in page
    assert "Save for today" not in page
