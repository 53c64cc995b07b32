"""Text that people typed: made regular at the edge, and safe to set on paper, in a cell or beside other words."""

import re
import unicodedata
from collections.abc import Iterator

RUN = 60
"""Letters in a row after which a line may break, however long the word is."""

PARAGRAPH_BYTES = 2000
"""Longest paragraph handed to the typesetter; its time grows with the square of a paragraph's length."""

MARKS = 6
"""Combining marks kept on one letter. No living orthography needs more; hundreds of them stall a typesetter."""

BREAK = "\u200b"
FIRST_STRONG, POP = "\u2068", "\u2069"

_LETTER_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_DIRECTION_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
# A no-break space is a space to people, and no place to break to a typesetter.
_LONG_RUN = re.compile(rf"(?:\S|[\u00a0\u2007\u202f]){{{RUN + 1},}}")
_NUMBER_AND_NOUN = re.compile(r"(?<![\d.,:/-])(\d{1,2}) (?=[^\W\d_]{3})")
_LAST_WORD = re.compile(r"(?<=\S) (\S{1,8})\Z")
_FEW_WORDS = 4
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)]*\s")
_CELL_TRIGGERS = frozenset("=+-@|%\t\r\n\x00＝＋－＠\u2212")


class UnsuitableText(ValueError):
    """A text holds a character that can't be kept. `position` counts characters from 0."""

    def __init__(self, character: str, position: int) -> None:
        super().__init__(character, position)
        self.character = character
        self.position = position

    @property
    def name(self) -> str:
        """Return the character's code the way Unicode tables write it, such as `U+0000`."""
        return f"U+{ord(self.character):04X}"

    def __str__(self) -> str:
        """Name the character and its place; never the text around it."""
        return f"character {self.name} at position {self.position} can't be kept"


def clean(text: str) -> str:
    """Return a text in the one form that is stored: NFC, lines ended by a single line feed, no byte-order mark.

    Raises `UnsuitableText` for what no database, file or page can carry faithfully: NUL and the other
    control characters except tab and line feed, lone surrogates, and the code points Unicode will never assign.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for position, character in enumerate(lines):
        if _unsuitable(character):
            raise UnsuitableText(character, position)
    plain = lines.replace("\ufeff", "").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", plain)


def _unsuitable(character: str) -> bool:
    code = ord(character)
    if 0x20 <= code < 0x7F or character in "\n\t":
        return False
    control = code < 0x20 or 0x7F <= code <= 0x9F
    surrogate = 0xD800 <= code <= 0xDFFF
    never_assigned = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return control or surrogate or never_assigned


def soft(text: str) -> str:
    """Return a text in which every unbroken run may break after 60 letters and no letter carries a tower of marks.

    Breaks are zero-width spaces, put only between whole letters: never inside an emoji, a flag or an accent.
    """
    return _LONG_RUN.sub(_with_breaks, _fewer_marks(text))


def breakable(text: str) -> list[str]:
    """Return a text as paragraphs that can be set quickly: none over 2 kB, none with an unbreakable run.

    Blank lines part paragraphs; single line feeds stay inside them (draw with `white-space: pre-line`).
    An over-long paragraph is parted at the end of a sentence, or else of a word. An empty text has no paragraphs.
    """
    whole = (paragraph.strip("\n") for paragraph in re.split(r"\n[ \t]*\n", soft(text.replace("\r\n", "\n"))))
    return [piece for paragraph in whole if paragraph.strip() for piece in _pieces(paragraph)]


def direction_of(text: str) -> str:
    """Return `rtl` or `ltr`, by the first letter that has a direction."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def tied(text: str) -> str:
    """Return a text in which a number keeps to its noun and a short last word doesn't stand on a line alone."""
    with_nouns = _NUMBER_AND_NOUN.sub("\\1\u00a0", text)
    return _LAST_WORD.sub("\u00a0\\1", with_nouns) if text.count(" ") > _FEW_WORDS else with_nouns


def isolate(name: str) -> str:
    """Return a name closed off, so that its writing direction can't reorder the words around it.

    Direction controls inside the name are dropped: an unbalanced one would open the enclosure again.
    """
    return f"{FIRST_STRONG}{_DIRECTION_CONTROLS.sub('', name)}{POP}"


def beside(name: str) -> str:
    """Return a name as it stands in a sentence: closed off only where its direction could disturb the others.

    A plain name stays plain, so that searching for it in a document finds it.
    """
    turned = _DIRECTION_CONTROLS.search(name) or any(
        unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in name
    )
    return isolate(name) if turned else name


def inert_cell(text: str) -> str:
    """Return a text that a spreadsheet shows instead of computing: an apostrophe stands before any trigger.

    Numbers should be written as numbers, not through this function: a typed `-1` becomes `'-1`.
    """
    for character in text:
        if character in _CELL_TRIGGERS:
            return f"'{text}"
        if not (character.isspace() or unicodedata.category(character) in {"Cf", "Cc"}):
            return text
    return text


def _fewer_marks(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MARKS:
            kept.append(character)
    return "".join(kept)


def _with_breaks(run: re.Match[str]) -> str:
    letters = run.group()
    parts, start = [], 0
    for end in _letter_ends(letters):
        if end - start >= RUN:
            parts.append(letters[start:end])
            start = end
    parts.append(letters[start:])
    return BREAK.join(part for part in parts if part)


def _letter_ends(letters: str) -> Iterator[int]:
    """Yield the places between whole letters; a run of joined signs longer than two runs is parted regardless."""
    last = 0
    flags = 0
    for place in range(1, len(letters)):
        before, after = letters[place - 1], letters[place]
        flags = flags + 1 if ord(before) in _FLAG_LETTERS else 0
        inside_flag = flags % 2 == 1 and ord(after) in _FLAG_LETTERS
        joined = (
            unicodedata.category(after).startswith("M")
            or after in _LETTER_JOINERS
            or before == "\u200d"
            or ord(after) in _SKIN_TONES
            or inside_flag
        )
        if not joined or place - last >= RUN:
            last = place
            yield place


def _pieces(paragraph: str) -> Iterator[str]:
    rest = paragraph
    while len(rest.encode()) > PARAGRAPH_BYTES:
        head = rest.encode()[:PARAGRAPH_BYTES].decode(errors="ignore")
        end = _best_end(head)
        if piece := rest[:end].strip():
            yield piece
        rest = rest[end:]
    if rest.strip():
        yield rest.strip("\n")


def _best_end(head: str) -> int:
    sentences = [found.end() for found in _SENTENCE_END.finditer(head)]
    if sentences and sentences[-1] > len(head) // 2:
        return sentences[-1]
    word = max(head.rfind(" "), head.rfind("\n"), head.rfind(BREAK))
    return word + 1 if word > 0 else len(head)
