"""What each writes alone: letters, lists, habits, ladders, years and pages of a journal."""

from collections.abc import Iterator
from itertools import groupby

from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import DeliveryKind
from portal.exercises.mechanics.journal import JournalSpec
from portal.exercises.mechanics.ladder import LadderSpec, Step
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.timeline_model import TimelineSpec
from portal.exercises.mechanics.tracker import LOG, LOG_MINUTES, LOG_NOTE, Every, TrackerSpec
from portal.questionnaires.model import Option
from portal.reports.worksheets.blocks import (
    Blank,
    Block,
    Boxes,
    Lines,
    MarkGroup,
    MarkRow,
    Marks,
    Rung,
    Rungs,
    Strip,
    Week,
    Words,
    Years,
)
from portal.reports.worksheets.items import lines_for, numbers, on_paper, room_for
from portal.reports.worksheets.page import Question, Section
from portal.reports.worksheets.readers import (
    Readers,
    alone,
    for_session,
    readers_of,
    until_both,
    until_given,
)
from portal.reports.worksheets.sections import Sections, asked, section
from portal.web.translate import _, _n

DAYS_ON_PAPER, WEEKS_ON_PAPER = 21, 12
"""How many rows the grid of a habit has."""
YEARS_ON_PAPER, EVENTS_ON_PAPER = 20, 8
JOURNAL_LINES, SLIDER_LINES = 20, 3
"""How many lines fit a page of a journal, and how many of them a slider takes."""


def letter(exercise: Exercise, spec: LetterSpec) -> Sections:
    """Return the parts of a letter, each with lines, and a strip for its receiver."""
    del exercise
    items = on_paper(spec.form)
    numbered = numbers(items)
    held = spec.deliveries == (DeliveryKind.HELD,)
    parts: list[Block | Question] = [
        Question(
            number=numbered[item.key],
            text=spec.titles.get(item.key, ""),
            hint=" ".join(filter(None, (item.text, item.hint))),
            blocks=room_for(item),
            titled=True,
        )
        for item in items
    ]
    if spec.responses and not held:
        note = _("Tick one and give the strip back, or keep it and say nothing. Both are fine.")
        parts.append(Strip(_("For whoever reads this"), note, tuple(each.text for each in spec.responses)))
    return (section(for_session() if held else until_given(), parts),)


def overlap(exercise: Exercise, spec: OverlapSpec) -> Sections:
    """Return the list in two halves, with the words that keep it from being held beside the other's."""
    del exercise
    groups = tuple(
        MarkGroup(page.title, tuple(MarkRow(item.text) for item in page.items)) for page in spec.form.pages
    )
    return _marks(spec.question, spec.levels, groups)


def _marks(question: str, levels: tuple[Option, ...], groups: tuple[MarkGroup, ...]) -> Sections:
    *some, rest = [level.text for level in levels]
    marks = Marks(question, _("I am open to it"), tuple(some), rest, groups)
    before = section(alone(), (_yours_alone(),), title=_("Yours alone"))
    return (before, section(alone(), (marks,), on_new_page=True))


def _yours_alone() -> Words:
    own = _(
        "Your partner has a sheet of their own. Don’t show yours, and don’t ask what is on theirs. "
        "Leave empty what you like: it means no more than the last column."
    )
    then = _(
        "Then either mark the same in the portal, where each of you sees only what both of you are open to, and tear this "
        "sheet up. Or fold it at the small mark in the left margin, list inside, and give it to your therapist in the "
        "session: your therapist reads all of it, and says aloud only what stands on both."
    )
    return Words((own, then))


def ladder(exercise: Exercise, spec: LadderSpec) -> Sections:
    """Return the steps: to mark how ready one is, on a sheet of one's own; or with lines, on a ladder of one's own."""
    if spec.solo:
        return (*_own_steps(exercise, spec), *asked(exercise, spec.afterwards))
    rows = tuple(MarkRow(each.title, each.text, _note(each)) for each in spec.steps)
    marks = _marks(spec.question, spec.levels, (MarkGroup("", rows),))
    return (*marks, *asked(exercise, spec.afterwards))


def _own_steps(exercise: Exercise, spec: LadderSpec) -> Iterator[Section]:
    """Yield the steps of a ladder of one's own; those that are written for somebody stand on paper of their own."""
    title = _("The steps")
    numbered = enumerate(spec.steps, start=1)
    for readers, steps in groupby(numbered, key=lambda one: _readers(exercise, one[1])):
        rungs = tuple(_rung(number, step) for number, step in steps)
        yield section(readers, (Rungs(rungs),), title=title)
        title = ""


def _readers(exercise: Exercise, step: Step) -> Readers:
    return alone() if step.item is None else readers_of(exercise, step.item)


def _rung(number: int, step: Step) -> Rung:
    return Rung(
        str(number), step.title, step.text, _note(step), lines_for(step.item) if step.item is not None else 0
    )


def _note(step: Step) -> str:
    return " ".join(filter(None, (_n("%(num)s minute.", "%(num)s minutes.", step.minutes), step.hint)))


def tracker(exercise: Exercise, spec: TrackerSpec) -> Sections:
    """Return a grid of three weeks by day, or of twelve weeks, with a box for every choice and room for a word."""
    items = {item.key: item for item in spec.form.questions}
    log, daily = items[LOG], spec.every is Every.DAY
    grid = Week(
        head=_("Day") if daily else _("Week from"),
        rows=DAYS_ON_PAPER if daily else WEEKS_ON_PAPER,
        choices=tuple(option.text for option in log.options),
        minutes=items[LOG_MINUTES].text if LOG_MINUTES in items else "",
        note=items[LOG_NOTE].text,
        daily=daily,
    )
    empty = Words((_("An empty row is just an empty row. Go on wherever you are."),))
    return (section(readers_of(exercise, log), (grid, empty), title=log.text, on_new_page=True),)


def timeline(exercise: Exercise, spec: TimelineSpec) -> Sections:
    """Return axes to draw the years on, rows for what happened, and the questions."""
    years = Years(
        levels=tuple(str(level) for level in range(spec.high, spec.low - 1, -1)),
        low_text=spec.low_text,
        high_text=spec.high_text,
        years=YEARS_ON_PAPER,
        rows=EVENTS_ON_PAPER,
        note=spec.note_prompt,
        kinds=tuple(
            _("%(kind)s: %(hint)s", kind=each.text, hint=spec.hints[each.key])
            if each.key in spec.hints
            else each.text
            for each in spec.kinds
        ),
    )
    intro = f"{spec.start_prompt} {spec.line_question}"
    drawn = section(until_both(), (years,), title=_("The years"), intro=intro, on_new_page=True)
    return (drawn, *asked(exercise, spec.form, readers=until_both()))


def journal(exercise: Exercise, spec: JournalSpec) -> Sections:
    """Return the prompts to choose from, how one feels, and a page to write on."""
    del exercise
    opening, *prompts = spec.prompts
    options = (*(item.text for item in prompts), opening.text)
    feeling = [Question(number="", text=item.text, blocks=room_for(item)) for item in spec.sliders]
    lines = Lines(JOURNAL_LINES - SLIDER_LINES * len(feeling))
    day = Question(number="", text=_("Day"), blocks=(Blank(""),))
    return (
        section(alone(), (Boxes(options, many=False, columns=1),), title=_("Choose one, or none")),
        section(alone(), (day, *feeling, lines), title=_("Your page"), on_new_page=True),
    )
