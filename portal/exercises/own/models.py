"""Tables of what therapists write for themselves: exercises and pathways with their editions, and instructions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.keys import Sealed
from portal.kit.db import Base, PracticeOwned, owned_key, practice_key
from portal.kit.ids import ID_LENGTH


class OwnKind(StrEnum):
    """What a therapist wrote."""

    EXERCISE = "exercise"
    PATHWAY = "pathway"


class Shelf(StrEnum):
    """Who can assign it."""

    DRAFT = "draft"
    MINE = "mine"
    """Its therapist, to their own caseload."""
    PRACTICE = "practice"
    """Every therapist of the practice; an administrator's decision."""
    RETIRED = "retired"


class OwnWork(PracticeOwned, Base):
    """An exercise or pathway that a therapist wrote, with what they are working on now."""

    __tablename__ = "own_work"
    __table_args__ = (
        practice_key(),
        owned_key("owner_id", "account"),
        UniqueConstraint("practice_id", "slug"),
        UniqueConstraint("practice_id", "once_key"),
    )

    owner_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    kind: Mapped[OwnKind] = mapped_column(String(10))
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(80))
    copied_from: Mapped[str | None] = mapped_column(String(60))
    shelf: Mapped[Shelf] = mapped_column(String(10), default=Shelf.DRAFT)
    asked_at: Mapped[datetime | None]
    """When the owner asked the administrator to offer it to the whole practice."""
    draft: Mapped[str] = mapped_column(Text)
    """The definition as it is being edited, as JSON of what the editor's fields hold; it may be unfinished."""
    revision: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=0)
    """The newest published edition; 0 before the first."""
    practice_version: Mapped[int] = mapped_column(Integer, default=0)
    """The edition that an administrator last offered to the whole practice; it is on offer while the shelf says so."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What an administrator wrote to the owner when deciding about it last."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    once_key: Mapped[str] = mapped_column(String(40))


class OwnEdition(PracticeOwned, Base):
    """One published edition of an own exercise or pathway. It never changes."""

    __tablename__ = "own_edition"
    __table_args__ = (
        practice_key(),
        owned_key("work_id", "own_work", cascade=True),
        UniqueConstraint("practice_id", "work_id", "version"),
    )

    work_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    draft: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(ID_LENGTH))


class InstructionTemplate(PracticeOwned, Base):
    """Words that a therapist uses again when assigning something."""

    __tablename__ = "instruction_template"
    __table_args__ = (
        practice_key(),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "once_key"),
    )

    author_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    slug: Mapped[str | None] = mapped_column(String(60))
    """The exercise that it is for; empty for any."""
    title: Mapped[str] = mapped_column(String(80))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body = Sealed[str]()
    saved_at: Mapped[datetime]
    once_key: Mapped[str] = mapped_column(String(40))
