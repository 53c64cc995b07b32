"""The search for marked words finds them in every dress, or the leak crawl would prove nothing."""

import base64
import quopri
from urllib.parse import quote

import pytest

from tests.house.baits import Baits, words_in, words_in_paper

WORD = Baits().lay("a place", "a")


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "Dear Sam, "])
def test_a_word_is_found_in_base64_at_every_alignment(before: str) -> None:
    for text in (before + WORD, before + WORD.upper() + " and more"):
        assert words_in(b"id=" + base64.b64encode(text.encode()) + b"&") == {WORD}
        assert words_in(base64.urlsafe_b64encode(text.encode())) == {WORD}


def test_a_word_is_found_among_others_and_in_any_case() -> None:
    assert words_in(f"<p>{WORD.title()}-</p>".encode()) == {WORD}
    assert words_in(b"nothing here") == set()


def test_a_word_is_found_however_it_is_escaped() -> None:
    as_entities = "".join(f"&#{ord(letter)};" for letter in WORD)
    as_percent = "".join(f"%{ord(letter):02x}" for letter in WORD)
    as_json = "".join(f"\\u{ord(letter):04x}" for letter in WORD)
    as_mail = "".join(f"={ord(letter):02X}" for letter in WORD)
    for dressed in (as_entities, as_percent, as_json, as_mail, quote(WORD)):
        assert words_in(dressed.encode()) == {WORD}
    broken = quopri.encodestring((("word " * 14) + WORD).encode())
    assert words_in(quopri.decodestring(broken)) == {WORD}


def test_a_word_is_found_where_a_line_divides_it() -> None:
    assert words_in_paper(f"and then {WORD[:9]}-\n{WORD[9:]} again") == {WORD}


def test_every_bait_is_another_word() -> None:
    baits = Baits()
    assert len({baits.lay("the same place", "a") for _ in range(1000)}) == 1000
