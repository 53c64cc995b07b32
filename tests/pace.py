"""Keeps the suite short: lines are counted where it tells something, because counting takes half as long again."""

import pytest

from tests.databases import Engine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests, and on PostgreSQL what runs on SQLite as well, without measuring coverage.

    Slow tests ask what happens, over and over; the lines that make it happen are covered by the tests of each
    part. A test that runs on both databases passes the same lines twice.
    """
    names = {item.nodeid for item in items}
    for item in items:
        if item.get_closest_marker("slow") is not None or _twin(item) in names:
            item.add_marker(pytest.mark.no_cover)


def _twin(item: pytest.Item) -> str | None:
    """Return the name of the same test on SQLite, for one on PostgreSQL."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or callspec.params.get("database_engine") is not Engine.POSTGRESQL:
        return None
    return item.nodeid.replace(Engine.POSTGRESQL, Engine.SQLITE)
