"""From the draft of an own pathway to the definition of an ordinary one, and what stands in the way, field by field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from portal.exercises.domain import ClinicianNotes, Exercise
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.own.drafts import source_of
from portal.exercises.own_pathways.calendar import Supposed, weeks_of
from portal.exercises.own_pathways.drafts import (
    HEAD_FIELDS,
    MOST_TEXT,
    STEP_FIELDS,
    SWITCHES,
    Draft,
    StepDraft,
    gates_of,
    lines_of,
    number_in,
    release_of,
    rhythm_of,
    side_of,
    whom_of,
)
from portal.exercises.pathway import (
    MOST_DAYS,
    MOST_STEPS,
    NEEDS_DAYS,
    Anchor,
    Gate,
    Otherwise,
    PathStep,
    Pathway,
    comes_too_seldom,
    parse_pathway,
)
from portal.kit.library import DefinitionError, Mistake

Known = Mapping[str, Exercise]
"""The exercises that the writer may give, by slug."""


class Fault(StrEnum):
    """What stands in the way at a field."""

    MISSING = "missing"
    NO_NUMBER = "no-number"
    OUT_OF_RANGE = "out-of-range"
    TOO_LONG = "too-long"
    NO_EXERCISE = "no-exercise"
    NOT_EARLIER = "not-earlier"
    NO_OVERLAP = "no-overlap"
    NOT_SO_OFTEN = "not-so-often"
    COMES_ONCE = "comes-once"
    TOO_MANY = "too-many"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that stands in the way. ``step`` is the key of a step, or empty for the pathway itself."""

    field: str
    fault: Fault
    step: str = ""
    low: int = 0
    high: int = 0

    @property
    def is_gap(self) -> bool:
        """Say whether something is only missing still: nothing that was typed is wrong."""
        return self.fault is Fault.MISSING


NEEDED: Final = ("title", "purpose", "not_when")
LENGTHS: Final = {"title": 80, "purpose": 200, "suits": 400}
NUMBERS: Final = {
    "days": (0, MOST_DAYS),
    "session_days": (0, 30),
    "at_least": (1, 50),
    "times": (1, 60),
    "due_days": (1, 90),
}
"""The fields of a step that hold numbers, with the smallest and largest."""
WEEKS: Final = (1, 52)


def troubles(draft: Draft, known: Known) -> tuple[Trouble, ...]:
    """Return everything that stands in the way of publishing, in the order of the page; empty if nothing does."""
    found = (*_in_head(draft), *_in_steps(draft, known))
    if found:
        return found
    try:
        _parse(draft, known, slug="a-draft", version=1)
    except DefinitionError as error:
        return tuple(_trouble_at(draft, mistake) for mistake in error.mistakes)
    return ()


def definition(draft: Draft, known: Known, *, slug: str, version: int) -> str:
    """Return the definition of a draft as text; raises ``DefinitionError`` where it can't be published as it is."""
    found = (*_in_head(draft), *_in_steps(draft, known))
    if found:
        raise DefinitionError([Mistake(slug, 1, each.field, each.fault.value) for each in found])
    return _parse(draft, known, slug=slug, version=version).source


def _parse(draft: Draft, known: Known, *, slug: str, version: int) -> Pathway:
    return parse_pathway(source_of(_tables(draft, known), slug=slug, version=version), name=slug)


def _tables(draft: Draft, known: Known) -> dict[str, Any]:
    way = sketch(draft, known)
    head = {name: _one_line(getattr(draft, name)) for name in ("title", "purpose", "suits")}
    return head | {
        "weeks": way.weeks,
        "why": _plain(draft.why),
        "contraindications": list(way.contraindications),
        "sources": list(way.sources),
        "clinician": {name: _plain(getattr(draft, name)) for name in ("rationale", "not_when", "look_for")},
        "steps": [_table(step) for step in way.steps],
    }


