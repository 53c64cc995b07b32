"""The page of a quick log, where it leads an exercise and where it is a further part of it."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.exercises import commands, log_pages
from portal.exercises.further import further_links
from portal.exercises.partner_room import Over, has_ended, names_at_hand, page, task_at_hand
from portal.exercises.queries import Task
from portal.web.current import scope, today
from portal.web.render import render
from portal.web.translate import _

MOST_DIGITS = 4


def log_page(found: Task, form: Any = None) -> str:
    """Return the page of a log."""
    habit = log_pages.habit_of(scope(), found, today=today())
    minutes = _minutes() if form is None else None
    context = log_pages.log(scope(), habit, names_at_hand(), today=today(), form=form, minutes=minutes)
    return render("exercises/partner/log.html", **context, further=_further(found))


def _further(found: Task) -> list[tuple[str, str]]:
    here = url_for(".log", assignment_id=found.assignment.id)
    return [each for each in further_links(scope(), found) if each[1] != here]


def _minutes() -> int | None:
    """Return how many minutes a link puts in, for its reader to save or change."""
    sent = request.args.get("minutes", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= MOST_DIGITS else None


@page("/t/<assignment_id>/log", methods=("GET", "POST"))
def log(assignment_id: str) -> Any:
    """Take a quick log for today or this week."""
    found = task_at_hand(assignment_id)
    if has_ended(found):
        raise Over(found)
    if request.method != "POST":
        return redirect(_address(found), 303) if found.is_tracker else log_page(found)
    habit = log_pages.habit_of(scope(), found, today=today())
    if log_pages.taken_from(scope(), habit) == ():
        raise Over(found)
    drawn, form = log_pages.log_form(habit, {}, names_at_hand())
    if not form.validate():
        return log_page(found, form), 422
    commands.log(scope(), habit, drawn.answers_in(form), once_key=form.once_key.data)
    scope().commit()
    flash(_("Saved."), "done")
    return redirect(_address(found), 303)


def _address(found: Task) -> str:
    return url_for(".task" if found.is_tracker else ".log", assignment_id=found.assignment.id)
