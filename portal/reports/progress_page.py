"""What stands on a progress report: numbers, words and dates, and the drawings that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.kit.charts import (
    CalendarWords,
    Chart,
    Event,
    Line,
    Pause,
    Person,
    Scale,
    ScaleWords,
    Trend,
    TrendWords,
    Weekly,
    done_calendar,
    dumbbell,
    number,
    trend,
    versus,
)
from portal.reports.base import Colophon, Cover, Named, Paper, Prose, Quote
from portal.reports.sentences import (
    ENGLISH,
    SIGN_SCALE,
    Change,
    SignNumbers,
    Speech,
    apart_words,
    change_of,
    score_words,
    verdict,
)

OVERALL_SCALE = Scale(0, 50)
"""The scale of five warning signs added up."""

MOST_DAYS = 8
"""Columns of numbers that fit beside the names."""

ROOM_FOR_WORDS = 4
"""Up to this many columns of numbers leave room for the change in words."""

MOST_TOGETHER = 6
"""Short excerpts that are kept on one page."""

PANEL_HEIGHT = 104.0
"""Height of one person's panel, in points: two of them and their axis take a third of a page."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything that drawings and numbers need said in the language of the report."""

    speech: Speech = ENGLISH
    trend: TrendWords = field(default_factory=TrendWords)
    scale: ScaleWords = field(default_factory=ScaleWords)
    calendar: CalendarWords = field(default_factory=CalendarWords)


@dataclass(frozen=True, slots=True)
class Moved:
    """One person's then and now on one sign: the drawing and its word."""

    chart: Chart
    change: Change
    words: str


@dataclass(frozen=True, slots=True)
class Signs:
    """Warning signs then and now, on our own form, for both people or for the one whose copy it is."""

    lead: str
    rows: tuple[SignNumbers, ...]
    first_day: str
    last_day: str
    scale: Scale = SIGN_SCALE
    overall: SignNumbers | None = None
    overall_scale: Scale = OVERALL_SCALE

    def moved(self, row: SignNumbers, who: Named, wording: Wording) -> Moved:
        """Return a person's then and now on one row; the row `overall` uses its own scale."""
        scale = self.overall_scale if row is self.overall else self.scale
        then, now = (row.a_then, row.a_now) if who.seat == "a" else (row.b_then, row.b_now)
        chart = dumbbell(who.person, then, now, scale=scale, title=row.title, words=wording.scale, width=112)
        change = change_of(then, now, scale)
        return Moved(chart, change, wording.speech.change(change))


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a person's panel."""

    person: Person
    latest: str
    first: str
    words: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Numbers:
    """One person's numbers in a table; an empty value is a day without an answer."""

    person: Person
    values: tuple[str, ...]
    since: str
    words: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of numbers. The one with the latest day closes the series and says what changed."""

    days: tuple[str, ...]
    lines: tuple[Numbers, ...]
    closing: bool

    @property
    def worded(self) -> bool:
        """Say whether there is room for the change in words."""
        return len(self.days) <= ROOM_FOR_WORDS

    @property
    def widths(self) -> tuple[float, ...]:
        """Return the widths of the columns in millimetres; 0 takes what is left."""
        if self.closing and self.worded:
            return (43.5, *(14.5 for _ in self.days), 20, 0)
        return (
            32,
            *(15.0 for _ in self.days),
            *((18.0,) if self.closing else ()),
            *((0.0,) if not self.full else ()),
        )

    @property
    def full(self) -> bool:
        """Say whether the columns fill the width."""
        return len(self.days) == MOST_DAYS and self.closing


@dataclass(frozen=True, slots=True)
class Course:
    """One measure over time, for each person on the same scale. `short` is its name above the numbers."""

    key: str
    title: str
    lead: str
    lines: tuple[Line, ...]
    scale: Scale
    about: Prose = ()
    source: str = ""
    events: tuple[Event, ...] = ()
    short: str = ""

    def drawn(self, wording: Wording) -> Trend:
        """Return the drawing, whole and by panels."""
        return trend(
            self.lines,
            self.scale,
            title=self.title,
            events=self.events,
            words=wording.trend,
            height=PANEL_HEIGHT,
        )

    def panels(self, wording: Wording) -> tuple[Beside, ...]:
        """Return each person's panel with the words that stand beside it; empty without any score."""
        if not any(line.scores for line in self.lines):
            return ()
        rows = []
        for line, chart in zip(self.lines, self.drawn(wording).panels, strict=True):
            scores = [number(score.value) for score in line.ordered]
            latest = scores[-1] if scores else ""
            first = scores[0] if len(scores) > 1 else ""
            rows.append(Beside(line.person, latest, first, score_words(line, speech=wording.speech), chart))
        return tuple(rows)

    def tables(self, wording: Wording) -> tuple[Rows, ...]:
        """Return the same numbers in rows, parted into as many tables as the width of a page asks for."""
        days = sorted({score.day for line in self.lines for score in line.scores})
        return tuple(
            self._rows(days[start : start + MOST_DAYS], days, wording)
            for start in range(0, len(days), MOST_DAYS)
        )

    def _rows(self, some: Sequence[date], days: Sequence[date], wording: Wording) -> Rows:
        lines = []
        for line in self.lines:
            by_day = {score.day: number(score.value) for score in line.scores}
            values = tuple(by_day.get(day, "") for day in some)
            lines.append(Numbers(line.person, values, _since(line), verdict(line, speech=wording.speech)))
        return Rows(tuple(wording.trend.day(day) for day in some), tuple(lines), closing=some[-1] == days[-1])


