"""Scope and fence: every query is asked by somebody, and sees one practice at most."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache, partial
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Select, and_, event, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    Session,
    SessionTransaction,
    with_loader_criteria,
)

from portal.access.filters import visible
from portal.access.keys import STRONGBOX, Strongbox, pending_of, seal_pending
from portal.access.policy import Permission, Refused, require
from portal.access.vault import KeyRing, MasterKeys
from portal.access.viewer import House, Viewer
from portal.kit.clock import Clock
from portal.kit.db import APPLICATION_ROLE, PracticeOwned, reading
from portal.kit.ids import new_id

log = logging.getLogger(__name__)

PRACTICE_ID = "practice_id"
UNFENCED = "unfenced"
WAKE = "wake"
T = TypeVar("T")
Wake = Callable[..., None]
"""Asks a worker to do a named job soon: the job's name, then its payload as keyword arguments."""
Row = TypeVar("Row", bound=PracticeOwned)


class Unfenced(RuntimeError):
    """A query was about to run although nobody said who is asking."""


class ReadOnly(RuntimeError):
    """Something was about to be written within a scope that only reads."""


class WrongPractice(RuntimeError):
    """A row of one practice was about to be written within the scope of another."""


class FencedSession(Session):
    """A session that filters every statement by the practice in its ``info`` and refuses to work without one."""


def _fence(state: ORMExecuteState) -> None:
    if state.session.info.get(UNFENCED):
        return
    practice = state.session.info.get(PRACTICE_ID)
    if practice is None:
        raise Unfenced("say who is asking before you query")
    state.statement = state.statement.options(_only(practice))


@lru_cache(maxsize=1024)
def _only(practice: str) -> LoaderCriteriaOption:
    """Return what keeps a statement to one practice; making it costs more than using it."""
    return with_loader_criteria(
        PracticeOwned, lambda model: model.practice_id == practice, include_aliases=True
    )


def _check_rows(session: Session, _context: object, _instances: object) -> None:
    practice = session.info.get(PRACTICE_ID)
    if session.info.get("read_only") and (session.new or session.dirty or session.deleted):
        raise ReadOnly("this scope only reads")
    for row in [*session.new, *session.dirty]:
        if not isinstance(row, PracticeOwned):
            continue
        if practice is not None and row.practice_id != practice:
            raise WrongPractice(f"a row of {type(row).__name__} belongs to another practice")
        if pending_of(row):
            seal_pending(session, row)


