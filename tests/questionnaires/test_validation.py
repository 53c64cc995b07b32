"""Answers from outside are taken strictly, and what is wrong with them is said in codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience
from portal.questionnaires.model import (
    Condition,
    Form,
    Item,
    ItemKind,
    Operator,
    Option,
    Page,
    declined,
)
from portal.questionnaires.validation import (
    Error,
    Problem,
    Refused,
    check_draft,
    check_sending,
    clean_value,
    unanswered,
)

OPTIONS = (
    Option(key="a", text="A"),
    Option(key="b", text="B"),
    Option(key="none", text="None of these", exclusive=True),
)


def item(kind, key="q", **more):
    options = OPTIONS if kind in (ItemKind.CHOICE, ItemKind.MULTI) else ()
    return Item(key=key, kind=kind, text="?", audience=Audience.COUPLE, options=options, **more)


SCALE = item(ItemKind.SCALE, low=0, high=10)
NUMBER = item(ItemKind.NUMBER, low=-5, high=500, decimals=2)
SHORT = item(ItemKind.SHORT, max_length=5)
LONG = item(ItemKind.LONG, max_length=10)
CHOICE, MULTI, DATE = item(ItemKind.CHOICE), item(ItemKind.MULTI), item(ItemKind.DATE)


@pytest.mark.parametrize(
    ("asked", "raw", "expected"),
    [
        (SCALE, "7", 7),
        (SCALE, 7, 7),
        (SCALE, 7.0, 7),
        (SCALE, " 0 ", 0),
        (NUMBER, "-2.50", -2.5),
        (NUMBER, "3.00", 3),
        (NUMBER, 0.1, 0.1),
        (CHOICE, "a", "a"),
        (MULTI, ["b", "a", "b"], ["a", "b"]),
        (MULTI, ("none",), ["none"]),
        (DATE, "2026-11-22", "2026-11-22"),
        (SHORT, " hi ", "hi"),
        (SHORT, "a\r\nb", "a b"),
        (LONG, "a\r\nb\rc", "a\nb\nc"),
        (LONG, "👩‍❤️‍👩", "👩‍❤️‍👩"),
        (LONG, "e\u0301", "é"),
        (LONG, "\ufeff", None),
        *[(one, blank, None) for one in (SCALE, NUMBER, DATE, CHOICE, LONG) for blank in (None, "", "  \n")],
        (MULTI, [], None),
        *[(one, declined(), declined()) for one in (SCALE, NUMBER, DATE, CHOICE, MULTI, LONG)],
    ],
)
def test_good_answers_come_out_clean(asked, raw, expected):
    value = clean_value(asked, raw)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("asked", "raw", "problem"),
    [
        (SCALE, "11", Problem.TOO_HIGH),
        (SCALE, "-1", Problem.TOO_LOW),
        (SCALE, "2.5", Problem.NOT_WHOLE),
        (SCALE, 2.5, Problem.NOT_WHOLE),
        (NUMBER, "2.555", Problem.TOO_MANY_DECIMALS),
        (NUMBER, "NaN", Problem.NOT_A_NUMBER),
        (NUMBER, "sNaN", Problem.NOT_A_NUMBER),
        (NUMBER, "Infinity", Problem.NOT_A_NUMBER),
        (NUMBER, float("nan"), Problem.NOT_A_NUMBER),
        (NUMBER, float("-inf"), Problem.NOT_A_NUMBER),
        (NUMBER, 10**400, Problem.NOT_A_NUMBER),
        (NUMBER, "1" + "0" * 30, Problem.NOT_A_NUMBER),
        (NUMBER, "9" * 15, Problem.TOO_HIGH),
        (NUMBER, "1_000", Problem.NOT_A_NUMBER),
        (NUMBER, "1e3", Problem.NOT_A_NUMBER),
        (NUMBER, "+1", Problem.NOT_A_NUMBER),
        (NUMBER, "0x10", Problem.NOT_A_NUMBER),
        (NUMBER, "١", Problem.NOT_A_NUMBER),
        (NUMBER, "５", Problem.NOT_A_NUMBER),
        (NUMBER, "1,5", Problem.NOT_A_NUMBER),
        (NUMBER, True, Problem.WRONG_TYPE),
        (NUMBER, ["1"], Problem.WRONG_TYPE),
        (DATE, "0000-00-00", Problem.NOT_A_DATE),
        (DATE, "2026-02-29", Problem.NOT_A_DATE),
        (DATE, "20261122", Problem.NOT_A_DATE),
        (DATE, "2026-W47-1", Problem.NOT_A_DATE),
        (DATE, "٢٠٢٦-١١-٢٢", Problem.NOT_A_DATE),
        (DATE, "1899-12-31", Problem.DATE_OUT_OF_RANGE),
        (DATE, "2200-01-01", Problem.DATE_OUT_OF_RANGE),
        (DATE, 20261122, Problem.WRONG_TYPE),
        (CHOICE, "c", Problem.UNKNOWN_OPTION),
        (CHOICE, "A", Problem.UNKNOWN_OPTION),
        (CHOICE, ["a"], Problem.WRONG_TYPE),
        (CHOICE, 0, Problem.WRONG_TYPE),
        (MULTI, "a", Problem.WRONG_TYPE),
        (MULTI, ["a", "c"], Problem.UNKNOWN_OPTION),
        (MULTI, [["a"]], Problem.WRONG_TYPE),
        (MULTI, ["a", "none"], Problem.EXCLUSIVE_OPTION),
        (SHORT, "abcdef", Problem.TOO_LONG),
        (LONG, "x\x00y", Problem.UNSUITABLE_TEXT),
        (LONG, "\ud800", Problem.UNSUITABLE_TEXT),
        (LONG, 5, Problem.WRONG_TYPE),
        (LONG, {"declined": False}, Problem.WRONG_TYPE),
        (LONG, {"declined": 1}, Problem.WRONG_TYPE),
        (LONG, {"declined": True, "x": 1}, Problem.WRONG_TYPE),
        (LONG, {}, Problem.WRONG_TYPE),
        (item(ItemKind.LONG, prefer_not=False), declined(), Problem.MAY_NOT_DECLINE),
        (item(ItemKind.DISPLAY), "x", Problem.UNKNOWN_ITEM),
        (item(ItemKind.GROUP), declined(), Problem.MAY_NOT_DECLINE),
    ],
)
def test_anything_else_is_refused_with_its_reason(asked, raw, problem):
    with pytest.raises(Refused) as caught:
        clean_value(asked, raw)

    assert caught.value.error.problem is problem


def test_length_is_counted_in_code_points_after_line_ends_are_made_one():
    assert clean_value(LONG, "12345678\r\n9") == "12345678\n9"
    assert clean_value(LONG, "😀" * 10) == "😀" * 10
    with pytest.raises(Refused) as caught:
        clean_value(LONG, "😀" * 12)
    assert caught.value.error == Error(Problem.TOO_LONG, {"most": 10, "over": 2})


def test_a_text_without_a_limit_of_its_own_still_has_one():
    with pytest.raises(Refused):
        clean_value(item(ItemKind.LONG), "x" * 20_001)


REQUIRED = item(ItemKind.SHORT, "name", required=True)
FOLLOW_UP = item(
    ItemKind.LONG,
    "more",
    required=True,
    min_length=3,
    when=(Condition(item="pick", op=Operator.EQUALS, value="a"),),
)
PICK = item(ItemKind.CHOICE, "pick")
FORM = Form(
    pages=(Page(key="page", title="Page", items=(REQUIRED, PICK, FOLLOW_UP, item(ItemKind.DISPLAY, "d"))),)
)


def test_a_draft_may_be_incomplete_and_keeps_answers_of_items_not_asked_now():
    checked = check_draft(FORM, {"pick": "b", "more": "kept"})

    assert checked.values == {"pick": "b", "more": "kept"}
    assert checked.is_clean


def test_sending_drops_what_is_not_asked_with_its_mistakes():
    checked = check_sending(FORM, {"name": "x", "pick": "b", "more": "\x00"})

    assert checked.values == {"name": "x", "pick": "b"}
    assert checked.is_clean


def test_sending_wants_required_items_that_are_asked():
    assert check_sending(FORM, {}).errors == {"name": Error(Problem.REQUIRED)}
    assert check_sending(FORM, {"name": "x", "pick": "a"}).errors == {"more": Error(Problem.REQUIRED)}
    short = check_sending(FORM, {"name": "x", "pick": "a", "more": "ab"})
    assert short.errors == {"more": Error(Problem.TOO_SHORT, {"least": 3})}
    assert short.values == {"name": "x", "pick": "a"}
    assert not short.is_clean


def test_declining_is_enough_for_a_required_item():
    assert check_sending(FORM, {"name": declined()}).values == {"name": declined()}


def test_a_mistake_in_an_asked_item_is_kept_once():
    checked = check_sending(FORM, {"name": "\x00"})

    assert checked.errors == {"name": Error(Problem.UNSUITABLE_TEXT)}


@pytest.mark.parametrize("check", [check_draft, check_sending])
def test_answers_to_items_that_the_form_does_not_ask_are_refused(check):
    errors = check(FORM, {"name": "x", "d": "x", "ghost": 1}).errors

    assert errors == {"d": Error(Problem.UNKNOWN_ITEM), "ghost": Error(Problem.UNKNOWN_ITEM)}


def test_unanswered_names_what_is_asked_and_still_blank():
    keys = [one.key for one in unanswered(FORM, {"name": declined()})]

    assert keys == ["pick"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("a"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([SCALE, NUMBER, SHORT, LONG, CHOICE, MULTI, DATE]), JSON)
def test_whatever_comes_in_is_refused_or_comes_back_unchanged(asked, raw):
    try:
        value = clean_value(asked, raw)
    except Refused:
        return
    assert value is None or clean_value(asked, value) == value


@given(st.integers(-5, 500) | st.integers(-500, 50_000).map(lambda n: n / 100))
def test_numbers_survive_the_way_through_a_text_field(number):
    assert clean_value(NUMBER, str(number)) == number


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Co"]), max_size=10))
def test_texts_survive_the_way_through_a_text_field(text):
    roomy = item(
        ItemKind.LONG, max_length=100
    )  # Some letters grow when they are put into their regular form.

    value = clean_value(roomy, text)

    assert clean_value(roomy, (value or "").replace("\n", "\r\n")) == value
