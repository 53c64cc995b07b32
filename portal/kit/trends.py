"""Scores over time: one panel for each person, the same full scale, one shared time axis."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from portal.kit.svg import (
    Box,
    Chart,
    Ink,
    Person,
    Table,
    balanced,
    block,
    drawing,
    element,
    mark,
    number,
    rule,
    shortened,
    spread,
    width_of,
    words_at,
    wrapped,
)

AXIS = 20.0
"""Room for the scale's numbers at the left."""
GUTTER = 58.0
"""Room for the words at the end of each line."""
INSET = 11.0
HEAD, FOOT = 9.0, 13.0
CROWDED = 11.0
"""Points nearer than this get small marks, and only the telling ones a number."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_day(day: date) -> str:
    """Return a day as `24 Nov`, joined by a no-break space."""
    return f"{day.day}\u00a0{_MONTHS[day.month - 1]}"


@dataclass(frozen=True, slots=True)
class Score:
    """One number on one day."""

    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """A person's scores, in any order. `band` is how far scores swing by themselves round the first one."""

    person: Person
    scores: tuple[Score, ...]
    band: float | None = None

    @property
    def ordered(self) -> tuple[Score, ...]:
        """Return the scores from first to last."""
        return tuple(sorted(self.scores, key=lambda score: score.day))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, or from a day until another."""

    day: date
    words: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The full scale of a measure, and the line on it that screening uses, if any."""

    low: float
    high: float
    cut_off: float | None = None


@dataclass(frozen=True, slots=True)
class TrendWords:
    """The words of a trend, for translation. `{…}` parts are filled in."""

    cut_off: str = "cut-off {value}"
    band: str = "ordinary ups and downs, ±{value}"
    several: str = "{name}: {first} on {first_day}, {last} on {last_day}."
    one: str = "{name}: {last} on {last_day}."
    none: str = "{name}: no scores in this period."
    read: str = "Circle and unbroken line: {a}. Square and broken line: {b}. Solid is now, hollow is earlier."
    day: Callable[[date], str] = short_day


@dataclass(frozen=True, slots=True)
class Trend:
    """The panels one by one, to be stacked without a gap, and all in one drawing."""

    whole: Chart
    panels: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class _Plot:
    """The geometry that all panels share."""

    scale: Scale
    days: tuple[date, ...]
    width: float
    height: float
    events: tuple[Event, ...]
    words: TrendWords

    @property
    def left(self) -> float:
        return AXIS

    @property
    def right(self) -> float:
        return self.width - GUTTER

    def x(self, day: date) -> float:
        first, last = self.days[0], self.days[-1]
        if first == last:
            return self.left + INSET
        share = (day - first).days / (last - first).days
        return self.left + INSET + share * (self.right - self.left - 2 * INSET)

    def y(self, value: float) -> float:
        span = self.scale.high - self.scale.low
        inside = min(max(value, self.scale.low), self.scale.high)
        return HEAD + self.height * (1 - (inside - self.scale.low) / span)

    @property
    def bottom(self) -> float:
        return HEAD + self.height


def ticks(scale: Scale, most: int = 5) -> tuple[float, ...]:
    """Return the ends of a scale and round numbers between them, by the 1-2-5 rule."""
    span = scale.high - scale.low
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    inner = (scale.low + step * n for n in range(1, most + 1))
    return (scale.low, *(tick for tick in inner if tick < scale.high - step * 0.6), scale.high)


def trend(
    lines: Sequence[Line],
    scale: Scale,
    *,
    title: str,
    events: Sequence[Event] = (),
    words: TrendWords | None = None,
    width: float = 358.6,
    height: float = 104,
) -> Trend:
    """Return scores over time, a panel for each line, `height` points high without its axis.

    Every line is named at its end. With a single score there is no line and no band: it is too early for both.
    """
    said = words or TrendWords()
    days = sorted({score.day for line in lines for score in line.scores})
    shown = tuple(event for event in events if days and days[0] <= event.day <= days[-1])
    plot = _Plot(scale, tuple(days), width, height, shown, said)
    drawn = [_panel(plot, line) for line in lines]
    axis, axis_height = _axis(plot)
    read = said.read.format(a=lines[0].person.name, b=lines[-1].person.name)
    sentences = [_sentence(line, said) for line in lines]
    panel_height = HEAD + height + FOOT
    panels = []
    for place, (line, parts) in enumerate(zip(lines, drawn, strict=True)):
        last = place == len(lines) - 1
        tall = HEAD + height + axis_height if last else panel_height
        content = [*parts, *_shifted(axis, HEAD + height)] if last else parts
        svg = drawing(
            content, width=width, height=tall, title=f"{title}. {sentences[place]}", desc=read, kind="trend"
        )
        panels.append(Chart(svg, sentences[place], _table([line], plot), width, tall))
    whole = [part for place, parts in enumerate(drawn) for part in _shifted(parts, place * panel_height)]
    tall = (len(lines) - 1) * panel_height + HEAD + height + axis_height
    whole += _shifted(axis, (len(lines) - 1) * panel_height + HEAD + height)
    told = " ".join(sentences)
    svg = drawing(whole, width=width, height=tall, title=f"{title}. {told}", desc=read, kind="trend")
    return Trend(Chart(svg, told, _table(lines, plot), width, tall), tuple(panels))


