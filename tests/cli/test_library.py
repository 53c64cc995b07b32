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
    assert {each["slug"]: each["steps"] for each in found["pathways"]}["twelve-weeks"] == 26
    assert len(found["pathways"]) == 7
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


def test_a_translation_is_shown_with_the_same_keys_and_other_words(portal: Run) -> None:
    english = json.loads(portal("library", "show", "daily-five", "--json").stdout)
    spanish = json.loads(portal("library", "show", "daily-five", "--json", "--language", "es").stdout)

    assert (spanish["language"], spanish["title"]) == ("es", "Cinco minutos al día")
    assert english["title"] == "Five minutes a day"
    assert spanish.keys() == english.keys()
    for key in ("slug", "digest", "version", "sources", "audience", "mechanics", "minutes"):
        assert spanish[key] == english[key]
    assert portal("library", "show", "daily-five", "--json", "--language", "es_MX").stdout.count(
        "Cinco minutos"
    )


def test_a_language_without_a_translation_is_refused_plainly(portal: Run) -> None:
    assert plain_refusal(portal("library", "show", "daily-five", "--json", "--language", "fr")) == (
        "Error: daily-five has no translation into fr; it is there in en and es."
    )


def test_the_list_tells_the_languages(portal: Run) -> None:
    found = json.loads(portal("library", "list", "--json").stdout)["exercises"]
    languages = {each["slug"]: each["languages"] for each in found}
    assert languages["warning-signs"] == ["en", "es"]
    assert sum("es" in each for each in languages.values()) >= 15


def test_a_translation_that_drifted_is_found_with_its_line(portal: Run, tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    english, spanish = (folder / "daily-five.toml" for folder in (tmp_path, tmp_path / "es"))
    english.write_text((LIBRARY / "daily-five.toml").read_text("utf-8"), "utf-8")
    text = (LIBRARY / "es" / "daily-five.toml").read_text("utf-8")
    spanish.write_text(text.replace("note_max = 280", "note_max = 28"), "utf-8")
    line = text[: text.index("note_max")].count("\n") + 1

    done = portal("library", "check", str(english), str(spanish))

    assert done.returncode == 1
    assert done.stderr == f"es/daily-five.toml: line {line}: tracker.note_max: must be 280, as in English\n"


def test_a_translation_that_is_behind_is_told_and_no_mistake(portal: Run, tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    english, spanish = (folder / "daily-five.toml" for folder in (tmp_path, tmp_path / "es"))
    newer = (LIBRARY / "daily-five.toml").read_text("utf-8").replace("version = 1\n", "version = 2\n")
    english.write_text(newer, "utf-8")
    spanish.write_text((LIBRARY / "es" / "daily-five.toml").read_text("utf-8"), "utf-8")

    done = portal("library", "check", str(spanish))

    assert done.returncode == 0
    assert done.stderr.startswith("es/daily-five.toml: line 2: version: is behind: this translates version 1")


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
