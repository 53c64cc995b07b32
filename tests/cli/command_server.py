"""Runs commands without the second that an interpreter takes to import the portal: imported once, then forked.

``python -m tests.cli.command_server`` imports everything that commands may import, and nothing more: it reads no
settings, opens no database and starts no thread. For each command that it is sent it forks, and the copy goes on
as ``python -m portal.cli`` does: its environment, its folder and its outputs are set, then it runs to its own end.
"""

import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
NEVER_IMPORTED_HERE = {"portal.kit.pdf_worker", "portal.cli.__main__"}
"""The typesetter lives in processes of its own, and the other is what each copy runs."""

IMPORTED_LATE = ("alembic.command", "pebble", "psycopg", "concurrent.futures.thread")
"""What the portal imports only when it is needed, as most of its own modules are by the command line."""


class CommandServer:
    """A process that runs commands one after another. Use as a context manager: it ends with the block."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="portal-commands-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.command_server"],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the tests; the server ends when they close its input.
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def run(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run ``portal`` with these arguments, as ``subprocess.run`` would in a fresh interpreter.

        Raises TimeoutExpired where it takes longer; then it, and whatever it started, is killed.
        """
        outputs = [Path(self._folder.name) / name for name in ("stdout", "stderr")]
        # What the last command said must not be taken for what this one says.
        for path in outputs:
            path.write_bytes(b"")
        order = {
            "arguments": arguments,
            "environment": environment,
            "folder": str(Path.cwd()),
            "outputs": list(map(str, outputs)),
            "seconds": seconds,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the command server has ended; its own error output says why"
        printed, said = (path.read_text() for path in outputs)
        status = json.loads(answer)
        if status is None:
            raise subprocess.TimeoutExpired(["portal", *arguments], seconds, printed, said)
        return subprocess.CompletedProcess(["portal", *arguments], status, printed, said)


def _import_everything() -> None:
    """Import what commands import, and settle what only depends on the code."""
    import portal

    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if module.name not in NEVER_IMPORTED_HERE:
            import_module(module.name)
    for name in IMPORTED_LATE:
        import_module(name)
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
    assert "weasyprint" not in sys.modules, "no command may need the typesetter in its own process"
    # A copy of a process has only one of its threads, but the locks of all. Threads of libraries count too.
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a thread was started by an import"
    gc.freeze()


def _next_command() -> Any:
    """Answer orders until there are no more; in a copy of this process, return the order that it is for."""
    while line := sys.stdin.readline():
        order = json.loads(line)
        copy = os.fork()
        # Both sides say so, because neither knows which of them comes first.
        os.setpgid(copy, copy)
        if not copy:
            return order
        sys.stdout.write(f"{json.dumps(_status_of(copy, seconds=order['seconds']))}\n")
        sys.stdout.flush()
    return None


def _status_of(process: int, *, seconds: float) -> int | None:
    """Wait for a process to end and return its status; None, and its whole group is killed, if it takes too long.

    It is killed too if this process's own input closes, because then nobody waits for the answer any more.
    """
    end = os.pidfd_open(process)
    ready, _, _ = select.select([end, sys.stdin], [], [], seconds)
    os.close(end)
    if end not in ready:
        os.killpg(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return status if end in ready else None


def _become(order: Mapping[str, Any]) -> None:
    """Turn this copy into the process that a shell would have started for an order."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for number, path in enumerate((os.devnull, *order["outputs"])):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv[1:] = order["arguments"]


if __name__ == "__main__":
    _import_everything()
    if order := _next_command():
        _become(order)
        # It ends as any interpreter does: status, traceback, what is still to be flushed and closed.
        runpy.run_module("portal.cli", run_name="__main__", alter_sys=True)
