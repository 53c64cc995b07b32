"""Finds the line on which each key of a TOML text stands, which the standard reader doesn't tell."""

from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""Keys and list positions (from 0) from the top of a file to a value, such as ``("pages", 0, "title")``."""

_BARE_ENDS = " \t\n=.]}#,"
_SCALAR_ENDS = ",]}\n#"


def lines_of_keys(text: str) -> Mapping[KeyPath, int]:
    """Return the line, counted from 1, of every table, list entry and key of a *valid* TOML text."""
    return _Scanner(text).scan()


class _Scanner:
    """Walks over the characters of a valid TOML text; it checks nothing, since the text was read before."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._found: dict[KeyPath, int] = {}
        self._last_entry: dict[KeyPath, int] = {}

    def scan(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()
        return self._found

    def _header(self) -> KeyPath:
        line = self._line
        is_array = self._text.startswith("[[", self._at)
        self._step(2 if is_array else 1)
        path = self._through_arrays(self._dotted_key(), entering=not is_array)
        self._step(2 if is_array else 1)
        if is_array:
            self._last_entry[path] = self._last_entry.get(path, -1) + 1
            self._found.setdefault(path, line)
            path = (*path, self._last_entry[path])
        self._found.setdefault(path, line)
        return path

    def _through_arrays(self, keys: list[str], *, entering: bool) -> KeyPath:
        """Turn header keys into a path: an array of tables on the way stands for its latest entry."""
        path: KeyPath = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            is_last = position == len(keys) - 1
            if path in self._last_entry and (entering or not is_last):
                path = (*path, self._last_entry[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line
        path = table
        for key in self._dotted_key():
            path = (*path, key)
            self._found.setdefault(path, line)
        self._step(1)  # the equals sign
        self._skip_blank()
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        character = self._text[self._at]
        if character in "\"'":
            self._string()
        elif character == "[":
            self._array(path)
        elif character == "{":
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in _SCALAR_ENDS:
                self._step(1)

    def _array(self, path: KeyPath) -> None:
        self._step(1)
        position = 0
        while self._skip_to_entry("]"):
            self._found[*path, position] = self._line
            self._value((*path, position))
            position += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._step(1)
        while self._skip_to_entry("}"):
            self._pair(path)

    def _skip_to_entry(self, end: str) -> bool:
        """Go to the next entry of a list or inline table; return false after its end."""
        self._skip_blank()
        while self._text[self._at] == ",":
            self._step(1)
            self._skip_blank()
        if self._text[self._at] != end:
            return True
        self._step(1)
        return False

    def _dotted_key(self) -> list[str]:
        keys = [self._simple_key()]
        while self._text[self._at] == ".":
            self._step(1)
            keys.append(self._simple_key())
        return keys

    def _simple_key(self) -> str:
        self._skip_blank()
        if self._text[self._at] in "\"'":
            key = self._string()
        else:
            start = self._at
            while self._text[self._at] not in _BARE_ENDS:
                self._step(1)
            key = self._text[start : self._at]
        self._skip_blank()
        return key

    def _string(self) -> str:
        """Step over a string of any of the four kinds; return its characters as written."""
        quote = self._text[self._at]
        fence = quote * 3 if self._text.startswith(quote * 3, self._at) else quote
        self._step(len(fence))
        start = self._at
        while not self._text.startswith(fence, self._at):
            self._step(2 if quote == '"' and self._text[self._at] == "\\" else 1)
        # A text that ends in quotation marks has them right before the closing three.
        while len(fence) == 3 and self._text.startswith(quote * 4, self._at):
            self._step(1)
        written = self._text[start : self._at]
        self._step(len(fence))
        return written

    def _skip_blank(self) -> None:
        while self._at < len(self._text):
            if self._text[self._at] == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._text[self._at] in " \t\n":
                self._step(1)
            else:
                return

    def _step(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count
