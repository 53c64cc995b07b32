"""What an exercise is: a definition file made into plain values, and the rules that hold for all of them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import Final, TypeVar

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.base import (
    AT_ONCE,
    IN_ONE_GO,
    PLACED,
    SHARED,
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    summarise,
)
from portal.exercises.mechanics.ladder import LadderSpec
from portal.exercises.mechanics.overlap import OverlapSpec, TherapistSees
from portal.exercises.mechanics.questionnaire import QuestionnaireSpec
from portal.exercises.mechanics.safety_items import asks_about_safety
from portal.exercises.mechanics.tracker import Every, TrackerSpec
from portal.kit.library import DefinitionError, Mistake, Table, read_definition
from portal.questionnaires.model import ANSWER_AUDIENCES, Answers, Form, Item, ItemKind, Page, repeated

LIBRARY: Final = Path(__file__).parent / "library"
"""The folder of the built-in exercises."""

SOURCE_LANGUAGE: Final = "en"
"""The language that definitions are written in; others are translations of them."""

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


class Need(StrEnum):
    """What a couple must bring before an exercise is given to it, as far as that can be looked up."""

    BOTH_CONSENTED = "both_consented"
    """Both have agreed to how the practice works with what they write."""
    NO_FLAG = "no_flag"
    """No safety flag is open. Without this need an exercise can at least be prepared while one is."""
    TOUCH_OVERLAP = "touch_overlap"
    """There is something that both are open to now in the lists that it is taken from: those about touch, mostly."""


NEEDS_OF_TOUCH: Final = (Need.BOTH_CONSENTED, Need.NO_FLAG)
"""What every exercise about touch needs, whether its file says so or not."""


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
    needs: tuple[Need, ...]
    stop_rule: str
    debrief: tuple[str, ...]
    debrief_alone: bool
    """Whether that is for each alone, right after sending, where it would usually be for when something opens to both."""
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
    language: str = SOURCE_LANGUAGE
    """The language of its words; everything else is the same in all of them."""
    translations: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The texts of its translations by language, as far as they are at hand."""

    @property
    def lead(self) -> MechanicName:
        """Return the mechanic that leads the exercise."""
        return self.mechanics[0]

    def spec(self, kind: type[SpecT]) -> SpecT | None:
        """Return what the exercise says for a mechanic, asked for by its type, such as ``LetterSpec``."""
        return next((spec for spec in self.specs.values() if isinstance(spec, kind)), None)

    @property
    def recurrences(self) -> tuple[Recurrence, ...]:
        """Return how often it can come back. A log that leads follows the days or weeks that its table is made for."""
        log = self.spec(TrackerSpec)
        return (
            (log_recurrence(log),)
            if log is not None and self.lead is MechanicName.TRACKER
            else tuple(Recurrence)
        )

    def recurring(self, wished: Recurrence | None = None) -> Recurrence:
        """Return how often it comes back: as wished, or as is usual; and only ever as it can."""
        found = wished or self.recurrence
        return found if found in self.recurrences else self.recurrences[0]

    @property
    def is_debriefed_alone(self) -> bool:
        """Say whether what there is to think about afterwards is shown to each alone, once they have sent.

        It is where the file says so, and where nothing of it ever opens to the other.
        """
        return self.debrief_alone or self.audience in {Audience.PRIVATE, Audience.THERAPIST}

    @property
    def is_placed(self) -> bool:
        """Say whether it is done on a page of its own, from which one goes on walks."""
        return self.lead in PLACED

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Return who sees what comes of it, one label for each audience: first of what is done, then of what is asked."""
        asked = [self.label_of(item) for item in self.form.questions]
        done = [self.done_label] if self.done_label is not None else []
        return tuple(dict.fromkeys([*done, *asked])) or (Label.PRIVATE,)

    @property
    def done_label(self) -> Label | None:
        """Return the label of what two write together on a page of its own; None where all is asked by items."""
        if not self.is_placed or self.lead not in SHARED:
            return None
        return MECHANICS[self.lead].label(self.specs[self.lead], self.audience)

    @property
    def lists(self) -> TherapistSees | None:
        """Return what the therapist sees of lists that two people combine, as it is usual; ``None`` without such lists."""
        for spec in self.specs.values():
            if isinstance(spec, OverlapSpec) or (isinstance(spec, LadderSpec) and not spec.solo):
                return spec.therapist
        return None

    def walk(self, part: MechanicName | None = None, form: Form | None = None) -> "Walk":
        """Return the pages of one of its mechanics, the leading one if none is named, or of a round of it."""
        name = part or self.lead
        return Walk(exercise=self, part=name, form=form or self._walked[name])

    @cached_property
    def _walked(self) -> Mapping[MechanicName, Form]:
        """The pages that are walked for each mechanic: those that go in one go with what leads are behind it."""
        forms = dict(self._forms)
        if self.lead in IN_ONE_GO:
            joined = _joined(form for name, form in self._forms.items() if name in IN_ONE_GO)
            forms[self.lead] = replace(joined, pages=tuple(sorted(joined.pages, key=self._is_later)))
        habit = self.spec(TrackerSpec)
        if habit is not None:
            # What is asked afterwards is a walk of its own; a log is done in seconds.
            forms[MechanicName.TRACKER] = habit.form
        return forms

    def _is_later(self, page: Page) -> bool:
        """Say whether a page comes in its turn: the one with which a questionnaire opens comes before all others."""
        spec = self.spec(QuestionnaireSpec)
        return spec is None or not spec.opening or page != spec.form.pages[0]

    @cached_property
    def _forms(self) -> Mapping[MechanicName, Form]:
        return {name: MECHANICS[name].form(spec) for name, spec in self.specs.items()}

    @property
    def walks(self) -> tuple["Walk", ...]:
        """Return the pages of all its mechanics, in the pieces in which they are walked."""
        first = self.walk()
        further = [
            each for each in self.mechanics[1:] if first.part not in IN_ONE_GO or each not in IN_ONE_GO
        ]
        habit = self.spec(TrackerSpec)
        alone = (
            (self.walk(MechanicName.TRACKER, habit.afterwards),) if habit and habit.afterwards.pages else ()
        )
        return (first, *(self.walk(each) for each in further), *alone)

    def mechanic_of(self, item_key: str) -> MechanicName:
        """Return the mechanic to which an item belongs; raises ``KeyError`` for an unknown item."""
        return self._owners[item_key]

    @cached_property
    def _owners(self) -> Mapping[str, MechanicName]:
        found: dict[str, MechanicName] = {}
        for name, form in self._forms.items():
            for item in form.walk():
                found.setdefault(item.key, name)
        return found

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Pages of an exercise that are answered in one go: those of one of its mechanics, or one round of it."""

    exercise: Exercise
    part: MechanicName
    form: Form

    @property
    def first_label(self) -> Label:
        """Return the label of the first thing that is asked by what leads these pages."""
        questions = self.form.questions
        leading = [item for item in questions if self._mechanic_of(item) is self.part]
        if questions:
            return self.label_of((leading or questions)[0])
        return MECHANICS[self.part].label(self.exercise.specs[self.part], self.exercise.audience)

    @property
    def expires(self) -> timedelta | None:
        """Return how long consent that is given on these pages stands; ``None`` where nothing runs out."""
        spec = self.exercise.specs[self.part]
        is_consent = any(item.audience is Audience.OVERLAP for item in self.form.questions)
        return spec.expires if is_consent and isinstance(spec, OverlapSpec | LadderSpec) else None

    def label_of(self, item: Item) -> Label:
        """Return the visibility label that is shown beside an item before anything is typed."""
        name = self._mechanic_of(item)
        return MECHANICS[name].label(self.exercise.specs[name], item.audience)

    def _mechanic_of(self, item: Item) -> MechanicName:
        """Return to which mechanic an item belongs: the walk's own, unless it is walked together with another."""
        if self.part not in IN_ONE_GO or self.exercise.form.item(item.key) is None:
            return self.part
        return self.exercise.mechanic_of(item.key)

    def open_at(
        self,
        item: Item,
        *,
        own: Sent,
        other: Sent | None = None,
        audience: Audience | None = None,
        delivery: Delivery = AT_ONCE,
    ) -> datetime | None:
        """Return when a sent answer to an item opens to the partner, as `Exercise.open_at` does."""
        name = self._mechanic_of(item)
        return MECHANICS[name].open_at(
            self.exercise.specs[name], audience or item.audience, own=own, other=other, delivery=delivery
        )

    def summary(self, answers: Answers) -> Summary:
        """Return answers in words; leave out before what the reader may not read."""
        if self.form == self.exercise.walk(self.part).form:
            names = {self._mechanic_of(item): None for item in self.form.questions} or {self.part: None}
            parts = [MECHANICS[name].summary(self.exercise.specs[name], answers) for name in names]
            places = {item.key: place for place, item in enumerate(self.form.questions)}
            lines = [line for part in parts for line in part.lines]
            return Summary(
                lines=tuple(sorted(lines, key=lambda line: places.get(line.key, -1))),
                scores=tuple(score for part in parts for score in part.scores),
            )
        return summarise(self.form, answers)


