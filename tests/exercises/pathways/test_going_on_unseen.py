"""A pathway goes on after a list or a ladder in the same way whatever one partner has said no to, or hasn't said."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import commands, journey_commands, queries
from portal.exercises.journey_commands import Arming
from portal.exercises.journey_jobs import advance_all
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.ladder import READINESS, READY
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.parts.ladders import commands as ladder_commands
from portal.exercises.parts.ladders import queries as ladder_queries
from portal.exercises.parts.ladders.queries import Visit
from portal.exercises.pathway import parse_pathway
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.questionnaires.model import Value
from tests.exercises.doing import send, task_of
from tests.exercises.pathways.test_journey_commands import WAY, opened
from tests.factories import MORNING, Pair, World

LADDER, LIST, NEXT = "small-disclosures", "future-vision", "tell-me-more"
IDEAS = library()[LIST].spec(OverlapSpec)
assert IDEAS is not None
YES, NO = IDEAS.levels[0].key, IDEAS.levels[-1].key
FIRST = IDEAS.form.questions[0].key


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def set_out(records: Records, pair: Pair, exercise: str) -> None:
    """Put the couple on a way of two steps: an exercise, and what comes once it is done."""
    steps = f"""
    [[steps]]
    key = "first"
    exercise = "{exercise}"
    release = "at_once"
    [[steps]]
    key = "next"
    exercise = "{NEXT}"
    release = "after"
    """
    with records.within(pair.therapist) as scope:
        way = parse_pathway(WAY + steps, name="a-way")
        journey_commands.arm(scope, way, Arming(couple_id=pair.couple_id), once_key=new_id())


def is_open(records: Records, pair: Pair, world: World, *, after: timedelta = timedelta()) -> bool:
    world.clock.move(after)
    advance_all(records)
    return NEXT in opened(records, pair)


def rate(records: Records, viewer: Viewer, given: str, level: int) -> None:
    with records.within(viewer) as scope:
        commands.begin(scope, task_of(scope, viewer, given))
        task = task_of(scope, viewer, given)
        spec, form = (
            ladder_queries.spec_of(task.exercise),
            ladder_queries.form_for(scope, task, READINESS),
        )
        own = queries.aside(scope, task, MechanicName.LADDER, period=READINESS, form=form)
        commands.keep_draft(scope, own, {READY + spec.steps[0].key: spec.levels[level].key}, revision=None)
        own = queries.aside(scope, task, MechanicName.LADDER, period=READINESS, form=form)
        commands.send(scope, own, once_key=new_id())
        ladder_commands.follow(scope, own)


@pytest.mark.parametrize("level", [None, 2], ids=["nothing", "not now"])
def test_a_rating_on_a_ladder_opens_nothing_before_its_days_are_over(
    records: Records, world: World, pair: Pair, level: int | None
) -> None:
    set_out(records, pair, LADDER)
    given = opened(records, pair)[LADDER]
    rate(records, pair.b, given, 0)
    if level is not None:
        rate(records, pair.a, given, level)
    assert not is_open(records, pair, world)
    assert not is_open(records, pair, world, after=timedelta(days=6))
    assert is_open(records, pair, world, after=timedelta(days=1))


def test_a_step_that_was_taken_on_a_ladder_opens_what_comes_after(
    records: Records, world: World, pair: Pair
) -> None:
    set_out(records, pair, LADDER)
    given = opened(records, pair)[LADDER]
    for viewer in (pair.a, pair.b):
        rate(records, viewer, given, 0)
    assert not is_open(records, pair, world)
    with records.within(pair.a) as scope:
        task = task_of(scope, pair.a, given)
        step = ladder_queries.spec_of(task.exercise).steps[0].key
        ladder_commands.take(scope, task, Visit(step, 1), once_key=new_id())
    assert is_open(records, pair, world)


@pytest.mark.parametrize("list_of_a", [None, {FIRST: NO}, {}], ids=["nothing", "a no", "blank"])
def test_a_list_without_anything_in_common_opens_nothing_before_its_days_are_over(
    records: Records, world: World, pair: Pair, list_of_a: Mapping[str, Value] | None
) -> None:
    set_out(records, pair, LIST)
    given = opened(records, pair)[LIST]
    send(records, pair.b, given, {FIRST: YES})
    if list_of_a is not None:
        send(records, pair.a, given, list_of_a)
    assert not is_open(records, pair, world)
    assert not is_open(records, pair, world, after=timedelta(days=6))
    assert is_open(records, pair, world, after=timedelta(days=1))


def test_the_first_thing_in_common_opens_what_comes_after(records: Records, world: World, pair: Pair) -> None:
    assert world.clock.now() >= MORNING
    set_out(records, pair, LIST)
    given = opened(records, pair)[LIST]
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES})
    assert is_open(records, pair, world)
