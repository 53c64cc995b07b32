"""Tables of pathways: a definition as it was armed, a couple's way through it, and its steps; the couple's sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.filters import CoupleOwned
from portal.access.policy import Matter
from portal.exercises.models import Whom
from portal.kit.db import Base, PracticeOwned, owned_key, practice_key
from portal.kit.ids import ID_LENGTH

ADVANCE = "advance-journeys"
"""The job that lets a couple's journeys go on; its payload is ``practice_id`` and ``couple_id``."""


class PathwayCopy(PracticeOwned, Base):
    """A pathway's definition as it was when it was armed; its id is its digest."""

    __tablename__ = "pathway_copy"

    slug: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class JourneyState(StrEnum):
    """Where a couple's way through a pathway stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    ENDED = "ended"


class Journey(CoupleOwned, Base):
    """A couple's way through a pathway that their therapist armed. Partners never read the row."""

    __tablename__ = "journey"
    matter = Matter.CARE
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("copy_id", "pathway_copy"),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "once_key"),
        Index("ix_journey_couple", "practice_id", "couple_id", "state"),
    )

    copy_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    slug: Mapped[str] = mapped_column(String(60))
    state: Mapped[JourneyState] = mapped_column(String(10), default=JourneyState.RUNNING)
    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer, default=0)
    once_key: Mapped[str] = mapped_column(String(40))


class StepState(StrEnum):
    """Where one step of a journey stands."""

    AHEAD = "ahead"
    RELEASED = "released"
    DONE = "done"
    SKIPPED = "skipped"


class JourneyStep(CoupleOwned, Base):
    """One step of a journey. What it waits for is worked out anew each time; the row says what has happened."""

    __tablename__ = "journey_step"
    matter = Matter.CARE
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("journey_id", "journey", cascade=True),
        owned_key("assignment_id", "assignment"),
        UniqueConstraint("practice_id", "journey_id", "position"),
    )

    journey_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[StepState] = mapped_column(String(10), default=StepState.AHEAD)
    assignment_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    whom: Mapped[Whom | None] = mapped_column(String(4))
    """For whom the therapist chose it when arming. Empty: as the pathway says."""
    left_out_for_flag: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it was left out by its own rule, because a safety flag was open when its time had come."""
    opened_by_therapist_at: Mapped[datetime | None]
    """When the therapist opened a step that waits for that."""
    moved_to: Mapped[datetime | None]
    """A time the therapist chose instead of the one that the pathway gives."""
    released_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class SessionState(StrEnum):
    """What became of a session with the therapist."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class TherapySession(CoupleOwned, Base):
    """A session of a couple with its therapist: when it is, and whether it took place."""

    __tablename__ = "therapy_session"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "once_key"),
        Index("ix_therapy_session_couple", "practice_id", "couple_id", "starts_at"),
    )

    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(Integer)
    state: Mapped[SessionState] = mapped_column(String(10), default=SessionState.PLANNED)
    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    created_at: Mapped[datetime]
    once_key: Mapped[str] = mapped_column(String(40))
