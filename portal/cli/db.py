"""``portal db``: the schema of the database."""

import click

from portal.cli.opening import plainly, settings


@click.group()
def db() -> None:
    """Bring the database to the newest schema, or back to an older one."""


@db.command()
@plainly
def upgrade() -> None:
    """Bring the database to the newest schema; makes it where there is none yet."""
    from portal.kit.db import open_engine
    from portal.kit.migrations import migrate

    engine = open_engine(settings().database_url)
    migrate(engine)
    engine.dispose()
    click.echo("The database is at the newest schema.")


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
@plainly
def downgrade(*, revision: str) -> None:
    """Take the database back to REVISION, such as 0001, or to ``base``: an empty one."""
    from alembic.util import CommandError

    from portal.kit.db import open_engine
    from portal.kit.migrations import unmigrate

    engine = open_engine(settings().database_url)
    try:
        unmigrate(engine, to=revision)
    except CommandError:
        raise click.ClickException(f"There is no way back to a revision {revision}.") from None
    finally:
        engine.dispose()
    click.echo(f"The database is back at {revision}.")


@db.command()
@plainly
def check() -> None:
    """Say whether the database is at the newest schema; the status is 1 where it isn't."""
    from portal.kit.db import open_engine
    from portal.kit.migrations import at_head

    engine = open_engine(settings().database_url)
    try:
        is_newest = at_head(engine)
    finally:
        engine.dispose()
    if not is_newest:
        raise click.ClickException("The database isn't at the newest schema. Run: portal db upgrade")
    click.echo("The database is at the newest schema.")
