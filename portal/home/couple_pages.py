"""One couple at a glance, for their therapist, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises import flag_pages, queries, review_queries
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.queries import Written, asks
from portal.exercises.review_queries import Work
from portal.exercises.safety import is_conjoint
from portal.exercises.unread_pages import is_unread, state_words
from portal.exercises.words import labels_for_staff
from portal.people.couple_queries import CoupleCard, Person, circle, couple_card
from portal.people.models import Couple, SecretsPolicy
from portal.people.practice_queries import practice_of
from portal.questionnaires.scoring import ScoreResult, score_form
from portal.web.translate import _, _n
from portal.web.visibility import SeenBy

SIGNS = "warning-signs"
EVENTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One assignment in hand: how far each of the two is, and what there is to do about it."""

    title: str
    url: str
    seen_by: tuple[SeenBy, ...]
    a: str
    b: str
    a_quiet: bool
    b_quiet: bool
    act: tuple[str, str] | None
    """Words and address."""
    note: str | None
    is_settled: bool
    """Whether everybody who was asked has answered and all of it is read."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened lately."""

    at: datetime
    name: str
    seat: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One warning sign with the newest weight of each of the two, 0-10; None where there is no total."""

    title: str
    a: int | None
    b: int | None


@dataclass(frozen=True, slots=True)
class Signs:
    """The newest weights of the warning signs."""

    url: str
    signs: list[Sign]
    overall: tuple[int | None, int | None]
    at: datetime


def overview(scope: Scope, couple_id: str, *, today: date) -> dict[str, Any]:
    """Return what a couple's page shows. Raises Refused for somebody else's couple."""
    works = review_queries.work_of(scope, couple_id)
    card = couple_card(scope, couple_id)
    flags = flag_pages.panel(scope, circle(scope, couple_id))
    rows = [
        _row(work, card, today, is_held=bool(flags) and is_conjoint(work.exercise))
        for work in works
        if work.assignment.state == AssignmentState.OPEN
    ]
    return {
        "card": card,
        "a": card.a.person,
        "b": card.b.person,
        "rows": sorted((row for row in rows if not row.is_settled), key=lambda row: row.act is None),
        "settled": [row for row in rows if row.is_settled],
        "events": _events(works, card),
        "signs": _signs(scope, works, card),
        "goals": goals_of(scope, couple_id).splitlines(),
        "policy": policy_words(SecretsPolicy(practice_of(scope).secrets_policy)),
        "flags": flags,
    }


def answers(scope: Scope, couple_id: str) -> list[dict[str, Any]]:
    """Return everything that a couple ever sent, newest first."""
    works = review_queries.work_of(scope, couple_id)
    sent = [work for work in works if any(each.state == ResponseState.SENT for each in work.responses)]
    newest = {
        work.assignment.id: max(each.sent_at for each in work.responses if each.sent_at is not None)
        for work in sent
    }
    sent.sort(key=lambda work: newest[work.assignment.id], reverse=True)
    return [
        {
            "title": work.exercise.title,
            "url": url_for("exercises.review", assignment_id=work.assignment.id),
            "seen_by": labels_for_staff(work.exercise),
            "at": newest[work.assignment.id],
            "rounds": len(work.rounds_sent),
            "new": work.unread and work.exercise.lead is not MechanicName.TRACKER,
        }
        for work in sent
    ]


def goals_of(scope: Scope, couple_id: str) -> str:
    """Return what a couple wants, in their own words; empty if nothing is written down."""
    scope.require(Permission.REVIEW, couple_id=couple_id)
    return scope.find(Couple, couple_id).goals or ""


def policy_words(policy: SecretsPolicy) -> tuple[str, str]:
    """Return the practice's secrets policy: its name, and what it means."""
    return {
        SecretsPolicy.UNDECIDED: (
            _("Not decided"),
            _("Your practice has not said what happens with something that one of the two tells you alone."),
        ),
        SecretsPolicy.LIMITED: (
            _("Limited"),
            _("You may hold something that one of them tells you alone, for a time and with a plan."),
        ),
        SecretsPolicy.NONE_KEPT: (
            _("No secrets"),
            _("What one of them tells you alone can be brought to both."),
        ),
    }[policy]


def _row(work: Work, card: CoupleCard, today: date, *, is_held: bool) -> WorkRow:
    a, b = card.a.person, card.b.person
    words = [_state(work, person, today) for person in (a, b)]
    latest = [work.latest(person.account_id) for person in (a, b)]
    quiet = [each is None or each.state != ResponseState.SENT for each in latest]
    address = url_for("exercises.review", assignment_id=work.assignment.id)
    return WorkRow(
        title=work.exercise.title,
        url=address,
        seen_by=tuple(labels_for_staff(work.exercise)),
        a=words[0],
        b=words[1],
        a_quiet=quiet[0],
        b_quiet=quiet[1],
        act=None if is_held and work.assignment.released_at is None else _act(work, address),
        note=_note(work, today, is_held=is_held),
        is_settled=_is_settled(work, (a, b)),
    )


