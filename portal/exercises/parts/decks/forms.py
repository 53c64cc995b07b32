"""Forms of a deck: a therapist's own card for one couple."""

from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.exercises.mechanics.deck import CARD_LENGTH
from portal.web.forms import PortalForm


class CardForm(PortalForm):
    """A card that a therapist adds. The same text sent twice adds one card."""

    text = TextAreaField(
        lazy_gettext("A card of your own"),
        validators=[
            DataRequired(message=lazy_gettext("Please write something first")),
            Length(max=CARD_LENGTH, message=lazy_gettext("Use up to %(max)d characters")),
        ],
    )
