"""What an exercise is: a definition file made into plain values, and the rules that hold for all of them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import AT_ONCE, Delivery, Frame, MechanicName, Sent, Summary
from portal.kit.library import DefinitionError, Mistake, Table, read_definition
from portal.questionnaires.model import ANSWER_AUDIENCES, Answers, Form, Item, repeated

LIBRARY: Final = Path(__file__).parent / "library"
"""The folder of the built-in exercises."""

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_TAG: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
_PRACTICE_SOURCE: Final = re.compile(r"S\d+", re.ASCII)
PRACTICE_SOURCES: Final = frozenset({"S0", "S1", "S2", "S3", "S4"})
"""The five descriptions of practices that the catalogue draws on; any other source is written out."""

SpecT = TypeVar("SpecT")


class Phase(StrEnum):
    """Where in the work of a couple an exercise belongs."""

    UNDERSTANDING = "understanding"
    TALKING = "talking"
    OPENING_UP = "opening-up"
    TOUCH = "touch"
    TIME = "time"
    CONFLICT = "conflict"
    REPAIR = "repair"
    AHEAD = "ahead"


class Who(StrEnum):
    """Who does an exercise."""

    EACH = "each"
    BOTH = "both"
    ONE = "one"


class Recurrence(StrEnum):
    """How often an exercise comes back."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianNotes:
    """What the therapist is told about an exercise."""

    rationale: str
    not_when: str
    look_for: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise as its definition file tells it. ``source`` is the file's text, to be kept with assignments."""

    slug: str
    version: int
    title: str
    purpose: str
    phase: Phase
    mechanics: tuple[MechanicName, ...]
    audience: Audience
    who: Who
    minutes: int
    recurrence: Recurrence
    materials: tuple[str, ...]
    touch_level: int
    requires_release: bool
    steps: tuple[str, ...]
    cautions: tuple[str, ...]
    contraindications: tuple[str, ...]
    stop_rule: str
    debrief: tuple[str, ...]
    why: str
    sources: tuple[str, ...]
    themes: tuple[str, ...]
    stressors: tuple[str, ...]
    reading_minutes: int
    private_part: bool
    shareable: bool
    """Whether a partner may choose to share single answers that were given to the therapist alone."""
    clinician: ClinicianNotes
    specs: Mapping[MechanicName, object]
    form: Form
    source: str
    digest: str

    @property
    def lead(self) -> MechanicName:
        """Return the mechanic that leads the exercise."""
        return self.mechanics[0]

    def spec(self, kind: type[SpecT]) -> SpecT | None:
        """Return what the exercise says for a mechanic, asked for by its type, such as ``LetterSpec``."""
        return next((spec for spec in self.specs.values() if isinstance(spec, kind)), None)

    def mechanic_of(self, item_key: str) -> MechanicName:
        """Return the mechanic to which an item belongs; raises ``KeyError`` for an unknown item."""
        for name, spec in self.specs.items():
            if MECHANICS[name].form(spec).item(item_key) is not None:
                return name
        raise KeyError(item_key)

    def label_of(self, item: Item) -> Label:
        """Return the visibility label that is shown beside an item before anything is typed."""
        name = self.mechanic_of(item.key)
        return MECHANICS[name].label(self.specs[name], item.audience)

    def open_at(
        self,
        item: Item,
        *,
        own: Sent,
        other: Sent | None = None,
        audience: Audience | None = None,
        delivery: Delivery = AT_ONCE,
    ) -> datetime | None:
        """Return when a sent answer to an item opens to the partner; ``None``: not yet, or never.

        ``audience`` is the one the answer was sent with, where that differs from the item's (a held letter).
        """
        name = self.mechanic_of(item.key)
        mechanic = MECHANICS[name]
        return mechanic.open_at(
            self.specs[name], audience or item.audience, own=own, other=other, delivery=delivery
        )

    def summary(self, answers: Answers) -> Summary:
        """Return answers in words over all mechanics; leave out before what the reader may not read."""
        parts = [MECHANICS[name].summary(spec, answers) for name, spec in self.specs.items()]
        return Summary(
            lines=tuple(line for part in parts for line in part.lines),
            scores=tuple(score for part in parts for score in part.scores),
        )


