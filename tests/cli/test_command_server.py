"""Commands say the same in an interpreter of their own as in the process that runs them for these tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_server import CommandServer
from tests.cli.conftest import Loaded, run_afresh, run_portal, variables
from tests.servers import PORTAL

AS_A_MODULE = (sys.executable, "-m", "portal.cli")
LABELLED = Path(__file__).parents[1] / "exercises" / "coach" / "labelled" / "tune.jsonl"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ((PORTAL,), "--version"),
        (AS_A_MODULE, "nonsense"),
        ((PORTAL,), "account invite --name Ines --email ines@post.example --role therapist --practice x"),
        (AS_A_MODULE, f"coach --score {LABELLED}"),
        (AS_A_MODULE, "db check"),
        ((PORTAL,), "demo code not-a-secret"),
        (AS_A_MODULE, "doctor"),
        ((PORTAL,), "library show daily-five --json"),
        ((PORTAL,), "practice list"),
        (AS_A_MODULE, "report worksheet --couple nobody --audience joint --out never.pdf"),
        ((PORTAL,), "routes"),
    ],
)
def test_a_command_answers_as_in_an_interpreter_of_its_own(
    program: tuple[str, ...], arguments: str, loaded: Loaded
) -> None:
    alone = run_afresh(program, loaded.instance, *arguments.split(), url=loaded.url)
    here = loaded.run(*arguments.split())
    assert (here.returncode, here.stdout, here.stderr) == (alone.returncode, alone.stdout, alone.stderr)
    assert here.stdout + here.stderr


def test_a_command_that_takes_too_long_is_ended_and_the_next_one_runs(
    commands: CommandServer, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        commands.run(["routes"], environment=variables(tmp_path), seconds=0)
    assert run_portal(commands, tmp_path, "--version").returncode == 0


def test_a_command_starts_with_its_own_settings_whatever_ran_before(
    commands: CommandServer, tmp_path: Path
) -> None:
    for url, said in (("mysql://somewhere", "must begin with"), ("", "newest schema")):
        assert said in run_portal(commands, tmp_path, "db", "check", url=url).stderr
