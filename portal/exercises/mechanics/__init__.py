"""The kinds of interaction that exercises are made of: one pure module each, listed here."""

from collections.abc import Mapping
from typing import Final

from portal.exercises.mechanics import letter, overlap, questionnaire, tracker
from portal.exercises.mechanics.base import AnyMechanic, MechanicName

MECHANICS: Final[Mapping[MechanicName, AnyMechanic]] = {
    MechanicName.QUESTIONNAIRE: questionnaire,
    MechanicName.LETTER: letter,
    MechanicName.OVERLAP: overlap,
    MechanicName.TRACKER: tracker,
}
