"""The pathways of the library are in order, and each mistake in a definition is named."""

from pathlib import Path

import pytest

from portal.exercises.domain import Recurrence, Who
from portal.exercises.journey_queries import asks_for_whom
from portal.exercises.pathway import (
    PATHWAYS,
    GateKind,
    Release,
    check_pathway,
    load_pathways,
    parse_pathway,
    pathways,
    times_asked,
)
from portal.exercises.shelf import library
from portal.kit.library import DefinitionError

SEVEN = {
    "first-four-weeks", "listening-again", "closeness-at-your-pace", "fair-conflict", "repair", "looking-ahead",
    "twelve-weeks",
}  # fmt: skip

HEAD = """
id = "a-way"
version = 1
title = "A way"
purpose = "Somewhere."
weeks = 2
why = "So."
contraindications = ["Not always."]
sources = ["S2"]
[clinician]
rationale = "r"
not_when = "n"
look_for = "l"
"""


def test_the_seven_of_the_library_are_there() -> None:
    assert set(load_pathways()) == SEVEN


@pytest.mark.parametrize("slug", sorted(SEVEN))
def test_a_pathway_names_only_exercises_of_the_library(slug: str) -> None:
    assert check_pathway(PATHWAYS / f"{slug}.toml", library()) == []


@pytest.mark.parametrize("slug", sorted(SEVEN))
def test_a_pathway_of_the_library_says_why_when_not_and_what_to_look_for(slug: str) -> None:
    pathway = pathways()[slug]
    assert pathway.why
    assert pathway.contraindications
    assert pathway.sources
    assert all((pathway.clinician.rationale, pathway.clinician.not_when, pathway.clinician.look_for))


def test_an_unknown_exercise_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a-way.toml"
    file.write_text(f'{HEAD}\n[[steps]]\nkey = "a"\nexercise = "nowhere"\nrelease = "at_once"\n')
    assert check_pathway(file, library()) == [
        "a-way.toml: line 17: steps[1].exercise: there is no exercise 'nowhere'"
    ]


def test_a_rhythm_that_an_exercise_cannot_have_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a-way.toml"
    step = 'key = "a"\nexercise = "promises-kept"\nrelease = "at_once"\nrecurrence = "weekly"'
    file.write_text(f"{HEAD}\n[[steps]]\n{step}\n")
    assert check_pathway(file, library()) == [
        "a-way.toml: line 19: steps[1].recurrence: promises-kept can only be daily"
    ]
    # A couple that is on it already goes on: there its log follows its own days.
    assert parse_pathway(file.read_text(), name="a-way").steps[0].recurrence is Recurrence.WEEKLY


@pytest.mark.parametrize(
    ("exercise", "more", "is_sound"),
    [
        ("what-i-miss", "times = 2", False),
        ("i-statements", 'recurrence = "once"\ntimes = 2', False),
        ("i-statements", "times = 2", True),
        ("what-i-miss", 'recurrence = "weekly"\ntimes = 2', True),
        ("what-i-miss", "times = 1", True),
        ("small-disclosures", "times = 2", True),
    ],
)
def test_what_comes_once_is_not_asked_for_more_than_once(
    tmp_path: Path, exercise: str, more: str, is_sound: bool
) -> None:
    file = tmp_path / "a-way.toml"
    step = f'key = "a"\nexercise = "{exercise}"\nrelease = "at_once"\n{more}'
    file.write_text(f"{HEAD}\n[[steps]]\n{step}\n")
    found = check_pathway(file, library())
    assert (found == []) is is_sound
    assert is_sound or f"steps[1].times: {exercise} comes once here" in found[0]
    # A couple that is on it already isn't kept waiting for what can't come.
    [armed] = parse_pathway(file.read_text(), name="a-way").steps
    assert times_asked(armed, library()[exercise]) == (armed.times if is_sound else 1)


@pytest.mark.parametrize("slug", sorted(SEVEN))
def test_no_exercise_of_a_pathway_is_open_twice_at_a_time(slug: str) -> None:
    steps = pathways()[slug].steps
    for place, step in enumerate(steps):
        if step.exercise in {each.exercise for each in steps[place + 1 :]}:
            assert library()[step.exercise].recurring(step.recurrence) is Recurrence.ONCE, step.key


