"""A partner's pages outside their exercises: today, what is open to both, and what is only theirs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import queries
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.follow_ups import is_asking
from portal.exercises.forms import label_words
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import Assignment, AssignmentState, Response, ResponseState, Turn
from portal.exercises.parts import PARTS
from portal.exercises.parts.base import Standing
from portal.exercises.queries import Task, Together
from portal.people.couple_queries import circle
from portal.web.render import day_and_month, short_day
from portal.web.translate import _, _n
from portal.web.visibility import Moment, Names, SeenBy, seen_by

LATELY = timedelta(days=7)
"""How long something that opened is pointed out on Today."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list."""

    title: str
    text: str
    url: str | None
    seen_by: SeenBy | None = None


@dataclass(frozen=True, slots=True)
class Hero:
    """The one thing for today."""

    title: str
    text: str
    url: str
    action: str
    seen_by: SeenBy


@dataclass(frozen=True, slots=True)
class Day:
    """What Today shows."""

    hero: Hero | None
    news: list[Line] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)
    closed: list[Line] = field(default_factory=list)
    noted: list[Line] = field(default_factory=list)
    promised: list[Line] = field(default_factory=list)
    """What the partner has said in a letter that they would ask by now."""


def names_for(scope: Scope, *, seat: Seat) -> Names:
    """Return the first names of the two other people, as the partner in a seat calls them."""
    people = circle(scope)
    return Names(partner=people.at(seat.other).first_name, therapist=people.therapist)


def greeting(hour: int, name: str) -> str:
    """Return a greeting for an hour of the day (0-23)."""
    if 5 <= hour < 12:
        return _("Good morning, %(name)s", name=name)
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s", name=name)
    return _("Good evening, %(name)s", name=name)


def day_of(scope: Scope, names: Names, *, seat: Seat, today: date) -> Day:
    """Return a partner's day: one thing to do first, what else there is, and what isn't open yet."""
    tasks = queries.my_tasks(scope, seat=seat, today=today)
    stands = {task.assignment.id: _standing(task, scope.now) for task in tasks}
    matched = queries.with_matches(scope)
    todo = [task for task in tasks if _is_to_do(task, stands[task.assignment.id])]
    first = _most_sensible([task for task in todo if not _rests(stands[task.assignment.id])])
    rest = [task for task in todo if task is not first]
    return Day(
        hero=None if first is None else _hero(first, stands[first.assignment.id], names, today),
        news=[_news(each, names) for each in queries.news(scope, since=scope.now - LATELY)],
        promised=[line for task in tasks for line in _to_ask(task, names, scope.now)],
        more=[line for task in tasks for line in _further(task, names, scope.now)]
        + [_row(task, stands[task.assignment.id], names, today) for task in rest],
        closed=[_closed(scope, task, names) for task in tasks if _opens_later(task, matched)],
        noted=[_noted(task) for task in tasks if task.is_tracker and task.state is ResponseState.SENT],
    )


def _is_to_do(task: Task, stands: Standing | None) -> bool:
    """Say whether something stands on a partner's list: not sent yet, once more their turn, or due to be looked at."""
    if task.state is ResponseState.DECLINED:
        # What somebody has left out comes back when they take it up again, not when the other goes on with it.
        return False
    is_asked = stands is not None and stands.is_asked
    return task.state in {None, ResponseState.DRAFT} or task.turn is Turn.YOURS or is_asked


def _standing(task: Task, now: datetime) -> Standing | None:
    part = PARTS.get(task.part)
    return None if part is None else part.standing(task, now)


def _rests(stands: Standing | None) -> bool:
    """Say whether nothing is asked of a partner in something that is open to them all the same."""
    return stands is not None and not stands.is_asked


def _further(task: Task, names: Names, now: datetime) -> Iterator[Line]:
    """Yield what is asked of a partner now in the further parts of an exercise."""
    for further in task.further:
        stands = _standing(further, now)
        if stands is not None and stands.is_asked:
            address = url_for(PARTS[further.part].page, assignment_id=task.assignment.id)
            yield Line(task.exercise.title, stands.words, address, _seen(further, names))


def _to_ask(task: Task, names: Names, now: datetime) -> Iterator[Line]:
    """Yield the letters of which a partner wanted to ask by now how it is; for themselves alone."""
    for response in task.own.values():
        if not is_asking(response, now) or response.asked_at is None:
            continue
        is_today = now - response.asked_at < timedelta(days=1)
        text = (
            _("You said you would ask today how it is now")
            if is_today
            else _("You said you would ask on %(day)s how it is now", day=short_day(response.asked_at))
        )
        address = url_for("exercises.follow_up", assignment_id=task.assignment.id, round=response.period)
        yield Line(task.exercise.title, text, address, seen_by(Label.PRIVATE, names=names))


