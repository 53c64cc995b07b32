"""How a pathway that is being written would lie in the calendar: week by week, from a day that is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from portal.exercises.domain import Exercise
from portal.exercises.own_pathways.calendar import Placed, Supposed, lay_out
from portal.exercises.own_pathways.forms import EditorForm
from portal.exercises.pathway import Pathway

PACES: Final = {
    "1": lazy_gettext("one day"),
    "3": lazy_gettext("three days"),
    "0": lazy_gettext("all its days"),
}
EVERY: Final = {
    "7": lazy_gettext("every week"),
    "14": lazy_gettext("every two weeks"),
    "0": lazy_gettext("none"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the editor is looked at, as its address says; nothing of it is kept."""

    open: str
    start: date
    pace: str = "3"
    every: str = "7"
    find: str = ""
    seek: str = ""
    check: bool = False

    def as_query(self) -> dict[str, Any]:
        """Return the look as the values of an address; ``look_in`` reads them back."""
        values = {
            "open": self.open,
            "start": self.start.isoformat(),
            "pace": self.pace,
            "every": self.every,
            "find": self.find,
            "seek": self.seek,
        }
        return {name: value for name, value in values.items() if value}


def look_in(values: MultiDict[str, str], *, today: date) -> Look:
    """Return the look that an address or a form asks for. What can't be read is as usual."""
    pace, every = values.get("pace", ""), values.get("every", "")
    return Look(
        open=values.get("open", "")[:60],
        start=_day(values.get("start", "")) or today,
        pace=pace if pace in PACES else "3",
        every=every if every in EVERY else "7",
        find=" ".join(values.get("find", "").split())[:100],
        seek=" ".join(values.get("seek", "").split())[:100],
        check="check" in values,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Far away from today the calendar would leave the years there are.
    return found if 2000 <= found.year <= 2200 else None


def offer_calendar(form: EditorForm, look: Look) -> None:
    """Put what the calendar is looked at with into its fields."""
    form.pace.choices = [(value, str(words)) for value, words in PACES.items()]
    form.every.choices = [(value, str(words)) for value, words in EVERY.items()]
    form.start.data, form.pace.data, form.every.data = look.start, look.pace, look.every


@dataclass(frozen=True, slots=True)
class Event:
    """A step that opens on a day. ``ends`` is the day on which it would be done."""

    number: int
    key: str
    opens: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a week: the numbers of the steps that open, whether one is going on, and whether it has a session."""

    date: date
    numbers: tuple[int, ...]
    is_busy: bool
    is_session: bool


@dataclass(frozen=True, slots=True)
class Week:
    """One week from the start, with its seven days and what opens in it."""

    number: int
    days: tuple[Day, ...]
    events: tuple[Event, ...] = field(default=())


def calendar(way: Pathway, known: Mapping[str, Exercise], look: Look) -> tuple[list[Week], Sequence[Placed]]:
    """Return the weeks of a pathway from the chosen day, and when each step would open and be done."""
    every = int(look.every)
    placed = lay_out(way, known, Supposed(start=look.start, pace=int(look.pace), session_every=every))
    events = [
        Event(place + 1, way.steps[place].key, each.opens, each.done)
        for place, each in enumerate(placed)
        if each.opens is not None
    ]
    last = max((each.ends or each.opens for each in events), default=None)
    if last is None:
        return [], placed
    number = max(1, ((last - look.start).days + 6) // 7)
    return [_week(look.start, place, events, every) for place in range(number)], placed


def _week(start: date, place: int, events: Sequence[Event], every: int) -> Week:
    first = start + timedelta(days=7 * place)
    days = tuple(_in_day(first + timedelta(days=day), start, events, every) for day in range(7))
    here = tuple(each for each in events if first <= each.opens < first + timedelta(days=7))
    return Week(place + 1, days, here)


def _in_day(day: date, start: date, events: Sequence[Event], every: int) -> Day:
    since = (day - start).days
    return Day(
        date=day,
        numbers=tuple(each.number for each in events if each.opens == day),
        is_busy=any(each.opens <= day < (each.ends or each.opens + timedelta(days=1)) for each in events),
        is_session=bool(every) and since > 0 and since % every == 0,
    )
