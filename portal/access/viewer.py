"""Who is asking: an account in a practice, its roles, and the couples within its reach."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may be. A partner is only ever a partner; staff may hold several roles."""

    ADMIN = "admin"
    THERAPIST = "therapist"
    DESK = "desk"
    PARTNER = "partner"


STAFF = frozenset({Role.ADMIN, Role.THERAPIST, Role.DESK})


class Seat(StrEnum):
    """The two equal places of a couple."""

    A = "a"
    B = "b"

    @property
    def other(self) -> "Seat":
        """Return the partner's seat."""
        return Seat.B if self is Seat.A else Seat.A


@dataclass(frozen=True, slots=True)
class Viewer:
    """One account as the rules see it.

    ``couples`` holds the couples it is part of: a partner's own one, a therapist's caseload. For every other
    role it is empty, and empty means none.
    """

    practice_id: str
    account_id: str
    roles: frozenset[Role]
    couples: frozenset[str] = frozenset()
    seat: Seat | None = None

    @property
    def is_partner(self) -> bool:
        """Say whether the viewer is a client."""
        return Role.PARTNER in self.roles

    @property
    def is_staff(self) -> bool:
        """Say whether the viewer works for the practice."""
        return bool(self.roles & STAFF)


@dataclass(frozen=True, slots=True)
class House:
    """The portal itself, working on one couple (or on none) where a rule needs both partners' rows at once."""

    practice_id: str
    couples: frozenset[str] = frozenset()
    account_id: None = None
    roles: frozenset[Role] = frozenset()
    seat: None = None
    is_partner: bool = False
    is_staff: bool = False
