"""What giving an exercise to a couple shows, and what it decides, as plain values."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import review_queries
from portal.exercises.care_forms import GiveForm
from portal.exercises.domain import Exercise, Recurrence, Who, needs_both
from portal.exercises.give_pages import LATER, instructions_seen, kept, offer, settings, suggest
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.mechanics.safety_items import asks_about_safety
from portal.exercises.models import Assignment, Whom
from portal.exercises.need_pages import Guard, guard
from portal.exercises.preview_pages import card, language_name
from portal.exercises.viewpoints import viewpoints
from portal.exercises.words import labels_for_staff
from portal.people.couple_queries import Circle, Person, circle
from portal.web.translate import _
from portal.web.visibility import Names, seen_by, seen_by_staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """What is being given, to whom, and what stands in the way; ``previous`` is the time before, if there was one."""

    exercise: Exercise
    people: Circle
    guard: Guard
    previous: Assignment | None

    @property
    def previous_id(self) -> str | None:
        """The id of the time before."""
        return self.previous.id if self.previous is not None else None


def giving(scope: Scope, exercise: Exercise, couple_id: str, *, previous_id: str | None) -> Giving:
    """Return what is being given. Raises Refused where the time before was another couple's, or another exercise."""
    people = circle(scope, couple_id)
    return Giving(
        exercise=exercise,
        people=people,
        guard=guard(scope, exercise, people),
        previous=_previous_of(scope, exercise, people, previous_id=previous_id),
    )


def _previous_of(
    scope: Scope, exercise: Exercise, people: Circle, *, previous_id: str | None
) -> Assignment | None:
    if not previous_id:
        return None
    work = review_queries.work(scope, previous_id)
    if work.assignment.couple_id != people.couple_id or work.assignment.slug != exercise.slug:
        raise Refused("another assignment")
    return work.assignment


def prepared(form: GiveForm, scope: Scope, it: Giving, *, today: date) -> None:
    """Offer what can be chosen, and fill in what the exercise suggests or was chosen the last time."""
    exercise, people, previous = it.exercise, it.people, it.previous
    form.whom.choices = [SelectChoice(*each) for each in whom_choices(exercise, people)]
    form.thought.label.text = _thought_words(exercise, people)
    form.is_held = it.guard.is_held
    offer(form, scope, exercise, today=today)
    if form.is_submitted():
        return
    suggest(form, exercise, today=today)
    if it.guard.is_held:
        form.release.data = LATER
    form.whom.data = None if exercise.who is Who.ONE else Whom.BOTH.value
    if previous is not None:
        form.recurrence.data = exercise.recurring(Recurrence(previous.recurrence)).value
        form.whom.data = previous.whom
        form.sees.data = (TherapistSees.LISTS if previous.lists_open else TherapistSees.OVERLAP).value
        form.instructions.data = previous.instructions


def _thought_words(exercise: Exercise, people: Circle) -> str:
    a, b = people.a.first_name, people.b.first_name
    if exercise.touch_level:
        return _("I have thought about this for %(a)s and for %(b)s, and both are adults", a=a, b=b)
    return _("I have thought about this for %(a)s and for %(b)s", a=a, b=b)


def whom_choices(exercise: Exercise, people: Circle) -> list[tuple[str, str]]:
    """Return for whom an exercise can be: both, and one of the two where that makes sense."""
    a, b = people.a.first_name, people.b.first_name
    words = (
        _("%(a)s and %(b)s, together", a=a, b=b)
        if exercise.who is Who.BOTH
        else _("%(a)s and %(b)s, each on their own", a=a, b=b)
    )
    both = [(Whom.BOTH.value, words)]
    if needs_both(exercise):
        return both
    ones = [(Whom.A.value, _("Only %(name)s", name=a)), (Whom.B.value, _("Only %(name)s", name=b))]
    return ones + both if exercise.who is Who.ONE else both + ones


@dataclass(frozen=True, slots=True)
class Told:
    """The sentence about who sees the answers, as each partner will read it."""

    name: str
    words: str


def told(people: Circle, label: Label, *, lists: bool) -> list[Told]:
    """Return what each of the two will read about who sees their answers."""
    return [
        Told(
            person.first_name,
            seen_by(
                label,
                names=Names(
                    partner=people.partner_of(person.account_id).first_name, therapist=people.therapist
                ),
                therapist_sees_lists=lists,
            ).text,
        )
        for person in (people.a, people.b)
    ]


def page(form: GiveForm, it: Giving) -> dict[str, Any]:
    """Return what the page for deciding shows."""
    exercise, people = it.exercise, it.people
    is_overlap = exercise.lists is not None
    return {
        "form": form,
        "exercise": exercise,
        "people": people,
        "guard": it.guard,
        "is_overlap": is_overlap,
        "only_both": needs_both(exercise),
        "about_safety": asks_about_safety(exercise.form),
        "told": {
            each.value: told(people, Label.OVERLAP, lists=each is TherapistSees.LISTS)
            for each in TherapistSees
        }
        if is_overlap
        else {},
        "seen_by": labels_for_staff(exercise),
        "instructions_seen": instructions_seen(),
        "previous": it.previous,
        "address": url_for(".assign", slug=exercise.slug, couple=people.couple_id, previous=it.previous_id),
    }


def asked(form: GiveForm, people: Circle) -> list[Person]:
    """Return whom an assignment would ask."""
    if form.whom.data == Whom.BOTH:
        return [people.a, people.b]
    return [people.at(Seat(form.whom.data))]


def check(form: GiveForm, scope: Scope, it: Giving, *, seen_as: str) -> dict[str, Any]:
    """Return what the page before giving shows: everything that was decided, and who sees the answers.

    ``seen_as`` names the seat of the partner through whose eyes it is looked at too, if it is one who is asked.
    """
    exercise, people = it.exercise, it.people
    lists = form.sees.data == TherapistSees.LISTS
    asked_ones = asked(form, people)
    author = None if len(asked_ones) > 1 else asked_ones[0].first_name
    names = {person.first_name for person in asked_ones}
    sentences = {
        label: [each for each in told(people, label, lists=lists) if each.name in names]
        for label in exercise.labels
    }
    return (
        page(form, it)
        | {
            "whom": dict(whom_choices(exercise, people))[form.whom.data],
            "sentences": [(seen_by_staff(label, author=author), each) for label, each in sentences.items()],
            "lists": lists,
            "asked": asked_ones,
            "card": _seen_as(form, scope, it, seat=seen_as),
            "language_name": language_name,
            "kept": kept(form, "whom"),
        }
        | settings(form)
    )


def _seen_as(form: GiveForm, scope: Scope, it: Giving, *, seat: str) -> dict[str, Any] | None:
    """Return the exercise as one of those will see it who are asked, with the therapist's word; None for nobody."""
    if seat not in {person.seat.value for person in asked(form, it.people)}:
        return None
    viewpoint = viewpoints(scope, it.people)[Seat(seat)]
    lists = form.sees.data == TherapistSees.LISTS
    return card(it.exercise, viewpoint=viewpoint, lists=lists) | {"word": form.instructions.data or ""}
