"""Scopes: every query is asked by somebody, and sees what is for their eyes."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Select, and_, func, select
from sqlalchemy.orm import Session

from portal.access.filters import visible
from portal.access.policy import Permission, Refused, require
from portal.access.questions import MOMENT, Question, who_asks
from portal.access.transaction import UNFENCED, Transaction, Unfenced, WrongPractice
from portal.access.vault import KeyRing, MasterKeys
from portal.access.viewer import House, Viewer
from portal.kit.clock import Clock
from portal.kit.db import ONE, PracticeOwned, reading
from portal.kit.ids import new_id

log = logging.getLogger(__name__)

T = TypeVar("T")
Wake = Callable[..., None]
"""Asks a worker to do a named job soon: the job's name, then its payload as keyword arguments."""
Row = TypeVar("Row", bound=PracticeOwned)


class Scope:
    """A transaction together with who is asking. The only way for a room to reach the database."""

    def __init__(
        self, transaction: Transaction, viewers: Sequence[Viewer | House], clock: Clock, wake: Wake
    ) -> None:
        if not viewers:
            raise Unfenced("a scope needs somebody who asks")
        self.viewers = tuple(viewers)
        self.clock = clock
        self._transaction = transaction
        self._wake = wake
        self.choose_language: Callable[[], str | None] = _any_language
        """Says which language whoever asks wants to read, such as ``es``; it decides about words only."""
        self._afterwards: list[Callable[[], None]] = []

    @property
    def session(self) -> Session:
        """The session that rows belong to."""
        return self._transaction.session

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
    def language(self) -> str | None:
        """The language to read in, or None for that of the source."""
        return self.choose_language()

    @language.setter
    def language(self, language: str | None) -> None:
        self.choose_language = lambda: language

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
        return self.session.scalars(query.limit(ONE)).first()

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

    def put(self, question: Question, **values: Any) -> Any | None:
        """Put a question that was worded once, and return the first row that it finds, or None."""
        return next(iter(self._answers(question, values)), None)

    def put_for_all(self, question: Question, **values: Any) -> list[Any]:
        """Put a question that was worded once, and return every row that it finds."""
        return list(self._answers(question, values))

    def _answers(self, question: Question, values: dict[str, Any]) -> Sequence[Any]:
        if len(self.viewers) > 1:
            raise Refused("a question is asked by one")
        return self._transaction.put(question, values | who_asks(self.viewer) | {MOMENT.key: self.now})

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

    def turned_to(self, viewer: Viewer) -> "Scope":
        """Return a scope for somebody whom the house has just recognised, within the same transaction."""
        if not isinstance(self.viewer, House):
            raise Refused("only the house can tell who somebody is")
        if viewer.practice_id != self.practice_id:
            raise WrongPractice("somebody of another practice")
        return self._asked_by([viewer])

    def joined_by(self, others: Sequence[Viewer]) -> "Scope":
        """Return a scope that sees only what the viewer and all the others may see."""
        if any(other.practice_id != self.practice_id for other in others):
            raise WrongPractice("people of two practices never share a scope")
        return self._asked_by([*self.viewers, *others])

    def _asked_by(self, viewers: Sequence[Viewer | House]) -> "Scope":
        scope = Scope(self._transaction, viewers, self.clock, self._wake)
        # One transaction, so what is put off in either is done when either commits.
        scope._afterwards = self._afterwards
        return scope

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once this transaction is committed, such as waking a worker."""
        self._afterwards.append(act)

    def nudge(self, job: str, /, **payload: str) -> None:
        """Ask a worker to do a job soon, once this transaction is committed."""
        self.afterwards(partial(self._wake, job, **payload))

    def blind(self, words: str) -> str:
        """Return the keyed fingerprint under which a text such as a login name is looked up."""
        return self._transaction.blind(words)

    def commit(self) -> None:
        """Make everything durable, then do what was put off until now."""
        self._transaction.commit()
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
        self._transaction.rollback()
        self._afterwards.clear()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        self._transaction.close()


def _any_language() -> None:
    return None


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
        transaction = self._transaction(viewer.practice_id, read_only=read_only)
        return Scope(transaction, [viewer], self.clock, self.wake)

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
        transaction = self._transaction(None, read_only=read_only)
        transaction.session.info[UNFENCED] = True
        try:
            yield transaction.session
            if not read_only:
                transaction.commit()
        finally:
            transaction.close()

    @cached_property
    def _readers(self) -> Engine:
        return reading(self.engine)

    def _transaction(self, practice_id: str | None, *, read_only: bool) -> Transaction:
        engine = self._readers if read_only else self.engine
        return Transaction(engine, self.ring, practice_id, read_only=read_only)
