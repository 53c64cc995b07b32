"""What writers do with the entries of a journal besides writing: share one, stop sharing it, delete it."""

from typing import Final

from sqlalchemy import delete

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises.matching import lock
from portal.exercises.mechanics import journal
from portal.exercises.mechanics.journal import Sharing
from portal.exercises.models import Answer, Draft, Response, ResponseState
from portal.exercises.parts.journals.queries import Entry, entry_task, my_entry, spec_of
from portal.exercises.queries import Task, my_draft

MANY: Final = 100_000_000


class Blank(Exception):
    """There is nothing in the entry that could be shared."""


class Changed(Exception):
    """The entry says something else than the page on which its writer decided."""


def share(scope: Scope, task: Task, name: str, *, audience: Audience, mark: str) -> Response:
    """Let the therapist, or both others, read one entry, and write down that this was done.

    ``mark`` is that of the words which the writer had before them: Changed is raised where the entry says something
    else by now, Blank where it says nothing. Where they read it already, nothing changes. That an assignment has ended
    changes nothing about whose words these are.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    # Two windows must not share two wordings.
    lock(scope, task.assignment)
    entry = my_entry(scope, task, name)
    response = _response(scope, task, name)
    if entry.audience is audience:
        return response
    if audience not in offered(task, entry):
        raise Refused("entries are shared with more people, never with fewer")
    if entry.is_private:
        _send(scope, task, response, entry, mark=mark)
    for answer in _answers(scope, response):
        answer.audience, answer.shared_at = audience, scope.now
        answer.open_at = scope.now if audience is Audience.COUPLE else None
    record(
        scope, Action.WIDENED, subject_id=response.id, couple_id=response.couple_id, audience=audience.value
    )
    scope.flush()
    return response


def offered(task: Task, entry: Entry) -> tuple[Audience, ...]:
    """Return with whom a writer can share an entry, beyond those who read it already."""
    if spec_of(task.exercise).share is Sharing.NEVER:
        return ()
    return journal.wider(entry.audience)


def _send(scope: Scope, task: Task, response: Response, entry: Entry, *, mark: str) -> None:
    """Turn the draft of an entry into answers; until now nobody could tell that the entry was there."""
    if mark != entry.mark:
        raise Changed
    if journal.is_blank(entry.values):
        raise Blank
    rows = []
    for item in entry_task(scope, task, entry.name).form.questions:
        if item.key not in entry.values:
            continue
        row = Answer(
            couple_id=response.couple_id,
            assignment_id=response.assignment_id,
            response_id=response.id,
            author_id=response.author_id,
            item=item.key,
            period=response.period,
            audience=Audience.PRIVATE,
            lists_open=False,
            sent_at=scope.now,
        )
        row.value = entry.values[item.key]
        rows.append(row)
    scope.add_all(rows)
    response.state, response.sent_at = ResponseState.SENT, scope.now
    draft = my_draft(scope, response)
    if draft is not None:
        scope.delete(draft)


def stop_sharing(scope: Scope, task: Task, name: str) -> None:
    """Make a shared entry private again, from now on, and write down that this was done. Who has read it, has."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    entry = my_entry(scope, task, name)
    if entry.is_private:
        return
    response = _response(scope, task, name)
    # The draft gets a revision that no window from before has, so that none of them can write over it unasked.
    draft = Draft(
        couple_id=response.couple_id,
        author_id=scope.account_id,
        response_id=response.id,
        revision=int(scope.now.timestamp()) % MANY,
    )
    draft.values, draft.saved_at = dict(entry.values), scope.now
    scope.add(draft)
    scope.session.execute(delete(Answer).where(Answer.response_id == response.id))
    response.state, response.sent_at = ResponseState.DRAFT, None
    response.reviewed_at, response.reviewed_by = None, None
    record(scope, Action.TAKEN_BACK, subject_id=response.id, couple_id=response.couple_id)


def discard(scope: Scope, task: Task, name: str) -> None:
    """Delete an entry that is private. Raises Refused for one that is shared.

    Nothing is written down about it: the trail would tell that there had been an entry.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    response = entry_task(scope, task, name).response
    if response is None:
        return
    if response.state == ResponseState.SENT:
        raise Refused("it is shared")
    draft = my_draft(scope, response)
    if draft is not None:
        scope.delete(draft)
    scope.delete(response)


def _response(scope: Scope, task: Task, name: str) -> Response:
    response = entry_task(scope, task, name).response
    if response is None:
        raise Refused("no such entry")
    return response


def _answers(scope: Scope, response: Response) -> list[Answer]:
    query = scope.select(Answer).where(
        Answer.response_id == response.id, Answer.author_id == scope.account_id
    )
    return scope.all(query)
