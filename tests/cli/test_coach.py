"""The writing coach, from the command line: a line in, a line out."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.coach import coach

LABELLED = Path(__file__).parents[1] / "exercises" / "coach" / "labelled"


def told(*lines: object, options: tuple[str, ...] = ()) -> Result:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return CliRunner().invoke(coach, options, input=io.BytesIO(f"{text}\n".encode()))


def test_each_line_is_answered_with_labels_and_hints() -> None:
    text = "You never listen. Could you put the paper down while we eat?"
    answer = told({"kind": "turn", "text": text}, {"kind": "apology", "text": ""}, options=("--json",))
    assert answer.exit_code == 0
    first, second = map(json.loads, answer.stdout.splitlines())
    assert first["labels"] == ["always_never", "request"]
    assert next(text[hint["start"] : hint["end"]] for hint in first["hints"]) == "You never listen"
    assert all(hint.keys() == {"code", "start", "end", "say"} for hint in first["hints"])
    assert second == {"labels": [], "hints": []}


def test_self_harm_is_told_only_when_asked_for() -> None:
    line = {"kind": "turn", "text": "If you go, I will kill myself."}
    assert "care" not in json.loads(told(line).stdout)
    assert json.loads(told(line, options=("--care",)).stdout)["care"] is True


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("nonsense", "JSON"),
        ("[]", "kind"),
        ({"kind": "letter", "text": "Dear you"}, "i_statement"),
        ({"kind": [], "text": "Dear you"}, "i_statement"),
        ({"kind": "turn"}, "text"),
        ({"kind": "turn", "text": 3}, "text"),
    ],
)
def test_a_bad_line_is_named_in_a_plain_sentence(line: object, named: str) -> None:
    answer = told({"kind": "turn", "text": "Good evening."}, line)
    assert answer.exit_code != 0
    assert "Line 2" in answer.stderr
    assert named in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_labelled_file_is_scored_by_code() -> None:
    answer = told(options=("--score", str(LABELLED / "tune.jsonl")))
    assert answer.exit_code == 0
    assert "always_never" in answer.stdout
    assert "have no problem code" in answer.stdout


def test_a_file_that_is_not_labelled_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"kind": "turn"}\n', encoding="utf-8")
    assert told(options=("--score", str(wrong))).exit_code != 0
    assert told(options=("--score", str(tmp_path / "missing.jsonl"))).exit_code != 0
