"""Years as drawings: a partner's own while it is made, and both in one once they are open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.exercises.mechanics.story import merged
from portal.exercises.mechanics.timeline_model import Event, Story, TimelineSpec
from portal.kit.svg import Chart, Seat
from portal.kit.svg import Person as Drawn
from portal.kit.trends import Scale
from portal.kit.year_lines import Mark, YearLine, YearWords, year_lines
from portal.people.couple_queries import Person
from portal.web.translate import _

WIDE: Final = (480.0, 150.0)
NARROW: Final = (250.0, 120.0)
"""Width of a drawing and height of its lines, in points: on a desk, and on a phone."""
LETTERS: Final = 10.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShown:
    """One event as it is listed below the drawing, with the number that it has there."""

    number: int
    seat: str
    name: str
    kind: str
    title: str
    note: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearShown:
    """One year with what either of two people marked in it."""

    year: int
    events: list[EventShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The same drawing for a desk and for a phone, and what was marked by year."""

    wide: Chart
    narrow: Chart
    years: list[YearShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One year on the pad on which a line is made: where it stands across, and how high if it has a number."""

    year: int
    x: float
    y: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    """What the pad is drawn from, in its own units. A script moves the dots while somebody draws."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    low: int
    high: int
    dots: list[Dot]
    labels: list[Dot]

    @property
    def points(self) -> str:
        """The corners of the line."""
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots if dot.y is not None)


def drawing(spec: TimelineSpec, told: Sequence[tuple[Person, Story]]) -> Drawing:
    """Return the years of one or two people as one drawing."""
    wide, narrow = (
        _chart(spec, told, width=width, height=height, size=LETTERS) for width, height in (WIDE, NARROW)
    )
    return Drawing(wide=wide, narrow=narrow, years=_years(spec, told))


def _chart(
    spec: TimelineSpec,
    told: Sequence[tuple[Person, Story]],
    *,
    width: float,
    height: float,
    size: float,
) -> Chart:
    lines = [
        YearLine(
            Drawn(Seat(person.seat.value), person.first_name),
            story.line,
            tuple(Mark(each.year, each.title) for each in story.told if each.year is not None),
        )
        for person, story in told
    ]
    return year_lines(
        lines,
        Scale(spec.low, spec.high),
        title=_("How close it felt, year by year"),
        words=_year_words(spec),
        width=width,
        height=height,
        size=size,
    )


def _year_words(spec: TimelineSpec) -> YearWords:
    return YearWords(
        high=spec.high_text,
        low=spec.low_text,
        year=_("Year"),
        marked=_("{name} marked"),
        several=_(
            "{name}: {first} in {first_year}, {last} in {last_year}; closest {most} in {most_year}, furthest {least} in {least_year}."
        ),
        one=_("{name}: {last} in {last_year}."),
        none=_("{name}: no line."),
        read=_("Time runs from left to right. Numbers in circles and squares stand for what each marked."),
    )


def _years(spec: TimelineSpec, told: Sequence[tuple[Person, Story]]) -> list[YearShown]:
    """Return by year what was marked, numbered as in the drawing."""
    stories = [story for _person, story in told]
    pairs = merged(stories[0], stories[1] if len(stories) > 1 else Story())
    counts = [0, 0]
    found = []
    for year in pairs:
        shown = []
        for place, (person, _story) in enumerate(told):
            for event in year.events[place]:
                counts[place] += 1
                shown.append(_event(spec, person, event, number=counts[place]))
        if shown:
            found.append(YearShown(year=year.year, events=shown))
    return found


def _event(spec: TimelineSpec, person: Person, event: Event, *, number: int) -> EventShown:
    return EventShown(
        number=number,
        seat=person.seat.value,
        name=person.first_name,
        kind=spec.kind_text(event.kind),
        title=event.title,
        note=[part for part in event.note.split("\n\n") if part.strip()],
    )


PAD_WIDTH: Final = 350
PAD_HEIGHT: Final = 190
LABELS_MOST: Final = 6


def pad(spec: TimelineSpec, years: Sequence[int], story: Story) -> Pad:
    """Return the pad on which somebody draws their line."""
    left, right, top, bottom = 24.0, PAD_WIDTH - 8.0, 12.0, PAD_HEIGHT - 26.0
    room = (right - left) / max(len(years), 1)

    def height(near: int | None) -> float | None:
        return None if near is None else bottom - (bottom - top) * (near - spec.low) / (spec.high - spec.low)

    dots = [
        Dot(year=year, x=round(left + room * (place + 0.5), 1), y=height(story.line.get(year)))
        for place, year in enumerate(years)
    ]
    step = -(-len(dots) // LABELS_MOST)
    return Pad(
        width=PAD_WIDTH,
        height=PAD_HEIGHT,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        low=spec.low,
        high=spec.high,
        dots=dots,
        labels=dots[:: max(step, 1)],
    )
