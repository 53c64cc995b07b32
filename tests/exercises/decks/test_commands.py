"""Cards for two people on both databases: the same for both, nothing of the other's before both have sent."""

import threading
from datetime import timedelta

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.exercises import care_commands
from portal.exercises import commands as exercise_commands
from portal.exercises.commands import TooLate
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.deck import DEPTH, DeckSpec
from portal.exercises.models import AssignmentState, ResponseState
from portal.exercises.parts.decks import commands, queries
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.people.models import OutgoingMail
from tests.exercises.decks.dealing import WEEK, answer, answer_key, hand, pass_time, rounds, walk
from tests.exercises.doing import give, task_of
from tests.factories import Pair, World

PLAIN, LAYERED, GUESSING = "tell-me-more", "hopes-and-fears", "curiosity-cards"


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def weekly(records: Records, pair: Pair, slug: str = PLAIN, **more: object) -> str:
    return give(records, pair, slug, recurrence=Recurrence.WEEKLY, **more)  # type: ignore[arg-type]


def read(records: Records, viewer: object, assignment: str) -> dict[str, dict[str, object]]:
    """Return what somebody may read: values by author."""
    with records.within(viewer, read_only=True) as scope:  # type: ignore[arg-type]
        found = scope.find(queries.Assignment, assignment)
        return {each.author_id: each.values for each in queries.written(scope, found)}


def test_both_partners_and_their_therapist_see_the_same_cards_week_after_week(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair)
    drawn: list[str] = []
    for _week in range(6):
        first, second, third = (hand(records, each, deck) for each in (pair.a, pair.b, pair.therapist))
        assert first == second == third
        drawn += first
        pass_time(records, WEEK)
    assert len(set(drawn)) == len(drawn) == 12


def test_what_one_did_alone_changes_no_card_of_the_other(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair, LAYERED)
    quiet = weekly(records, pair, LAYERED)
    answer(records, pair.a, deck, words="Mine", depth="third")
    pass_time(records, WEEK)
    cards = rounds(records, pair.b, deck)
    assert [len(each.hand) for each in cards] == [1, 1]
    assert {card.layer for each in cards for card in each.hand} == {0}
    assert [each.name for each in cards] == [each.name for each in rounds(records, pair.b, quiet)]
    assert all(each.opening is None for each in cards)


def test_answers_open_to_both_once_both_have_sent_and_not_before(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair, GUESSING)
    answer(records, pair.a, deck, words="Sam")
    assert list(read(records, pair.b, deck)) == []
    assert list(read(records, pair.a, deck)) == [pair.a.account_id]
    assert list(read(records, pair.therapist, deck)) == [pair.a.account_id]
    answer(records, pair.b, deck, words="Alex")
    for viewer in (pair.a, pair.b, pair.therapist):
        assert set(read(records, viewer, deck)) == {pair.a.account_id, pair.b.account_id}
    assert rounds(records, pair.a, deck)[0].opening == rounds(records, pair.b, deck)[0].opening is not None


def test_a_pass_leaves_no_row_and_a_round_of_passes_still_opens_the_other(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair)
    first, second = hand(records, pair.a, deck)
    answer(records, pair.a, deck, values={answer_key(first): "Only this one"})
    answer(records, pair.b, deck)
    assert read(records, pair.b, deck) == {pair.a.account_id: {answer_key(first): "Only this one"}}
    assert read(records, pair.a, deck) == read(records, pair.b, deck)
    opening = rounds(records, pair.a, deck)[0].opening
    assert opening is not None
    assert opening.answered == {first}
    assert second not in opening.answered


def test_sent_answers_can_be_changed_until_they_open_and_never_after(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair)
    answer(records, pair.a, deck, words="First")
    answer(records, pair.a, deck, words="Second")
    card = answer_key(hand(records, pair.a, deck)[0])
    answer(records, pair.b, deck, words="Alex")
    assert read(records, pair.b, deck)[pair.a.account_id][card] == f"Second {card}"
    name = rounds(records, pair.a, deck)[0].name
    with records.within(pair.a, read_only=True) as scope:
        assert queries.form_for(scope, task_of(scope, pair.a, deck), name) is None


