"""Talking in turns through the database: whose turn it is, words that are never lost, and what nobody else sees."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete

from portal.access.audit import Action, AuditEntry
from portal.access.keys import PersonKey
from portal.access.policy import Refused as NotAllowed
from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises import commands as exercise_commands
from portal.exercises import queries
from portal.exercises.commands import Conflict, TooLate
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.talk_model import (
    Ending,
    MovedOn,
    MoveKind,
    NotYourTurn,
    OutOfOrder,
    UnfitText,
)
from portal.exercises.models import Answer, AssignmentState, Draft, Response, ResponseState, Turn
from portal.exercises.part_models import TalkMove
from portal.exercises.parts.talk import commands
from portal.exercises.parts.talk.commands import AWAY, Act, Typed
from portal.exercises.parts.talk.part import TALK
from portal.exercises.parts.talk.queries import GONE, standing
from portal.people.models import Account, AccountState, MailState, OutgoingMail
from tests.exercises.talk.talking import K, Talking, whole
from tests.factories import Pair, World

SAY, BACK, CHECK = "1.1.1.speak", "1.1.1.tell_back", "1.1.1.confirm"


@pytest.fixture
def pair(world: World) -> Pair:
    """A couple of this test's own."""
    return world.sample


@pytest.fixture
def talk(records: Records, pair: Pair) -> Talking:
    """A talk that both have begun and nobody has said anything in."""
    return Talking.on(records, pair)


def mails(records: Records, viewer: Viewer) -> list[datetime]:
    """Return when the mails that wait for somebody are due."""
    with records.within(House(viewer.practice_id), read_only=True) as scope:
        query = scope.select(OutgoingMail).where(
            OutgoingMail.account_id == viewer.account_id, OutgoingMail.state == MailState.WAITING
        )
        return sorted(
            mail.due_at for mail in scope.all(query) if mail.created_at > scope.now - timedelta(days=30)
        )


@pytest.fixture
def quiet(records: Records, talk: Talking) -> Talking:
    """A talk whose giving has been told of already: no mail waits for anybody."""
    with records.within(House(talk.pair.a.practice_id)) as scope:
        scope.session.execute(delete(OutgoingMail))
    return talk


def test_a_whole_talk_is_read_by_both_and_by_their_therapist(talk: Talking, pair: Pair) -> None:
    talk.play(*whole(pair.a, pair.b))

    said = [turn.text for turn in talk.view(pair.a).turns if turn.text]
    assert said == [words for _who, _kind, words in whole(pair.a, pair.b) if words]
    assert talk.view(pair.b).turns == talk.view(pair.a).turns
    assert talk.moves(pair.therapist) == talk.moves(pair.a)
    assert talk.view(pair.a).ending is Ending.COMPLETE


def test_another_couple_of_the_practice_reads_nothing(world: World, talk: Talking, pair: Pair) -> None:
    talk.play(*whole(pair.a, pair.b))
    stranger = world.pair(pair.a.practice_id, ("Ida Roth", "Bo Lind")).a

    with talk.records.within(stranger, read_only=True) as scope:
        assert scope.all(scope.select(TalkMove)) == []
        assert standing(scope, talk.assignment_id, "1") is None


def test_whose_turn_it_is_stands_on_each_ones_own_list(talk: Talking, pair: Pair) -> None:
    assert talk.turn(pair.a) is None
    talk.do(pair.b, K.LISTEN_FIRST)
    assert (talk.turn(pair.a), talk.turn(pair.b)) == (Turn.YOURS, Turn.THEIRS)
    talk.do(pair.a, K.SPEAK_FIRST)
    assert (talk.turn(pair.a), talk.turn(pair.b)) == (Turn.YOURS, Turn.THEIRS)
    talk.do(pair.a, K.SAY, "the boat leaks")
    assert (talk.turn(pair.a), talk.turn(pair.b)) == (Turn.THEIRS, Turn.YOURS)
    talk.do(pair.a, K.PAUSE)
    assert (talk.turn(pair.a), talk.turn(pair.b)) == (Turn.REST, Turn.REST)
    talk.do(pair.b, K.END)
    assert (talk.turn(pair.a), talk.turn(pair.b)) == (Turn.OVER, Turn.OVER)


