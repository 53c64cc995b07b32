"""Typed text is made regular, and never stalls or fools what shows it."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.text import (
    BREAK,
    MARKS,
    PARAGRAPH_BYTES,
    RUN,
    UnsuitableText,
    beside,
    breakable,
    clean,
    direction_of,
    inert_cell,
    isolate,
    soft,
    tied,
)

words = st.text(st.characters(codec="utf-8"), max_size=400)


@pytest.mark.parametrize(
    "code", [0, 0x1B, 0x0B, 0x7F, 0x9B, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFF, 0x10FFFF]
)
def test_a_character_that_cannot_be_kept_is_refused_and_named(code: int) -> None:
    character = chr(code)
    with pytest.raises(UnsuitableText) as refused:
        clean(f"one{character}two")
    assert refused.value.name == f"U+{code:04X}"
    assert refused.value.position == 3
    assert "one" not in str(refused.value)


def test_lines_marks_and_byte_order_marks_take_one_form() -> None:
    assert clean("\ufeffAnne\r\nune\rcafe\u0301\u2028fin\ttab") == "Anne\nune\ncafé\nfin\ttab"


@given(words)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = clean(text)
    except UnsuitableText:
        return
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@given(words)
def test_no_run_is_longer_than_a_line_can_hold(text: str) -> None:
    for run in soft(text).replace(BREAK, " ").split():
        assert len(run) <= 2 * RUN


@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\u200b", exclude_categories=["Mn"]), max_size=3000
    )
)
def test_paragraphs_are_short_and_keep_every_word(text: str) -> None:
    paragraphs = breakable(text)
    assert all(0 < len(paragraph.encode()) <= PARAGRAPH_BYTES for paragraph in paragraphs)
    kept = "".join(paragraphs).replace(BREAK, "")
    assert "".join(kept.split()) == "".join(text.split())


def test_paragraphs_part_at_blank_lines_and_keep_single_lines() -> None:
    assert breakable("first\nline\n\nsecond\n \n\nthird") == ["first\nline", "second", "third"]
    assert breakable(" \n\n ") == []


def test_a_long_paragraph_parts_at_the_end_of_a_sentence() -> None:
    pieces = breakable("This is a sentence of nine words, more or less. " * 100)
    assert len(pieces) == 3
    assert all(piece.rstrip().endswith("less.") for piece in pieces)


def test_a_tower_of_marks_is_cut_down_and_an_accent_is_kept() -> None:
    assert soft("e" + "\u0301" * 50 + "n") == "e" + "\u0301" * MARKS + "n"
    assert soft("Nguyễn Thị") == "Nguyễn Thị"


def test_an_emoji_family_and_a_flag_are_never_torn() -> None:
    family = "👩‍👩‍👧‍👦"
    assert all(piece.replace(family, "") == "" for piece in soft(family * 40).split(BREAK))
    flag = "🇩🇪"
    assert all(piece.replace(flag, "") == "" for piece in soft(flag * 80).split(BREAK))


def test_a_name_is_closed_off_only_where_its_direction_could_disturb() -> None:
    assert beside("Zoë") == "Zoë"
    assert beside("נועה") == "\u2068נועה\u2069"
    assert beside("Anna\u202egnp") == "\u2068Annagnp\u2069"


def test_the_direction_of_a_text_is_that_of_its_first_letter() -> None:
    assert direction_of("12. שלום") == "rtl"
    assert direction_of("… سلام hello") == "rtl"
    assert direction_of("hello שלום") == direction_of("123") == "ltr"


def test_numbers_keep_to_their_nouns_and_no_short_word_ends_alone() -> None:
    assert tied("From 18 to 26 October, by 7 points, in 2026 and not a race.") == (
        "From 18 to 26\u00a0October, by 7\u00a0points, in 2026 and not a\u00a0race."
    )
    assert tied("two words") == "two words"


def test_a_name_cannot_turn_its_neighbours_round() -> None:
    assert isolate("Anna\u202egnp.exe") == "\u2068Annagnp.exe\u2069"
    assert isolate("\u2069\u2066x") == "\u2068x\u2069"


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@SUM",
        "\t=1",
        "\r=1",
        " =1",
        "\n@x",
        "＝1",
        "\u200b=1",
        "\x00=1",
        "|cmd",
        "%x",
        "\u22121",
    ],
)
def test_a_cell_never_begins_a_formula(cell: str) -> None:
    assert inert_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Anna", "5 = five", "  a-b", '"=1', "'=1"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert inert_cell(cell) == cell


def test_hostile_texts_are_prepared_in_no_time() -> None:
    began = time.perf_counter()
    for text in (
        "x" * 100_000,
        "word " * 200_000,
        "a" + "\u0301" * 100_000,
        "z\n" * 20_000,
        "\u200d" * 100_000,
    ):
        breakable(text)
    assert time.perf_counter() - began < 5
