"""Reads of a practice: its settings, the people who work in it, and the names of those who come to it."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.access.policy import Permission
from portal.access.scope import Records, Scope
from portal.access.viewer import STAFF, Role
from portal.people.models import Account, AccountState, Caseload, Practice


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works in the practice, as an administrator sees them."""

    account_id: str
    name: str
    email: str
    roles: frozenset[Role]
    state: AccountState


@dataclass(frozen=True, slots=True)
class Client:
    """A partner as an administrator sees them: a name, and whether the account is in use."""

    account_id: str
    name: str
    state: AccountState


@dataclass(frozen=True, slots=True)
class Therapist:
    """A therapist to whom couples can be handed."""

    account_id: str
    name: str


def practice_ids(records: Records) -> list[str]:
    """Return the ids of all practices, for what looks after each of them in turn."""
    with records.unfenced() as session:
        return list(session.scalars(select(Practice.id).order_by(Practice.id)))


def practice_of(scope: Scope) -> Practice:
    """Return the scope's own practice."""
    return scope.session.scalars(select(Practice).where(Practice.id == scope.practice_id)).one()


def locked_practice(scope: Scope) -> Practice:
    """Return the scope's own practice, and let nobody else change what hangs on it until the commit.

    SQLite lets one transaction write at a time anyway; PostgreSQL locks the row.
    """
    query = select(Practice).where(Practice.id == scope.practice_id).with_for_update()
    return scope.session.scalars(query).one()


def staff_of(scope: Scope) -> list[StaffMember]:
    """Return everybody who works in the practice, by name."""
    scope.require(Permission.MANAGE_PEOPLE)
    return [_staff_member(account) for account in _accounts(scope) if account.roles & STAFF]


def staff_member(scope: Scope, account_id: str) -> StaffMember:
    """Return one person who works in the practice. Raises Refused for anybody else."""
    scope.require(Permission.MANAGE_PEOPLE)
    query = scope.select(Account).where(Account.id == account_id, Account.role_names != Role.PARTNER)
    return _staff_member(scope.one(query))


def clients_of(scope: Scope) -> list[Client]:
    """Return the partners of the practice by name, without anything else about them."""
    scope.require(Permission.MANAGE_PEOPLE)
    return [
        Client(account_id=account.id, name=account.name, state=AccountState(account.state))
        for account in _accounts(scope)
        if Role.PARTNER in account.roles
    ]


def client(scope: Scope, account_id: str) -> Client:
    """Return one partner. Raises Refused for anybody else."""
    scope.require(Permission.MANAGE_PEOPLE)
    query = scope.select(Account).where(Account.id == account_id, Account.role_names == Role.PARTNER)
    account = scope.one(query)
    return Client(account_id=account.id, name=account.name, state=AccountState(account.state))


def therapists_of(scope: Scope) -> list[Therapist]:
    """Return the therapists of the practice who can take on couples, by name."""
    scope.require(Permission.SEE_COUPLES)
    return [
        Therapist(account.id, account.name)
        for account in _accounts(scope)
        if Role.THERAPIST in account.roles and account.state != AccountState.SUSPENDED
    ]


def _accounts(scope: Scope) -> list[Account]:
    accounts: list[Account] = scope.all(scope.select(Account))
    return sorted(accounts, key=lambda account: (account.name.casefold(), account.id))


def _staff_member(account: Account) -> StaffMember:
    return StaffMember(
        account_id=account.id,
        name=account.name,
        email=account.email,
        roles=account.roles,
        state=AccountState(account.state),
    )


def responsible_for(scope: Scope, couple_id: str) -> list[Therapist]:
    """Return the therapists who look after a couple, longest first."""
    scope.require(Permission.SEE_COUPLES)
    query = (
        scope.select(Caseload, Account)
        .where(Caseload.couple_id == couple_id, Caseload.account_id == Account.id)
        .with_only_columns(Account.id, Account.name)
        .order_by(Caseload.since, Account.id)
    )
    return [Therapist(account_id, name) for account_id, name in scope.rows(query)]
