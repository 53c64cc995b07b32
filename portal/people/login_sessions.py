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
from portal.access.scope import Records
from portal.access.viewer import STAFF, House, Role, Seat, Viewer
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


def load(records: Records, token: str, *, active: bool) -> SignedIn | None:
    """Return who a token stands for, as they are at this moment, or None.

    ``active`` requests count against the idle time, which is written down once a minute at most; the quiet ones,
    such as polling, don't.
    """
    practice_id = token.partition(".")[0]
    if len(practice_id) != ID_LENGTH:
        return None
    now = records.clock.now()
    with closing(records.scope(House(practice_id), read_only=True)) as scope:
        found = scope.session.execute(_behind(), {TOKEN: _fingerprint(token)}).first()
        if found is None or not _alive(found, now):
            return None
        person = _signed_in(found, token, couples=_couples(scope.session, found))
    # After a jump of the clock backwards a moment in the future is put right as well.
    if active and not timedelta(0) <= now - found.seen_at < SEEN_EVERY:
        _touch(records, person, now)
    return person


@cache
def _behind() -> Any:
    """Return the question who a token stands for. It is put at every request, so it is worded only once."""
    consent = and_(
        Consent.practice_id == Account.practice_id,
        Consent.account_id == Account.id,
        Consent.text_version == CONSENT_VERSION,
        Consent.withdrawn_at.is_(None),
    )
    return (
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
            select(Consent.id).where(consent).exists().label("consented"),
        )
        .join(
            Account,
            and_(Account.practice_id == LoginSession.practice_id, Account.id == LoginSession.account_id),
        )
        .join(Practice, Practice.id == Account.practice_id)
        .outerjoin(
            Partner, and_(Partner.practice_id == Account.practice_id, Partner.account_id == Account.id)
        )
        .where(
            LoginSession.token_hash == bindparam(TOKEN),
            LoginSession.ended_at.is_(None),
            Account.state == AccountState.ACTIVE,
        )
    )


def _alive(found: Any, now: datetime) -> bool:
    idle = IDLE_STAFF if _roles(found.role_names) & STAFF else IDLE_PARTNER
    return bool(now < found.expires_at and now - found.seen_at <= idle)


def _couples(session: Any, found: Any) -> frozenset[str]:
    roles = _roles(found.role_names)
    if Role.THERAPIST in roles:
        return frozenset(session.scalars(select(Caseload.couple_id).where(Caseload.account_id == found.id)))
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
        fresh_at=found.fresh_at,
        second_factor=found.second_factor,
        introduced=found.introduced_at is not None,
        consented=found.consented,
    )


def _roles(names: str) -> frozenset[Role]:
    return frozenset(Role(name) for name in names.split())


def _touch(records: Records, person: SignedIn, now: datetime) -> None:
    try:
        with records.within(person.viewer) as scope:
            scope.session.execute(update(LoginSession).where(_open(person)).values(seen_at=now))
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
