"""What people change about their own account: settings, password, and where they are signed in."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, or_, update

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.people.account_queries import own_account
from portal.people.models import LoginSession

OLD_SESSIONS = timedelta(days=30)


class Theme(StrEnum):
    """How pages look; ``DEVICE`` follows the device."""

    DEVICE = "device"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


TEXT_SIZES = (100, 112, 125, 150)
"""Sizes of text in per cent."""


def change_settings(scope: Scope, *, locale: str | None, theme: Theme, text_size: int) -> None:
    """Keep a person's language (None: as their device asks), theme and size of text."""
    scope.require(Permission.OWN_ACCOUNT)
    if text_size not in TEXT_SIZES:
        raise ValueError("not a size of text")
    account = own_account(scope)
    account.locale, account.theme, account.text_size = locale, theme.value, text_size
    scope.flush()


def set_password(scope: Scope, password_hash: str, *, keep: str | None) -> None:
    """Store a new password's hash and end every session but ``keep`` (None: all of them)."""
    scope.require(Permission.OWN_ACCOUNT)
    own_account(scope).password_hash = password_hash
    scope.flush()
    end_sessions(scope, scope.account_id, but=keep)
    record(scope, Action.PASSWORD_CHANGED, subject_id=scope.account_id)


def end_one_session(scope: Scope, session_id: str) -> None:
    """End one of a person's own sessions. Raises Refused for any other."""
    scope.require(Permission.OWN_ACCOUNT)
    own = and_(LoginSession.account_id == scope.account_id, LoginSession.id == session_id)
    if _end(scope, own) == 0:
        raise Refused("no such session")
    record(scope, Action.SESSION_ENDED, subject_id=session_id)


def sign_out_everywhere(scope: Scope) -> None:
    """End all of a person's own sessions, this one too."""
    scope.require(Permission.OWN_ACCOUNT)
    end_sessions(scope, scope.account_id, but=None)
    record(scope, Action.SESSIONS_ENDED, subject_id=scope.account_id)


def end_sessions(scope: Scope, account_id: str, *, but: str | None = None) -> int:
    """End an account's sessions, except ``but``, and return how many there were.

    For commands that take access away or give it anew; they have checked that their viewer may, and they write
    their own entry in the audit trail.
    """
    conditions = [LoginSession.account_id == account_id]
    if but is not None:
        conditions.append(LoginSession.id != but)
    return _end(scope, and_(*conditions))


def forget_old_sessions(scope: Scope) -> None:
    """Delete the asking person's sessions that ended long ago."""
    scope.require(Permission.OWN_ACCOUNT)
    past = scope.now - OLD_SESSIONS
    scope.session.execute(
        delete(LoginSession).where(
            LoginSession.practice_id == scope.practice_id,
            LoginSession.account_id == scope.account_id,
            or_(LoginSession.ended_at < past, LoginSession.expires_at < past),
        )
    )


def _end(scope: Scope, condition: Any) -> int:
    # An update with a condition, never a row that is written back: what was ended can't be revived by a race.
    result: Any = scope.session.execute(
        update(LoginSession)
        .where(LoginSession.practice_id == scope.practice_id, LoginSession.ended_at.is_(None), condition)
        .values(ended_at=scope.now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)
