"""Reads of couples: who belongs together, and how far their accounts are set up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.people.models import (
    Account,
    AccountState,
    Caseload,
    Couple,
    Invitation,
    MailState,
    OutgoingMail,
    Partner,
)
from portal.people.post import CARRYING_A_LINK


@dataclass(frozen=True, slots=True)
class Person:
    """One partner, by name and seat. ``first_name`` is the full name where both would be called the same."""

    account_id: str
    name: str
    first_name: str
    seat: Seat


@dataclass(frozen=True, slots=True)
class Circle:
    """The people around one couple: both partners and their therapists' names."""

    couple_id: str
    a: Person
    b: Person
    therapists: tuple[str, ...]

    @property
    def label(self) -> tuple[str, str]:
        """The two names that a couple is called by, for a page to join in its own language."""
        return self.a.first_name, self.b.first_name

    @property
    def therapist(self) -> str | None:
        """The first name of the therapist, where there is exactly one."""
        return self.therapists[0].split()[0] if len(self.therapists) == 1 else None

    def at(self, seat: Seat) -> Person:
        """Return the partner in a seat."""
        return self.a if seat is Seat.A else self.b

    def person(self, account_id: str) -> Person:
        """Return a partner by account. Raises Refused for anybody else."""
        for each in (self.a, self.b):
            if each.account_id == account_id:
                return each
        raise Refused("not one of the two")

    def partner_of(self, account_id: str) -> Person:
        """Return the other partner. Raises Refused for an account that is none of the two."""
        return self.at(self.person(account_id).seat.other)


class Standing(StrEnum):
    """How far a partner's account is set up."""

    INVITED = "invited"
    LINK_ENDED = "link-ended"
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Access:
    """A partner and their way in, as their therapist sees it."""

    person: Person
    standing: Standing
    link_until: datetime | None
    mail_failed: bool


@dataclass(frozen=True, slots=True)
class CoupleCard:
    """One line of a caseload."""

    couple_id: str
    label: tuple[str, str]
    a: Access
    b: Access
    therapists: tuple[str, ...]
    since: datetime

    def access_of(self, account_id: str) -> Access:
        """Return one partner's way in. Raises Refused for anybody else."""
        for each in (self.a, self.b):
            if each.person.account_id == account_id:
                return each
        raise Refused("not one of the two")


def circle(scope: Scope, couple_id: str | None = None) -> Circle:
    """Return the people around a couple; without an id, around the one couple that a partner is part of.

    Raises Refused for a couple out of reach. Reads names and seats, nothing else.
    """
    if couple_id is None:
        couple_id = _own_couple(scope)
    found = _circles(scope, [couple_id])
    if not found:
        raise Refused("there is no such couple")
    return found[0]


def languages_of(scope: Scope, people: Circle) -> dict[Seat, str | None]:
    """Return the languages that the two have chosen to read in; None for one who chose none. For their therapist."""
    scope.require(Permission.REVIEW, couple_id=people.couple_id)
    ids = {person.account_id: person.seat for person in (people.a, people.b)}
    query = scope.select(Account).where(Account.id.in_(sorted(ids)))
    chosen = dict(map(tuple, scope.rows(query.with_only_columns(Account.id, Account.locale))))
    return {seat: chosen[account_id] or None for account_id, seat in ids.items()}


def couples_of(scope: Scope) -> list[CoupleCard]:
    """Return the couples that a member of staff sees, by name: their caseload, or the practice's directory."""
    scope.require(Permission.SEE_COUPLES)
    couples = {couple.id: couple for couple in scope.all(scope.select(Couple))}
    circles = _circles(scope, couples)
    accesses = _accesses(scope, circles)
    cards = [
        CoupleCard(
            couple_id=each.couple_id,
            label=each.label,
            a=accesses[each.a.account_id],
            b=accesses[each.b.account_id],
            therapists=each.therapists,
            since=couples[each.couple_id].created_at,
        )
        for each in circles
    ]
    return sorted(
        cards, key=lambda card: (card.label[0].casefold(), card.label[1].casefold(), card.couple_id)
    )


def own_couples(scope: Scope) -> list[tuple[str, tuple[str, str]]]:
    """Return a therapist's own couples by name, to choose from: the id, and what the two are called."""
    scope.require(Permission.ASSIGN)
    return [
        (each.couple_id, each.label) for each in couples_of(scope) if each.couple_id in scope.viewer.couples
    ]


