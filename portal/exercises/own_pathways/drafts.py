"""A therapist's own pathway while it is written: what the editor's fields hold, what is wrong, and what it defines.

A draft holds texts as they were typed, so that nothing is lost and it may be unfinished. ``own_pathways.source`` makes an
ordinary definition of it, which the ordinary parser reads, and says at which field something stands in the way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.pathway import (
    NEEDS_DAYS,
    ForWhom,
    Gate,
    GateKind,
    Otherwise,
    PathStep,
    Pathway,
    Release,
    Side,
)

MOST_TEXT: Final = 2000
"""How many characters one text of a pathway may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """One step as its fields hold it. ``both_done`` and ``matches_of`` are keys of steps, or empty.

    ``whom`` is empty where nothing is said: both, or, where one of the two does it, who is chosen when it is armed.
    """

    key: str
    exercise: str = ""
    whom: str = ""
    release: str = Release.AFTER.value
    days: str = ""
    session: str = ""
    session_days: str = ""
    both_done: str = ""
    matches_of: str = ""
    at_least: str = ""
    therapist: bool = False
    no_flag: bool = False
    flag_skips: bool = False
    recurrence: str = ""
    times: str = ""
    due_days: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The step that was taken out last, and where it stood."""

    step: StepDraft
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A pathway as its fields hold it. ``contraindications`` and ``sources`` have one entry on each line."""

    title: str = ""
    purpose: str = ""
    suits: str = ""
    weeks: str = ""
    not_when: str = ""
    contraindications: str = ""
    rationale: str = ""
    look_for: str = ""
    why: str = ""
    sources: str = ""
    steps: tuple[StepDraft, ...] = ()
    removed: Removed | None = field(default=None)

    def position(self, key: str) -> int | None:
        """Return the place of a step, from 0, or ``None`` where there is no such step."""
        return next((place for place, step in enumerate(self.steps) if step.key == key), None)

    def step(self, key: str) -> StepDraft | None:
        """Return a step by its key."""
        return next((step for step in self.steps if step.key == key), None)


HEAD_FIELDS: Final = tuple(each.name for each in fields(Draft) if each.name not in {"steps", "removed"})
STEP_FIELDS: Final = tuple(each.name for each in fields(StepDraft) if each.name != "key")
SWITCHES: Final = frozenset({"therapist", "no_flag", "flag_skips"})


def to_plain(draft: Draft) -> dict[str, Any]:
    """Return a draft as plain JSON values; ``from_plain`` reads them back."""
    return asdict(draft)


def from_plain(values: object) -> Draft:
    """Return the draft that plain values hold. What is missing or of another kind is left empty."""
    table = values if isinstance(values, Mapping) else {}
    removed = table.get("removed")
    gone = _step(removed.get("step"), 0) if isinstance(removed, Mapping) else None
    place = removed.get("position") if isinstance(removed, Mapping) else 0
    listed = table.get("steps")
    steps = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return Draft(
        **{name: _text(table, name) for name in HEAD_FIELDS},
        steps=tuple(_step(each, number) for number, each in enumerate(steps, start=1)),
        removed=Removed(step=gone, position=place if isinstance(place, int) else 0) if gone else None,
    )


def _step(values: object, number: int) -> StepDraft:
    table = values if isinstance(values, Mapping) else {}
    held: dict[str, Any] = {name: _text(table, name) for name in STEP_FIELDS if name in table}
    held |= {name: table.get(name) is True for name in SWITCHES}
    return StepDraft(key=_text(table, "key") or f"step_{number}", **held)


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def draft_of(pathway: Pathway) -> Draft:
    """Return the draft with which a copy of a pathway begins."""
    return Draft(
        title=pathway.title,
        purpose=pathway.purpose,
        suits=pathway.suits,
        weeks=str(pathway.weeks),
        not_when=pathway.clinician.not_when,
        contraindications="\n".join(" ".join(each.split()) for each in pathway.contraindications),
        rationale=pathway.clinician.rationale,
        look_for=pathway.clinician.look_for,
        why=pathway.why,
        sources="\n".join(" ".join(each.split()) for each in pathway.sources),
        steps=tuple(_step_of(step) for step in pathway.steps),
    )


