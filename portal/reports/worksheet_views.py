"""Worksheets to print: of the library for therapists, of an assignment for its therapist and for whoever it asks."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _

from portal.access.policy import Permission, Refused
from portal.access.viewer import Seat
from portal.exercises.forms import ConfirmForm
from portal.kit.pdf import PdfFailed
from portal.reports.base import Copy
from portal.reports.room import room
from portal.reports.views import press
from portal.reports.words import note_made
from portal.reports.worksheet import KIND, NothingToPrint, Wanted, gather, of_library
from portal.reports.worksheets.page import WorksheetPage
from portal.web.current import couple_id as own_couple
from portal.web.current import scope, seat
from portal.web.room import For


@room.page("/t/<assignment_id>/worksheet", permission=Permission.DO_HOMEWORK, audience=For.PARTNER)
def own_worksheet(assignment_id: str) -> Any:
    """Download an exercise as a blank sheet to write on."""
    copy = Copy.PARTNER_A if seat() is Seat.A else Copy.PARTNER_B
    wanted = Wanted(couple_id=own_couple(), copy=copy, assignment_id=assignment_id)
    return _printed(lambda: gather(scope(), wanted), url_for("exercises.task", assignment_id=assignment_id))


@room.page("/library/<slug>/worksheet", permission=Permission.BROWSE_LIBRARY, audience=For.THERAPIST)
def library_worksheet(slug: str) -> Any:
    """Download an exercise of the library as a blank sheet, in one of its languages."""
    language = request.args.get("language")
    back = url_for("exercises.library_item", slug=slug, language=language)
    return _printed(lambda: of_library(scope(), slug, language=language), back)


@room.page(
    "/couples/<couple_id>/reports/worksheet/<assignment_id>",
    permission=Permission.REPORT,
    audience=For.THERAPIST,
    methods=("POST",),
)
def worksheet(couple_id: str, assignment_id: str) -> Any:
    """Download the worksheet of an assignment for one of the two, and write down that it was made."""
    scope().require(Permission.REPORT, couple_id=couple_id)
    back = url_for("exercises.review", assignment_id=assignment_id)
    copies = {each.value: each for each in (Copy.PARTNER_A, Copy.PARTNER_B)}
    copy = copies.get(request.form.get("copy", ""))
    if copy is None or not ConfirmForm().validate():
        return redirect(back, 303)
    wanted = Wanted(couple_id=couple_id, copy=copy, assignment_id=assignment_id)
    return _printed(lambda: gather(scope(), wanted), back, noted=wanted)


def _printed(gathered: Callable[[], WorksheetPage], back: str, *, noted: Wanted | None = None) -> Any:
    try:
        page = gathered()
        printed = press().worksheet(page)
    except NothingToPrint:
        raise Refused("nothing to print") from None
    except PdfFailed:
        flash(_("The worksheet could not be made. Please try again."), "warn")
        return redirect(back, 303)
    if noted is not None:
        note_made(scope(), noted.couple_id, noted.copy, number=page.paper.number, kind=KIND)
        scope().commit()
    response = make_response(printed.pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{page.paper.file_name}"'
    return response
