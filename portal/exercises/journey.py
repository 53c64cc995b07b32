"""The rules by which the steps of a pathway open, for one couple: pure functions of what has happened so far.

Steps open in their order. A step opens when every earlier one is open, left out or done, when its own rule gives a time
that has come, when its session is there, when its gates stand open, and when the couple has what its exercise needs.
Something new for both never opens while a safety flag is open, and nothing does while the journey is paused. What is
open stays open, whatever happens later. A step that nothing but an open flag keeps from opening is left out, where its
definition says so, and the next one's turn comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.exercises.pathway import Anchor, Gate, GateKind, Otherwise, PathStep, Pathway, Release, Side

MORNING = time(5, 0)
"""At what local hour something opens that opens on a day."""


class State(StrEnum):
    """Where a step stands."""

    AHEAD = "ahead"
    RELEASED = "released"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What has happened with one step. ``done_at`` is also set when a step was left out, to the time of that."""

    state: State = State.AHEAD
    released_at: datetime | None = None
    done_at: datetime | None = None
    opened_by_therapist: bool = False
    moved_to: datetime | None = None
    """A time that the therapist chose instead of the one that the rule gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A session with the therapist: from when to when, and whether it was held."""

    starts_at: datetime
    ends_at: datetime
    was_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What else bears on a journey at a moment. ``matches`` counts what both are open to, by step key."""

    now: datetime
    started_at: datetime
    zone: ZoneInfo
    is_paused: bool = False
    has_flag: bool = False
    matches: Mapping[str, int]
    sessions: Sequence[Meeting] = ()
    conjoint: frozenset[str] = frozenset()
    """The keys of steps that bring something new for both."""
    unmet: frozenset[str] = frozenset()
    """The keys of steps whose exercise needs something that the couple hasn't got now, apart from flags."""


class Wait(StrEnum):
    """Why a step isn't open yet, for the therapist."""

    PAUSED = "paused"
    EARLIER_STEP = "earlier-step"
    TIME = "time"
    SESSION = "session"
    BOTH_DONE = "both-done"
    MATCHES = "matches"
    THERAPIST = "therapist"
    FLAG = "flag"
    FLAG_SKIPS = "flag-skips"
    """A flag is open. If that is all, the step doesn't wait for it: it is left out."""
    NEEDS = "needs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a step that lies ahead waits for, and from when on its time has come, where that is known."""

    waits: tuple[Wait, ...]
    opens_at: datetime | None

    @property
    def turn(self) -> State:
        """Where the step stands next at this moment: open, left out, or ahead still."""
        if not self.waits:
            return State.RELEASED
        return State.SKIPPED if self.waits == (Wait.FLAG_SKIPS,) else State.AHEAD


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens with a step now: it opens, or an open flag leaves it out."""

    position: int
    state: State


def outlook(pathway: Pathway, marks: Sequence[Mark], position: int, facts: Facts) -> Outlook:
    """Return what a step that lies ahead waits for at this moment; nothing at all means that it can open."""
    step = pathway.steps[position]
    waits = [Wait.PAUSED] if facts.is_paused else []
    if any(mark.state is State.AHEAD for mark in marks[:position]):
        waits.append(Wait.EARLIER_STEP)
    due = _due_at(step, marks, position, facts)
    opens_at = due if due is None or marks[position].moved_to else _with_session(step.anchor, due, facts)
    if due is not None and opens_at is None:
        waits.append(Wait.SESSION)
    elif due is None:
        waits.append(Wait.EARLIER_STEP)
    elif opens_at is not None and opens_at > facts.now:
        waits.append(Wait.TIME)
    waits += [wait for gate in step.gates if (wait := _closed(gate, pathway, marks, position, facts))]
    if facts.has_flag and step.key in facts.conjoint and not step.skips:
        waits.append(Wait.FLAG)
    if step.key in facts.unmet:
        waits.append(Wait.NEEDS)
    return Outlook(waits=tuple(dict.fromkeys(waits)), opens_at=opens_at)


def turns(pathway: Pathway, marks: Sequence[Mark], facts: Facts) -> tuple[Turn, ...]:
    """Return which steps open now and which are left out now, in their order."""
    standing, found = list(marks), []
    for position, mark in enumerate(marks):
        if mark.state is not State.AHEAD:
            continue
        state = outlook(pathway, standing, position, facts).turn
        if state is State.AHEAD:
            break
        opened = replace(mark, state=state, released_at=facts.now)
        left_out = replace(mark, state=state, done_at=facts.now)
        standing[position] = opened if state is State.RELEASED else left_out
        found.append(Turn(position, state))
    return tuple(found)


def to_release(pathway: Pathway, marks: Sequence[Mark], facts: Facts) -> tuple[int, ...]:
    """Return the positions of the steps that open now, in their order."""
    return tuple(turn.position for turn in turns(pathway, marks, facts) if turn.state is State.RELEASED)


def is_finished(marks: Sequence[Mark]) -> bool:
    """Say whether every step is done or was left out."""
    return all(mark.state in {State.DONE, State.SKIPPED} for mark in marks)


def _due_at(step: PathStep, marks: Sequence[Mark], position: int, facts: Facts) -> datetime | None:
    """Return from when on a step's own rule lets it open; ``None`` as long as that depends on an earlier step."""
    if (moved := marks[position].moved_to) is not None:
        return moved
    before = marks[position - 1] if position else None
    match step.release:
        case Release.AT_ONCE:
            return _begun(before, facts)
        case Release.AFTER:
            return before.done_at if before else facts.started_at
        case Release.AFTER_DELAY:
            return _morning(before.done_at if before else facts.started_at, step.days, facts.zone)
        case Release.INTERVAL:
            return _morning(_begun(before, facts), step.days, facts.zone)
        case Release.ON_DATE:
            return _morning(facts.started_at, step.days, facts.zone)


