"""A running portal whose people and assignments are written straight into its database, so that a test starts late."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from portal.access.audit import Action, AuditEntry
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.vault import read_key_file
from portal.access.viewer import House, Viewer
from portal.cli import main
from portal.config import load_config
from portal.exercises import care_commands
from portal.exercises.care_commands import Plan
from portal.exercises.domain import Recurrence
from portal.exercises.models import Answer, Response, Whom
from portal.exercises.shelf import library
from portal.kit.clock import SystemClock
from portal.kit.db import open_engine
from portal.kit.ids import new_id
from portal.people import totp
from portal.people.models import Account, Consent
from portal.people.passwords import Hasher
from portal.people.practice_queries import practice_ids
from portal.people.welcome_queries import CONSENT_VERSION
from tests.factories import Pair, World
from tests.journeys.walks import PASSWORD, Authenticator
from tests.servers import LiveServer, portal_environment

THERAPIST = "ines.marlowe@post.example"
"""Who is invited from the beginning, to work in the practice."""


def run_portal(instance: Path, *arguments: str) -> None:
    """Run a command of the portal on an instance folder, in this process; raises what it refuses."""
    mine = {name: None for name in os.environ if name.startswith("PORTAL_")}
    CliRunner().invoke(main, arguments, env=mine | portal_environment(instance), catch_exceptions=False)


@dataclass
class Stage:
    """The people of one running portal. Everybody has the same password, and has agreed already."""

    server: LiveServer
    records: Records
    world: World
    practice_id: str
    passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def on(cls, server: LiveServer) -> "Stage":
        """Return the stage of a server that has one practice."""
        config = load_config(portal_environment(server.instance))
        records = Records.open(
            open_engine(config.database_url), read_key_file(config.secrets_file), SystemClock()
        )
        (practice_id,) = practice_ids(records)
        return cls(server, records, World(records), practice_id)

    def couple(self, first: str = "Sam Wren", second: str = "Alex Holm") -> Pair:
        """Make a couple that can sign in, with a therapist of its own."""
        pair = self.world.pair(self.practice_id, (first, second))
        for viewer in (pair.a, pair.b, pair.therapist):
            self._let_in(viewer)
        return pair

    def _let_in(self, viewer: Viewer) -> None:
        with self.records.within(House(viewer.practice_id)) as scope:
            scope.find(Account, viewer.account_id).password_hash = Hasher(cheap=True).hash(PASSWORD)
        with self.records.within(viewer) as scope:
            scope.add(
                Consent(account_id=viewer.account_id, text_version=CONSENT_VERSION, agreed_at=scope.now)
            )

    def address(self, viewer: Viewer) -> str:
        """Return somebody's e-mail address."""
        with self.records.within(House(viewer.practice_id), read_only=True) as scope:
            return str(scope.find(Account, viewer.account_id).email)

    def second_step(self, viewer: Viewer) -> Authenticator:
        """Give somebody a second step; return their app."""
        secret = totp.new_secret()
        with self.records.within(House(viewer.practice_id)) as scope:
            scope.find(Account, viewer.account_id).totp = secret
        return Authenticator(secret)

    def give(self, pair: Pair, slug: str, *, whom: Whom = Whom.BOTH) -> str:
        """Give a couple an exercise once; return the id of the assignment."""
        exercise = library()[slug]
        recurrence = exercise.recurrence if exercise.recurrence is Recurrence.DAILY else Recurrence.ONCE
        plan = Plan(couple_id=pair.couple_id, whom=whom, recurrence=recurrence)
        with self.records.within(pair.therapist) as scope:
            return care_commands.assign(scope, exercise, plan, once_key=new_id()).id

    def responses(self, pair: Pair, assignment_id: str) -> list[tuple[str, str]]:
        """Return (author id, state) of every response to an assignment."""
        with self.records.within(self._house(pair), read_only=True) as scope:
            rows = scope.all(scope.select(Response).where(Response.assignment_id == assignment_id))
            return sorted((row.author_id, str(row.state)) for row in rows)

    def answers(self, pair: Pair, assignment_id: str) -> dict[tuple[str, str], tuple[object, Audience]]:
        """Return every sent answer to an assignment, by (author id, item), with its audience."""
        with self.records.within(self._house(pair), read_only=True) as scope:
            rows = scope.all(scope.select(Answer).where(Answer.assignment_id == assignment_id))
            return {(row.author_id, row.item): (row.value, Audience(row.audience)) for row in rows}

    def times_sent(self, pair: Pair) -> int:
        """Return how often the trail says that something of a couple was sent."""
        with self.records.within(self._house(pair), read_only=True) as scope:
            sent = scope.select(AuditEntry).where(
                AuditEntry.couple_id == pair.couple_id, AuditEntry.action == Action.SENT
            )
            return scope.count(sent)

    def _house(self, pair: Pair) -> House:
        return House(self.practice_id, frozenset({pair.couple_id}))
