"""Turns a page into the HTML the application would hand to the PDF pool."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import portal
from portal.reports.base import printable
from portal.reports.progress_page import ProgressPage

HOUSE = Path(portal.__file__).parent
STATIC = HOUSE / "static"
TEMPLATES = HOUSE.parent / "templates"


def environment() -> Environment:
    """Return templates as the application sets them up, in the language of the source."""
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return jinja


def html_of(page: ProgressPage) -> str:
    """Return the HTML of a progress report."""
    return environment().get_template("reports/progress.html").render(page=printable(page))
