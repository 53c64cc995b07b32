"""What every form of the portal shares: the writer's mark, clean text, and a key that makes a repeat harmless."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from portal.kit.ids import id_from, new_id
from portal.kit.text import UnsuitableText, clean
from portal.web.writer import writer_token

UNSUITABLE = lazy_gettext("This contains a character that can’t be kept. Please take it out: {character}")


WORDS = {
    "This field is required.": lazy_gettext("Please answer this"),
    "Not a valid choice.": lazy_gettext("Please choose one of these"),
    "Invalid Choice: could not coerce.": lazy_gettext("Please choose one of these"),
    "Not a valid date value.": lazy_gettext("Please give a day, with its month and year"),
    "Not a valid time value.": lazy_gettext("Please give a time, such as 18:30"),
    "Not a valid integer value.": lazy_gettext("Please write a whole number"),
    "Not a valid decimal value.": lazy_gettext("Please write a number"),
    "Not a valid float value.": lazy_gettext("Please write a number"),
    "Field cannot be longer than %(max)d characters.": lazy_gettext("Use up to %(max)d characters"),
    "Field must be at least %(min)d characters long.": lazy_gettext("Use at least %(min)d characters"),
}
"""What the portal says where WTForms has a message of its own and the form has none."""


class Wording:
    """WTForms' messages in the portal's words and in the reader's language."""

    def gettext(self, message: str) -> str:
        """Return a message."""
        return str(WORDS.get(message, message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return a message about a number of things."""
        return str(WORDS.get(plural) or (singular if number == 1 else plural))


class CleanText:
    """A validator that normalises text, and refuses what can't be stored everywhere."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Replace the field's text by its clean form, or stop with a message."""
        if not isinstance(field.data, str):
            return
        try:
            field.data = clean(field.data)
        except UnsuitableText as error:
            raise StopValidation(str(UNSUITABLE).format(character=str(error))) from None


class PortalForm(FlaskForm):
    """A form with a CSRF token and the writer's mark. Text fields are cleaned before any other check."""

    class Meta(FlaskForm.Meta):
        """What a form finds its words with."""

        def get_translations(self, _form: Any) -> Wording:
            """Return the portal's own messages."""
            return Wording()

    writer = HiddenField(default=writer_token)

    def hidden_tag(self, *names: str) -> Markup:
        """Return the hidden fields without ids: several forms on one page would have the same ones."""
        fields = [self[name] for name in names] or list(self)
        return Markup("").join(field(id=False) for field in fields if isinstance(field.widget, HiddenInput))

    def validate(self, extra_validators: dict[str, Sequence[Any]] | None = None) -> bool:
        """Check the form, cleaning its text first."""
        for field in self:
            if isinstance(field, (StringField, TextAreaField)) and not isinstance(field, HiddenField):
                field.validators = [CleanText(), *field.validators]
        return bool(super().validate(extra_validators))


_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


def storable_key(sent: str | None) -> str:
    """Return a key that every table can hold and that stays the same for the same key; a fresh one for none at all."""
    key = sent or new_id()
    return key if _KEY.fullmatch(key) else id_from(key)


class OnceKey(HiddenField):
    """The hidden key that makes a repeat harmless. What comes back is whatever a browser sends: long, odd or nothing."""

    def __init__(self, **more: Any) -> None:
        super().__init__(default=new_id, filters=[storable_key], **more)


class OnceForm(PortalForm):
    """A form whose sending counts once, however often it is sent."""

    once_key = OnceKey()
