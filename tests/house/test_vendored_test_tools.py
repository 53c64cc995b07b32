"""What the tests vendor is byte for byte what was published."""

import hashlib
import tomllib
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "vendor"


def test_every_vendored_file_of_the_tests_has_its_recorded_checksum() -> None:
    packages = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["package"]
    recorded = {path: digest for package in packages for path, digest in package["sha256"].items()}
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.toml"
    }
    assert found == recorded
