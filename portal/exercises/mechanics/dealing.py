"""The rules by which a deck's cards are drawn: the same for both, and none again before the deck is used up.

Nothing is kept about a draw. It is worked out anew from what stands in the assignment and from what both partners have
already read of each other, never from what one of them did alone, so that nobody can learn from a card that came, or
didn't come, what the partner has answered. A round that has begun keeps its cards, whatever happens afterwards.

- Time brings rounds: one for each day, week or month of the assignment. As soon as a round is open to both, there is
  a further one within the same time, for two who would like to go on; what nobody answers in it counts as not drawn.
- A card that was drawn is laid aside until all others were. One that nobody had answered by then comes once more
  before the deck is shuffled anew; a new shuffle keeps the cards of the last rounds for its second half.
- A card that a therapist added comes with the next round that time brings, one of them in each; in a deck that is
  given once it comes with the next further round.
- Layers: only cards down to the depth that both wished for, the more careful one deciding.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from portal.exercises.mechanics.deck import Card, DeckSpec

FURTHER: Final = "."
"""What parts the number of a further round from the name of its time, as in ``2026-W47.2``."""
MOST_IN_A_PERIOD: Final = 20
"""How many rounds there are at most within one day, week or month."""


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week or month of an assignment: its name, and when it begins."""

    name: str
    begins: datetime


@dataclass(frozen=True, slots=True)
class Added:
    """A card that a therapist added, and when."""

    card: Card
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """A round that is open to both: since when, and the keys of the cards that one of them answered."""

    at: datetime
    answered: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wish:
    """How deep one partner would have the next cards go: the place of a layer, from 0, said in a round."""

    who: str
    layer: int
    round: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """The cards of one round, and since when they are open to both, if they are."""

    name: str
    begins: datetime
    hand: tuple[Card, ...]
    opening: Opening | None

    @property
    def is_further(self) -> bool:
        """Say whether it came after another round of the same day, week or month."""
        return FURTHER in self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that decides which cards come. ``seed`` makes two couples' decks fall differently."""

    seed: str
    periods: Sequence[Period]
    added: Sequence[Added] = ()
    openings: Mapping[str, Opening] = field(default_factory=dict)
    wishes: Sequence[Wish] = ()
    is_once: bool = False
    """Whether the deck was given once, so that time brings no second round."""


def rounds_of(spec: DeckSpec, table: Table) -> tuple[Round, ...]:
    """Return the rounds of an assignment so far with their cards, oldest first."""
    dealer = _Dealer(spec, table)
    found: list[Round] = []
    for place, period in enumerate(table.periods):
        following = table.periods[place + 1].begins if place + 1 < len(table.periods) else None
        found += _rounds_in(dealer, period, following)
    return tuple(found)


def _rounds_in(dealer: "_Dealer", period: Period, following: datetime | None) -> list[Round]:
    found = [dealer.deal(period.name, period.begins)]
    while len(found) < MOST_IN_A_PERIOD:
        opening = found[-1].opening
        if opening is None or (following is not None and opening.at >= following):
            break
        found.append(dealer.deal(f"{period.name}{FURTHER}{len(found) + 1}", opening.at))
    return found


class _Dealer:
    """Deals one round after the other, remembering what was drawn."""

    def __init__(self, spec: DeckSpec, table: Table) -> None:
        self._spec = spec
        self._table = table
        self._names: set[str] = set()
        self._shut: list[Round] = []
        self._order: list[str] = []
        self._places: dict[tuple[str, str], bytes] = {}
        self._drawn: Counter[str] = Counter()
        self._answered: set[str] = set()
        self._waiting: Counter[str] = Counter()
        """How often a card came in a further round without being answered."""

    def deal(self, name: str, begins: datetime) -> Round:
        self._look_at_opened(begins)
        deck = self._deck(begins)
        recent = set(self._order[-(len(deck) // 2) :])
        ranked = sorted(deck, key=lambda card: self._rank(card, recent))
        fresh = [card for card in ranked if card.is_own and card.key not in self._order]
        # A further round may never be played, and what was added for the couple is not to wait in it.
        first = fresh[:1] if self._table.is_once or FURTHER not in name else []
        hand = [*first, *(card for card in ranked if card not in fresh)][: self._spec.per_round]
        hand.sort(key=lambda card: self._shuffled(name, card))
        return self._laid_out(Round(name, begins, tuple(hand), self._table.openings.get(name)))

    def _look_at_opened(self, moment: datetime) -> None:
        """Take note of what was answered in the rounds that are open by now."""
        still_shut = []
        for each in self._shut:
            if each.opening is None or each.opening.at > moment:
                still_shut.append(each)
                continue
            keys = [card.key for card in each.hand if card.key in each.opening.answered]
            self._answered.update(keys)
            if each.is_further:
                self._drawn.update(keys)
                self._waiting.subtract(keys)
        self._shut = still_shut

    def _laid_out(self, dealt: Round) -> Round:
        keys = [card.key for card in dealt.hand]
        (self._waiting if dealt.is_further else self._drawn).update(keys)
        self._order += keys
        self._names.add(dealt.name)
        self._shut.append(dealt)
        return dealt

    def _deck(self, begins: datetime) -> list[Card]:
        wishes = [each for each in self._table.wishes if each.round in self._names and each.at <= begins]
        depth = depth_of(wishes)
        own = [each.card for each in self._table.added if each.at < begins]
        return [card for card in (*self._spec.cards, *own) if card.layer <= depth]

    def _rank(self, card: Card, recent: set[str]) -> tuple[int, int, bool, bytes]:
        drawn = self._drawn[card.key]
        once_more = drawn == 1 and card.key not in self._answered
        turn = 2 * drawn - once_more
        return turn, self._waiting[card.key], card.key in recent, self._shuffled(str(turn), card)

    def _shuffled(self, salt: str, card: Card) -> bytes:
        place = (salt, card.key)
        if place not in self._places:
            self._places[place] = sha256(f"{self._table.seed}/{salt}/{card.key}".encode()).digest()
        return self._places[place]


def depth_of(wishes: Sequence[Wish]) -> int:
    """Return how deep cards may go after some wishes: what the more careful of two wished for last.

    Who hasn't said anything yet stays with the lightest layer.
    """
    latest = {wish.who: wish.layer for wish in sorted(wishes, key=lambda each: each.at)}
    return min(latest.values()) if len(latest) == 2 else 0
