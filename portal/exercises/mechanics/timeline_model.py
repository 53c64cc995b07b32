"""What a timeline is made of: the table's words and bounds, one partner's years and events, and a year of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.questionnaires.model import Form, Option

START, LINE, EVENT = "story_start", "story_line", "story_event_"
"""The keys of the first year and of the line, and how those of events begin; the number of the event follows."""
NEAR: Final = "near_"
"""How the keys of a year's number begin on the page of the line; the year follows."""
EVENT_YEAR, EVENT_KIND, EVENT_TITLE, EVENT_NOTE = "event_year", "event_kind", "event_title", "event_note"
EVENT_PAGE, QUESTIONS = "event", "questions"
"""The keys of the page of one event and of the page of questions; those of the first year and line are their items'."""
FIRST_YEAR: Final = 1920
YEARS_MOST: Final = 80
"""How many years a line may have."""
MOST_EVENTS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSpec:
    """What a ``[timeline]`` table says. ``form`` has the questions, on one page."""

    start_prompt: str
    line_question: str
    low: int
    high: int
    low_text: str
    high_text: str
    kinds: tuple[Option, ...]
    hints: Mapping[str, str]
    """An example for each kind of event, by its key."""
    events_max: int
    title_max: int
    note_prompt: str
    note_max: int
    form: Form

    def kind_text(self, key: str) -> str:
        """Return the words of a kind of event; nothing for one that isn't there."""
        return next((kind.text for kind in self.kinds if kind.key == key), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that mattered to one partner. While it is being written, any part of it can still be missing."""

    year: int | None = None
    kind: str = ""
    title: str = ""
    note: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether it has what an event can't do without: a year and a title."""
        return self.year is not None and bool(self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One partner's years: where they begin, how close it felt by year, and what happened, by the event's number."""

    start: int | None = None
    line: Mapping[int, int] = field(default_factory=dict)
    events: Mapping[int, Event] = field(default_factory=dict)

    @property
    def told(self) -> tuple[Event, ...]:
        """Return the events that are whole, by year, in the order in which they were written."""
        whole = [each for _number, each in sorted(self.events.items()) if each.is_whole]
        return tuple(sorted(whole, key=lambda each: each.year or 0))

    @property
    def unfinished(self) -> tuple[tuple[int, Event], ...]:
        """Return the events that lack a year or a title, with their numbers."""
        return tuple((number, each) for number, each in sorted(self.events.items()) if not each.is_whole)

    @property
    def years(self) -> tuple[int, ...]:
        """Return all years of which something is told, in order."""
        return tuple(sorted({*self.line, *(each.year for each in self.told if each.year is not None)}))


@dataclass(frozen=True, slots=True)
class SharedYear:
    """One year of two people: how close each felt, if they said so, and what each of them marked."""

    year: int
    near: tuple[int | None, int | None]
    events: tuple[tuple[Event, ...], tuple[Event, ...]]
