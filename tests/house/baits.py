"""Marked words to hide in private places, and the search for them in anything that somebody is handed."""

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote_to_bytes

MARK = "qzvbait"
LETTERS = 9
WORD = re.compile(rb"qzvbait[a-z]{9}", re.IGNORECASE)
ESCAPED = re.compile(rb"(?i)&#(?:113|81|x71|x51);|%71|%51|\\u0071|=71|=51")
RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}")


def _inner_base64(text: bytes) -> set[bytes]:
    """Return what base64 makes of a text at each of the three alignments, without its unsure ends."""
    found = set()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + text)
        found.add(whole[-(-8 * shift // 6) : 8 * (shift + len(text)) // 6])
    return found


SIGNS = tuple(_inner_base64(MARK.encode()) | _inner_base64(MARK.upper().encode()))


@dataclass(frozen=True)
class Bait:
    """A marked word: where it lies, whose it is, and the names of the people who may ever be shown it."""

    word: str
    place: str
    owner: str
    readers: frozenset[str]


@dataclass
class Baits:
    """Every marked word of a world."""

    laid: dict[str, Bait] = field(default_factory=dict)
    earned: dict[tuple[str, str], str] = field(default_factory=dict)
    """By word and reader the assignment in which a reader who sends their own is shown it, and not before."""

    def lay(self, place: str, *readers: str) -> str:
        """Return a new marked word for a place; only these people may read it, and it is the first one's."""
        told = sha256(f"{place} {len(self.laid)}".encode()).digest()
        word = MARK + "".join(chr(ord("a") + byte % 26) for byte in told[:LETTERS])
        self.laid[word] = Bait(word, place, readers[0] if readers else "", frozenset(readers))
        return word

    def earn(self, word: str, reader: str, assignment_id: str) -> str:
        """Note that somebody is shown a word in answer to sending their own in an assignment; return the word."""
        self.earned[word, reader] = assignment_id
        return word

    def allowed(self, reader: str) -> set[str]:
        """Return the words that one person may be shown."""
        return {word for word, bait in self.laid.items() if reader in bait.readers}

    def is_earned(self, word: str, reader: str, places: Iterable[str]) -> bool:
        """Say whether a word was handed out only where its reader had just sent their own."""
        assignment_id = self.earned.get((word, reader))
        return assignment_id is not None and all(
            place.startswith(f"POST /t/{assignment_id}/") for place in places
        )

    def places(self, words: Iterable[str]) -> list[str]:
        """Return where some words lie."""
        return sorted(f"{self.laid[word].place} ({word})" if word in self.laid else word for word in words)


def words_in(found: bytes) -> set[str]:
    """Return the marked words in some bytes, plain or in base64, as entities, percent signs or escapes."""
    words = {each.decode().lower() for each in WORD.findall(found)}
    if ESCAPED.search(found):
        words |= {each.decode().lower() for form in _unescaped(found) for each in WORD.findall(form)}
    if any(sign in found for sign in SIGNS):
        words |= {each.decode().lower() for form in _decoded(found) for each in WORD.findall(form)}
    return words


def words_in_paper(text: str) -> set[str]:
    """Return the marked words in the text of a paper, where lines and hyphens may divide them."""
    return words_in(re.sub(r"[\s\u00ad\u200b\u2060-]", "", text).encode())


def _unescaped(found: bytes) -> Iterable[bytes]:
    yield html.unescape(found.decode(errors="replace")).encode(errors="replace")
    yield unquote_to_bytes(found)
    yield quopri.decodestring(found)
    yield re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda code: bytes([int(code[1], 16)]), found)


def _decoded(found: bytes) -> Iterable[bytes]:
    # Mails break base64 into lines; taking the breaks out does no harm elsewhere.
    for run in RUN.findall(found.replace(b"\r\n", b"").replace(b"\n", b"")):
        if not any(sign in run for sign in SIGNS):
            continue
        plain = run.replace(b"-", b"+").replace(b"_", b"/")
        for start in range(4):
            part = plain[start:]
            try:
                yield base64.b64decode(part + b"=" * (-len(part) % 4))
            except binascii.Error:
                continue
