"""The room of exercises: assigning, doing, reading."""

from portal.web.room import Room

room = Room("exercises", __name__)
