"""Drawings are safe to put into a page, hold any name and any number of scores, and never say more than the numbers."""

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.charts import (
    Chart,
    Event,
    Line,
    Pause,
    Person,
    Scale,
    Score,
    Seat,
    Weekly,
    check_square,
    done_calendar,
    dumbbell,
    pips,
    sparkline,
    strip,
    ticks,
    trend,
    versus,
)
from portal.kit.svg import Box, Ink, spread, width_of

SAM, ALEX = Person(Seat.A, "Sam"), Person(Seat.B, "Alex")
TEN = Scale(0, 10)
FIRST = date(2026, 9, 1)
names = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=60)
values = st.integers(min_value=0, max_value=10)


def line(person: Person, *scores: float, band: float | None = None) -> Line:
    return Line(
        person, tuple(Score(FIRST + timedelta(weeks=4 * n), value) for n, value in enumerate(scores)), band
    )


def drawn(chart: Chart) -> ET.Element:
    """Parse a drawing the way a strict reader would."""
    return ET.fromstring(chart.svg)  # noqa: S314  # Our own drawing.


def words_in(chart: Chart) -> list[str]:
    return [element.text or "" for element in drawn(chart).iter("{http://www.w3.org/2000/svg}text")]


def test_a_trend_names_each_line_at_its_end_and_tells_the_same_in_words_and_rows() -> None:
    whole = trend(
        [line(SAM, 42, 47, 58), line(ALEX, 38, 37, 43)], Scale(0, 81, 52), title="Satisfaction"
    ).whole
    assert {"Sam 58", "Alex 43", "42", "47", "38", "37", "cut-off 52"} <= set(words_in(whole))
    assert whole.sentence == "Sam: 42 on 1\xa0Sep, 58 on 27\xa0Oct. Alex: 38 on 1\xa0Sep, 43 on 27\xa0Oct."
    assert whole.table.rows == (("Sam", "42", "47", "58"), ("Alex", "38", "37", "43"))
    title = drawn(whole).findtext("{http://www.w3.org/2000/svg}title")
    assert title == f"Satisfaction. {whole.sentence}"


def test_panels_share_one_width_so_that_their_time_axes_agree() -> None:
    panels = trend([line(SAM, 1, 2), line(ALEX, 3)], TEN, title="x").panels
    assert len(panels) == 2
    assert panels[0].width == panels[1].width
    assert panels[1].height > panels[0].height - 13


def test_one_score_has_no_line_and_no_band() -> None:
    chart = trend([line(SAM, 5, band=2)], TEN, title="x").whole
    assert "<polyline" not in chart.svg
    assert Ink.TINT_A not in chart.svg
    assert chart.sentence == "Sam: 5 on 1\xa0Sep."


def test_no_scores_still_make_a_drawing() -> None:
    whole = trend([line(SAM), line(ALEX, 4)], TEN, title="x").whole
    assert whole.sentence == "Sam: no scores in this period. Alex: 4 on 1\xa0Sep."


def test_thirty_scores_number_only_what_tells_something() -> None:
    many = Line(SAM, tuple(Score(FIRST + timedelta(days=9 * n), (n * 7) % 10) for n in range(30)))
    words = words_in(trend([many], TEN, title="x").whole)
    beside_marks = [word for word in words if re.fullmatch(r"\d", word)]
    assert len(beside_marks) <= 6 + 4
    assert "Sam 3" in words


def test_words_of_events_never_lie_on_each_other() -> None:
    events = [Event(FIRST + timedelta(days=n), f"Something happened number {n}") for n in range(0, 50, 4)]
    chart = trend([line(SAM, 1, 2, 3)], TEN, title="x", events=events).whole
    assert not touching(chart)


@given(st.lists(values, min_size=1, max_size=6), st.lists(values, min_size=1, max_size=6))
def test_numbers_of_few_scores_never_lie_on_each_other(a: list[int], b: list[int]) -> None:
    for panel in trend([line(SAM, *a, band=2), line(ALEX, *b)], Scale(0, 10, 6), title="x").panels:
        assert not touching(panel)


def placed(element: ET.Element, down: float = 0) -> list[tuple[str, Box]]:
    """Return the words of a drawing with the boxes they fill, groups moved down included."""
    moved = re.match(r"translate\(0 ([\d.]+)\)", element.get("transform", ""))
    down += float(moved[1]) if moved else 0
    found = [box for child in element for box in placed(child, down)]
    if element.tag.endswith("}text"):
        size, weight = float(element.get("font-size", "8")), int(element.get("font-weight", "400"))
        wide = width_of(element.text or "", size, weight)
        x, y = float(element.attrib["x"]), float(element.attrib["y"]) + down
        left = x - {"middle": wide / 2, "end": wide}.get(element.get("text-anchor", ""), 0)
        found.append((element.text or "", Box(left, y - size * 0.66, left + wide, y)))
    return found


def touching(chart: Chart) -> list[tuple[str, str]]:
    """Return pairs of words whose boxes overlap by more than a hair."""
    boxes = placed(drawn(chart))
    return [
        (one[0], other[0])
        for n, one in enumerate(boxes)
        for other in boxes[n + 1 :]
        if one[1].overlap(other[1]) > 0.5
    ]


