"""What the pages of a timeline show a partner, gathered into plain values for their templates."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from wtforms import Form

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import queries as exercise_queries
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.story import free_number, story_of
from portal.exercises.mechanics.timeline_model import (
    EVENT_PAGE,
    QUESTIONS,
    START,
    Event,
    Story,
    TimelineSpec,
)
from portal.exercises.models import ResponseState
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.timelines import queries
from portal.exercises.parts.timelines.drawings import drawing, pad
from portal.exercises.parts.timelines.forms import Piece, differences
from portal.exercises.parts.timelines.queries import Told, spec_of
from portal.exercises.queries import Task
from portal.people.couple_queries import Circle, Person, circle
from portal.questionnaires.drawing import DrawnPage
from portal.questionnaires.model import Answers, Value
from portal.web.translate import _
from portal.web.visibility import Moment, Names, SeenBy, seen_by

TEMPLATES = {START: "start", EVENT_PAGE: "event", QUESTIONS: "questions"}
"""The template of each page that asks for one piece, besides the line."""
STEPS = 3
"""The years, the questions, and reading it all over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One of a partner's own events in the list, with its number; what lacks a year or a title says so."""

    number: int
    year: int | None
    kind: str
    title: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BothAnswered:
    """One question with what two people answered, by position; empty where somebody answered nothing."""

    question: str
    answers: tuple[str, str]


def seen(names: Names, *, moment: Moment = Moment.WRITING) -> SeenBy:
    """Return who will see everything here."""
    return seen_by(Label.LATER, names=names, moment=moment)


def editor(
    task: Task, piece: Piece, drawn: DrawnPage, form: Form, names: Names, *, seat: Seat
) -> dict[str, Any]:
    """Return what the page of years shows while a partner makes their line and places events."""
    spec = spec_of(task.exercise)
    story = story_of(spec, piece.draft)
    return _common(task, piece, drawn, form, names) | {
        "spec": spec,
        "seat": seat.value,
        "start": story.start,
        "pad": pad(spec, [int(item.text) for item in piece.page.items], story),
        "events": _rows(spec, story),
        "has_room": free_number(spec, piece.draft) is not None,
        "number": 1,
        "total": STEPS,
    }


def piece_page(task: Task, piece: Piece, drawn: DrawnPage, form: Form, names: Names) -> dict[str, Any]:
    """Return what a page shows that asks for the first year, one event, or the questions."""
    spec = spec_of(task.exercise)
    return _common(task, piece, drawn, form, names) | {
        "spec": spec,
        "page": piece.page,
        "event_number": piece.number,
        "is_new": piece.number is not None and not piece.shown,
        "hints": spec.hints,
        "number": 2,
        "total": STEPS,
    }


def _common(task: Task, piece: Piece, drawn: DrawnPage, form: Form, names: Names) -> dict[str, Any]:
    return {
        "task": task,
        "exercise": task.exercise,
        "names": names,
        "form": form,
        "rows": drawn.rows(form),
        "mark": piece.mark,
        "is_kept": any(key in piece.draft for key in piece.keys),
        "seen_by": seen(names),
    }


def _rows(spec: TimelineSpec, story: Story) -> list[EventRow]:
    """Return a partner's own events by year; those without one come last."""
    found = sorted(story.events.items(), key=lambda each: (each[1].year or 9999, each[0]))
    return [_row(spec, number, event) for number, event in found]


def _row(spec: TimelineSpec, number: int, event: Event) -> EventRow:
    return EventRow(
        number=number,
        year=event.year,
        kind=spec.kind_text(event.kind),
        title=event.title,
        is_whole=event.is_whole,
    )


def clash(
    task: Task, piece: Piece, drawn: DrawnPage, form: Form, *, theirs: Answers, mark: str
) -> dict[str, Any]:
    """Return both states of a piece that was changed in two windows."""
    typed: dict[str, Value | None] = piece.typed(drawn, form)
    mine = {key: value for key, value in {**theirs, **typed}.items() if value is not None}
    pairs = differences(piece, mine, theirs)
    return {"task": task, "pairs": pairs, "form": form, "rows": drawn.rows(form), "revision": mark}


