"""Therapists' own exercises: the list of them, beginning one, and writing it part by part."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission, Refused
from portal.exercises.own import arranging
from portal.exercises.own import commands as own_commands
from portal.exercises.own import pages as own_pages
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.drafts import Draft
from portal.exercises.own.forms import ArrangeForm, EditForm, NewForm, form_of, lines_in, read
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.outline import address, anchor
from portal.exercises.own.queries import my_work
from portal.exercises.own.rows import pressed_row, row_pressed
from portal.exercises.own.schema import Nowhere, Where, find
from portal.exercises.own.shapes import parts_of
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

WRITE: dict[str, Any] = {"permission": Permission.WRITE_OWN, "audience": For.THERAPIST}


@room.page("/own-exercises", **WRITE)
def own_exercises() -> str:
    """List what the therapist wrote."""
    return render("exercises/own/list.html", **own_pages.works(scope()))


@room.page("/own-exercises/new", methods=("GET", "POST"), **WRITE)
def own_exercise_new() -> Any:
    """Begin an exercise: empty, or as a copy of another."""
    form, of = NewForm(), request.args.get("of", "")
    context = own_pages.beginning(scope(), form, of=of)
    if request.method != "POST" or not form.validate():
        return render("exercises/own/new.html", **context), 422 if form.errors else 200
    draft = own_pages.first_draft(scope(), form, of=of)
    work = own_commands.create(
        scope(), OwnKind.EXERCISE, draft, once_key=str(form.once_key.data), copied_from=of or None
    )
    return _committed(url_for(".own_exercise", work_id=work.id))


@room.page("/own-exercises/<work_id>", **WRITE)
def own_exercise(work_id: str) -> str:
    """Show an exercise that is being written, with all its parts."""
    return render("exercises/own/outline.html", **own_pages.overview(scope(), mine(work_id)))


@room.page("/own-exercises/<work_id>/arrange", methods=("POST",), **WRITE)
def own_exercise_arrange(work_id: str) -> Any:
    """Add something to a list, move it, take it out, or put it back."""
    work, form = mine(work_id), ArrangeForm()
    target = url_for(".own_exercise", work_id=work_id)
    if not form.validate():
        flash(_("That didn’t work. Please try again."), "warn")
        return redirect(target, 303)
    try:
        led_to = _arranged(work, form)
    except Nowhere:
        flash(_("It is not there any more. This is how it stands now."), "warn")
        return redirect(target, 303)
    return _committed(led_to)


def _arranged(work: OwnWork, form: ArrangeForm) -> str:
    """Do what a button of the overview says; return the address to go on from."""
    # A button names what it does and where, such as ``up@deck/cards/card3`` or ``lines:cards@deck``.
    go, _at, place = str(form.go.data or "").partition("@")
    where: Where = tuple(place.split("/"))
    act, _colon, name = go.partition(":")
    led_to: list[Where] = [where]

    def edit(draft: Draft) -> Draft:
        led_to[0] = _act(draft, where, act, name, form)
        return draft

    own_commands.change(scope(), work, edit, revision=work.revision)
    if act == "add":
        return address(work.id, led_to[0])
    if act == "out":
        flash(_("It is taken out. Below the exercise you can put it back."), "done")
        return url_for(".own_exercise", work_id=work.id, _anchor=anchor(where[:-1]))
    return url_for(".own_exercise", work_id=work.id, _anchor=anchor(led_to[0]))


def _act(draft: Draft, where: Where, act: str, name: str, form: ArrangeForm) -> Where:
    parts = parts_of(draft)
    match act:
        case "add":
            once_key, kind = str(form.once_key.data), str(form.kind.data or "")
            return arranging.add(draft, parts, where, name, kind=kind, once_key=once_key)
        case "lines":
            arranging.add_lines(draft, parts, where, name, lines_in(form.lines.data))
            return (*where, name)
        case "up" | "down":
            return arranging.move(draft, parts, where, -1 if act == "up" else 1)
        case "out":
            arranging.take_out(draft, parts, where)
        case "back":
            return arranging.put_back(draft, parts, arranging.as_place(name))
        case _:
            raise Nowhere(act)
    return where


@room.page("/own-exercises/<work_id>/edit/<path:where>", methods=("GET", "POST"), **WRITE)
def own_exercise_edit(work_id: str, where: str) -> Any:
    """Fill in one part, page, question or card, and keep it, finished or not."""
    work, place = mine(work_id), tuple(where.split("/"))
    draft, found = located(work, place)
    form = form_of(found, draft)
    if request.method != "POST":
        _mark(form, work, place)
        if "check" in request.args:
            own_pages.put_problems(form, work, place, gaps_too=True)
        return _edit_page(work, place, form)
    if not form.validate():
        return _edit_page(work, place, form), 422
    try:
        kept = _kept(work, place, form)
    except DraftChanged as changed:
        _mark(form, changed.work, place)
        return _edit_page(work, place, form, stands=changed.work), 409
    return _after_keeping(kept, place)


@room.page("/own-exercises/<work_id>/keep/<path:where>", methods=("POST",), **WRITE)
def own_exercise_keep(work_id: str, where: str) -> Any:
    """Keep what is typed while it is being typed; answers with the state of the draft."""
    work, place = mine(work_id), tuple(where.split("/"))
    draft, found = located(work, place)
    form = form_of(found, draft)
    if not form.validate():
        return "", 422
    try:
        work = _kept(work, place, form)
    except DraftChanged:
        return "", 409
    seen = own_pages.mark_of(own_pages.found_in(work, place)[1])
    shown = render("exercises/own/kept.html", revision=work.revision, seen=seen, now=scope().now)
    scope().commit()
    return shown


def _kept(work: OwnWork, place: Where, form: EditForm) -> OwnWork:
    seen = str(form.seen.data or "")

    def edit(draft: Draft) -> Draft:
        found = find(draft, parts_of(draft), place)
        read(form, found, draft, found.table)
        pressed_row(draft, found, request.form.get("go", ""))
        return draft

    return own_commands.change(
        scope(),
        work,
        edit,
        revision=arranging.as_place(form.revision.data),
        is_untouched=lambda draft: own_pages.is_as_it_was(draft, place, seen),
    )


def _after_keeping(work: OwnWork, place: Where) -> Any:
    """Say what is wrong beside its field; what was typed is kept all the same."""
    row = row_pressed(request.form.get("go", ""))
    if row:
        return _committed(address(work.id, place, _anchor=row))
    fresh = form_of(own_pages.found_in(work, place)[1], own_pages.found_in(work, place)[0])
    if own_pages.put_problems(fresh, work, place, gaps_too=False):
        _mark(fresh, work, place)
        page = _edit_page(work, place, fresh)
        scope().commit()
        return page, 422
    flash(_("Kept."), "done")
    if request.form.get("go") == "same":
        return _committed(address(work.id, place))
    return _committed(url_for(".own_exercise", work_id=work.id, _anchor=anchor(place)))


def _edit_page(work: OwnWork, place: Where, form: EditForm, *, stands: OwnWork | None = None) -> str:
    return render("exercises/own/edit.html", **own_pages.editing(work, place, form, stands=stands))


def _mark(form: EditForm, work: OwnWork, place: Where) -> None:
    form.revision.data = str(work.revision)
    form.seen.data = own_pages.mark_of(own_pages.found_in(work, place)[1])


def mine(work_id: str) -> OwnWork:
    """Return one of the therapist's own exercises."""
    return my_work(scope(), work_id, OwnKind.EXERCISE)


def located(work: OwnWork, place: Where) -> Any:
    """Return a work's draft with a table of it. Raises Refused where there is none, or not any more."""
    try:
        return own_pages.found_in(work, place)
    except Nowhere as error:
        raise Refused("there is no such part") from error


def _committed(target: str) -> Answered:
    scope().commit()
    return redirect(target, 303)