@given(names, names, st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_any_name_gives_a_well_formed_drawing(a: str, b: str, first: list[int], second: list[int]) -> None:
    one, two = Person(Seat.A, a), Person(Seat.B, b)
    made = trend([line(one, *first), line(two, *second)], TEN, title=a, events=[Event(FIRST, b)])
    for chart in (made.whole, *made.panels, dumbbell(one, 1, 2, scale=TEN, title=b)):
        drawn(chart)


def test_markup_in_a_name_is_shown_and_never_runs() -> None:
    evil = Person(Seat.A, '"><script>alert(1)</script>')
    made = trend([line(evil, 1, 2)], TEN, title="<b>", events=[Event(FIRST, "<img src=x>")]).whole
    for chart in (made, dumbbell(evil, 1, 2, scale=TEN, title="<b>"), pips(evil, 2, title="<b>")):
        assert "<script" not in chart.svg
        assert "<img" not in chart.svg
        assert "<b>" not in chart.svg


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (8, 4, "Sam: 8, now 4"),
        (3, 3, "Sam: 3 both times"),
        (None, 4, "Sam: 4"),
        (4, None, "Sam: 4"),
        (None, None, "Sam: not answered"),
    ],
)
def test_then_and_now_are_told_as_they_are(then: float | None, now: float | None, told: str) -> None:
    assert dumbbell(SAM, then, now, scale=TEN, title="Loneliness").sentence == told


@given(values, values)
def test_the_numbers_of_then_and_now_stay_apart_and_inside(then: int, now: int) -> None:
    chart = dumbbell(ALEX, then, now, scale=TEN, title="x")
    assert not touching(chart)
    for element in drawn(chart).iter("{http://www.w3.org/2000/svg}text"):
        half = width_of(element.text or "", 9, int(element.get("font-weight", "400"))) / 2
        assert half - 0.1 <= float(element.attrib["x"]) <= chart.width - half + 0.1


@given(values, values)
def test_two_people_can_be_told_apart_even_where_they_agree(a: int, b: int) -> None:
    chart = versus(SAM, a, ALEX, b, scale=TEN, title="x")
    assert not touching(chart)
    assert (chart.svg.count('stroke-width="2.4"') == 0) == (a == b)


def test_shape_says_who_and_filling_says_when() -> None:
    circle = dumbbell(SAM, 2, 8, scale=TEN, title="x").svg
    square = dumbbell(ALEX, 2, 8, scale=TEN, title="x").svg
    assert "<circle" in circle
    assert "<circle" not in square
    assert "stroke-dasharray" in square
    assert "stroke-dasharray" not in circle


def test_teal_stands_only_for_what_both_did() -> None:
    for chart in (
        trend([line(SAM, 1, 2), line(ALEX, 1, 2)], TEN, title="x").whole,
        versus(SAM, 1, ALEX, 2, scale=TEN, title="x"),
        strip(SAM, 1, 5, scale=TEN, band=1, title="x"),
        sparkline(ALEX, [1, 2, 3], scale=TEN, title="x"),
    ):
        assert Ink.TOGETHER not in chart.svg


def test_a_calendar_fills_the_days_and_counts_nothing_else() -> None:
    days = {date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 20), date(2027, 1, 1)}
    chart = done_calendar(
        days,
        first=date(2026, 9, 15),
        last=date(2026, 9, 29),
        title="Five minutes a day",
        weekly=[Weekly("Coffee", (date(2026, 9, 20),))],
        sessions={date(2026, 9, 16): 3},
        pauses=[Pause(date(2026, 9, 22), date(2026, 9, 24), "away")],
    )
    filled = next(
        group for group in drawn(chart).iter() if group.get("class") == "fill-together stroke-together"
    )
    assert len(filled) == 3
    assert chart.sentence == "It happened on 3 days between 15\xa0Sep and 29\xa0Sep."
    assert chart.table.rows[0] == ("14\xa0Sep", "Tue, Thu, Sun")
    assert "%" not in chart.svg
    assert not touching(chart)


def test_a_year_of_days_goes_on_below() -> None:
    year = done_calendar([], first=date(2026, 1, 1), last=date(2026, 12, 31), title="x")
    month = done_calendar([], first=date(2026, 1, 1), last=date(2026, 1, 31), title="x")
    assert year.height > 1.8 * month.height
    assert year.width == month.width


def test_ticks_are_round_and_keep_clear_of_the_end() -> None:
    assert ticks(Scale(0, 81)) == (0, 20, 40, 60, 81)
    assert ticks(Scale(0, 10)) == (0, 2, 4, 6, 8, 10)
    assert ticks(Scale(0, 50)) == (0, 10, 20, 30, 40, 50)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(4, 12)), max_size=5))
def test_stacked_words_are_spread_without_overlap(wanted: list[tuple[float, float]]) -> None:
    wanted.sort()
    middles = spread(wanted, top=0, bottom=100)
    edges = [(m - h / 2, m + h / 2) for m, (_, h) in zip(middles, wanted, strict=True)]
    assert all(after[0] >= before[1] for before, after in pairwise(edges))


def test_the_check_square_says_where_it_leads() -> None:
    square = check_square("HARBOUR.EXAMPLE/C/R7QF-2M9K-84TX", title="Where this paper can be checked")
    assert "<title>Where this paper can be checked</title>" in square
    assert square.count("z") > 100
