"""What becomes of a therapist's own work: begun, changed, published, offered to the practice, retired, deleted."""

from collections.abc import Callable

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises.own.drafts import SLUG_PREFIX, Draft, as_draft, as_kept, title_of
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork, Shelf
from portal.exercises.own.queries import edition, my_work, work_for_decision
from portal.kit.ids import id_from

Compile = Callable[[Scope, OwnWork, int], str]
"""Makes a work's draft into the text of its definition under a version number.

Raises ``DefinitionError`` with everything that is missing or wrong. Each kind of work brings its own.
"""

Edit = Callable[[Draft], Draft]
"""Returns a draft with something changed in it."""


class DraftChanged(Exception):
    """A work was changed elsewhere since a page was made; ``work`` is as it stands now, and was left alone."""

    def __init__(self, work: OwnWork) -> None:
        super().__init__(work.id)
        self.work = work


def create(
    scope: Scope, kind: OwnKind, draft: Draft, *, once_key: str, copied_from: str | None = None
) -> OwnWork:
    """Begin a work with a draft, which may be empty or the copy of something. The same key twice begins one work."""
    scope.require(Permission.WRITE_OWN)
    work_id = id_from(scope.practice_id, scope.account_id, once_key)
    known: OwnWork | None = scope.first(scope.select(OwnWork).where(OwnWork.id == work_id))
    if known is not None:
        return known
    return scope.add(
        OwnWork(
            id=work_id,
            owner_id=scope.account_id,
            kind=kind,
            slug=SLUG_PREFIX + work_id,
            title=title_of(draft),
            copied_from=copied_from,
            shelf=Shelf.DRAFT,
            draft=as_kept(draft),
            created_at=scope.now,
            changed_at=scope.now,
            once_key=once_key,
        )
    )


def change(
    scope: Scope,
    work: OwnWork,
    edit: Edit,
    *,
    revision: int,
    is_untouched: Callable[[Draft], bool] | None = None,
) -> OwnWork:
    """Keep a change to the draft of a work, finished or not.

    ``revision`` is that of the draft from which the page was made. Raises DraftChanged where it is another by now,
    unless ``is_untouched`` says of the newer draft that the part that the page is about is the same as it was.
    """
    scope.require(Permission.WRITE_OWN)
    work = my_work(scope, work.id, work.kind, lock=True)
    before = as_draft(work.draft)
    after = edit(as_draft(work.draft))
    if after == before:
        return work
    if work.revision != revision and not (is_untouched is not None and is_untouched(before)):
        raise DraftChanged(work)
    work.draft, work.title = as_kept(after), title_of(after)
    work.revision, work.changed_at = work.revision + 1, scope.now
    scope.flush()
    return work


def publish(scope: Scope, work: OwnWork, compile_draft: Compile, *, revision: int) -> OwnEdition:
    """Make the draft of a work into its next edition, which never changes again, for the writer's own caseload.

    ``revision`` is that of the draft that was looked at. A draft that is published already is not published again.
    Raises DraftChanged where it was changed since then, and ``DefinitionError`` where it can't be published.
    """
    scope.require(Permission.WRITE_OWN)
    work = my_work(scope, work.id, work.kind, lock=True)
    last = edition(scope, work, work.version) if work.version else None
    if last is not None and last.draft == work.draft:
        if work.shelf == Shelf.RETIRED:
            _put_on(work, Shelf.MINE)
        return last
    if work.revision != revision:
        raise DraftChanged(work)
    source = compile_draft(scope, work, work.version + 1)
    work.version += 1
    if work.shelf in {Shelf.DRAFT, Shelf.RETIRED}:
        _put_on(work, Shelf.MINE)
    made = OwnEdition(
        work_id=work.id,
        version=work.version,
        source=source,
        draft=work.draft,
        published_at=scope.now,
        published_by=scope.account_id,
    )
    scope.add(made)
    record(scope, Action.OWN_PUBLISHED, subject_id=work.id, kind=work.kind, version=work.version)
    return made


def ask_for_practice(scope: Scope, work: OwnWork, *, ask: bool = True) -> OwnWork:
    """Ask an administrator to offer the newest edition to every therapist, or take the request back."""
    scope.require(Permission.WRITE_OWN)
    work = my_work(scope, work.id, work.kind, lock=True)
    if not ask:
        work.asked_at = None
        scope.flush()
        return work
    if work.shelf not in {Shelf.MINE, Shelf.PRACTICE} or is_offered(work, work.version):
        raise Refused("there is nothing that could be offered")
    if work.asked_at is None:
        work.asked_at, work.note = scope.now, ""
        record(scope, Action.OWN_ASKED, subject_id=work.id, kind=work.kind, version=work.version)
    return work


def decide(scope: Scope, work: OwnWork, *, accept: bool, version: int, note: str = "") -> OwnWork:
    """Offer the edition that was read to the whole practice, or hand it back with a note to its writer.

    What is handed back stays with its writer; an edition that the practice took over before stays with the practice.
    Raises DraftChanged where a newer edition was published since, or the request was taken back.
    """
    scope.require(Permission.MANAGE_PRACTICE)
    work = work_for_decision(scope, work.id, lock=True)
    if accept and is_offered(work, version):
        return work
    if work.asked_at is None or work.version != version:
        raise DraftChanged(work)
    work.asked_at, work.note = None, note
    if accept:
        work.shelf, work.practice_version = Shelf.PRACTICE, version
    action = Action.OWN_OFFERED if accept else Action.OWN_HANDED_BACK
    record(scope, action, subject_id=work.id, kind=work.kind, version=version)
    return work


def withdraw_from_practice(scope: Scope, work: OwnWork, *, note: str = "") -> OwnWork:
    """Take a work back from the practice. Its writer keeps it; what was assigned with it goes on."""
    scope.require(Permission.MANAGE_PRACTICE)
    work = work_for_decision(scope, work.id, lock=True)
    if work.shelf == Shelf.PRACTICE:
        _put_on(work, Shelf.MINE)
        work.note = note
        record(scope, Action.OWN_HANDED_BACK, subject_id=work.id, kind=work.kind, version=work.version)
    return work


def retire(scope: Scope, work: OwnWork) -> OwnWork:
    """Let nobody assign a work any more. What was assigned with it goes on, and it can be published again."""
    scope.require(Permission.WRITE_OWN)
    work = my_work(scope, work.id, work.kind, lock=True)
    if work.shelf == Shelf.DRAFT:
        raise Refused("it was never published")
    if work.shelf != Shelf.RETIRED:
        _put_on(work, Shelf.RETIRED)
        record(scope, Action.OWN_RETIRED, subject_id=work.id, kind=work.kind, version=work.version)
    return work


def drop(scope: Scope, work: OwnWork) -> None:
    """Delete a draft of which nothing was ever published. Raises Refused for anything else."""
    scope.require(Permission.WRITE_OWN)
    work = my_work(scope, work.id, work.kind, lock=True)
    if work.version:
        raise Refused("something was published")
    scope.delete(work)


def is_offered(work: OwnWork, version: int) -> bool:
    """Say whether every therapist of the practice can assign this very edition."""
    return work.shelf == Shelf.PRACTICE and work.practice_version == version


def _put_on(work: OwnWork, shelf: Shelf) -> None:
    # Which edition was offered last stays: journeys that were armed with it go on.
    work.shelf, work.asked_at = shelf, None
