"""``portal bench``: repeatable measurements, told as ratios within one run."""

import importlib.util
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@dataclass(frozen=True, slots=True)
class Bar:
    """One measured figure against its bar. ``figures`` are the numbers behind it, in words."""

    name: str
    measured: float
    bar: float
    ok: bool
    figures: str


def at_most(name: str, measured: float, bar: float, figures: str) -> Bar:
    """Return a bar that must not be exceeded."""
    return Bar(name, round(measured, 4), bar, measured <= bar, figures)


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a line.")
def bench(*, name: str | None, as_json: bool) -> None:
    """Run one benchmark, or all of them. Fails if a bar is missed."""
    files = {path.stem.replace("_", "-"): path for path in sorted(FOLDER.glob("*.py"))}
    if not files:
        raise click.ClickException("The benchmarks are part of a checkout, not of an installed portal.")
    if name is not None and name not in files:
        raise click.ClickException(f"There is no benchmark {name}; there are: {', '.join(files)}.")
    missed = False
    for each, path in files.items():
        if name in {None, each}:
            for bar in _measured(path):
                missed |= not _tell(bar, as_json=as_json)
    sys.exit(1 if missed else 0)


def _measured(path: Path) -> Iterable[Bar]:
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise click.ClickException(f"{path.name} can't be read.")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    measured: Iterable[Bar] = module.measure()
    return measured


def _tell(bar: Bar, *, as_json: bool) -> bool:
    if as_json:
        click.echo(json.dumps(asdict(bar)))
    else:
        verdict = "ok" if bar.ok else "MISSED"
        click.echo(f"{bar.name:24} {bar.measured:8.4f}  bar {bar.bar:<7} {verdict:7} {bar.figures}")
    return bar.ok
