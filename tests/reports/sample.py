"""A believable progress report of twelve weeks with invented people, for looking at and for tests."""

from datetime import date, timedelta

from portal.access.privacy import Label
from portal.kit.charts import Event, Line, Pause, Person, Scale, Score, Seat, Weekly
from portal.reports.base import Check, Colophon, Copy, Cover, Named, Paper, Quote, prose
from portal.reports.progress_page import (
    Alone,
    Batch,
    Course,
    Difference,
    Differences,
    Given,
    Goal,
    ProgressPage,
    Record,
    Signs,
    Step,
    Together,
    Told,
)
from portal.reports.sentences import Course as Numbers
from portal.reports.sentences import SignNumbers, Stretch, Voice, in_short, sign_lead

SAM = Named(Person(Seat.A, "Sam"), "Sam Okafor")
ALEX = Named(Person(Seat.B, "Alex"), "Alex Rivera")
BOTH = "Both of you and your therapist"
HELP = (
    "This paper supports your therapy. It is not an emergency service. In danger, call 911. "
    "In crisis, call or text 988, day or night."
)
NOTES = "Therapist notes – clients cannot see this"

SIGNS = (
    SignNumbers("Too little time together", 8, 4, 9, 5),
    SignNumbers("Growing distance", 6, 4, 9, 7),
    SignNumbers("Conflict and unmet needs", 7, 3, 6, 5),
    SignNumbers("Loneliness", 3, 3, 7, 8),
    SignNumbers("Trouble talking", 8, 3, 8, 5),
)
DAYS = (date(2026, 9, 1), date(2026, 9, 29), date(2026, 10, 27), date(2026, 11, 24))
STRETCH = Stretch(date(2026, 10, 18), date(2026, 10, 26), date(2026, 10, 28))


def line(who: Named, values: tuple[float, ...], band: float | None = None) -> Line:
    """Return scores on the four days of the sample."""
    return Line(who.person, tuple(Score(day, value) for day, value in zip(DAYS, values, strict=True)), band)


SATISFACTION = (line(SAM, (42, 47, 53, 58), 7), line(ALEX, (38, 43, 37, 43), 7))


def talked_on() -> frozenset[date]:
    """Return the days on which the two talked: most days, none in the harder stretch."""
    first = date(2026, 9, 15)
    skipped = {0, 3, 6, 13, 17, 22, 24, 30, 46, 55, 58, 63}
    days = (first + timedelta(days=n) for n in range(71) if n not in skipped)
    return frozenset(day for day in days if not date(2026, 10, 17) <= day <= date(2026, 10, 27))


def numbers() -> Numbers:
    """Return the counts from which the first paragraph is made."""
    return Numbers(
        a="Sam",
        b="Alex",
        weeks=12,
        sessions=12,
        signs=SIGNS,
        lines=SATISFACTION,
        measure="satisfaction",
        habit="Five minutes a day",
        habit_days=len(talked_on()),
        finished=9,
        stretches=(STRETCH,),
    )


def quotes() -> tuple[Quote, ...]:
    """Return what each of them allowed to stand in the report."""
    return (
        Quote(
            prose("You waited in the car park with the heater on. I thought: someone is on my side."),
            SAM,
            "an appreciation",
            "29\u00a0October",
            Label.COUPLE,
            BOTH,
        ),
        Quote(
            prose("I didn’t need it fixed. You said it back to me, and it got smaller."),
            ALEX,
            "listening in turns",
            "12\u00a0November",
            Label.COUPLE,
            BOTH,
        ),
    )


def together() -> Together:
    """Return the tracker of the sample."""
    sundays = tuple(date(2026, 9, 27) + timedelta(weeks=n) for n in (0, 1, 3, 6, 7, 8))
    return Together(
        title="The time you made",
        lead=f"Five minutes on {len(talked_on())} evenings, six Sunday coffees, and one restart.",
        habit="Five minutes a day",
        days=talked_on(),
        first=date(2026, 9, 15),
        last=date(2026, 11, 24),
        weekly=(Weekly("Coffee", sundays),),
        sessions={date(2026, 9, 15) + timedelta(weeks=n): n + 3 for n in range(10)},
        pauses=(Pause(STRETCH.first, STRETCH.last, "hospital stay, 18–26 October; begun again on the 28th"),),
        stretch=prose(
            "From 18 to 26 October someone close to you was in hospital. The daily talk paused, a session moved, and "
            "one of the scores dipped. Stretches like this are normal. You began again with two minutes instead of "
            "five. That is worth keeping: when it is too much, make it smaller."
        ),
    )


def satisfaction() -> Course:
    """Return the measure of the sample over time."""
    return Course(
        key="csi16",
        short="CSI-16",
        title="How satisfied each of you is",
        lead="For Sam, more change than chance explains. For Alex, ordinary ups and downs so far.",
        lines=SATISFACTION,
        scale=Scale(0, 81, 52),
        about=prose(
            "Sixteen questions, answered by each of you alone. More points mean more satisfaction. Below 52 people "
            "often report distress in their relationship; that is a screening line, not a verdict. A change of less "
            "than 7 points can be chance; this band is provisional. The two scores are two people’s answers to the "
            "same questions, not a race."
        ),
        source="Couples Satisfaction Index: Funk & Rogge 2007, Journal of Family Psychology 21, 572–583.",
        events=(
            Event(date(2026, 9, 15), "Five minutes a day begins"),
            Event(date(2026, 10, 6), "Pause and return agreed"),
            Event(date(2026, 10, 18), "Hospital stay 18–26\u00a0Oct", date(2026, 10, 26)),
            Event(date(2026, 11, 10), "Listening in turns at home"),
        ),
    )


