"""How a new exercise begins: empty where its writer has something to say, filled in where every one says the same."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext

from portal.access.privacy import Audience
from portal.exercises.domain import Phase, Recurrence, Who
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.own.drafts import Draft, draft_of
from portal.exercises.shelf import library

_AFTERWARDS_OF: Final = "pause-and-return"
"""The built-in agreement whose two questions afterwards every agreement begins with."""

STARTERS: Final[Mapping[MechanicName, object]] = {
    MechanicName.QUESTIONNAIRE: lazy_gettext("Pages of questions that each answers alone."),
    MechanicName.LETTER: lazy_gettext("A letter to the other, written in parts."),
    MechanicName.OVERLAP: lazy_gettext("A list that both answer alone. Only what both are open to is shown."),
    MechanicName.DECK: lazy_gettext("Cards with open questions, a few at a time."),
    MechanicName.TRACKER: lazy_gettext("A short entry every day or every week."),
    MechanicName.JOURNAL: lazy_gettext("Private writing, with questions to choose from."),
    MechanicName.AGREEMENT: lazy_gettext("Clauses that the two word together and sign."),
}
"""The kinds of exercises that can be begun empty. The others depend on an order that is best taken over from a copy."""

_AUDIENCES: Final = {
    MechanicName.QUESTIONNAIRE: Audience.COUPLE,
    MechanicName.OVERLAP: Audience.OVERLAP,
    MechanicName.JOURNAL: Audience.PRIVATE,
}
_BOTH: Final = frozenset({MechanicName.DECK, MechanicName.AGREEMENT})


def starter(name: MechanicName, title: str) -> Draft:
    """Return the draft that a new exercise of a kind begins with."""
    rhythm = Recurrence.DAILY if name is MechanicName.TRACKER else Recurrence.ONCE
    return {
        "title": title,
        "purpose": "",
        "phase": Phase.TALKING.value,
        "mechanics": [name.value],
        "audience": _AUDIENCES.get(name, Audience.COUPLE).value,
        "who": (Who.BOTH if name in _BOTH else Who.EACH).value,
        "minutes": 10,
        "recurrence": rhythm.value,
        "touch_level": 0,
        "sources": ["Own idea"],
        "clinician": {},
        name.value: _table(name),
    }


def _table(name: MechanicName) -> dict[str, Any]:
    match name:
        case MechanicName.LETTER:
            return {"kind": "note", "deliveries": ["now"], "responses": _RESPONSES, "parts": []}
        case MechanicName.OVERLAP:
            question = "How is this for you at the moment?"
            return {"question": question, "levels": _LEVELS, "therapist": "overlap", "expires_days": 60}
        case MechanicName.TRACKER:
            return {"every": "day", "choices": _CHOICES, "note_max": 280} | _HABIT_WORDS
        case MechanicName.JOURNAL:
            return {
                "open_prompt": "Or write whatever is on your mind.",
                "entry_max": 12000,
                "share": "by_entry",
            }
        case MechanicName.DECK:
            passing = "To pass on this card, leave it empty and go on."
            return {"per_round": 2, "answer_max": 600, "pass_text": passing, "cards": []}
        case MechanicName.AGREEMENT:
            afterwards = draft_of(library()[_AFTERWARDS_OF].source)["agreement"]["afterwards"]
            return {"review_days": 30, "clauses": [], "afterwards": afterwards}
        case _:
            return {"reveal": "both", "pages": [{"key": "page1", "title": "", "items": []}]}


_RESPONSES: Final = [
    {"key": "thank_you", "text": "Thank you"},
    {"key": "i_hear", "text": "I hear what you say"},
    {"key": "need_time", "text": "I need some time with this"},
]
_LEVELS: Final = [
    {"key": "yes", "text": "Yes, gladly"},
    {"key": "maybe", "text": "Maybe"},
    {"key": "not_now", "text": "Not now"},
]
_CHOICES: Final = [
    {"key": "yes", "text": "Yes"},
    {"key": "a_little", "text": "A little"},
    {"key": "not_today", "text": "Not today", "done": False},
]
_HABIT_WORDS: Final = {
    "note_prompt": "A word or two about it, if you like",
    "restart_text": "Good to see you here. Today is as good a day as any to begin again.",
}
