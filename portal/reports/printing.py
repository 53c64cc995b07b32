"""From a couple's records to a PDF: gather, set, typeset in a worker process."""

from datetime import date
from pathlib import Path

from portal.access.scope import Scope
from portal.kit.pdf import PdfPool, RecentPdfs, Rendered
from portal.reports.agreement_page import AgreementPage
from portal.reports.base import Copy, paper_assets, printable
from portal.reports.progress import Wanted, gather, whole_time
from portal.reports.progress_page import ProgressPage
from portal.reports.words import words_for
from portal.reports.worksheets.page import WorksheetPage
from portal.web.render import render

STATIC = Path(__file__).resolve().parents[1] / "static"


def open_press(*, workers: int = 1) -> "Press":
    """Return a press whose workers start with the first report, or with ``warm``."""
    return Press(PdfPool(paper_assets(STATIC), max_workers=workers))


class Press:
    """Prints report pages; a report whose input hasn't changed comes from memory."""

    def __init__(self, pool: PdfPool) -> None:
        self._pool = pool
        self._recent = RecentPdfs()

    def warm(self) -> None:
        """Start the workers now, so that the first report is as quick as the others."""
        self._pool.start()

    def close(self) -> None:
        """End the workers."""
        self._pool.close()

    def progress(self, page: ProgressPage) -> Rendered:
        """Return a progress report as a PDF. Raises PdfFailed, PdfTimedOut or PdfTooLong."""
        html = render("reports/progress.html", page=printable(page))
        return self._pool.render_cached(self._recent, html, title=page.paper.title, lang=page.paper.lang)

    def agreement(self, page: AgreementPage) -> Rendered:
        """Return the copy of a signed text as a PDF. Raises as ``progress`` does."""
        html = render("reports/agreement.html", page=printable(page))
        return self._pool.render_cached(self._recent, html, title=page.paper.title, lang=page.paper.lang)

    def worksheet(self, page: WorksheetPage) -> Rendered:
        """Return worksheets as a PDF. Raises as ``progress`` does."""
        html = render("reports/worksheet.html", page=printable(page))
        return self._pool.render_cached(self._recent, html, title=page.paper.title, lang=page.paper.lang)


def progress_page(
    scope: Scope,
    couple_id: str,
    copy: Copy,
    *,
    first: date | None = None,
    last: date | None = None,
    own_words: bool = True,
) -> ProgressPage:
    """Return the content of a couple's progress report; without days it covers all of their work.

    ``own_words`` false leaves out what the therapist wrote for it.
    """
    start, end = whole_time(scope, couple_id)
    words = words_for(scope, couple_id, copy) if own_words else None
    wanted = Wanted(
        couple_id=couple_id,
        copy=copy,
        first=first or start,
        last=last or end,
        comment=(words.comment if words else None) or "",
        summary=(words.summary if words else None) or "",
    )
    return gather(scope, wanted)
