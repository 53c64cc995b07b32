"""Exercises at hand: the built-in library, therapists' own, and definitions as they were when they were assigned."""

import json
import logging
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from portal.access.scope import Scope
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise, load_library, parse_exercise
from portal.exercises.models import ExerciseCopy
from portal.exercises.own.models import OwnKind
from portal.exercises.own.queries import edition_named, editions_at_hand
from portal.exercises.translations import language_for, translate, with_translations
from portal.kit.ids import ID_LENGTH
from portal.kit.library import DefinitionError

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def library() -> Mapping[str, Exercise]:
    """Return the built-in exercises by slug, in English with their translations. Read once in a process's life."""
    return with_translations(load_library())


def at_hand(scope: Scope) -> Mapping[str, Exercise]:
    """Return everything that can be assigned in a scope by slug: the built-in library, then own works. One query."""
    found = [exercise_in(row.source) for row in editions_at_hand(scope, OwnKind.EXERCISE)]
    return {**library(), **{each.slug: each for each in found if each is not None}}


def exercise_at_hand(scope: Scope, slug: str, *, for_journey_of: str | None = None) -> Exercise | None:
    """Return one exercise that can be assigned in a scope; a built-in one costs no query.

    ``for_journey_of`` is the therapist on whose behalf a rule asks: what was at hand when a journey was armed is
    found then even if it was taken off the shelf since.
    """
    if slug in library():
        return library()[slug]
    row = edition_named(scope, OwnKind.EXERCISE, slug, for_journey_of=for_journey_of)
    return None if row is None else exercise_in(row.source)


@lru_cache(maxsize=512)
def exercise_in(source: str) -> Exercise | None:
    """Return the exercise of an own work's edition, or nothing where it can't be read any more."""
    try:
        return parse_exercise(source, name="an exercise of a therapist's own")
    except DefinitionError:
        # One work that can't be read any more must not keep everybody from the library.
        log.exception("an edition of a therapist's own exercise can't be read any more")
        return None


def copy_id(exercise: Exercise) -> str:
    """Return the id under which this very definition is kept: the first 128 bits of its digest."""
    return b32encode(bytes.fromhex(exercise.digest)[:16]).decode("ascii").rstrip("=").lower()[:ID_LENGTH]


@dataclass(slots=True)
class _Known:
    """Copies that were read before, by practice and id: each practice keeps translations of its own."""

    by_copy: dict[tuple[str, str], Exercise] = field(default_factory=dict)


_KNOWN = _Known()


def exercises_by_copy(scope: Scope, copy_ids: set[str]) -> dict[str, Exercise]:
    """Return the definitions behind some copies, in English; asks the database only for those not seen before."""
    mine = {each: (scope.practice_id, each) for each in copy_ids}
    missing = {each for each, known_as in mine.items() if known_as not in _KNOWN.by_copy}
    if missing:
        _look_up(scope, missing)
    return {each: _KNOWN.by_copy[known_as] for each, known_as in mine.items()}


def exercises_for(scope: Scope, copy_ids: set[str]) -> dict[str, Exercise]:
    """Return the definitions behind some copies in the words that whoever asks should read.

    That is a partner's own language, as far as a translation came with the assignment. Everybody else reads English.
    """
    found = exercises_by_copy(scope, copy_ids)
    if not scope.viewer.is_partner or language_for([SOURCE_LANGUAGE], scope.language) or not scope.language:
        return found
    without = {each for each, one in found.items() if _may_have_learned(one, scope.language)}
    if without:
        _look_up(scope, without)
        found = exercises_by_copy(scope, copy_ids)
    return {each: in_language(one, scope.language) for each, one in found.items()}


def _may_have_learned(exercise: Exercise, language: str) -> bool:
    """Say whether a later assignment may have added a language to a copy, through another process.

    Only a language that the library knows for this very definition can have been added.
    """
    if language_for(exercise.translations, language):
        return False
    known = library().get(exercise.slug)
    return (
        known is not None
        and known.digest == exercise.digest
        and language_for(known.translations, language) is not None
    )


def in_language(exercise: Exercise, language: str | None) -> Exercise:
    """Return an exercise in the words of a language such as ``es`` or ``es_MX``, or as it is without a translation."""
    chosen = language_for(exercise.translations, language)
    if chosen is None:
        return exercise
    return _translated(exercise.source, exercise.translations[chosen], chosen) or exercise


@lru_cache(maxsize=512)
def _translated(source: str, text: str, language: str) -> Exercise | None:
    exercise = parse_exercise(source, name="a definition at hand")
    try:
        return translate(exercise, text, language=language, name=f"{language}/{exercise.slug}")
    except DefinitionError:
        # The English words do as well; a page that can't be opened would not.
        log.exception("the translation of %s into %s can't be read any more", exercise.slug, language)
        return None


def keep_copy(scope: Scope, exercise: Exercise) -> str:
    """Make sure that this practice holds a definition as it is now, with its translations; return the copy's id.

    A translation that is kept stays as it is, for the sake of whoever is reading it; a language may be added.
    """
    wanted = copy_id(exercise)
    copy = scope.first(scope.select(ExerciseCopy).where(ExerciseCopy.id == wanted))
    if copy is None:
        copy = ExerciseCopy(
            id=wanted, slug=exercise.slug, source=exercise.source, translations="{}", created_at=scope.now
        )
        scope.add(copy)
    kept = json.loads(copy.translations)
    if exercise.translations.keys() - kept.keys():
        copy.translations = json.dumps({**exercise.translations, **kept}, ensure_ascii=False, sort_keys=True)
        scope.flush()
        _KNOWN.by_copy.pop((scope.practice_id, wanted), None)
    return wanted


def _look_up(scope: Scope, copy_ids: Iterable[str]) -> None:
    for copy in scope.all(scope.select(ExerciseCopy).where(ExerciseCopy.id.in_(sorted(copy_ids)))):
        known_as = (scope.practice_id, copy.id)
        known = _KNOWN.by_copy.get(known_as) or parse_exercise(copy.source, name=f"{copy.slug} as assigned")
        _KNOWN.by_copy[known_as] = replace(known, translations=json.loads(copy.translations))
