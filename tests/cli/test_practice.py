"""The first practice and its people, from the command line."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, plain_refusal

FIRST = (
    *("practice", "create", "--name", "Quay Practice", "--time-zone", "Europe/Dublin", "--country", "ie"),
    *("--locale", "en", "--admin-name", "Ada Bell", "--admin-email", "ada@post.example"),
)


def test_the_first_practice_makes_the_keys_and_prints_a_link(
    portal: Run, database_url: str, tmp_path: Path
) -> None:
    assert portal("db", "upgrade", url=database_url).returncode == 0
    done = portal(*FIRST, url=database_url)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^http://127\.0\.0\.1:8000/join/[a-z2-7]{26}\.[\w-]{43}$", done.stdout, re.MULTILINE)
    keys = tmp_path / "instance/secrets.toml"
    assert keys.stat().st_mode & 0o077 == 0
    assert "Quay Practice" in portal("practice", "list", url=database_url).stdout


def test_keys_are_never_made_for_a_database_that_was_sealed_with_others(
    portal: Run, database_url: str, tmp_path: Path
) -> None:
    portal("db", "upgrade", url=database_url)
    portal(*FIRST, url=database_url)
    (tmp_path / "instance/secrets.toml").unlink()
    refusal = plain_refusal(portal(*FIRST, url=database_url))
    assert "Put back your copy" in refusal
    assert not (tmp_path / "instance/secrets.toml").exists()


def test_an_old_schema_is_a_plain_sentence(portal: Run, database_url: str) -> None:
    assert "portal db upgrade" in plain_refusal(portal(*FIRST, url=database_url))


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--time-zone", "Mars/Base", "is not a time zone"),
        ("--country", "Ireland", "two letters"),
        ("--admin-email", "nobody", "is not an e-mail address"),
        ("--name", " ", "need names"),
    ],
)
def test_what_makes_no_sense_is_a_plain_sentence(portal: Run, option: str, value: str, words: str) -> None:
    arguments = list(FIRST)
    arguments[arguments.index(option) + 1] = value
    assert words in plain_refusal(portal(*arguments))


def test_staff_are_invited_into_the_one_practice(portal: Run, database_url: str) -> None:
    portal("db", "upgrade", url=database_url)
    portal(*FIRST, url=database_url)
    invite = (
        "account",
        "invite",
        "--name",
        "Ines Marlowe",
        "--email",
        "ines@post.example",
        "--role",
        "therapist",
    )
    done = portal(*invite, "--role", "admin", url=database_url)
    assert "/join/" in done.stdout
    assert "already leads to an account" in plain_refusal(portal(*invite, url=database_url))
    assert "no practice with this id" in plain_refusal(portal(*invite, "--practice", "x", url=database_url))
    portal(*FIRST, url=database_url)
    assert "Name the practice" in plain_refusal(portal(*invite, url=database_url))
    assert portal("account", "invite", "--role", "partner", url=database_url).returncode == 2
