"""Two partners negotiate and sign through the records: who sees what, who is told, and nothing typed is lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Seat
from portal.exercises import care_commands, queries
from portal.exercises.commands import Conflict, TooLate
from portal.exercises.domain import parse_exercise
from portal.exercises.mechanics.negotiation_model import EventKind, NotSettled, OutOfOrder, Stale, Status
from portal.exercises.mechanics.negotiation_view import Stance
from portal.exercises.models import Assignment, AssignmentState, Draft, Response, Turn
from portal.exercises.part_models import AgreementEvent
from portal.exercises.parts.agreements.queries import LOST, Place, Words, shared, signed
from portal.people.models import Account, AccountState, MailState, OutgoingMail
from tests.exercises.agreements.negotiating import TEXT, Table, lay, small
from tests.exercises.doing import task_of
from tests.factories import World

A, B, K = Seat.A, Seat.B, EventKind
WORDING = Place.WORDING.key("pause")


@pytest.fixture
def table(records: Records, world: World) -> Table:
    return lay(records, world.sample)


def turns(table: Table) -> dict[Seat, Turn | None]:
    """Return what each partner's own row says that they have to do."""
    found = {}
    for seat in Seat:
        with table.records.within(table.viewer(seat), read_only=True) as scope:
            found[seat] = task_of(scope, table.viewer(seat), table.given).turn
    return found


def mails(table: Table) -> list[tuple[str, datetime]]:
    """Return (account, due) of the waiting mails, in order of time."""
    with table.records.within(House(table.pair.a.practice_id), read_only=True) as scope:
        waiting = scope.select(OutgoingMail).where(OutgoingMail.state == MailState.WAITING)
        return sorted((each.account_id, each.due_at) for each in scope.all(waiting))


def sent_all(table: Table) -> None:
    """Let every waiting mail be on its way."""
    with table.records.within(House(table.pair.a.practice_id)) as scope:
        for mail in scope.all(scope.select(OutgoingMail)):
            mail.state = MailState.SENT


def test_both_sign_the_same_text_and_it_is_theirs(table: Table) -> None:
    table.settle()
    table.sign()

    for seat in Seat:
        view = table.view(seat)
        assert view.status is Status.SIGNED
        assert view.in_force is not None
        assert [each.text for each in view.in_force.text.clauses] == ["We say pause.", "Twenty minutes.", ""]
    with table.records.within(table.pair.therapist, read_only=True) as scope:
        assignment = scope.find(Assignment, table.given)
        assert [each.number for each in signed(scope, assignment)] == [1]
        assert assignment.both_sent_at == scope.now


def test_neither_reads_a_row_of_the_other(table: Table) -> None:
    table.settle()
    for viewer in (table.pair.a, table.pair.b):
        with table.records.within(viewer, read_only=True) as scope:
            assert {each.author_id for each in scope.all(scope.select(AgreementEvent))} == {viewer.account_id}


def test_a_lone_agreement_signature_or_note_changes_nothing_on_the_others_side(table: Table) -> None:
    def others() -> object:
        return table.view(B), table.revision(B), turns(table)[B], mails_of_b()

    def mails_of_b() -> list[datetime]:
        return [due for account, due in mails(table) if account == table.pair.b.account_id]

    table.do(B, K.COMMENT, "pause", "Hello.")
    before = others()
    table.do(A, K.AGREE, "pause")
    assert others() == before
    table.settle()
    before = others()
    table.do(A, K.SIGN)
    assert others() == before
    table.do(A, K.TAKE_BACK)
    table.do(A, K.SIGN)
    assert others() == before
    table.do(B, K.SIGN)
    before = others()
    table.do(A, K.SLIPPED, "pause", "On Monday.", period="2026-W47")
    assert others() == before


def test_whose_turn_it_is_follows_from_ones_own_view(table: Table) -> None:
    assert turns(table) == {A: None, B: None}
    table.do(A, K.AGREE, "pause")
    assert turns(table) == {A: Turn.YOURS, B: None}
    table.do(A, K.REWORD, "length", "An hour.")
    assert turns(table) == {A: Turn.THEIRS, B: Turn.YOURS}
    table.do(B, K.AGREE, "pause")
    table.do(B, K.AGREE, "length")
    assert turns(table) == {A: Turn.YOURS, B: Turn.YOURS}
    table.do(A, K.SIGN)
    assert turns(table) == {A: Turn.THEIRS, B: Turn.YOURS}
    table.do(B, K.SIGN)
    assert turns(table) == {A: Turn.OVER, B: Turn.OVER}
    table.do(B, K.WITHDRAW)
    assert turns(table) == {A: Turn.OVER, B: Turn.OVER}


