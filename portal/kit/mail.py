"""Mail: neutral texts from templates, messages with a stable identity, and the two ways to hand them on."""

import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

SENDER_NAME = "Notebook"
TIMEOUT_SECONDS = 20
SMTP_PORT = 587
SMTPS_PORT = 465
PERMANENT = range(500, 600)
"""Replies of a mail server that another try won't change (RFC 5321, 4.2.1)."""


class NotDelivered(Exception):
    """A mail could not be handed on. ``fault`` is a code without any address; ``final`` means for good."""

    def __init__(self, fault: str, *, final: bool = False) -> None:
        super().__init__(fault)
        self.fault = fault
        self.final = final


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one mail in one language."""

    subject: str
    body: str


class MailTexts:
    """The mail templates: a folder per message with ``subject.txt`` and ``body.txt``."""

    def __init__(self, folder: Path, translations: Path) -> None:
        self._folder = folder
        self._translations = translations
        self._environments: dict[str, Environment] = {}

    def render(self, message: str, *, locale: str, **values: str) -> Texts:
        """Return a message's subject (one line) and body in a language."""
        environment = self._in(locale)
        subject, body = (
            environment.get_template(f"{message}/{part}.txt").render(values) for part in ("subject", "body")
        )
        return Texts(subject=" ".join(subject.split()), body=body.strip() + "\n")

    def _in(self, locale: str) -> Environment:
        if locale not in self._environments:
            environment = Environment(
                loader=FileSystemLoader(self._folder),
                autoescape=False,  # noqa: S701 - plain text: no markup that a value could break out of
                undefined=StrictUndefined,
                extensions=["jinja2.ext.i18n"],
            )
            found = Translations.load(str(self._translations), [locale.replace("-", "_")])
            translated: Any = environment  # The extension adds methods that the class itself doesn't name.
            translated.install_gettext_translations(found, newstyle=True)
            self._environments[locale] = environment
        return self._environments[locale]


def compose(mail_id: str, *, sender: str, recipient: str, texts: Texts, decided_at: datetime) -> EmailMessage:
    """Return a mail that is the same, byte for byte, however often it is composed.

    Its Message-ID comes from the mail's own id, so that a second delivery can be told from a second mail.
    Raises ValueError if a header would hold a line break.
    """
    message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    message["From"] = f"{SENDER_NAME} <{sender}>"
    message["To"] = recipient
    message["Subject"] = texts.subject
    message["Date"] = format_datetime(decided_at)
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    # Plain where possible, so that a link stays in one piece even for a person who reads the source.
    message.set_content(texts.body, cte="7bit" if texts.body.isascii() else "quoted-printable")
    return message


def sender_of(smtp_url: str, *, base_url: str) -> str:
    """Return the address mails come from: the SMTP address's ``from=…``, or no-reply at the portal's own host."""
    named = parse_qs(urlsplit(smtp_url).query).get("from")
    if named:
        return named[0]
    host = urlsplit(base_url).hostname or "localhost"
    with suppress(ValueError):
        ip_address(host)
        host = "localhost"
    return f"no-reply@{host}"


class Transport(Protocol):
    """A way to hand on a mail."""

    def send(self, message: EmailMessage, *, mail_id: str) -> None:
        """Hand a mail on. Raises NotDelivered."""
        ...


@dataclass(frozen=True)
class OutboxFolder:
    """Writes each mail to a file that is named by the mail's id: writing it twice leaves one file."""

    folder: Path

    def send(self, message: EmailMessage, *, mail_id: str) -> None:
        """Write a mail whole or not at all. Raises NotDelivered when the disk refuses."""
        target = self.folder / f"{mail_id}.eml"
        unfinished = self.folder / f".{mail_id}.{os.getpid()}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with unfinished.open("wb") as file:
                unfinished.chmod(0o600)
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except OSError as error:
            raise NotDelivered(f"disk-{error.errno}") from None


@dataclass(frozen=True)
class SmtpServer:
    """Hands mails to an SMTP server: ``smtp://[user:password@]host[:port]`` or ``smtps://…``.

    Plain ``smtp`` is only spoken to this machine itself; to any other it must turn into TLS at once.
    """

    url: str = field(repr=False)
    timeout: float = TIMEOUT_SECONDS

    def send(self, message: EmailMessage, *, mail_id: str) -> None:  # noqa: ARG002 - its Message-ID carries it
        """Hand a mail to the server. Raises NotDelivered, for good only when the server says so."""
        try:
            server = self._connect()
            try:
                server.send_message(message)
            finally:
                _hang_up(server)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _words in error.recipients.values()]
            raise NotDelivered(f"smtp-{codes[0]}", final=all(code in PERMANENT for code in codes)) from None
        except smtplib.SMTPAuthenticationError as error:
            # A wrong password is the practice's to mend; the mail itself is still good.
            raise NotDelivered(f"smtp-{error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code in PERMANENT
            raise NotDelivered(f"smtp-{error.smtp_code}", final=final) from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered("smtp-not-supported") from None
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise NotDelivered(type(error).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or SMTPS_PORT, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(host, parts.port or SMTP_PORT, timeout=self.timeout)
        try:
            self._secure(server, parts, context)
        except BaseException:
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP, parts: SplitResult, context: ssl.SSLContext) -> None:
        if parts.scheme == "smtp" and not _is_this_machine(parts.hostname or "localhost"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _hang_up(server: smtplib.SMTP) -> None:
    # Whatever the server makes of the goodbye, a mail that it took stays taken.
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def open_transport(smtp_url: str, *, outbox: Path) -> Transport:
    """Return the transport that the settings name: an SMTP server, or the outbox folder where none is set."""
    return SmtpServer(smtp_url) if smtp_url else OutboxFolder(outbox)
