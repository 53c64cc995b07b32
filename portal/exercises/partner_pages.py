"""What a partner's exercise pages show, gathered into plain values for their templates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms import Form
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Refused
from portal.access.privacy import LABELS, Audience, Label
from portal.access.scope import Scope
from portal.exercises import commands, queries
from portal.exercises.coach_pages import Beside, beside_letter, has_hints, help_now
from portal.exercises.domain import Exercise
from portal.exercises.forms import (
    ConfirmForm,
    ReactForm,
    label_words,
    page_of,
    pages_asked,
    place_of,
    words_for,
)
from portal.exercises.letter_words import answer_texts, letter_sent, letter_typed
from portal.exercises.mechanics.base import DeliveryKind, MechanicName
from portal.exercises.mechanics.letter import LetterSpec, response_text
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.plan import PlanSpec
from portal.exercises.mechanics.questionnaire import QuestionnaireSpec
from portal.exercises.mechanics.safety_items import about_safety, asks_about_safety
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.exercises.models import Answer, Assignment, Feedback, ResponseState
from portal.exercises.parts import PARTS
from portal.exercises.queries import Chosen, MatchWords, Note, Task, Written
from portal.exercises.shelf import exercises_for
from portal.questionnaires.drawing import DrawnPage, say_error
from portal.questionnaires.model import Item, Value
from portal.questionnaires.validation import Error
from portal.web.visibility import Moment, Names, SeenBy, WhoSeesRow, seen_by, who_sees


def intro(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what the introduction shows."""
    exercise = task.exercise
    return {
        "task": task,
        "exercise": exercise,
        "rows": who_sees_rows(exercise, names, lists=task.assignment.lists_open),
        "pages": len(pages_asked(task.walk, queries.my_values(scope, task))),
        "names": names,
        "chosen": _earlier_choices(scope, task),
        "taken_back": _taken_back(exercise),
        "form": ConfirmForm(),
    }


def _taken_back(exercise: Exercise) -> str:
    """Return the name of the rule by which what is sent can be taken back, for the template to put it into words."""
    letter = exercise.spec(LetterSpec)
    if (
        exercise.lead is MechanicName.LETTER
        and letter is not None
        and letter.deliveries != (DeliveryKind.NOW,)
    ):
        kinds = {DeliveryKind.LATER: "arrives", DeliveryKind.HELD: "opened"}
        return kinds.get(letter.deliveries[0], "") if len(letter.deliveries) == 1 else "by-delivery"
    if exercise.lead is MechanicName.QUESTIONNAIRE and {Label.LATER, Label.HELD} & set(exercise.labels):
        return "not-open"
    return "minutes"


def _earlier_choices(scope: Scope, task: Task) -> Chosen | None:
    """Return what a partner chose in an earlier round of an overlap, as long as it stands."""
    return None if task.state is ResponseState.SENT else queries.my_choices(scope, task)


