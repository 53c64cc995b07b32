"""What a person had typed when their form could not be taken: kept for a day, sealed under their own key."""

import json
import re
from contextlib import closing
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.access.scope import Records, Scope
from portal.access.viewer import House, Viewer
from portal.people.models import Account, KeptForm

Fields = dict[str, list[str]]
LASTS = timedelta(hours=24)
MOST = 20
MOST_BYTES = 1024 * 1024
LONGEST_PATH = 300
# Ids, numbers and the values of choices: nothing that a person would recognise as their own words.
_MARKER = re.compile(r"[\w-]{0,40}")


def keep(records: Records, writer: tuple[str, str], *, path: str, fields: Fields) -> str | None:
    """Keep the fields of a form for their writer: (practice id, account id). Returns the id, or None if it can't be.

    A later state of the same form replaces an earlier one that it contains. Past the most that is kept, the
    oldest goes.
    """
    practice_id, account_id = writer
    too_much = len(json.dumps(fields, ensure_ascii=False).encode(errors="replace")) > MOST_BYTES
    if not fields or too_much or len(path) > LONGEST_PATH:
        return None
    with records.within(House(practice_id)) as scope:
        if scope.first(scope.select(Account).where(Account.id == account_id)) is None:
            return None
        _make_room(scope, account_id, path=path, fields=fields)
        row = scope.add(KeptForm(author_id=account_id, path=path, fields=fields, created_at=scope.now))
        return row.id


def newest(records: Records, viewer: Viewer) -> str | None:
    """Return the id of the newest form that is kept for a person, if there is one."""
    query = select(KeptForm.id).where(KeptForm.author_id == viewer.account_id)
    with closing(records.scope(viewer, read_only=True)) as scope:
        recent = query.where(KeptForm.created_at > scope.now - LASTS).order_by(KeptForm.created_at.desc())
        found: str | None = scope.session.scalar(recent.limit(1))
        return found


def find(scope: Scope, kept_id: str) -> KeptForm:
    """Return a form that is kept for the asking person. Raises Refused for anybody else's, and after a day."""
    query = scope.select(KeptForm).where(
        KeptForm.id == kept_id,
        KeptForm.author_id == scope.account_id,
        KeptForm.created_at > scope.now - LASTS,
    )
    found: KeptForm = scope.one(query)
    return found


def forget(records: Records, viewer: Viewer, kept_id: str) -> None:
    """Delete a form that is kept for a person; anybody else's stays."""
    with records.within(viewer) as scope:
        scope.session.execute(
            delete(KeptForm).where(
                KeptForm.practice_id == viewer.practice_id,
                KeptForm.author_id == viewer.account_id,
                KeptForm.id == kept_id,
            )
        )


def own_words(fields: Fields) -> list[str]:
    """Return the values that are a person's own words, without ids, numbers and the names of choices."""
    return [value for values in fields.values() for value in values if not _MARKER.fullmatch(value)]


def _make_room(scope: Scope, account_id: str, *, path: str, fields: Fields) -> None:
    rows = scope.all(
        scope.select(KeptForm)
        .where(KeptForm.author_id == account_id)
        .order_by(KeptForm.created_at, KeptForm.id)
    )
    past = scope.now - LASTS
    gone = [
        row for row in rows if row.created_at <= past or (row.path == path and _grown(row.fields, fields))
    ]
    left = [row for row in rows if row not in gone]
    for row in [*gone, *left[: max(0, len(left) - MOST + 1)]]:
        scope.delete(row)


def _grown(old: Fields, new: Fields) -> bool:
    """Say whether nothing of an earlier state is missing from a later one."""
    return all(_within(values, new.get(name, [])) for name, values in old.items())


def _within(old: list[str], new: list[str]) -> bool:
    return len(old) <= len(new) and all(
        later.startswith(earlier) for earlier, later in zip(old, new, strict=False)
    )


def hidden_fields(fields: Fields) -> list[tuple[str, Any]]:
    """Return every kept value with its field's name, for a form that sends them again."""
    return [(name, value) for name, values in fields.items() for value in values]
