"""What a therapist writes for a report, kept between preview and printing."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.filters import Audienced
from portal.access.keys import Sealed
from portal.kit.db import Base, owned_key, practice_key


class ReportWords(Audienced, Base):
    """A therapist's own paragraph and comment for one kind of report about one couple, for one kind of reader."""

    __tablename__ = "report_words"
    __table_args__ = (
        practice_key(),
        owned_key("couple_id", "couple"),
        owned_key("author_id", "account"),
        UniqueConstraint("practice_id", "couple_id", "kind", "copy"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    copy: Mapped[str] = mapped_column(String(12))
    summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    summary = Sealed[str | None]()
    comment_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    comment = Sealed[str | None]()
    saved_at: Mapped[datetime]
