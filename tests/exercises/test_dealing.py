"""Drawing cards: the same for both, none again before the deck is used up, and nothing learnt from what comes."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exercises.mechanics.dealing import Added, Opening, Period, Table, Wish, depth_of, rounds_of
from portal.exercises.mechanics.deck import Card, DeckSpec, Layer, own_card

START = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = timedelta(days=7)


def spec_of(cards=12, *, per_round=2, layers=1):
    return DeckSpec(
        per_round=per_round,
        answer_max=300,
        pass_text="Leave it empty.",
        guess_prompt="",
        therapist_cards=True,
        layers=tuple(Layer(key=f"l{n}", title=f"Layer {n}") for n in range(layers)) if layers > 1 else (),
        depth_prompt="",
        depth_hint="",
        cards=tuple(Card(key=f"c{n}", text=f"Card {n}?", layer=n % layers) for n in range(cards)),
    )


def weeks(count):
    return [Period(f"w{n}", START + n * WEEK) for n in range(count)]


def hands(rounds):
    return [[card.key for card in each.hand] for each in rounds]


def played(spec, count, *, seed="s", answering=list, at=WEEK, **more):
    """Let both answer each week's cards when the next week begins, and return the rounds."""
    openings = {}
    for n in range(count):
        table = Table(seed=seed, periods=weeks(n + 1), openings=openings, **more)
        last = rounds_of(spec, table)[-1]
        assert last.name.partition(".")[0] == f"w{n}"
        answered = frozenset(answering([card.key for card in last.hand]))
        openings[f"w{n}"] = Opening(last.begins + at, answered)
    return rounds_of(spec, Table(seed=seed, periods=weeks(count), openings=openings, **more))


def weekly(rounds):
    return [each for each in rounds if not each.is_further]


@given(st.integers(4, 30), st.integers(1, 2), st.text(max_size=8))
def test_no_card_comes_again_before_all_others_have_come(cards, per_round, seed):
    spec = spec_of(cards, per_round=per_round)

    rounds = rounds_of(spec, Table(seed=seed, periods=weeks(3 * cards)))

    drawn = Counter()
    for hand in hands(rounds):
        assert len(set(hand)) == per_round
        for key in hand:
            drawn[key] += 1
        missing = [drawn[card.key] for card in spec.cards]
        assert max(missing) - min(missing) <= 1


