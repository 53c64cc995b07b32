"""Fields for people's names and addresses, shared by the forms that invite somebody."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field, StringField
from wtforms.validators import InputRequired, Length, StopValidation

from portal.people.addresses import LONGEST_ADDRESS, NotAnAddress, tidy
from portal.people.models import NAME_LENGTH

NAME_NEEDED = _("Enter a name")
NAME_LONG = _("Use a shorter name, up to %(max)d characters")
ADDRESS_NEEDED = _("Enter an e-mail address")
NOT_AN_ADDRESS = _("Enter an e-mail address like name@example.com")


class HasName:
    """A validator that refuses a name made of nothing but spaces."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Stop with a message where there is no name."""
        if not (field.data or "").strip():
            raise StopValidation(str(NAME_NEEDED))


class IsAddress:
    """A validator that takes what mail can be sent to."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Put the address into the form in which it is kept, or stop with a message."""
        try:
            field.data = tidy(field.data or "")
        except NotAnAddress:
            raise StopValidation(str(NOT_AN_ADDRESS)) from None


def name_field(label: str) -> StringField:
    """Return a field for a person's name."""
    return StringField(
        label, validators=[InputRequired(NAME_NEEDED), HasName(), Length(max=NAME_LENGTH, message=NAME_LONG)]
    )


def address_field(label: str) -> StringField:
    """Return a field for an e-mail address."""
    return StringField(
        label,
        validators=[
            InputRequired(ADDRESS_NEEDED),
            Length(max=LONGEST_ADDRESS, message=NOT_AN_ADDRESS),
            IsAddress(),
        ],
    )
