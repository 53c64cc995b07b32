"""Forms of pathways: arming one, what is decided about its steps, and a couple's sessions."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import DateField, HiddenField, IntegerField, SelectMultipleField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from portal.exercises.pathway import Pathway, Release
from portal.web.forms import OnceForm
from portal.web.translate import _

DAY = "day_"
"""How the names of the fields begin in which a day is chosen for a step."""


class ArmForm(OnceForm):
    """Arming a pathway: the steps that are meant, and the days of those that open on a day."""

    today: date = date.min
    """The day on which it is armed; the view sets it."""

    steps = SelectMultipleField(lazy_gettext("Steps"))

    def day_of(self, key: str) -> DateField | None:
        """Return the field in which a step's day is chosen, if it has one."""
        return next((field for field in self if field.name == f"{DAY}{key}"), None)

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

    def refuse_past(self, field: DateField) -> None:
        """Refuse a day that has passed."""
        if field.data and field.data < self.today:
            raise ValidationError(_("This day has passed. Choose today or a day to come"))


def arm_form(pathway: Pathway, titles: dict[str, str], *, today: date) -> ArmForm:
    """Return the form for arming a pathway; ``titles`` names each step by its key."""
    fields: dict[str, Any] = {
        f"{DAY}{step.key}": DateField(_("Opens on, if not as usual"), validators=[Optional(), _not_past])
        for step in pathway.steps
        if step.release is Release.ON_DATE
    }
    form: ArmForm = type("ArmThisForm", (ArmForm,), fields)()
    form.today = today
    form.steps.choices = [SelectChoice(step.key, titles[step.key]) for step in pathway.steps]
    if not form.is_submitted():
        form.steps.data = [step.key for step in pathway.steps]
    return form


def _not_past(form: ArmForm, field: DateField) -> None:
    form.refuse_past(field)


class SeenForm(OnceForm):
    """Deciding something about a journey; ``seen`` is the revision that the page was made from."""

    seen = HiddenField()

    def revision(self) -> int:
        """Return the revision that the page was made from; one that never was, where that can't be told."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class MoveForm(SeenForm):
    """Choosing the day on which a step opens; none for the pathway's own rule."""

    day = DateField(lazy_gettext("Opens on"), validators=[Optional()])


class SessionForm(OnceForm):
    """Writing down a session."""

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

    def starts_at(self, zone: str) -> datetime:
        """Return when the session begins."""
        return datetime.combine(self.day.data, self.at.data, tzinfo=ZoneInfo(zone)).astimezone(UTC)
