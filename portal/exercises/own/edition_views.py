"""Therapists' own exercises: conditions of a question, a look at the draft as a couple's, publishing, the editions."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.exercises.library_views import couple_in_query
from portal.exercises.own import commands as own_commands
from portal.exercises.own import conditions as own_conditions
from portal.exercises.own import edition_pages as own_edition_pages
from portal.exercises.own import pages as own_pages
from portal.exercises.own.arranging import as_place
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.compile import compile_exercise
from portal.exercises.own.drafts import Draft, as_draft
from portal.exercises.own.forms import ConditionForm, PublishForm, as_number
from portal.exercises.own.models import OwnWork
from portal.exercises.own.outline import address
from portal.exercises.own.queries import edition
from portal.exercises.own.schema import Nowhere, Where, find
from portal.exercises.own.shapes import parts_of
from portal.exercises.own.views import WRITE, located, mine
from portal.exercises.room import room
from portal.kit.library import DefinitionError
from portal.web.current import scope
from portal.web.render import render
from portal.web.translate import _

EDITOR = "exercises/own"


@room.page("/own-exercises/<work_id>/when/<path:where>", methods=("GET", "POST"), **WRITE)
def own_exercise_condition(work_id: str, where: str) -> Any:
    """Say when a question is asked: choose another question first, then what its answer has to be."""
    work, place, of = mine(work_id), tuple(where.split("/")), request.args.get("of", "")
    located(work, place)
    form = ConditionForm()
    context = own_pages.condition(work, place, form, of=of)
    if request.method != "POST":
        return render(f"{EDITOR}/condition.html", **context)
    if context["source"] is None or not form.validate() or not _says_enough(form, context):
        return render(f"{EDITOR}/condition.html", **context), 422
    value = str(form.choice.data) if context["has_list"] else as_number(str(form.value.data or "").strip())
    _change(
        work, place, lambda item: own_conditions.put_condition(item, context["source"], _said(form), value)
    )
    return _committed(address(work_id, place, _anchor="when"))


def _said(form: ConditionForm) -> str:
    return str(form.said.data)


def _says_enough(form: ConditionForm, context: dict[str, Any]) -> bool:
    """Say whether there is an answer to compare with, where one is needed."""
    if _said(form) in {own_conditions.ANSWERED, own_conditions.NOT_ANSWERED}:
        return True
    field = form.choice if context["has_list"] else form.value
    if str(field.data or "").strip():
        return True
    field.errors = [_("Please say which answer")]
    return False


@room.page("/own-exercises/<work_id>/not-when/<path:where>", methods=("POST",), **WRITE)
def own_exercise_condition_gone(work_id: str, where: str) -> Any:
    """Take a condition away."""
    work, place, number = mine(work_id), tuple(where.split("/")), as_place(request.form.get("number"))
    located(work, place)
    if PublishForm().validate():
        _change(work, place, lambda item: own_conditions.drop_condition(item, number))
    return _committed(address(work_id, place, _anchor="when"))


def _change(work: OwnWork, place: Where, act: Any) -> None:
    def edit(draft: Draft) -> Draft:
        act(find(draft, parts_of(draft), place).table)
        return draft

    try:
        own_commands.change(scope(), work, edit, revision=work.revision)
    except Nowhere:
        flash(_("It is not there any more. This is how it stands now."), "warn")


@room.page("/own-exercises/<work_id>/preview", **WRITE)
def own_exercise_preview(work_id: str) -> str:
    """Show the draft as it stands, as partners will see it, or an edition as it was published."""
    work, number = mine(work_id), as_place(request.args.get("version"))
    is_edition = 0 < number <= work.version
    draft = edition(scope(), work, number).draft if is_edition else work.draft
    context = own_edition_pages.preview(
        scope(),
        work,
        draft=as_draft(draft),
        version=number if is_edition else work.version + 1,
        couple_id=couple_in_query(),
        seat=request.args.get("seat", ""),
        endpoint=".own_exercise_preview",
    )
    return render(f"{EDITOR}/preview.html", is_edition=is_edition, **context)


@room.page("/own-exercises/<work_id>/publish", methods=("GET", "POST"), **WRITE)
def own_exercise_publish(work_id: str) -> Any:
    """Look over what is left to do and what will change, then publish."""
    work, form = mine(work_id), PublishForm()
    if request.method != "POST" or not form.validate():
        return _publish_page(work, form)
    try:
        made = own_commands.publish(scope(), work, compile_exercise, revision=as_place(form.revision.data))
    except DraftChanged as changed:
        flash(_("It was changed since you opened this page. This is how it stands now."), "warn")
        return _publish_page(changed.work, form), 409
    except DefinitionError:
        return _publish_page(work, form), 422
    flash(_("Version %(number)s is published.", number=made.version), "done")
    return _committed(url_for(".own_exercise", work_id=work_id))


def _publish_page(work: OwnWork, form: PublishForm) -> str:
    return render(f"{EDITOR}/publish.html", **own_edition_pages.publishing(scope(), work, form))


@room.page("/own-exercises/<work_id>/versions", **WRITE)
def own_exercise_versions(work_id: str) -> str:
    """List the published editions, with what is different in each."""
    return render(f"{EDITOR}/versions.html", **own_edition_pages.versions(scope(), mine(work_id)))


def _committed(target: str) -> Answered:
    scope().commit()
    return redirect(target, 303)
