"""Small tables of the mechanics that two people do together, and a clock for tests of their rules."""

from datetime import UTC, datetime, timedelta

from portal.access.privacy import Audience
from portal.access.viewer import Seat
from portal.exercises.mechanics.base import Frame
from portal.kit.library import read_definition

NOW = datetime(2026, 11, 1, 20, tzinfo=UTC)
A, B = Seat.A, Seat.B

AFTERWARDS = """
[[afterwards.pages]]
key = "on_your_own"
title = "On your own"
[[afterwards.pages.items]]
key = "free_to_say_no"
kind = "choice"
audience = "therapist"
text = "Did you feel free to say no?"
options = [{ key = "yes", text = "Yes" }, { key = "partly", text = "Partly" }, { key = "no", text = "No" }]
[[afterwards.pages.items]]
key = "worry"
kind = "choice"
audience = "therapist"
text = "Any worry?"
options = [{ key = "no", text = "No" }, { key = "talk", text = "I'd like to talk" }]
"""


def spec_of(mechanic, text, audience=Audience.COUPLE):
    """Return what a mechanic reads from its table."""
    frame = Frame(title="An exercise", audience=audience)
    return read_definition(text, lambda table: mechanic.read(table, frame), name="table.toml")


def at(minutes):
    """Return a moment some minutes after the beginning."""
    return NOW + timedelta(minutes=minutes)
