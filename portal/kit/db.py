"""The database: engines for SQLite and PostgreSQL, column types, naming convention and the practice key."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
    literal_column,
    make_url,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from portal.kit.ids import ID_LENGTH, new_id

# Releases before 3.51.3 can corrupt a write-ahead log that two connections checkpoint at once.
OLDEST_SAFE_SQLITE = (3, 51, 3)
READ_ONLY = "portal_read_only"
APPLICATION_ROLE = "portal_app"
BUSY_TIMEOUT_MS = 30_000

ONE = literal_column("1", type_=Integer())
"""For ``limit``: SQLite plans a statement anew each time that its limit comes as a parameter."""

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on both engines. Naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy fixes the parameters
    ) -> datetime | None:
        """Return an aware moment in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy's documented class attribute


class PracticeOwned:
    """A row that belongs to one practice: its key and every foreign key lead with ``practice_id``."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (practice_key(),)

    practice_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)


def practice_key() -> ForeignKeyConstraint:
    """Return the foreign key from ``practice_id`` to the practice."""
    return ForeignKeyConstraint(["practice_id"], ["practice.id"])


def owned_key(column: str, table: str, *, cascade: bool = False) -> ForeignKeyConstraint:
    """Return a foreign key to a row of the same practice, so that it can't point into another one."""
    return ForeignKeyConstraint(
        ["practice_id", column],
        [f"{table}.practice_id", f"{table}.id"],
        ondelete="CASCADE" if cascade else None,
    )


class UnsafeDatabase(RuntimeError):
    """The database library or its settings can't be trusted with these records."""


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine for a SQLite or PostgreSQL URL with every safety setting of the house switched on.

    Raises UnsafeDatabase when the SQLite library is one that can corrupt its log, and ValueError for another
    kind of database.
    """
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        return _open_sqlite(url)
    if kind == "postgresql":
        return create_engine(
            url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True
        )
    raise ValueError(f"The database must be SQLite or PostgreSQL, not {kind}.")


def _open_sqlite(url: str) -> Engine:
    if sqlite.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise UnsafeDatabase(f"SQLite {sqlite.sqlite_version} is too old: 3.51.3 or newer is needed.")
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
        # Nobody else on the machine may read the file; its log files take over the same rights.
        Path(database).touch(mode=0o600, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


PRAGMAS: Mapping[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_MS,
    "secure_delete": 1,
    "temp_store": 2,
    "mmap_size": 0,
    "trusted_schema": 0,
}


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    # The timeout goes first, because switching to the write-ahead log may itself have to wait.
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    # A writer takes its lock at once: a deferred transaction that reads first can't be upgraded under load.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def reading(engine: Engine) -> Engine:
    """Return the same engine for transactions that only read: they neither wait for writers nor block them."""
    options: dict[str, Any] = {READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    return engine.execution_options(**options)


def check_settings(engine: Engine) -> list[str]:
    """Return one sentence for each safety setting of the open database that isn't as it must be."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return [
                f"SQLite's {name} is {found}, it must be {wanted}."
                for name, wanted in PRAGMAS.items()
                if (found := connection.exec_driver_sql(f"PRAGMA {name}").scalar()) != wanted
            ]
        durable = connection.execute(text("SHOW synchronous_commit")).scalar()
        return [] if durable == "on" else [f"PostgreSQL's synchronous_commit is {durable}, it must be on."]
