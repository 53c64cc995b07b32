"""Acts out stories: every deed is the portal's own command, done by the right person at the right moment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import care_commands, commands, queries, safety
from portal.exercises.domain import Exercise, Recurrence, period_for
from portal.exercises.mechanics.base import Delivery, DeliveryKind, MechanicName
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.exercises.models import AssignmentState, Whom
from portal.exercises.parts import PARTS
from portal.exercises.queries import Task
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.questionnaires.model import ItemKind
from portal.sample import acting_parts as parts
from portal.sample import acting_paths as paths
from portal.sample.stage import BadStory, Play
from portal.sample.story import THERAPISTS, Act, Deed

MORNING_HOUR = 7


def perform(play: Play, act: Act) -> None:
    """Do one deed at the moment that the clock shows. Raises BadStory when the portal refuses it."""
    actor = play.therapist if act.do in THERAPISTS else play.partners[act.who]
    try:
        with play.records.within(actor) as scope:
            scope.language = play.language
            DEEDS[act.do](play, scope, act)
    except (commands.Incomplete, commands.TooLate, LookupError, *parts.REFUSALS) as error:
        raise BadStory(f"day {act.day}, {act.work}, {act.do}: {error!r}") from error


def _assign(play: Play, scope: Scope, act: Act) -> None:
    exercise: Exercise = library()[act.exercise]
    due = None if act.due_after is None else play.calendar.at(act.day + act.due_after, 12).date()
    plan = care_commands.Plan(
        couple_id=play.couple_id,
        whom=Whom(act.whom),
        recurrence=Recurrence(act.recurrence or exercise.recurrence),
        due_on=due,
        instructions=act.text,
        sees=TherapistSees(act.sees),
        release=act.release,
        previous_id=play.assignments[act.previous] if act.previous else None,
    )
    play.assignments[act.work] = care_commands.assign(scope, exercise, plan, once_key=new_id()).id


def _release(play: Play, scope: Scope, act: Act) -> None:
    care_commands.release(scope, play.assignments[act.work])


def _read(play: Play, scope: Scope, act: Act) -> None:
    care_commands.mark_read(scope, play.assignments[act.work])


def _open(play: Play, scope: Scope, act: Act) -> None:
    author = play.partners[act.who].account_id
    entries = queries.written(scope, [play.assignments[act.work]])
    newest = next((each for each in reversed(entries) if each.author_id == author), None)
    if newest is None:
        raise BadStory(f"day {act.day}, {act.work}: nothing was written yet")
    for key, audience in newest.audiences.items():
        if audience is Audience.HELD:
            care_commands.open_held(scope, newest.answer_ids[key])


def _feedback(play: Play, scope: Scope, act: Act) -> None:
    seat = Seat(act.who) if act.who else None
    assignment = play.assignments[act.work]
    care_commands.give_feedback(
        scope, assignment, act.text, to=Audience(act.to), seat=seat, once_key=new_id()
    )


def _finish(play: Play, scope: Scope, act: Act) -> None:
    care_commands.end(scope, play.assignments[act.work], state=AssignmentState.FINISHED)


def _withdraw(play: Play, scope: Scope, act: Act) -> None:
    care_commands.end(scope, play.assignments[act.work], state=AssignmentState.WITHDRAWN)


def _decide(play: Play, scope: Scope, act: Act) -> None:
    for flag in safety.open_flags(scope, play.couple_id):
        safety.close(scope, flag.id, decision=act.text)


def _draft(play: Play, scope: Scope, act: Act) -> None:
    for task, values in _walks(play, scope, act):
        _typed(play, scope, task, values, act)


def _send(play: Play, scope: Scope, act: Act) -> None:
    for task, values in _walks(play, scope, act):
        begun = _typed(play, scope, task, values, act)
        commands.send(scope, begun, once_key=new_id(), delivery=_delivery(play, act))
        if act.part:
            PARTS[task.part].after_send(scope, begun)


def _walks(play: Play, scope: Scope, act: Act) -> Iterator[tuple[Task, Mapping[str, Any]]]:
    """Yield the walks that a deed's items belong to, each with its own: an exercise can have a log beside the rest."""
    if act.part:
        yield parts.walk(play, scope, act), act.values
        return
    task = play.task(scope, act)
    tracker = task.exercise.spec(TrackerSpec)
    logged = set() if tracker is None or task.is_tracker else {item.key for item in tracker.form.questions}
    rest = {key: value for key, value in act.values.items() if key not in logged}
    noted = {key: value for key, value in act.values.items() if key in logged}
    if rest or not noted:
        yield task, rest
    if noted and tracker is not None:
        every = Recurrence.DAILY if tracker.every is Every.DAY else Recurrence.WEEKLY
        period = period_for(every, day_in(play.calendar.zone, scope.now))
        yield queries.aside(scope, task, MechanicName.TRACKER, period=period), noted


