"""A hundred couples in a live talk, both looking on: what the server's processors do, and how soon a turn is seen."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heapify, heapreplace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from flask.sessions import SecureCookieSessionInterface

from portal.access.scope import Records, Scope
from portal.access.vault import create_key_file
from portal.access.viewer import House, Role, Seat, Viewer
from portal.app import create_app
from portal.cli.bench import Bar, at_most
from portal.exercises import care_commands, queries
from portal.exercises import commands as exercise_commands
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.talk_model import MoveKind
from portal.exercises.models import Whom
from portal.exercises.parts.talk.commands import Act, Typed, act
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.kit.migrations import migrate
from portal.people import login, login_sessions
from portal.people.models import (
    Account,
    AccountState,
    Caseload,
    Consent,
    Couple,
    LoginName,
    Partner,
    Practice,
)
from portal.people.welcome_queries import CONSENT_VERSION

COUPLES = 100
SECONDS = 20
TURNS = 12
"""How many turns are sent and waited for, to see how long that takes."""

LISTENING, WRITING = 2.8, 15.0
"""Seconds between looks, as `portal/static/talk.js` has them, for who listens and for who writes."""

ZONE = "Europe/London"


@dataclass(frozen=True)
class Pair:
    """A couple in a talk: the first of them speaks."""

    a: Viewer
    b: Viewer
    assignment_id: str
    period: str


@dataclass
class Look:
    """One page that looks on."""

    due: float
    every: float
    path: str
    cookie: str
    expected: int = 204

    def __lt__(self, other: "Look") -> bool:
        return self.due < other.due


def measure() -> Iterator[Bar]:
    """Let every page look at its pace for a while, then send some turns and wait until each is seen."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PORTAL_INSTANCE": folder, "PORTAL_ENVIRONMENT": "testing"}
        create_key_file(Path(folder) / "secrets.toml")
        app = create_app()
        records: Records = app.extensions["portal"].records
        migrate(records.engine)
        pairs = _arrange(records)
        signing = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signing is not None
        cookies = {
            viewer.account_id: str(signing.dumps({"_user_id": _token(records, viewer), "_fresh": True}))
            for pair in pairs
            for viewer in (pair.a, pair.b)
        }
        with _server() as (url, process):
            yield _share(url, process, pairs, cookies)
            yield _freshness(url, records, pairs[:TURNS], cookies)


def _share(url: str, process: int, pairs: list[Pair], cookies: dict[str, str]) -> Bar:
    looks = [
        Look(
            0.0,
            every,
            f"/t/{pair.assignment_id}/turns/now?round={pair.period}&seen=1",
            cookies[viewer.account_id],
        )
        for pair in pairs
        for viewer, every in ((pair.a, WRITING), (pair.b, LISTENING))
    ]
    _look_on(url, looks, 3.0)
    asked, used, wall = _cost(url, process, looks, SECONDS)
    # What the cheapest answer of the same server costs at the same pace tells how busy this machine is.
    bare = [Look(0.0, look.every, "/static/favicon.svg", "", expected=200) for look in looks]
    bare_asked, bare_used, _wall = _cost(url, process, bare, SECONDS / 2)
    figures = (
        f"{asked / wall:.0f} looks a second, {used / asked * 1000:.2f} ms of a processor each; "
        f"a static file at this pace {bare_used / bare_asked * 1000:.2f} ms"
    )
    return at_most("turn", used / wall, 0.10, figures)


def _cost(url: str, process: int, looks: list[Look], seconds: float) -> tuple[int, float, float]:
    """Return how many looks were answered, and the seconds of processor and of the wall clock that it took."""
    before, began = _processor_seconds(process), time.perf_counter()
    asked = _look_on(url, looks, seconds)
    return asked, _processor_seconds(process) - before, time.perf_counter() - began


def _look_on(url: str, looks: list[Look], seconds: float) -> int:
    """Send each page's looks when they are due; return how many were answered."""
    began = time.perf_counter()
    for number, look in enumerate(looks):
        look.due = began + look.every * (number / len(looks))
    heapify(looks)
    connection, asked = HTTPConnection(urlsplit(url).netloc), 0
    while (look := looks[0]).due < began + seconds:
        time.sleep(max(0.0, look.due - time.perf_counter()))
        status = _ask(connection, look.path, look.cookie)
        if status != look.expected:
            raise RuntimeError(f"{look.path} answered {status}")
        asked += 1
        look.due += look.every
        heapreplace(looks, look)
    connection.close()
    return asked


