"""Short ways to give, do and read exercises in tests, through the real commands."""

from collections.abc import Mapping
from datetime import datetime

from portal.access.scope import Records
from portal.access.viewer import Seat, Viewer
from portal.exercises import care_commands, commands, queries
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.mechanics.base import AT_ONCE, Delivery
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import Answer, Whom
from portal.exercises.queries import Task
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.people.welcome_queries import standing_consent
from portal.questionnaires.model import Value
from tests.factories import Pair
from tests.portal_app import settle

ZONE = "Europe/London"


def give(
    records: Records,
    pair: Pair,
    slug: str,
    *,
    whom: Whom = Whom.BOTH,
    recurrence: Recurrence = Recurrence.ONCE,
    sees: TherapistSees = TherapistSees.OVERLAP,
    release: bool = True,
    opens_at: datetime | None = None,
    instructions: str = "",
) -> str:
    """Assign an exercise of the library; return the assignment's id."""
    plan = care_commands.Plan(
        couple_id=pair.couple_id, whom=whom, recurrence=recurrence, sees=sees, release=release, opens_at=opens_at,
        instructions=instructions,
    )  # fmt: skip
    if library()[slug].touch_level:
        agree(records, pair)
    with records.within(pair.therapist) as scope:
        return care_commands.assign(scope, library()[slug], plan, once_key=new_id()).id


def agree(records: Records, pair: Pair) -> None:
    """Let both partners agree to who sees what, where they haven't."""
    for viewer in (pair.a, pair.b):
        with records.within(viewer, read_only=True) as scope:
            known = standing_consent(scope, viewer.account_id)
        if known is None:
            settle(records, viewer)


def task_of(scope: object, viewer: Viewer, assignment_id: str) -> Task:
    """Return a partner's task within a scope."""
    assert viewer.seat is not None
    return queries.my_task(scope, assignment_id, seat=Seat(viewer.seat), today=day_in(ZONE, scope.now))  # type: ignore[attr-defined, arg-type]


def type_in(records: Records, viewer: Viewer, assignment_id: str, values: Mapping[str, Value | None]) -> None:
    """Keep values in a partner's draft."""
    with records.within(viewer) as scope:
        commands.keep_draft(scope, task_of(scope, viewer, assignment_id), values, revision=None)


def send(
    records: Records,
    viewer: Viewer,
    assignment_id: str,
    values: Mapping[str, Value | None],
    *,
    once_key: str = "",
    delivery: Delivery = AT_ONCE,
) -> str:
    """Fill in and send a partner's round; return the response's id."""
    with records.within(viewer) as scope:
        commands.keep_draft(scope, task_of(scope, viewer, assignment_id), values, revision=None)
        task = task_of(scope, viewer, assignment_id)
        return commands.send(scope, task, once_key=once_key or new_id(), delivery=delivery).id


def answer_ids(records: Records, viewer: Viewer, response_id: str) -> dict[str, str]:
    """Return the ids of the answers of a round that somebody may read, by item."""
    with records.within(viewer, read_only=True) as scope:
        found = scope.all(scope.select(Answer).where(Answer.response_id == response_id))
        return {each.item: each.id for each in found}


def open_item(records: Records, therapist: Viewer, response_id: str, item: str | None = None) -> str:
    """Let the therapist open one held answer of a round, the first if none is named; return the answer's id."""
    ids = answer_ids(records, therapist, response_id)
    found = ids[item] if item is not None else next(iter(ids.values()))
    with records.within(therapist) as scope:
        care_commands.open_held(scope, found)
    return found


def fill(exercise: Exercise, words: str) -> dict[str, Value]:
    """Return an answer to every question: the first option, the lowest number, and texts that hold some words."""
    found: dict[str, Value] = {}
    for item in exercise.form.questions:
        match item.kind.value:
            case "choice":
                found[item.key] = item.options[0].key
            case "multi":
                found[item.key] = [item.options[0].key]
            case "scale" | "number":
                found[item.key] = int(item.low or 0)
            case "date":
                found[item.key] = "2027-01-14"
            case _:
                found[item.key] = f"{words} {item.key}".ljust(item.min_length, ".")
    return found
