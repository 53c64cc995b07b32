"""What follows when a button of the pathway editor was pressed: where to go on, what to say, and two windows at odds."""

from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from portal.access.scope import Scope
from portal.exercises.own.models import OwnWork
from portal.exercises.own_pathways.acts import Act, Pressed
from portal.exercises.own_pathways.drafts import Draft
from portal.exercises.own_pathways.forms import ABOUT, EditorForm
from portal.exercises.own_pathways.pages import editor, step_words
from portal.exercises.own_pathways.preview import Look
from portal.exercises.own_pathways.shelf import draft_in
from portal.web.translate import _


def can_do(form: EditorForm, button: Pressed) -> bool:
    """Say whether a button can do what it says; where it can't, the reason stands at its field."""
    if button.act is Act.ADD and not form.add.data:
        form.add.errors = [_("Please choose an exercise first")]
        return False
    return True


def after(work: OwnWork, button: Pressed, look: Look, *, added: str | None) -> str:
    """Return the address to go on at after a button did what it says; ``added`` is the key of a new step."""
    if button.act is Act.PUBLISH:
        return url_for(".own_pathway_publish", work_id=work.id)
    opened, anchor = look.open, f"part-{look.open}" if look.open else "steps"
    match button.act:
        case Act.OPEN:
            opened, anchor = button.step, f"part-{button.step}"
        case Act.CLOSE | Act.REMOVE:
            opened = ""
        case Act.UP | Act.DOWN:
            anchor = f"part-{button.step}"
        case Act.ADD if added is not None:
            opened, look = added, replace(look, find="")
            anchor = f"part-{opened}"
        case Act.FIND:
            anchor = "add-step"
        case Act.SHOW:
            anchor = "calendar"
        case _:
            pass
    if opened != look.open:
        look = replace(look, seek="")
    return url_for(".own_pathway", work_id=work.id, **replace(look, open=opened).as_query(), _anchor=anchor)


def done_words(draft: Draft, button: Pressed) -> str | None:
    """Return what is said after a button did what it says, if that needs saying."""
    place = draft.position(button.step)
    match button.act:
        case Act.SAVE | Act.CLOSE:
            return _("Saved.")
        case Act.UP | Act.DOWN if place is not None:
            return _("It is step %(number)s now.", number=place + 1)
        case Act.PUT_BACK:
            return _("It is back in its place.")
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that holds something else by now than what was typed."""

    label: str
    stands: str


def differences(draft: Draft, form: EditorForm) -> list[Difference]:
    """Return the fields of the open part whose text in the draft is another than the one that was typed."""
    part = form.open.data or ""
    stands = draft if part == ABOUT else draft.step(part)
    if not part:
        return []
    if stands is None:
        return [Difference(_("The step"), _("It was taken out"))]
    return [
        Difference(str(form[name].label.text), _shown(form, name, getattr(stands, name)))
        for name, typed in form.typed().items()
        if getattr(stands, name) != typed
    ]


def _shown(form: EditorForm, name: str, value: object) -> str:
    """Return what a field holds in the words that its choices have for it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    choices = getattr(form[name], "choices", None) or {}
    pairs = [pair for each in choices.values() for pair in each] if isinstance(choices, dict) else choices
    words = dict(pair[:2] for pair in pairs)
    return str(words.get(value, value) or _("Nothing"))


def conflict(scope: Scope, work: OwnWork, look: Look, form: EditorForm) -> dict[str, Any]:
    """Return the editor with what was typed, beside what stands by now. Saving then puts what was typed in its place."""
    draft, part = draft_in(work), form.open.data or ""
    is_gone = part not in {"", ABOUT} and draft.step(part) is None
    typed = [str(text) for text in form.typed().values() if isinstance(text, str) and " " in text]
    context = editor(scope, work, look, form=None if is_gone else form)
    return context | {
        "stands": [Difference(_("The step"), _("It was taken out"))] if is_gone else differences(draft, form),
        "typed": typed if is_gone else [],
    }


def kept(scope: Scope, work: OwnWork, look: Look) -> dict[str, Any]:
    """Return the state of a draft that was kept while it was typed, and how its open step reads now."""
    return {"now": scope.now, "revision": work.revision, "card": step_words(scope, work, look.open)}
