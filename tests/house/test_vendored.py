"""Vendored files are the ones that were vetted: every byte is on record, and nothing else lies among them."""

import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "portal" / "static" / "vendor"
PACKAGES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["package"]
RECORDED = {path: digest for package in PACKAGES for path, digest in package["sha256"].items()}


def test_every_recorded_file_has_the_recorded_hash() -> None:
    found = {path: hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() for path in RECORDED}
    assert found == RECORDED


def test_nothing_lies_there_unrecorded() -> None:
    files = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert files - {"VENDOR.toml"} == set(RECORDED)


def test_every_package_names_its_source_version_and_licence_and_carries_its_text() -> None:
    for package in PACKAGES:
        assert package["source"] == f"npm:{package['name']}@{package['version']}"
        assert package["licence"] in {"0BSD", "MIT", "ISC", "OFL-1.1"}
        assert (VENDOR / package["folder"] / "LICENSE").stat().st_size > 300


def test_no_vendored_script_asks_another_address_for_its_source_map() -> None:
    scripts = [path for path in VENDOR.rglob("*") if path.suffix in {".js", ".mjs"}]
    assert scripts
    assert not [path.name for path in scripts if b"sourceMappingURL" in path.read_bytes()]


def test_every_icon_is_used_somewhere() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("portal", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".html", ".js"} and VENDOR not in path.parents
    ]
    named = set(re.findall(r"""["']([a-z0-9-]+)["']""", "\n".join(sources)))
    icons = {path.stem for path in VENDOR.glob("lucide-static-*/*.svg")}
    assert icons - named == set(), "take it out of ICONS in tools/vendor.py, and out of the folder"
