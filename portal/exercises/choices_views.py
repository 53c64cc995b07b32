"""A partner's page for taking back all that they chose in an overlap."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.access.policy import Refused
from portal.exercises import commands
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.partner_room import has_ended, names_at_hand, page, task_at_hand
from portal.web.current import scope
from portal.web.render import render
from portal.web.translate import _


@page("/t/<assignment_id>/choices/back", methods=("GET", "POST"))
def withdraw_choices(assignment_id: str) -> Any:
    """Ask once more, then take back everything; possible at any time, also once the exercise has ended."""
    found, form = task_at_hand(assignment_id), ConfirmForm()
    if MechanicName.OVERLAP not in found.exercise.mechanics:
        raise Refused("no choices to take back")
    back = url_for("home.today") if has_ended(found) else url_for(".task", assignment_id=assignment_id)
    if request.method != "POST" or not form.validate():
        return render(
            "exercises/partner/withdraw_choices.html", task=found, form=form, names=names_at_hand(), back=back
        )
    commands.withdraw_choices(scope(), found)
    scope().commit()
    flash(_("Your choices are taken back."), "done")
    return redirect(back, 303)
