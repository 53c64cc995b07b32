"""Exercises at hand: the built-in library, and definitions as they were when they were assigned."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from portal.access.scope import Scope
from portal.exercises.domain import Exercise, load_library, parse_exercise
from portal.exercises.models import ExerciseCopy
from portal.kit.ids import ID_LENGTH


@lru_cache(maxsize=1)
def library() -> Mapping[str, Exercise]:
    """Return the built-in exercises by slug. Read once in the life of a process."""
    return load_library()


def copy_id(exercise: Exercise) -> str:
    """Return the id under which this very definition is kept: the first 128 bits of its digest."""
    return b32encode(bytes.fromhex(exercise.digest)[:16]).decode("ascii").rstrip("=").lower()[:ID_LENGTH]


@dataclass(slots=True)
class _Known:
    by_copy: dict[str, Exercise] = field(default_factory=dict)


_KNOWN = _Known()


def exercises_by_copy(scope: Scope, copy_ids: set[str]) -> dict[str, Exercise]:
    """Return the definitions behind some copies; asks the database only for those not seen before."""
    missing = copy_ids - _KNOWN.by_copy.keys()
    if missing:
        for copy in scope.all(scope.select(ExerciseCopy).where(ExerciseCopy.id.in_(sorted(missing)))):
            _KNOWN.by_copy[copy.id] = parse_exercise(copy.source, name=f"{copy.slug} as assigned")
    return {each: _KNOWN.by_copy[each] for each in copy_ids}


def keep_copy(scope: Scope, exercise: Exercise) -> str:
    """Make sure that this practice holds a definition as it is now; return the id of the copy."""
    wanted = copy_id(exercise)
    if scope.first(scope.select(ExerciseCopy).where(ExerciseCopy.id == wanted)) is None:
        scope.add(ExerciseCopy(id=wanted, slug=exercise.slug, source=exercise.source, created_at=scope.now))
    return wanted
