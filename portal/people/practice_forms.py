"""Forms of administrators: people, roles, settings, and who looks after a couple."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext as _
from wtforms import FieldList, Form, FormField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, StopValidation

from portal.access.viewer import STAFF, Role
from portal.people.invitation_commands import NewPerson
from portal.people.models import NAME_LENGTH, SecretsPolicy
from portal.people.person_fields import HasName, address_field, name_field
from portal.people.practice_commands import PracticeSettings
from portal.people.practice_queries import Therapist
from portal.web.forms import CleanText, OnceForm, PortalForm
from portal.web.language import LANGUAGES

ROLE_WORDS = {
    Role.ADMIN: _("Administrator: people and settings, never what couples write"),
    Role.THERAPIST: _("Therapist: works with couples"),
    Role.DESK: _("Front desk: names and appointments"),
}
POLICY_WORDS = {
    SecretsPolicy.UNDECIDED: _("Not decided yet"),
    SecretsPolicy.LIMITED: _(
        "Limited: something said alone stays with the therapist, unless it keeps the work from going on"
    ),
    SecretsPolicy.NONE_KEPT: _("None kept: what one partner says alone may be brought into the room"),
}
REACH = r"^(https://\S+|[+0-9][0-9 ]*)$"
SPARE_ROWS = 2


def roles_field() -> SelectMultipleField:
    """Return the boxes for the roles that staff may have."""
    return SelectMultipleField(
        _("Roles"),
        choices=[SelectChoice(role.value, words) for role, words in ROLE_WORDS.items()],
        validators=[InputRequired(_("Choose at least one role"))],
    )


class InviteStaffForm(OnceForm):
    """Somebody who is to work in the practice."""

    name = name_field(_("Name"))
    email = address_field(_("E-mail address"))
    roles = roles_field()

    def person(self) -> NewPerson:
        """Return the person as typed."""
        return NewPerson(str(self.name.data), str(self.email.data))

    def chosen(self) -> frozenset[Role]:
        """Return the chosen roles."""
        return _roles(self.roles)

    def say_taken(self) -> None:
        """Say that the address is in use already."""
        self.email.errors = [
            str(_("This address already leads to an account in your practice. Use another one."))
        ]


class RolesForm(PortalForm):
    """The roles of somebody who works here."""

    roles = roles_field()

    def chosen(self) -> frozenset[Role]:
        """Return the chosen roles."""
        return _roles(self.roles)

    def say(self, problem: str) -> None:
        """Say why the roles can't be changed."""
        self.roles.errors = [problem]


class ResourceForm(Form):
    """One line of the list of who can help now. An empty name leaves the line out."""

    name = StringField(_("Who"), validators=[CleanText(), Length(max=NAME_LENGTH)])
    reach = StringField(
        _("Number or https:// address"),
        validators=[
            CleanText(),
            Optional(),
            Length(max=200),
            Regexp(REACH, message=_("Enter a number to call, or an address that begins with https://")),
        ],
    )
    note = StringField(_("When, or for what"), validators=[CleanText(), Length(max=200)])

    def validate_name(self, field: StringField) -> None:
        """Refuse a line with half of what it takes."""
        if bool((field.data or "").strip()) != bool((self.reach.data or "").strip()):
            raise StopValidation(str(_("Give both a name and a number or address, or leave both empty.")))


class PracticeForm(PortalForm):
    """The practice's settings."""

    name = StringField(
        _("Name of the practice"), validators=[InputRequired(), HasName(), Length(max=NAME_LENGTH)]
    )
    time_zone = SelectField(_("Time zone"), choices=[])
    locale = SelectField(
        _("Language of messages"), choices=[SelectChoice(*each) for each in LANGUAGES.items()]
    )
    country = SelectField(_("Country"), choices=[])
    secrets_policy = RadioField(
        _("What a therapist does with something one partner says alone"),
        choices=[SelectChoice(policy.value, words) for policy, words in POLICY_WORDS.items()],
    )
    resources = FieldList(FormField(ResourceForm), min_entries=0, max_entries=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        self.time_zone.choices = [SelectChoice(zone, zone) for zone in zones]
        self.country.choices = _countries()
        if not self.is_submitted():
            for _row in range(SPARE_ROWS):
                self.resources.append_entry()

    def settings(self) -> PracticeSettings:
        """Return what was chosen."""
        rows = [row.form for row in self.resources]
        return PracticeSettings(
            name=" ".join(str(self.name.data).split()),
            time_zone=str(self.time_zone.data),
            locale=str(self.locale.data),
            country=str(self.country.data),
            crisis_resources=tuple(
                {
                    "name": row.name.data.strip(),
                    "reach": row.reach.data.strip(),
                    "note": (row.note.data or "").strip(),
                }
                for row in rows
                if (row.name.data or "").strip()
            ),
            secrets_policy=SecretsPolicy(self.secrets_policy.data),
        )


def _countries() -> list[SelectChoice]:
    """Return every country by code and name, by name."""
    names = {str(code): name for code, name in Locale("en").territories.items()}
    # The others are regions, which mostly have numbers, and codes for "unknown" and "made up".
    regions = {"EU", "EZ", "QO", "UN", "ZZ"}
    codes = [
        code
        for code in names
        if len(code) == len("GB") and code.isalpha() and (code[0] != "X" or code == "XK")
    ]
    found = sorted(set(codes) - regions, key=lambda code: names[code])
    return [SelectChoice(code, names[code]) for code in found]


class HandOverForm(PortalForm):
    """One more therapist for a couple."""

    account_id = SelectField(_("Therapist"), choices=[])

    def offer(self, therapists: Iterable[Therapist]) -> None:
        """Say which therapists can be chosen."""
        self.account_id.choices = [SelectChoice(each.account_id, each.name) for each in therapists]


def _roles(field: SelectMultipleField) -> frozenset[Role]:
    return frozenset(Role(value) for value in field.data or []) & STAFF
