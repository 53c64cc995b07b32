"""What commands share: the settings, the records, and mistakes told in a plain sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")


def plainly(act: Callable[P, T]) -> Callable[P, T]:
    """Turn the refusals of settings, keys and database into one sentence and a failing status."""

    @wraps(act)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        from sqlalchemy.exc import OperationalError, ProgrammingError

        from portal.access.vault import KeyFileError
        from portal.config import ConfigError
        from portal.kit.db import UnsafeDatabase

        try:
            return act(*args, **kwargs)
        except (ConfigError, KeyFileError, UnsafeDatabase) as error:
            raise click.ClickException(str(error)) from None
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(f"The database can't be used: {type(error.orig).__name__}.") from None
        except OSError as error:
            raise click.ClickException(
                f"{error.filename or 'A file'} can't be used: {error.strerror}."
            ) from None

    return guarded


def settings() -> Any:
    """Return the settings of this portal."""
    from portal.config import load_config

    return load_config()


def records_to_work_on(*, first_practice: bool = False) -> Any:
    """Return the records of a database at the newest schema.

    For the very first practice, a missing secrets file is made, as long as nothing was ever sealed with another.
    """
    from sqlalchemy import select

    from portal.access.vault import create_key_file, read_key_file
    from portal.app import open_records
    from portal.kit.db import open_engine
    from portal.kit.migrations import at_head
    from portal.people.models import Practice

    config = settings()
    engine = open_engine(config.database_url)
    try:
        if not at_head(engine):
            raise click.ClickException("The database isn't at the newest schema. Run: portal db upgrade")
        if first_practice and not config.secrets_file.exists():
            with engine.connect() as connection:
                used = connection.execute(select(Practice.id).limit(1)).first() is not None
            if not used:
                create_key_file(config.secrets_file)
                click.echo(
                    f"The portal's keys are in {config.secrets_file}. Keep a copy apart from the database.",
                    err=True,
                )
    finally:
        engine.dispose()
    return open_records(config, read_key_file(config.secrets_file))


def close_parts(app: Any) -> None:
    """Close what an app holds open, such as processes of its own; a process that has those doesn't end by itself."""
    for part in app.extensions["portal"].parts.values():
        close = getattr(part, "close", None)
        if callable(close):
            close()
