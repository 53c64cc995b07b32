"""Computes the contrast of the palette from the tokens in the style sheet, for every theme."""

import re
from pathlib import Path

import pytest
from coloraide import Color

CSS = (Path(__file__).parents[2] / "portal" / "static" / "portal.css").read_text(encoding="utf-8")
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#\w+),\s*(#\w+)\)")
SINGLE = re.compile(r"--([\w-]+):\s*(#\w{3,6});")


def tokens(block: str) -> dict[str, tuple[str, str]]:
    """Colour tokens of one rule, each as its light and its dark value."""
    found = {name: (value, value) for name, value in SINGLE.findall(block)}
    return found | {name: (light, dark) for name, light, dark in PAIR.findall(block)}


PLAIN = tokens(CSS[CSS.index(":root {") : CSS.index('[data-theme="light"]')])
CONTRAST = PLAIN | tokens(CSS[CSS.index('[data-theme="contrast"] {') : CSS.index('[data-text="112"]')])
THEMES = {
    f"{theme}-{shade}": {name: values[index] for name, values in palette.items()}
    for theme, palette in (("plain", PLAIN), ("contrast", CONTRAST))
    for index, shade in enumerate(("light", "dark"))
}

TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "green", "danger", "a", "b") for ground in ("paper", "sheet")),
    *((ink, "well") for ink in ("ink", "muted")),
    *((label, f"{label}-soft") for label in ("private", "therapist", "later", "overlap", "held", "danger", "warn",
                                             "info", "a", "b")),
    *((label, ground) for label in ("private", "therapist", "later", "overlap", "held", "warn", "info")
      for ground in ("paper", "sheet")),
    ("on-green", "green"), ("on-green", "green-over"), ("on-green-soft", "green-soft"), ("on-green-soft", "paper"),
    ("on-green-soft", "sheet"), ("on-deep", "deep"), ("on-deep-muted", "deep"), ("on-cream", "cream"),
    ("on-danger", "danger"), ("ink", "warn-soft"), ("ink", "danger-soft"), ("ink", "info-soft"),
    ("muted", "green-soft"), ("muted", "warn-soft"),
]  # fmt: skip
EDGES = [
    ("edge", "paper"), ("edge", "sheet"), ("focus", "paper"), ("focus", "sheet"), ("green", "green-soft"),
    ("green", "track"), ("cream", "deep"), ("deep-line", "deep"),
]  # fmt: skip


def contrast(theme: str, ink: str, ground: str) -> float:
    """WCAG 2.1 contrast ratio of two tokens."""
    return Color(THEMES[theme][ink]).contrast(THEMES[theme][ground], method="wcag21")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    assert contrast(theme, ink, ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), EDGES)
def test_edges_of_what_can_be_used_are_seen(theme: str, ink: str, ground: str) -> None:
    # The rule inside the deep panel only repeats what the input's own words say, so it may be fainter.
    assert contrast(theme, ink, ground) >= (2.2 if ink == "deep-line" else 3.0)


@pytest.mark.parametrize("kind", ["normal", "protan", "deutan", "tritan"])
@pytest.mark.parametrize("theme", THEMES)
def test_two_people_stay_apart_for_every_kind_of_colour_vision(theme: str, kind: str) -> None:
    first, second = Color(THEMES[theme]["a"]), Color(THEMES[theme]["b"])
    if kind != "normal":
        first, second = first.filter(kind), second.filter(kind)
    assert first.delta_e(second, method="2000") >= 20
