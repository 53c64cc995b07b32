"""Tables of assigned exercises: what was assigned, how far each partner is, what they wrote, what was answered."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.filters import Audienced, Authored, CoupleOwned
from portal.access.keys import Sealed
from portal.exercises.mechanics.base import MechanicName
from portal.kit.db import Base, PracticeOwned, owned_key, practice_key
from portal.kit.ids import ID_LENGTH

PERIOD_LENGTH = 24


class ExerciseCopy(PracticeOwned, Base):
    """An exercise's definition as it was when it was first assigned in this practice; its id is its digest."""

    __tablename__ = "exercise_copy"

    slug: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(Text)
    translations: Mapped[str] = mapped_column(Text, default="{}")
    """The same definition in other languages: a JSON object from language to text."""
    created_at: Mapped[datetime]


class AssignmentState(StrEnum):
    """Where an assignment stands for everybody."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"


class Whom(StrEnum):
    """Whom an assignment asks."""

    BOTH = "both"
    A = "a"
    B = "b"


class Assignment(CoupleOwned, Base):
    """An exercise that a therapist gave to a couple, or to one partner of it."""

    __tablename__ = "assignment"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("copy_id", "exercise_copy"),
        UniqueConstraint("practice_id", "once_key"),
        Index("ix_assignment_couple", "practice_id", "couple_id", "state", "opens_at"),
    )

    copy_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    slug: Mapped[str] = mapped_column(String(60))
    whom: Mapped[Whom] = mapped_column(String(4))
    recurrence: Mapped[str] = mapped_column(String(8))
    opens_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(Date)
    released_at: Mapped[datetime | None]
    """From when on the couple sees it. Empty while the therapist prepares it."""
    lists_open: Mapped[bool] = mapped_column(Boolean, default=False)
    instructions_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    instructions = Sealed[str | None]()
    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    state: Mapped[AssignmentState] = mapped_column(String(12), default=AssignmentState.OPEN)
    both_sent_at: Mapped[datetime | None]
    """When both had answered for the first time. It is never taken back: a later change shows nothing."""
    created_at: Mapped[datetime]
    previous_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    once_key: Mapped[str] = mapped_column(String(40))


class ResponseState(StrEnum):
    """How far one partner is."""

    AHEAD = "ahead"
    """Not begun; the row only says whose turn it is."""
    DRAFT = "draft"
    SENT = "sent"
    DECLINED = "declined"


class Turn(StrEnum):
    """What one partner has to do now in something that two do together."""

    YOURS = "yours"
    THEIRS = "theirs"
    REST = "rest"
    """Paused, or nothing is asked of either at the moment."""
    SETTLED = "settled"
    """Both have agreed on something, and nothing is asked of either until its time."""
    OVER = "over"


class Response(Authored, Base):
    """One partner's round of one assignment. The other partner never learns that it exists."""

    __tablename__ = "response"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment"),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "assignment_id", "author_id", "part", "period"),
        Index("ix_response_couple", "practice_id", "couple_id", "state", "sent_at"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    part: Mapped[MechanicName] = mapped_column(String(16))
    """The mechanic whose pages were walked; an exercise can have several."""
    period: Mapped[str] = mapped_column(String(PERIOD_LENGTH))
    state: Mapped[ResponseState] = mapped_column(String(10), default=ResponseState.DRAFT)
    started_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    turn: Mapped[Turn | None] = mapped_column(String(8))
    """For what two do together: what this partner has to do in it now. Written for both whenever one acts."""
    asked_round: Mapped[str | None] = mapped_column(String(PERIOD_LENGTH))
    """The round of questions for this partner alone that what they did together brought last."""
    asked_at: Mapped[datetime | None]
    """From when on they are asked to look at it again."""
    once_key: Mapped[str | None] = mapped_column(String(40))

    @classmethod
    def noticed(cls) -> ColumnElement[bool]:
        """Return which rounds the therapist may see: entries of a journal only once their writer has shared them."""
        return or_(cls.part != MechanicName.JOURNAL, cls.state == ResponseState.SENT)


class Draft(Authored, Base):
    """What a partner has typed so far. Nobody else can read it or see that it is there."""

    __tablename__ = "draft"
    therapist_reads = False
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("response_id", "response", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "response_id"),
    )

    response_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    revision: Mapped[int] = mapped_column(Integer, default=0)
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    values = Sealed[dict[str, Any]]()
    saved_at: Mapped[datetime]


class Answer(Audienced, Base):
    """One answer to one item, with exactly one audience."""

    __tablename__ = "answer"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment"),
        owned_key("response_id", "response", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "response_id", "item"),
        Index("ix_answer_assignment", "practice_id", "assignment_id", "author_id"),
        Index("ix_answer_couple", "practice_id", "couple_id", "sent_at"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    response_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    item: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(PERIOD_LENGTH))
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    value = Sealed[Any]()
    shared_at: Mapped[datetime | None]
    """When its writer let the partner read it, beyond what the form had said."""


class OverlapMatch(CoupleOwned, Base):
    """One option that both partners are open to, at the lower of their two levels. All that either ever sees."""

    __tablename__ = "overlap_match"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment", cascade=True),
        UniqueConstraint("practice_id", "assignment_id", "option"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    option: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime]
    """When the first of the two consents ends."""


class Reaction(Audienced, Base):
    """A receiver's guided answer to a letter; the sender sees one only if it was given."""

    __tablename__ = "reaction"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("response_id", "response", cascade=True),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "response_id", "author_id"),
    )

    response_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    choice: Mapped[str] = mapped_column(String(40))


class Feedback(Audienced, Base):
    """A therapist's words inside an exercise: to both, to one partner, or a note for the therapists only."""

    __tablename__ = "feedback"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("assignment_id", "assignment"),
        owned_key("author_id", "account"),
        ForeignKeyConstraint(["practice_id", "addressee_id"], ["account.practice_id", "account.id"]),
        Index("ix_feedback_assignment", "practice_id", "assignment_id"),
        UniqueConstraint("practice_id", "once_key"),
    )

    assignment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body = Sealed[str]()
    once_key: Mapped[str] = mapped_column(String(40))