def check(scope: Scope, task: Task, names: Names, form: Form, *, missing: bool = False) -> dict[str, Any]:
    """Return everything that is about to be sent, with what is still missing."""
    spec = spec_of(task.exercise)
    own = queries.whole(scope, task)
    draft = exercise_queries.my_values(scope, own)
    story = story_of(spec, draft)
    me = circle(scope, task.assignment.couple_id).person(scope.account_id)
    return {
        "task": task,
        "exercise": task.exercise,
        "spec": spec,
        "story": story,
        "drawing": drawing(spec, [(me, story)]) if story.years else None,
        "unfinished": [_row(spec, number, event) for number, event in story.unfinished],
        "questions": [(item.text, str(draft.get(item.key, ""))) for item in spec.form.questions],
        "missing": _missing(task, story) if missing else [],
        "form": form,
        "names": names,
        "seen_by": seen(names, moment=Moment.NOW),
        "number": STEPS,
        "total": STEPS,
    }


def _missing(task: Task, story: Story) -> list[tuple[str, str]]:
    """Return what has to be there before it can be sent, each with the address where it is asked."""
    address = url_for("exercises.years", assignment_id=task.assignment.id, again=1)
    if story.start is None:
        return [(_("Please say in which year your story begins"), address)]
    return [] if story.line else [(_("Please give at least one year a number"), address)]


def standing(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what a partner's page shows once they have sent, or once it is open to both."""
    spec = spec_of(task.exercise)
    entries = queries.told(scope, task.assignment, spec)
    period = _period(scope, task, entries)
    people = circle(scope, task.assignment.couple_id)
    me = people.person(scope.account_id)
    other = people.partner_of(me.account_id)
    is_open = queries.is_open(scope, entries, period)
    shown = [me, other] if is_open else [me]
    own = queries.whole(scope, task)
    return {
        "task": task,
        "exercise": task.exercise,
        "names": names,
        "me": me,
        "other": other,
        "is_open": is_open,
        "is_ended": has_ended(task),
        "can_change": not is_open and not has_ended(task) and own.state is ResponseState.SENT,
        **together(spec, entries, people, period=period, shown=shown),
        "seen_by": seen_by(Label.COUPLE if is_open else Label.LATER, names=names),
        "form": ConfirmForm(formdata=None),
    }


def _period(scope: Scope, task: Task, entries: list[Told]) -> str:
    """Return the round that is shown: the task's own if anything of it was sent, or else the newest that is open."""
    if any(each.period == task.period for each in entries):
        return task.period
    opened = [each.period for each in entries if queries.is_open(scope, [each], each.period)]
    return opened[-1] if opened else task.period


def together(
    spec: TimelineSpec, entries: list[Told], people: Circle, *, period: str, shown: list[Person]
) -> dict[str, Any]:
    """Return the years of some people in one drawing, and what they answered beside each other."""
    by_author = {each.author_id: each for each in entries if each.period == period}
    told = [by_author.get(person.account_id) for person in shown]
    stories = [
        (person, each.story(spec) if each else Story()) for person, each in zip(shown, told, strict=True)
    ]
    in_seats = sorted(stories, key=lambda each: each[0].seat.value)
    answers = [each.values if each else {} for each in told] + [{}]
    return {
        "people": people,
        "shown": shown,
        "drawing": drawing(spec, in_seats),
        "questions": [
            BothAnswered(
                question=item.text,
                answers=(str(answers[0].get(item.key, "")), str(answers[1].get(item.key, ""))),
            )
            for item in spec.form.questions
        ],
    }


def is_told(scope: Scope, task: Task, *, again: bool) -> bool:
    """Say whether a partner is shown what stands, rather than their draft: it is open, or sent and not taken up again."""
    entries = queries.told(scope, task.assignment, spec_of(task.exercise))
    if queries.is_open(scope, entries, task.period):
        return True
    own = queries.whole(scope, task)
    if own.state is ResponseState.SENT:
        return not again or has_ended(task)
    earlier = any(queries.is_open(scope, [each], each.period) for each in entries)
    return earlier and (own.state is None or has_ended(task))
