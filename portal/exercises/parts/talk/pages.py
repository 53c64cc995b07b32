"""What the page of a talk shows each of the two, gathered into plain values for its templates."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import url_for

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises import queries as exercise_queries
from portal.exercises.coach import Kind
from portal.exercises.coach.beside import Slot
from portal.exercises.coach_pages import Beside, beside_words
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.dialogue import DialogueSpec, StageKind, item_of, topic_item
from portal.exercises.mechanics.talk_model import Move, MoveKind
from portal.exercises.mechanics.talk_view import (
    TimeLeft,
    View,
    is_quiet,
    time_left,
    visible_to,
)
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.parts.base import walk_address
from portal.exercises.parts.talk import queries
from portal.exercises.parts.talk.forms import MoveForm, ReturnForm, move_form
from portal.exercises.parts.talk.words import heading, quoted, steps
from portal.exercises.queries import Task
from portal.people.couple_queries import Circle, Person, circle
from portal.questionnaires.model import Item
from portal.web.visibility import Moment, Names, seen_by

OPEN_TURNS: Final = 3
"""How many of the newest turns stand open on a page; those before them can be unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The timer of a stage: how much of it is left, and until when it runs if it does."""

    total: int
    left: int
    is_running: bool
    until: datetime | None

    @property
    def is_begun(self) -> bool:
        """Whether any of it has passed."""
        return self.is_running or self.left < self.total

    @property
    def minutes(self) -> str:
        """What is left, such as ``4:05``."""
        return f"{self.left // 60}:{self.left % 60:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a talk stands for the one of the two who looks at it."""

    task: Task
    spec: DialogueSpec
    moves: tuple[Move, ...]
    view: View
    me: Person
    other: Person
    people: Circle

    @property
    def is_closed(self) -> bool:
        """Whether the therapist has withdrawn or finished the assignment."""
        return self.task.assignment.state != AssignmentState.OPEN

    @property
    def item(self) -> Item | None:
        """What this partner writes now, in a pause too; nothing where it is the other's turn."""
        if not self.view.writing or self.is_closed:
            return None
        if self.view.stage is None:
            return topic_item(self.spec)
        if self.view.stage.kind is StageKind.CONFIRM:
            # Whether it has come across is answered by a button; written is only what is still missing.
            return replace(item_of(self.view.stage), text=self.view.stage.no_text)
        return item_of(self.view.stage)


def stand_of(scope: Scope, task: Task) -> Stand:
    """Return where the talk of a task's round stands for the viewer."""
    people = circle(scope, task.assignment.couple_id)
    me = people.person(scope.account_id)
    spec = queries.spec_of(task)
    moves = queries.moves_of(scope, task.assignment.id, task.period, people)
    return Stand(
        task=task,
        spec=spec,
        moves=moves,
        view=visible_to(spec, moves, me.seat),
        me=me,
        other=people.partner_of(me.account_id),
        people=people,
    )


def talk(
    scope: Scope,
    task: Task,
    names: Names,
    *,
    form: MoveForm | None = None,
    returning: ReturnForm | None = None,
) -> dict[str, Any]:
    """Return everything that a partner's page of one talk shows."""
    stand = stand_of(scope, task)
    view, spec, moves = stand.view, stand.spec, stand.moves
    is_over = view.ending is not None
    return {
        "task": task,
        "exercise": task.exercise,
        "spec": spec,
        "view": view,
        "is_closed": stand.is_closed,
        "is_over": is_over,
        "me": stand.me,
        "other": stand.other,
        "state": "closed" if stand.is_closed else view.expected.value,
        "heading": heading(view, stand.other.first_name, is_closed=stand.is_closed),
        "steps": steps(spec, view, stand.people, stand.me.seat),
        "clock": _clock(time_left(queries.talk_of(task, moves), scope.now), scope.now),
        "is_quiet": is_quiet(spec, moves, scope.now),
        "paused_at": next((move.at for move in reversed(moves) if move.kind is MoveKind.PAUSE), None),
        "seen_by": seen_by(Label.COUPLE, names=names, moment=Moment.WRITING),
        "seen_by_both": seen_by(Label.COUPLE, names=names),
        "returning": returning or ReturnForm(formdata=None),
        "confirm_form": ConfirmForm(formdata=None),
        "refused": "",
        "closing": _closing(scope, task) if is_over and not stand.is_closed else None,
        "others": _other_talks(scope, task),
        "mark": mark_of(queries.Standing(view.revision, not stand.is_closed)),
        **_thread(stand),
        **_writing(scope, stand, form),
    }


