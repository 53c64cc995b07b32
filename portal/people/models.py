"""Tables of practices, accounts, couples and signing in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, synonym

from portal.access.filters import CoupleOwned
from portal.access.keys import Sealed
from portal.access.policy import Matter
from portal.access.viewer import Role, Seat
from portal.kit.db import Base, PracticeOwned, owned_key, practice_key
from portal.kit.ids import ID_LENGTH, new_id

NAME_LENGTH = 120


class SecretsPolicy(StrEnum):
    """What a therapist does with something that one partner says alone."""

    UNDECIDED = "undecided"
    LIMITED = "limited"
    NONE_KEPT = "no-secrets"


class Practice(Base):
    """A practice: the unit that everything else belongs to."""

    __tablename__ = "practice"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16))
    country: Mapped[str] = mapped_column(String(2))
    crisis_resources: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    secrets_policy: Mapped[SecretsPolicy] = mapped_column(String(16), default=SecretsPolicy.UNDECIDED)
    created_at: Mapped[datetime]


class LoginName(Base):
    """Where a login name leads: a keyed fingerprint of an e-mail address and the account it opens.

    The one table that is read before anybody is known. It holds no address and no name.
    """

    __tablename__ = "login_name"
    __table_args__ = (
        ForeignKeyConstraint(
            ["practice_id", "account_id"], ["account.practice_id", "account.id"], ondelete="CASCADE"
        ),
    )

    email_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    practice_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Account(PracticeOwned, Base):
    """One person's access to one practice."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email = Sealed[str]()
    role_names: Mapped[str] = mapped_column(String(60))
    state: Mapped[AccountState] = mapped_column(String(12), default=AccountState.INVITED)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp = Sealed[str | None]()
    totp_last_step: Mapped[int | None]
    totp_next_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_next = Sealed[str | None]()
    """A second factor that is being set up: it counts for nothing until a first code has confirmed it."""
    locale: Mapped[str | None] = mapped_column(String(16))
    theme: Mapped[str] = mapped_column(String(12), default="device")
    text_size: Mapped[int] = mapped_column(default=100)
    introduced_at: Mapped[datetime | None]
    """When a partner read "Before you start"."""
    created_at: Mapped[datetime]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of the account."""
        return frozenset(Role(name) for name in self.role_names.split())

    @property
    def first_name(self) -> str:
        """The name a person is called by on pages."""
        return self.name.split()[0]


class Couple(CoupleOwned, Base):
    """Two people who work together. It always has two seats."""

    __tablename__ = "couple"
    matter = Matter.DIRECTORY

    couple_id = synonym("id")
    goals_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    goals = Sealed[str | None]()
    """Goals in the couple's plain words; sealed with the practice's key."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Partner(CoupleOwned, Base):
    """An account's seat in a couple."""

    __tablename__ = "partner"
    matter = Matter.DIRECTORY
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("account_id", "account"),
        UniqueConstraint("practice_id", "couple_id", "seat"),
        UniqueConstraint("practice_id", "account_id"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    seat: Mapped[Seat] = mapped_column(String(1))


class Caseload(CoupleOwned, Base):
    """A therapist's responsibility for a couple."""

    __tablename__ = "caseload"
    matter = Matter.DIRECTORY
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("account_id", "account"),
        UniqueConstraint("practice_id", "account_id", "couple_id"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    since: Mapped[datetime]


class Invitation(PracticeOwned, Base):
    """A single-use link with which a person sets up, or gets back into, their own account."""

    __tablename__ = "invitation"
    __table_args__ = (
        practice_key(),
        owned_key("account_id", "account", cascade=True),
        UniqueConstraint("practice_id", "token_hash"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(12))
    """``join`` sets an account up, ``reset`` gets a person back into theirs."""
    invited_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginSession(PracticeOwned, Base):
    """One signed-in browser. The cookie carries a random token, the row its fingerprint."""

    __tablename__ = "login_session"
    __table_args__ = (
        practice_key(),
        owned_key("account_id", "account", cascade=True),
        UniqueConstraint("practice_id", "token_hash"),
        Index("ix_login_session_account", "practice_id", "account_id"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    fresh_at: Mapped[datetime]
    second_factor: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCode(PracticeOwned, Base):
    """A single-use code for when the second factor is lost; only its fingerprint is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (practice_key(), owned_key("account_id", "account", cascade=True))

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Consent(PracticeOwned, Base):
    """A person's agreement to the way the practice works with what they write, by version of the text."""

    __tablename__ = "consent"
    __table_args__ = (
        practice_key(),
        owned_key("account_id", "account", cascade=True),
        Index("ix_consent_account", "practice_id", "account_id"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    text_version: Mapped[str] = mapped_column(String(16))
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed sign-in, counted by bucket (account and device, or address); belongs to no practice."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_bucket", "bucket", "at"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class MailState(StrEnum):
    """Where an outgoing mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMail(PracticeOwned, Base):
    """A mail that was decided on, written in the same transaction as its cause."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        practice_key(),
        owned_key("account_id", "account", cascade=True),
        Index("ix_outgoing_mail_state", "practice_id", "state", "due_at"),
    )

    account_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    message: Mapped[str] = mapped_column(String(40))
    """Which message it is: the name of a folder in ``templates/email``."""
    link_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    link = Sealed[str | None]()
    state: Mapped[MailState] = mapped_column(String(12), default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(120))


class KeptForm(PracticeOwned, Base):
    """What a person had typed when their form could not be taken: sealed for them until they sign in again."""

    __tablename__ = "kept_form"
    __table_args__ = (practice_key(), owned_key("author_id", "account", cascade=True))

    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    path: Mapped[str] = mapped_column(String(300))
    fields_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    fields = Sealed[dict[str, Any]]()
    created_at: Mapped[datetime]
