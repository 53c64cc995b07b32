"""Records on an empty portal at the newest schema, and the people in it."""

import secrets
from collections.abc import Iterator

import pytest

from portal.access.scope import Records
from portal.access.vault import MasterKeys
from portal.kit.clock import HeldClock
from portal.kit.db import open_engine
from portal.kit.migrations import migrate
from tests.databases import Databases, Engine
from tests.factories import MORNING, World
from tests.made_ready import quick_engine

MASTERS = MasterKeys(
    signing=secrets.token_bytes(32),
    index=secrets.token_bytes(32),
    current="m1",
    masters={"m1": secrets.token_bytes(32)},
)


def migrated(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()


@pytest.fixture
def migrated_url(databases: Databases, database_engine: Engine) -> Iterator[str]:
    """A database of the test's own at the newest schema, on each engine in turn."""
    url = databases.copy_of(database_engine, "head", migrated)
    yield url
    databases.drop(url)


@pytest.fixture
def records(migrated_url: str) -> Iterator[Records]:
    """Records on an empty portal, with a clock that stands still on a Thursday morning."""
    engine = quick_engine(open_engine(migrated_url))
    yield Records.open(engine, MASTERS, HeldClock(MORNING))
    engine.dispose()


@pytest.fixture
def world(records: Records) -> World:
    """People and couples to be made in an empty portal."""
    return World(records)
