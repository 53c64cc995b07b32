"""Signing in: who an address and a password belong to, and how often that may be tried."""

from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from portal.access.scope import Records
from portal.access.viewer import House, Role, Viewer
from portal.people.addresses import NotAnAddress, canonical
from portal.people.devices import Caller
from portal.people.models import Account, AccountState, LoginName
from portal.people.passwords import Hasher
from portal.people.throttle import Bucket, Rate, release, reserve

# One address may lead to accounts in several practices; this many are tried.
MOST_ACCOUNTS = 3


class Refusal(StrEnum):
    """Why somebody isn't signed in. Of an account's existence it says nothing."""

    WRONG = "wrong"
    SLOW_DOWN = "slow-down"


@dataclass(frozen=True, slots=True)
class Known:
    """An active account whose password was given. ``password_mark`` changes with the password."""

    practice_id: str
    account_id: str
    roles: frozenset[Role]
    has_second_factor: bool
    email_key: str
    password_mark: str

    @property
    def viewer(self) -> Viewer:
        """Return the account as the rules see it, with no couple in reach."""
        return Viewer(self.practice_id, self.account_id, self.roles)


def email_key(records: Records, email: str) -> str:
    """Return the keyed fingerprint under which a typed address is looked up, whatever was typed."""
    try:
        return records.ring.masters.blind(canonical(email))
    except NotAnAddress:
        return records.ring.masters.blind(f"not an address {email[:300]}")


def sign_in(
    records: Records, email: str, *, password: str, caller: Caller, hasher: Hasher
) -> Known | Refusal:
    """Return the account that an address and a password open, or one refusal for whatever is wrong with them.

    Takes as long for an address that nobody has. A second factor, if the account has one, is still to be asked.
    """
    key = email_key(records, email)
    attempt = _reserve(records, sign_in_buckets(records, key, caller))
    if attempt is None:
        return Refusal.SLOW_DOWN
    found = _opened_by(records, key, password=password, hasher=hasher)
    if found is None:
        return Refusal.WRONG
    _release(records, attempt)
    return found


def password_fits(records: Records, viewer: Viewer, *, password: str, hasher: Hasher) -> bool | Refusal:
    """Say whether somebody who is signed in knows their password; tries are counted for their account alone."""
    key = records.ring.masters.blind(f"again/{viewer.practice_id}/{viewer.account_id}")
    attempt = _reserve(records, [Bucket(key, Rate.BROWSER)])
    if attempt is None:
        return Refusal.SLOW_DOWN
    found = _account(records, viewer.practice_id, viewer.account_id)
    if not hasher.verify(found.password_hash if found else None, password):
        return False
    _release(records, attempt)
    return True


def browser_mark(records: Records, browser_id: str, key: str) -> str:
    """Return the mark with which a browser remembers that an account was used in it."""
    return records.ring.masters.blind(f"browser/{browser_id}/{key}")[:20]


def sign_in_buckets(records: Records, key: str, caller: Caller) -> list[Bucket]:
    """Return the counters for one try at an address.

    Where the account was used before, the browser has its own counter and nobody else's failures matter, so
    that a partner who fails on purpose, even at home behind the same address, locks only themselves out.
    """
    blind = records.ring.masters.blind
    if caller.browser is not None:
        mark = browser_mark(records, caller.browser.browser_id, key)
        if mark in caller.browser.marks:
            return [Bucket(blind(f"known/{mark}"), Rate.BROWSER)]
    return [
        Bucket(blind(f"account/{key}"), Rate.ACCOUNT),
        Bucket(blind(f"address/{caller.address}"), Rate.ADDRESS),
        Bucket(blind("everybody"), Rate.EVERYBODY),
    ]


def reserve_code(records: Records, known: Known, caller: Caller) -> list[str] | None:
    """Count one try at the second factor; None if there were too many. Known browsers have their own counter."""
    blind = records.ring.masters.blind
    where = "elsewhere"
    if caller.browser is not None:
        mark = browser_mark(records, caller.browser.browser_id, known.email_key)
        where = mark if mark in caller.browser.marks else where
    return _reserve(records, [Bucket(blind(f"code/{known.account_id}/{where}"), Rate.CODE)])


def release_code(records: Records, attempt: list[str]) -> None:
    """Take back the count of a code that was right."""
    _release(records, attempt)


def _reserve(records: Records, buckets: list[Bucket]) -> list[str] | None:
    with records.unfenced(read_only=False) as session:
        return reserve(session, buckets, now=records.clock.now())


def _release(records: Records, attempt: list[str]) -> None:
    with records.unfenced(read_only=False) as session:
        release(session, attempt, now=records.clock.now())


def _opened_by(records: Records, key: str, *, password: str, hasher: Hasher) -> Known | None:
    with records.unfenced() as session:
        query = select(LoginName.practice_id, LoginName.account_id).where(LoginName.email_key == key)
        names = list(session.execute(query.order_by(LoginName.practice_id).limit(MOST_ACCOUNTS)))
    for practice_id, account_id in names:
        found = _account(records, practice_id, account_id)
        if not hasher.verify(found.password_hash if found else None, password):
            continue
        if found is None or found.state != AccountState.ACTIVE:
            continue
        if hasher.is_stale(found.password_hash):
            _rehash(records, practice_id, account_id, old=found.password_hash, new=hasher.hash(password))
        return _known(found, key)
    if not names:
        hasher.verify(None, password)
    return None


def find_known(records: Records, practice_id: str, account_id: str, *, key: str) -> Known | None:
    """Return an active account whose password was given a moment ago, as it stands now."""
    found = _account(records, practice_id, account_id)
    return _known(found, key) if found is not None and found.state == AccountState.ACTIVE else None


def _account(records: Records, practice_id: str, account_id: str) -> Any | None:
    query = select(
        Account.practice_id,
        Account.id,
        Account.role_names,
        Account.state,
        Account.password_hash,
        Account.totp_sealed.is_not(None).label("has_second_factor"),
    ).where(Account.id == account_id)
    with closing(records.scope(House(practice_id), read_only=True)) as scope:
        return scope.session.execute(query).first()


def _known(found: Any, key: str) -> Known:
    return Known(
        practice_id=found.practice_id,
        account_id=found.id,
        roles=frozenset(Role(name) for name in found.role_names.split()),
        has_second_factor=found.has_second_factor,
        email_key=key,
        password_mark=sha256(str(found.password_hash).encode()).hexdigest()[:16],
    )


def _rehash(records: Records, practice_id: str, account_id: str, *, old: str, new: str) -> None:
    with records.within(House(practice_id)) as scope:
        # The old hash in the condition keeps a password that was changed meanwhile.
        scope.session.execute(
            update(Account)
            .where(Account.practice_id == practice_id, Account.id == account_id, Account.password_hash == old)
            .values(password_hash=new)
        )
