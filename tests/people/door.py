"""The portal's front door for tests: the pages of people, a few rooms behind them, and browsers that use them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.policy import Permission
from portal.access.scope import Records
from portal.access.viewer import House, Role, Viewer
from portal.config import Config
from portal.kit.clock import HeldClock
from portal.kit.db import open_engine
from portal.people import account_views, browser, kept_views, sign_in_views, totp
from portal.people.models import Account, Consent
from portal.people.passwords import Hasher
from portal.people.room import room
from portal.people.welcome_queries import CONSENT_VERSION
from portal.web import errors, headers, language, render
from portal.web.current import Portal, attach, scope
from portal.web.forms import PortalForm
from portal.web.room import For, Room
from portal.web.writer import writer_token
from tests.databases import Databases, Engine
from tests.factories import MORNING, World
from tests.made_ready import quick_engine
from tests.records import MASTERS, migrated

PASSWORD = "seven quiet herons at noon"
OTHER_PASSWORD = "eleven loud geese by night"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
VIEWS = (account_views, kept_views, sign_in_views)


@cache
def hash_of(password: str) -> str:
    """Return a cheap hash of a password."""
    return Hasher(cheap=True).hash(password)


class _Forms(HTMLParser):
    """Collects the forms of a page: where each goes and what it sends by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action") or "", {}))
        elif tag == "input" and given.get("type") == "hidden" and self.forms and given.get("name"):
            self.forms[-1][1].setdefault(str(given["name"]), []).append(given.get("value") or "")


@dataclass
class Browser:
    """One person's browser: it keeps cookies, and sends the hidden fields of the page that it shows."""

    app: Flask
    address: str = "192.0.2.7"
    agent: str = PHONE
    path: str = ""
    page: TestResponse | None = None

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page, without following where it leads."""
        return self._keep(
            path, self.client.get(path, environ_base=self._from, headers=self._headers(headers))
        )

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        """Send exactly these fields."""
        sent = self.client.post(
            path, data=fields or {}, environ_base=self._from, headers=self._headers(headers)
        )
        return self._keep(path, sent)

    def send(self, fields: dict[str, Any] | None = None, *, action: str = "") -> TestResponse:
        """Send a form of the page that is shown: the first, or the one with this action."""
        where, hidden = self.form(action)
        return self.post(where or self.path, {**hidden, **(fields or {})})

    def form(self, action: str = "") -> tuple[str, dict[str, list[str]]]:
        """Return the address and the hidden fields of a form: the first that isn't a search, or a named one."""
        assert self.page is not None
        parser = _Forms()
        parser.feed(self.page.get_data(as_text=True))
        writing = [(where, hidden) for where, hidden in parser.forms if "csrf_token" in hidden]
        return next((where, hidden) for where, hidden in writing if not action or where == action)

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Sign in with an address and a password."""
        self.get("/sign-in")
        return self.send({"email": email, "password": password})

    def is_in(self) -> bool:
        """Say whether the account page opens."""
        return self.get("/account").status_code == 200

    def text(self) -> str:
        """Return the page that is shown."""
        assert self.page is not None
        return self.page.get_data(as_text=True)

    def held(self) -> dict[str, Any]:
        """Return what the session cookie holds."""
        with self.client.session_transaction() as session:
            return dict(session)

    def _keep(self, path: str, page: TestResponse) -> TestResponse:
        self.path, self.page = path, page
        return page

    @property
    def _from(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"User-Agent": self.agent} | {name.replace("_", "-"): value for name, value in more.items()}


@dataclass
class Door:
    """A portal with one couple, its therapist and an administrator, who all have the same password."""

    records: Records
    app: Flask
    world: World
    emails: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> HeldClock:
        """The held clock."""
        return self.world.clock

    def browser(self, **settings: str) -> Browser:
        """Return a browser that was never here."""
        return Browser(self.app, **settings)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**span))

    def email(self, viewer: Viewer) -> str:
        """Return somebody's address."""
        with self.records.within(House(viewer.practice_id), read_only=True) as found:
            return str(found.find(Account, viewer.account_id).email)

    def change(self, viewer: Viewer, **values: Any) -> None:
        """Write values straight onto somebody's account."""
        with self.records.within(House(viewer.practice_id)) as found:
            account = found.find(Account, viewer.account_id)
            for name, value in values.items():
                setattr(account, name, value)

    def read(self, viewer: Viewer, model: Any) -> list[Any]:
        """Return all rows of a table in somebody's practice."""
        with self.records.within(House(viewer.practice_id), read_only=True) as found:
            return list(found.session.scalars(select(model)))

    def give_second_factor(self, viewer: Viewer) -> str:
        """Give somebody a second factor; return its secret."""
        secret = totp.new_secret()
        self.change(viewer, totp=secret)
        return secret

    def code(self, secret: str, *, steps: int = 0) -> str:
        """Return the code of this half-minute, or of one so many steps away."""
        return totp.code_at(secret, totp.step_at(self.clock.now()) + steps)

    def staff_in(self, viewer: Viewer) -> Browser:
        """Return a browser in which somebody is signed in with a second factor."""
        secret = self.give_second_factor(viewer)
        shown = self.browser()
        shown.sign_in(self.email(viewer))
        shown.get("/sign-in/code")
        shown.send({"code": self.code(secret)})
        return shown

    def partner_in(self, viewer: Viewer) -> Browser:
        """Return a browser in which a partner is signed in."""
        shown = self.browser()
        shown.sign_in(self.email(viewer))
        return shown


