"""What the pages on which a therapist writes an exercise show: the list, the overview, one table of it, a condition."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.scope import Scope
from portal.exercises.library_pages import exercise_named
from portal.exercises.own.compile import Trouble, troubles_in
from portal.exercises.own.conditions import can_have, how_they_add_up, in_words, sayings, sources, values
from portal.exercises.own.drafts import Draft, as_draft, draft_of, title_of
from portal.exercises.own.forms import (
    ArrangeForm,
    ConditionForm,
    EditForm,
    NewForm,
    PublishForm,
    as_typed,
    fields_for,
    name_of,
)
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.outline import address, anchor, field_lines, outline, taken_out
from portal.exercises.own.outline import title_of as title_of_entry
from portal.exercises.own.problem_words import say
from portal.exercises.own.queries import edition, my_works
from portal.exercises.own.schema import Field, Found, Nowhere, Where, find, value_at
from portal.exercises.own.shapes import form_name, mechanics_of, parts_of
from portal.exercises.own.starters import STARTERS, starter
from portal.exercises.own.state import Standing, standing
from portal.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One work in a therapist's list."""

    title: str
    form: str
    standing: Standing
    url: str


def works(scope: Scope) -> dict[str, Any]:
    """Return everything that the asking therapist wrote."""
    rows = my_works(scope, OwnKind.EXERCISE)
    return {"works": [_row(each) for each in rows]}


def _row(work: OwnWork) -> WorkRow:
    names = mechanics_of(as_draft(work.draft))
    return WorkRow(
        title=work.title or _("Without a title yet"),
        form=" + ".join(form_name(each) for each in names),
        standing=standing(work),
        url=url_for(".own_exercise", work_id=work.id),
    )


def beginning(scope: Scope, form: NewForm, *, of: str) -> dict[str, Any]:
    """Return what the page for beginning an exercise shows; ``of`` is the exercise to be copied, if any."""
    copied = exercise_named(scope, of) if of else None
    form.kind.choices = [SelectChoice(name.value, form_name(name)) for name in STARTERS]
    if copied is not None:
        form.kind.data = copied.lead.value
        form.kind.choices = [SelectChoice(copied.lead.value, form_name(copied.lead))]
        if not form.is_submitted():
            form.title.data = copied.title
    return {"form": form, "copied": copied, "hints": {name.value: words for name, words in STARTERS.items()}}


def first_draft(scope: Scope, form: NewForm, *, of: str) -> Draft:
    """Return the draft that an exercise begins with: of its kind, or a copy of another."""
    title = " ".join(str(form.title.data).split())
    if of:
        return draft_of(exercise_named(scope, of).source) | {"title": title}
    kind = next(name for name in STARTERS if name.value == form.kind.data)
    return starter(kind, title)


def overview(scope: Scope, work: OwnWork) -> dict[str, Any]:
    """Return the overview of an exercise that is being written."""
    draft = as_draft(work.draft)
    troubles = troubles_in(draft, slug=work.slug)
    return {
        "work": work,
        "title": title_of(draft) or _("Without a title yet"),
        "standing": standing(work, is_changed=is_changed(scope, work)),
        "parts": outline(draft, work.id, troubles),
        "gaps": _once(troubles),
        "taken_out": taken_out(draft),
        "form": ArrangeForm(formdata=None),
        "act_form": PublishForm(formdata=None, revision=str(work.revision)),
        "form_words": " + ".join(form_name(each) for each in mechanics_of(draft)),
    }


def is_changed(scope: Scope, work: OwnWork) -> bool:
    """Say whether the draft differs from the newest edition; true before the first."""
    return not work.version or edition(scope, work, work.version).draft != work.draft


def _once(troubles: Sequence[Trouble]) -> list[Trouble]:
    return list({(each.where, each.field): each for each in reversed(troubles)}.values())[::-1]


def problems(work: OwnWork) -> list[tuple[str, str, str]]:
    """Return what keeps a draft from being published: where it is, what is said about it, and the address."""
    draft = as_draft(work.draft)
    return [_problem(draft, work, each) for each in _once(troubles_in(draft, slug=work.slug))]


def _problem(draft: Draft, work: OwnWork, trouble: Trouble) -> tuple[str, str, str]:
    found = find(draft, parts_of(draft), trouble.where)
    name = place_words(draft, found)
    field = next((each for each in found.shown if each.key == trouble.field), None)
    if field is None:
        target = url_for(".own_exercise", work_id=work.id, _anchor=anchor(trouble.where))
        return name, say(trouble), target
    spoken = _("%(place)s: %(field)s", place=name, field=field.label)
    return (
        spoken,
        "" if trouble.is_gap else say(trouble),
        address(work.id, trouble.where, check=1, _anchor=name_of(field)),
    )


