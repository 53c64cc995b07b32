"""What giving an exercise has in common, to one couple or to several: what is offered, decided, kept and carried on."""

from datetime import date
from typing import Any

from wtforms.fields.choices import SelectChoice

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises import template_commands
from portal.exercises.care_commands import Plan
from portal.exercises.care_forms import GiveForm
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import Whom
from portal.exercises.template_commands import Wording
from portal.exercises.template_queries import own_words, words_of
from portal.exercises.words import RHYTHMS
from portal.kit.clock import day_begins
from portal.kit.ids import new_id
from portal.web.translate import _
from portal.web.visibility import SeenBy

NOW, LATER = "now", "later"


def offer(form: GiveForm, scope: Scope, exercise: Exercise, *, today: date) -> None:
    """Offer what can be chosen whoever it is for: how often, and words that were kept."""
    form.today = today
    form.must_think = exercise.requires_release
    form.recurrence.choices = [SelectChoice(each.value, str(RHYTHMS[each])) for each in exercise.recurrences]
    form.words.choices = [SelectChoice("", _("Choose…"))]
    form.words.choices += [SelectChoice(each.id, each.title) for each in own_words(scope, slug=exercise.slug)]


def suggest(form: GiveForm, exercise: Exercise, *, today: date) -> None:
    """Fill in what the exercise suggests."""
    form.recurrence.data = exercise.recurring().value
    form.opens_on.data = today
    form.sees.data = (exercise.lists or TherapistSees.OVERLAP).value
    form.release.data = LATER if exercise.requires_release else NOW


def fill_in(form: GiveForm, scope: Scope) -> None:
    """Put words that were kept below what is typed already; nothing that is typed is ever replaced."""
    if form.words.data:
        typed, kept = (form.instructions.data or "").rstrip(), words_of(scope, form.words.data).body
        form.instructions.data = f"{typed}\n\n{kept}" if typed.strip() else kept
    form.words.data = ""


def keep_words(form: GiveForm, scope: Scope, exercise: Exercise) -> str:
    """Keep what is typed for another time, under its name; return that name."""
    title = " ".join(str(form.words_title.data).split())
    wording = Wording(
        title=title,
        body=str(form.instructions.data).strip(),
        slug=exercise.slug if form.words_here.data else None,
    )
    template = template_commands.keep(scope, wording, once_key=str(form.words_key.data))
    form.words.choices.append(SelectChoice(template.id, template.title))
    form.words_title.data, form.words_here.data, form.words_key.data = "", False, new_id()
    return title


def plan_in(form: GiveForm, couple_id: str, *, zone: str, previous_id: str | None = None) -> Plan:
    """Return what was decided in a form that has been validated. A day opens at its midnight in the practice."""
    opens = form.opens_on.data
    later = opens is not None and opens > form.today
    return Plan(
        couple_id=couple_id,
        whom=Whom.BOTH if form.whom is None else Whom(form.whom.data),
        recurrence=Recurrence(form.recurrence.data),
        opens_at=day_begins(zone, opens) if later else None,
        due_on=form.due_on.data,
        instructions=form.instructions.data or "",
        sees=TherapistSees(form.sees.data or TherapistSees.OVERLAP),
        release=form.release.data == NOW,
        previous_id=previous_id,
    )


def instructions_seen() -> SeenBy:
    """Return who sees a therapist's word on the first page of an exercise."""
    words = _("Whoever you give it to, and you")
    return SeenBy(Label.COUPLE, words, words)


def settings(form: GiveForm) -> dict[str, Any]:
    """Return what was decided about time and release, in words."""
    return {
        "rhythm": RHYTHMS[Recurrence(form.recurrence.data)],
        "opens_today": form.opens_on.data is None or form.opens_on.data <= form.today,
        "released": form.release.data == NOW,
    }


KEPT = (
    "recurrence",
    "opens_on",
    "due_on",
    "sees",
    "instructions",
    "release",
    "thought",
    "words",
    "words_title",
    "words_here",
)


def kept(form: GiveForm, *more: str) -> list[tuple[str, str]]:
    """Return everything in a form as hidden fields carry it on, so that nothing is lost on the way."""
    return [
        (name, form[name].data.isoformat() if isinstance(form[name].data, date) else str(form[name].data))
        for name in (*more, *KEPT)
        if form[name].data
    ]
