"""What the pages for reading answers show, gathered into plain values for their templates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import url_for

from portal.access.policy import Refused
from portal.access.privacy import Audience, Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import queries, review_queries
from portal.exercises.domain import Exercise
from portal.exercises.feedback_pages import feedback_words
from portal.exercises.forms import ConfirmForm, ReadForm
from portal.exercises.letter_words import letter_sent
from portal.exercises.mechanics.base import Line, MechanicName, Sent
from portal.exercises.mechanics.letter import LetterSpec, response_text
from portal.exercises.mechanics.overlap import OverlapSpec, standing
from portal.exercises.mechanics.questionnaire import QuestionnaireSpec
from portal.exercises.mechanics.tracker import TrackerSpec, is_afterwards
from portal.exercises.models import AssignmentState, Response, ResponseState
from portal.exercises.parts import PARTS
from portal.exercises.queries import Written
from portal.exercises.review_answers import Compared, Logged, compared, logged
from portal.exercises.review_queries import Work
from portal.exercises.shelf import exercise_at_hand
from portal.exercises.unread_pages import is_unread, state_words
from portal.exercises.words import labels_for_staff
from portal.people.couple_queries import Circle, Person, circle
from portal.questionnaires.model import Answers, Value
from portal.web.render import day_and_month, month, short_day, short_day_and_clock
from portal.web.translate import _
from portal.web.visibility import SeenBy

ROUNDS_SHOWN = 8


class Order(StrEnum):
    """In which order answers are compared."""

    FAR_APART = "far-apart"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Side:
    """What one partner did in a round, as far as a therapist sees it."""

    person: Person
    state: str
    is_quiet: bool
    values: Mapping[str, Value] = field(default_factory=dict)
    written: Written | None = None

    @property
    def seat(self) -> Seat:
        """The partner's seat."""
        return self.person.seat


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """One answer that is held: the question, since when it is open, and where it is opened. A letter is one."""

    question: str
    open_since: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Held:
    """What one partner gave into the therapist's hands: each answer is opened on its own, or stays held."""

    person: Person
    waiting: tuple[HeldAnswer, ...]
    opened: tuple[HeldAnswer, ...]


@dataclass(frozen=True, slots=True)
class LetterShown:
    """A letter, with where it is on its way and what its receiver chose to answer."""

    person: Person
    paragraphs: list[str]
    delivery: str
    reaction: str | None


def review(
    scope: Scope,
    assignment_id: str,
    *,
    today: date,
    period: str | None = None,
    order: Order = Order.FAR_APART,
) -> dict[str, Any]:
    """Return what the review of one assignment shows. Raises Refused for one of somebody else's couple."""
    work = review_queries.work(scope, assignment_id)
    people = circle(scope, work.assignment.couple_id)
    chosen = period if period in {each.period for each in _led(work)} else _first_to_read(work)
    entries = queries.written(scope, [assignment_id])
    sides = [_side(work, person, chosen, entries) for person in (people.a, people.b)]
    return {
        "work": work,
        "assignment": work.assignment,
        "exercise": work.exercise,
        "people": people,
        "sides": sides,
        "period": chosen,
        "rounds": _rounds(work, chosen, order),
        "order": order,
        "today": today,
        "orders": _orders(work, chosen, order),
        "seen_by": seen_words(work.exercise),
        "is_log": work.exercise.lead is MechanicName.TRACKER,
        "unread": any(
            is_unread(each) and (each.period == chosen or each not in _led(work)) for each in work.responses
        ),
        "held": _held(work, people, entries if work.exercise.is_placed else _written(sides), now=scope.now),
        "feedback": [feedback_words(each, people) for each in queries.feedback(scope, [assignment_id])],
        "can_repeat": exercise_at_hand(scope, work.assignment.slug) is not None,
        "is_open": work.assignment.state == AssignmentState.OPEN,
        "read_form": _read_form(scope),
        "confirm_form": ConfirmForm(),
        "placed": _placed(scope, work, people),
    } | _parts(scope, work, sides, order=order, today=today)


