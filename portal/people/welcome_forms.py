"""Forms of the first steps: a choice that is made by the button pressed."""

from enum import StrEnum

from wtforms import StringField
from wtforms.validators import AnyOf

from portal.web.forms import PortalForm


class Choice(StrEnum):
    """What a person may answer."""

    AGREE = "agree"
    NOT_NOW = "not-now"


class ReadForm(PortalForm):
    """Having read something."""


class ConsentForm(PortalForm):
    """Agreeing, or not now."""

    choice = StringField(validators=[AnyOf([choice.value for choice in Choice])])
