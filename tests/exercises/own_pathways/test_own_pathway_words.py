"""Each step is read back in one plain sentence."""

from typing import Any

import pytest
from flask import Flask

from portal.exercises.own_pathways.source import sketch, troubles
from portal.exercises.own_pathways.words import doing, fault_words, reading
from portal.exercises.shelf import library
from tests.exercises.own_pathways.writing import TALK, short_way, with_values


def said(app: Flask, place: int, **values: Any) -> str:
    draft = with_values(short_way(), f"step_{place}", **values)
    with app.test_request_context():
        return reading(sketch(draft, library()), place - 1, library())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"release": "at_once"}, "Opens together with step 1."),
        ({"release": "after"}, "Opens once both have finished step 1."),
        ({"release": "after_delay", "days": "3"}, "Opens three days after both have finished step 1."),
        ({"release": "after_delay", "days": "14"}, "Opens 14 days after both have finished step 1."),
        ({"release": "interval", "days": "1"}, "Opens one day after step 1 opened, done or not."),
        (
            {"release": "on_date", "days": "10"},
            "Opens ten days after the start, or on a day you choose.",
        ),
        (
            {"release": "after", "session": "before", "session_days": "2"},
            "Opens once both have finished step 1, two days before the next session.",
        ),
        (
            {"release": "after", "session": "after", "session_days": "0"},
            "Opens once both have finished step 1, right after a session.",
        ),
        (
            {"release": "after", "matches_of": "step_1", "at_least": "2", "therapist": True, "no_flag": True},
            (
                "Opens once both have finished step 1, and only once the overlap in step 1 has at least "
                "two matches, when you release it and while no safety flag is open."
            ),
        ),
        (
            {"release": "after", "therapist": True, "flag_skips": True},
            (
                "Opens once both have finished step 1, and only when you release it. "
                "It is left out if a safety flag is open then."
            ),
        ),
        (
            {"release": "after", "both_done": "step_1"},
            "Opens once both have finished step 1, and only once both have finished step 1.",
        ),
    ],
)
def test_a_step_reads_as_a_sentence(app: Flask, values: dict[str, Any], sentence: str) -> None:
    plain = {"exercise": "i-statements", "matches_of": "", "at_least": "", "recurrence": "", "times": ""}
    assert said(app, 2, **plain | values) == sentence


def test_what_has_to_be_done_depends_on_what_the_step_before_is(app: Flask) -> None:
    assert said(app, 3, session="", therapist=False) == "Opens once both have sent step 2 four times."
    draft = with_values(short_way(), "step_2", exercise="my-part", whom="a", times="")
    with app.test_request_context():
        assert reading(sketch(draft, library()), 2, library()).startswith(
            "Opens once the days of step 2 are over"
        )


def test_the_first_step_opens_at_the_start_whatever_it_was_told_when_it_stood_elsewhere(app: Flask) -> None:
    assert said(app, 1, release="after", exercise=TALK) == "Opens at the start."


def test_a_number_of_days_that_is_missing_is_said_vaguely(app: Flask) -> None:
    draft = with_values(short_way(), "step_2", days="", matches_of="", exercise="i-statements")
    with app.test_request_context():
        words = reading(sketch(draft, library()), 1, library(), vague={"days"})
    assert words == "Opens some days after both have finished step 1."


def test_how_a_step_is_done_is_said_in_a_few_words(app: Flask) -> None:
    way = sketch(short_way(), library())
    with app.test_request_context():
        assert (
            doing(way.steps[1], library()["touch-ritual"])
            == "Every day, done after four times · 7 days for it"
        )


@pytest.mark.parametrize(
    ("slug", "whom", "words"),
    [
        ("repair-script", "", "Chosen when it is armed · 7 days for it"),
        ("repair-script", "both", "Both of them · 7 days for it"),
        ("repair-script", "a", "The first of the two · 7 days for it"),
        ("check-in", "a", "Every week · 7 days for it"),
        ("warning-signs", "", "Every month · 7 days for it"),
    ],
)
def test_for_whom_a_step_is_is_said_where_it_is_not_simply_both(
    app: Flask, slug: str, whom: str, words: str
) -> None:
    way = sketch(with_values(short_way(), "step_3", exercise=slug, whom=whom), library())
    with app.test_request_context():
        assert doing(way.steps[2], library()[slug]) == words


def test_what_one_of_the_two_does_is_done_when_it_is_sent(app: Flask) -> None:
    draft = with_values(
        short_way(), "step_2", exercise="repair-script", matches_of="", times="", recurrence=""
    )
    with app.test_request_context():
        sentence = reading(
            sketch(with_values(draft, "step_3", session="", therapist=False), library()), 2, library()
        )
    assert sentence == "Opens once step 2 is sent."


def test_every_trouble_has_words(app: Flask) -> None:
    draft = with_values(short_way(), "step_2", days="x", at_least="99", exercise="gone")
    with app.test_request_context():
        words = [fault_words(each) for each in troubles(draft, library())]
    assert words == [
        "This exercise isn’t at hand any more. Please choose another",
        "Please write a whole number, in digits",
        "Between 1 and 50",
    ]
