"""What ``portal doctor`` looks at, one function for each part of an installation."""

import ctypes
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, func, select, text

from portal.access.audit import AuditEntry
from portal.access.keys import PracticeKey
from portal.access.scope import Records
from portal.access.vault import CannotOpen, KeyFileError, MasterKeys, read_key_file, unwrap
from portal.access.viewer import House
from portal.cli.doctor import Check, Finding
from portal.config import Config
from portal.kit.clock import SystemClock
from portal.kit.db import APPLICATION_ROLE, OLDEST_SAFE_SQLITE, check_settings, open_engine
from portal.kit.jobs import Jobs
from portal.kit.mail import SMTP_PORT, SMTPS_PORT
from portal.kit.migrations import at_head
from portal.people.models import LoginName
from portal.people.practice_queries import practice_ids
from portal.tables import METADATA

SETUP = "Run tools/setup.sh run, which installs what is missing."
STATIC = Path(__file__).resolve().parents[1] / "static"
SYSTEM_FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
TYPESETTING = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
REACH_SECONDS = 5
CLOCK_SLACK = timedelta(minutes=1)
UNFENCED = {LoginName.__tablename__}
"""Read before anybody is known; it holds no name and no address."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def libraries(_config: Config) -> Iterator[Finding]:
    """Look at SQLite and at what PDFs are set with."""
    safe = sqlite.sqlite_version_info >= OLDEST_SAFE_SQLITE
    wanted = ".".join(map(str, OLDEST_SAFE_SQLITE))
    yield Finding("SQLite", safe, sqlite.sqlite_version, f"{wanted} or newer is needed. {SETUP}")
    for name in TYPESETTING:
        found = _loads(name)
        yield Finding("PDF library", found, f"{name} {'is there' if found else 'is missing'}", SETUP)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def fonts(_config: Config) -> Iterator[Finding]:
    """Look at the portal's own fonts, and at one of the system's for the letters that ours lack."""
    own = sorted(STATIC.glob("vendor/*/*.woff2"))
    restore = "Put the folder portal/static/vendor back as it was published."
    yield Finding("Own fonts", bool(own), f"{len(own)} files", restore)
    system = any(path for folder in SYSTEM_FONTS for path in folder.rglob("*.[ot]tf"))
    yield Finding("System fonts", system, "found" if system else "none", SETUP)


def database(config: Config) -> Iterator[Finding]:
    """Look at whether the database is there, safe and at the newest schema."""
    file = Path(config.database_url.removeprefix("sqlite:///"))
    if config.database_url.startswith("sqlite:") and not file.exists():
        yield Finding("Database", good=False, words=f"{file} doesn't exist", remedy="Run: portal db upgrade")
        return
    engine = open_engine(config.database_url)
    try:
        yield from _database(engine)
    finally:
        engine.dispose()


def _database(engine: Engine) -> Iterator[Finding]:
    name = "PostgreSQL" if engine.dialect.name == "postgresql" else "SQLite file"
    try:
        with closing(engine.connect()):
            pass
    except Exception as error:  # noqa: BLE001 - drivers raise errors of their own for an address that leads nowhere
        words = f"the {name} can't be opened: {type(error).__name__}"
        yield Finding(
            "Database", good=False, words=words, remedy="Check database_url, and that the server runs."
        )
        return
    yield Finding("Database", good=True, words=f"{name} is reachable")
    unsafe = check_settings(engine)
    words = " ".join(unsafe) or "as they must be"
    yield Finding(
        "Database settings", not unsafe, words, "Set the named settings as they must be, and restart."
    )
    newest = at_head(engine)
    yield Finding("Schema", newest, "newest" if newest else "not the newest", "Run: portal db upgrade")
    if newest and engine.dialect.name == "postgresql":
        yield from _row_security(engine)


def _row_security(engine: Engine) -> Iterator[Finding]:
    """Look at the role that steps down, and at the fence around every table of a practice."""
    with engine.connect() as connection:
        role = connection.execute(
            text(
                "SELECT NOT (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER') "
                "FROM pg_roles WHERE rolname = :role"
            ),
            {"role": APPLICATION_ROLE},
        ).scalar()
        fenced = set(
            connection.execute(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            ).scalars()
        )
    remedy = f"Grant {APPLICATION_ROLE} to the portal's database user, without SUPERUSER or BYPASSRLS."
    yield Finding(
        "Database role", bool(role), f"{APPLICATION_ROLE} {'is usable' if role else 'is not usable'}", remedy
    )
    owned = {
        table.name for table in METADATA.tables.values() if "practice_id" in table.primary_key.columns
    } - UNFENCED
    bare = sorted(owned - fenced)
    words = f"{len(owned)} tables" if not bare else f"missing on {', '.join(bare)}"
    yield Finding(
        "Row security", not bare, words, "Restore the schema: portal db downgrade, then portal db upgrade."
    )


def keys(config: Config) -> Iterator[Finding]:
    """Look at the secrets file, and at whether it opens what every practice has sealed."""
    try:
        masters = read_key_file(config.secrets_file)
    except KeyFileError as error:
        remedy = "Put your copy back; only for a portal that nobody has written in may practice create make a new one."
        yield Finding("Secrets file", good=False, words=str(error), remedy=remedy)
        return
    mode = stat.S_IMODE(config.secrets_file.stat().st_mode)
    closed = not mode & OTHERS
    yield Finding("Secrets file", closed, f"mode {mode:04o}", f"Run: chmod 600 {config.secrets_file}")
    records = _records(config, masters)
    if records is None:
        return
    shut = [each for each in practice_ids(records) if not _opens(records, masters, each)]
    words = "every practice's key opens" if not shut else f"of {len(shut)} practices they don't open"
    remedy = "This secrets file belongs to another database: put back the one that goes with it."
    yield Finding("Keys", not shut, words, remedy)
    records.engine.dispose()


def _opens(records: Records, masters: MasterKeys, practice_id: str) -> bool:
    with records.within(House(practice_id), read_only=True) as scope:
        rows = scope.all(scope.select(PracticeKey))
    try:
        for row in rows:
            unwrap(masters, row.wrapped, bound_to=f"practice/{practice_id}/{row.id}")
    except CannotOpen:
        return False
    return True


def _records(config: Config, masters: MasterKeys) -> Records | None:
    """Return the records of a database at the newest schema; None for any other, which has its own red line."""
    if (
        config.database_url.startswith("sqlite:")
        and not Path(config.database_url.removeprefix("sqlite:///")).exists()
    ):
        return None
    engine = open_engine(config.database_url)
    if not at_head(engine):
        engine.dispose()
        return None
    return Records.open(engine, masters, SystemClock())


def mail(config: Config) -> Iterator[Finding]:
    """Look at where mails go: the server of the settings, or the outbox folder."""
    if not config.smtp_url:
        writable = _writable(config.outbox)
        words = f"files in {config.outbox}" if writable else f"{config.outbox} can't be written to"
        yield Finding("Mail", writable, words, "Let the portal's user write there, or set smtp_url.")
        return
    parts = urlsplit(config.smtp_url)
    port = parts.port or (SMTPS_PORT if parts.scheme == "smtps" else SMTP_PORT)
    try:
        socket.create_connection((parts.hostname or "localhost", port), timeout=REACH_SECONDS).close()
    except OSError as error:
        words = f"{parts.hostname}, port {port}, doesn't answer: {error.strerror or type(error).__name__}"
        yield Finding(
            "Mail",
            good=False,
            words=words,
            remedy="Check smtp_url, and that the server lets this machine in.",
        )
        return
    yield Finding("Mail", good=True, words=f"{parts.hostname}, port {port}, answers")


def _writable(folder: Path) -> bool:
    """Say whether files can be made in a folder, or in the nearest one above it that exists."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with NamedTemporaryFile(dir=there):
            return True
    except OSError:
        return False


