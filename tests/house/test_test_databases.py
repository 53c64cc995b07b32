"""The suite's own databases: apart from each other, quick to copy, and without special powers."""

from sqlalchemy import create_engine, text

from tests.databases import Databases, Engine


def build_letters(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letter (id INTEGER PRIMARY KEY, words TEXT)"))
        connection.execute(text("INSERT INTO letter VALUES (1, 'Thank you')"))
    engine.dispose()


def letters_in(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM letter")).scalar_one()
    engine.dispose()
    return int(found)


def test_an_empty_database_can_be_filled(database_url: str) -> None:
    build_letters(database_url)
    assert letters_in(database_url) == 1


def test_copies_of_one_template_are_strangers(databases: Databases, database_engine: Engine) -> None:
    first = databases.copy_of(database_engine, "letters", build_letters)
    second = databases.copy_of(database_engine, "letters", build_letters)
    engine = create_engine(first)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM letter"))
    engine.dispose()
    assert (letters_in(first), letters_in(second)) == (0, 1)
    databases.drop(first)
    databases.drop(second)


def test_the_suite_connects_without_special_powers(databases: Databases) -> None:
    with databases.server.connect() as connection:
        powers = connection.execute(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert powers == (False, False)
