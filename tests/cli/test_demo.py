"""The sample world, as its command builds it."""

import itertools
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.audit import Action, AuditEntry
from portal.access.privacy import Audience
from portal.access.scope import Records, Scope
from portal.access.viewer import House, Role, Seat, Viewer
from portal.config import load_config
from portal.exercises.domain import Exercise
from portal.exercises.journey_queries import journeys_of, sessions_of, way_of
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.climb import EventKind
from portal.exercises.mechanics.dialogue import DialogueSpec
from portal.exercises.mechanics.ladder import LadderSpec
from portal.exercises.mechanics.planning_model import Status
from portal.exercises.mechanics.talk import state_of
from portal.exercises.mechanics.talk_model import Ending
from portal.exercises.models import (
    Answer,
    Assignment,
    AssignmentState,
    Feedback,
    OverlapMatch,
    Reaction,
    Response,
)
from portal.exercises.parts.agreements.queries import shared
from portal.exercises.parts.ladders.queries import shared_ladder
from portal.exercises.parts.plans.queries import looked_back, planned
from portal.exercises.parts.talk.queries import talks_of
from portal.exercises.pathway_models import JourneyState, SessionState, StepState
from portal.exercises.shelf import exercises_by_copy
from portal.kit.clock import SystemClock
from portal.people.couple_queries import circle
from portal.people.devices import Caller
from portal.people.login import Known, sign_in
from portal.people.models import Account, Couple, MailState, OutgoingMail, Practice
from portal.people.passwords import Hasher
from portal.people.practice_queries import practice_ids
from portal.people.welcome_queries import standing_consent
from portal.sample.cast import draw_cast
from tests.cli.conftest import Loaded, LoadedOn, Run, plain_refusal, records_of
from tests.databases import Engine
from tests.servers import free_port, portal_environment

pytestmark = pytest.mark.both_databases

ACCOUNT_KEYS = {"role", "name", "email", "password", "totp_secret", "practice", "couple", "seat"}
CALLER = Caller(address="127.0.0.1", device="computer/Firefox")


def practices(records: Records) -> dict[str, str]:
    """Return the id of each practice by its name."""
    with records.unfenced() as session:
        return {name: key for key, name in session.execute(select(Practice.id, Practice.name))}


def everything_about(records: Records, couple_id: str) -> Scope:
    """Return a scope that sees all of one couple's rows, as the portal itself does."""
    for practice_id in practice_ids(records):
        scope = records.scope(House(practice_id, frozenset({couple_id})), read_only=True)
        if scope.first(scope.select(Couple).where(Couple.id == couple_id)) is not None:
            return scope
        scope.close()
    raise LookupError(couple_id)


def exercise_of(scope: Scope, assignment: Assignment) -> Exercise:
    """Return the exercise of an assignment as it was given."""
    return exercises_by_copy(scope, {assignment.copy_id})[assignment.copy_id]


# --- Who is in it --------------------------------------------------------------------------------


def test_it_says_who_can_sign_in(loaded: Loaded) -> None:
    world = loaded.world
    assert world["url"] == "http://127.0.0.1:8000"
    assert all(account.keys() >= ACCOUNT_KEYS for account in world["accounts"])
    roles = Counter((account["practice"], account["role"]) for account in world["accounts"])
    assert roles == {
        ("Harbour Practice", "admin"): 1,
        ("Harbour Practice", "therapist"): 2,
        ("Harbour Practice", "desk"): 1,
        ("Harbour Practice", "partner"): 8,
        ("Second Practice", "admin"): 1,
        ("Second Practice", "therapist"): 1,
        ("Second Practice", "partner"): 2,
    }
    for account in world["accounts"]:
        is_partner = account["role"] == "partner"
        assert (account["totp_secret"] is None) is is_partner
        assert (account["couple"] is not None) is is_partner
        assert (account["seat"] in {"a", "b"}) is is_partner


def test_couples_have_refs_that_are_unique(loaded: Loaded) -> None:
    refs = [couple["ref"] for couple in loaded.world["couples"]]
    assert refs == ["harbour-1", "harbour-2", "harbour-3", "harbour-4", "second-1"]
    used = {account["couple"] for account in loaded.world["accounts"]} - {None}
    assert used == set(refs)


