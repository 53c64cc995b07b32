"""Sorts what the coach says about a text in parts, such as a letter: under each part what is about its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.exercises.coach import GOOD, Code, Hint, Kind, coach, needs_care

BETWEEN: Final = "\n\n"
THE_WHOLE: Final = ""
ABOUT_THE_WHOLE: Final = frozenset({Code.NO_FEELING, Code.NO_SITUATION, Code.GENERIC_PRAISE})
"""What is said of something that is missing: only a text that has all its parts can be told so."""
FEW_LETTERS: Final = 24
MANY_WORDS: Final = 14
WORDS_AROUND: Final = 4
ENDS: Final = ".!?…\n"


@dataclass(frozen=True, slots=True)
class Slot:
    """One input that a part of the text is typed into."""

    name: str
    starter: str = ""
    """What the portal puts before the typed words, unless they begin with it anyway."""
    needed: bool = True
    """Whether the text isn't whole without this part."""

    def read(self, typed: str) -> str:
        """Return the part the way it will be read."""
        words, starter = typed.strip(), self.starter.rstrip("… ")
        if not words or not starter or words.casefold().startswith(starter.rstrip(".").casefold()):
            return words
        return f"{starter} {words}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words that a remark is about, with a little of what stands around them."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the coach says, with every place it is about."""

    code: Code
    say: str
    excerpts: tuple[Excerpt, ...]

    @property
    def is_good(self) -> bool:
        """Whether it confirms something, and suggests nothing."""
        return self.code in GOOD


@dataclass(frozen=True, slots=True)
class Looked:
    """What the coach says about a text in parts."""

    parts: Mapping[str, tuple[Remark, ...]]
    """The remarks about the words of a part, by its name."""
    whole: tuple[Remark, ...] = ()
    """The remarks that are about the text as a whole, where it has more than one part."""
    care: frozenset[str] = frozenset()
    """The parts beside which help is shown, because somebody's life may be in danger."""

    @property
    def everything(self) -> tuple[Remark, ...]:
        """All remarks: first those about parts, in their order."""
        return tuple(remark for found in self.parts.values() for remark in found) + self.whole


def look_over(kind: Kind, slots: Sequence[Slot], typed: Mapping[str, str]) -> Looked:
    """Return what the coach says about what is typed so far, by the names of the slots.

    The parts are read one after the other, as a whole: a feeling may stand in one and its moment in another.
    """
    read = {slot.name: slot.read(typed.get(slot.name, "")) for slot in slots}
    filled = {name: words for name, words in read.items() if words}
    text = BETWEEN.join(filled.values())
    is_whole = bool(filled) and all(read[slot.name] for slot in slots if slot.needed)
    places: dict[str, list[Hint]] = {name: [] for name in (*read, THE_WHOLE)}
    for hint in coach(kind, text).hints:
        if hint.code is Code.THREAT and needs_care(text[hint.start : hint.end]):
            # Somebody who may be in danger is shown help, and isn't told how their words sound.
            continue
        if hint.code not in ABOUT_THE_WHOLE:
            places[_place(hint, filled)].append(hint)
        elif is_whole:
            places[THE_WHOLE if len(slots) > 1 else slots[0].name].append(hint)
    remarks = {place: _remarks(text, hints) for place, hints in places.items()}
    return Looked(remarks, remarks.pop(THE_WHOLE), _parts_that_need_care(filled))


def _parts_that_need_care(filled: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, words in filled.items() if needs_care(words))


def _place(hint: Hint, filled: Mapping[str, str]) -> str:
    """Return the part that a hint's words stand in; one whose words run over several is about the whole."""
    start = 0
    for name, words in filled.items():
        end = start + len(words)
        if hint.start < end:
            return name if hint.end <= end else THE_WHOLE
        start = end + len(BETWEEN)
    return THE_WHOLE


def _remarks(text: str, hints: Sequence[Hint]) -> tuple[Remark, ...]:
    """Return one remark for each code, suggestions first; a code that comes twice has two excerpts."""
    codes = sorted(dict.fromkeys(hint.code for hint in hints), key=lambda code: code in GOOD)
    return tuple(
        Remark(
            code,
            next(hint.say for hint in hints if hint.code is code),
            tuple(excerpt(text, hint.start, hint.end) for hint in hints if hint.code is code),
        )
        for code in codes
    )


def excerpt(text: str, start: int, end: int) -> Excerpt:
    """Return words of a text to quote: short ones with a little around them, long ones shortened."""
    words = text[start:end]
    if len(words) > FEW_LETTERS:
        return Excerpt("", _shortened(words), "")
    return Excerpt(_before(text[:start]), words, _after(text[end:]))


def _shortened(words: str) -> str:
    found = words.split()
    return " ".join(found) if len(found) <= MANY_WORDS else " ".join(found[:MANY_WORDS]) + "…"


def _before(text: str) -> str:
    sentence = text[max(text.rfind(sign) for sign in ENDS) + 1 :]
    found = sentence.split()
    kept = " ".join(found[-WORDS_AROUND:])
    space = " " if kept and sentence[-1:].isspace() else ""
    return ("…" if len(found) > WORDS_AROUND else "") + kept + space


def _after(text: str) -> str:
    end = min((place for sign in ENDS if (place := text.find(sign)) >= 0), default=len(text))
    sentence = text[:end]
    found = sentence.split()
    kept = " ".join(found[:WORDS_AROUND])
    space = " " if kept and sentence[:1].isspace() else ""
    return space + kept + ("…" if len(found) > WORDS_AROUND else "")
