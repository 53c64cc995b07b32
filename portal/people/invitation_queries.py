"""Reads of invitations: what an open link leads to, and how a person's invitation stands."""

import re
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import and_, select

from portal.access.scope import Scope
from portal.kit.ids import ID_LENGTH
from portal.people.models import Account, AccountState, Invitation, Partner
from portal.people.practice_queries import practice_of

TOKEN = re.compile(rf"([a-z2-7]{{{ID_LENGTH}}})\.([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a link that still works leads to: the person's own account and nobody else's."""

    invitation_id: str
    account_id: str
    name: str
    email: str
    resets: bool
    guessable: tuple[str, ...]
    """Names that must not make up the new password. They are never shown."""


def practice_in(token: str) -> str | None:
    """Return the practice that a link's token names, or None for something that can't be a token."""
    found = TOKEN.fullmatch(token)
    return found[1] if found else None


def fingerprint(token: str) -> str:
    """Return what is kept of a token. It holds 256 random bits, so a plain hash can't be turned back."""
    return sha256(token.encode()).hexdigest()


def open_invitation(scope: Scope, token: str, *, lock: bool = False) -> Invitation | None:
    """Return the invitation that a token belongs to, if it was neither used nor replaced nor is too old."""
    query = scope.select(Invitation).where(
        Invitation.token_hash == fingerprint(token),
        Invitation.used_at.is_(None),
        Invitation.expires_at > scope.now,
    )
    found: Invitation | None = scope.first(query.with_for_update() if lock else query)
    return found


def opening(scope: Scope, token: str) -> Opening | None:
    """Return what a link leads to, or None if it no longer works, for whatever reason."""
    invitation = open_invitation(scope, token)
    if invitation is None:
        return None
    account = scope.find(Account, invitation.account_id)
    if account.state == AccountState.SUSPENDED:
        return None
    return Opening(
        invitation_id=invitation.id,
        account_id=account.id,
        name=account.name,
        email=account.email,
        resets=account.state == AccountState.ACTIVE,
        guessable=(practice_of(scope).name, account.email.partition("@")[0], *_names_around(scope, account)),
    )


def _names_around(scope: Scope, account: Account) -> list[str]:
    """Return the names of a person and, for a partner, of the person they come with.

    Nobody is signed in yet, so no couple is in anybody's reach: the query names the account itself.
    """
    own = select(Partner.couple_id).where(Partner.account_id == account.id)
    query = (
        select(Account.name)
        .join(Partner, and_(Partner.practice_id == Account.practice_id, Partner.account_id == Account.id))
        .where(Partner.couple_id.in_(own))
    )
    return list(scope.session.scalars(query)) or [account.name]
