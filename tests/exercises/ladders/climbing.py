"""Short ways to climb a ladder in tests, through the real commands."""

from collections.abc import Mapping

from portal.access.scope import Records, Scope
from portal.access.viewer import Viewer
from portal.exercises import commands, queries
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.ladder import READINESS, READY
from portal.exercises.models import Assignment
from portal.exercises.parts.ladders import commands as ladders
from portal.exercises.parts.ladders.queries import Ladder, Visit, form_for, ladder_of, shared_ladder, spec_of
from portal.exercises.queries import Task
from portal.exercises.shelf import exercises_by_copy
from portal.kit.ids import new_id
from portal.questionnaires.model import Value
from tests.exercises.doing import give, task_of
from tests.factories import Pair

TALK, TOUCH, ALONE = "small-disclosures", "sensory-awareness", "forgiveness"
READY_FOR_ALL = {"saw": "ready", "liked": "ready", "opinion": "ready"}


def begun(records: Records, pair: Pair, slug: str = TALK) -> str:
    """Give a ladder that both have begun; return the assignment."""
    given = give(records, pair, slug)
    for viewer in (pair.a, pair.b):
        begin(records, viewer, given)
    return given


def begin(records: Records, viewer: Viewer, given: str) -> None:
    """Start a ladder."""
    with records.within(viewer) as scope:
        commands.begin(scope, task_of(scope, viewer, given))


def round_of(scope: Scope, viewer: Viewer, given: str, period: str) -> Task:
    """Return the walk of one round, as its pages have it."""
    task = task_of(scope, viewer, given)
    form = form_for(scope, task, period)
    assert form is not None, f"{period} can't be walked now"
    return queries.aside(scope, task, MechanicName.LADDER, period=period, form=form)


def draft(
    records: Records,
    viewer: Viewer,
    given: str,
    values: Mapping[str, Value | None],
    *,
    period: str = READINESS,
) -> None:
    """Type in a round, without sending it."""
    with records.within(viewer) as scope:
        commands.keep_draft(scope, round_of(scope, viewer, given, period), values, revision=None)


def tell(
    records: Records, viewer: Viewer, given: str, values: Mapping[str, Value | None], *, period: str
) -> None:
    """Walk a round and send it, with all that follows from it."""
    draft(records, viewer, given, values, period=period)
    with records.within(viewer) as scope:
        task = round_of(scope, viewer, given, period)
        commands.send(scope, task, once_key=new_id())
        ladders.follow(scope, task)


def rate(records: Records, viewer: Viewer, given: str, levels: Mapping[str, str | None]) -> None:
    """Say how ready somebody feels, step by step."""
    tell(records, viewer, given, {READY + step: level for step, level in levels.items()}, period=READINESS)


def both_rate(records: Records, pair: Pair, given: str, levels: Mapping[str, str | None]) -> None:
    """Say the same for both."""
    for viewer in (pair.a, pair.b):
        rate(records, viewer, given, levels)


def take(records: Records, viewer: Viewer, given: str, step: str, visit: int = 1) -> None:
    """Say that a step was taken."""
    with records.within(viewer) as scope:
        ladders.take(scope, task_of(scope, viewer, given), Visit(step, visit), once_key=new_id())


def go_back(records: Records, viewer: Viewer, given: str, step: str) -> None:
    """Go back from a step."""
    with records.within(viewer) as scope:
        ladders.step_back(scope, task_of(scope, viewer, given), step)


def stop(records: Records, viewer: Viewer, given: str) -> None:
    """Stop."""
    with records.within(viewer) as scope:
        ladders.stop(scope, task_of(scope, viewer, given))


def decide(records: Records, pair: Pair, given: str, step: str, *, opens: bool = True) -> None:
    """Open or close a step as the therapist."""
    with records.within(pair.therapist) as scope:
        act = ladders.open_step if opens else ladders.close_step
        act(scope, given, step, once_key=new_id())


def seen_by(records: Records, viewer: Viewer, given: str) -> Ladder:
    """Return a ladder as a partner's or their therapist's queries have it."""
    with records.within(viewer, read_only=True) as scope:
        if viewer.is_partner:
            return ladder_of(scope, task_of(scope, viewer, given))
        assignment = scope.find(Assignment, given)
        exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
        return shared_ladder(scope, assignment, spec_of(exercise))


def open_steps(records: Records, viewer: Viewer, given: str) -> dict[str, str]:
    """Return the steps that are open now, with their level."""
    rungs = seen_by(records, viewer, given).view.rungs
    return {rung.step: rung.level for rung in rungs if rung.level is not None}
