"""Giving one exercise to several couples at once: to those to whom it can be given, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises import care_commands
from portal.exercises.care_commands import Plan
from portal.exercises.domain import Exercise, Need
from portal.exercises.models import Assignment, AssignmentState
from portal.exercises.needs import may_be_prepared, unmet_by_couple
from portal.exercises.safety import flagged, is_conjoint
from portal.people.models import Couple


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How one couple stands to an exercise: whether it has it in hand, has a flag open, and what it lacks."""

    is_in_hand: bool
    has_flag: bool
    missing: tuple[Need, ...]


def fits(scope: Scope, exercise: Exercise, couple_ids: Collection[str]) -> Mapping[str, Fit]:
    """Return how some couples of the therapist's own stand to an exercise."""
    scope.require(Permission.ASSIGN)
    missing = unmet_by_couple(scope, exercise, couple_ids)
    with_flag, in_hand = flagged(scope, couple_ids), _in_hand(scope, exercise, couple_ids)
    return {
        couple_id: Fit(
            is_in_hand=couple_id in in_hand, has_flag=couple_id in with_flag, missing=missing[couple_id]
        )
        for couple_id in couple_ids
    }


def plan_for(exercise: Exercise, plan: Plan, fit: Fit, *, held_too: bool) -> Plan | None:
    """Return how an exercise can be given to a couple, or None if it can't be.

    Where new things for both are held it is prepared, if that was wished (``held_too``) or nothing else was meant.
    """
    if fit.is_in_hand or [need for need in fit.missing if need is not Need.NO_FLAG]:
        return None
    if not fit.has_flag:
        return plan
    if not may_be_prepared(exercise):
        return None
    if not is_conjoint(exercise) or not plan.release:
        return plan
    return replace(plan, release=False) if held_too else None


def assign_several(
    scope: Scope, exercise: Exercise, plans: Sequence[Plan], *, once_key: str, held_too: bool
) -> Mapping[str, Assignment]:
    """Give an exercise to each couple that it can be given to now; return what was given, by couple.

    The same key twice gives it once, and returns what was given the first time.
    """
    scope.require(Permission.ASSIGN)
    couples = sorted(plan.couple_id for plan in plans)
    # Two windows with the same exercise: the second has to see what the first has given.
    rows = scope.select(Couple).where(Couple.id.in_(couples)).order_by(Couple.id)
    scope.all(rows.with_for_update(key_share=True))
    given = dict(given_with(scope, couples, once_key=once_key))
    standing = fits(scope, exercise, couples)
    for plan in plans:
        meant = plan_for(exercise, plan, standing[plan.couple_id], held_too=held_too)
        if plan.couple_id in given or meant is None:
            continue
        key = key_for(once_key, plan.couple_id)
        given[plan.couple_id] = care_commands.assign(scope, exercise, meant, once_key=key)
    return given


def given_with(scope: Scope, couple_ids: Collection[str], *, once_key: str) -> Mapping[str, Assignment]:
    """Return what was given to some couples with a key, by couple."""
    scope.require(Permission.ASSIGN)
    keys = [key_for(once_key, couple_id) for couple_id in couple_ids]
    found = scope.all(scope.select(Assignment).where(Assignment.once_key.in_(keys)))
    return {each.couple_id: each for each in found}


def key_for(once_key: str, couple_id: str) -> str:
    """Return the key under which one couple is given something, out of several."""
    return sha256(f"{once_key} {couple_id}".encode()).hexdigest()[:40]


def _in_hand(scope: Scope, exercise: Exercise, couple_ids: Collection[str]) -> frozenset[str]:
    query = scope.select(Assignment).where(
        Assignment.slug == exercise.slug,
        Assignment.state == AssignmentState.OPEN,
        Assignment.couple_id.in_(sorted(couple_ids)),
    )
    return frozenset(scope.all(query.with_only_columns(Assignment.couple_id).distinct()))
