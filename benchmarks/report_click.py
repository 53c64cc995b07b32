"""From the click to the PDF: the sample couple's progress report on a warm portal, and the same one again."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import Any

from portal.app import create_app
from portal.cli.bench import Bar, at_most
from portal.cli.report import couple_and_therapist
from portal.reports.base import Copy
from portal.reports.printing import progress_page
from portal.reports.views import PRESS

ROUNDS = 5


def measure() -> Iterator[Bar]:
    """Time gathering, setting and printing; then the same report when nothing has changed."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PORTAL_INSTANCE"] = folder
        portal = [sys.executable, "-m", "portal.cli"]
        subprocess.run([*portal, "demo", "load"], check=True, stdout=subprocess.DEVNULL)
        yield from _clicks()


def _clicks() -> Iterator[Bar]:
    app = create_app()
    portal = app.extensions["portal"]
    press = portal.parts[PRESS]
    press.warm()
    therapist, couple_id = couple_and_therapist(portal, "harbour-1")

    def click(comment: str) -> tuple[float, float]:
        """Return the seconds of the whole and of printing alone."""
        started = time.perf_counter()
        with portal.records.within(therapist, read_only=True) as scope:
            page: Any = progress_page(scope, couple_id, Copy.JOINT)
        page = replace(page, comment=(comment,))
        gathered = time.perf_counter()
        press.progress(page)
        return time.perf_counter() - started, time.perf_counter() - gathered

    try:
        with app.test_request_context():
            click("first")
            fresh = [click(f"round {number}") for number in range(ROUNDS)]
            again = [click("round 0") for _ in range(ROUNDS)]
    finally:
        press.close()
    whole, printing = (median(times) for times in zip(*fresh, strict=True))
    same = median(printed for _whole, printed in again)
    yield at_most("report-click", whole, 1.0, f"seconds from click to PDF; printing alone {printing:.2f} s")
    yield at_most(
        "report-again", same / printing, 0.25, f"unchanged {same * 1000:.0f} ms of {printing * 1000:.0f} ms"
    )
