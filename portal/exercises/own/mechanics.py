"""What there is to write for each kind of exercise: its fields, and its lists of cards, clauses, steps and the like."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext

from portal.exercises.mechanics.base import DeliveryKind, MechanicName
from portal.exercises.mechanics.letter import LetterKind
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.mechanics.questionnaire import Reveal
from portal.exercises.mechanics.tracker import Every
from portal.exercises.own.cards import DECK, JOURNAL
from portal.exercises.own.questions import PAGES
from portal.exercises.own.schema import Field, Listing, Part, Shape
from portal.exercises.own.together import TOGETHER

_SEES: Final = Field(
    key="therapist",
    shape=Shape.CHOICE,
    label=lazy_gettext("What you see of their lists"),
    hint=lazy_gettext("It is stated on the form, before anybody answers."),
    choices=(
        (TherapistSees.OVERLAP.value, lazy_gettext("Only what both are open to")),
        (TherapistSees.LISTS.value, lazy_gettext("Both full lists")),
    ),
)
LEVELS: Final = Field(
    key="levels",
    shape=Shape.OPTIONS,
    label=lazy_gettext("The three answers"),
    hint=lazy_gettext("One on each line, the most open first. The last one is never shown to the other."),
    prefix="level",
    rows=3,
)

_QUESTIONNAIRE: Final = Part(
    name="questionnaire",
    title=lazy_gettext("Questions"),
    text=lazy_gettext("Each page is shown by itself. A condition can look at questions on earlier pages."),
    table=("questionnaire",),
    fields=(
        Field(
            key="reveal",
            shape=Shape.CHOICE,
            label=lazy_gettext("When answers for both open to the other"),
            hint=lazy_gettext("It makes no difference where no answer is for both."),
            choices=(
                (Reveal.BOTH.value, lazy_gettext("Once both have sent theirs")),
                (Reveal.SENT.value, lazy_gettext("As soon as they are sent")),
            ),
            usual=Reveal.BOTH.value,
        ),
        Field(
            key="opening",
            shape=Shape.FLAG,
            label=lazy_gettext("Ask its first page before everything else"),
            hint=lazy_gettext("Where a list leads the exercise, and something has to be settled before it."),
            optional=True,
        ),
    ),
    lists=(
        PAGES,
        Listing(
            key="scores",
            title=lazy_gettext("Totals"),
            one=lazy_gettext("Total"),
            add="",
            named_by="title",
            prefix="score",
            fields=(Field(key="title", shape=Shape.LINE, label=lazy_gettext("Name of the total")),),
            can_grow=False,
        ),
    ),
)

_LETTER: Final = Part(
    name="letter",
    title=lazy_gettext("Letter"),
    text=lazy_gettext("The letter is written part by part and read as one."),
    table=("letter",),
    fields=(
        Field(
            key="kind",
            shape=Shape.CHOICE,
            label=lazy_gettext("What kind of letter"),
            hint=lazy_gettext("It decides which hints the writing coach gives."),
            choices=(
                (LetterKind.NOTE.value, lazy_gettext("A free note, without hints")),
                (LetterKind.I_STATEMENT.value, lazy_gettext("A feeling, a situation and a wish")),
                (LetterKind.APPRECIATION.value, lazy_gettext("An appreciation")),
                (LetterKind.APOLOGY.value, lazy_gettext("An apology")),
            ),
        ),
        Field(
            key="deliveries",
            shape=Shape.SEVERAL,
            label=lazy_gettext("How it can reach the other"),
            choices=(
                (DeliveryKind.NOW.value, lazy_gettext("Now")),
                (DeliveryKind.LATER.value, lazy_gettext("At a time the writer chooses")),
                (DeliveryKind.HELD.value, lazy_gettext("Held for a session with you")),
            ),
        ),
        Field(
            key="responses",
            shape=Shape.OPTIONS,
            label=lazy_gettext("What the other can answer with"),
            hint=lazy_gettext("One on each line. Answering nothing is always possible too."),
            prefix="response",
        ),
        Field(
            key="follow_up.title",
            shape=Shape.LINE,
            label=lazy_gettext("Short title of the day on which they come back to it"),
            hint=lazy_gettext(
                "Only where the writer is to name such a day. They are reminded of it on Today."
            ),
            optional=True,
        ),
        Field(
            key="follow_up.prompt",
            shape=Shape.LINE,
            label=lazy_gettext("What they are asked about that day"),
            optional=True,
        ),
        Field(key="follow_up.hint", shape=Shape.LINE, label=lazy_gettext("A hint below it"), optional=True),
    ),
    lists=(
        Listing(
            key="parts",
            title=lazy_gettext("Parts of the letter"),
            one=lazy_gettext("Part of the letter"),
            add=lazy_gettext("Add a part"),
            named_by="title",
            prefix="part",
            start={"max_length": 1000, "min": 1},
            fields=(
                Field(key="title", shape=Shape.LINE, label=lazy_gettext("Short title")),
                Field(key="prompt", shape=Shape.TEXT, label=lazy_gettext("What to write about"), rows=2),
                Field(key="hint", shape=Shape.LINE, label=lazy_gettext("A hint below it"), optional=True),
                Field(
                    key="starter",
                    shape=Shape.LINE,
                    label=lazy_gettext("How it begins, such as “I felt”"),
                    optional=True,
                ),
                Field(
                    key="min",
                    shape=Shape.NUMBER,
                    label=lazy_gettext("Fewest characters"),
                    hint=lazy_gettext("0 lets it stay empty. At least one part needs 1 or more."),
                    usual=0,
                ),
                Field(key="max_length", shape=Shape.NUMBER, label=lazy_gettext("Most characters")),
            ),
        ),
    ),
)

_OVERLAP: Final = Part(
    name="overlap",
    title=lazy_gettext("Two lists"),
    text=lazy_gettext("Each answers alone. Only what both are open to is ever shown."),
    table=("overlap",),
    fields=(
        Field(key="question", shape=Shape.LINE, label=lazy_gettext("What is asked of each thing")),
        LEVELS,
        _SEES,
        Field(
            key="expires_days",
            shape=Shape.NUMBER,
            label=lazy_gettext("For how many days an answer stands"),
            hint=lazy_gettext("After that it counts as no answer, until it is given again."),
        ),
    ),
    lists=(
        Listing(
            key="groups",
            title=lazy_gettext("What is in the list"),
            one=lazy_gettext("Group"),
            add=lazy_gettext("Add a group"),
            named_by="title",
            prefix="group",
            fields=(
                Field(key="title", shape=Shape.LINE, label=lazy_gettext("Heading of the group")),
                Field(
                    key="options",
                    shape=Shape.OPTIONS,
                    label=lazy_gettext("The things in it"),
                    hint=lazy_gettext("One on each line."),
                    prefix="thing",
                    rows=8,
                ),
            ),
        ),
    ),
)

_TRACKER: Final = Part(
    name="tracker",
    title=lazy_gettext("Small habit"),
    text=lazy_gettext("A short entry each time. How often it was done is for you only."),
    table=("tracker",),
    fields=(
        Field(
            key="every",
            shape=Shape.CHOICE,
            label=lazy_gettext("How often there is an entry"),
            choices=(
                (Every.DAY.value, lazy_gettext("Every day")),
                (Every.WEEK.value, lazy_gettext("Every week")),
            ),
        ),
        Field(key="question", shape=Shape.LINE, label=lazy_gettext("What is asked each time")),
        Field(
            key="minutes_question",
            shape=Shape.LINE,
            label=lazy_gettext("A question about minutes"),
            hint=lazy_gettext("Leave it empty where time isn’t counted."),
            optional=True,
        ),
        Field(key="note_prompt", shape=Shape.LINE, label=lazy_gettext("What stands above the note")),
        Field(key="note_max", shape=Shape.NUMBER, label=lazy_gettext("Longest note, in characters")),
        Field(
            key="restart_text",
            shape=Shape.TEXT,
            label=lazy_gettext("What stands there after a gap"),
            rows=2,
        ),
    ),
    lists=(
        Listing(
            key="choices",
            title=lazy_gettext("Answers to choose from"),
            one=lazy_gettext("Answer"),
            add=lazy_gettext("Add an answer"),
            named_by="text",
            prefix="choice",
            fields=(
                Field(key="text", shape=Shape.LINE, label=lazy_gettext("The answer")),
                Field(key="done", shape=Shape.FLAG, label=lazy_gettext("It counts as done"), usual=True),
            ),
        ),
    ),
)

SHAPES: Final[Mapping[MechanicName, Part]] = {
    MechanicName.QUESTIONNAIRE: _QUESTIONNAIRE,
    MechanicName.LETTER: _LETTER,
    MechanicName.OVERLAP: _OVERLAP,
    MechanicName.TRACKER: _TRACKER,
    MechanicName.JOURNAL: JOURNAL,
    MechanicName.DECK: DECK,
    **TOGETHER,
}
"""The part of each kind of exercise."""
