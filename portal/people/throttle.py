"""Counting of failed sign-ins, so that guessing is slow while nobody can lock another person out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal.kit.ids import new_id
from portal.people.models import SignInAttempt

KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within so long."""

    times: int
    within: timedelta


class Rate(Enum):
    """How many failures each kind of counter takes."""

    BROWSER = (Limit(10, timedelta(minutes=15)), Limit(40, timedelta(days=1)))
    """One person's sign-ins from a browser that they have used before: nobody else's failures count there."""
    ACCOUNT = (Limit(10, timedelta(minutes=15)), Limit(60, timedelta(days=1)))
    """One account from all browsers that it was never used in."""
    ADDRESS = (Limit(40, timedelta(minutes=15)),)
    """All accounts from one address, again only from unknown browsers."""
    EVERYBODY = (Limit(1000, timedelta(minutes=15)),)
    """The whole portal, from unknown browsers."""
    CODE = (Limit(5, timedelta(minutes=5)), Limit(20, timedelta(hours=1)), Limit(50, timedelta(days=1)))
    """Six-digit codes: few enough a day that guessing them is hopeless."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One counter. ``key`` is a keyed fingerprint: the table tells nothing of whom it counts."""

    key: str
    rate: Rate


def reserve(session: Session, buckets: Sequence[Bucket], *, now: datetime) -> list[str] | None:
    """Count an attempt as failed before it is made, so that many at once can't slip through.

    Returns what to hand to ``release`` when it succeeds, or None if some counter is full.
    """
    _one_at_a_time(session, buckets)
    if any(_full(session, bucket, now) for bucket in buckets):
        return None
    attempts = [SignInAttempt(id=new_id(), bucket=bucket.key, at=now) for bucket in buckets]
    session.add_all(attempts)
    return [attempt.id for attempt in attempts]


def release(session: Session, attempts: Sequence[str], *, now: datetime) -> None:
    """Take back the count of an attempt that succeeded, and forget what is long past."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(attempts)))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT_FOR))


def _one_at_a_time(session: Session, buckets: Sequence[Bucket]) -> None:
    """Let nobody else count in these buckets until this transaction ends; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for key in sorted(bucket.key for bucket in buckets):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _full(session: Session, bucket: Bucket, now: datetime) -> bool:
    return any(
        _failures(session, bucket.key, since=now - limit.within) >= limit.times for limit in bucket.rate.value
    )


def _failures(session: Session, key: str, *, since: datetime) -> int:
    query = select(func.count()).select_from(SignInAttempt)
    return session.scalar(query.where(SignInAttempt.bucket == key, SignInAttempt.at > since)) or 0
