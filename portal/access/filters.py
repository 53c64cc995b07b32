"""The tables of policy and privacy as SQL: what each viewer's queries may return."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, false, func, or_, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from portal.access.policy import REACH, Matter, Reach, sees_whole_practice
from portal.access.privacy import PRIVACY, Audience, Facts, Reader, Rule
from portal.access.viewer import House, Role, Viewer
from portal.kit.db import PracticeOwned
from portal.kit.ids import ID_LENGTH


class CoupleOwned(PracticeOwned):
    """A row about one couple. Who sees it follows from the reach of the viewer's roles."""

    __abstract__ = True
    matter = Matter.CONTENT

    @declared_attr
    @classmethod
    def couple_id(cls) -> Mapped[str]:
        """The couple that the row is about."""
        return mapped_column(String(ID_LENGTH), index=False)


class Authored(CoupleOwned):
    """A row that one partner's doing made: the partner never learns that it exists.

    ``therapist_reads`` says whether the couple's therapist may see that it is there.
    """

    __abstract__ = True
    therapist_reads = True

    @declared_attr
    @classmethod
    def author_id(cls) -> Mapped[str]:
        """The account whose doing the row records."""
        return mapped_column(String(ID_LENGTH))

    @classmethod
    def noticed(cls) -> ColumnElement[bool]:
        """Return which of the rows the couple's therapist may see: a model can keep some of them to their author."""
        return true() if cls.therapist_reads else false()


class Audienced(CoupleOwned):
    """A piece of writing with exactly one audience."""

    __abstract__ = True

    @declared_attr
    @classmethod
    def author_id(cls) -> Mapped[str]:
        """The account that wrote it."""
        return mapped_column(String(ID_LENGTH))

    @declared_attr
    @classmethod
    def addressee_id(cls) -> Mapped[str | None]:
        """The one account it is addressed to, if it is addressed to one."""
        return mapped_column(String(ID_LENGTH))

    @declared_attr
    @classmethod
    def audience(cls) -> Mapped[Audience]:
        """Who may read it; there is no default."""
        return mapped_column(String(12))

    @declared_attr
    @classmethod
    def sent_at(cls) -> Mapped[datetime | None]:
        """When it was sent; nobody but the author reads what has not been sent."""
        return mapped_column()

    @declared_attr
    @classmethod
    def open_at(cls) -> Mapped[datetime | None]:
        """From when on it is open to the couple."""
        return mapped_column()

    @declared_attr
    @classmethod
    def lists_open(cls) -> Mapped[bool]:
        """Whether the form said that the therapist sees full lists."""
        return mapped_column(default=False)

    def facts(self) -> Facts:
        """Return what the privacy rules need to know of this row."""
        return Facts(
            practice_id=self.practice_id,
            couple_id=self.couple_id,
            author_id=self.author_id,
            audience=Audience(self.audience),
            addressee_id=self.addressee_id,
            sent_at=self.sent_at,
            open_at=self.open_at,
            lists_open=self.lists_open,
        )


def visible(model: type[PracticeOwned], viewer: Viewer | House, now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a viewer may see rows of a table.

    Tables that belong to the practice as a whole are open to its members; the permission of the page or
    command decides who gets that far.
    """
    if not issubclass(model, CoupleOwned):
        return true()
    within = _within_reach(model, viewer)
    if isinstance(viewer, House):
        return within
    if issubclass(model, Audienced):
        return and_(within, _readable(model, viewer, now))
    if issubclass(model, Authored):
        return and_(within, _noticeable(model, viewer))
    return within


def _within_reach(model: type[CoupleOwned], viewer: Viewer | House) -> ColumnElement[bool]:
    if sees_whole_practice(viewer, model.matter):
        return true()
    reach = isinstance(viewer, House) or any(
        REACH[model.matter, role] is not Reach.NONE for role in viewer.roles
    )
    # An empty set of couples means none: it must never turn into "no filter".
    if not reach or not viewer.couples:
        return false()
    return model.couple_id.in_(sorted(viewer.couples))


def _noticeable(model: type[Authored], viewer: Viewer) -> ColumnElement[bool]:
    own = model.author_id == viewer.account_id
    return or_(own, model.noticed()) if Role.THERAPIST in viewer.roles else own


def _readable(model: type[Audienced], viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    conditions = [
        and_(model.audience == audience.value, _is(reader, model, viewer), _holds(rule, model, now))
        for audience, rules in PRIVACY.items()
        for reader, rule in rules.items()
        if rule is not Rule.NEVER and _could_be(reader, viewer)
    ]
    return or_(false(), *conditions)


def _could_be(reader: Reader, viewer: Viewer) -> bool:
    if reader is Reader.PARTNER:
        return Role.PARTNER in viewer.roles
    if reader is Reader.THERAPIST:
        return Role.THERAPIST in viewer.roles
    return True


def _is(reader: Reader, model: type[Audienced], viewer: Viewer) -> ColumnElement[bool]:
    match reader:
        case Reader.AUTHOR:
            return model.author_id == viewer.account_id
        case Reader.ADDRESSEE:
            return func.coalesce(model.addressee_id, "") == viewer.account_id
        case Reader.PARTNER:
            return model.author_id != viewer.account_id
        case Reader.THERAPIST:
            return true()


def _holds(rule: Rule, model: type[Audienced], now: datetime) -> ColumnElement[bool]:
    match rule:
        case Rule.NEVER:
            return false()
        case Rule.ALWAYS:
            return true()
        case Rule.SENT:
            return model.sent_at <= now
        case Rule.OPEN:
            return and_(model.sent_at <= now, model.open_at <= now)
        case Rule.LISTS:
            return and_(model.sent_at <= now, model.lists_open.is_(True))
