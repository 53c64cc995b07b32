"""Stories of the sample world as files: what happens on which day, read into plain values and put into order."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum
from itertools import pairwise
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
    TALK = "talk"
    """Make one move in a talk."""
    AGREE = "agree"
    """Do one thing with a shared text."""
    ARRANGE = "arrange"
    """Do one thing about a plan."""
    TAKE = "take"
    """Take a step of a ladder."""
    STOP = "stop"
    """Stop on a ladder."""
    TELL = "tell"
    """Draw the years on a timeline, and send them."""
    WRITE = "write"
    """Write an entry of a journal."""
    SHOW = "show"
    """Share the newest entry of a journal."""
    CARD = "card"
    """Add a card to a deck."""
    ARM = "arm"
    """Put the couple on its way through a pathway."""
    MORNING = "morning"
    """Let the couple's pathways go on, as the portal does by itself each minute."""
    PLAN_SESSION = "plan_session"
    HOLD_SESSION = "hold_session"


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
        Deed.CARD,
        Deed.ARM,
        Deed.MORNING,
        Deed.PLAN_SESSION,
        Deed.HOLD_SESSION,
    }
)
"""What a therapist does; all the rest partners do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that happens. ``day`` counts from the beginning of the story, ``at`` is local time.

    ``who`` is ``a`` or ``b``: who does it, or of whom a response is opened, or to whom a reply goes.
    ``work`` names the assignment within the story, ``exercise`` its definition; a step of a pathway is named by the
    work that armed it and its own key, as in ``path/step``. ``part`` names whose pages are walked where an exercise
    has several, ``round`` which of them where the newest isn't meant. ``choice`` is what is done in a part (a kind of
    move or event) or answered to a letter, and ``about`` what it is done with: a clause, a step, a question.
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
    part: str = ""
    round: str = ""
    about: str = ""
    pathway: str = ""
    left_out: tuple[str, ...] = ()
    ahead: int = 0
    """How many days ahead of the act something is that it sets: a review, a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one couple lives through, in order. ``added`` and ``joined`` are days."""

    ref: str
    added: int
    joined: Mapping[str, int]
    goals: str
    acts: tuple[Act, ...]


def read_story(ref: str, *, seed: int, names: Mapping[str, str], folder: Path = STORIES) -> Story:
    """Return the story of a couple; ``names`` are put into its texts where ``{a}``, ``{child}`` and such stand.

    A long story goes on in further files, in a folder of the couple's own.
    """
    found = tomllib.loads((folder / f"{ref}.toml").read_text(encoding="utf-8"))
    further = [
        tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / ref).glob("*.toml"))
    ]
    works = [work for each in (found, *further) for work in each["work"]]
    acts = [act for work in works for act in _acts(work, ref=ref, seed=seed)]
    acts += _sessions(found.get("sessions", {}))
    return Story(
        ref=ref,
        added=found["added"],
        joined=found["joined"],
        goals=_named(found["goals"], names),
        acts=tuple(sorted((_with_names(act, names) for act in acts), key=lambda act: (act.day, act.at))),
    )


def _acts(work: Mapping[str, Any], *, ref: str, seed: int) -> Iterator[Act]:
    """Yield what happens to one assignment: that it is given, single acts, and logs."""
    about = {"work": work["key"], "exercise": work.get("exercise", "")}
    given = {key: value for key, value in work.items() if key not in {"key", "acts", "logs", *_TOLD_IN_ROWS}}
    if "day" in work:
        yield _act(about | given | {"do": Deed.ARM if "pathway" in work else Deed.ASSIGN})
    for each in work.get("acts", ()):
        yield _act(about | each)
    for name, deed in _TOLD_IN_ROWS.items():
        for row in work.get(name, ()):
            yield from _in_rows(row, about | {"do": deed})
    for number, each in enumerate(work.get("logs", ())):
        chance = Random(f"{seed} {ref} {work['key']} {number}")  # noqa: S311 - nothing secret hangs on it
        yield from _logs(each, about, chance)


_TOLD_IN_ROWS = {"talk": Deed.TALK, "clauses": Deed.AGREE}
"""What happens in many small moves is told in rows: day, time, who, what, and words; in a text what it is about, too."""


def _in_rows(row: Sequence[Any], about: Mapping[str, Any]) -> Iterator[Act]:
    """Yield what a row tells. One that is about several clauses is done with each of them."""
    day, at, who, choice, *rest = row
    told = {**about, "day": day, "at": at, "who": who, "choice": choice}
    if about["do"] is Deed.TALK:
        yield _act(told | {"text": "".join(rest)})
        return
    clauses, text = (*rest, "", "")[:2]
    ahead = clauses if isinstance(clauses, int) else 0
    for clause in str(clauses or "").split() if not ahead else ():
        yield _act(told | {"about": clause, "text": text})
    if ahead or not clauses:
        yield _act(told | {"ahead": ahead, "text": text})


def _sessions(told: Mapping[str, Any]) -> Iterator[Act]:
    """Yield that each session is planned at the end of the one before and held, all but the last, which lies ahead."""
    days = told.get("days", ())
    for before, day in pairwise((days[0] - 1, *days) if days else ()):
        about = {"work": f"session {day}", "exercise": "", "at": told["ends"]}
        yield _act(about | {"day": before, "do": Deed.PLAN_SESSION, "ahead": day - before})
        if day != days[-1]:
            yield _act(about | {"day": day, "do": Deed.HOLD_SESSION})


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
    return replace(act, text=_named(act.text, names), values=_all_named(act.values, names))


def _all_named(told: Any, names: Mapping[str, str]) -> Any:
    """Put names into every text of a value, however deep it lies."""
    match told:
        case str():
            return _named(told, names)
        case Mapping():
            return {key: _all_named(value, names) for key, value in told.items()}
        case list():
            return [_all_named(value, names) for value in told]
        case _:
            return told


def _named(text: str, names: Mapping[str, str]) -> str:
    for key, name in names.items():
        text = text.replace(f"{{{key}}}", name)
    return text.strip()
