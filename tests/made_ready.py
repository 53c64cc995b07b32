"""What one test has made ready, the next one uses: compiled statements and templates, a warm typesetter."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event

from portal.reports.printing import Press, open_press

_FIRST: dict[str, Engine] = {}
"""The first engine of each kind in this process; the later ones take over what it knows."""


def quick_engine(engine: Engine) -> Engine:
    """Return the engine, which now shares compiled statements with the earlier ones and waits for no disk.

    Nothing that a test writes has to survive a power cut. Statements are compiled for one dialect object, so
    without sharing it every test would compile all of its statements anew.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wait_for_no_disk)
    first = _FIRST.get(engine.dialect.name)
    if first is None:
        # A dialect knows its server only once it has connected.
        with engine.connect():
            _FIRST[engine.dialect.name] = engine
        return engine
    engine.dialect = first.dialect
    engine.update_execution_options(compiled_cache=first._compiled_cache)
    return engine


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def quick_templates(app: Flask, shared: Path) -> None:
    """Let an app draw the templates that any app of this run has compiled, and compile the others for all.

    ``shared`` is the folder of the run.
    """
    folder = shared / "compiled-templates"
    folder.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


@cache
def warm_press() -> Press:
    """Return the press of this process: a typesetter takes longer to start than to set most papers."""
    return open_press()


def pytest_unconfigure() -> None:
    if warm_press.cache_info().currsize:
        warm_press().close()
