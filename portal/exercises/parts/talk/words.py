"""A talk told in words: what was said or pressed, whose turn it is, the steps of the part that is going on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.access.viewer import Seat
from portal.exercises.mechanics.dialogue import By, DialogueSpec, Stage, StageKind
from portal.exercises.mechanics.talk_model import Ending, MoveKind, Phase
from portal.exercises.mechanics.talk_view import Expectation, View
from portal.exercises.mechanics.talk_view import Turn as Said
from portal.exercises.parts.talk.queries import GONE
from portal.people.couple_queries import Circle, Person
from portal.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Something that was said. Without words of its own, ``note`` is what was pressed."""

    person: Person
    words: str
    note: str
    at: datetime
    half: int
    part: str
    """What it belongs to: a half of the talk, or what both say at its end."""
    kind: MoveKind

    @property
    def paragraphs(self) -> list[str]:
        """The words, line by line."""
        return [line for line in self.words.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the strip above the page."""

    label: str
    state: str
    name: str | None = None
    seat: str | None = None
    icon: str = "repeat"


def quoted(spec: DialogueSpec, turn: Said, people: Circle) -> Quoted:
    """Return something that was said or pressed, ready to be shown."""
    stage = next((each for each in (*spec.stages, *spec.last_stages) if each.key == turn.stage), None)
    note = turn.title
    if turn.kind is MoveKind.YES and stage is not None:
        note = stage.yes_text
    if turn.kind is MoveKind.LET_BE:
        note = _("Left it there")
    if turn.kind is MoveKind.CLARIFY and stage is not None:
        note = stage.no_text
    words = _("These words are no longer here.") if turn.text == GONE else turn.text
    return Quoted(
        person=people.at(turn.by),
        words=words,
        note=note,
        at=turn.at,
        half=turn.half,
        part="both" if stage in spec.last_stages else str(turn.half),
        kind=turn.kind,
    )


def heading(view: View, name: str, *, is_closed: bool) -> str:
    """Return whose turn it is, in words."""
    if is_closed:
        return _("This has ended")
    match view.expected:
        case Expectation.AFTERWARDS:
            return _("The talk is complete") if view.ending is Ending.COMPLETE else _("The talk has ended")
        case Expectation.REST:
            return _("The talk is paused")
        case Expectation.TOPIC:
            return _("What do you want to talk about?")
        case Expectation.FIRST:
            return _("Who speaks first?")
        case Expectation.LISTEN:
            return _theirs(view, name)
        case Expectation.WRITE | Expectation.CONFIRM:
            return _yours(view)
    raise AssertionError(f"{view.expected} has no heading")


def _yours(view: View) -> str:
    kind = view.stage.kind if view.stage else StageKind.SAY
    if view.phase is Phase.TOGETHER:
        return _("A last word from each of you")
    return {
        StageKind.SAY: _("Your turn to speak"),
        StageKind.SAY_BACK: _("Your turn to say it back"),
        StageKind.CONFIRM: _("Your turn to check"),
        StageKind.VALIDATE: _("Your turn to respond"),
        StageKind.ASK: _("Your turn to ask"),
    }[kind]


def _theirs(view: View, name: str) -> str:
    kind = view.stage.kind if view.stage else StageKind.SAY
    if view.phase is Phase.TOGETHER:
        return _("Yours is said. %(name)s’s comes next", name=name)
    return {
        StageKind.SAY: _("%(name)s’s turn to speak", name=name),
        StageKind.SAY_BACK: _("%(name)s’s turn to say it back", name=name),
        StageKind.CONFIRM: _("%(name)s’s turn to check", name=name),
        StageKind.VALIDATE: _("%(name)s’s turn to respond", name=name),
        StageKind.ASK: _("%(name)s’s turn to ask", name=name),
    }[kind]


def steps(spec: DialogueSpec, view: View, people: Circle, seat: Seat) -> list[Step]:
    """Return the steps of the part that is going on, each with who takes it; none before anybody speaks."""
    if view.phase is Phase.TOGETHER:
        return [
            Step(label=stage.title, state=_state(spec.last_stages, number, view.stage), icon="users-round")
            for number, stage in enumerate(spec.last_stages)
        ]
    if view.phase is not Phase.TURNS:
        return []
    speaker = seat if view.is_speaker else seat.other
    found = [
        _step(stage, people.at(speaker if stage.by is By.SPEAKER else speaker.other), spec, number, view)
        for number, stage in enumerate(spec.stages)
    ]
    if spec.swap and view.half == 1:
        found.append(Step(label=_("Swap"), state="later"))
    elif spec.last_stages:
        found.append(Step(label=_("Both of you"), state="later", icon="users-round"))
    return found


def _step(stage: Stage, person: Person, spec: DialogueSpec, number: int, view: View) -> Step:
    words = {
        StageKind.SAY: _("%(name)s speaks", name=person.first_name),
        StageKind.SAY_BACK: _("%(name)s says it back", name=person.first_name),
        StageKind.CONFIRM: _("%(name)s checks", name=person.first_name),
        StageKind.VALIDATE: _("%(name)s responds", name=person.first_name),
        StageKind.ASK: _("%(name)s asks", name=person.first_name),
    }
    return Step(
        label=words[stage.kind],
        state=_state(spec.stages, number, view.stage),
        name=person.first_name,
        seat=person.seat.value,
    )


def _state(stages: Sequence[Stage], number: int, now: Stage | None) -> str:
    current = stages.index(now) if now in stages else len(stages)
    return "done" if number < current else "current" if number == current else "later"