def _step_of(step: PathStep) -> StepDraft:
    gates = {gate.kind: gate for gate in step.gates}
    matches = gates.get(GateKind.MATCHES)
    return StepDraft(
        key=step.key,
        exercise=step.exercise,
        whom=step.whom.value if step.whom else "",
        release=step.release.value,
        days=str(step.days) if step.release in NEEDS_DAYS else "",
        session=step.anchor.side.value if step.anchor else "",
        session_days=str(step.anchor.days) if step.anchor else "",
        both_done=gates[GateKind.BOTH_DONE].of if GateKind.BOTH_DONE in gates else "",
        matches_of=matches.of if matches else "",
        at_least=str(matches.at_least) if matches else "",
        therapist=GateKind.THERAPIST in gates,
        no_flag=GateKind.NO_FLAG in gates,
        flag_skips=step.skips,
        recurrence=step.recurrence.value if step.recurrence else "",
        times=str(step.times) if step.times > 1 else "",
        due_days=str(step.due_days),
        word=step.word,
    )


def with_step(draft: Draft, exercise: str, *, after: str = "") -> tuple[Draft, str]:
    """Return a draft with one more step after another, or at its end, and the new step's key.

    A key that is still in use, or was that of the step taken out last, is never given again.
    """
    used = {step.key for step in draft.steps} | ({draft.removed.step.key} if draft.removed else set())
    number = len(draft.steps) + 1
    while (key := f"step_{number}") in used:
        number += 1
    release = Release.AFTER if draft.steps else Release.AT_ONCE
    steps, place = list(draft.steps), draft.position(after)
    step = StepDraft(key=key, exercise=exercise, release=release.value)
    steps.insert(len(steps) if place is None else place + 1, step)
    return replace(draft, steps=tuple(steps)), key


def moved(draft: Draft, key: str, *, by: int) -> Draft:
    """Return a draft with a step so many places further down, or up; as it is where that leads past an end."""
    place = draft.position(key)
    if place is None or not 0 <= place + by < len(draft.steps):
        return draft
    steps = list(draft.steps)
    steps.insert(place + by, steps.pop(place))
    return replace(draft, steps=tuple(steps))


def without_step(draft: Draft, key: str) -> Draft:
    """Return a draft without a step. The step is kept beside it, to be put back."""
    place = draft.position(key)
    if place is None:
        return draft
    steps = tuple(step for step in draft.steps if step.key != key)
    return replace(draft, steps=steps, removed=Removed(step=draft.steps[place], position=place))


def put_back(draft: Draft) -> Draft:
    """Return a draft with the step that was taken out last in its place again."""
    gone = draft.removed
    if gone is None or draft.step(gone.step.key) is not None:
        return replace(draft, removed=None)
    steps = list(draft.steps)
    steps.insert(gone.position, gone.step)
    return replace(draft, steps=tuple(steps), removed=None)


def number_in(text: str) -> int | None:
    """Return the whole number that a field holds, or ``None`` where it holds none."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 6 else None


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


_FROM_THE_START: Final = {
    Release.AFTER: Release.AT_ONCE,
    Release.AFTER_DELAY: Release.ON_DATE,
    Release.INTERVAL: Release.ON_DATE,
}


def release_of(step: StepDraft, position: int) -> Release:
    """Return the rule of a step. The first has none before it: what would follow that one counts from the start."""
    known = next((each for each in Release if each.value == step.release), Release.AFTER)
    if position:
        return known
    return _FROM_THE_START.get(known, known)


def gates_of(step: StepDraft, exercise: Exercise | None) -> Iterator[Gate]:
    """Yield the gates of a step. What asks for touch never opens while a safety flag is open, said or not.

    What is left out while one is open doesn't open then, either.
    """
    if step.both_done:
        yield Gate(kind=GateKind.BOTH_DONE, of=step.both_done)
    if step.matches_of:
        yield Gate(kind=GateKind.MATCHES, of=step.matches_of, at_least=number_in(step.at_least) or 0)
    if step.therapist:
        yield Gate(kind=GateKind.THERAPIST)
    if step.no_flag or step.flag_skips or (exercise is not None and exercise.touch_level > 0):
        yield Gate(kind=GateKind.NO_FLAG, otherwise=Otherwise.SKIP if step.flag_skips else Otherwise.WAIT)


def rhythm_of(step: StepDraft) -> Recurrence | None:
    """Return how often a step is done, or ``None`` for what its exercise says."""
    return next((each for each in Recurrence if each.value == step.recurrence), None)


def whom_of(step: StepDraft) -> ForWhom | None:
    """Return whom a step names, or ``None`` where it is left open."""
    return next((each for each in ForWhom if each.value == step.whom), None)


def side_of(step: StepDraft) -> Side | None:
    """Return where a step stands to a session, or ``None`` for a step that isn't tied to one."""
    return next((each for each in Side if each.value == step.session), None)
