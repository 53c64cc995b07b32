"""The library of exercises, from the command line."""

import json
from pathlib import Path

from portal.exercises.domain import LIBRARY
from tests.cli.conftest import Run, plain_refusal


def test_the_list_names_every_definition(portal: Run) -> None:
    found = json.loads(portal("library", "list", "--json").stdout)
    assert [each["slug"] for each in found["exercises"]] == sorted(
        path.stem for path in LIBRARY.glob("*.toml")
    )
    assert found["pathways"] == []
    for each in found["exercises"]:
        assert each["title"]
        assert each["mechanics"]
        assert each["audience"] in {"private", "therapist", "overlap", "held", "couple"}
        assert each["sources"]


def test_an_exercise_is_shown_with_all_its_texts(portal: Run) -> None:
    found = json.loads(portal("library", "show", "warning-signs", "--json").stdout)
    wanted = {
        "slug", "title", "purpose", "phase", "mechanics", "minutes", "touch_level", "steps", "cautions",
        "contraindications", "why", "clinician_notes", "sources", "items",
    }  # fmt: skip
    assert wanted <= found.keys()
    assert any(item["key"] == "loneliness_hurt" and item["text"] for item in found["items"])


def test_a_list_of_options_is_shown_with_its_options(portal: Run) -> None:
    found = json.loads(portal("library", "show", "date-ideas", "--json").stdout)
    assert {"key", "text"} <= found["options"][0].keys()


def test_a_language_without_a_translation_shows_the_english_text_and_says_so(portal: Run) -> None:
    english = portal("library", "show", "daily-five", "--json")
    spanish = portal("library", "show", "daily-five", "--json", "--language", "es")
    assert spanish.returncode == 0
    assert spanish.stdout == english.stdout
    assert "no translation into es" in spanish.stderr


def test_an_unknown_exercise_is_a_plain_sentence_with_a_guess(portal: Run) -> None:
    assert plain_refusal(portal("library", "show", "warning-sign", "--json")) == (
        "Error: There is no exercise warning-sign in the library. Did you mean warning-signs?"
    )


def test_people_can_read_the_list_and_an_exercise_too(portal: Run) -> None:
    assert "Five signs of distance" in portal("library", "list").stdout
    assert "steps:" in portal("library", "show", "warning-signs").stdout


def test_the_library_is_in_order(portal: Run) -> None:
    done = portal("library", "check")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("in order.\n")


def test_mistakes_are_named_by_file_line_and_key(portal: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "daily-five.toml"
    text = (LIBRARY / "daily-five.toml").read_text().replace("minutes = 5", 'minutes = "five"')
    wrong.write_text(text)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("minutes"))
    assert plain_refusal(portal("library", "check", wrong)).startswith(
        f"daily-five.toml: line {line}: minutes:"
    )
