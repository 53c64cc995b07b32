"""The whole portal as it is served, with one couple, its therapist and an administrator behind the front door."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from portal.access.vault import MasterKeys
from portal.access.viewer import Role, Viewer
from portal.app import create_app
from portal.config import Config
from portal.kit.clock import HeldClock
from portal.kit.jobs import Jobs
from portal.people.models import Consent, OutgoingMail
from portal.people.welcome_queries import CONSENT_VERSION
from tests.databases import Databases, Engine
from tests.factories import MORNING, World
from tests.made_ready import quick_engine, quick_templates
from tests.people.door import PASSWORD, Door, _home, hash_of
from tests.records import MASTERS, migrated
from tests.run_folder import run_folder


@dataclass
class Whole(Door):
    """The front door of the whole portal, with its outbox."""

    outbox: Path = Path()
    admin: Viewer | None = None

    @property
    def jobs(self) -> Jobs:
        """The queue of this portal; nobody works on it."""
        found = self.app.extensions["portal"].parts[Jobs.__name__]
        assert isinstance(found, Jobs)
        return found

    def deliver(self) -> list[EmailMessage]:
        """Do what the worker does each minute; return every mail that was ever written."""
        self.jobs.sweep()
        files = sorted(self.outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]  # type: ignore[misc]

    def links(self) -> dict[str, str]:
        """Return the newest link that each address was sent, as a path."""
        found = {}
        for mail in self.deliver():
            for word in mail.get_content().split():
                if "/join/" in word:
                    found[str(mail["To"])] = word.partition("//")[2].partition("/")[2].join(["/", ""])
        return found

    def mails(self) -> list[OutgoingMail]:
        """Return the rows of the outbox."""
        return list(self.read(self.world.sample.a, OutgoingMail))


def write_keys(path: Path, keys: MasterKeys) -> None:
    """Write a secrets file with known keys."""
    masters = "\n".join(f'{name} = "{key.hex()}"' for name, key in keys.masters.items())
    path.write_text(
        f'signing = "{keys.signing.hex()}"\nindex = "{keys.index.hex()}"\ncurrent = "{keys.current}"\n'
        f"[masters]\n{masters}\n"
    )


@pytest.fixture
def whole(pytestconfig: pytest.Config, databases: Databases, tmp_path: Path) -> Iterator[Whole]:
    """The whole portal on an SQLite database of its own."""
    url = databases.copy_of(Engine.SQLITE, "head", migrated)
    write_keys(tmp_path / "secrets.toml", MASTERS)
    config = Config(tmp_path, url, "", "http://localhost", tmp_path / "secrets.toml", 0, "testing")
    app = create_app(config, clock=HeldClock(MORNING))
    # A mistake in a view fails the test where it happens, instead of becoming the page that people see.
    app.testing = True
    if "home.caseload" not in app.view_functions:
        app.register_blueprint(_home())
    quick_templates(app, run_folder(pytestconfig))
    records = app.extensions["portal"].records
    quick_engine(records.engine)
    world = World(records)
    made = Whole(records, app, world, outbox=config.outbox)
    pair = world.sample
    made.admin = Viewer(
        pair.a.practice_id,
        world.account(pair.a.practice_id, "Ruth Adeyemi", Role.ADMIN),
        frozenset({Role.ADMIN}),
    )
    for viewer in (pair.a, pair.b, pair.therapist, made.admin):
        made.change(viewer, password_hash=hash_of(PASSWORD))
    for viewer in (pair.a, pair.b):
        with records.within(viewer) as scope:
            scope.add(
                Consent(account_id=viewer.account_id, text_version=CONSENT_VERSION, agreed_at=scope.now)
            )
    yield made
    made.jobs.close()
    records.engine.dispose()
    databases.drop(url)
