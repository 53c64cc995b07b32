"""Forms know their items, and answers know whether they are answers."""

from datetime import date

import pytest

from portal.access.privacy import Audience
from portal.questionnaires.model import (
    Form,
    Item,
    ItemKind,
    Option,
    Page,
    as_date,
    declined,
    is_answered,
    is_declined,
    repeated,
)


def item(key, kind=ItemKind.SHORT, **more):
    return Item(key=key, kind=kind, text=key, audience=Audience.COUPLE, **more)


def test_a_form_finds_items_in_groups_and_pages_by_key():
    group = item("group", ItemKind.GROUP, items=(item("inside"),))
    page = Page(key="page", title="Page", items=(item("first"), group))
    form = Form(pages=(page,))

    assert [one.key for one in form.walk()] == ["first", "group", "inside"]
    assert [one.key for one in form.questions] == ["first", "inside"]
    assert form.item("inside") == item("inside")
    assert form.item("gone") is None
    assert form.page("page") is page
    assert form.page("gone") is None


def test_only_questions_can_be_declined():
    assert item("a").may_decline
    assert not item("a", prefer_not=False).may_decline
    assert not item("a", ItemKind.DISPLAY).may_decline


def test_an_item_finds_its_options():
    asked = item("a", ItemKind.CHOICE, options=(Option(key="x", text="X"),))

    assert asked.option("x") == Option(key="x", text="X")
    assert asked.option("y") is None


@pytest.mark.parametrize(("value", "expected"), [(0, True), ("x", True), (["x"], True), (None, False)])
def test_an_answer_is_something_given(value, expected):
    assert is_answered(value) is expected


@pytest.mark.parametrize("value", ["", [], declined()])
def test_blank_and_declined_are_no_answers(value):
    assert not is_answered(value)
    assert is_declined(value) is (value == declined())


def test_each_declined_answer_is_its_own():
    assert declined() is not declined()


def test_repeated_keys_are_named_once():
    assert repeated(["a", "b", "a", "c", "b", "a"]) == ("a", "b")


@pytest.mark.parametrize(
    "value", ["20260101", "2026-1-1", "2026-13-01", 20260101, None, "", "2026-01-01T00:00"]
)
def test_only_a_full_plain_date_is_a_day(value):
    assert as_date(value) is None


def test_a_plain_date_is_a_day():
    assert as_date("2026-11-22") == date(2026, 11, 22)
