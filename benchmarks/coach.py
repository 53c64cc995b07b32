"""How long the writing coach takes: it reads along while somebody writes, so it must stay out of the way."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from portal.cli.bench import Bar, at_most
from portal.exercises.coach import Kind, coach

LABELLED = Path(__file__).parents[1] / "tests" / "exercises" / "coach" / "labelled" / "tune.jsonl"
ROUNDS = 5
BAR_MS = 2.0


def measure() -> Iterator[Bar]:
    """Read letters of about a hundred words, in one thread; the figure is processor time for a hundred words."""
    letters = list(_letters())
    for kind, text in letters:
        coach(kind, text)
    words = sum(len(text.split()) for _kind, text in letters)
    fastest = min(_milliseconds(letters) for _ in range(ROUNDS))
    figures = f"{len(letters)} letters, {words} words, {fastest:.0f} ms"
    yield at_most("coach", fastest * 100 / words, BAR_MS, figures)


def _letters() -> Iterator[tuple[Kind, str]]:
    """Yield the labelled texts of each kind, joined to letters of at least a hundred words."""
    for kind in Kind:
        letter: list[str] = []
        for line in LABELLED.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["kind"] == kind.value:
                letter.extend(entry["text"].split())
            if len(letter) >= 100:
                yield kind, " ".join(letter)
                letter = []


def _milliseconds(letters: list[tuple[Kind, str]]) -> float:
    started = time.process_time()
    for kind, text in letters:
        coach(kind, text)
    return (time.process_time() - started) * 1000
