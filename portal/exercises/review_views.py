"""Reading answers, writing back, and what else a therapist does with something that was assigned."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission
from portal.exercises import care_commands, feedback_pages, need_pages, review_pages, review_queries
from portal.exercises.feedback_pages import Toward
from portal.exercises.forms import ConfirmForm, FeedbackForm, ReadForm
from portal.exercises.models import AssignmentState
from portal.exercises.needs import Unmet
from portal.exercises.review_pages import Order
from portal.exercises.review_queries import Work
from portal.exercises.room import room
from portal.exercises.safety import OnHold
from portal.exercises.unread_pages import waiting
from portal.people.couple_queries import circle
from portal.web.current import scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

REVIEW: dict[str, Any] = {"permission": Permission.REVIEW, "audience": For.THERAPIST}
CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


@room.page("/answers", **REVIEW)
def answers() -> str:
    """List what is new to read, with the oldest of it open."""
    found = review_queries.to_read(scope())
    if not found:
        return render("exercises/therapist/all_read.html")
    return _page(found[0].assignment.id, FeedbackForm(formdata=None), is_list=True)


@room.page("/answers/<assignment_id>", **REVIEW)
def review(assignment_id: str) -> str:
    """Show what both partners answered in one round of an assignment."""
    return _page(assignment_id, FeedbackForm(formdata=None))


def _page(assignment_id: str, form: FeedbackForm, *, is_list: bool = False) -> str:
    order = Order.FORM if request.args.get("order") == Order.FORM else Order.FAR_APART
    context = review_pages.review(
        scope(), assignment_id, today=today(), period=request.args.get("period"), order=order
    )
    toward = feedback_pages.offer_words(form, context["assignment"], context["people"])
    return render(
        "exercises/therapist/review.html",
        **context,
        form=form,
        toward=toward,
        is_list=is_list,
        waiting=waiting(scope(), current=assignment_id),
    )


def _back(assignment_id: str) -> Answered:
    kept: dict[str, Any] = {name: request.args[name] for name in ("period", "order") if name in request.args}
    return redirect(url_for(".review", assignment_id=assignment_id, **kept), 303)


@room.page("/answers/<assignment_id>/feedback", methods=("POST",), **REVIEW)
def give_feedback(assignment_id: str) -> Any:
    """Write a note, a reply to one of the two, or a word to both."""
    work = review_queries.work(scope(), assignment_id)
    form = FeedbackForm()
    feedback_pages.offer_words(form, work.assignment, circle(scope(), work.assignment.couple_id))
    if not form.validate():
        return _page(assignment_id, form), 422
    to = Toward(form.to.data)
    care_commands.give_feedback(
        scope(), assignment_id, form.body.data, to=to.audience, seat=to.seat, once_key=str(form.once_key.data)
    )
    flash(_("Your note is kept.") if to is Toward.NOTE else _("Your words are sent."), "done")
    scope().commit()
    return _back(assignment_id)


@room.page("/answers/<assignment_id>/read", methods=("POST",), **REVIEW)
def mark_read(assignment_id: str) -> Answered:
    """Mark what the page has shown as read, and go on to what is next."""
    period = request.args.get("period")
    care_commands.mark_read(scope(), assignment_id, until=ReadForm().moment(), period=period)
    flash(_("Marked as read."), "done")
    scope().commit()
    return redirect(url_for(".answers"), 303)


@room.page("/answers/<assignment_id>/open/<answer_id>", methods=("GET", "POST"), **REVIEW)
def open_held(assignment_id: str, answer_id: str) -> Any:
    """Ask once more, then open one held answer, or a held letter, to both partners."""
    form = ConfirmForm()
    asked = review_pages.to_open(scope(), assignment_id, answer_id)
    if request.method != "POST" or not form.validate():
        return _ask_to_open(asked, form)
    try:
        care_commands.open_held(scope(), answer_id)
    except OnHold:
        return _ask_to_open(asked, form), 409
    flash(_("It is open to both of them."), "done")
    scope().commit()
    return _back(assignment_id)


def _ask_to_open(asked: dict[str, Any], form: ConfirmForm) -> str:
    guard = need_pages.hold(scope(), asked["people"])
    return render("exercises/therapist/open_held.html", **asked, form=form, guard=guard)


@room.page("/answers/<assignment_id>/release", methods=("GET", "POST"), **CARE)
def release(assignment_id: str) -> Any:
    """Ask once more, then let the couple see what was prepared."""
    return _ask(assignment_id, "release")


@room.page("/answers/<assignment_id>/withdraw", methods=("GET", "POST"), **CARE)
def withdraw(assignment_id: str) -> Any:
    """Ask once more, then take an assignment back."""
    return _ask(assignment_id, "withdraw")


@room.page("/answers/<assignment_id>/finish", methods=("GET", "POST"), **CARE)
def finish(assignment_id: str) -> Any:
    """Ask once more, then end an assignment that is done."""
    return _ask(assignment_id, "finish")


ENDINGS = {"withdraw": AssignmentState.WITHDRAWN, "finish": AssignmentState.FINISHED}


def _ask(assignment_id: str, act: str) -> Any:
    form = ConfirmForm()
    work = review_queries.work(scope(), assignment_id)
    if request.method != "POST" or not form.validate():
        return _asking(act, work, form)
    if act == "release":
        try:
            care_commands.release(scope(), assignment_id)
        except (OnHold, Unmet):
            return _asking(act, work, form), 409
        flash(_("“%(title)s” is released.", title=work.exercise.title), "done")
    else:
        care_commands.end(scope(), assignment_id, state=ENDINGS[act])
        flash(_("“%(title)s” is off their list.", title=work.exercise.title), "done")
    scope().commit()
    return redirect(url_for("home.couple", couple_id=work.assignment.couple_id), 303)


def _asking(act: str, work: Work, form: ConfirmForm) -> str:
    people = circle(scope(), work.assignment.couple_id)
    guard = need_pages.guard(scope(), work.exercise, people) if act == "release" else need_pages.CLEAR
    return render(f"exercises/therapist/{act}.html", work=work, people=people, form=form, guard=guard)
