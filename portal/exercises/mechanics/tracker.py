"""A small practice that comes back every day or week: a log of seconds, and a calendar that never scolds.

Where it is for the couple, its note is words for the other to read. What was chosen, and the minutes, go to the
therapist; of these both see only on which days it was done, without a name. A ``[tracker]`` table has

- ``every`` ("day" or "week"), ``question``, ``choices``, ``note_prompt``, ``note_max``, ``restart_text``, and where
  time is counted ``minutes_question``; ``only_from``: the exercise with the list that the practice is taken from;
- ``[tracker.afterwards]``: pages that each is asked alone, at most once a week and after a log of that week. They are
  walked in the period that ``afterwards_round`` names. A practice with touch has them always.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.afterwards import read_afterwards
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    summarise,
    words_of,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, Option, Page, repeated

NAME: Final = MechanicName.TRACKER
AUDIENCES: Final = frozenset({Audience.PRIVATE, Audience.THERAPIST, Audience.COUPLE})

LOG, LOG_MINUTES, LOG_NOTE = "log", "log_minutes", "log_note"
LOGGED: Final = (LOG, LOG_MINUTES, LOG_NOTE)
"""The keys of everything that a log can hold; no other item of an exercise has one of them."""
CHOICES: Final = range(2, 6)
DAY_MINUTES: Final = 24 * 60
NO_PAGES: Final = Form(pages=())
AFTERWARDS: Final = "q"
"""How the names of the rounds begin in which each is asked alone; the week follows."""
_ALONE: Final = frozenset({Audience.PRIVATE, Audience.THERAPIST})


class Every(StrEnum):
    """How often the practice comes back."""

    DAY = "day"
    WEEK = "week"


GAPS: Final[Mapping[Every, timedelta]] = {Every.DAY: timedelta(days=4), Every.WEEK: timedelta(days=21)}
"""The time without a log from which a return is welcomed rather than passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSpec:
    """What a ``[tracker]`` table says. ``form`` is the log, ``done_keys`` the choices that count as having done it."""

    every: Every
    form: Form
    afterwards: Form = NO_PAGES
    done_keys: frozenset[str]
    restart_text: str
    only_from: str = ""
    """The exercise with the list that the practice is taken from: there is nothing to do while it is empty."""

    @property
    def is_joint(self) -> bool:
        """Say whether the practice is the couple's: both see on which days it was done, and read each other's notes."""
        item = self.form.item(LOG)
        return item is not None and item.audience is Audience.DAYS


@dataclass(frozen=True, slots=True)
class WeekCount:
    """How many periods of a week were logged and how many of them done; for the therapist only.

    ``minutes`` are those noted in that week; None where none were.
    """

    monday: date
    logged: int
    done: int
    minutes: int | None = None


def read(table: Table, frame: Frame) -> TrackerSpec:
    """Return what a ``[tracker]`` table says, noting every mistake at the table."""
    every = table.choice("every", Every)
    audience = frame.audience if frame.audience in AUDIENCES else Audience.COUPLE
    for_couple = audience is Audience.COUPLE
    choices, done_keys = _read_choices(table)
    afterwards = read_afterwards(table) if "afterwards" in table else NO_PAGES
    if any(item.audience not in _ALONE for item in afterwards.questions):
        table.complain("afterwards", "is each partner’s own: private, or for the therapist")
    items = [
        Item(
            key=LOG,
            kind=ItemKind.CHOICE,
            text=table.text("question", at_most=200),
            audience=Audience.DAYS if for_couple else audience,
            options=choices,
            compact=True,
            required=True,
            prefer_not=False,
        ),
        *_read_minutes(table, every, Audience.THERAPIST if for_couple else audience),
        Item(
            key=LOG_NOTE,
            kind=ItemKind.LONG,
            text=table.text("note_prompt", at_most=200),
            audience=audience,
            max_length=table.integer("note_max", low=20, high=1000),
            prefer_not=False,
        ),
    ]
    page = Page(key=LOG, title=frame.title, items=tuple(items))
    return TrackerSpec(
        every=every,
        form=Form(pages=(page,)),
        afterwards=afterwards,
        done_keys=done_keys,
        restart_text=table.text("restart_text", at_most=300),
        only_from=table.optional_text("only_from", at_most=60),
    )


def _read_choices(table: Table) -> tuple[tuple[Option, ...], frozenset[str]]:
    choices, done_keys = [], set()
    for entry in table.tables("choices"):
        option = Option(key=entry.key("key"), text=entry.text("text", at_most=60))
        choices.append(option)
        if entry.flag("done", default=True):
            done_keys.add(option.key)
    if len(choices) not in CHOICES or not done_keys:
        table.complain("choices", "must be two to five, at least one of them done")
    for key in repeated([option.key for option in choices]):
        table.complain("choices", f"the choice key {key} comes twice")
    return tuple(choices), frozenset(done_keys)


