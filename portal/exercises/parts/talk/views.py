"""A partner's pages of a talk: what stands now, one move at a time, a look whether anything changed, the end."""

import json
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Refused as NotThere
from portal.exercises import coach_pages
from portal.exercises import commands as exercise_commands
from portal.exercises import queries as exercise_queries
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.talk_model import MovedOn, MoveKind, NotYourTurn, Refused, UnfitText
from portal.exercises.partner_room import has_ended, names_at_hand, page, task_at_hand
from portal.exercises.parts.talk import commands, pages, queries
from portal.exercises.parts.talk.commands import Act
from portal.exercises.parts.talk.forms import ReturnForm, act_in, kind_pressed, move_form, typed_in
from portal.exercises.queries import Task
from portal.web.current import now as moment_now
from portal.web.current import person, scope
from portal.web.render import render
from portal.web.translate import _, _n

SHOWN = "exercises/talk/do.html"
STOP, LATER = "stop", "later"
"""Buttons that make no move: one leads to the page before ending a talk, one to Today. What was typed is kept."""

LOOK = json.dumps({"look": {"target": "#talk-live"}})
"""Has a page look for what is new at once."""


def _task(assignment_id: str) -> Task:
    """Return a partner's task for the round that is asked for: a talk that was begun, or the one to come."""
    found = task_at_hand(assignment_id)
    if MechanicName.DIALOGUE not in found.exercise.mechanics:
        raise NotThere("not a talk")
    wanted = request.values.get("round", "")
    talks = [each.period for each in queries.begun(scope(), assignment_id)]
    period = wanted if wanted in talks else found.period
    if not wanted and found.state is None and talks and period not in talks:
        period = talks[0]
    return exercise_queries.aside(scope(), found, MechanicName.DIALOGUE, period=period)


def _address(task: Task, *, of: str = ".talk", look: bool = False) -> str:
    """Return an address of this talk. The sound that was switched on stays on."""
    sound = request.values.get("sound") or None
    round_ = None if task.assignment.recurrence == "once" else task.period
    return url_for(of, assignment_id=task.assignment.id, round=round_, sound=sound, look=look or None)


@page("/t/<assignment_id>/turns")
def talk(assignment_id: str) -> Any:
    """Show what was said, whose turn it is, and what this partner can do."""
    found = _task(assignment_id)
    context = pages.talk(scope(), found, names_at_hand())
    if found.state is None and not context["turns"] and not has_ended(found):
        return redirect(url_for(".task", assignment_id=assignment_id), 303)
    return render(SHOWN, **context)


@page("/t/<assignment_id>/turns", methods=("POST",))
def make_move(assignment_id: str) -> Any:
    """Make one move, or say kindly why it doesn't fit; what was typed is never lost."""
    found = _task(assignment_id)
    form = move_form(None)
    if not form.validate():
        return render(SHOWN, **pages.talk(scope(), found, names_at_hand(), form=form)), 422
    kind = kind_pressed()
    if kind is None or coach_pages.asked():
        return _only_keep(found, form)
    try:
        commands.act(scope(), found, act_in(form, kind))
    except (Refused, exercise_commands.TooLate) as error:
        return _refused(found, form, error)
    scope().commit()
    return redirect(_address(found), 303)


def _only_keep(found: Task, form: Any) -> Answered:
    """Keep what was typed, and go to the page before ending, back to Today, or to the hints about the words."""
    if form.said.data and not (has_ended(found) and found.response is None):
        commands.put_by(scope(), found, typed_in(form))
    pressed = request.form.get("act", "")
    if pressed == LATER:
        flash(_("Your draft is saved."), "done")
    address = {LATER: url_for("home.today"), STOP: _address(found, of=".end_talk")}.get(pressed)
    scope().commit()
    return redirect(address or _address(found, look=True), 303)


def _refused(found: Task, form: Any, error: Exception) -> Any:
    """Answer a move that doesn't fit: the words are kept for their writer and shown beside what stands now."""
    typed = typed_in(form)
    if typed.words.strip() and not (has_ended(found) and found.response is None):
        commands.put_by(scope(), found, typed)
    unfit = isinstance(error, UnfitText)
    context = pages.talk(scope(), _task(found.assignment.id), names_at_hand())
    if unfit:
        most = context["item"].max_length if context["item"] is not None else 0
        context["form"].said.errors = [_what_is_wrong(typed.words, most)]
    else:
        context["refused"] = _why(error, context)
    page_shown = render(SHOWN, **context)
    scope().commit()
    return page_shown, 422 if unfit else 409


