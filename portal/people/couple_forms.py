"""Forms about couples: adding one."""

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from portal.people.addresses import canonical
from portal.people.invitation_commands import NewPerson
from portal.people.person_fields import address_field, name_field
from portal.web.forms import OnceForm, PortalForm

LONGEST_GOALS = 2000


class AddCoupleForm(OnceForm):
    """Two people, an address for each, and what they want in their own plain words."""

    a_name = name_field(_("Name"))
    a_email = address_field(_("E-mail address"))
    b_name = name_field(_("Name"))
    b_email = address_field(_("E-mail address"))
    goals = TextAreaField(
        _("What they want"),
        validators=[Length(max=LONGEST_GOALS, message=_("Use up to %(max)d characters"))],
    )

    def partners(self) -> tuple[NewPerson, NewPerson]:
        """Return the two people as they were typed."""
        return (
            NewPerson(str(self.a_name.data), str(self.a_email.data)),
            NewPerson(str(self.b_name.data), str(self.b_email.data)),
        )

    def say_same(self) -> None:
        """Say that both were given one address."""
        _add(
            self.b_email,
            str(
                _(
                    "Each of the two needs an address of their own. With one address, either could open both accounts."
                )
            ),
        )

    def say_taken(self, email: str) -> None:
        """Say that an address is in use already; only staff are ever shown this."""
        for field in (self.a_email, self.b_email):
            if canonical(str(field.data)) == canonical(email):
                _add(
                    field,
                    str(_("This address already leads to an account in your practice. Use another one.")),
                )


class AskForm(PortalForm):
    """A form that is nothing but a button."""


def _add(field: StringField, message: str) -> None:
    field.errors = [*field.errors, message]
