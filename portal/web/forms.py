"""What every form of the portal shares: the writer's mark, clean text, and a key that makes a repeat harmless."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from portal.kit.ids import new_id
from portal.kit.text import UnsuitableText, clean
from portal.web.writer import writer_token

UNSUITABLE = lazy_gettext("This contains a character that can’t be kept. Please take it out: {character}")


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


class OnceForm(PortalForm):
    """A form whose sending counts once, however often it is sent."""

    once_key = HiddenField(default=new_id)
