"""Huey as the portal uses it: plain JSON in a store that survives a power cut, and a worker that finishes its job."""

import json
import logging
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from huey import Huey, PostgresHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage
from sqlalchemy import make_url

NAME = "portal"
WAIT_FOR_LOCK_SECONDS = 30
DRAIN_SECONDS = 20
LONGEST_PAUSE_SECONDS = 1.0


class EmbeddedStorage(SqliteStorage):
    """Huey's SQLite store on the SQLite release that the portal trusts, not on the system's own."""

    integrity_error = sqlite.IntegrityError
    operational_error = sqlite.OperationalError

    def _create_connection(self) -> Any:
        connection = sqlite.connect(
            self.filename, timeout=self._timeout, check_same_thread=False, isolation_level=None
        )
        self._set_journal_mode(connection)
        # Full: a nudge that was taken is not taken again after a power cut.
        connection.execute("pragma synchronous=2")
        return connection


class JsonSerializer(Serializer):
    """Writes jobs as JSON. Huey's default would run whatever code somebody puts into the store."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(**json.loads(bytes(data)))


class _DrainingConsumer(Consumer):
    """A consumer that finishes what it is doing on SIGTERM and on Ctrl-C alike."""

    def __init__(self, huey: Huey, **options: Any) -> None:
        super().__init__(huey, graceful_signal="TERM", shutdown_timeout=DRAIN_SECONDS, **options)
        self._signal_actions = {signal.SIGTERM: (False, True), signal.SIGINT: (False, True)}


class Queue:
    """A store of jobs: each is a name and its payload, to be done by one function, with a sweep each minute."""

    def __init__(self, huey: Huey, act: Callable[..., None], *, sweep: Callable[[], None]) -> None:
        self._huey = huey
        self._run = huey.task(name="run")(act)
        huey.periodic_task(crontab(), name="sweep")(sweep)

    def put(self, name: str, payload: Mapping[str, object]) -> None:
        """Put a job into the store."""
        self._run(name, payload)

    def waiting(self) -> int:
        """Return how many jobs nobody has taken yet."""
        return int(self._huey.pending_count())

    def work(self, *, workers: int) -> None:
        """Do jobs until SIGTERM or Ctrl-C."""
        _DrainingConsumer(
            self._huey, workers=workers, worker_type="thread", max_delay=LONGEST_PAUSE_SECONDS
        ).run()

    def close(self) -> None:
        """Close the connection to the store."""
        self._huey.storage.close()


def open_store(database_url: str, *, folder: Path, immediate: bool) -> Huey:
    """Return Huey on the store that goes with a database: PostgreSQL's own tables, or a file in the folder."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    shared = {"results": False, "serializer": JsonSerializer(), "immediate": immediate}
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        # Huey wants the address as PostgreSQL itself writes it, without SQLAlchemy's driver.
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey(NAME, dsn=dsn, **shared)
    folder.mkdir(parents=True, exist_ok=True)
    file = str(folder / "jobs.db")
    return Huey(NAME, storage_class=EmbeddedStorage, filename=file, timeout=WAIT_FOR_LOCK_SECONDS, **shared)
