"""The outbox: mails are decided on in the transaction of their cause, and sent later by a job."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zlib import crc32
from zoneinfo import ZoneInfo

from portal.access.scope import Scope
from portal.people.models import Account, AccountState, MailState, OutgoingMail

DELIVER = "deliver-mail"
"""The job that sends one mail of the outbox."""


MORNING: Final = time(8)
"""The hour from which people are reminded of a day: midnight is no time for a mail."""


class Message(StrEnum):
    """The mails there are; each names a folder in ``templates/email``. None says what it is about."""

    INVITATION = "invitation"
    RESET = "reset"
    NEWS = "news"
    ACCOUNT = "account"


CARRYING_A_LINK = frozenset({Message.INVITATION, Message.RESET})


def post(
    scope: Scope,
    account_id: str,
    message: Message = Message.NEWS,
    *,
    link: str | None = None,
    due_at: datetime | None = None,
) -> OutgoingMail | None:
    """Decide on a mail to an account, in the scope's transaction; the worker is nudged once it is committed.

    ``link`` is a path of the portal, ``/`` if none is given. ``due_at`` keeps the mail back until there is
    something to be found. Of several pieces of news that nobody was told of yet, one mail tells. Returns None where nothing is sent: such news again, or an account that isn't in use.
    """
    due = max(due_at or scope.now, scope.now)
    if message not in CARRYING_A_LINK and not _wants_mail(scope, account_id, message, due=due):
        return None
    mail = OutgoingMail(
        account_id=account_id,
        message=message,
        state=MailState.WAITING,
        created_at=scope.now,
        due_at=due,
    )
    mail.link = link
    scope.add(mail)
    if due <= scope.now:
        scope.nudge(DELIVER, practice_id=scope.practice_id, mail_id=mail.id)
    return mail


def in_the_morning(day: date, *, zone: str, of: str) -> datetime:
    """Return when somebody is reminded of a day, between eight and nine where their practice is.

    The second is the reminder's own, by the id ``of`` what it is about, so that it can be told from others and called off.
    """
    seconds = crc32(of.encode()) % 3600
    return datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone)) + timedelta(seconds=seconds)


def call_off(scope: Scope, account_id: str, *, due_at: datetime) -> None:
    """Drop the news that waits for one very moment, because there will be nothing to be found then."""
    waiting = scope.select(OutgoingMail).where(
        OutgoingMail.account_id == account_id,
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.message == Message.NEWS,
        OutgoingMail.due_at == due_at,
        OutgoingMail.attempts == 0,
    )
    for mail in scope.all(waiting):
        scope.delete(mail)


def take_back(scope: Scope, account_id: str) -> None:
    """Drop the links to an account that are still in the outbox, because they were replaced or withdrawn."""
    waiting = scope.select(OutgoingMail).where(
        OutgoingMail.account_id == account_id,
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.message.in_(sorted(CARRYING_A_LINK)),
    )
    for mail in scope.all(waiting):
        scope.delete(mail)


def _wants_mail(scope: Scope, account_id: str, message: Message, *, due: datetime) -> bool:
    account = scope.find(Account, account_id)
    if account.state != AccountState.ACTIVE:
        return False
    # A mail that goes out earlier can't tell of something that opens later.
    in_time = OutgoingMail.due_at <= due if due <= scope.now else OutgoingMail.due_at == due
    same = scope.select(OutgoingMail).where(
        OutgoingMail.account_id == account_id,
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.message == message,
        in_time,
    )
    return scope.first(same) is None
