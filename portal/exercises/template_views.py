"""A therapist's own words to be used again: looking through them, writing, changing and deleting some."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Permission
from portal.exercises import template_commands
from portal.exercises.care_forms import WordsForm
from portal.exercises.forms import ConfirmForm
from portal.exercises.own.models import InstructionTemplate
from portal.exercises.room import room
from portal.exercises.shelf import at_hand
from portal.exercises.template_commands import Changed, Wording
from portal.exercises.template_queries import own_words, words_of
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _

CARE: dict[str, Any] = {"permission": Permission.ASSIGN, "audience": For.THERAPIST}


@room.page("/own-words", **CARE)
def library_words() -> str:
    """List the words that the therapist has kept."""
    titles = {slug: exercise.title for slug, exercise in at_hand(scope()).items()}
    return render("exercises/words/list.html", templates=own_words(scope()), titles=titles)


@room.page("/own-words/new", methods=("GET", "POST"), **CARE)
def library_words_new() -> Any:
    """Write words to be used again."""
    form = _offered(WordsForm())
    if request.method != "POST" or not form.validate():
        return _page(form), 422 if form.errors else 200
    template_commands.keep(scope(), _wording(form), once_key=str(form.once_key.data))
    return _kept()


@room.page("/own-words/<template_id>", methods=("GET", "POST"), **CARE)
def library_words_edit(template_id: str) -> Any:
    """Change some words."""
    found = words_of(scope(), template_id)
    form = _offered(WordsForm(title=found.title, body=found.body, slug=found.slug or ""))
    if request.method != "POST":
        form.seen.data = template_commands.mark_of(found)
        return _page(form, template_id)
    if not form.validate():
        return _page(form, template_id), 422
    try:
        template_commands.change(scope(), template_id, _wording(form), seen=form.seen.data or "")
    except Changed as changed:
        form.seen.data = template_commands.mark_of(changed.template)
        return _page(form, template_id, stands=changed.template), 409
    return _kept()


@room.page("/own-words/<template_id>/delete", methods=("GET", "POST"), **CARE)
def library_words_delete(template_id: str) -> Any:
    """Ask once more, then delete some words."""
    form, found = ConfirmForm(), words_of(scope(), template_id)
    if request.method != "POST" or not form.validate():
        return render("exercises/words/delete.html", words=found, form=form)
    template_commands.drop(scope(), template_id)
    flash(_("They are deleted."), "done")
    scope().commit()
    return redirect(url_for(".library_words"), 303)


def _offered(form: WordsForm) -> WordsForm:
    titles = sorted((exercise.title, slug) for slug, exercise in at_hand(scope()).items())
    form.slug.choices = [SelectChoice("", _("Every exercise"))]
    form.slug.choices += [SelectChoice(slug, title) for title, slug in titles]
    return form


def _wording(form: WordsForm) -> Wording:
    title = " ".join(str(form.title.data).split())
    return Wording(title=title, body=str(form.body.data).strip(), slug=form.slug.data or None)


def _page(
    form: WordsForm, template_id: str | None = None, *, stands: InstructionTemplate | None = None
) -> str:
    return render("exercises/words/edit.html", form=form, template_id=template_id, stands=stands)


def _kept() -> Answered:
    flash(_("Your words are kept."), "done")
    scope().commit()
    return redirect(url_for(".library_words"), 303)
