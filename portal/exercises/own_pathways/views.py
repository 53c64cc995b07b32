"""Therapists' own pathways: beginning one, the editor, publishing an edition, and looking at those that were."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission
from portal.exercises.own import commands as own_commands
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.drafts import Draft as Kept
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.queries import my_work
from portal.exercises.own_pathways import editions as published
from portal.exercises.own_pathways import pages, turns
from portal.exercises.own_pathways.acts import Act, Pressed, act_on, pressed, take_over
from portal.exercises.own_pathways.drafts import from_plain, to_plain
from portal.exercises.own_pathways.forms import ABOUT, EditorForm, NewForm, PublishForm, form_for
from portal.exercises.own_pathways.preview import Look, look_in
from portal.exercises.own_pathways.shelf import compile_pathway, draft_in
from portal.exercises.room import room
from portal.kit.library import DefinitionError
from portal.web.current import scope, today
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

WRITE: dict[str, Any] = {"permission": Permission.WRITE_OWN, "audience": For.THERAPIST}
FOLDER = "exercises/own_pathways"


@room.page("/own-pathways/new", methods=("GET", "POST"), **WRITE)
def own_pathway_new() -> Any:
    """Begin a pathway, empty or as a copy."""
    form = NewForm()
    context = pages.beginning(scope(), form, of=request.args.get("of", ""))
    if request.method != "POST" or not form.validate():
        return render(f"{FOLDER}/new.html", **context), 422 if form.errors else 200
    draft, origin = pages.first_draft(scope(), form)
    work = own_commands.create(
        scope(), OwnKind.PATHWAY, to_plain(draft), once_key=str(form.once_key.data), copied_from=origin
    )
    return _committed(url_for(".own_pathway", work_id=work.id))


@room.page("/own-pathways/<work_id>", methods=("GET", "POST"), **WRITE)
def own_pathway(work_id: str) -> Any:
    """Show the editor, or keep what was typed and do what its button says."""
    work, is_sent = _mine(work_id), request.method == "POST"
    look = look_in(request.form if is_sent else request.args, today=today())
    if not is_sent:
        return render(f"{FOLDER}/edit.html", **pages.editor(scope(), work, look))
    form, button = form_for(look.open), pressed(request.form.get("go", ""))
    if not form.validate() or not turns.can_do(form, button):
        return render(f"{FOLDER}/edit.html", **pages.editor(scope(), work, look, form=form)), 422
    try:
        return _kept(work, form, button, look)
    except DraftChanged as changed:
        return _conflict(changed.work, form, look)


def _mine(work_id: str) -> OwnWork:
    return my_work(scope(), work_id, OwnKind.PATHWAY)


def _change(work: OwnWork, form: EditorForm, button: Pressed) -> OwnWork:
    """Take over what was typed, then do what the button says. A step that is gone is a change of its own."""
    part = form.open.data or ""
    if part not in {"", ABOUT} and draft_in(work).step(part) is None:
        raise DraftChanged(work)

    def edit(kept: Kept) -> Kept:
        draft = take_over(from_plain(kept), part, form.typed())
        return to_plain(act_on(draft, button, exercise=form.add.data or "", after=form.after.data or ""))

    return own_commands.change(scope(), work, edit, revision=form.seen())


def _kept(work: OwnWork, form: EditorForm, button: Pressed, look: Look) -> Answered:
    """Keep a change, and lead to what is to be seen after it."""
    before = draft_in(work)
    work = _change(work, form, button)
    draft = draft_in(work)
    added = next((step.key for step in draft.steps if before.step(step.key) is None), None)
    address = turns.after(work, button, look, added=added)
    if (words := turns.done_words(draft, button)) is not None:
        flash(words, "done")
    return _committed(address)


def _committed(target: str) -> Answered:
    scope().commit()
    return redirect(target, 303)


def _conflict(work: OwnWork, form: EditorForm, look: Look) -> Any:
    """Show what stands now beside what was typed; where they are the same, nothing has to be decided."""
    if not turns.differences(draft_in(work), form):
        flash(_("It was changed since you opened this page. This is how it stands now."), "warn")
        return redirect(url_for(".own_pathway", work_id=work.id, **look.as_query()), 303)
    return render(f"{FOLDER}/edit.html", **turns.conflict(scope(), work, look, form)), 409


@room.page("/own-pathways/<work_id>/keep", methods=("POST",), **WRITE)
def own_pathway_keep(work_id: str) -> Any:
    """Keep what is typed while it is being typed; answers with the state of the draft and how the step reads."""
    look = look_in(request.form, today=today())
    work = _mine(work_id)
    form = form_for(look.open)
    if not form.validate():
        return "", 422
    try:
        work = _change(work, form, Pressed(Act.SAVE))
    except DraftChanged:
        return "", 409
    context = turns.kept(scope(), work, look)
    scope().commit()
    return render(f"{FOLDER}/kept.html", **context)


@room.page("/own-pathways/exercises", **WRITE)
def own_pathway_exercises() -> str:
    """Show the exercises that some words find, as choices for the editor."""
    field = request.args.get("field", "")
    look, chosen = look_in(request.args, today=today()), request.args.get("exercise", "")
    context = pages.found_exercises(scope(), look.find or look.seek, field=field, chosen=chosen)
    return render(f"{FOLDER}/found.html", **context)


@room.page("/own-pathways/<work_id>/publish", methods=("GET", "POST"), **WRITE)
def own_pathway_publish(work_id: str) -> Any:
    """Look the draft over as the couple's way it will be, then publish it."""
    work, form = _mine(work_id), PublishForm()
    if request.method != "POST" or not form.validate():
        return render(f"{FOLDER}/publish.html", **published.publishing(scope(), work, form))
    try:
        made = own_commands.publish(scope(), work, compile_pathway, revision=published.revision_in(form))
    except DraftChanged as changed:
        flash(_("It was changed since you opened this page. This is how it stands now."), "warn")
        return render(f"{FOLDER}/publish.html", **published.publishing(scope(), changed.work, form)), 409
    except DefinitionError:
        return render(f"{FOLDER}/publish.html", **published.publishing(scope(), work, form)), 422
    flash(_("Version %(number)s is published.", number=made.version), "done")
    return _committed(url_for(".pathway", slug=work.slug))
