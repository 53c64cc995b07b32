"""Forms of people who follow a link: a password of their own."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import PasswordField
from wtforms.validators import InputRequired

from portal.people.account_forms import password_problem
from portal.web.forms import PortalForm


class NewPasswordForm(PortalForm):
    """A password of one's own."""

    new_password = PasswordField(_("Password"), validators=[InputRequired(_("Choose a password"))])

    def password(self) -> str:
        """Return the password as typed."""
        return str(self.new_password.data)

    def fits(self, guessable: Iterable[str]) -> bool:
        """Say whether the password follows the rules, and explain it if not."""
        problem = password_problem(self.password(), personal=guessable)
        if problem is not None:
            self.new_password.errors = [problem]
        return problem is None
