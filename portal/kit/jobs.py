"""Work that happens apart from a request: named jobs, a nudge to do one soon, and a sweep each minute.

The rows in our own tables are the truth. A nudge only says that there may be something to do, so losing one
costs at most a minute: handlers look at the rows, and doing one twice must do no harm.
"""

import json
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from huey import Huey, PostgresHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage
from sqlalchemy import make_url

log = logging.getLogger(__name__)

QUEUE = "portal"
WAIT_FOR_LOCK_SECONDS = 30
DRAIN_SECONDS = 20
LONGEST_PAUSE_SECONDS = 1.0
SWEEP = "sweep"

Handler = Callable[..., None]
Plain = str | int | bool | None


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


class Jobs:
    """The queue of one portal, and the handlers of its jobs by name."""

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._handlers: dict[str, Handler] = {}
        self._sweeps: dict[str, Callable[[], None]] = {}
        self._run = huey.task(name="run")(self._run_one)
        huey.periodic_task(crontab(), name=SWEEP)(self.sweep)

    def register(self, name: str, handler: Handler) -> None:
        """Name the function that does a job. It is called with the nudge's payload as keyword arguments."""
        self._handlers[name] = handler

    def each_minute(self, name: str, sweep: Callable[[], None]) -> None:
        """Have something looked after each minute: whatever a lost nudge or a crash has left undone."""
        self._sweeps[name] = sweep

    def nudge(self, name: str, /, **payload: Plain) -> None:
        """Ask the worker to do a job soon. Never fails: what can't be asked for is found by the next sweep."""
        try:
            self._run(name, payload)
        except Exception as error:  # noqa: BLE001 - the cause is committed already and must not look failed
            log.warning("the worker could not be nudged for %s: %s", name, type(error).__name__)

    def sweep(self) -> None:
        """Run every sweep once; one that fails doesn't keep the others from running."""
        for name, act in self._sweeps.items():
            _guarded(f"sweep {name}", act)

    def waiting(self) -> int:
        """Return how many nudges nobody has taken yet."""
        return int(self._huey.pending_count())

    def run_worker(self, *, workers: int = 1) -> None:
        """Do jobs until SIGTERM or Ctrl-C; then finish what was begun, for at most twenty seconds."""
        consumer = _DrainingConsumer(
            self._huey, workers=workers, worker_type="thread", max_delay=LONGEST_PAUSE_SECONDS
        )
        consumer.run()

    def close(self) -> None:
        """Close the connection to the store."""
        self._huey.storage.close()

    def _run_one(self, name: str, payload: dict[str, Plain]) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            log.error("there is no job named %s", name)
            return
        _guarded(f"job {name}", lambda: handler(**payload))


def _guarded(what: str, act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - a worker outlives whatever one job runs into
        # The kind and the place only: an error's text may hold what somebody wrote.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        log.error("%s failed: %s at %s", what, type(error).__name__, where)  # noqa: TRY400


def open_jobs(database_url: str, *, folder: Path, immediate: bool = False) -> Jobs:
    """Return the queue that goes with a database: its own tables on PostgreSQL, ``jobs.db`` in the folder otherwise.

    ``immediate`` runs every nudged job at once, in the caller's thread; for tests.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    shared = {"results": False, "serializer": JsonSerializer(), "immediate": immediate}
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        # Huey wants the address as PostgreSQL itself writes it, without SQLAlchemy's driver.
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Jobs(PostgresHuey(QUEUE, dsn=dsn, **shared))
    folder.mkdir(parents=True, exist_ok=True)
    file = str(folder / "jobs.db")
    return Jobs(
        Huey(QUEUE, storage_class=EmbeddedStorage, filename=file, timeout=WAIT_FOR_LOCK_SECONDS, **shared)
    )
