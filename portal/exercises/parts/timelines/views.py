"""A partner's pages of a timeline: their years, one event, the questions, reading it over, and both in one drawing."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Refused
from portal.exercises import commands as exercise_commands
from portal.exercises import queries as exercise_queries
from portal.exercises.commands import Incomplete, TooLate
from portal.exercises.forms import ConfirmForm, SendForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.story import free_number
from portal.exercises.mechanics.timeline_model import LINE
from portal.exercises.partner_room import Over, has_ended, names_at_hand, page, task_at_hand
from portal.exercises.parts.timelines import commands, pages, queries
from portal.exercises.parts.timelines.commands import Clash
from portal.exercises.parts.timelines.forms import (
    Piece,
    event_piece,
    line_piece,
    marked,
    questions_piece,
    start_piece,
)
from portal.exercises.queries import Task
from portal.questionnaires.model import Answers
from portal.web.current import scope, seat, today
from portal.web.render import render
from portal.web.translate import _

Make = Callable[[Task, Answers], Piece]
Follow = Callable[[Task], str]
EVENT_BUTTON = "event-"


def _task(assignment_id: str) -> Task:
    found = task_at_hand(assignment_id)
    if MechanicName.TIMELINE not in found.exercise.mechanics:
        raise Refused("not a timeline")
    return found


def _open_task(assignment_id: str) -> Task:
    """Return a task in which a partner may still write."""
    found = _task(assignment_id)
    entries = queries.told(scope(), found.assignment, queries.spec_of(found.exercise))
    if has_ended(found) or queries.is_open(scope(), entries, found.period):
        raise Over(found)
    return found


def _draft(task: Task) -> Answers:
    return exercise_queries.my_values(scope(), queries.whole(scope(), task))


def _address(task: Task, of: str = ".years", **more: Any) -> str:
    return url_for(of, assignment_id=task.assignment.id, **more)


def _years(task: Task, draft: Answers) -> Piece:
    """Return the line, or the first year as long as that isn't known."""
    year = today().year
    return line_piece(task, draft, this_year=year) or start_piece(task, draft, this_year=year)


def _start(task: Task, draft: Answers) -> Piece:
    return start_piece(task, draft, this_year=today().year)


def _event(number: int) -> Make:
    def make(task: Task, draft: Answers) -> Piece:
        if not 1 <= number <= queries.spec_of(task.exercise).events_max:
            raise Refused("no such number")
        return event_piece(task, draft, number, this_year=today().year)

    return make


@page("/t/<assignment_id>/years")
def years(assignment_id: str) -> Any:
    """Show a partner's own years to work on, or what they sent, or both in one drawing."""
    found = _task(assignment_id)
    if pages.is_told(scope(), found, again=bool(request.args.get("again"))):
        return render("exercises/timelines/told.html", **pages.standing(scope(), found, names_at_hand()))
    if has_ended(found):
        raise Over(found)
    return _shown(found, _years(found, _draft(found)))


def _shown(found: Task, piece: Piece) -> str:
    names = names_at_hand()
    drawn = piece.drawn(names, demand=False)
    return _page(found, piece, drawn, drawn.form(piece.shown))


def _page(found: Task, piece: Piece, drawn: Any, form: Any) -> str:
    names = names_at_hand()
    if piece.page.key == LINE:
        context = pages.editor(found, piece, drawn, form, names, seat=seat())
        return render("exercises/timelines/line.html", **context)
    context = pages.piece_page(found, piece, drawn, form, names)
    return render(f"exercises/timelines/{pages.TEMPLATES[piece.page.key]}.html", **context)


def _take(found: Task, make: Make, follow: Follow, *, demand: bool = True) -> Any:
    """Keep what was typed in a piece and go on; or show it again with what is wrong, or with another window's."""
    piece = make(found, _draft(found))
    drawn = piece.drawn(names_at_hand(), demand=demand)
    form = drawn.form(piece.shown)
    valid = form.validate()
    replace = request.form.get("go") == "mine"
    try:
        commands.keep(scope(), found, piece.typed(drawn, form), mark=marked(request.form), replace=replace)
    except Clash as clash:
        context = pages.clash(found, piece, drawn, form, theirs=clash.theirs, mark=clash.mark)
        return render("exercises/partner/conflict.html", **context), 409
    except TooLate:
        raise Over(found) from None
    address = follow(found) if valid else ""
    scope().commit()
    return redirect(address, 303) if valid else (_page(found, make(found, _draft(found)), drawn, form), 422)


def _autosave(found: Task, make: Make) -> Any:
    """Keep what is being typed in a piece; answers with the state of the draft only."""
    piece = make(found, _draft(found))
    drawn = piece.drawn(names_at_hand(), demand=False)
    form = drawn.form(piece.shown)
    saved = form.validate()
    try:
        mark = commands.keep(scope(), found, piece.typed(drawn, form), mark=marked(request.form))
    except (Clash, TooLate):
        return "", 409
    scope().commit()
    return render("exercises/partner/draft_saved.html", saved=saved, now=scope().now, revision=mark)


