"""Sends the mails of the outbox: one at a time, each under a lease, again and again until it is taken."""

from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from sqlalchemy import Select, or_

from portal.access.scope import Records, Scope
from portal.access.vault import CannotOpen
from portal.access.viewer import House
from portal.kit.jobs import Jobs
from portal.kit.mail import MailTexts, NotDelivered, Transport, compose, open_transport, sender_of
from portal.people.models import Account, AccountState, MailState, OutgoingMail
from portal.people.post import CARRYING_A_LINK, DELIVER
from portal.people.practice_queries import practice_ids, practice_of

LEASE = timedelta(minutes=3)
TRIES = 14
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)


@dataclass(frozen=True)
class PostOffice:
    """What sending takes: words, a way out, and the addresses of the portal and of the sender."""

    texts: MailTexts
    transport: Transport
    base_url: str
    sender: str


def open_office(
    *, templates: Path, translations: Path, smtp_url: str, outbox: Path, base_url: str
) -> PostOffice:
    """Return the post office for these settings; ``templates`` is the folder that holds ``email``."""
    return PostOffice(
        texts=MailTexts(templates / "email", translations),
        transport=open_transport(smtp_url, outbox=outbox),
        base_url=base_url,
        sender=sender_of(smtp_url, base_url=base_url),
    )


def register(jobs: Jobs, records: Records, *, office: PostOffice) -> None:
    """Let a queue send mails: when it is nudged, and each minute whatever is due."""
    jobs.register(
        DELIVER,
        lambda practice_id, mail_id: deliver(records, office, practice_id=practice_id, mail_id=mail_id),
    )
    jobs.each_minute("mail", lambda: deliver_due(records, office))


def deliver_due(records: Records, office: PostOffice) -> None:
    """Send every mail that is due, in every practice."""
    for practice_id in practice_ids(records):
        with records.within(House(practice_id), read_only=True) as scope:
            due = [mail.id for mail in scope.all(_due(scope).order_by(OutgoingMail.due_at))]
        for mail_id in due:
            deliver(records, office, practice_id=practice_id, mail_id=mail_id)


def deliver(records: Records, office: PostOffice, *, practice_id: str, mail_id: str) -> None:
    """Send one mail if it is due and nobody else is at it.

    The lease is committed before the mail is handed on, and the outcome after: if this process dies between
    the two, the mail is handed on once more under the same Message-ID when the lease has run out.
    """
    message = _claim(records, office, practice_id=practice_id, mail_id=mail_id)
    if message is None:
        return
    try:
        office.transport.send(message, mail_id=mail_id)
    except NotDelivered as problem:
        _put_off(records, problem, practice_id=practice_id, mail_id=mail_id)
    else:
        _mark_sent(records, practice_id=practice_id, mail_id=mail_id)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: a minute, then twice as long each time."""
    doublings = max(attempts - 1, 0)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _due(scope: Scope) -> Select[Any]:
    return scope.select(OutgoingMail).where(
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.due_at <= scope.now,
        or_(OutgoingMail.leased_until.is_(None), OutgoingMail.leased_until < scope.now),
    )


def _claim(records: Records, office: PostOffice, *, practice_id: str, mail_id: str) -> EmailMessage | None:
    with records.within(House(practice_id)) as scope:
        query = _due(scope).where(OutgoingMail.id == mail_id).with_for_update(skip_locked=True)
        mail = scope.first(query)
        if mail is None:
            return None
        account = scope.find(Account, mail.account_id)
        if account.state == AccountState.SUSPENDED:
            _give_up(mail, "suspended")
            return None
        if mail.attempts >= TRIES:
            _give_up(mail, mail.fault or "too many attempts")
            return None
        mail.attempts += 1
        mail.leased_until = scope.now + LEASE
        try:
            return _composed(scope, mail, office=office, account=account)
        except (CannotOpen, TemplateError, ValueError) as error:
            _give_up(mail, f"not composed: {type(error).__name__}")
            return None


def _composed(scope: Scope, mail: OutgoingMail, *, office: PostOffice, account: Account) -> EmailMessage:
    locale = account.locale or practice_of(scope).locale
    link = f"{office.base_url}{mail.link or '/'}"
    return compose(
        mail.id,
        sender=office.sender,
        recipient=account.email,
        texts=office.texts.render(mail.message, locale=locale, link=link),
        decided_at=mail.created_at,
    )


def _mark_sent(records: Records, *, practice_id: str, mail_id: str) -> None:
    with records.within(House(practice_id)) as scope:
        mail = scope.first(scope.select(OutgoingMail).where(OutgoingMail.id == mail_id))
        if mail is None:
            return
        mail.state, mail.sent_at, mail.fault, mail.leased_until = MailState.SENT, scope.now, None, None
        # The secret in the link has left the house; the copy here has no more use.
        mail.link = None


def _put_off(records: Records, problem: NotDelivered, *, practice_id: str, mail_id: str) -> None:
    with records.within(House(practice_id)) as scope:
        mail = scope.first(scope.select(OutgoingMail).where(OutgoingMail.id == mail_id))
        if mail is None:
            return
        mail.fault, mail.leased_until = problem.fault[:120], None
        mail.due_at = scope.now + pause_after(mail.attempts)
        if problem.final or mail.attempts >= TRIES:
            _give_up(mail, problem.fault)


def _give_up(mail: OutgoingMail, fault: str) -> None:
    mail.state, mail.fault, mail.leased_until = MailState.FAILED, fault[:120], None
    if mail.message in CARRYING_A_LINK:
        mail.link = None