def test_a_stale_signature_is_refused_with_both_texts(table: Table) -> None:
    table.settle()
    number = table.view(A).text.number
    table.do(B, K.REWORD, "pause", "We say stop.")
    table.do(A, K.AGREE, "pause")

    with pytest.raises(Stale) as caught:
        table.do(A, K.SIGN, seen=number)
    assert caught.value.seen[0].text == "We say pause."
    assert caught.value.now[0].text == "We say stop."
    assert table.view(A).own_signature is None
    assert table.whole().signatures == {}


def test_a_text_that_is_not_settled_is_not_signed(table: Table) -> None:
    with pytest.raises(NotSettled):
        table.do(A, K.SIGN)


def test_the_same_page_sent_twice_counts_once(table: Table) -> None:
    for _ in range(2):
        table.do(A, K.COMMENT, "pause", "Once only.", once_key="the same page")
        table.do(A, K.PROPOSE, text="No shouting.", once_key="another page")
    view = table.view(B)
    assert [each.text for each in view.clauses[0].comments] == ["Once only."]
    assert [each.key for each in view.clauses] == ["pause", "length", "phones", "added_1"]


def test_what_is_so_already_adds_nothing(table: Table) -> None:
    table.do(A, K.AGREE, "pause")
    table.do(A, K.AGREE, "pause")
    table.do(A, K.REWORD, "pause", "We say pause.")
    day = datetime(2027, 1, 12, tzinfo=UTC).date()
    table.do(A, K.REVIEW, day=day)
    number = table.view(A).text.number
    table.do(B, K.REVIEW, day=day)
    assert table.view(A).text.number == number


def test_both_saving_at_once_are_both_kept_in_some_order(table: Table) -> None:
    gate = threading.Barrier(2)
    outcomes: dict[Seat, BaseException | None] = {}

    def word(seat: Seat, words: str) -> None:
        gate.wait(timeout=10)
        try:
            table.do(seat, K.REWORD, "pause", words, seen=1)
            outcomes[seat] = None
        except Stale as stale:
            outcomes[seat] = stale

    _together(lambda: word(A, "We make a T."), lambda: word(B, "We say stop."))

    [stale] = [each for each in outcomes.values() if each is not None]
    assert isinstance(stale, Stale)
    loser = next(seat for seat, each in outcomes.items() if each is not None)
    mine, theirs = ("We make a T.", "We say stop.") if loser is A else ("We say stop.", "We make a T.")
    assert stale.event.text == mine
    assert [each.text for each in stale.now] == [theirs]
    assert table.view(A).clauses[0].text == theirs


def test_both_signing_at_once_make_one_version(table: Table) -> None:
    table.settle()
    gate = threading.Barrier(2)

    def sign(seat: Seat) -> None:
        gate.wait(timeout=10)
        table.do(seat, K.SIGN, seen=2)

    _together(lambda: sign(A), lambda: sign(B))

    assert [each.number for each in table.view(A).versions] == [1]
    assert turns(table) == {A: Turn.OVER, B: Turn.OVER}


def test_ten_things_at_once_are_ten_things(table: Table) -> None:
    gate = threading.Barrier(10)

    def say(seat: Seat, number: int) -> None:
        gate.wait(timeout=10)
        table.do(seat, K.COMMENT, "pause", f"Remark {number}.", seen=0)

    _together(*(lambda n=n: say(A if n % 2 else B, n) for n in range(10)))  # type: ignore[misc]  # bound at once

    said = [each.text for each in table.view(A).clauses[0].comments]
    assert sorted(said) == [f"Remark {number}." for number in range(10)]


def _together(*acts: Callable[[], None]) -> None:
    """Do some things at once, and raise what one of them raised."""
    faults: list[BaseException] = []

    def guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as fault:  # noqa: BLE001 - raised again below, in the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if faults:
        raise faults[0]


def test_words_are_kept_place_by_place_for_their_writer_alone(table: Table) -> None:
    table.type(A, WORDING, "We make a")
    table.type(A, Place.NOTE.key(), "A note.")
    assert table.words(A) == {WORDING: Words("We make a", 1), "note": Words("A note.", 1)}
    assert table.words(B) == {}
    with table.records.within(table.pair.therapist, read_only=True) as scope:
        assert scope.all(scope.select(Draft)) == []
    with table.records.within(table.pair.b, read_only=True) as scope:
        assert scope.all(scope.select(Response)) == []