def _ask(connection: HTTPConnection, path: str, cookie: str) -> int:
    connection.request("GET", path, headers={"Cookie": f"portal={cookie}", "HX-Request": "true"})
    response = connection.getresponse()
    response.read()
    return response.status


def _freshness(url: str, records: Records, pairs: list[Pair], cookies: dict[str, str]) -> Bar:
    """Send a turn somewhere between two looks of the other, and look on at their pace until it is there."""
    delays = []
    connection = HTTPConnection(urlsplit(url).netloc)
    for number, pair in enumerate(pairs):
        path = f"/t/{pair.assignment_id}/turns/now?round={pair.period}&seen=1"
        cookie = cookies[pair.b.account_id]
        next_look = time.perf_counter() + LISTENING * (number + 1) / len(pairs)
        _move(records, pair, MoveKind.SAY, "The tram was late, and I was glad of the walk.")
        sent = time.perf_counter()
        while True:
            time.sleep(max(0.0, next_look - time.perf_counter()))
            if _ask(connection, path, cookie) == 200:
                break
            next_look += LISTENING
        delays.append(time.perf_counter() - sent)
    connection.close()
    return at_most("turn-seen", max(delays), 3.0, f"seconds at most, over {len(pairs)} turns")


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "portal.cli", "web", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"Listening on (http://\S+)", line):
                    yield found[1].rstrip("/"), process.pid
                    break
        finally:
            process.terminate()


def _processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of everything it has started."""
    ticks = 0
    for each in [pid, *_children(pid)]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> Iterator[int]:
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        yield child
        yield from _children(child)


def _arrange(records: Records) -> list[Pair]:
    practice_id = new_id()
    with records.unfenced(read_only=False) as session:
        session.add(
            Practice(
                id=practice_id, name="Quay Practice", time_zone=ZONE, locale="en", country="GB",
                created_at=records.clock.now(),
            )
        )  # fmt: skip
    with records.within(House(practice_id)) as scope:
        therapist = _account(records, scope, "Ines Marlowe", Role.THERAPIST)
    return [_pair(records, practice_id, therapist) for _ in range(COUPLES)]


def _account(records: Records, scope: Scope, name: str, role: Role) -> str:
    email = f"{new_id()}@post.example"
    account = Account(
        name=name, email=email, role_names=role.value, state=AccountState.ACTIVE,
        introduced_at=scope.now, created_at=scope.now,
    )  # fmt: skip
    scope.add(account)
    scope.session.add(
        LoginName(
            email_key=records.ring.masters.blind(email), practice_id=scope.practice_id, account_id=account.id
        )
    )
    scope.add(Consent(account_id=account.id, text_version=CONSENT_VERSION, agreed_at=scope.now))
    return account.id


def _pair(records: Records, practice_id: str, therapist: str) -> Pair:
    with records.within(House(practice_id)) as scope:
        couple = scope.add(Couple(created_at=scope.now))
        ids = [_account(records, scope, name, Role.PARTNER) for name in ("Sam Wren", "Alex Holm")]
        for seat, account_id in zip(Seat, ids, strict=True):
            scope.add(Partner(couple_id=couple.id, account_id=account_id, seat=seat))
        scope.add(Caseload(couple_id=couple.id, account_id=therapist, since=scope.now))
    couples = frozenset({couple.id})
    a, b = (
        Viewer(practice_id, account_id, frozenset({Role.PARTNER}), couples, seat)
        for seat, account_id in zip(Seat, ids, strict=True)
    )
    with records.within(Viewer(practice_id, therapist, frozenset({Role.THERAPIST}), couples)) as scope:
        plan = care_commands.Plan(couple_id=couple.id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
        given = care_commands.assign(scope, library()["check-in"], plan, once_key=new_id())
    pair = Pair(a, b, given.id, "1")
    _move(records, pair, MoveKind.SPEAK_FIRST, "")
    return pair


def _move(records: Records, pair: Pair, kind: MoveKind, words: str) -> None:
    with records.within(pair.a) as scope:
        task = queries.my_task(scope, pair.assignment_id, seat=Seat.A, today=day_in(ZONE, scope.now))
        exercise_commands.begin(scope, task)
        task = queries.aside(scope, task, MechanicName.DIALOGUE, period=pair.period)
        act(scope, task, Act(kind=kind, typed=Typed(writing="", words=words)))


def _token(records: Records, viewer: Viewer) -> str:
    known = login.find_known(records, viewer.practice_id, viewer.account_id, key="none")
    assert known is not None
    return login_sessions.open_session(records, known, device="Firefox", second_factor=False)
