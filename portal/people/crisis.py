"""Where to find help now: the lists by country, and what a practice has made of its own."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Resource:
    """Somebody who can help now. ``reach`` is a number to call or a web address."""

    name: str
    reach: str
    note: str

    @property
    def url(self) -> str:
        """The address that calls or opens it."""
        if self.reach.startswith("https://"):
            return self.reach
        return "tel:" + "".join(sign for sign in self.reach if sign in "+0123456789")

    @property
    def words(self) -> str:
        """What to show for it: the number, or the address without its protocol."""
        return self.reach.removeprefix("https://")


@cache
def _lists() -> Mapping[str, Sequence[Mapping[str, str]]]:
    path = Path(__file__).with_name("crisis.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def countries() -> list[str]:
    """Return the countries that have a list, by code."""
    return sorted(_lists().keys() - {ANYWHERE})


def resources_for(country: str) -> list[dict[str, str]]:
    """Return a country's list, or the one that holds anywhere."""
    return [dict(row) for row in _lists().get(country, _lists()[ANYWHERE])]


def shown(rows: Sequence[Mapping[str, str]], country: str = ANYWHERE) -> list[Resource]:
    """Return a practice's own list to show; the country's where it has none, so that it is never empty."""
    return [
        Resource(name=row["name"], reach=row["reach"], note=row.get("note", ""))
        for row in rows or resources_for(country)
    ]