def test_two_tabs_on_one_clause_are_told_of_each_other_and_on_two_clauses_are_not(table: Table) -> None:
    revision = table.type(A, WORDING, "In one tab")
    table.type(A, Place.WORDING.key("length"), "An hour.", revision=0)
    assert table.type(A, WORDING, "In one tab", revision=0) == revision
    with pytest.raises(Conflict) as caught:
        table.type(A, WORDING, "In the other tab", revision=0)
    assert caught.value.theirs == {WORDING: "In one tab"}
    assert caught.value.mine == {WORDING: "In the other tab"}
    assert table.type(A, WORDING, "In the other tab", revision=0, replace=True) == 2
    assert table.words(A)[WORDING].text == "In the other tab"


def test_what_was_sent_is_no_longer_kept_and_everything_else_is(table: Table) -> None:
    table.type(A, WORDING, "We make a T.")
    table.type(A, Place.REMARK.key("pause"), "Because…")
    table.do(A, K.REWORD, "pause", "We make a T.")
    assert list(table.words(A)) == [Place.REMARK.key("pause")]


def test_a_withdrawn_assignment_takes_nothing_more_and_keeps_what_was_typed(table: Table) -> None:
    table.type(A, WORDING, "Half a sentence")
    with table.records.within(table.pair.therapist) as scope:
        care_commands.end(scope, table.given, state=AssignmentState.WITHDRAWN)
    with pytest.raises(TooLate):
        table.do(A, K.AGREE, "pause")
    with pytest.raises(TooLate):
        table.type(A, WORDING, "Half a sentence more")
    assert table.words(A)[WORDING].text == "Half a sentence"


def test_a_new_edition_of_the_exercise_changes_nothing_that_is_under_way(table: Table, world: World) -> None:
    table.type(A, WORDING, "Half a sentence")
    table.do(B, K.AGREE, "pause")
    text = TEXT.replace("version = 1", "version = 2").replace("We say pause.", "We say stop.")
    later = lay(table.records, table.pair, parse_exercise(text, name="small-agreement.toml"))

    assert table.view(A).clauses[0].text == "We say pause."
    assert later.view(A).clauses[0].text == "We say stop."
    assert table.words(A)[WORDING].text == "Half a sentence"
    table.do(A, K.AGREE, "pause")
    assert table.view(B).clauses[0].is_settled


def test_with_a_partner_whose_account_is_closed_all_stays_readable_and_nobody_is_written_to(
    table: Table,
) -> None:
    table.settle()
    with table.records.within(House(table.pair.a.practice_id)) as scope:
        scope.find(Account, table.pair.b.account_id).state = AccountState.SUSPENDED
    sent_all(table)
    table.do(A, K.REWORD, "pause", "We say stop.")
    table.do(A, K.AGREE, "length")
    assert table.view(A).clauses[0].text == "We say stop."
    assert [account for account, _ in mails(table) if account == table.pair.b.account_id] == []


def test_words_whose_key_is_gone_are_dots_and_the_text_goes_on(table: Table) -> None:
    table.do(B, K.PROPOSE, text="Mine to lose.")
    table.do(B, K.COMMENT, "pause", "This too.")
    with table.records.within(House(table.pair.a.practice_id, frozenset({table.pair.couple_id}))) as scope:
        for row in scope.all(scope.select(AgreementEvent)):
            row.text_sealed = row.text_sealed[:-1] + bytes([row.text_sealed[-1] ^ 1])
    view = table.view(A)
    assert view.clauses[-1].text == LOST
    assert [each.text for each in view.clauses[0].comments] == [LOST]
    table.do(A, K.REWORD, "added_1", "Written anew.")
    assert table.view(A).clauses[-1].text == "Written anew."


def test_out_of_order_is_refused_and_hands_the_words_back(table: Table) -> None:
    table.settle()
    table.sign()
    with pytest.raises(OutOfOrder) as caught:
        table.do(A, K.REWORD, "pause", "Too late for this one.", seen=1)
    assert caught.value.event.text == "Too late for this one."


