"""Measures the coach against texts that people have labelled: precision and recall of each code, and false alarms."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.exercises.coach import PROBLEMS, Code, Kind, coach


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the codes that a reader gave it."""

    kind: Kind
    text: str
    labels: frozenset[Code]


@dataclass(frozen=True, slots=True)
class CodeScore:
    """How well one code is found."""

    code: Code
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of finds that are right; 1 if there are none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Return the share of labels that are found; 1 if there are none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """How well the coach reads some labelled texts."""

    codes: tuple[CodeScore, ...]
    clean: int
    """How many texts have no problem code."""
    alarmed: int
    """How many of those were given one."""

    @property
    def false_alarms(self) -> float:
        """Return the share of clean texts that were given a problem code."""
        return self.alarmed / self.clean if self.clean else 0.0


def read_labelled(path: Path) -> Iterator[Labelled]:
    """Yield the texts of a file of JSON lines. Raises ``ValueError`` or ``KeyError`` on a line that is none."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            yield Labelled(Kind(entry["kind"]), str(entry["text"]), frozenset(map(Code, entry["labels"])))


def score(texts: Iterable[Labelled]) -> Score:
    """Return how well the coach does on labelled texts."""
    right, wrong, missed = Counter[Code](), Counter[Code](), Counter[Code]()
    clean = alarmed = 0
    for each in texts:
        found = frozenset(coach(each.kind, each.text).labels)
        right.update(found & each.labels)
        wrong.update(found - each.labels)
        missed.update(each.labels - found)
        if not each.labels & PROBLEMS:
            clean += 1
            alarmed += bool(found & PROBLEMS)
    codes = tuple(CodeScore(code, right[code], wrong[code], missed[code]) for code in Code)
    return Score(codes, clean, alarmed)