def _most_sensible(tasks: list[Task]) -> Task | None:
    """Return what to do first: something begun, then what has been there longest; a quick log comes last."""
    return min(
        tasks, key=lambda task: (task.is_tracker, task.state is None, task.assignment.opens_at), default=None
    )


def _address(task: Task) -> str:
    return url_for("exercises.task", assignment_id=task.assignment.id)


def _seen(task: Task, names: Names, moment: Moment = Moment.NOW) -> SeenBy:
    if task.turn is Turn.OVER:
        # All that is asked now is for each alone, whatever the two did together.
        return seen_by(task.walk.first_label, names=names, moment=moment)
    return label_words(task.walk, names, lists=task.assignment.lists_open, moment=moment)


def _minutes(exercise: Exercise) -> str:
    return _n("About %(num)s minute", "About %(num)s minutes", exercise.minutes)


def _hero(task: Task, stands: Standing | None, names: Names, today: date) -> Hero:
    begun = task.state is ResponseState.DRAFT and not task.is_tracker
    good_day = _good_day(task.assignment, today)
    if stands and (stands.is_brief or task.turn is Turn.OVER):
        text = f"{stands.words}."
    elif stands:
        text = f"{stands.words}. {_minutes(task.exercise)}."
    elif begun:
        text = _("Your draft is saved. %(minutes)s in all.", minutes=_minutes(task.exercise))
    elif task.is_tracker:
        text = f"{_quick_words(task)}."
    else:
        text = f"{task.exercise.purpose} {_minutes(task.exercise)}."
    action = _("Continue") if begun else _("Note it") if task.is_tracker else _("Start")
    return Hero(
        title=task.exercise.title,
        text=" ".join(filter(None, (text, good_day and f"{good_day}."))),
        url=_address(task),
        action=action,
        seen_by=_seen(task, names, Moment.BEFORE),
    )


def _quick_words(task: Task) -> str:
    weekly = queries.rhythm_of(task.assignment, task.exercise, part=task.part) is Recurrence.WEEKLY
    return _("A short note for this week") if weekly else _("A ten-second note for today")


def _good_day(assignment: Assignment, today: date) -> str:
    """Return by which day it would be good to have it done; nothing once that day has passed."""
    if assignment.due_on is None or assignment.due_on < today:
        return ""
    if assignment.due_on == today:
        return _("Today would be a good day")
    return _("Good to have by %(day)s", day=short_day(assignment.due_on))


def _row(task: Task, stands: Standing | None, names: Names, today: date) -> Line:
    if stands:
        text = stands.words
    elif task.is_tracker:
        text = _quick_words(task)
    elif task.state is ResponseState.DRAFT:
        text = _("Your draft is saved")
    else:
        # Where an exercise has a small habit beside its letter, both lines carry the same title.
        kind = _("A letter") if task.further and task.part is MechanicName.LETTER else ""
        text = ". ".join(filter(None, (kind, _minutes(task.exercise), _good_day(task.assignment, today))))
    return Line(task.exercise.title, text, _address(task), _seen(task, names))


def _opens_later(task: Task, matched: frozenset[str]) -> bool:
    """Say whether a partner has sent something that opens once both have answered, and that isn't open.

    An overlap is open as long as both are open to something: it doesn't tell whether the other has answered.
    """
    if task.state is not ResponseState.SENT:
        return False
    if task.part is MechanicName.OVERLAP:
        return task.assignment.id not in matched
    labels = {task.walk.label_of(item) for item in task.form.questions}
    return task.assignment.both_sent_at is None and Label.LATER in labels


def _closed(scope: Scope, task: Task, names: Names) -> Line:
    if queries.has_run_out(scope, task):
        text = _("Your choices have run out. You can make them again")
    else:
        text = _("You can still change yours") if task.part is MechanicName.OVERLAP else _("Yours is in")
    address = url_for("exercises.sent", assignment_id=task.assignment.id)
    return Line(task.exercise.title, text, address, _seen(task, names))


def _noted(task: Task) -> Line:
    weekly = queries.rhythm_of(task.assignment, task.exercise, part=task.part) is Recurrence.WEEKLY
    return Line(
        task.exercise.title, _("Noted for this week") if weekly else _("Noted for today"), _address(task)
    )


def _news(each: queries.News, names: Names) -> Line:
    therapist = names.therapist or _("your therapist")
    text = _("A word from %(name)s", name=therapist) if each.has_words else what_opened(each.exercise, names)
    address = url_for("exercises.opened", assignment_id=each.assignment_id)
    return Line(each.exercise.title, text, address)


