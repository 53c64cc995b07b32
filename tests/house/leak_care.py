"""Marked words in what a therapist has in mind: decisions about safety flags, words kept, exercises of their own."""

from collections.abc import Callable, Sequence

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import safety, template_commands
from portal.exercises.own import commands as own_commands
from portal.exercises.own.compile import compile_exercise
from portal.exercises.own.drafts import draft_of
from portal.exercises.own.models import OwnKind
from portal.exercises.pathway_models import PathwayCopy
from portal.exercises.shelf import library
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
    plant_own_works(records, lay, therapist=therapist, name=carers[0])


def plant_own_works(records: Records, lay: Callable[..., str], *, therapist: Viewer, name: str) -> None:
    """Write one exercise that stays a draft and one that is published for its writer's own caseload."""
    with records.within(therapist) as scope:
        draft = draft_of(library()["i-statements"].source)
        unfinished = draft | {"title": lay("own_work.title", name), "why": lay("own_work.draft", name)}
        begun = own_commands.create(scope, OwnKind.EXERCISE, unfinished, once_key=new_id())
        begun.note = lay("own_work.note", name)
        whole = draft | {"title": lay("own_edition.source", name), "why": lay("own_edition.draft", name)}
        work = own_commands.create(scope, OwnKind.EXERCISE, whole, once_key=new_id())
        own_commands.publish(scope, work, compile_exercise, revision=work.revision)
        armed = f'title = "{lay("pathway_copy.source", name)}"'
        scope.add(PathwayCopy(slug="own-pathway", source=armed, created_at=scope.now))


def hold(records: Records, couple_id: str, *, therapist: Viewer) -> None:
    """Leave a flag open."""
    with records.within(therapist) as scope:
        safety.raise_by_hand(scope, couple_id)
