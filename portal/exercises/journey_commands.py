"""What a therapist does with pathways: arm, pause, go on, leave out, open, move, end; and what then opens by itself."""

from base64 import b32encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.access.audit import Action, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.exercises import care_commands, journey
from portal.exercises.care_commands import Plan
from portal.exercises.journey import State
from portal.exercises.journey_queries import (
    Way,
    chosen_for,
    done_at,
    facts_of,
    journeys_of,
    to_choose,
    way_of,
    whom_of,
)
from portal.exercises.mechanics.overlap import OverlapSpec, TherapistSees
from portal.exercises.models import AssignmentState, Whom
from portal.exercises.needs import Unmet
from portal.exercises.pathway import PathStep, Pathway
from portal.exercises.pathway_models import (
    Journey,
    JourneyState,
    JourneyStep,
    PathwayCopy,
    SessionState,
    StepState,
    TherapySession,
)
from portal.exercises.safety import OnHold
from portal.exercises.shelf import exercise_at_hand
from portal.kit.ids import ID_LENGTH
from portal.people.practice_queries import practice_of


class Moved(Exception):
    """A journey went on since the page was made on which something was decided about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """What a therapist decides when arming a pathway: steps left out, and days and partners chosen for steps, by key."""

    couple_id: str
    left_out: Collection[str] = ()
    dates: Mapping[str, datetime] = field(default_factory=dict)
    whom: Mapping[str, Whom] = field(default_factory=dict)
    """For whom each of those steps is that ask for it."""


def arm(scope: Scope, pathway: Pathway, arming: Arming, *, once_key: str) -> Journey:
    """Put a couple on its way through a pathway, as it is defined now. The same key twice does it once.

    Raises Refused where nobody said for whom a step is that one of the two does: to ask both would be a decision, too.
    """
    scope.require(Permission.ASSIGN, couple_id=arming.couple_id)
    known: Journey | None = scope.first(scope.select(Journey).where(Journey.once_key == once_key))
    if known is not None:
        return known
    asked = to_choose(scope, pathway).keys()
    if asked - set(arming.left_out) - arming.whom.keys():
        raise Refused("nobody said for whom a step is")
    row = scope.add(
        Journey(
            couple_id=arming.couple_id,
            copy_id=_keep_copy(scope, pathway),
            slug=pathway.slug,
            author_id=scope.account_id,
            started_at=scope.now,
            once_key=once_key,
        )
    )
    scope.add_all(
        [
            JourneyStep(
                couple_id=arming.couple_id,
                journey_id=row.id,
                position=position,
                state=StepState.SKIPPED if step.key in arming.left_out else StepState.AHEAD,
                done_at=scope.now if step.key in arming.left_out else None,
                moved_to=arming.dates.get(step.key),
                whom=arming.whom.get(step.key) if step.key in asked else None,
            )
            for position, step in enumerate(pathway.steps)
        ]
    )
    record(scope, Action.PATHWAY_ARMED, subject_id=row.id, couple_id=row.couple_id, pathway=pathway.slug)
    advance(scope, row)
    return row


def _keep_copy(scope: Scope, pathway: Pathway) -> str:
    digest = bytes.fromhex(pathway.digest)[:16]
    wanted = b32encode(digest).decode("ascii").rstrip("=").lower()[:ID_LENGTH]
    if scope.first(scope.select(PathwayCopy).where(PathwayCopy.id == wanted)) is None:
        scope.add(PathwayCopy(id=wanted, slug=pathway.slug, source=pathway.source, created_at=scope.now))
    return wanted


def advance(scope: Scope, row: Journey) -> None:
    """Note what is done by now, and open what opens. Nothing happens to a journey that is paused or over."""
    scope.require(Permission.ASSIGN, couple_id=row.couple_id)
    if row.state != JourneyState.RUNNING:
        return
    way = way_of(scope, row)
    _note_done(scope, way)
    for turn in journey.turns(way.pathway, way.marks, facts_of(scope, way)):
        if turn.state is State.SKIPPED:
            _leave_out_for_flag(scope, way, turn.position)
        elif not _open(scope, way, turn.position):
            break
    if journey.is_finished(way.marks):
        row.state, row.ended_at = JourneyState.FINISHED, scope.now
    scope.flush()


def advance_all(scope: Scope, couple_id: str) -> None:
    """Let every journey of a couple go on as far as it can."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    for row in journeys_of(scope, couple_id):
        advance(scope, row)


def _note_done(scope: Scope, way: Way) -> None:
    for position, assignment in way.assignments.items():
        step = way.steps[position]
        if step.state != StepState.RELEASED:
            continue
        if assignment.state == AssignmentState.WITHDRAWN:
            step.state, step.done_at = StepState.SKIPPED, scope.now
        elif (since := done_at(scope, way.pathway.steps[position], assignment)) is not None:
            step.state, step.done_at = StepState.DONE, since


def _leave_out_for_flag(scope: Scope, way: Way, position: int) -> None:
    """Leave a step out by its own rule. The entry in the audit doesn't say why: others than therapists read it."""
    row = way.steps[position]
    row.state, row.done_at, row.left_out_for_flag = StepState.SKIPPED, scope.now, True
    record(
        scope,
        Action.PATHWAY_CHANGED,
        subject_id=way.journey.id,
        couple_id=row.couple_id,
        change="step-left-out",
    )


