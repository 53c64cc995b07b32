"""Pages, items and scores as they are written in definition files, and every mistake that can be made there."""

import pytest

from portal.access.privacy import Audience
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.model import (
    Band,
    Condition,
    Direction,
    ItemKind,
    Match,
    Missing,
    Operator,
    Option,
    Rule,
)
from portal.questionnaires.reading import read_pages, read_scores


def read(text):
    def reader(table):
        pages = read_pages(table, Audience.THERAPIST, allowed={Audience.THERAPIST, Audience.COUPLE})
        return pages, read_scores(table, pages)

    return read_definition(text, reader, name="form.toml")


def problems(text):
    with pytest.raises(DefinitionError) as caught:
        read(text)
    return [f"{mistake.key}: {mistake.problem}" for mistake in caught.value.mistakes]


def page(*items, key="one"):
    return f'[[pages]]\nkey = "{key}"\ntitle = "Page"\n' + "".join(
        f"[[pages.items]]\n{one}\n" for one in items
    )


def item(key, kind, more=""):
    return f'key = "{key}"\nkind = "{kind}"\ntext = "?"\n{more}'


SCALE = item("s", "scale", 'low = 0\nhigh = 10\nlow_text = "Low"\nhigh_text = "High"')
CHOICE = item("c", "choice", 'options = [{ key = "a", text = "A" }, { key = "b", text = "B" }]')
NUMBER = item("n", "number", "low = 0\nhigh = 9.5")
DATE = item("d", "date")


def test_every_kind_of_item_is_read():
    multi = item(
        "m",
        "multi",
        'options = [{key = "a", text = "A", score = 1}, {key = "z", text = "Z", exclusive = true}]',
    )
    number = item("n", "number", 'low = 0\nhigh = 9.5\ndecimals = 1\nunit = "hours"')
    short = item("t", "short", 'hint = "Few words"\nrequired = true\nprefer_not = false\naudience = "couple"')
    long = item("l", "long", "min_length = 3\nmax_length = 300")
    pages, scores = read(page(SCALE, CHOICE, multi, number, DATE, short, long, item("x", "display")))

    by_key = {one.key: one for one in pages[0].walk()}
    assert scores == ()
    assert (by_key["s"].low, by_key["s"].high, by_key["s"].low_text) == (0, 10, "Low")
    assert by_key["m"].options == (
        Option(key="a", text="A", score=1),
        Option(key="z", text="Z", exclusive=True),
    )
    assert (by_key["n"].decimals, by_key["n"].unit) == (1, "hours")
    assert by_key["t"].required
    assert not by_key["t"].prefer_not
    assert by_key["t"].audience is Audience.COUPLE
    assert by_key["t"].max_length == 200
    assert (by_key["l"].min_length, by_key["l"].max_length) == (3, 300)
    assert by_key["s"].audience is Audience.THERAPIST
    assert by_key["x"].kind is ItemKind.DISPLAY
    assert not by_key["x"].prefer_not


def test_conditions_look_at_earlier_pages():
    one = item("q", "short", 'when = [{ item = "s", op = ">", value = 3 }]')
    two = item(
        "r",
        "short",
        'when_match = "all"\nwhen = [{ item = "c", op = "=", value = "a" }, { item = "d", op = "<=", value = "2026-01-01" }]',
    )
    three = item("t", "short", 'when = [{ item = "s", op = "exists", value = true }]')

    pages, _ = read(page(SCALE, CHOICE, DATE) + page(one, two, three, key="two"))

    first, second, _third = pages[1].items
    assert first.when == (Condition(item="s", op=Operator.ABOVE, value=3),)
    assert first.when_match is Match.ANY
    assert second.when_match is Match.ALL
    assert len(second.when) == 2


@pytest.mark.parametrize(
    "condition",
    [
        '{ item = "s", op = "exists", value = 1 }',
        '{ item = "s", op = "=", value = "a" }',
        '{ item = "s", op = "=", value = true }',
        '{ item = "c", op = "=", value = "z" }',
        '{ item = "c", op = "=", value = 1 }',
        '{ item = "c", op = ">", value = "a" }',
        '{ item = "d", op = ">", value = "soon" }',
        '{ item = "t", op = "=", value = "x" }',
    ],
)
def test_conditions_that_can_never_be_asked_are_mistakes(condition):
    text = page(SCALE, CHOICE, DATE, item("t", "short"))
    text += page(item("q", "short", f"when = [{condition}]"), key="two")

    assert "can never be asked of" in problems(text)[0]


@pytest.mark.parametrize("source", ["ghost", "q", "s", "x"])
def test_conditions_on_anything_but_an_earlier_question_are_mistakes(source):
    text = page(item("x", "display"))
    text += page(
        SCALE, item("q", "short", f'when = [{{ item = "{source}", op = "exists", value = true }}]'), key="two"
    )

    assert problems(text) == [
        f"pages[2].items[2].when[1].item: there is no question '{source}' on an earlier page"
    ]


