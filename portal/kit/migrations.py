"""What migrations share: owned tables with row-level security, and running Alembic from the program."""

from collections.abc import Iterable
from pathlib import Path

from alembic import command, op
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, PrimaryKeyConstraint, String, Table
from sqlalchemy.schema import SchemaItem

from portal.kit.db import APPLICATION_ROLE, owned_key, practice_key
from portal.kit.ids import ID_LENGTH

__all__ = ["at_head", "create_owned_table", "drop_owned_table", "grant", "make_role", "migrate", "owned_key"]

FENCE = "practice_id = NULLIF(current_setting('portal.practice', true), '')"


def create_owned_table(name: str, *parts: SchemaItem, append_only: bool = False) -> Table:
    """Create a practice-owned table: key, foreign key to the practice, and on PostgreSQL the row fence.

    Locks: takes no lock on existing tables besides a short one on the tables that the foreign keys name.
    ``append_only`` leaves the application neither UPDATE nor DELETE on PostgreSQL.
    """
    table = op.create_table(
        name,
        Column("practice_id", String(ID_LENGTH), nullable=False),
        Column("id", String(ID_LENGTH), nullable=False),
        *parts,
        PrimaryKeyConstraint("practice_id", "id", name=f"pk_{name}"),
        practice_key(),
    )
    fence(name)
    grant(name, "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE")
    return table


def fence(name: str) -> None:
    """Switch on forced row-level security for a table with a ``practice_id`` (PostgreSQL only)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY practice_fence ON {name} USING ({FENCE}) WITH CHECK ({FENCE})")


def grant(name: str, rights: str) -> None:
    """Give the application role its rights on a table (PostgreSQL only)."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT {rights} ON {name} TO {APPLICATION_ROLE}")


def make_role() -> None:
    """Create the application role once per cluster and let the migrating user step down to it (PostgreSQL)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {APPLICATION_ROLE} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(
        f"DO $$ BEGIN IF NOT pg_has_role(current_user, '{APPLICATION_ROLE}', 'USAGE') THEN "
        f"EXECUTE format('GRANT {APPLICATION_ROLE} TO %I', current_user); END IF; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}")


def drop_owned_table(name: str) -> None:
    """Drop a table made by create_owned_table; its policy goes with it."""
    op.drop_table(name)


def migrations_folder() -> Path:
    """Return the folder with the migrations: beside the package in a checkout, inside it when installed."""
    inside = Path(__file__).resolve().parents[1] / "migrations"
    return inside if inside.exists() else Path(__file__).resolve().parents[2] / "migrations"


def _config(engine: Engine) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Bring the schema up to a revision, in one transaction per migration."""
    command.upgrade(_config(engine), to)


def unmigrate(engine: Engine, *, to: str) -> None:
    """Take the schema back to an earlier revision."""
    command.downgrade(_config(engine), to)


def at_head(engine: Engine) -> bool:
    """Say whether the schema is the newest one."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(_heads(engine))


def _heads(engine: Engine) -> Iterable[str]:
    return ScriptDirectory.from_config(_config(engine)).get_heads()
