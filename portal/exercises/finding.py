"""Finding exercises in the library by words, phase, theme, form, length, touch, and by who sees the answers."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from portal.access.privacy import Label
from portal.exercises.domain import Exercise, Phase
from portal.exercises.mechanics.base import MechanicName

E = TypeVar("E", bound=StrEnum)

LENGTHS = (5, 10, 20, 30)
"""The lengths in minutes that can be asked for, each as "at most"."""
TOUCH_LEVELS = (0, 1, 2, 3)
"""The levels of touch that can be asked for: none at all, or just this one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; whatever is empty leaves nothing out."""

    words: str = ""
    phase: Phase | None = None
    form: MechanicName | None = None
    minutes: int | None = None
    label: Label | None = None
    theme: str = ""
    touch: int | None = None

    @property
    def is_plain(self) -> bool:
        """Say whether nothing at all is asked for."""
        return self == Wanted()

    def without(self, name: str) -> "Wanted":
        """Return the same wish without one of its parts, such as ``phase``."""
        blank: dict[str, Any] = {name: getattr(Wanted(), name)}
        return replace(self, **blank)

    def as_query(self) -> dict[str, Any]:
        """Return the wish as the values of an address, leaving out what is empty; ``wanted`` reads them back."""
        parts = {
            "q": self.words,
            "phase": self.phase,
            "form": self.form,
            "minutes": self.minutes,
            "audience": self.label,
            "theme": self.theme,
            "touch": self.touch,
        }
        return {name: str(value) for name, value in parts.items() if value not in {None, ""}}


def wanted(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for. What can't be read is left out: a link may be old."""
    return Wanted(
        words=" ".join(query.get("q", "").split())[:100],
        phase=_known(Phase, query.get("phase")),
        form=_known(MechanicName, query.get("form")),
        minutes=_one_of(LENGTHS, query.get("minutes")),
        label=_known(Label, query.get("audience")),
        theme=query.get("theme", "")[:60],
        touch=_one_of(TOUCH_LEVELS, query.get("touch")),
    )


def find(exercises: Iterable[Exercise], wish: Wanted) -> list[Exercise]:
    """Return the exercises that fit, in the order of the phases; those with the words in their title come first."""
    asked = plain(wish.words).split()
    fitting = [each for each in exercises if _fits(each, wish) and all(word in _text(each) for word in asked)]
    order = list(Phase)
    return sorted(
        fitting,
        key=lambda each: (
            not all(word in plain(each.title) for word in asked),
            order.index(each.phase),
            plain(each.title),
        ),
    )


def labels_of(exercise: Exercise) -> list[Label]:
    """Return the visibility labels of an exercise's questions, each once, in the order they come up."""
    return list(exercise.labels)


def plain(text: str) -> str:
    """Return a text without case and accents, so that "meme" finds "même"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _fits(exercise: Exercise, wish: Wanted) -> bool:
    return (
        (wish.phase is None or exercise.phase is wish.phase)
        and (wish.form is None or wish.form in exercise.mechanics)
        and (wish.minutes is None or exercise.minutes <= wish.minutes)
        and (wish.label is None or wish.label in labels_of(exercise))
        and (not wish.theme or wish.theme in exercise.themes)
        and (wish.touch is None or exercise.touch_level == wish.touch)
    )


def _text(exercise: Exercise) -> str:
    return plain(
        " ".join(
            (
                exercise.title,
                exercise.purpose,
                exercise.why,
                *exercise.steps,
                *(tag_words(tag) for tag in (*exercise.themes, *exercise.stressors)),
            )
        )
    )


def themes_of(exercises: Iterable[Exercise]) -> list[str]:
    """Return the themes of some exercises, each once, in the order of their letters."""
    return sorted({theme for each in exercises for theme in each.themes})


def tag_words(tag: str) -> str:
    """Return a tag as people read it: "self-reflection" is "self reflection"."""
    return tag.replace("-", " ").replace("_", " ")


def _one_of(numbers: Iterable[int], text: str | None) -> int | None:
    return next((each for each in numbers if str(each) == text), None)


def _known(kind: type[E], value: str | None) -> E | None:
    try:
        return kind(value or "")
    except ValueError:
        return None
