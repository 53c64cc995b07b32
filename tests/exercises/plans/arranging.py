"""Short ways for two partners to plan something in tests, through the real commands."""

from collections.abc import Mapping
from datetime import timedelta

from portal.access.scope import Records
from portal.access.viewer import Seat, Viewer
from portal.exercises import commands as doing
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.planning_model import Arranger, EventKind, Picked, Settled, When, Words
from portal.exercises.models import Assignment
from portal.exercises.parts.plans import commands, queries
from portal.exercises.parts.plans.commands import Deed
from portal.exercises.parts.plans.part import walk
from portal.exercises.parts.plans.queries import Planned
from portal.exercises.queries import aside
from portal.exercises.shelf import exercises_by_copy
from portal.kit.ids import new_id
from portal.people.couple_queries import circle
from portal.questionnaires.model import Value
from tests.exercises.doing import give, send, task_of
from tests.factories import MORNING, Pair

IDEAS, OWN, WEEKLY = "date-ideas", "old-traditions", "weekly-ritual"
SATURDAY = When(MORNING + timedelta(days=2, hours=9), MORNING + timedelta(days=2, hours=11))
TEA: Mapping[str, Settled] = {
    "what": Picked("tea_window"),
    "when": SATURDAY,
    "where": Words("By the window"),
    "who_arranges": Arranger(frozenset({Seat.A})),
}
BREAKFAST: Mapping[str, Settled] = {"what": Words("Breakfast in bed"), "when": SATURDAY}
YES = {"tea_window": "comfortable", "album": "comfortable", "cards": "maybe"}


def give_with_matches(records: Records, pair: Pair, slug: str = IDEAS) -> str:
    """Assign an overlap of which both are open to a few things; return the assignment's id."""
    given = give(records, pair, slug)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, YES)
    return given


def do(
    records: Records,
    viewer: Viewer,
    given: str,
    kind: EventKind,
    values: Mapping[str, Settled] | None = None,
    *,
    seen: int | None = None,
    number: int | None = None,
    once_key: str = "",
) -> None:
    """Do one thing about a plan, from a fresh page unless ``seen`` says otherwise."""
    with records.within(viewer) as scope:
        task = task_of(scope, viewer, given)
        at = queries.planned(scope, task.assignment, task.exercise, circle(scope))
        last = at.plans[-1] if at.plans else None
        deed = Deed(
            kind=kind,
            plan=number or (last.number if last else 0),
            values=dict(values or {}),
            seen=seen if seen is not None else (last.wording if last else 0),
        )
        commands.act(scope, task, deed, once_key=once_key or new_id())


def tell(
    records: Records,
    viewer: Viewer,
    given: str,
    period: str,
    values: Mapping[str, Value],
    *,
    sends: bool = True,
) -> None:
    """Collect ideas, or look back on a time: type it, and send it unless it stays a draft."""
    with records.within(viewer) as scope:
        task = task_of(scope, viewer, given)
        form = walk(scope, task, period)
        assert form is not None
        doing.keep_draft(
            scope, aside(scope, task, MechanicName.PLAN, period=period, form=form), values, revision=None
        )
        if sends:
            again = aside(scope, task, MechanicName.PLAN, period=period, form=form)
            doing.send(scope, again, once_key=new_id())


def planned(records: Records, viewer: Viewer, given: str) -> Planned:
    """Return the plans of an assignment as somebody may read them."""
    with records.within(viewer, read_only=True) as scope:
        assignment = scope.find(Assignment, given)

        exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
        return queries.planned(scope, assignment, exercise, circle(scope, assignment.couple_id))


def settle_on(records: Records, pair: Pair, given: str, values: Mapping[str, Settled] | None = None) -> None:
    """Let the first suggest and the second agree."""
    do(records, pair.a, given, EventKind.PROPOSE, values or TEA)
    do(records, pair.b, given, EventKind.AGREE)
