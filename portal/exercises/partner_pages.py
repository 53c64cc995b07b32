"""What a partner's exercise pages show, gathered into plain values for their templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms import Form
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Refused
from portal.access.privacy import LABELS, Audience
from portal.access.scope import Scope
from portal.exercises import commands, queries
from portal.exercises.domain import Exercise
from portal.exercises.forms import (
    ConfirmForm,
    LogForm,
    ReactForm,
    draw,
    label_words,
    page_of,
    place_of,
    walk,
    words_for,
)
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.letter import LetterSpec, response_text, whole_text
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.questionnaire import QuestionnaireSpec
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.models import Answer, Assignment, Feedback
from portal.exercises.queries import MatchWords, Task, Written
from portal.exercises.shelf import exercises_by_copy
from portal.questionnaires.drawing import DrawnPage, say_error
from portal.questionnaires.model import Item
from portal.questionnaires.validation import Error
from portal.web.visibility import Moment, Names, SeenBy, seen_by, who_sees

WEEKS_SHOWN = 4


def intro(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what the introduction shows."""
    exercise = task.exercise
    labels = {exercise.label_of(item) for item in exercise.form.questions}
    hints = exercise.spec(LetterSpec) is not None
    return {
        "task": task,
        "exercise": exercise,
        "rows": [row for label in sorted(labels) for row in who_sees(label, names=names, hints=hints)][
            : 2 + hints
        ]
        if len(labels) == 1
        else _each_label(exercise, names),
        "pages": len(walk(exercise, queries.my_values(scope, task))),
        "names": names,
        "form": ConfirmForm(),
    }


def _each_label(exercise: Exercise, names: Names) -> list[Any]:
    rows = {
        row.seen_by.text: row
        for item in exercise.form.questions
        for row in who_sees(exercise.label_of(item), names=names)
    }
    return list(rows.values())


def step(
    scope: Scope, task: Task, drawn: DrawnPage, form: Form, names: Names, *, place: tuple[int, int]
) -> dict[str, Any]:
    """Return what one page of an exercise shows."""
    draft = queries.my_draft(scope, task.response) if task.response is not None else None
    number, total = place
    pages = walk(task.exercise, queries.my_values(scope, task))
    return {
        "task": task,
        "page": pages[number - 1],
        "rows": drawn.rows(form),
        "form": form,
        "number": number,
        "total": total,
        "place": place_of(task.exercise, pages[number - 1].key),
        "before": place_of(task.exercise, pages[number - 2].key) if number > 1 else None,
        "draft": draft,
        "names": names,
        "is_letter": task.exercise.spec(LetterSpec) is not None,
        "is_overlap": task.exercise.spec(OverlapSpec) is not None,
    }


def conflict(task: Task, drawn: DrawnPage, found: commands.Conflict, form: Form) -> dict[str, Any]:
    """Return both texts of a draft that was changed in two places."""
    pairs = []
    for item in drawn.items:
        mine, theirs = found.mine.get(item.key), found.theirs.get(item.key)
        if mine != theirs:
            pairs.append((item.text, mine, theirs))
    return {"task": task, "pairs": pairs, "form": form, "rows": drawn.rows(form), "revision": found.revision}


@dataclass(frozen=True, slots=True)
class Checked:
    """One answer on the page before sending."""

    question: str
    answer: tuple[str, ...]
    url: str | None
    seen_by: SeenBy
    own_words: bool


def check(
    scope: Scope, task: Task, names: Names, form: Form, *, missing: Mapping[str, Error] | None = None
) -> dict[str, Any]:
    """Return what is about to be sent, what is still missing, and how it can be sent."""
    values = queries.my_values(scope, task)
    exercise = task.exercise
    visible_to = words_for(exercise, names, lists=task.assignment.lists_open, moment=Moment.NOW)
    rows = []
    for line in exercise.summary(values).lines:
        page = page_of(exercise, line.key)
        url = (
            None
            if page is None
            else url_for(
                ".step",
                assignment_id=task.assignment.id,
                place=place_of(task.exercise, page.key),
                then="check",
            )
        )
        declined = (_("You prefer not to answer"),) if line.state == "declined" else ()
        own_words = line.kind in {"short", "long"}
        rows.append(Checked(line.label, line.texts or declined, url, visible_to(line.audience), own_words))
    problems = commands.check(scope, task).errors if missing is None else missing
    return {
        "task": task,
        "rows": rows,
        "form": form,
        "letter": _letter_text(exercise, values),
        "missing": [_missing(task, key, error) for key, error in problems.items() if missing is not None],
        "seen_by": label_words(exercise, names, lists=task.assignment.lists_open),
        "names": names,
        "is_overlap": exercise.spec(OverlapSpec) is not None,
    }


