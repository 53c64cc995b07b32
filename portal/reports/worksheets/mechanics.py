"""Which mechanic is put on paper how. One that isn't listed gets the questions of its form, so that none is without."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from portal.exercises.domain import Exercise
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import MechanicName
from portal.reports.worksheets.alone import journal, ladder, letter, overlap, timeline, tracker
from portal.reports.worksheets.sections import Sections, asked
from portal.reports.worksheets.together import agreement, deck, plan, talk

DRAWN_BY: Final[Mapping[MechanicName, Callable[[Exercise, Any], Sections]]] = {
    MechanicName.LETTER: letter,
    MechanicName.OVERLAP: overlap,
    MechanicName.LADDER: ladder,
    MechanicName.TRACKER: tracker,
    MechanicName.TIMELINE: timeline,
    MechanicName.JOURNAL: journal,
    MechanicName.AGREEMENT: agreement,
    MechanicName.DIALOGUE: talk,
    MechanicName.PLAN: plan,
    MechanicName.DECK: deck,
}
"""What is made for a mechanic besides the questions of a form."""


def sections_of(exercise: Exercise) -> Sections:
    """Return what there is to write on for all mechanics of an exercise, in their order."""
    found = [_drawn(exercise, name) for name in exercise.mechanics]
    return tuple(each for sections in found for each in sections if each.blocks)


def _drawn(exercise: Exercise, name: MechanicName) -> Sections:
    spec = exercise.specs[name]
    drawn_by = DRAWN_BY.get(name)
    return asked(exercise, MECHANICS[name].form(spec)) if drawn_by is None else drawn_by(exercise, spec)
