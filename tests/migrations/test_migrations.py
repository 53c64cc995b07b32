"""Migrations go up, down and up again on both engines, lose nothing, and make what the models describe."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, UniqueConstraint, inspect, text

from portal.access.scope import Records
from portal.exercises.models import Answer
from portal.kit import migrations
from portal.kit.clock import HeldClock
from portal.kit.db import PracticeOwned, open_engine
from portal.kit.migrations import at_head, migrate, migrations_folder, unmigrate
from portal.tables import METADATA
from tests.exercises.doing import give, send
from tests.factories import MORNING, World
from tests.records import MASTERS

VERSIONS = migrations_folder() / "versions"
NUMBERED = re.compile(r"(\d{4})_[a-z_]+\.py")
READ_BEFORE_ANYBODY_IS_KNOWN = {"login_name"}


def files() -> list[Path]:
    return sorted(path for path in VERSIONS.glob("*.py"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database of the test's own, on each engine in turn."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def tables_in(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_are_numbered_in_one_line() -> None:
    numbers = []
    for path in files():
        found = NUMBERED.fullmatch(path.name)
        assert found, path.name
        numbers.append(found[1])
        source = path.read_text(encoding="utf-8")
        assert re.search(rf'^revision\b[^=]*= "{found[1]}"', source, re.MULTILINE), path.name
        before = f'"{numbers[-2]}"' if len(numbers) > 1 else "None"
        assert re.search(rf"^down_revision\b[^=]*= {before}", source, re.MULTILINE), path.name
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_up_down_and_up_again_leaves_nothing_behind(engine: Engine) -> None:
    migrate(engine)
    assert at_head(engine)
    made = tables_in(engine)
    assert made == {table.name for table in METADATA.sorted_tables}
    unmigrate(engine, to="base")
    assert tables_in(engine) == set()
    assert not at_head(engine)
    migrate(engine)
    assert tables_in(engine) == made


def test_each_step_down_can_be_taken_up_again(engine: Engine) -> None:
    migrate(engine)
    for path in reversed(files()):
        number = path.name[:4]
        before = f"{int(number) - 1:04d}" if number != "0001" else "base"
        unmigrate(engine, to=before)
        migrate(engine, to=number)
        unmigrate(engine, to=before)
    assert tables_in(engine) == set()


def test_the_models_say_what_the_migrations_make(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_every_key_of_a_practices_table_leads_with_the_practice(engine: Engine) -> None:
    migrate(engine)
    inspector = inspect(engine)
    for table in tables_in(engine):
        columns = {column["name"] for column in inspector.get_columns(table)}
        if "practice_id" not in columns or table in READ_BEFORE_ANYBODY_IS_KNOWN:
            continue
        assert inspector.get_pk_constraint(table)["constrained_columns"][0] == "practice_id", table
        for key in inspector.get_foreign_keys(table):
            assert key["constrained_columns"][0] == "practice_id", (table, key["name"])
            assert key["referred_columns"][0] == (
                "id" if key["referred_table"] == "practice" else "practice_id"
            )
        for index in inspector.get_indexes(table):
            assert index["column_names"][0] == "practice_id", (table, index["name"])
        for unique in inspector.get_unique_constraints(table):
            assert unique["column_names"][0] == "practice_id", (table, unique["name"])


def test_every_model_of_a_practice_refers_to_it_and_says_so_in_its_keys() -> None:
    for model in PracticeOwned.__subclasses__():
        _check_keys(model)


def _check_keys(model: type) -> None:
    for each in model.__subclasses__():
        _check_keys(each)
    table = getattr(model, "__table__", None)
    if table is None:
        return
    assert next(iter(table.primary_key)).name == "practice_id", table.name
    assert any(key.referred_table.name == "practice" for key in table.foreign_key_constraints), table.name
    uniques = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    for constraint in [*table.foreign_key_constraints, *uniques, *table.indexes]:
        assert next(iter(constraint.columns)).name == "practice_id", (table.name, constraint.name)


def test_on_postgresql_every_practices_table_is_fenced_whoever_owns_it(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    migrate(engine)
    query = """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
               array_agg(p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL) AS both_ways
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'practice_id' AND NOT a.attisdropped
        LEFT JOIN pg_policy p ON p.polrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1, 2, 3
    """
    with engine.connect() as connection:
        found = {row.relname: row for row in connection.execute(text(query))}
        views = connection.execute(text("SELECT count(*) FROM pg_views WHERE schemaname = 'public'")).scalar()
        rights = "SELECT has_table_privilege('portal_app', 'audit_entry', 'UPDATE, DELETE, TRUNCATE')"
        assert connection.execute(text(rights)).scalar() is False
    engine.dispose()
    assert views == 0, "a view needs security_invoker, or it shows every practice"
    assert len(found) > 10
    for name, row in found.items():
        if name not in READ_BEFORE_ANYBODY_IS_KNOWN:
            assert (row.relrowsecurity, row.relforcerowsecurity, row.both_ways) == (True, True, [True]), name


def test_a_migration_that_fails_leaves_nothing_behind(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(engine)
    before = tables_in(engine)
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = files()[-1].name[:4]
    (folder / "versions" / "9999_planted.py").write_text(
        '"""Fails half-way, on purpose."""\n'
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "9999"\ndown_revision = "{last}"\nbranch_labels = None\ndepends_on = None\n'
        "def upgrade():\n"
        '    op.create_table("half_made", sa.Column("id", sa.Integer, primary_key=True))\n'
        '    op.execute(sa.text("DELETE" + " FROM practice"))\n'
        '    raise RuntimeError("on purpose")\n'
        "def downgrade():\n    pass\n"
    )
    monkeypatch.setattr(migrations, "migrations_folder", lambda: folder)
    with pytest.raises(RuntimeError, match="on purpose"):
        migrate(engine)
    assert tables_in(engine) == before
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == (last,)


def test_what_people_wrote_survives_the_newest_step_down_and_up(engine: Engine) -> None:
    migrate(engine)
    records = Records.open(engine, MASTERS, HeldClock(MORNING))
    pair = World(records).sample
    given = give(records, pair, "daily-five")
    send(records, pair.a, given, {"log": "yes", "log_note": "We talked about the sea"})
    kept = _counts(engine)
    newest = files()[-1].name[:4]
    dropped = _made_by(newest)
    unmigrate(engine, to=f"{int(newest) - 1:04d}")
    migrate(engine)
    assert {table: count for table, count in _counts(engine).items() if table not in dropped} == {
        table: count for table, count in kept.items() if table not in dropped
    }
    again = Records.open(engine, MASTERS, HeldClock(MORNING))
    with again.within(pair.a, read_only=True) as scope:
        notes = [each.value for each in scope.all(scope.select(Answer)) if each.item == "log_note"]
    assert notes == ["We talked about the sea"]


def _made_by(number: str) -> set[str]:
    source = next(path for path in files() if path.name.startswith(number)).read_text(encoding="utf-8")
    return set(re.findall(r'create_(?:owned_)?table\(\s*"(\w+)"', source))


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()  # noqa: S608
            for table in METADATA.sorted_tables
        }