def _after_years(found: Task) -> str:
    """Return where the button leads that was pressed on the page of years."""
    go = request.form.get("go", "")
    if go == "later":
        flash(_("Your draft is saved."), "done")
        return url_for("home.today")
    if go == "event":
        number = free_number(queries.spec_of(found.exercise), _draft(found))
        return _address(found, again=1) if number is None else _address(found, ".year_event", number=number)
    if go.startswith(EVENT_BUTTON) and go.removeprefix(EVENT_BUTTON).isdecimal():
        return _address(found, ".year_event", number=int(go.removeprefix(EVENT_BUTTON)))
    return {
        "start": _address(found, ".year_start"),
        "stay": _address(found, again=1),
    }.get(go, _address(found, ".year_questions"))


def _back_to_years(found: Task) -> str:
    return _address(found, again=1)


@page("/t/<assignment_id>/years", methods=("POST",))
def keep_years(assignment_id: str) -> Any:
    """Keep the line, or the first year, and go where the pressed button leads."""
    found = _open_task(assignment_id)
    first = line_piece(found, _draft(found), this_year=today().year) is None
    leaves = request.form.get("go") != "on"
    return _take(found, _years, _back_to_years if first else _after_years, demand=first or not leaves)


@page("/t/<assignment_id>/years/draft", methods=("POST",))
def autosave_years(assignment_id: str) -> Any:
    """Keep the line while it is being drawn."""
    return _quietly(assignment_id, _years)


def _quietly(assignment_id: str, make: Make) -> Any:
    try:
        return _autosave(_open_task(assignment_id), make)
    except Over:
        return "", 409


@page("/t/<assignment_id>/years/start", methods=("GET", "POST"))
def year_start(assignment_id: str) -> Any:
    """Change the first year."""
    found = _open_task(assignment_id)
    if request.method != "POST":
        return _shown(found, _start(found, _draft(found)))
    return _take(found, _start, _back_to_years)


@page("/t/<assignment_id>/years/<int:number>", methods=("GET", "POST"))
def year_event(assignment_id: str, number: int) -> Any:
    """Tell of one event, change it, or take it out."""
    found, make = _open_task(assignment_id), _event(number)
    piece = make(found, _draft(found))
    if request.method != "POST":
        return _shown(found, piece)
    if request.form.get("go") == "remove":
        return _remove(found, piece)
    return _take(found, _event(_place_for(found, number)), _back_to_years)


def _place_for(found: Task, number: int) -> int:
    """Return where an event goes: to its number, or to a free one if another window has filled that meanwhile."""
    draft = _draft(found)
    piece = _event(number)(found, draft)
    empty = _event(number)(found, {})
    taken = marked(request.form) == empty.mark != piece.mark
    return (free_number(queries.spec_of(found.exercise), draft) or number) if taken else number


def _remove(found: Task, piece: Piece) -> Answered:
    if not ConfirmForm().validate():
        abort(400)
    commands.keep(scope(), found, {piece.keys[0]: None}, mark=None)
    scope().commit()
    flash(_("The event is taken out."), "done")
    return redirect(_back_to_years(found), 303)


@page("/t/<assignment_id>/years/<int:number>/draft", methods=("POST",))
def autosave_event(assignment_id: str, number: int) -> Any:
    """Keep an event while it is being written."""
    return _quietly(assignment_id, _event(number))


@page("/t/<assignment_id>/years/questions", methods=("GET", "POST"))
def year_questions(assignment_id: str) -> Any:
    """Answer the questions beside the years."""
    found = _open_task(assignment_id)
    if request.method != "POST":
        return _shown(found, questions_piece(found, _draft(found)))
    later = request.form.get("go") == "later"
    return _take(found, questions_piece, _after_years if later else _to_check)


def _to_check(found: Task) -> str:
    return _address(found, ".check_years")


@page("/t/<assignment_id>/years/questions/draft", methods=("POST",))
def autosave_questions(assignment_id: str) -> Any:
    """Keep the answers while they are being written."""
    return _quietly(assignment_id, questions_piece)


@page("/t/<assignment_id>/years/check")
def check_years(assignment_id: str) -> str:
    """Show everything before it is sent."""
    found = _open_task(assignment_id)
    context = pages.check(scope(), found, names_at_hand(), SendForm())
    return render("exercises/timelines/check.html", **context)


@page("/t/<assignment_id>/years/send", methods=("POST",))
def send_years(assignment_id: str) -> Any:
    """Send the years; sending the same page twice counts once."""
    found, form = _task(assignment_id), SendForm()
    if not form.validate():
        abort(400)
    try:
        commands.send(scope(), found, once_key=str(form.once_key.data))
    except Incomplete:
        context = pages.check(scope(), found, names_at_hand(), form, missing=True)
        return render("exercises/timelines/check.html", **context), 422
    except TooLate:
        raise Over(found) from None
    scope().commit()
    flash(_("Sent."), "done")
    return redirect(_address(found), 303)


@page("/t/<assignment_id>/years/take-back", methods=("POST",))
def take_back_years(assignment_id: str) -> Answered:
    """Turn what was sent back into a draft, as long as it isn't open."""
    found = _task(assignment_id)
    if not ConfirmForm().validate():
        abort(400)
    try:
        commands.take_back(scope(), found)
    except exercise_commands.TooLate:
        flash(_("This can no longer be taken back. You can talk about it with your therapist."), "warn")
    else:
        scope().commit()
        flash(_("It is a draft again. Only you can see it."), "done")
    return redirect(_address(found), 303)
