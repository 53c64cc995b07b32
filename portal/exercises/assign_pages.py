"""What giving an exercise to a couple shows, and what it decides, as plain values."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Permission, Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.care_commands import Plan, needs_both
from portal.exercises.domain import Exercise, Recurrence, Who
from portal.exercises.forms import AssignForm
from portal.exercises.mechanics.overlap import OverlapSpec, TherapistSees
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.exercises.models import Assignment, Whom
from portal.exercises.words import RHYTHMS, labels_for_staff
from portal.people.couple_queries import Circle, couples_of
from portal.web.translate import _
from portal.web.visibility import Names, SeenBy, seen_by, seen_by_staff

NOW, LATER = "now", "later"


def own_couples(scope: Scope) -> list[tuple[str, tuple[str, str]]]:
    """Return the therapist's own couples by name, to choose from."""
    scope.require(Permission.ASSIGN)
    return [
        (each.couple_id, each.label) for each in couples_of(scope) if each.couple_id in scope.viewer.couples
    ]


def previous_of(
    scope: Scope, exercise: Exercise, people: Circle, *, previous_id: str | None
) -> Assignment | None:
    """Return the earlier assignment that is given again. Raises Refused where it is of another couple or exercise."""
    if not previous_id:
        return None
    work = queries.work(scope, previous_id)
    if work.assignment.couple_id != people.couple_id or work.assignment.slug != exercise.slug:
        raise Refused("another assignment")
    return work.assignment


def prepared(
    form: AssignForm, exercise: Exercise, people: Circle, *, today: date, previous: Assignment | None
) -> None:
    """Offer what can be chosen, and fill in what the exercise suggests or was chosen the last time."""
    form.today = today
    form.whom.choices = [SelectChoice(*each) for each in whom_choices(exercise, people)]
    form.recurrence.choices = [SelectChoice(each.value, str(RHYTHMS[each])) for each in rhythms(exercise)]
    form.thought.label.text = _(
        "I have thought about this for %(a)s and for %(b)s", a=people.a.first_name, b=people.b.first_name
    )
    form.must_think = exercise.requires_release
    if form.is_submitted():
        return
    spec = exercise.spec(OverlapSpec)
    lists = previous.lists_open if previous else spec is not None and spec.therapist is TherapistSees.LISTS
    form.recurrence.data = previous.recurrence if previous else exercise.recurrence.value
    form.opens_on.data = today
    form.sees.data = (TherapistSees.LISTS if lists else TherapistSees.OVERLAP).value
    form.release.data = LATER if exercise.requires_release else NOW
    form.instructions.data = previous.instructions if previous else None
    form.whom.data = previous.whom if previous else None if exercise.who is Who.ONE else Whom.BOTH.value


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


def rhythms(exercise: Exercise) -> list[Recurrence]:
    """Return how often an exercise can come back. A log follows the days or weeks that it is made for."""
    spec = exercise.spec(TrackerSpec)
    if spec is None:
        return list(Recurrence)
    return [Recurrence.DAILY] if spec.every is Every.DAY else [Recurrence.WEEKLY]


def plan_in(form: AssignForm, people: Circle, *, zone: str, previous: Assignment | None) -> Plan:
    """Return what was decided in a form that has been validated. A day opens at its midnight in the practice."""
    opens = form.opens_on.data
    later = opens is not None and opens > form.today
    return Plan(
        couple_id=people.couple_id,
        whom=Whom(form.whom.data),
        recurrence=Recurrence(form.recurrence.data),
        opens_at=datetime.combine(opens, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC) if later else None,
        due_on=form.due_on.data,
        instructions=form.instructions.data or "",
        sees=TherapistSees(form.sees.data or TherapistSees.OVERLAP),
        release=form.release.data == NOW,
        previous_id=previous.id if previous else None,
    )


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


def page(
    form: AssignForm, exercise: Exercise, people: Circle, *, previous: Assignment | None
) -> dict[str, Any]:
    """Return what the page for deciding shows."""
    is_overlap = exercise.spec(OverlapSpec) is not None
    return {
        "form": form,
        "exercise": exercise,
        "people": people,
        "is_overlap": is_overlap,
        "only_both": needs_both(exercise),
        "told": {
            each.value: told(people, Label.OVERLAP, lists=each is TherapistSees.LISTS)
            for each in TherapistSees
        }
        if is_overlap
        else {},
        "seen_by": labels_for_staff(exercise),
        "instructions_seen": SeenBy(
            Label.COUPLE, _("Whoever you give it to, and you"), _("Whoever you give it to, and you")
        ),
        "previous": previous,
        "address": url_for(
            ".assign", slug=exercise.slug, couple=people.couple_id, previous=previous.id if previous else None
        ),
    }


def check(
    form: AssignForm, exercise: Exercise, people: Circle, *, previous: Assignment | None
) -> dict[str, Any]:
    """Return what the page before giving shows: everything that was decided, and who sees the answers."""
    whom = dict(whom_choices(exercise, people))[form.whom.data]
    lists = form.sees.data == TherapistSees.LISTS
    asked = (
        [people.a, people.b]
        if form.whom.data == Whom.BOTH
        else [people.a if form.whom.data == Whom.A else people.b]
    )
    author = None if len(asked) > 1 else asked[0].first_name
    names = {person.first_name for person in asked}
    sentences = {
        label: [each for each in told(people, label, lists=lists) if each.name in names]
        for label in dict.fromkeys(exercise.label_of(item) for item in exercise.form.questions)
    }
    return page(form, exercise, people, previous=previous) | {
        "whom": whom,
        "rhythm": RHYTHMS[Recurrence(form.recurrence.data)],
        "sentences": [(seen_by_staff(label, author=author), each) for label, each in sentences.items()],
        "lists": lists,
        "opens_today": form.opens_on.data is None or form.opens_on.data <= form.today,
        "released": form.release.data == NOW,
        "kept": [
            (name, form[name].data.isoformat() if isinstance(form[name].data, date) else form[name].data)
            for name in (
                "whom",
                "recurrence",
                "opens_on",
                "due_on",
                "sees",
                "instructions",
                "release",
                "thought",
            )
            if form[name].data
        ],
    }
