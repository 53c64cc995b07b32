"""One folder for each run of the suite, shared by all its processes and gone when it ends."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

_FOLDER = pytest.StashKey[Path]()


def run_folder(config: pytest.Config) -> Path:
    """Return the folder of this run: the same one in the controlling process and in every worker."""
    return config.stash[_FOLDER]


def is_worker(config: pytest.Config) -> bool:
    """Say whether this process is one of several that share the tests of a run."""
    return hasattr(config, "workerinput")


def controller_process(config: pytest.Config) -> int:
    """Return the id of the process that outlives all others of the run."""
    return int((run_folder(config) / "controller").read_text())


def pytest_configure(config: pytest.Config) -> None:
    if is_worker(config):
        config.stash[_FOLDER] = Path(config.workerinput["run_folder"])  # type: ignore[attr-defined]
        return
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    (folder / "controller").write_text(str(os.getpid()))
    config.stash[_FOLDER] = folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_folder"] = str(run_folder(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not is_worker(config) and _FOLDER in config.stash:
        shutil.rmtree(run_folder(config), ignore_errors=True)


@pytest.fixture(scope="session")
def shared_folder(pytestconfig: pytest.Config) -> Path:
    """The folder that all processes of this run share."""
    return run_folder(pytestconfig)
