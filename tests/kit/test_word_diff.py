"""Two wordings laid over each other: nothing lost, nothing invented, and easy on the eye."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.word_diff import Change, Span, word_diff

KEPT, REMOVED, ADDED = Change.KEPT, Change.REMOVED, Change.ADDED


def spans(before, after):
    return [(span.change, span.text) for span in word_diff(before, after)]


def test_words_that_changed_stand_between_words_that_stayed():
    assert spans("We talk for ten minutes.", "We talk for twenty minutes.") == [
        (KEPT, "We talk for "),
        (REMOVED, "ten"),
        (ADDED, "twenty"),
        (KEPT, " minutes."),
    ]


def test_two_words_changed_in_a_row_are_one_change():
    assert spans("after ten at night", "after nine o'clock night") == [
        (KEPT, "after "),
        (REMOVED, "ten at"),
        (ADDED, "nine o'clock"),
        (KEPT, " night"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same", "same", [(KEPT, "same")]),
        ("", "new", [(ADDED, "new")]),
        ("old", "", [(REMOVED, "old")]),
        ("We don't", "We do", [(KEPT, "We "), (REMOVED, "don't"), (ADDED, "do")]),
        ("one", "one.", [(KEPT, "one"), (ADDED, ".")]),
    ],
)
def test_ends_and_signs(before, after, expected):
    assert spans(before, after) == expected


TEXTS = st.lists(st.sampled_from(["we", "talk", " ", "\n", ".", "’", "ü", "don't", "  "]), max_size=14).map(
    "".join
)


@given(TEXTS | st.text(max_size=20), TEXTS | st.text(max_size=20))
def test_both_wordings_can_be_read_from_the_spans(before, after):
    found = word_diff(before, after)

    assert "".join(span.text for span in found if span.change is not ADDED) == before
    assert "".join(span.text for span in found if span.change is not REMOVED) == after
    assert all(span.text for span in found)
    assert not any(one.change is other.change for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("one " * 800 + "end", "one " * 800 + "the end", [KEPT, ADDED, KEPT]),
        ("old " + "one " * 800, "new " + "one " * 800, [REMOVED, ADDED, KEPT]),
        ("one " * 800, "one " * 900, [KEPT, ADDED]),
        ("a b " * 500, "a b " * 500, [KEPT]),
        ("old" + " old" * 800, "new" + " new" * 800, [REMOVED, ADDED]),
    ],
)
def test_very_long_texts_are_compared_by_their_ends(before, after, expected):
    found = word_diff(before, after)

    assert [span.change for span in found] == expected
    assert "".join(span.text for span in found if span.change is not ADDED) == before
    assert "".join(span.text for span in found if span.change is not REMOVED) == after


def test_a_text_against_itself_is_one_span():
    assert word_diff("a b  c\n", "a b  c\n") == (Span(KEPT, "a b  c\n"),)
