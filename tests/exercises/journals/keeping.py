"""Short ways to write a journal in tests, through the real commands."""

from collections.abc import Mapping

from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import commands
from portal.exercises.mechanics import journal
from portal.exercises.parts.journals import commands as journals
from portal.exercises.parts.journals import queries
from portal.exercises.parts.journals.queries import Entry
from portal.questionnaires.model import Value
from tests.exercises.doing import task_of

SLUG = "my-part"
OPEN, FIRST = "abcdefgh2345-00", "abcdefgh2345-01"
"""Names of two entries: one that follows no question, and one that follows the first."""


def write(
    records: Records, viewer: Viewer, given: str, values: Mapping[str, Value | None], *, name: str = OPEN
) -> None:
    """Write in an entry, as saving its page does."""
    with records.within(viewer) as scope:
        task = queries.entry_task(scope, task_of(scope, viewer, given), name)
        commands.keep_draft(scope, task, values, revision=None)


def entries(records: Records, viewer: Viewer, given: str) -> list[Entry]:
    """Return everything that somebody has written."""
    with records.within(viewer, read_only=True) as scope:
        return queries.my_entries(scope, task_of(scope, viewer, given))


def share(
    records: Records,
    viewer: Viewer,
    given: str,
    *,
    audience: Audience = Audience.COUPLE,
    name: str = OPEN,
    mark: str | None = None,
) -> None:
    """Share an entry as it is now."""
    with records.within(viewer) as scope:
        task = task_of(scope, viewer, given)
        seen = queries.my_entry(scope, task, name).mark if mark is None else mark
        journals.share(scope, task, name, audience=audience, mark=seen)


def stop(records: Records, viewer: Viewer, given: str, *, name: str = OPEN) -> None:
    """Make an entry private again."""
    with records.within(viewer) as scope:
        journals.stop_sharing(scope, task_of(scope, viewer, given), name)


def discard(records: Records, viewer: Viewer, given: str, *, name: str = OPEN) -> None:
    """Delete an entry."""
    with records.within(viewer) as scope:
        journals.discard(scope, task_of(scope, viewer, given), name)


assert journal.entry_name("abcdefgh2345", 1) == FIRST
