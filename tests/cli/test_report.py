"""Reports from the command line."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.access.scope import Records
from portal.access.viewer import House, Role, Seat, Viewer
from portal.exercises.mechanics.negotiation_model import EventKind
from portal.exercises.parts.agreements.queries import Place
from portal.people.couple_queries import circle
from portal.people.models import Caseload
from portal.people.practice_queries import practice_ids
from tests.cli.conftest import Loaded, plain_refusal
from tests.exercises.agreements.negotiating import Table, lay
from tests.factories import Pair


def words_in(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.mark.both_databases
@pytest.mark.slow
def test_the_joint_copy_shows_what_both_may_read_and_nothing_else(loaded: Loaded, tmp_path: Path) -> None:
    # A couple can be named by its ref or by its id, and the first day left out or told.
    couple = ("--couple", "harbour-1"), ("--couple", loaded.couple("harbour-1")["id"], "--from", "2020-01-01")
    joint, clinician = tmp_path / "joint.pdf", tmp_path / "clinician.pdf"
    for audience, path, whom in zip(("joint", "clinician"), (joint, clinician), couple, strict=True):
        done = loaded.run("report", "progress", *whom, "--audience", audience, "--out", path)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    assert "flats" not in words_in(joint), "a note to the therapist alone"
    assert "door that locks" not in words_in(joint), "a letter that hasn't arrived yet"
    assert "All five signs together" in words_in(joint)
    assert "flats" in words_in(clinician)


@pytest.mark.slow
def test_a_signed_text_is_printed_for_its_readers(
    loaded: Loaded, sample_records: Records, tmp_path: Path
) -> None:
    table = signed_by_both(sample_records, loaded.couple("second-1")["id"])
    for audience in ("clinician", "partner-b"):
        path = tmp_path / f"{audience}.pdf"
        done = loaded.run(
            "report", "agreement", "--couple", "second-1", "--audience", audience, "--out", path
        )
        assert done.returncode == 0, done.stderr
        assert "Twenty minutes." in words_in(path)
        assert "never to be seen" not in words_in(path)
    refused = plain_refusal(
        loaded.run(
            "report", "agreement", "--couple", "second-1", "--audience", "joint", "--to", "2020-01-01",
            "--out", tmp_path / "none.pdf",
        )
    )  # fmt: skip
    assert refused == "Error: There is no agreement that both have signed and that counts."
    assert table.view(Seat.A).in_force is not None


@pytest.mark.slow
def test_worksheets_are_made_of_what_is_open_or_of_an_exercise_by_name(
    loaded: Loaded, tmp_path: Path
) -> None:
    path, named = tmp_path / "open.pdf", tmp_path / "named.pdf"
    done = loaded.run(
        "report", "worksheet", "--couple", "harbour-1", "--audience", "partner-a", "--out", path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "flats" not in words_in(path), "nobody's answers stand on blank paper"
    done = loaded.run(
        "report", "worksheet", "--couple", "second-1", "--audience", "joint", "--exercise", "i-statements",
        "--exercise", "check-in", "--out", named,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Saying how it is for me" in words_in(named)
    assert "Five minutes each" in words_in(named)
    refused = plain_refusal(
        loaded.run(
            "report", "worksheet", "--couple", "second-1", "--audience", "joint", "--exercise", "no-such-thing",
            "--out", tmp_path / "none.pdf",
        )
    )  # fmt: skip
    assert refused == "Error: There is no exercise no-such-thing."
    refused = plain_refusal(
        loaded.run(
            "report", "progress", "--couple", "second-1", "--audience", "joint", "--exercise", "check-in",
            "--out", tmp_path / "none.pdf",
        )
    )  # fmt: skip
    assert refused == "Error: Only a worksheet is made of an exercise."


def signed_by_both(records: Records, couple_id: str) -> Table:
    """Let a couple of the sample world sign a text, with a word beside it that is nobody's but its writer's."""
    table = lay(records, pair_of(records, couple_id))
    table.settle()
    table.type(Seat.A, Place.WORDING.key("pause"), "never to be seen")
    table.sign()
    table.do(Seat.A, EventKind.SLIPPED, "pause", "never to be seen either", period="2026-W47")
    return table


def pair_of(records: Records, couple_id: str) -> Pair:
    """Return a couple of the sample world as its three people see it."""
    for practice_id in practice_ids(records):
        couples = frozenset({couple_id})
        with records.within(House(practice_id, couples), read_only=True) as scope:
            cares = scope.first(scope.select(Caseload).where(Caseload.couple_id == couple_id))
            if cares is None:
                continue
            people = circle(scope, couple_id)
        a, b = (
            Viewer(practice_id, each.account_id, frozenset({Role.PARTNER}), couples, each.seat)
            for each in (people.a, people.b)
        )
        return Pair(
            couple_id, a, b, Viewer(practice_id, cares.account_id, frozenset({Role.THERAPIST}), couples)
        )
    raise LookupError(couple_id)


def test_what_does_not_exist_is_a_plain_sentence(loaded: Loaded, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"

    def refusal(kind: str = "progress", *, couple: str = "harbour-1", audience: str = "joint") -> str:
        return plain_refusal(
            loaded.run("report", kind, "--couple", couple, "--audience", audience, "--out", out)
        )

    assert (
        refusal("horoscope")
        == "Error: There is no report horoscope; there is: progress, agreement, worksheet."
    )
    assert refusal(audience="everybody") == (
        "Error: The progress report can be made for clinician or joint, not for everybody."
    )
    assert refusal("agreement", audience="release") == (
        "Error: The agreement report can be made for clinician or joint or partner-a or partner-b, not for release."
    )
    assert refusal(couple="nobody") == "Error: There is no couple nobody."
    assert not out.exists()
