"""The table of safety flags: something that a therapist has to look at before anything new is opened to both."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.filters import CoupleOwned
from portal.access.keys import Sealed
from portal.access.policy import Matter
from portal.kit.db import Base, owned_key, practice_key
from portal.kit.ids import ID_LENGTH


class FlagKind(StrEnum):
    """What raised a flag."""

    NOT_FREE = "not-free"
    """Somebody did not feel free to say no."""
    ALONE = "alone"
    """Somebody asked to speak with the therapist alone."""
    ANSWER = "answer"
    """An answer to a question about safety."""
    THERAPIST = "therapist"
    """The therapist raised it."""


class SafetyFlag(CoupleOwned, Base):
    """A flag that holds new things for both until its therapist has decided. Partners never read the row."""

    __tablename__ = "safety_flag"
    matter = Matter.CARE
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("about_id", "account"),
        Index("ix_safety_flag_response", "practice_id", "response_id"),
        Index("ix_safety_flag_couple", "practice_id", "couple_id", "closed_at"),
    )

    about_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The partner whose answer raised it; empty where the therapist did."""
    assignment_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    response_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    kind: Mapped[FlagKind] = mapped_column(String(12))
    item: Mapped[str] = mapped_column(String(80))
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    decision_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decision = Sealed[str | None]()
    """Why the therapist closed it, in their words."""