def test_only_the_two_of_them_negotiate(table: Table, world: World) -> None:
    other = world.pair(table.pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    strangers = [replace(table, pair=replace(table.pair, a=each)) for each in (other.a, table.pair.therapist)]
    for stranger in strangers:
        with pytest.raises((Refused, AssertionError)):
            stranger.do(A, K.AGREE, "pause", seen=1)
    with pytest.raises(Refused), table.records.within(other.therapist, read_only=True) as scope:
        shared(scope, scope.find(Assignment, table.given))


def test_both_are_reminded_at_the_same_moment_of_the_day_of_review(table: Table) -> None:
    table.settle()
    sent_all(table)
    table.sign()

    day = table.view(A).in_force.review_on  # type: ignore[union-attr]  # it was signed
    due = {account: at for account, at in mails(table) if at > table.records.clock.now()}
    assert due.keys() == {table.pair.a.account_id, table.pair.b.account_id}
    [moment] = set(due.values())
    assert moment.date() == day
    assert moment.hour == 8
    at_once = [account for account, at in mails(table) if at == table.records.clock.now()]
    assert at_once == [table.pair.a.account_id]


@pytest.mark.parametrize("renewed", [True, False])
def test_a_reminder_of_a_text_that_no_longer_holds_is_called_off(table: Table, renewed: bool) -> None:
    table.settle()
    table.do(A, K.REVIEW, day=datetime(2027, 1, 12, tzinfo=UTC).date())
    table.sign()
    sent = len(mails(table))
    if renewed:
        table.do(A, K.REOPEN)
        table.do(B, K.REVIEW, day=datetime(2027, 3, 1, tzinfo=UTC).date())
        sent_all_but_later(table)
        table.sign()
        later = [at.date().isoformat() for _, at in mails(table) if at > table.records.clock.now()]
        assert later == ["2027-03-01", "2027-03-01"]
    else:
        table.do(A, K.WITHDRAW)
        assert len(mails(table)) == sent - 2


def sent_all_but_later(table: Table) -> None:
    """Let the mails of today be on their way."""
    with table.records.within(House(table.pair.a.practice_id)) as scope:
        limit = scope.now + timedelta(days=1)
        for mail in scope.all(scope.select(OutgoingMail).where(OutgoingMail.due_at < limit)):
            mail.state = MailState.SENT


def test_the_other_is_told_in_an_hour_that_there_is_something_to_answer_and_only_then(table: Table) -> None:
    table.settle()
    sent_all(table)
    table.do(A, K.COMMENT, "pause", "A remark asks for nothing.")
    assert mails(table) == []
    table.do(B, K.SIGN)
    assert mails(table) == []
    table.do(A, K.SIGN)
    table.do(A, K.REOPEN)
    sent_all(table)
    table.do(B, K.AGREE, "pause")
    table.do(A, K.REWORD, "pause", "We say stop.")
    # It was the other's turn already: the text was open for both to sign again.
    assert mails(table) == []
    table.do(B, K.AGREE, "pause")
    for seat in Seat:
        table.do(seat, K.SIGN)
    table.do(A, K.REOPEN)
    sent_all(table)
    table.do(B, K.SIGN)
    table.do(A, K.REWORD, "pause", "We say halt.")
    assert mails(table) == [(table.pair.b.account_id, table.records.clock.now() + timedelta(hours=1))]


def test_the_text_begins_in_the_language_of_both_and_stays_in_it(records: Records, world: World) -> None:
    spanish = TEXT.replace("We say pause.", "Decimos pausa.").replace("A pause", "Una pausa")
    table = lay(records, world.sample, replace(small(), translations={"es": spanish}))

    def speak(a: str | None, b: str | None) -> None:
        with records.within(House(table.pair.a.practice_id)) as scope:
            scope.find(Account, table.pair.a.account_id).locale = a
            scope.find(Account, table.pair.b.account_id).locale = b

    speak("es", None)
    assert table.view(A).clauses[0].text == "We say pause."
    speak("es", "es")
    assert table.view(A) == table.view(B)
    assert table.view(A).clauses[0].text == "Decimos pausa."
    table.do(A, K.AGREE, "pause")
    speak("en", "en")
    assert table.view(B).clauses[0].text == "Decimos pausa."
    assert table.view(B).clauses[0].own is Stance.NONE


def test_what_is_kept_in_the_database_can_not_be_read_there(table: Table) -> None:
    table.type(A, WORDING, "canary in a draft")
    table.do(A, K.COMMENT, "pause", "canary in a remark")
    with table.records.within(table.pair.a, read_only=True) as scope:
        events, drafts = scope.all(scope.select(AgreementEvent)), scope.all(scope.select(Draft))
        sealed = [each.text_sealed for each in events] + [each.values_sealed for each in drafts]
        assert len(sealed) == 3
        assert not any(b"canary" in each for each in sealed)


def test_my_tasks_show_the_turn_without_opening_the_text(table: Table) -> None:
    table.do(A, K.REWORD, "pause", "We say stop.")
    with table.records.within(table.pair.b, read_only=True) as scope:
        [task] = queries.my_tasks(scope, seat=B, today=scope.now.date())
        assert task.turn is Turn.YOURS
        assert task.state is None