@pytest.mark.parametrize("slug", sorted(SEVEN))
def test_taking_stock_is_asked_for_when_its_step_comes_and_not_again_by_itself(slug: str) -> None:
    for step in pathways()[slug].steps:
        if step.exercise in {"warning-signs", "progress-reflection"}:
            assert step.recurrence is Recurrence.ONCE, step.key


def test_a_therapist_is_asked_who_confesses_and_who_apologizes() -> None:
    steps = [(slug, step) for slug, pathway in pathways().items() for step in pathway.steps]
    asked = {(slug, step.key) for slug, step in steps if asks_for_whom(step, library()[step.exercise])}
    assert asked == {("repair", "account"), ("repair", "sorry"), ("twelve-weeks", "sorry")}
    ones = {step.exercise for _slug, step in steps if library()[step.exercise].who is Who.ONE}
    assert ones == {"honest-account", "repair-script", "surprise-note"}


def test_what_is_light_is_left_out_while_a_flag_is_open_and_nothing_that_is_needed_later() -> None:
    for pathway in pathways().values():
        skipping = {step.key for step in pathway.steps if step.skips}
        assert not skipping & {gate.of for step in pathway.steps for gate in step.gates}
    assert [step.key for step in pathways()["looking-ahead"].steps if step.skips] == ["something_new"]


def test_a_file_that_cannot_be_read_is_a_plain_line(tmp_path: Path) -> None:
    assert check_pathway(tmp_path / "gone.toml", library())[0].startswith("gone.toml: can't be read")


def test_the_twelve_weeks_use_every_rule_gate_and_both_sides_of_a_session() -> None:
    steps = [step for pathway in pathways().values() for step in pathway.steps]
    assert {step.release for step in steps} == set(Release)
    assert {gate.kind for step in steps for gate in step.gates} == set(GateKind)
    assert {step.anchor.side.value for step in steps if step.anchor} == {"before", "after"}


def test_touch_waits_for_three_things_in_common_and_for_no_flag_to_be_open() -> None:
    touching = [
        step
        for pathway in pathways().values()
        for step in pathway.steps
        if library()[step.exercise].touch_level > 0
    ]
    assert touching
    for step in touching:
        assert GateKind.NO_FLAG in {gate.kind for gate in step.gates}, step.exercise


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ('key = "a"\nexercise = "x"\nrelease = "after"', "is the first and can't come after another"),
        ('key = "a"\nexercise = "x"\nrelease = "interval"', "days: is missing"),
        (
            'key = "a"\nexercise = "x"\nrelease = "at_once"\n[[steps]]\nkey = "a"\nexercise = "x"\nrelease = "after"',
            "the key a comes twice",
        ),
        (
            'key = "a"\nexercise = "x"\nrelease = "at_once"\ngates = [{ kind = "both_done", of = "later" }]',
            "'later', which is no earlier step",
        ),
        (
            'key = "a"\nexercise = "x"\nrelease = "at_once"\ngates = [{ kind = "matches", of = "a" }]',
            "matches, and nothing else, has at_least",
        ),
        (
            'key = "a"\nexercise = "x"\nrelease = "at_once"\ngates = [{ kind = "therapist", of = "a" }]',
            "therapist is not about a step",
        ),
        (
            'key = "a"\nexercise = "x"\nrelease = "at_once"\ngates = [{ kind = "therapist", otherwise = "skip" }]',
            "no_flag, and nothing else, has otherwise",
        ),
        ('key = "a"\nexercise = "x"\nrelease = "at_once"\nwhom = "c"', "whom: "),
        ('key = "a"\nexercise = "x"\nrelease = "at_once"\nsession = "before"', "session_days: is missing"),
    ],
)
def test_each_mistake_is_named(steps: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem.replace("'", ".").replace("(", ".").replace(",", ".")):
        parse_pathway(f"{HEAD}\n[[steps]]\n{steps}\n", name="a-way.toml")