def _shifted(parts: Sequence[Markup], down: float) -> list[Markup]:
    return [element("g", *parts, transform=f"translate(0 {down:.2f})")] if parts else []


def _panel(plot: _Plot, line: Line) -> list[Markup]:
    scores = line.ordered
    parts = [*_shades(plot), *_ground(plot, line), *_stems(plot), *_cut_off(plot), *_curve(plot, line)]
    if not scores:
        return parts
    numbers, named = _numbers(plot, line)
    return [*parts, *numbers, *_ends(plot, line, named=named)]


def _ground(plot: _Plot, line: Line) -> list[Markup]:
    parts = [
        rule(plot.left, HEAD, plot.left, plot.bottom),
        rule(plot.left, plot.bottom, plot.right, plot.bottom),
    ]
    for tick in ticks(plot.scale):
        y = plot.y(tick)
        parts.append(rule(plot.left - 3, y, plot.left, y))
        parts.append(words_at(plot.left - 5.5, y + 2.8, number(tick), ink=Ink.MUTED, anchor="end"))
    band = _band(plot, line)
    if band:
        person = line.person
        parts.append(block(band, ink=person.tint, outline=person.ink, width=0.6))
        parts.append(rule(band.right, band.top, band.right, band.bottom, ink=person.ink, width=2))
    return parts


def _band(plot: _Plot, line: Line) -> Box | None:
    if line.band is None or len(line.scores) < 2:
        return None
    first = line.ordered[0].value
    return Box(plot.left, plot.y(first + line.band), plot.right, plot.y(first - line.band))


def _shades(plot: _Plot) -> list[Markup]:
    """Shade what lasted longer than a day, under everything else."""
    return [
        block(
            Box(plot.x(event.day), HEAD, plot.x(min(event.until, plot.days[-1])), plot.bottom), ink=Ink.TINT
        )
        for event in plot.events
        if event.until
    ]


def _stems(plot: _Plot) -> list[Markup]:
    """Draw events through the whole panel and past its foot, so that stacked panels show one unbroken stem."""
    parts = []
    for event in plot.events:
        x = plot.x(event.day)
        if event.until:
            end = plot.x(min(event.until, plot.days[-1]))
            parts.append(rule(end, 0, end, plot.bottom + FOOT, width=0.5, dash="0.9 1.8"))
        parts.append(rule(x, 0, x, plot.bottom + FOOT, width=0.5, dash="0.9 1.8"))
    return parts


def _cut_off(plot: _Plot) -> list[Markup]:
    if plot.scale.cut_off is None:
        return []
    y = plot.y(plot.scale.cut_off)
    return [rule(plot.left, y, plot.right, y, ink=Ink.TEXT, width=0.9)]


def _curve(plot: _Plot, line: Line) -> list[Markup]:
    scores = line.ordered
    places = [(plot.x(score.day), plot.y(score.value)) for score in scores]
    parts = []
    if len(places) > 1:
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
        parts.append(
            element(
                "polyline",
                class_=f"stroke-{line.person.ink.name.lower()}",
                points=way,
                fill="none",
                stroke=line.person.ink,
                stroke_width=1.6,
                stroke_dasharray=line.person.dash,
                stroke_linejoin="round",
            )
        )
    crowded = _crowded(places)
    for place, (x, y) in enumerate(places):
        last = place == len(places) - 1
        parts.append(mark(line.person, x, y, solid=last, size=4.2 if last else 2.2 if crowded else 3.2))
    return parts


def _crowded(places: Sequence[tuple[float, float]]) -> bool:
    return any(after[0] - before[0] < CROWDED for before, after in pairwise(places))


