"""Adding a couple, and seeing to it that each of the two gets into their own account."""

from sqlalchemy import select

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.access.viewer import Role, Seat
from portal.kit.ids import id_from
from portal.people.addresses import canonical
from portal.people.couple_queries import circle
from portal.people.invitation_commands import (
    AddressTaken,
    NewPerson,
    end_links,
    is_taken,
    open_account,
    send_link,
)
from portal.people.models import Account, Caseload, Couple, Partner
from portal.people.practice_queries import locked_practice


class SameAddress(Exception):
    """Both partners were given one address: whoever reads it could open both accounts."""


def add_couple(
    scope: Scope, partners: tuple[NewPerson, NewPerson], *, goals: str | None = None, once_key: str
) -> str:
    """Add a couple with an account and an invitation for each of the two; return the couple's id.

    Under one ``once_key`` a therapist adds one couple, however often the form is sent. Raises SameAddress, and
    AddressTaken when an address already leads to an account of the practice.
    """
    scope.require(Permission.ADD_COUPLE)
    locked_practice(scope)
    couple_id = id_from(scope.practice_id, scope.account_id, once_key)
    if scope.session.scalar(select(Couple.id).where(Couple.id == couple_id)) is not None:
        return couple_id
    _check_addresses(scope, partners)
    couple = Couple(id=couple_id, created_at=scope.now)
    couple.goals = goals or None
    scope.add(couple)
    for seat, person in zip(Seat, partners, strict=True):
        account = open_account(scope, person, roles=frozenset({Role.PARTNER}))
        scope.add(Partner(couple_id=couple_id, account_id=account.id, seat=seat))
        send_link(scope, account)
    scope.add(Caseload(couple_id=couple_id, account_id=scope.account_id, since=scope.now))
    record(scope, Action.COUPLE_ADDED, subject_id=couple_id, couple_id=couple_id)
    return couple_id


def send_partner_link(scope: Scope, couple_id: str, *, account_id: str) -> None:
    """Send a partner a new link, to their own address only: an invitation, or a way back into their account.

    Raises Refused unless the couple is the therapist's and the account is one of its two.
    """
    scope.require(Permission.RESET_PARTNER, couple_id=couple_id)
    send_link(scope, _partner(scope, couple_id, account_id=account_id))


def withdraw_partner_link(scope: Scope, couple_id: str, *, account_id: str) -> None:
    """Make the link that a partner was sent stop working."""
    scope.require(Permission.RESET_PARTNER, couple_id=couple_id)
    account = _partner(scope, couple_id, account_id=account_id)
    end_links(scope, account.id)
    record(scope, Action.INVITATION_WITHDRAWN, subject_id=account.id, couple_id=couple_id)


def _partner(scope: Scope, couple_id: str, *, account_id: str) -> Account:
    return scope.find(Account, circle(scope, couple_id).person(account_id).account_id)


def _check_addresses(scope: Scope, partners: tuple[NewPerson, NewPerson]) -> None:
    first, second = partners
    if canonical(first.email) == canonical(second.email):
        raise SameAddress
    for person in partners:
        if is_taken(scope, person.email):
            raise AddressTaken(person.email)