def queue(config: Config) -> Iterator[Finding]:
    """Look at whether jobs can be asked for."""
    if not _writable(config.instance):
        words = f"{config.instance} can't be written to"
        yield Finding(
            "Queue", good=False, words=words, remedy="Let the portal's user write to the instance folder."
        )
        return
    if config.database_url.startswith("sqlite:") and not config.instance.exists():
        yield Finding("Queue", good=True, words="made at the first start")
        return
    jobs = Jobs(config.database_url, folder=config.instance)
    try:
        yield Finding("Queue", good=True, words=f"reachable, {jobs.waiting()} waiting")
    finally:
        jobs.close()


def clock(config: Config) -> Iterator[Finding]:
    """Look at whether this machine's clock has fallen behind what was already written down."""
    now = SystemClock().now()
    newest = None
    # A key of its own will do: the moments of the audit trail aren't sealed.
    records = _records(config, MasterKeys(b"", b"", "none", {}))
    if records is not None:
        for practice_id in practice_ids(records):
            with records.within(House(practice_id), read_only=True) as scope:
                found = scope.session.scalar(select(func.max(AuditEntry.at)))
            newest = max(filter(None, (found, newest)), default=None)
        records.engine.dispose()
    sane = newest is None or newest <= now + CLOCK_SLACK
    words = (
        f"{now:%Y-%m-%d %H:%M} UTC"
        if sane
        else f"{now:%Y-%m-%d %H:%M} UTC is before the newest entry, {newest:%Y-%m-%d %H:%M}"
    )
    yield Finding(
        "Clock", sane, words, "Set the clock by a time server, such as with timedatectl set-ntp true."
    )


CHECKS: tuple[Check, ...] = (libraries, fonts, database, keys, mail, queue, clock)