def test_a_turn_on_the_list_does_not_mean_that_its_owner_has_begun(records: Records, pair: Pair) -> None:
    talk = Talking.on(records, pair)
    with records.within(House(pair.a.practice_id)) as scope:
        scope.session.execute(delete(Response).where(Response.author_id == pair.b.account_id))
    talk.do(pair.a, K.SPEAK_FIRST)

    with records.within(pair.b, read_only=True) as scope:
        assert talk.task(scope, pair.b).state is None
        assert talk.task(scope, pair.b).turn is Turn.THEIRS


def test_the_same_page_sent_twice_counts_once(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST, once_key="one")
    talk.do(pair.a, K.SPEAK_FIRST, once_key="one")
    talk.do(pair.a, K.SAY, "the boat leaks", once_key="two")
    talk.do(pair.a, K.SAY, "the boat leaks", once_key="two")

    assert [move.kind for move in talk.moves(pair.a)] == [K.SPEAK_FIRST, K.SAY]


def test_other_words_from_a_page_that_was_gone_back_to_are_not_taken_for_a_repeat(
    talk: Talking, pair: Pair
) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.do(pair.a, K.SAY, "the boat leaks", once_key="two", seen=1)

    with pytest.raises(OutOfOrder):
        talk.do(pair.a, K.SAY, "and the oars are gone", once_key="two", seen=1)


