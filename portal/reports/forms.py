"""Choosing a report, and a therapist's own words in it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.reports.base import Copy
from portal.web.forms import PortalForm

WORDS_LENGTH = 6000

COPIES = [
    SelectChoice(Copy.JOINT.value, lazy_gettext("Both partners and you")),
    SelectChoice(Copy.CLINICIAN.value, lazy_gettext("You and your colleagues only")),
]


WHO = lazy_gettext("Please choose who may read it")
FIRST = lazy_gettext("Please give the first day")
LAST = lazy_gettext("Please give the last day")


class ChooseForm(PortalForm):
    """Which report: for whom and for which time. Sent with GET."""

    class Meta:
        """A form that only asks needs no token."""

        csrf = False

    copy = RadioField(lazy_gettext("Who may read it"), choices=COPIES, validators=[InputRequired(WHO)])
    first = DateField(lazy_gettext("From"), validators=[InputRequired(FIRST)])
    last = DateField(lazy_gettext("To"), validators=[InputRequired(LAST)])

    def validate_last(self, field: DateField) -> None:
        """Refuse a period that ends before it begins."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("This day is before the first one"))


class WordsForm(PortalForm):
    """The paragraph "In short" and a comment."""

    summary = TextAreaField(lazy_gettext("In short"), validators=[Optional(), Length(max=WORDS_LENGTH)])
    comment = TextAreaField(lazy_gettext("Your comment"), validators=[Optional(), Length(max=WORDS_LENGTH)])
