"""What is new to read, and how far each partner is, in neutral words for the therapist."""

from dataclasses import dataclass

from flask import url_for

from portal.access.scope import Scope
from portal.exercises import review_queries
from portal.exercises.mechanics.base import PLACED, MechanicName
from portal.exercises.models import Response, ResponseState
from portal.exercises.review_queries import Work
from portal.people.couple_queries import CoupleCard, couples_of
from portal.web.render import day_and_month
from portal.web.translate import _


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of what is to be read."""

    url: str
    names: tuple[str, str]
    title: str
    text: str
    current: bool


def waiting(scope: Scope, *, current: str | None = None) -> list[Waiting]:
    """Return what is new to read, the longest unread first."""
    works = review_queries.to_read(scope)
    cards = {card.couple_id: card for card in couples_of(scope)} if works else {}
    return [
        Waiting(
            url=url_for("exercises.review", assignment_id=work.assignment.id),
            names=cards[work.assignment.couple_id].label,
            title=work.exercise.title,
            text=who_answered(work, cards[work.assignment.couple_id]),
            current=work.assignment.id == current,
        )
        for work in works
    ]


def who_answered(work: Work, card: CoupleCard) -> str:
    """Return an exercise's title with whose new answers there are."""
    unread = {each.author_id for each in work.responses if is_unread(each)}
    sent = {each.author_id for each in work.responses if each.state == ResponseState.SENT}
    if len(unread) == 1 and len(sent) == 1:
        name = card.access_of(next(iter(unread))).person.first_name
        return _("%(title)s, %(name)s", title=work.exercise.title, name=name)
    return _("%(title)s, both in", title=work.exercise.title)


def is_unread(response: Response) -> bool:
    """Say whether a response was sent and not yet marked as read. Quick logs are looked at, not ticked off."""
    is_log = response.part == MechanicName.TRACKER
    return response.state == ResponseState.SENT and response.reviewed_at is None and not is_log


def state_words(response: Response | None, *, asked: bool, is_private: bool = False) -> str:
    """Return how far a partner is, in neutral words for the therapist. What is private has no state to be seen."""
    if not asked:
        return _("Not asked")
    if response is None:
        return _("Private") if is_private else _("Not started")
    match ResponseState(response.state):
        case ResponseState.AHEAD:
            return _("Not started")
        case ResponseState.DRAFT if response.part in PLACED:
            return _("Begun")
        case ResponseState.DRAFT:
            return _("Draft")
        case ResponseState.DECLINED:
            return _("Left it out")
        case ResponseState.SENT:
            return _("Sent %(day)s", day=day_and_month(response.sent_at or response.started_at))
