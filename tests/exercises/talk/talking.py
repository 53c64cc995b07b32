"""Short ways to talk in turns in tests, through the real commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.access.scope import Records, Scope
from portal.access.viewer import Viewer
from portal.exercises import care_commands, queries
from portal.exercises import commands as exercise_commands
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.dialogue import DialogueSpec
from portal.exercises.mechanics.talk_model import Move, MoveKind
from portal.exercises.mechanics.talk_view import View, visible_to
from portal.exercises.models import AssignmentState, Turn
from portal.exercises.parts.talk import commands
from portal.exercises.parts.talk.commands import Act, Typed
from portal.exercises.parts.talk.queries import Unsent, moves_of, spec_of, unsent
from portal.exercises.queries import Task
from portal.kit.clock import HeldClock
from portal.kit.ids import new_id
from portal.people.couple_queries import circle
from tests.exercises.doing import give, task_of
from tests.factories import Pair

K = MoveKind


@dataclass
class Talking:
    """A couple with a talk that both have begun."""

    records: Records
    pair: Pair
    assignment_id: str
    keys: list[str] = field(default_factory=list)

    @classmethod
    def on(
        cls,
        records: Records,
        pair: Pair,
        slug: str = "check-in",
        *,
        recurrence: Recurrence = Recurrence.ONCE,
    ) -> "Talking":
        """Give an exercise to a couple and let both begin it."""
        talking = cls(records, pair, give(records, pair, slug, recurrence=recurrence))
        for viewer in (pair.a, pair.b):
            with records.within(viewer) as scope:
                exercise_commands.begin(scope, task_of(scope, viewer, talking.assignment_id))
        return talking

    @property
    def clock(self) -> HeldClock:
        """The clock, standing still until it is moved."""
        clock = self.records.clock
        assert isinstance(clock, HeldClock)
        return clock

    def task(self, scope: Scope, viewer: Viewer, *, period: str = "") -> Task:
        """Return a partner's task for the round that is going on, or for a named one."""
        found = task_of(scope, viewer, self.assignment_id)
        return queries.aside(scope, found, MechanicName.DIALOGUE, period=period or found.period)

    def do(
        self,
        viewer: Viewer,
        kind: MoveKind,
        words: str = "",
        *,
        writing: str = "",
        revision: int | None = None,
        seen: int | None = None,
        back_at: datetime | None = None,
        once_key: str = "",
        minutes: int = 1,
    ) -> None:
        """Make one move, a minute after the last."""
        self.clock.move(timedelta(minutes=minutes))
        typed = Typed(writing=writing, words=words, revision=revision)
        done = Act(kind=kind, typed=typed, seen=seen, back_at=back_at, once_key=once_key or new_id())
        with self.records.within(viewer) as scope:
            commands.act(scope, self.task(scope, viewer), done)

    def play(self, *steps: tuple[Viewer, MoveKind] | tuple[Viewer, MoveKind, str]) -> None:
        """Make several moves."""
        for step in steps:
            self.do(*step)

    def keep(self, viewer: Viewer, writing: str, words: str, *, revision: int | None = None) -> int:
        """Keep words that are being typed; return their revision."""
        with self.records.within(viewer) as scope:
            typed = Typed(writing=writing, words=words, revision=revision)
            return commands.keep_words(scope, self.task(scope, viewer), typed)

    def moves(self, viewer: Viewer) -> tuple[Move, ...]:
        """Return the moves of the talk as somebody reads them."""
        with self.records.within(self.pair.a, read_only=True) as scope:
            period = self.task(scope, self.pair.a).period
        with self.records.within(viewer, read_only=True) as scope:
            people = circle(scope, self.pair.couple_id)
            return moves_of(scope, self.assignment_id, period, people)

    def view(self, viewer: Viewer) -> View:
        """Return what a partner's page is drawn from."""
        assert viewer.seat is not None
        return visible_to(self.spec, self.moves(viewer), viewer.seat)

    @property
    def spec(self) -> DialogueSpec:
        """What the exercise says about the talk."""
        with self.records.within(self.pair.a, read_only=True) as scope:
            return spec_of(self.task(scope, self.pair.a))

    def unsent(self, viewer: Viewer) -> Mapping[str, str]:
        """Return a partner's words that were never sent, by what they were for."""
        with self.records.within(viewer, read_only=True) as scope:
            found: Unsent = unsent(scope, self.task(scope, viewer))
        return {name: kept.words for name, kept in found.by_writing.items()}

    def turn(self, viewer: Viewer) -> Turn | None:
        """Return what stands on a partner's own list."""
        with self.records.within(viewer, read_only=True) as scope:
            return self.task(scope, viewer).turn

    def end(self, state: AssignmentState = AssignmentState.WITHDRAWN) -> None:
        """Let the therapist take the exercise back."""
        with self.records.within(self.pair.therapist) as scope:
            care_commands.end(scope, self.assignment_id, state=state)


def whole(a: Viewer, b: Viewer) -> list[tuple[Viewer, MoveKind, str]]:
    """Return the moves of a whole talk of "check-in", in which each words of a partner can be told apart."""
    return [
        (a, K.SPEAK_FIRST, ""),
        (a, K.SAY, "the attic is full of boxes"),
        (b, K.SAY_BACK, "the boxes weigh on you"),
        (a, K.CLARIFY, "not the boxes, the dust"),
        (b, K.SAY_BACK, "the dust weighs on you"),
        (a, K.YES, ""),
        (b, K.SAY, "I liked the lighthouse"),
        (a, K.SAY_BACK, "you liked the lighthouse"),
        (b, K.YES, ""),
        (b, K.SAY, "thank you for the soup"),
        (a, K.SAY, "thank you for the walk"),
    ]