def test_what_does_not_fit_is_refused_and_changes_nothing(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    before = talk.moves(pair.a)

    with pytest.raises(NotYourTurn):
        talk.do(pair.b, K.SAY, "me first")
    with pytest.raises(UnfitText):
        talk.do(pair.a, K.SAY, "x" * 2001)
    with pytest.raises(UnfitText):
        talk.do(pair.a, K.SAY, "  ")
    with pytest.raises(MovedOn):
        talk.do(pair.a, K.SAY, "an old page", seen=0)
    assert talk.moves(pair.a) == before


def test_staff_cannot_take_part(talk: Talking, pair: Pair) -> None:
    with talk.records.within(pair.a) as scope:
        task = talk.task(scope, pair.a)
    with pytest.raises(NotAllowed), talk.records.within(pair.therapist) as scope:
        commands.act(scope, task, Act(kind=K.PAUSE))


def together(*acts: Callable[[], None]) -> list[BaseException]:
    """Do several things at the same moment; return what went wrong."""
    ready = Barrier(len(acts))
    wrong: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        ready.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            wrong.append(error)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_two_moves_at_the_same_moment_get_their_numbers_one_after_the_other(
    talk: Talking, pair: Pair
) -> None:
    """The very first moves: neither partner's row on the lists is there yet."""
    wrong = together(lambda: talk.do(pair.a, K.LISTEN_FIRST), lambda: talk.do(pair.b, K.LISTEN_FIRST))

    assert wrong == []
    assert {move.seat for move in talk.moves(pair.a)} == {pair.a.seat, pair.b.seat}
    with talk.records.within(pair.a, read_only=True) as scope:
        assert sorted(row.number for row in scope.all(scope.select(TalkMove))) == [1, 2]


def test_of_two_who_want_to_speak_first_at_the_same_moment_one_does(talk: Talking, pair: Pair) -> None:
    wrong = together(lambda: talk.do(pair.a, K.SPEAK_FIRST), lambda: talk.do(pair.b, K.SPEAK_FIRST))

    assert len(wrong) == 1
    assert isinstance(wrong[0], OutOfOrder)
    assert len(talk.moves(pair.a)) == 1


def test_the_same_turn_from_two_windows_at_once_is_sent_once(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)

    wrong = together(*[lambda n=n: talk.do(pair.a, K.SAY, f"window {n}", seen=1) for n in range(4)])

    assert len(talk.moves(pair.a)) == 2
    assert len(wrong) == 3
    assert all(isinstance(error, (OutOfOrder, NotYourTurn)) for error in wrong)


def test_both_kind_words_at_the_same_moment_are_both_taken(talk: Talking, pair: Pair) -> None:
    talk.play(*whole(pair.a, pair.b)[:-2])
    place = talk.view(pair.a).place

    wrong = together(
        lambda: talk.do(pair.a, K.SAY, "thank you", seen=place),
        lambda: talk.do(pair.b, K.SAY, "thank you too", seen=place),
    )

    assert wrong == []
    assert talk.view(pair.a).ending is Ending.COMPLETE


def test_words_are_kept_for_their_writer_alone(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.keep(pair.a, SAY, "I have been thinking of the ferry")

    assert talk.unsent(pair.a) == {SAY: "I have been thinking of the ferry"}
    assert talk.unsent(pair.b) == {}
    for viewer in (pair.b, pair.therapist):
        with talk.records.within(viewer, read_only=True) as scope:
            assert scope.all(scope.select(Draft)) == []
    assert talk.view(pair.b).turns == ()


def test_sending_lets_go_of_the_draft_it_came_from(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    revision = talk.keep(pair.a, SAY, "I have been thinking")
    talk.do(pair.a, K.SAY, "I have been thinking of the ferry", writing=SAY, revision=revision)

    assert talk.unsent(pair.a) == {}


def test_words_of_another_window_stay_when_one_is_sent(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    one = talk.keep(pair.a, SAY, "the ferry was late")
    talk.keep(pair.a, SAY, "the gulls were loud", revision=one)
    talk.do(pair.a, K.SAY, "the ferry was late again", writing=SAY, revision=one)

    assert list(talk.unsent(pair.a).values()) == ["the gulls were loud"]


def test_two_windows_never_overwrite_each_other_in_silence(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    one = talk.keep(pair.a, SAY, "the ferry was late")
    talk.keep(pair.a, SAY, "the gulls were loud", revision=one)

    with pytest.raises(Conflict):
        talk.keep(pair.a, SAY, "the ferry was late, and", revision=one)
    assert talk.unsent(pair.a) == {SAY: "the gulls were loud"}


def test_words_that_could_not_be_sent_are_put_beside_those_of_another_window(
    talk: Talking, pair: Pair
) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    one = talk.keep(pair.a, SAY, "the ferry was late")
    talk.keep(pair.a, SAY, "the gulls were loud", revision=one)
    with talk.records.within(pair.a) as scope:
        commands.put_by(scope, talk.task(scope, pair.a), Typed(writing=SAY, words="the ferry", revision=one))

    assert sorted(talk.unsent(pair.a).values()) == ["the ferry", "the gulls were loud"]


def test_a_late_save_of_words_that_were_sent_leaves_no_draft(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.do(pair.a, K.SAY, "the ferry was late", writing=SAY)
    talk.keep(pair.a, SAY, "the ferry was")

    assert talk.unsent(pair.a) == {}


def test_words_typed_beside_a_pause_stay_kept(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.do(pair.a, K.PAUSE, "half a sentence", writing=SAY)

    assert talk.unsent(pair.a) == {SAY: "half a sentence"}
    assert talk.moves(pair.b)[-1].text == ""


def test_words_that_were_kept_can_be_thrown_away(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.keep(pair.a, SAY, "half a sentence")
    with talk.records.within(pair.a) as scope:
        commands.throw_away(scope, talk.task(scope, pair.a), SAY)

    assert talk.unsent(pair.a) == {}


def test_nothing_can_be_said_once_the_therapist_has_closed_it_but_words_stay(
    talk: Talking, pair: Pair
) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.keep(pair.a, SAY, "half a sentence")
    talk.end()

    for kind in (K.SAY, K.PAUSE, K.END):
        with pytest.raises(TooLate):
            talk.do(pair.a, kind, "a whole sentence", writing=SAY)
    talk.keep(pair.a, SAY, "half a sentence more")
    assert talk.unsent(pair.a) == {SAY: "half a sentence more"}
    assert len(talk.moves(pair.b)) == 1


def test_an_exercise_edited_in_the_library_leaves_a_talk_as_it_was_given(
    talk: Talking, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.keep(pair.a, SAY, "half a sentence")
    monkeypatch.setattr("portal.exercises.shelf.library", dict)

    talk.do(pair.a, K.SAY, "a whole sentence", writing=SAY)
    assert talk.view(pair.b).stage == talk.spec.stages[1]


def test_the_other_partner_going_away_changes_nothing_for_the_one_who_stays(
    quiet: Talking, pair: Pair
) -> None:
    talk = quiet
    talk.do(pair.a, K.SPEAK_FIRST)
    with talk.records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, pair.b.account_id or "").state = AccountState.SUSPENDED
    talk.do(pair.a, K.SAY, "are you there", writing=SAY)
    talk.do(pair.a, K.END)

    assert talk.view(pair.a).ending is Ending.STOPPED
    assert mails(talk.records, pair.b) == []


def test_words_whose_key_was_destroyed_leave_the_rest_of_the_talk_readable(talk: Talking, pair: Pair) -> None:
    talk.play(*whole(pair.a, pair.b))
    with talk.records.within(House(pair.a.practice_id)) as scope:
        scope.session.execute(delete(PersonKey).where(PersonKey.owner_id == pair.b.account_id))
    talk.records.ring.opened.clear()

    texts = {(turn.by, turn.text) for turn in talk.view(pair.a).turns}
    assert (pair.b.seat, GONE) in texts
    assert (pair.a.seat, "the attic is full of boxes") in texts


def test_a_talk_goes_on_over_the_end_of_its_week(records: Records, pair: Pair) -> None:
    talk = Talking.on(records, pair, recurrence=Recurrence.WEEKLY)
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.clock.move(timedelta(days=9))
    talk.do(pair.a, K.SAY, "now I know what to say")
    with records.within(pair.b, read_only=True) as scope:
        assert {row.period for row in scope.all(scope.select(TalkMove))} == {"2026-W47"}

    talk.do(pair.b, K.END)
    with records.within(pair.b, read_only=True) as scope:
        assert talk.task(scope, pair.b).period == "2026-W48"


def test_the_questions_for_each_alone_open_after_every_ending_and_not_before(
    talk: Talking, pair: Pair
) -> None:
    def asked(viewer: Viewer) -> object:
        with talk.records.within(viewer, read_only=True) as scope:
            return TALK.walk(scope, talk.task(scope, viewer), "1")

    talk.do(pair.a, K.SPEAK_FIRST)
    assert asked(pair.a) is None
    talk.do(pair.a, K.END)
    assert asked(pair.a) == asked(pair.b) == talk.spec.form


def answer(talk: Talking, viewer: Viewer, value: str) -> None:
    """Answer whether one felt free to say no."""
    with talk.records.within(viewer) as scope:
        form = TALK.walk(scope, talk.task(scope, viewer), "1")
        task = queries.aside(scope, talk.task(scope, viewer), MechanicName.DIALOGUE, period="1", form=form)
        exercise_commands.keep_draft(scope, task, {"free_to_say_no": value}, revision=None)
        task = queries.aside(scope, talk.task(scope, viewer), MechanicName.DIALOGUE, period="1", form=form)
        exercise_commands.send(scope, task, once_key=value)


def test_words_that_were_never_sent_outlive_the_questions_afterwards(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.keep(pair.a, SAY, "half a sentence")
    talk.do(pair.b, K.END)
    answer(talk, pair.a, "yes")

    assert talk.unsent(pair.a) == {SAY: "half a sentence"}
    with talk.records.within(pair.a, read_only=True) as scope:
        task = talk.task(scope, pair.a)
        form = TALK.walk(scope, task, "1")
        walked = queries.aside(scope, task, MechanicName.DIALOGUE, period="1", form=form)
        assert walked.state is ResponseState.SENT
        assert walked.response is not None
        assert queries.answers_about_safety(scope, walked, walked.response) == {"free_to_say_no": "yes"}
        # It is kept for the therapist, and isn't put before its writer again.
        assert queries.my_values(scope, walked) == {}
    answer(talk, pair.a, "partly")
    assert talk.unsent(pair.a) == {SAY: "half a sentence"}


def test_answers_afterwards_are_for_the_therapist_alone(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.END)
    before = talk.view(pair.b), talk.turn(pair.b)
    answer(talk, pair.a, "no")

    assert (talk.view(pair.b), talk.turn(pair.b)) == before
    with talk.records.within(pair.b, read_only=True) as scope:
        assert scope.all(scope.select(Answer)) == []
    with talk.records.within(pair.therapist, read_only=True) as scope:
        assert [each.value for each in scope.all(scope.select(Answer))] == ["no"]


def test_something_to_read_again_is_there_for_both_once_a_talk_is_over(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    with talk.records.within(pair.a, read_only=True) as scope:
        assert talk.task(scope, pair.a).assignment.both_sent_at is None
    talk.do(pair.a, K.END)
    with talk.records.within(pair.b, read_only=True) as scope:
        assert talk.task(scope, pair.b).assignment.both_sent_at == scope.now


def test_who_is_not_there_gets_one_mail_an_hour_after_it_became_their_turn(
    quiet: Talking, pair: Pair
) -> None:
    quiet.do(pair.a, K.SPEAK_FIRST)
    assert mails(quiet.records, pair.b) == []
    quiet.do(pair.a, K.SAY, "the ferry was late")

    assert mails(quiet.records, pair.b) == [quiet.clock.now() + AWAY]
    assert mails(quiet.records, pair.a) == []


def test_whoever_takes_their_turn_within_the_hour_gets_no_mail(quiet: Talking, pair: Pair) -> None:
    quiet.play(*whole(pair.a, pair.b))

    assert mails(quiet.records, pair.a) == []
    assert mails(quiet.records, pair.b) == []


def test_a_talk_that_is_ended_while_the_other_is_away_tells_them_and_nothing_else_does(
    quiet: Talking, pair: Pair
) -> None:
    quiet.do(pair.a, K.SPEAK_FIRST)
    quiet.do(pair.a, K.SAY, "the ferry was late")
    quiet.do(pair.a, K.END)

    assert mails(quiet.records, pair.b) == [quiet.clock.now()]


def test_who_paused_or_ended_a_talk_is_in_no_audit_entry(talk: Talking, pair: Pair) -> None:
    talk.do(pair.a, K.SPEAK_FIRST)
    talk.do(pair.a, K.SAY, "the ferry was late")
    talk.do(pair.b, K.PAUSE)
    talk.do(pair.b, K.END)

    with talk.records.within(House(pair.a.practice_id), read_only=True) as scope:
        query = scope.select(AuditEntry).where(AuditEntry.action == Action.SENT)
        assert [entry.actor_id for entry in scope.all(query)] == [pair.a.account_id]


def test_a_stopped_talk_looks_the_same_to_the_therapist_whoever_stopped_it(
    records: Records, world: World
) -> None:
    kinds: list[list[MoveKind]] = []
    for who in ("a", "b"):
        couple = world.pair(world.sample.a.practice_id)
        talk = Talking.on(records, couple)
        talk.do(couple.a, K.SPEAK_FIRST)
        talk.do(getattr(couple, who), K.END)
        kinds.append([turn.kind for turn in talk.view(couple.a).turns])
        assert talk.turn(couple.a) is talk.turn(couple.b) is Turn.OVER
    assert kinds[0] == kinds[1]


def test_a_finished_exercise_is_still_there_to_be_read(talk: Talking, pair: Pair) -> None:
    talk.play(*whole(pair.a, pair.b))
    talk.end(AssignmentState.FINISHED)

    assert len(talk.moves(pair.a)) == len(whole(pair.a, pair.b))
