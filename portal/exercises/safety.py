"""Safety flags: raised by answers without a trace for either partner, looked at and closed by their therapist alone."""

from collections.abc import Collection, Mapping

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.afterwards import FREE_TO_SAY_NO, UNTROUBLED
from portal.exercises.models import Assignment, AssignmentState, Response
from portal.exercises.queries import asks, told_at
from portal.exercises.safety_models import FlagKind, SafetyFlag
from portal.exercises.shelf import exercises_by_copy
from portal.people.couple_queries import circle
from portal.people.models import Couple
from portal.people.post import call_off
from portal.questionnaires.model import Form, Value

FOR_EYES_OF_THERAPIST = frozenset({Label.PRIVATE, Label.THERAPIST, Label.NOTES})


class OnHold(Exception):
    """Something new for both is held, because a safety flag is open."""


class Decided(Exception):
    """Somebody has decided about a flag already; ``flag`` holds who, when and in which words."""

    def __init__(self, flag: SafetyFlag) -> None:
        super().__init__(flag.id)
        self.flag = flag


def is_conjoint(exercise: Exercise) -> bool:
    """Say whether an exercise brings anything of one partner before the other, or asks them to do something together."""
    return not set(exercise.labels) <= FOR_EYES_OF_THERAPIST


def raised_by(form: Form, values: Mapping[str, Value]) -> dict[str, FlagKind]:
    """Return which answers are a matter for the therapist at once, by item key."""
    found = {}
    for item in form.questions:
        value = values.get(item.key)
        if item.key in UNTROUBLED and isinstance(value, str) and value not in {"", UNTROUBLED[item.key]}:
            found[item.key] = FlagKind.NOT_FREE if item.key == FREE_TO_SAY_NO else FlagKind.ALONE
        elif item.asks_for_care(value):
            found[item.key] = FlagKind.ANSWER
    return found


def raise_flags(scope: Scope, response: Response, form: Form, values: Mapping[str, Value]) -> None:
    """Raise a flag for each answer that asks for one, unless the same kind is open for this response already.

    Who sends such an answer once more after the therapist has decided means it once more, and is looked at again.
    """
    kinds = raised_by(form, values)
    if not kinds:
        return
    house = scope.as_house(response.couple_id)
    still_open = house.select(SafetyFlag).where(
        SafetyFlag.response_id == response.id, SafetyFlag.closed_at.is_(None)
    )
    known = {flag.kind for flag in house.all(still_open)}
    new = sorted(set(kinds.values()) - known)
    for kind in new:
        flag = house.add(
            SafetyFlag(
                couple_id=response.couple_id,
                about_id=response.author_id,
                assignment_id=response.assignment_id,
                response_id=response.id,
                kind=kind,
                item=next(key for key, found in kinds.items() if found is kind),
                raised_at=scope.now,
            )
        )
        record(scope, Action.FLAG_RAISED, subject_id=flag.id, couple_id=response.couple_id)
    if new:
        hold_back(house, response.couple_id)


def hold_back(scope: Scope, couple_id: str) -> None:
    """Take what was to open to both on a day to come back into preparation. What is open stays open.

    For the house, or the couple's therapist. Nobody had seen any of it; the mails about it are called off.
    """
    query = scope.select(Assignment).where(
        Assignment.couple_id == couple_id,
        Assignment.state == AssignmentState.OPEN,
        Assignment.released_at.is_not(None),
        Assignment.opens_at > scope.now,
    )
    coming = scope.all(query.order_by(Assignment.opens_at, Assignment.id))
    exercises = exercises_by_copy(scope, {each.copy_id for each in coming})
    held = [each for each in coming if is_conjoint(exercises[each.copy_id])]
    for each in held:
        each.released_at = None
    scope.flush()
    call_off_openings(scope, couple_id, held)


def call_off_openings(scope: Scope, couple_id: str, gone: Collection[Assignment]) -> None:
    """Drop the mails about assignments that will not open on their day after all.

    One mail tells of everything that opens to somebody at a time, and stays where there is something else.
    """
    query = scope.select(Assignment).where(
        Assignment.couple_id == couple_id,
        Assignment.state == AssignmentState.OPEN,
        Assignment.released_at.is_not(None),
        Assignment.opens_at > scope.now,
    )
    left = [each for each in scope.all(query) if each not in gone]
    people = circle(scope, couple_id)
    for each in gone:
        for seat in (seat for seat in Seat if asks(each, seat)):
            if not any(other.opens_at == each.opens_at and asks(other, seat) for other in left):
                call_off(scope, people.at(seat).account_id, due_at=told_at(each))


