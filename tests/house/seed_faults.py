"""Takes one rule away at a time from a copy of the portal, and shows which tests notice.

Run it as ``python -m tests.house.seed_faults`` (all faults; ``--only NAME`` for one). Every fault has to turn
at least three tests red, or something that keeps people's words apart could be lost without anybody noticing.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("portal", "tests", "templates", "migrations", "pyproject.toml")
WATCHING = ("tests/house/test_privacy_agrees.py", "tests/access", "tests/house/test_quick_leaks.py")
ENOUGH = 3
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Fault:
    """One rule that is taken away: a text in a file, and what is put in its place."""

    file: str
    was: str
    becomes: str


FAULTS: Mapping[str, Fault] = {
    "every couple within reach": Fault(
        "portal/access/filters.py",
        "    return model.couple_id.in_(sorted(viewer.couples))",
        "    return true()",
    ),
    "no couples mean all couples": Fault(
        "portal/access/filters.py",
        "        return false()\n    return model.couple_id",
        "        return true()\n    return model.couple_id",
    ),
    "every piece of writing readable": Fault(
        "portal/access/filters.py",
        "        return and_(within, _readable(model, viewer, now))",
        "        return within",
    ),
    "every doing noticeable": Fault(
        "portal/access/filters.py",
        "        return and_(within, _noticeable(model, viewer))",
        "        return within",
    ),
    "drafts noticeable for therapists": Fault(
        "portal/access/filters.py", "true() if cls.therapist_reads else false()", "true()"
    ),
    "journals noticeable for therapists": Fault(
        "portal/exercises/models.py",
        "or_(cls.part != MechanicName.JOURNAL, cls.state == ResponseState.SENT)",
        "or_(cls.part != MechanicName.JOURNAL, cls.state != ResponseState.SENT)",
    ),
    "no fence around a practice": Fault(
        "portal/access/transaction.py",
        "    if practice is None:\n        raise Unfenced",
        "    return\n    if practice is None:\n        raise Unfenced",
    ),
    "rows of any practice can be written": Fault(
        "portal/access/transaction.py",
        "        if practice is not None and row.practice_id != practice:",
        "        if practice is None and row.practice_id != practice:",
    ),
    "questions that name no practice": Fault(
        "portal/access/questions.py", "        if loose:\n", "        if not froms:\n"
    ),
    "the house works on any couple": Fault(
        "portal/access/scope.py",
        "        if couple_id not in self.viewer.couples:",
        "        if couple_id == self.viewer.couples:",
    ),
    "a joint scope is the therapist's": Fault(
        "portal/access/scope.py",
        "        return self._asked_by([*self.viewers, *others])",
        "        return self._asked_by(self.viewers)",
    ),
    "therapists read what was not sent": Fault(
        "portal/access/privacy.py",
        "Audience.THERAPIST: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT}",
        "Audience.THERAPIST: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.ALWAYS}",
    ),
    "partners read what is for the therapist": Fault(
        "portal/access/privacy.py",
        "Audience.THERAPIST: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT}",
        "Audience.THERAPIST: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.SENT}",
    ),
    "held words open when sent": Fault(
        "portal/access/privacy.py",
        "Audience.HELD: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.OPEN}",
        "Audience.HELD: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.SENT}",
    ),
    "notes for partners": Fault(
        "portal/access/privacy.py",
        "Audience.NOTE: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT}",
        "Audience.NOTE: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT, Reader.PARTNER: Rule.SENT}",
    ),
    "overlap lists for therapists": Fault(
        "portal/access/privacy.py",
        "Audience.OVERLAP: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.LISTS}",
        "Audience.OVERLAP: {Reader.AUTHOR: Rule.ALWAYS, Reader.THERAPIST: Rule.SENT}",
    ),
    "administrators read content": Fault(
        "portal/access/policy.py", "(Matter.CONTENT, A): Reach.NONE", "(Matter.CONTENT, A): Reach.PRACTICE"
    ),
    "desks review": Fault(
        "portal/access/policy.py", "Permission.REVIEW: frozenset({T})", "Permission.REVIEW: frozenset({T, D})"
    ),
    "permissions hold for any couple": Fault(
        "portal/access/policy.py",
        "    if couple_id is not None and couple_id not in viewer.couples:",
        "    if couple_id is None and couple_id not in viewer.couples:",
    ),
}


def copy_to(folder: Path) -> None:
    """Copy the portal and its tests, without what a run leaves behind."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".git", "vendor"))
        else:
            shutil.copy(source, target)
    for name in ("portal/static/vendor", "tests/vendor"):
        (folder / name).symlink_to(ROOT / name)


def seed(folder: Path, fault: Fault) -> None:
    """Take a rule away. Raises ValueError when the file no longer says what the fault is about."""
    path = folder / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.was) != 1:
        raise ValueError(f"{fault.file} holds this {text.count(fault.was)} times: {fault.was!r}")
    path.write_text(text.replace(fault.was, fault.becomes), encoding="utf-8")


def red_tests(folder: Path, watching: Iterable[str] = WATCHING) -> list[str]:
    """Run the watching tests in a copy on SQLite, and return the names of those that fail."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--engine",
        "sqlite",
        *watching,
    ]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PORTAL"))
    }
    done = subprocess.run(
        [*command, f"--rootdir={folder}"], cwd=folder, env=environment | {"PYTHONPATH": str(folder)},
        check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"the tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return sorted(set(re.findall(r"^(?:FAILED|ERROR) (\S+(?:\[.*?\])?)", done.stdout, re.MULTILINE)))


def try_fault(name: str) -> list[str]:
    """Return the tests that notice a fault."""
    with tempfile.TemporaryDirectory(prefix="portal-fault-") as place:
        folder = Path(place)
        copy_to(folder)
        seed(folder, FAULTS[name])
        return red_tests(folder)


def main() -> int:
    """Try every fault, print who noticed, and return 1 if any was noticed by too few."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=FAULTS)
    chosen = parser.parse_args().only
    poor = 0
    for name in [chosen] if chosen else FAULTS:
        red = try_fault(name)
        poor += len(red) < ENOUGH
        sys.stdout.write(f"{'ok ' if len(red) >= ENOUGH else 'FEW'} {len(red):3} {name}\n")
        for each in red:
            sys.stdout.write(f"        {each}\n")
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())
