"""The second factor by itself: codes, addresses and pictures."""

import base64
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from portal.people import totp

# The test vectors of RFC 6238, appendix B, for SHA-1: the last six of eight digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 11, 19, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_agree_with_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, seconds // 30) == code


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_code_of_the_last_this_or_the_next_half_minute_fits(off: int) -> None:
    secret, now = totp.new_secret(), totp.step_at(NOON)
    assert totp.matching_step(secret, totp.code_at(secret, now + off), at=NOON) == now + off


@pytest.mark.parametrize("off", [-2, 2])
def test_a_code_from_farther_away_does_not_fit(off: int) -> None:
    now = totp.step_at(NOON)
    assert totp.matching_step(RFC_SECRET, totp.code_at(RFC_SECRET, now + off), at=NOON) is None


def test_a_code_may_be_typed_in_groups() -> None:
    code = totp.code_at(RFC_SECRET, totp.step_at(NOON))
    assert totp.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", at=NOON) is not None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-1-2-3", "\x00" * 6, "９" * 6]
)
def test_anything_else_is_no_code(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, at=NOON) is None


def test_the_address_for_the_app_says_nothing_but_notebook() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, "sam@post.example")
    assert uri.startswith("otpauth://totp/Notebook:sam%40post.example?")
    assert f"secret={RFC_SECRET}" in uri
    assert "issuer=Notebook" in uri


def test_the_picture_is_plain_svg_without_styles() -> None:
    drawn = totp.picture(totp.provisioning_uri(RFC_SECRET, "sam@post.example"))
    assert ET.fromstring(drawn).tag == "svg"  # noqa: S314 - drawn by our own code
    assert not re.search(r"style|class|script|href", drawn)


def test_recovery_codes_are_ten_different_ones_of_eighty_bits() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(base64.b32decode(code.replace("-", "").upper())) == 10 for code in codes)


def test_a_recovery_code_may_be_typed_in_any_dress() -> None:
    code = totp.new_recovery_codes()[0]
    plain = code.replace("-", "")
    assert totp.recovery_hash(f" {plain.upper()} ") == totp.recovery_hash(code)
    assert totp.recovery_hash(plain[:-1]) != totp.recovery_hash(code)
