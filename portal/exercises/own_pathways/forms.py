"""Forms of the editor of own pathways: what it is about, one step, the way around. They keep texts as they are typed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from portal.exercises.domain import Exercise, Recurrence, Who
from portal.exercises.own_pathways.drafts import HEAD_FIELDS, STEP_FIELDS, SWITCHES, Draft, StepDraft
from portal.exercises.own_pathways.words import FIRST_RELEASES, RELEASES, SIDES, WHEN_ARMED, WHOM
from portal.exercises.pathway import ForWhom
from portal.exercises.words import RHYTHMS
from portal.web.forms import OnceForm, PortalForm
from portal.web.translate import _

MOST: Final = 20000
"""Longest text that is kept at all; how long one may be when it is published is said at the field."""

ABOUT: Final = "about"
"""What stands in ``open`` while the head of the pathway is open; otherwise the key of a step, or nothing."""

_KEPT: Final = Length(max=MOST, message=lazy_gettext("This is too long to be kept"))


def _line(label: Any) -> StringField:
    return StringField(label, validators=[_KEPT])


def _lines(label: Any) -> TextAreaField:
    return TextAreaField(label, validators=[_KEPT])


def _choice(label: Any) -> SelectField:
    # What a draft holds may be gone from the list; it is kept, and said at the field.
    return SelectField(label, validators=[_KEPT], validate_choice=False)


class CalendarForm(PortalForm):
    """From when, and at what pace, the calendar is looked at; nothing of it is kept."""

    start = DateField(lazy_gettext("As if they began on"), validators=[Optional()])
    pace = SelectField(lazy_gettext("Each step takes"), validate_choice=False)
    every = SelectField(lazy_gettext("Sessions"), validate_choice=False)


class EditorForm(CalendarForm):
    """The editor with nothing open; ``revision`` is that of the draft which the page was made from."""

    revision = HiddenField()
    open = HiddenField()
    find = StringField(lazy_gettext("Search the exercises"), validators=[_KEPT], id="find-exercise")
    add = SelectField(lazy_gettext("Exercise"), validate_choice=False)
    after = SelectField(lazy_gettext("Where"), validate_choice=False)

    def seen(self) -> int:
        """Return the revision that the page was made from; one that never was, where that can't be told."""
        text = self.revision.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def typed(self) -> dict[str, Any]:
        """Return what the fields of the open part hold, by the names that a draft has for them."""
        return {}

    def show(self, values: Draft | StepDraft) -> None:
        """Fill the fields of the open part."""
        for name in self.typed():
            self[name].data = getattr(values, name)


class AboutForm(EditorForm):
    """The editor with the head open."""

    title = _line(lazy_gettext("Title"))
    suits = _lines(lazy_gettext("Who it is for"))
    purpose = _lines(lazy_gettext("What it is for, in a sentence"))
    weeks = _line(lazy_gettext("Weeks"))
    not_when = _lines(lazy_gettext("When not to use it"))
    contraindications = _lines(lazy_gettext("To think through before it starts"))
    rationale = _lines(lazy_gettext("Why in this order"))
    look_for = _lines(lazy_gettext("What to look for"))
    why = _lines(lazy_gettext("Why it helps"))
    sources = _lines(lazy_gettext("Sources"))

    def typed(self) -> dict[str, Any]:
        """Return what the head's fields hold."""
        return {name: self[name].data or "" for name in HEAD_FIELDS}


class StepForm(EditorForm):
    """The editor with one step open."""

    seek = StringField(lazy_gettext("Search the exercises"), validators=[_KEPT])
    exercise = _choice(lazy_gettext("Exercise"))
    whom = _choice(lazy_gettext("For whom"))
    release = RadioField(lazy_gettext("When it opens"), validators=[_KEPT], validate_choice=False)
    days = _line(lazy_gettext("How many days"))
    session = _choice(lazy_gettext("And by a session"))
    session_days = _line(lazy_gettext("Days from it"))
    both_done = _choice(lazy_gettext("Both have done"))
    matches_of = _choice(lazy_gettext("There is overlap in"))
    at_least = _line(lazy_gettext("Matches, at least"))
    therapist = BooleanField(lazy_gettext("I release it"))
    no_flag = BooleanField(lazy_gettext("No safety flag is open"))
    flag_skips = BooleanField(lazy_gettext("If one is open when its time has come, leave this step out"))
    recurrence = _choice(lazy_gettext("How often"))
    times = _line(lazy_gettext("Done after how many times"))
    due_days = _line(lazy_gettext("Days to do it"))
    word = _lines(lazy_gettext("Your words to go with it"))

    def typed(self) -> dict[str, Any]:
        """Return what the step's fields hold."""
        return {name: self[name].data if name in SWITCHES else self[name].data or "" for name in STEP_FIELDS}


