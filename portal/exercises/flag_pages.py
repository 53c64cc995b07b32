"""What pages about safety flags show their therapist: what raised them, since when, what is held, what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Permission
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises import safety
from portal.exercises.care_forms import DecideForm, RaiseForm
from portal.exercises.flag_queries import Story, deciders, flag_of, held_works, stories
from portal.exercises.safety_models import FlagKind, SafetyFlag
from portal.people.couple_queries import Circle, circle
from portal.web.translate import _
from portal.web.visibility import SeenBy, seen_by_staff

BOTH = "both"


@dataclass(frozen=True, slots=True)
class FlagShown:
    """One flag: what raised it in words, since when, where the answer stands, and what was decided."""

    id: str
    words: str
    question: str
    """The question whose answer raised it; empty where there is none."""
    since: datetime
    answer: tuple[str, str] | None
    """The title of the exercise, and the address of the answer."""
    decision: str | None
    decided_by: str
    decided_at: datetime | None


def panel(scope: Scope, people: Circle) -> list[FlagShown]:
    """Return a couple's open flags, oldest first, as the couple's page shows them to its therapist."""
    return _shown(scope, people, safety.open_flags(scope, people.couple_id))


def overview(scope: Scope, couple_id: str) -> dict[str, Any]:
    """Return what the page about a couple's flags shows."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    people = circle(scope, couple_id)
    flags = panel(scope, people)
    return {
        "couple_id": couple_id,
        "people": people,
        "flags": flags,
        "past": _shown(scope, people, safety.closed_flags(scope, couple_id)),
        "held": [_held(work.exercise.title, work.assignment.id) for work in held_works(scope, couple_id)],
    }


def deciding(scope: Scope, flag_id: str, form: DecideForm) -> dict[str, Any]:
    """Return what the page shows on which a flag is decided about. Raises Refused for somebody else's couple."""
    flag = flag_of(scope, flag_id)
    people = circle(scope, flag.couple_id)
    return {
        "couple_id": flag.couple_id,
        "people": people,
        "flag": _shown(scope, people, [flag])[0],
        "form": form,
        "seen": notes(),
    }


def raising(scope: Scope, couple_id: str, form: RaiseForm) -> dict[str, Any]:
    """Return what the page before raising a flag shows, and offer whom it can be about."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    people = circle(scope, couple_id)
    form.about.choices = [
        SelectChoice(BOTH, _("%(a)s and %(b)s", a=people.a.first_name, b=people.b.first_name)),
        *(SelectChoice(person.account_id, person.first_name) for person in (people.a, people.b)),
    ]
    known = safety.open_flags(scope, couple_id)
    is_known = any(flag.kind == FlagKind.THERAPIST for flag in known)
    return {"couple_id": couple_id, "people": people, "form": form, "is_known": is_known}


def notes() -> SeenBy:
    """Return who sees what is written about a flag."""
    words = _("Only the therapists of these two. Neither partner ever sees it")
    return SeenBy(Label.NOTES, words, seen_by_staff(Label.NOTES).short)


def _held(title: str, assignment_id: str) -> tuple[str, str]:
    return title, url_for("exercises.review", assignment_id=assignment_id)


def _shown(scope: Scope, people: Circle, flags: list[SafetyFlag]) -> list[FlagShown]:
    names = deciders(scope, flags)
    return [
        FlagShown(
            id=story.flag.id,
            words=_words(story.flag, people),
            question=_question(story),
            since=story.flag.raised_at,
            answer=_answer(story),
            decision=story.flag.decision,
            decided_by=names.get(story.flag.closed_by or "", ""),
            decided_at=story.flag.closed_at,
        )
        for story in stories(scope, flags)
    ]


def _words(flag: SafetyFlag, people: Circle) -> str:
    """Return what raised a flag. The answer itself stands on its own page, where reading it is written down."""
    name = people.person(flag.about_id).first_name if flag.about_id else None
    match FlagKind(flag.kind):
        case FlagKind.NOT_FREE:
            return _("%(name)s did not feel quite free to say no", name=name)
        case FlagKind.ALONE:
            return _("%(name)s would like to talk with you alone", name=name)
        case FlagKind.ANSWER:
            return _("%(name)s answered a question about safety", name=name)
        case FlagKind.THERAPIST if name:
            return _("Raised by hand, about %(name)s", name=name)
        case FlagKind.THERAPIST:
            return _("Raised by hand, about both")


def _question(story: Story) -> str:
    item = story.exercise.form.item(story.flag.item) if story.exercise is not None else None
    return item.text if item is not None and story.flag.kind == FlagKind.ANSWER else ""


def _answer(story: Story) -> tuple[str, str] | None:
    if story.exercise is None or story.flag.assignment_id is None:
        return None
    address = url_for("exercises.review", assignment_id=story.flag.assignment_id, period=story.period)
    return story.exercise.title, address
