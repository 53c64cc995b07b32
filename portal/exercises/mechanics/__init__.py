"""The kinds of interaction that exercises are made of: one pure module each, listed here."""

from collections.abc import Mapping
from typing import Final

from portal.exercises.mechanics import (
    agreement,
    deck,
    dialogue,
    journal,
    ladder,
    letter,
    overlap,
    plan,
    questionnaire,
    timeline,
    tracker,
)
from portal.exercises.mechanics.base import AnyMechanic, MechanicName

MECHANICS: Final[Mapping[MechanicName, AnyMechanic]] = {
    MechanicName.QUESTIONNAIRE: questionnaire,
    MechanicName.LETTER: letter,
    MechanicName.DIALOGUE: dialogue,
    MechanicName.OVERLAP: overlap,
    MechanicName.AGREEMENT: agreement,
    MechanicName.LADDER: ladder,
    MechanicName.TRACKER: tracker,
    MechanicName.JOURNAL: journal,
    MechanicName.PLAN: plan,
    MechanicName.DECK: deck,
    MechanicName.TIMELINE: timeline,
}
