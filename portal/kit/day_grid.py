"""Days on a calendar: weeks as columns, weekdays as rows, and a filled day for each day on which it happened."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from portal.kit.svg import Box, Chart, Ink, Table, block, drawing, element, width_of, words_at
from portal.kit.trends import short_day

WEEKS_A_BLOCK = 26
"""Weeks in one row of a calendar before it goes on below."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nothing was expected, with the reason in the couple's own words."""

    first: date
    last: date
    words: str


@dataclass(frozen=True, slots=True)
class Weekly:
    """Something done once a week: its name, and a day of each week in which it happened."""

    name: str
    weeks: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """The words of a calendar, for translation. `{…}` parts are filled in."""

    weekdays: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    week_of: str = "Week of"
    session: str = "Session"
    sentence: str = "It happened on {count} days between {first} and {last}."
    sentence_one: str = "It happened on one day between {first} and {last}."
    sentence_none: str = "No days are marked between {first} and {last}."
    read: str = "A filled day is a day on which it happened. An empty day is just a day."
    happened: str = "it happened on"
    day: Callable[[date], str] = short_day
    month: Callable[[date], str] = lambda day: short_day(day).split("\u00a0")[1]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the days of one block of weeks stand."""

    weeks: tuple[date, ...]
    left: float
    cell: float
    top: float

    def x(self, week: date) -> float:
        return self.left + self.weeks.index(week) * self.cell

    def y(self, weekday: int) -> float:
        return self.top + weekday * 10.9


def done_calendar(
    done: Collection[date],
    *,
    first: date,
    last: date,
    title: str,
    weekly: Sequence[Weekly] = (),
    sessions: Mapping[date, int] | None = None,
    pauses: Sequence[Pause] = (),
    words: CalendarWords | None = None,
    width: float = 358.6,
) -> Chart:
    """Return weeks as columns and weekdays as rows, from `first` to `last`; a filled day is a day it happened.

    Nothing is counted per person, and no day is ever called missing. More than 26 weeks go on in a block below.
    """
    said = words or CalendarWords()
    start = _monday(first)
    weeks = tuple(start + timedelta(weeks=n) for n in range((_monday(last) - start).days // 7 + 1))
    days = {day for day in done if first <= day <= last}
    left = (
        max(
            width_of(name)
            for name in (*said.weekdays, said.week_of, said.session, *(row.name for row in weekly))
        )
        + 8
    )
    parts: list[Markup] = []
    top = 0.0
    for begin in range(0, len(weeks), WEEKS_A_BLOCK):
        some = weeks[begin : begin + WEEKS_A_BLOCK]
        cell = min((width - left) / min(len(weeks), WEEKS_A_BLOCK), 30.0)
        grid = _Grid(some, left, cell, top + 22 + (11 if sessions else 0))
        parts += _calendar_head(grid, top, said, sessions or {})
        parts += _calendar_days(grid, days, first, last, said)
        foot = _calendar_foot(grid, weekly, pauses)
        parts += foot[0]
        top = foot[1] + 10
    height = top - 8
    sentence = _calendar_sentence(days, first, last, said)
    svg = drawing(
        parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="calendar"
    )
    return Chart(svg, sentence, _calendar_table(weeks, days, said), width, height)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _calendar_head(
    grid: _Grid, top: float, said: CalendarWords, sessions: Mapping[date, int]
) -> list[Markup]:
    parts = [words_at(0, top + 18, said.week_of, ink=Ink.MUTED)]
    numbers = {_monday(day): number for day, number in sessions.items()}
    if sessions:
        parts.append(words_at(0, top + 29.5, said.session))
    month_edge = day_edge = 0.0
    before = ""
    for week in grid.weeks:
        x = grid.x(week) + grid.cell / 2
        month = said.month(week)
        if month != before and grid.x(week) > month_edge:
            parts.append(words_at(grid.x(week) + 1, top + 8, month, weight=600))
            month_edge = grid.x(week) + width_of(month, 8, 600) + 4
            before = month
        half = width_of(str(week.day)) / 2
        if x - half > day_edge:
            parts.append(words_at(x, top + 18, str(week.day), ink=Ink.MUTED, anchor="middle"))
            day_edge = x + half + 2
        if week in numbers:
            parts.append(words_at(x, top + 29.5, str(numbers[week]), weight=600, anchor="middle"))
    return parts


def _calendar_days(
    grid: _Grid, days: Collection[date], first: date, last: date, said: CalendarWords
) -> list[Markup]:
    parts = [words_at(0, grid.y(n) + 7.4, name, ink=Ink.MUTED) for n, name in enumerate(said.weekdays)]
    gap = 1.4 if grid.cell > 9 else 0.6
    filled: list[Markup] = []
    empty: list[Markup] = []
    for week in grid.weeks:
        for weekday in range(7):
            day = week + timedelta(days=weekday)
            if first <= day <= last:
                box = element(
                    "rect",
                    x=grid.x(week) + gap,
                    y=grid.y(weekday) + 1,
                    width=grid.cell - 2 * gap,
                    height=8.6,
                    rx=1.6,
                )
                (filled if day in days else empty).append(box)
    together, faint = "fill-together stroke-together", "fill-paper stroke-faint"
    # One group for each look, since a year has 365 days and every attribute is parsed.
    return [
        *parts,
        element("g", *empty, class_=faint, fill=Ink.PAPER, stroke=Ink.FAINT, stroke_width=0.6),
        element("g", *filled, class_=together, fill=Ink.TOGETHER, stroke=Ink.TOGETHER, stroke_width=0.6),
    ]


def _calendar_foot(
    grid: _Grid, weekly: Sequence[Weekly], pauses: Sequence[Pause]
) -> tuple[list[Markup], float]:
    """Return the weekly rows as rings and the pauses as brackets, and where they end."""
    parts: list[Markup] = []
    y = grid.y(7) + 4
    for row in weekly:
        parts.append(words_at(0, y + 7.4, row.name))
        for week in {_monday(day) for day in row.weeks} & set(grid.weeks):
            box = Box(grid.x(week) + 1.6, y + 1.4, grid.x(week) + grid.cell - 1.6, y + 9)
            parts.append(block(box, ink=Ink.PAPER, outline=Ink.TOGETHER, width=1.3, radius=3.8))
        y += 13
    edge = -1.0
    for pause in sorted(pauses, key=lambda pause: pause.first):
        if not (grid.weeks[0] <= _monday(pause.first) <= grid.weeks[-1]):
            continue
        start = grid.x(_monday(pause.first)) + 1
        end = grid.x(min(_monday(pause.last), grid.weeks[-1])) + grid.cell - 1
        way = (
            f"{start:.2f},{y + 1:.2f} {start:.2f},{y + 3.5:.2f} {end:.2f},{y + 3.5:.2f} {end:.2f},{y + 1:.2f}"
        )
        parts.append(
            element(
                "polyline", points=way, fill="none", stroke=Ink.TEXT, stroke_width=0.7, class_="stroke-text"
            )
        )
        half = width_of(pause.words) / 2
        right = grid.left + grid.cell * len(grid.weeks)
        middle = max(min((start + end) / 2, right - half), half)
        down = 13.0 if middle - half > edge else 23.0
        parts.append(words_at(middle, y + down, pause.words, anchor="middle"))
        edge = middle + half + 6
    return parts, y + (26 if edge > 0 else 4)


def _calendar_sentence(days: Collection[date], first: date, last: date, said: CalendarWords) -> str:
    pattern = said.sentence if len(days) > 1 else said.sentence_one if days else said.sentence_none
    return pattern.format(count=len(days), first=said.day(first), last=said.day(last))


def _calendar_table(weeks: Sequence[date], days: Collection[date], said: CalendarWords) -> Table:
    rows = []
    for week in weeks:
        names = [said.weekdays[n] for n in range(7) if week + timedelta(days=n) in days]
        rows.append((said.day(week), ", ".join(names)))
    return Table((said.week_of, said.happened), tuple(rows))