def _numbers(plot: _Plot, line: Line) -> tuple[list[Markup], bool]:
    """Write numbers beside the earlier scores, each on the side where it covers least; drop what won't fit.

    A line that ends before the right edge is named beside its last mark; the flag says whether that was possible.
    """
    scores = line.ordered
    places = [(plot.x(score.day), plot.y(score.value)) for score in scores]
    taken = _obstacles(plot, line, places)
    parts = []
    last = len(scores) - 1
    ends_early = places[last][0] < plot.right - INSET - 2
    named = False
    band = _band(plot, line)
    chosen = _telling(scores, crowded=_crowded(places))
    for place in [last, *chosen] if ends_early else chosen:
        words = number(scores[place].value)
        if place == last:
            words = f"{line.person.name} {words}" if width_of(line.person.name) < 90 else words
        wide = width_of(words, 8, 600)
        box = _free_place(*places[place], wide, taken)
        if box is None:
            continue
        taken.append((box, 1000.0))
        named = named or place == last
        inside = band is not None and band.top <= box.top and box.bottom <= band.bottom
        ground = line.person.tint if inside else Ink.PAPER
        parts.append(block(Box(box.left - 0.6, box.top, box.right + 0.6, box.bottom), ink=ground))
        parts.append(
            words_at(
                (box.left + box.right) / 2,
                box.bottom - 1.4,
                words,
                weight=600,
                ink=line.person.ink,
                anchor="middle",
            )
        )
    return parts, named


def _telling(scores: Sequence[Score], *, crowded: bool) -> list[int]:
    """Return the scores to number, most telling first: the first, the lowest, the highest, then the others."""
    earlier = list(range(len(scores) - 1))
    if not earlier:
        return []
    low = min(earlier, key=lambda n: scores[n].value)
    high = max(earlier, key=lambda n: scores[n].value)
    first = list(dict.fromkeys([0, low, high]))
    return first if crowded else [*first, *(n for n in earlier if n not in first)]


def _obstacles(plot: _Plot, line: Line, places: Sequence[tuple[float, float]]) -> list[tuple[Box, float]]:
    """Return what numbers should keep clear of, with how much each matters."""
    found = [(Box(x - 4.5, y - 4.5, x + 4.5, y + 4.5), 50.0) for x, y in places]
    for (x1, y1), (x2, y2) in pairwise(places):
        steps = max(1, round((x2 - x1) / 2))
        for n in range(steps):
            x, y = x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps
            found.append((Box(x - 1, y - 1, x + 1, y + 1), 8.0))
    lines = [plot.y(plot.scale.cut_off)] if plot.scale.cut_off is not None else []
    band = _band(plot, line)
    lines += [band.top, band.bottom] if band else []
    found += [(Box(plot.left, y - 0.6, plot.right, y + 0.6), 6.0) for y in lines]
    stems = [plot.x(event.day) for event in plot.events]
    found += [(Box(x - 0.6, HEAD, x + 0.6, plot.bottom), 3.0) for x in stems]
    edges = (
        Box(-99, -99, plot.left + 1, 999),
        Box(plot.right - 1, -99, 999, 999),
        Box(-99, -99, 999, HEAD - 8),
        Box(-99, plot.bottom - 0.5, 999, 999),
    )
    return found + [(edge, 1000.0) for edge in edges]


def _free_place(x: float, y: float, wide: float, taken: Sequence[tuple[Box, float]]) -> Box | None:
    tall, away = 7.4, 4.0
    centres = [
        (x, y - away - tall / 2),
        (x, y + away + tall / 2),
        (x + wide / 2 + 3, y - away - tall / 2 + 1.5),
        (x - wide / 2 - 3, y - away - tall / 2 + 1.5),
        (x + wide / 2 + 3, y + away + tall / 2 - 1.5),
        (x - wide / 2 - 3, y + away + tall / 2 - 1.5),
    ]
    boxes = [Box(cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2) for cx, cy in centres]
    costs = [sum(box.overlap(other) * weight for other, weight in taken) for box in boxes]
    best = min(range(len(boxes)), key=lambda n: (costs[n], n))
    return boxes[best] if costs[best] < 600 else None


def _ends(plot: _Plot, line: Line, *, named: bool) -> list[Markup]:
    """Write beside the right edge what each line is: the person and the last number, the cut-off, the band."""
    last = line.ordered[-1]
    room = GUTTER - 6
    value = number(last.value)
    full = f"{line.person.name} {value}"
    own = next((words for words in (full, value) if width_of(words, 10, 600) <= room), value)
    labels: list[tuple[float, float, tuple[str, ...], float, int, Ink]] = []
    if not named:
        labels.append((plot.y(last.value), 10.5, (own,), 10.0, 600, line.person.ink))
    if plot.scale.cut_off is not None:
        text = plot.words.cut_off.format(value=number(plot.scale.cut_off))
        labels.append((plot.y(plot.scale.cut_off), 9.0, (shortened(text, room),), 8.0, 400, Ink.TEXT))
    band = _band(plot, line)
    if band and line.band is not None:
        both = wrapped(plot.words.band.format(value=number(line.band)), room)
        middle = (band.top + band.bottom) / 2
        labels.append((middle, 9.5 * len(both), both, 8.0, 400, line.person.ink))
    labels.sort(key=lambda label: label[0])
    middles = spread([(label[0], label[1]) for label in labels], top=0, bottom=plot.bottom + FOOT)
    parts = []
    for middle, (_, tall, lines, size, weight, ink) in zip(middles, labels, strict=True):
        for n, text in enumerate(lines):
            base = middle - tall / 2 + (n + 0.5) * tall / len(lines) + size * 0.34
            parts.append(words_at(plot.right + 5, base, text, size=size, weight=weight, ink=ink))
    return parts


