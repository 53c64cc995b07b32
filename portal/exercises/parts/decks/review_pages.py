"""What the review of a deck shows a therapist: the answers of each round beside each other, and the cards of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.dealing import Round
from portal.exercises.mechanics.deck import Card, DeckSpec
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.part_models import OwnCard
from portal.exercises.parts.decks import queries
from portal.exercises.parts.decks.forms import CardForm
from portal.exercises.parts.decks.pages import CardShown, card_shown, round_words
from portal.exercises.parts.decks.queries import spec_of
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle
from portal.web.forms import PortalForm
from portal.web.translate import _
from portal.web.visibility import SeenBy

OPEN_ROUNDS = 2
"""How many of the newest rounds stand open on the page; those before them can be unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundShown:
    """One round with what either of the two sent."""

    words: str
    is_open: bool
    sent: tuple[bool, bool]
    cards: list[CardShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnShown:
    """A card of the therapist's own; without an address it can't be taken out any more."""

    text: str
    url: str | None


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return the rounds that were answered, newest first, and the cards of one's own with a form for one more."""
    spec = spec_of(work.exercise)
    takes_cards = spec.therapist_cards and work.assignment.state == AssignmentState.OPEN
    dealt = queries.rounds(scope, work.assignment, work.exercise)
    shown = _answered(scope, work, dealt, people)
    cards = queries.own_cards(scope, work.assignment)
    if not (shown or takes_cards or cards):
        return None
    return {
        "recent": shown[:OPEN_ROUNDS],
        "earlier": shown[OPEN_ROUNDS:],
        "guesses": bool(spec.guess_prompt),
        "own": [_own(work, card, dealt, takes_cards=takes_cards) for card in cards],
        "takes_cards": takes_cards,
        "form": CardForm(formdata=None),
        "take_out_form": PortalForm(formdata=None),
        "add_url": url_for("exercises.add_card", assignment_id=work.assignment.id),
        "seen_by": card_seen(),
    }


def _answered(scope: Scope, work: Work, dealt: Sequence[Round], people: Circle) -> list[RoundShown]:
    """Return the rounds that at least one of the two has sent, newest first."""
    spec = spec_of(work.exercise)
    values = {(each.author_id, each.period): each.values for each in queries.written(scope, work.assignment)}
    sent = {
        (each.author_id, each.period)
        for each in work.responses
        if each.part == MechanicName.DECK and each.state == ResponseState.SENT
    }
    found = []
    for one in reversed(dealt):
        a, b = ((person.account_id, one.name) for person in (people.a, people.b))
        if not {a, b} & sent:
            continue
        pair = (values.get(a, {}), values.get(b, {}))
        shown = [card_shown(spec, card, pair, above=_above(spec, card)) for card in one.hand]
        is_sent = (a in sent, b in sent)
        found.append(
            RoundShown(
                words=round_words(one.name), is_open=one.opening is not None, sent=is_sent, cards=shown
            )
        )
    return found


def _above(spec: DeckSpec, card: Card) -> str:
    return _("Your card") if card.is_own else spec.layer_title(card)


def _own(work: Work, card: OwnCard, dealt: Sequence[Round], *, takes_cards: bool) -> OwnShown:
    waits = all(each.begins <= card.added_at for each in dealt)
    address = url_for("exercises.take_out_card", assignment_id=work.assignment.id, number=card.number)
    return OwnShown(text=queries.text_of(card), url=address if waits and takes_cards else None)


def card_seen() -> SeenBy:
    """Return who sees a card of the therapist's own."""
    words = _("Both of them, once it is drawn")
    return SeenBy(Label.COUPLE, words, words)