def _read_minutes(table: Table, every: Every, audience: Audience) -> tuple[Item, ...]:
    if "minutes_question" not in table:
        return ()
    return (
        Item(
            key=LOG_MINUTES,
            kind=ItemKind.NUMBER,
            text=table.text("minutes_question", at_most=200),
            audience=audience,
            low=0,
            high=DAY_MINUTES if every is Every.DAY else 7 * DAY_MINUTES,
            prefer_not=False,
        ),
    )


def form(spec: TrackerSpec) -> Form:
    """Return everything that is walked through: the one short page of a log, and what is asked afterwards."""
    return Form(pages=(*spec.form.pages, *spec.afterwards.pages))


def label(spec: TrackerSpec, audience: Audience) -> Label:
    """Return the label of a log's answer, of its note, or of an answer afterwards."""
    del spec  # All trackers say it the same way.
    return label_for(audience)


def open_at(
    spec: TrackerSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when something opens to the partner: a note at once, where it is for the couple."""
    del spec, other, delivery  # A note waits for nobody.
    return own.at if audience is Audience.COUPLE else None


def is_done(spec: TrackerSpec, answers: Mapping[str, object]) -> bool:
    """Say whether a log says that the practice was done."""
    choice = answers.get(LOG)
    return isinstance(choice, str) and choice in spec.done_keys


def done_days(spec: TrackerSpec, logs: Mapping[str, Answers]) -> tuple[date, ...]:
    """Return the days on which the practice was done, in order; a weekly log stands for its Monday.

    ``logs`` are the answers by period, ``2026-11-22`` or ``2026-W47``.
    """
    return tuple(sorted(first_day(period) for period, answers in logs.items() if is_done(spec, answers)))


def first_day(period: str) -> date:
    """Return the first day of a daily or weekly period; raises ``ValueError`` for any other text."""
    if "W" in period:
        year, _, week = period.partition("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    return date.fromisoformat(period)


def chosen(spec: TrackerSpec, answers: Answers) -> str:
    """Return the words of what was chosen in a log; empty where nothing was."""
    item = spec.form.item(LOG)
    return "" if item is None else ", ".join(words_of(item, answers.get(LOG)))


def minutes_in(answers: Answers) -> int | None:
    """Return the minutes that were noted in a log; None where none were."""
    minutes = answers.get(LOG_MINUTES)
    return minutes if isinstance(minutes, int) else None


def note_in(answers: Answers) -> str:
    """Return the note in a log; empty where there is none."""
    note = answers.get(LOG_NOTE)
    return note.strip() if isinstance(note, str) else ""


def afterwards_round(day: date) -> str:
    """Return the round in which each is asked alone in the week of a day, such as ``q2026-W47``."""
    year, week, _ = day.isocalendar()
    return f"{AFTERWARDS}{year:04d}-W{week:02d}"


def is_afterwards(period: str) -> bool:
    """Say whether a round holds what somebody was asked alone, and is no log."""
    return period.startswith(AFTERWARDS)


def needs_welcome_back(spec: TrackerSpec, last: date | None, *, today: date) -> bool:
    """Say whether someone returns after a gap and is welcomed; a first log is no return."""
    return last is not None and today - last >= GAPS[spec.every]


def counts_per_week(
    spec: TrackerSpec, logs: Mapping[str, Answers], *, first: date, last: date
) -> tuple[WeekCount, ...]:
    """Return for each week between two days how much was logged and done; for the therapist's eyes only."""
    logged = _per_monday(first_day(period) for period in logs)
    done = _per_monday(done_days(spec, logs))
    minutes = _minutes_per_monday(logs)
    mondays = []
    monday = _monday(first)
    while monday <= last:
        mondays.append(monday)
        monday += timedelta(days=7)
    return tuple(
        WeekCount(monday, logged.get(monday, 0), done.get(monday, 0), minutes.get(monday))
        for monday in mondays
    )


def _minutes_per_monday(logs: Mapping[str, Answers]) -> dict[date, int]:
    found: dict[date, int] = {}
    for period, answers in logs.items():
        noted = minutes_in(answers)
        if noted is not None:
            monday = _monday(first_day(period))
            found[monday] = found.get(monday, 0) + noted
    return found


def _per_monday(days: Iterable[date]) -> dict[date, int]:
    counts: dict[date, int] = {}
    for day in days:
        counts[_monday(day)] = counts.get(_monday(day), 0) + 1
    return counts


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def summary(spec: TrackerSpec, answers: Answers) -> Summary:
    """Return one log in words, or what was answered afterwards."""
    begun = tuple(
        page for page in form(spec).pages if any(item.key in answers for item in page.walk())
    )  # Both are never answered in one round.
    return summarise(Form(pages=begun or spec.form.pages), answers)


def contents(spec: TrackerSpec) -> Mapping[str, object]:
    """Return the questions of a log as plain JSON values."""
    return {
        "every": spec.every.value,
        "items": items_as_json(form(spec)),
        "restart_text": spec.restart_text,
        "only_from": spec.only_from,
    }
