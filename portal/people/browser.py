"""The browser's side of signing in: its cookies, who is behind a request, and where a person goes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, after_this_request, current_app, redirect, request, session, url_for
from flask_login import LoginManager, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.access.viewer import Role
from portal.kit.ids import new_id
from portal.people import kept, login, login_sessions
from portal.people.devices import Caller, KnownBrowser, device_of
from portal.people.login import Known
from portal.people.passwords import Hasher
from portal.web.current import (
    SAFE_METHODS,
    Portal,
    SignedIn,
    close_scope,
    keep_open,
    now,
    person,
    person_or_none,
    portal,
)
from portal.web.errors import typed_fields
from portal.web.writer import FIELD, writer_of

View = TypeVar("View", bound=Callable[..., Any])
FRESH = timedelta(minutes=10)
HALF_LASTS = timedelta(minutes=10)
BROWSER_LASTS = timedelta(days=120)
MOST_MARKS = 4
HALF = "half"
KEPT_FIELD = "kept"
QUIET = "quiet_endpoints"
HASHER = "hasher"
# Pages that lead nowhere after signing in, or straight out again.
NO_WAY_BACK = frozenset(
    {"static", "people.leave", "people.sign_in", "people.sign_in_code", "people.sign_in_again"}
)


class HasScheme(Protocol):
    """The one thing the cookies need to know of the settings."""

    @property
    def secure(self) -> bool:
        """Say whether people reach the portal by https."""
        ...


def configure_cookies(app: Flask, config: HasScheme) -> None:
    """Set how the session cookie is named and sent: for this host alone, never to scripts, until the browser closes."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-portal" if config.secure else "portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=config.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def install(app: Flask, at: Portal) -> None:
    """Tell a portal who is behind its requests. Call it after CSRFProtect."""
    manager = LoginManager()
    # A session is bound to its row, not to an address that changes on every train.
    manager.session_protection = None
    manager.user_loader(load_person)
    manager.init_app(app)
    at.parts[HASHER] = Hasher(cheap=at.config.environment == "testing")
    at.parts.setdefault(QUIET, set())
    at.gates.insert(0, second_factor_gate)
    at.keep_form = keep_form
    app.after_request(forget_taken)
    # The browser's parting signal carries no token; whoever forged it could only sign a person out.
    app.extensions["csrf"].exempt("portal.people.sign_in_views.leave")


def load_person(token: str) -> SignedIn | None:
    """Return who the token in a session cookie stands for. Quiet endpoints don't keep a session awake."""
    records = portal().records
    door = login_sessions.at_the_door(records, token)
    if door is None:
        return None
    keep_open(door)
    found = login_sessions.find(door, token)
    is_active = request.endpoint not in portal().parts[QUIET]
    if found is not None and is_active and login_sessions.is_due(found, door.now):
        # What is read from here on must know what is written now.
        close_scope()
        login_sessions.touch(records, found)
    elif request.method not in SAFE_METHODS:
        close_scope()
    return found


def hasher() -> Hasher:
    """Return what hashes passwords in this portal."""
    return cast("Hasher", portal().parts[HASHER])


def caller() -> Caller:
    """Return where this request comes from, as far as signing in needs to know."""
    return Caller(
        address=request.remote_addr or "",
        device=device_of(request.headers.get("User-Agent", "")),
        browser=_known_browser(),
    )


def begin(known: Known, *, second_factor: bool) -> SignedIn:
    """Sign somebody in here: an empty session with a fresh token, whatever the browser held before.

    Call it outside of any open scope. Whoever was signed in here is signed out.
    """
    end()
    records = portal().records
    token = login_sessions.open_session(records, known, device=caller().device, second_factor=second_factor)
    found = login_sessions.load(records, token)
    if found is None:
        raise RuntimeError("a login session that was just opened can't be found")
    login_user(found)
    _remember_browser(known.email_key)
    return found


def end() -> None:
    """Sign out whoever is signed in here, on the server and in the browser. Call it outside of any open scope."""
    found = person_or_none()
    if found is not None:
        login_sessions.end_session(portal().records, found)
        logout_user()
    session.clear()


def forget() -> None:
    """Clear the browser's side of a session whose row can't be reached."""
    session.clear()


