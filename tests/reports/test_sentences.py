"""Sentences say what the numbers carry: no more, the same for both, and never a verdict on a person."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.charts import Line, Person, Scale, Score, Seat
from portal.reports.sentences import (
    ENGLISH,
    MOST_SENTENCES,
    Change,
    Course,
    SignNumbers,
    Stretch,
    Voice,
    apart_words,
    change_of,
    in_short,
    measure_sentence,
    score_words,
    sign_lead,
    sign_sentences,
    verdict,
)
from tests.reports import sample

TEN = Scale(0, 10)
SAM, ALEX = Person(Seat.A, "Sam"), Person(Seat.B, "Alex")
BARE = Course("Sam", "Alex", weeks=12, sessions=0)
FORBIDDEN = (
    "significant",
    "worse",
    "failed",
    "overdue",
    "only",
    "%",
    "!",
    " of ten",
    "deteriorat",
    "improve",
)


def line(person: Person, *values: float, band: float | None = 7) -> Line:
    scores = (Score(date(2026, 9, 1) + timedelta(weeks=4 * n), value) for n, value in enumerate(values))
    return Line(person, tuple(scores), band)


def signs(*rows: SignNumbers) -> Course:
    return replace(BARE, signs=rows)


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (8, 4, Change.LIGHTER),
        (6, 4, Change.LITTLE_LIGHTER),
        (8, 5, Change.LITTLE_LIGHTER),
        (6, 5, Change.SAME),
        (7, 8, Change.SAME),
        (3, 3, Change.SAME),
        (3, 5, Change.LITTLE_HEAVIER),
        (3, 8, Change.HEAVIER),
        (None, 4, Change.FIRST),
        (4, None, Change.NONE),
        (None, None, Change.NONE),
    ],
)
def test_one_point_is_about_the_same_and_four_are_plain(
    then: float | None, now: float | None, change: Change
) -> None:
    assert change_of(then, now, TEN) is change


def test_a_wider_scale_asks_for_more_points() -> None:
    assert change_of(32, 26, Scale(0, 50)) is Change.SAME
    assert change_of(32, 14, Scale(0, 50)) is Change.LIGHTER


def test_the_sample_is_told_in_seven_sentences() -> None:
    told = in_short(sample.numbers(), voice=Voice.YOU)
    assert told == (
        "In twelve weeks you met twelve times.",
        "For Sam, satisfaction is higher than on 1\xa0September, by more than chance explains.",
        "For Alex, satisfaction has moved within ordinary ups and downs since 1\xa0September.",
        "“Too little time together”, “Growing distance” and “Trouble talking” weigh less on both of you.",
        "“Conflict and unmet needs” weighs less on Sam.",
        "“Loneliness” still weighs on Alex, about as much as before.",
        (
            "From 18\xa0October to 26\xa0October “Five minutes a day” paused, and on 28\xa0October you began again; "
            "stretches like this are normal."
        ),
    )


def test_a_clinician_reads_the_same_facts_in_the_third_person() -> None:
    told = " ".join(in_short(sample.numbers(), voice=Voice.THEY))
    assert "the couple came twelve times" in told
    assert "both partners" in told
    assert "you" not in told.lower().split()


def test_what_became_heavier_is_said_as_plainly_as_what_became_lighter() -> None:
    told = sign_sentences(signs(SignNumbers("Loneliness", 3, 8, 3, 3)), voice=Voice.YOU)
    assert told == ["“Loneliness” weighs more on Sam than before."]


def test_nothing_changed_is_a_sentence_too() -> None:
    told = sign_sentences(signs(SignNumbers("Loneliness", 3, 3, 3, 4)), voice=Voice.YOU)
    assert told == ["The warning signs are about the same as at the beginning."]


def test_answers_given_once_are_never_called_a_change() -> None:
    course = signs(SignNumbers("Loneliness", None, 8, None, 3))
    assert sign_sentences(course, voice=Voice.YOU) == [
        "The warning signs were answered once so far, which is too early to speak of change."
    ]
    assert (
        sign_lead(course, voice=Voice.YOU) == "Answered once so far, which is too early to speak of change."
    )


def test_a_sign_only_one_person_answered_says_nothing_about_the_other() -> None:
    told = sign_sentences(signs(SignNumbers("Loneliness", 8, 3, None, None)), voice=Voice.YOU)
    assert told == ["“Loneliness” weighs less on Sam."]


def test_one_score_is_too_early_and_none_is_silent() -> None:
    assert "too early" in measure_sentence(line(SAM, 42), "satisfaction")
    assert measure_sentence(line(SAM), "satisfaction") == ""
    assert measure_sentence(line(SAM, 42, 58, band=None), "satisfaction") == ""


@given(st.integers(0, 81), st.integers(0, 81))
def test_a_change_inside_the_band_is_never_called_one(first: int, last: int) -> None:
    beyond = abs(last - first) >= 7
    assert ("more than chance" in measure_sentence(line(SAM, first, last), "x")) == beyond
    assert ("more change than chance" in score_words(line(SAM, first, last))) == beyond
    assert (verdict(line(SAM, first, last)) == "more than chance explains") == beyond


def test_beside_a_panel_stand_points_in_words() -> None:
    assert score_words(line(SAM, 42, 43)).startswith("One point above the first score.")
    assert score_words(line(SAM, 42, 37)).startswith("Five points below the first score.")
    assert score_words(line(SAM, 42, 42)).startswith("The same as the first score.")
    assert score_words(line(SAM)) == "No scores in this period."


def test_a_difference_is_nobodys_error() -> None:
    assert apart_words(8, 8, TEN) == "Seen alike"
    assert apart_words(8, 7, TEN) == "Seen nearly alike"
    assert apart_words(3, 8, TEN) == "Each saw this differently"
    assert apart_words(None, 8, TEN) == "One answer so far"


def test_an_empty_period_still_has_a_sentence() -> None:
    assert in_short(BARE, voice=Voice.YOU) == (
        "There is little to tell yet: this report covers the first days.",
    )


numbers = st.none() | st.integers(0, 10)
rows = st.lists(st.builds(SignNumbers, st.just("Loneliness"), numbers, numbers, numbers, numbers), max_size=6)


@given(rows, st.integers(0, 40), st.integers(0, 60), st.integers(0, 40), st.sampled_from(Voice))
def test_no_numbers_lead_to_a_forbidden_word(
    found: list[SignNumbers], sessions: int, days: int, finished: int, voice: Voice
) -> None:
    course = replace(
        BARE,
        signs=tuple(replace(sign, title=f"Sign {n}") for n, sign in enumerate(found)),
        sessions=sessions,
        habit="Five minutes",
        habit_days=days,
        finished=finished,
        stretches=(Stretch(date(2026, 10, 18), date(2026, 10, 26)),),
        lines=(line(SAM, 40, 60), line(ALEX, 60, 40)),
        measure="satisfaction",
    )
    told = in_short(course, voice=voice)
    assert 1 <= len(told) <= MOST_SENTENCES
    assert all(sentence.endswith(".") for sentence in told)
    assert not [word for word in FORBIDDEN if word in " ".join(told).lower()]


def test_both_partners_are_spoken_of_at_the_same_length() -> None:
    there = replace(BARE, lines=(line(SAM, 40, 60), line(ALEX, 40, 60)), measure="satisfaction")
    sam, alex = in_short(there, voice=Voice.YOU)
    assert sam.replace("Sam", "Alex") == alex


def test_the_words_go_through_the_speech_that_is_given() -> None:
    seen: list[str] = []

    def gettext(text: str, /, **values: object) -> str:
        seen.append(text)
        return text % values if values else text

    speech = replace(ENGLISH, gettext=gettext)
    in_short(sample.numbers(), voice=Voice.YOU, speech=speech)
    assert "For %(name)s, %(measure)s is higher than on %(day)s, by more than chance explains." in seen
