"""Collects every sentence that people see, for translators, and brings the catalogues of the languages up to date.

Run it with ``make translations``. Without more it writes ``portal/translations/messages.pot``, which is made anew each
time and never committed, and merges it into every catalogue there is; ``make translations LANGUAGE=es`` begins one.
Where sentences are found stands in ``pyproject.toml`` below ``tool.babel``. Texts of exercises are none of them: they
are translated file by file (``docs/adding-things.md``).
"""

import argparse
from contextlib import chdir
from pathlib import Path

from babel.messages.frontend import CommandLineInterface

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "portal" / "translations"
TEMPLATE = "messages.pot"
# What marks a sentence besides Babel's usual names: forms ask later in whose language, and ``_n`` counts.
KEYWORDS = ("lazy_gettext", "_n:1,2")


def collect(target: Path) -> None:
    """Write all sentences of the portal to a template for translators."""
    target.parent.mkdir(parents=True, exist_ok=True)
    marks = (f"--keyword={each}" for each in KEYWORDS)
    _babel(
        "extract",
        *marks,
        f"--mapping-file={ROOT / 'pyproject.toml'}",
        f"--output-file={target}",
        "--project=portal",
        "--add-location=file",
        "--sort-output",
        ".",
    )


def merge(template: Path, catalogues: Path) -> None:
    """Bring every catalogue up to date with the sentences there are now, and compile it for use."""
    if not any(catalogues.glob("*/LC_MESSAGES/messages.po")):
        return
    _babel("update", f"--input-file={template}", f"--output-dir={catalogues}", "--no-fuzzy-matching")
    _babel("compile", f"--directory={catalogues}", "--statistics")


def begin(language: str, template: Path, catalogues: Path) -> None:
    """Begin the catalogue of a language, by its code."""
    if not (catalogues / language).exists():
        _babel("init", f"--locale={language}", f"--input-file={template}", f"--output-dir={catalogues}")


def _babel(*arguments: str) -> None:
    # From the root of the checkout, so that no path of this machine gets into the files.
    with chdir(ROOT):
        status = CommandLineInterface().run(["pybabel", "--quiet", *arguments])  # type: ignore[no-untyped-call]  # no types
    if status:
        raise SystemExit(f"pybabel {arguments[0]} failed")


def main() -> None:
    """Read the arguments and do it."""
    parser = argparse.ArgumentParser(description="Collect the sentences that people see, for translators.")
    parser.add_argument("--begin", metavar="LANGUAGE", help="begin the catalogue of a language, such as es")
    parser.add_argument("--catalogues", type=Path, default=CATALOGUES, help="another folder to work in")
    chosen = parser.parse_args()
    catalogues: Path = chosen.catalogues.resolve()
    template = catalogues / TEMPLATE
    collect(template)
    if chosen.begin:
        begin(chosen.begin, template, catalogues)
    merge(template, catalogues)
    print(f"Sentences for translators: {template}")


if __name__ == "__main__":
    main()
