"""Two partners do anything in any order, from pages of any age: one text, no lone yes that shows, no word lost."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.access.scope import Records
from portal.access.viewer import House, Seat
from portal.exercises.commands import Conflict
from portal.exercises.mechanics.negotiation_model import EventKind, Refused
from portal.exercises.mechanics.negotiation_view import View
from portal.exercises.models import Assignment, Turn
from portal.exercises.parts.agreements.commands import Deed
from portal.exercises.parts.agreements.queries import Place, shared
from portal.people.models import OutgoingMail
from tests.exercises.agreements.negotiating import Table, lay
from tests.exercises.doing import task_of
from tests.exercises.machines import try_out
from tests.factories import Pair, World

pytestmark = pytest.mark.slow

K = EventKind
SEATS = st.sampled_from(list(Seat))
CLAUSES = st.sampled_from(["pause", "length", "phones", "added_1", "gone"])
KINDS = st.sampled_from(list(K))
PLACES = st.sampled_from(list(Place))
ALONE = {K.SIGN, K.TAKE_BACK, K.KEPT, K.SLIPPED, K.AGREE}


class TwoAtOneTable(RuleBasedStateMachine):
    """Two partners with pages of any age. What they type is different every time, so that it can be looked for."""

    def __init__(self, records: Records, pair: Pair) -> None:
        super().__init__()
        self.table: Table = lay(records, pair)
        self.pages: dict[Seat, View] = {seat: self.table.view(seat) for seat in Seat}
        self.unsent: dict[tuple[Seat, str], str] = {}
        self.versions: tuple[object, ...] = ()
        self.numbers = count()

    def words(self) -> str:
        """Return words that nobody has typed before."""
        return f"Thought number {next(self.numbers)}."

    def seen_by(self, seat: Seat) -> tuple[View, int, Turn | None, list[object]]:
        """Return everything from which a partner could learn something about the other."""
        table, viewer = self.table, self.table.viewer(seat)
        with table.records.within(viewer, read_only=True) as scope:
            turn = task_of(scope, viewer, table.given).turn
        with table.records.within(House(viewer.practice_id), read_only=True) as scope:
            query = scope.select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id)
            mails = sorted((each.id, each.due_at) for each in scope.all(query))
        return table.view(seat), table.revision(seat), turn, list(mails)

    @rule(seat=SEATS)
    def look(self, seat: Seat) -> None:
        """Open the page anew."""
        self.pages[seat] = self.table.view(seat)

    @rule(seat=SEATS, place=PLACES, clause=CLAUSES, window=st.sampled_from([None, 0, 1]))
    def type_something(self, seat: Seat, place: Place, clause: str, window: int | None) -> None:
        """Type words and leave them, in a window that knows of an earlier draft or of none."""
        key = place.key(clause if place in {Place.WORDING, Place.REMARK} else "")
        text = self.words()
        try:
            self.table.type(seat, key, text, revision=window)
            self.unsent[seat, key] = text
        except Conflict as conflict:
            self.check_both_are_there(conflict, key, mine=text, theirs=self.unsent[seat, key])

    def check_both_are_there(self, conflict: Conflict, key: str, *, mine: str, theirs: str) -> None:
        """See that a conflict hands back the words of both windows."""
        assert (conflict.mine, conflict.theirs) == ({key: mine}, {key: theirs})

    @rule(seat=SEATS, kind=KINDS, clause=CLAUSES, days=st.integers(-1, 40), blank=st.booleans())
    def press_anything(self, seat: Seat, kind: EventKind, clause: str, days: int, blank: bool) -> None:
        """Press any button of a page, however old it is, with words of one's own or with none."""
        self.press(seat, kind, clause, "" if blank else self.words(), days=days)

    @rule(first=SEATS)
    def agree_on_everything_and_sign(self, first: Seat) -> None:
        """Look at everything, agree on it, and sign."""
        if self.table.view(first).status != "open":
            self.act(first, K.REOPEN, "", "")
        for seat in (first, first.other):
            self.look(seat)
            for clause in self.pages[seat].clauses:
                if not clause.is_settled and not clause.text:
                    self.act(seat, K.REWORD, clause.key, self.words())
        for seat in (first.other, first):
            self.look(seat)
            for clause in self.pages[seat].clauses:
                if not clause.is_settled:
                    self.act(seat, K.AGREE, clause.key, "")
        for seat in (first, first.other):
            self.look(seat)
            self.press(seat, K.SIGN, "", "")
        assert self.table.view(first).status == "signed"

    def press(self, seat: Seat, kind: EventKind, clause: str, text: str, *, days: int = 7) -> None:
        """Act, and see that the other learns nothing of what is done alone, or refused."""
        before, others = self.table.whole(), self.seen_by(seat.other)
        if not self.act(seat, kind, clause, text, days=days):
            assert self.seen_by(seat.other) == others
            return
        after = self.table.whole()
        if Deed(kind=kind, clause=clause, text=text).place is not None and text:
            assert text in everything_said(self.table)
        if kind in ALONE and [each.is_settled for each in after.clauses] == [
            each.is_settled for each in before.clauses
        ]:
            talked = [each.to_talk for each in after.clauses] == [each.to_talk for each in before.clauses]
            if talked and after.versions == before.versions:
                assert self.seen_by(seat.other) == others

    def act(self, seat: Seat, kind: EventKind, clause: str, text: str, *, days: int = 7) -> bool:
        """Do what a page does: send it, or keep its words where it doesn't fit; say whether it was taken."""
        page = self.pages[seat]
        since = {each.key: each.since for each in page.clauses}
        seen = page.text.number if kind is K.SIGN else since.get(clause, 0)
        day = self.table.records.clock.now().date() + timedelta(days=days)
        place = Deed(kind=kind, clause=clause, text=text).place
        try:
            self.table.do(seat, kind, clause, text, seen=seen, day=day, period="2026-W47")
        except Refused as error:
            refused = error
        else:
            return True
        assert refused.event.text == text
        if place is not None and text:
            self.table.type(seat, place, text, replace=True)
            self.unsent[seat, place] = text
        return False

    @invariant()
    def nothing_that_was_typed_is_lost(self) -> None:
        """Whatever was typed and not sent is still there, word for word, for its writer alone."""
        said = None
        for seat in Seat:
            kept = {each.text for each in self.table.words(seat).values()}
            for (whose, _place), text in self.unsent.items():
                if whose is seat and text not in kept:
                    said = said or everything_said(self.table)
                    assert text in said
                assert whose is seat or text not in kept

    @invariant()
    def both_signed_the_same_words(self) -> None:
        """Each version holds both signatures, and stays as it is for ever."""
        found = self.table.whole().versions
        assert found[: len(self.versions)] == self.versions
        for version in found:
            assert {seat for seat, _at in version.signed} == set(Seat)
        assert self.table.view(Seat.A).versions == self.table.view(Seat.B).versions == found
        self.versions = found

    @invariant()
    def a_lone_signature_is_on_nobody_elses_page(self) -> None:
        """What one partner alone has signed or noted is in no view of the other."""
        whole = self.table.whole()
        for seat in Seat:
            view = self.table.view(seat)
            assert view.own_signature == whole.signatures.get(seat)
            assert all(log.by is seat for log in view.own_logs)


def everything_said(table: Table) -> str:
    """Return everything that ever stood in a text, beside it, or in a note."""
    whole = table.whole()
    wordings = [clause.text for text in whole.texts for clause in text.clauses]
    remarks = [each.text for clause in whole.clauses for each in clause.comments]
    return "\n".join([*wordings, *remarks, *notes_ever(table)])


def notes_ever(table: Table) -> list[str]:
    """Return every note, also those that a later one has replaced."""
    with table.records.within(table.pair.therapist, read_only=True) as scope:
        events = shared(scope, scope.find(Assignment, table.given)).events
        return [each.text for each in events if each.kind in {K.KEPT, K.SLIPPED}]


def test_two_partners_with_pages_of_any_age(records: Records, world: World) -> None:
    pair = world.sample
    try_out(lambda: TwoAtOneTable(records, pair), records, examples=6, steps=14)
