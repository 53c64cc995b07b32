"""Starting: a process loads what every request needs, and what few need only when it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

from portal.access.vault import create_key_file

LATER = (
    "weasyprint",
    "pebble",
    "huey",
    "icalendar",
    "psycopg",
    "segno",
    "email_validator",
    "alembic",
    "granian",
)
STARTED = f"""
import sys
from portal.app import create_app
create_app()
print(*sorted(set(sys.modules) & set({LATER})))
"""


def test_a_process_starts_without_what_only_few_requests_need(tmp_path: Path) -> None:
    create_key_file(tmp_path / "secrets.toml")
    environment = {**os.environ, "PORTAL_INSTANCE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", STARTED], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