def _home() -> Room:
    home = Room("home", __name__)

    @home.page("/today", permission=Permission.BE_ANYONE, audience=For.PARTNER)
    def today() -> str:
        return f"today of {scope().account_id}"

    @home.page("/caseload", permission=Permission.BE_ANYONE, audience=For.STAFF)
    def caseload() -> str:
        return "caseload"

    @home.page("/poll", permission=Permission.BE_ANYONE, audience=For.SIGNED_IN)
    def poll() -> str:
        return "nothing new"

    @home.page("/note", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("GET", "POST"))
    def note() -> Any:
        form = PortalForm()
        if request.method == "GET":
            return f'<form method="post">{form.hidden_tag()}</form>'
        taken = scope().find(Account, scope().account_id)
        taken.name = str(request.form["words"])[:120]
        scope().commit()
        return redirect(url_for("home.today"), 303)

    @home.page("/export", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("GET", "POST"))
    @browser.needs_fresh
    def export() -> Any:
        form = PortalForm()
        return f'<form method="post">{form.hidden_tag()}</form>' if request.method == "GET" else "exported"

    return home


def make_app(records: Records, *, base_url: str = "http://localhost") -> Flask:
    """Put together the parts of the portal that signing in needs."""
    nowhere = Path()
    config = Config(nowhere, "", "", base_url, nowhere / "secrets.toml", 0, "testing")
    app = Flask("portal", template_folder=str(render.templates_folder()), static_folder="static")
    app.config.update(SECRET_KEY=MASTERS.signing, WTF_CSRF_TIME_LIMIT=None, TESTING=True)
    browser.configure_cookies(app, config)
    portal_of_app = Portal(config=config, records=records)
    attach(app, portal_of_app)
    language.install(app)
    render.install(app)
    headers.install(app)
    CSRFProtect(app)
    app.jinja_env.globals.update(writer_token=writer_token)
    browser.install(app, portal_of_app)
    errors.install(app)
    app.register_blueprint(room)
    app.register_blueprint(_home())
    if "people.accounts" not in app.view_functions:
        app.add_url_rule("/people", endpoint="people.accounts", view_func=lambda: "people")
    return app


@cache
def _app_without_records() -> Flask:
    # Made once, because every new app compiles its templates anew.
    return make_app(None)  # type: ignore[arg-type]


def open_door(records: Records) -> Door:
    """Return a portal on these records, whose people can sign in."""
    app, world = _app_without_records(), World(records)
    installed: Portal = app.extensions["portal"]
    parts = installed.parts | {browser.QUIET: set(), browser.HASHER: Hasher(cheap=True)}
    app.extensions["portal"] = replace(installed, records=records, parts=parts)
    made = Door(records, app, world)
    for viewer in (world.sample.a, world.sample.b, world.sample.therapist):
        made.change(viewer, password_hash=hash_of(PASSWORD))
        with records.within(viewer) as agreed:
            agreed.add(
                Consent(account_id=viewer.account_id, text_version=CONSENT_VERSION, agreed_at=agreed.now)
            )
    return made


@pytest.fixture
def door(databases: Databases) -> Iterator[Door]:
    """A portal on SQLite, whose people can sign in."""
    url = databases.copy_of(Engine.SQLITE, "head", migrated)
    engine = quick_engine(open_engine(url))
    yield open_door(Records.open(engine, MASTERS, HeldClock(MORNING)))
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def any_door(records: Records) -> Door:
    """The same on each database engine in turn, for what depends on how transactions meet."""
    return open_door(records)


@pytest.fixture
def admin(door: Door) -> Viewer:
    """An administrator of the sample couple's practice."""
    practice = door.world.sample.a.practice_id
    viewer = Viewer(
        practice, door.world.account(practice, "Ruth Adeyemi", Role.ADMIN), frozenset({Role.ADMIN})
    )
    door.change(viewer, password_hash=hash_of(PASSWORD))
    return viewer