def test_what_was_sent_in_an_earlier_week_can_be_answered_late_by_the_other_but_not_changed(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair)
    name = answer(records, pair.a, deck, words="Sam")
    pass_time(records, WEEK)
    later = hand(records, pair.b, deck)
    with records.within(pair.a, read_only=True) as scope:
        assert queries.form_for(scope, task_of(scope, pair.a, deck), name) is None
    answer(records, pair.b, deck, words="Alex", name=name)
    assert set(read(records, pair.b, deck)) == {pair.a.account_id, pair.b.account_id}
    assert hand(records, pair.b, deck) == hand(records, pair.a, deck) == later


def test_a_further_round_is_there_for_both_as_soon_as_one_is_open(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair)
    answer(records, pair.a, deck, words="Sam")
    assert len(rounds(records, pair.a, deck)) == 1
    answer(records, pair.b, deck, words="Alex")
    names = [each.name for each in rounds(records, pair.b, deck)]
    assert names[1] == f"{names[0]}.2"
    answer(records, pair.b, deck, words="More", name=names[1])
    assert [each.name for each in rounds(records, pair.a, deck)] == names
    answer(records, pair.a, deck, words="More", name=names[1])
    assert len(rounds(records, pair.a, deck)) == 3


def test_a_deck_given_once_goes_on_as_long_as_both_like(records: Records, pair: Pair) -> None:
    deck = give(records, pair, PLAIN, recurrence=Recurrence.ONCE)
    drawn: list[str] = []
    for _round in range(4):
        drawn += hand(records, pair.a, deck)
        answer(records, pair.a, deck, words="Sam")
        answer(records, pair.b, deck, words="Alex")
        pass_time(records, timedelta(hours=1))
    assert [each.name for each in rounds(records, pair.a, deck)] == ["1", "1.2", "1.3", "1.4", "1.5"]
    assert len(set(drawn)) == 8


def test_cards_go_deeper_only_once_both_have_wished_for_it(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair, LAYERED)
    spec = library()[LAYERED].spec(DeckSpec)
    assert spec is not None
    answer(records, pair.a, deck, words="Sam", depth="third")
    answer(records, pair.b, deck, words="Alex", depth="second")
    with records.within(pair.b, read_only=True) as scope:
        assert DEPTH not in {
            each.item
            for each in scope.all(scope.select(queries.Answer))
            if each.author_id == pair.a.account_id
        }
    with records.within(pair.therapist, read_only=True) as scope:
        assert DEPTH not in {each.item for each in scope.all(scope.select(queries.Answer))}
    pass_time(records, 30 * WEEK)
    layers = {card.layer for each in rounds(records, pair.a, deck)[2:] for card in each.hand}
    assert layers == {0, 1}


def test_an_own_card_is_sealed_and_comes_with_the_next_round(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair)
    for text in ("  What is it like\n at the allotment? ", "What is it like at the ALLOTMENT?"):
        with records.within(pair.therapist) as scope:
            card = commands.add_card(scope, deck, text)
            assert (card is None) is ("ALLOTMENT" in text)
    with records.within(pair.therapist, read_only=True) as scope:
        (kept,) = scope.all(scope.select(queries.OwnCard))
        assert b"allotment" not in kept.text_sealed
    assert not any(card.is_own for card in rounds(records, pair.a, deck)[0].hand)
    pass_time(records, WEEK)
    texts = [card.text for card in rounds(records, pair.b, deck)[1].hand]
    assert "What is it like at the allotment?" in texts
    assert hand(records, pair.a, deck) == hand(records, pair.b, deck)


