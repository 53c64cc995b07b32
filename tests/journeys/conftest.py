"""Fixtures of the journeys: a running portal to arrange people in, and a watch over the pages that are opened."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.arranged import Stage, run_portal
from tests.journeys.watch import Watch
from tests.servers import live_server

# A machine that runs other things beside the tests takes its time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of a portal at its very beginning: one practice, whose administrator is invited."""
    instance = tmp_path_factory.mktemp("beginning") / "instance"
    run_portal(instance, "db", "upgrade")
    run_portal(
        instance,
        "practice",
        "create",
        *("--name", "Quay Practice", "--time-zone", "Europe/London", "--country", "GB", "--locale", "en"),
        *("--admin-name", "Nora Field", "--admin-email", "nora.field@post.example"),
    )
    return instance


@pytest.fixture(scope="session")
def stage(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running portal in which each test arranges a couple of its own."""
    instance = tmp_path_factory.mktemp("stage") / "instance"
    shutil.copytree(beginning, instance)
    with live_server(instance) as server:
        yield Stage.on(server)


@pytest.fixture
def watch(stage: Stage) -> Iterator[Watch]:
    """A watch over the pages of the running portal; the test fails with whatever went wrong on them."""
    watching = Watch(stage.server.url, stage.server.printed)
    yield watching
    watching.check()
