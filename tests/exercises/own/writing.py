"""Short ways to write, publish and offer exercises of one's own in tests, through the real commands."""

from typing import Any

from portal.access.scope import Records
from portal.access.viewer import Role, Viewer
from portal.exercises.own import commands as own_commands
from portal.exercises.own.compile import compile_exercise
from portal.exercises.own.drafts import Draft, draft_of
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.queries import any_work, work_for_decision
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from tests.factories import World

SIGNS, LETTER, DECK = "warning-signs", "i-statements", "tell-me-more"


def copied(slug: str = LETTER, **changed: Any) -> Draft:
    """Return the draft of a copy of a built-in exercise, with some of its texts changed."""
    return draft_of(library()[slug].source) | changed


def colleague(world: World, practice_id: str, *roles: Role, name: str = "Ada Quill") -> Viewer:
    """Return somebody else of the practice: a therapist, unless other roles are named."""
    held = roles or (Role.THERAPIST,)
    return Viewer(practice_id, world.account(practice_id, name, *held), frozenset(held))


def write(records: Records, therapist: Viewer, draft: Draft | None = None, *, once_key: str = "") -> str:
    """Begin a work of one's own; return its id."""
    with records.within(therapist) as scope:
        begun = own_commands.create(
            scope, OwnKind.EXERCISE, copied() if draft is None else draft, once_key=once_key or new_id()
        )
        return begun.id


def change(records: Records, therapist: Viewer, work_id: str, **changed: Any) -> None:
    """Change some values of a draft, as it stands now."""
    with records.within(therapist) as scope:
        work = any_work(scope, work_id)
        own_commands.change(scope, work, lambda draft: draft | changed, revision=work.revision)


def publish(records: Records, therapist: Viewer, work_id: str) -> int:
    """Publish a draft as it stands now; return the number of the edition."""
    with records.within(therapist) as scope:
        work = any_work(scope, work_id)
        return own_commands.publish(scope, work, compile_exercise, revision=work.revision).version


def published(records: Records, therapist: Viewer, **changed: Any) -> OwnWork:
    """Return a work with one published edition."""
    work_id = write(records, therapist, copied(**changed))
    publish(records, therapist, work_id)
    return work_of(records, therapist, work_id)


def work_of(records: Records, therapist: Viewer, work_id: str) -> OwnWork:
    """Return one of a therapist's works as it is now."""
    with records.within(therapist, read_only=True) as scope:
        return any_work(scope, work_id)


def ask(records: Records, therapist: Viewer, work_id: str) -> None:
    """Ask the administrator to offer a work to the practice."""
    with records.within(therapist) as scope:
        own_commands.ask_for_practice(scope, any_work(scope, work_id))


def decide(records: Records, admin: Viewer, work_id: str, *, accept: bool = True, note: str = "") -> None:
    """Decide about what was asked for."""
    with records.within(admin) as scope:
        work = work_for_decision(scope, work_id)
        own_commands.decide(scope, work, accept=accept, version=work.version, note=note)
