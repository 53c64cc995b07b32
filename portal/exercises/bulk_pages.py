"""What giving an exercise to several couples shows: the couples to choose, how each stands, and what was given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises.bulk_commands import Fit, fits, given_with, plan_for
from portal.exercises.care_commands import Plan
from portal.exercises.care_forms import SeveralForm
from portal.exercises.domain import Exercise, Who
from portal.exercises.give_pages import instructions_seen, kept, offer, plan_in, settings, suggest
from portal.exercises.need_pages import Reason, guard_for
from portal.exercises.words import labels_for_staff
from portal.people.couple_queries import Circle, couples_of
from portal.web.translate import _


class Way(StrEnum):
    """What becomes of one couple."""

    GIVEN = "given"
    PREPARED = "prepared"
    HELD = "held"
    """It can be prepared for them, if that is wished."""
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Line:
    """One couple: what it is called, what becomes of it, and why."""

    couple_id: str
    names: tuple[str, str]
    way: Way
    reasons: tuple[Reason, ...]


def may_be_several(exercise: Exercise) -> bool:
    """Say whether an exercise can be given to several couples at once: not where one of the two has to be chosen."""
    return exercise.who is not Who.ONE


def prepared(
    form: SeveralForm, scope: Scope, exercise: Exercise, *, chosen: Sequence[str], today: date
) -> None:
    """Offer what can be chosen, and fill in what the exercise suggests. Raises Refused where it is for one alone."""
    if not may_be_several(exercise):
        raise Refused("one of the two has to be chosen")
    form.couples.choices = [
        SelectChoice(each.couple_id, _("%(first)s and %(second)s", first=each.label[0], second=each.label[1]))
        for each in circles(scope).values()
    ]
    form.thought.label.text = (
        _("I have thought about this for each of them, and all of them are adults")
        if exercise.touch_level
        else _("I have thought about this for each of them")
    )
    offer(form, scope, exercise, today=today)
    if form.is_submitted():
        return
    suggest(form, exercise, today=today)
    form.couples.data = list(chosen)


def circles(scope: Scope) -> Mapping[str, Circle]:
    """Return the people around each couple of the therapist's own, by name."""
    scope.require(Permission.ASSIGN)
    return {
        each.couple_id: Circle(each.couple_id, each.a.person, each.b.person, each.therapists)
        for each in couples_of(scope)
        if each.couple_id in scope.viewer.couples
    }


def page(form: SeveralForm, exercise: Exercise) -> dict[str, Any]:
    """Return what the page for deciding shows."""
    return {
        "form": form,
        "exercise": exercise,
        "is_overlap": exercise.lists is not None,
        "seen_by": labels_for_staff(exercise),
        "instructions_seen": instructions_seen(),
        "address": url_for(".assign_several", slug=exercise.slug),
    }


def plans_in(form: SeveralForm, *, zone: str) -> list[Plan]:
    """Return what was decided for each couple in a form that has been validated."""
    return [plan_in(form, couple_id, zone=zone) for couple_id in form.couples.data]


def check(form: SeveralForm, scope: Scope, exercise: Exercise, *, zone: str) -> dict[str, Any]:
    """Return what the page before giving shows: everything that was decided, and how each couple stands."""
    plans = plans_in(form, zone=zone)
    around, standing = circles(scope), fits(scope, exercise, form.couples.data)
    lines = [_line(scope, exercise, around[each.couple_id], each, standing[each.couple_id]) for each in plans]
    return (
        page(form, exercise)
        | {
            "lines": lines,
            "held": [line for line in lines if line.way is Way.HELD],
            "can_go_on": any(line.way is not Way.NOT for line in lines),
            "kept": [("couples", each) for each in form.couples.data] + kept(form),
        }
        | settings(form)
    )


def _line(scope: Scope, exercise: Exercise, people: Circle, plan: Plan, fit: Fit) -> Line:
    meant = plan_for(exercise, plan, fit, held_too=False)
    if meant is not None:
        way = Way.GIVEN if meant.release else Way.PREPARED
    else:
        way = Way.HELD if plan_for(exercise, plan, fit, held_too=True) else Way.NOT
    # That new things are held is worth saying where it changes what is done, and only there.
    reasons = () if way in {Way.GIVEN, Way.PREPARED} else _reasons(scope, exercise, people, fit)
    return Line(people.couple_id, people.label, way, reasons)


def _reasons(scope: Scope, exercise: Exercise, people: Circle, fit: Fit) -> tuple[Reason, ...]:
    guard = guard_for(scope, exercise, people, missing=fit.missing, has_flag=fit.has_flag)
    if not fit.is_in_hand:
        return guard.reasons
    act = (_("Look at it"), url_for("home.couple", couple_id=people.couple_id))
    return (Reason(words=_("They have it in hand already."), act=act), *guard.reasons)


def given(scope: Scope, exercise: Exercise, couple_ids: Collection[str], *, once_key: str) -> dict[str, Any]:
    """Return what came of it, couple by couple; why something was not given is said as it stands now."""
    around = circles(scope)
    asked = [couple_id for couple_id in dict.fromkeys(couple_ids) if couple_id in around]
    found = given_with(scope, asked, once_key=once_key)
    standing = fits(scope, exercise, [couple_id for couple_id in asked if couple_id not in found])
    lines = []
    for couple_id in asked:
        people, assignment = around[couple_id], found.get(couple_id)
        if assignment is None:
            reasons = _reasons(scope, exercise, people, standing[couple_id])
            lines.append(Line(couple_id, people.label, Way.NOT, reasons))
        else:
            way = Way.GIVEN if assignment.released_at is not None else Way.PREPARED
            lines.append(Line(couple_id, people.label, way, ()))
    return {"exercise": exercise, "lines": lines, "count": len(found)}
