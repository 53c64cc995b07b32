"""Choosing, looking over and downloading a report."""

from datetime import date
from typing import Any, cast

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _

from portal.access.policy import Permission, Refused
from portal.kit.pdf import PdfFailed, PdfTimedOut, PdfTooLong
from portal.reports.base import Copy
from portal.reports.forms import ChooseForm, WordsForm
from portal.reports.printing import Press, progress_page
from portal.reports.progress import whole_time
from portal.reports.progress_page import ProgressPage
from portal.reports.room import room
from portal.reports.words import keep_words, note_made
from portal.web.current import portal, scope
from portal.web.render import render
from portal.web.room import For

PRESS = "press"


@room.page("/couples/<couple_id>/reports", permission=Permission.REPORT, audience=For.THERAPIST)
def choose(couple_id: str) -> str:
    """Choose for whom and for which time a report is made."""
    scope().require(Permission.REPORT, couple_id=couple_id)
    first, last = whole_time(scope(), couple_id)
    form = ChooseForm(copy=Copy.JOINT.value, first=first, last=last)
    return render("reports/choose.html", form=form, couple_id=couple_id)


@room.page(
    "/couples/<couple_id>/reports/progress",
    permission=Permission.REPORT,
    audience=For.THERAPIST,
    methods=("GET", "POST"),
)
def progress(couple_id: str) -> Any:
    """Look a progress report over, write in it, and download it."""
    scope().require(Permission.REPORT, couple_id=couple_id)
    chosen = ChooseForm(request.args)
    if not chosen.validate():
        return render("reports/choose.html", form=chosen, couple_id=couple_id), 422
    copy = Copy(chosen.copy.data)
    form = WordsForm()
    if request.method == "POST" and form.validate():
        return _kept_or_printed(couple_id, copy, form, chosen)
    page = _page(couple_id, copy, chosen)
    if request.method == "GET":
        form.summary.data, form.comment.data = "\n\n".join(page.in_short), "\n\n".join(page.comment)
    return render("reports/preview.html", page=page, form=form, couple_id=couple_id)


def _page(couple_id: str, copy: Copy, chosen: ChooseForm, *, own_words: bool = True) -> ProgressPage:
    first, last = cast("date", chosen.first.data), cast("date", chosen.last.data)
    return progress_page(scope(), couple_id, copy, first=first, last=last, own_words=own_words)


def _kept_or_printed(couple_id: str, copy: Copy, form: WordsForm, chosen: ChooseForm) -> Any:
    # A paragraph that was left as it is goes on following the numbers.
    typed = (form.summary.data or "").strip()
    made = "\n\n".join(_page(couple_id, copy, chosen, own_words=False).in_short).strip()
    own = "" if typed == made else typed
    keep_words(scope(), couple_id, copy, summary=own, comment=form.comment.data or "")
    page = _page(couple_id, copy, chosen)
    if request.form.get("go") != "download":
        scope().commit()
        flash(_("Saved."), "done")
        return redirect(_again(couple_id), 303)
    note_made(scope(), couple_id, copy, number=page.paper.number)
    scope().commit()
    return _printed(page, couple_id)


def _printed(page: ProgressPage, couple_id: str) -> Any:
    try:
        printed = press().progress(page)
    except PdfFailed as problem:
        flash(_trouble(problem), "warn")
        return redirect(_again(couple_id), 303)
    response = make_response(printed.pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{page.paper.file_name}"'
    return response


def _again(couple_id: str) -> str:
    chosen: dict[str, Any] = request.args.to_dict()
    return url_for(".progress", couple_id=couple_id, **chosen)


def _trouble(problem: PdfFailed) -> str:
    if isinstance(problem, PdfTooLong):
        return _("This report is too long to print. Please choose a shorter time.")
    if isinstance(problem, PdfTimedOut):
        return _("Printing took too long and was stopped. Your words are saved. Please try again.")
    return _("The report could not be printed. Your words are saved. Please try again.")


def press() -> Press:
    """Return the portal's press. Raises Refused where the portal has none."""
    found = portal().parts.get(PRESS)
    if not isinstance(found, Press):
        raise Refused("this portal prints nothing")
    return found