def _what_is_wrong(words: str, most: int) -> str:
    if not words.strip():
        return _("Please write something first")
    return _n("Use up to %(num)s character", "Use up to %(num)s characters", most)


def _why(error: Exception, context: dict[str, Any]) -> str:
    """Return in words why a move was not made, without saying what anybody did."""
    if context["is_closed"]:
        return _("Your therapist has closed this exercise in the meantime.")
    if context["is_over"]:
        return _("The talk had ended when this was sent.")
    if context["view"].is_paused and _is_about_a_time(error):
        return _("The time to go on has changed since this page was opened. Please look at it again.")
    if context["view"].is_paused:
        return _("The talk is paused at the moment.")
    if isinstance(error, NotYourTurn):
        return _("It is %(name)s’s turn at the moment.", name=context["other"].first_name)
    return _("The talk has gone on since this page was opened.")


def _is_about_a_time(error: Exception) -> bool:
    return isinstance(error, MovedOn) and error.move.kind is MoveKind.AGREE_RETURN


@page("/t/<assignment_id>/turns/draft", methods=("POST",))
def keep_turn(assignment_id: str) -> Any:
    """Keep a draft while it is being typed; answers with the state of the draft only."""
    found, form = _task(assignment_id), move_form(None)
    if not form.validate():
        return "", 422
    try:
        revision = commands.keep_words(scope(), found, typed_in(form))
    except (exercise_commands.Conflict, exercise_commands.TooLate):
        return "", 409
    answer = make_response(render("exercises/talk/kept.html", now=moment_now(), revision=revision))
    standing = queries.standing(scope(), assignment_id, found.period)
    if standing is not None and pages.mark_of(standing) != request.form.get("mark"):
        answer.headers["HX-Trigger"] = LOOK
    scope().commit()
    return answer


@page("/t/<assignment_id>/turns/forget", methods=("POST",))
def forget_words(assignment_id: str) -> Answered:
    """Throw away words that were never sent."""
    found = _task(assignment_id)
    if ConfirmForm().validate():
        commands.throw_away(scope(), found, request.form.get("writing", ""))
        scope().commit()
        flash(_("They are thrown away."), "done")
    return redirect(_address(found), 303)


@page("/t/<assignment_id>/turns/later", methods=("POST",))
def name_return(assignment_id: str) -> Any:
    """Name a time to go on."""
    found, form = _task(assignment_id), ReturnForm()
    back_at = form.moment(moment_now(), person().time_zone) if form.validate() else None
    if back_at is None:
        return render(SHOWN, **pages.talk(scope(), found, names_at_hand(), returning=form)), 422
    try:
        done = Act(kind=MoveKind.RETURN, back_at=back_at, once_key=str(form.once_key.data or ""))
        commands.act(scope(), found, done)
    except (Refused, exercise_commands.TooLate) as error:
        return _refused(found, move_form(None), error)
    scope().commit()
    return redirect(_address(found), 303)


@page("/t/<assignment_id>/turns/end", methods=("GET", "POST"))
def end_talk(assignment_id: str) -> Any:
    """Ask once more, then end the talk for both. Nobody is asked for a reason, and nothing says who it was."""
    found, form = _task(assignment_id), ConfirmForm()
    if request.method != "POST" or not form.validate():
        return render(
            "exercises/talk/end.html", task=found, form=form, names=names_at_hand(), back=_address(found)
        )
    try:
        commands.act(scope(), found, Act(kind=MoveKind.END, once_key=str(form.once_key.data or "")))
    except (Refused, exercise_commands.TooLate) as error:
        return _refused(found, move_form(None), error)
    scope().commit()
    return redirect(_address(found), 303)


@page("/t/<assignment_id>/turns/now")
def talk_now(assignment_id: str) -> Any:
    """Answer 204 while nothing has changed; else the parts of the page that have, never a field somebody types in."""
    seen, round_ = request.args.get("seen", ""), request.args.get("round", "")
    standing = queries.standing(scope(), assignment_id, round_)
    if standing is not None and pages.mark_of(standing) == seen:
        return "", 204
    context = pages.talk(scope(), _task(assignment_id), names_at_hand())
    writing = context["view"].writing if context["item"] is not None else ""
    context["keeps_field"] = bool(writing) and writing == request.args.get("writing")
    return make_response(render("exercises/talk/now.html", **context))
