"""The mechanics that have pages of their own, each in a package here: one line for each."""

from collections.abc import Mapping
from typing import Final

from portal.exercises.mechanics.base import MechanicName
from portal.exercises.parts.agreements.part import AGREEMENT
from portal.exercises.parts.base import Part
from portal.exercises.parts.decks.part import DECK
from portal.exercises.parts.habits.part import HABIT
from portal.exercises.parts.journals.part import JOURNAL
from portal.exercises.parts.ladders.part import LADDER
from portal.exercises.parts.plans.part import PLAN
from portal.exercises.parts.talk.part import TALK
from portal.exercises.parts.timelines.part import TIMELINE

PARTS: Final[Mapping[MechanicName, Part]] = {
    MechanicName.AGREEMENT: AGREEMENT,
    MechanicName.DECK: DECK,
    MechanicName.TRACKER: HABIT,
    MechanicName.JOURNAL: JOURNAL,
    MechanicName.PLAN: PLAN,
    MechanicName.LADDER: LADDER,
    MechanicName.DIALOGUE: TALK,
    MechanicName.TIMELINE: TIMELINE,
}
