"""The pages on which two people plan something: what stands, suggesting it, each single act, and a calendar file."""

from typing import Any, Final

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Refused
from portal.exercises.commands import TooLate
from portal.exercises.mechanics.planning_model import (
    EventKind,
    OutOfOrder,
    Stale,
    Unfit,
    Values,
)
from portal.exercises.partner_room import Over, has_ended, names_at_hand, page, task_at_hand
from portal.exercises.parts.plans import calendar, commands, pages, queries
from portal.exercises.parts.plans.commands import Deed
from portal.exercises.parts.plans.forms import StepForm, SuggestForm, mark_wrong
from portal.exercises.parts.plans.table import Table, table
from portal.web.current import now, person, scope, seat
from portal.web.render import render
from portal.web.translate import _

ACTS: Final = {
    "agree": EventKind.AGREE,
    "put-off": EventKind.PUT_OFF,
    "done": EventKind.DONE,
    "let-go": EventKind.LET_GO,
}
"""What is done with one button, by its place in the address."""


def _table(assignment_id: str) -> Table:
    task = task_at_hand(assignment_id)
    return table(scope(), task, seat=seat(), names=names_at_hand(), zone=person().time_zone)


@page("/t/<assignment_id>/plan")
def plan(assignment_id: str) -> str:
    """Show what is planned, what can be done about it, and how it was."""
    return _shown(_table(assignment_id))


def _shown(at_table: Table, *, note: str = "") -> str:
    context = pages.plan_page(scope(), at_table, now=now())
    return render("exercises/plans/do.html", **context, note=note)


def _back(assignment_id: str) -> Answered:
    return redirect(url_for(".plan", assignment_id=assignment_id), 303)


@page("/t/<assignment_id>/plan/suggest", methods=("GET", "POST"))
def plan_suggest(assignment_id: str) -> Any:
    """Suggest something, or suggest what stands differently."""
    at_table = _table(assignment_id)
    if has_ended(at_table.task):
        raise Over(at_table.task)
    sheet = at_table.sheet
    if request.method != "POST":
        form = sheet.form(_begin_with(at_table))
        form.show(at_table.at.current)
        return render("exercises/plans/suggest.html", **pages.suggest_page(at_table, form))
    form = sheet.form()
    is_sound = form.validate()
    values = sheet.values_in(form)
    if not is_sound or form.errors:
        return render("exercises/plans/suggest.html", **pages.suggest_page(at_table, form)), 422
    return _suggest(at_table, form, values)


def _begin_with(at_table: Table) -> Values:
    standing = at_table.at.current
    if standing is not None:
        return standing.values
    ideas = queries.collected(scope(), at_table.at)
    return pages.first_values(at_table, ideas, request.args.get("wish", ""))


def _suggest(at_table: Table, form: SuggestForm, values: Values) -> Any:
    """Suggest what was typed; where that isn't possible, show it again beside what stands in its way."""
    task = at_table.task
    seen = form.seen_number()
    is_change = seen > 0 and at_table.at.current is not None
    deed = Deed(
        kind=EventKind.CHANGE if is_change else EventKind.PROPOSE,
        plan=form.plan_number(),
        values=values,
        seen=seen,
    )
    try:
        commands.act(scope(), task, deed, once_key=str(form.once_key.data))
    except TooLate:
        raise Over(task) from None
    except Unfit as unfit:
        mark_wrong(at_table.sheet, form, unfit.keys, _unfit_words(at_table))
        return render("exercises/plans/suggest.html", **pages.suggest_page(at_table, form)), 422
    except (Stale, OutOfOrder):
        return _meanwhile(task.assignment.id, form)
    scope().commit()
    flash(_("Your suggestion is there for you both."), "done")
    return _back(task.assignment.id)


def _meanwhile(assignment_id: str, form: SuggestForm) -> Any:
    """Show what was typed beside what was suggested meanwhile; sending it again suggests it instead."""
    at_table = _table(assignment_id)
    form.show(at_table.at.current)
    context = pages.suggest_page(at_table, form, is_late=True)
    return render("exercises/plans/suggest.html", **context), 409


def _unfit_words(at_table: Table) -> dict[str, str]:
    spec = at_table.at.spec
    return {
        spec.what.key: _("Please choose something that stands here now")
        if at_table.ideas
        else _("Please say what it is about"),
        spec.moment.key: _("This time has passed. Please choose one to come"),
    }


@page("/t/<assignment_id>/plan/<int:number>/<act>", methods=("POST",))
def plan_act(assignment_id: str, number: int, act: str) -> Any:
    """Agree, find another time, say that it took place, or let it go: one button each."""
    kind, form, at_table = ACTS.get(act), StepForm(), _table(assignment_id)
    at_table.at.plan(number)
    if kind is None:
        raise Refused("nothing that can be done")
    if not form.validate():
        return _shown(at_table, note=_("Please try that again.")), 422
    deed = Deed(kind=kind, plan=number, seen=form.seen_number())
    if not _is_done(at_table, deed, str(form.once_key.data)):
        note = _("This has changed meanwhile. Here it is as it stands now.")
        return _shown(_table(assignment_id), note=note), 409
    scope().commit()
    flash(_said(kind), "done")
    return _back(assignment_id)


def _is_done(at_table: Table, deed: Deed, once_key: str) -> bool:
    """Do one thing about a plan; say whether it fitted what stands now."""
    try:
        commands.act(scope(), at_table.task, deed, once_key=once_key)
    except TooLate:
        raise Over(at_table.task) from None
    except (Stale, OutOfOrder, Unfit):
        return False
    return True


def _said(kind: EventKind) -> str:
    return {
        EventKind.AGREE: _("It is settled."),
        EventKind.PUT_OFF: _("Its time is open again. Nobody asks why."),
        EventKind.DONE: _("Noted for you both."),
        EventKind.LET_GO: _("It is let go. Nobody asks why."),
    }[kind]


@page("/t/<assignment_id>/plan/<int:number>/drop")
def plan_drop(assignment_id: str, number: int) -> Any:
    """Ask once more before a plan is let go."""
    at_table = _table(assignment_id)
    if at_table.at.plan(number) != at_table.at.current or has_ended(at_table.task):
        return _back(assignment_id)
    return render("exercises/plans/drop.html", **pages.plan_page(scope(), at_table, now=now()))


@page("/t/<assignment_id>/plan/<int:number>/calendar")
def plan_calendar(assignment_id: str, number: int) -> Response:
    """Hand out a calendar file that says when, and nothing else."""
    at_table = _table(assignment_id)
    name, made = calendar.file_for(at_table.at, at_table.at.plan(number), now=now())
    answer = Response(made, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
