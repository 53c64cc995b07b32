"""Keeps the suite short: what compares thousands of pages needs no count of the lines that drew them."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests without measuring coverage, which makes them half as slow again.

    They ask what happens, over and over; the lines that make it happen are covered by the tests of each part.
    """
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.no_cover)