def what_opened(exercise: Exercise, names: Names) -> str:
    """Return in words what of an exercise is open to both."""
    if exercise.is_placed:
        return PARTS[exercise.lead].opened_words(names)
    if exercise.lead is MechanicName.OVERLAP:
        return _("What you are both open to")
    if exercise.lead is MechanicName.LETTER:
        return _("A letter from %(name)s", name=names.partner or _("your partner"))
    if exercise.lead is MechanicName.TRACKER:
        return _("Days one of you noted")
    return _("Both answers")


def together(scope: Scope, names: Names, *, seat: Seat) -> list[Line]:
    """Return everything that is open to a partner besides their own words, newest first."""
    # Small habits stand last: their place among the dated ones would tell when the other noted something.
    opened = sorted(queries.together(scope), key=_is_habit)
    found = [_open_row(each, names, seat) for each in opened]
    return [each for each in found if each is not None]


def _is_habit(each: Together) -> bool:
    return each.exercise.lead is MechanicName.TRACKER


def _open_row(each: Together, names: Names, seat: Seat) -> Line | None:
    words = what_opened(each.exercise, names)
    if each.only_notes or (_is_habit(each) and each.has_notes):
        words = _("A note from %(name)s", name=names.partner or _("your partner"))
    if each.has_words:
        words = _("With a word from %(name)s", name=names.therapist or _("your therapist"))
    if _is_habit(each) and each.has_words:
        return Line(each.exercise.title, words, url_for("exercises.opened", assignment_id=each.assignment.id))
    if _is_habit(each):
        # A log shows its days on its own page, and notes with them; without words there is nothing else to open.
        if each.assignment.state != AssignmentState.OPEN or not queries.asks(each.assignment, seat):
            if not each.has_notes:
                return None
            address = url_for("exercises.opened", assignment_id=each.assignment.id)
            return Line(each.exercise.title, words, address)
        return Line(each.exercise.title, words, url_for("exercises.task", assignment_id=each.assignment.id))
    text = _("%(what)s, since %(day)s", what=words, day=day_and_month(each.opened_at))
    return Line(each.exercise.title, text, url_for("exercises.opened", assignment_id=each.assignment.id))


@dataclass(frozen=True, slots=True)
class Mine:
    """What is only a partner's own: begun, sent, and left out."""

    drafts: list[Line]
    sent: list[Line]
    left_out: list[Line]


def just_me(scope: Scope, names: Names, *, seat: Seat, today: date) -> Mine:
    """Return a partner's own drafts and what they sent, each with who can see it."""
    current = {task.assignment.id: task for task in queries.my_tasks(scope, seat=seat, today=today)}
    lines: dict[ResponseState, list[Line]] = {state: [] for state in ResponseState}
    for own in queries.my_work(scope):
        state = ResponseState(own.response.state)
        address = _own_address(own, current.get(own.assignment.id))
        moment = Moment.WRITING if state is ResponseState.DRAFT else Moment.NOW
        seen = label_words(
            own.exercise.walk(MechanicName(own.response.part)),
            names,
            lists=own.assignment.lists_open,
            moment=moment,
        )
        line = Line(
            own.exercise.title,
            _own_words(own.response),
            address,
            None if state is ResponseState.DECLINED else seen,
        )
        lines[state].append(line)
    return Mine(lines[ResponseState.DRAFT], lines[ResponseState.SENT], lines[ResponseState.DECLINED])


def _own_words(response: Response) -> str:
    match ResponseState(response.state):
        case ResponseState.AHEAD | ResponseState.DRAFT:
            return _("Begun %(day)s", day=day_and_month(response.started_at))
        case ResponseState.SENT:
            return _("Sent %(day)s", day=day_and_month(response.sent_at or response.started_at))
        case ResponseState.DECLINED:
            return _("Left out this time")


def _own_address(own: queries.Own, task: Task | None) -> str | None:
    """Return where a round can be looked at; nothing for one that is over."""
    response = own.response
    if own.exercise.is_placed:
        return url_for("exercises.task", assignment_id=own.assignment.id)
    if task is not None and response.part in own.exercise.mechanics[1:] and response.part in PARTS:
        return url_for(PARTS[MechanicName(response.part)].page, assignment_id=own.assignment.id)
    if task is None:
        return None
    if task.period != response.period:
        # What was chosen stands until its writer changes it, whatever round has begun since.
        stands = response.part == MechanicName.OVERLAP and response.state == ResponseState.SENT
        return _address(task) if stands else None
    if response.state == ResponseState.SENT and not task.is_tracker:
        return url_for("exercises.sent", assignment_id=response.assignment_id)
    return _address(task)


def local_hour(moment: datetime, zone: str) -> int:
    """Return the hour of a moment where the practice is."""
    return moment.astimezone(ZoneInfo(zone)).hour