def _missing(task: Task, key: str, error: Error) -> tuple[str, str]:
    item = task.exercise.form.item(key)
    page = page_of(task.exercise, key)
    words = say_error(item, error, _) if item is not None else _("Please look at this again")
    place = (
        ""
        if page is None
        else url_for(
            ".step", assignment_id=task.assignment.id, place=place_of(task.exercise, page.key), then="check"
        )
    )
    return (f"{item.text} {words}" if item is not None else words, place)


def _letter_text(exercise: Exercise, values: Mapping[str, Any]) -> str | None:
    spec = exercise.spec(LetterSpec)
    return None if spec is None else whole_text(spec, values)


def sent(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what the page after sending shows: who sees it, what is next, and one's own answers."""
    exercise = task.exercise
    mine = [each for each in queries.written(scope, [task.assignment.id]) if _is_current(each, task)]
    own = mine[0] if mine else None
    visible_to = words_for(exercise, names, lists=task.assignment.lists_open, moment=Moment.NOW)
    rows = []
    for line in exercise.summary(own.values if own else {}).lines:
        audience = own.audiences.get(line.key, line.audience) if own else line.audience
        label = visible_to(line.audience) if audience == line.audience else seen_by_audience(audience, names)
        share_url = None
        if own and line.texts and audience is Audience.THERAPIST and exercise.shareable:
            share_url = url_for(
                ".share", assignment_id=task.assignment.id, answer_id=own.answer_ids[line.key]
            )
        rows.append((Checked(line.label, line.texts, None, label, line.kind in {"short", "long"}), share_url))
    letter = exercise.spec(LetterSpec)
    answers = queries.reactions(scope, [own.response_id]) if own and letter else {}
    return {
        "task": task,
        "rows": rows,
        "letter": _letter_text(exercise, own.values if own else {}),
        "opens_at": _opening(scope, own),
        "reaction": response_text(letter, answers[own.response_id]) if letter and own and answers else None,
        "seen_by": label_words(exercise, names, lists=task.assignment.lists_open),
        "can_take_back": commands.can_take_back(scope, task),
        "both": task.assignment.both_sent_at is not None,
        "is_overlap": exercise.spec(OverlapSpec) is not None,
        "names": names,
        "form": ConfirmForm(),
    }


def seen_by_audience(audience: Audience, names: Names) -> SeenBy:
    """Return the words for an audience that a writer chose themselves."""
    return seen_by(LABELS[audience], names=names)


def _is_current(entry: Written, task: Task) -> bool:
    return task.response is not None and entry.response_id == task.response.id


def _opening(scope: Scope, own: Written | None) -> Any:
    """Return when a letter for later arrives, if that is still to come."""
    if own is None:
        return None
    query = scope.select(Answer).where(Answer.response_id == own.response_id, Answer.open_at > scope.now)
    answer = scope.first(query)
    return None if answer is None else answer.open_at


def log_form(task: Task, values: Mapping[str, Any], names: Names) -> tuple[DrawnPage, Form]:
    """Return the one short page of a log."""
    page = task.exercise.form.pages[0]
    drawn = draw(
        task.exercise, page, values, names, lists=False, demand=True, base=LogForm, moment=Moment.NOW
    )
    return drawn, drawn.form(values)


def log(scope: Scope, task: Task, names: Names, *, today: date, form: Form | None = None) -> dict[str, Any]:
    """Return what a tracker's page shows: today's log and the days that one of the two noted."""
    spec = task.exercise.spec(TrackerSpec)
    if spec is None:
        raise Refused("not a tracker")
    values = queries.my_values(scope, task)
    drawn, fresh = log_form(task, values, names)
    entries = queries.logs(scope, task.assignment.id)
    noted = {day for period, _author, found in entries for day in tracker.done_days(spec, {period: found})}
    own_days = [
        tracker.first_day(period) for period, author, _values in entries if author == scope.account_id
    ]
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS_SHOWN - 1))
    return {
        "task": task,
        "form": form or fresh,
        "rows": drawn.rows(form or fresh),
        "logged": task.response is not None and task.response.sent_at is not None,
        "weeks": [
            [monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS_SHOWN)
        ],
        "noted": noted,
        "today": today,
        "welcome_back": spec.restart_text
        if tracker.needs_welcome_back(spec, max(own_days, default=None), today=today)
        else None,
        "seen_by": label_words(task.exercise, names, lists=False),
        "weekly": spec.every is tracker.Every.WEEK,
        "joint": task.exercise.audience is Audience.COUPLE,
        "names": names,
    }


