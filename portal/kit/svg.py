"""Pieces that every chart is drawn from: elements, text with a known width, marks that say who and when.

One unit is one point, so that 8 is 8 pt on paper. Every piece carries presentation attributes (the typesetter of
PDFs applies no page styles inside a drawing) and classes (with which a page may recolour it).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

SANS = "Atkinson Hyperlegible Next, Atkinson Hyperlegible Next Ext, Source Serif 4 Greek, Source Serif 4 Cyrillic, sans-serif"

# Advance widths of Atkinson Hyperlegible Next at weight 400, in thousandths of its size, for U+0020 to U+007E.
_WIDTHS = (
    280, 286, 301, 651, 592, 919, 731, 160, 299, 299, 485, 606, 210, 362, 210, 387, 648, 407, 548, 576, 614, 588,
    598, 510, 615, 595, 210, 210, 553, 628, 553, 480, 778, 626, 613, 645, 669, 569, 552, 694, 694, 392, 512, 631,
    541, 824, 693, 714, 592, 724, 614, 592, 558, 690, 593, 856, 623, 575, 607, 317, 387, 344, 552, 372, 243, 525,
    566, 485, 564, 538, 314, 558, 550, 252, 245, 492, 262, 845, 550, 548, 566, 574, 349, 471, 326, 540, 461, 684,
    481, 449, 460, 344, 237, 344, 555,
)  # fmt: skip
_OTHER_WIDTH = 620
_BOLD = 600
_BOLD_FACTOR = 1.06


class Ink(StrEnum):
    """The colours of a drawing. Two people have a hue each; teal stands only for what a couple did together."""

    A = "#4543c4"
    B = "#85510a"
    TOGETHER = "#1a665d"
    TEXT = "#1d1c1a"
    MUTED = "#5b5852"
    RULE = "#6f6b64"
    FAINT = "#b9b3a8"
    PAPER = "#ffffff"
    TINT_A = "#ecebfb"
    TINT_B = "#faeed9"
    TINT = "#f1eee8"


class Seat(StrEnum):
    """Which of two people: A is drawn as a circle with an unbroken line, B as a square with a broken one."""

    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a drawing, with the short name to write beside their line."""

    seat: Seat
    name: str

    @property
    def ink(self) -> Ink:
        """Return the person's colour."""
        return Ink.A if self.seat is Seat.A else Ink.B

    @property
    def tint(self) -> Ink:
        """Return the pale ground of the person's colour."""
        return Ink.TINT_A if self.seat is Seat.A else Ink.TINT_B

    @property
    def dash(self) -> str | None:
        """Return the dash pattern of the person's line."""
        return None if self.seat is Seat.A else "4 2.4"


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a drawing. The first cell of a row is its header."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the same content in words and in rows. `svg` is safe to put into a page as it is."""

    svg: Markup
    sentence: str
    table: Table
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the drawing, for keeping words apart."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Return the shared area, 0 when the two don't touch."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0


