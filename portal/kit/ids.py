"""Random public identifiers: they reveal neither order nor time."""

import base64
import secrets
from hashlib import sha256

ID_LENGTH = 26


def new_id() -> str:
    """Return a fresh identifier: 128 random bits as 26 lower-case base32 characters."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def id_from(*parts: str) -> str:
    """Return the identifier that always belongs to these parts, one of which should be random.

    Making a thing under such an identifier twice makes it once.
    """
    digest = sha256("\0".join(parts).encode()).digest()[:16]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def new_token() -> str:
    """Return a 256-bit secret for a link or a cookie, safe in a URL."""
    return secrets.token_urlsafe(32)
