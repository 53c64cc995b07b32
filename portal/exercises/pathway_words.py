"""The words that go with steps of built-in pathways, in other languages.

An assignment keeps one text for both partners, who may read different languages. So its words stay English, and are
put into a partner's language when they are shown: where they are, letter for letter, those of a step of a built-in
pathway with that exercise. What a therapist wrote is never touched.

A file `pathways/<language>/<id>.toml` has the ``id`` and ``version`` of the English file that it follows, and in
``[words]`` a text for each step with words, by the step's key.
"""

import logging
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from portal.exercises.pathway import PATHWAYS, Pathway, parse_pathway, pathways
from portal.exercises.translations import Behind, language_for
from portal.kit.library import DefinitionError, Table, mistakes_at, read_definition

log = logging.getLogger(__name__)

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.ASCII)


def spoken(words: str, *, slug: str, language: str) -> str:
    """Return the words that stand with an exercise in a language; as they are, where they aren't known in it."""
    known = _known()
    chosen = language_for(known, language)
    return known[chosen].get((slug, words), words) if chosen is not None else words


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Mapping[tuple[str, str], str]]:
    """Return by language what is said for some English words with an exercise. Read once in the life of a process."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for path in words_files():
        pathway = pathways().get(path.stem)
        if pathway is None:
            continue
        try:
            said = read_words(pathway, path.read_text("utf-8"), name=_name(path))
        except DefinitionError as error:
            # People can do a step with English words, and not without the pathway.
            log.warning("words of a pathway were left out: %s", error)
            continue
        of_language = found.setdefault(path.parent.name, {})
        for key, text in said.items():
            step = pathway.steps[pathway.position(key)]
            of_language[step.exercise, step.word] = text
    return found


def words_files(folder: Path = PATHWAYS) -> list[Path]:
    """Return the files with words in other languages, in order of language and pathway."""
    return sorted(path for path in folder.glob("*/*.toml") if _LANGUAGE.fullmatch(path.parent.name))


def read_words(pathway: Pathway, text: str, *, name: str) -> Mapping[str, str]:
    """Return the words that a file has for the steps of a pathway, by the step's key.

    Raises ``Behind`` for a file that follows an earlier version, and ``DefinitionError`` with every other mistake.
    """
    version, said = read_definition(text, partial(_read, pathway=pathway), name=name)
    if version < pathway.version:
        problem = (
            f"is behind: this follows version {version}, and the English text is version {pathway.version}"
        )
        raise Behind(mistakes_at([(("version",), problem)], text=text, name=name))
    return said


def _read(table: Table, *, pathway: Pathway) -> tuple[int, Mapping[str, str]]:
    if table.text("id", at_most=60) != pathway.slug:
        table.complain("id", f"must be {pathway.slug!r}, as in English")
    version = table.integer("version", low=1)
    if version > pathway.version:
        table.complain("version", f"must be {pathway.version}, as in English")
    words = table.table("words")
    return version, {step.key: words.text(step.key) for step in pathway.steps if step.word}


def is_words_file(path: Path) -> bool:
    """Say whether a file holds words of a pathway that stands, in English, in the folder above it."""
    original = _original(path)
    return bool(_LANGUAGE.fullmatch(path.resolve().parent.name)) and _has_steps(original)


def check_words(path: Path) -> list[str]:
    """Return a line for every mistake in a file of words, naming file, line and key. Raises ``Behind`` where it is behind."""
    original = _original(path)
    try:
        pathway = parse_pathway(original.read_text("utf-8"), name=original.name)
        read_words(pathway, path.read_text("utf-8"), name=_name(path))
    except Behind:
        raise
    except DefinitionError as error:
        return [str(mistake) for mistake in error.mistakes]
    except (OSError, UnicodeDecodeError) as error:
        return [f"{_name(path)}: can't be read: {error}"]
    return []


def _original(path: Path) -> Path:
    return path.parent.parent / path.name


def _has_steps(path: Path) -> bool:
    """Say whether a file describes a pathway: its steps are tables, those of an exercise are sentences."""
    try:
        return "[[steps]]" in path.read_text("utf-8", errors="replace")
    except OSError:
        return False


def _name(path: Path) -> str:
    """Return how a file is called in messages: its own name is that of the English file too."""
    return f"{path.parent.name}/{path.name}"
