"""Work that happens apart from a request: named jobs, a nudge to do one soon, and a sweep each minute.

The rows in our own tables are the truth. A nudge only says that there may be something to do, so losing one
costs at most a minute: handlers look at the rows, and doing one twice must do no harm.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.kit.job_queue import Queue

log = logging.getLogger(__name__)

Handler = Callable[..., None]
Plain = str | int | bool | None


class Jobs:
    """The queue of one portal, and the handlers of its jobs by name. Its store is opened when it is first used.

    The store goes with the database: tables of its own on PostgreSQL, ``jobs.db`` in the folder otherwise.
    ``immediate`` runs every nudged job at once, in the caller's thread; for tests.
    """

    def __init__(self, database_url: str, *, folder: Path, immediate: bool = False) -> None:
        self._database_url, self._folder, self._immediate = database_url, folder, immediate
        self._handlers: dict[str, Handler] = {}
        self._sweeps: dict[str, Callable[[], None]] = {}
        self._opened: Queue | None = None
        self._opening = Lock()

    def register(self, name: str, handler: Handler) -> None:
        """Name the function that does a job. It is called with the nudge's payload as keyword arguments."""
        self._handlers[name] = handler

    def each_minute(self, name: str, sweep: Callable[[], None]) -> None:
        """Have something looked after each minute: whatever a lost nudge or a crash has left undone."""
        self._sweeps[name] = sweep

    def nudge(self, name: str, /, **payload: Plain) -> None:
        """Ask the worker to do a job soon. Never fails: what can't be asked for is found by the next sweep."""
        try:
            self._queue().put(name, payload)
        except Exception as error:  # noqa: BLE001 - the cause is committed already and must not look failed
            log.warning("the worker could not be nudged for %s: %s", name, type(error).__name__)

    def sweep(self) -> None:
        """Run every sweep once; one that fails doesn't keep the others from running."""
        for name, act in self._sweeps.items():
            _guarded(f"sweep {name}", act)

    def waiting(self) -> int:
        """Return how many nudges nobody has taken yet."""
        return self._queue().waiting()

    def run_worker(self, *, workers: int = 1) -> None:
        """Do jobs until SIGTERM or Ctrl-C; then finish what was begun, for at most twenty seconds."""
        self._queue().work(workers=workers)

    def close(self) -> None:
        """Close the connection to the store."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()

    def _queue(self) -> "Queue":
        # With Huey come drivers of databases, which take longer to import than all pages together; a process that
        # never puts a job into the store, or takes one out, starts without them.
        from portal.kit.job_queue import Queue, open_store  # noqa: PLC0415 - see above

        with self._opening:
            if self._opened is None:
                store = open_store(self._database_url, folder=self._folder, immediate=self._immediate)
                self._opened = Queue(store, self._run_one, sweep=self.sweep)
            return self._opened

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
        log.error("%s failed: %s at %s", what, type(error).__name__, where)  # noqa: TRY400 - no trace either
