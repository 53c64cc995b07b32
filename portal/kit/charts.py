"""Charts as drawings with words and rows beside them: small scales in a table cell, and days on a calendar.

Shape and dash say who: a circle, unbroken; a square, broken. Hollow and solid say when: earlier; now. A ring round a
solid mark says that nothing changed. The third colour is kept for what two people did together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import segno
from markupsafe import Markup

from portal.kit.svg import (
    Box,
    Chart,
    Ink,
    Person,
    Seat,
    Table,
    block,
    drawing,
    element,
    mark,
    number,
    rule,
    width_of,
    words_at,
)
from portal.kit.trends import Event, Line, Scale, Score, Trend, TrendWords, short_day, ticks, trend

__all__ = [
    "CalendarWords",
    "Chart",
    "Event",
    "Line",
    "Pause",
    "Person",
    "Scale",
    "ScaleWords",
    "Score",
    "Seat",
    "Table",
    "Trend",
    "TrendWords",
    "Weekly",
    "check_square",
    "done_calendar",
    "dumbbell",
    "number",
    "pips",
    "short_day",
    "sparkline",
    "strip",
    "ticks",
    "trend",
    "versus",
]

WEEKS_A_BLOCK = 26
"""Weeks in one row of a calendar before it goes on below."""


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """The words of small scales, for translation. `{…}` parts are filled in."""

    then_now: str = "{name}: {then}, now {now}"
    unchanged: str = "{name}: {now} both times"
    only: str = "{name}: {now}"
    nothing: str = "{name}: not answered"
    two: str = "{a}: {a_value}; {b}: {b_value}"
    of: str = "{name}: {value} on a scale from {low} to {high}"
    when: tuple[str, str] = ("then", "now")
    read: str = "Hollow is earlier, solid is now."
    read_two: str = "A circle is {a}, a square is {b}."


@dataclass(frozen=True, slots=True)
class _Track:
    """A horizontal scale."""

    scale: Scale
    width: float
    height: float
    inset: float = 17
    """Room at each end for a number beside a mark at the end of the scale."""

    def x(self, value: float) -> float:
        inside = min(max(value, self.scale.low), self.scale.high)
        share = (inside - self.scale.low) / (self.scale.high - self.scale.low)
        return self.inset + share * (self.width - 2 * self.inset)

    @property
    def middle(self) -> float:
        return self.height / 2

    def drawn(self, marks: Sequence[float]) -> list[Markup]:
        """Return the line with a taller tick at each end, and short ones at the given values."""
        y = self.middle
        parts = [rule(self.x(self.scale.low), y, self.x(self.scale.high), y, width=0.6)]
        for value in (self.scale.low, self.scale.high):
            parts.append(rule(self.x(value), y - 3.4, self.x(value), y + 3.4, width=0.6))
        return parts + [rule(self.x(value), y - 1.8, self.x(value), y + 1.8, width=0.6) for value in marks]

    def beside(self, x: float, text: str, *, left: bool, ink: Ink, weight: int = 600, away: float = 7) -> list[Markup]:
        """Return a number beside a mark, on white so that no line runs through it; it stays inside the drawing."""
        wide = width_of(text, 9, weight)
        middle = x - away - wide / 2 if left else x + away + wide / 2
        middle = min(max(middle, wide / 2), self.width - wide / 2)
        ground = Box(middle - wide / 2 - 1.5, self.middle - 5, middle + wide / 2 + 1.5, self.middle + 5)
        text_part = words_at(middle, self.middle + 3.1, text, size=9, weight=weight, ink=ink, anchor="middle")
        return [block(ground, ink=Ink.PAPER), text_part]


def dumbbell(
    person: Person,
    then: float | None,
    now: float | None,
    *,
    scale: Scale,
    title: str,
    words: ScaleWords | None = None,
    width: float = 116,
    height: float = 16,
) -> Chart:
    """Return then and now on one scale: a hollow mark, a line, a solid mark. Either may be missing."""
    said = words or ScaleWords()
    track = _Track(scale, width, height)
    y = track.middle
    sentence = _then_now(person, then, now, said)
    parts = track.drawn([(scale.low + scale.high) / 2])
    if then is not None and now is not None and then == now:
        parts.append(mark(person, track.x(now), y, solid=True, size=3.4, ring=True))
        parts += track.beside(track.x(now), number(now), left=now > scale.low + 0.8 * (scale.high - scale.low), ink=person.ink, away=8)
    elif then is not None and now is not None:
        a, b = _apart(track.x(then), track.x(now), 9.0)
        parts.append(rule(a, y, b, y, ink=person.ink, width=2, dash="3 1.6" if person.dash else None))
        parts += [mark(person, a, y, solid=False), mark(person, b, y, solid=True, size=4)]
        parts += track.beside(b, number(now), left=b < a, ink=person.ink)
        parts += track.beside(a, number(then), left=a < b, ink=Ink.MUTED, weight=400)
    elif now is not None or then is not None:
        value = now if now is not None else then or 0
        ink = person.ink if now is not None else Ink.MUTED
        parts.append(mark(person, track.x(value), y, solid=now is not None, size=4))
        parts += track.beside(track.x(value), number(value), left=value > (scale.low + scale.high) / 2, ink=ink)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="dumbbell")
    cells = (person.name, *("" if value is None else number(value) for value in (then, now)))
    return Chart(svg, sentence, Table(("", *said.when), (cells,)), width, height)


def _then_now(person: Person, then: float | None, now: float | None, said: ScaleWords) -> str:
    if now is None and then is None:
        return said.nothing.format(name=person.name)
    if now is None or then is None:
        return said.only.format(name=person.name, now=number(now if now is not None else then or 0))
    pattern = said.unchanged if then == now else said.then_now
    return pattern.format(name=person.name, then=number(then), now=number(now))


def _apart(first: float, second: float, least: float) -> tuple[float, float]:
    """Return two places moved away from each other until both marks can be seen, keeping their order."""
    gap = second - first
    if abs(gap) >= least:
        return first, second
    push = (least - abs(gap)) / 2
    return (first - push, second + push) if gap >= 0 else (first + push, second - push)


def versus(
    a: Person,
    a_value: float,
    b: Person,
    b_value: float,
    *,
    scale: Scale,
    title: str,
    words: ScaleWords | None = None,
    width: float = 214,
    height: float = 16,
) -> Chart:
    """Return two people on one scale, with the distance between them as a bar. Equal values stand side by side."""
    said = words or ScaleWords()
    track = _Track(scale, width, height)
    y = track.middle
    steps = (scale.low + (scale.high - scale.low) * n / 10 for n in range(1, 10))
    parts = track.drawn(list(steps))
    xa, xb = _apart(track.x(a_value), track.x(b_value), 10.0)
    if a_value != b_value:
        parts.append(rule(xa, y, xb, y, ink=Ink.TEXT, width=2.4))
    parts += [mark(a, xa, y, solid=True, size=4.2), mark(b, xb, y, solid=True, size=4.2)]
    parts += track.beside(xa, number(a_value), left=xa <= xb, ink=a.ink, away=7.5)
    parts += track.beside(xb, number(b_value), left=xb < xa, ink=b.ink, away=7.5)
    sentence = said.two.format(a=a.name, a_value=number(a_value), b=b.name, b_value=number(b_value))
    read = said.read_two.format(a=a.name, b=b.name)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=read, kind="versus")
    return Chart(svg, sentence, Table(("", a.name, b.name), ((title, number(a_value), number(b_value)),)), width, height)


def strip(
    person: Person,
    first: float | None,
    last: float,
    *,
    scale: Scale,
    band: float | None,
    title: str,
    words: ScaleWords | None = None,
    width: float = 122,
    height: float = 18,
) -> Chart:
    """Return a change against its band and cut-off, without numbers: they belong in the columns beside it."""
    said = words or ScaleWords()
    track = _Track(scale, width, height, inset=6)
    y = track.middle
    parts = track.drawn([])
    if band is not None and first is not None:
        box = Box(track.x(first - band), y - 5.5, track.x(first + band), y + 5.5)
        parts.append(block(box, ink=person.tint, outline=person.ink, width=0.6))
        parts.append(rule(track.x(scale.low), y, track.x(scale.high), y, width=0.6))
    if scale.cut_off is not None:
        x = track.x(scale.cut_off)
        parts.append(rule(x, y - 8, x, y + 8, ink=Ink.TEXT, width=1.4))
    if first is not None and first != last:
        parts.append(rule(track.x(first), y, track.x(last), y, ink=person.ink, width=2))
        parts.append(mark(person, track.x(first), y, solid=False, size=3.2))
    parts.append(mark(person, track.x(last), y, solid=True, size=2.4 if first == last else 3.6, ring=first == last))
    sentence = _then_now(person, first, last, said)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="strip")
    cells = (person.name, "" if first is None else number(first), number(last))
    return Chart(svg, sentence, Table(("", *said.when), (cells,)), width, height)


def pips(
    person: Person, value: int, *, title: str, most: int = 4, words: ScaleWords | None = None, size: float = 3.4
) -> Chart:
    """Return a level from 0 to `most` as filled and empty marks; write the number beside it."""
    said = words or ScaleWords()
    step = size * 3.3
    width, height = step * most, size * 2 + 3
    parts = []
    for place in range(most):
        x = size + 1 + place * step
        ink = person if place < value else None
        parts.append(_pip(person.seat, x, height / 2, size, ink))
    sentence = said.of.format(name=person.name, value=value, low=0, high=most)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=sentence, kind="pips")
    return Chart(svg, sentence, Table(("", person.name), ((title, str(value)),)), width, height)


def _pip(seat: Seat, x: float, y: float, size: float, filled: Person | None) -> Markup:
    person = filled or Person(seat, "")
    if filled:
        return mark(person, x, y, solid=True, size=size)
    if seat is Seat.A:
        return element(
            "circle", class_="stroke-rule", cx=x, cy=y, r=size - 0.3, fill="none", stroke=Ink.RULE, stroke_width=0.7
        )
    side = size * 0.9 - 0.3
    return block(Box(x - side, y - side, x + side, y + side), ink=Ink.PAPER, outline=Ink.RULE, width=0.7)


def sparkline(
    person: Person,
    values: Sequence[float],
    *,
    scale: Scale,
    title: str,
    words: ScaleWords | None = None,
    width: float = 64,
    height: float = 18,
) -> Chart:
    """Return scores as a small line on their full scale, ended by a solid mark; for lists, not for reading off."""
    said = words or ScaleWords()
    inside = height - 8
    span = scale.high - scale.low
    step = (width - 12) / max(1, len(values) - 1)
    places = [(5 + n * step, 4 + inside * (1 - (value - scale.low) / span)) for n, value in enumerate(values)]
    parts = [rule(2, height - 2, width - 2, height - 2, ink=Ink.FAINT, width=0.5)]
    if len(places) > 1:
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
        kind = f"stroke-{person.ink.name.lower()}"
        parts.append(
            element(
                "polyline",
                class_=kind,
                points=way,
                fill="none",
                stroke=person.ink,
                stroke_width=1.3,
                stroke_dasharray="3 1.6" if person.dash else None,
            )
        )
    if places:
        parts.append(mark(person, *places[-1], solid=True, size=2.8))
    sentence = _then_now(person, values[0] if len(values) > 1 else None, values[-1] if values else None, said)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="sparkline")
    cells = (person.name, *(number(value) for value in values))
    head = ("", *(str(place) for place in range(1, len(values) + 1)))
    return Chart(svg, sentence, Table(head, (cells,)), width, height)


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
    left = max(width_of(name) for name in (*said.weekdays, said.week_of, said.session, *(row.name for row in weekly))) + 8
    parts: list[Markup] = []
    top = 0.0
    for begin in range(0, len(weeks), WEEKS_A_BLOCK):
        some = weeks[begin : begin + WEEKS_A_BLOCK]
        cell = min((width - left) / min(len(weeks), WEEKS_A_BLOCK), 30.0)
        grid = _Grid(some, left, cell, top + 22 + (11 if sessions else 0))
        parts += _calendar_head(grid, top, said, sessions or {})
        parts += _calendar_days(grid, days, first, last, said)
        foot = _calendar_foot(grid, weekly, pauses, said)
        parts += foot[0]
        top = foot[1] + 10
    height = top - 8
    sentence = _calendar_sentence(days, first, last, said)
    svg = drawing(parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="calendar")
    return Chart(svg, sentence, _calendar_table(weeks, days, said), width, height)


def check_square(address: str, *, title: str, size: float = 42.5) -> Markup:
    """Return a square code that leads to an address, drawn in points; `title` is its alternative text."""
    code = segno.make(address, error="m", boost_error=False, micro=False)
    matrix = code.matrix
    step = size / len(matrix)
    runs = [(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    way = "".join(f"M{x * step:.3f} {y * step:.3f}h{step:.3f}v{step:.3f}h-{step:.3f}z" for x, y in runs)
    path = element("path", class_="fill-text", d=way, fill=Ink.TEXT, shape_rendering="crispEdges")
    return drawing([path], width=size, height=size, title=title, desc=title, kind="square")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _calendar_head(grid: _Grid, top: float, said: CalendarWords, sessions: Mapping[date, int]) -> list[Markup]:
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
    filled, empty = [], []
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
    grid: _Grid, weekly: Sequence[Weekly], pauses: Sequence[Pause], said: CalendarWords
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
        way = f"{start:.2f},{y + 1:.2f} {start:.2f},{y + 3.5:.2f} {end:.2f},{y + 3.5:.2f} {end:.2f},{y + 1:.2f}"
        parts.append(
            element("polyline", points=way, fill="none", stroke=Ink.TEXT, stroke_width=0.7, class_="stroke-text")
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
