"""Numbers turned into honest sentences: what changed, what did not, and what it is too early to say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kit.charts import Line, Scale
from portal.kit.text import beside

N_ = str
"""Marks a word for the translators that is looked up later."""

SIGN_SCALE = Scale(0, 10)
"""The scale of one warning sign; more is heavier."""

SAME_SHARE = 0.15
"""Up to this share of the scale a change is called "about the same": one point on a scale from 0 to 10."""

CLEAR_SHARE = 0.35
"""From this share of the scale a change is called plainly lighter or heavier: four points on a scale from 0 to 10."""

HEAVY_SHARE = 0.65
"""From this share of the scale an unchanged sign is still named as weighing."""

MOST_SENTENCES = 7


class Voice(StrEnum):
    """Whom a sentence speaks to: the couple themselves, or a clinician who reads about them."""

    YOU = "you"
    THEY = "they"


class Change(StrEnum):
    """What became of a number on our own forms, where more is heavier. Not a statement about chance."""

    LIGHTER = N_("lighter")
    LITTLE_LIGHTER = N_("a little lighter")
    SAME = N_("about the same")
    LITTLE_HEAVIER = N_("a little heavier")
    HEAVIER = N_("heavier")
    FIRST = N_("first answer")
    NONE = N_("not answered")

    @property
    def lighter(self) -> bool:
        """Say whether it became lighter at all."""
        return self in {Change.LIGHTER, Change.LITTLE_LIGHTER}

    @property
    def heavier(self) -> bool:
        """Say whether it became heavier at all."""
        return self in {Change.HEAVIER, Change.LITTLE_HEAVIER}


def _english(text: str, /, **values: object) -> str:
    return text % values if values else text


def _english_many(one: str, many: str, count: int, /, **values: object) -> str:
    return (one if count == 1 else many) % {"num": count, **values}


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def long_day(day: date) -> str:
    """Return a day as `24 November`, joined by a no-break space."""
    return f"{day.day}\u00a0{_MONTHS[day.month - 1]}"


@dataclass(frozen=True, slots=True)
class Speech:
    """A language: gettext, ngettext and how a day is written. The default is the English of the source."""

    gettext: Callable[..., str] = _english
    ngettext: Callable[..., str] = _english_many
    day: Callable[[date], str] = long_day

    def count(self, number: int) -> str:
        """Return a number up to twelve as a word."""
        return self.gettext(_NUMBERS[number]) if number < len(_NUMBERS) else str(number)

    def listed(self, names: Sequence[str]) -> str:
        """Return names as `a, b and c`."""
        if len(names) < 2:
            return "".join(names)
        return self.gettext("%(some)s and %(last)s", some=", ".join(names[:-1]), last=names[-1])

    def titles(self, names: Sequence[str]) -> str:
        """Return titles in quotation marks, listed: quoted, they need no grammar of their own."""
        return self.listed([self.gettext("“%(title)s”", title=name) for name in names])

    def change(self, change: Change) -> str:
        """Return the word for a change."""
        return self.gettext(change.value)


_NUMBERS = (
    N_("no"),
    N_("one"),
    N_("two"),
    N_("three"),
    N_("four"),
    N_("five"),
    N_("six"),
    N_("seven"),
    N_("eight"),
    N_("nine"),
    N_("ten"),
    N_("eleven"),
    N_("twelve"),
)
ENGLISH = Speech()


@dataclass(frozen=True, slots=True)
class SignNumbers:
    """One warning sign, then and now, for both people."""

    title: str
    a_then: float | None
    a_now: float | None
    b_then: float | None
    b_now: float | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A harder stretch, and the day on which it was taken up again, if it was."""

    first: date
    last: date
    again: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What happened in a period, as counts and numbers; all that `in_short` needs to know."""

    a: str
    b: str
    weeks: int
    sessions: int
    signs: tuple[SignNumbers, ...] = ()
    scale: Scale = SIGN_SCALE
    lines: tuple[Line, ...] = ()
    measure: str = ""
    habit: str = ""
    habit_days: int = 0
    finished: int = 0
    stretches: tuple[Stretch, ...] = ()


def change_of(then: float | None, now: float | None, scale: Scale) -> Change:
    """Return what became of a number on a scale on which more is heavier."""
    if now is None:
        return Change.NONE
    if then is None:
        return Change.FIRST
    share = (now - then) / (scale.high - scale.low)
    if abs(share) <= SAME_SHARE:
        return Change.SAME
    if share < 0:
        return Change.LIGHTER if share <= -CLEAR_SHARE else Change.LITTLE_LIGHTER
    return Change.HEAVIER if share >= CLEAR_SHARE else Change.LITTLE_HEAVIER


def in_short(course: Course, *, voice: Voice, speech: Speech = ENGLISH) -> tuple[str, ...]:
    """Return the report in at most seven sentences, for a therapist to edit: what happened, what changed, what not.

    Both people are spoken of in the same order and at the same length. A single score is never called a change.
    """
    told = [
        *((1, said) for said in _met(course, voice, speech)),
        *(
            (1, said)
            for line in course.lines
            if (said := measure_sentence(line, course.measure, speech=speech))
        ),
        *_signs_told(course, voice, speech),
        *((2, said) for said in _stretches(course, voice, speech)),
        *((3, said) for said in _habit(course, voice, speech)),
        *((4, said) for said in _finished(course, voice, speech)),
    ]
    least = sorted(rank for rank, _ in told)[:MOST_SENTENCES]
    kept = [(rank, said) for rank, said in told if least and rank <= least[-1]]
    while len(kept) > MOST_SENTENCES:
        last = max(place for place, (rank, _) in enumerate(kept) if rank == max(rank for rank, _ in kept))
        kept.pop(last)
    return tuple(said for _, said in kept) or (
        speech.gettext("There is little to tell yet: this report covers the first days."),
    )


def _met(course: Course, voice: Voice, speech: Speech) -> list[str]:
    if not course.sessions:
        return []
    times = (
        speech.gettext("once")
        if course.sessions == 1
        else speech.gettext("%(count)s times", count=speech.count(course.sessions))
    )
    weeks = speech.count(course.weeks)
    if voice is Voice.YOU:
        return [
            speech.ngettext(
                "In one week you met %(times)s.",
                "In %(weeks)s weeks you met %(times)s.",
                course.weeks,
                weeks=weeks,
                times=times,
            )
        ]
    return [
        speech.ngettext(
            "In one week the couple came %(times)s.",
            "In %(weeks)s weeks the couple came %(times)s.",
            course.weeks,
            weeks=weeks,
            times=times,
        )
    ]


def measure_sentence(line: Line, measure: str, *, speech: Speech = ENGLISH) -> str:
    """Return whether a measure moved by more than chance explains; empty without a band or without scores."""
    scores = line.ordered
    if not scores or line.band is None:
        return ""
    name = beside(line.person.name)
    if len(scores) == 1:
        return speech.gettext(
            "For %(name)s there is one score so far, which is too early to speak of change.", name=name
        )
    first, last = scores[0], scores[-1]
    if abs(last.value - first.value) < line.band:
        return speech.gettext(
            "For %(name)s, %(measure)s has moved within ordinary ups and downs since %(day)s.",
            name=name,
            measure=measure,
            day=speech.day(first.day),
        )
    higher = last.value > first.value
    text = (
        "For %(name)s, %(measure)s is higher than on %(day)s, by more than chance explains."
        if higher
        else "For %(name)s, %(measure)s is lower than on %(day)s, by more than chance explains."
    )
    return speech.gettext(text, name=name, measure=measure, day=speech.day(first.day))


def sign_sentences(course: Course, *, voice: Voice, speech: Speech = ENGLISH) -> list[str]:
    """Return what became of the warning signs: lighter first, then heavier, then what stayed heavy."""
    return [said for _, said in _signs_told(course, voice, speech)]


def _signs_told(course: Course, voice: Voice, speech: Speech) -> list[tuple[int, str]]:
    """Return sentences with a rank: what concerns both, or weighs, outranks what became lighter for one."""
    changes = {sign: _changes(sign, course.scale) for sign in course.signs}
    compared = {s: c for s, c in changes.items() if any(one not in {Change.FIRST, Change.NONE} for one in c)}
    if not course.signs:
        return []
    if not compared:
        early = speech.gettext(
            "The warning signs were answered once so far, which is too early to speak of change."
        )
        return [(1, early)]
    both = speech.gettext("both of you") if voice is Voice.YOU else speech.gettext("both partners")
    lighter = _weigh(compared, "lighter", course, both, speech)
    heavier = _weigh(compared, "heavier", course, both, speech)
    told = [(2 if f" {both}" in said else 3, said) for said in lighter] + [(2, said) for said in heavier]
    if not told:
        told = [(2, speech.gettext("The warning signs are about the same as at the beginning."))]
    return told + [(2, said) for said in _still_heavy(compared, course, both, speech)]


def _changes(sign: SignNumbers, scale: Scale) -> tuple[Change, Change]:
    return (change_of(sign.a_then, sign.a_now, scale), change_of(sign.b_then, sign.b_now, scale))


def _weigh(
    changes: dict[SignNumbers, tuple[Change, Change]], way: str, course: Course, both: str, speech: Speech
) -> list[str]:
    said = []
    groups = ((both, (True, True)), (beside(course.a), (True, False)), (beside(course.b), (False, True)))
    for whom, wanted in groups:
        titles = [
            sign.title for sign, pair in changes.items() if tuple(getattr(one, way) for one in pair) == wanted
        ]
        if not titles:
            continue
        if way == "lighter":
            said.append(
                speech.ngettext(
                    "%(titles)s weighs less on %(whom)s.",
                    "%(titles)s weigh less on %(whom)s.",
                    len(titles),
                    titles=speech.titles(titles),
                    whom=whom,
                )
            )
        else:
            said.append(
                speech.ngettext(
                    "%(titles)s weighs more on %(whom)s than before.",
                    "%(titles)s weigh more on %(whom)s than before.",
                    len(titles),
                    titles=speech.titles(titles),
                    whom=whom,
                )
            )
    return said


def _still_heavy(
    changes: dict[SignNumbers, tuple[Change, Change]], course: Course, both: str, speech: Speech
) -> list[str]:
    heavy = course.scale.low + HEAVY_SHARE * (course.scale.high - course.scale.low)
    said = []
    for sign, pair in changes.items():
        still = [
            change is Change.SAME and now is not None and now >= heavy
            for change, now in zip(pair, (sign.a_now, sign.b_now), strict=True)
        ]
        if not any(still):
            continue
        whom = both if all(still) else beside(course.a if still[0] else course.b)
        said.append(
            speech.gettext(
                "%(title)s still weighs on %(whom)s, about as much as before.",
                title=speech.titles([sign.title]),
                whom=whom,
            )
        )
    return said


def _habit(course: Course, voice: Voice, speech: Speech) -> list[str]:
    if not course.habit or not course.habit_days:
        return []
    if voice is Voice.YOU:
        return [
            speech.ngettext(
                "You made time for %(habit)s on one day.",
                "You made time for %(habit)s on %(days)s days.",
                course.habit_days,
                habit=speech.titles([course.habit]),
                days=speech.count(course.habit_days),
            )
        ]
    return [
        speech.ngettext(
            "Both marked %(habit)s on one day.",
            "Both marked %(habit)s on %(days)s days.",
            course.habit_days,
            habit=speech.titles([course.habit]),
            days=speech.count(course.habit_days),
        )
    ]


def _finished(course: Course, voice: Voice, speech: Speech) -> list[str]:
    if not course.finished:
        return []
    number = speech.count(course.finished)
    if voice is Voice.YOU:
        return [
            speech.ngettext(
                "You finished one exercise.",
                "You finished %(count)s exercises.",
                course.finished,
                count=number,
            )
        ]
    return [
        speech.ngettext(
            "One exercise was finished.",
            "%(count)s exercises were finished.",
            course.finished,
            count=number.capitalize(),
        )
    ]


def _stretches(course: Course, voice: Voice, speech: Speech) -> list[str]:
    said = []
    what = speech.titles([course.habit]) if course.habit else speech.gettext("the work at home")
    for stretch in course.stretches:
        first, last = speech.day(stretch.first), speech.day(stretch.last)
        if stretch.again is None:
            said.append(
                speech.gettext(
                    "From %(first)s to %(last)s %(what)s paused; stretches like this are normal.",
                    first=first,
                    last=last,
                    what=what,
                )
            )
            continue
        text = (
            "From %(first)s to %(last)s %(what)s paused, and on %(again)s you began again; stretches like this are normal."
            if voice is Voice.YOU
            else "From %(first)s to %(last)s %(what)s paused; it was taken up again on %(again)s."
        )
        said.append(speech.gettext(text, first=first, last=last, what=what, again=speech.day(stretch.again)))
    return said


def sign_lead(course: Course, *, voice: Voice, speech: Speech = ENGLISH) -> str:
    """Return the one sentence that stands above the table of warning signs."""
    pairs = [_changes(sign, course.scale) for sign in course.signs]
    if not pairs or all(one in {Change.FIRST, Change.NONE} for pair in pairs for one in pair):
        return speech.gettext("Answered once so far, which is too early to speak of change.")
    lighter = sum(any(one.lighter for one in pair) for pair in pairs)
    heavier = sum(any(one.heavier for one in pair) for pair in pairs)
    whom = (
        speech.gettext("one or both of you") if voice is Voice.YOU else speech.gettext("one or both partners")
    )
    parts = []
    for number, one, many in (
        (
            lighter,
            "One of %(all)s is lighter for %(whom)s.",
            "%(number)s of %(all)s are lighter for %(whom)s.",
        ),
        (heavier, "One is heavier for %(whom)s.", "%(number)s are heavier for %(whom)s."),
    ):
        if number:
            counted = speech.count(number)
            told = speech.ngettext(one, many, number, number=counted, all=speech.count(len(pairs)), whom=whom)
            parts.append(told[:1].upper() + told[1:])
    return " ".join(parts) or speech.gettext("About the same as at the beginning.")


def score_words(line: Line, *, speech: Speech = ENGLISH) -> str:
    """Return what stands beside a person's panel: the change in words, never more than the numbers carry."""
    scores = line.ordered
    if not scores:
        return speech.gettext("No scores in this period.")
    if len(scores) == 1:
        return speech.gettext("One score so far. It is too early to speak of change.")
    moved = scores[-1].value - scores[0].value
    size = abs(moved)
    points = speech.count(int(size)) if size == int(size) else f"{size:.1f}"
    if not moved:
        told = speech.gettext("The same as the first score.")
    else:
        one, many = (
            ("%(points)s point above the first score.", "%(points)s points above the first score.")
            if moved > 0
            else ("%(points)s point below the first score.", "%(points)s points below the first score.")
        )
        told = speech.ngettext(one, many, 1 if size == 1 else 2, points=points)
        told = told[:1].upper() + told[1:]
    if line.band is None:
        return told
    beyond = size >= line.band
    verdict = (
        speech.gettext("That is more change than chance explains.")
        if beyond
        else speech.gettext("That is not yet distinguishable from ordinary ups and downs.")
    )
    return f"{told} {verdict}"


def verdict(line: Line, *, speech: Speech = ENGLISH) -> str:
    """Return a change in a few words, for a column; empty where no band says how far scores swing by themselves."""
    scores = line.ordered
    if len(scores) < 2:
        return speech.gettext("too early") if scores else ""
    if line.band is None:
        return ""
    if abs(scores[-1].value - scores[0].value) >= line.band:
        return speech.gettext("more than chance explains")
    return speech.gettext("not yet distinguishable")


def apart_words(
    a_value: float | None, b_value: float | None, scale: Scale, *, speech: Speech = ENGLISH
) -> str:
    """Return how near two people's answers to the same question are, without saying who is right."""
    if a_value is None or b_value is None:
        return speech.gettext("One answer so far")
    share = abs(a_value - b_value) / (scale.high - scale.low)
    if share == 0:
        return speech.gettext("Seen alike")
    if share < 0.25:
        return speech.gettext("Seen nearly alike")
    return speech.gettext("Each saw this differently")
