"""What partners do with their years: keep a draft piece by piece, send it, take it back."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.exercises import commands
from portal.exercises import queries as exercise_queries
from portal.exercises.commands import TooLate
from portal.exercises.matching import lock
from portal.exercises.mechanics.story import line_text, story_of
from portal.exercises.mechanics.timeline_model import LINE
from portal.exercises.models import AssignmentState, Response, ResponseState
from portal.exercises.parts.timelines.queries import is_open, spec_of, told, whole
from portal.exercises.queries import Task
from portal.questionnaires.model import Answers, Value

_MARK_LENGTH = 16


class Clash(Exception):
    """A piece of a draft was changed elsewhere meanwhile. ``theirs`` is what is kept now, ``mark`` stands for it."""

    def __init__(self, theirs: Answers, mark: str) -> None:
        super().__init__("changed elsewhere")
        self.theirs, self.mark = theirs, mark


def mark_of(values: Answers, keys: Sequence[str]) -> str:
    """Return what stands for some values of a draft, so that a page can tell later what it was made from."""
    kept = json.dumps([values.get(key) for key in keys], ensure_ascii=False)
    return sha256(kept.encode()).hexdigest()[:_MARK_LENGTH]


def keep(
    scope: Scope, task: Task, typed: Mapping[str, Value | None], *, mark: str | None, replace: bool = False
) -> str:
    """Keep a piece of a partner's draft; return the mark that stands for it now.

    Other pieces stay as they are, and may have been changed in another window meanwhile: only where the very piece is
    another one than ``mark`` stands for, Clash is raised and nothing changes, unless ``replace``. Raises TooLate once
    it is open to both, or has ended.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    _check_shut(scope, task)
    own = whole(scope, task)
    now = exercise_queries.my_values(scope, own)
    keys = sorted(typed)
    standing = mark_of(now, keys)
    changes = any(now.get(key) != value for key, value in typed.items())
    if changes and mark is not None and mark != standing and not replace:
        raise Clash(now, standing)
    commands.keep_draft(scope, own, typed, revision=None)
    return mark_of(exercise_queries.my_values(scope, whole(scope, task)), keys)


def _check_shut(scope: Scope, task: Task) -> None:
    """Raise TooLate where a round is open: who has read the other's years doesn't change their own any more."""
    entries = told(scope, task.assignment, spec_of(task.exercise))
    if is_open(scope, entries, task.period):
        raise TooLate("it is open by now")


def send(scope: Scope, task: Task, *, once_key: str) -> Response:
    """Send a partner's years with their answers. What stands in years before the first one is not sent.

    Raises Incomplete when the first year or the line is missing, and TooLate as ``keep`` does.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    own = whole(scope, task)
    if own.response is not None and own.response.once_key == once_key:
        return own.response
    _check_shut(scope, task)
    line = story_of(spec_of(task.exercise), exercise_queries.my_values(scope, own)).line
    commands.keep_draft(scope, own, {LINE: line_text(line) or None}, revision=None)
    return commands.send(scope, whole(scope, task), once_key=once_key)


def take_back(scope: Scope, task: Task) -> None:
    """Turn what was sent back into a draft. Raises TooLate once it is open to both, or has ended."""
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    _check_shut(scope, task)
    own = whole(scope, task)
    if own.state is not ResponseState.SENT or task.assignment.state != AssignmentState.OPEN:
        raise TooLate("there is nothing to take back")
    commands.make_draft_again(scope, own)