def _typed(play: Play, scope: Scope, task: Task, values: Mapping[str, Any], act: Act) -> Task:
    """Begin a response, type into it, and return the task as it stands then."""
    begun = replace(task, response=commands.begin(scope, task))
    kept = commands.keep_draft(scope, begun, _dated(play, task, values, act), revision=None)
    if kept.errors:
        raise BadStory(f"day {act.day}, {act.work}: {kept.errors}")
    return begun


def _dated(play: Play, task: Task, values: Mapping[str, Any], act: Act) -> dict[str, Any]:
    """Return what is typed. Where a day is asked for, a story says how many days after the deed that is."""
    days = {item.key for item in task.form.questions if item.kind is ItemKind.DATE}
    return {
        key: play.calendar.at(act.day + value, 12).date().isoformat() if key in days else value
        for key, value in values.items()
    }


def _delivery(play: Play, act: Act) -> Delivery:
    kind = DeliveryKind(act.delivery)
    if kind is not DeliveryKind.LATER:
        return Delivery(kind)
    return Delivery(kind, play.calendar.at(act.day + act.after_days, MORNING_HOUR - 2))


def _decline(play: Play, scope: Scope, act: Act) -> None:
    commands.decline(scope, play.task(scope, act))


def _react(play: Play, scope: Scope, act: Act) -> None:
    theirs = [each for each in play.written(scope, act) if each.author_id != scope.account_id]
    if not theirs:
        raise BadStory(f"day {act.day}, {act.work}: there is no letter to answer yet")
    commands.react(scope, theirs[-1].response_id, act.choice)


def _share(play: Play, scope: Scope, act: Act) -> None:
    own = next(each for each in play.written(scope, act) if each.author_id == scope.account_id)
    for item in act.items:
        commands.share(scope, own.answer_ids[item])


DEEDS: Mapping[Deed, Callable[[Play, Scope, Act], None]] = {
    Deed.ASSIGN: _assign,
    Deed.RELEASE: _release,
    Deed.READ: _read,
    Deed.OPEN: _open,
    Deed.FEEDBACK: _feedback,
    Deed.FINISH: _finish,
    Deed.WITHDRAW: _withdraw,
    Deed.DECIDE: _decide,
    Deed.DRAFT: _draft,
    Deed.SEND: _send,
    Deed.DECLINE: _decline,
    Deed.REACT: _react,
    Deed.SHARE: _share,
    Deed.TALK: parts.talk,
    Deed.AGREE: parts.agree,
    Deed.ARRANGE: parts.arrange,
    Deed.TAKE: parts.take,
    Deed.STOP: parts.stop,
    Deed.TELL: parts.tell,
    Deed.WRITE: parts.write,
    Deed.SHOW: parts.show,
    Deed.CARD: parts.card,
    Deed.ARM: paths.arm,
    Deed.MORNING: paths.morning,
    Deed.PLAN_SESSION: paths.plan_session,
    Deed.HOLD_SESSION: paths.hold_session,
}
