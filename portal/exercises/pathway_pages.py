"""What the pages show on which a therapist looks through the pathways at hand, built-in and own."""

from typing import Any

from flask import url_for

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises.journey_pages import step_words
from portal.exercises.own.models import OwnWork
from portal.exercises.own.state import standing
from portal.exercises.own_pathways.shelf import my_pathways, pathway_at_hand, pathways_at_hand
from portal.exercises.pathway import Pathway, pathways
from portal.people.couple_queries import own_couples
from portal.web.translate import _, _n


def pathway_named(scope: Scope, slug: str) -> Pathway:
    """Return a pathway that the asking therapist can arm. Raises Refused for an unknown one."""
    found = pathway_at_hand(scope, slug)
    if found is None:
        raise Refused("no such pathway")
    return found


def shelf(scope: Scope, couple_id: str | None) -> dict[str, Any]:
    """Return all pathways, for a look through them, and apart from them those that the asking therapist wrote."""
    found, mine = pathways_at_hand(scope), my_pathways(scope)
    others = [each for each in found.values() if each.slug not in mine]
    ordered = sorted(others, key=lambda each: (each.slug in pathways(), each.weeks, each.title))
    return {
        "couple_id": couple_id,
        "mine": [_own_line(work, found.get(slug), couple_id) for slug, work in mine.items()],
        "pathways": [_line(each, couple_id) for each in ordered],
    }


def _own_line(work: OwnWork, pathway: Pathway | None, couple_id: str | None) -> dict[str, Any]:
    """Return the line of a pathway of one's own; what can't be armed leads to where it is written."""
    written = url_for(".own_pathway", work_id=work.id)
    return {
        "title": work.title or _("A pathway without a title yet"),
        "text": _extent(pathway) if pathway is not None else "",
        "url": written if pathway is None else url_for(".pathway", slug=pathway.slug, couple=couple_id),
        "change_url": written if pathway is not None else None,
        "standing": standing(work),
    }


def _line(pathway: Pathway, couple_id: str | None) -> dict[str, Any]:
    return {
        "title": pathway.title,
        "purpose": pathway.purpose,
        "whose": "" if pathway.slug in pathways() else _("Of the practice"),
        "url": url_for(".pathway", slug=pathway.slug, couple=couple_id),
        "text": _extent(pathway),
    }


def _extent(pathway: Pathway) -> str:
    return _(
        "%(steps)s over %(weeks)s",
        steps=_n("%(num)s step", "%(num)s steps", len(pathway.steps)),
        weeks=_n("%(num)s week", "%(num)s weeks", pathway.weeks),
    )


def looked_at(scope: Scope, slug: str, couple_id: str | None) -> dict[str, Any]:
    """Return one pathway, step by step; ``work_id`` is set where the asking therapist wrote it."""
    found = pathway_named(scope, slug)
    work = my_pathways(scope).get(slug) if slug not in pathways() else None
    return {
        "pathway": found,
        "steps": step_words(scope, found),
        "work_id": work.id if work is not None else None,
        "couple_id": couple_id,
        "couples": own_couples(scope),
    }
