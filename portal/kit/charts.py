"""Charts as drawings with words and rows beside them: small scales in a table cell, and days on a calendar.

Shape and dash say who: a circle, unbroken; a square, broken. Hollow and solid say when: earlier; now. A ring round a
solid mark says that nothing changed. The third colour is kept for what two people did together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.kit.day_grid import CalendarWords, Pause, Weekly, done_calendar
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
        ends = (self.x(self.scale.low), self.x(self.scale.high))
        parts += [rule(x, y - 3.4, x, y + 3.4, width=0.6) for x in ends]
        return parts + [rule(self.x(value), y - 1.8, self.x(value), y + 1.8, width=0.6) for value in marks]

    def beside(
        self, x: float, text: str, *, left: bool, ink: Ink, weight: int = 600, away: float = 7
    ) -> list[Markup]:
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
        parts += track.beside(
            track.x(now),
            number(now),
            left=now > scale.low + 0.8 * (scale.high - scale.low),
            ink=person.ink,
            away=8,
        )
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
        parts += track.beside(
            track.x(value), number(value), left=value > (scale.low + scale.high) / 2, ink=ink
        )
    svg = drawing(
        parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="dumbbell"
    )
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
    return Chart(
        svg,
        sentence,
        Table(("", a.name, b.name), ((title, number(a_value), number(b_value)),)),
        width,
        height,
    )


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
    parts.append(
        mark(person, track.x(last), y, solid=True, size=2.4 if first == last else 3.6, ring=first == last)
    )
    sentence = _then_now(person, first, last, said)
    svg = drawing(
        parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="strip"
    )
    cells = (person.name, "" if first is None else number(first), number(last))
    return Chart(svg, sentence, Table(("", *said.when), (cells,)), width, height)


def pips(
    person: Person,
    value: int,
    *,
    title: str,
    most: int = 4,
    words: ScaleWords | None = None,
    size: float = 3.4,
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
            "circle",
            class_="stroke-rule",
            cx=x,
            cy=y,
            r=size - 0.3,
            fill="none",
            stroke=Ink.RULE,
            stroke_width=0.7,
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
    svg = drawing(
        parts, width=width, height=height, title=f"{title}. {sentence}", desc=said.read, kind="sparkline"
    )
    cells = (person.name, *(number(value) for value in values))
    head = ("", *(str(place) for place in range(1, len(values) + 1)))
    return Chart(svg, sentence, Table(head, (cells,)), width, height)


def check_square(address: str, *, title: str, size: float = 42.5) -> Markup:
    """Return a square code that leads to an address, drawn in points; `title` is its alternative text."""
    import segno  # noqa: PLC0415 - only reports that are printed hold such a code, so no start waits for it

    code = segno.make(address, error="m", boost_error=False, micro=False)
    matrix = code.matrix
    step = size / len(matrix)
    runs = [(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    way = "".join(f"M{x * step:.3f} {y * step:.3f}h{step:.3f}v{step:.3f}h-{step:.3f}z" for x, y in runs)
    path = element("path", class_="fill-text", d=way, fill=Ink.TEXT, shape_rendering="crispEdges")
    return drawing([path], width=size, height=size, title=title, desc=title, kind="square")
