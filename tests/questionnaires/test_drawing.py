"""A page is drawn as a form with nothing chosen beforehand, and what was sent comes back as answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, SelectMultipleField, StringField, TextAreaField

from portal.access.privacy import Audience
from portal.questionnaires.drawing import PREFER_NOT, SENTENCES, draw_page, say_plainly
from portal.questionnaires.model import Item, ItemKind, Option, Page, declined
from portal.questionnaires.validation import Problem

OPTIONS = (
    Option(key="a", text="A"),
    Option(key="b", text="B"),
    Option(key="none", text="None of these", exclusive=True),
)


def item(key, kind, **more):
    options = OPTIONS if kind in (ItemKind.CHOICE, ItemKind.MULTI) else ()
    return Item(
        key=key,
        kind=kind,
        text=key.title(),
        audience=more.pop("audience", Audience.COUPLE),
        options=options,
        **more,
    )


CHOICE = item("choice", ItemKind.CHOICE)
COMPACT = item("compact", ItemKind.CHOICE, compact=True, prefer_not=False)
MULTI = item("multi", ItemKind.MULTI)
SCALE = item("scale", ItemKind.SCALE, low=0, high=4, low_text="Never", high_text="Always")
NUMBER = item("number", ItemKind.NUMBER, low=0, high=60, decimals=1, unit="minutes")
SHORT = item("short", ItemKind.SHORT, max_length=20)
LONG = item("long", ItemKind.LONG, max_length=200, hint="A few words", audience=Audience.PRIVATE)
DATE = item("date", ItemKind.DATE)
DISPLAY = item("display", ItemKind.DISPLAY)
ALL = (CHOICE, COMPACT, MULTI, SCALE, NUMBER, SHORT, LONG, DATE, DISPLAY)


def drawn(*items, **more):
    page = Page(key="page", title="Page", items=items)
    return draw_page(
        page, {one.key for one in items}, visible_to=lambda audience: f"for {audience.value}", **more
    )


def sent(page, pairs, answers=None):
    return page.form(answers or {}, formdata=MultiDict(pairs))


def test_nothing_is_chosen_beforehand():
    form = drawn(*ALL).form({})

    html = "".join(str(field()) for field in form)

    assert "checked" not in html
    assert "selected" not in html
    assert all(not field.data for field in form)


def test_each_kind_has_its_field_and_style():
    form = drawn(*ALL).form({})

    kinds = {field.name: (type(field), getattr(field, "portal_style", None)) for field in form}

    assert kinds == {
        "choice": (RadioField, "cards"),
        "compact": (RadioField, "segmented"),
        "multi": (SelectMultipleField, "cards"),
        "scale": (RadioField, "scale"),
        "number": (StringField, "number"),
        f"number{PREFER_NOT}": (BooleanField, None),
        "short": (StringField, "short"),
        f"short{PREFER_NOT}": (BooleanField, None),
        "long": (TextAreaField, "long"),
        f"long{PREFER_NOT}": (BooleanField, None),
        "date": (StringField, "date"),
        f"date{PREFER_NOT}": (BooleanField, None),
    }


def test_fields_carry_what_the_page_shows_beside_them():
    form = drawn(*ALL).form({})

    assert form["scale"].ends == ("Never", "Always")
    assert form["choice"].ends is None
    assert form["scale"].visible_to == "for couple"
    assert form["long"].visible_to == "for private"
    assert form["long"].hint == "A few words"
    assert form["long"].counter == 200
    assert form["number"].suffix == "minutes"
    assert form["number"].inputmode == "decimal"
    assert form["short"].inputmode is None
    assert form["choice"].quiet == PREFER_NOT
    assert form["compact"].quiet is None
    assert form["choice"].optional
    assert form["choice"].item is CHOICE


@pytest.mark.parametrize(
    ("low", "decimals", "expected"),
    [(0, 0, "numeric"), (0, 1, "decimal"), (-5, 0, "text"), (None, 0, "text")],
)
def test_the_keyboard_fits_the_numbers(low, decimals, expected):
    number = item("number", ItemKind.NUMBER, low=low, high=60, decimals=decimals)

    assert drawn(number).form({})["number"].inputmode == expected


def test_choices_answer_to_positions_and_end_with_the_quiet_one():
    choices = drawn(SCALE).form({})["scale"].choices

    assert [choice[0] for choice in choices] == ["0", "1", "2", "3", "4", PREFER_NOT]
    assert choices[-1][1] == "Prefer not to answer"


def test_rows_stand_in_order_with_their_checkbox():
    page = drawn(DISPLAY, LONG, CHOICE)
    form = page.form({})

    rows = page.rows(form)

    assert [row.item for row in rows] == [DISPLAY, LONG, CHOICE]
    assert rows[0].field is None
    assert rows[1].decline is form[f"long{PREFER_NOT}"]
    assert rows[2].decline is None


def test_items_that_are_not_asked_are_not_drawn():
    page = draw_page(Page(key="p", title="P", items=(CHOICE, LONG)), {"long"}, visible_to=str)

    assert [row.item for row in page.rows(page.form({}))] == [LONG]


ANSWERS = {
    "choice": "a",
    "compact": "b",
    "multi": ["a", "b"],
    "scale": 0,
    "number": 2.5,
    "short": "hello",
    "long": "two\nlines",
    "date": "2026-11-22",
}


def test_answers_so_far_are_shown_and_come_back_unchanged():
    page = drawn(*ALL)
    form = page.form(ANSWERS)

    assert form.validate()
    assert page.answers_in(form) == ANSWERS
    assert str(form["scale"]()).count("checked") == 1


def test_declined_answers_are_shown_and_come_back_unchanged():
    page = drawn(*ALL)
    answers = {key: declined() for key in ANSWERS if key != "compact"}
    form = page.form(answers)

    assert form.validate()
    assert page.answers_in(form) == answers | {"compact": None}


def test_what_was_sent_becomes_answers():
    page = drawn(*ALL)
    form = sent(
        page,
        [
            ("choice", "b"),
            ("compact", "a"),
            ("multi", "b"),
            ("multi", "a"),
            ("scale", "3"),
            ("number", "20"),
            ("short", " hi "),
            ("long", "x\r\ny"),
            ("date", "2026-01-02"),
        ],
    )

    assert form.validate()
    assert page.answers_in(form) == {
        "choice": "b",
        "compact": "a",
        "multi": ["a", "b"],
        "scale": 3,
        "number": 20,
        "short": "hi",
        "long": "x\ny",
        "date": "2026-01-02",
    }


def test_an_empty_page_clears_what_was_answered():
    page = drawn(*ALL)
    form = sent(page, [("something", "else")], answers=ANSWERS)

    assert form.validate()
    assert set(page.answers_in(form).values()) == {None}


def test_declining_works_in_lists_and_beside_texts():
    page = drawn(CHOICE, MULTI, SCALE, LONG)
    form = sent(
        page,
        [("choice", PREFER_NOT), ("multi", PREFER_NOT), ("scale", PREFER_NOT), (f"long{PREFER_NOT}", "y")],
    )

    assert form.validate()
    assert list(page.answers_in(form).values()) == [declined()] * 4


@pytest.mark.parametrize(
    ("pairs", "field", "words"),
    [
        ([("choice", "zzz")], "choice", "Please choose something from the list"),
        ([("compact", PREFER_NOT)], "compact", "Please choose something from the list"),
        ([("scale", "7")], "scale", "not above 4"),
        ([("number", "١")], "number", "in digits"),
        ([("multi", "a"), ("multi", "none")], "multi", "“None of these” can’t be chosen together"),
        ([("multi", "a"), ("multi", PREFER_NOT)], "multi", "“Prefer not to answer” can’t be chosen together"),
        ([("long", "x"), (f"long{PREFER_NOT}", "y")], "long", "keep one of the two"),
        ([("long", "x\x00")], "long", "can’t be kept"),
        ([("short", "x" * 22)], "short", "2 characters longer than the 20"),
        ([("date", "2026-02-30")], "date", "full date"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(pairs, field, words):
    page = drawn(*ALL)
    form = sent(page, pairs)

    assert not form.validate()
    assert list(form.errors) == [field]
    assert words in form.errors[field][0]
    assert form[field].raw_data == [value for name, value in pairs if name == field]


def test_required_items_are_asked_for_unless_saved_for_later():
    name = item("name", ItemKind.SHORT, required=True)
    pick = item("pick", ItemKind.CHOICE, required=True, prefer_not=False)

    form = sent(drawn(name, pick), [("x", "y")])
    assert not form.validate()
    assert form.errors == {
        "name": ["Please answer this, or say that you prefer not to"],
        "pick": ["Please answer this"],
    }
    assert sent(drawn(name, pick, demand=False), [("x", "y")]).validate()
    assert not form["name"].optional


def test_a_text_below_its_least_length_is_said():
    form = sent(drawn(item("t", ItemKind.LONG, min_length=5)), [("t", "abc")])

    assert not form.validate()
    assert form.errors["t"] == ["Please write at least 5 characters"]


def test_sentences_are_translated_when_they_are_shown():
    page = drawn(
        SCALE, LONG, translate=lambda sentence, **params: "«" + say_plainly(sentence, **params) + "»"
    )
    form = sent(page, [("scale", "9")])

    form.validate()

    assert form["scale"].choices[-1][1] == "«Prefer not to answer»"
    assert form[f"long{PREFER_NOT}"].label.text == "«Prefer not to answer»"
    assert form.errors["scale"] == ["«Please write a number that is not above 4»"]


def test_every_problem_has_its_sentence():
    assert set(SENTENCES) == set(Problem)


def test_the_form_builds_on_the_class_it_is_given():
    class House(Form):
        extra = StringField()

    assert isinstance(drawn(CHOICE, base=House).form({}), House)


NAMES = st.sampled_from([one.key for one in ALL] + [one.key + PREFER_NOT for one in ALL])
HOSTILE = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["a", "b", "none", PREFER_NOT, "3", "2026-11-22", "\x00", "\ud800", "1e9", "NaN", "y"]
)


@given(st.lists(st.tuples(NAMES, HOSTILE), max_size=12))
def test_whatever_is_sent_either_validates_to_answers_or_says_what_is_wrong(pairs):
    page = drawn(*ALL)
    form = sent(page, [("x", "y"), *pairs])

    if form.validate():
        answers = page.answers_in(form)
        again = page.form({key: value for key, value in answers.items() if value is not None})
        assert again.validate()
        assert page.answers_in(again) == answers
    else:
        assert form.errors
