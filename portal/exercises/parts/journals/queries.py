"""Reads of journals: one's own entries, and the few that somebody else has shared."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Final

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import journal
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.journal import JournalSpec
from portal.exercises.models import Answer, Assignment, Draft, Response, ResponseState
from portal.exercises.queries import Task, my_response
from portal.kit.ids import id_from
from portal.questionnaires.model import Answers, Item, Value

LOT_LENGTH: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of one's own journal; ``shared_at`` is set while it is shared."""

    name: str
    prompt: Item
    values: Answers
    begun_at: datetime
    audience: Audience
    shared_at: datetime | None

    @property
    def mark(self) -> str:
        """A mark of what it says now, by which a page can tell later whether it still says the same."""
        says = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        return sha256(says.encode()).hexdigest()[:32]

    @property
    def is_private(self) -> bool:
        """Say whether nobody else knows of it."""
        return self.audience is Audience.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """An entry that its writer has shared with the viewer."""

    author_id: str
    response_id: str
    prompt: Item
    values: Answers
    audience: Audience
    shared_at: datetime


def spec_of(exercise: Exercise) -> JournalSpec:
    """Return what an exercise says about its journal. Raises Refused for one without a journal."""
    spec = exercise.spec(JournalSpec)
    if spec is None:
        raise Refused("not a journal")
    return spec


def entry_task(scope: Scope, task: Task, name: str) -> Task:
    """Return the walk of one entry. Raises Refused for what can't be the name of an entry."""
    found = new_entry(task, name)
    response = my_response(scope, task.assignment, MechanicName.JOURNAL, name)
    return replace(found, response=response)


def new_entry(task: Task, name: str) -> Task:
    """Return the walk of an entry that isn't written yet. Raises Refused for what can't be the name of an entry."""
    spec = spec_of(task.exercise)
    prompt = journal.prompt_of(spec, name)
    if prompt is None:
        raise Refused("not an entry")
    walk = task.exercise.walk(MechanicName.JOURNAL, journal.entry_form(spec, prompt))
    return Task(task.assignment, walk, name, None, is_aside=True)


def new_name(scope: Scope, task: Task, place: int, taken: Collection[str]) -> str:
    """Return the name for a new entry that follows the prompt at a place: the same until an entry has it.

    It is drawn with a key that nobody can look up, so that whoever reads one entry can't tell how many there are.
    """
    about = (task.assignment.id, scope.account_id, str(place))
    names = (
        journal.entry_name(id_from(scope.blind("/".join((*about, str(number)))))[:LOT_LENGTH], place)
        for number in count()
    )
    return next(name for name in names if name not in taken)


def my_entries(scope: Scope, task: Task) -> list[Entry]:
    """Return everything that the viewer has written in a journal, newest first."""
    query = scope.select(Response).where(
        Response.author_id == scope.account_id,
        Response.assignment_id == task.assignment.id,
        Response.part == MechanicName.JOURNAL,
    )
    return _entries(scope, spec_of(task.exercise), scope.all(query.order_by(Response.started_at.desc())))


def my_entry(scope: Scope, task: Task, name: str) -> Entry:
    """Return one entry of one's own. Raises Refused where there is none."""
    response = entry_task(scope, task, name).response
    found = _entries(scope, spec_of(task.exercise), [] if response is None else [response])
    if not found:
        raise Refused("no such entry")
    return found[0]


def _entries(scope: Scope, spec: JournalSpec, responses: Sequence[Response]) -> list[Entry]:
    """Return the entries behind some responses; a response that begins the whole exercise is none."""
    ids = sorted(each.id for each in responses)
    drafts = {
        draft.response_id: draft
        for draft in scope.all(
            scope.select(Draft).where(Draft.response_id.in_(ids), Draft.author_id == scope.account_id)
        )
    }
    answers = _answers(scope, ids)
    found = []
    for each in responses:
        prompt = journal.prompt_of(spec, each.period)
        if prompt is None:
            continue
        draft, given = drafts.get(each.id), answers.get(each.id, [])
        is_sent = each.state == ResponseState.SENT and bool(given)
        found.append(
            Entry(
                name=each.period,
                prompt=prompt,
                values={one.item: one.value for one in given}
                if is_sent
                else dict(draft.values if draft else {}),
                begun_at=each.started_at,
                audience=Audience(given[0].audience) if is_sent else Audience.PRIVATE,
                shared_at=each.sent_at if is_sent else None,
            )
        )
    return found


def _answers(scope: Scope, response_ids: Sequence[str]) -> dict[str, list[Answer]]:
    query = scope.select(Answer).where(
        Answer.response_id.in_(response_ids), Answer.author_id == scope.account_id
    )
    found: dict[str, list[Answer]] = {}
    for each in scope.all(query):
        found.setdefault(each.response_id, []).append(each)
    return found


def shared_with_me(scope: Scope, assignment: Assignment, exercise: Exercise) -> list[Shared]:
    """Return the entries of others that the viewer may read, the one shared last first."""
    query = scope.select(Answer).where(
        Answer.assignment_id == assignment.id,
        Answer.author_id != scope.account_id,
        Answer.sent_at.is_not(None),
    )
    spec = spec_of(exercise)
    by_response: dict[str, list[Answer]] = {}
    for each in scope.all(query.order_by(Answer.sent_at, Answer.id)):
        by_response.setdefault(each.response_id, []).append(each)
    found = [_shared(spec, answers) for answers in by_response.values()]
    return sorted((each for each in found if each is not None), key=lambda each: each.shared_at, reverse=True)


def _shared(spec: JournalSpec, answers: Sequence[Answer]) -> Shared | None:
    first = answers[0]
    prompt = journal.prompt_of(spec, first.period)
    if prompt is None or first.sent_at is None:
        return None
    values: dict[str, Value] = {each.item: each.value for each in answers}
    return Shared(
        author_id=first.author_id,
        response_id=first.response_id,
        prompt=prompt,
        values=values,
        audience=Audience(first.audience),
        shared_at=max(each.shared_at or first.sent_at for each in answers),
    )
