"""Questions that are put at every request or every few seconds: worded once, and proven then to keep to one practice."""

from collections.abc import Iterator
from typing import Any, Final, cast

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ColumnElement,
    Join,
    Select,
    String,
    bindparam,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import iterate

from portal.access.filters import visible
from portal.access.viewer import House, Role, Viewer
from portal.kit.db import PracticeOwned, UtcDateTime

PRACTICE: Final = bindparam("asking_practice", type_=String())
"""Stands for the practice that asks. What these four stand for is put in by the scope and by nobody else."""
ACCOUNT: Final = bindparam("asking_account", type_=String())
COUPLE: Final = bindparam("asking_couple", type_=String())
MOMENT: Final = bindparam("asking_moment", type_=UtcDateTime())

ANY_PARTNER: Final = Viewer(
    practice_id=cast("str", PRACTICE),
    account_id=cast("str", ACCOUNT),
    roles=frozenset({Role.PARTNER}),
    couples=cast("frozenset[str]", frozenset({COUPLE})),
)
"""Whichever partner asks: with it the one rule of who sees what is worded for all of them at once."""


class Loose(Exception):
    """A question was worded that could find rows of another practice."""


class Question:
    """A select of mapped columns that is put without a session, at a fifth of the cost.

    A session adds the practice to each statement as it runs. Here the wording itself has to name it for every
    table: ``Model.practice_id == PRACTICE`` among what must hold, for the far side of an outer join in its own
    ON. Raises Loose where a table goes without, and for a select within the select.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        if any(isinstance(each, Select) and each is not statement for each in iterate(statement)):
            raise Loose("a question holds no second select")
        froms = statement.get_final_froms()
        held = {*_named(statement.whereclause)}.union(*map(_held, froms))
        loose = {str(each) for side in froms for each in _tables(side) if each not in held}
        if loose:
            raise Loose(f"nothing ties these to the practice: {', '.join(sorted(loose))}")
        self.statement = statement


def partners_see(model: type[PracticeOwned]) -> ColumnElement[bool]:
    """Return the condition under which whichever partner puts a question may see rows of a table."""
    return visible(model, ANY_PARTNER, cast("Any", MOMENT))


def who_asks(viewer: Viewer | House) -> dict[str, Any]:
    """Return what a viewer puts in for the parameters; no couple where there is none, or more than one."""
    couple = next(iter(viewer.couples)) if len(viewer.couples) == 1 else ""
    return {
        PRACTICE.key: viewer.practice_id,
        ACCOUNT.key: viewer.account_id or "",
        COUPLE.key: couple if viewer.is_partner else "",
    }


def _tables(side: Any) -> Iterator[Any]:
    if isinstance(side, Join):
        yield from _tables(side.left)
        yield from _tables(side.right)
    else:
        yield side


def _held(side: Any) -> set[Any]:
    """Return the tables of a FROM that its joins tie to the practice."""
    if not isinstance(side, Join) or side.full:
        return set()
    named = {*_named(side.onclause)}
    if side.isouter:
        named &= {*_tables(side.right)}
    return named | _held(side.left) | _held(side.right)


def _named(condition: Any) -> Iterator[Any]:
    """Yield the tables whose practice is the asking one wherever a condition holds."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for each in condition.clauses:
            yield from _named(each)
    elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        column, value = condition.left, condition.right
        if isinstance(value, BindParameter) and value.key == PRACTICE.key and _is_key(column):
            yield column.table


def _is_key(column: Any) -> bool:
    # Of the table itself: an alias may bear any name.
    (base,) = column.base_columns
    return bool(base.name == ("id" if base.table.name == "practice" else "practice_id"))
