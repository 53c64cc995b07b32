"""What is done with a deck besides walking its rounds: taking a round back, adding cards, and taking them out again."""

from typing import Final

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises.commands import TooLate, make_draft_again
from portal.exercises.matching import lock
from portal.exercises.mechanics.deck import CARD_LENGTH
from portal.exercises.models import Assignment, AssignmentState, ResponseState
from portal.exercises.part_models import OwnCard
from portal.exercises.parts.decks.queries import (
    is_waiting,
    of_period,
    own_cards,
    rounds,
    spec_of,
    text_of,
    walk_of,
)
from portal.exercises.queries import Task
from portal.exercises.shelf import exercises_by_copy
from portal.people.couple_queries import circle
from portal.people.post import Message, post

MOST_OWN: Final = 60
"""How many cards a therapist can add for one couple."""


def take_back(scope: Scope, task: Task, name: str) -> None:
    """Turn a round that was sent back into a draft. Raises TooLate once it is open, or its time is over."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    found = rounds(scope, task.assignment, task.exercise)
    dealt = next((each for each in found if each.name == name), None)
    if dealt is None:
        raise Refused("not a round of it")
    walk = walk_of(scope, task, dealt)
    is_running = task.assignment.state == AssignmentState.OPEN
    if not is_running or walk.state is not ResponseState.SENT or dealt.opening is not None:
        raise TooLate("it is open by now")
    if dealt not in of_period(found, task.period):
        raise TooLate("what was drawn meanwhile may have followed from it")
    make_draft_again(scope, walk)


def tell(scope: Scope, task: Task) -> None:
    """Send the partner the neutral mail if sending a round has just opened it to both."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    found = rounds(scope, task.assignment, task.exercise)
    if any(each.name == task.period and each.opening is not None for each in found):
        post(scope, circle(scope).partner_of(scope.account_id).account_id, Message.NEWS)


def add_card(scope: Scope, assignment_id: str, text: str) -> OwnCard | None:
    """Add a card for one couple. The same text again adds nothing, and returns None as an empty one does.

    Raises Refused where the deck takes no cards of a therapist's own, or has ended, and TooLate when it is full.
    """
    assignment = _mine(scope, assignment_id)
    words = " ".join(text.split())[:CARD_LENGTH]
    lock(scope, assignment)
    there = own_cards(scope, assignment)
    if not words or words.casefold() in {text_of(each).casefold() for each in there}:
        return None
    if len(there) >= MOST_OWN:
        raise TooLate("there is no room for more")
    card = OwnCard(
        couple_id=assignment.couple_id,
        assignment_id=assignment.id,
        author_id=scope.account_id,
        number=1 + max((each.number for each in there), default=0),
        added_at=scope.now,
    )
    card.text = words
    scope.add(card)
    record(scope, Action.ASSIGNED, subject_id=card.id, couple_id=assignment.couple_id, what="card")
    return card


def take_out_card(scope: Scope, assignment_id: str, number: int) -> None:
    """Take an own card out again. Raises TooLate once it can have been drawn: what was drawn stays as it was."""
    assignment = _mine(scope, assignment_id)
    lock(scope, assignment)
    card = next((each for each in own_cards(scope, assignment) if each.number == number), None)
    if card is None:
        return
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    if not is_waiting(scope, assignment, exercise, card):
        raise TooLate("it has been mixed in")
    scope.delete(card)


def _mine(scope: Scope, assignment_id: str) -> Assignment:
    assignment: Assignment = scope.find(Assignment, assignment_id)
    scope.require(Permission.ASSIGN, couple_id=assignment.couple_id)
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    if assignment.state != AssignmentState.OPEN or not spec_of(exercise).therapist_cards:
        raise Refused("takes no cards")
    return assignment
