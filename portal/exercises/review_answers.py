"""Both partners' answers beside each other, as plain values for the page that compares them."""

from collections.abc import Mapping, Sequence
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
    LOG_NOTE,
    TrackerSpec,
    counts_per_week,
    done_days,
    first_day,
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
class WeekRow:
    """One week of a log: what each of the two noted, as (noted, of these done)."""

    monday: date
    a: tuple[int, int]
    b: tuple[int, int]


@dataclass(frozen=True, slots=True)
class LogNote:
    """A note in a log, by the position of its writer: 0 for seat a, 1 for seat b."""

    day: date
    who: int
    text: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A small habit over the last weeks, for the therapist's eyes only."""

    weeks: list[list[date]]
    noted: frozenset[date]
    counts: list[WeekRow]
    notes: list[LogNote]


def logged(
    spec: TrackerSpec,
    entries: Sequence[tuple[str, str, Mapping[str, Value]]],
    *,
    accounts: Sequence[str],
    today: date,
) -> Logged:
    """Return the last four weeks of a log: days, counts for each of the two ``accounts``, and notes, newest first."""
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS_SHOWN - 1))
    weeks = [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS_SHOWN)]
    dated = [
        (period, author, values) for period, author, values in entries if "-" in period and LOG in values
    ]
    by_author = [{period: values for period, who, values in dated if who == account} for account in accounts]
    counts = [counts_per_week(spec, each, first=monday, last=today) for each in by_author]
    notes = [
        LogNote(first_day(period), accounts.index(author), str(values[LOG_NOTE]))
        for period, author, values in dated
        if values.get(LOG_NOTE)
    ]
    return Logged(
        weeks=weeks,
        noted=frozenset(day for each in by_author for day in done_days(spec, each)),
        counts=[
            WeekRow(a.monday, (a.logged, a.done), (b.logged, b.done))
            for a, b in reversed(list(zip(*counts, strict=True)))
        ],
        notes=sorted(notes, key=lambda note: note.day, reverse=True)[:NOTES_SHOWN],
    )
