"""What the pages about pathways show, as plain values for their templates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import need_pages
from portal.exercises.assign_pages import whom_choices
from portal.exercises.domain import Exercise, Who, needs_both
from portal.exercises.journey import Outlook, Wait
from portal.exercises.journey_forms import ArmForm, MoveForm, SeenForm, SessionForm, WhomForm
from portal.exercises.journey_queries import (
    Way,
    asks_for_whom,
    chosen_for,
    exercises_in,
    facts_of,
    journeys_of,
    outlooks,
    sessions_of,
    to_choose,
    way_of,
    whom_of,
)
from portal.exercises.models import Whom
from portal.exercises.need_pages import Reason
from portal.exercises.pathway import (
    Anchor,
    ForWhom,
    Gate,
    GateKind,
    Otherwise,
    PathStep,
    Pathway,
    Release,
    Side,
)
from portal.exercises.pathway_models import JourneyState, JourneyStep, SessionState, StepState
from portal.exercises.shelf import exercise_at_hand
from portal.exercises.words import RHYTHMS
from portal.people.couple_queries import Circle, circle
from portal.web.render import day_and_month, short_day
from portal.web.translate import _, _n


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step of a pathway in words."""

    key: str
    title: str
    url: str
    opens: str
    gates: tuple[str, ...]
    whom: str
    rhythm: str
    word: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a couple's journey: where it stands, what it waits for, and what can be decided about it."""

    position: int
    title: str
    state: StepState
    whom: str
    when: str
    waits: tuple[str, ...]
    rule: str
    """What becomes of it if a safety flag is open when its time has come, where that isn't to wait."""
    review_url: str | None
    can_open: bool
    move: MoveForm | None
    choose: WhomForm | None


@dataclass(frozen=True, slots=True)
class JourneyShown:
    """One journey with its steps."""

    id: str
    title: str
    state: JourneyState
    words: str
    steps: tuple[StepRow, ...]
    form: SeenForm
    is_going: bool


def titles_in(scope: Scope, pathway: Pathway, *, for_journey_of: str | None = None) -> dict[str, str]:
    """Return the title of each step's exercise by the step's key; in words where it isn't at hand any more."""
    known = exercises_in(scope, pathway, for_journey_of=for_journey_of)
    gone = _("An exercise that isn’t at hand")
    return {
        step.key: known[step.exercise].title if step.exercise in known else gone for step in pathway.steps
    }


def step_words(scope: Scope, pathway: Pathway) -> list[StepWords]:
    """Return the steps of a pathway in words."""
    titles, known = titles_in(scope, pathway), exercises_in(scope, pathway)
    return [_step_words(step, titles, known.get(step.exercise)) for step in pathway.steps]


def _step_words(step: PathStep, titles: Mapping[str, str], exercise: Exercise | None) -> StepWords:
    opens = _release_words(step)
    if step.anchor is not None:
        opens = _("%(first)s, %(then)s", first=opens, then=_anchor_words(step.anchor))
    return StepWords(
        key=step.key,
        title=titles[step.key],
        url=url_for(".library_item", slug=step.exercise),
        opens=opens,
        gates=tuple(_gate_words(titles, gate) for gate in step.gates),
        whom=_whom_words(step, exercise),
        rhythm=str(RHYTHMS[exercise.recurring(step.recurrence)]) if step.recurrence and exercise else "",
        word=step.word,
    )


def _whom_words(step: PathStep, exercise: Exercise | None) -> str:
    """Return for whom a step of a pathway is, where that isn't simply both."""
    if asks_for_whom(step, exercise):
        return _("You choose for whom when you put them on their way")
    if exercise is None or needs_both(exercise):
        return ""
    match step.whom:
        case ForWhom.A:
            return _("Only the first of the two")
        case ForWhom.B:
            return _("Only the second of the two")
        case ForWhom.BOTH if exercise.who is Who.ONE:
            return _("Both, each on their own")
        case _:
            return ""


def _days(number: int) -> str:
    return _n("%(num)s day", "%(num)s days", number)


def _release_words(step: PathStep) -> str:
    match step.release:
        case Release.AT_ONCE:
            return _("At once")
        case Release.AFTER:
            return _("After the step before")
        case Release.AFTER_DELAY:
            return _("%(days)s after the step before is done", days=_days(step.days))
        case Release.INTERVAL:
            return _("%(days)s after the step before has opened", days=_days(step.days))
        case Release.ON_DATE:
            return _("%(days)s after the start, or on a day you choose", days=_days(step.days))


