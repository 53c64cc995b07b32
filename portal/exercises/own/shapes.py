"""The parts of an exercise as its writer fills them in: what it is, what the couple reads, and what therapists read."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext

from portal.exercises.domain import Who
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.own.mechanics import SHAPES
from portal.exercises.own.questions import AUDIENCES
from portal.exercises.own.schema import Field, Part, Shape
from portal.exercises.words import FORMS, PHASES, RHYTHMS

ABOUT, COUPLE, THERAPIST = "about", "couple", "therapist"

_COUPLE: Final = Part(
    name=COUPLE,
    title=lazy_gettext("What the couple reads"),
    text=lazy_gettext("Before they begin. The questions come after it."),
    fields=(
        Field(
            key="why",
            shape=Shape.TEXT,
            label=lazy_gettext("Why it helps"),
            hint=lazy_gettext("Two sentences are enough."),
        ),
        Field(
            key="steps", shape=Shape.ROWS, label=lazy_gettext("Steps, in order"), prefix=lazy_gettext("Step")
        ),
        Field(
            key="cautions",
            shape=Shape.LINES,
            label=lazy_gettext("Cautions"),
            hint=lazy_gettext("What to take care of, one thing on each line."),
        ),
        Field(
            key="stop_rule",
            shape=Shape.TEXT,
            label=lazy_gettext("When and how to stop"),
            hint=lazy_gettext("Needed where there is touch."),
            optional=True,
            rows=2,
        ),
        Field(
            key="materials",
            shape=Shape.LINES,
            label=lazy_gettext("What they need for it"),
            hint=lazy_gettext("One thing on each line."),
            optional=True,
            rows=2,
        ),
    ),
)

_THERAPIST: Final = Part(
    name=THERAPIST,
    title=lazy_gettext("What therapists read"),
    text=lazy_gettext("Couples never see this."),
    fields=(
        Field(
            key="clinician.rationale", shape=Shape.TEXT, label=lazy_gettext("Why it may help, for therapists")
        ),
        Field(key="clinician.not_when", shape=Shape.TEXT, label=lazy_gettext("When not to use it"), rows=3),
        Field(
            key="clinician.look_for",
            shape=Shape.TEXT,
            label=lazy_gettext("What to look for in what they send"),
            rows=3,
        ),
        Field(
            key="contraindications",
            shape=Shape.LINES,
            label=lazy_gettext("Contraindications"),
            hint=lazy_gettext("One on each line."),
            rows=3,
        ),
        Field(
            key="debrief",
            shape=Shape.LINES,
            label=lazy_gettext("To talk about afterwards"),
            hint=lazy_gettext("One on each line."),
            optional=True,
            rows=3,
        ),
        Field(
            key="debrief_alone",
            shape=Shape.FLAG,
            label=lazy_gettext("It is for each alone, right after sending"),
            hint=lazy_gettext("Otherwise it is shown where both can read what has opened."),
            optional=True,
        ),
        Field(
            key="sources",
            shape=Shape.LINES,
            label=lazy_gettext("Sources"),
            hint=lazy_gettext("A book, an article, a training, or “Own idea”. One on each line."),
            rows=2,
        ),
    ),
)


def parts_of(draft: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts that an exercise consists of, in the order in which they are written."""
    names = mechanics_of(draft)
    return (_about(names), _COUPLE, *(SHAPES[name] for name in names), _THERAPIST)


def mechanics_of(draft: Mapping[str, Any]) -> list[MechanicName]:
    """Return the mechanics of a draft, the leading one first; none that this portal doesn't know."""
    named = draft.get("mechanics")
    known = {each.value: each for each in MechanicName}
    return [known[each] for each in named if each in known] if isinstance(named, list) else []


def _about(names: list[MechanicName]) -> Part:
    return Part(
        name=ABOUT,
        title=lazy_gettext("What it is"),
        text=lazy_gettext("So that you find it again, and know for whom it is."),
        fields=(
            Field(key="title", shape=Shape.LINE, label=lazy_gettext("Title")),
            Field(
                key="purpose",
                shape=Shape.TEXT,
                label=lazy_gettext("What it is for"),
                hint=lazy_gettext("One sentence. Couples read it too."),
                rows=2,
            ),
            Field(key="phase", shape=Shape.CHOICE, label=lazy_gettext("Phase"), choices=_words(PHASES)),
            Field(
                key="themes",
                shape=Shape.LINES,
                label=lazy_gettext("Themes"),
                hint=lazy_gettext("One on each line, such as “trust” or “everyday”."),
                rows=3,
            ),
            Field(
                key="audience",
                shape=Shape.CHOICE,
                label=lazy_gettext("Who will see what they write"),
                hint=lazy_gettext("Single questions can say otherwise, where the form allows it."),
                choices=_audiences(names),
            ),
            Field(key="who", shape=Shape.CHOICE, label=lazy_gettext("Who does it"), choices=_WHO),
            Field(key="minutes", shape=Shape.NUMBER, label=lazy_gettext("How many minutes it takes")),
            Field(
                key="recurrence", shape=Shape.CHOICE, label=lazy_gettext("How often"), choices=_words(RHYTHMS)
            ),
            Field(
                key="touch_level",
                shape=Shape.CHOICE,
                label=lazy_gettext("Touch"),
                hint=lazy_gettext(
                    "With touch, the couple sees it only once you release it, and never while a flag is open."
                ),
                choices=_TOUCH,
                usual=0,
            ),
            Field(
                key="requires_release",
                shape=Shape.FLAG,
                label=lazy_gettext("The couple sees it only once you release it"),
                usual=False,
            ),
        ),
    )


_WHO: Final = (
    (Who.EACH.value, lazy_gettext("Each alone")),
    (Who.BOTH.value, lazy_gettext("Both together")),
    (Who.ONE.value, lazy_gettext("One of them")),
)
_TOUCH: Final = (
    ("0", lazy_gettext("Without touch")),
    ("1", lazy_gettext("Level 1 of 3")),
    ("2", lazy_gettext("Level 2 of 3")),
    ("3", lazy_gettext("Level 3 of 3")),
)


def _words(known: Mapping[Any, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((each.value, words) for each, words in known.items())


def _audiences(names: list[MechanicName]) -> tuple[tuple[str, Any], ...]:
    if not names:
        return AUDIENCES
    possible = {each.value for each in MECHANICS[names[0]].AUDIENCES}
    return tuple(each for each in AUDIENCES if each[0] in possible)


def form_name(name: MechanicName) -> str:
    """Return the word for a kind of exercise, as the library has it."""
    return str(FORMS[name])
