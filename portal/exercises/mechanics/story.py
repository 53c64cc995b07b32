"""How one partner's years are kept as texts and read back, and how the years of two people are laid side by side."""

from collections.abc import Iterator, Mapping
from typing import Final

from portal.exercises.mechanics.timeline_model import (
    EVENT,
    EVENT_KIND,
    EVENT_NOTE,
    EVENT_TITLE,
    EVENT_YEAR,
    FIRST_YEAR,
    LINE,
    START,
    Event,
    SharedYear,
    Story,
    TimelineSpec,
)
from portal.questionnaires.model import Answers, Value

_NOTHING: Final = "-"
"""What stands for a year or a kind that isn't there yet."""
_YEAR_DIGITS, _NEAR_DIGITS = 4, 2


def line_text(line: Mapping[int, int]) -> str:
    """Return a line as it is kept; empty where no year has a number."""
    return "\n".join(f"{year} {near}" for year, near in sorted(line.items()))


def event_text(event: Event) -> str:
    """Return an event as it is kept; empty where nothing of it was written."""
    if event == Event():
        return ""
    head = f"{event.year or _NOTHING} {event.kind or _NOTHING}"
    return f"{head}\n{event.title}\n{event.note}".rstrip("\n")


def event_of(values: Mapping[str, Value | None]) -> Event:
    """Return the event that the answers on its page make."""
    year = values.get(EVENT_YEAR)
    return Event(
        year=year if isinstance(year, int) else None,
        kind=str(values.get(EVENT_KIND) or ""),
        title=str(values.get(EVENT_TITLE) or ""),
        note=str(values.get(EVENT_NOTE) or ""),
    )


def values_of(event: Event) -> dict[str, Value]:
    """Return the answers on the page of an event, as far as it has been written."""
    found: dict[str, Value | None] = {
        EVENT_YEAR: event.year,
        EVENT_KIND: event.kind,
        EVENT_TITLE: event.title,
        EVENT_NOTE: event.note,
    }
    return {key: value for key, value in found.items() if value}


def story_of(spec: TimelineSpec, answers: Answers) -> Story:
    """Return what answers tell of the years. Numbers before the first year stay in the draft but aren't told."""
    start = answers.get(START)
    first = start if isinstance(start, int) else None
    line = dict(_numbers_in(spec, answers.get(LINE)))
    events = {
        number: event
        for number in range(1, spec.events_max + 1)
        if (event := _event_in(spec, answers.get(f"{EVENT}{number}"))) is not None
    }
    return Story(
        start=first,
        line={year: near for year, near in sorted(line.items()) if first is None or year >= first},
        events=events,
    )


def whole_line(spec: TimelineSpec, answers: Answers) -> dict[int, int]:
    """Return every number of a draft's line, those before its first year too."""
    return dict(_numbers_in(spec, answers.get(LINE)))


def _numbers_in(spec: TimelineSpec, value: object) -> Iterator[tuple[int, int]]:
    for written in value.split("\n") if isinstance(value, str) else ():
        year, _, near = written.partition(" ")
        if _is_year(year) and _is_number(near, _NEAR_DIGITS) and spec.low <= int(near) <= spec.high:
            yield int(year), int(near)


def _is_year(words: str) -> bool:
    return len(words) == _YEAR_DIGITS and _is_number(words, _YEAR_DIGITS) and int(words) >= FIRST_YEAR


def _is_number(words: str, digits: int) -> bool:
    return words.isascii() and words.isdigit() and len(words) <= digits


def _event_in(spec: TimelineSpec, value: object) -> Event | None:
    if not isinstance(value, str) or not value.strip():
        return None
    head, _, rest = value.partition("\n")
    title, _, note = rest.partition("\n")
    year, _, kind = head.partition(" ")
    if year != _NOTHING and not _is_year(year):
        # A text that was never made by `event_text` is told as it is.
        return Event(title=value.strip())
    known = kind if spec.kind_text(kind) else ""
    return Event(
        year=int(year) if _is_year(year) else None, kind=known, title=title.strip(), note=note.strip()
    )


def free_number(spec: TimelineSpec, answers: Answers) -> int | None:
    """Return the number that a new event gets; nothing where there is no room for one more."""
    numbers = range(1, spec.events_max + 1)
    return next((each for each in numbers if not answers.get(f"{EVENT}{each}")), None)


def merged(first: Story, second: Story) -> tuple[SharedYear, ...]:
    """Return the years of which either tells something, in order, with what each of the two says of them."""
    years = sorted({*first.years, *second.years})
    return tuple(
        SharedYear(
            year,
            (first.line.get(year), second.line.get(year)),
            (_events_in(first, year), _events_in(second, year)),
        )
        for year in years
    )


def _events_in(story: Story, year: int) -> tuple[Event, ...]:
    return tuple(each for each in story.told if each.year == year)
