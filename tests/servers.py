"""Real portal processes on this machine, for tests that need a browser or two halves that talk to each other."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PORTAL = Path(sys.executable).with_name("portal")
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class LiveServer:
    """A running server: where it is reached, its instance folder, and what it has printed so far."""

    url: str
    instance: Path
    log: Path
    process: subprocess.Popen[bytes]

    def printed(self) -> str:
        """Return everything that the server has written to its outputs."""
        return self.log.read_text(errors="replace")


@contextmanager
def live_server(
    instance: Path,
    *,
    command: Sequence[str | Path] = (PORTAL, "serve"),
    settings: Mapping[str, str] | None = None,
) -> Iterator[LiveServer]:
    """Start a server on a free loopback port, wait until it listens, and stop it politely afterwards.

    ``settings`` are further ``PORTAL_*`` variables. A server that does not stop within thirty seconds of
    SIGTERM, or that stops with a failure, fails the test.
    """
    instance.mkdir(parents=True, exist_ok=True)
    port = free_port()
    log = instance.parent / f"{instance.name}-{port}.log"
    environment = (
        portal_environment(instance) | {"PORTAL_BASE_URL": f"http://127.0.0.1:{port}"} | (settings or {})
    )
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with process:
        try:
            url = _wait_until_it_listens(process, log=log)
            yield LiveServer(url=url, instance=instance, log=log, process=process)
            _stop(process, log=log)
        finally:
            process.kill()


def portal_environment(instance: Path) -> dict[str, str]:
    """Return the variables for a portal process on one instance folder, free of this shell's own settings."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return outside | {
        "PORTAL_INSTANCE": str(instance),
        "PORTAL_ENVIRONMENT": "testing",
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(process: subprocess.Popen[bytes], *, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(r"Listening on (http://\S+)", log.read_text(errors="replace")):
            return found[1].rstrip("/")
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(
        f"the server did not start (status {process.poll()}):\n{log.read_text(errors='replace')}"
    )


def _stop(process: subprocess.Popen[bytes], *, log: Path) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the server still ran {STOP_SECONDS} s after SIGTERM") from None
    assert status == 0, f"the server ended with status {status}:\n{log.read_text(errors='replace')}"


def made_once(shared: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that ``make(folder)`` fills once in a run; whoever comes later waits for the first.

    ``shared`` is the folder of the run. It may be copied, but not used itself.
    """
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / f"{name}.done"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
