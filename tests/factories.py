"""Makes people and couples for tests, through the real tables and the real key chain."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from portal.access.scope import Records, Scope
from portal.access.viewer import House, Role, Seat, Viewer
from portal.kit.clock import HeldClock
from portal.kit.ids import new_id
from portal.people.models import Account, AccountState, Caseload, Couple, LoginName, Partner, Practice

MORNING = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """A couple as its three people see it."""

    couple_id: str
    a: Viewer
    b: Viewer
    therapist: Viewer


class World:
    """Practices with people, written straight into a database."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @property
    def clock(self) -> HeldClock:
        """The held clock of this world."""
        clock = self.records.clock
        assert isinstance(clock, HeldClock)
        return clock

    def practice(self, name: str = "Harbour Practice") -> str:
        """Make a practice; return its id."""
        practice_id = new_id()
        with self.records.unfenced(read_only=False) as session:
            session.add(
                Practice(
                    id=practice_id,
                    name=name,
                    time_zone="Europe/London",
                    locale="en",
                    country="GB",
                    created_at=self.records.clock.now(),
                )
            )
        return practice_id

    def account(
        self, practice_id: str, name: str, *roles: Role, state: AccountState = AccountState.ACTIVE
    ) -> str:
        """Make an account; return its id."""
        with self.records.within(House(practice_id)) as scope:
            return self._account(scope, name, roles, state)

    def _account(self, scope: Scope, name: str, roles: tuple[Role, ...], state: AccountState) -> str:
        email = f"{name.partition(' ')[0].lower()}.{new_id()[:6]}@post.example"
        account = scope.add(
            Account(
                name=name,
                email=email,
                role_names=" ".join(sorted(roles)),
                state=state,
                introduced_at=scope.now,
                created_at=scope.now,
            )
        )
        key = self.records.ring.masters.blind(email)
        scope.session.add(LoginName(email_key=key, practice_id=scope.practice_id, account_id=account.id))
        scope.flush()
        return account.id

    def pair(
        self, practice_id: str, names: tuple[str, str] = ("Sam Wren", "Alex Holm"), *, therapist: str = ""
    ) -> Pair:
        """Make a couple with a therapist (a new one unless an account id is given)."""
        with self.records.within(House(practice_id)) as scope:
            therapist = therapist or self._account(
                scope, "Ines Marlowe", (Role.THERAPIST,), AccountState.ACTIVE
            )
            couple = scope.add(Couple(created_at=scope.now))
            accounts = [self._account(scope, name, (Role.PARTNER,), AccountState.ACTIVE) for name in names]
            for seat, account in zip(Seat, accounts, strict=True):
                scope.add(Partner(couple_id=couple.id, account_id=account, seat=seat))
            scope.add(Caseload(couple_id=couple.id, account_id=therapist, since=scope.now))
        couples = frozenset({couple.id})
        a, b = (
            Viewer(practice_id, account, frozenset({Role.PARTNER}), couples, seat)
            for seat, account in zip(Seat, accounts, strict=True)
        )
        return Pair(couple.id, a, b, Viewer(practice_id, therapist, frozenset({Role.THERAPIST}), couples))

    @cached_property
    def sample(self) -> Pair:
        """One couple in one practice."""
        return self.pair(self.practice())