def _table(step: PathStep) -> dict[str, Any]:
    anchor = step.anchor
    return {
        "key": step.key,
        "exercise": step.exercise,
        "release": step.release.value,
        "days": step.days if step.release in NEEDS_DAYS else None,
        "session": anchor.side.value if anchor else None,
        "session_days": anchor.days if anchor else None,
        "gates": [_gate(gate) for gate in step.gates],
        "whom": step.whom.value if step.whom else None,
        "recurrence": step.recurrence.value if step.recurrence else None,
        "times": step.times,
        "due_days": step.due_days,
        "word": step.word,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    otherwise = gate.otherwise.value if gate.otherwise is not Otherwise.WAIT else None
    return {"kind": gate.kind.value, "of": gate.of, "at_least": gate.at_least or None, "otherwise": otherwise}


def sketch(draft: Draft, known: Known) -> Pathway:
    """Return the pathway that a draft is about to be, as far as it can be told: for a look at it, never to be armed.

    A number that is missing counts as the smallest, and a gate that names no earlier step is left out.
    """
    steps = tuple(_sketched(draft, place, known) for place in range(len(draft.steps)))
    way = Pathway(
        slug="",
        version=0,
        title=draft.title,
        purpose=draft.purpose,
        weeks=number_in(draft.weeks) or 0,
        suits=draft.suits,
        why=draft.why,
        contraindications=tuple(_plain(each) for each in lines_of(draft.contraindications)),
        sources=tuple(_plain(each) for each in lines_of(draft.sources)),
        clinician=ClinicianNotes(rationale=draft.rationale, not_when=draft.not_when, look_for=draft.look_for),
        steps=steps,
        source="",
        digest="",
    )
    if way.weeks:
        return way
    return replace(way, weeks=min(max(weeks_of(way, known, Supposed()), WEEKS[0]), WEEKS[1]))


def _sketched(draft: Draft, place: int, known: Known) -> PathStep:
    step = draft.steps[place]
    earlier = {each.key for each in draft.steps[:place]}
    side = side_of(step)
    return PathStep(
        key=step.key,
        exercise=step.exercise,
        release=release_of(step, place),
        days=_number(step.days, 0) if release_of(step, place) in NEEDS_DAYS else 0,
        anchor=Anchor(side=side, days=_number(step.session_days, 0)) if side else None,
        gates=tuple(
            gate for gate in gates_of(step, known.get(step.exercise)) if not gate.of or gate.of in earlier
        ),
        whom=whom_of(step),
        recurrence=rhythm_of(step),
        due_days=_number(step.due_days, 7),
        times=_number(step.times, 1),
        word=_plain(step.word),
    )


def _number(text: str, default: int) -> int:
    found = number_in(text)
    return default if found is None else found


def _plain(text: str) -> str:
    return text.replace("\t", " ").strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _in_head(draft: Draft) -> Iterator[Trouble]:
    for name in HEAD_FIELDS:
        text = getattr(draft, name).strip()
        if not text and name in NEEDED:
            yield Trouble(field=name, fault=Fault.MISSING)
        most = LENGTHS.get(name, MOST_TEXT)
        if len(text) > most:
            yield Trouble(field=name, fault=Fault.TOO_LONG, high=most)
    yield from _number_trouble("weeks", draft.weeks, WEEKS, needed=False)
    if not draft.steps:
        yield Trouble(field="steps", fault=Fault.MISSING)
    if len(draft.steps) > MOST_STEPS:
        yield Trouble(field="steps", fault=Fault.TOO_MANY, high=MOST_STEPS)


def _in_steps(draft: Draft, known: Known) -> Iterator[Trouble]:
    for place, step in enumerate(draft.steps):
        yield from _in_step(draft, place, step, known)


def _in_step(draft: Draft, place: int, step: StepDraft, known: Known) -> Iterator[Trouble]:
    if not step.exercise:
        yield Trouble(step=step.key, field="exercise", fault=Fault.MISSING)
    elif step.exercise not in known:
        yield Trouble(step=step.key, field="exercise", fault=Fault.NO_EXERCISE)
    rhythm, exercise = rhythm_of(step), known.get(step.exercise)
    if rhythm is not None and exercise is not None and rhythm not in exercise.recurrences:
        yield Trouble(step=step.key, field="recurrence", fault=Fault.NOT_SO_OFTEN)
    elif exercise is not None and comes_too_seldom(exercise, rhythm, times=_number(step.times, 1)):
        yield Trouble(step=step.key, field="times", fault=Fault.COMES_ONCE)
    needed = {
        "days": release_of(step, place) in NEEDS_DAYS,
        "session_days": bool(step.session),
        "at_least": bool(step.matches_of),
    }
    asked = {name: needed.get(name, True) for name in NUMBERS}
    for name in (name for name, is_asked in asked.items() if is_asked):
        found = _number_trouble(name, getattr(step, name), NUMBERS[name], needed=name in needed)
        yield from (_of_step(step, each) for each in found)
    earlier = {each.key: each for each in draft.steps[:place]}
    for name, named in (("both_done", step.both_done), ("matches_of", step.matches_of)):
        if named and named not in earlier:
            yield Trouble(step=step.key, field=name, fault=Fault.NOT_EARLIER)
    overlap = known.get(earlier[step.matches_of].exercise) if step.matches_of in earlier else None
    if overlap is not None and overlap.spec(OverlapSpec) is None:
        yield Trouble(step=step.key, field="matches_of", fault=Fault.NO_OVERLAP)
    if len(step.word) > MOST_TEXT:
        yield Trouble(step=step.key, field="word", fault=Fault.TOO_LONG, high=MOST_TEXT)


def _of_step(step: StepDraft, trouble: Trouble) -> Trouble:
    return Trouble(
        step=step.key, field=trouble.field, fault=trouble.fault, low=trouble.low, high=trouble.high
    )


def _number_trouble(name: str, text: str, bounds: tuple[int, int], *, needed: bool) -> Iterator[Trouble]:
    low, high = bounds
    if not text.strip():
        if needed:
            yield Trouble(field=name, fault=Fault.MISSING)
        return
    number = number_in(text)
    if number is None:
        yield Trouble(field=name, fault=Fault.NO_NUMBER)
    elif not low <= number <= high:
        yield Trouble(field=name, fault=Fault.OUT_OF_RANGE, low=low, high=high)


_IN_STEP: Final = re.compile(r"steps\[(\d+)\](?:\.(\w+))?")
_CALLED: Final = {"gates": "both_done", "session": "session", "key": "exercise"}


def _trouble_at(draft: Draft, mistake: Mistake) -> Trouble:
    """Return at which field a mistake belongs that only the reader of definitions found."""
    match = _IN_STEP.match(mistake.key)
    if match and int(match[1]) <= len(draft.steps):
        name = _CALLED.get(match[2] or "", match[2] or "exercise")
        field = name if name in STEP_FIELDS and name not in SWITCHES else "exercise"
        return Trouble(step=draft.steps[int(match[1]) - 1].key, field=field, fault=Fault.UNUSABLE)
    name = mistake.key.removeprefix("clinician.").split("[")[0]
    return Trouble(field=name if name in HEAD_FIELDS else "title", fault=Fault.UNUSABLE)
