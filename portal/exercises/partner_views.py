"""A partner's pages: an exercise from its introduction to what is open to both."""

from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission, Refused
from portal.access.viewer import Seat
from portal.exercises import commands, partner_pages, queries
from portal.exercises.forms import (
    ConfirmForm,
    ReactForm,
    delivery_in,
    draw,
    place_of,
    send_form,
    typed_in,
    walk,
)
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.queries import Task
from portal.exercises.room import room
from portal.people.couple_queries import circle
from portal.questionnaires.model import Page
from portal.web.current import person, scope, seat, today
from portal.web.render import render
from portal.web.room import For
from portal.web.visibility import Names

page = partial(room.page, permission=Permission.DO_HOMEWORK, audience=For.PARTNER)


def _task(assignment_id: str) -> Task:
    return queries.my_task(scope(), assignment_id, seat=seat(), today=today())


def _names() -> Names:
    people = circle(scope())
    other = people.at(seat().other)
    return Names(partner=other.first_name, therapist=people.therapist)


def _page(task: Task, place: int) -> tuple[Page, int, int]:
    """Return a page of the walk with its place in it; a page that isn't asked is not there."""
    pages = walk(task.exercise, queries.my_values(scope(), task))
    for number, each in enumerate(pages, start=1):
        if place_of(task.exercise, each.key) == place:
            return each, number, len(pages)
    raise Refused("not a page that is asked")


def _ended(task: Task) -> bool:
    return task.assignment.state != AssignmentState.OPEN


@page("/t/<assignment_id>")
def task(assignment_id: str) -> Any:
    """Show the introduction, or the log of a tracker."""
    found = _task(assignment_id)
    if _ended(found):
        return render("exercises/partner/ended.html", task=found)
    if found.is_tracker:
        return render(
            "exercises/partner/log.html", **partner_pages.log(scope(), found, _names(), today=today())
        )
    if found.state is ResponseState.SENT and not request.args.get("again"):
        return redirect(url_for(".sent", assignment_id=assignment_id), 303)
    return render("exercises/partner/intro.html", **partner_pages.intro(scope(), found, _names()))


@page("/t/<assignment_id>/begin", methods=("POST",))
def begin(assignment_id: str) -> Answered:
    """Start a round, or go on where it was left."""
    found = _task(assignment_id)
    try:
        commands.begin(scope(), found)
    except commands.TooLate:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    pages = walk(found.exercise, queries.my_values(scope(), found))
    scope().commit()
    return redirect(
        url_for(".step", assignment_id=assignment_id, place=place_of(found.exercise, pages[0].key)), 303
    )


@page("/t/<assignment_id>/p/<int:place>", methods=("GET", "POST"))
def step(assignment_id: str, place: int) -> Any:
    """Ask one page of an exercise and keep what is answered."""
    found = _task(assignment_id)
    if _ended(found):
        return _ended_while_writing(found)
    asked, number, total = _page(found, place)
    names, values = _names(), queries.my_values(scope(), found)
    later = request.form.get("go") == "later"
    drawn = draw(found.exercise, asked, values, names, lists=found.assignment.lists_open, demand=not later)
    form = drawn.form(values)
    if request.method == "POST":
        valid = form.validate()
        answer = _keep(found, drawn, form)
        if answer is not None:
            return answer
        scope().commit()
        if valid:
            return redirect(_after(_task(assignment_id), asked.key, later=later), 303)
    context = partner_pages.step(scope(), found, drawn, form, names, place=(number, total))
    return render("exercises/partner/step.html", **context), 422 if form.errors else 200


def _keep(found: Task, drawn: Any, form: Any) -> Any:
    """Keep what was typed on a page; return the page about a conflict if another tab was quicker."""
    replace = request.form.get("go") == "mine"
    try:
        commands.keep_draft(scope(), found, typed_in(drawn, form), revision=_revision(), replace=replace)
    except commands.Conflict as conflict:
        context = partner_pages.conflict(found, drawn, conflict, form)
        return render("exercises/partner/conflict.html", **context), 409
    except commands.TooLate:
        return _ended_while_writing(found)
    return None


def _revision() -> int | None:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


def _after(found: Task, key: str, *, later: bool) -> str:
    if later:
        flash(_("Your draft is saved."), "done")
        return url_for("home.today")
    if request.args.get("then") == "check":
        return url_for(".check", assignment_id=found.assignment.id)
    keys = [each.key for each in walk(found.exercise, queries.my_values(scope(), found))]
    following = keys[keys.index(key) + 1 :] if key in keys else keys[:1]
    if following:
        return url_for(
            ".step", assignment_id=found.assignment.id, place=place_of(found.exercise, following[0])
        )
    return url_for(".check", assignment_id=found.assignment.id)


def _ended_while_writing(found: Task) -> Any:
    typed = {name: values for name, values in request.form.lists() if found.exercise.form.item(name)}
    return render("exercises/partner/ended.html", task=found, typed=typed), 409 if typed else 200


