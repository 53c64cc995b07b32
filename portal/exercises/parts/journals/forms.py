"""Forms of a journal: deciding who may read one entry."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.access.privacy import LABELS, Audience
from portal.web.forms import OnceForm
from portal.web.visibility import Names, SeenBy, seen_by


class ShareForm(OnceForm):
    """With whom one entry is shared. ``mark`` is that of the words which the page shows."""

    audience = RadioField(
        lazy_gettext("Who may read it?"),
        validators=[InputRequired(message=lazy_gettext("Please choose who may read it"))],
    )
    mark = HiddenField()

    def offer(self, audiences: Sequence[Audience], names: Names) -> "ShareForm":
        """Offer some audiences, from few people to many."""
        self.audience.choices = [SelectChoice(each.value, seen(each, names).text) for each in audiences]
        return self


def seen(audience: Audience, names: Names) -> SeenBy:
    """Return who sees something that was sent to an audience, in words."""
    return seen_by(LABELS[audience], names=names)