def refresh(*, second_factor: bool | None = None) -> bool:
    """Give the session of somebody who just proved themselves a new token; False if it was ended meanwhile."""
    found = person()
    proved = found.second_factor if second_factor is None else second_factor
    token = login_sessions.renew_session(portal().records, found, second_factor=proved)
    renewed = login_sessions.load(portal().records, token) if token else None
    if renewed is None:
        end()
        return False
    login_user(renewed)
    return True


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody whose password was right and whose second factor is still to be asked for."""

    known: Known
    next_path: str


def remember_half(known: Known, *, next_path: str) -> None:
    """Hold in the signed cookie that a password was right. It opens nothing but the page that asks for the code."""
    end()
    session[HALF] = [
        known.practice_id, known.account_id, known.email_key, known.password_mark, next_path, now().isoformat()
    ]  # fmt: skip


def half_way() -> Half | None:
    """Return who is half-way signed in here: for ten minutes, and while their password stays the same."""
    try:
        practice_id, account_id, key, mark, next_path, since = session.get(HALF) or []
    except ValueError:
        return None
    if not timedelta(0) <= now() - datetime.fromisoformat(since) <= HALF_LASTS:
        return None
    known = login.find_known(portal().records, practice_id, account_id, key=key)
    return Half(known, next_path) if known is not None and known.password_mark == mark else None


def front_door(who: SignedIn) -> str:
    """Return the address of the page that a person starts from."""
    roles = who.viewer.roles
    if Role.PARTNER in roles:
        return url_for("home.today")
    if Role.THERAPIST in roles or Role.DESK in roles:
        return url_for("home.caseload")
    return url_for("people.accounts")


def after_sign_in(who: SignedIn, next_path: str | None) -> str:
    """Return where a person goes once they are signed in: to what was kept for them, or where they wanted to."""
    waiting = kept.newest(portal().records, who.viewer)
    if waiting is not None:
        return url_for("people.kept", kept_id=waiting)
    return safe_path(next_path) or front_door(who)


def safe_path(target: str | None) -> str | None:
    """Return a path if it is that of one of our own pages, or None for anything else a link could carry."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in target):
        return None
    parts = urlsplit(target)
    adapter = current_app.create_url_adapter(request)
    if parts.scheme or parts.netloc or adapter is None:
        return None
    try:
        endpoint, _arguments = adapter.match(unquote(parts.path), method="GET")
    except (HTTPException, RequestRedirect):
        return None
    if endpoint in NO_WAY_BACK:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_fresh() -> bool:
    """Say whether the person proved within the last ten minutes that it is them."""
    return timedelta(0) <= now() - person().fresh_at <= FRESH


def needs_fresh(view: View) -> View:
    """Let a page open only to somebody who proved themselves within ten minutes; what was typed is kept for them.

    Stands below ``@room.page``.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if is_fresh():
            return view(*args, **kwargs)
        return redirect(url_for("people.sign_in_again", next=_way_back()), 303)

    return cast("View", checked)


def second_factor_gate(who: SignedIn) -> str | None:
    """Send staff who have no second factor yet to where they set it up."""
    return url_for("people.second_step") if who.viewer.is_staff and not who.second_factor else None


def keep_form(token: str, path: str, fields: dict[str, Any]) -> bool:
    """Keep typed fields for the writer whose mark a form carries, sealed until they sign in again."""
    return _keep(token, path, fields) is not None


def forget_taken(response: Response) -> Response:
    """Delete a kept form once it was sent again and taken."""
    kept_id = (
        request.form.get(KEPT_FIELD) if request.method == "POST" and response.status_code < 400 else None
    )
    who = person_or_none() if kept_id else None
    if kept_id and who is not None:
        close_scope()
        kept.forget(portal().records, who.viewer, kept_id)
    return response


def _keep(token: str, path: str, fields: dict[str, Any]) -> str | None:
    writer = writer_of(token)
    if writer is None:
        return None
    words = {name: value for name, value in fields.items() if name != KEPT_FIELD}
    return kept.keep(portal().records, writer, path=path, fields=words)


def _way_back() -> str:
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    kept_id = _keep(request.form.get(FIELD, ""), request.path, typed_fields())
    if kept_id is not None:
        return url_for("people.kept", kept_id=kept_id)
    return urlsplit(request.referrer or "").path or front_door(person())


def _browser_cookie() -> str:
    return "__Host-portal-browser" if current_app.config["SESSION_COOKIE_SECURE"] else "portal-browser"


def _browser_signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="browser")


def _known_browser() -> KnownBrowser | None:
    try:
        browser_id, marks = _browser_signer().loads(request.cookies.get(_browser_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return KnownBrowser(browser_id, tuple(marks))


def _remember_browser(key: str) -> None:
    found = _known_browser() or KnownBrowser(new_id())
    mark = login.browser_mark(portal().records, found.browser_id, key)
    marks = [mark, *(other for other in found.marks if other != mark)][:MOST_MARKS]
    value = _browser_signer().dumps([found.browser_id, marks])

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _browser_cookie(),
            str(value),
            max_age=int(BROWSER_LASTS.total_seconds()),
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
            path="/",
        )
        return response
