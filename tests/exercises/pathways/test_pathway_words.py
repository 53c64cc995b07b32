"""A pathway's words are read in each partner's language; what a therapist wrote stays as it was written."""

from pathlib import Path

import pytest

from portal.exercises.pathway import PATHWAYS, Pathway, parse_pathway, pathways
from portal.exercises.pathway_words import check_words, is_words_file, read_words, spoken, words_files
from portal.exercises.shelf import library
from portal.exercises.translations import Behind
from portal.kit.library import DefinitionError
from portal.people import account_commands
from portal.people.account_commands import Theme
from tests.exercises.doing import give
from tests.factories import Pair
from tests.portal_app import Site, Visitor, furnish

ENGLISH = "Five minutes are enough. Miss a day, and start again the next."
SPANISH = "Con cinco minutos basta."

WAY = """
id = "a-way"
version = 3
title = "A way"
purpose = "Somewhere."
weeks = 2
[clinician]
not_when = "n"
[[steps]]
key = "five"
exercise = "daily-five"
release = "at_once"
word = "Five will do."
[[steps]]
key = "talk"
exercise = "check-in"
release = "after"
"""
WORDS = 'id = "a-way"\nversion = 3\n[words]\nfive = "Cinco bastan."\n'


def way() -> Pathway:
    return parse_pathway(WAY, name="a-way")


def test_the_words_of_a_step_are_said_in_another_language() -> None:
    assert read_words(way(), WORDS, name="es/a-way.toml") == {"five": "Cinco bastan."}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('five = "Cinco bastan."', "", "words.five: is missing"),
        ('five = "Cinco bastan."', 'five = " "', "words.five"),
        ("[words]", '[words]\ntalk = "Hablen."', "words.talk"),
        ('id = "a-way"', 'id = "away"', "must be 'a-way', as in English"),
        ("version = 3", "version = 4", "must be 3, as in English"),
    ],
)
def test_each_mistake_is_named(before: str, after: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as told:
        read_words(way(), WORDS.replace(before, after), name="es/a-way.toml")
    assert problem in str(told.value)


def test_words_of_an_earlier_version_are_behind_and_not_shown() -> None:
    with pytest.raises(Behind, match="follows version 2, and the English text is version 3"):
        read_words(way(), WORDS.replace("version = 3", "version = 2"), name="es/a-way.toml")


def test_a_file_of_words_is_known_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "a-way.toml").write_text(WAY)
    words = tmp_path / "es" / "a-way.toml"
    words.write_text(WORDS.replace("five =", "six ="))
    assert is_words_file(words)
    assert not is_words_file(tmp_path / "a-way.toml")
    assert not is_words_file(tmp_path / "es" / "another.toml")
    assert check_words(words) == [
        "es/a-way.toml: line 3: words.five: is missing",
        "es/a-way.toml: line 4: words.six: unknown key",
    ]


@pytest.mark.parametrize("path", words_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_words_of_the_library_are_in_order(path: Path) -> None:
    assert check_words(path) == []


def test_every_word_of_a_built_in_pathway_can_be_read_in_spanish() -> None:
    with_words = {slug for slug, each in pathways().items() if any(step.word for step in each.steps)}
    assert {path.stem for path in words_files(PATHWAYS)} == with_words
    for slug in with_words:
        for step in pathways()[slug].steps:
            assert not step.word or spoken(step.word, slug=step.exercise, language="es") != step.word


@pytest.mark.parametrize("language", ["en", "fr", ""])
def test_where_a_language_is_not_known_the_words_stay(language: str) -> None:
    assert spoken(ENGLISH, slug="daily-five", language=language) == ENGLISH


@pytest.mark.parametrize(
    ("words", "slug"), [(f"{ENGLISH} Ines", "daily-five"), (ENGLISH, "check-in"), ("", "daily-five")]
)
def test_what_a_therapist_wrote_is_never_touched(words: str, slug: str) -> None:
    assert spoken(words, slug=slug, language="es") == words


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple of which one partner reads Spanish and the other English."""
    pair = furnish(site.records)[0]
    with site.records.within(pair.a) as scope:
        account_commands.change_settings(scope, locale="es", theme=Theme.DEVICE, text_size=100)
    return pair


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("slug", ["daily-five", "my-part"])
def test_each_partner_reads_a_pathways_words_in_their_own_language(site: Site, pair: Pair, slug: str) -> None:
    words = next(
        step.word
        for each in pathways().values()
        for step in each.steps
        if step.exercise == slug and step.word
    )
    assert library()[slug].translations
    given = give(site.records, pair, slug, instructions=words)
    spanish = spoken(words, slug=slug, language="es")
    for viewer, theirs, others in ((pair.a, spanish, words), (pair.b, words, spanish)):
        shown = page(site.sign_in_as(viewer), f"/t/{given}")
        assert theirs in shown
        assert others not in shown


def test_a_therapists_own_words_are_read_as_they_were_written(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "daily-five", instructions="Five minutes are enough, as we said.")
    assert "Five minutes are enough, as we said." in page(site.sign_in_as(pair.a), f"/t/{given}")
