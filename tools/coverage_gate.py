"""Fails when tests leave too much of the portal unvisited: reads the JSON report of coverage.py."""

import json
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Bar:
    """The least share of lines and branches, in per cent, that tests must visit in some files."""

    name: str
    patterns: tuple[str, ...]
    least: float


BARS = (
    Bar("the whole portal", ("portal/*",), 90),
    # Who may read what, and what an answer means, is where a mistake hurts somebody.
    Bar(
        "privacy, mechanics and scoring",
        ("portal/access/*", "portal/exercises/mechanics/*", "portal/questionnaires/scoring.py"),
        98,
    ),
)


def visited(files: dict[str, Any], bar: Bar) -> float:
    """Return the visited share of the files that a bar is about, in per cent; raise LookupError for none."""
    summaries = [
        file["summary"]
        for path, file in files.items()
        if any(fnmatch(path, pattern) for pattern in bar.patterns)
    ]
    possible = sum(summary["num_statements"] + summary["num_branches"] for summary in summaries)
    if not possible:
        raise LookupError(f"no file matches {', '.join(bar.patterns)}")
    return float(
        100 * sum(summary["covered_lines"] + summary["covered_branches"] for summary in summaries) / possible
    )


def least_visited(files: dict[str, Any], bar: Bar) -> list[str]:
    """Return the ten files of a bar with the most that no test visits, one line each."""
    missing = {
        path: file["summary"]["missing_lines"] + file["summary"]["missing_branches"]
        for path, file in files.items()
        if any(fnmatch(path, pattern) for pattern in bar.patterns)
    }
    worst = sorted((path for path in missing if missing[path]), key=lambda path: -missing[path])[:10]
    return [
        f"    {path}: {missing[path]} lines and branches, from line {_first_missing(files[path])}"
        for path in worst
    ]


def _first_missing(file: dict[str, Any]) -> int:
    lines = file["missing_lines"] + [abs(branch[0]) for branch in file["missing_branches"]]
    return int(min(lines))


def main(report: Path) -> int:
    """Print one line for each bar and what is missing below it; return the exit status."""
    files = json.loads(report.read_text())["files"]
    failed = False
    for bar in BARS:
        share = visited(files, bar)
        failed |= share < bar.least
        print(f"coverage: {share:.1f} % of {bar.name} (at least {bar.least:g} %)")
        if share < bar.least:
            print("\n".join(least_visited(files, bar)))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
