"""Stories of the sample world, as their files tell them."""

from collections.abc import Iterator, Mapping
from datetime import time
from itertools import pairwise

import pytest

from portal.exercises.domain import load_library
from portal.exercises.pathway import pathways
from portal.sample.story import STORIES, Deed, Story, read_story
from portal.sample.world import DAYS

NAMES = {"a": "Mirela", "b": "Jonas", "child": "Wilma", "child2": "Piet"}
REFS = sorted(path.stem for path in STORIES.glob("*.toml"))


def story(ref: str, *, seed: int = 1) -> Story:
    return read_story(ref, seed=seed, names=NAMES)


def texts_in(told: object) -> Iterator[str]:
    """Yield every text in a value, however deep it lies."""
    match told:
        case str():
            yield told
        case Mapping():
            yield from (text for value in told.values() for text in texts_in(value))
        case list():
            yield from (text for value in told for text in texts_in(value))


@pytest.mark.parametrize("ref", REFS)
def test_a_story_is_in_order_and_ends_before_today(ref: str) -> None:
    told = story(ref)
    assert all(before <= after for before, after in pairwise((act.day, act.at) for act in told.acts))
    assert told.acts[-1].day < DAYS
    assert told.added <= min(told.joined.values())


@pytest.mark.parametrize("ref", REFS)
def test_every_name_has_been_put_in_and_every_exercise_exists(ref: str) -> None:
    library = load_library()
    told = story(ref)
    texts = [told.goals, *(act.text for act in told.acts)]
    texts += [text for act in told.acts for text in texts_in(act.values)]
    assert not [text for text in texts if "{" in text]
    assert {act.exercise for act in told.acts if act.exercise} <= library.keys()
    assert {act.pathway for act in told.acts if act.pathway} <= pathways().keys()


@pytest.mark.parametrize("ref", REFS)
def test_seeds_change_when_people_log_but_not_what_they_decide(ref: str) -> None:
    def decided(told: Story) -> list[tuple[int, time, Deed, str, str]]:
        return [
            (act.day, act.at, act.do, act.work, act.who)
            for act in told.acts
            if "log_minutes" not in act.values
            and set(act.values) != {"log"}
            and set(act.values) != {"log", "log_note"}
        ]

    assert decided(story(ref, seed=1)) == decided(story(ref, seed=2))
    assert story(ref, seed=1) == story(ref, seed=1)


def test_a_long_story_goes_on_in_further_files() -> None:
    told = story("harbour-1")
    further = {path.stem for path in (STORIES / "harbour-1").glob("*.toml")}
    assert further
    assert {"agree", "talk", "arrange", "take", "tell", "show", "card", "arm"} <= {
        act.do for act in told.acts
    }


def test_sessions_are_planned_at_the_one_before_and_the_last_lies_ahead() -> None:
    told = story("harbour-1")
    planned = {act.day + act.ahead for act in told.acts if act.do is Deed.PLAN_SESSION}
    held = {act.day for act in told.acts if act.do is Deed.HOLD_SESSION}
    assert planned - held == {max(planned)}
    assert max(planned) > DAYS > max(held)
