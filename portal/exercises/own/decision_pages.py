"""What an administrator reads before deciding about an own exercise or pathway. It holds nothing about any couple."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from portal.access.scope import Scope
from portal.exercises.own.drafts import as_draft, title_of
from portal.exercises.own.edition_pages import texts_of
from portal.exercises.own.forms import DecisionForm
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork, Shelf
from portal.exercises.own.queries import editions_to_read, works_for_decision, writers
from portal.exercises.own_pathways.shelf import pathway_in
from portal.exercises.own_pathways.words import reading
from portal.exercises.preview_pages import card
from portal.exercises.shelf import exercise_in, library
from portal.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One work in the administrator's list."""

    title: str
    kind: str
    owner: str
    asked_at: datetime | None
    version: int
    offered: int
    url: str


def waiting(scope: Scope) -> dict[str, Any]:
    """Return what is asked for, the oldest request first, and what is offered already."""
    works = works_for_decision(scope)
    names, read = writers(scope, {each.owner_id for each in works}), editions_to_read(scope, works)
    rows = [(each, _waiting(each, names, read[each.id])) for each in works]
    return {
        "asked": [row for work, row in rows if work.asked_at is not None],
        "offered": [row for work, row in rows if work.shelf == Shelf.PRACTICE],
    }


def _waiting(work: OwnWork, names: dict[str, str], found: OwnEdition) -> Waiting:
    return Waiting(
        # Not the title that its writer is thinking of by now: a draft is for nobody else.
        title=title_of(as_draft(found.draft)),
        kind=kind_words(work),
        owner=names.get(work.owner_id, ""),
        asked_at=work.asked_at,
        version=work.version,
        offered=work.practice_version if work.shelf == Shelf.PRACTICE else 0,
        url=url_for(".practice_work", work_id=work.id),
    )


def kind_words(work: OwnWork) -> str:
    """Return what a work is."""
    return _("Exercise") if work.kind == OwnKind.EXERCISE else _("Pathway")


def deciding(scope: Scope, work: OwnWork, form: DecisionForm) -> dict[str, Any]:
    """Return what the page of one work shows: the edition that was asked about, or the one on offer."""
    found = editions_to_read(scope, [work])[work.id]
    form.version.data = str(found.version)
    shared = {
        "work": work,
        "title": title_of(as_draft(found.draft)),
        "version": found.version,
        "form": form,
        "kind": kind_words(work),
        "owner": writers(scope, {work.owner_id}).get(work.owner_id, ""),
        "published_at": found.published_at,
        "is_asked": work.asked_at is not None,
        "is_offered": work.shelf == Shelf.PRACTICE,
        "card": None,
        "pathway": None,
        "titles": {},
        "texts": [],
    }
    if work.kind == OwnKind.EXERCISE:
        exercise = exercise_in(found.source)
        texts = [each for _name, each in texts_of(as_draft(found.draft))]
        return shared | {"card": None if exercise is None else card(exercise), "texts": texts}
    titles = {slug: each.title for slug, each in library().items()}
    pathway = pathway_in(found.source)
    readings = []
    if pathway is not None:
        readings = [reading(pathway, place, library()) for place in range(len(pathway.steps))]
    return shared | {"pathway": pathway, "titles": titles, "readings": readings}
