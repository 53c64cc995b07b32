"""How journals fit into the rest of an exercise: the pages of an entry, and what others are shown of one."""

from datetime import datetime
from typing import Final

from portal.access.scope import Scope
from portal.exercises.mechanics import journal
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import ResponseState
from portal.exercises.parts.base import Part, Standing
from portal.exercises.parts.journals import pages, queries
from portal.exercises.parts.journals.queries import spec_of
from portal.exercises.queries import Task
from portal.questionnaires.model import Form
from portal.web.translate import _


def walk(scope: Scope, task: Task, round_name: str) -> Form | None:
    """Return the page of an entry that can be written on: not one that is shared."""
    prompt = journal.prompt_of(spec_of(task.exercise), round_name)
    if prompt is None:
        return None
    found = queries.entry_task(scope, task, round_name)
    return None if found.state is ResponseState.SENT else found.form


def standing(task: Task, now: datetime) -> Standing | None:
    """Return how a journal stands that was opened once: it is there, and never asks for anything."""
    del now  # It is there whenever it is wanted.
    return None if task.state is None else Standing(_("For you alone, whenever you like"), is_asked=False)


JOURNAL: Final = Part(
    mechanic=MechanicName.JOURNAL,
    page="exercises.journal",
    words=lambda: _("Your pages"),
    opened_words=lambda names: _("Shared by %(name)s", name=names.partner or _("your partner")),
    walk=walk,
    review=pages.review,
    review_template="exercises/journals/review.html",
    standing=standing,
    is_kept=True,
    opened=pages.opened,
    opened_template="exercises/journals/opened.html",
)
