"""``portal serve`` and ``portal web``: the web server, with the job worker beside it or without."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from typing import Any
from urllib.parse import urlsplit

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from portal.cli.family import Companion, stop_with
from portal.cli.opening import close_parts, plainly, records_to_work_on, settings

DRAIN_SECONDS = 20
KNOCK_EVERY_SECONDS = 0.05
DEFAULT_WORKERS = 2
MOST_FAILURES = 5


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="0 takes any free port.")
@click.option(
    "--workers",
    default=DEFAULT_WORKERS,
    show_default=True,
    help="Web processes; each answers one request at a time.",
)
@plainly
def serve(*, host: str, port: int, workers: int) -> None:
    """Run web server and job worker together until SIGTERM; both finish what they are doing."""
    worker = [sys.executable, "-m", "portal.cli", "jobs", "work", "--parent", str(os.getpid())]
    _serve(host=host, port=port, workers=workers, companion=Companion(worker))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="0 takes any free port.")
@click.option(
    "--workers",
    default=DEFAULT_WORKERS,
    show_default=True,
    help="Web processes; each answers one request at a time.",
)
@plainly
def web(*, host: str, port: int, workers: int) -> None:
    """Run the web server alone, for a machine whose jobs are done elsewhere."""
    _serve(host=host, port=port, workers=workers, companion=None)


def _serve(*, host: str, port: int, workers: int, companion: Companion | None) -> None:
    address = "127.0.0.1" if host == "localhost" else host
    config = settings()
    _check_reach(address, proxies=config.trusted_proxies)
    # Told here in a sentence, rather than by each worker in a traceback.
    records_to_work_on().engine.dispose()
    port = _take_port(address, port)
    shown = f"http://{f'[{address}]' if ':' in address else address}:{port}"
    _tell_children(shown, base_url=config.base_url)
    Server(address, port=port, workers=workers, shown=shown, companion=companion).run()


def _check_reach(host: str, *, proxies: int) -> None:
    from portal.config import is_loopback

    if not is_loopback(host) and not proxies:
        raise click.ClickException(
            f"Plain http on {host} could be read on its way. Listen on 127.0.0.1, or put a proxy that speaks https "
            "in front and set trusted_proxies."
        )


def _take_port(host: str, port: int) -> int:
    """Return the port to listen on; each worker opens it for itself, so it must be free before any of them does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise click.ClickException(f"Can't listen on {host}, port {port}: {error.strerror}.") from None


def _tell_children(shown: str, *, base_url: str) -> None:
    """Let links lead to where the portal really listens, as long as it is only reached on this machine."""
    from portal.config import is_loopback

    base = urlsplit(base_url)
    if base.scheme == "http" and is_loopback(base.hostname or "") and "PORTAL_BASE_URL" not in os.environ:
        os.environ["PORTAL_BASE_URL"] = shown


class Respawns(dict[int, float]):
    """When workers were last started anew, by number, as far as granian asks whether to give up.

    A worker that had got as far as serving was ended from outside, by a person or for want of memory, and may
    always come back. Workers that can't even start are given up: at once if none ever did, else after a few.
    """

    def __init__(self, loads: Any) -> None:
        super().__init__()
        self._loads = loads
        self._seen = 0
        self._failures = 0

    def get(self, _key: int, _default: Any = 0.0) -> Any:
        """Return a moment just now where granian should give up, and one long ago where it should not."""
        served = self._loads.value > self._seen
        self._seen = self._loads.value
        self._failures = 0 if served else self._failures + 1
        give_up = self._failures > (MOST_FAILURES if self._seen else 0)
        return time.monotonic() if give_up else 0.0


class Server(MPServer):
    """The web server: one request at a time in each process, and a companion that starts and ends with it."""

    def __init__(
        self, host: str, *, port: int, workers: int, shown: str, companion: Companion | None
    ) -> None:
        super().__init__(
            "portal.app:create_serving_app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=1,
            websockets=False,
            log_level=LogLevels.warning,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=DRAIN_SECONDS,
        )
        self._shown = shown
        self._companion = companion
        method = multiprocessing.get_start_method()
        context = multiprocessing.get_context(method if method in {"fork", "spawn"} else "spawn")
        self._loads = context.Value("i", 0)
        self.respawned_wrks = Respawns(self._loads)
        self.on_startup(self._begin)

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        self.serve(target_loader=partial(_load, os.getpid(), self._loads), wrap_loader=False)

    def shutdown(self, exit_code: int = 0) -> None:
        """Let the web processes and the companion finish, both at once."""
        if self._companion is not None:
            self._companion.ask_to_stop()
        try:
            super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # granian annotates only a part
        finally:
            if self._companion is not None:
                self._companion.wait()

    def _spawn_worker(self, *given: Any, **named: Any) -> WorkerProcess:
        worker: WorkerProcess = super()._spawn_worker(*given, **named)
        worker.is_alive = partial(is_running, worker.inner)  # type: ignore[method-assign]  # see is_running
        return worker

    def _begin(self) -> None:
        if self._companion is not None:
            self._companion.start()
        threading.Thread(target=self._announce, name="announce", daemon=True).start()

    def _announce(self) -> None:
        """Print the one line that says that everything is ready, once it is."""
        while self._loads.value < self.workers or not self._answers():
            if self.interrupt_signal:
                return
            time.sleep(KNOCK_EVERY_SECONDS)
        print(f"Listening on {self._shown}", flush=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.bind_addr, self.bind_port), timeout=1):
                return True
        except OSError:
            return False


def is_running(process: BaseProcess) -> bool:
    """Say whether a process runs, however many threads wait for its end.

    granian waits for a worker in two threads. The one that comes second is told by ``Process.is_alive`` that the
    worker still runs until the first has noted how it ended, and would then log that it had to be killed. What the
    system itself closes with the process has no such gap.
    """
    return not wait([process.sentinel], timeout=0)


def _load(parent: int, loads: Any) -> Any:
    """Make the app in a web process."""
    # Ctrl-C reaches everybody in a terminal's group. A web process that its parent tells to stop in the same moment
    # can miss both, so it leaves the group and hears of it from its parent alone.
    os.setpgid(0, 0)
    # Until the server takes them over, signals end the process instead of doing what they do in its parent.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)
    stop_with(parent)
    from portal.app import create_serving_app

    app = create_serving_app()
    # The last thing before this process waits for those that it has started itself.
    Finalize(None, close_parts, args=(app,), exitpriority=1)
    with loads.get_lock():
        loads.value += 1
    return app
