"""Gathers a progress report for a couple and a period, as far as everybody it is made for may read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from itertools import groupby, pairwise, zip_longest

from flask_babel import format_date, gettext, ngettext

from portal.access.policy import Permission, Refused
from portal.access.privacy import LABELS, Audience, Label
from portal.access.scope import Scope
from portal.access.viewer import Role, Seat, Viewer
from portal.exercises import queries, review_queries
from portal.exercises.domain import Exercise
from portal.exercises.journey_queries import journeys_of, way_of
from portal.exercises.letter_words import letter_sent
from portal.exercises.mechanics import tracker
from portal.exercises.mechanics.base import Line as AnswerLine
from portal.exercises.mechanics.base import State
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.timeline_model import TimelineSpec
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.models import Assignment, ResponseState, Whom
from portal.exercises.pathway_models import StepState
from portal.exercises.queries import Written
from portal.exercises.review_queries import Work
from portal.kit.clock import day_in
from portal.kit.svg import Person
from portal.kit.svg import Seat as Mark
from portal.kit.trends import Line, Scale, Score
from portal.people.couple_queries import Circle, circle
from portal.people.models import Couple, Practice
from portal.people.practice_queries import practice_of
from portal.questionnaires.model import ItemKind
from portal.questionnaires.scoring import ScoreResult, score_form
from portal.reports.base import Colophon, Copy, Cover, Named, Paper, Prose, Quote, prose
from portal.reports.progress_page import (
    Alone,
    Batch,
    Course,
    Difference,
    Differences,
    Given,
    Minutes,
    MinutesOfWeek,
    ProgressPage,
    Record,
    Signs,
    Together,
    Told,
)
from portal.reports.sentences import Course as Story
from portal.reports.sentences import SignNumbers, Speech, Stretch, Voice, in_short, sign_lead

WARNING_SIGNS = "warning-signs"
OVERALL = "overall_weight"
MOST_EXCERPTS = 4
MOST_WEEKS = 12
"""How many weeks of minutes stand in a report: enough to see where they go."""
EXCERPT_LENGTH = 420
GAP = timedelta(days=7)
WORDS = (ItemKind.SHORT, ItemKind.LONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report is wanted: for whom, from when to when, and what the therapist wrote for it."""

    couple_id: str
    copy: Copy
    first: date
    last: date
    comment: str = ""
    summary: str = ""
    """The paragraph "In short" as the therapist left it; empty for the one that follows from the numbers."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Everything that the parts of a report are made from; ``entries`` hold only what may be read."""

    wanted: Wanted
    now: datetime
    zone: str
    people: Circle
    works: tuple[Work, ...]
    entries: tuple[Written, ...]
    in_common: frozenset[str]
    """The assignments in which both are open to something now."""
    noted: Mapping[str, frozenset[date]]
    """The days on which what is the couple's own practice was done, by assignment: both know them, without a name."""
    speech: Speech = field(
        default_factory=lambda: Speech(gettext, ngettext, lambda day: format_date(day, "d MMMM"))
    )

    @property
    def joint(self) -> bool:
        return self.wanted.copy is Copy.JOINT

    @property
    def voice(self) -> Voice:
        return Voice.YOU if self.joint else Voice.THEY

    def named(self, seat: Seat) -> Named:
        person = self.people.at(seat)
        return Named(Person(Mark(seat.value), person.first_name), person.name)

    def of(self, assignment: Assignment, account_id: str | None = None) -> list[Written]:
        """Return what was written for an assignment in the period, by one person or by both."""
        return [
            entry
            for entry in self.entries
            if entry.assignment_id == assignment.id
            and (account_id is None or entry.author_id == account_id)
            and self.wanted.first <= self.day(entry.sent_at) <= self.wanted.last
        ]

    def quotable(self, entry: Written) -> Written:
        """Return what may stand among the quotes: only what both can read by now, in either copy.

        What was told alone has a page of its own, and a letter that is under way isn't quoted before it arrives.
        """
        return entry.opened(self.now)

    def day(self, moment: datetime) -> date:
        return day_in(self.zone, moment)

    def about(self, slug: str) -> list[Work]:
        return [work for work in self.works if work.assignment.slug == slug]


