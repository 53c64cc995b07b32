"""Reads definition files (TOML) so that every mistake in one is reported at once, with file, line and key."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from portal.kit.toml_lines import KeyPath, lines_of_keys

T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E", bound=StrEnum)

KEY_PATTERN = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
KEY_LENGTH = 40
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_SYNTAX_END = " (at end of document)"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in a definition file; its text names file, line, key and problem."""

    file: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        """Return the line that people read."""
        where = f"{self.file}: line {self.line}: "
        return where + (f"{self.key}: {self.problem}" if self.key else self.problem)


class DefinitionError(ValueError):
    """A definition file can't be used; ``mistakes`` holds everything that is wrong with it, in file order."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass
class _Source:
    """One file while it is read: its name and text, and what was found wrong so far."""

    name: str
    text: str
    mistakes: list[Mistake] = field(default_factory=list)

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        # Found only once something is wrong: a sound file, which most are, never needs them.
        return lines_of_keys(self.text)

    def line_of(self, path: KeyPath) -> int:
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def read_definition(text: str, reader: "Callable[[Table], T]", *, name: str) -> T:
    """Return what ``reader`` makes of a definition, or raise ``DefinitionError`` with all its mistakes.

    The reader takes typed values from the table it is given. Where a value is missing or wrong, the mistake is
    noted and the reader gets a harmless stand-in, so that it can go on and find the next one; what it returns
    is then thrown away. Keys that nobody asked for are mistakes too.
    """
    return read_values(values_of(text, name=name), reader, text=text, name=name)


def values_of(text: str, *, name: str) -> Mapping[str, object]:
    """Return the bare values of a definition, none of them checked; raises ``DefinitionError`` unless it is TOML."""
    normalised = text.replace("\r\n", "\n")
    try:
        return tomllib.loads(normalised)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([_syntax_mistake(str(error), normalised, name)]) from error
    except RecursionError as error:
        raise DefinitionError([Mistake(name, 1, "", "is nested too deeply")]) from error


def read_values(values: Mapping[str, object], reader: "Callable[[Table], T]", *, text: str, name: str) -> T:
    """Return what ``reader`` makes of values; raises ``DefinitionError`` like ``read_definition``.

    ``text`` is the file in which the lines of mistakes are counted: each value stands there at the same place.
    """
    table = Table(values, (), _Source(name, text.replace("\r\n", "\n")))
    made = reader(table)
    table.refuse_unread()
    if table.source.mistakes:
        raise DefinitionError(table.source.mistakes)
    return made


def mistakes_at(found: Sequence[tuple[KeyPath, str]], *, text: str, name: str) -> list[Mistake]:
    """Return the mistakes for some problems, each with the place in a sound file's values at which it stands."""
    source = _Source(name, text.replace("\r\n", "\n"))
    return [Mistake(name, source.line_of(path), _spoken(path), problem) for path, problem in found]


def _syntax_mistake(message: str, text: str, name: str) -> Mistake:
    found = _SYNTAX_LINE.search(message)
    line = int(found.group(1)) if found else text.count("\n") + 1
    problem = _SYNTAX_LINE.sub("", message).removesuffix(_SYNTAX_END)
    return Mistake(name, line, "", f"is not valid TOML: {problem}")