def place_words(draft: Draft, found: Found) -> str:
    """Return what a table is called for people."""
    if found.listing is not None:
        named = found.table.get(found.listing.named_by)
        return _("“%(title)s”", title=title_of_entry(found)) if named else title_of_entry(found)
    return str(next(each.title for each in parts_of(draft) if each.name == found.where[0]))


def found_in(work: OwnWork, where: Where) -> tuple[Draft, Found]:
    """Return a work's draft with a table of it. Raises Nowhere."""
    draft = as_draft(work.draft)
    return draft, find(draft, parts_of(draft), where)


def mark_of(found: Found) -> str:
    """Return what tells one state of a table's own fields from another."""
    said = {each.key: value_at(found.table, each.key) for each in found.fields}
    said["when"] = found.table.get("when")
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def is_as_it_was(draft: Draft, where: Where, seen: str) -> bool:
    """Say whether a table is the same as when a page was made from it."""
    try:
        return mark_of(find(draft, parts_of(draft), where)) == seen
    except Nowhere:
        return False


def put_problems(form: EditForm, work: OwnWork, where: Where, *, gaps_too: bool) -> bool:
    """Put what is wrong with a table beside its fields; say whether anything is. ``gaps_too``: also what is missing."""
    draft, found = found_in(work, where)
    for trouble in _once(troubles_in(draft, slug=work.slug)):
        if trouble.where != where or (trouble.is_gap and not gaps_too):
            continue
        field = next((each for each in fields_for(found, draft) if each.key == trouble.field), None)
        if field is None:
            form.form_errors.append(say(trouble))
        else:
            form[name_of(field)].errors = [say(trouble)]
    return bool(form.errors)


def editing(work: OwnWork, where: Where, form: EditForm, *, stands: OwnWork | None = None) -> dict[str, Any]:
    """Return what the page of one table shows; ``stands`` is the work as another window left it."""
    draft, found = found_in(stands or work, where)
    fields = fields_for(found, draft)
    part = next(each for each in parts_of(draft) if each.name == where[0])
    return {
        "work": work,
        "where": "/".join(where),
        "title": place_words(draft, found),
        "part": part,
        "is_part": found.listing is None,
        "form": form,
        "fields": [(each, form[name_of(each)], name_of(each)) for each in fields if name_of(each) in form],
        "back": url_for(".own_exercise", work_id=work.id, _anchor=anchor(where)),
        "conditions": _conditions(draft, found),
        "stands": [] if stands is None else _standing_texts(fields, found, form),
    }


def _standing_texts(
    fields: Sequence[Field], found: Found, form: EditForm
) -> list[tuple[str, tuple[str, ...]]]:
    """Return what stands in the fields now, where it isn't what was typed."""
    return [
        (str(each.label), field_lines(each, found.table, whole=True))
        for each in fields
        if name_of(each) in form and form[name_of(each)].data != as_typed(each, found.table)
    ]


def _conditions(draft: Draft, found: Found) -> dict[str, Any] | None:
    if not can_have(found):
        return None
    earlier = sources(draft, parts_of(draft), found.where)
    return {
        "words": how_they_add_up(found.table),
        "each": in_words(draft, found.table),
        "can_add": bool(earlier),
    }


def condition(work: OwnWork, where: Where, form: ConditionForm, *, of: str) -> dict[str, Any]:
    """Return what the page for a new condition shows: the questions, or what can be said about the one chosen."""
    draft, found = found_in(work, where)
    if not can_have(found):
        raise Nowhere(where)
    earlier = sources(draft, parts_of(draft), where)
    source = next((each for each in earlier if each.get("key") == of), None)
    if source is not None:
        form.said.choices = [SelectChoice(code, words) for code, words in sayings(source, found.table)]
        form.choice.choices = [SelectChoice(code, words) for code, words in values(source)]
    return {
        "work": work,
        "where": "/".join(where),
        "title": place_words(draft, found),
        "form": form,
        "of": of,
        "source": source,
        "questions": [_question(work, where, each) for each in earlier],
        "back": address(work.id, where),
        "has_list": bool(source is not None and values(source)),
        "is_text": source is not None and source.get("kind") in {"short", "long"},
    }


def _question(work: OwnWork, where: Where, source: Mapping[str, Any]) -> dict[str, str]:
    key = str(source.get("key"))
    url = url_for(".own_exercise_condition", work_id=work.id, where="/".join(where), of=key)
    return {"label": str(source.get("text") or _("Nothing written yet")), "url": url}
