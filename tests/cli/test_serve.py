"""Serving: says when it is ready, keeps its processes running, and stops politely."""

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from portal.cli.serve import is_running as still_runs
from tests.cli.conftest import Run, plain_refusal
from tests.cli.test_practice import FIRST
from tests.servers import PORTAL, LiveServer, live_server, portal_environment


@pytest.fixture
def instance(portal: Run, tmp_path: Path) -> Path:
    """An instance with one practice, whose administrator is invited."""
    assert portal("db", "upgrade").returncode == 0
    assert portal(*FIRST).returncode == 0
    return tmp_path / "instance"


def children_of(process: int, *, named: str) -> list[int]:
    """Return the processes that a process started, by a word of their command."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == process and named in row[2]]


def eventually(what: object, seconds: float = 20) -> object:
    """Return the first true answer of a function, or its last."""
    deadline = time.monotonic() + seconds
    while not (answer := what()) and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.1)
    return answer


def answers(url: str) -> bool:
    """Say whether the help page is served."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/help")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _is_replaced(killed: int, parent: int) -> bool:
    """Say whether two web processes run again, and another one in place of one that was killed."""
    running = children_of(parent, named="portal serve")
    return len(running) == 2 and killed not in running


def listening(process: subprocess.Popen[str]) -> str:
    """Return the address that a server says it listens on, once it does."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("Listening on http://127.0.0.1:"), said
    return said.removeprefix("Listening on ").strip()


@contextmanager
def served(instance: Path, *arguments: str, command: str = "serve") -> Iterator[LiveServer]:
    with live_server(instance, command=(PORTAL, command, *arguments)) as server:
        yield server


def test_a_process_whose_end_another_thread_noticed_first_is_not_running_any_more() -> None:
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(0,))
    process.start()
    assert still_runs(process)
    os.waitpid(process.pid, 0)  # type: ignore[arg-type]
    assert process.is_alive(), "if Python notices by now, the server needs no help any more"
    assert not still_runs(process)
    # So that nothing waits for it when the tests end.
    process._popen.returncode = 0  # type: ignore[attr-defined]


@pytest.mark.slow
def test_pages_are_served_and_mails_are_sent(instance: Path) -> None:
    with served(instance) as server:
        assert answers(server.url)
        [mail] = eventually(lambda: list((instance / "outbox").glob("*.eml")))
        assert f"{server.url}/join/" in mail.read_text()


@pytest.mark.slow
def test_web_alone_sends_no_mail_and_keeps_its_port(portal: Run, instance: Path) -> None:
    with served(instance, "--workers", "1", command="web") as server:
        assert answers(server.url)
        assert children_of(server.process.pid, named="jobs work") == []
        refusal = plain_refusal(portal("web", "--port", server.url.rpartition(":")[2]))
        assert "Can't listen on" in refusal
    assert not (instance / "outbox").exists()


@pytest.mark.slow
def test_processes_that_are_killed_come_back_and_end_when_their_parent_is_killed(instance: Path) -> None:
    environment = portal_environment(instance)
    command = [PORTAL, "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            url, parent = listening(process), process.pid
            assert len(children_of(parent, named="portal serve")) == 2
            for _kill in range(2):
                killed = children_of(parent, named="portal serve")[0]
                os.kill(killed, signal.SIGKILL)
                assert eventually(partial(_is_replaced, killed, parent))
                assert eventually(lambda: answers(url))
            [worker] = children_of(parent, named="jobs work")
            os.kill(worker, signal.SIGKILL)
            assert eventually(lambda: set(children_of(parent, named="jobs work")) - {worker})
            assert answers(url)
            family = children_of(parent, named="portal")
            assert len(family) == 3
        finally:
            process.kill()
    assert eventually(lambda: not any(is_running(child) for child in family), 30)


@pytest.mark.slow
def test_ctrl_c_stops_it_cleanly(instance: Path) -> None:
    environment = portal_environment(instance)
    command = [PORTAL, "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        url = listening(process)
        assert eventually(lambda: answers(url))
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
        assert process.wait(30) == 0
    assert "Traceback" not in said


def test_plain_http_is_for_this_machine_alone(portal: Run, instance: Path) -> None:
    refusal = plain_refusal(portal("serve", "--host", "0.0.0.0", "--port", "0"))  # noqa: S104
    assert "could be read on its way" in refusal


def test_what_is_missing_is_a_plain_sentence(portal: Run, instance: Path) -> None:
    (instance / "secrets.toml").rename(instance / "elsewhere.toml")
    assert "Put back your copy" in plain_refusal(portal("serve", "--port", "0"))


def test_an_old_schema_is_not_served(portal: Run) -> None:
    assert "portal db upgrade" in plain_refusal(portal("serve", "--port", "0"))
