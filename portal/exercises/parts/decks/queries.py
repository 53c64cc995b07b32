"""Reads of a deck: its rounds with their cards, the same for whoever asks, and what was answered in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.access.vault import CannotOpen
from portal.exercises import queries
from portal.exercises.domain import Exercise, Recurrence, period_for
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.dealing import (
    FURTHER,
    Added,
    Opening,
    Period,
    Round,
    Table,
    Wish,
    rounds_of,
)
from portal.exercises.mechanics.deck import (
    CARD,
    DEPTH,
    DeckSpec,
    card_key_of,
    own_card,
    round_form,
)
from portal.exercises.models import Answer, Assignment, Response, ResponseState
from portal.exercises.part_models import OwnCard
from portal.exercises.queries import Task
from portal.kit.clock import day_in
from portal.people.practice_queries import practice_of
from portal.questionnaires.model import Form, Value

DAY: Final = timedelta(days=1)
GONE: Final = "…"
"""What stands on a card whose writer's words are no longer there."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one partner wrote in one round, by item key, and in which response."""

    author_id: str
    period: str
    values: dict[str, Value]
    sent_at: datetime


def spec_of(exercise: Exercise) -> DeckSpec:
    """Return the deck of an exercise. Raises Refused where it has none."""
    spec = exercise.spec(DeckSpec)
    if spec is None:
        raise Refused("not a deck")
    return spec


def rounds(scope: Scope, assignment: Assignment, exercise: Exercise) -> tuple[Round, ...]:
    """Return the rounds of an assignment so far with their cards, oldest first; none before its release.

    Both partners and their therapist get the same: it depends on nothing that only one of them may know.
    """
    periods = _periods(scope, assignment)
    if not periods:
        return ()
    spec = spec_of(exercise)
    table = Table(
        seed=assignment.id,
        periods=periods,
        added=[
            Added(own_card(each.number, text_of(each)), each.added_at)
            for each in own_cards(scope, assignment)
        ],
        openings=_openings(scope, assignment),
        wishes=_wishes(scope, assignment, spec) if spec.layers else (),
        is_once=queries.recurrence_of(assignment) is Recurrence.ONCE,
    )
    return rounds_of(spec, table)


def begins_at(assignment: Assignment) -> datetime | None:
    """Return when a couple can see the first cards; nothing while the assignment is being prepared."""
    if assignment.released_at is None:
        return None
    return max(assignment.opens_at, assignment.released_at)


def _periods(scope: Scope, assignment: Assignment) -> list[Period]:
    first = begins_at(assignment)
    if first is None or first > scope.now:
        return []
    zone = practice_of(scope).time_zone
    named = _named(queries.recurrence_of(assignment), day_in(zone, first), day_in(zone, scope.now))
    found = [
        Period(name, datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(first.tzinfo))
        for name, day in named
    ]
    return [Period(found[0].name, first), *found[1:]]


def _named(recurrence: Recurrence, first: date, last: date) -> Iterator[tuple[str, date]]:
    """Yield each day, week or month between two days with the first of its days."""
    day, before = first, ""
    while day <= last:
        name = period_for(recurrence, day)
        if name != before:
            yield name, day
        before, day = name, day + DAY


def own_cards(scope: Scope, assignment: Assignment) -> Sequence[OwnCard]:
    """Return the cards that a therapist added for the couple, in their order."""
    query = scope.select(OwnCard).where(OwnCard.assignment_id == assignment.id)
    return scope.all(query.order_by(OwnCard.number))


def text_of(card: OwnCard) -> str:
    """Return what stands on an own card, or that it can't be read any more."""
    try:
        return card.text
    except CannotOpen:
        return GONE


def is_waiting(scope: Scope, assignment: Assignment, exercise: Exercise, card: OwnCard) -> bool:
    """Say whether no round has begun since a card was added, so that it can't have been drawn."""
    return all(each.begins <= card.added_at for each in rounds(scope, assignment, exercise))


