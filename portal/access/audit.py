"""The audit trail: who did what to which thing, written in the same transaction as the doing."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base, PracticeOwned
from portal.kit.ids import ID_LENGTH

if TYPE_CHECKING:
    from portal.access.scope import Scope


class Action(StrEnum):
    """Everything that is written down. Entries name things by id only and never hold content."""

    PRACTICE_CREATED = "practice.created"
    PRACTICE_CHANGED = "practice.changed"
    ACCOUNT_INVITED = "account.invited"
    INVITATION_WITHDRAWN = "account.invitation-withdrawn"
    ACCOUNT_ACTIVATED = "account.activated"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_RESTORED = "account.restored"
    ACCOUNT_RESET = "account.reset"
    ROLES_CHANGED = "account.roles-changed"
    PASSWORD_CHANGED = "account.password-changed"  # noqa: S105 - the name of an action
    SECOND_FACTOR_SET = "account.second-factor-set"
    SECOND_FACTOR_REMOVED = "account.second-factor-removed"
    RECOVERY_CODES_MADE = "account.recovery-codes-made"
    RECOVERY_CODE_USED = "account.recovery-code-used"
    SIGNED_IN = "session.signed-in"
    SIGNED_OUT = "session.signed-out"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "session.all-ended"
    COUPLE_ADDED = "couple.added"
    CASELOAD_CHANGED = "couple.caseload-changed"
    GOALS_CHANGED = "couple.goals-changed"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    ASSIGNED = "assignment.assigned"
    WITHDRAWN = "assignment.withdrawn"
    RELEASED = "assignment.released"
    SENT = "response.sent"
    TAKEN_BACK = "response.taken-back"
    DECLINED = "response.declined"
    WIDENED = "response.widened"
    READ = "response.read"
    REVIEWED = "response.reviewed"
    REPLIED = "feedback.given"
    PATHWAY_ARMED = "pathway.armed"
    PATHWAY_CHANGED = "pathway.changed"
    OWN_PUBLISHED = "own.published"
    OWN_ASKED = "own.asked-for-practice"
    OWN_OFFERED = "own.offered-to-practice"
    OWN_HANDED_BACK = "own.handed-back"
    OWN_RETIRED = "own.retired"
    FLAG_RAISED = "care.flag-raised"
    FLAG_CLOSED = "care.flag-closed"
    REPORT_MADE = "report.made"


class AuditEntry(PracticeOwned, Base):
    """One entry. Sequence and hashes are there for the tamper-evident chain; they are filled by the sealer."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    action: Mapped[Action] = mapped_column(String(40))
    subject_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    couple_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entry_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


def record(
    scope: "Scope",
    action: Action,
    *,
    subject_id: str | None = None,
    couple_id: str | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Write an audit entry in the scope's transaction; if it can't be written, the action fails with it."""
    scope.add(
        AuditEntry(
            at=scope.now,
            actor_id=scope.viewer.account_id,
            action=action,
            subject_id=subject_id,
            couple_id=couple_id,
            detail=detail,
        )
    )
