"""What ``make translations`` collects: every sentence that people see, from wherever it stands."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.support import Translations

ROOT = Path(__file__).parents[2]


def collect(folder: Path, *more: str) -> None:
    """Run what the Makefile runs, in a folder of the test's own."""
    command = [sys.executable, ROOT / "tools" / "translations.py", "--catalogues", folder, *more]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All sentences, as a translator gets them."""
    folder = tmp_path_factory.mktemp("translations")
    collect(folder)
    with (folder / "messages.pot").open("rb") as template:
        return read_po(template)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("Your words are still here", id="a page"),
        pytest.param("Prefer not to answer", id="a component"),
        pytest.param("The roles were changed.", id="a view"),
        pytest.param("Choose at least one role", id="a form, translated when it is shown"),
        pytest.param("Please answer this", id="a sentence that is only marked"),
        pytest.param("%(num)s round", id="a number of things"),
        pytest.param("%(num)s more, answered and read", id="a number of things on a page"),
    ],
)
def test_sentences_are_found_wherever_they_stand(sentences: Catalog, sentence: str) -> None:
    assert sentences.get(sentence) is not None


def test_both_forms_of_a_number_of_things_are_found(sentences: Catalog) -> None:
    found = sentences.get("%(num)s round")
    assert found is not None
    assert found.id == ("%(num)s round", "%(num)s rounds")


def test_mails_are_translated_and_the_style_guide_is_not(sentences: Catalog) -> None:
    files = {file for sentence in sentences for file, _line in sentence.locations}
    assert any(file.startswith("templates/email/") for file in files)
    assert not any("styleguide" in file for file in files)


def test_a_catalogue_is_begun_kept_and_compiled(tmp_path: Path) -> None:
    collect(tmp_path, "--begin", "es")
    catalogue = tmp_path / "es" / "LC_MESSAGES" / "messages.po"
    words = catalogue.read_text(encoding="utf-8")
    asked = 'msgid "Your words are still here"\nmsgstr ""'
    assert asked in words
    catalogue.write_text(words.replace(asked, asked[:-1] + 'Tus palabras siguen aquí"'), encoding="utf-8")
    collect(tmp_path)
    found = Translations.load(str(tmp_path), ["es"])
    assert found.gettext("Your words are still here") == "Tus palabras siguen aquí"
