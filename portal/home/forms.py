"""Forms of a couple's page."""

from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.people.couple_forms import LONGEST_GOALS
from portal.web.forms import PortalForm


class GoalsForm(PortalForm):
    """What a couple wants, one wish a line."""

    goals = TextAreaField(
        lazy_gettext("What they want"),
        validators=[Length(max=LONGEST_GOALS, message=lazy_gettext("Use up to %(max)d characters"))],
    )
