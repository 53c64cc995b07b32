"""The kinds of text that the coach reads, and the codes of what it finds, in the order they are told in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a person is writing."""

    I_STATEMENT = "i_statement"
    APPRECIATION = "appreciation"
    APOLOGY = "apology"
    TURN = "turn"


class Code(StrEnum):
    """What the coach can point out. The order is the order in which labels are listed."""

    ALWAYS_NEVER = "always_never"
    BLAMING_YOU = "blaming_you"
    CHARACTER_LABEL = "character_label"
    MIND_READING = "mind_reading"
    THREAT = "threat"
    BUT_APOLOGY = "but_apology"
    IF_APOLOGY = "if_apology"
    GENERIC_PRAISE = "generic_praise"
    DISGUISED_ACCUSATION = "disguised_accusation"
    NO_FEELING = "no_feeling"
    NO_SITUATION = "no_situation"
    SPECIFIC_APPRECIATION = "specific_appreciation"
    CLEAR_I_STATEMENT = "clear_i_statement"
    OWNED_APOLOGY = "owned_apology"
    REQUEST = "request"


GOOD: Final = frozenset(
    {Code.SPECIFIC_APPRECIATION, Code.CLEAR_I_STATEMENT, Code.OWNED_APOLOGY, Code.REQUEST}
)
PROBLEMS: Final = frozenset(Code) - GOOD
ORDER: Final = {code: place for place, code in enumerate(Code)}


@dataclass(frozen=True, slots=True)
class Find:
    """One thing found: its code and the words that it is about, as offsets in code points."""

    code: Code
    start: int
    end: int
