"""Processes that belong together: a child that ends with its parent, and a companion that is kept running."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence

LOOK_EVERY_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 25.0


def stop_with(parent: int) -> None:
    """End this process politely once the process that started it is gone, however that one ended."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class Companion:
    """Another process that runs beside this one and is started again if it ends by itself."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="companion", daemon=True)

    def start(self) -> None:
        """Start it, and keep it running from now on."""
        self._launch()
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is doing; return at once."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()

    def wait(self) -> None:
        """Wait until it has ended; end it by force if it takes too long."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _launch(self) -> None:
        with self._lock:
            if not self._stopping.is_set():
                # In a group of its own, so that Ctrl-C reaches it through this process alone.
                self._process = subprocess.Popen(  # noqa: S603 - nobody typed it
                    self._command, stdin=subprocess.DEVNULL, process_group=0
                )

    def _keep_running(self) -> None:
        pause = LOOK_EVERY_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            if self._process is not None:
                self._process.wait()
            pause = LOOK_EVERY_SECONDS if time.monotonic() - started > STEADY_SECONDS else pause * 2
            if not self._stopping.wait(min(pause, LONGEST_PAUSE_SECONDS)):
                self._launch()
