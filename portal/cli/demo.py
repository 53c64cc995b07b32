"""``portal demo``: a sample practice to look around in."""

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from portal.cli.opening import plainly, settings

HEAD = ("Role", "Name", "E-mail address", "Code", "Secret")

SEED_OPTION = click.option(
    "--seed", default=1, show_default=True, help="The same seed makes the same people."
)


@click.group()
def demo() -> None:
    """Build a sample practice, and try the portal with it."""


@demo.command()
@SEED_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@plainly
def load(*, seed: int, as_json: bool) -> None:
    """Fill an empty database with two invented practices and twelve weeks of work."""
    config = settings()
    found = _load(config, seed=seed)
    if as_json:
        click.echo(json.dumps({"url": config.base_url} | found, ensure_ascii=False, indent=1))
        return
    click.echo(_who_can_sign_in(found))


@demo.command()
@SEED_OPTION
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.pass_context
@plainly
def live(ctx: click.Context, *, seed: int, host: str, port: int) -> None:
    """Build the sample practice in a throw-away folder, say who can sign in, and serve it until Ctrl-C.

    With PORTAL_INSTANCE set that folder is used and kept; a sample that is there already is served as it is.
    """
    with _instance():
        found = _sample(settings(), seed=seed)
        click.echo(_who_can_sign_in(found))
        sys.stdout.flush()
        from portal.cli.serve import serve

        ctx.invoke(serve, host=host, port=port)


@demo.command()
@click.argument("secret")
def code(*, secret: str) -> None:
    """Print the six digits that belong to the SECRET of a sample account at this moment."""
    from portal.kit.clock import SystemClock
    from portal.people.totp import code_at, step_at

    try:
        click.echo(code_at(secret, step_at(SystemClock().now())))
    except ValueError:
        raise click.ClickException("This is not a secret of an authenticator app.") from None


@contextmanager
def _instance() -> Iterator[None]:
    """Make sure that there is an instance folder; one made here is removed at the end."""
    if os.environ.get("PORTAL_INSTANCE"):
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="portal-sample-"))
    os.environ["PORTAL_INSTANCE"] = str(folder)
    # Until the server listens to SIGTERM itself, it ends this process as Ctrl-C does, so that the folder goes too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sample(config: Any, *, seed: int) -> dict[str, Any]:
    from portal.sample.loading import read_sample

    return read_sample(config) or _load(config, seed=seed)


def _load(config: Any, *, seed: int) -> dict[str, Any]:
    from portal.sample.loading import NotEmpty, load_sample

    try:
        return load_sample(config, seed=seed)
    except NotEmpty:
        raise click.ClickException(
            "The database holds a practice already. The sample world is only put into an empty one."
        ) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename} can't be written: {error.strerror}.") from None


def _who_can_sign_in(found: dict[str, Any]) -> str:
    """Return everybody in the sample world as a table, with the present code of those who need one."""
    from portal.kit.clock import SystemClock
    from portal.people.totp import step_at

    step = step_at(SystemClock().now())
    accounts = found["accounts"]
    lines = ["A sample practice: nobody in it exists.", f"Everybody's password is: {accounts[0]['password']}"]
    for practice in dict.fromkeys(account["practice"] for account in accounts):
        rows = [_row(account, step) for account in accounts if account["practice"] == practice]
        lines += ["", practice, *_aligned([HEAD, *rows])]
    command = sys.argv[0] if Path(sys.argv[0]).name == "portal" else "portal"
    lines += ["", f"Codes change every half minute. For a fresh one: {command} demo code SECRET", ""]
    return "\n".join(lines)


def _row(account: dict[str, Any], step: int) -> tuple[str, ...]:
    from portal.people.totp import code_at

    secret = account["totp_secret"]
    role = (
        account["role"]
        if account["couple"] is None
        else f"{account['role']} {account['seat']} of {account['couple']}"
    )
    code = (code_at(secret, step), secret) if secret else ("", "")
    return (role, account["name"], account["email"], *code)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
