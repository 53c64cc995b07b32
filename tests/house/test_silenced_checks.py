"""A check that is silenced says on its line why, so that nobody has to guess whether it still has to be."""

import re
from pathlib import Path

PLACES = ("portal", "tools", "migrations")
SILENCED = re.compile(r"# (?:noqa(?:: [A-Z0-9, ]+)?|type: ignore(?:\[[a-z, -]+\])?|pragma: no cover)$")


def test_every_silenced_check_says_why():
    root = Path(__file__).parents[2]
    bare = [
        f"{path.relative_to(root)}:{number}"
        for place in PLACES
        for path in sorted((root / place).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if SILENCED.search(line)
    ]
    assert bare == []
