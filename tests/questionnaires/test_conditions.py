"""Which items are asked: the rules of HL7's code system, disabled sources, and circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience
from portal.questionnaires.conditions import (
    CyclicConditions,
    enabled_answers,
    enabled_keys,
    holds,
    pages_to_walk,
    refuse_cycles,
    unpaired_differences,
)
from portal.questionnaires.model import (
    Condition,
    Form,
    Item,
    ItemKind,
    Match,
    Operator,
    Option,
    Page,
    declined,
)

OPTIONS = (Option(key="a", text="A"), Option(key="b", text="B"))


def item(key, *, kind=ItemKind.SHORT, when=(), match=Match.ANY, items=()):
    return Item(
        key=key,
        kind=kind,
        text=key,
        audience=Audience.COUPLE,
        options=OPTIONS if kind in (ItemKind.CHOICE, ItemKind.MULTI) else (),
        when=tuple(when),
        when_match=match,
        items=tuple(items),
    )


def form(*items):
    return Form(pages=(Page(key="page", title="Page", items=items),))


def ask(key, op, value):
    return Condition(item=key, op=Operator(op), value=value)


# Columns: s = a, s != a, s exists, s doesn't exist, n > 3, n != 3, n <= 3 (s: several of a and b, n: a number).
TRUTH = [
    ({}, [0, 1, 0, 1, 0, 1, 0]),
    ({"s": ["a"], "n": 3}, [1, 0, 1, 0, 0, 0, 1]),
    ({"s": ["b"], "n": 5}, [0, 1, 1, 0, 1, 1, 0]),
    ({"s": ["a", "b"], "n": 0}, [1, 0, 1, 0, 0, 1, 1]),
]
ASKED = [
    ask("s", "=", "a"),
    ask("s", "!=", "a"),
    ask("s", "exists", True),
    ask("s", "exists", False),
    ask("n", ">", 3),
    ask("n", "!=", 3),
    ask("n", "<=", 3),
]


@pytest.mark.parametrize(("answers", "expected"), TRUTH)
def test_operators_mean_what_the_code_system_says(answers, expected):
    dependents = [item(f"q{position}", when=[one]) for position, one in enumerate(ASKED)]
    whole = form(item("s", kind=ItemKind.MULTI), item("n", kind=ItemKind.NUMBER), *dependents)

    enabled = enabled_keys(whole, answers)

    assert [int(one.key in enabled) for one in dependents] == expected


@pytest.mark.parametrize("blank", [None, "", [], declined()])
def test_blank_and_declined_answers_count_as_no_answer(blank):
    assert holds(ask("s", "exists", False), blank)
    assert holds(ask("s", "!=", "a"), blank)
    assert not holds(ask("s", "=", "a"), blank)
    assert not holds(ask("s", ">=", 0), blank)


@pytest.mark.parametrize(
    ("op", "value", "given_value", "expected"),
    [
        (">", "2026-01-01", "2026-01-02", True),
        ("<", "2026-01-01", "2026-01-02", False),
        (">=", "2026-01-02", "2026-01-02", True),
        ("<=", "2026-01-02", "2026-01-03", False),
        ("<", 4, 3.5, True),
        (">=", 4, 3.5, False),
        (">", "b", "c", False),
        (">", "2026-01-01", "soon", False),
        (">", "three", 4, False),
        (">", True, 4, False),
        (">", 3, "2026-01-01", False),
        ("=", 3, 3.0, True),
    ],
)
def test_order_is_for_numbers_and_days_only(op, value, given_value, expected):
    assert holds(ask("x", op, value), given_value) is expected


def test_any_needs_one_condition_and_all_needs_every_one():
    both = [ask("s", "=", "a"), ask("n", ">", 3)]
    whole = form(
        item("s", kind=ItemKind.CHOICE),
        item("n", kind=ItemKind.NUMBER),
        item("any_of", when=both, match=Match.ANY),
        item("all_of", when=both, match=Match.ALL),
    )

    assert {"any_of"} == enabled_keys(whole, {"s": "a", "n": 1}) - {"s", "n"}
    assert {"any_of", "all_of"} == enabled_keys(whole, {"s": "a", "n": 4}) - {"s", "n"}
    assert not enabled_keys(whole, {"s": "b", "n": 1}) - {"s", "n"}


def test_the_answer_of_an_item_that_is_not_asked_counts_as_none():
    whole = form(
        item("first", kind=ItemKind.CHOICE),
        item("second", kind=ItemKind.CHOICE, when=[ask("first", "=", "a")]),
        item("third", when=[ask("second", "=", "a")]),
        item("without", when=[ask("second", "exists", False)]),
    )

    answers = {"first": "b", "second": "a", "third": "kept"}

    assert enabled_keys(whole, answers) == {"first", "without"}
    assert enabled_answers(whole, answers) == {"first": "b"}
    assert enabled_keys(whole, answers | {"first": "a"}) == {"first", "second", "third"}


def test_an_item_may_look_at_a_later_one():
    whole = form(item("early", when=[ask("late", "exists", True)]), item("late"))

    assert enabled_keys(whole, {"late": "yes"}) == {"early", "late"}


def test_a_group_takes_its_items_with_it():
    whole = form(
        item("s", kind=ItemKind.CHOICE),
        item("group", kind=ItemKind.GROUP, when=[ask("s", "=", "a")], items=[item("inside")]),
        item("after", when=[ask("inside", "exists", True)]),
    )

    assert enabled_keys(whole, {"s": "b", "inside": "x"}) == {"s"}
    assert enabled_keys(whole, {"s": "a", "inside": "x"}) == {"s", "group", "inside", "after"}


def test_a_condition_on_an_unknown_item_sees_no_answer():
    whole = form(item("a", when=[ask("nobody", "exists", True)]), item("b", when=[ask("nobody", "!=", 1)]))

    assert enabled_keys(whole, {"nobody": 1}) == {"b"}


def test_circles_are_refused_with_the_items_in_them():
    whole = form(
        item("a", when=[ask("b", "exists", True)]),
        item("b", when=[ask("c", "exists", True)]),
        item("c", when=[ask("a", "exists", True)]),
        item("d"),
    )

    with pytest.raises(CyclicConditions) as caught:
        refuse_cycles(whole)

    assert set(caught.value.keys) == {"a", "b", "c"}
    assert "a" in str(caught.value)


def test_a_group_that_waits_for_its_own_item_is_a_circle():
    group = item("group", kind=ItemKind.GROUP, when=[ask("inside", "exists", True)], items=[item("inside")])

    with pytest.raises(CyclicConditions):
        enabled_keys(form(group), {})


def test_a_form_without_circles_passes():
    refuse_cycles(form(item("a"), item("b", when=[ask("a", "exists", True)])))


def test_pages_on_which_nothing_is_asked_are_skipped():
    first = Page(key="one", title="One", items=(item("s", kind=ItemKind.CHOICE),))
    second = Page(key="two", title="Two", items=(item("t", when=[ask("s", "=", "a")]),))
    whole = Form(pages=(first, second))

    assert pages_to_walk(whole, {}) == (first,)
    assert pages_to_walk(whole, {"s": "a"}) == (first, second)


def test_differences_without_exists_are_pointed_out():
    exists, differs = ask("s", "exists", True), ask("s", "!=", "a")
    whole = form(
        item("s", kind=ItemKind.CHOICE),
        item("alone", when=[differs]),
        item("paired", when=[differs, exists], match=Match.ALL),
        item("either", when=[differs, exists], match=Match.ANY),
        item("other", when=[exists]),
    )

    assert unpaired_differences(whole) == ("alone", "either")


CONDITIONS = st.builds(
    Condition,
    item=st.sampled_from(["i0", "i1", "i2", "i3", "i4", "gone"]),
    op=st.sampled_from(Operator),
    value=st.sampled_from([0, 1, 2, "a", "b", True, False]),
)
VALUES = st.sampled_from([0, 1, 2, "a", "b", "", ["a"], ["a", "b"], declined()])


@st.composite
def forms(draw):
    items = [
        item(f"i{position}", when=draw(st.lists(CONDITIONS, max_size=3)), match=draw(st.sampled_from(Match)))
        for position in range(5)
    ]
    if draw(st.booleans()):
        group = item("g", kind=ItemKind.GROUP, when=draw(st.lists(CONDITIONS, max_size=1)), items=items[3:])
        items = [*items[:3], group]
    return form(*items)


def is_stable(whole, answers, enabled):
    """Say whether a set of enabled items is what the conditions give, seeing only answers of enabled items."""
    parents = {child.key: one for one in whole.walk() for child in one.items}

    def is_asked(one):
        held = [holds(c, answers.get(c.item) if c.item in enabled else None) for c in one.when]
        own = not held or (all(held) if one.when_match is Match.ALL else any(held))
        return own and (one.key not in parents or parents[one.key].key in enabled)

    return enabled == {one.key for one in whole.walk() if is_asked(one)}


@given(forms(), st.dictionaries(st.sampled_from(["i0", "i1", "i2", "i3", "i4"]), VALUES))
def test_the_enabled_items_are_the_fixpoint_of_the_conditions(whole, answers):
    try:
        enabled = enabled_keys(whole, answers)
    except CyclicConditions:
        return

    assert is_stable(whole, answers, enabled)
    assert enabled_keys(whole, enabled_answers(whole, answers)) == enabled