def couple_card(scope: Scope, couple_id: str) -> CoupleCard:
    """Return one couple as the caseload shows it. Raises Refused for a couple out of reach."""
    scope.require(Permission.SEE_COUPLES)
    couple = scope.find(Couple, couple_id)
    around = circle(scope, couple_id)
    accesses = _accesses(scope, [around])
    return CoupleCard(
        couple_id=couple_id,
        label=around.label,
        a=accesses[around.a.account_id],
        b=accesses[around.b.account_id],
        therapists=around.therapists,
        since=couple.created_at,
    )


def _own_couple(scope: Scope) -> str:
    if not scope.viewer.is_partner or len(scope.viewer.couples) != 1:
        raise Refused("not a partner")
    return next(iter(scope.viewer.couples))


def _circles(scope: Scope, couple_ids: Iterable[str]) -> list[Circle]:
    ids = list(couple_ids)
    seated = (
        scope.select(Partner, Account)
        .where(Partner.couple_id.in_(ids), Partner.account_id == Account.id)
        .with_only_columns(Partner.couple_id, Partner.seat, Account.id, Account.name)
    )
    responsible = (
        scope.select(Caseload, Account)
        .where(Caseload.couple_id.in_(ids), Caseload.account_id == Account.id)
        .with_only_columns(Caseload.couple_id, Account.name)
        .order_by(Caseload.since, Account.name)
    )
    seats: dict[str, dict[Seat, tuple[str, str]]] = defaultdict(dict)
    for couple_id, seat, account_id, name in scope.rows(seated):
        seats[couple_id][Seat(seat)] = (account_id, name)
    therapists: dict[str, list[str]] = defaultdict(list)
    for couple_id, name in scope.rows(responsible):
        therapists[couple_id].append(name)
    return [
        _circle(couple_id, both, therapists=therapists[couple_id])
        for couple_id, both in seats.items()
        if len(both) == len(Seat)
    ]


def _circle(couple_id: str, both: dict[Seat, tuple[str, str]], *, therapists: list[str]) -> Circle:
    names = [name for _account_id, name in both.values()]
    alike = names[0].split()[0].casefold() == names[1].split()[0].casefold()
    people = {
        seat: Person(account_id, name, name if alike else name.split()[0], seat)
        for seat, (account_id, name) in both.items()
    }
    return Circle(couple_id, people[Seat.A], people[Seat.B], tuple(therapists))


def _accesses(scope: Scope, circles: Iterable[Circle]) -> dict[str, Access]:
    people = [person for each in circles for person in (each.a, each.b)]
    ids = [person.account_id for person in people]
    accounts = {
        account.id: account for account in scope.all(scope.select(Account).where(Account.id.in_(ids)))
    }
    links = _open_links(scope, ids)
    failed = _failed_mails(scope, ids)
    return {
        person.account_id: Access(
            person=person,
            standing=_standing(AccountState(accounts[person.account_id].state), person.account_id in links),
            link_until=links.get(person.account_id),
            mail_failed=person.account_id in failed,
        )
        for person in people
    }


def _open_links(scope: Scope, ids: list[str]) -> dict[str, datetime]:
    query = scope.select(Invitation).where(
        Invitation.account_id.in_(ids), Invitation.used_at.is_(None), Invitation.expires_at > scope.now
    )
    return {invitation.account_id: invitation.expires_at for invitation in scope.all(query)}


def _failed_mails(scope: Scope, ids: list[str]) -> set[str]:
    """Return the accounts whose newest link could not be delivered."""
    query = (
        scope.select(OutgoingMail)
        .where(OutgoingMail.account_id.in_(ids), OutgoingMail.message.in_(sorted(CARRYING_A_LINK)))
        .order_by(OutgoingMail.created_at)
    )
    newest = {mail.account_id: mail.state for mail in scope.all(query)}
    return {account_id for account_id, state in newest.items() if state == MailState.FAILED}


def _standing(state: AccountState, has_link: bool) -> Standing:
    match state:
        case AccountState.ACTIVE:
            return Standing.ACTIVE
        case AccountState.SUSPENDED:
            return Standing.SUSPENDED
        case AccountState.INVITED:
            return Standing.INVITED if has_link else Standing.LINK_ENDED
