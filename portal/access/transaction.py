"""A transaction of one practice, or of none: its fence, its keys, and what it tells the database."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    Session,
    SessionTransaction,
    with_loader_criteria,
)

from portal.access.keys import STRONGBOX, Strongbox, pending_of, seal_pending
from portal.access.questions import Question
from portal.access.vault import KeyRing
from portal.kit.db import APPLICATION_ROLE, PracticeOwned

PRACTICE_ID = "practice_id"
READS_ONLY = "read_only"
UNFENCED = "unfenced"


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
    if session.info.get(READS_ONLY) and (session.new or session.dirty or session.deleted):
        raise ReadOnly("this scope only reads")
    for row in [*session.new, *session.dirty]:
        if not isinstance(row, PracticeOwned):
            continue
        if practice is not None and row.practice_id != practice:
            raise WrongPractice(f"a row of {type(row).__name__} belongs to another practice")
        if pending_of(row):
            seal_pending(session, row)


def _tell_the_database(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    # A session that goes on where questions were put finds its connection told.
    if not isinstance(session.bind, Connection):
        _tell(connection, session.info.get(PRACTICE_ID))


def _tell(connection: Connection, practice_id: str | None) -> None:
    if connection.dialect.name != "postgresql":
        return
    # Superusers and owners pass row-level security by; the application role doesn't.
    connection.execute(text(f"SET LOCAL ROLE {APPLICATION_ROLE}"))
    connection.execute(
        text("SELECT set_config('portal.practice', :practice, true)"), {"practice": practice_id or ""}
    )


event.listen(FencedSession, "do_orm_execute", _fence)
event.listen(FencedSession, "before_flush", _check_rows)
event.listen(FencedSession, "after_begin", _tell_the_database)


class Transaction:
    """What happens at once. Questions need a connection only; the session is made when rows are first asked for.

    ``practice_id`` is None for the tables that belong to no practice.
    """

    def __init__(self, engine: Engine, ring: KeyRing, practice_id: str | None, *, read_only: bool) -> None:
        self.read_only = read_only
        self._engine = engine
        self._ring = ring
        self._practice_id = practice_id

    @cached_property
    def session(self) -> FencedSession:
        """The session of this transaction."""
        bind = self._reader if "_reader" in self.__dict__ else self._engine
        session = FencedSession(bind=bind, expire_on_commit=False)
        session.info.update({PRACTICE_ID: self._practice_id, READS_ONLY: self.read_only})
        session.info[STRONGBOX] = Strongbox(session, self._ring)
        return session

    def put(self, question: Question, values: dict[str, Any]) -> Sequence[Any]:
        """Put a question, and return what it finds."""
        if self.read_only and "session" not in self.__dict__:
            connection = self._reader
        else:
            self.session.flush()
            connection = self.session.connection()
        return connection.execute(question.statement, values).all()

    def blind(self, words: str) -> str:
        """Return the keyed fingerprint under which a text is looked up."""
        return self._ring.masters.blind(words)

    def commit(self) -> None:
        """Make everything durable."""
        if "session" in self.__dict__:
            self.session.commit()

    def rollback(self) -> None:
        """Undo everything since the last commit."""
        if "_reader" in self.__dict__:
            # What it was told ends with it, so that it must not be gone on with.
            self.close()
        elif "session" in self.__dict__:
            self.session.rollback()
            self.session.info[STRONGBOX].forget()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if (session := self.__dict__.pop("session", None)) is not None:
            session.close()
        if (reader := self.__dict__.pop("_reader", None)) is not None:
            reader.close()

    @cached_property
    def _reader(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin()
            _tell(connection, self._practice_id)
        except BaseException:
            connection.close()
            raise
        return connection