def _openings(scope: Scope, assignment: Assignment) -> dict[str, Opening]:
    """Return the rounds that are open to both. Either partner reads the same rows of them."""
    query = scope.select(Answer).where(
        Answer.assignment_id == assignment.id, Answer.open_at.is_not(None), Answer.open_at <= scope.now
    )
    found: dict[str, Opening] = {}
    for period, item, open_at in scope.rows(
        query.with_only_columns(Answer.period, Answer.item, Answer.open_at)
    ):
        key = card_key_of(item)
        if key is None:
            continue
        before = found.get(period, Opening(open_at, frozenset()))
        answered = before.answered | {key} if item.startswith(CARD) else before.answered
        found[period] = Opening(max(before.at, open_at), answered)
    return found


def _wishes(scope: Scope, assignment: Assignment, spec: DeckSpec) -> list[Wish]:
    """Return how deep each would have the cards go. Read as the house; only the more careful wish ever shows."""
    house = scope.as_house(assignment.couple_id)
    places = {layer.key: place for place, layer in enumerate(spec.layers)}
    query = house.select(Answer).where(Answer.assignment_id == assignment.id, Answer.item == DEPTH)
    return [
        Wish(each.author_id, places[str(each.value)], each.period, each.sent_at)
        for each in house.all(query.order_by(Answer.sent_at, Answer.id))
        if each.sent_at is not None and str(each.value) in places
    ]


def of_period(found: Sequence[Round], period: str) -> tuple[Round, ...]:
    """Return the rounds of one day, week or month."""
    return tuple(each for each in found if each.name.partition(FURTHER)[0] == period)


def form_for(scope: Scope, task: Task, name: str) -> Form | None:
    """Return the pages of a round that may be walked now; nothing for one that is open, or isn't there.

    What was sent can be changed until it opens, though not after its day, week or month: cards that were drawn
    meanwhile may have followed from it.
    """
    dealt = next((each for each in rounds(scope, task.assignment, task.exercise) if each.name == name), None)
    if dealt is None or not may_write(scope, task, dealt):
        return None
    return round_form(spec_of(task.exercise), dealt.hand)


def may_write(scope: Scope, task: Task, dealt: Round) -> bool:
    """Say whether a partner may still write in a round."""
    if dealt.opening is not None:
        return False
    own = queries.my_response(scope, task.assignment, MechanicName.DECK, dealt.name)
    is_now = dealt.name.partition(FURTHER)[0] == task.period
    return is_now or own is None or own.state != ResponseState.SENT


def walk_of(scope: Scope, task: Task, dealt: Round) -> Task:
    """Return the walk of one round."""
    form = round_form(spec_of(task.exercise), dealt.hand)
    return queries.aside(scope, task, MechanicName.DECK, period=dealt.name, form=form)


def my_states(scope: Scope, assignment: Assignment) -> dict[str, ResponseState]:
    """Return how far a partner is in each round that they have begun."""
    query = scope.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.author_id == scope.account_id,
        Response.part == MechanicName.DECK,
        Response.state != ResponseState.AHEAD,
    )
    return {each.period: ResponseState(each.state) for each in scope.all(query)}


def written(scope: Scope, assignment: Assignment, period: str | None = None) -> list[Written]:
    """Return what the viewer may read of the answers, in one round or in all, oldest first."""
    query = scope.select(Answer).where(
        Answer.assignment_id == assignment.id, Answer.sent_at.is_not(None), Answer.item != DEPTH
    )
    if period is not None:
        query = query.where(Answer.period == period)
    found: dict[tuple[str, str], Written] = {}
    for each in scope.all(query.order_by(Answer.sent_at, Answer.id)):
        if each.sent_at is None or card_key_of(each.item) is None:
            continue
        entry = found.setdefault(
            (each.author_id, each.period), Written(each.author_id, each.period, {}, each.sent_at)
        )
        entry.values[each.item] = each.value
    return list(found.values())
