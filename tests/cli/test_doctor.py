"""Looking an installation over."""

import json
from typing import Any

from portal.access.vault import create_key_file
from tests.cli.conftest import Loaded, Run


def findings(done: Any) -> dict[str, Any]:
    assert "Traceback" not in done.stderr
    return {each["about"]: each for each in json.loads(done.stdout)["findings"]}


def test_a_sample_world_is_healthy(loaded: Loaded) -> None:
    done = loaded.run("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RED" not in done.stdout
    assert "every practice's key opens" in done.stdout


def test_an_empty_installation_has_red_lines_with_remedies(portal: Run, database_url: str) -> None:
    done = portal("doctor", "--json", url=database_url)
    assert done.returncode == 1
    found = findings(done)
    red = {about for about, each in found.items() if not each["good"]}
    assert red == {"Secrets file", "Schema" if "Schema" in found else "Database"}
    assert all(found[about]["remedy"] for about in red)


def test_a_secrets_file_that_others_can_read_is_red(loaded: Loaded, portal: Run, tmp_path: Any) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_bytes((loaded.instance / "secrets.toml").read_bytes())
    secrets.chmod(0o644)
    done = portal("doctor", url=loaded.url, secrets_file=str(secrets))
    assert done.returncode == 1
    assert f"chmod 600 {secrets}" in done.stdout


def test_keys_of_another_database_are_red(loaded: Loaded, portal: Run, tmp_path: Any) -> None:
    secrets = tmp_path / "secrets.toml"
    create_key_file(secrets)
    found = findings(portal("doctor", "--json", url=loaded.url, secrets_file=str(secrets)))
    assert not found["Keys"]["good"]
    assert found["Secrets file"]["good"]


def test_a_mail_server_that_does_not_answer_is_red(loaded: Loaded) -> None:
    found = findings(loaded.run("doctor", "--json", smtp_url="smtp://127.0.0.1:1"))
    assert not found["Mail"]["good"]
    assert "127.0.0.1, port 1" in found["Mail"]["words"]


def test_a_database_that_does_not_answer_is_red_and_the_rest_is_still_looked_at(portal: Run) -> None:
    found = findings(portal("doctor", "--json", url="postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    assert not found["Database"]["good"]
    assert found["SQLite"]["good"]
    assert "Clock" in found or "clock" in found
