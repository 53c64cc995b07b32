"""What exercises need before they are given: looked up for a couple, or for many, and told to their therapist alone."""

from collections.abc import Collection, Mapping
from typing import Final

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise, Need
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.queries import matches_of
from portal.exercises.safety import OnHold, check_hold, flagged
from portal.people.welcome_queries import agreeing

TOUCH_MENU: Final = "touch-menu"
"""The exercise whose lists say which touch both are open to."""


def list_of(exercise: Exercise) -> str:
    """Return the exercise whose lists say what both are open to, for one that is taken from them."""
    habit = exercise.spec(TrackerSpec)
    return (habit.only_from if habit is not None else "") or TOUCH_MENU


class Unmet(Exception):
    """A couple can't be given an exercise now, because something that it needs isn't there."""

    def __init__(self, needs: Collection[Need]) -> None:
        super().__init__(", ".join(needs))
        self.needs = tuple(needs)


def unmet(scope: Scope, exercise: Exercise, couple_id: str) -> tuple[Need, ...]:
    """Return what an exercise needs and a couple hasn't got now. For its therapist, or the house."""
    return unmet_by_couple(scope, exercise, [couple_id])[couple_id]


def unmet_by_couple(
    scope: Scope, exercise: Exercise, couple_ids: Collection[str]
) -> Mapping[str, tuple[Need, ...]]:
    """Return what an exercise needs and each of some couples hasn't got now, need by need."""
    meeting = {need: _meeting(scope, exercise, need, couple_ids) for need in exercise.needs}
    return {
        couple_id: tuple(need for need in exercise.needs if couple_id not in meeting[need])
        for couple_id in couple_ids
    }


def check_needs(scope: Scope, exercise: Exercise, couple_id: str, *, opens: bool) -> None:
    """Raise OnHold or Unmet where an exercise can't be given to a couple now.

    ``opens`` says that the couple would see it. While a safety flag is open nothing for both is opened, and what
    needs that there is none isn't even prepared.
    """
    missing = unmet(scope, exercise, couple_id)
    if Need.NO_FLAG in missing:
        raise OnHold(exercise.slug)
    if opens:
        check_hold(scope, exercise, couple_id)
    if missing:
        raise Unmet(missing)


def may_be_prepared(exercise: Exercise) -> bool:
    """Say whether an exercise can be prepared, unseen by the couple, while a safety flag is open."""
    return Need.NO_FLAG not in exercise.needs


def _meeting(scope: Scope, exercise: Exercise, need: Need, couple_ids: Collection[str]) -> Collection[str]:
    match need:
        case Need.NO_FLAG:
            return set(couple_ids) - flagged(scope, couple_ids)
        case Need.BOTH_CONSENTED:
            found = agreeing(scope, couple_ids)
            return {couple_id for couple_id in couple_ids if len(found[couple_id]) == len(Seat)}
        case Need.TOUCH_OVERLAP:
            lists = list_of(exercise)
            return {couple_id for couple_id in couple_ids if matches_of(scope, couple_id, lists)}