def parse_exercise(text: str, *, name: str) -> Exercise:
    """Return the exercise that a definition's text describes.

    ``name`` says in error messages where the text comes from. Raises ``DefinitionError`` with every mistake.
    Assignments keep the text as assigned and come back through here, so that a later edit never changes them.
    """
    return read_definition(text, partial(_read_exercise, source=text), name=name)


def load_exercise(path: Path) -> Exercise:
    """Return the exercise in a file, whose name must be that of the exercise; raises ``DefinitionError``."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DefinitionError([Mistake(path.name, line, "", "is not UTF-8 text")]) from error
    exercise = parse_exercise(text, name=path.name)
    if exercise.slug != path.stem:
        problem = f"{exercise.slug!r} differs from the name of the file"
        raise DefinitionError([Mistake(path.name, 1, "id", problem)])
    return exercise


def load_library(folder: Path = LIBRARY) -> Mapping[str, Exercise]:
    """Return all exercises of a folder by slug, in order of slug.

    Raises one ``DefinitionError`` with the mistakes of all files. Reading takes a while: keep the result.
    """
    found: dict[str, Exercise] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = load_exercise(path)
        except DefinitionError as error:
            mistakes += error.mistakes
    if mistakes:
        raise DefinitionError(mistakes)
    return found


def check_files(paths: Iterable[Path | str]) -> list[str]:
    """Return a line for every mistake in some exercise files, naming file, line and key; empty if all is well."""
    found: list[str] = []
    for path in map(Path, paths):
        try:
            load_exercise(path)
        except DefinitionError as error:
            found += [str(mistake) for mistake in error.mistakes]
        except OSError as error:
            found.append(f"{path.name}: can't be read: {error.strerror}")
    return found


def content_digest(source: str) -> str:
    """Return the SHA-256 of what a definition says, in hex; comments and layout don't change it."""
    says = json.dumps(
        tomllib.loads(source.replace("\r\n", "\n")), sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(says.encode("utf-8")).hexdigest()


def period_for(recurrence: Recurrence, day: date) -> str:
    """Return the name of the round that a day belongs to: ``1``, ``2026-11-22``, ``2026-W47`` or ``2026-11``.

    Weeks are those of ISO 8601, so that the last days of December can belong to week 1 of the next year.
    """
    match recurrence:
        case Recurrence.ONCE:
            return "1"
        case Recurrence.DAILY:
            return day.isoformat()
        case Recurrence.WEEKLY:
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case Recurrence.MONTHLY:
            return f"{day.year:04d}-{day.month:02d}"


def as_json(exercise: Exercise) -> dict[str, object]:
    """Return the whole definition of an exercise, with all its texts, as plain JSON values."""
    kept_apart = {"specs", "form", "source", "clinician"}
    shown = {
        one.name: _plain(getattr(exercise, one.name))
        for one in fields(exercise)
        if one.name not in kept_apart
    }
    shown["clinician_notes"] = asdict(exercise.clinician)
    for name, spec in exercise.specs.items():
        for key, value in MECHANICS[name].contents(spec).items():
            before = shown.get(key)
            shown[key] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return shown


def _plain(value: object) -> object:
    """Return a value of an exercise as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, StrEnum) else value


def _read_exercise(table: Table, *, source: str) -> Exercise:
    mechanics = table.choices("mechanics", MechanicName)
    frame = Frame(title=table.text("title", at_most=80), audience=table.choice("audience", Audience))
    specs = _read_specs(table, mechanics, frame)
    notes = table.table("clinician")
    exercise = Exercise(
        slug=table.text("id", at_most=60),
        version=table.integer("version", low=1),
        title=frame.title,
        purpose=table.text("purpose", at_most=200),
        phase=table.choice("phase", Phase),
        mechanics=mechanics,
        audience=frame.audience,
        who=table.choice("who", Who),
        minutes=table.integer("minutes", low=1, high=240),
        recurrence=table.choice("recurrence", Recurrence),
        materials=table.optional_texts("materials"),
        touch_level=table.optional_integer("touch_level", default=0, low=0, high=3),
        requires_release=table.flag("requires_release", default=False),
        steps=table.texts("steps"),
        cautions=table.texts("cautions"),
        contraindications=table.texts("contraindications"),
        stop_rule=table.optional_text("stop_rule"),
        debrief=table.optional_texts("debrief"),
        why=table.text("why"),
        sources=table.texts("sources"),
        themes=table.texts("themes"),
        stressors=table.optional_texts("stressors"),
        reading_minutes=table.optional_integer("reading_minutes", default=2, low=1, high=60),
        private_part=table.flag("private_part", default=False),
        shareable=table.flag("shareable", default=False),
        clinician=ClinicianNotes(
            rationale=notes.text("rationale"),
            not_when=notes.text("not_when"),
            look_for=notes.text("look_for"),
        ),
        specs=specs,
        form=_whole_form(specs),
        source=source,
        digest=content_digest(source),
    )
    _check_exercise(table, exercise)
    return exercise


def _read_specs(table: Table, mechanics: Iterable[MechanicName], frame: Frame) -> dict[MechanicName, object]:
    specs: dict[MechanicName, object] = {}
    for name in mechanics:
        if name in MECHANICS:
            specs[name] = MECHANICS[name].read(table.table(name.value), frame)
        else:
            table.complain("mechanics", f"{name.value} can't be used yet")
    return specs


def _whole_form(specs: Mapping[MechanicName, object]) -> Form:
    """Return one walk through the pages of all mechanics, in their order."""
    forms = [MECHANICS[name].form(spec) for name, spec in specs.items()]
    return Form(
        pages=tuple(page for form in forms for page in form.pages),
        scores=tuple(score for form in forms for score in form.scores),
    )


def _check_exercise(table: Table, exercise: Exercise) -> None:
    if not _SLUG.fullmatch(exercise.slug):
        table.complain("id", "must be lower-case letters and digits with single hyphens")
    _check_audience(table, exercise)
    for key in repeated([item.key for item in exercise.form.walk()]):
        table.complain("mechanics", f"the item key {key} comes twice over the mechanics")
    for key in repeated([page.key for page in exercise.form.pages]):
        table.complain("mechanics", f"the page key {key} comes twice over the mechanics")
    for source in exercise.sources:
        if _PRACTICE_SOURCE.fullmatch(source) and source not in PRACTICE_SOURCES:
            table.complain("sources", f"there is no source {source}")
    for key, tags in (("themes", exercise.themes), ("stressors", exercise.stressors)):
        for tag in tags:
            if not _TAG.fullmatch(tag):
                table.complain(key, f"{tag!r} is not a tag: lower-case letters, digits, hyphens")
    _check_labels(table, exercise)
    _check_touch(table, exercise)


def _check_audience(table: Table, exercise: Exercise) -> None:
    if exercise.audience not in ANSWER_AUDIENCES:
        table.complain("audience", f"{exercise.audience.value} isn't for a partner's answers")
        return
    mechanic = MECHANICS.get(exercise.mechanics[0]) if exercise.mechanics else None
    if mechanic is not None and exercise.audience not in mechanic.AUDIENCES:
        possible = ", ".join(sorted(mechanic.AUDIENCES))
        table.complain("audience", f"{exercise.lead.value} can only lead to {possible}")


def _check_labels(table: Table, exercise: Exercise) -> None:
    """Answers of one audience open by one rule, so that the words beside them can't be wrong for some of them."""
    labels: dict[Audience, Label] = {}
    for item in exercise.form.questions:
        found = exercise.label_of(item)
        if labels.setdefault(item.audience, found) is not found:
            table.complain(
                "mechanics",
                f"{item.audience.value} answers would open by two rules: {labels[item.audience].value}, {found.value}",
            )
            return


def _check_touch(table: Table, exercise: Exercise) -> None:
    """Touch needs a therapist's release and a way to stop, without exception."""
    if exercise.touch_level == 0:
        return
    if not exercise.requires_release:
        table.complain("requires_release", "must be true where touch_level is above 0")
    if not exercise.stop_rule:
        table.complain("stop_rule", "is missing; touch_level is above 0")