def gather(scope: Scope, wanted: Wanted) -> ProgressPage:
    """Return the content of a progress report as plain values.

    The joint copy is gathered with the intersection of what both partners and the therapist may read.
    Raises Refused for a couple that isn't in the viewer's caseload, and for copies that don't exist.
    """
    scope.require(Permission.REPORT, couple_id=wanted.couple_id)
    if wanted.copy not in {Copy.CLINICIAN, Copy.JOINT}:
        raise Refused("no such copy")
    people = circle(scope, wanted.couple_id)
    practice = practice_of(scope)
    works = tuple(
        each
        for each in review_queries.work_of(scope, wanted.couple_id)
        if wanted.copy is not Copy.JOINT or _is_known_to_couple(each.assignment, scope.now)
    )
    reading = scope.joined_by(_partners(scope, people)) if wanted.copy is Copy.JOINT else scope
    entries = tuple(queries.written(reading, [work.assignment.id for work in works]))
    in_common = queries.with_matches(reading)
    noted = {
        work.assignment.id: queries.noted_days(scope, work.assignment, habit)
        for work in works
        if (habit := work.exercise.spec(TrackerSpec)) is not None and habit.is_joint
    }
    source = _Source(wanted, scope.now, practice.time_zone, people, works, entries, in_common, noted)
    couple = scope.find(Couple, wanted.couple_id)
    pathways = (
        () if source.joint else _pathways(scope, wanted.couple_id, last=wanted.last, zone=practice.time_zone)
    )
    return _page(
        source, practice, goals=couple.goals or "", number=number_of(scope, wanted), pathways=pathways
    )


def _is_known_to_couple(assignment: Assignment, now: datetime) -> bool:
    """Say whether a couple sees an assignment: what is still being prepared must not show on their paper."""
    return assignment.released_at is not None and max(assignment.released_at, assignment.opens_at) <= now


def _partners(scope: Scope, people: Circle) -> list[Viewer]:
    return [
        Viewer(
            scope.practice_id,
            each.account_id,
            frozenset({Role.PARTNER}),
            frozenset({people.couple_id}),
            each.seat,
        )
        for each in (people.a, people.b)
    ]


def number_of(scope: Scope, wanted: Wanted) -> str:
    """Return a neutral document number: the year, and five characters that tell nothing and are always the same."""
    told = f"{wanted.couple_id}/{wanted.copy}/{wanted.first.isoformat()}/{wanted.last.isoformat()}"
    mark = hmac(scope.practice_id.encode(), told.encode(), sha256).hexdigest()[:8]
    letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    code = "".join(letters[(int(mark, 16) >> shift) % 32] for shift in (0, 5, 10, 15, 20))
    return f"{wanted.last:%y}-{code}"


def _pathways(scope: Scope, couple_id: str, *, last: date, zone: str) -> tuple[str, ...]:
    """Return how far the couple has come on each pathway that it had begun by the end of the period."""
    found = []
    for row in reversed(journeys_of(scope, couple_id)):
        begun = day_in(zone, row.started_at)
        if begun > last:
            continue
        way = way_of(scope, row)
        over = sum(step.state in {StepState.DONE, StepState.SKIPPED} for step in way.steps)
        found.append(
            gettext(
                "%(title)s, begun %(day)s: %(over)s of %(all)s steps done or left out.",
                title=way.pathway.title,
                day=format_date(begun, "d MMMM"),
                over=over,
                all=len(way.steps),
            )
        )
    return tuple(found)


def _page(
    source: _Source, practice: Practice, *, goals: str, number: str, pathways: tuple[str, ...]
) -> ProgressPage:
    wanted, joint = source.wanted, source.joint
    a, b = source.named(Seat.A), source.named(Seat.B)
    sign_rows, overall = _sign_numbers(source)
    lines = _overall_lines(source, a, b)
    habit = _together(source)
    story = _story(source, sign_rows, habit)
    summary = (
        prose(wanted.summary)
        if wanted.summary
        else (" ".join(in_short(story, voice=source.voice, speech=source.speech)),)
    )
    return ProgressPage(
        paper=_paper(wanted, number),
        cover=Cover(
            line=gettext("Progress report"),
            a=a,
            b=b,
            period=gettext(
                "%(first)s to %(last)s",
                first=format_date(wanted.first, "d MMMM"),
                last=format_date(wanted.last, "d MMMM y"),
            ),
            therapist=", ".join(source.people.therapists),
            practice=practice.name,
        ),
        in_short=summary,
        who_may_read=_who_may_read(source),
        signs=_signs(source, story, sign_rows, overall),
        courses=_courses(lines, joint=joint),
        together=habit,
        differences=_differences(sign_rows),
        goals_text=prose(goals),
        exercises=_exercises(source),
        minutes=_minutes(source),
        pathways=pathways,
        excerpts=_excerpts(source),
        excerpts_note=gettext("Everything here may be read by all three of you.") if joint else "",
        comment=prose(wanted.comment),
        alone=() if joint else tuple(_alone(source, seat, number) for seat in Seat),
        colophon=Colophon(_help_lines(practice)),
    )


