"""What a pathway is: a definition file made into an ordered row of steps, each with what has to come before it.

A file `pathways/<id>.toml` holds the head (``id``, ``version``, ``title``, ``purpose``, ``weeks``; ``suits``: for
whom it is meant; ``why``, ``contraindications``, ``sources``, ``[clinician]`` as in exercises, of which only
``not_when`` has to be there) and ``[[steps]]``:

- ``key`` and ``exercise``; ``word``: a sentence of instructions for the couple;
- ``release``: ``at_once`` (together with the step before), ``after`` (once that is done), ``after_delay`` (``days``
  later), ``interval`` (``days`` after that was released, done or not) or ``on_date`` (``days`` after the start, unless
  the therapist chooses a day when arming);
- ``session``: ``before`` or ``after``, with ``session_days``: it then also waits for a session;
- ``gates``: ``both_done`` (``of`` a step), ``matches`` (``of`` a step with an overlap, ``at_least``), ``therapist``,
  ``no_flag``. Something new for both is held while a safety flag is open, with or without that gate; with
  ``otherwise = "skip"`` the step is left out instead, when everything else would let it open, and the next one's turn
  comes;
- ``whom``: ``both``, ``a`` or ``b``. Without it a step is for both, unless its exercise is for one of the two: then
  the therapist says for whom when arming;
- ``recurrence`` (one that its exercise can have), ``due_days``, ``times`` (how often each has to have sent something
  until it is done; 1 for what comes once).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from portal.exercises.domain import ClinicianNotes, Exercise, Recurrence, content_digest
from portal.exercises.mechanics.base import MechanicName
from portal.kit.library import DefinitionError, Mistake, Table, mistakes_at, read_definition
from portal.kit.toml_lines import KeyPath
from portal.questionnaires.model import repeated

PATHWAYS: Final = Path(__file__).parent / "pathways"
"""The folder of the built-in pathways."""

MOST_DAYS: Final = 366
MOST_STEPS: Final = 60


class Release(StrEnum):
    """By which rule a step follows the one before it."""

    AT_ONCE = "at_once"
    AFTER = "after"
    AFTER_DELAY = "after_delay"
    INTERVAL = "interval"
    ON_DATE = "on_date"


NEEDS_DAYS: Final = frozenset({Release.AFTER_DELAY, Release.INTERVAL, Release.ON_DATE})


class Side(StrEnum):
    """Where a step stands to a session."""

    BEFORE = "before"
    AFTER = "after"


class GateKind(StrEnum):
    """What else has to be so before a step opens."""

    BOTH_DONE = "both_done"
    MATCHES = "matches"
    THERAPIST = "therapist"
    NO_FLAG = "no_flag"


class Otherwise(StrEnum):
    """What becomes of a step whose time has come while a safety flag is open."""

    WAIT = "wait"
    SKIP = "skip"


class ForWhom(StrEnum):
    """Whom a step asks."""

    BOTH = "both"
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition. ``of`` is the key of an earlier step, ``at_least`` a number of matches."""

    kind: GateKind
    of: str = ""
    at_least: int = 0
    otherwise: Otherwise = Otherwise.WAIT
    """What becomes of the step while a flag is open; with ``no_flag`` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """How a step is tied to sessions: so many days before the next one, or after one that was held."""

    side: Side
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One step of a pathway. ``whom`` is ``None`` where nothing is said: both, or who is chosen when it is armed."""

    key: str
    exercise: str
    release: Release
    days: int
    anchor: Anchor | None
    gates: tuple[Gate, ...]
    whom: ForWhom | None
    recurrence: Recurrence | None
    due_days: int
    times: int
    word: str

    @property
    def skips(self) -> bool:
        """Say whether the step is left out where a safety flag is open when its time has come."""
        return any(gate.otherwise is Otherwise.SKIP for gate in self.gates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """One pathway as its definition file tells it. ``source`` is the file's text, to be kept with each journey."""

    slug: str
    version: int
    title: str
    purpose: str
    weeks: int
    suits: str = ""
    """For whom it is meant, in the words of whoever wrote it; may be empty."""
    why: str
    contraindications: tuple[str, ...]
    sources: tuple[str, ...]
    clinician: ClinicianNotes
    steps: tuple[PathStep, ...]
    source: str
    digest: str

    def position(self, key: str) -> int:
        """Return the place of a step, from 0; raises ``KeyError`` for an unknown one."""
        for position, step in enumerate(self.steps):
            if step.key == key:
                return position
        raise KeyError(key)


def parse_pathway(text: str, *, name: str) -> Pathway:
    """Return the pathway that a definition's text describes; raises ``DefinitionError`` with every mistake."""
    return read_definition(text, partial(_read_pathway, source=text), name=name)


def load_pathways(folder: Path = PATHWAYS) -> Mapping[str, Pathway]:
    """Return all pathways of a folder by slug; raises one ``DefinitionError`` with the mistakes of all files."""
    found: dict[str, Pathway] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = parse_pathway(path.read_text("utf-8"), name=path.name)
        except DefinitionError as error:
            mistakes += error.mistakes
            continue
        if found[path.stem].slug != path.stem:
            mistakes.append(Mistake(path.name, 1, "id", "differs from the name of the file"))
    if mistakes:
        raise DefinitionError(mistakes)
    return found


@lru_cache(maxsize=1)
def pathways() -> Mapping[str, Pathway]:
    """Return the built-in pathways by slug. Read once in the life of a process."""
    return load_pathways()


def check_pathway(path: Path, known: Mapping[str, Exercise]) -> list[str]:
    """Return a line for every mistake in a pathway's file, naming file, line and key; empty if all is well.

    ``known`` are the exercises that it may name, by slug.
    """
    try:
        text = path.read_text("utf-8")
        pathway = parse_pathway(text, name=path.name)
    except DefinitionError as error:
        return [str(mistake) for mistake in error.mistakes]
    except (OSError, UnicodeDecodeError) as error:
        return [f"{path.name}: can't be read: {error}"]
    found = list(_unfit(pathway, known))
    if pathway.slug != path.stem:
        found.append((("id",), f"{pathway.slug!r} differs from the name of the file"))
    return [str(mistake) for mistake in mistakes_at(found, text=text, name=path.name)]


def _unfit(pathway: Pathway, known: Mapping[str, Exercise]) -> Iterator[tuple[KeyPath, str]]:
    """Yield where steps and their exercises don't go together, with what is wrong there.

    A pathway that somebody is on already has to go on all the same, so reading one never asks for this.
    """
    for place, step in enumerate(pathway.steps):
        exercise = known.get(step.exercise)
        if exercise is None:
            yield ("steps", place, "exercise"), f"there is no exercise {step.exercise!r}"
        elif step.recurrence is not None and step.recurrence not in exercise.recurrences:
            possible = " or ".join(each.value for each in exercise.recurrences)
            yield ("steps", place, "recurrence"), f"{step.exercise} can only be {possible}"
        elif comes_too_seldom(exercise, step.recurrence, times=step.times):
            yield ("steps", place, "times"), f"{step.exercise} comes once here, so it can only be 1"


def comes_too_seldom(exercise: Exercise, wished: Recurrence | None, *, times: int) -> bool:
    """Say whether a step asks for an exercise more often than it comes, so that it would never be done.

    What is taken step by step on a ladder needs no rounds.
    """
    is_counted = times > 1 and exercise.lead is not MechanicName.LADDER
    return is_counted and exercise.recurring(wished) is Recurrence.ONCE


def times_asked(step: PathStep, exercise: Exercise) -> int:
    """Return how often each has to have sent a step; a pathway from earlier may ask for more than there is."""
    return 1 if comes_too_seldom(exercise, step.recurrence, times=step.times) else step.times


def _read_pathway(table: Table, *, source: str) -> Pathway:
    notes = table.table("clinician")
    steps = tuple(_read_step(entry) for entry in table.tables("steps"))
    pathway = Pathway(
        slug=table.text("id", at_most=60),
        version=table.integer("version", low=1),
        title=table.text("title", at_most=80),
        purpose=table.text("purpose", at_most=200),
        weeks=table.integer("weeks", low=1, high=52),
        suits=table.optional_text("suits", at_most=400),
        why=table.optional_text("why"),
        contraindications=table.optional_texts("contraindications"),
        sources=table.optional_texts("sources"),
        clinician=ClinicianNotes(
            rationale=notes.optional_text("rationale"),
            not_when=notes.text("not_when"),
            look_for=notes.optional_text("look_for"),
        ),
        steps=steps,
        source=source,
        digest=content_digest(source),
    )
    _check_steps(table, steps)
    return pathway


def _read_step(table: Table) -> PathStep:
    release = table.choice("release", Release)
    needs_days = release in NEEDS_DAYS
    gates = tuple(
        Gate(
            kind=entry.choice("kind", GateKind),
            of=entry.optional_text("of"),
            at_least=entry.optional_integer("at_least", default=0, low=0, high=50),
            otherwise=entry.optional_choice("otherwise", Otherwise, default=Otherwise.WAIT),
        )
        for entry in table.optional_tables("gates")
    )
    for gate in gates:
        if (gate.kind is GateKind.MATCHES) is not (gate.at_least > 0):
            table.complain("gates", "matches, and nothing else, has at_least")
        if gate.otherwise is Otherwise.SKIP and gate.kind is not GateKind.NO_FLAG:
            table.complain("gates", "no_flag, and nothing else, has otherwise")
    return PathStep(
        key=table.key("key"),
        exercise=table.text("exercise", at_most=60),
        release=release,
        days=table.integer("days", low=0, high=MOST_DAYS) if needs_days else 0,
        anchor=_read_anchor(table),
        gates=gates,
        whom=table.optional_choice("whom", ForWhom, default=None),
        recurrence=table.choice("recurrence", Recurrence) if "recurrence" in table else None,
        due_days=table.optional_integer("due_days", default=7, low=1, high=90),
        times=table.optional_integer("times", default=1, low=1, high=60),
        word=table.optional_text("word"),
    )


def _read_anchor(table: Table) -> Anchor | None:
    if "session" not in table:
        return None
    return Anchor(side=table.choice("session", Side), days=table.integer("session_days", low=0, high=30))


def _check_steps(table: Table, steps: tuple[PathStep, ...]) -> None:
    if not 1 <= len(steps) <= MOST_STEPS:
        table.complain("steps", f"must be 1 to {MOST_STEPS}")
    for key in repeated([step.key for step in steps]):
        table.complain("steps", f"the key {key} comes twice")
    for position, step in enumerate(steps):
        earlier = {each.key for each in steps[:position]}
        for gate in step.gates:
            names_a_step = gate.kind in {GateKind.BOTH_DONE, GateKind.MATCHES}
            if names_a_step and gate.of not in earlier:
                table.complain("steps", f"{step.key}: a gate names {gate.of!r}, which is no earlier step")
            if not names_a_step and gate.of:
                table.complain("steps", f"{step.key}: {gate.kind.value} is not about a step")
        if position == 0 and step.release in {Release.AFTER, Release.AFTER_DELAY}:
            table.complain("steps", f"{step.key} is the first and can't come after another")