def _since(line: Line) -> str:
    scores = line.ordered
    if len(scores) < 2:
        return ""
    moved = scores[-1].value - scores[0].value
    return f"+{number(moved)}" if moved > 0 else number(moved)


@dataclass(frozen=True, slots=True)
class Together:
    """Something the two did together, day by day. Days only: nothing per person, no rate."""

    title: str
    lead: str
    habit: str
    days: frozenset[date]
    first: date
    last: date
    note: str = ""
    weekly: tuple[Weekly, ...] = ()
    weekly_note: str = ""
    sessions: Mapping[date, int] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    stretch: Prose = ()

    def drawn(self, wording: Wording) -> Chart:
        """Return the calendar."""
        return done_calendar(
            self.days,
            first=self.first,
            last=self.last,
            title=self.habit,
            weekly=self.weekly,
            sessions=self.sessions,
            pauses=self.pauses,
            words=wording.calendar,
        )


@dataclass(frozen=True, slots=True)
class Given:
    """One exercise that was given. `states` holds one word for both, or one for each person."""

    title: str
    mechanic: str
    given: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MinutesOfWeek:
    """What each of the two noted of a practice's minutes in one week, by its first day."""

    monday: str
    a: int | None
    b: int | None

    @property
    def apart(self) -> int | None:
        """Return how far the two counts are from each other, where there are two."""
        return None if self.a is None or self.b is None else abs(self.a - self.b)


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of one practice, week by week. For the therapist: neither partner sees the other's count."""

    title: str
    weeks: tuple[MinutesOfWeek, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in the couple's words, what happened, and where it stands: reached, on the way or carried on."""

    words: str
    told: str
    state: str


@dataclass(frozen=True, slots=True)
class Step:
    """What someone will do next; `who` is None for both together."""

    who: Named | None
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The same question answered by both, for the clinician or for a copy that both have shared."""

    title: str
    a_value: float
    b_value: float


@dataclass(frozen=True, slots=True)
class Differences:
    """Where the two see things differently, the largest distance first."""

    lead: str
    rows: tuple[Difference, ...]
    scale: Scale = SIGN_SCALE

    @property
    def largest_first(self) -> tuple[Difference, ...]:
        """Return the rows by distance."""
        return tuple(sorted(self.rows, key=lambda row: -abs(row.a_value - row.b_value)))

    def drawn(self, row: Difference, both: tuple[Named, Named], wording: Wording) -> Chart:
        """Return the drawing of one row."""
        a, b = both
        return versus(
            a.person,
            row.a_value,
            b.person,
            row.b_value,
            scale=self.scale,
            title=row.title,
            words=wording.scale,
            width=190,
        )

    def words(self, row: Difference, wording: Wording) -> str:
        """Return how near the two answers are."""
        return apart_words(row.a_value, row.b_value, self.scale, speech=wording.speech)


@dataclass(frozen=True, slots=True)
class Told:
    """A question, and what was answered."""

    asked: str
    answer: Prose


@dataclass(frozen=True, slots=True)
class Batch:
    """The questions that stood on one page of an exercise, and the page's title if it needs to be said."""

    title: str
    told: tuple[Told, ...]
    scale: str = ""
    """What the numbers among the answers lie between."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one person told the therapist alone in one exercise."""

    title: str
    day: str
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """What one person told the therapist alone. It starts a page of its own, so that it can be released alone."""

    who: Named
    number: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """A whole progress report. Every part may be missing; the order on paper is the order of the fields."""

    paper: Paper
    cover: Cover
    in_short: Prose
    who_may_read: Prose
    signs: Signs | None = None
    courses: tuple[Course, ...] = ()
    together: Together | None = None
    differences: Differences | None = None
    goals: tuple[Goal, ...] = ()
    goals_text: Prose = ()
    exercises: tuple[Given, ...] = ()
    minutes: tuple[Minutes, ...] = ()
    """Minutes that each noted, week by week; in the therapist's copy only."""
    pathways: tuple[str, ...] = ()
    """A sentence for each pathway that the couple is or was on; in the therapist's copy only."""
    excerpts: tuple[Quote, ...] = ()
    excerpts_note: str = ""
    comment: Prose = ()
    steps: tuple[Step, ...] = ()
    again: tuple[str, ...] = ()
    dates: Prose = ()
    alone: tuple[Alone, ...] = ()
    colophon: Colophon = field(default_factory=lambda: Colophon(()))
    wording: Wording = field(default_factory=Wording)

    @property
    def each(self) -> bool:
        """Say whether the table of exercises has a column for each person."""
        return any(len(given.states) > 1 for given in self.exercises)

    @property
    def short_excerpts(self) -> bool:
        """Say whether all excerpts fit side by side and together on a page."""
        return not any(quote.long for quote in self.excerpts) and len(self.excerpts) <= MOST_TOGETHER

    @property
    def work(self) -> bool:
        """Say whether there is anything to put under goals, words and next steps."""
        return bool(
            self.goals
            or self.goals_text
            or self.exercises
            or self.excerpts
            or self.comment
            or self.steps
            or self.dates
        )
