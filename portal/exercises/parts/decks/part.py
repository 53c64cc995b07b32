"""What a deck offers to the pages around it."""

from typing import Final

from portal.exercises.mechanics.base import MechanicName
from portal.exercises.parts.base import Part
from portal.exercises.parts.decks.commands import tell
from portal.exercises.parts.decks.queries import form_for
from portal.exercises.parts.decks.review_pages import review
from portal.web.translate import _
from portal.web.visibility import Names


def _opened_words(names: Names) -> str:
    del names  # The cards belong to both alike.
    return _("Your cards, turned over")


DECK: Final = Part(
    mechanic=MechanicName.DECK,
    page="exercises.deck",
    words=lambda: _("The cards"),
    opened_words=_opened_words,
    walk=form_for,
    review=review,
    review_template="exercises/decks/review.html",
    after_send=tell,
)