def _paper(wanted: Wanted, number: str) -> Paper:
    joint = wanted.copy is Copy.JOINT
    return Paper(
        number=number,
        kind=gettext("Progress report"),
        copy=wanted.copy,
        label=Label.COUPLE if joint else Label.NOTES,
        label_words=gettext("Both of you and your therapist")
        if joint
        else gettext("Clinical record – clients cannot see this"),
    )


def _who_may_read(source: _Source) -> Prose:
    therapist = ", ".join(source.people.therapists) or gettext("your therapist")
    if source.joint:
        return (
            gettext("The two of you and %(therapist)s.", therapist=therapist)
            + " "
            + gettext(
                "Nothing here comes from what one of you wrote alone, unless that person chose to share it. "
                "Questions about health and safety are never part of a joint report, for any couple."
            ),
        )
    return (
        gettext(
            "%(therapist)s and those in the practice who treat this couple. It holds what each partner told the "
            "therapist alone and must not be shown to the other.",
            therapist=therapist,
        ),
    )


def _help_lines(practice: Practice) -> Prose:
    lines = [
        gettext("This paper supports your therapy. It is not medical advice and not an emergency service.")
    ]
    lines += [
        " ".join(filter(None, (each.get("name", ""), each.get("contact", ""))))
        for each in practice.crisis_resources
    ]
    return tuple(lines)


# Warning signs


def _scores(exercise: Exercise, entry: Written) -> Mapping[str, ScoreResult]:
    return score_form(exercise.form, entry.values)


def _sign_history(source: _Source, account_id: str) -> list[tuple[date, Mapping[str, ScoreResult]]]:
    found = [
        (source.day(entry.sent_at), _scores(work.exercise, entry))
        for work in source.about(WARNING_SIGNS)
        for entry in source.of(work.assignment, account_id)
    ]
    return sorted(found, key=lambda each: each[0])


def _values(history: Sequence[tuple[date, Mapping[str, ScoreResult]]], key: str) -> list[tuple[date, float]]:
    return [
        (day, float(scores[key].value or 0))
        for day, scores in history
        if key in scores and scores[key].value is not None
    ]


def _then_now(values: Sequence[tuple[date, float]]) -> tuple[float | None, float | None]:
    """Return the first and the last of some values; with a single one there is no "then"."""
    if not values:
        return None, None
    return (values[0][1] if len(values) > 1 else None), values[-1][1]


def _sign_numbers(source: _Source) -> tuple[tuple[SignNumbers, ...], SignNumbers | None]:
    works = source.about(WARNING_SIGNS)
    if not works:
        return (), None
    histories = [_sign_history(source, person.account_id) for person in (source.people.a, source.people.b)]
    rows = []
    for score in works[0].exercise.form.scores:
        (a_then, a_now), (b_then, b_now) = (_then_now(_values(history, score.key)) for history in histories)
        if a_now is not None or b_now is not None:
            rows.append((score.key, SignNumbers(score.title, a_then, a_now, b_then, b_now)))
    signs = tuple(row for key, row in rows if key != OVERALL)
    return signs, next((row for key, row in rows if key == OVERALL), None)


def _signs(
    source: _Source, story: Story, rows: tuple[SignNumbers, ...], overall: SignNumbers | None
) -> Signs | None:
    if not rows:
        return None
    return Signs(
        lead=sign_lead(story, voice=source.voice, speech=source.speech),
        rows=rows,
        overall=overall,
        first_day=format_date(source.wanted.first, "d MMMM"),
        last_day=format_date(source.wanted.last, "d MMMM"),
    )


def _overall_lines(source: _Source, a: Named, b: Named) -> tuple[Line, ...]:
    return tuple(
        Line(
            named.person,
            tuple(
                Score(day, round(value, 1))
                for day, value in _values(_sign_history(source, source.people.at(seat).account_id), OVERALL)
            ),
        )
        for seat, named in ((Seat.A, a), (Seat.B, b))
    )


