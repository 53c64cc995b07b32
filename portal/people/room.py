"""The room of people: practices, accounts, couples, invitations and signing in."""

from portal.web.room import Room

room = Room("people", __name__)