def _anchor_words(anchor: Anchor) -> str:
    if anchor.side is Side.BEFORE:
        return _("%(days)s before the next session", days=_days(anchor.days))
    return _("%(days)s after a session", days=_days(anchor.days))


def _gate_words(titles: Mapping[str, str], gate: Gate) -> str:
    match gate.kind:
        case GateKind.BOTH_DONE:
            return _("Once both have done “%(title)s”", title=titles[gate.of])
        case GateKind.MATCHES:
            return _(
                "Once both are open to at least %(num)s things in “%(title)s”",
                num=gate.at_least,
                title=titles[gate.of],
            )
        case GateKind.THERAPIST:
            return _("When you open it")
        case GateKind.NO_FLAG if gate.otherwise is Otherwise.SKIP:
            return _skips_words()
        case GateKind.NO_FLAG:
            return _("Not while a safety flag is open")


def _skips_words() -> str:
    return _("Left out if a safety flag is open when its time has come")


def arming(scope: Scope, pathway: Pathway, form: ArmForm, couple_id: str) -> dict[str, Any]:
    """Return what arming a pathway for a couple shows."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    people = circle(scope, couple_id)
    reasons = {step.key: _reasons(scope, pathway, step, people) for step in pathway.steps}
    return {
        "pathway": pathway,
        "people": people,
        "form": form,
        "hold": need_pages.hold(scope, people),
        "steps": [
            (each, form.day_of(each.key), form.whom_of(each.key), reasons[each.key])
            for each in step_words(scope, pathway)
        ],
    }


def whom_choices_in(scope: Scope, pathway: Pathway, couple_id: str) -> dict[str, list[tuple[str, str]]]:
    """Return for whom each of those steps can be of which a therapist has to say it, by step key: as in giving by hand."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    people = circle(scope, couple_id)
    return {key: whom_choices(each, people) for key, each in to_choose(scope, pathway).items()}


def _reasons(scope: Scope, pathway: Pathway, step: PathStep, people: Circle) -> tuple[Reason, ...]:
    """Return what stands in the way of a step now, leaving out lists that an earlier step asks for."""
    exercise = exercise_at_hand(scope, step.exercise)
    if exercise is None:
        return ()
    before = {each.exercise for each in pathway.steps[: pathway.position(step.key)]}
    found = need_pages.guard(scope, exercise, people).reasons
    return tuple(each for each in found if each.list_of not in before)


def journeys(scope: Scope, couple_id: str, *, session_form: SessionForm | None = None) -> dict[str, Any]:
    """Return a couple's journeys and sessions, for its therapist."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    return {
        "couple_id": couple_id,
        "journeys": [_shown(scope, way_of(scope, row)) for row in journeys_of(scope, couple_id)],
        "sessions": [_session_row(scope, row) for row in reversed(sessions_of(scope, couple_id))],
        "session_form": session_form or SessionForm(formdata=None),
        "seen_form": SeenForm(formdata=None),
    }


def _session_row(scope: Scope, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.starts_at,
        "minutes": row.minutes,
        "is_held": row.state == SessionState.HELD,
        "has_begun": row.starts_at <= scope.now,
    }


_STATE_WORDS = {
    JourneyState.RUNNING: lambda: _("On its way"),
    JourneyState.PAUSED: lambda: _("Paused. Nothing more opens until you go on"),
    JourneyState.FINISHED: lambda: _("Done, every step of it"),
    JourneyState.ENDED: lambda: _("Ended"),
}


def _shown(scope: Scope, way: Way) -> JourneyShown:
    found = outlooks(way, facts_of(scope, way))
    titles = titles_in(scope, way.pathway, for_journey_of=way.journey.author_id)
    known = exercises_in(scope, way.pathway, for_journey_of=way.journey.author_id)
    people = circle(scope, way.journey.couple_id)
    asking = {place: whom_choices(each, people) for place, each in chosen_for(scope, way).items()}
    state = JourneyState(way.journey.state)
    is_going = state in {JourneyState.RUNNING, JourneyState.PAUSED}
    form = SeenForm(formdata=None)
    form.seen.data = str(way.journey.revision)
    return JourneyShown(
        id=way.journey.id,
        title=way.pathway.title,
        state=state,
        words=_(
            "%(state)s. Begun %(day)s", state=_STATE_WORDS[state](), day=day_and_month(way.journey.started_at)
        ),
        steps=tuple(
            _row(
                way,
                position,
                titles,
                found.get(position),
                whom=_for_whom(way, position, known, people),
                asking=asking.get(position, []),
                is_going=is_going,
            )
            for position in range(len(way.steps))
        ),
        form=form,
        is_going=is_going,
    )


def _for_whom(way: Way, position: int, known: Mapping[str, Exercise], people: Circle) -> str:
    """Return for whom a step of a journey is, by name, where that isn't simply both."""
    step, row = way.pathway.steps[position], way.steps[position]
    exercise, assignment = known.get(step.exercise), way.assignments.get(position)
    if exercise is None or row.state == StepState.SKIPPED:
        return ""
    whom = Whom(assignment.whom) if assignment is not None else whom_of(step, row, exercise)
    if whom is not Whom.BOTH:
        return _("For %(name)s", name=people.at(Seat(whom)).first_name)
    return _("For both, each on their own") if exercise.who is Who.ONE else ""