def _begun(before: Mark | None, facts: Facts) -> datetime | None:
    """Return when the step before was opened or left out."""
    if before is None:
        return facts.started_at
    return before.released_at or before.done_at


def _morning(moment: datetime | None, days: int, zone: ZoneInfo) -> datetime | None:
    """Return the local morning some days after a moment; the moment itself for no days."""
    if moment is None or days == 0:
        return moment
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, tzinfo=zone)


def _with_session(anchor: Anchor | None, due: datetime, facts: Facts) -> datetime | None:
    """Return when a step opens by its own rule and by the session it is tied to; ``None`` without such a session."""
    if anchor is None:
        return due
    if anchor.side is Side.AFTER:
        ends = [each.ends_at for each in facts.sessions if each.was_held and each.ends_at >= due]
        return _morning(min(ends), anchor.days, facts.zone) if ends else None
    earliest = max(due, facts.now)
    starts = [each.starts_at for each in facts.sessions if not each.was_held and each.starts_at > earliest]
    if not starts:
        return None
    opens = _morning(min(starts), -anchor.days, facts.zone)
    return None if opens is None else max(due, opens)


def _closed(gate: Gate, pathway: Pathway, marks: Sequence[Mark], position: int, facts: Facts) -> Wait | None:
    """Return what a gate waits for; nothing if it stands open."""
    match gate.kind:
        case GateKind.BOTH_DONE:
            state = marks[pathway.position(gate.of)].state
            return None if state in {State.DONE, State.SKIPPED} else Wait.BOTH_DONE
        case GateKind.MATCHES:
            return None if facts.matches.get(gate.of, 0) >= gate.at_least else Wait.MATCHES
        case GateKind.THERAPIST:
            return None if marks[position].opened_by_therapist else Wait.THERAPIST
        case GateKind.NO_FLAG:
            if not facts.has_flag:
                return None
            return Wait.FLAG_SKIPS if gate.otherwise is Otherwise.SKIP else Wait.FLAG
