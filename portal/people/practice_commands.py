"""Running a practice: its settings, the people who work in it, and who looks after which couple."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.access.viewer import STAFF, Role
from portal.people.account_commands import end_sessions
from portal.people.crisis import resources_for
from portal.people.invitation_commands import NewPerson, end_links, open_account, send_link
from portal.people.models import Account, AccountState, Caseload, Couple, Practice, SecretsPolicy
from portal.people.practice_queries import locked_practice


class LastAdministrator(Exception):
    """The practice would be left without anybody who can manage it."""


class LeftAlone(Exception):
    """A couple would be left without a therapist."""


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """What an administrator sets for the whole practice. A crisis resource has ``name``, ``reach`` and ``note``."""

    name: str
    time_zone: str
    locale: str
    country: str
    crisis_resources: tuple[dict[str, str], ...]
    secrets_policy: SecretsPolicy


def create_practice(
    scope: Scope, admin: NewPerson, *, name: str, time_zone: str, locale: str, country: str
) -> str:
    """Make the practice that the scope names, and invite its first administrator; return the link's path."""
    scope.require(Permission.MANAGE_PRACTICE)
    practice = Practice(
        id=scope.practice_id,
        name=name,
        time_zone=time_zone,
        locale=locale,
        country=country,
        crisis_resources=resources_for(country),
        created_at=scope.now,
    )
    scope.session.add(practice)
    scope.flush()
    record(scope, Action.PRACTICE_CREATED, subject_id=practice.id)
    return send_link(scope, open_account(scope, admin, roles=frozenset({Role.ADMIN})))


def change_settings(scope: Scope, settings: PracticeSettings) -> None:
    """Change the practice's settings."""
    scope.require(Permission.MANAGE_PRACTICE)
    practice = locked_practice(scope)
    practice.name = settings.name
    practice.time_zone = settings.time_zone
    practice.locale = settings.locale
    practice.country = settings.country
    practice.crisis_resources = list(settings.crisis_resources)
    practice.secrets_policy = settings.secrets_policy
    record(scope, Action.PRACTICE_CHANGED, subject_id=practice.id)


def invite_staff(scope: Scope, person: NewPerson, *, roles: frozenset[Role]) -> tuple[Account, str]:
    """Invite somebody to work in the practice; return the account and the link's path.

    Raises AddressTaken, and Refused for roles that staff can't have.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    _check_roles(roles)
    locked_practice(scope)
    account = open_account(scope, person, roles=roles)
    return account, send_link(scope, account)


def send_staff_link(scope: Scope, account_id: str) -> None:
    """Send somebody who works here a new link to their own address."""
    scope.require(Permission.MANAGE_PEOPLE)
    send_link(scope, _staff_account(scope, account_id))


def change_roles(scope: Scope, account_id: str, *, roles: frozenset[Role]) -> None:
    """Give a member of staff other roles; they hold from that person's next request on.

    Raises LastAdministrator or LeftAlone when nobody else could do what the person did.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    _check_roles(roles)
    locked_practice(scope)
    account = _staff_account(scope, account_id)
    if Role.ADMIN not in roles:
        _keep_an_administrator(scope, besides=account)
    if Role.THERAPIST not in roles:
        _leave_no_couple(scope, account)
    before, account.role_names = account.role_names, " ".join(sorted(roles))
    record(scope, Action.ROLES_CHANGED, subject_id=account.id, before=before, after=account.role_names)


def suspend(scope: Scope, account_id: str) -> None:
    """Shut an account: its sessions and links end at once. Raises LastAdministrator."""
    scope.require(Permission.MANAGE_PEOPLE)
    locked_practice(scope)
    account = scope.find(Account, account_id)
    _keep_an_administrator(scope, besides=account)
    account.state = AccountState.SUSPENDED
    scope.flush()
    end_sessions(scope, account.id)
    end_links(scope, account.id)
    record(scope, Action.ACCOUNT_SUSPENDED, subject_id=account.id)


def restore(scope: Scope, account_id: str) -> None:
    """Open a suspended account again, as far as it had been set up."""
    scope.require(Permission.MANAGE_PEOPLE)
    account = scope.find(Account, account_id)
    if account.state != AccountState.SUSPENDED:
        return
    account.state = AccountState.ACTIVE if account.password_hash else AccountState.INVITED
    record(scope, Action.ACCOUNT_RESTORED, subject_id=account.id)


def add_therapist(scope: Scope, couple_id: str, *, account_id: str) -> None:
    """Hand a couple to one more therapist, who sees the couple's work from their next request on."""
    scope.require(Permission.MANAGE_PEOPLE)
    couple = scope.find(Couple, couple_id)
    account = _staff_account(scope, account_id)
    if Role.THERAPIST not in account.roles or account.state == AccountState.SUSPENDED:
        raise Refused("not a therapist who could take a couple on")
    locked_practice(scope)
    if scope.first(_care(scope, couple.id).where(Caseload.account_id == account.id)) is not None:
        return
    scope.add(Caseload(couple_id=couple.id, account_id=account.id, since=scope.now))
    record(scope, Action.CASELOAD_CHANGED, subject_id=account.id, couple_id=couple.id, added=True)


def remove_therapist(scope: Scope, couple_id: str, *, account_id: str) -> None:
    """End a therapist's responsibility for a couple. Raises LeftAlone for the only one."""
    scope.require(Permission.MANAGE_PEOPLE)
    couple = scope.find(Couple, couple_id)
    locked_practice(scope)
    row = scope.one(_care(scope, couple.id).where(Caseload.account_id == account_id))
    if scope.count(_care(scope, couple.id)) == 1:
        raise LeftAlone
    scope.delete(row)
    record(scope, Action.CASELOAD_CHANGED, subject_id=account_id, couple_id=couple.id, added=False)


def _check_roles(roles: frozenset[Role]) -> None:
    if not roles or not roles <= STAFF:
        raise Refused("staff have one or more roles of staff")


def _staff_account(scope: Scope, account_id: str) -> Account:
    account = scope.find(Account, account_id)
    if not account.roles & STAFF:
        raise Refused("not a member of staff")
    return account


def _keep_an_administrator(scope: Scope, *, besides: Account) -> None:
    if Role.ADMIN not in besides.roles:
        return
    others = scope.select(Account).where(Account.state == AccountState.ACTIVE, Account.id != besides.id)
    if not any(Role.ADMIN in account.roles for account in scope.all(others)):
        raise LastAdministrator


def _leave_no_couple(scope: Scope, account: Account) -> None:
    for row in scope.all(scope.select(Caseload).where(Caseload.account_id == account.id)):
        if scope.count(_care(scope, row.couple_id)) == 1:
            raise LeftAlone


def _care(scope: Scope, couple_id: str) -> Select[Any]:
    return scope.select(Caseload).where(Caseload.couple_id == couple_id)
