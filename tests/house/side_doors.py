"""Reads the portal's own source for ways around the rules: each check returns "file:line what" for what it finds."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PORTAL = Path(__file__).resolve().parents[2] / "portal"
TEMPLATES = PORTAL.parent / "templates"
ROOMS = (
    "people",
    "questionnaires",
    "exercises",
    "reports",
    "home",
    "intake",
    "measures",
    "casework",
    "messages",
    "web",
)
Found = Iterator[str]


@dataclass(frozen=True)
class Module:
    """One file of Python, with its name below ``portal``."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file as syntax."""
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The package that the file belongs to."""
        return self.name.split("/", maxsplit=1)[0]

    @cached_property
    def imported(self) -> Mapping[str, str]:
        """Where each imported name comes from."""
        return {
            alias.asname or alias.name: node.module or ""
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Yield the calls of functions or methods with one of these names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and _called(node) in names:
                yield node

    def at(self, node: ast.AST, what: str) -> str:
        """Say where something was found."""
        return f"{self.name}:{getattr(node, 'lineno', 0)} {what}"


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def modules(folder: Path = PORTAL) -> list[Module]:
    """Return every module of the portal."""
    return [
        Module(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
    ]


def _in_rooms(module: Module) -> bool:
    return module.room in ROOMS


def rows_by_id(module: Module) -> Found:
    """Find rows fetched by id alone, past every filter."""
    if not _in_rooms(module):
        return
    for call in module.calls("get", "get_one", "query", "get_or_404", "merge", "refresh"):
        owner = ast.unparse(call.func).rpartition(".")[0]
        of_flask = owner == "session" and module.imported.get("session") == "flask"
        if owner.endswith("session") and not of_flask:
            yield module.at(call, ast.unparse(call.func))
    for call in module.calls("get_or_404"):
        yield module.at(call, "get_or_404")


def bare_tables(module: Module) -> Found:
    """Find statements that don't go through a mapped class, where the fence doesn't hold."""
    if not _in_rooms(module):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "__table__":
            yield module.at(node, "__table__")
        if isinstance(node, ast.Call) and _called(node) in {"text", "exec_driver_sql", "connection"}:
            raw = _called(node) != "text" or module.imported.get("text") == "sqlalchemy"
            if raw:
                yield module.at(node, f"{_called(node)}(")


def own_sessions(module: Module) -> Found:
    """Find sessions, engines and scopes that a room makes for itself."""
    if not _in_rooms(module):
        return
    for call in module.calls(
        "Session", "sessionmaker", "scoped_session", "FencedSession", "Scope", "create_engine"
    ):
        yield module.at(call, f"{_called(call)}(")


def bare_selects(module: Module) -> Found:
    """Find queries that begin with SQLAlchemy's own select rather than with the scope's."""
    if not _in_rooms(module):
        return
    for call in module.calls("select"):
        if isinstance(call.func, ast.Name) and module.imported.get("select") == "sqlalchemy":
            yield module.at(call, "select(")


def calls_of(name: str) -> Callable[[Module], Found]:
    """Return a check that finds the calls of one function outside of the access layer."""

    def check(module: Module) -> Found:
        if module.room != "access":
            for call in module.calls(name):
                yield module.at(call, f"{name}(")

    return check


def other_clocks(module: Module) -> Found:
    """Find moments that don't come from the portal's clock."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        said = ast.unparse(node.func)
        if said in {
            "datetime.now",
            "datetime.utcnow",
            "date.today",
            "datetime.today",
            "time.time",
            "time.localtime",
        }:
            yield module.at(node, said)


def markup(module: Module) -> Found:
    """Find text that is declared to be safe HTML."""
    for call in module.calls("Markup"):
        if call.args and not (isinstance(call.args[0], ast.Constant)):
            yield module.at(call, "Markup(")


def imports_within_functions(module: Module) -> Found:
    """Find imports that run late."""
    if module.room == "cli":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield module.at(inner, f"import in {node.name}")


def without_docstring(module: Module) -> Found:
    """Find modules that don't say what they are for."""
    if module.text.strip() and not ast.get_docstring(module.tree):
        yield module.at(module.tree, "no docstring")


def commands_without_permission(module: Module) -> Found:
    """Find public functions that write and don't begin by requiring a permission."""
    if not re.search(r"(commands|reports/words|second_factor)\.py$", module.name):
        return
    functions = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    asking = {name for name, node in functions.items() if _requires(node, frozenset())}
    for name, node in functions.items():
        takes_scope = any(argument.arg == "scope" for argument in node.args.args)
        if takes_scope and not name.startswith("_") and not _requires(node, frozenset(asking)):
            yield module.at(node, name)


def _requires(function: ast.FunctionDef, asking: frozenset[str]) -> bool:
    statements = [
        each
        for each in function.body
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    for statement in statements[:2]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and (_called(node) == "require" or _called(node) in asking):
                return True
    return False


def safe_filters(templates: Path = TEMPLATES) -> Found:
    """Find templates that switch escaping off."""
    for path in sorted(templates.rglob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"\|\s*safe\b|autoescape\s+false", line):
                yield f"{path.relative_to(templates).as_posix()}:{number} |safe"


def findings(check: Callable[[Module], Found]) -> dict[str, list[str]]:
    """Return what a check finds in the whole portal, by file."""
    found: dict[str, list[str]] = {}
    for module in modules():
        lines = list(check(module))
        if lines:
            found[module.name] = lines
    return found
