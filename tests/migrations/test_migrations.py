"""The schema: migrations go up and down, say the same as the models, and keep what they are given."""

import re
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint, inspect, text
from sqlalchemy.orm import Mapper

from portal.access.scope import Records
from portal.exercises.models import Answer
from portal.exercises.shelf import library
from portal.kit import migrations as kit
from portal.kit.db import Base, PracticeOwned, open_engine
from portal.kit.migrations import at_head, migrate, migrations_folder, unmigrate
from portal.tables import METADATA
from tests.exercises.doing import fill, give, send
from tests.factories import World

# Read before a practice is known: fingerprints of addresses, and counts of failed sign-ins; and the practices.
WITHOUT_A_PRACTICE_KEY = {"practice", "login_name", "sign_in_attempt"}

FAILING = '''"""Fails half-way."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("half_made", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO a_table_that_is_not_there VALUES (1)")


def downgrade() -> None:
    op.drop_table("half_made")
'''


def versions() -> list[Path]:
    return sorted((migrations_folder() / "versions").glob("[0-9]*.py"))


def test_the_schema_goes_up_down_and_up_again(database_url: str) -> None:
    engine = open_engine(database_url)
    assert not at_head(engine)
    migrate(engine)
    assert at_head(engine)
    unmigrate(engine, to="base")
    left = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    migrate(engine)
    assert at_head(engine)
    engine.dispose()


def test_models_and_migrations_say_the_same(records: Records) -> None:
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, METADATA)
    assert [each for each in found if "huey" not in str(each)] == []


def test_migrations_are_numbered_one_after_the_other_and_each_says_what_it_locks() -> None:
    assert [path.name[:4] for path in versions()] == [f"{n:04d}" for n in range(1, len(versions()) + 1)]
    for path in versions():
        words = path.read_text(encoding="utf-8")
        assert "What it locks:" in words, path.name
        assert "How to undo:" in words, path.name
        assert re.search(rf'^revision = "{path.name[:4]}"$', words, re.MULTILINE), path.name


def owned_tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name not in WITHOUT_A_PRACTICE_KEY]


@pytest.mark.parametrize("table", owned_tables(), ids=lambda table: table.name)
def test_every_key_of_an_owned_table_leads_with_the_practice(table: Table) -> None:
    assert table.primary_key.columns.keys() == ["practice_id", "id"]
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint | UniqueConstraint):
            assert next(iter(constraint.columns)).name == "practice_id", constraint.name
    for index in table.indexes:
        assert next(iter(index.columns)).name == "practice_id", index.name


def test_only_the_named_tables_belong_to_no_practice() -> None:
    owned = {mapper.class_.__tablename__ for mapper in _mappers() if issubclass(mapper.class_, PracticeOwned)}
    assert {table.name for table in METADATA.sorted_tables} - owned == WITHOUT_A_PRACTICE_KEY


def _mappers() -> list[Mapper[Any]]:
    return list(Base.registry.mappers)


def test_a_migration_that_fails_leaves_nothing_half_done(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "versions").mkdir()
    for name in ("env.py", "script.py.mako"):
        (folder / name).write_text((migrations_folder() / name).read_text(encoding="utf-8"), encoding="utf-8")
    for path in versions():
        (folder / "versions" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    head = ScriptDirectory(str(migrations_folder())).get_current_head()
    (folder / "versions" / "9999_fails.py").write_text(FAILING.format(head=head), encoding="utf-8")
    monkeypatch.setattr(kit, "migrations_folder", lambda: folder)
    with pytest.raises(Exception, match="a_table_that_is_not_there"):
        migrate(engine)
    assert "half_made" not in inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == head
    engine.dispose()


def test_what_people_wrote_survives_the_newest_migration_going_down_and_up(
    records: Records, world: World
) -> None:
    pair = world.sample
    given = give(records, pair, "i-statements")
    send(records, pair.a, given, fill(library()["i-statements"], "kept"))
    before = versions()[-2].name[:4]
    unmigrate(records.engine, to=before)
    assert not at_head(records.engine)
    migrate(records.engine)
    with records.within(pair.a, read_only=True) as scope:
        assert any("kept" in str(answer.value) for answer in scope.all(scope.select(Answer)))
