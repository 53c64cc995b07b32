"""Works that therapists wrote: one's own, those that can be assigned now, and those an administrator decides about."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, or_

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork, Shelf
from portal.people.models import Account


def my_works(scope: Scope, kind: OwnKind) -> list[OwnWork]:
    """Return everything of a kind that the asking therapist wrote, what was changed last first."""
    return scope.all(_mine(scope).where(OwnWork.kind == kind).order_by(OwnWork.changed_at.desc(), OwnWork.id))


def my_work(scope: Scope, work_id: str, kind: OwnKind, *, lock: bool = False) -> OwnWork:
    """Return one of the asking therapist's works. Raises Refused for somebody else's, and for another kind.

    With ``lock`` nobody else changes it until the commit, and it is read as it is now.
    """
    query = _mine(scope).where(OwnWork.id == work_id, OwnWork.kind == kind)
    return _found(scope, query, lock=lock)


def is_mine(scope: Scope, work_id: str) -> bool:
    """Say whether the asking therapist wrote a work."""
    return scope.first(_mine(scope).where(OwnWork.id == work_id)) is not None


def any_work(scope: Scope, work_id: str) -> OwnWork:
    """Return one of the asking therapist's works of whichever kind. Raises Refused for somebody else's."""
    return _found(scope, _mine(scope).where(OwnWork.id == work_id), lock=False)


def editions(scope: Scope, work: OwnWork) -> list[OwnEdition]:
    """Return the published editions of a work that was looked up before, the newest first."""
    query = scope.select(OwnEdition).where(OwnEdition.work_id == work.id)
    return scope.all(query.order_by(OwnEdition.version.desc()))


def edition(scope: Scope, work: OwnWork, version: int) -> OwnEdition:
    """Return one published edition of a work that was looked up before. Raises Refused where there is no such one."""
    query = scope.select(OwnEdition).where(OwnEdition.work_id == work.id, OwnEdition.version == version)
    found: OwnEdition = scope.one(query)
    return found


def editions_at_hand(scope: Scope, kind: OwnKind) -> list[OwnEdition]:
    """Return what the asking therapist can assign now: the newest of one's own, of others what the practice offers."""
    return scope.all(_on_offer(scope, kind).order_by(OwnEdition.work_id))


def edition_named(
    scope: Scope, kind: OwnKind, slug: str, *, for_journey_of: str | None = None
) -> OwnEdition | None:
    """Return the edition under a slug that the asking therapist can assign now, if there is one.

    ``for_journey_of`` is the therapist on whose behalf the house or another therapist asks, for something that was
    armed before; it is found then even if it was taken off the shelf since.
    """
    query = _on_offer(scope, kind) if for_journey_of is None else _for(scope, kind, for_journey_of)
    found: OwnEdition | None = scope.first(query.where(OwnWork.slug == slug))
    return found


def _on_offer(scope: Scope, kind: OwnKind) -> Select[Any]:
    scope.require(Permission.WRITE_OWN)
    mine = and_(OwnWork.owner_id == scope.account_id, OwnWork.shelf == Shelf.MINE)
    return _for(scope, kind, scope.account_id).where(or_(mine, OwnWork.shelf == Shelf.PRACTICE))


def _for(scope: Scope, kind: OwnKind, owner_id: str) -> Select[Any]:
    """Start a query for one edition of each work: the newest for its owner, for others the one that was offered."""
    theirs = case((OwnWork.owner_id == owner_id, OwnWork.version), else_=OwnWork.practice_version)
    return (
        scope.select(OwnEdition)
        .join(OwnWork, and_(OwnWork.practice_id == OwnEdition.practice_id, OwnWork.id == OwnEdition.work_id))
        .where(OwnWork.kind == kind, OwnEdition.version == theirs)
    )


def version_to_read(work: OwnWork) -> int:
    """Return the edition that an administrator may read: the newest once it was asked about, else the one on offer."""
    return work.version if work.asked_at is not None else work.practice_version


def editions_to_read(scope: Scope, works: Sequence[OwnWork]) -> dict[str, OwnEdition]:
    """Return the editions that an administrator may read, by work. One query."""
    scope.require(Permission.MANAGE_PRACTICE)
    wanted = {each.id: version_to_read(each) for each in works}
    rows = scope.all(scope.select(OwnEdition).where(OwnEdition.work_id.in_(sorted(wanted))))
    return {each.work_id: each for each in rows if each.version == wanted[each.work_id]}


def writers(scope: Scope, account_ids: Collection[str]) -> dict[str, str]:
    """Return the names of those who wrote some works, by account."""
    scope.require(Permission.MANAGE_PRACTICE)
    query = scope.select(Account).where(Account.id.in_(sorted(account_ids)))
    return {each.id: each.name for each in scope.all(query)}


def waiting_count(scope: Scope) -> int:
    """Return how many works wait for an administrator's decision."""
    scope.require(Permission.MANAGE_PRACTICE)
    return scope.count(scope.select(OwnWork).where(_is_asked()))


def works_for_decision(scope: Scope) -> list[OwnWork]:
    """Return the works that therapists asked to be offered to the practice, and those it offers; oldest request first."""
    scope.require(Permission.MANAGE_PRACTICE)
    query = scope.select(OwnWork).where(or_(_is_asked(), OwnWork.shelf == Shelf.PRACTICE))
    return scope.all(query.order_by(OwnWork.asked_at, OwnWork.title, OwnWork.id))


def work_for_decision(scope: Scope, work_id: str, *, lock: bool = False) -> OwnWork:
    """Return one of the works that an administrator may read. Raises Refused for any other: those are their writers'."""
    scope.require(Permission.MANAGE_PRACTICE)
    query = scope.select(OwnWork).where(
        OwnWork.id == work_id, or_(_is_asked(), OwnWork.shelf == Shelf.PRACTICE)
    )
    return _found(scope, query, lock=lock)


def _is_asked() -> Any:
    return and_(OwnWork.asked_at.is_not(None), OwnWork.shelf.in_([Shelf.MINE, Shelf.PRACTICE]))


def _mine(scope: Scope) -> Select[Any]:
    # The table belongs to the practice as a whole; whose work it is is said here, in each query.
    scope.require(Permission.WRITE_OWN)
    return scope.select(OwnWork).where(OwnWork.owner_id == scope.account_id)


def _found(scope: Scope, query: Select[Any], *, lock: bool) -> OwnWork:
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: OwnWork = scope.one(query)
    return found
