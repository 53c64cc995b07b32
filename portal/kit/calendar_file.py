"""Calendar files that can be added to any calendar, with as little in them as possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCER = "-//Notebook//Notebook//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One stretch of time. ``uid`` stays the same when it is moved, and ``changes`` then is higher than before."""

    uid: str
    title: str
    start: datetime
    end: datetime
    changes: int
    changed_at: datetime


def calendar_file(slots: Sequence[Slot]) -> bytes:
    """Return an iCalendar file (RFC 5545) with some slots, as instants in UTC: no zones, rules, names or places.

    The moments are aware. Whoever adds the same slot again later moves it.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - few processes ever write a calendar file

    calendar = Calendar()
    calendar.add("prodid", PRODUCER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for slot in slots:
        event = Event()
        event.add("uid", slot.uid)
        event.add("summary", slot.title)
        event.add("dtstart", slot.start.astimezone(UTC))
        event.add("dtend", slot.end.astimezone(UTC))
        event.add("dtstamp", slot.changed_at.astimezone(UTC))
        event.add("last-modified", slot.changed_at.astimezone(UTC))
        event.add("sequence", slot.changes)
        event.add("status", "CONFIRMED")
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
