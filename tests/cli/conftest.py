"""Running commands as people do, and one loaded sample world for each engine."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.access.scope import Records
from portal.access.vault import read_key_file
from portal.kit.clock import SystemClock
from portal.kit.db import open_engine
from tests.databases import Databases, Engine
from tests.servers import portal_environment

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_portal(instance: Path, *arguments: str | Path, url: str = "", **settings: str) -> Any:
    """Run ``portal`` with an instance folder and, if named, a database; further settings by their variable."""
    variables = {f"PORTAL_{name.upper()}": value for name, value in settings.items()}
    if url:
        variables["PORTAL_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-m", "portal.cli", *arguments],
        env=portal_environment(instance) | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def plain_refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence of a command that failed as it should: nothing printed, and no traceback."""
    assert done.returncode != 0, done.stdout
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.fixture
def portal(tmp_path: Path) -> Run:
    """Run commands on an instance folder of the test's own, which doesn't exist yet."""

    def run(*arguments: str | Path, **settings: str) -> Any:
        return run_portal(tmp_path / "instance", *arguments, **settings)

    return run


@dataclass(frozen=True)
class Loaded:
    """An instance with the sample world, and what loading it printed."""

    instance: Path
    url: str
    world: dict[str, Any]

    def run(self, *arguments: str | Path, **settings: str) -> Any:
        """Run a command on this instance."""
        return run_portal(self.instance, *arguments, url=self.url, **settings)

    def couple(self, ref: str) -> dict[str, Any]:
        """Return a couple by its ref."""
        return next(couple for couple in self.world["couples"] if couple["ref"] == ref)


@pytest.fixture(scope="session")
def loaded(databases: Databases, database_engine: Engine, shared_folder: Path) -> Loaded:
    """The sample world on each engine in turn, loaded by the command, once in a run."""
    folder = shared_folder / f"loaded-{database_engine}"
    with (shared_folder / f"loaded-{database_engine}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "loaded.json"
        if not note.exists():
            url = databases.empty(database_engine)
            done = run_portal(folder, "demo", "load", "--json", url=url)
            assert done.returncode == 0, done.stderr
            note.write_text(json.dumps({"url": url, "world": json.loads(done.stdout)}))
    found = json.loads(note.read_text())
    return Loaded(folder, found["url"], found["world"])


@pytest.fixture
def sample_records(loaded: Loaded) -> Iterator[Records]:
    """The records of the sample world."""
    engine = open_engine(loaded.url)
    yield Records.open(engine, read_key_file(loaded.instance / "secrets.toml"), SystemClock())
    engine.dispose()
