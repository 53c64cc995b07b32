"""A therapist's caseload: what needs them, and their couples with the work in hand, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from flask import url_for

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import review_queries, safety
from portal.exercises.finding import labels_of, plain
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import ResponseState
from portal.exercises.queries import asks
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Access, CoupleCard, Standing, couples_of
from portal.people.invitation_commands import LIFETIME
from portal.web.render import day as full_day
from portal.web.translate import _, _n

A_PAGE = 50
GRACE = timedelta(days=3)
"""How long an invitation may lie before it is pointed out."""
MOST_NEEDS = 8
NOT_COUNTED = frozenset({MechanicName.TRACKER, MechanicName.JOURNAL})
"""What nobody is asked to send: habits are noted as they come, and whether a journal is written stays private."""
ONE_BY_ONE = 2
"""Up to how many new answers of one couple are listed one by one."""


class Show(StrEnum):
    """Which couples are listed."""

    ALL = "all"
    NEEDS = "needs-you"
    JOINING = "joining"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs the therapist."""

    couple_id: str
    title: str
    text: str
    url: str
    action: str
    icon: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One couple of the list."""

    card: CoupleCard
    sent: int
    asked: int
    unread: int
    prepared: int
    needs: int
    has_flag: bool
    """Whether new things for both are held until their therapist decides."""

    @property
    def is_joining(self) -> bool:
        """Say whether one of the two has yet to join."""
        return any(access.standing in {Standing.INVITED, Standing.LINK_ENDED} for access in both(self.card))


def both(card: CoupleCard) -> tuple[Access, Access]:
    """Return the two partners' ways in."""
    return card.a, card.b