def raise_by_hand(scope: Scope, couple_id: str, *, about_id: str | None = None) -> SafetyFlag:
    """Raise a flag as the couple's therapist; one that a therapist raised and that is open stays the only one.

    ``about_id`` is the partner whom it is about, where it is one of them. Raises Refused for anybody else.
    """
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    if about_id is not None:
        circle(scope, couple_id).person(about_id)
    # Two therapists who raise one at the same moment raise the same one.
    scope.one(scope.select(Couple).where(Couple.id == couple_id).with_for_update(key_share=True))
    query = scope.select(SafetyFlag).where(
        SafetyFlag.couple_id == couple_id,
        SafetyFlag.kind == FlagKind.THERAPIST,
        SafetyFlag.closed_at.is_(None),
    )
    known: SafetyFlag | None = scope.first(query)
    if known is not None:
        return known
    flag = scope.add(
        SafetyFlag(
            couple_id=couple_id, about_id=about_id, kind=FlagKind.THERAPIST, item="", raised_at=scope.now
        )
    )
    record(scope, Action.FLAG_RAISED, subject_id=flag.id, couple_id=couple_id)
    hold_back(scope, couple_id)
    return flag


def close(scope: Scope, flag_id: str, *, decision: str) -> SafetyFlag:
    """Close a flag with what its therapist decided, in their words. What was held stays held until it is released.

    Raises Refused without words, and Decided where somebody was quicker; the same words twice are said once.
    """
    scope.require(Permission.ASSIGN)
    if not decision.strip():
        raise Refused("a flag is closed by a decision in words")
    # Of two who decide at the same moment, the second has to see what the first has written.
    query = scope.select(SafetyFlag).where(SafetyFlag.id == flag_id).with_for_update(key_share=True)
    flag: SafetyFlag = scope.one(query.execution_options(populate_existing=True))
    scope.require(Permission.ASSIGN, couple_id=flag.couple_id)
    if flag.closed_at is not None:
        if (flag.closed_by, flag.decision) == (scope.account_id, decision):
            return flag
        raise Decided(flag)
    flag.closed_at, flag.closed_by, flag.decision = scope.now, scope.account_id, decision
    record(scope, Action.FLAG_CLOSED, subject_id=flag.id, couple_id=flag.couple_id)
    scope.flush()
    return flag


def open_flags(scope: Scope, couple_id: str) -> list[SafetyFlag]:
    """Return the open flags of a couple, oldest first. For its therapist; the scope finds none for anybody else."""
    query = scope.select(SafetyFlag).where(SafetyFlag.couple_id == couple_id, SafetyFlag.closed_at.is_(None))
    return scope.all(query.order_by(SafetyFlag.raised_at, SafetyFlag.id))


def check_hold(scope: Scope, exercise: Exercise, couple_id: str) -> None:
    """Raise OnHold if an exercise may not be opened to the couple now, because a flag is open."""
    if is_conjoint(exercise) and open_flags(scope, couple_id):
        raise OnHold(exercise.slug)


def flagged(scope: Scope, couple_ids: Collection[str]) -> frozenset[str]:
    """Return those of some couples that have an open flag. For their therapist, or the house."""
    query = scope.select(SafetyFlag).where(
        SafetyFlag.couple_id.in_(sorted(couple_ids)), SafetyFlag.closed_at.is_(None)
    )
    return frozenset(scope.all(query.with_only_columns(SafetyFlag.couple_id).distinct()))


def closed_flags(scope: Scope, couple_id: str) -> list[SafetyFlag]:
    """Return the flags of a couple that were decided about, newest decision first. For its therapist."""
    query = scope.select(SafetyFlag).where(
        SafetyFlag.couple_id == couple_id, SafetyFlag.closed_at.is_not(None)
    )
    return scope.all(query.order_by(SafetyFlag.closed_at.desc(), SafetyFlag.id))
