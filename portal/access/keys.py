"""The key chain in the database: master key, practice key, person key; and what seals and opens rows with it."""

import json
import secrets
from typing import Any, Generic, TypeVar, cast, overload

from sqlalchemy import Index, LargeBinary, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from portal.access.vault import (
    KEY_BYTES,
    CannotOpen,
    KeyRing,
    kid_of,
    seal,
    unseal,
    unwrap,
    wrap,
)
from portal.kit.db import Base, PracticeOwned, practice_key
from portal.kit.ids import ID_LENGTH, new_id

T = TypeVar("T")

STRONGBOX = "strongbox"
PENDING = b"not sealed yet"
PRACTICE = ""


class PracticeKey(PracticeOwned, Base):
    """A practice's key, wrapped by a master key of the secrets file."""

    __tablename__ = "practice_key"
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class PersonKey(PracticeOwned, Base):
    """One person's key, wrapped by the key of the practice. Deleting it makes their words unreadable for good."""

    __tablename__ = "person_key"
    __table_args__ = (practice_key(), Index("ix_person_key_owner", "practice_id", "owner_id"))
    owner_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Strongbox:
    """Seals and opens values of rows, with keys fetched through the row's own transaction."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring
        self._current_kids: dict[tuple[str, str], str] = {}

    def forget(self) -> None:
        """Forget which keys are current, because the transaction that made one of them was undone."""
        self._current_kids.clear()

    def seal(self, row: PracticeOwned, column: str, value: object) -> bytes:
        """Seal a JSON value for one column of a row. The row needs its ids and, if it has one, its author."""
        owner = owner_of(row)
        kid = self._current(row.practice_id, owner)
        key = self._key(row.practice_id, owner, kid)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return seal(key, kid, plain, bound_to=place(row, column))

    def open(self, row: PracticeOwned, column: str, sealed: bytes) -> Any:
        """Return the JSON value of a sealed column. Raises CannotOpen if it can't be opened in this place."""
        key = self._key(row.practice_id, owner_of(row), kid_of(sealed))
        return json.loads(unseal(key, sealed, bound_to=place(row, column)))

    def _current(self, practice_id: str, owner: str) -> str:
        known = self._current_kids.get((practice_id, owner))
        if known is not None:
            return known
        model = PersonKey if owner else PracticeKey
        query = select(model.id).where(model.practice_id == practice_id).order_by(model.id)
        if owner:
            query = query.where(PersonKey.owner_id == owner)
        kid = self._session.connection().execute(query).scalar()
        found = kid or self._make(practice_id, owner)
        self._current_kids[practice_id, owner] = found
        return found

    def _make(self, practice_id: str, owner: str) -> str:
        kid, key = new_id(), secrets.token_bytes(KEY_BYTES)
        values = {"practice_id": practice_id, "id": kid}
        if not owner:
            wrapped = wrap(self._ring.masters, key, bound_to=f"practice/{practice_id}/{kid}")
            self._session.connection().execute(insert(PracticeKey).values(**values, wrapped=wrapped))
            return kid
        parent = self._current(practice_id, PRACTICE)
        parent_key = self._key(practice_id, PRACTICE, parent)
        wrapped = seal(parent_key, parent, key, bound_to=f"person/{practice_id}/{owner}/{kid}")
        self._session.connection().execute(
            insert(PersonKey).values(**values, owner_id=owner, wrapped=wrapped)
        )
        return kid

    def _key(self, practice_id: str, owner: str, kid: str) -> bytes:
        known = self._ring.opened.get((practice_id, owner, kid))
        if known is not None:
            return known
        model = PersonKey if owner else PracticeKey
        query = select(model.wrapped).where(model.practice_id == practice_id, model.id == kid)
        wrapped = self._session.connection().execute(query).scalar()
        if wrapped is None:
            raise CannotOpen("the key of this value no longer exists")
        if owner:
            parent_key = self._key(practice_id, PRACTICE, kid_of(wrapped))
            key = unseal(parent_key, wrapped, bound_to=f"person/{practice_id}/{owner}/{kid}")
        else:
            key = unwrap(self._ring.masters, wrapped, bound_to=f"practice/{practice_id}/{kid}")
        self._ring.opened[practice_id, owner, kid] = key
        return key


def owner_of(row: PracticeOwned) -> str:
    """Return whose key a row is sealed with: its author's, or the practice's if it has none."""
    return getattr(row, "author_id", None) or PRACTICE


def place(row: PracticeOwned, column: str) -> str:
    """Return the name of the one place where a sealed value can be opened."""
    table = type(row).__tablename__  # type: ignore[attr-defined]  # SQLAlchemy's, on each mapped class
    return f"{row.practice_id}/{table}/{row.id}/{column}/{owner_of(row)}"


class Sealed(Generic[T]):
    """A column's plain value on a mapped class; the row itself only ever holds the sealed bytes.

    ``body = Sealed[str]()`` goes with a mapped column ``body_sealed``. Setting keeps the plain value beside the
    row until the next flush seals it; reading opens it through the session that the row belongs to.
    """

    name: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[T]": ...
    @overload
    def __get__(self, row: PracticeOwned, owner: type) -> T: ...
    def __get__(self, row: PracticeOwned | None, owner: type) -> "Sealed[T] | T":
        if row is None:
            return self
        pending = pending_of(row)
        if self.name in pending:
            return cast("T", pending[self.name])
        sealed = getattr(row, f"{self.name}_sealed")
        if sealed is None:
            return cast("T", None)
        session = object_session(row)
        if session is None:
            raise CannotOpen("a sealed value can only be opened within its transaction")
        return cast("T", session.info[STRONGBOX].open(row, self.name, sealed))

    def __set__(self, row: PracticeOwned, value: T) -> None:
        pending_of(row)[self.name] = value
        # Any change of the sealed column marks the row as one that the next flush has to write.
        setattr(row, f"{self.name}_sealed", None if value is None else PENDING)


def pending_of(row: PracticeOwned) -> dict[str, Any]:
    """Return the plain values of a row that wait to be sealed."""
    found: dict[str, Any] = row.__dict__.setdefault("_plain", {})
    return found


def seal_pending(session: Session, row: PracticeOwned) -> None:
    """Seal everything that was set on a row since its last flush."""
    pending = pending_of(row)
    for column, value in pending.items():
        if value is not None:
            setattr(row, f"{column}_sealed", session.info[STRONGBOX].seal(row, column, value))
    pending.clear()
