"""Throw-away databases for tests: SQLite files, and a PostgreSQL server that lives as long as the run.

A test that asks for ``database_url`` runs twice, once on each engine, on an empty database of its own.
``databases.copy_of(engine, name, build)`` gives a copy of a database that ``build(url)`` filled: it is built
once in a run, whichever process comes first, and copying it costs some thirty milliseconds.
"""

import fcntl
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg
import pytest
from psycopg import sql

from tests.run_folder import controller_process, run_folder

OLDEST_POSTGRESQL = 15
SERVER_SETTINGS = {
    # Nothing here has to survive a power cut, so nothing waits for the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # No port at all: the server is reachable through a socket in its own folder.
    "listen_addresses": "''",
    "log_min_messages": "warning",
}


class Engine(StrEnum):
    """The two kinds of database that the portal runs on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


# Who the suite connects as: no superuser, as in a real installation. It may create databases and roles.
OWNER = "portal_owner"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server; ``folder`` holds its files and its socket."""

    folder: Path

    def url(self, database: str, *, user: str = OWNER) -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def connect(self, *, user: str = OWNER) -> psycopg.Connection[Any]:
        """Connect to the maintenance database; every statement commits by itself."""
        return psycopg.connect(host=str(self.folder), user=user, dbname="postgres", autocommit=True)


class Databases:
    """Makes and drops the databases of one test process."""

    def __init__(self, folder: Path, *, prefix: str, controller: int) -> None:
        self._folder = folder
        self._prefix = prefix
        self._controller = controller
        self._made = 0

    @cached_property
    def server(self) -> Server:
        """The PostgreSQL server of this run, started by the first who asks."""
        with _locked(self._folder / "postgresql.lock"):
            note = self._folder / "postgresql.json"
            if not note.exists():
                started = start_postgresql(stop_after=self._controller)
                note.write_text(json.dumps({"folder": str(started.folder)}))
            return Server(Path(json.loads(note.read_text())["folder"]))

    @cached_property
    def _maintenance(self) -> psycopg.Connection[Any]:
        return self.server.connect()

    def empty(self, engine: Engine) -> str:
        """Return the URL of a new database without a single table."""
        name = self._next_name()
        if engine is Engine.SQLITE:
            return f"sqlite:///{self._sqlite_file(name)}"
        self._create(name, template="template0")
        return self.server.url(name)

    def copy_of(self, engine: Engine, name: str, build: Callable[[str], None]) -> str:
        """Return the URL of a new copy of the database that ``build(url)`` fills.

        ``build`` runs once for each engine and name in the whole run and has to close its connections;
        a build that failed is tried again by the next who asks.
        """
        template = f"template_{name}"
        with _locked(self._folder / f"{engine}-{template}.lock"):
            ready = self._folder / f"{engine}-{template}.ready"
            if not ready.exists():
                self._build(engine, template, build)
                ready.touch()
        copy = self._next_name()
        if engine is Engine.SQLITE:
            shutil.copyfile(self._sqlite_file(template), self._sqlite_file(copy))
            return f"sqlite:///{self._sqlite_file(copy)}"
        self._create(copy, template=template)
        return self.server.url(copy)

    def drop(self, url: str) -> None:
        """Remove a database, whoever may still be connected to it."""
        if url.startswith("sqlite:///"):
            file = Path(url.removeprefix("sqlite:///"))
            for path in file.parent.glob(f"{file.name}*"):
                path.unlink()
            return
        name = re.split(r"[/?]", url.partition("@/")[2])[0]
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        self._maintenance.execute(statement)

    def close(self) -> None:
        """Give up this process's own connection."""
        if "_maintenance" in self.__dict__:
            self._maintenance.close()

    def _build(self, engine: Engine, template: str, build: Callable[[str], None]) -> None:
        if engine is Engine.SQLITE:
            url = f"sqlite:///{self._sqlite_file(template)}"
            self.drop(url)
            build(url)
            left = self._sqlite_file(template).with_name(f"{template}.sqlite3-wal")
            assert not left.exists(), f"the builder of {template} left a connection open"
            return
        url = self.server.url(template)
        self.drop(url)
        self._create(template, template="template0")
        build(url)

    def _create(self, name: str, *, template: str) -> None:
        # Copying files is quicker than logging every page, which matters only where a crash may come between.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy ENCODING 'UTF8'")
        self._maintenance.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _next_name(self) -> str:
        self._made += 1
        return f"{self._prefix}_{self._made}"

    def _sqlite_file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def postgresql_programs() -> Path:
    """Return the folder with ``initdb`` and ``pg_ctl``; raise RuntimeError when there is no suitable one."""
    chosen = os.environ.get("PORTAL_TEST_POSTGRESQL")
    on_path = shutil.which("initdb")
    candidates = [Path(chosen)] if chosen else list(Path("/usr/lib/postgresql").glob("*/bin"))
    candidates += [Path(on_path).resolve().parent] if on_path and not chosen else []
    versions = {folder: _major_version(folder) for folder in candidates if (folder / "initdb").exists()}
    if not versions or max(versions.values()) < OLDEST_POSTGRESQL:
        raise RuntimeError(f"PostgreSQL {OLDEST_POSTGRESQL} or newer is missing: run tools/setup.sh test")
    return max(versions, key=lambda folder: versions[folder])


