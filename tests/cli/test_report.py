"""Reports from the command line."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.conftest import Loaded, plain_refusal


def words_in(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.mark.slow
def test_the_joint_copy_shows_what_both_may_read_and_nothing_else(loaded: Loaded, tmp_path: Path) -> None:
    joint, clinician = tmp_path / "joint.pdf", tmp_path / "clinician.pdf"
    for audience, path in (("joint", joint), ("clinician", clinician)):
        done = loaded.run(
            "report", "progress", "--couple", "harbour-1", "--audience", audience, "--out", path
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    assert "flats" not in words_in(joint), "a note to the therapist alone"
    assert "door that locks" not in words_in(joint), "a letter that hasn't arrived yet"
    assert "All five signs together" in words_in(joint)
    assert "flats" in words_in(clinician)


@pytest.mark.slow
def test_a_couple_can_be_named_by_its_id_and_a_period(loaded: Loaded, tmp_path: Path) -> None:
    couple_id = loaded.couple("second-1")["id"]
    path = tmp_path / "report.pdf"
    done = loaded.run(
        "report",
        "progress",
        "--couple",
        couple_id,
        "--audience",
        "joint",
        "--from",
        "2026-01-01",
        "--out",
        path,
    )
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(b"%PDF-")


def test_what_does_not_exist_is_a_plain_sentence(loaded: Loaded, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"

    def refusal(kind: str = "progress", *, couple: str = "harbour-1", audience: str = "joint") -> str:
        return plain_refusal(
            loaded.run("report", kind, "--couple", couple, "--audience", audience, "--out", out)
        )

    assert refusal("horoscope") == "Error: There is no report horoscope; there is: progress."
    assert refusal(audience="everybody") == (
        "Error: A progress report can be made for clinician or joint, not for everybody."
    )
    assert refusal(couple="nobody") == "Error: There is no couple nobody."
    assert not out.exists()
