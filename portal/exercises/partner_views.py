"""A partner's pages: an exercise from its introduction to what is open to both."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Refused
from portal.exercises import coach_pages, commands, follow_ups, partner_pages, queries
from portal.exercises.forms import (
    ConfirmForm,
    ReactForm,
    SendForm,
    delivery_in,
    draw,
    pages_asked,
    place_of,
    send_form,
    typed_in,
)
from portal.exercises.further import further_links
from portal.exercises.log_views import log_page
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.safety_items import asks_about_safety
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import (
    Over,
    ask_whether_alone,
    has_ended,
    names_at_hand,
    page,
    sit_down,
    task_at_hand,
    walk_named,
)
from portal.exercises.parts import PARTS
from portal.exercises.parts.base import Part
from portal.exercises.queries import Task
from portal.questionnaires.drawing import say_error
from portal.questionnaires.model import Page
from portal.web.current import now, person, scope, seat
from portal.web.render import render

BEGUN = frozenset({ResponseState.DRAFT, ResponseState.SENT})


def _walk(assignment_id: str) -> Task:
    """Return the walk that the address names, for a reader who has said that they are alone where that is asked."""
    found = _walk_named(assignment_id)
    ask_whether_alone(found)
    return found


def _walk_named(assignment_id: str) -> Task:
    """Return the walk that the address names: the exercise's own, or one that begins on a part's page."""
    task, named = task_at_hand(assignment_id), walk_named()
    if named is None:
        if task.exercise.is_placed:
            raise Refused("nothing is walked but from its page")
        if request.method == "GET" and queries.is_open_to_both(scope(), task):
            raise Over(task)
        return _running(task)
    part = _part_named(task, named[0])
    _running(task)
    form = part.walk(scope(), task, named[1]) if part.is_ready(scope(), task) else None
    if form is None:
        raise Over(task)
    return queries.aside(scope(), task, part.mechanic, period=named[1], form=form)


def _sendable(assignment_id: str) -> Task:
    """Return a walk that ends with sending; the other kind stays its writer's."""
    found = _walk(assignment_id)
    if partner_pages.is_kept(found):
        raise Refused("kept, and never sent from here")
    return found


def _running(task: Task) -> Task:
    if has_ended(task):
        raise Over(task)
    return task


def _part_named(task: Task, name: str) -> Part:
    part = PARTS.get(MechanicName(name)) if name in set(MechanicName) else None
    if part is None or part.mechanic not in task.exercise.mechanics:
        raise Refused("not a part of it")
    return part


def _page(task: Task, place: int) -> tuple[Page, int, int]:
    """Return a page of the walk with its place in it; a page that isn't asked is not there."""
    pages = pages_asked(task.walk, queries.my_values(scope(), task))
    for number, each in enumerate(pages, start=1):
        if place_of(task.walk, each.key) == place:
            return each, number, len(pages)
    raise Refused("not a page that is asked")


@page("/t/<assignment_id>")
def task(assignment_id: str) -> Any:
    """Show the introduction, the log of a tracker, or the page of its own that an exercise has."""
    found = task_at_hand(assignment_id)
    if found.exercise.is_placed and (found.state in BEGUN or has_ended(found)):
        return redirect(_own_page(found), 303)
    _running(found)
    if found.is_tracker:
        return log_page(found)
    if found.state is ResponseState.SENT and not request.args.get("again"):
        return redirect(url_for(".sent", assignment_id=assignment_id), 303)
    return render("exercises/partner/intro.html", **partner_pages.intro(scope(), found, names_at_hand()))


def _own_page(found: Task) -> str:
    return url_for(PARTS[found.exercise.lead].page, assignment_id=found.assignment.id)


@page("/t/<assignment_id>/begin", methods=("POST",))
def begin(assignment_id: str) -> Answered:
    """Start a round, or go on where it was left."""
    found = task_at_hand(assignment_id)
    if not found.exercise.is_placed and asks_about_safety(found.form):
        return redirect(url_for(".before", assignment_id=assignment_id), 303)
    try:
        commands.begin(scope(), found)
    except commands.TooLate:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    address = _own_page(found) if found.exercise.is_placed else _first_page(found)
    scope().commit()
    return redirect(address, 303)


