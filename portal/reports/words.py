"""Reads and keeps what a therapist writes for a report."""

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.reports.base import Copy
from portal.reports.models import ReportWords

PROGRESS = "progress"


def words_for(scope: Scope, couple_id: str, copy: Copy) -> ReportWords | None:
    """Return what was last written for a couple's report and reader."""
    found: ReportWords | None = scope.first(
        scope.select(ReportWords).where(
            ReportWords.couple_id == couple_id, ReportWords.kind == PROGRESS, ReportWords.copy == copy.value
        )
    )
    return found


def keep_words(scope: Scope, couple_id: str, copy: Copy, *, summary: str, comment: str) -> ReportWords:
    """Keep the paragraph and the comment of a report. An empty paragraph means: the one made from the numbers."""
    scope.require(Permission.REPORT, couple_id=couple_id)
    kept = words_for(scope, couple_id, copy)
    if kept is None:
        kept = ReportWords(
            couple_id=couple_id,
            kind=PROGRESS,
            copy=copy.value,
            author_id=scope.account_id,
            audience=Audience.NOTE,
            sent_at=scope.now,
            saved_at=scope.now,
        )
        scope.add(kept)
    if kept.author_id != scope.account_id:
        # A text is sealed for its author: what a colleague goes on with becomes the colleague's own.
        scope.delete(kept)
        return keep_words(scope, couple_id, copy, summary=summary, comment=comment)
    kept.summary, kept.comment, kept.saved_at = summary or None, comment or None, scope.now
    scope.flush()
    return kept


def note_made(scope: Scope, couple_id: str, copy: Copy, *, number: str, kind: str = PROGRESS) -> None:
    """Write down that a report was made, and for whom."""
    scope.require(Permission.REPORT, couple_id=couple_id)
    record(scope, Action.REPORT_MADE, couple_id=couple_id, kind=kind, copy=copy.value, number=number)
