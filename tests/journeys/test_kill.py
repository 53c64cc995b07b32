"""The power fails: whatever was acknowledged is there once, and trying again adds nothing."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.access.viewer import Viewer
from portal.exercises.models import Draft
from portal.kit.ids import new_id
from tests.factories import Pair
from tests.journeys.arranged import Stage
from tests.journeys.killing import MortalServer
from tests.journeys.visitor import CutOff, Reply, Visitor, hidden_fields
from tests.servers import LiveServer

SUBMISSIONS = 100
KILLS = 3
TAKEN = 303

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    """A server that nobody but these tests needs alive."""
    instance = tmp_path_factory.mktemp("mortal") / "instance"
    shutil.copytree(beginning, instance)
    mortal = MortalServer(instance)
    mortal.start()
    yield mortal
    mortal.kill()


@pytest.fixture(scope="module")
def stage(server: MortalServer) -> Stage:
    """The people of this server."""
    return Stage.on(LiveServer(server.url, server.instance, server.instance, None))  # type: ignore[arg-type]


@dataclass
class Ledger:
    """What one partner was told: which notes the portal took, and how many requests nobody answered."""

    visitor: Visitor
    author: Viewer
    hidden: dict[str, str]
    taken: dict[str, str] = field(default_factory=dict)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    unanswered: int = 0
    refused: list[Reply] = field(default_factory=list)

    def submit(self, assignment_id: str, note: str) -> None:
        """Send one log, again and again under one key until an answer comes; write down what was taken."""
        fields = {**self.hidden, "once_key": new_id(), "log": "yes", "log_note": note}
        self.sent[assignment_id] = fields
        while assignment_id not in self.taken:
            try:
                reply = self.visitor.post(f"/t/{assignment_id}/log", fields)
            except CutOff:
                self.unanswered += 1
                time.sleep(0.1)
                continue
            if reply.status == TAKEN and "/sign-in" not in reply.location:
                self.taken[assignment_id] = note
            else:
                self.refused.append(reply)
                return


def ledger_of(stage: Stage, server: MortalServer, viewer: Viewer, *, assignment_id: str) -> Ledger:
    """Return an empty ledger of a partner who has signed in."""
    visitor = Visitor(server.url)
    visitor.sign_in(stage.address(viewer))
    page = visitor.get(f"/t/{assignment_id}")
    hidden = hidden_fields(page.text)
    return Ledger(visitor, viewer, {name: hidden[name] for name in ("csrf_token", "writer")})


def test_every_acknowledged_answer_survives_the_death_of_all_processes(
    server: MortalServer, stage: Stage
) -> None:
    chance = random.Random(20261122)
    pair = stage.couple()
    given = [stage.give(pair, "daily-five") for _ in range(SUBMISSIONS // 2)]
    ledgers = [ledger_of(stage, server, viewer, assignment_id=given[0]) for viewer in (pair.a, pair.b)]

    writers = [threading.Thread(target=submit_all, args=(ledger, given)) for ledger in ledgers]
    for writer in writers:
        writer.start()
    for number in range(1, KILLS + 1):
        wait_for(ledgers, at_least=number * SUBMISSIONS // (KILLS + 1))
        time.sleep(chance.uniform(0, 0.1))
        server.kill()
        server.start()
    for writer in writers:
        writer.join()

    # An answer that went lost on its way back is asked for once more, long after it was taken.
    for ledger in ledgers:
        again = ledger.visitor.post(f"/t/{given[0]}/log", ledger.sent[given[0]])
        assert again.status == TAKEN

    assert not [reply.text for ledger in ledgers for reply in ledger.refused]
    assert sum(ledger.unanswered for ledger in ledgers) >= KILLS
    expected = {
        (ledger.author.account_id, each): note for ledger in ledgers for each, note in ledger.taken.items()
    }
    assert len(expected) == SUBMISSIONS
    assert notes_in(stage, pair, given) == expected
    assert stage.times_sent(pair) == SUBMISSIONS, "a second try under the same key sends nothing again"
    assert drafts_in(stage, pair) == 0


def submit_all(ledger: Ledger, given: list[str]) -> None:
    """Send a log for everything that was given."""
    for number, assignment_id in enumerate(given):
        ledger.submit(assignment_id, f"note {number} of {ledger.author.seat}")


def wait_for(ledgers: list[Ledger], *, at_least: int) -> None:
    """Wait until so many logs were taken."""
    deadline = time.monotonic() + 60
    while sum(len(ledger.taken) for ledger in ledgers) < at_least:
        assert time.monotonic() < deadline, "nothing is taken any more"
        assert not any(ledger.refused for ledger in ledgers), [each.refused for each in ledgers]
        time.sleep(0.005)


def notes_in(stage: Stage, pair: Pair, given: list[str]) -> dict[tuple[str, str], object]:
    """Return the note of every response, by (author id, assignment id)."""
    return {
        (author, each): value
        for each in given
        for (author, item), (value, _audience) in stage.answers(pair, each).items()
        if item == "log_note"
    }


def drafts_in(stage: Stage, pair: Pair) -> int:
    """Return how many drafts are left."""
    found = 0
    for viewer in (pair.a, pair.b):
        with stage.records.within(viewer, read_only=True) as scope:
            found += scope.count(scope.select(Draft).where(Draft.couple_id == pair.couple_id))
    return found


def test_a_report_is_printed_although_the_typesetter_was_killed_under_it(
    server: MortalServer, stage: Stage
) -> None:
    pair = stage.couple()
    therapist = Visitor(server.url)
    therapist.sign_in(stage.address(pair.therapist), app=stage.second_step(pair.therapist))
    preview = f"/couples/{pair.couple_id}/reports/progress?copy=joint&first=2026-01-01&last=2099-12-31"
    words = {"summary": "", "comment": "The words of the therapist stay."}
    hidden = hidden_fields(therapist.get(preview).text)
    order = {**hidden, **words, "go": "download"}
    killer = threading.Thread(target=kill_typesetters, args=(server,))

    killer.start()
    first = therapist.post(preview, order)
    killer.join()
    second = therapist.post(preview, order)

    # Killed once, it is set by another process; killed again and again, the page says so and keeps the words.
    assert first.body.startswith(b"%PDF-") or first.status == TAKEN
    assert second.status == 200
    assert second.body.startswith(b"%PDF-")
    assert "The words of the therapist stay." in therapist.get(preview).text


def kill_typesetters(server: MortalServer) -> None:
    """Kill every process that sets documents, a few times while a report is being printed."""
    for _ in range(KILLS):
        for pid in server.typesetters:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)