@page("/t/<assignment_id>/p/<int:place>/draft", methods=("POST",))
def autosave(assignment_id: str, place: int) -> Any:
    """Keep a draft while it is being typed; answers with the state of the draft only."""
    found = _task(assignment_id)
    asked, _number, _total = _page(found, place)
    values = queries.my_values(scope(), found)
    drawn = draw(found.exercise, asked, values, _names(), lists=found.assignment.lists_open, demand=False)
    form = drawn.form(values)
    form.validate()
    try:
        kept = commands.keep_draft(scope(), found, typed_in(drawn, form), revision=_revision())
    except (commands.Conflict, commands.TooLate):
        return "", 409
    scope().commit()
    return render(
        "exercises/partner/draft_saved.html", saved=not kept.errors, now=scope().now, revision=kept.revision
    )


@page("/t/<assignment_id>/check")
def check(assignment_id: str) -> Any:
    """Show all answers before they are sent, each with who will see it."""
    found = _task(assignment_id)
    if _ended(found):
        return _ended_while_writing(found)
    if found.response is None:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    context = partner_pages.check(scope(), found, _names(), send_form(found.exercise))
    return render("exercises/partner/check.html", **context)


@page("/t/<assignment_id>/send", methods=("POST",))
def send(assignment_id: str) -> Any:
    """Send the draft; sending the same page twice counts once."""
    found = _task(assignment_id)
    form = send_form(found.exercise)
    if not form.validate():
        return render(
            "exercises/partner/check.html", **partner_pages.check(scope(), found, _names(), form)
        ), 422
    delivery = delivery_in(form, found.exercise, person().time_zone)
    try:
        commands.send(scope(), found, once_key=form.once_key.data, delivery=delivery)
    except commands.Incomplete as missing:
        context = partner_pages.check(scope(), found, _names(), form, missing=missing.errors)
        return render("exercises/partner/check.html", **context), 422
    except commands.TooLate:
        return _ended_while_writing(found)
    scope().commit()
    return redirect(url_for(".sent", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/sent")
def sent(assignment_id: str) -> Any:
    """Say that it was sent, who sees it, and what comes next."""
    found = _task(assignment_id)
    if found.state is not ResponseState.SENT:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    return render("exercises/partner/sent.html", **partner_pages.sent(scope(), found, _names()))


@page("/t/<assignment_id>/take-back", methods=("POST",))
def take_back(assignment_id: str) -> Answered:
    """Turn what was sent back into a draft."""
    found = _task(assignment_id)
    if not ConfirmForm().validate():
        abort(400)
    try:
        commands.take_back(scope(), found)
    except commands.TooLate:
        flash(_("This can no longer be taken back. You can talk about it with your therapist."), "warn")
        return redirect(url_for(".sent", assignment_id=assignment_id), 303)
    scope().commit()
    flash(_("It is a draft again. Only you can see it."), "done")
    return redirect(url_for(".check", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/leave-out", methods=("GET", "POST"))
def leave_out(assignment_id: str) -> Any:
    """Leave an exercise out this time, without a reason."""
    found = _task(assignment_id)
    form = ConfirmForm()
    if request.method == "GET" or not form.validate():
        return render("exercises/partner/leave_out.html", task=found, form=form, names=_names())
    try:
        commands.decline(scope(), found)
    except commands.TooLate:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    scope().commit()
    flash(_("That is fine. It is off your list for now."), "done")
    return redirect(url_for("home.today"), 303)


@page("/t/<assignment_id>/log", methods=("POST",))
def log(assignment_id: str) -> Any:
    """Take a quick log for today or this week."""
    found = _task(assignment_id)
    if _ended(found):
        return _ended_while_writing(found)
    names = _names()
    drawn, form = partner_pages.log_form(found, {}, names)
    if not form.validate():
        context = partner_pages.log(scope(), found, names, today=today(), form=form)
        return render("exercises/partner/log.html", **context), 422
    commands.log(scope(), found, drawn.answers_in(form), once_key=form.once_key.data)
    scope().commit()
    flash(_("Saved."), "done")
    return redirect(url_for(".task", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/open")
def opened(assignment_id: str) -> Any:
    """Show what is open to this partner: both answers, a letter, the overlap, the therapist's words."""
    context = partner_pages.opened(scope(), assignment_id, _names(), me=person().viewer.account_id)
    return render("exercises/partner/opened.html", **context, seat=seat(), other_seat=_other())


def _other() -> Seat:
    return seat().other


@page("/t/<assignment_id>/answer/<response_id>", methods=("POST",))
def react(assignment_id: str, response_id: str) -> Answered:
    """Answer a letter with one of its guided choices."""
    choice = ReactForm().choice.data
    if choice:
        commands.react(scope(), response_id, choice, assignment_id=assignment_id)
        scope().commit()
        flash(_("Your answer is sent."), "done")
    return redirect(url_for(".opened", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/share/<answer_id>", methods=("GET", "POST"))
def share(assignment_id: str, answer_id: str) -> Any:
    """Let the partner read one answer, after a page that says what this means."""
    form = ConfirmForm()
    context = partner_pages.share(scope(), assignment_id, answer_id, _names())
    if request.method == "GET" or not form.validate():
        return render("exercises/partner/share.html", form=form, **context)
    commands.share(scope(), answer_id)
    scope().commit()
    flash(_("It is shared."), "done")
    return redirect(url_for(".sent", assignment_id=assignment_id), 303)
