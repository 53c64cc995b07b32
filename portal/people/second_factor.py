"""Setting up, asking for and taking away the second factor."""

from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, or_, update

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.people.account_commands import end_sessions
from portal.people.account_queries import own_account
from portal.people.models import Account, RecoveryCode
from portal.people.totp import matching_step, new_recovery_codes, new_secret, recovery_hash


class Accepted(StrEnum):
    """What a person proved themselves with."""

    CODE = "code"
    RECOVERY_CODE = "recovery-code"


def begin_set_up(scope: Scope) -> None:
    """Make a secret for an authenticator app. It counts for nothing until a first code has confirmed it."""
    scope.require(Permission.OWN_ACCOUNT)
    own_account(scope).totp_next = new_secret()
    scope.flush()


def pending_secret(scope: Scope) -> str | None:
    """Return the secret that is being set up, if one is."""
    scope.require(Permission.OWN_ACCOUNT)
    return own_account(scope).totp_next


def confirm_set_up(scope: Scope, code: str, *, session_id: str) -> list[str] | None:
    """Turn the second factor on with its first code, and end the person's other sessions.

    Returns fresh recovery codes, to be shown once, or None if the code doesn't fit.
    """
    scope.require(Permission.OWN_ACCOUNT)
    account = own_account(scope)
    secret = account.totp_next
    step = matching_step(secret, code, at=scope.now) if secret else None
    if secret is None or step is None:
        return None
    account.totp, account.totp_next, account.totp_last_step = secret, None, step
    scope.flush()
    end_sessions(scope, scope.account_id, but=session_id)
    record(scope, Action.SECOND_FACTOR_SET, subject_id=scope.account_id)
    return _replace_recovery_codes(scope)


def renew_recovery_codes(scope: Scope) -> list[str]:
    """Replace all recovery codes and return the new ones, to be shown once. Raises Refused without a factor."""
    scope.require(Permission.OWN_ACCOUNT)
    if own_account(scope).totp_sealed is None:
        raise Refused("no second factor")
    record(scope, Action.RECOVERY_CODES_MADE, subject_id=scope.account_id)
    return _replace_recovery_codes(scope)


def remove(scope: Scope) -> None:
    """Turn the second factor off. Staff can't: Raises Refused for them."""
    scope.require(Permission.OWN_ACCOUNT)
    if scope.viewer.is_staff:
        raise Refused("staff need a second factor")
    clear(scope, own_account(scope))
    record(scope, Action.SECOND_FACTOR_REMOVED, subject_id=scope.account_id)


def clear(scope: Scope, account: Account) -> None:
    """Take an account's second factor and recovery codes away.

    For commands that give somebody their access anew; they have checked that their viewer may.
    """
    account.totp, account.totp_next, account.totp_last_step = None, None, None
    scope.flush()
    _delete_recovery_codes(scope, account.id)


def accept(scope: Scope, code: str) -> Accepted | None:
    """Take a code from the app, or a recovery code, as proof. Each is good once; None if it is not good."""
    scope.require(Permission.OWN_ACCOUNT)
    secret = own_account(scope).totp
    step = matching_step(secret, code, at=scope.now) if secret else None
    if step is not None:
        return Accepted.CODE if _use_step(scope, step) else None
    if secret is None or not _burn(scope, code):
        return None
    record(scope, Action.RECOVERY_CODE_USED, subject_id=scope.account_id)
    return Accepted.RECOVERY_CODE


def _use_step(scope: Scope, step: int) -> bool:
    """Remember the half-minute of a code, unless that one or a later one was used: of two at once, one wins."""
    unused = or_(Account.totp_last_step.is_(None), Account.totp_last_step < step)
    own = and_(Account.practice_id == scope.practice_id, Account.id == scope.account_id)
    return _changed_one(scope, update(Account).where(own, unused).values(totp_last_step=step))


def _burn(scope: Scope, code: str) -> bool:
    own = and_(RecoveryCode.practice_id == scope.practice_id, RecoveryCode.account_id == scope.account_id)
    unused = and_(RecoveryCode.code_hash == recovery_hash(code), RecoveryCode.used_at.is_(None))
    return _changed_one(scope, update(RecoveryCode).where(own, unused).values(used_at=scope.now))


def _changed_one(scope: Scope, statement: Any) -> bool:
    result: Any = scope.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)


def _replace_recovery_codes(scope: Scope) -> list[str]:
    _delete_recovery_codes(scope, scope.account_id)
    codes = new_recovery_codes()
    scope.add_all(
        [RecoveryCode(account_id=scope.account_id, code_hash=recovery_hash(code)) for code in codes]
    )
    return codes


def _delete_recovery_codes(scope: Scope, account_id: str) -> None:
    scope.session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.practice_id == scope.practice_id, RecoveryCode.account_id == account_id
        )
    )