class NewForm(OnceForm):
    """Beginning a pathway: its title, and what it begins as."""

    title = StringField(
        lazy_gettext("Title"),
        validators=[
            DataRequired(message=lazy_gettext("Please give the pathway a title")),
            Length(max=80, message=lazy_gettext("Please shorten this to 80 characters")),
        ],
    )
    origin = SelectField(lazy_gettext("Begin with"))


class PublishForm(OnceForm):
    """Publishing what was looked at; ``revision`` is that of the draft."""

    revision = HiddenField()


def form_for(part: str, **given: Any) -> EditorForm:
    """Return the editor's form for the part that is open; ``given`` is handed to the form."""
    if part == ABOUT:
        return AboutForm(**given)
    return StepForm(**given) if part else EditorForm(**given)


Groups = Mapping[str, Sequence[tuple[str, str]]]
"""Exercises to choose from by phase: slug and words."""


def offer_step(
    form: StepForm,
    draft: Draft,
    titles: Mapping[str, str],
    groups: Groups,
    *,
    overlaps: Collection[str],
    exercise: Exercise | None,
) -> None:
    """Put the choices into a step's fields. ``titles`` names the draft's steps by key, and exercises by slug.

    ``overlaps`` are the keys of the steps from which matches can come, ``exercise`` is the one that is chosen.
    """
    place = draft.position(form.open.data or "") or 0
    form.exercise.choices = with_chosen(groups, form.exercise.data or "", titles)
    form.whom.choices = _whom_choices(form.whom.data or "", exercise)
    rules = RELEASES if place else FIRST_RELEASES
    form.release.choices = [(each.value, str(words)) for each, words in rules.items()]
    form.release.portal_style = "inline"
    form.session.choices = [(str(each), str(words)) for each, words in SIDES.items()]
    form.recurrence.choices = [("", _("As the exercise says"))]
    possible = list(exercise.recurrences if exercise is not None else Recurrence)
    # What a draft holds stays chosen, also where the exercise can't come back like that: it is said at the field.
    possible += [each for each in Recurrence if each not in possible and each.value == form.recurrence.data]
    form.recurrence.choices += [(each.value, str(RHYTHMS[each])) for each in possible]
    earlier = [(step.key, titles[step.key]) for step in draft.steps[:place]]
    matching = [(key, words) for key, words in earlier if key in overlaps]
    for field, offered in ((form.both_done, earlier), (form.matches_of, matching)):
        field.choices = [("", _("No condition")), *_kept(field.data or "", offered, titles)]


def _whom_choices(chosen: str, exercise: Exercise | None) -> list[tuple[str, str]]:
    """Return for whom a step can be. What one of the two does can be left open until the pathway is armed."""
    named = [(each.value, str(words)) for each, words in WHOM.items()]
    if exercise is not None and exercise.who is Who.ONE:
        return [("", str(WHEN_ARMED)), *named]
    # Nothing said means both here: one choice is enough for the two.
    return named if chosen == ForWhom.BOTH.value else [("", str(WHOM[ForWhom.BOTH])), *named[1:]]


def _kept(chosen: str, choices: list[tuple[str, str]], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the choices with the one that is chosen, also where it is none any more."""
    if not chosen or any(key == chosen for key, _words in choices):
        return choices
    return [*choices, (chosen, titles.get(chosen, _("A step that was taken out")))]


def with_chosen(groups: Groups, chosen: str, titles: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Return the exercises to choose from, and the one that is chosen even where it isn't among them."""
    found = {_("None yet"): [("", _("Choose an exercise"))]}
    if chosen and all(slug != chosen for each in groups.values() for slug, _words in each):
        found = {_("Chosen"): [(chosen, titles.get(chosen, chosen))]}
    return found | {name: list(each) for name, each in groups.items()}
