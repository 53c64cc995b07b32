"""``portal library``: the exercises that therapists choose from, and checking definition files."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from portal.cli.opening import plainly

SOURCE_LANGUAGE = "en"
TEXTS = ("title", "purpose", "why", "stop_rule")
LISTS = ("steps", "cautions", "contraindications", "debrief")


@click.group()
def library() -> None:
    """List, show and check definitions of exercises."""


@library.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@plainly
def list_all(*, as_json: bool) -> None:
    """List the exercises of the library."""
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
        }
        for each in _exercises().values()
    ]
    if as_json:
        click.echo(json.dumps({"exercises": found, "pathways": []}, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each['slug']:24} {each['title']}")


@library.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--language", default=SOURCE_LANGUAGE, help="Show a translation, where there is one.")
@plainly
def show(*, slug: str, as_json: bool, language: str) -> None:
    """Show the whole definition of the exercise SLUG, with all its texts."""
    from portal.exercises.domain import as_json as definition

    exercises = _exercises()
    if slug not in exercises:
        near = get_close_matches(slug, exercises, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise click.ClickException(f"There is no exercise {slug} in the library.{hint}")
    if language.split("-", maxsplit=1)[0] != SOURCE_LANGUAGE:
        click.echo(f"{slug} has no translation into {language}; this is the English text.", err=True)
    found = definition(exercises[slug])
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for line in _lines(found):
        click.echo(line)


@library.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@plainly
def check(*, files: tuple[Path, ...]) -> None:
    """Check definition FILES, or the whole library; each mistake is named with file, line and key."""
    from portal.exercises.domain import LIBRARY, check_files

    paths = list(files) or sorted(LIBRARY.glob("*.toml"))
    mistakes = check_files(paths)
    for mistake in mistakes:
        click.echo(mistake, err=True)
    if mistakes:
        raise SystemExit(1)
    click.echo(f"{len(paths)} {'definition is' if len(paths) == 1 else 'definitions are'} in order.")


def _exercises() -> dict[str, Any]:
    from portal.exercises.domain import load_library
    from portal.kit.library import DefinitionError

    try:
        return dict(load_library())
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
