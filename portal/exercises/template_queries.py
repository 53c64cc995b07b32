"""A therapist's own words, kept to be used again when something is assigned. Nobody else in the practice reads them."""

from typing import Any

from sqlalchemy import Select, or_

from portal.access.scope import Scope
from portal.exercises.own.models import InstructionTemplate


def own_words(scope: Scope, *, slug: str | None = None) -> list[InstructionTemplate]:
    """Return the asking therapist's words by title; with a ``slug`` only those that can go with that exercise."""
    query = _mine(scope)
    if slug is not None:
        query = query.where(or_(InstructionTemplate.slug.is_(None), InstructionTemplate.slug == slug))
    return scope.all(query.order_by(InstructionTemplate.title, InstructionTemplate.id))


def words_of(scope: Scope, template_id: str, *, lock: bool = False) -> InstructionTemplate:
    """Return some of the asking therapist's words. Raises Refused for somebody else's.

    With ``lock`` nobody else changes them until the commit, and they are read as they are now.
    """
    query = _mine(scope).where(InstructionTemplate.id == template_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: InstructionTemplate = scope.one(query)
    return found


def _mine(scope: Scope) -> Select[Any]:
    # The table belongs to the practice as a whole; whose words these are is said here, in each query.
    return scope.select(InstructionTemplate).where(InstructionTemplate.author_id == scope.account_id)
