"""What is known of the leak crawl's world: who is in it, what was hidden, and who may know of each row, told by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from portal.access.scope import Records
from portal.access.viewer import Role, Viewer
from portal.tables import METADATA
from tests.factories import Pair
from tests.house.baits import Baits

CLOSED = {"unreleased": (), "opens-later": (), "for-a": (0,), "letter-for-a": (0,), "for-b": (1,)}
"""Which seats an assignment is open to, by its name, where that isn't both."""
OPEN_LETTERS = ("letter-now", "letter-opened")


@dataclass
class LeakWorld:
    """What the tests know of the world: who is who, what was hidden where, and whose each row is."""

    baits: Baits = field(default_factory=Baits)
    people: dict[str, Viewer] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    assignments: dict[str, dict[str, str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """Paths of links that are still on their way by mail, by whose they are."""
    knows: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """Who may know a row by its id: names by (table, id)."""

    def cared_for_by(self, name: str) -> frozenset[str]:
        """Return the ids of the couples that somebody looks after, and of the partners in them."""
        couples = self.people[name].couples if name in self.people else frozenset()
        pairs = [pair for pair in self.pairs.values() if pair.couple_id in couples]
        return couples | {each.account_id for pair in pairs for each in (pair.a, pair.b)}


def knowers_by_row(records: Records, told: LeakWorld) -> dict[tuple[str, str], frozenset[str]]:
    """Return who may know of each row, by table and id. It is said here by hand, apart from any rule of the portal."""
    owners = _Owners(told)
    found = {}
    with records.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            if "id" in table.columns:
                for row in connection.execute(select(*table.columns)).mappings():
                    found[table.name, row["id"]] = frozenset(owners.knowers(table.name, row))
    return found


class _Owners:
    def __init__(self, told: LeakWorld) -> None:
        self.told = told
        self.names = {viewer.account_id: name for name, viewer in told.people.items()}
        self.pairs = {pair.couple_id: pair for pair in told.pairs.values()}
        self.open_to = dict(self._open_assignments())
        self.letters = {given.get(kind) for given in told.assignments.values() for kind in OPEN_LETTERS}

    def _open_assignments(self) -> Any:
        for key, given in self.told.assignments.items():
            pair = self.told.pairs[key]
            seats = (self.names[pair.a.account_id], self.names[pair.b.account_id])
            for kind, assignment in given.items():
                yield assignment, {seats[seat] for seat in CLOSED.get(kind, (0, 1))}

    def knowers(self, table: str, row: Mapping[Any, Any]) -> set[str]:
        """Return who may know of a row."""
        carers = self._carers(self.pairs.get(row.get("couple_id") or row["id"]))
        whose = ("account_id", "author_id", "owner_id", "published_by", "id")
        owner = {self.names.get(next(row[each] for each in whose if row.get(each)), "nobody")}
        match table:
            case "couple":
                return carers | self._in_practice(row, Role.ADMIN, Role.DESK) | self._partners(row["id"])
            case "account":
                return owner | self._in_practice(row, Role.ADMIN) | self._therapists_of(row["id"])
            case "assignment":
                return carers | self.open_to[row["id"]]
            case "response":
                receivers = (
                    self.open_to[row["assignment_id"]] if row["assignment_id"] in self.letters else set()
                )
                return owner | carers | receivers
            case "answer":
                return owner | carers
            case "kept_form" | "login_session" | "instruction_template" | "own_work" | "own_edition":
                return owner
            case "safety_flag":
                return carers
            case _:
                return set()

    def _carers(self, pair: Pair | None) -> set[str]:
        return {
            name
            for name, viewer in self.told.people.items()
            if pair is not None and Role.THERAPIST in viewer.roles and pair.couple_id in viewer.couples
        }

    def _in_practice(self, row: Mapping[Any, Any], *roles: Role) -> set[str]:
        return {
            name
            for name, viewer in self.told.people.items()
            if viewer.practice_id == row["practice_id"] and viewer.roles & set(roles)
        }

    def _partners(self, couple_id: str) -> set[str]:
        pair = self.pairs[couple_id]
        return {self.names[pair.a.account_id], self.names[pair.b.account_id]}

    def _therapists_of(self, account_id: str) -> set[str]:
        pairs = [pair for pair in self.pairs.values() if account_id in {pair.a.account_id, pair.b.account_id}]
        return {name for pair in pairs for name in self._carers(pair)}
