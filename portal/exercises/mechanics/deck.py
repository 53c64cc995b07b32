"""Cards with open questions: both draw the same few, each answers alone, and what both wrote opens side by side.

This module reads the table; `dealing.py` beside it holds the rules by which cards are drawn. A ``[deck]`` table has

- ``per_round``: how many cards a round has; ``answer_max``: the longest answer; ``pass_text``: the words beside each
  card that say that it may be left empty;
- ``guess`` and, where it is true, ``guess_prompt``: each may also guess what the partner will write;
- ``therapist_cards``: whether a therapist may add cards for one couple (`own_card`);
- ``layers``, if wanted, from the lightest to the deepest: ``key``, ``title``; then ``depth_prompt`` and
  ``depth_hint``. After each round both are asked alone how deep the next cards may go, and the more careful one
  decides, as in an overlap: the answer has that audience, and who chose what is shown to nobody;
- ``[[deck.cards]]``: ``key``, ``text``, ``layer`` where there are layers, and if wanted ``follow_ups``: questions to ask
  each other aloud once both answers are open.

A card that is passed is one that was left empty, so that nothing tells the two apart. ``form`` has every card of the
table; what is walked is ``round_form``, with the cards of one round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated
from portal.questionnaires.reading import LONG_LENGTH

NAME: Final = MechanicName.DECK
AUDIENCES: Final = frozenset({Audience.COUPLE})

CARD, GUESS = "card_", "guess_"
"""How the keys of answers and guesses begin; the key of the card follows."""
DEPTH: Final = "depth"
"""The key of the question how deep the next cards may go."""
OWN: Final = "own_"
"""How the keys of cards begin that a therapist added."""
CARD_LENGTH: Final = 300
"""The longest text of a card."""
PER_ROUND: Final = range(1, 11)
LAYERS: Final = range(2, 6)
_KEY_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Cards that go about equally deep."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card. ``layer`` counts from 0, the lightest; in a deck without layers all cards are in it."""

    key: str
    text: str
    layer: int = 0
    follow_ups: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Say whether a therapist added the card for this couple."""
        return self.key.startswith(OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckSpec:
    """What a ``[deck]`` table says. Without a ``guess_prompt`` nobody guesses."""

    per_round: int
    answer_max: int
    pass_text: str
    guess_prompt: str
    therapist_cards: bool
    layers: tuple[Layer, ...]
    depth_prompt: str
    depth_hint: str
    cards: tuple[Card, ...]

    def layer_title(self, card: Card) -> str:
        """Return the title of a card's layer; nothing where there are no layers."""
        return self.layers[card.layer].title if self.layers else ""


def read(table: Table, frame: Frame) -> DeckSpec:
    """Return what a ``[deck]`` table says, noting every mistake at the table."""
    del frame  # Cards are answered for the couple; there is nothing else to say.
    per_round = table.integer("per_round", low=PER_ROUND.start, high=PER_ROUND.stop - 1)
    layers = tuple(
        Layer(key=entry.key("key"), title=entry.text("title", at_most=60))
        for entry in table.optional_tables("layers")
    )
    if layers and len(layers) not in LAYERS:
        table.complain("layers", f"must be {LAYERS.start} to {LAYERS.stop - 1}, or none at all")
    for key in repeated([layer.key for layer in layers]):
        table.complain("layers", f"the layer key {key} comes twice")
    cards = tuple(_read_card(entry, layers) for entry in table.tables("cards"))
    _check_cards(table, cards, layers, per_round)
    guess = table.flag("guess", default=False)
    return DeckSpec(
        per_round=per_round,
        answer_max=table.integer("answer_max", low=20, high=LONG_LENGTH),
        pass_text=table.text("pass_text", at_most=120),
        guess_prompt=table.text("guess_prompt", at_most=120) if guess else "",
        therapist_cards=table.flag("therapist_cards", default=True),
        layers=layers,
        depth_prompt=table.text("depth_prompt", at_most=200) if layers else "",
        depth_hint=table.text("depth_hint", at_most=400) if layers else "",
        cards=cards,
    )


def _read_card(table: Table, layers: Sequence[Layer]) -> Card:
    key = table.key("key")
    if len(key) > _KEY_LENGTH or key.startswith(OWN):
        table.complain("key", f"has at most {_KEY_LENGTH} letters and doesn't begin with {OWN}")
    places = {layer.key: place for place, layer in enumerate(layers)}
    named = table.text("layer") if layers else ""
    if layers and named not in places:
        table.complain("layer", f"there is no layer {named!r}")
    return Card(
        key=key,
        text=table.text("text", at_most=CARD_LENGTH),
        layer=places.get(named, 0),
        follow_ups=table.optional_texts("follow_ups", at_most=200),
    )


