"""A letter as it is read: its parts, and at its end the day on which its writer will come back to it."""

from datetime import date

from portal.exercises.mechanics.base import Line
from portal.exercises.mechanics.letter import LetterSpec, follow_up_day, sent_text, whole_text
from portal.questionnaires.model import Answers, ItemKind, as_date
from portal.web.render import day, day_with_year
from portal.web.translate import _


def letter_typed(spec: LetterSpec, answers: Answers) -> str:
    """Return a letter that isn't sent yet, as it will be read."""
    return _with_day(whole_text(spec, answers), follow_up_day(spec, answers))


def letter_sent(spec: LetterSpec, sent: Answers) -> str:
    """Return a letter that was sent. Empty where nothing of it may be read."""
    return _with_day(sent_text(spec, sent), follow_up_day(spec, sent))


def _with_day(text: str, found: date | None) -> str:
    if found is None or not text:
        return text
    return f"{text}\n\n{_('I’ll ask you again on %(day)s.', day=day(found))}"


def answer_texts(line: Line) -> tuple[str, ...]:
    """Return an answer as its readers know it: a day in words, everything else as it is."""
    found = as_date(line.texts[0]) if line.kind is ItemKind.DATE and line.texts else None
    return line.texts if found is None else (day_with_year(found),)
