"""The room of front pages."""

from portal.web.room import Room

room = Room("home", __name__)
