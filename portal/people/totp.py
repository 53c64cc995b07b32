"""The second factor: six digits from an authenticator app, and recovery codes for when it is lost."""

import base64
import re
import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from io import BytesIO

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Notebook"
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_RECOVERY_BYTES = 10
_NEARBY = (0, -1, 1)


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def step_at(moment: datetime) -> int:
    """Return the number of the half-minute that a moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """Return the six digits that belong to a half-minute (RFC 6238 with SHA-1)."""
    return _totp(secret).generate(step * STEP_SECONDS).decode("ascii")


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the half-minute that a code belongs to: this one, the last or the next. None if it fits none."""
    digits = re.sub(r"[\s-]", "", code)
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return None
    now = step_at(at)
    fitting = [now + by for by in _NEARBY if compare_digest(code_at(secret, now + by), digits)]
    return fitting[0] if fitting else None


def provisioning_uri(secret: str, name: str) -> str:
    """Return the address that an authenticator app reads from the picture; its issuer is a neutral word."""
    return _totp(secret).get_provisioning_uri(name, ISSUER)


def picture(uri: str) -> str:
    """Return a QR code as inline SVG, black on white in every theme, without inline styles."""
    import segno  # noqa: PLC0415 - needed once in the life of an account, so no start waits for it

    drawn = BytesIO()
    segno.make(uri, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=False, nl=False, scale=4, border=4, light="#fff", dark="#000",
        svgclass=None, lineclass=None, omitsize=True,
    )  # fmt: skip
    return drawn.getvalue().decode("ascii")


def grouped(secret: str) -> str:
    """Return a secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Return ten fresh codes of 80 bits each, in groups of four letters and digits."""
    codes = [
        base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
        for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def recovery_hash(code: str) -> str:
    """Return the fingerprint of a recovery code, however it was typed. 80 random bits need no slow hash."""
    plain = re.sub(r"[\s-]", "", code).lower().translate(str.maketrans("018", "olb"))
    return sha256(plain.encode(errors="replace")).hexdigest()


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what authenticator apps compute
