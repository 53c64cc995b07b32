"""The years of two people: each alone places events and how close they felt; once both have sent, both are drawn as one.

A ``[timeline]`` table has

- ``start_prompt``: in which year the story begins;
- ``line_question``, ``line_low``, ``line_high``, ``line_low_text``, ``line_high_text``: the scale of closeness, one number
  for each year, none of which has to be given;
- ``[[timeline.kinds]]``: ``key``, ``text``, ``hint``: what sort of thing an event can be;
- ``events_max``, ``event_title_max``, ``event_note_prompt``, ``event_note_max``;
- ``[[timeline.questions]]``: ``key``, ``text``, ``max_length``. Each answers them alone; they open with the rest.

How it is kept: everything is an ordinary answer for the couple, so that drafts, sending and opening are those of all
exercises. The line is one text with a year and a number in each line, an event is a text whose first line is its year
and kind, its second the title, and all that follows the note (`story.py` writes and reads them). ``form`` has the
questions, which are asked on an ordinary page; ``story_form`` has everything that is sent. The first year, the line and
one event have pages of their own: ``start_page``, ``line_page``, ``event_page``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    Line,
    MechanicName,
    Sent,
    State,
    Summary,
    items_as_json,
    label_for,
    line_of,
)
from portal.exercises.mechanics.story import story_of
from portal.exercises.mechanics.timeline_model import (
    EVENT,
    EVENT_KIND,
    EVENT_NOTE,
    EVENT_PAGE,
    EVENT_TITLE,
    EVENT_YEAR,
    FIRST_YEAR,
    LINE,
    MOST_EVENTS,
    NEAR,
    QUESTIONS,
    START,
    YEARS_MOST,
    Event,
    TimelineSpec,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated
from portal.questionnaires.reading import LONG_LENGTH, item_key

NAME: Final = MechanicName.TIMELINE
AUDIENCES: Final = frozenset({Audience.COUPLE})

_PAGE: Final = "story"
_LINE_LENGTH: Final = 12 * (YEARS_MOST + 20)


def read(table: Table, frame: Frame) -> TimelineSpec:
    """Return what a ``[timeline]`` table says, noting every mistake at the table."""
    low, high = table.integer("line_low", low=0, high=1), table.integer("line_high", low=2, high=10)
    kind_tables = table.tables("kinds")
    kinds = tuple(Option(key=each.key("key"), text=each.text("text", at_most=60)) for each in kind_tables)
    for key in repeated([kind.key for kind in kinds]):
        table.complain("kinds", f"the kind {key} comes twice")
    hints = [each.optional_text("hint", at_most=120) for each in kind_tables]
    questions = tuple(_read_question(each) for each in table.tables("questions"))
    for key in repeated([item.key for item in questions]):
        table.complain("questions", f"the item key {key} comes twice")
    page = Page(key=QUESTIONS, title=frame.title, items=questions)
    return TimelineSpec(
        start_prompt=table.text("start_prompt", at_most=200),
        line_question=table.text("line_question", at_most=200),
        low=low,
        high=high,
        low_text=table.text("line_low_text", at_most=40),
        high_text=table.text("line_high_text", at_most=40),
        kinds=kinds,
        hints={kind.key: hint for kind, hint in zip(kinds, hints, strict=True) if hint},
        events_max=table.integer("events_max", low=1, high=MOST_EVENTS),
        title_max=table.integer("event_title_max", low=20, high=120),
        note_prompt=table.text("event_note_prompt", at_most=200),
        note_max=table.integer("event_note_max", low=20, high=2000),
        form=Form(pages=(page,)),
    )


def _read_question(table: Table) -> Item:
    key = item_key(table)
    if key in {START, LINE} or key.startswith((EVENT, NEAR, "event_")):
        table.complain("key", f"{key} is taken by the years themselves; choose another word")
    text = table.text("text", at_most=400)
    return _writing(key, text, most=table.integer("max_length", low=20, high=LONG_LENGTH))


def _writing(key: str, text: str, *, most: int, hint: str = "", required: bool = False) -> Item:
    return Item(
        key=key,
        kind=ItemKind.LONG,
        text=text,
        hint=hint,
        audience=Audience.COUPLE,
        max_length=most,
        required=required,
        prefer_not=False,
    )


def form(spec: TimelineSpec) -> Form:
    """Return the page of questions; ``story_form`` has the years and events too."""
    return spec.form


def story_form(spec: TimelineSpec) -> Form:
    """Return everything that is kept in a draft and sent. The years and events have pages of their own instead."""
    longest = 2 * len("0000 ") + 40 + spec.title_max + spec.note_max
    items = (
        _year_item(START, spec.start_prompt, required=True),
        _writing(LINE, spec.line_question, most=_LINE_LENGTH, required=True),
        *(_writing(f"{EVENT}{number}", "", most=longest) for number in range(1, spec.events_max + 1)),
    )
    return Form(pages=(Page(key=_PAGE, title="", items=items), *spec.form.pages))


def _year_item(key: str, text: str, *, required: bool, latest: int = 2199) -> Item:
    return Item(
        key=key,
        kind=ItemKind.NUMBER,
        text=text,
        audience=Audience.COUPLE,
        low=FIRST_YEAR,
        high=latest,
        required=required,
        prefer_not=False,
    )


def start_page(spec: TimelineSpec, *, this_year: int) -> Page:
    """Return the page that asks for the first year; it isn't later than this one, nor longer ago than a line can be."""
    first = max(FIRST_YEAR, this_year - YEARS_MOST + 1)
    item = _year_item(START, spec.start_prompt, required=True, latest=this_year)
    return Page(key=START, title="", items=(replace(item, low=first),))


