"""Running commands as people do, and one loaded sample world for each engine."""

import fcntl
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.access.scope import Records
from portal.access.vault import read_key_file
from portal.kit.clock import SystemClock
from portal.kit.db import open_engine
from tests.cli.command_server import CommandServer
from tests.databases import Databases, Engine
from tests.servers import PORTAL, portal_environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def commands() -> Iterator[CommandServer]:
    """The process that runs the commands of this test process."""
    with CommandServer() as server:
        yield server


def run_portal(
    commands: CommandServer, instance: Path, *arguments: str | Path, url: str = "", **settings: str
) -> Any:
    """Run ``portal`` with an instance folder and, if named, a database; further settings by their variable."""
    environment = variables(instance, url=url, **settings)
    return commands.run(list(map(str, arguments)), environment=environment, seconds=120)


def run_afresh(program: Sequence[str | Path], instance: Path, *arguments: str | Path, url: str = "") -> Any:
    """Run a program, such as the installed ``portal``, in an interpreter of its own."""
    return subprocess.run(
        [*program, *arguments],
        env=variables(instance, url=url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def variables(instance: Path, *, url: str = "", **settings: str) -> dict[str, str]:
    """Return the environment of a command on an instance folder."""
    if url:
        settings["database_url"] = url
    return portal_environment(instance) | {
        f"PORTAL_{name.upper()}": value for name, value in settings.items()
    }


def plain_refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence of a command that failed as it should: nothing printed, and no traceback."""
    assert done.returncode != 0, done.stdout
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.fixture
def portal(commands: CommandServer, tmp_path: Path) -> Run:
    """Run commands on an instance folder of the test's own, which doesn't exist yet."""

    def run(*arguments: str | Path, **settings: str) -> Any:
        return run_portal(commands, tmp_path / "instance", *arguments, **settings)

    return run


@dataclass(frozen=True)
class Loaded:
    """An instance with the sample world, what loading it printed, and what runs commands on it."""

    instance: Path
    url: str
    world: dict[str, Any]
    commands: CommandServer

    def run(self, *arguments: str | Path, **settings: str) -> Any:
        """Run a command on this instance."""
        return run_portal(self.commands, self.instance, *arguments, url=self.url, **settings)

    def couple(self, ref: str) -> dict[str, Any]:
        """Return a couple by its ref."""
        return next(couple for couple in self.world["couples"] if couple["ref"] == ref)


LoadedOn = Callable[[Engine], Loaded]


@pytest.fixture(scope="session")
def loaded_on(databases: Databases, commands: CommandServer, shared_folder: Path) -> LoadedOn:
    """Gives the sample world on an engine, loaded by the command once in a run. Tests don't change its answers."""

    def on(engine: Engine) -> Loaded:
        folder = shared_folder / f"loaded-{engine}"
        with (shared_folder / f"loaded-{engine}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            note = folder / "loaded.json"
            if not note.exists():
                url = databases.empty(engine)
                # Afresh, so that two worlds don't share the order that one interpreter gives to its sets.
                done = run_afresh([PORTAL], folder, "demo", "load", "--json", url=url)
                assert done.returncode == 0, done.stderr
                note.write_text(json.dumps({"url": url, "world": json.loads(done.stdout)}))
        return Loaded(folder, commands=commands, **json.loads(note.read_text()))

    return on


@pytest.fixture(scope="session")
def loaded(loaded_on: LoadedOn, database_engine: Engine) -> Loaded:
    """The sample world on each engine in turn."""
    return loaded_on(database_engine)


@contextmanager
def records_of(loaded: Loaded) -> Iterator[Records]:
    """Open the records of a sample world."""
    engine = open_engine(loaded.url)
    try:
        yield Records.open(engine, read_key_file(loaded.instance / "secrets.toml"), SystemClock())
    finally:
        engine.dispose()


@pytest.fixture
def sample_records(loaded: Loaded) -> Iterator[Records]:
    """The records of the sample world."""
    with records_of(loaded) as records:
        yield records