def _courses(lines: tuple[Line, ...], *, joint: bool) -> tuple[Course, ...]:
    if not any(len(line.scores) > 1 for line in lines):
        return ()
    return (
        Course(
            key="signs",
            title=gettext("The five signs over time"),
            lead=gettext("All five together, from 0 to 50. Less is lighter."),
            lines=lines,
            scale=Scale(0, 50),
            about=(
                gettext(
                    "Each sign counts up to ten points: how often it happens and how much it hurts, in equal parts. "
                    "It is this portal’s own form and not a validated scale, so there is no line between well and "
                    "unwell. A point or two up or down says little."
                ),
            )
            + (
                (gettext("These are two people’s answers to the same questions, not a race."),)
                if joint
                else ()
            ),
        ),
    )


def _differences(rows: Iterable[SignNumbers]) -> Differences | None:
    both = tuple(
        Difference(row.title, row.a_now, row.b_now)
        for row in rows
        if row.a_now is not None and row.b_now is not None
    )
    if not both:
        return None
    lead = gettext("The newest answers beside each other. A difference is not an error.")
    return Differences(lead, both)


# What was done


def _together(source: _Source) -> Together | None:
    """Return the first practice that both could log, with its days; never who logged what."""
    for work in reversed(source.works):
        spec = work.exercise.spec(TrackerSpec)
        if (
            spec is None
            or work.exercise.lead.value != "tracker"
            or work.exercise.audience is not Audience.COUPLE
        ):
            continue
        days = _done_days(source, work)
        if not days or spec.every is not tracker.Every.DAY or work.assignment.whom != Whom.BOTH:
            continue
        return Together(
            title=gettext("The time you made") if source.joint else gettext("Time made for each other"),
            lead=ngettext(
                "“%(title)s” on one day.",
                "“%(title)s” on %(num)s days.",
                len(days),
                title=work.exercise.title,
            ),
            habit=work.exercise.title,
            days=frozenset(days),
            first=max(source.wanted.first, source.day(work.assignment.opens_at)),
            last=source.wanted.last,
            note=gettext("A filled day is a day that one of the two noted. An empty day is just a day."),
        )
    return None


def _done_days(source: _Source, work: Work) -> list[date]:
    days = source.noted.get(work.assignment.id, frozenset())
    return sorted(day for day in days if source.wanted.first <= day <= source.wanted.last)


def _minutes(source: _Source) -> tuple[Minutes, ...]:
    """Return the minutes that each noted of practices, week by week: for the therapist alone."""
    if source.joint:
        return ()
    found = []
    for work in source.works:
        spec = work.exercise.spec(TrackerSpec)
        weeks = _weeks_of_minutes(source, work, spec) if spec is not None else ()
        if weeks:
            found.append(Minutes(work.exercise.title, weeks))
    return tuple(found)


def _weeks_of_minutes(source: _Source, work: Work, spec: TrackerSpec) -> tuple[MinutesOfWeek, ...]:
    """Return the newest weeks in which somebody noted minutes of a practice, in order."""
    a, b = (_counts(source, work, spec, person.account_id) for person in (source.people.a, source.people.b))
    weeks = [
        MinutesOfWeek(format_date(ours.monday, "d MMM"), ours.minutes, theirs.minutes)
        for ours, theirs in zip(a, b, strict=True)
        if ours.minutes is not None or theirs.minutes is not None
    ]
    return tuple(weeks[-MOST_WEEKS:])


def _counts(source: _Source, work: Work, spec: TrackerSpec, account_id: str) -> tuple[tracker.WeekCount, ...]:
    entries = (each for each in source.entries if each.assignment_id == work.assignment.id)
    logs = {
        each.period: each.values
        for each in entries
        if each.author_id == account_id and tracker.LOG in each.values
    }
    return tracker.counts_per_week(spec, logs, first=source.wanted.first, last=source.wanted.last)


def _stretches(days: Iterable[date]) -> tuple[Stretch, ...]:
    """Return the gaps of more than a week between days on which something was done."""
    ordered = sorted(days)
    return tuple(
        Stretch(before + timedelta(days=1), after - timedelta(days=1), after)
        for before, after in pairwise(ordered)
        if after - before > GAP
    )


