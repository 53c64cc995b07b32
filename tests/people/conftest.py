"""Fixtures for signing in and for people's accounts."""

from tests.people.door import admin, any_door, door
from tests.people.whole import whole

__all__ = ["admin", "any_door", "door", "whole"]
