"""Jobs: nudged, swept, and finished before the worker stops."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.kit.job_queue import EmbeddedStorage
from portal.kit.jobs import Jobs
from tests.databases import Engine

WORKER = """
import sys, time
from pathlib import Path
from portal.kit.jobs import Jobs
url, folder = sys.argv[1:]
jobs = Jobs(url, folder=Path(folder))
def work(name, seconds):
    (Path(folder) / f"{name}.begun").touch()
    time.sleep(int(seconds))
    (Path(folder) / f"{name}.done").touch()
def fail():
    raise ValueError("what somebody wrote")
jobs.register("work", work)
jobs.register("fail", fail)
jobs.each_minute("swept", lambda: (Path(folder) / "swept").touch())
print("ready", flush=True)
jobs.run_worker()
"""


def soon(path: Path, seconds: float = 20) -> bool:
    """Wait for a file."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def url(request: pytest.FixtureRequest, database_engine: Engine, tmp_path: Path) -> str:
    if database_engine is Engine.SQLITE:
        return f"sqlite:///{tmp_path / 'portal.db'}"
    return str(request.getfixturevalue("postgresql_url"))


def test_a_nudged_job_is_done_at_once_where_that_is_asked_for(tmp_path: Path) -> None:
    jobs, done = Jobs("sqlite://", folder=tmp_path, immediate=True), []
    jobs.register("note", lambda word, times: done.append(word * times))
    jobs.nudge("note", word="a", times=2)
    assert done == ["aa"]


def test_a_job_that_fails_or_is_unknown_disturbs_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs("sqlite://", folder=tmp_path, immediate=True)

    def fail() -> None:
        raise ValueError("what somebody wrote")

    jobs.register("fail", fail)
    jobs.nudge("fail")
    jobs.nudge("nobody knows this one")
    assert "ValueError" in caplog.text
    assert "what somebody wrote" not in caplog.text


def test_one_failing_sweep_does_not_keep_the_others_from_running(tmp_path: Path) -> None:
    jobs, done = Jobs("sqlite://", folder=tmp_path, immediate=True), []
    jobs.each_minute("first", lambda: 1 // 0)
    jobs.each_minute("second", lambda: done.append("second"))
    jobs.sweep()
    assert done == ["second"]


def test_a_store_that_cannot_be_written_never_fails_the_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs("sqlite://", folder=tmp_path)
    jobs.close()
    for file in tmp_path.glob("jobs.db*"):
        file.unlink()
    (tmp_path / "jobs.db").mkdir()
    jobs.nudge("note", word="a")
    assert "could not be nudged" in caplog.text


def test_the_embedded_store_is_on_the_trusted_sqlite(tmp_path: Path) -> None:
    store = EmbeddedStorage(filename=str(tmp_path / "jobs.db"))
    [[version]] = store.sql("select sqlite_version()", results=True)
    assert tuple(int(part) for part in version.split(".")) >= (3, 51, 3)
    [[kept]] = store.sql("pragma synchronous", results=True)
    assert kept == 2
    store.close()


def test_what_lies_in_the_store_is_plain_words(tmp_path: Path) -> None:
    jobs = Jobs("sqlite://", folder=tmp_path)
    jobs.nudge("note", word="a")
    store = EmbeddedStorage(name="portal", filename=str(tmp_path / "jobs.db"))
    [item] = store.enqueued_items()
    assert bytes(item).startswith(b"{")
    store.close()
    jobs.close()


@contextmanager
def started(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker process that is ready."""
    command = [sys.executable, "-c", WORKER, url, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            yield worker
        finally:
            worker.kill()


def test_a_worker_does_what_was_nudged_before_and_after_it_started(url: str, tmp_path: Path) -> None:
    jobs = Jobs(url, folder=tmp_path)
    jobs.nudge("work", name="before", seconds=0)
    with started(url, tmp_path) as worker:
        assert soon(tmp_path / "before.done")
        jobs.nudge("fail")
        jobs.nudge("work", name="after", seconds=0)
        assert soon(tmp_path / "after.done")
        assert soon(tmp_path / "swept")
        assert jobs.waiting() == 0
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(25) == 0
    jobs.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_finishes_what_it_began(
    url: str, tmp_path: Path, stop: signal.Signals
) -> None:
    jobs = Jobs(url, folder=tmp_path)
    with started(url, tmp_path) as worker:
        jobs.nudge("work", name="long", seconds=2)
        jobs.nudge("work", name="later", seconds=0)
        assert soon(tmp_path / "long.begun")
        os.kill(worker.pid, stop)
        assert worker.wait(25) == 0
    assert (tmp_path / "long.done").exists()
    assert not (tmp_path / "later.begun").exists()
    assert jobs.waiting() >= 1
    jobs.close()
