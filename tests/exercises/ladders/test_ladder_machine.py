"""Two partners and a therapist on a ladder, in any order of acts: only what both want now is ever open."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from portal.access.scope import Records
from portal.access.viewer import Seat, Viewer
from portal.exercises import care_commands, commands
from portal.exercises.commands import TooLate
from portal.exercises.mechanics import climb
from portal.exercises.mechanics.climb import Event, EventKind, NotOpen, Rating
from portal.exercises.models import Answer, AssignmentState, OverlapMatch
from portal.exercises.parts.ladders import commands as ladders
from portal.people.models import OutgoingMail
from tests.exercises.doing import task_of
from tests.exercises.ladders.climbing import (
    TALK,
    TOUCH,
    begin,
    begun,
    decide,
    go_back,
    rate,
    seen_by,
    stop,
    take,
)
from tests.exercises.machines import try_out
from tests.factories import MORNING, Pair, World

SEATS = st.sampled_from(list(Seat))
PLACES = st.integers(0, 2)
"""Which of the first three steps is meant; others are never reached here."""
DAY = timedelta(days=1)


class Climbers(RuleBasedStateMachine):
    """Does everything to real records, and beside it keeps in mind what each of the two has said."""

    def __init__(self, records: Records, world: World) -> None:
        super().__init__()
        self.records, self.world, self.pair = records, world, world.sample
        self.ratings: dict[Seat, dict[str, Rating]] = {Seat.A: {}, Seat.B: {}}
        self.history: tuple[Event, ...] = ()
        self.is_over = False
        self.given = ""

    @property
    def now(self):
        return self.records.clock.now()

    def viewer(self, seat: Seat) -> Viewer:
        return self.pair.a if seat is Seat.A else self.pair.b

    @initialize(slug=st.sampled_from([TALK, TOUCH]))
    def assign(self, slug: str) -> None:
        self.world.clock.move(MORNING - self.now)
        self.given = begun(self.records, self.pair, slug)
        self.spec = seen_by(self.records, self.pair.a, self.given).spec
        self.mails = self.count_mails()
        if self.spec.therapist_opens:
            for place in range(2):
                self.therapist_decides(place=place, opens=True)

    # What partners do

    @rule(seat=SEATS, place=PLACES, level=st.sampled_from([0, 0, 0, 1, 2, None]))
    def rate(self, seat: Seat, place: int, level: int | None) -> None:
        """Change one line of the page. Sending it says everything anew that still stands."""
        reached = climb.within_reach(self.spec, self.history)
        step = reached[min(place, len(reached) - 1)]
        key = None if level is None else self.spec.levels[level].key
        if self.is_over:
            with pytest.raises(TooLate):
                rate(self.records, self.viewer(seat), self.given, {step: key})
            return
        rate(self.records, self.viewer(seat), self.given, {step: key})
        standing = climb.to_begin_with(self.spec, self.ratings[seat], now=self.now)
        levels = {name.removeprefix("ready_"): word for name, word in standing.items()} | {step: key}
        self.ratings[seat] = {name: Rating(word, self.now) for name, word in levels.items() if word}

    @precondition(lambda self: not self.is_over)
    @rule(level=st.sampled_from([0, 1]))
    def both_are_ready_for_what_is_in_reach(self, level: int) -> None:
        """Say yes to everything, so that the harder steps come into play too."""
        for seat in Seat:
            for place in range(len(climb.within_reach(self.spec, self.history))):
                self.rate(seat=seat, place=place, level=level)

    @precondition(lambda self: self.given and not self.is_over and self.expected.current is not None)
    @rule(seat=SEATS)
    def take_the_step_that_is_open(self, seat: Seat) -> None:
        current = self.expected.current
        assert current is not None
        self.say_it_was_taken(seat=seat, place=self.spec.index(current.step), late=False)

    @rule(seat=SEATS, place=PLACES)
    def go_back(self, seat: Seat, place: int) -> None:
        step = self.spec.steps[place].key
        go_back(self.records, self.viewer(seat), self.given, step)
        self.ratings[seat] = climb.step_back(self.spec, self.ratings[seat], step)

    @rule(seat=SEATS)
    def stop(self, seat: Seat) -> None:
        stop(self.records, self.viewer(seat), self.given)
        self.ratings[seat] = {}

    @precondition(lambda self: not self.is_over)
    @rule(seat=SEATS)
    def leave_out_and_take_up_again(self, seat: Seat) -> None:
        viewer = self.viewer(seat)
        with self.records.within(viewer) as scope:
            task = task_of(scope, viewer, self.given)
            commands.decline(scope, task)
            ladders.stop(scope, task)
        begin(self.records, viewer, self.given)
        self.ratings[seat] = {}

    @rule(seat=SEATS, place=PLACES, late=st.booleans())
    def say_it_was_taken(self, seat: Seat, place: int, *, late: bool) -> None:
        """Say that a step was taken, on a fresh page or on one from before it was noted last."""
        step = self.spec.steps[place].key
        times = climb.times_done(self.history, step)
        visit = times if late and times else times + 1
        levels = {rung.step: rung.level for rung in self.expected.rungs}
        if self.is_over:
            with pytest.raises(TooLate):
                take(self.records, self.viewer(seat), self.given, step, visit)
        elif visit > times and levels[step] is None:
            with pytest.raises(NotOpen):
                take(self.records, self.viewer(seat), self.given, step, visit)
        else:
            take(self.records, self.viewer(seat), self.given, step, visit)
            if visit > times:
                self.history = (*self.history, Event(EventKind.DONE, step, self.now))

    # What the therapist does, and time

    @precondition(lambda self: not self.is_over)
    @rule(place=PLACES, opens=st.booleans())
    def therapist_decides(self, place: int, *, opens: bool) -> None:
        step = self.spec.steps[place].key
        if not self.spec.therapist_opens:
            with pytest.raises(NotOpen):
                decide(self.records, self.pair, self.given, step, opens=opens)
            return
        decide(self.records, self.pair, self.given, step, opens=opens)
        if (step in climb.opened_by_therapist(self.spec, self.history)) is not opens:
            kind = EventKind.OPENED if opens else EventKind.CLOSED
            self.history = (*self.history, Event(kind, step, self.now))

    @rule(days=st.sampled_from([1, 13, 14, 30]))
    def let_time_pass(self, days: int) -> None:
        self.world.clock.move(days * DAY)

    @precondition(lambda self: len(self.history) > 3 and not self.is_over)
    @rule()
    def withdraw_the_assignment(self) -> None:
        with self.records.within(self.pair.therapist) as scope:
            care_commands.end(scope, self.given, state=AssignmentState.WITHDRAWN)
        self.is_over = True

    # What has to hold

    @property
    def expected(self) -> climb.View:
        """What either may see, worked out from what both have in common and nothing else."""
        common = climb.common(self.spec, self.ratings[Seat.A], self.ratings[Seat.B], now=self.now)
        return climb.view(self.spec, common, self.history, now=self.now)

    @invariant()
    def both_see_what_both_want_now_and_the_same(self) -> None:
        if not self.given:
            return
        views = [seen_by(self.records, viewer, self.given).view for viewer in (self.pair.a, self.pair.b)]
        assert views[0] == views[1] == self.expected
        opened = climb.opened_by_therapist(self.spec, self.history)
        for rung in views[0].rungs:
            both = [self.ratings[seat].get(rung.step) for seat in Seat]
            wanted = all(
                one is not None
                and one.level in {level.key for level in self.spec.levels[:2]}
                and self.now < one.at + self.spec.expires
                for one in both
            )
            assert (rung.level is not None) is (wanted and rung.is_within_reach and rung.step in opened)

    @invariant()
    def nobody_else_has_a_row_that_tells_more(self) -> None:
        if not self.given:
            return
        common = {
            (one.step, one.level)
            for one in climb.common(self.spec, self.ratings[Seat.A], self.ratings[Seat.B], now=self.now)
        }
        for reader, others in ((self.pair.a, self.pair.b), (self.pair.b, self.pair.a)):
            with self.records.within(reader, read_only=True) as scope:
                theirs = scope.select(Answer).where(Answer.author_id == others.account_id)
                assert scope.count(theirs) == 0
                rows = scope.select(OverlapMatch).where(
                    OverlapMatch.assignment_id == self.given, OverlapMatch.until > scope.now
                )
                assert {(row.option, row.level) for row in scope.all(rows)} == common
        with self.records.within(self.pair.therapist, read_only=True) as scope:
            assert scope.count(scope.select(Answer)) == 0

    @invariant()
    def no_mail_is_sent(self) -> None:
        if self.given:
            assert self.count_mails() == self.mails

    def count_mails(self) -> int:
        with self.records.within(self.pair.therapist, read_only=True) as scope:
            return scope.count(scope.select(OutgoingMail))


@pytest.mark.slow
def test_whatever_two_partners_and_a_therapist_do_only_what_both_want_is_open(
    records: Records, world: World
) -> None:
    assert isinstance(world.sample, Pair)
    try_out(lambda: Climbers(records, world), records, examples=10, steps=20)
