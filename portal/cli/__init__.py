"""The ``portal`` command. Each noun has a file; a command imports what it needs when it runs."""

from importlib import import_module

import click

COMMANDS = {
    "account": "portal.cli.account:account",
    "bench": "portal.cli.bench:bench",
    "coach": "portal.cli.coach:coach",
    "db": "portal.cli.db:db",
    "demo": "portal.cli.demo:demo",
    "doctor": "portal.cli.doctor:doctor",
    "jobs": "portal.cli.jobs:jobs",
    "library": "portal.cli.library:library",
    "practice": "portal.cli.practice:practice",
    "report": "portal.cli.report:report",
    "routes": "portal.cli.routes:routes",
    "serve": "portal.cli.serve:serve",
    "web": "portal.cli.serve:web",
}


class Nouns(click.Group):
    """A group whose commands are imported when they are asked for, so that a mistake in one spares the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Return a command by its name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _colon, name = place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portal", prog_name="portal")
def main() -> None:
    """Couples work between therapy sessions: the portal's commands."""
