"""No room goes around the rules: what the source must not hold, and the few named places that may."""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.house import side_doors
from tests.house.side_doors import Module, calls_of, findings

SELECTS = {
    "exercises/parts/talk/queries.py": "how far a talk is, worded once with the rule for any partner",
    "people/account_queries.py": "a person's own hash, and the names near it, by the account that asks",
    "people/couple_commands.py": "whether a couple was added already: one id, without its row",
    "people/invitation_commands.py": "whether an address is taken, in the table that is read before anybody is known",
    "people/invitation_queries.py": "names around an account that is being set up, by nobody who is signed in yet",
    "people/kept.py": "forms kept for the account that asks",
    "people/login.py": "who an address belongs to, before anybody is known",
    "people/login_sessions.py": "who a cookie stands for, before anybody is known",
    "exercises/journey_jobs.py": "which couples are on a pathway, by id, before the worker looks at each of them",
    "people/practice_queries.py": "the practice itself, which every member belongs to",
    "people/throttle.py": "counters of failed sign-ins, which belong to no practice",
}
UNFENCED = {
    "people/login.py": "an address is looked up before its practice is known; attempts belong to none",
    "people/practice_queries.py": "jobs look after each practice in turn and need to know which there are",
    "sample/loading.py": "the sample world makes its practices",
}
AS_HOUSE = {
    "exercises/parts/agreements/commands.py": "whoever acts moves a text that is on both partners' lists",
    "exercises/parts/agreements/queries.py": "what stands in a shared text follows from both partners' rows",
    "exercises/safety.py": "a flag is raised by an answer, and partners can't read flags",
    "exercises/commands.py": "what opens once both have answered, and whose turn it is, need both partners' rows",
    "exercises/matching.py": "what both are open to follows from both lists, and neither may reach the other's",
    "exercises/queries.py": "both see on which days either did a habit, and neither may read the other's log",
    "exercises/parts/decks/queries.py": "how deep cards may go follows from what both wished for, and neither may read the other's wish",
    "exercises/parts/ladders/commands.py": "what both are ready for follows from both lists, as in an overlap",
}
TURNED = {
    "web/current.py": "a request goes on in the transaction in which its person was recognised",
}
HOUSE = {
    "exercises/journey_jobs.py": "what opens with time is opened by a worker, for each couple on its way",
    "cli/account.py": "whoever runs the command holds the machine",
    "cli/checkup.py": "counts and dates, no content",
    "cli/practice.py": "whoever runs the command holds the machine",
    "cli/report.py": "a report for whoever holds the machine",
    "people/invitation_views.py": "somebody with a link from a mail, who isn't signed in yet",
    "people/kept.py": "a form is kept while nobody is signed in, for the writer whose mark it carries",
    "people/login.py": "an account is looked up before anybody is known",
    "people/login_sessions.py": "a cookie's session is looked up before anybody is known",
    "people/post_jobs.py": "mails are sent by a worker",
    "sample/world.py": "the sample world is written by nobody in it",
}
MARKUP = {
    "kit/svg.py": "shapes drawn here, escaped one line above",
    "people/account_views.py": "a QR code drawn here",
    "web/assets.py": "icons from committed files",
}
LATE = {
    "kit/calendar_file.py": "few processes ever write a calendar file",
    "kit/charts.py": "drawing is checked by a library that only this check needs",
    "kit/jobs.py": "the queue is loaded when the first job is asked for, not at every start",
    "people/addresses.py": "the checker of addresses is loaded when the first one is typed",
    "people/totp.py": "codes are drawn when the first one is asked for",
    "kit/pdf.py": "the pool of processes is loaded when the first document is printed",
}
WITHOUT_PERMISSION = {
    "exercises/commands.py can_take_back": "asks and writes nothing, about a task that was fetched for the viewer",
    "exercises/commands.py check": "asks and writes nothing, about a task that was fetched for the viewer",
    "exercises/commands.py my_shareable": "asks and writes nothing; share requires the permission before it asks",
    "people/account_commands.py end_sessions": "for commands that have checked",
    "people/invitation_commands.py end_links": "for commands that have checked",
    "people/invitation_commands.py is_taken": "asks and writes nothing, for commands that have checked",
    "people/invitation_commands.py open_account": "for commands that have checked",
    "people/invitation_commands.py send_link": "for commands that have checked",
    "people/second_factor.py clear": "for commands that have checked",
    "reports/words.py words_for": "asks and writes nothing",
}
RAW = {
    "people/throttle.py": "PostgreSQL's lock on one counter has no name in SQLAlchemy",
}
Check = Callable[[Module], side_doors.Found]


