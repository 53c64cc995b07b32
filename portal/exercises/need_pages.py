"""Why an exercise can't be given to a couple as usual, in plain words for their therapist and for nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import url_for

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises.domain import Exercise, Need
from portal.exercises.needs import list_of, may_be_prepared, unmet
from portal.exercises.safety import flagged, is_conjoint
from portal.exercises.shelf import library
from portal.people.couple_queries import Circle
from portal.people.welcome_queries import agreeing
from portal.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that stands in the way, and where something can be done about it: words and address."""

    words: str
    act: tuple[str, str] | None = None
    is_flag: bool = False
    list_of: str = ""
    """The exercise whose lists are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What stands between an exercise and a couple now: nothing, a hold, or something that keeps it from being given."""

    reasons: tuple[Reason, ...] = ()
    is_held: bool = False
    """It can be prepared, and is released once the therapist has decided about a flag."""
    is_barred: bool = False
    """It can be neither given nor prepared."""

    @property
    def is_clear(self) -> bool:
        """Say whether nothing stands between."""
        return not (self.is_held or self.is_barred)


CLEAR = Guard()


def hold(scope: Scope, people: Circle) -> Guard:
    """Return whether new things for both are held. Raises Refused for somebody else's couple."""
    scope.require(Permission.ASSIGN, couple_id=people.couple_id)
    if not flagged(scope, [people.couple_id]):
        return CLEAR
    return Guard(reasons=(_hold_reason(people),), is_held=True)


def guard(scope: Scope, exercise: Exercise, people: Circle) -> Guard:
    """Return what stands between an exercise and a couple now. Raises Refused for somebody else's couple."""
    scope.require(Permission.ASSIGN, couple_id=people.couple_id)
    missing = unmet(scope, exercise, people.couple_id)
    has_flag = bool(flagged(scope, [people.couple_id]))
    return guard_for(scope, exercise, people, missing=missing, has_flag=has_flag)


def guard_for(
    scope: Scope, exercise: Exercise, people: Circle, *, missing: Sequence[Need], has_flag: bool
) -> Guard:
    """Return what stands between an exercise and a couple of which is known what they lack."""
    other = [need for need in missing if need is not Need.NO_FLAG]
    in_the_way = has_flag and (is_conjoint(exercise) or not may_be_prepared(exercise))
    is_barred = bool(other) or (in_the_way and not may_be_prepared(exercise))
    reasons = [_flag_reason(exercise, people)] if in_the_way else []
    reasons += [_reason(scope, need, exercise, people) for need in other]
    return Guard(reasons=tuple(reasons), is_held=in_the_way and not is_barred, is_barred=is_barred)


def _flag_reason(exercise: Exercise, people: Circle) -> Reason:
    held = _hold_reason(people)
    if may_be_prepared(exercise):
        return held
    words = _(
        "A safety flag is open. Until you have decided about it, this can be neither given nor prepared."
    )
    return replace(held, words=words)


def _hold_reason(people: Circle) -> Reason:
    words = _("A safety flag is open. New things for both are held until you have decided about it.")
    act = (_("Look at the flag"), url_for("exercises.flags", couple_id=people.couple_id))
    return Reason(words=words, act=act, is_flag=True)


def _reason(scope: Scope, need: Need, exercise: Exercise, people: Circle) -> Reason:
    match need:
        case Need.BOTH_CONSENTED:
            act = (_("See how far they are"), url_for("people.couple_access", couple_id=people.couple_id))
            return Reason(words=_consent_words(scope, people), act=act)
        case Need.TOUCH_OVERLAP:
            slug = list_of(exercise)
            title = library()[slug].title if slug in library() else slug
            words = _("In “%(title)s” there is nothing that both are open to at the moment.", title=title)
            address = url_for("exercises.assign", slug=slug, couple=people.couple_id)
            act = (_("Give them “%(title)s”", title=title), address)
            return Reason(words=words, act=act, list_of=slug)
        case Need.NO_FLAG:
            return _flag_reason(exercise, people)


def _consent_words(scope: Scope, people: Circle) -> str:
    agreed = agreeing(scope, [people.couple_id])[people.couple_id]
    missing = [each.first_name for each in (people.a, people.b) if each.account_id not in agreed]
    if len(missing) > 1:
        return _("Neither of them has agreed yet to how your practice works with what they write.")
    name = missing[0] if missing else ""
    return _("%(name)s has not agreed yet to how your practice works with what they write.", name=name)