def _axis(plot: _Plot) -> tuple[list[Markup], float]:
    """Return the time axis, drawn from the foot of the last panel, and its height with the words of events."""
    parts: list[Markup] = []
    edge = -99.0
    chosen = _days_to_name(plot)
    for day in chosen:
        text, x = plot.words.day(day), plot.x(day)
        half = width_of(text, 8, 600) / 2
        middle = max(x, half) if x - half > edge else x
        parts.append(rule(x, 0, x, 3))
        parts.append(block(Box(middle - half - 1, 5, middle + half + 1, 14), ink=Ink.PAPER))
        parts.append(words_at(middle, 12, text, weight=600, anchor="middle"))
        edge = middle + half
    if not plot.events:
        return parts, 15
    words, tall = _event_words(plot)
    return parts + words, tall


def _days_to_name(plot: _Plot) -> list[date]:
    """Return the days that can be written without touching: the last and the first, then those between."""
    chosen: list[date] = []
    ends = list(dict.fromkeys([*plot.days[-1:], *plot.days[:1]]))
    for day in [*ends, *(day for day in plot.days if day not in ends)]:
        half = width_of(plot.words.day(day), 8, 600) / 2 + 3
        others = [(plot.x(other), width_of(plot.words.day(other), 8, 600) / 2 + 3) for other in chosen]
        if all(abs(plot.x(day) - x) >= half + width for x, width in others):
            chosen.append(day)
    return sorted(chosen)


def _event_words(plot: _Plot) -> tuple[list[Markup], float]:
    """Write events under their stems, in as many rows as keep them apart; brackets show how long they lasted."""
    parts: list[Markup] = []
    rows: list[float] = []
    base = 17.0
    for event in sorted(plot.events, key=lambda event: event.day):
        start = plot.x(event.day)
        end = plot.x(min(event.until, plot.days[-1])) if event.until else start
        lines = balanced(event.words, 72)
        half = max(width_of(line) for line in lines) / 2
        middle = min(max((start + end) / 2, half), plot.width - half)
        row = next((n for n, edge in enumerate(rows) if middle - half > edge + 5), len(rows))
        rows[row:] = [middle + half, *rows[row + 1 :]]
        top = base + row * 22
        parts.append(rule(start, 0, start, top, dash="0.9 1.8"))
        if event.until:
            parts.append(rule(end, 0, end, top, dash="0.9 1.8"))
            way = (
                f"{start:.2f},{top - 2:.2f} {start:.2f},{top:.2f} {end:.2f},{top:.2f} {end:.2f},{top - 2:.2f}"
            )
            parts.append(
                element(
                    "polyline",
                    points=way,
                    fill="none",
                    stroke=Ink.TEXT,
                    stroke_width=0.7,
                    class_="stroke-text",
                )
            )
        halo = Box(middle - half - 1, top + 1.5, middle + half + 1, top + 3 + 9.2 * len(lines))
        parts.append(block(halo, ink=Ink.PAPER))
        parts += [
            words_at(middle, top + 9.5 + 9.2 * n, line, anchor="middle") for n, line in enumerate(lines)
        ]
    return parts, base + len(rows) * 22 + 1


def _sentence(line: Line, words: TrendWords) -> str:
    scores = line.ordered
    if not scores:
        return words.none.format(name=line.person.name)
    first, last = scores[0], scores[-1]
    pattern = words.several if len(scores) > 1 else words.one
    return pattern.format(
        name=line.person.name,
        first=number(first.value),
        first_day=words.day(first.day),
        last=number(last.value),
        last_day=words.day(last.day),
    )


def _table(lines: Sequence[Line], plot: _Plot) -> Table:
    rows = []
    for line in lines:
        by_day = {score.day: number(score.value) for score in line.scores}
        rows.append((line.person.name, *(by_day.get(day, "") for day in plot.days)))
    return Table(("", *(plot.words.day(day) for day in plot.days)), tuple(rows))