def parse_exercise(text: str, *, name: str) -> Exercise:
    """Return the exercise that a definition's text describes.

    ``name`` says in error messages where the text comes from. Raises ``DefinitionError`` with every mistake.
    Assignments keep the text as assigned and come back through here, so that a later edit never changes them.
    """
    return read_definition(text, partial(read_exercise, source=text), name=name)


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
    problem = without_afterwards(exercise)
    if problem:
        raise DefinitionError([Mistake(path.name, 1, "tracker.afterwards", problem)])
    return exercise


def without_afterwards(exercise: Exercise) -> str:
    """Return what is wrong with an exercise that leaves out what each has to be asked alone; empty if it doesn't.

    Looked at in files, and not in what was given before: that goes on as it was.
    """
    habit = exercise.spec(TrackerSpec)
    if exercise.touch_level == 0 or habit is None or habit.afterwards.pages:
        return ""
    return "is missing; touch_level is above 0"


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


def needs_both(exercise: Exercise) -> bool:
    """Say whether an exercise is only ever for both: what is answered opens once both have answered, or is about safety.

    To be asked about safety alone tells that something is known. So both are asked, or nobody is.
    """
    opens_together = exercise.lead in SHARED or bool(set(exercise.labels) & {Label.OVERLAP, Label.LATER})
    return opens_together or asks_about_safety(exercise.form)


