"""What a person's own account pages show."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from portal.access.scope import Scope
from portal.access.viewer import Role
from portal.people.models import Account, LoginSession, Partner, RecoveryCode
from portal.people.practice_queries import practice_of


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """How a person's second factor stands."""

    active: bool
    pending: bool
    codes_left: int


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One place where a person is signed in."""

    id: str
    device: str
    since: datetime
    seen_at: datetime
    is_this: bool


def own_account(scope: Scope) -> Account:
    """Return the asking person's account."""
    found: Account = scope.find(Account, scope.account_id)
    return found


def second_factor(scope: Scope) -> SecondFactor:
    """Return how the asking person's second factor stands."""
    account = own_account(scope)
    unused = scope.select(RecoveryCode).where(
        RecoveryCode.account_id == scope.account_id, RecoveryCode.used_at.is_(None)
    )
    active = account.totp_sealed is not None
    return SecondFactor(
        active=active,
        pending=account.totp_next_sealed is not None,
        codes_left=scope.count(unused) if active else 0,
    )


def open_sessions(scope: Scope, *, current: str) -> list[OpenSession]:
    """Return where the asking person is signed in; ``current`` is the session that asks, and comes first."""
    rows = scope.all(
        scope.select(LoginSession)
        .where(
            LoginSession.account_id == scope.account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > scope.now,
        )
        .order_by(LoginSession.seen_at.desc())
    )
    found = [
        OpenSession(
            id=row.id, device=row.device, since=row.created_at, seen_at=row.seen_at, is_this=row.id == current
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.is_this)


def names_near(scope: Scope) -> list[str]:
    """Return names that a password of the asking person must not consist of: theirs, their partner's, the practice's."""
    names = [own_account(scope).name, practice_of(scope).name]
    if Role.PARTNER in scope.viewer.roles:
        seats = scope.select(Partner).with_only_columns(Partner.account_id)
        others = select(Account.name).where(Account.id.in_(seats), Account.id != scope.account_id)
        names += scope.session.scalars(others)
    return names


def password_hash(scope: Scope) -> str | None:
    """Return the stored hash of the asking person's password."""
    own = and_(Account.practice_id == scope.practice_id, Account.id == scope.account_id)
    found: str | None = scope.session.scalar(select(Account.password_hash).where(own))
    return found