def _tell_the_database(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    # Superusers and owners pass row-level security by; the application role doesn't.
    connection.execute(text(f"SET LOCAL ROLE {APPLICATION_ROLE}"))
    practice = session.info.get(PRACTICE_ID) or ""
    connection.execute(text("SELECT set_config('portal.practice', :practice, true)"), {"practice": practice})


event.listen(FencedSession, "do_orm_execute", _fence)
event.listen(FencedSession, "before_flush", _check_rows)
event.listen(FencedSession, "after_begin", _tell_the_database)


class Scope:
    """A transaction together with who is asking. The only way for a room to reach the database."""

    def __init__(self, session: Session, viewers: Sequence[Viewer | House], clock: Clock) -> None:
        if not viewers:
            raise Unfenced("a scope needs somebody who asks")
        self.session = session
        self.viewers = tuple(viewers)
        self.clock = clock
        self.language: str | None = None
        """The language that whoever asks wants to read, such as ``es``; it decides about words only."""
        self._afterwards: list[Callable[[], None]] = []

    @property
    def viewer(self) -> Viewer | House:
        """Who is asking (in a joint scope: the first of those who must all be allowed)."""
        return self.viewers[0]

    @property
    def account_id(self) -> str:
        """The asking account. Raises Refused where the house itself is at work."""
        if self.viewer.account_id is None:
            raise Refused("no person is asking")
        return self.viewer.account_id

    @property
    def practice_id(self) -> str:
        """The practice that everything in this scope belongs to."""
        return self.viewer.practice_id

    @property
    def now(self) -> datetime:
        """The current moment by the scope's clock."""
        return self.clock.now()

    def select(self, model: type[Row], *more: type[PracticeOwned]) -> Select[Any]:
        """Start a query for rows that everybody who asks in this scope may see."""
        models: tuple[type[PracticeOwned], ...] = (model, *more)
        conditions = [visible(each, viewer, self.now) for each in models for viewer in self.viewers]
        return cast("Select[Any]", select(*models).where(and_(*conditions)))

    def all(self, query: Select[Any]) -> list[Any]:
        """Return the rows of a query for one table."""
        return list(self.session.scalars(query))

    def rows(self, query: Select[*tuple[Any, ...]]) -> list[Any]:
        """Return the rows of a query for several tables or columns as tuples."""
        return list(self.session.execute(query))

    def first(self, query: Select[Any]) -> Any | None:
        """Return the first row of a query for one table, or None."""
        return self.session.scalars(query.limit(1)).first()

    def one(self, query: Select[Any]) -> Any:
        """Return the one row that a query finds. Raises Refused when there is none (or none to be seen)."""
        found = self.first(query)
        if found is None:
            raise Refused("there is no such thing")
        return found

    def find(self, model: type[Row], row_id: str) -> Row:
        """Return a row by its id. Raises Refused when it isn't there or isn't for these eyes: both are one."""
        found: Row = self.one(self.select(model).where(model.id == row_id))
        return found

    def count(self, query: Select[Any]) -> int:
        """Return how many rows a query finds."""
        return self.session.scalar(select(func.count()).select_from(query.subquery())) or 0

    def add(self, row: Row) -> Row:
        """Add a row of this practice and write it at once, so that later rows may refer to it."""
        return self.add_all([row])[0]

    def add_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Add several rows of this practice in one go."""
        for row in rows:
            if row.practice_id is None:
                row.practice_id = self.practice_id
            if row.id is None:
                row.id = new_id()
        self.session.add_all(rows)
        self.session.flush()
        return rows

    def delete(self, row: PracticeOwned) -> None:
        """Delete a row."""
        self.session.delete(row)
        self.session.flush()

    def flush(self) -> None:
        """Write what was changed, without ending the transaction."""
        self.session.flush()

    def require(self, permission: Permission, *, couple_id: str | None = None) -> None:
        """Raise Refused unless the viewer holds the permission (and the couple is one of their own)."""
        for viewer in self.viewers:
            require(viewer, permission, couple_id=couple_id)

    def as_house(self, couple_id: str) -> "Scope":
        """Return a scope for a rule that needs both partners' rows at once, within the same transaction.

        Only the callers named in the house tests may ask for it. Raises Refused for a couple out of reach.
        """
        if couple_id not in self.viewer.couples:
            raise Refused("another couple")
        house = House(practice_id=self.practice_id, couples=frozenset({couple_id}))
        return self._asked_by([house])

    def joined_by(self, others: Sequence[Viewer]) -> "Scope":
        """Return a scope that sees only what the viewer and all the others may see."""
        if any(other.practice_id != self.practice_id for other in others):
            raise WrongPractice("people of two practices never share a scope")
        return self._asked_by([*self.viewers, *others])

    def _asked_by(self, viewers: Sequence[Viewer | House]) -> "Scope":
        scope = Scope(self.session, viewers, self.clock)
        # One transaction, so what is put off in either is done when either commits.
        scope._afterwards = self._afterwards
        return scope

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once this transaction is committed, such as waking a worker."""
        self._afterwards.append(act)

    def nudge(self, job: str, /, **payload: str) -> None:
        """Ask a worker to do a job soon, once this transaction is committed."""
        self.afterwards(partial(self.session.info[WAKE], job, **payload))

    def blind(self, words: str) -> str:
        """Return the keyed fingerprint under which a text such as a login name is looked up."""
        return str(self.session.info[STRONGBOX].blind(words))

    def commit(self) -> None:
        """Make everything durable, then do what was put off until now."""
        self.session.commit()
        waiting, self._afterwards[:] = list(self._afterwards), []
        for act in waiting:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - what was committed is done and must not look failed
                # Whatever was missed here is picked up by the next sweep. Only the kind of error is logged: its
                # text may hold what somebody wrote.
                kind = type(error).__name__
                log.error("something put off until after a commit failed: %s", kind)  # noqa: TRY400 - no text

    def rollback(self) -> None:
        """Undo everything since the last commit."""
        self.session.rollback()
        self.session.info[STRONGBOX].forget()
        self._afterwards.clear()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        self.session.close()


def leave_to_sweep(_job: str, /, **_payload: str) -> None:
    """Leave a job to the next sweep."""


@dataclass(frozen=True)
class Records:
    """The database with its keys and its clock: opens scopes."""

    engine: Engine
    ring: KeyRing
    clock: Clock
    wake: Wake = leave_to_sweep

    @classmethod
    def open(
        cls, engine: Engine, masters: MasterKeys, clock: Clock, *, wake: Wake | None = None
    ) -> "Records":
        """Return the records of a database that is opened with these master keys.

        ``wake`` is called after a commit for each job that the transaction asked for.
        """
        return cls(engine=engine, ring=KeyRing(masters), clock=clock, wake=wake or leave_to_sweep)

    def with_clock(self, clock: Clock) -> "Records":
        """Return the same records under another clock."""
        return replace(self, clock=clock)

    def scope(self, viewer: Viewer | House, *, read_only: bool = False) -> Scope:
        """Open a scope for somebody who asks. Close it, or use ``within``."""
        return Scope(self._session(viewer.practice_id, read_only=read_only), [viewer], self.clock)

    @contextmanager
    def within(self, viewer: Viewer | House, *, read_only: bool = False) -> Iterator[Scope]:
        """Open a scope, commit it at the end unless it only reads, undo it on an error."""
        scope = self.scope(viewer, read_only=read_only)
        try:
            yield scope
            if not read_only:
                scope.commit()
        except BaseException:
            scope.rollback()
            raise
        finally:
            scope.close()

    @contextmanager
    def unfenced(self, *, read_only: bool = True) -> Iterator[Session]:
        """Open a session that belongs to no practice: for tables that have none. Callers are listed by name."""
        session = self._session(None, read_only=read_only)
        session.info[UNFENCED] = True
        try:
            yield session
            if not read_only:
                session.commit()
        finally:
            session.close()

    @cached_property
    def _readers(self) -> Engine:
        return reading(self.engine)

    def _session(self, practice_id: str | None, *, read_only: bool) -> FencedSession:
        session = FencedSession(bind=self._readers if read_only else self.engine, expire_on_commit=False)
        session.info.update({PRACTICE_ID: practice_id, "read_only": read_only, WAKE: self.wake})
        session.info[STRONGBOX] = Strongbox(session, self.ring)
        return session
