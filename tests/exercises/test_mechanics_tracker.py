"""The tracker: a short log, days that were done, and a welcome after a gap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent
from portal.exercises.mechanics.tracker import WeekCount
from portal.kit.library import DefinitionError, read_definition
from tests.exercises.turns import AFTERWARDS

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


def test_a_note_opens_at_once_where_it_is_for_the_couple():
    def opens(audience):
        return tracker.open_at(DAILY, audience, own=SENT, other=None, delivery=AT_ONCE)

    assert opens(Audience.COUPLE) == SENT.at
    assert opens(Audience.PRIVATE) is None
    assert tracker.label(DAILY, Audience.COUPLE) is Label.COUPLE
    assert tracker.label(DAILY, Audience.PRIVATE) is Label.PRIVATE
    assert opens(Audience.DAYS) is None
    assert tracker.label(DAILY, Audience.DAYS) is Label.DAYS


@pytest.mark.parametrize("audience", [Audience.PRIVATE, Audience.THERAPIST])
def test_all_of_a_log_is_for_whom_the_exercise_is_where_that_is_not_the_couple(audience):
    mine = spec(audience=audience)
    assert {item.audience for item in mine.form.walk()} == {audience}
    assert not mine.is_joint


@pytest.mark.parametrize("audience", [Audience.COUPLE, Audience.OVERLAP])
def test_of_a_couples_log_only_the_note_is_for_the_other_to_read(audience):
    ours = spec(audience=audience)
    assert {item.key: item.audience for item in ours.form.walk()} == {
        "log": Audience.DAYS,
        "log_minutes": Audience.THERAPIST,
        "log_note": Audience.COUPLE,
    }
    assert ours.is_joint


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


def test_minutes_add_up_by_week_and_none_is_not_zero():
    logs = {
        "2026-11-01": {"log_minutes": 20},
        "2026-11-03": {"log_minutes": {"declined": True}},
        "2026-11-04": {},
        "2026-11-10": {"log_minutes": 0},
        "2026-11-16": {"log_minutes": 15},
        "2026-11-17": {"log_minutes": 30},
    }

    found = tracker.counts_per_week(DAILY, logs, first=date(2026, 11, 1), last=date(2026, 11, 20))

    assert [each.minutes for each in found] == [20, None, 0, 45]


def test_one_log_in_its_parts():
    log = {"log": "some", "log_minutes": 5, "log_note": "  On the stairs "}
    assert tracker.chosen(DAILY, log) == "A little"
    assert (tracker.minutes_in(log), tracker.note_in(log)) == (5, "On the stairs")
    assert tracker.chosen(DAILY, {"log": "gone"}) == ""
    assert (tracker.minutes_in({}), tracker.note_in({"log_note": ["x"]})) == (None, "")


def test_what_is_asked_afterwards_is_a_walk_of_its_own_once_a_week():
    asked = spec(TRACKER + AFTERWARDS)
    assert [page.key for page in asked.form.pages] == ["log"]
    assert [page.key for page in asked.afterwards.pages] == ["on_your_own"]
    assert [page.key for page in tracker.form(asked).pages] == ["log", "on_your_own"]
    assert tracker.label(asked, Audience.THERAPIST) is Label.THERAPIST
    assert tracker.afterwards_round(date(2026, 11, 22)) == "q2026-W47"
    assert tracker.afterwards_round(date(2027, 1, 3)) == "q2026-W53"
    assert tracker.is_afterwards("q2026-W47")
    assert not any(map(tracker.is_afterwards, ("2026-11-22", "2026-W47", "1")))
    [line] = [each for each in tracker.summary(asked, {"worry": "talk"}).lines if each.texts]
    assert line.key == "worry"
    assert "worry" not in [each.key for each in tracker.summary(asked, {"log": "yes"}).lines]


def test_nothing_that_is_asked_afterwards_is_for_the_other():
    open_to_both = AFTERWARDS.replace('key = "worry"', 'key = "mood"', 1).replace(
        'audience = "therapist"', 'audience = "couple"'
    )
    with pytest.raises(DefinitionError, match="each partner’s own"):
        spec(TRACKER + open_to_both)
    with pytest.raises(DefinitionError, match="must ask worry"):
        spec(TRACKER + AFTERWARDS.replace('key = "worry"', 'key = "mood"'))


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