def _open(scope: Scope, way: Way, position: int) -> bool:
    """Give the exercise of a step to the couple; say whether that could be done."""
    step, row = way.pathway.steps[position], way.steps[position]
    exercise = exercise_at_hand(scope, step.exercise, for_journey_of=way.journey.author_id)
    if exercise is None:
        return False
    spec = exercise.spec(OverlapSpec)
    plan = Plan(
        couple_id=row.couple_id,
        whom=whom_of(step, row, exercise),
        recurrence=exercise.recurring(step.recurrence),
        due_on=_due_on(scope, step),
        instructions=step.word,
        sees=spec.therapist if spec is not None else TherapistSees.OVERLAP,
        author_id=way.journey.author_id,
    )
    try:
        # One key for each step: two workers that come here at once open it once.
        assignment = care_commands.assign(scope, exercise, plan, once_key=f"{way.journey.id}-{position}")
    except (OnHold, Unmet):
        return False
    row.assignment_id, row.released_at, row.state = assignment.id, scope.now, StepState.RELEASED
    return True


def _due_on(scope: Scope, step: PathStep) -> date:
    today = scope.now.astimezone(ZoneInfo(practice_of(scope).time_zone)).date()
    return today + timedelta(days=step.due_days)


def pause(scope: Scope, journey_id: str, *, seen: int) -> Journey:
    """Let nothing more open until the therapist goes on. What is open stays open."""
    row = _mine(scope, journey_id, seen)
    if row.state == JourneyState.RUNNING:
        row.state, row.paused_at = JourneyState.PAUSED, scope.now
    return _changed(scope, row, "paused")


def go_on(scope: Scope, journey_id: str, *, seen: int) -> Journey:
    """Go on after a pause."""
    row = _mine(scope, journey_id, seen)
    if row.state == JourneyState.PAUSED:
        row.state, row.paused_at = JourneyState.RUNNING, None
    return _changed(scope, row, "resumed")


def end(scope: Scope, journey_id: str, *, seen: int) -> Journey:
    """End a journey for good. Exercises that are open stay as they are."""
    row = _mine(scope, journey_id, seen)
    if row.state in {JourneyState.RUNNING, JourneyState.PAUSED}:
        row.state, row.ended_at = JourneyState.ENDED, scope.now
    return _changed(scope, row, "ended")


def leave_out(scope: Scope, journey_id: str, position: int, *, seen: int) -> Journey:
    """Leave a step out that isn't open yet."""
    row, step = _my_step(scope, journey_id, position, seen)
    step.state, step.done_at = StepState.SKIPPED, scope.now
    return _changed(scope, row, "step-left-out")


def open_gate(scope: Scope, journey_id: str, position: int, *, seen: int) -> Journey:
    """Open the gate that waits for the therapist; the step's other conditions stay."""
    row, step = _my_step(scope, journey_id, position, seen)
    step.opened_by_therapist_at = scope.now
    return _changed(scope, row, "gate-opened")


def choose_whom(scope: Scope, journey_id: str, position: int, *, whom: Whom, seen: int) -> Journey:
    """Say anew for whom a step is that one of the two does. Raises Refused for a step that doesn't ask for it."""
    row, step = _my_step(scope, journey_id, position, seen)
    if position not in chosen_for(scope, way_of(scope, row)):
        raise Refused("nothing is left open about whom it is for")
    step.whom = whom
    return _changed(scope, row, "step-for-another")


def move(scope: Scope, journey_id: str, position: int, *, to: datetime | None, seen: int) -> Journey:
    """Let a step open at a chosen time instead of by its rule, or by its rule again; its gates stay."""
    row, step = _my_step(scope, journey_id, position, seen)
    step.moved_to = to
    return _changed(scope, row, "step-moved")


def _mine(scope: Scope, journey_id: str, seen: int) -> Journey:
    row: Journey = scope.find(Journey, journey_id)
    scope.require(Permission.ASSIGN, couple_id=row.couple_id)
    if row.revision != seen:
        raise Moved
    return row


def _my_step(scope: Scope, journey_id: str, position: int, seen: int) -> tuple[Journey, JourneyStep]:
    scope.require(Permission.ASSIGN)
    row = _mine(scope, journey_id, seen)
    step: JourneyStep = scope.one(
        scope.select(JourneyStep).where(JourneyStep.journey_id == row.id, JourneyStep.position == position)
    )
    if step.state != StepState.AHEAD:
        raise Moved
    return row, step


def _changed(scope: Scope, row: Journey, change: str) -> Journey:
    row.revision += 1
    scope.flush()
    record(scope, Action.PATHWAY_CHANGED, subject_id=row.id, couple_id=row.couple_id, change=change)
    advance(scope, row)
    return row


def plan_session(
    scope: Scope, couple_id: str, *, starts_at: datetime, minutes: int, once_key: str
) -> TherapySession:
    """Write down when a couple's next session is."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    known: TherapySession | None = scope.first(
        scope.select(TherapySession).where(TherapySession.once_key == once_key)
    )
    if known is not None:
        return known
    return scope.add(
        TherapySession(
            couple_id=couple_id,
            starts_at=starts_at,
            minutes=minutes,
            author_id=scope.account_id,
            created_at=scope.now,
            once_key=once_key,
        )
    )


def mark_session(scope: Scope, session_id: str, *, state: SessionState) -> TherapySession:
    """Say what became of a session. One that lies ahead can't have been held."""
    row: TherapySession = scope.find(TherapySession, session_id)
    scope.require(Permission.ASSIGN, couple_id=row.couple_id)
    if state is SessionState.HELD and row.starts_at > scope.now:
        raise Refused("it is still to come")
    row.state = state
    scope.flush()
    return row
