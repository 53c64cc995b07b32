"""What there is to write for exercises that two people do on a page of their own: clauses, talks, ladders, years."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext

from portal.exercises.mechanics.base import MechanicName
from portal.exercises.own.questions import AFTERWARDS
from portal.exercises.own.schema import Field, Listing, Part, Shape

_TITLE: Final = Field(key="title", shape=Shape.LINE, label=lazy_gettext("Short title"))
_HINT: Final = Field(key="hint", shape=Shape.LINE, label=lazy_gettext("A hint below it"), optional=True)

_AGREEMENT: Final = Part(
    name="agreement",
    title=lazy_gettext("Agreement"),
    text=lazy_gettext("Clauses that the two put into their own words, agree on and sign."),
    table=("agreement",),
    fields=(
        Field(
            key="review_days",
            shape=Shape.NUMBER,
            label=lazy_gettext("After how many days they look at it again"),
        ),
        Field(key="signature_text", shape=Shape.LINE, label=lazy_gettext("Words above the signatures")),
        Field(key="printable", shape=Shape.FLAG, label=lazy_gettext("It can be printed"), usual=True),
        Field(
            key="therapist_comments",
            shape=Shape.FLAG,
            label=lazy_gettext("You can comment on it"),
            usual=True,
        ),
    ),
    lists=(
        Listing(
            key="clauses",
            title=lazy_gettext("Clauses"),
            one=lazy_gettext("Clause"),
            add=lazy_gettext("Add a clause"),
            named_by="title",
            prefix="clause",
            fields=(
                _TITLE,
                Field(key="prompt", shape=Shape.TEXT, label=lazy_gettext("What to settle in it"), rows=2),
                Field(
                    key="suggestion",
                    shape=Shape.TEXT,
                    label=lazy_gettext("A first wording"),
                    optional=True,
                    rows=3,
                ),
                Field(
                    key="optional", shape=Shape.FLAG, label=lazy_gettext("It may be left out"), usual=False
                ),
            ),
        ),
        AFTERWARDS,
    ),
)

_DIALOGUE: Final = Part(
    name="dialogue",
    title=lazy_gettext("Talk in turns"),
    text=lazy_gettext("Who speaks when is fixed; the words are yours to change."),
    table=("dialogue",),
    fields=(
        Field(key="topic_prompt", shape=Shape.LINE, label=lazy_gettext("How they find what to talk about")),
        Field(
            key="topics",
            shape=Shape.LINES,
            label=lazy_gettext("Ideas for it"),
            hint=lazy_gettext("One on each line."),
            optional=True,
        ),
        Field(key="pause_text", shape=Shape.TEXT, label=lazy_gettext("Words for a pause"), rows=2),
        Field(key="closing", shape=Shape.TEXT, label=lazy_gettext("Words at the end"), rows=2),
        Field(
            key="rounds",
            shape=Shape.NUMBER,
            label=lazy_gettext("How often something is put right before leaving it there"),
        ),
        Field(
            key="quiet_hours",
            shape=Shape.NUMBER,
            label=lazy_gettext("After how many quiet hours the page asks whether to go on"),
        ),
    ),
    lists=(
        Listing(
            key="stages",
            title=lazy_gettext("Turns"),
            one=lazy_gettext("Turn"),
            add="",
            named_by="title",
            prefix="stage",
            can_grow=False,
            fields=(
                _TITLE,
                Field(key="prompt", shape=Shape.TEXT, label=lazy_gettext("What to do in it"), rows=2),
                _HINT,
                Field(
                    key="starters",
                    shape=Shape.LINES,
                    label=lazy_gettext("How it can begin"),
                    hint=lazy_gettext("One on each line."),
                    optional=True,
                    rows=3,
                ),
                Field(
                    key="seconds",
                    shape=Shape.NUMBER,
                    label=lazy_gettext("Seconds, where it is timed"),
                    optional=True,
                ),
                Field(key="max_length", shape=Shape.NUMBER, label=lazy_gettext("Most characters")),
            ),
        ),
        AFTERWARDS,
    ),
)

_LADDER: Final = Part(
    name="ladder",
    title=lazy_gettext("Ladder"),
    text=lazy_gettext("Steps from the easiest to the hardest. One opens only where both are ready for it."),
    table=("ladder",),
    fields=(
        Field(key="question", shape=Shape.LINE, label=lazy_gettext("What is asked before a step")),
        Field(
            key="levels",
            shape=Shape.OPTIONS,
            label=lazy_gettext("The three answers"),
            hint=lazy_gettext(
                "One on each line, the readiest first. The last one is never shown to the other."
            ),
            prefix="level",
            rows=3,
        ),
        Field(key="waiting_text", shape=Shape.LINE, label=lazy_gettext("Words while no step is open")),
        Field(key="step_back_text", shape=Shape.LINE, label=lazy_gettext("Words for a step back")),
    ),
    lists=(
        Listing(
            key="steps",
            title=lazy_gettext("Steps of the ladder"),
            one=lazy_gettext("Step"),
            add=lazy_gettext("Add a step"),
            named_by="title",
            prefix="step",
            start={"minutes": 10},
            fields=(
                _TITLE,
                Field(key="text", shape=Shape.TEXT, label=lazy_gettext("What to do"), rows=3),
                _HINT,
                Field(key="minutes", shape=Shape.NUMBER, label=lazy_gettext("Minutes")),
            ),
        ),
        AFTERWARDS,
    ),
)

_TIMELINE: Final = Part(
    name="timeline",
    title=lazy_gettext("Timeline"),
    text=lazy_gettext("Each places events and closeness over the years alone. Then both are drawn as one."),
    table=("timeline",),
    fields=(
        Field(key="start_prompt", shape=Shape.LINE, label=lazy_gettext("How to find the first year")),
        Field(key="line_question", shape=Shape.LINE, label=lazy_gettext("What the line asks")),
        Field(key="line_low_text", shape=Shape.LINE, label=lazy_gettext("Words at the low end")),
        Field(key="line_high_text", shape=Shape.LINE, label=lazy_gettext("Words at the high end")),
        Field(
            key="kinds",
            shape=Shape.OPTIONS,
            label=lazy_gettext("Kinds of events"),
            hint=lazy_gettext("One on each line."),
            prefix="kind",
        ),
        Field(
            key="event_note_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("What stands above the note of an event"),
        ),
    ),
    lists=(
        Listing(
            key="questions",
            title=lazy_gettext("Questions at the end"),
            one=lazy_gettext("Question"),
            add=lazy_gettext("Add a question"),
            named_by="text",
            prefix="q",
            start={"max_length": 1000},
            fields=(
                Field(key="text", shape=Shape.TEXT, label=lazy_gettext("What is asked"), rows=2),
                Field(
                    key="max_length", shape=Shape.NUMBER, label=lazy_gettext("Longest answer, in characters")
                ),
            ),
        ),
    ),
)

_PLAN: Final = Part(
    name="plan",
    title=lazy_gettext("Plan"),
    text=lazy_gettext("Something the two choose, settle and do together."),
    table=("plan",),
    fields=(
        Field(key="question", shape=Shape.LINE, label=lazy_gettext("What there is to plan")),
        Field(
            key="idea_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("How each collects ideas"),
            hint=lazy_gettext("Only where ideas are collected first."),
            optional=True,
        ),
        Field(
            key="idea_why_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("What was good about them"),
            optional=True,
        ),
        Field(
            key="after_due_days",
            shape=Shape.NUMBER,
            label=lazy_gettext("How many days afterwards there are to say how it was"),
            optional=True,
        ),
    ),
    lists=(
        Listing(
            key="fields",
            title=lazy_gettext("What there is to settle"),
            one=lazy_gettext("Field"),
            add="",
            named_by="text",
            prefix="field",
            can_grow=False,
            fields=(Field(key="text", shape=Shape.LINE, label=lazy_gettext("What is asked")), _HINT),
        ),
        Listing(
            key="groups",
            title=lazy_gettext("Ideas to choose from"),
            one=lazy_gettext("Group"),
            add=lazy_gettext("Add a group"),
            named_by="title",
            prefix="group",
            fields=(
                Field(key="title", shape=Shape.LINE, label=lazy_gettext("Heading of the group")),
                Field(
                    key="options",
                    shape=Shape.OPTIONS,
                    label=lazy_gettext("The ideas in it"),
                    hint=lazy_gettext("One on each line."),
                    prefix="idea",
                    rows=8,
                ),
            ),
        ),
        AFTERWARDS,
    ),
)

TOGETHER: Final[Mapping[MechanicName, Part]] = {
    MechanicName.AGREEMENT: _AGREEMENT,
    MechanicName.DIALOGUE: _DIALOGUE,
    MechanicName.LADDER: _LADDER,
    MechanicName.TIMELINE: _TIMELINE,
    MechanicName.PLAN: _PLAN,
}