def test_an_own_card_added_before_the_release_comes_with_the_first_round(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair, release=False)
    with records.within(pair.therapist) as scope:
        commands.add_card(scope, deck, "What did you see on the way?")
    assert rounds(records, pair.therapist, deck) == ()
    pass_time(records, timedelta(hours=1))
    with records.within(pair.therapist) as scope:
        care_commands.release(scope, deck)
    assert "own_1" in hand(records, pair.a, deck)


def test_an_own_card_can_be_taken_out_until_it_can_have_been_drawn(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair)
    for text in ("One?", "Two?"):
        with records.within(pair.therapist) as scope:
            commands.add_card(scope, deck, text)
    with records.within(pair.therapist) as scope:
        commands.take_out_card(scope, deck, 1)
        commands.take_out_card(scope, deck, 99)
    pass_time(records, WEEK)
    with pytest.raises(TooLate), records.within(pair.therapist) as scope:
        commands.take_out_card(scope, deck, 2)
    assert "own_2" in hand(records, pair.a, deck)


def test_nobody_else_adds_cards_and_none_goes_into_what_has_ended(
    records: Records, pair: Pair, world: World
) -> None:
    deck = weekly(records, pair)
    other = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (pair.a, other.therapist):
        with pytest.raises(Refused), records.within(viewer) as scope:
            commands.add_card(scope, deck, "Why?")
    letter = give(records, pair, "i-statements")
    with pytest.raises(Refused), records.within(pair.therapist) as scope:
        commands.add_card(scope, letter, "Why?")
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, deck, state=AssignmentState.FINISHED)
    with pytest.raises(Refused), records.within(pair.therapist) as scope:
        commands.add_card(scope, deck, "Why?")


def test_a_round_that_was_sent_can_be_taken_back_until_it_opens(records: Records, pair: Pair) -> None:
    deck = weekly(records, pair)
    name = answer(records, pair.a, deck, words="Sam")
    pass_time(records, timedelta(days=1))
    with records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, deck), name)
    assert read(records, pair.therapist, deck) == {}
    with records.within(pair.a, read_only=True) as scope:
        task = walk(scope, pair.a, deck, name)
        assert task.state is ResponseState.DRAFT
        kept = exercise_commands.my_draft(scope, task.response)
        assert set(kept.values.values()) == {f"Sam {answer_key(key)}" for key in hand(records, pair.a, deck)}
    answer(records, pair.b, deck, words="Alex")
    assert read(records, pair.b, deck).keys() == {pair.b.account_id}
    answer(records, pair.a, deck, words="Sam")
    with pytest.raises(TooLate), records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, deck), name)


def test_each_opening_is_told_by_one_neutral_mail_to_the_one_who_was_first(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair)
    with records.within(pair.therapist) as scope:
        for mail in scope.all(scope.select(OutgoingMail)):
            scope.delete(mail)
    answer(records, pair.a, deck, words="Sam")
    assert _mails(records, pair) == []
    answer(records, pair.b, deck, words="Alex")
    assert _mails(records, pair) == [pair.a.account_id]


def _mails(records: Records, pair: Pair) -> list[str]:
    with records.within(pair.therapist, read_only=True) as scope:
        return [each.account_id for each in scope.all(scope.select(OutgoingMail))]


def test_two_who_send_at_the_same_moment_both_find_the_cards_turned_over(
    records: Records, pair: Pair
) -> None:
    deck = weekly(records, pair)
    first = records.scope(pair.a)
    task = walk(first, pair.a, deck)
    exercise_commands.keep_draft(first, task, {task.form.questions[0].key: "Sam"}, revision=None)
    exercise_commands.send(first, walk(first, pair.a, deck), once_key=new_id())
    other = threading.Thread(target=answer, args=(records, pair.b, deck), kwargs={"words": "Alex"})
    other.start()
    other.join(timeout=0.5)
    first.commit()
    first.close()
    other.join(timeout=30)
    assert not other.is_alive()
    assert (
        set(read(records, pair.a, deck))
        == set(read(records, pair.b, deck))
        == {
            pair.a.account_id,
            pair.b.account_id,
        }
    )
