"""Fetches the few third-party browser files the portal serves itself, and records their hashes.

Run it by hand when a version changes: ``python tools/vendor.py``. The files are committed, so neither
the set-up nor the tests ever download them; ``tests/house/test_vendored.py`` hashes them again.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "portal" / "static"
VENDOR = STATIC / "vendor"

# The govuk-frontend package names its licence but does not carry the text, which must travel with copies.
GOVUK_LICENCE = """\
The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

ICONS = """
archive arrow-down arrow-right arrow-up blend book-open book-open-check calendar calendar-clock calendar-days
calendar-plus check chevron-down chevron-left chevron-right circle circle-alert circle-plus clock contrast
copy download ear ellipsis eye eye-off feather file-lock file-text files filter fingerprint flag footprints
globe hand heart-pulse history hourglass inbox info key key-round languages layers leaf life-buoy list
list-checks list-ordered lock lock-open log-out mail menu message-circle message-square-quote
message-square-text messages-square monitor move-horizontal notebook-pen notebook-text pause pencil phone play
plus presentation printer puzzle qr-code repeat save scale scroll-text search send settings-2 shield
shield-alert signature smartphone tag target timer triangle-alert user-plus user-round users users-round video
waypoints x
""".split()


@dataclass(frozen=True)
class Package:
    """One npm package: what to fetch and which of its files to keep.

    ``files`` maps the path inside the package to the path in the vendored folder. ``tidy`` says that
    source-map remarks are cut off, because the maps themselves are not served. ``kind`` tells two packages
    of the same name apart.
    """

    name: str
    version: str
    licence: str
    files: dict[str, str]
    licence_text: str | None = None
    tidy: bool = False
    kind: str = ""

    @property
    def folder(self) -> str:
        """Folder name below ``static/vendor``, for example ``htmx.org-4.0.1``."""
        return f"{self.name.rpartition('/')[2]}-{self.kind}{self.version}"


def _flat(prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {prefix + name: name for name in names}


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        {"dist/htmx.min.js": "htmx.min.js", "dist/ext/hx-csp.min.js": "hx-csp.min.js"},
        tidy=True,
    ),
    Package(
        "govuk-frontend",
        "6.6.0",
        "MIT",
        {
            f"dist/govuk/components/{module}/{module}.bundle.mjs": f"{module}.mjs"
            for module in ("exit-this-page", "character-count", "password-input")
        },
        licence_text=GOVUK_LICENCE,
        tidy=True,
    ),
    Package("lucide-static", "1.62.0", "ISC", _flat("icons/", (f"{icon}.svg" for icon in ICONS))),
    Package(
        "@fontsource-variable/atkinson-hyperlegible-next",
        "5.3.0",
        "OFL-1.1",
        _flat(
            "files/",
            (
                "atkinson-hyperlegible-next-latin-wght-normal.woff2",
                "atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
            ),
        ),
    ),
    Package(
        "@fontsource-variable/source-serif-4",
        "5.3.1",
        "OFL-1.1",
        _flat(
            "files/",
            (
                "source-serif-4-latin-wght-normal.woff2",
                "source-serif-4-latin-wght-italic.woff2",
                "source-serif-4-latin-ext-wght-normal.woff2",
            ),
        ),
    ),
    Package(
        "@fontsource-variable/vazirmatn",
        "5.3.0",
        "OFL-1.1",
        _flat("files/", ("vazirmatn-arabic-wght-normal.woff2",)),
    ),
    Package(
        "@fontsource-variable/noto-naskh-arabic",
        "5.3.0",
        "OFL-1.1",
        _flat("files/", ("noto-naskh-arabic-arabic-wght-normal.woff2",)),
    ),
    # Paper uses fixed weights: the typesetter of PDFs would otherwise cut each weight out of the variable
    # font again for every document, which takes a third of its time.
    Package(
        "@fontsource/atkinson-hyperlegible-next",
        "5.3.0",
        "OFL-1.1",
        _flat(
            "files/",
            (
                f"atkinson-hyperlegible-next-{script}-{weight}-normal.woff2"
                for script in ("latin", "latin-ext")
                for weight in (400, 600)
            ),
        ),
        kind="fixed-",
    ),
    Package(
        "@fontsource/source-serif-4",
        "5.3.1",
        "OFL-1.1",
        _flat(
            "files/",
            (
                f"source-serif-4-{script}-{weight}-normal.woff2"
                for script, weights in (
                    ("latin", (400, 500, 600)),
                    ("latin-ext", (400, 500, 600)),
                    ("greek", (400, 600)),
                    ("cyrillic", (400, 600)),
                )
                for weight in weights
            ),
        ),
        kind="fixed-",
    ),
)


def unpack(package: Package, into: Path) -> Path:
    """Download one package with ``npm pack`` and return the folder of its unpacked files."""
    packed = subprocess.run(
        ["npm", "pack", "--json", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = into / json.loads(packed.stdout)[0]["filename"].replace("@", "").replace("/", "-")
    with tarfile.open(archive) as tar:
        tar.extractall(into / package.folder, filter="data")
    return into / package.folder / "package"


def copy(package: Package, source: Path) -> dict[str, str]:
    """Copy the wanted files into ``static/vendor`` and return their SHA-256 sums by path."""
    target = VENDOR / package.folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for inside, name in package.files.items():
        content = (source / inside).read_bytes()
        if package.tidy:
            content = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)
        (target / name).write_bytes(content)
    licence = package.licence_text or (source / "LICENSE").read_text(encoding="utf-8")
    (target / "LICENSE").write_text(licence, encoding="utf-8")
    return {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(target.iterdir())
    }


def describe(package: Package, sums: dict[str, str]) -> str:
    """One ``[[package]]`` table of VENDOR.toml."""
    lines = [
        "[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'source = "npm:{package.name}@{package.version}"',
        f'licence = "{package.licence}"',
        f'folder = "{package.folder}"',
        "",
        "[package.sha256]",
        *(f'"{path}" = "{digest}"' for path, digest in sums.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Replace everything below ``static/vendor`` with fresh copies of the pinned versions."""
    with tempfile.TemporaryDirectory() as folder:
        tables = [describe(package, copy(package, unpack(package, Path(folder)))) for package in PACKAGES]
    wanted = {package.folder for package in PACKAGES}
    for stale in (path for path in VENDOR.iterdir() if path.is_dir() and path.name not in wanted):
        shutil.rmtree(stale)
    heading = "# Third-party files served by the portal. Written by tools/vendor.py; do not edit by hand.\n\n"
    (VENDOR / "VENDOR.toml").write_text(heading + "\n".join(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
