"""When a letter arrives: a moment that is chosen lies ahead, and a page that is sent twice counts once."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.access.viewer import House
from portal.exercises.shelf import library
from portal.people.practice_queries import practice_of
from tests.exercises.doing import fill, give, type_in
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

TODAY = "2026-11-19"
"""The day on which the tests' clock stands, at nine in the morning."""


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def given(site: Site, pair: Pair) -> str:
    """A letter that is written and waits to be sent."""
    assignment_id = give(site.records, pair, "surprise-note")
    type_in(site.records, pair.a, assignment_id, fill(library()["surprise-note"], "My own words"))
    return assignment_id


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    """Who wrote it."""
    return site.sign_in_as(pair.a)


def send_form_of(sam: Visitor, given: str) -> Form:
    """Return the form that sends the letter, as the page has it."""
    html = sam.get(f"/t/{given}/check").get_data(as_text=True)
    return next(form for form in read("", html).forms if form.action.endswith("/send"))


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2020-01-01", "9", "This day has passed."),
        ("0001-01-01", "9", "This day has passed."),
        (TODAY, "8", "This time has passed."),
        (TODAY, "9", "This time has passed."),
        ("2028-01-01", "9", "Choose a day within the next year"),
        ("9999-12-31", "22", "Choose a day within the next year"),
        ("", "9", "Please choose the day on which it should arrive"),
        ("soon", "9", "Please give a day, with its month and year"),
        ("2026-11-20", "no hour", ""),
    ],
)
def test_a_letter_for_later_goes_to_a_moment_to_come(
    site: Site, pair: Pair, sam: Visitor, given: str, day: str, hour: str, words: str
) -> None:
    form = send_form_of(sam, given)
    answer = sam.post(form.action, form.fields | {"delivery": ["later"], "day": [day], "hour": [hour]})

    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert words in text
    assert "My own words" in text
    assert site.sign_in_as(pair.b).get(f"/t/{given}/open").status_code != 200
    again = read("", text).forms
    kept = next(form for form in again if form.action.endswith("/send"))
    assert kept.fields["delivery"] == ["later"]


@pytest.mark.parametrize(
    ("zone", "day", "hour", "status"),
    [
        ("Asia/Tokyo", TODAY, "18", 422),
        ("Asia/Tokyo", TODAY, "19", 303),
        ("America/New_York", TODAY, "6", 303),
        ("Pacific/Kiritimati", "0001-01-01", "6", 422),
        ("Pacific/Pago_Pago", "9999-12-31", "22", 422),
    ],
)
def test_what_lies_ahead_is_told_by_the_writers_clock(
    site: Site, pair: Pair, sam: Visitor, given: str, zone: str, day: str, hour: str, status: int
) -> None:
    with site.records.within(House(pair.therapist.practice_id)) as scope:
        practice_of(scope).time_zone = zone
    form = send_form_of(sam, given)

    answer = sam.post(form.action, form.fields | {"delivery": ["later"], "day": [day], "hour": [hour]})
    assert answer.status_code == status


def test_an_hour_to_come_of_today_is_fine_and_sending_the_page_again_after_it_counts_once(
    site: Site, pair: Pair, given: str
) -> None:
    site.clock.move_to(datetime(2026, 11, 19, 9, 50, tzinfo=UTC))
    sam = site.sign_in_as(pair.a)
    form = send_form_of(sam, given)
    sent = form.fields | {"delivery": ["later"], "day": [TODAY], "hour": ["10"]}
    assert sam.post(form.action, sent).status_code == 303
    assert site.sign_in_as(pair.b).get(f"/t/{given}/open").status_code != 200

    site.clock.move_to(datetime(2026, 11, 19, 10, 5, tzinfo=UTC))
    again = sam.post(form.action, sent)
    assert (again.status_code, again.headers["Location"]) == (303, f"/t/{given}/sent")
    assert site.sign_in_as(pair.b).get(f"/t/{given}/open").status_code == 200


def test_a_year_ahead_is_not_too_far(site: Site, sam: Visitor, given: str) -> None:
    day = (site.clock.now() + timedelta(days=365)).date().isoformat()
    form = send_form_of(sam, given)

    assert sam.post(form.action, form.fields | {"delivery": ["later"], "day": [day]}).status_code == 303


@pytest.mark.parametrize("key", ["k" * 500, "k\0", ""])
def test_a_key_that_no_browser_of_ours_sends_breaks_nothing(
    sam: Visitor, pair: Pair, site: Site, given: str, key: str
) -> None:
    form = send_form_of(sam, given)
    sent = form.fields | {"once_key": [key], "delivery": ["later"], "day": ["2026-11-20"]}
    for _twice in range(2):
        answer = sam.post(form.action, sent)
        assert answer.status_code == 303

    assert answer.headers["Location"] == f"/t/{given}/sent"
    site.clock.move(timedelta(days=2))
    assert site.sign_in_as(pair.b).get(f"/t/{given}/open").status_code == 200
