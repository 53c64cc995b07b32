"""Sealing of free text and answers: AES-256-GCM, bound to the row, under keys of practice and person."""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
BUCKETS = (64, 256, 1024)


class CannotOpen(Exception):
    """A sealed value doesn't belong to this row, was damaged, or its key is gone."""


class KeyFileError(RuntimeError):
    """The secrets file is missing, unreadable or lacks a key. The text says what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """What the secrets file holds: the signing key, the index key and every master key by its name."""

    signing: bytes
    index: bytes
    current: str
    masters: Mapping[str, bytes]

    def blind(self, text: str) -> str:
        """Return a keyed fingerprint of a text, so that it can be looked up without being stored."""
        return hmac(self.index, text.encode(), sha256).hexdigest()


def create_key_file(path: Path) -> None:
    """Write a fresh secrets file that only its owner can read. Raises FileExistsError if there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f"m{secrets.token_hex(4)}"
    lines = [
        "# The keys of this portal. Without this file nothing that people wrote can be opened again:",
        "# keep a copy apart from the database and its backups.",
        f'signing = "{secrets.token_hex(KEY_BYTES)}"',
        f'index = "{secrets.token_hex(KEY_BYTES)}"',
        f'current = "{name}"',
        "[masters]",
        f'{name} = "{secrets.token_hex(KEY_BYTES)}"',
        "",
    ]
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write("\n".join(lines))


def read_key_file(path: Path) -> MasterKeys:
    """Read the secrets file. Raises KeyFileError with a plain sentence when it can't be used."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KeyFileError(f"The secrets file {path} is missing. Put back your copy of it.") from None
    except (OSError, ValueError) as error:
        raise KeyFileError(f"The secrets file {path} can't be read: {error}.") from None
    try:
        keys = MasterKeys(
            signing=bytes.fromhex(found["signing"]),
            index=bytes.fromhex(found["index"]),
            current=found["current"],
            masters={name: bytes.fromhex(key) for name, key in found["masters"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise KeyFileError(
            f"The secrets file {path} lacks a key or holds one that isn't hexadecimal."
        ) from None
    if keys.current not in keys.masters or any(len(key) != KEY_BYTES for key in keys.masters.values()):
        raise KeyFileError(
            f"The secrets file {path} lacks its current master key, or a key has a wrong length."
        )
    return keys


def seal(key: bytes, kid: str, plain: bytes, *, bound_to: str) -> bytes:
    """Seal bytes under a key. ``bound_to`` names the place they belong to and isn't stored.

    The length is padded to a bucket, so that it tells little about the text.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    name = kid.encode()
    sealed = AESGCM(key).encrypt(nonce, _pad(plain), bound_to.encode())
    return VERSION + bytes([len(name)]) + name + nonce + sealed


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """Open sealed bytes. Raises CannotOpen if they were damaged or belong to another place."""
    try:
        start = 2 + sealed[1]
        nonce, rest = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        return _unpad(AESGCM(key).decrypt(nonce, rest, bound_to.encode()))
    except (InvalidTag, IndexError, ValueError):
        raise CannotOpen("a sealed value can't be opened here") from None


def kid_of(sealed: bytes) -> str:
    """Return the name of the key that a value was sealed with. Raises CannotOpen for anything else."""
    if len(sealed) < 2 or sealed[:1] != VERSION:
        raise CannotOpen("not a sealed value")
    return sealed[2 : 2 + sealed[1]].decode("ascii", errors="replace")


def _pad(plain: bytes) -> bytes:
    framed = len(plain).to_bytes(4, "big") + plain
    bucket = next((size for size in BUCKETS if len(framed) <= size), -(-len(framed) // 1024) * 1024)
    return framed.ljust(bucket, b"\0")


def _unpad(framed: bytes) -> bytes:
    length = int.from_bytes(framed[:4], "big")
    return framed[4 : 4 + length]


def wrap(keys: MasterKeys, key: bytes, *, bound_to: str) -> bytes:
    """Seal a practice's key under the current master key."""
    return seal(keys.masters[keys.current], keys.current, key, bound_to=bound_to)


def unwrap(keys: MasterKeys, wrapped: bytes, *, bound_to: str) -> bytes:
    """Open a practice's key. Raises CannotOpen if the master key it was wrapped with is missing."""
    master = keys.masters.get(kid_of(wrapped))
    if master is None:
        raise CannotOpen("the master key of this practice is not in the secrets file")
    return unseal(master, wrapped, bound_to=bound_to)


@dataclass(slots=True, repr=False)
class KeyRing:
    """Opened keys of one database, kept in memory by (practice, owner, key name)."""

    masters: MasterKeys
    opened: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