def test_two_conditions_have_to_say_how_many_hold():
    conditions = 'when = [{ item = "s", op = ">", value = 3 }, { item = "s", op = "<", value = 5 }]'

    assert problems(page(SCALE) + page(item("q", "short", conditions), key="two")) == [
        "pages[2].items[1].when_match: is missing"
    ]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (item("g", "group"), "kind: groups can't be written here; use pages"),
        (item("data", "short"), "key: data is taken by the web form"),
        (item("validate_it", "short"), "key: validate_it is taken by the web form"),
        (item("q", "short", 'audience = "private"'), "audience: private isn't possible here"),
        (item("q", "choice", 'options = [{ key = "a", text = "A" }]'), "options: must hold at least 2"),
        (
            item("q", "multi", 'options = [{ key = "a", text = "A" }, { key = "a", text = "B" }]'),
            "options: the option key a comes twice",
        ),
        (
            item(
                "q",
                "choice",
                'options = [{ key = "a", text = "A" }, { key = "b", text = "B", exclusive = true }]',
            ),
            "options: only a multi item has exclusive options",
        ),
        (SCALE.replace("high = 10", "high = 11"), "high: a scale has 2 to 11 points"),
        (SCALE.replace("high = 10", "high = 0"), "high: a scale has 2 to 11 points"),
        (NUMBER.replace("9.5", "0"), "high: must be above low"),
        (item("q", "short", "min_length = 300"), "min_length: must not be above max_length"),
        (item("q", "display", "required = true"), "required: unknown key"),
        (item("q", "short", 'unit = "km"'), "unit: unknown key"),
    ],
)
def test_each_wrong_item_is_named(wrong, problem):
    assert problems(page(wrong))[0].startswith(f"pages[1].items[1].{problem}")


def test_keys_come_once():
    assert problems(page(SCALE, SCALE) + page(SCALE)) == [
        "pages: the page key one comes twice",
        "pages[1].items: the item key s comes twice",
        "pages[2].items: the item key s comes twice",
    ]


def score(more, key="w"):
    return f'[[scores]]\nkey = "{key}"\ntitle = "Weight"\nhigher_is = "heavier"\n{more}\n'


SUM = 'items = ["s", "n"]\nrule = "sum"\n'


def test_scores_are_read():
    text = page(SCALE, NUMBER)
    text += score(
        SUM + 'missing = 1\nweights = [1, 2.5]\nbands = [{ upto = 3, text = "low" }, { text = "high" }]'
    )
    text += score('items = ["w"]\nrule = "mean"\nmissing = "none"', key="m")

    _, (first, second) = read(text)

    assert (first.rule, first.missing, first.weights) == (Rule.SUM, 1, (1, 2.5))
    assert first.bands == (Band(text="low", upto=3), Band(text="high"))
    assert first.higher_is is Direction.HEAVIER
    assert (second.items, second.rule, second.missing) == (("w",), Rule.MEAN, Missing.NONE)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (SUM, "missing: is missing"),
        (SUM + 'missing = "some"', "missing: 'some' is not one of all, none"),
        (SUM + "missing = 3", "missing: must be at most 2"),
        (SUM + 'missing = "all"\nweights = [1]', "weights: must be one number above 0 for each item"),
        (SUM + 'missing = "all"\nweights = [1, 0]', "weights: must be one number above 0 for each item"),
        (SUM.replace("sum", "weight") + 'missing = "all"\nweights = [1, 1]', "weights: must be one number"),
        ('items = ["s", "s"]\nrule = "sum"\nmissing = "all"', "items: s comes twice"),
        ('items = ["gone"]\nrule = "sum"\nmissing = "all"', "items: there is no item, and no score above"),
        ('items = ["c"]\nrule = "sum"\nmissing = "all"', "items: c can't be counted"),
        (SUM + 'missing = "all"\nbands = [{ text = "a" }, { text = "b" }]', "bands: each but the last needs"),
        (
            SUM + 'missing = "all"\nbands = [{ upto = 3, text = "a" }, { upto = 3, text = "b" }]',
            "bands: each but the last needs",
        ),
    ],
)
def test_each_wrong_score_is_named(wrong, problem):
    assert problems(page(SCALE, NUMBER, CHOICE) + score(wrong))[0].startswith(f"scores[1].{problem}")


def test_the_key_of_a_score_is_new():
    sound = SUM + 'missing = "all"'

    found = problems(page(SCALE, NUMBER) + score(sound, key="s") + score(sound, key="s"))

    assert found == [
        "scores[1].key: s is already the key of an item or score",
        "scores[2].key: s is already the key of an item or score",
    ]
