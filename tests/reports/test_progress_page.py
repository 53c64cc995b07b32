"""A progress report holds whatever couples bring: long names, empty sections, one score, thirty, hostile text."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pikepdf
import pypdf
import pytest

from portal.access.privacy import Label
from portal.kit.charts import Line, Person, Score, Seat
from portal.kit.pdf import Limits, PdfPool, PdfTimedOut, PdfTooLong, Rendered
from portal.reports.base import Named, Quote, paper_assets, printable, prose
from portal.reports.progress_page import Given, ProgressPage
from tests.reports import sample
from tests.reports.press import STATIC, html_of


@pytest.fixture(scope="module")
def pool() -> Iterator[PdfPool]:
    with PdfPool(paper_assets(STATIC), max_workers=1, limits=Limits()) as running:
        running.start()
        yield running


def printed(pool: PdfPool, page: ProgressPage) -> Rendered:
    return pool.render(html_of(page), title=page.paper.title, lang=page.paper.lang)


def pages_of(document: Rendered) -> list[str]:
    """Return the words of each page."""
    return [
        page.extract_text().replace("\xa0", " ") for page in pypdf.PdfReader(io.BytesIO(document.pdf)).pages
    ]


def figures_of(document: Rendered) -> list[str]:
    """Return the alternative texts of all drawings."""
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        return [str(item.Alt) for item in pdf.objects if _kind(item) == "/Figure" and "/Alt" in item]


def figures_without_words(document: Rendered) -> int:
    with pikepdf.open(io.BytesIO(document.pdf)) as pdf:
        return sum(_kind(item) == "/Figure" and "/Alt" not in item for item in pdf.objects)


def _kind(item: pikepdf.Object) -> str:
    return str(item.get("/S", "")) if isinstance(item, pikepdf.Dictionary) else ""


def test_the_sample_stands_on_four_pages_with_their_numbers_in_the_contents(pool: PdfPool) -> None:
    pages = pages_of(printed(pool, sample.joint()))
    assert len(pages) == 4
    assert "Page 1 of 4" in pages[0]
    assert "Document N-26-0417" in pages[3]
    for title in ("What weighs on you", "How satisfied each of you is", "The time you made"):
        assert title in pages[0]
    assert all("Both of you and your therapist" in page for page in pages)


def test_names_stand_on_the_cover_and_never_in_running_heads(pool: PdfPool) -> None:
    page = replace(sample.joint(), excerpts=(), steps=(), comment=())
    pages = pages_of(printed(pool, page))
    assert "Sam Okafor" in pages[0]
    assert not any("Okafor" in later for later in pages[1:])


def test_help_stands_once_on_the_last_page_and_never_alone(pool: PdfPool) -> None:
    for page in (sample.joint(), sample.clinician(), filled_to_the_brim()):
        pages = pages_of(printed(pool, page))
        assert ["Help now." in one for one in pages] == [False] * (len(pages) - 1) + [True]
        words = pages[-1].replace("Both of you and your therapist", "")
        assert "Dates" in words or "alone" in words


def filled_to_the_brim() -> ProgressPage:
    """Return a report whose last section ends at the foot of a page."""
    few = tuple(Given(f"Exercise {n}", "Letter", "1 Sep", ("open",)) for n in range(3))
    return replace(sample.joint(), exercises=few + sample.joint().exercises)


def test_every_drawing_has_an_alternative_text_with_the_numbers(pool: PdfPool) -> None:
    made = printed(pool, sample.joint())
    told = figures_of(made)
    assert figures_without_words(made) == 0
    assert any("Loneliness. Alex: 7, now 8" in text for text in told)
    assert any("Sam: 42 on 1\xa0Sep, 58 on 24\xa0Nov." in text for text in told)


def test_a_joint_copy_shows_nothing_of_what_one_told_alone(pool: PdfPool) -> None:
    joint = " ".join(pages_of(printed(pool, sample.joint())))
    clinician = " ".join(pages_of(printed(pool, sample.clinician())))
    for secret in ("Work contract", "Sleeps little", "Hypothesis", "N-26-0418"):
        assert secret in clinician
        assert secret not in joint


def test_what_one_told_alone_starts_a_page_of_its_own(pool: PdfPool) -> None:
    pages = pages_of(printed(pool, sample.clinician()))
    sam = [n for n, page in enumerate(pages) if "Work contract" in page]
    alex = [n for n, page in enumerate(pages) if "Sleeps little" in page]
    assert len(sam) == len(alex) == 1
    assert sam != alex
    assert "clients cannot see this" in pages[sam[0]]


def test_equal_pages_give_equal_bytes(pool: PdfPool) -> None:
    assert printed(pool, sample.joint()).pdf == printed(pool, sample.joint()).pdf


def test_fonts_are_ours_and_embedded(pool: PdfPool) -> None:
    with pikepdf.open(io.BytesIO(printed(pool, sample.joint()).pdf)) as pdf:
        names = {
            str(item.BaseFont)
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }
    assert all("Source-Serif-4" in name or "Atkinson-Hyperlegible" in name for name in names)


def test_empty_sections_leave_no_heading_behind(pool: PdfPool) -> None:
    bare = replace(
        sample.joint(),
        signs=None,
        courses=(),
        together=None,
        goals=(),
        exercises=(),
        excerpts=(),
        comment=(),
        steps=(),
        again=(),
        dates=(),
        who_may_read=(),
        in_short=("There is little to tell yet.",),
    )
    pages = pages_of(printed(pool, bare))
    assert len(pages) == 1
    for heading in ("Goals", "Exercises", "In this report", "In your words", "Who may read it"):
        assert heading not in pages[0]


def test_thirty_scores_and_a_single_one_are_both_complete(pool: PdfPool) -> None:
    base = sample.joint()
    many = tuple(Score(date(2026, 1, 5) + timedelta(days=9 * n), (n * 7) % 60 + 11) for n in range(30))
    course = replace(
        base.courses[0], lines=(Line(sample.SAM.person, many, 7), Line(sample.ALEX.person, many[12:13], 7))
    )
    pages = pages_of(printed(pool, replace(base, courses=(course,))))
    whole = " ".join(" ".join(pages).split())
    assert all(str(score.value) in whole for score in many)
    assert "too early" in whole


def test_long_names_stay_on_the_sheet(pool: PdfPool) -> None:
    base = sample.joint()
    a = Named(
        Person(Seat.A, "Maximiliane-Charlotte Theodora"), "Maximiliane-Charlotte Theodora Wintersteingruber"
    )
    b = Named(Person(Seat.B, "X" * 120), "Y" * 400)
    page = replace(base, cover=replace(base.cover, a=a, b=b), excerpts=(replace(base.excerpts[0], who=b),))
    whole = "".join(pages_of(printed(pool, page)))
    assert "Wintersteingruber" in whole
    assert whole.count("Y") >= 400


def test_a_right_to_left_quote_keeps_its_order_and_disturbs_nobody(pool: PdfPool) -> None:
    base = sample.joint()
    quote = Quote(
        prose("سلام، امروز حالم خوب است."), sample.ALEX, "a letter", "1 November", Label.LATER, "Later"
    )
    assert '<blockquote dir="rtl">' in html_of(replace(base, excerpts=(quote,)))
    assert printed(pool, replace(base, excerpts=(quote,))).pages >= 3


HOSTILE = {
    "one word of 100,000 letters": "x" * 100_000,
    "a megabyte of words": "word " * 200_000,
    "50 marks on each letter": ("a" + "\u0301\u0302\u0303\u0304\u0305" * 10) * 2_000,
    "20,000 lines": "z\n" * 20_000,
    "markup": "<td colspan=1000000><div>" * 400
    + "<img src=file:///etc/passwd><style>@page{size:1e9px}</style>",
    "template language": "{{7*7}} ${7*7} <%= 1 %> {% raw %}",
    "style": "@import url(http://127.0.0.1:1/x); } body { display: none } /*",
    "direction controls": "Anna\u202egnp.exe \u2066\u2067\u2068 שלום" * 50,
    "joined signs": "👩\u200d" * 20_000,
    "no-break spaces": "a\u00a0" * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_printed_or_refused_cleanly(pool: PdfPool, kind: str) -> None:
    base = sample.joint()
    page = replace(base, comment=prose(HOSTILE[kind]))
    began = time.monotonic()
    try:
        made = printed(pool, page)
    except (PdfTooLong, PdfTimedOut):
        made = None
    assert time.monotonic() - began < 31
    if made is not None:
        assert b"root:" not in made.pdf
        last = f"Page {made.pages} of {made.pages}"
        assert last in pypdf.PdfReader(io.BytesIO(made.pdf)).pages[-1].extract_text()
    assert printed(pool, base).pages == 4


def test_markup_and_templates_are_printed_as_they_were_typed(pool: PdfPool) -> None:
    typed = "<script>alert(1)</script> {{7*7}} {% raw %} </p></section>"
    page = replace(sample.joint(), comment=prose(typed), goals_text=prose(typed))
    assert typed.replace(" ", "") in "".join(pages_of(printed(pool, page))).replace(" ", "").replace(
        "\n", ""
    ).replace("\xa0", "")


def test_no_field_escapes_the_preparation() -> None:
    page = printable(replace(sample.joint(), again=("y" * 500,)))
    assert "\u200b" in page.again[0]
    assert page.paper.label is Label.COUPLE
    assert page.courses[0].lines == sample.joint().courses[0].lines
