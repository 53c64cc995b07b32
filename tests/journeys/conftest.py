"""Fixtures of the journeys: a running portal to arrange people in, and a watch over the pages that are opened."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.arranged import THERAPIST, Stage, run_portal
from tests.journeys.watch import Watch
from tests.servers import live_server, made_once

# A machine that runs other things beside the tests takes its time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def beginning(shared_folder: Path) -> Path:
    """The instance folder of a portal at its very beginning: one practice, whose first two people are invited."""
    return made_once(shared_folder, "beginning", begin)


def begin(instance: Path) -> None:
    """Make the database and the practice, as whoever sets up a portal does."""
    run_portal(instance, "db", "upgrade")
    run_portal(
        instance,
        *("practice", "create", "--name", "Quay Practice"),
        *("--time-zone", "Europe/London", "--country", "GB", "--locale", "en"),
        *("--admin-name", "Nora Field", "--admin-email", "nora.field@post.example"),
    )
    run_portal(
        instance,
        *("account", "invite", "--role", "therapist"),
        *("--name", "Ines Marlowe", "--email", THERAPIST),
    )
    # A command that runs in a process of its own leaves its database by ending.
    gc.collect()


@pytest.fixture(scope="session")
def stage(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running portal in which each test arranges a couple of its own."""
    instance = tmp_path_factory.mktemp("stage") / "instance"
    shutil.copytree(beginning, instance)
    with live_server(instance) as server:
        yield Stage.on(server)


@pytest.fixture(scope="session")
def looked_at() -> set[str]:
    """What any watch has looked at, so that nothing is looked at twice."""
    return set()


@pytest.fixture
def watch(stage: Stage, looked_at: set[str]) -> Iterator[Watch]:
    """A watch over the pages of the running portal; the test fails with whatever went wrong on them."""
    watching = Watch(stage.server.url, stage.server.printed, looked_at)
    yield watching
    watching.check()
