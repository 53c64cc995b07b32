"""What a request has at hand: the portal, the person who is signed in, and their scope."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from flask import Flask, current_app, g, request
from flask_babel import get_locale
from flask_login import UserMixin, current_user

from portal.access.policy import Refused
from portal.access.scope import Records, Scope
from portal.access.viewer import Seat, Viewer
from portal.config import Config
from portal.kit.clock import day_in

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EXTENSION = "portal"


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):
    """The person behind a request, as their login session describes them."""

    viewer: Viewer
    token: str
    session_id: str
    name: str
    practice_name: str
    time_zone: str
    locale: str | None
    theme: str
    text_size: int
    seen_at: datetime
    fresh_at: datetime
    second_factor: bool
    introduced: bool
    consented: bool

    def get_id(self) -> str:
        """Return the random token that the cookie carries in place of an account id."""
        return self.token

    @property
    def first_name(self) -> str:
        """The name the person is called by."""
        return self.name.split()[0]


@dataclass(slots=True)
class Portal:
    """Everything a running portal holds. Parts that a room brings are put into ``parts`` by name."""

    config: Config
    records: Records
    gates: list[Callable[[SignedIn], str | None]] = field(default_factory=list)
    """Each gate returns an address that must be visited first, or None."""
    keep_form: Callable[[str, str, dict[str, Any]], bool] | None = None
    """Keeps typed fields sealed for a writer: (writer token, path, fields) to whether it was kept."""
    parts: dict[str, Any] = field(default_factory=dict)


def attach(app: Flask, portal: Portal) -> None:
    """Make a portal the one that an app serves, and close each request's scope at its end."""
    app.extensions[EXTENSION] = portal
    app.teardown_request(lambda _error: close_scope())


def portal() -> Portal:
    """Return the portal of this app."""
    return cast("Portal", current_app.extensions[EXTENSION])


def person_or_none() -> SignedIn | None:
    """Return who is signed in, if anybody is."""
    user = current_user._get_current_object()  # noqa: SLF001 - Flask-Login's proxy has no public way to be unwrapped
    return cast("SignedIn", user) if user is not None and user.is_authenticated else None


def person() -> SignedIn:
    """Return who is signed in. Raises Refused when nobody is."""
    found = person_or_none()
    if found is None:
        raise Refused("nobody is signed in")
    return found


def seat() -> Seat:
    """Return the seat of the partner who is signed in. Raises Refused for staff."""
    found = person().viewer.seat
    if found is None:
        raise Refused("not a partner")
    return found


def couple_id() -> str:
    """Return the couple of the partner who is signed in. Raises Refused for staff."""
    viewer = person().viewer
    if not viewer.is_partner or len(viewer.couples) != 1:
        raise Refused("not a partner")
    return next(iter(viewer.couples))


def scope() -> Scope:
    """Return this request's scope, opened at its first use; it only reads in a request that only reads."""
    if "scope" not in g:
        g.scope = _go_on() or portal().records.scope(
            person().viewer, read_only=request.method in SAFE_METHODS
        )
        g.scope.choose_language = _language
    return cast("Scope", g.scope)


def keep_open(door: Scope) -> None:
    """Let a request go on in the transaction in which somebody was recognised. It only reads."""
    g.door = door


def _go_on() -> Scope | None:
    viewer, door = person().viewer, g.pop("door", None)
    return cast("Scope", door).turned_to(viewer) if door is not None else None


def _language() -> str | None:
    locale = get_locale()
    return None if locale is None else str(locale)


def now() -> datetime:
    """Return the current moment by the portal's clock."""
    return portal().records.clock.now()


def today() -> date:
    """Return the calendar day where the signed-in person's practice is."""
    return day_in(person().time_zone, now())


def close_scope() -> None:
    """Give this request's scope back before its end; what was not committed is undone.

    For whoever writes in a transaction of their own once a view is done: a second writer would wait for the first.
    """
    for found in (g.pop("scope", None), g.pop("door", None)):
        if found is not None:
            found.close()
