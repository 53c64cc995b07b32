"""Pathways at hand: the built-in ones and therapists' own; and how a draft becomes an edition."""

import logging
from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import func

from portal.access.scope import Scope
from portal.exercises.own.drafts import as_draft
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork
from portal.exercises.own.queries import edition_named, editions_at_hand, my_works
from portal.exercises.own_pathways.drafts import Draft, from_plain
from portal.exercises.own_pathways.source import definition
from portal.exercises.pathway import Pathway, parse_pathway, pathways
from portal.exercises.pathway_models import Journey, JourneyState
from portal.exercises.shelf import at_hand, exercise_at_hand
from portal.kit.library import DefinitionError

log = logging.getLogger(__name__)


def pathways_at_hand(scope: Scope) -> Mapping[str, Pathway]:
    """Return every pathway that can be armed in a scope by slug: the built-in ones, then own works."""
    rows = editions_at_hand(scope, OwnKind.PATHWAY)
    found = [each for row in rows if (each := _usable(scope, row)) is not None]
    return {**pathways(), **{each.slug: each for each in found}}


def pathway_at_hand(scope: Scope, slug: str) -> Pathway | None:
    """Return one pathway that can be armed in a scope; a built-in one costs no query."""
    if slug in pathways():
        return pathways()[slug]
    row = edition_named(scope, OwnKind.PATHWAY, slug)
    return None if row is None else _usable(scope, row)


def _usable(scope: Scope, row: OwnEdition) -> Pathway | None:
    """Return the pathway of an edition. A colleague's is of no use where it names an exercise that is theirs alone."""
    found = pathway_in(row.source)
    if found is None or row.published_by == scope.account_id:
        return found
    is_whole = all(exercise_at_hand(scope, step.exercise) is not None for step in found.steps)
    return found if is_whole else None


def my_pathways(scope: Scope) -> Mapping[str, OwnWork]:
    """Return the pathways that the asking therapist wrote, by slug, finished or not."""
    return {work.slug: work for work in my_works(scope, OwnKind.PATHWAY)}


@lru_cache(maxsize=256)
def pathway_in(source: str) -> Pathway | None:
    """Return the pathway of an edition, or nothing where it can't be read any more."""
    try:
        return parse_pathway(source, name="a pathway of a therapist's own")
    except DefinitionError:
        # One work that can't be read any more must not keep everybody from the list.
        log.exception("an edition of a therapist's own pathway can't be read any more")
        return None


def draft_in(work: OwnWork) -> Draft:
    """Return what is being edited of a work."""
    return from_plain(as_draft(work.draft))


def compile_pathway(scope: Scope, work: OwnWork, version: int) -> str:
    """Return the definition of a work's draft; raises ``DefinitionError`` where it isn't finished."""
    return definition(draft_in(work), at_hand(scope), slug=work.slug, version=version)


def going(scope: Scope, work: OwnWork) -> int:
    """Return how many couples of the asking therapist are on a pathway now."""
    query = (
        scope.select(Journey)
        .where(Journey.slug == work.slug, Journey.state.in_([JourneyState.RUNNING, JourneyState.PAUSED]))
        .with_only_columns(func.count(func.distinct(Journey.couple_id)))
    )
    return int(next(iter(scope.rows(query)))[0])
