"""The tracker: a short log, days that were done, and a welcome after a gap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent
from portal.exercises.mechanics.tracker import WeekCount
from portal.kit.library import DefinitionError, read_definition

TRACKER = """
every = "day"
question = "Did you?"
choices = [
  { key = "yes", text = "Yes" },
  { key = "some", text = "A little" },
  { key = "no", text = "Not today", done = false },
]
minutes_question = "How many minutes?"
note_prompt = "A word"
note_max = 200
restart_text = "Good to have you here."
"""
SENT = Sent(datetime(2026, 11, 1, tzinfo=UTC))


def spec(text=TRACKER, audience=Audience.COUPLE):
    frame = Frame(title="Daily", audience=audience)
    return read_definition(text, lambda table: tracker.read(table, frame), name="tracker.toml")


DAILY = spec()
WEEKLY = spec(TRACKER.replace('"day"', '"week"'))


def test_a_log_is_one_short_page():
    (page,) = tracker.form(DAILY).pages
    choice, minutes, note = page.items

    assert page.title == "Daily"
    assert (choice.key, choice.required, choice.compact) == ("log", True, True)
    assert (minutes.key, minutes.high) == ("log_minutes", 1440)
    assert (note.key, note.max_length) == ("log_note", 200)
    assert WEEKLY.form.item("log_minutes").high == 10_080
    assert (
        spec(TRACKER.replace('minutes_question = "How many minutes?"\n', "")).form.item("log_minutes") is None
    )


def test_a_log_opens_at_once_where_it_is_for_the_couple():
    def opens(audience):
        return tracker.open_at(DAILY, audience, own=SENT, other=None, delivery=AT_ONCE)

    assert opens(Audience.COUPLE) == SENT.at
    assert opens(Audience.PRIVATE) is None
    assert tracker.label(DAILY, Audience.COUPLE) is Label.COUPLE
    assert tracker.label(DAILY, Audience.PRIVATE) is Label.PRIVATE


def test_items_have_the_audience_of_the_exercise_where_that_is_possible():
    assert {item.audience for item in spec(audience=Audience.PRIVATE).form.walk()} == {Audience.PRIVATE}
    assert {item.audience for item in spec(audience=Audience.OVERLAP).form.walk()} == {Audience.COUPLE}


def test_days_are_done_if_the_choice_says_so():
    logs = {
        "2026-11-05": {"log": "yes"},
        "2026-11-03": {"log": "some"},
        "2026-11-04": {"log": "no"},
        "2026-11-06": {},
        "2026-11-07": {"log": ["yes"]},
    }

    assert tracker.done_days(DAILY, logs) == (date(2026, 11, 3), date(2026, 11, 5))


def test_a_weekly_log_stands_for_its_monday():
    assert tracker.done_days(WEEKLY, {"2026-W01": {"log": "yes"}}) == (date(2025, 12, 29),)


@pytest.mark.parametrize("period", ["1", "2026-11", "2026-W60", "soon"])
def test_other_periods_are_refused(period):
    with pytest.raises(ValueError, match=r"."):
        tracker.first_day(period)


@pytest.mark.parametrize(("of", "days"), [(DAILY, 4), (WEEKLY, 21)])
def test_a_return_after_a_gap_is_welcomed_and_a_first_log_is_no_return(of, days):
    today = date(2026, 11, 30)

    assert tracker.needs_welcome_back(of, today - timedelta(days=days), today=today)
    assert not tracker.needs_welcome_back(of, today - timedelta(days=days - 1), today=today)
    assert not tracker.needs_welcome_back(of, None, today=today)


def test_the_therapist_sees_counts_per_week_with_empty_weeks_between():
    logs = {
        "2026-11-01": {"log": "yes"},
        "2026-11-02": {"log": "yes"},
        "2026-11-08": {"log": "no"},
        "2026-11-16": {"log": "some"},
    }

    found = tracker.counts_per_week(DAILY, logs, first=date(2026, 11, 1), last=date(2026, 11, 20))

    assert found == (
        WeekCount(date(2026, 10, 26), logged=1, done=1),
        WeekCount(date(2026, 11, 2), logged=2, done=1),
        WeekCount(date(2026, 11, 9), logged=0, done=0),
        WeekCount(date(2026, 11, 16), logged=1, done=1),
    )


def test_minutes_add_up():
    logs = {
        "2026-11-01": {"log_minutes": 20},
        "2026-11-02": {"log_minutes": {"declined": True}},
        "2026-11-03": {},
    }

    assert tracker.minutes_logged(logs) == 20


def test_a_log_is_summed_up_in_words():
    lines = tracker.summary(DAILY, {"log": "some", "log_minutes": 5}).lines

    assert [line.texts for line in lines] == [("A little",), ("5",), ()]


def test_contents_hold_all_texts():
    contents = tracker.contents(DAILY)

    assert contents["every"] == "day"
    assert contents["restart_text"] == "Good to have you here."
    assert [one["text"] for one in contents["items"]] == ["Did you?", "How many minutes?", "A word"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '  { key = "some", text = "A little" },\n  { key = "no", text = "Not today", done = false },\n',
            "",
            "two to five",
        ),
        (
            'text = "Yes" },\n  { key = "some", text = "A little" }',
            'text = "Yes", done = false },\n  { key = "some", text = "A little", done = false }',
            "at least one of them done",
        ),
        ('key = "some"', 'key = "yes"', "the choice key yes comes twice"),
        ("note_max = 200", "note_max = 5", "must be at least 20"),
    ],
)
def test_wrong_trackers_are_refused(old, new, problem):
    with pytest.raises(DefinitionError, match=problem):
        spec(TRACKER.replace(old, new))
