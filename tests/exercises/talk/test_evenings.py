"""Two partners and their therapist who press anything at any moment, from old pages too: nothing is ever lost or shown."""

from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from portal.access.scope import Records
from portal.access.viewer import Seat, Viewer
from portal.exercises.commands import Conflict, TooLate
from portal.exercises.mechanics.talk import state_of
from portal.exercises.mechanics.talk_model import CARE, WRITTEN, MoveKind, Refused
from portal.exercises.models import AssignmentState, Draft
from portal.exercises.part_models import TalkMove
from portal.exercises.parts.talk import commands
from portal.exercises.parts.talk.commands import Typed, turn_of
from portal.exercises.parts.talk.queries import unsent
from tests.exercises.machines import try_out
from tests.exercises.talk.talking import K, Talking
from tests.factories import MORNING, World

SLUGS = ["check-in", "reflective-listening", "understanding-first", "validate-first"]
EITHER = st.sampled_from([Seat.A, Seat.B])


class Page:
    """What one partner has open: where the talk was, what is written there, and the revision of what was kept."""

    def __init__(self, place: int, writing: str, revision: int) -> None:
        self.place, self.writing, self.revision = place, writing, revision


class Evening(RuleBasedStateMachine):
    """One couple with one talk, over the real commands and a real database."""

    def __init__(self, world: World, practice_id: str) -> None:
        super().__init__()
        self.world, self.practice_id = world, practice_id
        self.numbers = count(1)
        self.talk: Talking | None = None

    @precondition(lambda self: self.talk is None)
    @rule(slug=st.sampled_from(SLUGS))
    def begin(self, slug: str) -> None:
        self.world.clock.move_to(MORNING)
        pair = self.world.pair(self.practice_id)
        self.talk = Talking.on(self.world.records, pair, slug)
        self.spec = self.talk.spec
        self.viewers = {Seat.A: pair.a, Seat.B: pair.b}
        self.pages = {seat: Page(0, "", 0) for seat in Seat}
        self.said: list[str] = []
        self.acknowledged: dict[str, Seat] = {}
        """Words that a partner was told are kept, and whose they are; without those that they wrote over."""
        self.is_open = True
        for seat in Seat:
            self.look(seat=seat)

    def words(self) -> str:
        return f"words number {next(self.numbers)} of this evening."

    def kept_of(self, seat: Seat) -> dict[str, str]:
        assert self.talk is not None
        return dict(self.talk.unsent(self.viewers[seat]))

    @precondition(lambda self: self.talk is not None)
    @rule(seat=EITHER)
    def look(self, seat: Seat) -> None:
        assert self.talk is not None
        view = self.talk.view(self.viewers[seat])
        with self.talk.records.within(self.viewers[seat], read_only=True) as scope:
            kept = unsent(scope, self.talk.task(scope, self.viewers[seat])).at(view.writing)
        self.pages[seat] = Page(view.place, view.writing, kept.revision)

    @precondition(lambda self: self.talk is not None)
    @rule(seat=EITHER)
    def type_something(self, seat: Seat) -> None:
        """Type in the field of the page at hand, however old it is."""
        assert self.talk is not None
        page, words, before = self.pages[seat], self.words(), self.kept_of(seat)
        try:
            page.revision = self.talk.keep(self.viewers[seat], page.writing, words, revision=page.revision)
        except Conflict:
            assert self.kept_of(seat) == before
            return
        self.write_over(before.get(page.writing, ""))
        self.acknowledged[words] = seat

    def write_over(self, words: str) -> None:
        self.acknowledged.pop(words, None)

    @precondition(lambda self: self.talk is not None)
    @rule(seat=EITHER, kind=st.sampled_from(list(MoveKind)), empty=st.booleans())
    def press_anything(self, seat: Seat, kind: MoveKind, empty: bool) -> None:
        self.press(seat, kind, "" if empty else self.words())

    @precondition(lambda self: self.talk is not None)
    @rule(choice=st.randoms(use_true_random=False), careful=st.booleans())
    def do_what_is_asked(self, choice: object, careful: bool) -> None:
        """Let somebody with a fresh page take the talk further."""
        assert self.talk is not None
        views = {seat: self.talk.view(viewer) for seat, viewer in self.viewers.items()}
        left_out = CARE | {K.RETURN} if careful else {K.END, K.RETURN}
        possible = sorted((seat, kind) for seat, view in views.items() for kind in view.choices - left_out)
        if possible:
            seat, kind = choice.choice(possible)  # type: ignore[attr-defined]  # Hypothesis' own Random
            self.look(seat=seat)
            self.press(seat, kind, self.words())

    def press(self, seat: Seat, kind: MoveKind, words: str) -> None:
        assert self.talk is not None
        viewer, page, before = self.viewers[seat], self.pages[seat], len(self.talk.moves(self.viewers[seat]))
        draft, revision = self.kept_of(seat).get(page.writing, ""), page.revision
        try:
            self.talk.do(viewer, kind, words, writing=page.writing, revision=revision, seen=page.place)
        except (Refused, TooLate) as error:
            refused = error
        else:
            assert self.is_open
            self.accept(seat, kind, words, draft, grew=len(self.talk.moves(viewer)) > before)
            return
        assert isinstance(refused, TooLate) is not self.is_open
        assert len(self.talk.moves(viewer)) == before
        self.put_by(viewer, page, words, draft)

    def put_by(self, viewer: Viewer, page: Page, words: str, draft: str) -> None:
        """Keep what could not be sent, as the pages do."""
        assert self.talk is not None
        assert viewer.seat is not None
        if not words:
            return
        with self.talk.records.within(viewer) as scope:
            typed = Typed(writing=page.writing, words=words, revision=page.revision)
            commands.put_by(scope, self.talk.task(scope, viewer), typed)
        if draft not in self.kept_of(viewer.seat).values():
            self.write_over(draft)
        self.acknowledged[words] = viewer.seat

    def accept(self, seat: Seat, kind: MoveKind, words: str, draft: str, *, grew: bool) -> None:
        if kind in WRITTEN:
            assert grew
            self.said.append(words)
            self.acknowledged[words] = seat
        elif words:
            self.acknowledged[words] = seat
        if draft not in self.kept_of(seat).values():
            self.write_over(draft)

    @precondition(lambda self: self.talk is not None and self.is_open)
    @rule(now=st.sampled_from([False, False, False, True]), state=st.sampled_from(list(AssignmentState)[1:]))
    def withdraw(self, now: bool, state: AssignmentState) -> None:
        """Let the therapist take it back, now and then."""
        assert self.talk is not None
        if now:
            self.talk.end(state)
            self.is_open = False

    @precondition(lambda self: self.talk is not None)
    @rule(minutes=st.sampled_from([5, 90, 60 * 24 * 3]))
    def let_time_pass(self, minutes: int) -> None:
        assert self.talk is not None
        self.talk.do(self.viewers[Seat.A], K.RESUME, minutes=minutes) if self.is_open else None

    @invariant()
    def nothing_is_lost(self) -> None:
        if self.talk is None:
            return
        everything = {seat: set(self.kept_of(seat).values()) for seat in Seat}
        for words, seat in self.acknowledged.items():
            assert words in everything[seat] or words in self.said, f"{words} of {seat} is gone"

    @invariant()
    def only_what_was_sent_is_there_for_the_other(self) -> None:
        if self.talk is None:
            return
        for viewer in (*self.viewers.values(), self.talk.pair.therapist):
            with self.talk.records.within(viewer, read_only=True) as scope:
                moves = scope.all(scope.select(TalkMove).order_by(TalkMove.number))
                texts = [row.text for row in moves if row.text]
                drafts = {row.author_id for row in scope.all(scope.select(Draft))}
            assert texts == self.said
            assert [row.number for row in moves] == list(range(1, len(moves) + 1))
            assert drafts <= {viewer.account_id}

    @invariant()
    def the_lists_say_what_the_talk_says(self) -> None:
        if self.talk is None or not self.talk.moves(self.viewers[Seat.A]):
            return
        talk = state_of(self.spec, self.talk.moves(self.viewers[Seat.A]))
        for seat, viewer in self.viewers.items():
            with self.talk.records.within(viewer, read_only=True) as scope:
                rows = [
                    self.talk.task(scope, viewer, period=row.period)
                    for row in scope.all(scope.select(TalkMove))
                ]
                assert {row.turn for row in rows} == {turn_of(talk, seat)}


@pytest.mark.slow
def test_any_evening_ends_well(records: Records) -> None:
    world = World(records)
    practice_id = world.practice()
    try_out(lambda: Evening(world, practice_id), records, examples=8, steps=20)
