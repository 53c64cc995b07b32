"""Calendar files say when, and nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from portal.kit.calendar_file import Slot, calendar_file

START = datetime(2026, 11, 28, 19, tzinfo=ZoneInfo("America/New_York"))
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def slot(**about: object) -> Slot:
    values = {
        "uid": "abc@notebook.invalid",
        "title": "Time set aside",
        "start": START,
        "end": START + timedelta(hours=2),
        "changes": 3,
        "changed_at": NOW,
    }
    return Slot(**(values | about))  # type: ignore[arg-type]


def test_a_slot_is_an_instant_in_utc_with_a_name_that_says_nothing() -> None:
    made = calendar_file([slot()])
    event = Calendar.from_ical(made).walk("VEVENT")[0]
    assert event["dtstart"].dt == datetime(2026, 11, 29, 0, tzinfo=UTC)
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(hours=2)
    assert sorted(event) == [
        "CLASS",
        "DTEND",
        "DTSTAMP",
        "DTSTART",
        "LAST-MODIFIED",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "UID",
    ]
    assert b"TZID" not in made
    assert b"DTSTART:20261129T000000Z" in made
    assert made.count(b"\r\n") == made.count(b"\n")


def test_a_title_is_escaped_and_long_lines_are_folded() -> None:
    made = calendar_file([slot(title="One, two; three\nfour " + "é" * 80)])
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert Calendar.from_ical(made).walk("VEVENT")[0]["summary"] == "One, two; three\nfour " + "é" * 80


def test_the_same_slot_moved_replaces_the_one_before() -> None:
    first, moved = (
        Calendar.from_ical(calendar_file([each])).walk("VEVENT")[0]
        for each in (slot(), slot(start=START + timedelta(days=1), changes=4))
    )
    assert first["uid"] == moved["uid"]
    assert first["sequence"] < moved["sequence"]
