"""Where years and numbers stand in a drawing of years: the scale at the left, the years below, marks in rows that never touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.kit.svg import Box, Ink, Person, Seat, block, number, rule, shortened, width_of, words_at
from portal.kit.trends import Scale, ticks

GAP = 2.0
STEPS = (1, 2, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened in a year. ``words`` stand in the table, never in the drawing itself."""

    year: int
    words: str


@dataclass(frozen=True, slots=True)
class YearLine:
    """One person's years: numbers by year, and marks in the order in which they are numbered."""

    person: Person
    values: Mapping[int, float]
    marks: tuple[Mark, ...] = ()

    @property
    def years(self) -> set[int]:
        """Return the years of which the line or the marks tell."""
        return {*self.values, *(each.year for each in self.marks)}


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a mark stands: its number, its place, and its row, counted from the lines outwards."""

    number: int
    year: int
    x: float
    row: int


@dataclass(frozen=True, slots=True)
class Plot:
    """The geometry of one drawing, in points; ``above`` and ``foot`` are the edges from which rows of marks are stacked."""

    years: tuple[int, int]
    scale: Scale
    left: float
    right: float
    size: float
    height: float
    above: float = 0

    @property
    def top(self) -> float:
        """Return where the highest number stands; the words for it have their line above."""
        return self.above + 1.4 * self.size

    @property
    def bottom(self) -> float:
        """Return where the lowest number stands."""
        return self.top + self.height

    @property
    def foot(self) -> float:
        """Return where the words under the lines end."""
        return self.bottom + 3.4 * self.size

    @property
    def radius(self) -> float:
        """Return how large a mark is, from its middle."""
        return self.size * 0.78

    @property
    def step(self) -> float:
        """Return how far apart the middles of two marks are at least."""
        return 2 * self.radius + GAP

    def x(self, year: int) -> float:
        """Return where a year stands."""
        first, last = self.years
        inset = self.size
        room = self.right - self.left - 2 * inset
        return self.left + inset + (room / 2 if first == last else room * (year - first) / (last - first))

    def y(self, value: float) -> float:
        """Return where a number stands; one beyond the scale stands at its end."""
        inside = min(max(value, self.scale.low), self.scale.high)
        share = (inside - self.scale.low) / (self.scale.high - self.scale.low)
        return self.bottom - share * self.height

    def middle(self, line: YearLine, row: int) -> float:
        """Return where a row of marks stands: those of seat A above the lines, those of seat B below."""
        away = (row + 0.5) * self.step
        return self.above - away if line.person.seat is Seat.A else self.foot + away

    def laid(self, line: YearLine) -> tuple[Laid, ...]:
        """Return where the marks of a line stand."""
        rows: list[list[float]] = []
        found = []
        for place, each in enumerate(line.marks, start=1):
            x = self.x(each.year)
            free = (n for n, taken in enumerate(rows) if all(abs(x - other) >= self.step for other in taken))
            row = next(free, len(rows))
            rows[row:] = [[*(rows[row] if row < len(rows) else ()), x], *rows[row + 1 :]]
            found.append(Laid(place, each.year, x, row))
        return tuple(found)

    def band(self, lines: Sequence[YearLine]) -> float:
        """Return how tall the rows of marks of some lines are, with a little air."""
        most = max((each.row + 1 for line in lines for each in self.laid(line)), default=0)
        return most * self.step + (self.size * 0.4 if most else 0)


def ground(plot: Plot) -> list[Markup]:
    """Return the lines and numbers of the scale."""
    parts = []
    for tick in ticks(plot.scale, 2):
        y, words = plot.y(tick), number(tick)
        parts.append(rule(plot.left, y, plot.right, y, ink=Ink.FAINT))
        base = y + plot.size * 0.35
        parts.append(words_at(plot.left - 4, base, words, size=plot.size, ink=Ink.MUTED, anchor="end"))
    return parts


def end_words(plot: Plot, words: str, base: float) -> list[Markup]:
    """Return the words at one end of the scale, on a ground of their own so that no stem runs through them."""
    fitting = shortened(words, plot.right - plot.left, plot.size)
    right = plot.left + width_of(fitting, plot.size) + 2
    halo = Box(plot.left, base - 0.85 * plot.size, right, base + 0.3 * plot.size)
    return [block(halo, ink=Ink.PAPER), words_at(plot.left, base, fitting, size=plot.size, ink=Ink.MUTED)]


def axis(plot: Plot) -> list[Markup]:
    """Return the years that can be written without touching: the first, the last, and round ones between."""
    first, last = plot.years
    wide = width_of("2000", plot.size) + plot.size
    room = (plot.x(last) - plot.x(first)) / max(last - first, 1)
    step = next((each for each in STEPS if each * room >= wide), STEPS[-1])
    inner = [year for year in range(first + 1, last) if year % step == 0]
    chosen = [year for year in inner if plot.x(year) - plot.x(first) >= wide <= plot.x(last) - plot.x(year)]
    ends = [first, last] if plot.x(last) - plot.x(first) >= wide else [last]
    base = plot.bottom + 2.5 * plot.size
    parts = [rule(plot.left, plot.bottom, plot.right, plot.bottom, width=0.8)]
    for year in sorted({*ends, *chosen}):
        parts.append(rule(plot.x(year), plot.bottom, plot.x(year), plot.bottom + 2.5))
        parts.append(words_at(plot.x(year), base, str(year), size=plot.size, anchor="middle"))
    return parts
