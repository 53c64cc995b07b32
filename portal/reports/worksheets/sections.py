"""Sections of a worksheet: questions under a heading, for one circle of readers each."""

from collections.abc import Iterable

from portal.exercises.domain import Exercise
from portal.questionnaires.model import Form
from portal.reports.base import prose
from portal.reports.worksheets.blocks import Block
from portal.reports.worksheets.items import numbers, on_paper, questions
from portal.reports.worksheets.page import Question, Section
from portal.reports.worksheets.readers import Readers, by_readers

Sections = tuple[Section, ...]


def section(
    readers: Readers,
    blocks: Iterable[Block | Question],
    *,
    title: str = "",
    intro: str = "",
    on_new_page: bool = False,
) -> Section:
    """Return a section for a circle of readers."""
    return Section(
        title=title,
        intro=prose(intro),
        blocks=tuple(blocks),
        label=readers.label,
        label_words=readers.words,
        on_new_page=on_new_page,
    )


def asked(exercise: Exercise, form: Form, *, readers: Readers | None = None) -> Sections:
    """Return the questions of a form page by page, those for other readers in sections of their own.

    ``readers`` names the circle where it isn't what the items say by themselves.
    """
    items = on_paper(form)
    kept, numbered = {item.key for item in items}, numbers(items)
    found = []
    for page in form.pages:
        mine = [item for item in page.walk() if item.key in kept]
        for place, (circle, run) in enumerate(by_readers(exercise, mine)):
            title, intro = (page.title, page.intro) if place == 0 else ("", "")
            title = "" if title == exercise.title else title
            blocks = questions(run, numbered, form)
            found.append(section(readers or circle, blocks, title=title, intro=intro))
    return tuple(found)
