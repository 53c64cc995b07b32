"""What the pages of a journal show, gathered into plain values for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import url_for

from portal.access.privacy import LABELS, Audience
from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import journal
from portal.exercises.mechanics.base import Line, summarise
from portal.exercises.mechanics.journal import JournalSpec
from portal.exercises.models import Assignment, ResponseState
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.base import walk_address
from portal.exercises.parts.journals import queries
from portal.exercises.parts.journals.commands import offered
from portal.exercises.parts.journals.forms import seen
from portal.exercises.parts.journals.queries import Entry, spec_of
from portal.exercises.queries import Task
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle, Person
from portal.questionnaires.model import Answers, Item
from portal.web.translate import _
from portal.web.visibility import Names, SeenBy, seen_by_staff

FIRST_WORDS: Final = 70
TITLE_LENGTH: Final = 60
PROMPTS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to write about, and where a new entry about it begins."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in the list of one's own."""

    title: str
    url: str
    begun_at: datetime
    words: str
    is_shared: bool
    seen_by: SeenBy


def journal_page(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what a journal shows to its writer: what to write about, and everything they have written."""
    spec, entries = spec_of(task.exercise), queries.my_entries(scope, task)
    return {
        "task": task,
        "is_ended": has_ended(task),
        "open_page": _prompt(scope, task, 0, entries),
        "prompts": _prompts(scope, task, spec, entries),
        "shown": PROMPTS_SHOWN,
        "rows": [_row(task, spec, each, names) for each in entries],
        "shares": spec.share is journal.Sharing.BY_ENTRY,
        "seen_by": seen(Audience.PRIVATE, names),
        "from_others": bool(queries.shared_with_me(scope, task.assignment, task.exercise)),
        "names": names,
    }


def _prompts(scope: Scope, task: Task, spec: JournalSpec, entries: Sequence[Entry]) -> list[Prompt]:
    """Return the questions to choose from: first those about which nothing stands here yet."""
    used = {entry.prompt.key for entry in entries}
    places = sorted(range(1, len(spec.prompts)), key=lambda place: spec.prompts[place].key in used)
    return [_prompt(scope, task, place, entries) for place in places]


def _prompt(scope: Scope, task: Task, place: int, entries: Sequence[Entry]) -> Prompt:
    name = queries.new_name(scope, task, place, {entry.name for entry in entries})
    walked = queries.new_entry(task, name)
    return Prompt(walked.form.questions[0].text, walk_address(walked))


def _row(task: Task, spec: JournalSpec, entry: Entry, names: Names) -> Row:
    return Row(
        title=_begin(_title(entry.prompt), TITLE_LENGTH),
        url=url_for("exercises.journal_entry", assignment_id=task.assignment.id, name=entry.name),
        begun_at=entry.begun_at,
        words=_begin(" ".join(journal.words_in(spec, entry.values).split()), FIRST_WORDS),
        is_shared=not entry.is_private,
        seen_by=seen(entry.audience, names),
    )


def _begin(words: str, length: int) -> str:
    return words if len(words) <= length else words[:length].rsplit(" ", 1)[0] + " …"


def _title(prompt: Item) -> str:
    return _("A page of your own") if prompt.key == journal.OPEN else prompt.text


def entry_page(scope: Scope, task: Task, name: str, names: Names) -> dict[str, Any]:
    """Return what one entry shows to its writer. Raises Refused where there is none."""
    entry = queries.my_entry(scope, task, name)
    is_ended = has_ended(task)
    can_change = entry.is_private and not is_ended
    return {
        "task": task,
        "entry": entry,
        "title": _title(entry.prompt),
        "written": written(spec_of(task.exercise), entry.prompt, entry.values),
        "seen_by": seen(entry.audience, names),
        "change_url": walk_address(queries.entry_task(scope, task, name)) if can_change else None,
        "offered": [] if journal.is_blank(entry.values) else list(offered(task, entry)),
        "names": names,
    }


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in an entry: the answers on its scales, and the words."""

    scales: tuple[Line, ...]
    words: str


def written(spec: JournalSpec, prompt: Item, values: Answers) -> Written:
    """Return what stands in an entry."""
    lines = summarise(journal.entry_form(spec, prompt), values).lines
    return Written(
        scales=tuple(line for line in lines if line.texts and line.key != prompt.key),
        words=journal.words_in(spec, values),
    )


def share_page(scope: Scope, task: Task, name: str, names: Names) -> dict[str, Any]:
    """Return what the page shows on which a writer decides who may read one entry."""
    found = entry_page(scope, task, name, names)
    told = {each.value: seen(each, names) for each in found["offered"]}
    return found | {"option_seen": told}


def opened(scope: Scope, assignment: Assignment, exercise: Exercise) -> Mapping[str, Any] | None:
    """Return the entries that somebody has shared with the partner who reads, if there are any."""
    found = queries.shared_with_me(scope, assignment, exercise)
    spec = spec_of(exercise)
    entries = [
        (each, _title_for_others(each.prompt), written(spec, each.prompt, each.values)) for each in found
    ]
    return {"entries": entries} if entries else None


def _title_for_others(prompt: Item) -> str:
    return "" if prompt.key == journal.OPEN else prompt.text


@dataclass(frozen=True, slots=True)
class ForTherapist:
    """An entry that its writer has shared, as the therapist reads it."""

    person: Person
    title: str
    written: Written
    shared_at: datetime
    seen_by: SeenBy
    is_new: bool


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return the entries that were shared with the therapist; nothing tells whether there are others."""
    spec = spec_of(work.exercise)
    new = {
        each.id for each in work.responses if each.state == ResponseState.SENT and each.reviewed_at is None
    }
    found = [
        ForTherapist(
            person=people.person(each.author_id),
            title=_title_for_others(each.prompt),
            written=written(spec, each.prompt, each.values),
            shared_at=each.shared_at,
            seen_by=seen_by_staff(LABELS[each.audience], author=people.person(each.author_id).first_name),
            is_new=each.response_id in new,
        )
        for each in queries.shared_with_me(scope, work.assignment, work.exercise)
    ]
    return {"entries": found} if found else None
