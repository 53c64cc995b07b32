"""The writing coach: reads one short text and offers hints. It is local, keeps nothing and always says the same."""

from dataclasses import dataclass

from portal.exercises.coach.codes import GOOD, ORDER, PROBLEMS, Code, Find, Kind
from portal.exercises.coach.hints import Hint, hints
from portal.exercises.coach.reading import sentences
from portal.exercises.coach.rules import always, apologies, feelings, plain, praise
from portal.exercises.coach.rules.masks import without_told

__all__ = ["GOOD", "PROBLEMS", "Advice", "Code", "Hint", "Kind", "coach", "needs_care"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything that the coach has to say about a text."""

    labels: tuple[Code, ...]
    """What was found, each once, in the order of ``Code``."""
    hints: tuple[Hint, ...]
    """The hints, in the order of the text."""


def coach(kind: Kind, text: str) -> Advice:
    """Return labels and hints for a text of a kind. Any text will do; an empty one has no hints."""
    found = sentences(text)
    if not found:
        return Advice((), ())
    told = without_told(found)
    finds = [find for each in told for find in (*plain.finds(each), *always.finds(each, kind))]
    finds += feelings.disguised(told)
    codes = {find.code for find in finds}
    finds += apologies.finds(told, conditional=Code.IF_APOLOGY in codes)
    if Code.THREAT in codes:
        finds = _without_shadows(finds)
    has_problem = any(find.code in PROBLEMS for find in finds)
    finds += praise.finds(found, told, kind, has_problem=has_problem)
    if kind is not Kind.TURN or not any(find.code is Code.OWNED_APOLOGY for find in finds):
        finds += feelings.statement(found, kind, has_problem=has_problem)
    return _advice(_meant_for(kind, finds))


def needs_care(text: str) -> bool:
    """Say whether a text speaks of harming oneself or of killing somebody, so that help should be shown at once."""
    return plain.speaks_of_danger(sentences(text))


def _without_shadows(finds: list[Find]) -> list[Find]:
    """Drop what only shows because a threat is worded like a wish, or says "never" of the time to come."""
    threats = [find for find in finds if find.code is Code.THREAT]
    return [
        find
        for find in finds
        if find.code is not Code.REQUEST
        and not (
            find.code is Code.ALWAYS_NEVER
            and any(each.start < find.end and find.start < each.end for each in threats)
        )
    ]


def _meant_for(kind: Kind, finds: list[Find]) -> list[Find]:
    if kind in {Kind.APOLOGY, Kind.TURN}:
        return finds
    return [find for find in finds if find.code is not Code.OWNED_APOLOGY]


def _advice(finds: list[Find]) -> Advice:
    told = hints(finds)
    labels = sorted({hint.code for hint in told}, key=ORDER.__getitem__)
    return Advice(tuple(labels), told)
