"""The page of a quick log, where it leads an exercise and where it is a further part of it."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.exercises import commands, log_pages
from portal.exercises.forms import ConfirmForm
from portal.exercises.further import further_links
from portal.exercises.mechanics import tracker
from portal.exercises.partner_room import Over, has_ended, names_at_hand, page, task_at_hand
from portal.exercises.parts.plans.commands import note_weekly_time
from portal.exercises.queries import Task
from portal.web.current import scope, seat, today
from portal.web.render import render
from portal.web.translate import _

MOST_DIGITS = 4


def log_page(found: Task, form: Any = None) -> str:
    """Return the page of a log."""
    habit = _habit(found)
    minutes = _minutes() if form is None else None
    context = log_pages.log(scope(), habit, names_at_hand(), today=today(), form=form, minutes=minutes)
    return render(
        "exercises/partner/log.html",
        **context,
        seat=seat(),
        further=_further(found),
        confirm_form=ConfirmForm(),
    )


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
    habit = _habit(found)
    if log_pages.taken_from(scope(), habit) == ():
        raise Over(found)
    drawn, form = log_pages.log_form(habit, {}, names_at_hand())
    if not form.validate():
        return log_page(found, form), 422
    answers = drawn.answers_in(form)
    commands.log(scope(), habit, answers, once_key=form.once_key.data)
    if tracker.is_done(log_pages.spec_of(habit), answers):
        note_weekly_time(scope(), habit, tracker.first_day(habit.period))
    scope().commit()
    flash(_said(found, habit), "done")
    return redirect(_address(found), 303)


def _habit(found: Task) -> Task:
    """Return the round that a page is about: the one that it was made for, or that of today."""
    return log_pages.habit_shown(scope(), found, request.form.get("round", ""), today=today())


def _said(found: Task, habit: Task) -> str:
    if habit.period == log_pages.habit_of(scope(), found, today=today()).period:
        return _("Saved.")
    return _("Saved for last week.") if "W" in habit.period else _("Saved for yesterday.")


@page("/t/<assignment_id>/log/not-now", methods=("POST",))
def log_not_now(assignment_id: str) -> Any:
    """Put away for this week what the reader is asked alone. They can go on logging as before."""
    found = task_at_hand(assignment_id)
    if has_ended(found):
        raise Over(found)
    habit = log_pages.habit_of(scope(), found, today=today())
    asked = log_pages.asked_round(scope(), habit, today=today())
    if asked is not None and ConfirmForm().validate():
        commands.decline(scope(), asked)
        scope().commit()
    return redirect(_address(found), 303)


def _address(found: Task) -> str:
    return url_for(".task" if found.is_tracker else ".log", assignment_id=found.assignment.id)