def _parts(scope: Scope, work: Work, sides: Sequence[Side], *, order: Order, today: date) -> dict[str, Any]:
    """Return what each mechanic of the exercise has to show."""
    exercise = work.exercise
    found: dict[str, Any] = dict.fromkeys(("compared", "letters", "matches", "lists", "logged"))
    answered = any(side.written for side in sides)
    questions, letter = exercise.spec(QuestionnaireSpec), exercise.spec(LetterSpec)
    if questions is not None and answered:
        found["compared"] = _compared(questions, sides, order)
    if letter is not None and answered:
        found["letters"] = _letters(scope, letter, sides)
    if (overlap := exercise.spec(OverlapSpec)) is not None:
        found["matches"] = _matches(scope, work, overlap)
        found["lists"] = _lists(overlap, sides, now=scope.now) if work.assignment.lists_open else None
    if (tracker := exercise.spec(TrackerSpec)) is not None:
        found["logged"] = _logged(scope, work, tracker, sides, today=today)
    return found


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of one part with a page of its own, and the template that draws it."""

    template: str
    shown: Mapping[str, Any]


def _placed(scope: Scope, work: Work, people: Circle) -> list[Placed]:
    found = []
    for part in (PARTS[name] for name in work.exercise.mechanics if name in PARTS):
        shown = part.review(scope, work, people)
        if shown is not None:
            found.append(Placed(part.review_template, shown))
    return found


def _compared(spec: QuestionnaireSpec, sides: Sequence[Side], order: Order) -> Compared:
    a, b = sides
    return compared(
        spec,
        a.values if a.written else None,
        b.values if b.written else None,
        widest=order is Order.FAR_APART,
    )


def _logged(scope: Scope, work: Work, spec: TrackerSpec, sides: Sequence[Side], *, today: date) -> Logged:
    entries = queries.logs(scope, work.assignment.id)
    return logged(spec, entries, accounts=[side.person.account_id for side in sides], today=today)


def _led(work: Work) -> list[Response]:
    """Return the rounds of what leads the exercise. What has a page of its own is shown whole, not round by round."""
    lead = work.exercise.lead
    if work.exercise.is_placed:
        return []
    return [
        each
        for each in work.responses
        if each.part == lead and not (lead is MechanicName.TRACKER and is_afterwards(each.period))
    ]


def _first_to_read(work: Work) -> str | None:
    """Return the round that is shown: the oldest unread one, or else the newest that was sent or begun."""
    rounds = _led(work)
    unread = [each.period for each in rounds if is_unread(each)]
    sent = [each.period for each in rounds if each.state == ResponseState.SENT]
    if unread:
        return min(unread)
    return max(sent or [each.period for each in rounds], default=None)


def _side(work: Work, person: Person, period: str | None, entries: Sequence[Written]) -> Side:
    if work.exercise.is_placed:
        response = work.latest(person.account_id)
    else:
        rounds = (each for each in _led(work) if each.author_id == person.account_id)
        response = next((each for each in rounds if each.period == period), None)
    written = next((each for each in entries if response and each.response_id == response.id), None)
    asked, is_private = queries.asks(work.assignment, person.seat), work.exercise.lead is MechanicName.JOURNAL
    words = state_words(response, asked=asked, is_private=is_private)
    if response is None and work.latest(person.account_id) is not None:
        words = _("Nothing in this round")
    is_sent = response is not None and response.state == ResponseState.SENT
    return Side(person, words, not is_sent, written.values if written else {}, written)


def _rounds(work: Work, chosen: str | None, order: Order) -> list[dict[str, object]]:
    """Return the rounds to choose from, newest first; none where there is only one."""
    periods = sorted({each.period for each in _led(work) if each.state == ResponseState.SENT}, reverse=True)
    if len(periods) < 2 or work.exercise.lead is MechanicName.TRACKER:
        return []
    new = {each.period for each in _led(work) if is_unread(each)}
    return [
        {
            "label": period_words(period),
            "url": url_for("exercises.review", assignment_id=work.assignment.id, period=period, order=order),
            "current": period == chosen,
            "count": _("new") if period in new else None,
        }
        for period in periods
    ]


def period_words(period: str) -> str:
    """Return a round in words: a day, a week or a month."""
    if "W" in period:
        year, week = period.split("-W")
        return _("Week of %(day)s", day=day_and_month(date.fromisocalendar(int(year), int(week), 1)))
    if period.count("-") == 1:
        return str(month(date.fromisoformat(f"{period}-01")))
    return str(short_day(date.fromisoformat(period))) if "-" in period else _("Once")


def _orders(work: Work, period: str | None, order: Order) -> list[dict[str, object]]:
    words = {Order.FAR_APART: _("Far apart first"), Order.FORM: _("In order")}
    return [
        {
            "label": text,
            "url": url_for("exercises.review", assignment_id=work.assignment.id, period=period, order=each),
            "current": each is order,
        }
        for each, text in words.items()
    ]


def seen_words(exercise: Exercise) -> list[SeenBy]:
    """Return who sees the answers; where they are all the therapist's alone, that neither sees the comparison."""
    found = labels_for_staff(exercise)
    if [each.label for each in found] != [Label.THERAPIST]:
        return found
    words = _("Each answered for you alone. Neither sees this comparison")
    return [SeenBy(Label.THERAPIST, words, words)]


def _written(sides: Sequence[Side]) -> list[Written]:
    return [side.written for side in sides if side.written is not None]


def _held(work: Work, people: Circle, entries: Sequence[Written], *, now: datetime) -> list[Held]:
    found = []
    for entry in entries:
        answers = tuple(_held_answers(work, entry))
        opened = tuple(each for each in answers if each.open_since is not None and each.open_since <= now)
        if answers:
            waiting = tuple(each for each in answers if each not in opened)
            found.append(Held(people.person(entry.author_id), waiting, opened))
    return found


