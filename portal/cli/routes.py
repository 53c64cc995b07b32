"""``portal routes``: every address that the portal answers, and who may open it."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from portal.cli.opening import close_parts, plainly, settings

QUIET_METHODS = frozenset({"HEAD", "OPTIONS"})


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@plainly
def routes(*, as_json: bool) -> None:
    """List every address with its methods, its permission and whom it is for."""
    found = _routes()
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for each in found:
        methods = ",".join(each["methods"])
        click.echo(f"{methods:10} {each['rule']:60} {each['permission']:16} {each['audience']}")


def _routes() -> list[dict[str, Any]]:
    from portal.app import create_app
    from portal.web.room import guard_of

    with TemporaryDirectory() as folder:
        app = create_app(_apart(Path(folder)))
        found = []
        for rule in app.url_map.iter_rules():
            guard = guard_of(app, rule.endpoint)
            # Static files are the same for everybody; every other page names its guard, or the app doesn't start.
            permission, audience = ("be-anyone", "anyone") if guard is None else guard
            found.append(
                {
                    "rule": rule.rule,
                    "methods": sorted((rule.methods or set()) - QUIET_METHODS),
                    "endpoint": rule.endpoint,
                    "permission": str(permission),
                    "audience": str(audience),
                }
            )
        close_parts(app)
    return sorted(found, key=lambda each: (each["rule"], each["methods"], each["endpoint"]))


def _apart(folder: Path) -> Any:
    """Return the settings with keys and database of their own: the list of pages depends on neither."""
    from portal.access.vault import create_key_file

    secrets = folder / "secrets.toml"
    create_key_file(secrets)
    database = f"sqlite:///{folder / 'portal.db'}"
    return replace(settings(), instance=folder, database_url=database, secrets_file=secrets)
