"""Passwords: which ones are refused, and how they are kept."""

import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from secrets import token_bytes
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION, Type

SHORTEST = 12
LONGEST = 256
HASHES_AT_ONCE = 2
WAIT_SECONDS = 20.0
SALT_BYTES, HASH_BYTES = 16, 32

_LOOKALIKES = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "1234567890", "0123456789", "qwertyuiopasdfghjklzxcvbnm")
_JOINTS = frozenset({"and", "or", "loves"})
_LONGEST_UNIT = 4
_SHORTEST_PERSONAL = 3


class Fault(StrEnum):
    """Why a password isn't taken."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    UNSUITABLE = "unsuitable"
    COMMON = "common"
    PERSONAL = "personal"


class TooBusy(Exception):
    """So many passwords are being checked at this moment that this one has to be sent again."""


def normal(password: str) -> str:
    """Return a password in the form that is hashed: NFC, so that every keyboard types the same one."""
    return unicodedata.normalize("NFC", password)


def fault_of(password: str, *, personal: Iterable[str] = ()) -> Fault | None:
    """Return why a new password is refused, or None. ``personal`` are names of the people and the practice.

    Any character counts, spaces at the ends too. Refused are short and very long passwords, those that
    consist of one or two common words, and those that consist of the given names, whatever digits and signs
    are put around them.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        return Fault.TOO_SHORT
    if len(text) > LONGEST:
        return Fault.TOO_LONG
    if any(unicodedata.category(character) == "Cs" for character in text):
        return Fault.UNSUITABLE
    names = frozenset(_names(personal))
    for letters in _cores(text.casefold()):
        if names and _made_of(letters, names | _JOINTS, most=len(letters)):
            return Fault.PERSONAL
        if _made_of(letters, common_words() | names, most=2):
            return Fault.COMMON
    return Fault.COMMON if _mechanical(text.casefold()) else None


@cache
def common_words() -> frozenset[str]:
    """Return the words that passwords are most often built from."""
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _names(personal: Iterable[str]) -> Iterator[str]:
    for name in personal:
        words = ["".join(filter(str.isalpha, word)) for word in normal(name).casefold().split()]
        yield from (word for word in [*words, "".join(words)] if len(word) >= _SHORTEST_PERSONAL)


def _cores(text: str) -> set[str]:
    """Return the letters of a password, as typed and with digits read as the letters they look like."""
    spelled = text.strip("0123456789!").translate(_LOOKALIKES)
    found = {"".join(filter(str.isalpha, each)) for each in (text, spelled, text.translate(_LOOKALIKES))}
    return found - {""}


def _made_of(letters: str, words: frozenset[str], *, most: int) -> bool:
    """Say whether letters fall apart into at most so many words."""
    fewest: list[int | None] = [0] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        counts = [
            before + 1
            for start in range(end)
            if (before := fewest[start]) is not None and letters[start:end] in words
        ]
        fewest[end] = min(counts, default=None)
    needed = fewest[-1]
    return needed is not None and needed <= most


def _mechanical(text: str) -> bool:
    """Say whether a password is one plain unit repeated, or a run along the alphabet or the keyboard."""
    if not text.isascii():
        return False
    repeated = any(text == (text[:unit] * len(text))[: len(text)] for unit in range(1, _LONGEST_UNIT + 1))
    return repeated or any(text in run * 3 or text in run[::-1] * 3 for run in _RUNS)


def _nobodys_hash(passes: int, memory_kib: int) -> str:
    """Return a hash that no password fits, and that takes as long to check as a real one. Made without hashing."""
    salt, digest = (
        b64encode(token_bytes(length)).decode().rstrip("=") for length in (SALT_BYTES, HASH_BYTES)
    )
    return f"$argon2id$v={ARGON2_VERSION}$m={memory_kib},t={passes},p=1${salt}${digest}"


class Hasher:
    """Hashes and checks passwords with argon2id: 64 MiB, three passes, one lane, two at a time.

    ``cheap`` is for tests alone: the same algorithm with next to no cost.
    """

    def __init__(self, *, cheap: bool = False) -> None:
        passes, memory_kib = (1, 8) if cheap else (3, 64 * 1024)
        self._argon = PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=1,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        self._slots = BoundedSemaphore(HASHES_AT_ONCE)
        self._nobodys = _nobodys_hash(passes, memory_kib)

    def hash(self, password: str) -> str:
        """Return the hash to store. Raises ValueError for a password that the rules would refuse as too long."""
        if len(password) > LONGEST:
            raise ValueError("too long to be hashed")
        with self._slot():
            return self._argon.hash(normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether a password fits. Without a stored hash it takes as long, and the answer is no."""
        if len(password) > LONGEST:
            return False
        with self._slot():
            try:
                self._argon.verify(stored or self._nobodys, normal(password))
            except (VerificationError, InvalidHashError, UnicodeEncodeError):
                return False
        return stored is not None

    def is_stale(self, stored: str) -> bool:
        """Say whether a hash was made with other parameters than today's."""
        return self._argon.check_needs_rehash(stored)

    def _slot(self) -> "_Slot":
        return _Slot(self._slots)


class _Slot:
    """One of the places at the hasher; a caller that waits too long for one is told so."""

    def __init__(self, slots: BoundedSemaphore) -> None:
        self._slots = slots

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise TooBusy

    def __exit__(self, *_: object) -> None:
        self._slots.release()
