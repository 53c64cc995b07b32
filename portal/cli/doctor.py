"""``portal doctor``: what this installation needs, and what to do about each thing that it lacks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click

from portal.cli.opening import plainly, settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A bad one comes with its remedy."""

    about: str
    good: bool
    words: str
    remedy: str = ""


Check = Callable[[Any], Iterator[Finding]]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@plainly
def doctor(*, as_json: bool) -> None:
    """Look over libraries, fonts, database, keys, mail, queue and clock; the status is 1 if anything is wrong."""
    from portal.cli import checkup

    config = settings()
    findings = [finding for check in checkup.CHECKS for finding in _looked_at(check, config)]
    if as_json:
        click.echo(
            json.dumps({"findings": [asdict(each) for each in findings]}, ensure_ascii=False, indent=1)
        )
    else:
        for each in findings:
            _show(each)
    if not all(each.good for each in findings):
        raise SystemExit(1)


def _looked_at(check: Check, config: Any) -> list[Finding]:
    """Return what a check finds; one that can't be made is a finding itself."""
    try:
        return list(check(config))
    except Exception as error:  # noqa: BLE001 - whatever is wrong here, the other checks still have to be made
        words = f"could not be looked at: {type(error).__name__}"
        remedy = "Put the other red lines right first, then look again."
        return [Finding(check.__name__.replace("_", " "), good=False, words=words, remedy=remedy)]


def _show(finding: Finding) -> None:
    mark = click.style("ok ", fg="green") if finding.good else click.style("RED", fg="red", bold=True)
    click.echo(f"{mark}  {finding.about}: {finding.words}")
    if not finding.good:
        click.echo(f"     → {finding.remedy}")
