"""The list of every address, from the command line."""

import json
from pathlib import Path

from portal.access.policy import Permission
from portal.web.room import For
from tests.cli.conftest import Run


def test_every_address_is_listed_with_permission_and_audience(portal: Run, tmp_path: Path) -> None:
    done = portal("routes", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found
    for each in found:
        assert each.keys() == {"rule", "methods", "endpoint", "permission", "audience"}
        assert Permission(each["permission"])
        assert For(each["audience"])
        assert each["methods"]
    # Neither keys nor a database are needed for it, and none are made.
    assert not (tmp_path / "instance").exists()


def test_static_files_are_for_anybody(portal: Run) -> None:
    found = json.loads(portal("routes", "--json").stdout)
    static = next(each for each in found if each["endpoint"] == "static")
    assert (static["permission"], static["audience"], static["methods"]) == ("be-anyone", "anyone", ["GET"])


def test_people_can_read_the_list_too(portal: Run) -> None:
    assert "/sign-in" in portal("routes").stdout
