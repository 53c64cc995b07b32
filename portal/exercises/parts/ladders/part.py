"""What a ladder offers to the pages around it."""

from typing import Final

from portal.exercises.mechanics.base import MechanicName
from portal.exercises.parts.base import Part
from portal.exercises.parts.ladders.commands import follow, stop
from portal.exercises.parts.ladders.pages import standing
from portal.exercises.parts.ladders.queries import form_for
from portal.exercises.parts.ladders.readings import opened
from portal.exercises.parts.ladders.review_pages import review
from portal.web.translate import _
from portal.web.visibility import Names


def _opened_words(names: Names) -> str:
    return _("From %(name)s", name=names.partner or _("your partner"))


LADDER: Final = Part(
    mechanic=MechanicName.LADDER,
    page="exercises.ladder",
    words=lambda: _("The steps"),
    opened_words=_opened_words,
    walk=form_for,
    review=review,
    review_template="exercises/ladders/review.html",
    after_send=follow,
    after_leaving=stop,
    standing=standing,
    opened=opened,
    opened_template="exercises/ladders/opened.html",
)
