"""Inviting people, and what they do with the link: set up their own account, or get back into it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.access.viewer import Role
from portal.kit.ids import new_token
from portal.people.account_commands import end_sessions
from portal.people.addresses import canonical, tidy
from portal.people.invitation_queries import fingerprint, open_invitation
from portal.people.models import Account, AccountState, Invitation, LoginName
from portal.people.post import Message, post, take_back

LIFETIME = timedelta(days=14)
JOIN, RESET = "join", "reset"


class AddressTaken(Exception):
    """An e-mail address already leads to an account of this practice. Only staff are ever told."""

    def __init__(self, email: str) -> None:
        super().__init__("the address is taken")
        self.email = email


class LinkEnded(Exception):
    """A link was used, replaced or withdrawn, is too old, or never existed: all look the same."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be invited."""

    name: str
    email: str


def is_taken(scope: Scope, email: str) -> bool:
    """Say whether an address already leads to an account of this practice."""
    query = select(LoginName.account_id).where(
        LoginName.practice_id == scope.practice_id, LoginName.email_key == scope.blind(canonical(email))
    )
    return scope.session.scalar(query) is not None


def open_account(scope: Scope, person: NewPerson, *, roles: frozenset[Role]) -> Account:
    """Make an account that its owner has yet to set up. Raises AddressTaken or NotAnAddress."""
    if is_taken(scope, person.email):
        raise AddressTaken(person.email)
    account = scope.add(
        Account(
            name=" ".join(person.name.split()),
            email=tidy(person.email),
            role_names=" ".join(sorted(roles)),
            state=AccountState.INVITED,
            created_at=scope.now,
        )
    )
    key = scope.blind(canonical(person.email))
    scope.session.add(LoginName(email_key=key, practice_id=scope.practice_id, account_id=account.id))
    scope.flush()
    return account


def send_link(scope: Scope, account: Account) -> str:
    """Send a person a fresh link to their own address; any older one stops working. Returns the link's path.

    The path is for the mail alone: whoever holds it can set the password.
    """
    if account.state == AccountState.SUSPENDED:
        raise Refused("the account is suspended")
    end_links(scope, account.id)
    joins = account.state == AccountState.INVITED
    token = f"{scope.practice_id}.{new_token()}"
    invitation = Invitation(
        account_id=account.id,
        token_hash=fingerprint(token),
        purpose=JOIN if joins else RESET,
        invited_by=scope.viewer.account_id,
        created_at=scope.now,
        expires_at=scope.now + LIFETIME,
    )
    scope.add(invitation)
    path = f"/join/{token}"
    post(scope, account.id, Message.INVITATION if joins else Message.RESET, link=path)
    record(scope, Action.ACCOUNT_INVITED if joins else Action.ACCOUNT_RESET, subject_id=account.id)
    return path


def end_links(scope: Scope, account_id: str) -> None:
    """Make every link of an account stop working, those still in the outbox too."""
    still_open = scope.select(Invitation).where(
        Invitation.account_id == account_id, Invitation.used_at.is_(None), Invitation.expires_at > scope.now
    )
    for invitation in scope.all(still_open):
        invitation.expires_at = scope.now
    take_back(scope, account_id)
    scope.flush()


def accept(scope: Scope, token: str, *, password_hash: str) -> str:
    """Let the holder of a link have their account under a new password; return the account's id.

    Works once. A reset ends every session of the account and leaves its second factor as it is.
    Raises LinkEnded.
    """
    scope.require(Permission.BE_ANYONE)
    invitation = open_invitation(scope, token, lock=True)
    if invitation is None:
        raise LinkEnded
    account = scope.find(Account, invitation.account_id)
    if account.state == AccountState.SUSPENDED:
        raise LinkEnded
    invitation.used_at = scope.now
    end_links(scope, account.id)
    account.password_hash = password_hash
    account.state = AccountState.ACTIVE
    scope.flush()
    end_sessions(scope, account.id)
    joined = invitation.purpose == JOIN
    record(scope, Action.ACCOUNT_ACTIVATED if joined else Action.PASSWORD_CHANGED, subject_id=account.id)
    return account.id
