"""Turns what was found into hints: the words meant, and a gentle suggestion about them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from portal.exercises.coach.codes import ORDER, Code, Find

_TABLE: Final = Path(__file__).with_name("hints.toml")


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint: what it is, the words of the text it is about (code points), and what the coach says."""

    code: Code
    start: int
    end: int
    say: str


def hints(finds: Iterable[Find]) -> tuple[Hint, ...]:
    """Return hints in the order of the text; where finds of one code overlap, the first and longest is told."""
    kept: list[Find] = []
    for each in sorted(finds, key=lambda one: (one.start, -one.end, ORDER[one.code])):
        if not any(one.code is each.code and one.end > each.start for one in kept):
            kept.append(each)
    return tuple(Hint(each.code, each.start, each.end, say(each.code)) for each in kept)


def say(code: Code) -> str:
    """Return what the coach says about a code, in English."""
    return _says()[code]


@cache
def _says() -> Mapping[Code, str]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["say"]
    return {code: str(table[code.value]) for code in Code}