def _first_page(found: Task) -> str:
    pages = pages_asked(found.walk, queries.my_values(scope(), found))
    return url_for(".step", assignment_id=found.assignment.id, place=place_of(found.walk, pages[0].key))


@page("/t/<assignment_id>/before")
def before(assignment_id: str) -> Any:
    """Ask whether its reader is alone, before the first page of a form that asks about safety. Nothing is kept of it."""
    found = _walk_named(assignment_id)
    if not asks_about_safety(found.form):
        return redirect(_first_page(found), 303)
    sit_down(found)
    return render("exercises/partner/before.html", task=found, first=_first_page(found))


@page("/t/<assignment_id>/p/<int:place>", methods=("GET", "POST"))
def step(assignment_id: str, place: int) -> Any:
    """Ask one page of an exercise and keep what is answered."""
    found = _walk(assignment_id)
    asked, number, total = _page(found, place)
    names, values = names_at_hand(), queries.my_values(scope(), found)
    later, again = request.form.get("go") == "later", coach_pages.asked()
    demand = not later and not again
    drawn = draw(found.walk, asked, values, names, lists=found.assignment.lists_open, demand=demand)
    form = drawn.form(values)
    if request.method == "POST":
        valid = form.validate() and (not demand or _promise_fits(found, drawn, form))
        answer = _keep(found, drawn, form)
        if answer is not None:
            return answer
        if valid:
            address = _after(_walk(assignment_id), asked.key, later=later)
            scope().commit()
            return redirect(address, 303)
        # What was kept may have begun the round: the page has to name the draft's revision as it is now.
        found = _walk(assignment_id)
    context = partner_pages.step(scope(), found, drawn, form, names, place=(number, total))
    if request.method == "POST":
        # Last of all: a question asked after the commit would take SQLite's one lock for writing once more.
        scope().commit()
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
        raise Over(found) from None
    return None


def _promise_fits(found: Task, drawn: Any, form: Any) -> bool:
    """Say whether a day that a letter names can be kept; where it can't, its field says why."""
    errors = follow_ups.errors_in(scope(), found, typed_in(drawn, form))
    for key, error in errors.items():
        form[key].errors = [say_error(form[key].item, error, _)]
    return not errors


def _revision() -> int | None:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


def _after(found: Task, key: str, *, later: bool) -> str:
    if later:
        flash(_("Your draft is saved."), "done")
        return url_for("home.today")
    if coach_pages.asked():
        here, then = place_of(found.walk, key), request.args.get("then")
        return url_for(
            ".step", assignment_id=found.assignment.id, place=here, then=then, **coach_pages.again()
        )
    if partner_pages.is_kept(found):
        flash(_("It is kept."), "done")
        return url_for(PARTS[found.part].page, assignment_id=found.assignment.id)
    if request.args.get("then") == "check":
        return url_for(".check", assignment_id=found.assignment.id)
    keys = [each.key for each in pages_asked(found.walk, queries.my_values(scope(), found))]
    following = keys[keys.index(key) + 1 :] if key in keys else keys[:1]
    if following:
        return url_for(".step", assignment_id=found.assignment.id, place=place_of(found.walk, following[0]))
    return url_for(".check", assignment_id=found.assignment.id)


@page("/t/<assignment_id>/p/<int:place>/draft", methods=("POST",))
def autosave(assignment_id: str, place: int) -> Any:
    """Keep a draft while it is being typed; answers with the state of the draft only."""
    try:
        found = _walk(assignment_id)
    except Over:
        return "", 409
    asked, _number, _total = _page(found, place)
    values = queries.my_values(scope(), found)
    drawn = draw(found.walk, asked, values, names_at_hand(), lists=found.assignment.lists_open, demand=False)
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
    found = _sendable(assignment_id)
    if found.response is None:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    context = partner_pages.check(scope(), found, names_at_hand(), _send_form(found))
    return render("exercises/partner/check.html", **context)


