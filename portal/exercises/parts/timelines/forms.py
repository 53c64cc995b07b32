"""The pieces of a timeline's draft as forms: the first year, the line, one event, the questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wtforms import Form

from portal.exercises.domain import Walk
from portal.exercises.forms import draw, typed_in
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.story import event_of, event_text, line_text, story_of, values_of, whole_line
from portal.exercises.mechanics.timeline import event_page, line_page, start_page
from portal.exercises.mechanics.timeline_model import (
    EVENT,
    EVENT_KIND,
    EVENT_TITLE,
    EVENT_YEAR,
    LINE,
    NEAR,
    START,
    YEARS_MOST,
    Event,
    TimelineSpec,
)
from portal.exercises.parts.timelines.commands import mark_of
from portal.exercises.parts.timelines.queries import spec_of
from portal.exercises.queries import Task
from portal.questionnaires.drawing import DrawnPage
from portal.questionnaires.model import Answers, Page, Value
from portal.questionnaires.model import Form as Asked
from portal.questionnaires.validation import check_draft
from portal.web.translate import _
from portal.web.visibility import Names

SAMPLE_YEARS: Final = range(2003, 2007)
"""The years that stand for anybody's, where an exercise is only looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a draft: the page that asks for it, what the page shows, and which of the draft's keys it fills."""

    walk: Walk
    page: Page
    shown: Answers
    draft: Answers
    keys: tuple[str, ...]
    number: int | None = None
    """The number of an event."""

    @property
    def mark(self) -> str:
        """Return what stands for the piece as it is kept now."""
        return mark_of(self.draft, self.keys)

    def drawn(self, names: Names, *, demand: bool) -> DrawnPage:
        """Return the page ready to be filled in."""
        return draw(self.walk, self.page, self.shown, names, lists=False, demand=demand)

    def typed(self, drawn: DrawnPage, form: Form) -> dict[str, Value | None]:
        """Return what was typed as values of the draft; what can't be kept as it is stays as it was."""
        raw = {key: value for key, value in typed_in(drawn, form).items() if value is not None}
        checked = check_draft(self.walk.form, raw)
        clean = {key: self.shown[key] for key in checked.errors if key in self.shown} | checked.values
        return self.as_kept(clean)

    def as_kept(self, clean: Answers) -> dict[str, Value | None]:
        """Return clean answers of the page as values of the draft."""
        if self.number is not None:
            return {self.keys[0]: event_text(event_of(clean)) or None}
        if self.page.key != LINE:
            return {key: clean.get(key) for key in self.keys}
        hidden = {
            year: near
            for year, near in whole_line(spec_of(self.walk.exercise), self.draft).items()
            if f"{NEAR}{year}" not in {item.key for item in self.page.items}
        }
        typed = {int(key.removeprefix(NEAR)): near for key, near in clean.items() if isinstance(near, int)}
        return {LINE: line_text(hidden | typed) or None}

    def as_shown(self, draft: Answers) -> Answers:
        """Return what the page shows of another state of the draft."""
        spec = spec_of(self.walk.exercise)
        if self.number is not None:
            return values_of(story_of(spec, draft).events.get(self.number, Event()))
        if self.page.key == LINE:
            return {f"{NEAR}{year}": near for year, near in whole_line(spec, draft).items()}
        return {key: draft[key] for key in self.keys if key in draft}


def start_piece(task: Task, draft: Answers, *, this_year: int) -> Piece:
    """Return the piece that says in which year the story begins."""
    page = start_page(spec_of(task.exercise), this_year=this_year)
    return _piece(task, page, draft, keys=(START,))


def line_piece(task: Task, draft: Answers, *, this_year: int) -> Piece | None:
    """Return the piece with a number for each year; nothing before the first year is known."""
    start = story_of(spec_of(task.exercise), draft).start
    if start is None:
        return None
    years = range(max(start, this_year - YEARS_MOST + 1), this_year + 1)
    return _piece(task, line_page(spec_of(task.exercise), years), draft, keys=(LINE,))


def event_piece(task: Task, draft: Answers, number: int, *, this_year: int) -> Piece:
    """Return the piece that tells of one event, by its number."""
    page = event_page(spec_of(task.exercise), _event_words(), this_year=this_year)
    return _piece(task, page, draft, keys=(f"{EVENT}{number}",), number=number)


def _event_words() -> dict[str, str]:
    return {
        EVENT_YEAR: _("In which year?"),
        EVENT_TITLE: _("What happened?"),
        EVENT_KIND: _("What kind of thing was it?"),
    }


def sample_form(spec: TimelineSpec) -> Asked:
    """Return the pages as a therapist looks at them: a few years stand for all of them, one event for any."""
    last = SAMPLE_YEARS[-1]
    return Asked(
        pages=(
            start_page(spec, this_year=last),
            line_page(spec, SAMPLE_YEARS),
            event_page(spec, _event_words(), this_year=last),
            *spec.form.pages,
        )
    )


def questions_piece(task: Task, draft: Answers) -> Piece:
    """Return the piece with the questions."""
    page = spec_of(task.exercise).form.pages[0]
    return _piece(task, page, draft, keys=tuple(item.key for item in page.items))


def _piece(
    task: Task, page: Page, draft: Answers, *, keys: tuple[str, ...], number: int | None = None
) -> Piece:
    walk = task.exercise.walk(MechanicName.TIMELINE, Asked(pages=(page,)))
    empty = Piece(walk=walk, page=page, shown={}, draft=draft, keys=keys, number=number)
    return Piece(walk=walk, page=page, shown=empty.as_shown(draft), draft=draft, keys=keys, number=number)


def differences(piece: Piece, mine: Answers, theirs: Answers) -> list[tuple[str, Any, Any]]:
    """Return what differs between two states of a piece: the question, and both answers in words."""
    first, second = piece.as_shown(mine), piece.as_shown(theirs)
    spec: TimelineSpec = spec_of(piece.walk.exercise)
    found = []
    for item in piece.page.items:
        a, b = (_words(spec, item.key, each.get(item.key)) for each in (first, second))
        if a != b:
            found.append((item.text, a, b))
    return found


def _words(spec: TimelineSpec, key: str, value: Value | None) -> str:
    if value is None:
        return ""
    return spec.kind_text(str(value)) if key == EVENT_KIND else str(value)


def marked(fields: Mapping[str, str]) -> str | None:
    """Return the mark that a page carries, or nothing where it carries none."""
    found = fields.get("revision", "")
    return found if found.isalnum() and len(found) <= 2 * 16 else None
