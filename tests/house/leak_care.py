"""Marked words in what a therapist has in mind: decisions about safety flags, and words kept to be used again."""

from collections.abc import Callable, Sequence

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import safety, template_commands
from portal.exercises.template_commands import Wording
from portal.kit.ids import new_id


def plant(
    records: Records, lay: Callable[..., str], couple_id: str, *, therapist: Viewer, carers: Sequence[str]
) -> None:
    """Raise a flag about a couple and decide about it; keep words that only the first of its carers may read."""
    with records.within(therapist) as scope:
        flag = safety.raise_by_hand(scope, couple_id)
        safety.close(scope, flag.id, decision=lay("safety_flag.decision", *carers))
        title, body = (lay(f"instruction_template.{part}", carers[0]) for part in ("title", "body"))
        template_commands.keep(scope, Wording(title=title, body=body), once_key=new_id())


def hold(records: Records, couple_id: str, *, therapist: Viewer) -> None:
    """Leave a flag open."""
    with records.within(therapist) as scope:
        safety.raise_by_hand(scope, couple_id)