@pytest.mark.parametrize(
    ("check", "named"),
    [
        (side_doors.rows_by_id, {}),
        (side_doors.bare_tables, RAW),
        (side_doors.own_sessions, {}),
        (side_doors.bare_selects, SELECTS),
        (calls_of("unfenced"), UNFENCED),
        (calls_of("as_house"), AS_HOUSE),
        (calls_of("turned_to"), TURNED),
        (calls_of("House"), HOUSE),
        (side_doors.other_clocks, {"kit/clock.py": "the one clock"}),
        (side_doors.markup, MARKUP),
        (side_doors.imports_within_functions, LATE),
        (side_doors.without_docstring, {}),
    ],
    ids=[
        "rows by id", "statements without a mapped class", "sessions of a room's own", "queries of a room's own",
        "unfenced", "as the house", "turned to somebody", "the house itself", "clocks", "safe markup", "late imports",
        "docstrings",
    ],
)  # fmt: skip
def test_only_the_named_places_go_around(check: Check, named: Mapping[str, str]) -> None:
    found = findings(check)
    assert {file: lines for file, lines in found.items() if file not in named} == {}
    assert sorted(file for file in named if file not in found) in ([], ["sample/loading.py"]), (
        "no longer needed"
    )


def test_every_command_begins_by_requiring_a_permission() -> None:
    found = {
        f"{file} {line.rpartition(' ')[2]}"
        for file, lines in findings(side_doors.commands_without_permission).items()
        for line in lines
    }
    assert found == WITHOUT_PERMISSION.keys()


def test_no_template_switches_escaping_off() -> None:
    assert list(side_doors.safe_filters()) == []


PLANTED: list[tuple[Check, str]] = [
    (side_doors.rows_by_id, "def a(scope, x):\n    return scope.session.get(Answer, x)"),
    (side_doors.rows_by_id, "def a(session):\n    return session.query(Answer)"),
    (side_doors.rows_by_id, "def a(self):\n    return self.session.get_one(Answer, 1)"),
    (side_doors.bare_tables, "def a(scope):\n    return scope.session.execute(Answer.__table__.select())"),
    (side_doors.bare_tables, "from sqlalchemy import text\nquery = text('SELECT 1')"),
    (side_doors.bare_tables, "def a(scope):\n    return scope.session.connection()"),
    (side_doors.own_sessions, "from sqlalchemy.orm import Session\nsession = Session()"),
    (side_doors.own_sessions, "def a(session, viewer, clock):\n    return Scope(session, [viewer], clock)"),
    (side_doors.bare_selects, "from sqlalchemy import select\nquery = select(Answer)"),
    (calls_of("unfenced"), "def a(records):\n    return records.unfenced()"),
    (calls_of("as_house"), "def a(scope):\n    return scope.as_house('c')"),
    (calls_of("turned_to"), "def a(scope, viewer):\n    return scope.turned_to(viewer)"),
    (calls_of("House"), "viewer = House('p')"),
    (side_doors.other_clocks, "from datetime import datetime\nnow = datetime.now()"),
    (side_doors.other_clocks, "from datetime import date\ntoday = date.today()"),
    (side_doors.markup, "def a(words):\n    return Markup(words)"),
    (side_doors.markup, "def a(words):\n    return Markup(f'<b>{words}</b>')"),
    (side_doors.imports_within_functions, "def a():\n    import json"),
    (side_doors.without_docstring, "x = 1"),
]


@pytest.mark.parametrize(("check", "source"), PLANTED)
def test_each_way_around_is_noticed(check: Check, source: str) -> None:
    assert list(check(Module("exercises/planted.py", source)))


def test_a_command_that_asks_for_no_permission_is_noticed() -> None:
    careless = textwrap.dedent('''
        """Commands."""

        def _mine(scope, thing):
            scope.require(Permission.ASSIGN)

        def careful(scope, thing):
            """Do it."""
            scope.require(Permission.ASSIGN)

        def through_another(scope, thing):
            return _mine(scope, thing)

        def careless(scope, thing):
            """Do it."""
            thing.name = "taken"
            scope.flush()
            scope.require(Permission.ASSIGN)
    ''')
    found = list(side_doors.commands_without_permission(Module("exercises/care_commands.py", careless)))
    assert [line.rpartition(" ")[2] for line in found] == ["careless"]


def test_what_is_allowed_is_not_taken_for_a_way_around() -> None:
    harmless = "from flask import session\nhalf = session.get('half')\nquery = scope.select(Answer)\nempty = Markup('')"
    module = Module("people/browser.py", harmless)
    for check in (side_doors.rows_by_id, side_doors.bare_selects, side_doors.markup):
        assert list(check(module)) == []


def test_a_template_that_switches_escaping_off_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<p>{{ words | safe }}</p>\n", encoding="utf-8")
    assert list(side_doors.safe_filters(tmp_path)) == ["bad.html:1 |safe"]
