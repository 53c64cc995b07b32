"""Login sessions: what stands behind a signed-in browser, looked up anew with every request."""

import logging
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.exc import OperationalError

from portal.access.audit import Action, record
from portal.access.questions import PRACTICE, Question
from portal.access.scope import Records, Scope
from portal.access.viewer import STAFF, House, Role, Seat, Viewer
from portal.kit.db import ONE
from portal.kit.ids import ID_LENGTH, new_token
from portal.people.account_commands import forget_old_sessions
from portal.people.login import Known
from portal.people.models import Account, AccountState, Caseload, Consent, LoginSession, Partner, Practice
from portal.people.welcome_queries import CONSENT_VERSION
from portal.web.current import SignedIn

log = logging.getLogger(__name__)

IDLE_STAFF = timedelta(minutes=15)
IDLE_PARTNER = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
TOKEN = "token"  # noqa: S105 - the name of a parameter


def open_session(records: Records, known: Known, *, device: str, second_factor: bool) -> str:
    """Sign an account in and return the token for its cookie: ``<practice id>.<random>``."""
    token = _new_token(known.practice_id)
    with records.within(known.viewer) as scope:
        forget_old_sessions(scope)
        session = scope.add(
            LoginSession(
                account_id=known.account_id,
                token_hash=_fingerprint(token),
                device=device,
                created_at=scope.now,
                seen_at=scope.now,
                fresh_at=scope.now,
                second_factor=second_factor,
                expires_at=scope.now + LONGEST,
            )
        )
        record(scope, Action.SIGNED_IN, subject_id=session.id)
    return token


def renew_session(records: Records, person: SignedIn, *, second_factor: bool) -> str | None:
    """Give a session that was just proved again a new token. Returns None if it was ended meanwhile."""
    token = _new_token(person.viewer.practice_id)
    with records.within(person.viewer) as scope:
        changed = scope.session.execute(
            update(LoginSession)
            .where(_open(person))
            .values(
                token_hash=_fingerprint(token),
                fresh_at=scope.now,
                seen_at=scope.now,
                second_factor=second_factor,
            )
        )
    return token if _rows(changed) == 1 else None


def end_session(records: Records, person: SignedIn) -> None:
    """End the session that a request came with. It stays ended whatever else is in flight."""
    with records.within(person.viewer) as scope:
        scope.session.execute(update(LoginSession).where(_open(person)).values(ended_at=scope.now))
        record(scope, Action.SIGNED_OUT, subject_id=person.session_id)


def load(records: Records, token: str) -> SignedIn | None:
    """Return who a token stands for, as they are at this moment, or None."""
    scope = at_the_door(records, token)
    if scope is None:
        return None
    with closing(scope):
        return find(scope, token)


def at_the_door(records: Records, token: str) -> Scope | None:
    """Open a scope that only reads, in which ``find`` can be asked who a token stands for. Close it.

    Returns None for a token that names no practice.
    """
    practice_id = token.partition(".")[0]
    if len(practice_id) != ID_LENGTH:
        return None
    return records.scope(House(practice_id), read_only=True)


def find(scope: Scope, token: str) -> SignedIn | None:
    """Return who a token stands for, as they are at this moment, or None."""
    found = scope.put(_behind(), **{TOKEN: _fingerprint(token)})
    if found is None or not _alive(found, scope.now):
        return None
    return _signed_in(found, token, couples=_couples(scope, found))


def is_due(person: SignedIn, now: datetime) -> bool:
    """Say whether it is time to note that somebody is active: once a minute, and after the clock jumped back."""
    return not timedelta(0) <= now - person.seen_at < SEEN_EVERY


@cache
def _behind() -> Question:
    """Return the question who a token stands for, which is put at every request."""
    query = (
        select(
            LoginSession.id.label("session_id"),
            LoginSession.seen_at,
            LoginSession.fresh_at,
            LoginSession.expires_at,
            LoginSession.second_factor,
            Account.practice_id,
            Account.id,
            Account.name,
            Account.role_names,
            Account.locale,
            Account.theme,
            Account.text_size,
            Account.introduced_at,
            Practice.name.label("practice_name"),
            Practice.time_zone,
            Partner.couple_id,
            Partner.seat,
            Consent.id.is_not(None).label("consented"),
        )
        .join(Account, and_(Account.practice_id == PRACTICE, Account.id == LoginSession.account_id))
        .join(Practice, Practice.id == PRACTICE)
        .outerjoin(Partner, and_(Partner.practice_id == PRACTICE, Partner.account_id == Account.id))
        .outerjoin(
            Consent,
            and_(
                Consent.practice_id == PRACTICE,
                Consent.account_id == Account.id,
                Consent.text_version == CONSENT_VERSION,
                Consent.withdrawn_at.is_(None),
            ),
        )
        .where(
            LoginSession.practice_id == PRACTICE,
            LoginSession.token_hash == bindparam(TOKEN),
            LoginSession.ended_at.is_(None),
            Account.state == AccountState.ACTIVE,
        )
        .limit(ONE)
    )
    return Question(query)


@cache
def _looked_after() -> Question:
    """Return the question which couples are on the caseload of an account."""
    mine = and_(Caseload.practice_id == PRACTICE, Caseload.account_id == bindparam("account"))
    return Question(select(Caseload.couple_id).where(mine))


def _alive(found: Any, now: datetime) -> bool:
    idle = IDLE_STAFF if _roles(found.role_names) & STAFF else IDLE_PARTNER
    return bool(now < found.expires_at and now - found.seen_at <= idle)


def _couples(scope: Scope, found: Any) -> frozenset[str]:
    roles = _roles(found.role_names)
    if Role.THERAPIST in roles:
        return frozenset(row.couple_id for row in scope.put_for_all(_looked_after(), account=found.id))
    return frozenset({found.couple_id}) if Role.PARTNER in roles and found.couple_id else frozenset()


def _signed_in(found: Any, token: str, *, couples: frozenset[str]) -> SignedIn:
    roles = _roles(found.role_names)
    seat = Seat(found.seat) if Role.PARTNER in roles and found.seat else None
    return SignedIn(
        viewer=Viewer(found.practice_id, found.id, roles, couples, seat),
        token=token,
        session_id=found.session_id,
        name=found.name,
        practice_name=found.practice_name,
        time_zone=found.time_zone,
        locale=found.locale,
        theme=found.theme,
        text_size=found.text_size,
        seen_at=found.seen_at,
        fresh_at=found.fresh_at,
        second_factor=found.second_factor,
        introduced=found.introduced_at is not None,
        consented=found.consented,
    )


@cache
def _roles(names: str) -> frozenset[Role]:
    return frozenset(Role(name) for name in names.split())


def touch(records: Records, person: SignedIn) -> None:
    """Note that somebody is active at this moment, which counts against the time after which they are signed out."""
    try:
        with records.within(person.viewer) as scope:
            scope.session.execute(update(LoginSession).where(_open(person)).values(seen_at=scope.now))
    except OperationalError as error:
        # While nothing can be written, pages can still be read; the next request notes the time.
        log.warning("the time of a request was not noted: %s", type(error).__name__)


def _open(person: SignedIn) -> Any:
    return and_(
        LoginSession.practice_id == person.viewer.practice_id,
        LoginSession.id == person.session_id,
        LoginSession.ended_at.is_(None),
    )


def _new_token(practice_id: str) -> str:
    return f"{practice_id}.{new_token()}"


def _fingerprint(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _rows(result: Any) -> int:
    return int(result.rowcount)
