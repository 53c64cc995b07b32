"""What a therapist does with words to be used again: keep them, change them, delete them."""

from dataclasses import dataclass

from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises.own.models import InstructionTemplate
from portal.exercises.shelf import exercise_at_hand
from portal.exercises.template_queries import words_of


class Changed(Exception):
    """The words were changed elsewhere since a page was made; ``template`` holds them as they are now."""

    def __init__(self, template: InstructionTemplate) -> None:
        super().__init__(template.id)
        self.template = template


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words under a title; for one exercise, or for any where ``slug`` is empty."""

    title: str
    body: str
    slug: str | None = None


def keep(scope: Scope, wording: Wording, *, once_key: str) -> InstructionTemplate:
    """Keep some words for another time. The same key twice keeps them once."""
    scope.require(Permission.ASSIGN)
    _check(scope, wording)
    query = scope.select(InstructionTemplate).where(
        InstructionTemplate.once_key == once_key, InstructionTemplate.author_id == scope.account_id
    )
    known: InstructionTemplate | None = scope.first(query)
    if known is not None:
        return known
    template = InstructionTemplate(
        author_id=scope.account_id,
        slug=wording.slug,
        title=wording.title,
        saved_at=scope.now,
        once_key=once_key,
    )
    template.body = wording.body
    return scope.add(template)


def change(scope: Scope, template_id: str, wording: Wording, *, seen: str) -> InstructionTemplate:
    """Change some words. ``seen`` is the mark of what the page was made from; raises Changed where it is another."""
    scope.require(Permission.ASSIGN)
    _check(scope, wording)
    template = words_of(scope, template_id, lock=True)
    if (template.title, template.body, template.slug) == (wording.title, wording.body, wording.slug):
        return template
    if mark_of(template) != seen:
        raise Changed(template)
    template.title, template.body, template.slug = wording.title, wording.body, wording.slug
    template.saved_at = scope.now
    scope.flush()
    return template


def drop(scope: Scope, template_id: str) -> None:
    """Delete some words. What was assigned with them keeps them."""
    scope.require(Permission.ASSIGN)
    scope.delete(words_of(scope, template_id))


def mark_of(template: InstructionTemplate) -> str:
    """Return what tells one state of some words from another."""
    return template.saved_at.isoformat()


def _check(scope: Scope, wording: Wording) -> None:
    if wording.slug is not None and exercise_at_hand(scope, wording.slug) is None:
        raise Refused("no such exercise")