def test_names_are_two_invented_names_and_never_come_twice(loaded: Loaded) -> None:
    names = [account["name"] for account in loaded.world["accounts"]]
    assert all(len(name.split()) == 2 for name in names)
    assert len({first for name in names for first in name.split()}) == 2 * len(names)


def test_everybody_can_sign_in_and_staff_need_their_code(loaded: Loaded, sample_records: Records) -> None:
    hasher = Hasher()
    for account in (loaded.world["accounts"][0], loaded.world["accounts"][-1]):
        found = sign_in(
            sample_records, account["email"], password=account["password"], caller=CALLER, hasher=hasher
        )
        assert isinstance(found, Known)
        assert found.roles == {Role(account["role"])}
        assert found.has_second_factor is (account["role"] != "partner")


def test_every_code_fits_its_account(loaded: Loaded, sample_records: Records) -> None:
    secrets = {}
    for practice_id in practices(sample_records).values():
        with sample_records.within(House(practice_id), read_only=True) as scope:
            secrets |= {each.email: each.totp for each in scope.all(scope.select(Account))}
    assert secrets == {account["email"]: account["totp_secret"] for account in loaded.world["accounts"]}


def test_partners_have_read_how_it_works_and_agreed(sample_records: Records) -> None:
    for practice_id in practices(sample_records).values():
        with sample_records.within(House(practice_id), read_only=True) as scope:
            partners = [each for each in scope.all(scope.select(Account)) if Role.PARTNER in each.roles]
            assert partners
            for each in partners:
                assert each.introduced_at is not None
                assert standing_consent(scope, each.id) is not None


def test_one_couple_is_spoken_to_in_spanish(loaded: Loaded, sample_records: Records) -> None:
    practice_id = practices(sample_records)["Harbour Practice"]
    with sample_records.within(House(practice_id), read_only=True) as scope:
        spanish = {each.email for each in scope.all(scope.select(Account)) if each.locale == "es"}
    assert spanish == {
        account["email"] for account in loaded.world["accounts"] if account["couple"] == "harbour-4"
    }


# --- What has happened ---------------------------------------------------------------------------


def test_the_first_couple_shows_every_state_of_every_mechanic(
    loaded: Loaded, sample_records: Records
) -> None:
    couple_id = loaded.couple("harbour-1")["id"]
    scope = everything_about(sample_records, couple_id)
    assignments = scope.all(scope.select(Assignment))
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    used = {name for each in assignments for name in exercises[each.copy_id].mechanics}
    assert used == set(MECHANICS)
    assert len({each.slug for each in assignments}) >= 15
    assert {each.state for each in assignments} == {state.value for state in AssignmentState}
    assert any(each.released_at is None for each in assignments)
    responses = scope.all(scope.select(Response))
    states = {(each.state, each.reviewed_at is not None) for each in responses}
    assert states == {
        ("ahead", False),
        ("draft", False),
        ("sent", True),
        ("sent", False),
        ("declined", False),
    }
    answered = {each.assignment_id for each in responses}
    assert any(each.id not in answered and each.released_at for each in assignments)
    scope.close()


def test_the_first_couple_has_letters_overlaps_feedback_and_reactions(
    loaded: Loaded, sample_records: Records
) -> None:
    couple_id = loaded.couple("harbour-1")["id"]
    scope = everything_about(sample_records, couple_id)
    now = scope.now
    letters = scope.all(scope.select(Answer).where(Answer.audience.in_([Audience.COUPLE, Audience.HELD])))
    assert any(each.open_at and each.open_at > now for each in letters), "a letter that is still under way"
    assert any(each.audience == Audience.HELD and each.open_at for each in letters), (
        "a held letter that was opened"
    )
    assert {each.audience for each in scope.all(scope.select(Feedback))} == {"note", "reply", "reply-both"}
    assert scope.count(scope.select(Reaction)) >= 5
    assert scope.count(scope.select(OverlapMatch).where(OverlapMatch.until > now)) >= 10
    assert scope.find(Couple, couple_id).goals
    scope.close()


