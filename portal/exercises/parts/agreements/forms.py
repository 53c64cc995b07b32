"""Forms of a shared text: answers to a clause, words, the day of review, a signature, and a note on how it went."""

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext
from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.exercises.mechanics.negotiation import NOTE_LENGTH
from portal.exercises.mechanics.negotiation_model import EventKind
from portal.kit.clock import FARTHEST
from portal.web.forms import OnceForm
from portal.web.translate import _

TOO_LONG = lazy_gettext("Use up to %(max)d characters")
NOTHING_YET = lazy_gettext("Please write something first")


def _number(field: HiddenField) -> int:
    """Return the number that a page handed back; 0, which fits nothing, for anything else."""
    sent = str(field.data or "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


class AnswerForm(OnceForm):
    """An answer to a clause as it was seen."""

    seen = HiddenField()

    @property
    def since(self) -> int:
        """The number of the wording that was seen."""
        return _number(self.seen)


class WordingForm(AnswerForm):
    """Other words for a clause. None at all propose to leave it out."""

    longest: int = 0
    """How long a clause may be; the view sets it."""

    wording = TextAreaField(lazy_gettext("Your wording"))

    def validate_wording(self, field: TextAreaField) -> None:
        """Refuse what is longer than a clause may be."""
        if len((field.data or "").strip()) > self.longest:
            raise ValidationError(_("Use up to %(max)s characters", max=self.longest))


class RemarkForm(OnceForm):
    """A remark beside a clause."""

    remark = TextAreaField(
        lazy_gettext("A comment for you both"),
        validators=[DataRequired(message=NOTHING_YET), Length(max=NOTE_LENGTH, message=TOO_LONG)],
    )


class OwnClauseForm(OnceForm):
    """A clause of one's own."""

    longest: int = 0
    """How long a clause may be; the view sets it."""

    wording = TextAreaField(
        lazy_gettext("Your clause"),
        validators=[DataRequired(message=NOTHING_YET)],
    )

    def validate_wording(self, field: TextAreaField) -> None:
        """Refuse what is longer than a clause may be."""
        if len((field.data or "").strip()) > self.longest:
            raise ValidationError(_("Use up to %(max)s characters", max=self.longest))


class DayForm(OnceForm):
    """The day on which both look at the text again."""

    today: date = date.min
    """The day on which it is chosen; the view sets it."""

    day = DateField(
        lazy_gettext("On which day do you look at it again?"),
        validators=[InputRequired(message=lazy_gettext("Please choose a day"))],
    )

    def validate_day(self, field: DateField) -> None:
        """Refuse a day that isn't to come, or is very far away."""
        if field.data is not None and not self.today < field.data <= self.today + FARTHEST:
            raise ValidationError(_("Choose a day after today, within the next two years"))


class SignForm(OnceForm):
    """A signature under the text with a number."""

    seen = HiddenField()

    @property
    def number(self) -> int:
        """The number of the text that was seen."""
        return _number(self.seen)


class NoteForm(OnceForm):
    """How it went in this week, for the writer and the therapist."""

    went = RadioField(
        lazy_gettext("How did it go this week?"),
        choices=[
            SelectChoice(EventKind.KEPT.value, lazy_gettext("We kept to it")),
            SelectChoice(EventKind.SLIPPED.value, lazy_gettext("It slipped")),
        ],
        validators=[InputRequired(message=lazy_gettext("Please choose one of the two"))],
    )
    clause = SelectField(lazy_gettext("What is it about?"))
    note = TextAreaField(
        lazy_gettext("A few words, if you like"),
        validators=[Length(max=NOTE_LENGTH, message=TOO_LONG)],
    )

    def offer(self, clauses: Sequence[tuple[str, str]]) -> "NoteForm":
        """Offer the clauses that hold, as (key, title), besides the whole."""
        self.clause.choices = [
            SelectChoice("", _("All of it")),
            *(SelectChoice(key, title) for key, title in clauses),
        ]
        return self