def log_recurrence(spec: TrackerSpec) -> Recurrence:
    """Return how often a log is kept, as its own table says."""
    return Recurrence.DAILY if spec.every is Every.DAY else Recurrence.WEEKLY


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
    kept_apart = {"specs", "form", "source", "clinician", "translations"}
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


def read_exercise(table: Table, *, source: str) -> Exercise:
    """Return the exercise that a table describes, noting its mistakes there; ``source`` is the text to be kept."""
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
        needs=_read_needs(table, specs),
        stop_rule=table.optional_text("stop_rule"),
        debrief=table.optional_texts("debrief"),
        debrief_alone=table.flag("debrief_alone", default=False),
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
        form=_joined(MECHANICS[name].form(spec) for name, spec in specs.items()),
        source=source,
        digest=content_digest(source),
    )
    _check_exercise(table, exercise)
    return exercise


def _read_needs(table: Table, specs: Mapping[MechanicName, object]) -> tuple[Need, ...]:
    """Return what a file names, after what is needed anyway: for touch, and for what is taken from shared lists."""
    named = table.optional_choices("needs", Need)
    # The level itself is read, and checked, beside the other keys.
    found = list(NEEDS_OF_TOUCH) if table.peek("touch_level") else []
    if any(isinstance(spec, TrackerSpec) and spec.only_from for spec in specs.values()):
        found.append(Need.TOUCH_OVERLAP)
    return tuple(dict.fromkeys([*found, *named]))


def _read_specs(table: Table, mechanics: Iterable[MechanicName], frame: Frame) -> dict[MechanicName, object]:
    specs: dict[MechanicName, object] = {}
    for name in mechanics:
        if name in MECHANICS:
            specs[name] = MECHANICS[name].read(table.table(name.value), frame)
        else:
            table.complain("mechanics", f"{name.value} can't be used yet")
    return specs


def _joined(forms: Iterable[Form]) -> Form:
    """Return one walk through the pages of several forms, in their order."""
    forms = tuple(forms)
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
    _check_weeks(table, exercise)
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


def _check_weeks(table: Table, exercise: Exercise) -> None:
    """What a shared text takes from both partners' answers has to be open to both of them."""
    agreement = exercise.spec(AgreementSpec)
    if agreement is None or not agreement.weeks_from:
        return
    asked = exercise.spec(QuestionnaireSpec)
    item = None if asked is None else asked.form.item(agreement.weeks_from)
    if item is None or item.kind is not ItemKind.NUMBER or item.audience is not Audience.COUPLE:
        table.complain(
            "agreement.weeks_from",
            f"{agreement.weeks_from!r} is no number that both partners answer for both",
        )


def _check_touch(table: Table, exercise: Exercise) -> None:
    """Touch needs a therapist's release and a way to stop, without exception."""
    if exercise.touch_level == 0:
        return
    if not exercise.requires_release:
        table.complain("requires_release", "must be true where touch_level is above 0")
    if not exercise.stop_rule:
        table.complain("stop_rule", "is missing; touch_level is above 0")
