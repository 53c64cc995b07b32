"""The outbox: mails are decided on in the transaction of their cause, and sent later by a job."""

from enum import StrEnum

from portal.access.scope import Scope
from portal.people.models import Account, AccountState, MailState, OutgoingMail

DELIVER = "deliver-mail"
"""The job that sends one mail of the outbox."""


class Message(StrEnum):
    """The mails there are; each names a folder in ``templates/email``. None says what it is about."""

    INVITATION = "invitation"
    RESET = "reset"
    NEWS = "news"
    ACCOUNT = "account"


CARRYING_A_LINK = frozenset({Message.INVITATION, Message.RESET})


def post(
    scope: Scope, account_id: str, message: Message = Message.NEWS, *, link: str | None = None
) -> OutgoingMail | None:
    """Decide on a mail to an account, in the scope's transaction; the worker is nudged once it is committed.

    ``link`` is a path of the portal, ``/`` if none is given. Of several pieces of news that nobody was told of
    yet, one mail tells. Returns None where nothing is sent: such news again, or an account that isn't in use.
    """
    if message not in CARRYING_A_LINK and not _wants_mail(scope, account_id, message):
        return None
    mail = OutgoingMail(
        account_id=account_id,
        message=message,
        state=MailState.WAITING,
        created_at=scope.now,
        due_at=scope.now,
    )
    mail.link = link
    scope.add(mail)
    scope.nudge(DELIVER, practice_id=scope.practice_id, mail_id=mail.id)
    return mail


def take_back(scope: Scope, account_id: str) -> None:
    """Drop the links to an account that are still in the outbox, because they were replaced or withdrawn."""
    waiting = scope.select(OutgoingMail).where(
        OutgoingMail.account_id == account_id,
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.message.in_(sorted(CARRYING_A_LINK)),
    )
    for mail in scope.all(waiting):
        scope.delete(mail)


def _wants_mail(scope: Scope, account_id: str, message: Message) -> bool:
    account = scope.find(Account, account_id)
    if account.state != AccountState.ACTIVE:
        return False
    same = scope.select(OutgoingMail).where(
        OutgoingMail.account_id == account_id,
        OutgoingMail.state == MailState.WAITING,
        OutgoingMail.message == message,
    )
    return scope.first(same) is None
