"""What the pages about publishing an own pathway show: the last look, and the editions that were published."""

from typing import Any

from portal.access.scope import Scope
from portal.exercises.journey_pages import step_words
from portal.exercises.own import commands as own_commands
from portal.exercises.own.drafts import as_draft
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork
from portal.exercises.own.queries import edition, editions
from portal.exercises.own.state import standing
from portal.exercises.own_pathways.forms import PublishForm
from portal.exercises.own_pathways.pages import all_steps, gaps, going_words
from portal.exercises.own_pathways.shelf import draft_in, going, pathway_in
from portal.exercises.own_pathways.source import sketch, troubles
from portal.exercises.shelf import at_hand, library
from portal.web.translate import _


def publishing(scope: Scope, work: OwnWork, form: PublishForm) -> dict[str, Any]:
    """Return the last look at a draft: what is left to do, or every step as it will be."""
    draft, known = draft_in(work), at_hand(scope)
    form.revision.data = str(work.revision)
    own = {step.exercise for step in draft.steps if step.exercise in known.keys() - library().keys()}
    return {
        "work": work,
        "draft": draft,
        "form": form,
        "gaps": gaps(draft, troubles(draft, known), work),
        "weeks": sketch(draft, known).weeks,
        "cards": all_steps(scope, draft),
        "number": work.version + 1,
        "is_same": is_published(scope, work),
        "going": going_words(number) if (number := going(scope, work)) else "",
        "own_exercises": sorted(known[slug].title for slug in own),
    }


def is_published(scope: Scope, work: OwnWork) -> bool:
    """Say whether the draft is what the newest edition was made of."""
    return bool(work.version) and edition(scope, work, work.version).draft == work.draft


def revision_in(form: PublishForm) -> int:
    """Return the revision that a page was made from; one that never was, where that can't be told."""
    text = form.revision.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def versions(scope: Scope, work: OwnWork) -> dict[str, Any]:
    """Return the published editions, the newest first."""
    rows = [(each, pathway_in(each.source)) for each in editions(scope, work)]
    return {
        "work": work,
        "title": work.title or _("A pathway without a title yet"),
        "editions": rows,
        "standing": standing(work, is_changed=not is_published(scope, work)),
    }


def version(scope: Scope, work: OwnWork, found: OwnEdition, form: PublishForm) -> dict[str, Any]:
    """Return one edition as it was published."""
    pathway = pathway_in(found.source)
    form.revision.data = str(work.revision)
    return {
        "work": work,
        "edition": found,
        "pathway": pathway,
        "steps": step_words(scope, pathway) if pathway is not None else [],
        "form": form,
        "is_draft": found.draft == work.draft,
        "is_unpublished": not is_published(scope, work),
    }


def go_on_from(scope: Scope, work: OwnWork, found: OwnEdition, form: PublishForm) -> OwnWork:
    """Make an edition the draft again. Where the draft has changes of its own, another work begins with it instead."""
    if is_published(scope, work):
        return own_commands.change(
            scope, work, lambda _draft: as_draft(found.draft), revision=revision_in(form)
        )
    return own_commands.create(
        scope,
        OwnKind.PATHWAY,
        as_draft(found.draft),
        once_key=str(form.once_key.data),
        copied_from=work.slug,
    )