def joint() -> ProgressPage:
    """Return the copy that both receive."""
    return ProgressPage(
        paper=Paper("N-26-0417", "Progress report", Copy.JOINT, Label.COUPLE, BOTH),
        cover=Cover(
            "Progress report, weeks 1 to 12",
            SAM,
            ALEX,
            "1 September to 24 November 2026",
            "Dr. Ines Marlowe, LMFT",
            "Harbour Practice",
        ),
        in_short=in_short(numbers(), voice=Voice.YOU),
        who_may_read=prose(
            "The two of you and Dr. Marlowe. Sam agreed on 21 November and Alex on 22 November 2026 that their scores "
            "and the sentences quoted here may stand in this report. Either of you can take that back; a new copy then "
            "leaves them out. Questions about health and safety are never part of a joint report, for any couple."
        ),
        signs=Signs(
            sign_lead(numbers(), voice=Voice.YOU),
            SIGNS,
            "1\u00a0Sep",
            "24\u00a0Nov",
            overall=SignNumbers("All five together, 0 to 50", 32, 17, 39, 30),
        ),
        courses=(satisfaction(),),
        together=together(),
        goals=(
            Goal(
                "One hard talk a week in which both feel heard",
                "Nine talks since 6 October. Seven ended with “yes, that’s it”.",
                "reached",
            ),
            Goal(
                "An hour a week that you both look forward to",
                "Six Sunday coffees and one evening walk.",
                "on the way",
            ),
            Goal("Loneliness lighter for each of you", "3 for Sam, 8 for Alex.", "carried on"),
        ),
        exercises=(
            Given("Five minutes a day", "Tracker", "15 Sep", ("still going",)),
            Given("What weighs on us", "Questionnaire", "1 Sep", ("both answered",)),
            Given("One appreciation that names a moment", "Letter", "22 Sep", ("both read it",)),
            Given("Pause and return", "Agreement", "29 Sep", ("agreed, version 2",)),
            Given("Listening in turns", "Dialogue", "3 Nov", ("done together",)),
            Given("Touch we would both like", "Overlap", "10 Nov", ("open",)),
        ),
        excerpts=quotes(),
        excerpts_note="Each of you chose the sentence and allowed it for this report.",
        comment=prose(
            "You came back after a hard October, and you did it in the smallest possible way. I would like the next "
            "weeks to begin with Alex’s loneliness: not to solve it, but to hear when it happens."
        ),
        steps=(
            Step(SAM, "On two evenings, ask about the day and only listen."),
            Step(ALEX, "Name one lonely moment when it happens, in one sentence."),
            Step(None, "Keep the five minutes. Plan an afternoon out in December."),
        ),
        again=(
            "Make it smaller. Two minutes instead of five is still a talk.",
            "Say “pause”, and say when you will go on.",
            "Write to Dr. Marlowe alone; it is read on working days.",
        ),
        dates=prose(
            "Every second week from Tuesday 8\u00a0December 2026, 17:00. Next report: 16\u00a0February 2027."
        ),
        colophon=Colophon(
            (HELP,),
            Check("R7QF-2M9K-84TX", "harbour.example/c", "24 November 2026, 18:05"),
        ),
    )


def told(title: str, day: str, answers: dict[str, str]) -> Record:
    """Return what somebody told alone on one page."""
    return Record(
        title, day, (Batch("", tuple(Told(asked, prose(answer)) for asked, answer in answers.items())),)
    )


def clinician() -> ProgressPage:
    """Return the clinician's copy: differences, a column for each person, and what each told alone."""
    base = joint()
    rows = tuple(Difference(sign.title, sign.a_now or 0, sign.b_now or 0) for sign in SIGNS)
    return ProgressPage(
        paper=Paper("N-26-0418", "Progress report", Copy.CLINICIAN, Label.NOTES, NOTES),
        cover=base.cover,
        in_short=in_short(numbers(), voice=Voice.THEY),
        who_may_read=prose(
            "Dr. Marlowe and whoever is named in the practice’s record policy. Not for the couple."
        ),
        signs=Signs(sign_lead(numbers(), voice=Voice.THEY), SIGNS, "1\u00a0Sep", "24\u00a0Nov"),
        courses=base.courses,
        differences=Differences(
            "As each marked it on 24 November. The bar is the distance between them.", rows
        ),
        exercises=(
            Given("Five minutes a day", "Tracker", "15 Sep", ("still going",)),
            Given("What weighs on us", "Questionnaire", "1 Sep", ("answered", "answered")),
            Given("A letter that stays here", "Letter", "20 Oct", ("written", "put aside")),
        ),
        comment=prose(
            "Hypothesis: withdrawal after contact is about shift work as much as about the couple."
        ),
        alone=(
            Alone(
                SAM,
                "N-26-0418-1",
                (
                    told(
                        "Seen alone",
                        "27 Oct",
                        {"How": "Ten minutes by telephone.", "Safety": "No disclosure on this date."},
                    ),
                    told(
                        "Private theme",
                        "24 Oct",
                        {"May it be raised?": "Work contract ends in January. Not yet."},
                    ),
                ),
            ),
            Alone(
                ALEX,
                "N-26-0418-2",
                (
                    told(
                        "Seen alone",
                        "29 Oct",
                        {"How": "Ten minutes by telephone.", "Safety": "No disclosure on this date."},
                    ),
                    told(
                        "Private theme",
                        "28 Oct",
                        {"May it be raised?": "Sleeps little since the hospital. Yes."},
                    ),
                ),
            ),
        ),
        colophon=base.colophon,
    )
