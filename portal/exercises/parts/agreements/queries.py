"""Reads of a shared text: one partner's view of it, everything for rules and therapists, and words not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.vault import CannotOpen
from portal.access.viewer import Seat
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise
from portal.exercises.mechanics.agreement import ROUND, AgreementSpec
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.negotiation import endings, state_of
from portal.exercises.mechanics.negotiation_model import Agreement, Event, EventKind, Version
from portal.exercises.mechanics.negotiation_view import View, revision, visible_to
from portal.exercises.models import Answer, Assignment, ResponseState
from portal.exercises.part_models import AgreementEvent
from portal.exercises.queries import Task, aside, my_draft
from portal.exercises.shelf import exercises_by_copy, in_language
from portal.people.couple_queries import Circle, circle
from portal.people.models import Account
from portal.people.practice_queries import practice_of

LANGUAGE = "language"
"""The kind of row, at number 0, that keeps in which language the text began: its first words are the same for both.

Its ``seen`` holds after how many days both wanted to look at it again, by their answers; 0 where the exercise says it."""

LOST = "…"
"""What stands for words whose key is gone: the text goes on without them."""


class Place(StrEnum):
    """What somebody can be writing: a clause's wording, a remark beside it, a clause of their own, how it went."""

    WORDING = "wording"
    REMARK = "remark"
    OWN_CLAUSE = "own"
    NOTE = "note"

    def key(self, clause: str = "") -> str:
        """Return the name under which words for this place are kept."""
        return f"{self.value}.{clause}" if clause else self.value


@dataclass(frozen=True, slots=True)
class Words:
    """What a partner has typed and not sent. ``revision`` counts how often it was kept."""

    text: str
    revision: int


@dataclass(frozen=True)
class Shared:
    """A shared text with all that happened to it, for rules, reports and the therapist; never for a partner's page."""

    exercise: Exercise
    """The exercise in the language in which the text began."""
    spec: AgreementSpec
    people: Circle
    rows: tuple[AgreementEvent, ...]
    is_begun: bool

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Everything that the two did, in its order."""
        return tuple(_event(row, self.people) for row in self.rows)

    @cached_property
    def agreement(self) -> Agreement:
        """How it stands."""
        return state_of(self.spec, self.events)

    @cached_property
    def endings(self) -> tuple[str, ...]:
        """The rounds of closing questions: a name for each time that it was signed by both or put away."""
        return endings(self.spec, self.events)

    def view(self, seat: Seat) -> View:
        """Return what one partner may see of it."""
        return visible_to(self.agreement, seat)

    def revision(self, seat: Seat) -> int:
        """Return how often a partner's view has changed so far."""
        return revision(self.spec, self.events, seat)


def spec_of(exercise: Exercise) -> AgreementSpec:
    """Return what an exercise says about its shared text. Raises Refused for one that has none."""
    spec = exercise.spec(AgreementSpec)
    if spec is None:
        raise Refused("holds no agreement")
    return spec


def shared(scope: Scope, assignment: Assignment) -> Shared:
    """Return a shared text with all that happened to it. Raises Refused for a couple out of reach.

    It is read as the house, because what stands follows from both partners' rows; what a partner may see of it is
    ``view``, and nothing else may reach their pages.
    """
    house, people = scope.as_house(assignment.couple_id), circle(scope, assignment.couple_id)
    query = house.select(AgreementEvent).where(AgreementEvent.assignment_id == assignment.id)
    rows = house.all(query.order_by(AgreementEvent.number))
    began = next((row for row in rows if row.kind == LANGUAGE), None)
    source = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    exercise = in_language(source, _common_language(scope, people) if began is None else _words(began))
    spec = spec_of(exercise)
    days = _days_by_answers(house, assignment, spec) if began is None else began.seen
    if days:
        spec = replace(spec, review_after=timedelta(days=days))
    events = tuple(row for row in rows if row.kind != LANGUAGE)
    return Shared(exercise, spec, people, events, is_begun=began is not None)


def _days_by_answers(house: Scope, assignment: Assignment, spec: AgreementSpec) -> int:
    """Return after how many days both would look at it again, by the shorter of their answers; 0 unless both know both.

    It is kept when the text is begun, so that an answer that is changed later moves no day that was agreed on.
    """
    if not spec.weeks_from:
        return 0
    answers = house.select(Answer).where(
        Answer.assignment_id == assignment.id,
        Answer.item == spec.weeks_from,
        Answer.audience == Audience.COUPLE,
        Answer.open_at <= house.now,
    )
    weeks = {each.author_id: _weeks(each) for each in house.all(answers.order_by(Answer.sent_at))}
    both = [each for each in weeks.values() if each]
    return min(both) * 7 if len(both) == len(Seat) else 0


def _weeks(answer: Answer) -> int:
    try:
        value = answer.value
    except CannotOpen:
        return 0
    return value if isinstance(value, int) else 0


def _common_language(scope: Scope, people: Circle) -> str:
    """Return the language of both partners where it is the same; else that of the definitions."""
    ids = [people.a.account_id, people.b.account_id]
    usual = practice_of(scope).locale
    accounts = scope.all(scope.select(Account).where(Account.id.in_(ids)))
    languages = {each.locale or usual for each in accounts}
    return str(languages.pop()) if len(languages) == 1 else SOURCE_LANGUAGE


def signed(scope: Scope, assignment: Assignment) -> tuple[Version, ...]:
    """Return the versions that both have signed, oldest first."""
    return shared(scope, assignment).agreement.versions


def _event(row: AgreementEvent, people: Circle) -> Event:
    return Event(
        seat=people.person(row.author_id).seat,
        kind=EventKind(row.kind),
        clause=row.clause,
        text=_words(row),
        at=row.at,
        seen=row.seen,
        day=row.day,
        period=row.period,
    )


def _words(row: AgreementEvent) -> str:
    try:
        return row.text
    except CannotOpen:
        return LOST


def own_round(scope: Scope, task: Task) -> Task:
    """Return the walk in which a partner's own words and turn are kept."""
    return aside(scope, task, MechanicName.AGREEMENT, period=ROUND)


def closing_of(scope: Scope, task: Task, found: Shared) -> str | None:
    """Return the round of closing questions that a partner hasn't answered after the last ending, if there is one."""
    if not found.endings:
        return None
    walk = aside(scope, task, MechanicName.AGREEMENT, period=found.endings[-1])
    return None if walk.state is ResponseState.SENT else found.endings[-1]


def my_words(scope: Scope, task: Task) -> Mapping[str, Words]:
    """Return what a partner has typed and not sent, by the names that `Place.key` gives."""
    response = own_round(scope, task).response
    draft = None if response is None else my_draft(scope, response)
    return {} if draft is None else {key: Words(*kept) for key, kept in draft.values.items()}