def leaving_out(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what the page before leaving an exercise out shows."""
    return {
        "task": task,
        "form": ConfirmForm(),
        "names": names,
        "chosen": _earlier_choices(scope, task),
    }


def is_kept(task: Task) -> bool:
    """Say whether a walk stays its writer's draft, and is never sent from where it is walked."""
    return task.is_aside and PARTS[task.part].is_kept


def who_sees_rows(exercise: Exercise, names: Names, *, lists: bool) -> list[WhoSeesRow]:
    """Return the lines about who will see what, as they stand in the introduction of an exercise.

    ``lists`` says that the therapist reads full lists, where there are any.
    """
    # The line about hints comes last, after all that is sent.
    hinted = exercise.labels[-1] if has_hints(exercise) else None
    rows = [
        row
        for label in exercise.labels
        for row in who_sees(label, names=names, hints=label is hinted, lists=lists)
    ]
    return list({row.seen_by.text: row for row in rows}.values())


def step(
    scope: Scope, task: Task, drawn: DrawnPage, form: Form, names: Names, *, place: tuple[int, int]
) -> dict[str, Any]:
    """Return what one page of an exercise shows."""
    draft = queries.my_draft(scope, task.response) if task.response is not None else None
    number, total = place
    pages = pages_asked(task.walk, queries.my_values(scope, task))
    return {
        "task": task,
        "page": pages[number - 1],
        "rows": drawn.rows(form),
        "form": form,
        "number": number,
        "total": total,
        "place": place_of(task.walk, pages[number - 1].key),
        "before": place_of(task.walk, pages[number - 2].key) if number > 1 else None,
        "draft": draft,
        "names": names,
        "is_letter": task.part is MechanicName.LETTER,
        "is_kept": is_kept(task),
        "is_overlap": all(item.audience is Audience.OVERLAP for item in drawn.items),
        "coach": _coach(task, {each.name: each.data for each in form}),
    }


def _coach(task: Task, typed: Mapping[str, Any]) -> Beside | None:
    """Return what the writing coach puts beside a letter while it is written."""
    if task.part is not MechanicName.LETTER:
        return None
    return beside_letter(task.exercise, typed)


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
    visible_to = words_for(task.walk, names, lists=task.assignment.lists_open, moment=Moment.NOW)
    rows = []
    for line in task.walk.summary(values).lines:
        page = page_of(task.walk, line.key)
        url = (
            None
            if page is None
            else url_for(
                ".step",
                assignment_id=task.assignment.id,
                place=place_of(task.walk, page.key),
                then="check",
            )
        )
        declined = (_("You prefer not to answer"),) if line.state == "declined" else ()
        own_words = line.kind in {"short", "long"}
        rows.append(
            Checked(line.label, answer_texts(line) or declined, url, visible_to(line.audience), own_words)
        )
    problems = commands.check(scope, task).errors if missing is None else missing
    return {
        "task": task,
        "rows": rows,
        "form": form,
        "letter": _letter_text(task, values),
        "coach": _coach(task, values),
        "missing": [_missing(task, key, error) for key, error in problems.items() if missing is not None],
        "seen_by": label_words(task.walk, names, lists=task.assignment.lists_open),
        "names": names,
        "is_overlap": task.walk.expires is not None,
    }


def _missing(task: Task, key: str, error: Error) -> tuple[str, str]:
    item = task.form.item(key)
    page = page_of(task.walk, key)
    words = say_error(item, error, _) if item is not None else _("Please look at this again")
    place = (
        ""
        if page is None
        else url_for(
            ".step", assignment_id=task.assignment.id, place=place_of(task.walk, page.key), then="check"
        )
    )
    return (f"{item.text} {words}" if item is not None else words, place)


def _letter_text(task: Task, values: Mapping[str, Any], *, sent: bool = False) -> str | None:
    spec = task.exercise.spec(LetterSpec)
    if spec is None or task.part is not MechanicName.LETTER:
        return None
    return letter_sent(spec, values) if sent else letter_typed(spec, values)


def sent(scope: Scope, task: Task, names: Names) -> dict[str, Any]:
    """Return what the page after sending shows: who sees it, what is next, and one's own answers."""
    exercise = task.exercise
    mine = [each for each in queries.written(scope, [task.assignment.id]) if _is_current(each, task)]
    own = mine[0] if mine else None
    values = queries.my_sent_values(scope, task)
    visible_to = words_for(task.walk, names, lists=task.assignment.lists_open, moment=Moment.NOW)
    rows = []
    for line in task.walk.summary(values).lines:
        audience = own.audiences.get(line.key, line.audience) if own else line.audience
        label = visible_to(line.audience) if audience == line.audience else seen_by_audience(audience, names)
        share_url = None
        if own and line.texts and audience is Audience.THERAPIST and exercise.shareable:
            share_url = url_for(
                ".share", assignment_id=task.assignment.id, answer_id=own.answer_ids[line.key]
            )
        rows.append(
            (Checked(line.label, answer_texts(line), None, label, line.kind in {"short", "long"}), share_url)
        )
    letter = exercise.spec(LetterSpec) if task.part is MechanicName.LETTER else None
    answers = queries.reactions(scope, [own.response_id]) if own and letter else {}
    return {
        "task": task,
        "rows": rows,
        "letter": _letter_text(task, values, sent=True),
        "opens_at": _opening(scope, own),
        "reaction": response_text(letter, answers[own.response_id]) if letter and own and answers else None,
        "seen_by": seen_by_audience(own.audiences[next(iter(own.values))], names)
        if letter and own
        else label_words(task.walk, names, lists=task.assignment.lists_open),
        "can_take_back": commands.can_take_back(scope, task),
        "hides": bool(about_safety(task.form)),
        "help_now": help_now() if asks_about_safety(task.form) else (),
        "both": task.assignment.both_sent_at is not None,
        # Whose letter was answered knows that it was read; everybody else thinks about it where they can read it.
        "debrief_now": exercise.is_debriefed_alone or bool(answers),
        "is_overlap": task.walk.expires is not None,
        "has_run_out": queries.has_run_out(scope, task),
        "has_choices": any(own is not None and own.audiences[key] is Audience.OVERLAP for key in values),
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
    placed: tuple[tuple[str, Mapping[str, Any]], ...]
    """What the parts with pages of their own have open besides those: a template, and what it draws."""
    is_debriefed: bool
    """Whether what the exercise asks to think about afterwards belongs here."""
    notes: tuple[Note, ...] = ()
    """What the other has noted beside a log for both to read."""
    notes_are_weekly: bool = False


def opened(scope: Scope, assignment_id: str, names: Names, *, me: str) -> dict[str, Any]:
    """Return what is open to a partner of an assignment. Raises Refused when nothing is."""
    assignment = scope.one(
        scope.select(Assignment).where(Assignment.id == assignment_id, Assignment.released_at <= scope.now)
    )
    exercise = exercises_for(scope, {assignment.copy_id})[assignment.copy_id]
    entries = queries.written(scope, [assignment.id])
    questions = _both_answers(exercise, entries, me=me, now=scope.now)
    letters = _letters(scope, exercise, entries, me=me)
    matches = queries.matches(scope, assignment, exercise) or None
    found = Opened(
        questions=questions,
        letters=letters,
        matches=matches,
        levels=_levels(exercise),
        words=tuple(queries.feedback(scope, [assignment.id])),
        placed=tuple(_placed(scope, assignment, exercise)),
        is_debriefed=_is_debriefed(exercise, entries, is_read=bool(questions or letters or matches)),
        notes=tuple(queries.notes_of_the_other(scope, [assignment.id])),
        notes_are_weekly=_is_weekly(exercise),
    )
    told = any(entry.author_id != me for entry in entries)
    shared = exercise.is_placed and (assignment.both_sent_at is not None or told)
    if (
        not (found.questions or found.letters or found.words or found.placed or found.notes or shared)
        and found.matches is None
    ):
        raise Refused("nothing is open")
    return {"assignment": assignment, "exercise": exercise, "found": found, "names": names}


def _is_weekly(exercise: Exercise) -> bool:
    habit = exercise.spec(TrackerSpec)
    return habit is not None and habit.every is Every.WEEK


def _is_debriefed(exercise: Exercise, entries: Sequence[Written], *, is_read: bool) -> bool:
    """Say whether there is something to think about afterwards now: what was read, or a time together that was had."""
    plan = exercise.spec(PlanSpec)
    if exercise.is_debriefed_alone:
        return False
    if plan is None:
        return is_read
    looked_back = {item.key for item in plan.afterwards.questions}
    return any(looked_back & entry.values.keys() for entry in entries)


def _placed(
    scope: Scope, assignment: Assignment, exercise: Exercise
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in (PARTS[name] for name in exercise.mechanics if name in PARTS):
        shown = part.opened(scope, assignment, exercise)
        if shown is not None:
            yield part.opened_template, shown


def _levels(exercise: Exercise) -> tuple[tuple[str, str], ...]:
    """Return the levels that can ever be shown, most open first, with the fill of their mark."""
    spec = exercise.spec(OverlapSpec)
    if spec is None:
        return ()
    return tuple((level.key, fill) for level, fill in zip(spec.levels[:2], ("full", "half"), strict=True))


def _both_answers(
    exercise: Exercise, entries: list[Written], *, me: str, now: datetime
) -> tuple[BothAnswers, ...]:
    """Return the questions with both answers. An answer that was declined looks like one that was left out.

    What one gave into the therapist's hands oneself stands here only once it was opened too.
    """
    theirs = [entry for entry in entries if entry.author_id != me]
    if not theirs or exercise.spec(QuestionnaireSpec) is None:
        return ()
    # Two answers belong side by side only if they were given in the same round.
    mine = [entry for entry in entries if entry.author_id == me and entry.period == theirs[-1].period]
    own, other = (_not_held(mine[-1], now) if mine else {}), theirs[-1].values
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
            found.append(
                BothAnswers(line.page, item, answer_texts(ours) if ours else (), answer_texts(line), numbers)
            )
    return tuple(found)


def _not_held(own: Written, now: datetime) -> Mapping[str, Value]:
    """Return one's own answers without those that are held."""
    opened = own.opened(now).values
    return {
        key: value
        for key, value in own.values.items()
        if own.audiences[key] is not Audience.HELD or key in opened
    }


def _letters(scope: Scope, exercise: Exercise, entries: list[Written], *, me: str) -> tuple[Letter, ...]:
    spec = exercise.spec(LetterSpec)
    if spec is None:
        return ()
    parts = {item.key for item in spec.form.questions}
    arrived = [entry for entry in entries if entry.author_id != me and parts & entry.values.keys()]
    reactions = queries.reactions(scope, [entry.response_id for entry in arrived])
    return tuple(
        Letter(
            response_id=entry.response_id,
            text=letter_sent(spec, entry.values),
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
    exercise = exercises_for(scope, {assignment.copy_id})[assignment.copy_id]
    line = next(
        each for each in exercise.summary({answer.item: answer.value}).lines if each.key == answer.item
    )
    return {"assignment": assignment, "exercise": exercise, "line": line, "names": names}
