"""How long the web process takes to start: it must never import the typesetter, nor what few requests need.

What the libraries alone take is told as well: it is the floor below which no change of ours can bring the start.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from portal.access.vault import create_key_file
from portal.cli.bench import Bar, at_most

ROUNDS = 5
APP = "from portal.app import create_app; create_app()"
LIBRARIES = "import flask, flask_babel, flask_login, flask_wtf, sqlalchemy.orm, wtforms"
TYPESETTER = "import weasyprint"


def measure() -> Iterator[Bar]:
    """Compare starting the app with importing WeasyPrint, turn by turn, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        create_key_file(Path(folder) / "secrets.toml")
        environment = {"PORTAL_INSTANCE": folder, "PATH": "/usr/bin:/bin"}
        rounds = [
            [_seconds(code, environment) for code in (APP, LIBRARIES, TYPESETTER)] for _ in range(ROUNDS)
        ]
    app, libraries, typesetter = (median(times) for times in zip(*rounds, strict=True))
    figures = (
        f"app {app * 1000:.0f} ms, of it libraries {libraries * 1000:.0f} ms; "
        f"import weasyprint {typesetter * 1000:.0f} ms"
    )
    yield at_most("start", app / typesetter, 0.6, figures)


def _seconds(code: str, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return time.perf_counter() - started