def test_what_the_first_couple_did_together_has_a_history(loaded: Loaded, sample_records: Records) -> None:
    scope = everything_about(sample_records, loaded.couple("harbour-1")["id"])
    given = {each.slug: each for each in scope.all(scope.select(Assignment))}
    pause = shared(scope, given["pause-and-return"]).agreement
    assert pause.in_force is not None
    assert [each.number for each in pause.versions] == [1, 2]
    assert pause.versions[0].text.clauses != pause.versions[1].text.clauses
    assert {each.kept for each in pause.logs} == {True, False}
    assert {each.by for each in pause.logs} == set(Seat)
    assert not shared(scope, given["setback-plan"]).agreement.versions, "a text that is still in the making"

    people = circle(scope, given["check-in"].couple_id)
    talks = talks_of(scope, given["check-in"].id, people).values()
    ends = Counter(
        state_of(exercise_of(scope, given["check-in"]).spec(DialogueSpec), each).ending for each in talks
    )
    assert ends == {Ending.COMPLETE: 2, Ending.STOPPED: 1}

    climbed = given["small-disclosures"]
    ladder = shared_ladder(scope, climbed, exercise_of(scope, climbed).spec(LadderSpec))
    assert sum(event.kind is EventKind.DONE for event in ladder.history) == 3
    assert ladder.view.current is not None

    planning = planned(scope, given["date-ideas"], exercise_of(scope, given["date-ideas"]), people)
    assert [each.status for each in planning.plans] == [Status.LET_GO, Status.DONE, Status.PROPOSED]
    assert len(looked_back(scope, planning)["p2-1"]) == 2
    scope.close()


def test_the_first_couple_is_on_its_way_with_sessions(loaded: Loaded, sample_records: Records) -> None:
    couple_id = loaded.couple("harbour-1")["id"]
    scope = everything_about(sample_records, couple_id)
    (journey,) = journeys_of(scope, couple_id)
    assert journey.state == JourneyState.RUNNING
    steps = Counter(step.state for step in way_of(scope, journey).steps)
    assert steps == {StepState.RELEASED: 2, StepState.DONE: 1, StepState.SKIPPED: 3, StepState.AHEAD: 1}
    sessions = sessions_of(scope, couple_id)
    assert Counter(each.state for each in sessions) == {SessionState.HELD: 12, SessionState.PLANNED: 1}
    assert sessions[-1].starts_at > scope.now
    scope.close()


def test_of_a_journal_only_the_page_that_was_shown_was_sent(loaded: Loaded, sample_records: Records) -> None:
    scope = everything_about(sample_records, loaded.couple("harbour-1")["id"])
    journal = scope.one(scope.select(Assignment).where(Assignment.slug == "my-part"))
    pages = scope.all(scope.select(Answer).where(Answer.assignment_id == journal.id))
    assert {each.audience for each in pages} == {Audience.COUPLE}
    assert len({each.response_id for each in pages}) == 1
    scope.close()


def test_a_practice_has_a_gap_and_begins_again(loaded: Loaded, sample_records: Records) -> None:
    scope = everything_about(sample_records, loaded.couple("harbour-1")["id"])
    five = scope.one(scope.select(Assignment).where(Assignment.slug == "daily-five"))
    days = sorted(
        {
            each.sent_at.date()
            for each in scope.all(scope.select(Answer).where(Answer.assignment_id == five.id))
        }
    )
    gaps = [(after - before).days for before, after in itertools.pairwise(days)]
    assert len(days) >= 25
    assert max(gaps) > 7
    scope.close()


def test_the_second_couple_is_in_intake(loaded: Loaded, sample_records: Records) -> None:
    scope = everything_about(sample_records, loaded.couple("harbour-2")["id"])
    signs = scope.one(scope.select(Assignment).where(Assignment.slug == "warning-signs"))
    states = Counter(
        each.state for each in scope.all(scope.select(Response).where(Response.assignment_id == signs.id))
    )
    assert states == {"sent": 1, "draft": 1}
    scope.close()


def test_nothing_of_the_answers_about_safety_reaches_the_other_partner(
    loaded: Loaded, sample_records: Records
) -> None:
    couple_id = loaded.couple("harbour-3")["id"]
    scope = everything_about(sample_records, couple_id)
    practice_id = scope.practice_id
    answers = scope.all(scope.select(Answer).where(Answer.item == "afraid"))
    authors = {each.author_id for each in answers}
    assert sorted(each.value for each in answers) == ["no", "sometimes"]
    scope.close()
    for author in authors:
        viewer = Viewer(practice_id, author, frozenset({Role.PARTNER}), frozenset({couple_id}))
        with sample_records.within(viewer, read_only=True) as scope:
            theirs = scope.all(scope.select(Answer).where(Answer.author_id != author))
            assert {each.audience for each in theirs} == {Audience.COUPLE}
            assert scope.all(scope.select(Feedback)) == []


