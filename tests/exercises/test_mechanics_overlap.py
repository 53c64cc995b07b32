"""The overlap: only what both are open to shows, and what one isn't open to leaves no trace of any kind."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience, Label
from portal.exercises.domain import LIBRARY, load_exercise
from portal.exercises.mechanics import overlap
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent
from portal.exercises.mechanics.overlap import Match, OverlapSpec, TherapistSees
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.model import declined

MENU = """
question = "How is this for you?"
therapist = "lists"
expires_days = 30
levels = [
  { key = "comfortable", text = "Comfortable" },
  { key = "maybe", text = "Maybe" },
  { key = "not_now", text = "Not now" },
]
[[groups]]
key = "near"
title = "Near"
options = [{ key = "a", text = "Option A" }, { key = "b", text = "Option B" }]
[[groups]]
key = "nearer"
title = "Nearer"
options = [{ key = "c", text = "Option C" }]
"""
FRAME = Frame(title="Menu", audience=Audience.OVERLAP)


def read(text):
    return read_definition(text, lambda table: overlap.read(table, FRAME), name="menu.toml")


SPEC = read(MENU)
SENT = Sent(datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("comfortable", "comfortable", "comfortable"),
        ("comfortable", "maybe", "maybe"),
        ("maybe", "comfortable", "maybe"),
        ("maybe", "maybe", "maybe"),
    ],
)
def test_what_both_are_open_to_shows_at_the_lower_level(ours, theirs, level):
    assert overlap.matches(SPEC, {"a": ours}, {"a": theirs}) == (Match("a", level),)


CLOSED = ["not_now", None, declined(), "", "gone", ["comfortable"], 1]


@pytest.mark.parametrize(("ours", "theirs"), list(product(CLOSED, ["comfortable", "maybe", *CLOSED])))
def test_anything_else_never_shows(ours, theirs):
    first = {} if ours is None else {"a": ours}
    second = {} if theirs is None else {"a": theirs}

    assert overlap.matches(SPEC, first, second) == ()
    assert overlap.matches(SPEC, second, first) == ()


def test_matches_stand_in_the_order_of_the_list():
    ours = {"c": "maybe", "b": "comfortable", "a": "maybe"}
    theirs = {"b": "comfortable", "a": "comfortable", "c": "comfortable"}

    assert overlap.matches(SPEC, ours, theirs) == (
        Match("a", "maybe"),
        Match("b", "comfortable"),
        Match("c", "maybe"),
    )


KEYS = st.sampled_from(["a", "b", "c"])
LISTS = st.dictionaries(KEYS, st.sampled_from(["comfortable", "maybe", "not_now"]) | st.just(declined()))


@given(LISTS, LISTS, st.lists(st.sampled_from([None, "not_now", declined(), ""]), min_size=6, max_size=6))
def test_how_something_was_not_chosen_can_not_be_told_from_the_result(ours, theirs, closings):
    """Whatever isn't open is put in another way of not being open: the result stays the same."""
    closed = iter(closings)

    def closed_otherwise(answers):
        other = {}
        for key in ("a", "b", "c"):
            value = answers.get(key)
            if value in ("comfortable", "maybe"):
                other[key] = value
            elif (way := next(closed)) is not None:
                other[key] = way
        return other

    assert overlap.matches(SPEC, closed_otherwise(ours), closed_otherwise(theirs)) == overlap.matches(
        SPEC, ours, theirs
    )


@given(LISTS, LISTS)
def test_the_result_does_not_tell_who_was_more_careful(ours, theirs):
    assert overlap.matches(SPEC, ours, theirs) == overlap.matches(SPEC, theirs, ours)


@given(LISTS, LISTS, KEYS)
def test_withdrawing_takes_one_option_away_and_changes_nothing_else(ours, theirs, key):
    before = overlap.matches(SPEC, ours, theirs)
    after = overlap.matches(SPEC, {k: v for k, v in ours.items() if k != key}, theirs)

    assert after == tuple(match for match in before if match.option_key != key)


@given(LISTS, LISTS)
def test_the_last_level_is_never_disclosed(ours, theirs):
    assert all(match.level != "not_now" for match in overlap.matches(SPEC, ours, theirs))


def test_rows_never_open_to_the_partner():
    assert overlap.open_at(SPEC, Audience.OVERLAP, own=SENT, other=SENT, delivery=AT_ONCE) is None
    assert overlap.open_at(SPEC, Audience.COUPLE, own=SENT, other=SENT, delivery=AT_ONCE) is None
    assert overlap.label(SPEC, Audience.OVERLAP) is Label.OVERLAP


def test_answers_stand_from_sending_until_they_expire():
    answers = {"a": "maybe"}

    def standing(after, sent=SENT):
        return overlap.standing(SPEC, answers, sent=sent, now=SENT.at + after)

    assert standing(timedelta()) == answers
    assert standing(timedelta(days=29, hours=23)) == answers
    assert standing(timedelta(days=30)) == {}
    assert standing(timedelta(seconds=-1)) == {}
    assert standing(timedelta(), sent=None) == {}


def test_the_form_has_a_page_a_group_and_a_compact_choice_an_option():
    form = overlap.form(SPEC)

    assert [page.title for page in form.pages] == ["Near", "Nearer"]
    assert all(
        item.compact and item.audience is Audience.OVERLAP and not item.required for item in form.walk()
    )
    assert form.pages[0].intro == "How is this for you?"


def test_words_of_options_and_levels():
    assert overlap.option_text(SPEC, "c") == "Option C"
    assert overlap.level_text(SPEC, "maybe") == "Maybe"
    with pytest.raises(KeyError):
        overlap.option_text(SPEC, "gone")
    with pytest.raises(KeyError):
        overlap.level_text(SPEC, "gone")


def test_the_writer_sees_their_own_list_in_words():
    lines = overlap.summary(SPEC, {"a": "not_now"}).lines

    assert [line.texts for line in lines] == [("Not now",), (), ()]


def test_contents_hold_all_texts():
    contents = overlap.contents(SPEC)

    assert contents["options"][2] == {"key": "c", "text": "Option C", "group": "Nearer"}
    assert [level["text"] for level in contents["levels"]] == ["Comfortable", "Maybe", "Not now"]
    assert (contents["therapist"], contents["expires_days"]) == ("lists", 30)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('  { key = "maybe", text = "Maybe" },\n', "", "must be exactly three different ones"),
        ('{ key = "maybe"', '{ key = "comfortable"', "must be exactly three different ones"),
        ('key = "nearer"', 'key = "near"', "the group key near comes twice"),
        ('{ key = "c"', '{ key = "a"', "the option key a comes twice"),
        ('{ key = "c"', '{ key = "submit"', "is taken by the web form"),
        ("expires_days = 30", "expires_days = 0", "must be at least 1"),
    ],
)
def test_wrong_menus_are_refused(old, new, problem):
    with pytest.raises(DefinitionError, match=problem):
        read(MENU.replace(old, new))


def test_the_touch_menu_offers_plenty_and_keeps_lists_from_the_therapist():
    spec = load_exercise(LIBRARY / "touch-menu.toml").spec(OverlapSpec)

    assert spec is not None
    assert len(spec.form.questions) >= 25
    assert spec.therapist is TherapistSees.OVERLAP
