"""Both partners' answers beside each other, as plain values for the page that compares them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from portal.exercises.mechanics.base import Line, State
from portal.exercises.mechanics.questionnaire import (
    FAR_APART,
    Comparison,
    Of,
    QuestionnaireSpec,
    compare,
    widest_first,
)
from portal.exercises.mechanics.tracker import (
    LOG,
    Every,
    TrackerSpec,
    chosen,
    counts_per_week,
    done_days,
    first_day,
    minutes_in,
    note_in,
)
from portal.questionnaires.model import TEXT_KINDS, Answers, ItemKind, Value
from portal.questionnaires.scoring import Omitted, ScoreResult, ends_of, points
from portal.web.translate import _

WEEKS_SHOWN = 4
NOTES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Dots:
    """Where each of the two stands on one scale."""

    low: int
    high: int
    a: int | None
    b: int | None
    ends: tuple[str, str]
    far: float


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """One partner's answer in words. ``own`` are words they wrote; ``quiet`` says that there is no answer."""

    text: str
    own: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question with what each of the two answered; nothing for a partner who has not sent anything."""

    page: str
    question: str
    dots: Dots | None
    a: AnswerWords | None
    b: AnswerWords | None
    is_far: bool


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of both partners in words."""

    title: str
    a: str
    b: str
    a_band: str
    b_band: str
    is_far: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that a questionnaire gives to compare."""

    scores: tuple[ScoreRow, ...]
    rows: tuple[AnswerRow, ...]
    both: bool


def compared(
    spec: QuestionnaireSpec, first: Answers | None, second: Answers | None, *, widest: bool
) -> Compared:
    """Return two partners' answers beside each other; None for a partner who has not sent any."""
    found = compare(spec, first or {}, second or {})
    both = first is not None and second is not None
    ordered = widest_first(found) if widest and both else found
    pages = {item.key: page.title for page in spec.form.pages for item in page.walk()}
    return Compared(
        scores=tuple(_score_row(each, first, second) for each in found if each.of is Of.SCORE),
        rows=tuple(_answer_row(spec, each, pages, first, second) for each in ordered if each.of is Of.ITEM),
        both=both,
    )


def _answer_row(
    spec: QuestionnaireSpec,
    each: Comparison,
    pages: Mapping[str, str],
    first: Answers | None,
    second: Answers | None,
) -> AnswerRow:
    ours = None if first is None else _words(each.first)
    theirs = None if second is None else _words(each.second)
    return AnswerRow(
        page=pages[each.key],
        question=each.label,
        dots=_dots(spec, each.key, first or {}, second or {}),
        a=ours,
        b=theirs,
        is_far=each.is_far_apart,
    )


def _words(line: Line | ScoreResult) -> AnswerWords | None:
    if not isinstance(line, Line):
        return None
    if line.state is State.DECLINED:
        return AnswerWords(_("Prefers not to answer"), own=False, quiet=True)
    if line.state is State.UNANSWERED:
        return AnswerWords(_("Not answered"), own=False, quiet=True)
    text = "; ".join(line.texts) + (f" {line.unit}" if line.unit else "")
    return AnswerWords(text, own=line.kind in TEXT_KINDS, quiet=False)


def _dots(spec: QuestionnaireSpec, key: str, first: Answers, second: Answers) -> Dots | None:
    """Return both marks on a scale of whole numbers that is short enough to be drawn, if at least one is there."""
    item = spec.form.item(key)
    ends = None if item is None else ends_of(item)
    if item is None or ends is None or item.kind not in {ItemKind.SCALE, ItemKind.CHOICE}:
        return None
    a, b = _whole(points(item, first.get(key))), _whole(points(item, second.get(key)))
    low, high = _whole(ends.low), _whole(ends.high)
    if low is None or high is None or not 1 <= high - low <= 10 or (a is None and b is None):
        return None
    words = (item.low_text, item.high_text)
    if item.kind is ItemKind.CHOICE:
        by_score = sorted(item.options, key=lambda option: option.score or 0)
        words = (by_score[0].text, by_score[-1].text)
    return Dots(low, high, a, b, words, float(FAR_APART * ends.span))


def _whole(number: Fraction | None) -> int | None:
    return int(number) if number is not None and number.denominator == 1 else None


def _score_row(each: Comparison, first: Answers | None, second: Answers | None) -> ScoreRow:
    return ScoreRow(
        title=each.label,
        a=_score_words(each.first) if first is not None else "–",
        b=_score_words(each.second) if second is not None else "–",
        a_band=_band(each.first) if first is not None else "",
        b_band=_band(each.second) if second is not None else "",
        is_far=each.is_far_apart,
    )


def _score_words(result: Line | ScoreResult) -> str:
    if not isinstance(result, ScoreResult):
        return ""
    if result.omitted is Omitted.NOT_ASKED:
        return _("No total: not asked")
    if result.omitted is Omitted.INCOMPLETE:
        return _("No total: %(answered)s of %(asked)s answered", answered=result.answered, asked=result.asked)
    if result.ends is None:
        return str(result.whole)
    words = _("%(value)s of %(most)s", value=result.whole, most=int(result.ends.high))
    return _("%(score)s, raised for missing answers", score=words) if result.prorated else words


