"""``portal library``: the exercises that therapists choose from, and checking definition files."""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from portal.cli.opening import plainly

TEXTS = ("title", "purpose", "why", "stop_rule")
LISTS = ("steps", "cautions", "contraindications", "debrief")


@click.group()
def library() -> None:
    """List, show and check definitions of exercises."""


@library.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@plainly
def list_all(*, as_json: bool) -> None:
    """List the exercises of the library, with the languages that each can be read in."""
    from portal.exercises.domain import SOURCE_LANGUAGE
    from portal.exercises.pathway import pathways

    found = [
        {
            "slug": each.slug,
            "title": each.title,
            "mechanics": [mechanic.value for mechanic in each.mechanics],
            "audience": each.audience.value,
            "sources": list(each.sources),
            "phase": each.phase.value,
            "minutes": each.minutes,
            "touch_level": each.touch_level,
            "languages": [SOURCE_LANGUAGE, *sorted(each.translations)],
        }
        for each in _exercises().values()
    ]
    ways = [
        {"slug": each.slug, "title": each.title, "steps": len(each.steps), "weeks": each.weeks}
        for each in pathways().values()
    ]
    if as_json:
        click.echo(json.dumps({"exercises": found, "pathways": ways}, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each['slug']:24} {' '.join(each['languages']):6} {each['title']}")
    for way in ways:
        click.echo(f"{way['slug']:24} {way['steps']:2} steps {way['title']}")


@library.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--language", default="en", show_default=True, help="Show a translation, such as es.")
@plainly
def show(*, slug: str, as_json: bool, language: str) -> None:
    """Show the whole definition of the exercise SLUG, with all its texts."""
    from portal.exercises.domain import as_json as definition

    exercises = _exercises()
    if slug not in exercises:
        near = get_close_matches(slug, exercises, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise click.ClickException(f"There is no exercise {slug} in the library.{hint}")
    found = definition(_in_language(exercises[slug], language))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for line in _lines(found):
        click.echo(line)


@library.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@plainly
def check(*, files: tuple[Path, ...]) -> None:
    """Check definition FILES, or the whole library; each mistake is named with file, line and key.

    A file in a folder such as es/ beside the English one is checked as its translation. Where it is behind, that is
    said, and it is no mistake: people read English until it has caught up.
    """
    from portal.exercises.domain import LIBRARY
    from portal.exercises.pathway import PATHWAYS
    from portal.exercises.pathway_words import words_files
    from portal.exercises.translations import translation_files

    translations = translation_files()
    paths = list(files) or [
        *sorted(LIBRARY.glob("*.toml")),
        *translations,
        *sorted(PATHWAYS.glob("*.toml")),
        *words_files(),
    ]
    found = [line for path in paths for line in _mistakes(path, known=translations)]
    for line in found:
        click.echo(line, err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"{len(paths)} {'definition is' if len(paths) == 1 else 'definitions are'} in order.")


def _mistakes(path: Path, *, known: Sequence[Path]) -> list[str]:
    """Return what is wrong with one file, and say aloud where a translation is behind."""
    from portal.exercises.domain import check_files
    from portal.exercises.pathway import check_pathway
    from portal.exercises.pathway_words import check_words, is_words_file
    from portal.exercises.translations import Behind, check_translation, original_of

    if _is_pathway(path):
        return check_pathway(path, _exercises())
    is_words = is_words_file(path)
    if not is_words and path not in known and original_of(path) is None:
        return check_files([path])
    try:
        if is_words:
            return check_words(path)
        return [str(mistake) for mistake in check_translation(path)]
    except Behind as behind:
        click.echo(behind, err=True)
        return []


def _is_pathway(path: Path) -> bool:
    """Say whether a file describes a pathway: its steps are tables, those of an exercise are sentences."""
    try:
        return "[[steps]]" in path.read_text("utf-8", errors="replace")
    except OSError:
        return False


def _in_language(exercise: Any, language: str) -> Any:
    """Return an exercise in a language. Raises ClickException where it can't be read in it."""
    from portal.exercises.domain import SOURCE_LANGUAGE
    from portal.exercises.translations import language_for, translate

    slug, languages = exercise.slug, [SOURCE_LANGUAGE, *sorted(exercise.translations)]
    chosen = language_for(languages, language)
    if chosen is None:
        there = " and ".join(languages)
        raise click.ClickException(f"{slug} has no translation into {language}; it is there in {there}.")
    if chosen == SOURCE_LANGUAGE:
        return exercise
    return translate(exercise, exercise.translations[chosen], language=chosen, name=f"{chosen}/{slug}")


def _exercises() -> dict[str, Any]:
    from portal.exercises.domain import load_library
    from portal.exercises.translations import with_translations
    from portal.kit.library import DefinitionError

    try:
        return dict(with_translations(load_library()))
    except DefinitionError as error:
        raise click.ClickException(f"The library can't be read:\n{error}") from None


def _lines(found: dict[str, Any]) -> Iterable[str]:
    """Yield a definition as a page of plain text."""
    for key in TEXTS:
        if found[key]:
            yield f"{key}: {found[key]}"
    for key in LISTS:
        if found[key]:
            yield f"{key}:"
            yield from (f"  - {text}" for text in found[key])
    for key, text in found["clinician_notes"].items():
        yield f"{key}: {text}"
    for item in found.get("items") or found.get("options") or ():
        yield f"  {item['key']}: {item['text']}"
