"""Short ways to tell years in tests, through the real commands."""

from collections.abc import Mapping

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises.mechanics.story import event_text, line_text
from portal.exercises.mechanics.timeline_model import EVENT, LINE, START, Event
from portal.exercises.models import Assignment
from portal.exercises.parts.timelines import commands, queries
from portal.exercises.parts.timelines.queries import Told
from portal.exercises.queries import exercises_for, my_values
from portal.kit.ids import new_id
from portal.questionnaires.model import Value
from tests.exercises.doing import task_of

SLUG = "how-we-drifted"


def story(
    words: str, *, start: int = 2003, line: Mapping[int, int] | None = None, **answers: Value
) -> dict[str, Value]:
    """Return a small story in which some words stand in every place that holds any."""
    return {
        START: start,
        LINE: line_text(line or {start: 8, start + 6: 3}),
        f"{EVENT}1": event_text(
            Event(year=start + 1, kind="good", title=f"{words} title", note=f"{words} note")
        ),
        "held_us": f"{words} answer",
        **answers,
    }


def keep(
    records: Records,
    viewer: Viewer,
    assignment_id: str,
    typed: Mapping[str, Value | None],
    *,
    mark: str | None = None,
) -> str:
    """Keep a piece of a draft; return its mark."""
    with records.within(viewer) as scope:
        return commands.keep(scope, task_of(scope, viewer, assignment_id), typed, mark=mark)


def tell(records: Records, viewer: Viewer, assignment_id: str, values: Mapping[str, Value]) -> None:
    """Keep a story and send it."""
    keep(records, viewer, assignment_id, values)
    with records.within(viewer) as scope:
        commands.send(scope, task_of(scope, viewer, assignment_id), once_key=new_id())


def draft(records: Records, viewer: Viewer, assignment_id: str) -> dict[str, Value]:
    """Return what a partner's pages are filled with."""
    with records.within(viewer, read_only=True) as scope:
        return my_values(scope, queries.whole(scope, task_of(scope, viewer, assignment_id)))


def told(records: Records, viewer: Viewer, assignment_id: str) -> dict[str, Told]:
    """Return what somebody may read, by writer."""
    with records.within(viewer, read_only=True) as scope:
        assignment = scope.find(Assignment, assignment_id)
        exercise = exercises_for(scope, {assignment.copy_id})[assignment.copy_id]
        found = queries.told(scope, assignment, queries.spec_of(exercise))
        return {each.author_id: each for each in found}
