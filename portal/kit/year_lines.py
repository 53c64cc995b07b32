"""The years of one person or of two in one drawing: a line for each, what each marked above and below, in words as well.

Numbers beside the drawing say what a mark stands for: a circle with a number is the first person's, a square the
second's. Nothing is counted, averaged or set against the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup

from portal.kit.svg import (
    Box,
    Chart,
    Person,
    Seat,
    Table,
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
)
from portal.kit.trends import Scale
from portal.kit.year_plot import Mark, Plot, YearLine, axis, end_words, ground

__all__ = ["Mark", "YearLine", "YearWords", "year_lines"]


@dataclass(frozen=True, slots=True)
class YearWords:
    """The words of such a drawing, for translation. ``{…}`` parts are filled in."""

    high: str = "high"
    low: str = "low"
    year: str = "Year"
    marked: str = "{name} marked"
    several: str = "{name}: {first} in {first_year}, {last} in {last_year}; highest {most} in {most_year}, lowest {least} in {least_year}."
    one: str = "{name}: {last} in {last_year}."
    none: str = "{name}: no line."
    read: str = "Time runs from left to right."


def year_lines(
    lines: Sequence[YearLine],
    scale: Scale,
    *,
    title: str,
    words: YearWords | None = None,
    width: float = 358.6,
    height: float = 120,
    size: float = 8,
) -> Chart:
    """Return one or two people's years as one drawing, ``width`` points wide; ``height`` is that of the lines alone.

    ``size`` is the size of its words in points: take 8 on paper, and 10.5 with a width of 262 on a phone. The marks of
    seat A stand above the lines, those of seat B below. Years run over all that either tells of.
    """
    said = words or YearWords()
    every = sorted({year for line in lines for year in line.years})
    plot = _plot(lines, every, scale, width=width, height=height, size=size)
    parts = [*ground(plot), *(axis(plot) if every else ())]
    parts += [part for line in lines for part in _stems(plot, line)]
    parts += end_words(plot, said.high, plot.top - 0.45 * size)
    parts += end_words(plot, said.low, plot.bottom + 1.2 * size)
    parts += [part for draw in (_curve, _marks) for line in lines for part in draw(plot, line)]
    parts += _names(plot, lines, width)
    tall = plot.foot + plot.band(_at(lines, Seat.B))
    sentence = " ".join(_sentence(line, said) for line in lines)
    svg = drawing(parts, width=width, height=tall, title=f"{title}. {sentence}", desc=said.read, kind="years")
    return Chart(svg, sentence, _table(lines, every, said), width, tall)


def _at(lines: Sequence[YearLine], seat: Seat) -> list[YearLine]:
    return [line for line in lines if line.person.seat is seat]


def _plot(
    lines: Sequence[YearLine], every: Sequence[int], scale: Scale, *, width: float, height: float, size: float
) -> Plot:
    names = max((width_of(line.person.name, size, 600) for line in lines), default=0)
    plot = Plot(
        years=(every[0], every[-1]) if every else (0, 0),
        scale=scale,
        left=width_of(number(scale.high), size) + 7,
        right=width - min(names, width * 0.2) - 6,
        size=size,
        height=height,
    )
    return replace(plot, above=plot.band(_at(lines, Seat.A)))


def _stems(plot: Plot, line: YearLine) -> list[Markup]:
    """Draw from each mark to its year on the line, or to the near end of the scale where the line says nothing of it."""
    return [
        rule(
            each.x,
            plot.middle(line, each.row),
            each.x,
            plot.y(_height(line, each.year, plot.scale)),
            ink=line.person.ink,
            dash="0.9 1.8",
        )
        for each in plot.laid(line)
    ]


def _height(line: YearLine, year: int, scale: Scale) -> float:
    """Return where a line stands in a year, also between two of its points; its nearer end outside of it."""
    known = sorted(line.values)
    if not known:
        return scale.low if line.person.seat is Seat.B else scale.high
    for before, after in pairwise(known):
        if before <= year <= after:
            share = (year - before) / (after - before)
            return line.values[before] + share * (line.values[after] - line.values[before])
    return line.values[known[0] if year < known[0] else known[-1]]


def _curve(plot: Plot, line: YearLine) -> list[Markup]:
    places = [(plot.x(year), plot.y(value)) for year, value in sorted(line.values.items())]
    parts = []
    if len(places) > 1:
        parts.append(
            element(
                "polyline",
                class_=f"stroke-{line.person.ink.name.lower()}",
                points=" ".join(f"{x:.2f},{y:.2f}" for x, y in places),
                fill="none",
                stroke=line.person.ink,
                stroke_width=1.8,
                stroke_dasharray=line.person.dash,
                stroke_linejoin="round",
            )
        )
    # Marks that touch would hide the line; then its two ends are enough.
    crowded = any(after[0] - before[0] < 0.9 * plot.size for before, after in pairwise(places))
    marked = [places[0], places[-1]] if crowded else places
    return parts + [mark(line.person, x, y, solid=True, size=3) for x, y in marked]


def _names(plot: Plot, lines: Sequence[YearLine], width: float) -> list[Markup]:
    """Write each name at the end of its line; two that end near each other are moved apart."""
    drawn = sorted(
        (line for line in lines if line.values), key=lambda line: plot.y(line.values[max(line.values)])
    )
    tall = plot.size * 1.2
    wanted = [(plot.y(line.values[max(line.values)]), tall) for line in drawn]
    middles = spread(wanted, top=plot.top - tall, bottom=plot.bottom + tall)
    return [
        words_at(
            plot.right + 2,
            middle + plot.size * 0.35,
            shortened(line.person.name, width - plot.right - 2, plot.size, 600),
            size=plot.size,
            weight=600,
            ink=line.person.ink,
        )
        for line, middle in zip(drawn, middles, strict=True)
    ]


def _marks(plot: Plot, line: YearLine) -> list[Markup]:
    parts = []
    for each in plot.laid(line):
        y = plot.middle(line, each.row)
        parts.append(_plate(plot, line.person, each.x, y))
        parts.append(
            words_at(
                each.x,
                y + plot.size * 0.34,
                str(each.number),
                size=plot.size * 0.95,
                weight=600,
                ink=line.person.ink,
                anchor="middle",
            )
        )
    return parts


def _plate(plot: Plot, person: Person, x: float, y: float) -> Markup:
    if person.seat is Seat.B:
        side = plot.radius * 0.94
        box = Box(x - side, y - side, x + side, y + side)
        return block(box, ink=person.tint, outline=person.ink, width=0.8, radius=1.5)
    return element(
        "circle",
        class_=f"fill-{person.tint.name.lower()} stroke-{person.ink.name.lower()}",
        cx=x,
        cy=y,
        r=plot.radius,
        fill=person.tint,
        stroke=person.ink,
        stroke_width=0.8,
    )


def _sentence(line: YearLine, said: YearWords) -> str:
    years = sorted(line.values)
    if not years:
        return said.none.format(name=line.person.name)
    most = max(years, key=lambda year: line.values[year])
    least = min(years, key=lambda year: line.values[year])
    return (said.several if len(years) > 1 else said.one).format(
        name=line.person.name,
        first=number(line.values[years[0]]),
        first_year=years[0],
        last=number(line.values[years[-1]]),
        last_year=years[-1],
        most=number(line.values[most]),
        most_year=most,
        least=number(line.values[least]),
        least_year=least,
    )


def _table(lines: Sequence[YearLine], years: Sequence[int], said: YearWords) -> Table:
    head = (
        said.year,
        *(line.person.name for line in lines),
        *(said.marked.format(name=line.person.name) for line in lines),
    )
    rows = tuple(
        (
            str(year),
            *(number(line.values[year]) if year in line.values else "" for line in lines),
            *("; ".join(each.words for each in line.marks if each.year == year) for line in lines),
        )
        for year in years
    )
    return Table(head, rows)
