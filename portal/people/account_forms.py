"""Forms of a person's own account."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from portal.people.account_commands import TEXT_SIZES, Theme
from portal.people.passwords import LONGEST, SHORTEST, Fault, fault_of
from portal.people.sign_in_forms import CodeField
from portal.web.forms import PortalForm
from portal.web.language import EXERCISE_LANGUAGES, LANGUAGES


def _size(value: object) -> int:
    """Return one of the sizes. Raises ValueError for anything else, such as a number in another script."""
    return {str(size): size for size in TEXT_SIZES}.get(str(value)) or int("none of them")


class SettingsForm(PortalForm):
    """Language, theme and size of text."""

    locale = SelectField(_("Language"))
    theme = RadioField(
        _("Colours"),
        choices=[
            SelectChoice(Theme.DEVICE.value, _("As the device is set")),
            SelectChoice(Theme.LIGHT.value, _("Light")),
            SelectChoice(Theme.DARK.value, _("Dark")),
            SelectChoice(Theme.CONTRAST.value, _("High contrast")),
        ],
    )
    text_size = RadioField(
        _("Size of text"), coerce=_size, choices=[SelectChoice(str(size), f"{size} %") for size in TEXT_SIZES]
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        languages = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
        for code, name in EXERCISE_LANGUAGES.items():
            languages.append(SelectChoice(code, gettext("%(language)s (exercises)", language=name)))
        self.locale.choices = [SelectChoice("", gettext("As the device is set")), *languages]
        self.text_size.portal_style = "across"


class PasswordForm(PortalForm):
    """The password as it was and as it shall be."""

    current_password = PasswordField(_("Your password now"))
    new_password = PasswordField(_("New password"))


class ConfirmForm(PortalForm):
    """The first code of a new second factor."""

    code = CodeField(_("Code from the app"))


class PlainForm(PortalForm):
    """A button and nothing to fill in."""


def password_problem(password: str, *, personal: Iterable[str]) -> str | None:
    """Return in words why a new password isn't taken, or None. ``personal`` are the names near its owner."""
    fault = fault_of(password, personal=personal)
    return None if fault is None else fault_words(fault)


def fault_words(fault: Fault) -> str:
    """Return what to do about a password that isn't taken."""
    words = {
        Fault.TOO_SHORT: gettext(
            "Use at least %(count)s characters. A few words in a row are fine.", count=SHORTEST
        ),
        Fault.TOO_LONG: gettext("Use at most %(count)s characters.", count=LONGEST),
        Fault.UNSUITABLE: gettext("This contains a character that can’t be used."),
        Fault.COMMON: gettext(
            "This is one of the passwords that are tried first. Choose something less common."
        ),
        Fault.PERSONAL: gettext("This is made of names that people near you know. Choose something else."),
    }
    return str(words[fault])
