"""Forms of a therapist's care: deciding about a flag, raising one, giving an exercise, words to be used again."""

from typing import ClassVar

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.exercises.forms import INSTRUCTIONS_LENGTH, AssignForm
from portal.web.forms import OnceForm, OnceKey
from portal.web.translate import _

DECISION_LENGTH = 4000
TITLE_LENGTH = 80
TOO_LONG = lazy_gettext("Use up to %(max)d characters")


class DecideForm(OnceForm):
    """Closing a flag with a decision in words."""

    decision = TextAreaField(
        lazy_gettext("What you decided, and why"),
        validators=[
            DataRequired(message=lazy_gettext("Please write down what you decided")),
            Length(max=DECISION_LENGTH, message=TOO_LONG),
        ],
    )


class RaiseForm(OnceForm):
    """Raising a flag by hand. The page offers whom it is about."""

    about = RadioField(
        lazy_gettext("Whom is it about?"),
        validators=[InputRequired(message=lazy_gettext("Please choose whom it is about"))],
    )


class GiveForm(AssignForm):
    """Giving an exercise to a couple, with words at hand that were kept from earlier times."""

    is_held = False
    """Whether new things for both are held; the view sets it."""

    words = SelectField(lazy_gettext("Words you have kept"), validate_choice=False, validators=[Optional()])
    words_title = StringField(
        lazy_gettext("A name for these words"),
        validators=[Optional(), Length(max=TITLE_LENGTH, message=TOO_LONG)],
    )
    words_here = BooleanField(lazy_gettext("Offer them with this exercise only"))
    words_key = OnceKey()

    ABOUT_WORDS: ClassVar = frozenset({"words", "words_title", "words_here", "instructions"})

    def validate_release(self, field: RadioField) -> None:
        """Refuse to open something new to both while that is held."""
        if self.is_held and field.data == "now":
            raise ValidationError(
                _("It can’t be released yet. Prepare it, and release it once you have decided about the flag")
            )

    def asks_to_keep(self) -> bool:
        """Check only what keeping words for another time needs; say whether all of it is there."""
        self.validate()
        for field in self:
            if field.name not in {*self.ABOUT_WORDS, "csrf_token", "writer"}:
                field.errors = []
        if not (self.words_title.data or "").strip():
            self.words_title.errors = [_("Please give these words a name")]
        if not (self.instructions.data or "").strip():
            self.instructions.errors = [_("Please write something first")]
        return not self.errors


class SeveralForm(GiveForm):
    """Giving an exercise to several couples at once, with the same settings. It is for both of each."""

    whom = None
    couples = SelectMultipleField(
        lazy_gettext("Couples"),
        validators=[InputRequired(message=lazy_gettext("Please choose at least one couple"))],
    )
    held_too = BooleanField(lazy_gettext("Prepare it for them, without releasing it"))


class WordsForm(OnceForm):
    """Words to be used again, on a page of their own; ``seen`` marks what the page was made from."""

    title = StringField(
        lazy_gettext("Name"),
        validators=[
            DataRequired(message=lazy_gettext("Please give these words a name")),
            Length(max=TITLE_LENGTH, message=TOO_LONG),
        ],
    )
    body = TextAreaField(
        lazy_gettext("Your words"),
        validators=[
            DataRequired(message=lazy_gettext("Please write something first")),
            Length(max=INSTRUCTIONS_LENGTH, message=TOO_LONG),
        ],
    )
    slug = SelectField(lazy_gettext("Offered with"), validators=[Optional()])
    seen = HiddenField()