@given(st.integers(8, 30), st.text(max_size=8))
def test_a_new_shuffle_does_not_begin_with_the_last_cards(cards, seed):
    spec = spec_of(cards, per_round=1)

    order = [hand[0] for hand in hands(rounds_of(spec, Table(seed=seed, periods=weeks(3 * cards))))]

    for place, key in enumerate(order):
        assert key not in order[max(0, place - cards // 2 + 1) : place]


def test_two_couples_decks_fall_differently_and_one_couples_deck_always_the_same():
    spec = spec_of(40)

    first, second, again = (
        hands(rounds_of(spec, Table(seed=seed, periods=weeks(20)))) for seed in ("one", "two", "one")
    )

    assert first != second
    assert first == again


def test_a_card_that_nobody_answered_comes_once_more_before_the_deck_is_shuffled_anew():
    spec = spec_of(6, per_round=1)

    rounds = played(spec, 8, answering=lambda hand: [key for key in hand if key not in {"c1", "c4"}])

    rounds = weekly(rounds)
    order = [hand[0] for hand in hands(rounds)]
    assert sorted(order[:6]) == sorted(card.key for card in spec.cards)
    assert set(order[6:]) == {"c1", "c4"}


def test_a_card_that_is_always_passed_comes_no_more_often_than_others_in_the_long_run():
    spec = spec_of(6, per_round=1)

    rounds = played(spec, 60, answering=lambda hand: [key for key in hand if key != "c1"])

    counts = Counter(key for hand in hands(weekly(rounds)) for key in hand)
    assert counts["c1"] <= min(counts.values()) + 2


def test_once_a_round_is_open_there_is_a_further_one_with_other_cards_within_the_same_week():
    spec = spec_of(12)
    opening = Opening(START + timedelta(days=1), frozenset())

    before = rounds_of(spec, Table(seed="s", periods=weeks(1)))
    after = rounds_of(spec, Table(seed="s", periods=weeks(1), openings={"w0": opening}))

    assert [each.name for each in before] == ["w0"]
    assert [each.name for each in after] == ["w0", "w0.2"]
    assert after[0].hand == before[0].hand
    assert not set(hands(after)[0]) & set(hands(after)[1])
    assert after[1].begins == opening.at


def test_a_round_that_opens_late_brings_no_further_one_and_changes_no_later_cards():
    spec = spec_of(12)

    before = rounds_of(spec, Table(seed="s", periods=weeks(3)))
    late = Opening(START + timedelta(days=10), frozenset({"c1"}))
    after = rounds_of(spec, Table(seed="s", periods=weeks(3), openings={"w0": late}))

    assert hands(after)[:2] == hands(before)[:2]
    assert [each.name for each in after] == ["w0", "w1", "w2"]


def test_an_own_card_comes_with_the_next_round_that_begins_and_only_one_in_each():
    spec = spec_of(12)
    added = [Added(own_card(n, f"Own {n}?"), START + timedelta(days=n)) for n in (1, 2, 8)]

    rounds = rounds_of(spec, Table(seed="s", periods=weeks(5), added=added))

    own = [[card.key for card in each.hand if card.is_own] for each in rounds]
    assert own[0] == []
    assert sorted(own[1] + own[2]) == ["own_1", "own_2"]
    assert own[3] == ["own_8"]
    assert own[4] == []


def test_what_a_further_round_held_unanswered_comes_back_before_anything_is_repeated():
    spec = spec_of(12)

    rounds = weekly(played(spec, 6, at=timedelta(days=2)))

    answered = [key for hand in hands(rounds) for key in hand]
    assert sorted(answered) == sorted(card.key for card in spec.cards)


def test_an_own_card_never_waits_in_a_further_round_unless_time_brings_no_other():
    added = [Added(own_card(1, "Own?"), START + timedelta(days=1))]
    openings = {"w0": Opening(START + timedelta(days=2), frozenset())}
    table = Table(seed="s", periods=weeks(2), added=added, openings=openings)

    weekly_deck = rounds_of(spec_of(12), table)
    single_deck = rounds_of(spec_of(12), replace(table, periods=weeks(1), is_once=True))

    assert ["own_1" in hand for hand in hands(weekly_deck)] == [False, False, True]
    assert ["own_1" in hand for hand in hands(single_deck)] == [False, True]


def test_an_own_card_that_was_there_before_the_first_round_comes_with_it():
    added = [Added(own_card(1, "Own?"), START - timedelta(days=1))]

    rounds = rounds_of(spec_of(12), Table(seed="s", periods=weeks(1), added=added))

    assert "own_1" in hands(rounds)[0]


def wish(who, layer, day, name="w0"):
    return Wish(who, layer, name, START + timedelta(days=day))


def layers(rounds):
    return [{card.layer for card in each.hand} for each in rounds]


def test_cards_go_only_as_deep_as_the_more_careful_of_the_two_last_wished():
    spec = spec_of(60, per_round=6, layers=3)
    wishes = [wish("a", 2, 1), wish("b", 1, 2), wish("b", 2, 8, "w1"), wish("a", 0, 16, "w2")]

    found = layers(rounds_of(spec, Table(seed="s", periods=weeks(4), wishes=wishes)))

    assert found[0] == {0}
    assert max(found[1]) == 1
    assert max(found[2]) == 2
    assert found[3] == {0}


def test_what_one_of_the_two_wishes_alone_changes_no_card():
    spec = spec_of(60, per_round=6, layers=3)

    quiet = rounds_of(spec, Table(seed="s", periods=weeks(4)))
    wished = rounds_of(spec, Table(seed="s", periods=weeks(4), wishes=[wish("a", 2, 1)]))

    assert hands(wished) == hands(quiet)
    assert depth_of([]) == depth_of([wish("a", 2, 1)]) == 0


def test_a_wish_counts_only_for_rounds_that_begin_after_it():
    spec = spec_of(60, per_round=6, layers=3)
    late = [wish("a", 2, 9, "w0"), wish("b", 2, 9, "w0")]

    found = layers(rounds_of(spec, Table(seed="s", periods=weeks(3), wishes=late)))

    assert found[1] == {0}
    assert found[2] != {0}


days = st.floats(0, 40, allow_nan=False)


@st.composite
def happenings(draw):
    """Anything that can happen to a deck over six weeks, in any order."""
    added = [
        Added(own_card(n, f"Own {n}?"), START + timedelta(days=draw(days)))
        for n in range(draw(st.integers(0, 4)))
    ]
    wishes = [
        Wish(draw(st.sampled_from("ab")), draw(st.integers(0, 2)), f"w{draw(st.integers(0, 5))}", START + timedelta(days=draw(days)))
        for _ in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    names = [f"w{n}{more}" for n in range(6) for more in ("", ".2")]
    openings = {}
    for name in draw(st.sets(st.sampled_from(names))):
        week = int(name[1])
        day = 7 * week + draw(st.floats(0.1, 20, allow_nan=False))
        keys = draw(st.frozensets(st.sampled_from([f"c{n}" for n in range(18)]), max_size=4))
        openings[name] = Opening(START + timedelta(days=day), keys)
    return added, wishes, openings


def as_known(table, moment):
    """Return a table as it stood at a moment."""
    return replace(
        table,
        periods=[each for each in table.periods if each.begins <= moment],
        added=[each for each in table.added if each.at <= moment],
        wishes=[each for each in table.wishes if each.at <= moment],
        openings={name: each for name, each in table.openings.items() if each.at <= moment},
    )


@given(happenings(), days)
@settings(max_examples=300)
def test_a_round_that_has_begun_keeps_its_cards_whatever_happens_afterwards(happened, day):
    added, wishes, openings = happened
    spec = spec_of(18, layers=3)
    whole = Table(seed="s", periods=weeks(6), added=added, wishes=wishes, openings=openings)

    then = rounds_of(spec, as_known(whole, START + timedelta(days=day)))
    now = {each.name: each.hand for each in rounds_of(spec, whole)}

    for each in then:
        assert now[each.name] == each.hand


@given(happenings())
@settings(max_examples=300)
def test_a_hand_never_holds_the_same_card_twice_and_is_never_short(happened):
    added, wishes, openings = happened
    spec = spec_of(18, layers=3)

    rounds = rounds_of(spec, Table(seed="s", periods=weeks(6), added=added, wishes=wishes, openings=openings))

    for each in rounds:
        keys = [card.key for card in each.hand]
        assert len(keys) == len(set(keys)) == spec.per_round
        assert sum(card.is_own for card in each.hand) <= spec.per_round
