"""``portal coach``: what the writing coach says about texts, and how well it reads labelled ones."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from portal.cli.opening import plainly


class BadLine(ValueError):
    """A line of the input that holds no text to read."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"Line {number}: {reason}")


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="Print JSON lines, which is what happens anyway.")
@click.option("--care", is_flag=True, help="Also say whether a text speaks of self-harm.")
@click.option("--score", "labelled", type=click.Path(path_type=Path), help="Measure against labelled texts.")
@plainly
def coach(*, _as_json: bool, care: bool, labelled: Path | None) -> None:
    """Read lines {"kind", "text"} from standard input and print labels and hints for each.

    Kinds are i_statement, appreciation, apology and turn. Nothing is kept.
    """
    try:
        if labelled is not None:
            _tell_score(labelled)
            return
        for advice in _read(sys.stdin, care=care):
            click.echo(json.dumps(advice, ensure_ascii=False))
    except BadLine as error:
        raise click.ClickException(str(error)) from None


def _read(lines: Any, *, care: bool) -> Iterator[dict[str, Any]]:
    from portal.exercises.coach import coach as advise
    from portal.exercises.coach import needs_care

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        kind, text = _kind_and_text(number, line)
        advice = advise(kind, text)
        told: dict[str, Any] = {
            "labels": [code.value for code in advice.labels],
            "hints": [
                {"code": hint.code.value, "start": hint.start, "end": hint.end, "say": hint.say}
                for hint in advice.hints
            ],
        }
        if care:
            told["care"] = needs_care(text)
        yield told


def _kind_and_text(number: int, line: str) -> tuple[Any, str]:
    from portal.exercises.coach import Kind

    try:
        entry = json.loads(line)
    except ValueError:
        raise BadLine(number, "this is no JSON.") from None
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise BadLine(number, 'an object with "kind" and "text" is needed.')
    try:
        return Kind(str(entry.get("kind"))), entry["text"]
    except ValueError:
        raise BadLine(number, f"the kind must be one of {', '.join(Kind)}.") from None


def _tell_score(labelled: Path) -> None:
    from portal.exercises.coach.scoring import read_labelled, score

    try:
        measured = score(read_labelled(labelled))
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{labelled} has a line that isn't a labelled text: {error}") from None
    for each in measured.codes:
        seen = each.right + each.missed
        click.echo(f"{each.code:22} {seen:4} texts  precision {each.precision:.2f}  recall {each.recall:.2f}")
    click.echo(
        f"{measured.clean} texts have no problem code; {measured.alarmed} of them got one "
        f"({measured.false_alarms:.1%})."
    )