def test_the_trail_was_written_in_order_and_ends_before_now(sample_records: Records) -> None:
    for practice_id in practices(sample_records).values():
        with sample_records.within(House(practice_id), read_only=True) as scope:
            entries = scope.all(scope.select(AuditEntry))
            waiting = scope.count(scope.select(OutgoingMail).where(OutgoingMail.state == MailState.WAITING))
        assert entries
        assert max(each.at for each in entries) < SystemClock().now()
        assert Action.PRACTICE_CREATED in {each.action for each in entries}
        assert waiting == 0


# --- Loading it ----------------------------------------------------------------------------------


def test_a_database_that_is_not_empty_is_refused_and_left_as_it_is(loaded: Loaded) -> None:
    before = (loaded.instance / "sample").read_bytes()
    assert plain_refusal(loaded.run("demo", "load", "--json")) == (
        "Error: The database holds a practice already. The sample world is only put into an empty one."
    )
    assert (loaded.instance / "sample").read_bytes() == before


def test_pages_know_that_it_is_a_sample(loaded: Loaded) -> None:
    config = load_config({"PORTAL_INSTANCE": str(loaded.instance), "PORTAL_DATABASE_URL": loaded.url})
    assert config.demo
    assert (loaded.instance / "sample").stat().st_mode & 0o077 == 0


def told(records: Records, world: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return everything that people in a world wrote, with who and where, but without ids and moments."""
    names = {}
    found = []
    for couple in world["couples"]:
        scope = everything_about(records, couple["id"])
        names |= {each.id: each.name for each in scope.all(scope.select(Account))}
        titles = {each.id: each.slug for each in scope.all(scope.select(Assignment))}
        found += [
            (couple["ref"], titles[each.assignment_id], names[each.author_id], each.item, str(each.value))
            for each in scope.all(scope.select(Answer))
        ]
        found += [
            (couple["ref"], titles[each.assignment_id], each.body)
            for each in scope.all(scope.select(Feedback))
        ]
        scope.close()
    return sorted(found)


def test_the_same_seed_makes_the_same_world(loaded_on: LoadedOn) -> None:
    worlds = []
    for engine in Engine:
        loaded = loaded_on(engine)
        with records_of(loaded) as records:
            worlds.append(
                ([account["name"] for account in loaded.world["accounts"]], told(records, loaded.world))
            )
    assert worlds[0] == worlds[1]
    assert len(worlds[0][1]) > 500


@pytest.mark.slow
def test_live_serves_a_throw_away_sample_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    environment = portal_environment(tmp_path) | {"TMPDIR": str(tmp_path)}
    del environment["PORTAL_INSTANCE"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "demo", "live", "--seed", "7", "--port", str(free_port())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 90
        while (
            "Listening on" not in log.read_text() and process.poll() is None and time.monotonic() < deadline
        ):
            time.sleep(0.1)
        printed = log.read_text()
        assert "Listening on" in printed, printed
        assert re.search(r"therapist +\S+ \S+ +\S+@harbour.example +\d{6} +[A-Z2-7]{32}", printed), printed
        _role, therapist = draw_cast(7)[0].staff["t1"]
        assert therapist.name in printed, "another seed makes other people"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text()
    finally:
        # A server that never got ready must not keep the whole run waiting.
        process.kill()
        process.wait()
    assert not list(tmp_path.glob("portal-sample-*"))


def test_a_fresh_code_can_be_had_for_a_secret(loaded: Loaded) -> None:
    done = loaded.run("demo", "code", loaded.world["accounts"][0]["totp_secret"])
    assert re.fullmatch(r"\d{6}\n", done.stdout)


def test_something_that_is_no_secret_is_a_plain_sentence(portal: Run) -> None:
    assert plain_refusal(portal("demo", "code", "not-a-secret")) == (
        "Error: This is not a secret of an authenticator app."
    )