@dataclass(frozen=True, slots=True)
class BothAnswers:
    """One question with what each of the two answered, as far as this partner may read it."""

    page: str
    item: Item
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    numbers: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that has arrived."""

    response_id: str
    text: str
    sent_at: Any
    form: Form
    reaction: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything of one assignment that is open to a partner."""

    questions: tuple[BothAnswers, ...]
    letters: tuple[Letter, ...]
    matches: tuple[MatchWords, ...] | None
    levels: tuple[tuple[str, str], ...]
    words: tuple[Feedback, ...]


def opened(scope: Scope, assignment_id: str, names: Names, *, me: str) -> dict[str, Any]:
    """Return what is open to a partner of an assignment. Raises Refused when nothing is."""
    assignment = scope.one(
        scope.select(Assignment).where(Assignment.id == assignment_id, Assignment.released_at <= scope.now)
    )
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    entries = queries.written(scope, [assignment.id])
    found = Opened(
        questions=_both_answers(exercise, entries, me=me),
        letters=_letters(scope, exercise, entries, me=me),
        matches=queries.matches(scope, assignment, exercise),
        levels=_levels(exercise),
        words=tuple(queries.feedback(scope, [assignment.id])),
    )
    if not (found.questions or found.letters or found.words or found.matches is not None):
        raise Refused("nothing is open")
    return {"assignment": assignment, "exercise": exercise, "found": found, "names": names}


def _levels(exercise: Exercise) -> tuple[tuple[str, str], ...]:
    """Return the levels that can ever be shown, most open first, with the fill of their mark."""
    spec = exercise.spec(OverlapSpec)
    if spec is None:
        return ()
    return tuple((level.key, fill) for level, fill in zip(spec.levels[:2], ("full", "half"), strict=True))


def _both_answers(exercise: Exercise, entries: list[Written], *, me: str) -> tuple[BothAnswers, ...]:
    """Return the questions with both answers. An answer that was declined looks like one that was left out."""
    theirs = [entry for entry in entries if entry.author_id != me]
    if not theirs or exercise.spec(QuestionnaireSpec) is None:
        return ()
    mine = [entry for entry in entries if entry.author_id == me]
    own, other = (mine[-1].values if mine else {}), theirs[-1].values
    own_lines = {line.key: line for line in exercise.summary(own).for_partner().lines}
    found = []
    for line in exercise.summary(other).for_partner().lines:
        item, ours = exercise.form.item(line.key), own_lines.get(line.key)
        if item is None or exercise.mechanic_of(line.key) is not MechanicName.QUESTIONNAIRE:
            continue
        # What was meant for the therapist alone stands here only once its writer has shared it.
        shown = (ours.texts if ours else ()) or line.texts if item.audience is Audience.COUPLE else line.texts
        if shown:
            numbers = (ours.number if ours else None, line.number)
            found.append(BothAnswers(line.page, item, ours.texts if ours else (), line.texts, numbers))
    return tuple(found)


def _letters(scope: Scope, exercise: Exercise, entries: list[Written], *, me: str) -> tuple[Letter, ...]:
    spec = exercise.spec(LetterSpec)
    if spec is None:
        return ()
    arrived = [entry for entry in entries if entry.author_id != me]
    reactions = queries.reactions(scope, [entry.response_id for entry in arrived])
    return tuple(
        Letter(
            response_id=entry.response_id,
            text=whole_text(spec, entry.values),
            sent_at=entry.sent_at,
            form=_react_form(spec),
            reaction=response_text(spec, reactions.get(entry.response_id, "")),
        )
        for entry in reversed(arrived)
    )


def _react_form(spec: LetterSpec) -> ReactForm:
    form = ReactForm(formdata=None)
    form.choice.choices = [SelectChoice(each.key, each.text) for each in spec.responses]
    return form


def share(scope: Scope, assignment_id: str, answer_id: str, names: Names) -> dict[str, Any]:
    """Return the one answer that is about to be shared, as the partner will see it."""
    answer = commands.my_shareable(scope, answer_id)
    assignment = scope.find(Assignment, assignment_id)
    if answer.assignment_id != assignment.id:
        raise Refused("belongs to another exercise")
    exercise = exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]
    line = next(
        each for each in exercise.summary({answer.item: answer.value}).lines if each.key == answer.item
    )
    return {"assignment": assignment, "exercise": exercise, "line": line, "names": names}