def _story(source: _Source, rows: tuple[SignNumbers, ...], habit: Together | None) -> Story:
    return Story(
        a=source.people.a.first_name,
        b=source.people.b.first_name,
        weeks=max(1, (source.wanted.last - source.wanted.first).days // 7),
        sessions=0,
        signs=rows,
        habit=habit.habit if habit else "",
        habit_days=len(habit.days) if habit else 0,
        finished=sum(_finished(source, work) for work in source.works),
        stretches=_stretches(habit.days) if habit else (),
    )


def _in_period(source: _Source, work: Work) -> bool:
    given = work.assignment.released_at or work.assignment.created_at
    return source.wanted.first <= source.day(given) <= source.wanted.last


def _finished(source: _Source, work: Work) -> bool:
    """Say whether an exercise was finished, as far as the readers of this copy may know."""
    if work.exercise.spec(TrackerSpec) is not None or not _in_period(source, work):
        return False
    if source.joint:
        return _openly_done(source, work)
    asked = [
        each
        for each in (source.people.a, source.people.b)
        if work.assignment.whom in {Whom.BOTH, each.seat.value}
    ]
    return all(
        (latest := work.latest(person.account_id)) is not None and latest.state == ResponseState.SENT
        for person in asked
    )


def _openly_done(source: _Source, work: Work) -> bool:
    """Say whether both know that an exercise was done: each can read what the other wrote, or both see the overlap."""
    authors = {entry.author_id for entry in source.of(work.assignment)}
    both_wrote = len(authors) > 1
    has_overlap = work.exercise.spec(OverlapSpec) is not None
    return both_wrote or (has_overlap and work.assignment.id in source.in_common)


def _exercises(source: _Source) -> tuple[Given, ...]:
    rows = []
    for work in sorted(source.works, key=lambda each: each.assignment.created_at):
        shown = work.assignment.whom == Whom.BOTH and work.assignment.released_at is not None
        if not _in_period(source, work) or (source.joint and not shown):
            continue
        given = work.assignment.released_at or work.assignment.created_at
        rows.append(
            Given(
                title=work.exercise.title,
                mechanic=mechanic_word(work.exercise),
                given=format_date(source.day(given), "d MMM"),
                states=_states(source, work),
            )
        )
    return tuple(rows)


def _states(source: _Source, work: Work) -> tuple[str, ...]:
    if source.joint:
        if work.exercise.lead.value == "tracker":
            return (gettext("kept up") if _done_days(source, work) else gettext("given"),)
        return (gettext("done together") if _openly_done(source, work) else gettext("given"),)
    return tuple(
        _state_word(source, work, person.account_id, person.seat)
        for person in (source.people.a, source.people.b)
    )


def _state_word(source: _Source, work: Work, account_id: str, seat: Seat) -> str:
    if work.assignment.whom not in {Whom.BOTH, seat.value}:
        return "–"
    mine = [each for each in work.responses if each.author_id == account_id]
    sent = [each for each in mine if each.state == ResponseState.SENT]
    if work.exercise.lead.value == "tracker":
        logs = [each for each in sent if not tracker.is_afterwards(each.period)]
        return ngettext("%(num)s log", "%(num)s logs", len(logs)) if logs else gettext("not started")
    if sent:
        return gettext(
            "sent %(day)s", day=format_date(source.day(sent[0].sent_at or sent[0].started_at), "d MMM")
        )
    if work.exercise.lead.value == "journal":
        return gettext("private")
    if any(each.state == ResponseState.DECLINED for each in mine):
        return gettext("left out")
    return gettext("draft") if mine else gettext("not started")


def mechanic_word(exercise: Exercise) -> str:
    """Return the word that people know a mechanic by."""
    return {
        "questionnaire": gettext("Questions"),
        "letter": gettext("Letter"),
        "overlap": gettext("What both want"),
        "tracker": gettext("Small practice"),
        "journal": gettext("Journal"),
        "plan": gettext("Plan"),
        "dialogue": gettext("Dialogue"),
        "agreement": gettext("Agreement"),
        "ladder": gettext("Ladder"),
        "deck": gettext("Cards"),
        "timeline": gettext("Timeline"),
    }.get(exercise.lead.value, exercise.lead.value)


# People's own words


def _words_of(exercise: Exercise, entry: Written) -> str:
    letter = exercise.spec(LetterSpec)
    if letter is not None:
        return letter_sent(letter, entry.values)
    years = exercise.spec(TimelineSpec)
    # A line drawn through the years is kept as a text, but nobody has said it in these words.
    drawn = set() if years is None else set(entry.values) - {item.key for item in years.form.questions}
    texts = [
        line.texts[0]
        for line in exercise.summary(entry.values).lines
        if line.kind in WORDS and line.texts and line.key in entry.values and line.key not in drawn
    ]
    return texts[0] if texts else ""


def _worded(source: _Source, work: Work, account_id: str) -> list[Written]:
    """Return what somebody wrote in an exercise; what they were asked alone about a habit is no words of it."""
    entries = source.of(work.assignment, account_id)
    return [entry for entry in entries if not tracker.is_afterwards(entry.period)]


def _excerpts(source: _Source) -> tuple[Quote, ...]:
    """Return the newest words that may stand here, turn by turn from both, at the same length for both.

    Letters come before answers, and notes in a log last; each exercise speaks once for each person.
    """
    columns = []
    for person in (source.people.a, source.people.b):
        found = [
            (work.exercise.spec(TrackerSpec) is None, entry.sent_at, _quote(source, work, entry, words))
            for work in source.works
            for entry in map(source.quotable, _worded(source, work, person.account_id)[-1:])
            if (words := _words_of(work.exercise, entry))
        ]
        newest = sorted(found, key=lambda each: each[:2], reverse=True)[: MOST_EXCERPTS // 2]
        columns.append([quote for _rank, _moment, quote in newest])
    return tuple(quote for pair in zip_longest(*columns) for quote in pair if quote is not None)


def _quote(source: _Source, work: Work, entry: Written, words: str) -> Quote:
    audience = next(iter(entry.audiences.values()))
    label = LABELS[Audience.COUPLE] if source.joint else LABELS[audience]
    seat = source.people.person(entry.author_id).seat
    return Quote(
        words=prose(_shortened(words)),
        who=source.named(seat),
        source=work.exercise.title,
        day=format_date(source.day(entry.sent_at), "d MMMM"),
        label=label,
        label_words=gettext("Both of you and your therapist")
        if source.joint
        else gettext("Both partners and the therapist"),
    )


def _shortened(words: str) -> str:
    """Return the beginning of a long text, cut after a sentence where there is one."""
    if len(words) <= EXCERPT_LENGTH:
        return words
    head = words[:EXCERPT_LENGTH]
    end = max(head.rfind(mark) for mark in (". ", "? ", "! "))
    return (head[: end + 1] if end > EXCERPT_LENGTH // 2 else head[: head.rfind(" ")]) + " …"


def _alone(source: _Source, seat: Seat, number: str) -> Alone:
    """Return what one partner told the therapist alone: the newest answers of each exercise, each term once."""
    person = source.people.at(seat)
    records = []
    for work in source.works:
        told = source.of(work.assignment, person.account_id)
        entries = [entry for entry in told if not _is_log(work, entry)]
        if not entries:
            continue
        newest = entries[-1]
        lines = [
            line
            for line in work.exercise.summary(newest.values).lines
            if newest.audiences.get(line.key) is Audience.THERAPIST
        ]
        if lines:
            day = format_date(source.day(newest.sent_at), "d MMM")
            records.append(Record(work.exercise.title, day, _batches(lines)))
    return Alone(source.named(seat), f"{number}-{seat.value.upper()}", tuple(records))


def _is_log(work: Work, entry: Written) -> bool:
    """Say whether something is a log of the couple's own practice: of its minutes it is told week by week."""
    spec = work.exercise.spec(TrackerSpec)
    return spec is not None and spec.is_joint and tracker.LOG in entry.values


def _batches(lines: Sequence[AnswerLine]) -> tuple[Batch, ...]:
    """Return answers by the page on which they were asked, which says what they are about where there are several."""
    pages = [(page, list(each)) for page, each in groupby(lines, key=lambda line: line.page)]
    return tuple(
        Batch(
            page if len(pages) > 1 else "",
            tuple(Told(line.label, _answer(line)) for line in each),
            scale=_between(each),
        )
        for page, each in pages
    )


def _between(lines: Sequence[AnswerLine]) -> str:
    """Return the words at the two ends of a scale, where one scale is all that some questions were answered on."""
    scales = {line.ends for line in lines if line.ends and all(line.ends)}
    if len(scales) != 1:
        return ""
    [(low, high)] = scales
    return gettext("from “%(low)s” to “%(high)s”", low=low, high=high)


def _answer(line: AnswerLine) -> Prose:
    if line.state is State.DECLINED:
        return prose(gettext("Prefers not to answer"))
    return tuple(paragraph for text in line.texts for paragraph in prose(text))


def whole_time(scope: Scope, couple_id: str) -> tuple[date, date]:
    """Return the first and the last day that a report on all of a couple's work covers."""
    couple = scope.find(Couple, couple_id)
    practice = practice_of(scope)
    return day_in(practice.time_zone, couple.created_at), day_in(practice.time_zone, scope.now)
