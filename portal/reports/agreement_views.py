"""The printed copy of a text that both signed: for either of them, and for their therapist."""

from typing import Any

from flask import flash, make_response, redirect, url_for
from flask_babel import gettext as _

from portal.access.policy import Permission, Refused
from portal.access.viewer import Seat
from portal.exercises.forms import ConfirmForm
from portal.kit.pdf import PdfFailed
from portal.reports.agreement import KIND, NothingSigned, Wanted, gather
from portal.reports.base import Copy
from portal.reports.room import room
from portal.reports.views import press
from portal.reports.words import note_made
from portal.web.current import couple_id as own_couple
from portal.web.current import scope, seat
from portal.web.room import For


@room.page("/t/<assignment_id>/copy", permission=Permission.DO_HOMEWORK, audience=For.PARTNER)
def agreement_copy(assignment_id: str) -> Any:
    """Download the text that both signed."""
    copy = Copy.PARTNER_A if seat() is Seat.A else Copy.PARTNER_B
    wanted = Wanted(couple_id=own_couple(), copy=copy, assignment_id=assignment_id)
    return _printed(wanted, url_for("exercises.task", assignment_id=assignment_id))


@room.page(
    "/couples/<couple_id>/reports/agreement/<assignment_id>",
    permission=Permission.REPORT,
    audience=For.THERAPIST,
    methods=("POST",),
)
def agreement(couple_id: str, assignment_id: str) -> Any:
    """Download the text that both signed, and write down that a copy was made."""
    scope().require(Permission.REPORT, couple_id=couple_id)
    back = url_for("exercises.review", assignment_id=assignment_id)
    if not ConfirmForm().validate():
        return redirect(back, 303)
    wanted = Wanted(couple_id=couple_id, copy=Copy.JOINT, assignment_id=assignment_id)
    return _printed(wanted, back, noted=True)


def _printed(wanted: Wanted, back: str, *, noted: bool = False) -> Any:
    try:
        page = gather(scope(), wanted)
        printed = press().agreement(page)
    except NothingSigned:
        raise Refused("nothing to print") from None
    except PdfFailed:
        flash(_("The copy could not be made. Please try again."), "warn")
        return redirect(back, 303)
    if noted:
        note_made(scope(), wanted.couple_id, wanted.copy, number=page.paper.number, kind=KIND)
        scope().commit()
    response = make_response(printed.pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{page.paper.file_name}"'
    return response
