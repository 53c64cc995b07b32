"""What there is to write for cards and for a journal."""

from typing import Final

from flask_babel import lazy_gettext

from portal.exercises.mechanics.journal import Sharing
from portal.exercises.own.schema import Field, Listing, Part, Shape

DECK: Final = Part(
    name="deck",
    title=lazy_gettext("Cards"),
    text=lazy_gettext("Each answers a few cards alone. What both wrote opens side by side."),
    table=("deck",),
    fields=(
        Field(
            key="per_round",
            shape=Shape.NUMBER,
            label=lazy_gettext("Cards in one round"),
            hint=lazy_gettext("There have to be at least twice as many cards."),
        ),
        Field(key="answer_max", shape=Shape.NUMBER, label=lazy_gettext("Longest answer, in characters")),
        Field(
            key="pass_text",
            shape=Shape.LINE,
            label=lazy_gettext("Words that say that a card may be left out"),
        ),
        Field(
            key="guess",
            shape=Shape.FLAG,
            label=lazy_gettext("Each also guesses what the other will write"),
            usual=False,
        ),
        Field(
            key="guess_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("Words above the guess"),
            hint=lazy_gettext("Needed where they guess."),
            optional=True,
        ),
        Field(
            key="therapist_cards",
            shape=Shape.FLAG,
            label=lazy_gettext("You may add cards for one couple"),
            usual=True,
        ),
        Field(
            key="layers",
            shape=Shape.OPTIONS,
            label=lazy_gettext("Depths, from the lightest on"),
            hint=lazy_gettext("One on each line, or none. With depths, each card says to which it belongs."),
            optional=True,
            named_by="title",
            prefix="layer",
            rows=3,
        ),
        Field(
            key="depth_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("What is asked about going deeper"),
            hint=lazy_gettext("Needed with depths."),
            optional=True,
        ),
        Field(
            key="depth_hint",
            shape=Shape.LINE,
            label=lazy_gettext("A hint below it"),
            hint=lazy_gettext("Needed with depths."),
            optional=True,
        ),
    ),
    lists=(
        Listing(
            key="cards",
            title=lazy_gettext("Cards"),
            one=lazy_gettext("Card"),
            add=lazy_gettext("Add a card"),
            named_by="text",
            prefix="card",
            in_lines=True,
            fields=(
                Field(key="text", shape=Shape.TEXT, label=lazy_gettext("What the card asks"), rows=2),
                Field(
                    key="layer",
                    shape=Shape.CHOICE,
                    label=lazy_gettext("How deep it goes"),
                    choices_from=("deck", "layers"),
                ),
                Field(
                    key="follow_ups",
                    shape=Shape.LINES,
                    label=lazy_gettext("Questions to ask each other afterwards"),
                    hint=lazy_gettext("One on each line."),
                    optional=True,
                    rows=3,
                ),
            ),
        ),
    ),
)

JOURNAL: Final = Part(
    name="journal",
    title=lazy_gettext("Journal"),
    text=lazy_gettext("Nobody else reads an entry, unless its writer shares it."),
    table=("journal",),
    fields=(
        Field(
            key="open_prompt",
            shape=Shape.LINE,
            label=lazy_gettext("What stands above an entry without a question"),
        ),
        Field(
            key="prompts",
            shape=Shape.OPTIONS,
            label=lazy_gettext("Questions to choose from"),
            hint=lazy_gettext("One on each line."),
            prefix="prompt",
            rows=8,
        ),
        Field(key="entry_max", shape=Shape.NUMBER, label=lazy_gettext("Longest entry, in characters")),
        Field(
            key="share",
            shape=Shape.CHOICE,
            label=lazy_gettext("Can the writer share a single entry?"),
            choices=(
                (Sharing.BY_ENTRY.value, lazy_gettext("Yes, one by one")),
                (Sharing.NEVER.value, lazy_gettext("No")),
            ),
        ),
    ),
    lists=(
        Listing(
            key="sliders",
            title=lazy_gettext("How it feels while writing"),
            one=lazy_gettext("Scale"),
            add=lazy_gettext("Add a scale"),
            named_by="text",
            prefix="scale",
            start={"low": 0, "high": 10},
            fields=(
                Field(key="text", shape=Shape.LINE, label=lazy_gettext("What is asked")),
                Field(key="low", shape=Shape.NUMBER, label=lazy_gettext("Lowest number")),
                Field(key="high", shape=Shape.NUMBER, label=lazy_gettext("Highest number")),
                Field(key="low_text", shape=Shape.LINE, label=lazy_gettext("Words at the low end")),
                Field(key="high_text", shape=Shape.LINE, label=lazy_gettext("Words at the high end")),
            ),
        ),
    ),
)
