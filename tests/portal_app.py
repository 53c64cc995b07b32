"""The whole portal for tests: on a database of its own, with people who are signed in and a clock that stands still."""

import fcntl
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, got_request_exception
from sqlalchemy import make_url, select
from werkzeug.test import TestResponse

from portal.access.policy import Permission
from portal.access.scope import Records
from portal.access.vault import create_key_file, read_key_file
from portal.access.viewer import Role, Viewer
from portal.app import create_app
from portal.config import Config
from portal.kit.clock import HeldClock
from portal.kit.db import open_engine
from portal.kit.jobs import Jobs
from portal.kit.migrations import migrate
from portal.people import login, login_sessions
from portal.people.devices import device_of
from portal.people.models import Consent
from portal.people.welcome_queries import CONSENT_VERSION
from portal.reports.views import PRESS
from portal.tables import METADATA
from tests.databases import Databases, Engine
from tests.factories import MORNING, Pair, World
from tests.made_ready import quick_engine, quick_templates, warm_press
from tests.run_folder import run_folder

PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"
NONCE = re.compile(rb'(nonce="|nonce-)[^"\']+')
TOKEN = re.compile(rb'((?:name|id)="(?:csrf_token|once_key|words_key|until)"[^>]*?value=")[^"]*')
SITTING = re.compile(rb"((?:\?|&amp;|&)sitting=)[\w-]+")
COOKIE = re.compile(rb"(?m)^(Set-Cookie: [\w-]+=)[^;]*")
EXPIRY = re.compile(rb"(?m)^(Set-Cookie: .*?[Ee]xpires=)[^;\n]*")
"""Cookies end by the clock on the wall, which moves on between two answers."""
SEEN = {("login_session", "seen_at")}
"""What changes although nobody changed anything: when a session was last used."""


def secrets_of_run(folder: Path) -> Path:
    """Return the secrets file that all portals of this run share, so that they can open each other's copies."""
    path = folder / "secrets.toml"
    with (folder / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            create_key_file(path)
    return path


def config_for(url: str, folder: Path, secrets_file: Path, **other: Any) -> Config:
    """Return settings for a portal under test."""
    chosen = {"base_url": "http://localhost", "environment": "testing"} | other
    return Config(
        instance=folder, database_url=url, smtp_url="", secrets_file=secrets_file, trusted_proxies=0, **chosen
    )


def masked(answer: TestResponse) -> bytes:
    """Return status, headers and body of an answer without what is fresh in each: nonce, tokens, cookies."""
    head = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers.items()))
    whole = f"{answer.status_code}\n{head}\n\n".encode() + answer.get_data()
    for fresh in (NONCE, TOKEN, SITTING, COOKIE, EXPIRY):
        whole = fresh.sub(rb"\1*", whole)
    return whole


@dataclass
class Site:
    """One portal: the app, its records, and what went wrong in it."""

    app: Flask
    url: str
    folder: Path
    template: Path | None = None
    faults: list[BaseException] = field(default_factory=list)

    @property
    def records(self) -> Records:
        """The records behind the pages."""
        found: Records = self.app.extensions["portal"].records
        return found

    @property
    def clock(self) -> HeldClock:
        """The clock that stands still."""
        clock = self.records.clock
        assert isinstance(clock, HeldClock)
        return clock

    @property
    def world(self) -> World:
        """People to be made in this portal."""
        return World(self.records)

    def sign_in_as(self, viewer: Viewer | None, *, token: str = "") -> "Visitor":
        """Return a browser in which somebody is signed in through a real session; None is a stranger."""
        visitor = Visitor(self, viewer)
        if viewer is not None:
            visitor.take(token or open_session(self.records, viewer))
        return visitor

    def note_fault(self, _app: Flask, exception: BaseException, **_more: Any) -> None:
        """Keep an error that became a page."""
        self.faults.append(exception)

    def state(self) -> dict[str, str]:
        """Return a fingerprint of what each of the portal's tables holds."""
        found = {}
        with self.records.engine.connect() as connection:
            for table in METADATA.sorted_tables:
                columns = [each for each in table.columns if (table.name, each.name) not in SEEN]
                rows = sorted(map(repr, connection.execute(select(*columns))))
                found[table.name] = sha256("\n".join(rows).encode()).hexdigest()[:12]
        return found

    def restore(self) -> None:
        """Bring a SQLite database back to what it was copied from."""
        assert self.template is not None
        self.records.engine.dispose()
        file = Path(str(make_url(self.url).database))
        for path in file.parent.glob(f"{file.name}-*"):
            path.unlink()
        shutil.copyfile(self.template, file)

    def close(self) -> None:
        """Give back everything that is open."""
        with suppress(Exception):
            self.app.extensions["portal"].parts[Jobs.__name__].close()
        self.records.engine.dispose()


