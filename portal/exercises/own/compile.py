"""Makes the draft of an own exercise into a definition, and says of everything that is wrong where it was typed."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.exercises.domain import Exercise, parse_exercise
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.questionnaire import Reveal
from portal.exercises.own.drafts import Draft, as_draft, draft_of, source_of
from portal.exercises.own.models import OwnWork
from portal.exercises.own.schema import Found, Shape, Table, Where, entries_of, put_at, value_at, walk
from portal.exercises.own.shapes import ABOUT, mechanics_of, parts_of
from portal.exercises.shelf import library
from portal.kit.library import DefinitionError, Mistake

_AFTERWARDS_OF: Final = "touch-ritual"
"""The built-in habit whose questions afterwards every habit with touch asks, unless it has its own."""
_GAPS: Final = (
    "is missing",
    "must not be empty",
    "must hold at least one",
    "must name at least one",
    "must hold at least 2",
)
_STEP: Final = re.compile(r"([A-Za-z0-9_]+)|\[(\d+)\]")
_NO_LETTERS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that keeps a draft from being published: where it is, in which field, and what the reader said."""

    where: Where
    field: str
    problem: str

    @property
    def is_gap(self) -> bool:
        """Say whether something is merely not written yet."""
        return self.problem.startswith(_GAPS)


def compile_exercise(scope: Scope, work: OwnWork, version: int) -> str:
    """Return the definition of a work's draft under a version number; raises ``DefinitionError``."""
    del scope  # A draft says everything that its definition needs.
    source = definition_of(as_draft(work.draft), slug=work.slug, version=version)
    parse_exercise(source, name=work.slug)
    return source


def definition_of(draft: Draft, *, slug: str, version: int = 1) -> str:
    """Return what a draft says as the text of a definition, sound or not."""
    tree = deepcopy(draft)
    for found in walk(tree, parts_of(tree)):
        _leave_out_what_is_not_for_it(found)
    tree["themes"] = [tag for tag in map(_tag, tree.get("themes") or []) if tag]
    if tree.get("touch_level"):
        tree["requires_release"] = True
        _ask_afterwards(tree)
    _settle_reveal(tree)
    _settle_weeks(tree)
    return source_of(tree, slug=slug, version=version, tables=["clinician", *mechanics_of(tree)])


def _ask_afterwards(tree: Draft) -> None:
    """Let a habit with touch ask each alone, once a week, what every built-in one asks."""
    habit = tree.get(MechanicName.TRACKER)
    if isinstance(habit, dict) and not habit.get("afterwards"):
        habit["afterwards"] = draft_of(library()[_AFTERWARDS_OF].source)["tracker"]["afterwards"]


def troubles_in(draft: Draft, *, slug: str) -> list[Trouble]:
    """Return everything that keeps a draft from being published, in the order of the editor."""
    try:
        parse_exercise(definition_of(draft, slug=slug), name=slug)
    except DefinitionError as error:
        found = {_trouble(draft, each): None for each in error.mistakes}
        return sorted(found, key=_reading_order(draft))
    return []


def _reading_order(draft: Draft) -> Callable[[Trouble], tuple[int, int]]:
    tables = {each.where: (number, each) for number, each in enumerate(walk(draft, parts_of(draft)))}

    def order(trouble: Trouble) -> tuple[int, int]:
        number, found = tables.get(trouble.where, (0, None))
        keys = [] if found is None else [each.key for each in found.fields]
        return number, keys.index(trouble.field) if trouble.field in keys else len(keys)

    return order


def exercise_of(draft: Draft, *, slug: str, version: int = 1) -> Exercise:
    """Return a draft as an exercise; raises ``DefinitionError``."""
    return parse_exercise(definition_of(draft, slug=slug, version=version), name=slug)


def steps_of(spoken: str) -> list[str | int]:
    """Return the steps of a path that a mistake names, such as ``questionnaire.pages[2].title``; places count from 0."""
    return [word or int(place) - 1 for word, place in _STEP.findall(spoken)]


def _trouble(draft: Draft, mistake: Mistake) -> Trouble:
    where, field = _place(draft, steps_of(mistake.key))
    return Trouble(where, field, mistake.problem)


def _place(draft: Draft, steps: Sequence[str | int]) -> tuple[Where, str]:
    """Return where in the editor a path of a definition lies: the table, and the field in it or nothing."""
    parts = parts_of(draft)
    for part in parts:
        depth = len(part.table)
        if not part.table or tuple(steps[:depth]) != part.table:
            continue
        if part.table != ("clinician",):
            return _inside(
                Found(value_at(draft, part.name) or {}, part.fields, part.lists, (part.name,)), steps[1:]
            )
    spoken = ".".join(str(each) for each in steps)
    for part in parts:
        if not part.table:
            for field in part.fields:
                if spoken == field.key or spoken.startswith(f"{field.key}."):
                    return (part.name,), field.key
    return (ABOUT,), ""


def _inside(found: Found, steps: Sequence[str | int]) -> tuple[Where, str]:
    names = [each for each in steps if isinstance(each, str)]
    for listing in found.lists:
        path = listing.key.split(".")
        place = steps[len(path)] if len(steps) > len(path) else None
        if list(steps[: len(path)]) != path or not isinstance(place, int):
            continue
        entries = entries_of(found.table, listing)
        if place < len(entries):
            where = (*found.where, listing.key, str(entries[place].get("key")))
            return _inside(
                Found(entries[place], listing.fields, listing.lists, where), steps[len(path) + 1 :]
            )
    for field in found.shown:
        if names and field.key == names[0]:
            return found.where, field.key
    return found.where, ""


def _leave_out_what_is_not_for_it(found: Found) -> None:
    """Take out what was typed for another kind of question: the editor keeps it, a definition has no place for it."""
    has = {each.key for each in found.shown}
    for field in found.fields:
        if field.only and field.key not in has:
            found.table.pop(field.key, None)
        rows = value_at(found.table, field.key)
        if field.shape is Shape.ROWS and isinstance(rows, list):
            put_at(found.table, field.key, [row for row in rows if row])
    if found.listing is not None and len(found.table.get("when") or ()) < 2:
        found.table.pop("when_match", None)


def _settle_reveal(tree: Table) -> None:
    """Say when answers open only where some are for both: that is the reader's rule, and no writer should need it."""
    table = tree.get(MechanicName.QUESTIONNAIRE.value)
    if not isinstance(table, dict):
        return
    couple = Audience.COUPLE.value
    found = [each.get("audience") or tree.get("audience") for each in _asked(table)]
    if couple not in found:
        table.pop("reveal", None)
    elif table.get("reveal") == Reveal.NEVER.value:
        table["reveal"] = Reveal.BOTH.value


def _settle_weeks(tree: Table) -> None:
    """Leave it to the days where the question about weeks was taken out: no field of the editor tells of it."""
    agreement, asked = tree.get(MechanicName.AGREEMENT.value), tree.get(MechanicName.QUESTIONNAIRE.value)
    if not isinstance(agreement, dict) or "weeks_from" not in agreement:
        return
    known = {each.get("key") for each in _asked(asked)} if isinstance(asked, dict) else set()
    if agreement["weeks_from"] not in known:
        agreement.pop("weeks_from")


def _asked(questionnaire: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for page in questionnaire.get("pages") or ():
        yield from (each for each in page.get("items") or () if each.get("kind") != "display")


def _tag(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return _NO_LETTERS.sub("-", letters).strip("-")[:60].strip("-")
