"""The words of the shipped exercises: written for their place, and written once."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.exercises.domain import LIBRARY, SOURCE_LANGUAGE
from portal.exercises.shelf import library
from portal.exercises.translations import is_text, original_of, translation_files
from portal.exercises.words import THEMES
from portal.kit.toml_lines import KeyPath
from portal.questionnaires.model import ItemKind

LANGUAGES = sorted({SOURCE_LANGUAGE} | {path.parent.name for path in translation_files(LIBRARY)})
LONG_ENOUGH = 60
"""From how many letters on two paragraphs that are alike stand out; shorter ones are answers and labels."""

ALIKE_BY_DESIGN = frozenset({"on_your_own"})
"""Keys of pages or items whose words are the same everywhere, with all that stands in them.

``on_your_own`` is the page with the two safety questions after something that two do together. Everybody is asked
them in the same words every time, so that nothing can be read into how or when they are asked.
"""


def files(language: str) -> list[Path]:
    """Return the definition files of a language."""
    folder = LIBRARY if language == SOURCE_LANGUAGE else LIBRARY / language
    return sorted(folder.glob("*.toml"))


def texts(value: object, path: KeyPath = (), *, leaving_out: frozenset[str]) -> Iterator[tuple[KeyPath, str]]:
    """Yield the texts of a definition with their places."""
    if isinstance(value, dict):
        if value.get("key") in leaving_out:
            return
        for key, one in value.items():
            yield from texts(one, (*path, key), leaving_out=leaving_out)
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from texts(one, (*path, position), leaving_out=leaving_out)
    elif isinstance(value, str):
        yield path, value


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a text as they are compared: small letters and single spaces only."""
    for paragraph in re.split(r"\n\s*\n", text):
        yield re.sub(r"\W+", " ", paragraph.casefold()).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_texts_share_a_paragraph(language: str) -> None:
    places = defaultdict(list)
    for file in files(language):
        found = tomllib.loads(file.read_text("utf-8"))
        for path, text in texts(found, leaving_out=ALIKE_BY_DESIGN):
            for paragraph in paragraphs(text) if is_text(path) else ():
                if len(paragraph) >= LONG_ENOUGH:
                    places[paragraph].append(f"{file.name} {path}")

    assert {paragraph: where for paragraph, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_stands_at_a_key_for_words(language: str) -> None:
    """A new key for words has to be listed, or translators would be told to leave it in English."""
    strange = {
        (file.name, path, text)
        for file in files(language)
        for path, text in texts(tomllib.loads(file.read_text("utf-8")), leaving_out=frozenset())
        if " " in text.strip() and not is_text(path) and "sources" not in path
    }

    assert strange == set()


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != SOURCE_LANGUAGE])
def test_no_sentence_of_a_translation_was_left_in_english(language: str) -> None:
    for file in files(language):
        original = original_of(file)
        assert original is not None, file
        english = dict(texts(tomllib.loads(original.read_text("utf-8")), leaving_out=frozenset()))
        other = dict(texts(tomllib.loads(file.read_text("utf-8")), leaving_out=frozenset()))
        left = {
            path: text
            for path, text in other.items()
            if is_text(path) and len(text.split()) > 1 and text == english.get(path)
        }
        assert left == {}, file


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != SOURCE_LANGUAGE])
def test_translations_keep_the_calm_voice(language: str) -> None:
    for file in files(language):
        for path, text in texts(tomllib.loads(file.read_text("utf-8")), leaving_out=frozenset()):
            if is_text(path):
                assert not re.search(r"[!¡]|\w@\w|\b(TODO|FIXME)\b|marido|esposa?\b", text), (
                    file.name,
                    path,
                    text,
                )


def test_the_whole_intake_and_the_way_to_more_help_exist_in_spanish() -> None:
    slugs = {path.stem for path in files("es")}

    assert {
        "warning-signs",
        "stressors",
        "root-causes",
        "how-we-drifted",
        "my-part",
        "more-help",
        "progress-reflection",
    } <= slugs


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotation_marks_and_apostrophes_are_those_of_a_printed_page(language: str) -> None:
    straight = [
        (file.name, path)
        for file in files(language)
        for path, text in texts(tomllib.loads(file.read_text("utf-8")), leaving_out=frozenset())
        if "'" in text or '"' in text
    ]
    assert straight == []


def test_what_an_exercise_is_filed_under_comes_from_short_lists() -> None:
    """Two words for one thing would hide half of it from whoever looks for it in the library."""
    load = library()["stressors"].form.questions
    strains = {item.key.replace("_", "-") for item in load if item.kind is ItemKind.SCALE}

    assert {theme for each in library().values() for theme in each.themes} == set(THEMES)
    assert {strain for each in library().values() for strain in each.stressors} <= strains
