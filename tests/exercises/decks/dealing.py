"""Short ways to deal, answer and read cards in tests, through the real commands."""

from collections.abc import Mapping
from datetime import timedelta

from portal.access.scope import Records, Scope
from portal.access.viewer import Viewer
from portal.exercises import commands
from portal.exercises import queries as exercise_queries
from portal.exercises.mechanics.dealing import Round
from portal.exercises.mechanics.deck import DEPTH, answer_key
from portal.exercises.parts.decks import pages, queries
from portal.exercises.parts.decks.commands import tell
from portal.exercises.queries import Task
from portal.kit.clock import HeldClock
from portal.kit.ids import new_id
from portal.questionnaires.model import Value
from portal.web.visibility import Names
from tests.exercises.doing import task_of

WEEK = timedelta(days=7)


def pass_time(records: Records, step: timedelta) -> None:
    """Move the clock."""
    assert isinstance(records.clock, HeldClock)
    records.clock.move(step)


def rounds(records: Records, viewer: Viewer, assignment_id: str) -> tuple[Round, ...]:
    """Return the rounds of a deck as somebody sees them."""
    with records.within(viewer, read_only=True) as scope:
        if viewer.is_partner:
            found = task_of(scope, viewer, assignment_id)
            return queries.rounds(scope, found.assignment, found.exercise)
        assignment = scope.find(exercise_queries.Assignment, assignment_id)
        exercise = exercise_queries.exercises_for(scope, {assignment.copy_id})[assignment.copy_id]
        return queries.rounds(scope, assignment, exercise)


def hand(records: Records, viewer: Viewer, assignment_id: str, place: int = -1) -> list[str]:
    """Return the keys of the cards of a round, the newest unless another is asked for."""
    return [card.key for card in rounds(records, viewer, assignment_id)[place].hand]


def walk(scope: Scope, viewer: Viewer, assignment_id: str, name: str = "") -> Task:
    """Return the walk of a round as the pages make it; the newest unless one is named."""
    task = task_of(scope, viewer, assignment_id)
    found = queries.rounds(scope, task.assignment, task.exercise)
    chosen = next(each for each in found if each.name == (name or found[-1].name))
    form = queries.form_for(scope, task, chosen.name)
    assert form is not None, "this round can't be walked"
    return exercise_queries.aside(scope, task, task.part, period=chosen.name, form=form)


def answer(
    records: Records,
    viewer: Viewer,
    assignment_id: str,
    *,
    words: str = "",
    name: str = "",
    depth: str = "",
    values: Mapping[str, Value] | None = None,
) -> str:
    """Answer every card of a round with some words and send it; return the name of the round."""
    with records.within(viewer) as scope:
        task = walk(scope, viewer, assignment_id, name)
        typed: dict[str, Value] = {}
        for item in task.form.questions:
            if words and item.key != DEPTH:
                typed[item.key] = f"{words} {item.key}"
        typed |= {DEPTH: depth} if depth else {}
        typed |= values or {}
        commands.keep_draft(scope, task, typed, revision=None)
        task = walk(scope, viewer, assignment_id, task.period)
        commands.send(scope, task, once_key=new_id())
        tell(scope, task)
        return task.period


def draft(records: Records, viewer: Viewer, assignment_id: str, values: Mapping[str, Value]) -> None:
    """Keep a draft in the newest round."""
    with records.within(viewer) as scope:
        commands.keep_draft(scope, walk(scope, viewer, assignment_id), values, revision=None)


def seen(records: Records, viewer: Viewer, assignment_id: str, wanted: str = "") -> dict[str, object]:
    """Return what a partner's page of a deck is made of."""
    with records.within(viewer, read_only=True) as scope:
        task = task_of(scope, viewer, assignment_id)
        return pages.deck_page(scope, task, Names(partner="Alex", therapist="Ines"), wanted=wanted)


__all__ = ["WEEK", "answer", "answer_key", "draft", "hand", "pass_time", "rounds", "seen", "walk"]
