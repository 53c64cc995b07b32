"""Tables of what two do together: the moves of a talk, the events of a shared text, of a ladder, of a plan; own cards."""

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.filters import Audienced, Authored, CoupleOwned
from portal.access.keys import Sealed
from portal.exercises.models import PERIOD_LENGTH
from portal.kit.db import Base, owned_key, practice_key
from portal.kit.ids import ID_LENGTH

KIND_LENGTH = 16


class TalkMove(Audienced, Base):
    """One move of a dialogue. It is the couple's from the moment it is sent."""

    __tablename__ = "talk_move"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        # Two moves at the same moment can't both win: the second finds its number taken, and plays again.
        UniqueConstraint("practice_id", "assignment_id", "period", "number"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    period: Mapped[str] = mapped_column(String(PERIOD_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    text = Sealed[str]()
    at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    once_key: Mapped[str | None] = mapped_column(String(40))


class AgreementEvent(Authored, Base):
    """One thing that a partner did with a shared text. The other never reads the row, only what follows from all."""

    __tablename__ = "agreement_event"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "assignment_id", "number"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    clause: Mapped[str] = mapped_column(String(80))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    text = Sealed[str]()
    seen: Mapped[int] = mapped_column(Integer)
    day: Mapped[date | None] = mapped_column(Date)
    period: Mapped[str] = mapped_column(String(PERIOD_LENGTH))
    at: Mapped[datetime]
    once_key: Mapped[str | None] = mapped_column(String(40))


class LadderEvent(CoupleOwned, Base):
    """A step that the two took, or that the therapist opened or closed. Whose doing it was is kept nowhere."""

    __tablename__ = "ladder_event"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        UniqueConstraint("practice_id", "assignment_id", "number"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    step: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    once_key: Mapped[str | None] = mapped_column(String(40))


class SoloLadderEvent(Authored, Base):
    """A step that one partner took on a ladder of their own."""

    __tablename__ = "solo_ladder_event"
    therapist_reads = False
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "assignment_id", "author_id", "number"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    step: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    once_key: Mapped[str | None] = mapped_column(String(40))


class PlanEvent(Audienced, Base):
    """One thing that a partner did about a plan: proposed, changed, agreed, put off. The couple's once it is sent."""

    __tablename__ = "plan_event"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "assignment_id", "number"),
        Index("ix_plan_event_couple", "practice_id", "couple_id"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    plan: Mapped[int] = mapped_column(Integer)
    """Which of the couple's plans in this assignment, from 1."""
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    values = Sealed[dict[str, object]]()
    seen: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    once_key: Mapped[str | None] = mapped_column(String(40))


class OwnCard(CoupleOwned, Base):
    """A card that a therapist added to a deck for one couple, when assigning it or later."""

    __tablename__ = "own_card"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "assignment_id", "number"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    number: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    text = Sealed[str]()
    added_at: Mapped[datetime]