def _thread(stand: Stand) -> dict[str, Any]:
    """Return what was said: all of it, what is to be unfolded, what stands open, and the words the page is about."""
    turns = [quoted(stand.spec, turn, stand.people) for turn in stand.view.turns]
    going_on = [each for each in turns if each.half == stand.view.half]
    recent = going_on[-OPEN_TURNS:]
    theirs = [each for each in recent if each.person.seat is stand.other.seat and each.words]
    return {
        "turns": turns,
        "earlier": turns[: len(turns) - len(recent)],
        "recent": recent,
        "leading": theirs[-1] if theirs else None,
    }


def _writing(scope: Scope, stand: Stand, form: MoveForm | None) -> dict[str, Any]:
    """Return the field for this partner's next words with what they have typed, and words that were never sent."""
    item, kept = stand.item, queries.unsent(scope, stand.task)
    here = kept.at(stand.view.writing)
    filled = _filled(form, item, here.words)
    return {
        "item": item,
        "form": filled,
        "kept": here,
        "saved_at": kept.saved_at if here.words else None,
        "besides": kept.besides(stand.view.writing if item is not None else "") | _unkept(form, item),
        "coach": _coach(stand, filled.said.data),
    }


def mark_of(standing: queries.Standing) -> str:
    """Return what a page tells of itself when it asks whether anything has changed."""
    return f"{standing.revision}{'' if standing.is_open else '-'}"


def _coach(stand: Stand, typed: str | None) -> Beside | None:
    """Return what the writing coach puts beside a speaker's words. It reads nothing that is said back."""
    stage = stand.view.stage
    speaks = stage is not None and stage.kind in {StageKind.SAY, StageKind.CONFIRM}
    if stand.item is None or not speaks:
        return None
    return beside_words(stand.task.exercise, Kind.TURN, [Slot("said")], {"said": typed})


def _unkept(form: MoveForm | None, item: Item | None) -> dict[str, str]:
    """Return what was typed on a page that has no place for it any more, and that could not be kept as it is."""
    words = "" if form is None or item is not None else form.said.data or ""
    return {"": words} if words else {}


def _filled(form: MoveForm | None, item: Item | None, words: str) -> MoveForm:
    if form is not None:
        return form.ask(item) if item is not None else form
    fresh = move_form(item)
    fresh.said.data = words
    return fresh


def _clock(left: TimeLeft | None, now: datetime) -> Clock | None:
    if left is None:
        return None
    return Clock(
        total=int(left.total.total_seconds()),
        left=int(left.left.total_seconds()),
        is_running=left.is_running,
        until=now + left.left if left.is_running else None,
    )


def _closing(scope: Scope, task: Task) -> dict[str, Any]:
    """Return where the questions for this partner alone are, and whether they were answered. The other's never show."""
    asked = exercise_queries.aside(
        scope, task, MechanicName.DIALOGUE, period=task.period, form=queries.spec_of(task).form
    )
    return {
        "url": walk_address(asked),
        "count": len(asked.form.questions),
        "is_sent": asked.state is ResponseState.SENT,
    }


def _other_talks(scope: Scope, task: Task) -> list[tuple[datetime, str]]:
    """Return the other talks of an assignment that comes back: since when, and where to read them."""
    if task.assignment.recurrence == "once":
        return []
    return [
        (each.since, url_for("exercises.talk", assignment_id=task.assignment.id, round=each.period))
        for each in queries.begun(scope, task.assignment.id)
        if each.period != task.period
    ]
