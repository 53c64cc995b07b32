"""The schema of the database, from the command line."""

import pytest

from tests.cli.conftest import Run, plain_refusal

pytestmark = pytest.mark.both_databases


def test_an_empty_database_is_not_at_the_newest_schema(portal: Run, database_url: str) -> None:
    assert plain_refusal(portal("db", "check", url=database_url)) == (
        "Error: The database isn't at the newest schema. Run: portal db upgrade"
    )


def test_upgrading_brings_it_there_and_can_be_repeated(portal: Run, database_url: str) -> None:
    for _ in range(2):
        assert portal("db", "upgrade", url=database_url).returncode == 0
    assert portal("db", "check", url=database_url).returncode == 0


def test_downgrading_takes_it_back(portal: Run, migrated_url: str) -> None:
    assert portal("db", "check", url=migrated_url).returncode == 0
    assert portal("db", "downgrade", "base", url=migrated_url).returncode == 0
    assert portal("db", "check", url=migrated_url).returncode == 1


def test_a_revision_that_does_not_exist_is_a_plain_sentence(portal: Run, migrated_url: str) -> None:
    assert plain_refusal(portal("db", "downgrade", "9999", url=migrated_url)) == (
        "Error: There is no way back to a revision 9999."
    )


def test_a_database_that_cannot_be_reached_is_a_plain_sentence(portal: Run) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert plain_refusal(portal("db", "check", url=nowhere)).startswith("Error: The database can't be used")


def test_settings_that_are_wrong_are_a_plain_sentence(portal: Run) -> None:
    assert plain_refusal(portal("db", "check", url="mysql://somewhere")) == (
        "Error: database_url must begin with sqlite:/// or postgresql+psycopg://."
    )
