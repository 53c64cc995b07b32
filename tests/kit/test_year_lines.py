"""A drawing of years holds any two people's lines and marks, keeps marks apart, and says the same in words and rows."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from portal.kit.svg import Chart, Person, Seat
from portal.kit.trends import Scale
from portal.kit.year_lines import Mark, YearLine, YearWords, year_lines

SVG = "{http://www.w3.org/2000/svg}"
SAM, ALEX = Person(Seat.A, "Sam"), Person(Seat.B, "Alex")
TEN = Scale(0, 10)
years = st.integers(1920, 2026)
names = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=60)
marks = st.lists(st.builds(Mark, years, names), max_size=30).map(tuple)
lines = st.dictionaries(years, st.integers(0, 10), max_size=40)


def root(chart: Chart) -> ET.Element:
    """Parse a drawing the way a strict reader would."""
    return ET.fromstring(chart.svg)  # noqa: S314  # Our own drawing.


def words_in(chart: Chart) -> list[str]:
    return [each.text or "" for each in root(chart).iter(f"{SVG}text")]


def plates(chart: Chart) -> list[tuple[float, float]]:
    """Return the middles of the marks."""
    found = []
    for each in root(chart).iter():
        if "tint" not in each.get("class", ""):
            continue
        if each.tag == f"{SVG}circle":
            found.append((float(each.get("cx", 0)), float(each.get("cy", 0))))
        else:
            half = float(each.get("width", 0)) / 2
            found.append((float(each.get("x", 0)) + half, float(each.get("y", 0)) + half))
    return found


def test_both_lines_are_named_at_their_ends_and_told_in_words_and_rows() -> None:
    sam = YearLine(SAM, {2003: 8, 2009: 3, 2026: 6}, (Mark(2009, "Ana was born"),))
    alex = YearLine(ALEX, {2003: 7})

    chart = year_lines([sam, alex], TEN, title="Your years", words=YearWords(high="Close", low="Far"))

    assert {"Sam", "Alex", "Close", "Far", "2003", "2026", "1", "0", "10"} <= set(words_in(chart))
    assert (
        chart.sentence == "Sam: 8 in 2003, 6 in 2026; highest 8 in 2003, lowest 3 in 2009. Alex: 7 in 2003."
    )
    assert chart.table.head == ("Year", "Sam", "Alex", "Sam marked", "Alex marked")
    assert chart.table.rows[1] == ("2009", "3", "", "Ana was born", "")
    assert root(chart).findtext(f"{SVG}title") == f"Your years. {chart.sentence}"


def test_the_first_persons_marks_stand_above_the_lines_and_the_seconds_below() -> None:
    both = [YearLine(person, {2003: 5}, (Mark(2003, "x"),)) for person in (SAM, ALEX)]

    (_x, above), (_other, below) = plates(year_lines(both, TEN, title="x"))

    assert above < below


def test_nothing_that_somebody_wrote_stands_in_the_drawing_itself() -> None:
    chart = year_lines([YearLine(SAM, {}, (Mark(2003, "A secret summer"),))], TEN, title="x")

    assert "secret" not in chart.svg
    assert chart.table.rows == (("2003", "", "A secret summer"),)


def test_without_anything_told_there_is_still_a_drawing() -> None:
    chart = year_lines([YearLine(SAM, {}), YearLine(ALEX, {})], TEN, title="x")

    assert chart.sentence == "Sam: no line. Alex: no line."
    assert chart.table.rows == ()
    assert root(chart).tag == f"{SVG}svg"


def test_a_single_year_has_a_point_and_no_line() -> None:
    chart = year_lines([YearLine(SAM, {2026: 4})], TEN, title="x")

    assert "<polyline" not in chart.svg
    assert chart.sentence == "Sam: 4 in 2026."


@given(lines, marks, lines, marks, names, names, st.sampled_from([(262, 10.5), (480, 10.5), (358.6, 8)]))
def test_any_years_fit_into_their_drawing_and_no_two_marks_touch(
    first, ours, second, theirs, a, b, shape
) -> None:
    width, size = shape
    both = [
        YearLine(Person(Seat.A, a), first, tuple(sorted(ours, key=lambda mark: mark.year))),
        YearLine(Person(Seat.B, b), second, theirs),
    ]

    chart = year_lines(both, TEN, title="x", width=width, size=size)

    found = plates(chart)
    assert len(found) == len(ours) + len(theirs)
    for (x1, y1), (x2, y2) in combinations(found, 2):
        assert max(abs(x1 - x2), abs(y1 - y2)) >= 1.5 * size
    for x, y in found:
        assert 0 <= x <= width
        assert 0 <= y <= chart.height
    for place in re.findall(r"(?:x1?|cx)=\"([-\d.]+)\"", chart.svg):
        assert 0 <= float(place) <= width + 0.01
