"""The pages of a journal: all of one's entries, one of them, and who else may read it."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.exercises.forms import ConfirmForm
from portal.exercises.partner_room import names_at_hand, page, task_at_hand
from portal.exercises.parts.journals import commands, pages, queries
from portal.exercises.parts.journals.forms import ShareForm
from portal.exercises.queries import Task
from portal.web.current import scope
from portal.web.render import render
from portal.web.translate import _


@page("/t/<assignment_id>/own")
def journal(assignment_id: str) -> str:
    """List what there is to write about and what is written; nobody else has this page."""
    context = pages.journal_page(scope(), task_at_hand(assignment_id), names_at_hand())
    return render("exercises/journals/do.html", **context)


@page("/t/<assignment_id>/own/<name>")
def journal_entry(assignment_id: str, name: str) -> str:
    """Show one entry to its writer."""
    context = pages.entry_page(scope(), task_at_hand(assignment_id), name, names_at_hand())
    return render("exercises/journals/entry.html", **context)


def _to_entry(task: Task, name: str) -> Answered:
    address = url_for(".journal_entry", assignment_id=task.assignment.id, name=name)
    return redirect(address, 303)


@page("/t/<assignment_id>/own/<name>/share", methods=("GET", "POST"))
def journal_share(assignment_id: str, name: str) -> Any:
    """Let somebody read one entry, after a page that says what this means."""
    task, names = task_at_hand(assignment_id), names_at_hand()
    context = pages.share_page(scope(), task, name, names)
    if not context["offered"]:
        return _to_entry(task, name)
    form = ShareForm().offer(context["offered"], names)
    if request.method != "POST" or not form.validate():
        return _ask(form, context), 422 if form.errors else 200
    try:
        commands.share(scope(), task, name, audience=Audience(form.audience.data), mark=str(form.mark.data))
    except (commands.Changed, commands.Blank):
        return _ask(form, context, has_changed=True), 409
    scope().commit()
    flash(_("It is shared. All your other pages stay yours alone."), "done")
    return _to_entry(task, name)


def _ask(form: ShareForm, context: dict[str, Any], *, has_changed: bool = False) -> str:
    form.mark.data = context["entry"].mark
    return render("exercises/journals/share.html", form=form, has_changed=has_changed, **context)


@page("/t/<assignment_id>/own/<name>/stop", methods=("GET", "POST"))
def journal_stop(assignment_id: str, name: str) -> Any:
    """Make a shared entry private again, after a page that says what this can't undo."""
    task, form = task_at_hand(assignment_id), ConfirmForm()
    context = pages.entry_page(scope(), task, name, names_at_hand())
    if context["entry"].is_private:
        return _to_entry(task, name)
    if request.method != "POST" or not form.validate():
        return render("exercises/journals/stop.html", form=form, **context)
    commands.stop_sharing(scope(), task, name)
    scope().commit()
    flash(_("From now on only you can see it."), "done")
    return _to_entry(task, name)


@page("/t/<assignment_id>/own/<name>/delete", methods=("GET", "POST"))
def journal_delete(assignment_id: str, name: str) -> Any:
    """Delete one entry that is private, after asking once more."""
    task, form = task_at_hand(assignment_id), ConfirmForm()
    if (
        request.method == "POST"
        and form.validate()
        and queries.entry_task(scope(), task, name).response is None
    ):
        # It was deleted in another window: that is what was asked for.
        return redirect(url_for(".journal", assignment_id=assignment_id), 303)
    context = pages.entry_page(scope(), task, name, names_at_hand())
    if not context["entry"].is_private:
        raise Refused("it is shared")
    if request.method != "POST" or not form.validate():
        return render("exercises/journals/delete.html", form=form, **context)
    commands.discard(scope(), task, name)
    scope().commit()
    flash(_("It is deleted."), "done")
    return redirect(url_for(".journal", assignment_id=assignment_id), 303)