@page("/t/<assignment_id>/send", methods=("POST",))
def send(assignment_id: str) -> Any:
    """Send the draft; sending the same page twice counts once."""
    found = _sendable(assignment_id)
    form = _send_form(found)
    if not form.validate():
        if found.response is not None and found.response.once_key == form.once_key.data:
            # Sent again after the hour had come that it was sent for.
            return redirect(_after_sending(found), 303)
        return render(
            "exercises/partner/check.html", **partner_pages.check(scope(), found, names_at_hand(), form)
        ), 422
    delivery = delivery_in(form, found.walk)
    try:
        commands.send(scope(), found, once_key=form.once_key.data, delivery=delivery)
    except commands.Incomplete as missing:
        context = partner_pages.check(scope(), found, names_at_hand(), form, missing=missing.errors)
        return render("exercises/partner/check.html", **context), 422
    except commands.TooLate:
        raise Over(found) from None
    if found.is_aside:
        PARTS[found.part].after_send(scope(), found)
        flash(_("Sent."), "done")
    address = _after_sending(found)
    scope().commit()
    return redirect(address, 303)


def _send_form(found: Task) -> SendForm:
    return send_form(found.walk, now=now(), zone=person().time_zone)


def _after_sending(found: Task) -> str:
    page_of = PARTS[found.part].page if found.is_aside else ".sent"
    return url_for(page_of, assignment_id=found.assignment.id)


@page("/t/<assignment_id>/sent")
def sent(assignment_id: str) -> Any:
    """Say that it was sent, who sees it, and what comes next."""
    found = task_at_hand(assignment_id)
    if found.state is not ResponseState.SENT:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    if found.exercise.is_placed:
        return redirect(_own_page(found), 303)
    context = partner_pages.sent(scope(), found, names_at_hand())
    return render("exercises/partner/sent.html", **context, further=further_links(scope(), found))


@page("/t/<assignment_id>/take-back", methods=("POST",))
def take_back(assignment_id: str) -> Answered:
    """Turn what was sent back into a draft."""
    found = task_at_hand(assignment_id)
    if not ConfirmForm().validate():
        abort(400)
    try:
        commands.take_back(scope(), found)
    except commands.TooLate:
        flash(_("This can no longer be taken back. You can talk about it with your therapist."), "warn")
        return redirect(url_for(".sent", assignment_id=assignment_id), 303)
    scope().commit()
    flash(_("It is a draft again. Only you can see it."), "done")
    if has_ended(found):
        # A letter that was never delivered is its writer's to take back, also once there is nothing more to send.
        return redirect(url_for("home.today"), 303)
    return redirect(url_for(".check", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/leave-out", methods=("GET", "POST"))
def leave_out(assignment_id: str) -> Any:
    """Leave an exercise out this time, without a reason."""
    found = task_at_hand(assignment_id)
    context = partner_pages.leaving_out(scope(), found, names_at_hand())
    if request.method != "POST" or not context["form"].validate():
        return render("exercises/partner/leave_out.html", **context)
    try:
        commands.decline(scope(), found)
    except commands.TooLate:
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    for name in found.exercise.mechanics:
        if name in PARTS:
            PARTS[name].after_leaving(scope(), found)
    scope().commit()
    flash(_("That is fine. It is off your list for now."), "done")
    return redirect(url_for("home.today"), 303)


@page("/t/<assignment_id>/open")
def opened(assignment_id: str) -> Any:
    """Show what is open to this partner: both answers, a letter, the overlap, the therapist's words."""
    try:
        context = partner_pages.opened(scope(), assignment_id, names_at_hand(), me=person().viewer.account_id)
    except Refused:
        # What was open when the link was made may have been taken back or have run out since.
        task_at_hand(assignment_id)
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    found = task_at_hand(assignment_id) if queries.asks(context["assignment"], seat()) else None
    further = further_links(scope(), found) if found is not None else []
    if found is not None and found.exercise.is_placed:
        further.insert(0, (PARTS[found.part].words(), _own_page(found)))
    return render(
        "exercises/partner/opened.html", **context, seat=seat(), other_seat=seat().other, further=further
    )


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
    context = partner_pages.share(scope(), assignment_id, answer_id, names_at_hand())
    if request.method != "POST" or not form.validate():
        return render("exercises/partner/share.html", form=form, **context)
    commands.share(scope(), answer_id)
    scope().commit()
    flash(_("It is shared."), "done")
    return redirect(url_for(".sent", assignment_id=assignment_id), 303)
