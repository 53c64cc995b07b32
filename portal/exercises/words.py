"""The words of this room's codes: phases, forms, rhythms, and what a therapist reads about a response."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.exercises.domain import Exercise, Phase, Recurrence
from portal.exercises.finding import tag_words
from portal.exercises.mechanics.base import MechanicName
from portal.web.translate import _
from portal.web.visibility import SeenBy, seen_by_staff

PHASES: Mapping[Phase, object] = {
    Phase.UNDERSTANDING: lazy_gettext("Understanding"),
    Phase.TALKING: lazy_gettext("Talking and listening"),
    Phase.OPENING_UP: lazy_gettext("Opening up"),
    Phase.TOUCH: lazy_gettext("Touch"),
    Phase.TIME: lazy_gettext("Time together"),
    Phase.CONFLICT: lazy_gettext("Conflict"),
    Phase.REPAIR: lazy_gettext("Repair"),
    Phase.AHEAD: lazy_gettext("Looking ahead"),
}

FORMS: Mapping[MechanicName, object] = {
    MechanicName.QUESTIONNAIRE: lazy_gettext("Questions"),
    MechanicName.JOURNAL: lazy_gettext("Journal"),
    MechanicName.LETTER: lazy_gettext("Letter"),
    MechanicName.DIALOGUE: lazy_gettext("Dialogue"),
    MechanicName.OVERLAP: lazy_gettext("Overlap"),
    MechanicName.AGREEMENT: lazy_gettext("Agreement"),
    MechanicName.LADDER: lazy_gettext("Ladder"),
    MechanicName.TRACKER: lazy_gettext("Small habit"),
    MechanicName.DECK: lazy_gettext("Cards"),
    MechanicName.TIMELINE: lazy_gettext("Timeline"),
    MechanicName.PLAN: lazy_gettext("Plan"),
}

FORM_ICONS: Mapping[MechanicName, str] = {
    MechanicName.QUESTIONNAIRE: "list-checks",
    MechanicName.JOURNAL: "notebook-pen",
    MechanicName.LETTER: "feather",
    MechanicName.DIALOGUE: "repeat",
    MechanicName.OVERLAP: "blend",
    MechanicName.AGREEMENT: "scroll-text",
    MechanicName.LADDER: "footprints",
    MechanicName.TRACKER: "calendar-days",
    MechanicName.DECK: "layers",
    MechanicName.TIMELINE: "history",
    MechanicName.PLAN: "target",
}

RHYTHMS: Mapping[Recurrence, object] = {
    Recurrence.ONCE: lazy_gettext("Once"),
    Recurrence.DAILY: lazy_gettext("Every day"),
    Recurrence.WEEKLY: lazy_gettext("Every week"),
    Recurrence.MONTHLY: lazy_gettext("Every month"),
}


THEMES: Mapping[str, object] = {
    "affection": lazy_gettext("Affection"),
    "appreciation": lazy_gettext("Appreciation"),
    "boundaries": lazy_gettext("Boundaries"),
    "communication": lazy_gettext("Communication"),
    "conflict": lazy_gettext("Conflict"),
    "distance": lazy_gettext("Distance"),
    "forgiveness": lazy_gettext("Forgiveness"),
    "fun": lazy_gettext("Fun"),
    "future": lazy_gettext("Future"),
    "honesty": lazy_gettext("Honesty"),
    "intimacy": lazy_gettext("Intimacy"),
    "listening": lazy_gettext("Listening"),
    "loneliness": lazy_gettext("Loneliness"),
    "money": lazy_gettext("Money"),
    "parenting": lazy_gettext("Parenting"),
    "repair": lazy_gettext("Repair"),
    "rituals": lazy_gettext("Rituals"),
    "self-reflection": lazy_gettext("Self-reflection"),
    "support": lazy_gettext("Support"),
    "time": lazy_gettext("Time"),
    "touch": lazy_gettext("Touch"),
    "trust": lazy_gettext("Trust"),
    "unmet-needs": lazy_gettext("Unmet needs"),
}
"""The themes of the built-in exercises; others are read as they are written."""


def theme_words(theme: str) -> str:
    """Return a theme in words."""
    known = THEMES.get(theme)
    return str(known) if known is not None else tag_words(theme).capitalize()


def touch_words(level: int) -> str:
    """Return a level of touch in words."""
    return _("Touch, level %(level)s of 3", level=level) if level else _("Without touch")


def form_words(exercise: Exercise) -> str:
    """Return an exercise's forms and length, such as "Letter, 12 min"."""
    forms = " + ".join(str(FORMS[name]) for name in exercise.mechanics)
    return _("%(forms)s, %(minutes)s min", forms=forms, minutes=exercise.minutes)


def icon_of(exercise: Exercise) -> str:
    """Return the name of the icon that stands for an exercise's leading form."""
    return FORM_ICONS[exercise.lead]


def labels_for_staff(exercise: Exercise, *, author: str | None = None) -> list[SeenBy]:
    """Return who sees the answers, one entry for each different label among the questions."""
    return [seen_by_staff(label, author=author) for label in exercise.labels]
