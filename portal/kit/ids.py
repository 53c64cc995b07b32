"""Random public identifiers: they reveal neither order nor time."""

import base64
import secrets

ID_LENGTH = 26


def new_id() -> str:
    """Return a fresh identifier: 128 random bits as 26 lower-case base32 characters."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def new_token() -> str:
    """Return a 256-bit secret for a link or a cookie, safe in a URL."""
    return secrets.token_urlsafe(32)
