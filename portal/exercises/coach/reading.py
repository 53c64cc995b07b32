"""Reads a text the way the rules need it: sentences of plain words that know where they stand in the text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from portal.exercises.coach.lexicon import spellings, word_lists

MASK: Final = "~"
"""Stands in for a word that is somebody else's: a quotation."""

_PLAIN: Final = str.maketrans(dict.fromkeys("’‘ʼ`´′", "'") | dict.fromkeys("“”„«»″", '"'))
_TOKEN: Final = re.compile(r"\d+(?:[.:]\d+)+|[^\W_]+(?:'[^\W_]+)*|\n\s*\n|[.!?…\n]+|[^\w\s]")
_QUOTED: Final = re.compile(
    r'"([^"]*)"|(?:(?<=\s)|(?<=^)|(?<=[(,:]))\'(?=\w)((?:[^\']|(?<=\w)\'(?=\w))*)\'(?!\w)'
)
_ENDS: Final = frozenset(".!?…\n")
_TITLES: Final = frozenset("mr mrs ms dr st prof no vs etc approx".split())
_ENDINGS: Final = (
    ("n't", "not"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'ll", "will"),
    ("'d", "would"),
    ("'m", "am"),
    ("'s", "'s"),
)
_IS_SHORT: Final = frozenset("it that there here what who he she how where this everything nothing".split())
_BETWEEN: Final = frozenset("only just never not already always once both even".split())
_NOT_PAST: Final = frozenset("need feed speed heed bed embed proceed succeed bleed breed exceed".split())
_LAUGHS: Final = frozenset("ha haha hahaha hehe lol xx xxx".split())
"""Said of a whole sentence, so they count even where the words around them are somebody else's."""
_LONGEST: Final = 120
"""Where nobody sets a full stop, a sentence is cut after so many words, so that no text takes long."""
_CLAUSE_ENDS: Final = frozenset(", ; : ( ) - – — but because although though".split())


@dataclass(frozen=True, slots=True)
class Word:
    """One plain word and the characters of the text that it was read from."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """The plain words of one sentence. ``line`` has a space before and after each word, for patterns."""

    words: tuple[Word, ...]
    asks: bool
    line: str
    places: tuple[int, ...]
    """Where each word begins in ``line``."""
    bag: frozenset[str]

    @property
    def start(self) -> int:
        """Where the sentence begins in the text."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the last word of the sentence ends in the text."""
        return self.words[-1].end

    def index_at(self, place: int) -> int:
        """Return the index of the word at a place in ``line``."""
        return max(0, bisect_right(self.places, place) - 1)

    def span(self, begin: int, stop: int) -> tuple[int, int]:
        """Return where the part of ``line`` from ``begin`` to ``stop`` stands in the text."""
        first = self.index_at(begin + 1)
        last = max(first, self.index_at(max(begin, stop - 1)))
        return self.words[first].start, self.words[last].end

    def clause_end(self, index: int) -> int:
        """Return the index after the last word of the clause that the word at ``index`` belongs to."""
        for later in range(index + 1, len(self.words)):
            if self.words[later].plain in _CLAUSE_ENDS:
                return later
        return len(self.words)

    def clause_start(self, index: int) -> int:
        """Return the index of the first word of the clause that the word at ``index`` belongs to."""
        for earlier in range(index - 1, -1, -1):
            if self.words[earlier].plain in _CLAUSE_ENDS:
                return earlier + 1
        return 0

    def masked(self, first: int, after: int) -> "Sentence":
        """Return the sentence with the words from ``first`` up to ``after`` hidden from patterns."""
        words = tuple(
            replace(word, plain=MASK) if first <= index < after and word.plain not in _LAUGHS else word
            for index, word in enumerate(self.words)
        )
        return _sentence(words, asks=self.asks)


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text; words inside quotation marks are masked."""
    plain = text.translate(_PLAIN)
    quoted = _quotations(plain)
    found: list[Sentence] = []
    words: list[Word] = []
    for match in _TOKEN.finditer(plain):
        piece = match.group()
        start, end = match.span()
        is_quoted = bool(quoted) and _is_inside(start, quoted)
        if piece[0] in _ENDS and not is_quoted:
            if piece == "." and words and words[-1].plain in _TITLES:
                continue
            if words:
                found.append(_sentence(tuple(words), asks="?" in piece))
                words = []
        elif is_quoted:
            words.append(Word(MASK, start, end))
        elif piece != "'":
            words.extend(Word(part, start, end) for part in _plain_words(piece.lower()))
        if len(words) >= _LONGEST:
            found.append(_sentence(tuple(words), asks=False))
            words = []
    if words:
        found.append(_sentence(tuple(words), asks=False))
    return tuple(found)


def _sentence(words: tuple[Word, ...], *, asks: bool) -> Sentence:
    bag = frozenset(word.plain for word in words)
    if "would" in bag:
        words = tuple(_with_had(words))
    if "your" in bag:
        words = tuple(_with_you_are(words))
    places: list[int] = []
    place = 1
    for word in words:
        places.append(place)
        place += len(word.plain) + 1
    line = f" {' '.join(word.plain for word in words)} "
    return Sentence(words, asks, line, tuple(places), frozenset(word.plain for word in words))


def _with_had(words: tuple[Word, ...]) -> Iterator[Word]:
    """Read "you'd forgotten" as "you had forgotten"; elsewhere "you'd" stays "you would"."""
    participles = word_lists()["participle"]
    for index, word in enumerate(words):
        is_short = word.plain == "would" and index > 0 and words[index - 1].start == word.start
        following = next(
            (each.plain for each in words[index + 1 : index + 3] if each.plain not in _BETWEEN), ""
        )
        if is_short and (
            following in participles or (following.endswith("ed") and following not in _NOT_PAST)
        ):
            yield replace(word, plain="had")
        else:
            yield word


def _with_you_are(words: tuple[Word, ...]) -> Iterator[Word]:
    """Read "your so stubborn" as "you are so stubborn"."""
    your_for_you_are = word_lists()["your_for_you_are"]
    for word, following in zip(words, (*words[1:], None), strict=True):
        if word.plain == "your" and following is not None and following.plain in your_for_you_are:
            yield replace(word, plain="you")
            yield replace(word, plain="are")
        else:
            yield word


def _plain_words(token: str) -> tuple[str, ...]:
    spellings_of = spellings()
    spelled = spellings_of.get(token)
    if spelled is not None:
        return spelled
    if "'" not in token:
        return (token,)
    for ending, word in _ENDINGS:
        if token.endswith(ending) and len(token) > len(ending):
            stem = token[: -len(ending)]
            known = spellings_of.get(stem, (stem,))
            if ending == "'s" and stem in _IS_SHORT:
                return (*known, "is")
            return (*known, word)
    return (token,)


def _is_inside(place: int, stretches: tuple[tuple[int, int], ...]) -> bool:
    """Say whether a place lies in one of some stretches, which are in the order of the text."""
    before = bisect_right(stretches, place, key=lambda stretch: stretch[0]) - 1
    return before >= 0 and place < stretches[before][1]


def _quotations(plain: str) -> tuple[tuple[int, int], ...]:
    """Return where quotations stand, unless the whole text is one."""
    if '"' not in plain and "'" not in plain:
        return ()
    found = tuple(match.span() for match in _QUOTED.finditer(plain) if match.end() - match.start() > 2)
    inside = sum(after - first for first, after in found)
    return () if inside >= len(plain.strip()) - 2 else found