def _held_answers(work: Work, entry: Written) -> Iterator[HeldAnswer]:
    """Yield what is held of a round, in its order: answer by answer, and a letter as the one thing that it is."""
    letter = work.exercise.spec(LetterSpec)
    parts = [] if letter is None else [item.key for item in letter.form.questions]
    first = next((key for key in parts if key in entry.values), None)
    order = [item.key for item in work.exercise.form.questions]
    for key in sorted(entry.values, key=lambda key: order.index(key) if key in order else len(order)):
        if entry.audiences[key] is not Audience.HELD or (key in parts and key != first):
            continue
        yield HeldAnswer(
            question=_("The letter") if key in parts else _line(work.exercise, entry, key).label,
            open_since=entry.opens[key],
            url=url_for(
                "exercises.open_held", assignment_id=work.assignment.id, answer_id=entry.answer_ids[key]
            ),
        )


def _line(exercise: Exercise, entry: Written, key: str) -> Line:
    """Return one answer in words."""
    return next(line for line in exercise.summary({key: entry.values[key]}).lines if line.key == key)


def to_open(scope: Scope, assignment_id: str, answer_id: str) -> dict[str, Any]:
    """Return what is asked before one held answer is opened: whose it is, and the words that both will read.

    Raises Refused for anything that isn't held, or belongs to another assignment.
    """
    work = review_queries.work(scope, assignment_id)
    entries = queries.written(scope, [assignment_id])
    entry = next((each for each in entries if answer_id in each.answer_ids.values()), None)
    if entry is None:
        raise Refused("belongs to another assignment")
    key = next(key for key, each in entry.answer_ids.items() if each == answer_id)
    if entry.audiences[key] is not Audience.HELD:
        raise Refused("isn't held")
    letter, people = work.exercise.spec(LetterSpec), circle(scope, work.assignment.couple_id)
    is_letter = letter is not None and letter.form.item(key) is not None
    line = _line(work.exercise, entry, key)
    return {
        "work": work,
        "people": people,
        "writer": people.person(entry.author_id),
        "question": None if is_letter else line.label,
        "words": letter_sent(letter, entry.values).split("\n\n")
        if letter and is_letter
        else list(line.texts),
    }


def _letters(scope: Scope, spec: LetterSpec, sides: Sequence[Side]) -> list[LetterShown]:
    sent = [side for side in sides if side.written is not None]
    reactions = queries.reactions(scope, [side.written.response_id for side in sent if side.written])
    return [
        LetterShown(
            person=side.person,
            paragraphs=letter_sent(spec, side.values).split("\n\n"),
            delivery=_delivery(side.written, spec, scope.now),
            reaction=response_text(spec, reactions.get(side.written.response_id, "")),
        )
        for side in sent
        if side.written is not None and letter_sent(spec, side.values)
    ]


def _delivery(written: Written, spec: LetterSpec, now: datetime) -> str:
    part = next(item.key for item in spec.form.questions if item.key in written.values)
    opens = written.opens[part]
    if opens is None:
        return _("Held until you open it")
    if opens > now:
        return _("Arrives %(moment)s", moment=short_day_and_clock(opens))
    return _("Open since %(day)s", day=day_and_month(opens))


def _matches(scope: Scope, work: Work, spec: OverlapSpec) -> list[tuple[str, str, list[str]]]:
    """Return what both are open to now, by level: words, fill, options."""
    found = queries.matches(scope, work.assignment, work.exercise)
    levels = zip(spec.levels[:2], ("full", "half"), strict=True)
    by_level = [
        (level.text, fill, [each.text for each in found if each.level == level.key]) for level, fill in levels
    ]
    return [each for each in by_level if each[2]]


def _lists(
    spec: OverlapSpec, sides: Sequence[Side], *, now: datetime
) -> list[tuple[str, list[tuple[str, str, str]]]] | None:
    """Return both full lists, by group. Only ever asked for where the form had said so.

    What has run out is left out, as everywhere: nobody is held to an old yes. None where nothing stands.
    """
    level = {each.key: each.text for each in spec.levels}
    a, b = (_standing(spec, side, now) for side in sides)
    if not a and not b:
        return None
    return [
        (
            page.title,
            [
                (
                    item.text,
                    level.get(str(a.get(item.key)), "–"),
                    level.get(str(b.get(item.key)), "–"),
                )
                for item in page.items
            ],
        )
        for page in spec.form.pages
    ]


def _standing(spec: OverlapSpec, side: Side, now: datetime) -> Answers:
    sent = None if side.written is None else Sent(side.written.sent_at)
    return standing(spec, side.values, sent=sent, now=now)


def _read_form(scope: Scope) -> ReadForm:
    form = ReadForm(formdata=None)
    form.until.data = scope.now.isoformat()
    return form