def _major_version(programs: Path) -> int:
    answer = subprocess.run([programs / "initdb", "--version"], check=True, capture_output=True, text=True)
    found = re.search(r"\d+", answer.stdout)
    return int(found[0]) if found else 0


def start_postgresql(*, stop_after: int) -> Server:
    """Start a new server that stops, and takes its files with it, when the process ``stop_after`` ends.

    However that process ends: a watcher waits for it, so that a run that was killed leaves nothing behind.
    """
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    try:
        _initialise(folder)
    except RuntimeError:
        shutil.rmtree(folder)
        raise
    _stop_with(stop_after, folder=folder)
    server = Server(folder)
    with server.connect(user="postgres") as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE")
    return server


def _initialise(folder: Path) -> None:
    programs = postgresql_programs()
    account = _server_account()
    if account:
        os.chown(folder, account["user"], account["group"])
    data = folder / "data"
    settings = "".join(f" -c {name}={value}" for name, value in SERVER_SETTINGS.items())

    def run(*command: str | Path) -> None:
        # A file takes the output, because a pipe would stay open for as long as the server runs.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                **account,
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"PostgreSQL did not start:\n{output.read().decode(errors='replace')}")

    run(
        *(programs / "initdb", "-D", data, "--username=postgres", "--auth=trust", "--no-sync"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
    )
    options = f"-k {folder}{settings}"
    run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "--wait", "start")


def _server_account() -> dict[str, Any]:
    """Return the arguments that make subprocess run as an account other than root, which PostgreSQL refuses."""
    if os.geteuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _stop_with(process: int, *, folder: Path) -> None:
    server = (folder / "data" / "postmaster.pid").read_text().split()[0]
    script = 'tail --pid="$1" -f /dev/null; kill -INT "$2"; tail --pid="$2" -f /dev/null; rm -rf "$3"'
    watcher = ["setsid", "--fork", "sh", "-c", script, "watcher", str(process), server, str(folder)]
    nothing = subprocess.DEVNULL
    subprocess.run(watcher, check=True, cwd="/", stdin=nothing, stdout=nothing, stderr=nothing)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=[*Engine, "both"],
        default="both",
        help="the databases that tests run on (default: both; pages are tried on one of the two, in turn)",
    )
    parser.addoption(
        "--each-page-on-both",
        action="store_true",
        help="try pages on both databases, however long that takes",
    )


OUTERMOST = {"site", "portal", "loaded"}
"""Fixtures of tests that stand at the outside of the portal: its pages and its command line."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try each page, and each command line, on one of the two databases, whichever its test's name falls to.

    Commands and queries, where the two could differ, run on both; a page only draws what those return.
    """
    if config.getoption("--engine") != "both" or config.getoption("--each-page-on-both"):
        return
    left_out = [item for item in items if _is_page_on_the_other(item)]
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


def _is_page_on_the_other(item: pytest.Item) -> bool:
    engine = getattr(item, "callspec", None) and item.callspec.params.get("database_engine")  # type: ignore[attr-defined]  # functions have one
    if engine is None or not OUTERMOST & set(getattr(item, "fixturenames", ())):
        return False
    if item.get_closest_marker("both_databases") is not None:
        return False
    name = item.nodeid.replace(str(engine), "")
    return list(Engine)[crc32(name.encode()) % 2] is not engine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--engine")
        engines = list(Engine) if chosen == "both" else [Engine(chosen)]
        metafunc.parametrize("database_engine", engines, ids=str, indirect=True, scope="session")


@pytest.fixture(scope="session")
def database_engine(request: pytest.FixtureRequest) -> Engine:
    """The engine that this test runs on now; whoever asks for it runs once on each."""
    return request.param


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Iterator[Databases]:
    """Makes databases; the ones it made go with the run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    made = Databases(run_folder(pytestconfig), prefix=worker, controller=controller_process(pytestconfig))
    yield made
    made.close()


@pytest.fixture
def database_url(databases: Databases, database_engine: Engine) -> Iterator[str]:
    """An empty database of the test's own, on each engine in turn."""
    url = databases.empty(database_engine)
    yield url
    databases.drop(url)


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """An empty SQLite database of the test's own."""
    url = databases.empty(Engine.SQLITE)
    yield url
    databases.drop(url)


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own, with its owner as the user."""
    url = databases.empty(Engine.POSTGRESQL)
    yield url
    databases.drop(url)
