"""The timeline: its table, its pages, and how the years of two people are kept, told and laid side by side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import timeline
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent, State
from portal.exercises.mechanics.story import (
    event_of,
    event_text,
    free_number,
    line_text,
    merged,
    story_of,
    values_of,
    whole_line,
)
from portal.exercises.mechanics.timeline_model import (
    EVENT,
    EVENT_KIND,
    EVENT_NOTE,
    EVENT_TITLE,
    EVENT_YEAR,
    LINE,
    START,
    Event,
    Story,
)
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.model import Form
from portal.questionnaires.validation import Problem, check_draft, check_sending

TABLE = """
start_prompt = "When does it begin?"
line_question = "How close?"
line_low = 0
line_high = 10
line_low_text = "Far"
line_high_text = "Close"
events_max = 5
event_title_max = 40
event_note_prompt = "How was it?"
event_note_max = 200
[[kinds]]
key = "good"
text = "A good time"
hint = "A summer"
[[kinds]]
key = "loss"
text = "A loss"
[[questions]]
key = "held_us"
text = "What held you?"
max_length = 300
"""
FRAME = Frame(title="Years", audience=Audience.COUPLE)
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


def read(text):
    return read_definition(text, lambda table: timeline.read(table, FRAME), name="years.toml")


SPEC = read(TABLE)
BORN = Event(year=2009, kind="good", title="Ana was born", note="So tired.\n\nSo happy.")
TOLD = {START: 2003, LINE: "2003 8\n2009 5", f"{EVENT}2": event_text(BORN), "held_us": "Sundays"}

texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40)


def cleaned(form, values):
    checked = check_draft(form, values)
    assert checked.is_clean
    return checked.values


@given(
    st.one_of(st.none(), st.integers(1920, 2199)),
    st.sampled_from(["", "good", "loss"]),
    texts,
    st.lists(texts, max_size=3),
)
def test_an_event_is_read_back_as_it_was_written(year, kind, title, paragraphs):
    words = dict.fromkeys((EVENT_YEAR, EVENT_KIND, EVENT_TITLE), "?")
    form = Form(pages=(timeline.event_page(SPEC, words, this_year=2199),))
    note = "\n".join(paragraphs)[:200]
    typed = {EVENT_YEAR: year, EVENT_KIND: kind, EVENT_TITLE: title, EVENT_NOTE: note}
    values = cleaned(form, typed)
    event = event_of(values)

    kept = cleaned(timeline.story_form(SPEC), {f"{EVENT}1": event_text(event)} if event_text(event) else {})

    story = story_of(SPEC, kept)
    assert story.events == ({1: event} if event != Event() else {})
    assert values_of(event) == values


@given(st.dictionaries(st.integers(1920, 2100), st.integers(0, 10), max_size=60))
def test_a_line_is_read_back_as_it_was_written(line):
    kept = cleaned(timeline.story_form(SPEC), {LINE: line_text(line)})

    assert story_of(SPEC, kept).line == line


@given(texts, texts)
def test_texts_of_any_other_kind_break_nothing(line, event):
    story = story_of(SPEC, {START: "soon", LINE: line, f"{EVENT}1": event, f"{EVENT}9": "2009 good\nNo room"})

    assert story.start is None
    assert set(story.events) <= {1}
    timeline.summary(SPEC, {LINE: line, f"{EVENT}1": event})


def test_numbers_before_the_first_year_are_kept_but_not_told():
    values = TOLD | {START: 2005}

    assert story_of(SPEC, values).line == {2009: 5}
    assert whole_line(SPEC, values) == {2003: 8, 2009: 5}


def test_a_story_is_told_by_year_and_leaves_out_what_lacks_a_year_or_a_title():
    events = {1: Event(year=2012, title="b"), 2: Event(title="no year"), 3: Event(year=2010, title="a"), 4: Event(year=2012, note="no title")}  # fmt: skip
    story = Story(start=2003, line={2004: 3}, events=events)

    assert [each.title for each in story.told] == ["a", "b"]
    assert [number for number, _event in story.unfinished] == [2, 4]
    assert story.years == (2004, 2010, 2012)


stories = st.builds(
    Story,
    line=st.dictionaries(st.integers(1990, 2026), st.integers(0, 10), max_size=20),
    events=st.dictionaries(
        st.integers(1, 5), st.builds(Event, year=st.one_of(st.none(), st.integers(1990, 2026)), title=texts)
    ),
)


@given(stories, stories)
def test_two_stories_laid_side_by_side_lose_nothing_and_favour_nobody(first, second):
    years = merged(first, second)

    assert [each.year for each in years] == sorted({*first.years, *second.years})
    for seat, story in enumerate((first, second)):
        assert {each.year: each.near[seat] for each in years if each.near[seat] is not None} == story.line
        assert [event for each in years for event in each.events[seat]] == list(story.told)
    turned = [replace(each, near=each.near[::-1], events=each.events[::-1]) for each in merged(second, first)]
    assert turned == list(years)


def test_a_new_event_gets_the_first_free_number_until_there_is_no_room():
    full = {f"{EVENT}{n}": "2009 good\nx" for n in range(1, 6)}

    assert free_number(SPEC, {}) == 1
    assert free_number(SPEC, {key: value for key, value in full.items() if not key.endswith("3")}) == 3
    assert free_number(SPEC, full) is None


def test_what_is_sent_needs_a_first_year_and_a_line_and_nothing_else():
    form = timeline.story_form(SPEC)

    assert {key: each.problem for key, each in check_sending(form, {}).errors.items()} == {
        START: Problem.REQUIRED,
        LINE: Problem.REQUIRED,
    }
    assert check_sending(form, {START: 2003, LINE: "2003 4"}).is_clean


def test_the_longest_event_has_room():
    event = Event(year=2009, kind="good", title="t" * SPEC.title_max, note="n" * SPEC.note_max)

    assert cleaned(timeline.story_form(SPEC), {f"{EVENT}1": event_text(event)})


def test_the_pages_ask_for_years_that_can_be():
    (start,) = timeline.start_page(SPEC, this_year=2026).items
    line = timeline.line_page(SPEC, range(2003, 2027))

    assert (start.low, start.high) == (1947, 2026)
    assert len(line.items) == 24
    assert {(item.low, item.high, item.required) for item in line.items} == {(0, 10, False)}


def test_everything_opens_once_both_have_sent():
    own, other = Sent(NOW), Sent(NOW + timedelta(days=1))
    for item in timeline.story_form(SPEC).questions:
        assert item.audience is Audience.COUPLE
        assert timeline.label(SPEC, item.audience) is Label.LATER
    assert timeline.open_at(SPEC, Audience.COUPLE, own=own, other=None, delivery=AT_ONCE) is None
    assert timeline.open_at(SPEC, Audience.COUPLE, own=own, other=other, delivery=AT_ONCE) == other.at


def test_a_summary_tells_years_and_events_in_words():
    lines = timeline.summary(SPEC, TOLD).lines

    assert [(line.label, line.texts) for line in lines if line.state is State.ANSWERED] == [
        ("When does it begin?", ("2003",)),
        ("How close?", ("2003: 8", "2009: 5")),
        ("2009, A good time", ("Ana was born", "So tired.\n\nSo happy.")),
        ("What held you?", ("Sundays",)),
    ]


WRONG = {
    "line_high: must be at least 2": TABLE.replace("line_high = 10", "line_high = 1"),
    "the kind good comes twice": TABLE.replace('"loss"', '"good"'),
    "is taken by the years": TABLE.replace('"held_us"', '"story_line"'),
    "questions: must hold at least one": TABLE.partition("[[questions]]")[0],
    "joint_prompt: unknown key": 'joint_prompt = "Write"\n' + TABLE,
}


@pytest.mark.parametrize(("said", "text"), WRONG.items(), ids=WRONG)
def test_mistakes_in_a_table_are_named(said, text):
    with pytest.raises(DefinitionError) as error:
        read(text)

    assert said in str(error.value)