def caseload(scope: Scope, *, today: date, show: Show, words: str, page: int) -> dict[str, Any]:
    """Return what the caseload shows: needs first, then the couples that were asked for, a page at a time."""
    cards = {each.couple_id: each for each in couples_of(scope) if each.couple_id in scope.viewer.couples}
    unread = review_queries.to_read(scope)
    in_hand = review_queries.work_in_hand(scope, today=today)
    flagged = safety.flagged(scope, cards)
    needs = [
        *_flagged(flagged, cards),
        *_unreadable(cards.values()),
        *_unread(unread, cards),
        *_held(scope, unread, in_hand, cards),
        *_prepared(in_hand, cards, flagged),
        *_not_joined(scope, cards.values()),
    ]
    rows = [_row(card, in_hand, unread, needs, has_flag=card.couple_id in flagged) for card in cards.values()]
    named = [row for row in rows if _is_called(row.card, words)]
    listed = [row for row in named if _is_shown(row, show)]
    last = max(1, -(-len(listed) // A_PAGE))
    current = min(max(page, 1), last)
    return {
        "title": needs_words(len(needs)),
        "needs": needs[:MOST_NEEDS],
        "more_needs": max(0, len(needs) - MOST_NEEDS),
        "rows": listed[(current - 1) * A_PAGE : current * A_PAGE],
        "total": len(listed),
        "has_couples": bool(rows),
        "words": words,
        "show": show,
        "filters": _filters(named, show, words),
        "current_page": current,
        "last_page": last,
        "page_url": lambda number: url_for("home.caseload", show=show, q=words or None, page=number),
    }


def needs_words(count: int) -> str:
    """Return the heading: how many things need the therapist."""
    few = {
        0: _("Nothing needs you right now"),
        1: _("One thing needs you"),
        2: _("Two things need you"),
        3: _("Three things need you"),
        4: _("Four things need you"),
        5: _("Five things need you"),
        6: _("Six things need you"),
    }
    return few.get(count) or _n("%(num)s thing needs you", "%(num)s things need you", count)


def couple_words(label: tuple[str, str]) -> str:
    """Return what a couple is called."""
    return _("%(first)s and %(second)s", first=label[0], second=label[1])


def _filters(rows: list[Row], show: Show, words: str) -> list[dict[str, object]]:
    labels = {Show.ALL: _("All"), Show.NEEDS: _("Needs you"), Show.JOINING: _("Not joined yet")}
    return [
        {
            "label": label,
            "url": url_for("home.caseload", show=None if each is Show.ALL else each, q=words or None),
            "current": each is show,
            "count": None if each is Show.ALL else sum(_is_shown(row, each) for row in rows),
        }
        for each, label in labels.items()
    ]


def _is_called(card: CoupleCard, words: str) -> bool:
    names = plain(f"{card.a.person.name} {card.b.person.name}")
    return all(word in names for word in plain(words).split())


def _is_shown(row: Row, show: Show) -> bool:
    match show:
        case Show.ALL:
            return True
        case Show.NEEDS:
            return row.needs > 0
        case Show.JOINING:
            return row.is_joining


def _row(
    card: CoupleCard,
    in_hand: Iterable[Work],
    unread: Iterable[Work],
    needs: Iterable[Need],
    *,
    has_flag: bool,
) -> Row:
    works = [each for each in in_hand if each.assignment.couple_id == card.couple_id]
    released = [each for each in works if each.assignment.released_at is not None]
    counted = [each for each in released if each.exercise.lead not in NOT_COUNTED]
    return Row(
        card=card,
        sent=sum(_sent(each) for each in counted),
        asked=sum(_asked(each) for each in counted),
        unread=sum(each.assignment.couple_id == card.couple_id for each in unread),
        prepared=len(works) - len(released),
        needs=sum(each.couple_id == card.couple_id for each in needs),
        has_flag=has_flag,
    )


def _sent(work: Work) -> int:
    led = [each for each in work.responses if each.part == work.exercise.lead]
    return sum(each.state == ResponseState.SENT for each in led)


def _asked(work: Work) -> int:
    return sum(asks(work.assignment, seat) for seat in Seat)


def _flagged(flagged: frozenset[str], cards: dict[str, CoupleCard]) -> list[Need]:
    """Return the couples for whom something has to be decided before anything new is opened to both."""
    return [
        Need(
            couple_id,
            _("For you to decide first"),
            _("%(couple)s. New things for both are held", couple=couple_words(card.label)),
            url_for("exercises.flags", couple_id=couple_id),
            _("Look"),
            "shield-alert",
            urgent=True,
        )
        for couple_id, card in cards.items()
        if couple_id in flagged
    ]


def _unreadable(cards: Iterable[CoupleCard]) -> list[Need]:
    """Return links that could not be delivered: until that is mended, somebody is shut out."""
    return [
        Need(
            card.couple_id,
            _("A message could not be delivered"),
            _("%(name)s. Check the address with them", name=access.person.name),
            url_for("people.couple_access", couple_id=card.couple_id),
            _("Look"),
            "mail",
            urgent=True,
        )
        for card in cards
        for access in both(card)
        if access.mail_failed
    ]


def _unread(works: Iterable[Work], cards: dict[str, CoupleCard]) -> list[Need]:
    """Return what is new to read; a couple of whom there is much gets one line for all of it."""
    found = []
    by_couple: dict[str, list[Work]] = {}
    for work in works:
        by_couple.setdefault(work.assignment.couple_id, []).append(work)
    for couple_id, own in by_couple.items():
        card = cards.get(couple_id)
        if card is None:
            continue
        found += [_unread_need(work, card) for work in own] if len(own) <= ONE_BY_ONE else [_many(own, card)]
    return found


def _many(works: list[Work], card: CoupleCard) -> Need:
    rest = len(works) - 1
    return Need(
        card.couple_id,
        _n("%(num)s new answer to read", "%(num)s new answers to read", len(works)),
        f"{couple_words(card.label)}. "
        + _n("%(title)s and %(num)s more", "%(title)s and %(num)s more", rest, title=works[0].exercise.title),
        url_for("exercises.review", assignment_id=works[0].assignment.id),
        _("Read"),
        "message-square-quote",
    )


def _unread_need(work: Work, card: CoupleCard) -> Need:
    sent = {each.author_id for each in work.responses if each.state == ResponseState.SENT}
    title = _("%(title)s, both answered", title=work.exercise.title)
    if len(sent) == 1:
        name = card.access_of(next(iter(sent))).person.first_name
        title = _("%(title)s, answered by %(name)s", title=work.exercise.title, name=name)
    alone = labels_of(work.exercise) == [Label.THERAPIST]
    couple = couple_words(card.label)
    return Need(
        card.couple_id,
        title,
        _("%(couple)s. For you alone", couple=couple) if alone else couple,
        url_for("exercises.review", assignment_id=work.assignment.id),
        _("Compare") if len(sent) > 1 else _("Read"),
        "message-square-quote",
    )


def _held(
    scope: Scope, unread: Iterable[Work], in_hand: Iterable[Work], cards: dict[str, CoupleCard]
) -> list[Need]:
    """Return what is held and has been read: to be opened when the therapist meets them."""
    new = {work.assignment.id for work in unread}
    held = review_queries.held(scope) - new
    return [
        Need(
            work.assignment.couple_id,
            _("Held by you: %(title)s", title=work.exercise.title),
            couple_words(cards[work.assignment.couple_id].label),
            url_for("exercises.review", assignment_id=work.assignment.id),
            _("Look"),
            "inbox",
        )
        for work in in_hand
        if work.assignment.id in held and work.assignment.couple_id in cards
    ]


def _prepared(in_hand: Iterable[Work], cards: dict[str, CoupleCard], flagged: frozenset[str]) -> list[Need]:
    """Return what is prepared and can be released; what is held waits for a decision, which is a need of its own."""
    return [
        Need(
            work.assignment.couple_id,
            _("Ready for your release: %(title)s", title=work.exercise.title),
            couple_words(cards[work.assignment.couple_id].label),
            url_for("exercises.release", assignment_id=work.assignment.id),
            _("Look"),
            "send",
        )
        for work in in_hand
        if work.assignment.released_at is None
        and work.assignment.couple_id in cards
        and not (work.assignment.couple_id in flagged and safety.is_conjoint(work.exercise))
    ]


def _not_joined(scope: Scope, cards: Iterable[CoupleCard]) -> list[Need]:
    """Return invitations that ended, or that have lain for a while."""
    found = []
    for card in cards:
        for access in both(card):
            if access.mail_failed or not _lies(access, scope):
                continue
            until = access.link_until
            text = (
                _("The invitation has ended")
                if until is None
                else _("The link works until %(day)s", day=full_day(until))
            )
            found.append(
                Need(
                    card.couple_id,
                    _("%(name)s has not joined yet", name=access.person.first_name),
                    f"{couple_words(card.label)}. {text}",
                    url_for("people.couple_access", couple_id=card.couple_id),
                    _("Look"),
                    "user-plus",
                )
            )
    return found


def _lies(access: Access, scope: Scope) -> bool:
    if access.standing is Standing.LINK_ENDED:
        return True
    if access.standing is not Standing.INVITED or access.link_until is None:
        return False
    return scope.now - (access.link_until - LIFETIME) >= GRACE
