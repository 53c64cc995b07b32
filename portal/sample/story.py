"""Stories of the sample world as files: what happens on which day, read into plain values and put into order."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

STORIES = Path(__file__).parent / "stories"


class Deed(StrEnum):
    """What somebody does in a story."""

    ASSIGN = "assign"
    RELEASE = "release"
    READ = "read"
    OPEN = "open"
    FEEDBACK = "feedback"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    """Close the couple's open safety flags, with a reason."""
    DRAFT = "draft"
    SEND = "send"
    DECLINE = "decline"
    REACT = "react"
    SHARE = "share"


THERAPISTS = frozenset(
    {
        Deed.ASSIGN,
        Deed.RELEASE,
        Deed.READ,
        Deed.OPEN,
        Deed.FEEDBACK,
        Deed.FINISH,
        Deed.WITHDRAW,
        Deed.DECIDE,
    }
)
"""What a therapist does; all the rest partners do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that happens. ``day`` counts from the beginning of the story, ``at`` is local time.

    ``who`` is ``a`` or ``b``: who does it, or of whom a response is opened, or to whom a reply goes.
    ``work`` names the assignment within the story, ``exercise`` its definition.
    """

    day: int
    at: time
    do: Deed
    work: str
    exercise: str
    who: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    text: str = ""
    to: str = "reply-both"
    choice: str = ""
    delivery: str = "now"
    after_days: int = 0
    whom: str = "both"
    recurrence: str = ""
    release: bool = True
    due_after: int | None = None
    sees: str = "overlap"
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one couple lives through, in order. ``added`` and ``joined`` are days."""

    ref: str
    added: int
    joined: Mapping[str, int]
    goals: str
    acts: tuple[Act, ...]


def read_story(ref: str, *, seed: int, names: Mapping[str, str], folder: Path = STORIES) -> Story:
    """Return the story of a couple; ``names`` are put into its texts where ``{a}``, ``{child}`` and such stand."""
    found = tomllib.loads((folder / f"{ref}.toml").read_text(encoding="utf-8"))
    acts = [act for work in found["work"] for act in _acts(work, ref=ref, seed=seed)]
    return Story(
        ref=ref,
        added=found["added"],
        joined=found["joined"],
        goals=_named(found["goals"], names),
        acts=tuple(sorted((_with_names(act, names) for act in acts), key=lambda act: (act.day, act.at))),
    )


def _acts(work: Mapping[str, Any], *, ref: str, seed: int) -> Iterator[Act]:
    """Yield what happens to one assignment: that it is given, single acts, and logs."""
    about = {"work": work["key"], "exercise": work["exercise"]}
    given = {key: value for key, value in work.items() if key not in {"key", "acts", "logs"}}
    yield _act(about | given | {"do": Deed.ASSIGN})
    for each in work.get("acts", ()):
        yield _act(about | each)
    for number, each in enumerate(work.get("logs", ())):
        chance = Random(f"{seed} {ref} {work['key']} {number}")  # noqa: S311 - nothing secret hangs on it
        yield from _logs(each, about, chance)


def _act(told: Mapping[str, Any]) -> Act:
    found = dict(told)
    found["at"] = time.fromisoformat(found["at"])
    found["do"] = Deed(found["do"])
    found["values"] = {
        **_signs(found.pop("signs", {})),
        **_levels(found.pop("levels", {})),
        **found.get("values", {}),
    }
    shared = found.pop("signs_shared", ())
    found["items"] = tuple(f"{sign}_{part}" for sign in shared for part in ("often", "hurt"))
    return Act(**found)


def _signs(told: Mapping[str, tuple[str, str, int]]) -> dict[str, Any]:
    """Return the three answers on each sign of distance: how often, since when, how much it hurts."""
    return {
        f"{sign}_{part}": answer
        for sign, answers in told.items()
        for part, answer in zip(("often", "since", "hurt"), answers, strict=True)
    }


def _levels(told: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to a list of options, told as the options that have each level."""
    return {option: level for level, options in told.items() for option in options.split()}


def _logs(told: Mapping[str, Any], about: Mapping[str, str], chance: Random) -> Iterator[Act]:
    """Yield the logs of one person over some days: some are left out, and some carry a note or minutes."""
    notes = list(told.get("notes", ()))
    chance.shuffle(notes)
    choices: Mapping[str, int] = told["choices"]
    for day in range(told["first"], told["last"] + 1, told.get("every", 1)):
        if chance.random() > told["chance"]:
            continue
        values: dict[str, Any] = {"log": chance.choices(list(choices), weights=list(choices.values()))[0]}
        if "minutes" in told:
            least, most = told["minutes"]
            values["log_minutes"] = chance.randrange(least, most, 5)
        if notes and chance.random() < told["note_chance"]:
            values["log_note"] = notes.pop()
        at = f"{told['hour']:02d}:{chance.randrange(60):02d}"
        yield _act({**about, "day": day, "at": at, "do": Deed.SEND, "who": told["who"], "values": values})


def _with_names(act: Act, names: Mapping[str, str]) -> Act:
    values = {
        key: _named(value, names) if isinstance(value, str) else value for key, value in act.values.items()
    }
    return replace(act, text=_named(act.text, names), values=values)


def _named(text: str, names: Mapping[str, str]) -> str:
    for key, name in names.items():
        text = text.replace(f"{{{key}}}", name)
    return text.strip()
