"""Two partners and their lists, in any order of acts: what is common is all that ever shows, and no act makes a sound."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

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
from portal.exercises import care_commands, commands, queries
from portal.exercises.commands import TooLate
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.models import Answer, Assignment, AssignmentState, Draft, OverlapMatch, Response
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import give, send, task_of, type_in
from tests.exercises.machines import try_out
from tests.factories import MORNING, Pair, World

MENU = "touch-menu"
SPEC = library()[MENU].spec(OverlapSpec)
assert SPEC is not None
OPTIONS = [item.key for item in SPEC.form.questions[:3]]
LEVELS = [level.key for level in SPEC.levels]
EXPIRES = SPEC.expires

SEATS = st.sampled_from(list(Seat))
LINES = st.dictionaries(st.sampled_from(OPTIONS), st.sampled_from([*LEVELS, LEVELS[0], None]), min_size=1)
"""Lines of a list that are changed; None leaves one blank."""


class Choosers(RuleBasedStateMachine):
    """Does everything to real records, and beside it keeps in mind what each of the two stands by."""

    def __init__(self, records: Records, world: World) -> None:
        super().__init__()
        self.records, self.world, self.pair = records, world, world.sample
        self.lists: dict[Seat, dict[str, Any]] = {}
        self.given, self.is_over = "", False

    @property
    def now(self) -> Any:
        return self.records.clock.now()

    def viewer(self, seat: Seat) -> Viewer:
        return self.pair.a if seat is Seat.A else self.pair.b

    @initialize()
    def assign(self) -> None:
        self.world.clock.move(MORNING - self.now)
        self.given = give(self.records, self.pair, MENU)
        self.lists = {seat: {"at": None, "values": {}} for seat in Seat}
        self.told = self.mails()
        self.was_common = False

    # What partners do

    @rule(seat=SEATS, lines=LINES)
    def send_a_list(self, seat: Seat, lines: dict[str, str | None]) -> None:
        if self.is_over:
            with pytest.raises(TooLate):
                send(self.records, self.viewer(seat), self.given, lines)
            return
        stands = self.mine(seat)
        with self.unheard_by(seat.other):
            send(self.records, self.viewer(seat), self.given, lines)
            values = {key: level for key, level in (stands | lines).items() if level is not None}
            self.lists[seat] = {"at": self.now, "values": values}

    @precondition(lambda self: not self.is_over)
    @rule(seat=SEATS, lines=LINES)
    def type_and_send_nothing(self, seat: Seat, lines: dict[str, str | None]) -> None:
        with self.unheard_by(seat.other):
            type_in(self.records, self.viewer(seat), self.given, lines)

    @rule(seat=SEATS)
    def take_everything_back(self, seat: Seat) -> None:
        with self.unheard_by(seat.other):
            with self.records.within(self.viewer(seat)) as scope:
                commands.withdraw_choices(scope, task_of(scope, self.viewer(seat), self.given))
            self.lists[seat]["values"] = {}

    @precondition(lambda self: not self.is_over)
    @rule(seat=SEATS)
    def leave_it_out(self, seat: Seat) -> None:
        with self.unheard_by(seat.other), self.records.within(self.viewer(seat)) as scope:
            task = task_of(scope, self.viewer(seat), self.given)
            if task.response is not None and task.response.sent_at is not None:
                return
            commands.decline(scope, task)

    # Time, and the therapist

    @rule(part=st.sampled_from([0.1, 0.5, 1]))
    def let_time_pass(self, part: float) -> None:
        self.world.clock.move(part * EXPIRES + timedelta(minutes=1))

    @precondition(lambda self: not self.is_over and self.was_common)
    @rule()
    def end_the_assignment(self) -> None:
        with self.records.within(self.pair.therapist) as scope:
            care_commands.end(scope, self.given, state=AssignmentState.FINISHED)
        self.is_over = True

    # What has to hold

    @property
    def expected(self) -> dict[str, str]:
        """What both are open to now, at the lower level."""
        standing = [
            each["values"] if each["at"] is not None and self.now < each["at"] + EXPIRES else {}
            for each in self.lists.values()
        ]
        found = {}
        for option in OPTIONS:
            ranks = [LEVELS.index(each[option]) if option in each else 2 for each in standing]
            if max(ranks) < 2:
                found[option] = LEVELS[max(ranks)]
        return found

    @invariant()
    def both_see_what_is_common_and_nothing_else(self) -> None:
        if not self.given:
            return
        self.was_common = self.was_common or bool(self.expected)
        for seat in Seat:
            with self.records.within(self.viewer(seat), read_only=True) as scope:
                found = queries.matches(scope, scope.find(Assignment, self.given), library()[MENU])
                assert {each.option: each.level for each in found} == self.expected
                stands_there = self.given in {each.assignment.id for each in queries.together(scope)}
                assert stands_there is bool(self.expected)

    @invariant()
    def nobody_has_a_row_of_the_other(self) -> None:
        if not self.given:
            return
        for seat in Seat:
            with self.records.within(self.viewer(seat), read_only=True) as scope:
                for model in (Answer, Response, Draft):
                    others = [
                        each for each in scope.all(scope.select(model)) if each.author_id != scope.account_id
                    ]
                    assert others == []

    @invariant()
    def one_mail_tells_of_the_first_thing_in_common_and_of_nothing_else(self) -> None:
        if self.given:
            assert self.mails() - self.told in ({0, 1, 2} if self.was_common else {0})

    @contextmanager
    def unheard_by(self, other: Seat) -> Iterator[None]:
        """Do something that the other partner finds no trace of, unless what both are open to is another by then."""
        before, common, mails = self.all_of(other), self.expected, self.mails()
        yield
        if self.expected == common:
            assert self.all_of(other) == before
            assert self.mails() == mails

    def all_of(self, seat: Seat) -> list[object]:
        """Return everything that a partner's pages are made of, without the ids of rows."""
        viewer = self.viewer(seat)
        with self.records.within(viewer, read_only=True) as scope:
            task = task_of(scope, viewer, self.given)
            matched = scope.all(scope.select(OverlapMatch).where(OverlapMatch.until > scope.now))
            return [
                task.state,
                queries.my_values(scope, task),
                task.assignment.state,
                task.assignment.both_sent_at,
                sorted((row.option, row.level, row.position) for row in matched),
                [(each.assignment_id, each.opened_at) for each in queries.news(scope, since=MORNING)],
            ]

    def mine(self, seat: Seat) -> dict[str, Any]:
        with self.records.within(self.viewer(seat), read_only=True) as scope:
            return dict(queries.my_values(scope, task_of(scope, self.viewer(seat), self.given)))

    def mails(self) -> int:
        with self.records.within(self.pair.therapist, read_only=True) as scope:
            return scope.count(scope.select(OutgoingMail))


@pytest.mark.slow
def test_whatever_two_partners_do_with_their_lists_only_what_is_common_shows(
    records: Records, world: World
) -> None:
    assert isinstance(world.sample, Pair)
    try_out(lambda: Choosers(records, world), records, examples=10, steps=20)
