"""The only source of the current time, so that a test or a sample world can hold it still."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

FARTHEST: Final = timedelta(days=2 * 366)
"""How far from today a day can lie that somebody chooses. What is farther away was a slip of the finger, and near the
ends of the calendar nothing can be reckoned with any more."""


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """Return the current moment as an aware datetime in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's current moment in UTC."""
        return datetime.now(UTC)


class HeldClock:
    """A clock that stands still until it is moved; used by tests and by the sample world."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a held clock needs an aware datetime")
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment at which the clock is held."""
        return self._moment

    def move(self, step: timedelta) -> None:
        """Move the held moment by a step, forwards or backwards."""
        self._moment += step

    def move_to(self, moment: datetime) -> None:
        """Hold the clock at another aware moment."""
        self._moment = moment.astimezone(UTC)


def day_begins(zone: str, day: date) -> datetime:
    """Return the moment, in UTC, at which a calendar day begins in an IANA time zone."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def day_in(zone: str, moment: datetime) -> date:
    """Return the calendar day of an aware moment in an IANA time zone such as ``Europe/London``."""
    return moment.astimezone(ZoneInfo(zone)).date()
