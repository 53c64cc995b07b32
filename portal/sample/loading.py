"""Loads the sample world into an empty instance, and remembers there who is in it."""

import gc
import json
import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, inspect, select

from portal.access.scope import Records
from portal.access.vault import create_key_file, read_key_file
from portal.config import Config
from portal.kit.clock import HeldClock, SystemClock
from portal.kit.db import open_engine
from portal.kit.migrations import migrate, unmigrate
from portal.people.models import Practice
from portal.people.passwords import Hasher
from portal.sample.world import PASSWORD, build_world

MARKER = "sample"
DEFAULT_SEED = 1


class NotEmpty(RuntimeError):
    """The database holds a practice already; the sample world is only ever put into an empty one."""


def load_sample(config: Config, *, seed: int = DEFAULT_SEED) -> dict[str, Any]:
    """Build the sample world in an instance and return who is in it, as it is kept in the instance's marker.

    Makes the secrets file where there is none, and brings an empty database to the newest schema. Raises
    NotEmpty for a database that holds a practice, whether real or a sample.
    """
    with _quick_engine(config.database_url) as engine:
        if _holds_a_practice(engine):
            raise NotEmpty
        if not config.secrets_file.exists():
            create_key_file(config.secrets_file)
        # One hash for all: it takes a third of a second on purpose, and the schema is made meanwhile.
        with ThreadPoolExecutor(max_workers=1) as beside:
            hashed: Future[str] = beside.submit(lambda: Hasher().hash(PASSWORD))
            migrate(engine)
            now = SystemClock().now()
            records = Records.open(engine, read_key_file(config.secrets_file), HeldClock(now))
            try:
                world = build_world(records, seed=seed, now=now, password_hash=hashed.result())
            except BaseException:
                # Half a world could neither be used nor loaded again.
                unmigrate(engine, to="base")
                raise
    found = {"seed": seed} | world.as_json()
    _write_marker(config.instance / MARKER, found)
    return found


def read_sample(config: Config) -> dict[str, Any] | None:
    """Return who is in the sample world of this instance, or None for an instance without one."""
    try:
        found: dict[str, Any] = json.loads((config.instance / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def couple_id_of(config: Config, ref: str) -> str:
    """Return the id of the couple that a ref such as ``harbour-1`` names; any other text is taken for an id."""
    found = read_sample(config) or {"couples": []}
    return next((str(couple["id"]) for couple in found["couples"] if couple["ref"] == ref), ref)


def _holds_a_practice(engine: Engine) -> bool:
    if not inspect(engine).has_table(Practice.__tablename__):
        return False
    with closing(engine.connect()) as connection:
        return connection.execute(select(Practice.id).limit(1)).first() is not None


def _write_marker(path: Path, found: dict[str, Any]) -> None:
    text = json.dumps(found, ensure_ascii=False, indent=1)
    # It holds passwords, if only of invented people.
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text + "\n")


@contextmanager
def _quick_engine(url: str) -> Iterator[Engine]:
    """Open the database for loading: on SQLite without waiting for the disk, since a sample is loaded again."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _do_not_wait)
    collects = gc.isenabled()
    gc.disable()
    try:
        yield engine
    finally:
        engine.dispose()
        if collects:
            gc.enable()


def _do_not_wait(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=0")
