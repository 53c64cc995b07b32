"""The table of a journal, and what one entry gives away: nothing of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import journal
from portal.exercises.mechanics.base import AT_ONCE, Sent
from portal.exercises.mechanics.journal import Sharing
from portal.kit.library import DefinitionError
from tests.exercises.turns import NOW, spec_of

TABLE = """
share = "by_entry"
open_prompt = "Whatever is on your mind."
entry_max = 4000
[[sliders]]
key = "mood"
text = "How are you?"
low = 0
high = 10
low_text = "Heavy"
high_text = "Light"
[[prompts]]
key = "first"
text = "What was your own first move?"
[[prompts]]
key = "second"
text = "What did you give up?"
"""
SPEC = spec_of(journal, TABLE, Audience.PRIVATE)


def test_everything_in_it_is_private_and_nothing_must_be_answered():
    assert SPEC.share is Sharing.BY_ENTRY
    for item in journal.form(SPEC).questions:
        assert item.audience is Audience.PRIVATE
        assert journal.label(SPEC, item.audience) is Label.PRIVATE
        assert not item.required
    assert [prompt.key for prompt in SPEC.prompts] == ["entry", "first", "second"]


def test_an_entry_opens_to_the_partner_only_where_its_writer_shared_it_with_them():
    opens = {
        audience: journal.open_at(SPEC, audience, own=Sent(NOW), other=Sent(NOW), delivery=AT_ONCE)
        for audience in (Audience.PRIVATE, Audience.THERAPIST, Audience.COUPLE)
    }
    assert opens == {Audience.PRIVATE: None, Audience.THERAPIST: None, Audience.COUPLE: NOW}


def test_sharing_only_ever_goes_on_to_more_people():
    assert journal.wider(Audience.PRIVATE) == (Audience.THERAPIST, Audience.COUPLE)
    assert journal.wider(Audience.THERAPIST) == (Audience.COUPLE,)
    assert journal.wider(Audience.COUPLE) == ()


@given(lot=st.from_regex(r"[a-z2-7]{8,16}", fullmatch=True), place=st.integers(0, 2))
def test_the_name_of_an_entry_says_which_question_it_follows(lot, place):
    assert journal.prompt_of(SPEC, journal.entry_name(lot, place)) == SPEC.prompts[place]


@given(
    name=st.one_of(st.text(max_size=30), st.from_regex(r"[a-z2-7]{8,16}-(0[3-9]|[1-9][0-9])", fullmatch=True))
)
def test_no_other_text_is_the_name_of_an_entry(name):
    found = journal.prompt_of(SPEC, name)
    assert found is None or journal.entry_name(name.partition("-")[0], SPEC.prompts.index(found)) == name


def test_one_entry_is_written_on_one_page_with_the_question_it_follows():
    form = journal.entry_form(SPEC, SPEC.prompts[2])
    assert [item.key for item in form.questions] == ["second", "mood"]


def test_an_entry_in_words_says_nothing_of_the_other_questions():
    summary = journal.summary(SPEC, {"mood": 3, "second": "I stopped asking."})
    assert [(line.key, line.texts) for line in summary.lines] == [
        ("second", ("I stopped asking.",)),
        ("mood", ("3",)),
    ]


def test_an_entry_may_hold_no_words_or_nothing_at_all():
    assert journal.words_in(SPEC, {"mood": 3}) == ""
    assert journal.words_in(SPEC, {"entry": "Rain."}) == "Rain."
    assert journal.is_blank({})
    assert not journal.is_blank({"mood": 0})


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('share = "by_entry"', 'share = "all"', "share"),
        ("entry_max = 4000", "entry_max = 50", "entry_max"),
        ("high = 10", "high = 40", "a slider has 2 to 11 points"),
        ('key = "second"', 'key = "first"', "comes twice"),
        ('key = "second"', 'key = "entry"', "comes twice"),
        ('key = "mood"', 'key = "first"', "comes twice"),
    ],
)
def test_mistakes_in_the_table_are_named(before, after, complaint):
    with pytest.raises(DefinitionError, match=complaint):
        spec_of(journal, TABLE.replace(before, after), Audience.PRIVATE)


def test_its_contents_hold_every_text():
    items = journal.contents(SPEC)["items"]
    assert [item["key"] for item in items] == ["entry", "first", "second", "mood"]
