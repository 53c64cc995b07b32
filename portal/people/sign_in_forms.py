"""Forms for signing in: they complain about nothing in particular, because a hint is an answer."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField

from portal.web.forms import PortalForm


class CodeField(StringField):
    """A field for six digits or a recovery code."""

    portal_style = "code"


class SignInForm(PortalForm):
    """An address and a password."""

    email = StringField(_("Email address"))
    password = PasswordField(_("Password"))
    next = HiddenField()


class CodeForm(PortalForm):
    """A code from the authenticator app, or a recovery code."""

    code = CodeField(_("Code"))


class AgainForm(PortalForm):
    """The password of somebody who is signed in."""

    password = PasswordField(_("Password"))
    next = HiddenField()


def typed(form: Any, name: str) -> str:
    """Return what was typed into a field, as text."""
    return str(form[name].data or "")
