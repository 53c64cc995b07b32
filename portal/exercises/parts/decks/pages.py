"""What the pages of a deck show a partner, gathered into plain values for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from portal.access.policy import Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.dealing import FURTHER, Round
from portal.exercises.mechanics.deck import Card, DeckSpec, answer_key, guess_key
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.base import walk_address
from portal.exercises.parts.decks import queries
from portal.exercises.parts.decks.queries import spec_of
from portal.exercises.queries import Task
from portal.people.couple_queries import Circle, circle
from portal.questionnaires.model import Answers
from portal.web.render import day_and_month, month
from portal.web.translate import _
from portal.web.visibility import Moment, Names, seen_by

STILL_OFFERED = 3
"""How many of the newest earlier rounds that one hasn't answered are named, whatever the partner did with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """One card with what two people wrote on it, as far as it may be read: answers and guesses by position."""

    text: str
    above: str
    follow_ups: tuple[str, ...]
    answers: tuple[str, str]
    guesses: tuple[str, str]
    """What the first thought that the second would write, and the other way round."""

    @property
    def is_blank(self) -> bool:
        """Say whether neither wrote anything."""
        return not any((*self.answers, *self.guesses))


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRound:
    """A line that leads to another round."""

    words: str
    state: str
    url: str


def deck_page(scope: Scope, task: Task, names: Names, *, wanted: str = "") -> dict[str, Any]:
    """Return what a partner's page of a deck shows: one round, and the way to the others.

    Raises Refused for a round that isn't there.
    """
    spec = spec_of(task.exercise)
    found = queries.rounds(scope, task.assignment, task.exercise)
    states = queries.my_states(scope, task.assignment)
    shown = _shown(found, states, task.period, wanted)
    people = circle(scope, task.assignment.couple_id)
    me = people.person(scope.account_id)
    other = people.partner_of(me.account_id)
    state = states.get(shown.name)
    ended = has_ended(task)
    writes = not ended and queries.may_write(scope, task, shown)
    return {
        "task": task,
        "exercise": task.exercise,
        "names": names,
        "me": me,
        "other": other,
        "round": shown,
        "title": round_words(shown.name),
        "cards": _cards(scope, task, spec, shown, people, names),
        "guesses": bool(spec.guess_prompt),
        "is_open": shown.opening is not None,
        "is_sent": state is ResponseState.SENT,
        "is_begun": state is ResponseState.DRAFT,
        "is_ended": ended,
        "walk_url": walk_address(queries.walk_of(scope, task, shown)) if writes else None,
        "take_back_url": _take_back_url(task, shown) if writes and state is ResponseState.SENT else None,
        "further_url": None if ended else _further_url(task, found, shown),
        "others": _others(task, found, states, shown),
        "seen_by": seen_by(
            Label.COUPLE if shown.opening is not None else Label.LATER, names=names, moment=Moment.NOW
        ),
        "form": ConfirmForm(formdata=None),
    }


def _shown(found: Sequence[Round], states: Mapping[str, ResponseState], period: str, wanted: str) -> Round:
    """Return the round that is asked for; else the newest that one has begun or that is open; else today's."""
    if wanted:
        for each in found:
            if each.name == wanted:
                return each
        raise Refused("not a round of it")
    current = queries.of_period(found, period) or found[-1:]
    touched = [each for each in current if each.opening is not None or each.name in states]
    if not current:
        raise Refused("nothing has been dealt")
    return touched[-1] if touched else current[0]


def _cards(
    scope: Scope, task: Task, spec: DeckSpec, shown: Round, people: Circle, names: Names
) -> list[CardShown]:
    """Return the cards of a round: one's own words, and the other's once they are open."""
    by_author = {each.author_id: each.values for each in queries.written(scope, task.assignment, shown.name)}
    me = scope.account_id
    pair = (by_author.get(me, {}), by_author.get(people.partner_of(me).account_id, {}))
    return [card_shown(spec, card, pair, above=_above(spec, card, names)) for card in shown.hand]


def card_shown(spec: DeckSpec, card: Card, pair: tuple[Answers, Answers], *, above: str) -> CardShown:
    """Return a card with what two people wrote on it. What was passed and what was left empty is the same."""
    first, second = pair
    asked, guessed = answer_key(card.key), guess_key(card.key)
    return CardShown(
        text=card.text,
        above=above,
        follow_ups=card.follow_ups,
        answers=(str(first.get(asked, "")), str(second.get(asked, ""))),
        guesses=(str(first.get(guessed, "")), str(second.get(guessed, "")))
        if spec.guess_prompt
        else ("", ""),
    )


def _above(spec: DeckSpec, card: Card, names: Names) -> str:
    """Return what stands above a card: from whom it is, or its layer."""
    if card.is_own:
        return _("From %(name)s", name=names.therapist or _("your therapist"))
    return spec.layer_title(card)


def _take_back_url(task: Task, shown: Round) -> str | None:
    if shown.name.partition(FURTHER)[0] != task.period:
        return None
    return url_for("exercises.take_back_cards", assignment_id=task.assignment.id, round=shown.name)


def _further_url(task: Task, found: Sequence[Round], shown: Round) -> str | None:
    """Return where two who would like to go on find the next cards, once those on the page are open."""
    current = queries.of_period(found, task.period)
    if shown.opening is None or not current or current[-1].opening is not None or shown not in current:
        return None
    return _address(task, current[-1])


def _address(task: Task, dealt: Round) -> str:
    return url_for("exercises.deck", assignment_id=task.assignment.id, round=dealt.name)


def _others(
    task: Task, found: Sequence[Round], states: Mapping[str, ResponseState], shown: Round
) -> list[OtherRound]:
    """Return the other rounds to look at, newest first: those that are open or begun, and the last ones that wait."""
    waiting = [
        each for each in found if each.opening is None and each.name not in states and not each.is_further
    ][-STILL_OFFERED:]
    listed = [each for each in found if each.opening is not None or each.name in states or each in waiting]
    return [
        OtherRound(
            words=round_words(each.name), state=_state(each, states.get(each.name)), url=_address(task, each)
        )
        for each in reversed(listed)
        if each is not shown
    ]


def _state(dealt: Round, own: ResponseState | None) -> str:
    """Return how a round stands, in words that tell nothing of the other."""
    if dealt.opening is not None:
        return _("Open to you both")
    if own is ResponseState.SENT:
        return _("Yours is in")
    return _("Your draft is saved") if own is ResponseState.DRAFT else _("Not answered")


def round_words(name: str) -> str:
    """Return a round in words: its day, week or month, and which draw of it."""
    period, _dot, number = name.partition(FURTHER)
    words = _period_words(period)
    return _("%(time)s, draw %(number)s", time=words, number=number) if number else words


def _period_words(period: str) -> str:
    if "W" in period:
        year, week = period.split("-W")
        return _(
            "Cards of the week of %(day)s", day=day_and_month(date.fromisocalendar(int(year), int(week), 1))
        )
    if period.count("-") == 1:
        return _("Cards of %(month)s", month=month(date.fromisoformat(f"{period}-01")))
    return (
        _("Cards of %(day)s", day=day_and_month(date.fromisoformat(period))) if "-" in period else _("Cards")
    )
