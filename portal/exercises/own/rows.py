"""The rows of a list of texts in the editor: one more, up, down, or taken out, while all that is typed is kept."""

from portal.exercises.own.arranging import as_place, keep_row
from portal.exercises.own.schema import Found, Shape, Table, put_at, value_at


def row_pressed(go: str) -> str:
    """Return the name under which the page is opened again after a row's button was pressed; empty for any other."""
    act, name, number = _read(go)
    if act == "more":
        return f"f_{name}-more"
    return f"f_{name}-{max(0, number)}" if act else ""


def pressed_row(draft: Table, found: Found, go: str) -> None:
    """Do what a row's button says to the list that was just taken over from the form."""
    act, name, number = _read(go)
    if not act:
        _leave_out_empty(found)
        return
    field = next((each for each in found.fields if each.shape is Shape.ROWS and each.key == name), None)
    rows = None if field is None else value_at(found.table, name)
    if field is None or not isinstance(rows, list):
        return
    if act == "more":
        put_at(found.table, name, [*rows, ""])
    elif 0 <= number < len(rows):
        _move_or_drop(draft, found, name, rows, act, number)


def _leave_out_empty(found: Found) -> None:
    for field in found.fields:
        rows = value_at(found.table, field.key)
        if field.shape is Shape.ROWS and isinstance(rows, list):
            put_at(found.table, field.key, [row for row in rows if row])


def _move_or_drop(draft: Table, found: Found, name: str, rows: list[str], act: str, number: int) -> None:
    row = rows.pop(number)
    if act == "drop":
        keep_row(draft, found.where, name, number, row)
    else:
        rows.insert(max(0, number + (-1 if act == "up" else 1)), row)


def _read(go: str) -> tuple[str, str, int]:
    act, _first, rest = go.partition(":")
    name, _second, number = rest.partition(":")
    if act not in {"more", "up", "down", "drop"}:
        return "", "", -1
    return act, name, as_place(number)