def _row(
    way: Way,
    position: int,
    titles: Mapping[str, str],
    outlook: Outlook | None,
    *,
    whom: str,
    asking: Sequence[tuple[str, str]],
    is_going: bool,
) -> StepRow:
    step, row = way.pathway.steps[position], way.steps[position]
    state = StepState(row.state)
    assignment = way.assignments.get(position)
    move, choose = None, None
    if state is StepState.AHEAD and is_going:
        move = MoveForm(formdata=None)
        move.seen.data = str(way.journey.revision)
        move.day.data = row.moved_to.date() if row.moved_to else None
        choose = _choosing(way, row, asking) if asking else None
    return StepRow(
        position=position,
        title=titles[step.key],
        state=state,
        whom=whom,
        when=_when(row, outlook),
        waits=tuple(_wait_words(outlook.waits, outlook.opens_at)) if outlook else (),
        rule=_skips_words() if step.skips and state is StepState.AHEAD and is_going else "",
        review_url=url_for(".review", assignment_id=assignment.id) if assignment is not None else None,
        can_open=outlook is not None and Wait.THERAPIST in outlook.waits and is_going,
        move=move,
        choose=choose,
    )


def _choosing(way: Way, row: JourneyStep, choices: Sequence[tuple[str, str]]) -> WhomForm:
    """Return the form for choosing anew for whom a step is; both, where it was given before anybody was asked."""
    form = WhomForm(formdata=None)
    form.seen.data, form.whom.data = str(way.journey.revision), row.whom or Whom.BOTH
    form.whom.choices = [SelectChoice(*each) for each in choices]
    return form


def _when(row: JourneyStep, outlook: Outlook | None) -> str:
    state = StepState(row.state)
    if state is StepState.RELEASED and row.released_at:
        return _("Open since %(day)s", day=day_and_month(row.released_at))
    if state is StepState.DONE and row.done_at:
        return _("Done %(day)s", day=day_and_month(row.done_at))
    if state is StepState.SKIPPED:
        return _("Left out: a safety flag was open") if row.left_out_for_flag else _("Left out")
    if outlook is not None and outlook.opens_at is not None:
        return _("From %(day)s", day=short_day(outlook.opens_at))
    return _("Ahead")


_WAIT_WORDS = {
    Wait.PAUSED: lambda: _("for you to go on"),
    Wait.EARLIER_STEP: lambda: _("for the step before"),
    Wait.TIME: lambda: _("for its day"),
    Wait.SESSION: lambda: _("for a session"),
    Wait.BOTH_DONE: lambda: _("until both have done an earlier step"),
    Wait.MATCHES: lambda: _("until both are open to enough"),
    Wait.THERAPIST: lambda: _("for you to open it"),
    Wait.FLAG: lambda: _("while a safety flag is open"),
    Wait.NEEDS: lambda: _("for what its exercise needs first"),
}


def _wait_words(waits: Iterable[Wait], opens_at: datetime | None) -> Iterable[str]:
    """Yield what a step waits for, leaving out what its place, its date and its rule say already."""
    for wait in waits:
        is_said = wait in {Wait.EARLIER_STEP, Wait.FLAG_SKIPS} or (wait is Wait.TIME and opens_at is not None)
        if not is_said:
            yield _WAIT_WORDS[wait]()
