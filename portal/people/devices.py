"""What kind of device a person signs in with, as coarsely as it is of use to them, and browsers met before."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A device as its owner would tell it from their others."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Marks in a User-Agent, the telling ones first: most browsers also claim to be Chrome or Safari."""


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser that somebody has signed in with before. ``marks`` say as whom, in a way that only we can read."""

    browser_id: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request to sign in comes from."""

    address: str
    device: str
    browser: KnownBrowser | None = None


def device_of(user_agent: str) -> str:
    """Return a coarse name of a device such as ``phone/Chrome``: its kind, then its browser if that is plain."""
    kind = _kind(user_agent)
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    return f"{kind}/{browser}"


def parts_of(device: str) -> tuple[Kind, str]:
    """Return kind and browser of a coarse name; the browser may be empty."""
    kind, _slash, browser = device.partition("/")
    return Kind(kind), browser


def _kind(user_agent: str) -> Kind:
    if "iPad" in user_agent or "Tablet" in user_agent:
        return Kind.TABLET
    if "Android" in user_agent and "Mobile" not in user_agent:
        return Kind.TABLET
    if "Mobi" in user_agent or "iPhone" in user_agent:
        return Kind.PHONE
    return Kind.COMPUTER