class Table:
    """One table of a definition file, from which a reader takes values of the types it expects."""

    def __init__(self, values: Mapping[str, object], path: KeyPath, source: _Source) -> None:
        self._values = values
        self._path = path
        self._read: set[str] = set()
        self._children: list[Table] = []
        self.source = source

    def __contains__(self, key: str) -> bool:
        """Say whether the table holds a key, without reading it."""
        return key in self._values

    def peek(self, key: str) -> object:
        """Return whatever stands at a key, or nothing, without counting it as read or checking it."""
        return self._values.get(key)

    def complain(self, key: str, problem: str) -> None:
        """Note a mistake at a key of this table; an empty key means the table itself."""
        path = (*self._path, key) if key else self._path
        spoken = _spoken(path)
        self.source.mistakes.append(Mistake(self.source.name, self.source.line_of(path), spoken, problem))

    def refuse_unread(self) -> None:
        """Note every key that nobody read, here and in the tables below."""
        for key in self._values:
            if key in self._read:
                continue
            near = get_close_matches(key, self._read, n=1)
            self.complain(key, "unknown key" + (f"; did you mean {near[0]}?" if near else ""))
        for child in self._children:
            child.refuse_unread()

    def text(self, key: str, *, at_most: int = 4000) -> str:
        """Return a text that must be there and say something, without surrounding white space."""
        value = self._demand(key)
        return self._text(key, value, at_most) if value is not None else ""

    def optional_text(self, key: str, *, default: str = "", at_most: int = 4000) -> str:
        """Return a text, or the default where the key is absent; a text that is there must say something."""
        return self.text(key, at_most=at_most) if key in self else self._absent(key, default)

    def key(self, key: str) -> str:
        """Return a key made of lower-case letters, digits and single underscores."""
        value = self.text(key)
        if value and (not KEY_PATTERN.fullmatch(value) or len(value) > KEY_LENGTH):
            self.complain(key, f"{value!r} is not a key: lower-case letters, digits, single underscores")
        return value

    def integer(self, key: str, *, low: int | None = None, high: int | None = None) -> int:
        """Return a whole number that must be there, within inclusive bounds."""
        value = self._demand(key)
        if value is None:
            return low or 0
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(key, "must be a whole number")
            return low or 0
        self._check_bounds(key, value, low, high)
        return value

    def optional_integer(
        self, key: str, *, default: D, low: int | None = None, high: int | None = None
    ) -> int | D:
        """Return a whole number, or the default where the key is absent."""
        return self.integer(key, low=low, high=high) if key in self else self._absent(key, default)

    def number(self, key: str) -> int | float:
        """Return a finite number that must be there."""
        value = self._demand(key)
        return self._number(key, value) if value is not None else 0

    def optional_number(self, key: str, *, default: D) -> int | float | D:
        """Return a finite number, or the default where the key is absent."""
        return self.number(key) if key in self else self._absent(key, default)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false, or the default where the key is absent."""
        value = self._absent(key, self._values.get(key, default))
        if isinstance(value, bool):
            return value
        self.complain(key, "must be true or false")
        return default

    def texts(self, key: str, *, at_most: int = 1000) -> tuple[str, ...]:
        """Return a list of texts with at least one in it."""
        found = self._texts(key, at_most)
        if not found:
            self.complain(key, "must hold at least one text")
        return found

    def optional_texts(self, key: str, *, at_most: int = 1000) -> tuple[str, ...]:
        """Return a list of texts, which may be empty or absent."""
        return self._texts(key, at_most) if key in self else self._absent(key, ())

    def choice(self, key: str, kind: type[E]) -> E:
        """Return a member of an enum that must be named."""
        value = self._demand(key)
        first = next(iter(kind))
        return first if value is None else self._member(key, value, kind) or first

    def optional_choice(self, key: str, kind: type[E], *, default: D) -> E | D:
        """Return a member of an enum, or the default where the key is absent."""
        return self.choice(key, kind) if key in self else self._absent(key, default)

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Return different members of an enum, at least one, in the order of the file."""
        found = [
            member for entry in self._list(key) if (member := self._member(key, entry, kind)) is not None
        ]
        if len(set(found)) < len(found):
            self.complain(key, "names something twice")
        if not found:
            self.complain(key, f"must name at least one of {_either(kind)}")
        return tuple(found)

    def optional_choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Return different members of an enum in the order of the file, none where the key is absent."""
        return self.choices(key, kind) if key in self else self._absent(key, ())

    def scalar(self, key: str) -> str | int | float | bool:
        """Return a text, number or truth value that must be there."""
        value = self._demand(key)
        if value is None:
            return ""
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(key, value, KEY_LENGTH)
        return self._number(key, value)

    def numbers(self, key: str) -> tuple[int | float, ...]:
        """Return a list of finite numbers, empty where the key is absent."""
        return tuple(self._number(key, entry) for entry in self._list(key)) if key in self else ()

    def table(self, key: str) -> "Table":
        """Return the table below a key; an empty stand-in if it isn't there."""
        value = self._demand(key)
        if isinstance(value, dict):
            return self._child(value, (*self._path, key))
        if value is not None:
            self.complain(key, "must be a table")
        return _stand_in(self._path, key, self.source)

    def tables(self, key: str) -> tuple["Table", ...]:
        """Return the tables of an array of tables, at least one."""
        found = self.optional_tables(key)
        if not found:
            self.complain(key, "must hold at least one table")
        return found

    def optional_tables(self, key: str) -> tuple["Table", ...]:
        """Return the tables of an array of tables, none where the key is absent."""
        found = []
        for position, entry in enumerate(self._list(key) if key in self else ()):
            if isinstance(entry, dict):
                found.append(self._child(entry, (*self._path, key, position)))
            else:
                self.complain(key, "must hold tables only")
        return tuple(found)

    def _absent(self, key: str, default: D) -> D:
        self._read.add(key)
        return default

    def _demand(self, key: str) -> object:
        self._read.add(key)
        if key not in self._values:
            self.complain(key, "is missing")
        return self._values.get(key)

    def _list(self, key: str) -> Sequence[object]:
        value = self._demand(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.complain(key, "must be a list")
        return ()

    def _texts(self, key: str, at_most: int) -> tuple[str, ...]:
        return tuple(self._text(key, entry, at_most) for entry in self._list(key))

    def _text(self, key: str, value: object, at_most: int) -> str:
        if not isinstance(value, str):
            self.complain(key, "must be a text")
            return ""
        text = unicodedata.normalize("NFC", value).strip()
        if not text:
            self.complain(key, "must not be empty")
        if len(text) > at_most:
            self.complain(key, f"has {len(text)} characters; {at_most} are allowed")
        if _CONTROL.search(text):
            self.complain(key, "holds a control character")
        return text

    def _number(self, key: str, value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain(key, "must be a number")
            return 0
        if isinstance(value, float) and not abs(value) < float("inf"):
            self.complain(key, "must be a finite number")
            return 0
        return value

    def _member(self, key: str, value: object, kind: type[E]) -> E | None:
        for member in kind:
            if member.value == value:
                return member
        self.complain(key, f"{value!r} is not one of {_either(kind)}")
        return None

    def _check_bounds(self, key: str, value: int, low: int | None, high: int | None) -> None:
        if low is not None and value < low:
            self.complain(key, f"must be at least {low}")
        if high is not None and value > high:
            self.complain(key, f"must be at most {high}")

    def _child(self, values: Mapping[str, object], path: KeyPath) -> "Table":
        child = Table(values, path, self.source)
        self._children.append(child)
        return child


def _stand_in(path: KeyPath, key: str, source: _Source) -> Table:
    """Return an empty table whose complaints go nowhere, since its absence is already noted."""
    return Table({}, (*path, key), _Source(source.name, ""))


def _either(kind: type[StrEnum]) -> str:
    return ", ".join(member.value for member in kind)


def _spoken(path: KeyPath) -> str:
    return "".join(_steps(path)).removeprefix(".")


def _steps(path: KeyPath) -> Iterator[str]:
    """Yield the steps of a path as people say them; entries of a list are counted from 1."""
    for step in path:
        yield f"[{step + 1}]" if isinstance(step, int) else f".{step}"