def line_page(spec: TimelineSpec, years: Sequence[int]) -> Page:
    """Return the page on which each of some years can be given a number, and none has to be."""
    items = tuple(
        Item(
            key=f"{NEAR}{year}",
            kind=ItemKind.NUMBER,
            text=str(year),
            audience=Audience.COUPLE,
            low=spec.low,
            high=spec.high,
            prefer_not=False,
        )
        for year in years
    )
    return Page(key=LINE, title=spec.line_question, items=items)


def event_page(spec: TimelineSpec, words: Mapping[str, str], *, this_year: int) -> Page:
    """Return the page of one event. ``words`` are the labels by item key; that of the note is the definition's own."""
    items = (
        _year_item(EVENT_YEAR, words[EVENT_YEAR], required=True, latest=this_year),
        Item(
            key=EVENT_TITLE,
            kind=ItemKind.SHORT,
            text=words[EVENT_TITLE],
            audience=Audience.COUPLE,
            max_length=spec.title_max,
            required=True,
            prefer_not=False,
        ),
        Item(
            key=EVENT_KIND,
            kind=ItemKind.CHOICE,
            text=words[EVENT_KIND],
            audience=Audience.COUPLE,
            options=spec.kinds,
            prefer_not=False,
        ),
        _writing(EVENT_NOTE, spec.note_prompt, most=spec.note_max),
    )
    return Page(key=EVENT_PAGE, title="", items=items)


def label(spec: TimelineSpec, audience: Audience) -> Label:
    """Return the label: all of it opens once both have sent theirs."""
    del spec  # All timelines say it the same way.
    return Label.LATER if audience is Audience.COUPLE else label_for(audience)


def open_at(
    spec: TimelineSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when years and answers open: once both have sent theirs."""
    del spec, delivery  # Only a letter is delivered.
    if audience is not Audience.COUPLE or other is None:
        return None
    return max(own.at, other.at)


def summary(spec: TimelineSpec, answers: Answers) -> Summary:
    """Return the years, the events and the answers in words, each kept answer as one line."""
    story = story_of(spec, answers)
    lines: list[Line] = []
    for item in story_form(spec).questions:
        value = answers.get(item.key)
        if spec.form.item(item.key) is not None or item.key == START:
            lines.append(line_of(item, value))
        elif item.key == LINE and value:
            lines.append(_told(item, tuple(f"{year}: {near}" for year, near in story.line.items())))
        elif item.key.startswith(EVENT) and (event := story.events.get(int(item.key.removeprefix(EVENT)))):
            lines.append(_told(item, _event_words(event), label=_event_head(spec, event)))
    return Summary(lines=tuple(lines))


def _told(item: Item, texts: tuple[str, ...], *, label: str = "") -> Line:
    return Line(
        key=item.key,
        page="",
        label=label or item.text,
        audience=item.audience,
        kind=item.kind,
        state=State.ANSWERED if texts else State.UNANSWERED,
        texts=texts,
    )


def _event_head(spec: TimelineSpec, event: Event) -> str:
    return ", ".join(filter(None, (str(event.year or ""), spec.kind_text(event.kind)))) or "–"


def _event_words(event: Event) -> tuple[str, ...]:
    return tuple(filter(None, (event.title, event.note)))


def contents(spec: TimelineSpec) -> Mapping[str, object]:
    """Return the questions, the scale and the kinds of events as plain JSON values."""
    return {
        "start_prompt": spec.start_prompt,
        "line": {
            "question": spec.line_question,
            "low": spec.low,
            "high": spec.high,
            "low_text": spec.low_text,
            "high_text": spec.high_text,
        },
        "kinds": [
            {"key": kind.key, "text": kind.text, "hint": spec.hints.get(kind.key, "")} for kind in spec.kinds
        ],
        "events_max": spec.events_max,
        "note_prompt": spec.note_prompt,
        "items": items_as_json(spec.form),
    }
