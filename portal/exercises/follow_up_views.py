"""A letter writer's own page about the day on which they wanted to ask how it is now."""

from typing import Any

from flask import abort, flash, redirect, request, url_for

from portal.access.policy import Refused
from portal.exercises import follow_ups, queries
from portal.exercises.forms import ConfirmForm
from portal.exercises.letter_words import letter_sent
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.letter import LetterSpec, follow_up_day
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import has_ended, names_at_hand, page, task_at_hand
from portal.exercises.queries import Task
from portal.web.current import scope
from portal.web.render import day, render
from portal.web.translate import _

PUT_OFF = "later"
"""The button that asks for another week."""


@page("/t/<assignment_id>/ask", methods=("GET", "POST"))
def follow_up(assignment_id: str) -> Any:
    """Show a partner their own letter and the day they named in it; let them note that they asked, or put it off."""
    found = task_at_hand(assignment_id)
    spec = found.exercise.spec(LetterSpec)
    if spec is None:
        raise Refused("holds no letter")
    letter = _letter(found, request.values.get("round", ""))
    if letter is None:
        # It was done from another page, or taken back since.
        return redirect(url_for("home.today"), 303)
    if request.method != "POST":
        return render("exercises/partner/follow_up.html", **_shown(found, letter, spec))
    if not ConfirmForm().validate():
        abort(400)
    if request.form.get("go") == PUT_OFF:
        again = follow_ups.put_off(scope(), found, letter.period)
        said = _("You will find it here again on %(day)s.", day=day(again))
    else:
        follow_ups.has_asked(scope(), found, letter.period)
        said = _("It is off your list.")
    scope().commit()
    flash(said, "done")
    return redirect(url_for("home.today"), 303)


def _letter(found: Task, period: str) -> Task | None:
    """Return the round with the letter that names a day, while that is still open."""
    response = queries.letter_asking_again(scope(), found, period or found.period)
    if response is None:
        return None
    return queries.aside(scope(), found, MechanicName.LETTER, period=response.period)


def _shown(found: Task, letter: Task, spec: LetterSpec) -> dict[str, Any]:
    values = queries.my_sent_values(scope(), letter)
    is_new = not has_ended(found) and found.period != letter.period and found.state is not ResponseState.SENT
    return {
        "task": letter,
        "letter": letter_sent(spec, values),
        "named": follow_up_day(spec, values),
        "has_arrived": queries.letter_has_arrived(scope(), letter),
        "next_url": url_for(".task", assignment_id=found.assignment.id) if is_new else None,
        "form": ConfirmForm(),
        "names": names_at_hand(),
    }