def figure(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def number(value: float) -> str:
    """Return a score as people write it: no needless decimals, a true minus."""
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """Return one element. Text is escaped, markup is not; `class_` and `stroke_width` become `class`, `stroke-width`."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(figure(value) if isinstance(value, int | float) else value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(part) for part in content)
    whole = f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"
    return Markup(whole)  # noqa: S704  # Attributes and content were escaped one line above.


def drawing(parts: Iterable[str], *, width: float, height: float, title: str, desc: str, kind: str) -> Markup:
    """Return the whole drawing. `title` is its alternative text, `desc` tells how to read it."""
    return element(
        "svg",
        element("title", title),
        element("desc", desc),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart chart-{kind}",
        role="img",
        font_family=SANS,
        font_size=8,
        width=f"{figure(width)}pt",
        height=f"{figure(height)}pt",
        viewBox=f"0 0 {figure(width)} {figure(height)}",
    )


def width_of(words: str, size: float = 8, weight: int = 400) -> float:
    """Return about how wide words are, in points, erring on the wide side for letters beyond ASCII."""
    units = sum(_WIDTHS[ord(c) - 32] if " " <= c <= "~" else _OTHER_WIDTH for c in words)
    return units * size / 1000 * (_BOLD_FACTOR if weight >= _BOLD else 1)


def shortened(words: str, room: float, size: float = 8, weight: int = 400) -> str:
    """Return words that fit a width, ended by an ellipsis where they had to be cut."""
    if width_of(words, size, weight) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept}…", size, weight) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrapped(words: str, room: float, size: float = 8, lines: int = 2) -> tuple[str, ...]:
    """Return words as at most so many lines of a width; what doesn't fit is cut with an ellipsis."""
    made: list[str] = []
    for word in words.split():
        if made and width_of(f"{made[-1]} {word}", size) <= room:
            made[-1] = f"{made[-1]} {word}"
        else:
            made.append(word)
    if len(made) > lines:
        made = [*made[: lines - 1], " ".join(made[lines - 1 :])]
    return tuple(shortened(line, room, size) for line in made) or ("",)


def balanced(words: str, room: float, size: float = 8) -> tuple[str, ...]:
    """Return words on two lines of about the same length, or on one if they are short."""
    tries = (wrapped(words, least, size) for least in range(36, int(room), 6))
    fitting = (lines for lines in tries if all("…" not in line for line in lines))
    return next(fitting, wrapped(words, room, size))


def words_at(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 8,
    weight: int = 400,
    ink: Ink = Ink.TEXT,
    anchor: str = "start",
) -> Markup:
    """Return words with their baseline at y."""
    return element(
        "text",
        words,
        class_=f"fill-{ink.name.lower()}",
        x=x,
        y=y,
        fill=ink,
        font_size=size if size != 8 else None,
        font_weight=weight if weight != 400 else None,
        text_anchor=anchor if anchor != "start" else None,
    )


def rule(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    ink: Ink = Ink.RULE,
    width: float = 0.5,
    dash: str | None = None,
) -> Markup:
    """Return a straight line."""
    return element(
        "line",
        class_=f"stroke-{ink.name.lower()}",
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        stroke=ink,
        stroke_width=width,
        stroke_dasharray=dash,
    )


def block(box: Box, *, ink: Ink, outline: Ink | None = None, width: float = 0.5, radius: float = 0) -> Markup:
    """Return a filled rectangle, with an outline if asked."""
    return element(
        "rect",
        class_=f"fill-{ink.name.lower()}" + (f" stroke-{outline.name.lower()}" if outline else ""),
        x=box.left,
        y=box.top,
        width=box.right - box.left,
        height=box.bottom - box.top,
        rx=radius or None,
        fill=ink,
        stroke=outline,
        stroke_width=width if outline else None,
    )


def mark(person: Person, x: float, y: float, *, solid: bool, size: float = 3.4, ring: bool = False) -> Markup:
    """Return a person's mark: solid is now, hollow is earlier; a ring round it says that nothing changed."""
    halo = _shape(person, x, y, size + (3.4 if ring else 1.5), fill=Ink.PAPER, stroke=None)
    round_it = (
        _shape(person, x, y, size + 2.2, fill=Ink.PAPER, stroke=person.ink, width=1) if ring else Markup()
    )
    if solid:
        return halo + round_it + _shape(person, x, y, size, fill=person.ink, stroke=None)
    return halo + _shape(person, x, y, size - 0.7, fill=Ink.PAPER, stroke=person.ink, width=1.5)


def _shape(
    person: Person, x: float, y: float, size: float, *, fill: Ink, stroke: Ink | None, width: float = 1
) -> Markup:
    kind = f"fill-{fill.name.lower()}" + (f" stroke-{stroke.name.lower()}" if stroke else "")
    line = width if stroke else None
    if person.seat is Seat.A:
        return element("circle", class_=kind, cx=x, cy=y, r=size, fill=fill, stroke=stroke, stroke_width=line)
    side = size * 0.9
    return element(
        "rect",
        class_=kind,
        x=x - side,
        y=y - side,
        width=2 * side,
        height=2 * side,
        fill=fill,
        stroke=stroke,
        stroke_width=line,
    )


def spread(wanted: list[tuple[float, float]], *, top: float, bottom: float, gap: float = 1) -> list[float]:
    """Return places for stacked words near where they are wanted, without overlap.

    `wanted` holds (middle, height) from top to bottom; the answer holds the middles. Words are first pushed down
    past each other, then up again from the bottom edge.
    """
    middles: list[float] = []
    edge = top
    for middle, height in wanted:
        middles.append(max(middle, edge + height / 2))
        edge = middles[-1] + height / 2 + gap
    edge = bottom
    for place in range(len(wanted) - 1, -1, -1):
        height = wanted[place][1]
        middles[place] = min(middles[place], edge - height / 2)
        edge = middles[place] - height / 2 - gap
    return middles