def _check_cards(table: Table, cards: Sequence[Card], layers: Sequence[Layer], per_round: int) -> None:
    for key in repeated([card.key for card in cards]):
        table.complain("cards", f"the card key {key} comes twice")
    for text in repeated([card.text.casefold() for card in cards]):
        table.complain("cards", f"two cards ask the same: {text!r}")
    for place, layer in enumerate(layers):
        if place not in {card.layer for card in cards}:
            table.complain("layers", f"no card is in the layer {layer.key}")
    # The first layer has to last for two rounds by itself, or the second round would repeat the first.
    if sum(card.layer == 0 for card in cards) < 2 * per_round:
        table.complain("cards", f"must be at least {2 * per_round}, or a second round would repeat the first")


def own_card(number: int, text: str) -> Card:
    """Return a card that a therapist added for one couple, by its number in the assignment; it is a light one."""
    return Card(key=f"{OWN}{number}", text=text)


def answer_key(card_key: str) -> str:
    """Return the item key of the answer to a card."""
    return CARD + card_key


def guess_key(card_key: str) -> str:
    """Return the item key of a guess at the partner's answer to a card."""
    return GUESS + card_key


def card_key_of(item_key: str) -> str | None:
    """Return the key of the card that an item answers or guesses at; nothing for any other item."""
    for start in (CARD, GUESS):
        if item_key.startswith(start):
            return item_key.removeprefix(start)
    return None


def round_form(spec: DeckSpec, hand: Sequence[Card]) -> Form:
    """Return what is walked in one round: a page for each card, and the question of depth where there are layers."""
    return Form(pages=(*(_card_page(spec, card) for card in hand), *_depth_pages(spec)))


def _card_page(spec: DeckSpec, card: Card) -> Page:
    """Return the page of a card. It has no title of its own: the card is what it is about."""
    answer = Item(
        key=answer_key(card.key),
        kind=ItemKind.LONG,
        text=card.text,
        hint=spec.pass_text,
        audience=Audience.COUPLE,
        max_length=spec.answer_max,
        prefer_not=False,
    )
    guess = Item(
        key=guess_key(card.key),
        kind=ItemKind.LONG,
        text=spec.guess_prompt,
        audience=Audience.COUPLE,
        max_length=spec.answer_max,
        prefer_not=False,
    )
    items = (answer, guess) if spec.guess_prompt else (answer,)
    return Page(key=answer_key(card.key), title="", intro=spec.layer_title(card), items=items)


def _depth_pages(spec: DeckSpec) -> tuple[Page, ...]:
    if not spec.layers:
        return ()
    item = Item(
        key=DEPTH,
        kind=ItemKind.CHOICE,
        text=spec.depth_prompt,
        hint=spec.depth_hint,
        audience=Audience.OVERLAP,
        options=tuple(Option(key=layer.key, text=layer.title) for layer in spec.layers),
        # Leaving it blank says no more than staying where one is does, so nothing else is needed.
        prefer_not=False,
    )
    return (Page(key=DEPTH, title="", items=(item,)),)


def form(spec: DeckSpec) -> Form:
    """Return a page for every card of the table, so that labels, previews and reviews find them."""
    return round_form(spec, spec.cards)


def label(spec: DeckSpec, audience: Audience) -> Label:
    """Return the label of an item: answers and guesses open once both have sent theirs."""
    del spec  # All decks say it the same way.
    return Label.LATER if audience is Audience.COUPLE else label_for(audience)


def open_at(
    spec: DeckSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when answers and guesses open: once both have sent the round. The wished depth never opens."""
    del spec, delivery  # Only a letter is delivered.
    if audience is not Audience.COUPLE or other is None:
        return None
    return max(own.at, other.at)


def summary(spec: DeckSpec, answers: Answers) -> Summary:
    """Return answers in words, of the cards that were answered or guessed at. Cards of a therapist's own are left out."""
    found = {card_key_of(key) for key in answers}
    pages = tuple(_card_page(spec, card) for card in spec.cards if card.key in found)
    depth = _depth_pages(spec) if DEPTH in answers else ()
    return summarise(Form(pages=(*pages, *depth)), answers)


def contents(spec: DeckSpec) -> Mapping[str, object]:
    """Return the cards with their layers and follow-up questions, and how a round goes, as plain JSON values."""
    return {
        "per_round": spec.per_round,
        "guess": bool(spec.guess_prompt),
        "therapist_cards": spec.therapist_cards,
        "layers": [{"key": layer.key, "title": layer.title} for layer in spec.layers],
        "cards": [
            {
                "key": card.key,
                "text": card.text,
                "layer": spec.layers[card.layer].key if spec.layers else None,
                "follow_ups": list(card.follow_ups),
            }
            for card in spec.cards
        ],
        "items": items_as_json(form(spec)),
    }