@dataclass
class Visitor:
    """One person's browser."""

    site: Site
    viewer: Viewer | None
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client()
        self._csrf = ""

    def take(self, token: str) -> None:
        """Carry a session's token in the cookie, as signing in does."""
        self.token, self._csrf = token, ""
        with self.client.session_transaction() as session:
            session.clear()
            session["_user_id"], session["_fresh"] = token, True

    def take_anew(self) -> None:
        """Ask for a new token for forms, after somebody else has signed in here."""
        self._csrf = ""

    def cookie(self) -> dict[str, Any]:
        """Return what the session cookie holds."""
        with self.client.session_transaction() as session:
            return dict(session)

    def bake(self, held: dict[str, Any]) -> None:
        """Put back what the session cookie held earlier."""
        with self.client.session_transaction() as session:
            session.clear()
            session.update(held)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page, without following where it leads."""
        return self.client.get(path, headers=_headers(headers))

    def post(self, path: str, fields: Any = None, *, method: str = "POST", **headers: str) -> TestResponse:
        """Send exactly these fields."""
        return self.client.open(path, method=method, data=fields or {}, headers=_headers(headers))

    @property
    def csrf(self) -> str:
        """A token for this browser's forms."""
        if not self._csrf:
            path = "/sign-in" if self.viewer is None else "/account"
            if self.viewer is not None and self.viewer.is_partner and self.get(path).status_code != 200:
                path = "/welcome"
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).get_data(as_text=True))
            assert found, f"{path} has no form"
            self._csrf = found[1]
        return self._csrf

    @property
    def writer(self) -> str:
        """The mark that this person's forms carry."""
        found = re.search(r'name="writer"[^>]*value="([^"]*)"', self.get("/account").get_data(as_text=True))
        return found[1] if found else ""


def _headers(more: dict[str, str]) -> dict[str, str]:
    return {"User-Agent": PHONE} | {name.replace("_", "-"): value for name, value in more.items()}


def open_session(records: Records, viewer: Viewer) -> str:
    """Sign somebody in with everything that their role asks for, and return the token of their cookie."""
    known = login.find_known(records, viewer.practice_id, viewer.account_id, key="none")
    assert known is not None, "the account isn't active"
    proved = viewer.is_staff or known.has_second_factor
    return login_sessions.open_session(records, known, device=device_of(PHONE), second_factor=proved)


def settle(records: Records, viewer: Viewer) -> None:
    """Let a partner agree to who sees what, so that no gate stands before their pages."""
    with records.within(viewer) as scope:
        scope.require(Permission.OWN_ACCOUNT)
        scope.add(Consent(account_id=viewer.account_id, text_version=CONSENT_VERSION, agreed_at=scope.now))


@dataclass
class Sites:
    """Opens portals and closes them all in the end."""

    databases: Databases
    folder: Path
    shared: Path
    opened: list[Site] = field(default_factory=list)

    def empty(self, engine: Engine = Engine.SQLITE, *, at: datetime = MORNING, **settings: Any) -> Site:
        """Return a portal with nobody in it."""
        return self.copy_of("empty-portal", _nothing, engine=engine, at=at, **settings)

    def copy_of(
        self,
        name: str,
        build: Callable[[Records], None],
        *,
        engine: Engine = Engine.SQLITE,
        at: datetime = MORNING,
        **settings: Any,
    ) -> Site:
        """Return a portal of its own that starts as ``build`` filled it; it is filled once in a run."""
        secrets_file = secrets_of_run(self.shared)

        def fill(url: str) -> None:
            opened = open_engine(url)
            migrate(opened)
            build(Records.open(opened, read_key_file(secrets_file), HeldClock(at)))
            opened.dispose()

        url = self.databases.copy_of(engine, name, fill)
        template = self.shared / f"template_{name}.sqlite3" if engine is Engine.SQLITE else None
        return self.open(url, at=at, template=template, **settings)

    def open(
        self, url: str, *, at: datetime = MORNING, template: Path | None = None, **settings: Any
    ) -> Site:
        """Return the portal on a database that is there already."""
        folder = self.folder / f"instance-{len(self.opened)}"
        folder.mkdir(parents=True)
        config = config_for(url, folder, secrets_of_run(self.shared), **settings)
        app = create_app(config, clock=HeldClock(at))
        app.extensions["portal"].parts[PRESS] = warm_press()
        quick_engine(app.extensions["portal"].records.engine)
        quick_templates(app, self.shared)
        site = Site(app, url, folder, template)
        # Errors become the page that people see, and are noted for the test.
        got_request_exception.connect(site.note_fault, app)
        self.opened.append(site)
        return site

    def close(self) -> None:
        """Close all of them, and drop their databases."""
        for site in self.opened:
            site.close()
            self.databases.drop(site.url)


def _nothing(_records: Records) -> None:
    """Leave a portal empty."""


@contextmanager
def opening(config: pytest.Config, databases: Databases, folder: Path) -> Iterator[Sites]:
    """Open portals for as long as the block lasts."""
    sites = Sites(databases, folder, run_folder(config))
    try:
        yield sites
    finally:
        sites.close()


@pytest.fixture
def sites(pytestconfig: pytest.Config, databases: Databases, tmp_path: Path) -> Iterator[Sites]:
    """Portals of this test's own."""
    with opening(pytestconfig, databases, tmp_path) as found:
        yield found


@pytest.fixture
def site(sites: Sites, database_engine: Engine) -> Site:
    """A portal with nobody in it yet, on each engine in turn."""
    return sites.empty(database_engine)


@pytest.fixture
def app(site: Site) -> Flask:
    """The app of a portal with nobody in it, on each engine in turn."""
    return site.app


def furnish(records: Records) -> tuple[Pair, dict[str, Viewer]]:
    """Make one couple that has agreed to everything, and one account for each other role of the practice."""
    world = World(records)
    practice = world.practice()
    pair = world.pair(practice)
    for viewer in (pair.a, pair.b):
        settle(records, viewer)
    staff = {
        role.value: Viewer(
            practice, world.account(practice, f"{role.value.title()} Person", role), frozenset({role})
        )
        for role in (Role.ADMIN, Role.DESK)
    }
    return pair, {"a": pair.a, "b": pair.b, "therapist": pair.therapist, **staff}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-routes",
        action="store_true",
        help="write the list of routes anew, after looking at each change",
    )
