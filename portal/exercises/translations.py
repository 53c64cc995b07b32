"""Exercises in other languages: a translation replaces the words of a definition and nothing else.

A translation is a whole definition with only its texts changed, at ``<language>/<slug>.toml`` beside the English
``<slug>.toml``. Every other value in it has to be the English one, so that a slip shows; and none of them is ever
read from it, so that what is asked, who reads it and what it counts can't depend on somebody's language.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from portal.exercises.domain import LIBRARY, Exercise, load_exercise, read_exercise
from portal.kit.library import DefinitionError, Mistake, mistakes_at, read_values, values_of
from portal.kit.toml_lines import KeyPath

log = logging.getLogger(__name__)

TEXT_KEYS: Final = frozenset(
    {
        "breath",
        "cautions",
        "closing",
        "contraindications",
        "debrief",
        "follow_ups",
        "hint",
        "intro",
        "look_for",
        "materials",
        "not_when",
        "prompt",
        "purpose",
        "question",
        "rationale",
        "starter",
        "starters",
        "steps",
        "stop_rule",
        "suggestion",
        "text",
        "title",
        "topics",
        "unit",
        "why",
    }
)
"""The keys that hold words for people, wherever in a definition they stand."""

TEXT_ENDS: Final = ("_hint", "_prompt", "_question", "_text", "_title")
"""How other keys end that hold words for people."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.ASCII)


class Behind(DefinitionError):
    """A translation was made for an earlier version of its exercise, and isn't shown until it has caught up."""


def is_text(path: KeyPath) -> bool:
    """Say whether words for people stand at a place of a definition, rather than something that it is made of."""
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    return key in TEXT_KEYS or key.endswith(TEXT_ENDS)


def differences(english: str, text: str, *, name: str) -> list[Mistake]:
    """Return everything in a translation that differs from the English definition, apart from its words.

    Both are texts of definition files; neither has to be complete. Raises ``DefinitionError`` unless both are TOML.
    """
    values = values_of(text, name=name)
    return _different(values_of(english, name="the English definition"), values, text=text, name=name)


def translate(exercise: Exercise, text: str, *, language: str, name: str) -> Exercise:
    """Return an exercise in the words of a translation. Everything else, its digest included, stays as it is.

    Raises ``Behind`` for a translation of an earlier version, and ``DefinitionError`` with every other mistake.
    """
    values = values_of(text, name=name)
    version = values.get("version")
    if isinstance(version, int) and version < exercise.version:
        problem = f"is behind: this translates version {version}, and the English text is version {exercise.version}"
        raise Behind(mistakes_at([(("version",), problem)], text=text, name=name))
    english = values_of(exercise.source, name=exercise.slug)
    found = _different(english, values, text=text, name=name)
    if found:
        raise DefinitionError(found)
    words = {key: _worded(value, values[key], (key,)) for key, value in english.items()}
    read = read_values(words, partial(read_exercise, source=exercise.source), text=text, name=name)
    return replace(read, language=language, translations=exercise.translations)


def language_for(languages: Iterable[str], wished: str | None) -> str | None:
    """Return the one of some languages that serves a wish such as ``es`` or ``es_MX``; None if none does."""
    known = set(languages)
    wish = (wished or "").replace("_", "-").lower()
    return next((each for each in (wish, wish.split("-")[0]) if each in known), None)


def translation_files(folder: Path = LIBRARY) -> list[Path]:
    """Return the files of all translations in a folder of exercises, in order of language and slug."""
    return sorted(path for path in folder.glob("*/*.toml") if _LANGUAGE.fullmatch(path.parent.name))


def with_translations(exercises: Mapping[str, Exercise], folder: Path = LIBRARY) -> Mapping[str, Exercise]:
    """Return the exercises of a folder, each with those of its translations that fit it.

    One that is behind, or differs in more than words, is left out: people can do an exercise in English, and not
    without it. ``check_translation`` tells what is wrong.
    """
    found: dict[str, dict[str, str]] = {slug: {} for slug in exercises}
    for path in translation_files(folder):
        if path.stem not in exercises:
            continue
        try:
            text = _read(path)
            translate(exercises[path.stem], text, language=path.parent.name, name=_name(path))
        except DefinitionError as error:
            log.warning("a translation was left out: %s", error)
        else:
            found[path.stem][path.parent.name] = text
    return {slug: replace(each, translations=found[slug]) for slug, each in exercises.items()}


def original_of(path: Path) -> Path | None:
    """Return the English file that a file translates; None if it isn't a translation."""
    original = path.parent.parent / path.name
    return original if _LANGUAGE.fullmatch(path.resolve().parent.name) and original.is_file() else None


def check_translation(path: Path) -> list[Mistake]:
    """Return what is wrong with the file of a translation. Raises ``Behind`` where it is behind, and no more."""
    original = original_of(path)
    if original is None:
        return [Mistake(_name(path), 1, "", f"there is no {path.name} in English")]
    try:
        translate(load_exercise(original), _read(path), language=path.parent.name, name=_name(path))
    except Behind:
        raise
    except DefinitionError as error:
        return list(error.mistakes)
    return []


def _name(path: Path) -> str:
    """Return how a translation's file is called in messages: its own name is that of the English file too."""
    return f"{path.parent.name}/{path.name}"


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DefinitionError([Mistake(_name(path), 1, "", "is not UTF-8 text")]) from error


def _different(
    english: Mapping[str, object], values: Mapping[str, object], *, text: str, name: str
) -> list[Mistake]:
    return sorted(mistakes_at(list(_compare(english, values, ())), text=text, name=name))


def _compare(english: object, other: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the places at which two definitions differ in more than words, each with what is wrong there."""
    if isinstance(english, dict) and isinstance(other, dict):
        yield from _compare_tables(english, other, path)
    elif isinstance(english, list) and isinstance(other, list):
        yield from _compare_lists(english, other, path)
    elif isinstance(english, str) and is_text(path):
        if not isinstance(other, str) or not other.strip():
            yield path, "must be a text that says something"
    elif type(english) is not type(other) or english != other:
        yield path, f"must be {_spoken(english)}, as in English"


def _compare_tables(
    english: Mapping[str, object], other: Mapping[str, object], path: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
    for key, value in english.items():
        if key in other:
            yield from _compare(value, other[key], (*path, key))
        else:
            yield (*path, key), "is missing; it is there in English"
    for key in other.keys() - english.keys():
        yield (*path, key), "isn't there in English"


def _compare_lists(
    english: Sequence[object], other: Sequence[object], path: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
    if len(english) != len(other):
        yield path, f"has {len(other)} entries; there are {len(english)} in English"
        return
    for position, (ours, theirs) in enumerate(zip(english, other, strict=True)):
        yield from _compare(ours, theirs, (*path, position))


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return repr(value)


def _worded(english: object, other: object, path: KeyPath) -> object:
    """Return English values with the texts of others that were compared with them."""
    if isinstance(english, dict) and isinstance(other, dict):
        return {key: _worded(value, other[key], (*path, key)) for key, value in english.items()}
    if isinstance(english, list) and isinstance(other, list):
        pairs = zip(english, other, strict=True)
        return [_worded(ours, theirs, (*path, position)) for position, (ours, theirs) in enumerate(pairs)]
    return other if isinstance(english, str) and is_text(path) else english