def _is_settled(work: Work, people: Sequence[Person]) -> bool:
    if work.exercise.lead is MechanicName.TRACKER or work.unread or work.assignment.recurrence != "once":
        return False
    asked = [person for person in people if asks(work.assignment, person.seat)]
    latest = [work.latest(person.account_id) for person in asked]
    return all(each is not None and each.state == ResponseState.SENT for each in latest)


def _state(work: Work, person: Person, today: date) -> str:
    asked = asks(work.assignment, person.seat)
    if work.exercise.lead is MechanicName.TRACKER and asked and work.latest(person.account_id) is not None:
        return _how_often(work, person.account_id, today)
    is_private = work.exercise.lead is MechanicName.JOURNAL
    return state_words(work.latest(person.account_id), asked=asked, is_private=is_private)


def _how_often(work: Work, account_id: str, today: date) -> str:
    """Return how often a partner logged a small habit: in seven days, and in four weeks."""
    days = [
        each.sent_at.date()
        for each in work.responses
        if each.author_id == account_id and each.state == ResponseState.SENT and each.sent_at is not None
    ]
    week = sum(today - timedelta(days=6) <= day for day in days)
    month = sum(today - timedelta(days=27) <= day for day in days)
    return _("%(week)s this week, %(month)s in four weeks", week=week, month=month)


def _note(work: Work, today: date, *, is_held: bool) -> str | None:
    if work.assignment.released_at is None and is_held:
        return _("Prepared. Held until you have decided")
    if work.assignment.released_at is None:
        return _("Not released. They don’t see it yet")
    if work.assignment.opens_at.date() > today:
        return _("Opens later")
    return None


def _act(work: Work, address: str) -> tuple[str, str] | None:
    if work.assignment.released_at is None:
        return _("Release"), url_for("exercises.release", assignment_id=work.assignment.id)
    if work.exercise.lead is MechanicName.TRACKER:
        return None
    unread = {each.author_id for each in work.responses if is_unread(each)}
    sent = {each.author_id for each in work.responses if each.state == ResponseState.SENT}
    if not unread:
        return None
    return (_("Compare") if len(sent) > 1 else _("Read")), address


def _events(works: Sequence[Work], card: CoupleCard) -> list[Event]:
    found = [
        Event(
            response.sent_at,
            card.access_of(response.author_id).person.first_name,
            card.access_of(response.author_id).person.seat,
            work.exercise.title,
            url_for("exercises.review", assignment_id=work.assignment.id, period=response.period),
        )
        for work in works
        if work.exercise.lead is not MechanicName.TRACKER
        for response in work.responses
        if response.sent_at is not None and response.part != MechanicName.TRACKER
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)[:EVENTS_SHOWN]


def _signs(scope: Scope, works: Sequence[Work], card: CoupleCard) -> Signs | None:
    """Return the newest weights of the warning signs, of each partner on their own."""
    signs = [work for work in works if work.assignment.slug == SIGNS]
    entries = queries.written(scope, [work.assignment.id for work in signs])
    if not entries:
        return None
    newest = max(entries, key=lambda entry: entry.sent_at)
    by_id = {work.assignment.id: work for work in signs}
    results = [_weights(entries, by_id, access.person.account_id) for access in (card.a, card.b)]
    scores = by_id[newest.assignment_id].exercise.form.scores
    found = [Sign(each.title, _whole(results[0], each.key), _whole(results[1], each.key)) for each in scores]
    overall = found.pop()
    return Signs(
        url=url_for("exercises.review", assignment_id=newest.assignment_id, period=newest.period),
        signs=found,
        overall=(overall.a, overall.b),
        at=newest.sent_at,
    )


def _weights(entries: Sequence[Written], works: dict[str, Work], account_id: str) -> dict[str, ScoreResult]:
    own = [entry for entry in entries if entry.author_id == account_id]
    if not own:
        return {}
    newest = max(own, key=lambda entry: entry.sent_at)
    return score_form(works[newest.assignment_id].exercise.form, newest.values)


def _whole(results: dict[str, ScoreResult], key: str) -> int | None:
    return results[key].whole if key in results else None


def rounds_words(count: int) -> str:
    """Return how often something was answered."""
    return _n("%(num)s round", "%(num)s rounds", count)
