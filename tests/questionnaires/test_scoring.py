"""Scores: exact sums, and an omitted total with its reason where the rule for missing answers isn't met."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience
from portal.questionnaires.model import (
    Band,
    Condition,
    Direction,
    Form,
    Item,
    ItemKind,
    Missing,
    Operator,
    Option,
    Page,
    Rule,
    Score,
    declined,
)
from portal.questionnaires.scoring import Ends, Omitted, ends_of, points, score_form

FREQUENCY = tuple(Option(key=f"o{score}", text=str(score), score=score) for score in range(5))


def scale(key, *, low=0, high=10, when=()):
    return Item(
        key=key,
        kind=ItemKind.SCALE,
        text=key,
        audience=Audience.THERAPIST,
        low=low,
        high=high,
        when=tuple(when),
    )


def choice(key, options=FREQUENCY, kind=ItemKind.CHOICE):
    return Item(key=key, kind=kind, text=key, audience=Audience.THERAPIST, options=tuple(options))


def score(*keys, rule=Rule.SUM, missing=Missing.ALL, bands=(), weights=(), key="total"):
    return Score(
        key=key,
        title="Total",
        items=keys,
        rule=rule,
        missing=missing,
        higher_is=Direction.HEAVIER,
        bands=bands,
        weights=weights,
    )


def total(items, scores, answers):
    scores = scores if isinstance(scores, tuple) else (scores,)
    form = Form(pages=(Page(key="page", title="Page", items=tuple(items)),), scores=scores)
    return score_form(form, answers)["total"]


AB = [scale("a"), scale("b")]


def test_a_sum_adds_up():
    result = total(AB, score("a", "b"), {"a": 3, "b": 4})

    assert (result.value, result.whole, result.omitted) == (7, 7, None)
    assert result.ends == Ends(low=Fraction(0), high=Fraction(20))
    assert (result.answered, result.asked, result.prorated) == (2, 2, False)


def test_a_mean_is_exact_and_shown_rounded_half_up():
    result = total(AB, score("a", "b", rule=Rule.MEAN), {"a": 3, "b": 4})

    assert result.value == Fraction(7, 2)
    assert result.whole == 4
    assert result.ends == Ends(low=Fraction(0), high=Fraction(10))


def test_weights_multiply_their_items():
    answers = {"a": 3, "b": 4}

    assert total(AB, score("a", "b", weights=(2, 0.1)), answers).value == Fraction(64, 10)
    mean = total(AB, score("a", "b", rule=Rule.MEAN, weights=(3, 1)), answers)
    assert mean.value == Fraction(13, 4)
    assert mean.ends == Ends(low=Fraction(0), high=Fraction(10))


def test_a_weight_stretches_each_item_to_ten_and_takes_the_mean():
    items = [scale("hurt"), choice("often")]

    result = total(items, score("hurt", "often", rule=Rule.WEIGHT), {"hurt": 7, "often": "o3"})

    assert result.value == Fraction(29, 4)
    assert result.whole == 7
    assert result.ends == Ends(low=Fraction(0), high=Fraction(10))


def test_an_item_without_ends_weighs_nothing():
    number = Item(key="n", kind=ItemKind.NUMBER, text="n", audience=Audience.COUPLE)

    result = total([number, scale("a")], score("n", "a", rule=Rule.WEIGHT), {"n": 5, "a": 10})

    assert result.value == 5


@pytest.mark.parametrize("missing", [{}, {"b": declined()}])
def test_under_all_one_missing_answer_leaves_the_total_out(missing):
    result = total(AB, score("a", "b"), {"a": 3} | missing)

    assert result.value is None
    assert result.whole is None
    assert result.band == ""
    assert result.omitted is Omitted.INCOMPLETE


def test_under_none_what_is_there_counts():
    rule = score("a", "b", missing=Missing.NONE)

    assert total(AB, rule, {"a": 3}).value == 3
    assert not total(AB, rule, {"a": 3}).prorated
    assert total(AB, rule, {}).omitted is Omitted.INCOMPLETE


def test_with_a_least_number_a_sum_is_prorated():
    items = [scale("a"), scale("b"), scale("c")]
    rule = score("a", "b", "c", missing=2)

    raised = total(items, rule, {"a": 3, "b": 4})

    assert raised.value == Fraction(21, 2)
    assert raised.prorated
    assert total(items, rule, {"a": 3}).omitted is Omitted.INCOMPLETE
    assert not total(items, rule, {"a": 1, "b": 1, "c": 1}).prorated


def test_with_a_least_number_a_mean_is_that_of_the_answers():
    result = total(AB, score("a", "b", rule=Rule.MEAN, missing=1), {"a": 3})

    assert (result.value, result.prorated) == (3, False)


def test_an_item_that_is_not_asked_is_not_missing():
    never = [Condition(item="a", op=Operator.ABOVE, value=5)]
    items = [scale("a"), scale("b", when=never)]

    assert total(items, score("a", "b"), {"a": 3, "b": 9}).value == 3
    assert total(items, score("a", "b", missing=2), {"a": 3}).value == 3
    assert total(items, score("b"), {"a": 3}).omitted is Omitted.NOT_ASKED


def test_scores_may_add_up_scores_before_them():
    parts = (
        score("a", rule=Rule.WEIGHT, key="first"),
        score("b", rule=Rule.WEIGHT, key="second"),
        score("first", "second"),
    )

    assert total(AB, parts, {"a": 3, "b": 4}).value == 7
    assert total(AB, parts, {"a": 3, "b": 4}).ends == Ends(low=Fraction(0), high=Fraction(20))
    assert total(AB, parts, {"a": 3}).omitted is Omitted.INCOMPLETE


def test_a_score_that_was_not_asked_is_no_part_of_another():
    items = [scale("a"), scale("b", when=[Condition(item="a", op=Operator.ABOVE, value=5)])]
    parts = (score("b", key="second"), score("a", "second"))

    assert total(items, parts, {"a": 3}).value == 3


def test_a_part_that_does_not_exist_is_left_out():
    assert total(AB, score("a", "gone"), {"a": 3}).value == 3


def test_bands_are_found_by_the_exact_value():
    bands = (Band(text="low", upto=3), Band(text="middle", upto=6.5), Band(text="high"))
    rule = score("a", "b", rule=Rule.MEAN, bands=bands)

    assert total(AB, rule, {"a": 3, "b": 3}).band == "low"
    assert total(AB, rule, {"a": 3, "b": 4}).band == "middle"
    assert total(AB, rule, {"a": 6, "b": 7}).band == "middle"
    assert total(AB, rule, {"a": 7, "b": 7}).band == "high"
    assert total(AB, score("a", bands=(Band(text="low", upto=3),)), {"a": 9}).band == ""


def test_points_of_choices_are_their_scores():
    several = choice("m", kind=ItemKind.MULTI)
    unscored = choice("c", [Option(key="x", text="X"), Option(key="y", text="Y")])

    assert points(choice("c"), "o3") == 3
    assert points(several, ["o1", "o3"]) == 4
    assert points(choice("c"), "gone") is None
    assert points(unscored, "x") is None
    assert points(scale("s"), "3") is None
    assert points(scale("s"), declined()) is None
    assert points(scale("s"), None) is None


def test_ends_are_known_only_where_everything_counts():
    signed = [Option(key=f"o{n}", text=str(n), score=n) for n in (-2, -1, 3, 4)]
    positive = [Option(key=f"o{n}", text=str(n), score=n) for n in (2, 3)]
    negative = [Option(key=f"o{n}", text=str(n), score=-n) for n in (2, 3)]
    partly = [Option(key="x", text="X", score=1), Option(key="y", text="Y")]

    def ends(low, high):
        return Ends(low=Fraction(low), high=Fraction(high))

    assert ends_of(choice("c", signed)) == ends(-2, 4)
    assert ends_of(choice("c", signed, ItemKind.MULTI)) == ends(-3, 7)
    assert ends_of(choice("c", positive, ItemKind.MULTI)) == ends(2, 5)
    assert ends_of(choice("c", negative, ItemKind.MULTI)) == ends(-5, -2)
    assert ends_of(choice("c", partly)) is None
    assert ends_of(choice("c", [])) is None
    assert ends_of(scale("s", low=1, high=5)) == ends(1, 5)
    assert ends_of(Item(key="n", kind=ItemKind.NUMBER, text="n", audience=Audience.COUPLE, low=0)) is None


def test_a_sum_over_an_item_without_ends_has_none():
    number = Item(key="n", kind=ItemKind.NUMBER, text="n", audience=Audience.COUPLE)

    result = total([number, scale("a")], score("n", "a"), {"n": 5, "a": 10})

    assert (result.value, result.ends) == (15, None)


@given(
    st.lists(st.none() | st.integers(0, 10), min_size=1, max_size=8),
    st.sampled_from(Rule),
    st.sampled_from([*Missing, 1, 2, 8]),
)
def test_a_score_has_a_value_within_its_ends_or_a_reason(given_values, rule, missing):
    items = [scale(f"i{position}") for position in range(len(given_values))]
    answers = {f"i{position}": value for position, value in enumerate(given_values) if value is not None}

    result = total(items, score(*(one.key for one in items), rule=rule, missing=missing), answers)

    assert (result.value is None) is (result.omitted is not None)
    if result.value is not None:
        assert result.ends is not None
        assert result.ends.low <= result.value <= result.ends.high
        assert 0 <= result.whole - result.value + Fraction(1, 2) <= 1