def _band(result: Line | ScoreResult) -> str:
    return result.band if isinstance(result, ScoreResult) else ""


@dataclass(frozen=True, slots=True)
class WeekSide:
    """What one of the two noted in a week: how often, how often it was done, minutes, and which choices how often."""

    noted: int
    done: int
    minutes: int | None
    chosen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One week of a log, of both. ``apart`` is how far their minutes are from each other, where both noted some."""

    monday: date
    a: WeekSide
    b: WeekSide

    @property
    def apart(self) -> int | None:
        """Return the difference between the minutes of the two."""
        return apart(self.a.minutes, self.b.minutes)


def apart(first: int | None, second: int | None) -> int | None:
    """Return how far two counts of minutes are from each other; ``None`` unless both were given."""
    return None if first is None or second is None else abs(first - second)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One log as its writer gave it: what was chosen, minutes, and the note."""

    chosen: str
    minutes: int | None
    note: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a daily log, of both; nothing for who has noted nothing."""

    day: date
    a: LogEntry | None
    b: LogEntry | None


@dataclass(frozen=True, slots=True)
class LogNote:
    """A log with a note, by the position of its writer: 0 for seat a, 1 for seat b."""

    day: date
    who: int
    entry: LogEntry


@dataclass(frozen=True, slots=True)
class Logged:
    """A small habit over the last weeks, for the therapist's eyes only."""

    weeks: list[list[date]]
    noted: frozenset[date]
    counts: list[WeekRow]
    days: list[DayRow]
    """Day by day, the newest first; empty for a weekly log, where a week is one round."""
    notes: list[LogNote]
    is_weekly: bool

    @property
    def has_minutes(self) -> bool:
        """Say whether either of the two has noted minutes in these weeks."""
        return any(side.minutes is not None for week in self.counts for side in (week.a, week.b))

    @property
    def minutes(self) -> tuple[int | None, int | None]:
        """Return the minutes of each of the two over all these weeks."""
        return _sum(week.a.minutes for week in self.counts), _sum(week.b.minutes for week in self.counts)

    @property
    def apart(self) -> int | None:
        """Return how far the two are from each other over the weeks in which both noted some."""
        both = [week for week in self.counts if week.apart is not None]
        return apart(_sum(week.a.minutes for week in both), _sum(week.b.minutes for week in both))


def _sum(minutes: Iterable[int | None]) -> int | None:
    noted = [each for each in minutes if each is not None]
    return sum(noted) if noted else None


def logged(
    spec: TrackerSpec,
    entries: Sequence[tuple[str, str, Mapping[str, Value]]],
    *,
    accounts: Sequence[str],
    today: date,
) -> Logged:
    """Return the last four weeks of a log: what each of the two ``accounts`` noted, and notes, newest first."""
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS_SHOWN - 1))
    weeks = [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS_SHOWN)]
    dated = [
        (period, author, values) for period, author, values in entries if "-" in period and LOG in values
    ]
    by_author = [{period: values for period, who, values in dated if who == account} for account in accounts]
    sides = [_sides(spec, each, first=monday, last=today) for each in by_author]
    is_weekly = spec.every is Every.WEEK
    notes = [
        LogNote(first_day(period), accounts.index(author), _entry(spec, values))
        for period, author, values in dated
        if note_in(values)
    ]
    return Logged(
        weeks=weeks,
        noted=frozenset(day for each in by_author for day in done_days(spec, each)),
        counts=[WeekRow(week[0], a, b) for week, a, b in reversed(list(zip(weeks, *sides, strict=True)))],
        days=[] if is_weekly else _days(spec, by_author, first=monday),
        notes=sorted(notes, key=lambda note: note.day, reverse=True)[:NOTES_SHOWN],
        is_weekly=is_weekly,
    )


def _sides(spec: TrackerSpec, logs: Mapping[str, Answers], *, first: date, last: date) -> Iterator[WeekSide]:
    for week in counts_per_week(spec, logs, first=first, last=last):
        words = Counter(
            words
            for period, answers in logs.items()
            if week.monday <= first_day(period) < week.monday + timedelta(days=7)
            and (words := chosen(spec, answers))
        )
        yield WeekSide(week.logged, week.done, week.minutes, tuple(words.most_common()))


def _days(spec: TrackerSpec, by_author: Sequence[Mapping[str, Answers]], *, first: date) -> list[DayRow]:
    a, b = ({first_day(period): values for period, values in logs.items()} for logs in by_author)
    return [
        DayRow(day, *(_entry(spec, logs[day]) if day in logs else None for logs in (a, b)))
        for day in sorted({*a, *b}, reverse=True)
        if day >= first
    ]


def _entry(spec: TrackerSpec, answers: Answers) -> LogEntry:
    return LogEntry(chosen(spec, answers), minutes_in(answers), note_in(answers))
