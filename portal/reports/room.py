"""The room of reports."""

from portal.web.room import Room

room = Room("reports", __name__)
