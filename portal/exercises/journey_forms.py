"""Forms of pathways: arming one, what is decided about its steps, and a couple's sessions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from portal.exercises.models import Whom
from portal.exercises.pathway import Pathway, Release
from portal.kit.clock import FARTHEST
from portal.web.forms import OnceForm
from portal.web.translate import _

DAY = "day_"
"""How the names of the fields begin in which a day is chosen for a step."""

WHOM = "whom_"
"""How the names of the fields begin in which somebody is chosen for a step."""


class ArmForm(OnceForm):
    """Arming a pathway: the steps that are meant, the days of those that open on a day, and for whom each is."""

    today: date = date.min
    """The day on which it is armed; the view sets it."""

    titles: Mapping[str, str] = MappingProxyType({})
    """What each step is called of which somebody has to be chosen, by the name of its field."""

    steps = SelectMultipleField(lazy_gettext("Steps"))

    def day_of(self, key: str) -> DateField | None:
        """Return the field in which a step's day is chosen, if it has one."""
        return next((field for field in self if field.name == f"{DAY}{key}"), None)

    def whom_of(self, key: str) -> RadioField | None:
        """Return the field in which it is chosen for whom a step is, if that has to be."""
        return next((field for field in self if field.name == f"{WHOM}{key}"), None)

    def whom(self) -> dict[str, Whom]:
        """Return for whom steps were chosen to be, by step key."""
        return {
            field.name.removeprefix(WHOM): Whom(field.data)
            for field in self
            if field.name.startswith(WHOM) and field.data
        }

    def days(self) -> dict[str, date]:
        """Return the days that were chosen, by step key."""
        return {
            field.name.removeprefix(DAY): field.data
            for field in self
            if field.name.startswith(DAY) and field.data
        }

    def validate_steps(self, field: SelectMultipleField) -> None:
        """Ask for one step at least."""
        if not field.data:
            raise ValidationError(_("Please leave at least one step in"))

    def refuse_nobody(self, field: RadioField) -> None:
        """Ask for whom a step is that is left in, and accept nobody but those who are offered."""
        offered = {choice.value for choice in field.choices}
        if field.data and field.data not in offered:
            raise ValidationError(_("Please choose one of these"))
        if not field.data and field.name.removeprefix(WHOM) in (self.steps.data or ()):
            raise ValidationError(_("Please choose who “%(title)s” is for", title=self.titles[field.name]))

    def refuse_past(self, field: DateField) -> None:
        """Refuse a day that has passed."""
        if field.data and field.data < self.today:
            raise ValidationError(_("This day has passed. Choose today or a day to come"))
        if field.data and field.data > self.today + FARTHEST:
            raise ValidationError(_("Choose a day within the next two years"))


def arm_form(
    pathway: Pathway,
    titles: Mapping[str, str],
    *,
    today: date,
    whom: Mapping[str, Sequence[tuple[str, str]]],
) -> ArmForm:
    """Return the form for arming a pathway; ``titles`` names each step by its key.

    ``whom`` holds the choices for those steps of which the therapist has to say for whom they are. None is made for
    anybody beforehand.
    """
    fields: dict[str, Any] = {
        f"{DAY}{step.key}": DateField(_("Opens on, if not as usual"), validators=[Optional(), _not_past])
        for step in pathway.steps
        if step.release is Release.ON_DATE
    }
    fields |= {
        f"{WHOM}{key}": RadioField(
            _("Who does it"),
            choices=[SelectChoice(*each) for each in choices],
            validators=[_somebody],
            validate_choice=False,
        )
        for key, choices in whom.items()
    }
    form: ArmForm = type("ArmThisForm", (ArmForm,), fields)()
    form.today = today
    form.titles = {f"{WHOM}{key}": titles[key] for key in whom}
    for name in form.titles:
        form[name].portal_style = "inline"
    form.steps.choices = [SelectChoice(step.key, titles[step.key]) for step in pathway.steps]
    if not form.is_submitted():
        form.steps.data = [step.key for step in pathway.steps]
    return form


def _not_past(form: ArmForm, field: DateField) -> None:
    form.refuse_past(field)


def _somebody(form: ArmForm, field: RadioField) -> None:
    form.refuse_nobody(field)


class SeenForm(OnceForm):
    """Deciding something about a journey; ``seen`` is the revision that the page was made from."""

    seen = HiddenField()

    def revision(self) -> int:
        """Return the revision that the page was made from; one that never was, where that can't be told."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class MoveForm(SeenForm):
    """Choosing the day on which a step opens; none for the pathway's own rule."""

    today: date = date.min
    """The day on which it is chosen; the view sets it."""

    day = DateField(lazy_gettext("Opens on"), validators=[Optional()])

    def validate_day(self, field: DateField) -> None:
        """Refuse a day that is very far away."""
        _refuse_far(field, self.today)


class WhomForm(SeenForm):
    """Choosing anew for whom a step is that isn't open yet. The page offers the choices."""

    whom = SelectField(
        lazy_gettext("Who does it"),
        choices=[SelectChoice(each.value, each.value) for each in Whom],
        validators=[InputRequired()],
    )


def _refuse_far(field: DateField, today: date) -> None:
    if field.data is not None and not -FARTHEST <= field.data - today <= FARTHEST:
        raise ValidationError(_("Choose a day that is less than two years away"))


class SessionForm(OnceForm):
    """Writing down a session."""

    today: date = date.min
    """The day on which it is written down; the view sets it."""

    day = DateField(
        lazy_gettext("Day"), validators=[InputRequired(message=lazy_gettext("Please choose a day"))]
    )
    at = TimeField(
        lazy_gettext("Time"), validators=[InputRequired(message=lazy_gettext("Please choose a time"))]
    )
    minutes = IntegerField(
        lazy_gettext("Minutes"),
        default=50,
        validators=[
            InputRequired(message=lazy_gettext("Please say how long it is")),
            NumberRange(min=10, max=480, message=lazy_gettext("Between 10 and 480 minutes")),
        ],
    )

    def validate_day(self, field: DateField) -> None:
        """Refuse a day that is very far away: a session may have been, but not in another life."""
        _refuse_far(field, self.today)

    def starts_at(self, zone: str) -> datetime:
        """Return when the session begins."""
        return datetime.combine(self.day.data, self.at.data, tzinfo=ZoneInfo(zone)).astimezone(UTC)
