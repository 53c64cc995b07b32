"""A portal whose processes can all be ended at once, as when the power fails, and that comes back at the same address."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import PORTAL, free_port, portal_environment

START_SECONDS = 60


class MortalServer:
    """``portal serve`` on one port, to be started, killed without warning and started again."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log = instance.parent / "mortal.log"

    def start(self) -> None:
        """Start it and wait until it listens."""
        already = self._printed().count("Listening on")
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [PORTAL, "serve", "--port", str(self.port)],
                env=portal_environment(self.instance) | {"PORTAL_BASE_URL": self.url},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while self._printed().count("Listening on") == already:
            assert self._process.poll() is None, self._printed()
            assert time.monotonic() < deadline, self._printed()
            time.sleep(0.05)

    def _printed(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def kill(self) -> None:
        """End every process of it at once, with no chance to finish anything."""
        if self._process is None:
            return
        family = [self._process.pid, *descendants(self._process.pid)]
        # Nobody may see another one die and start something anew meanwhile.
        for sign in (signal.SIGSTOP, signal.SIGKILL):
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, sign)
        self._process.wait()
        self._process = None

    @property
    def typesetters(self) -> list[int]:
        """The processes that set documents: the children of the web processes that run Python themselves."""
        assert self._process is not None
        return [
            pid
            for web in children(self._process.pid)
            for pid in children(web)
            if "spawn_main" in (Path(f"/proc/{pid}/cmdline").read_text(errors="replace"))
        ]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    return [found for child in children(pid) for found in (child, *descendants(child))]
