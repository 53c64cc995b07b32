"""Fixtures for signing in and for people's accounts."""

from tests.people.door import admin, bare_records, door
from tests.people.whole import whole

__all__ = ["admin", "bare_records", "door", "whole"]
