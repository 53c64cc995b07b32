"""What people see when something can't be done; what they had typed is never lost."""

import logging
from enum import StrEnum
from typing import Any

from flask import Flask, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers.response import Response

from portal.access.policy import Refused
from portal.access.vault import CannotOpen
from portal.kit.ids import new_id
from portal.web.current import SAFE_METHODS, portal
from portal.web.render import render
from portal.web.writer import FIELD, writer_of

log = logging.getLogger(__name__)

NEVER_KEPT = frozenset(
    {"csrf_token", FIELD, "password", "new_password", "code", "current_password", "once_key"}
)
WORD = 30
"""Longer values are shown even where they hold no space: they were typed, not chosen."""
Answer = tuple[str, int] | Response | tuple[str, int, dict[str, str]]


class NeedsSignIn(Exception):
    """The page is for people who are signed in, and nobody is."""


class SomeoneElse(Exception):
    """A form was written by one person and sent while another is signed in."""


class Reason(StrEnum):
    """Why a form could not be taken."""

    KEPT = "kept"
    """Nobody was signed in; the form is kept sealed until its writer signs in again."""
    SIGNED_OUT = "signed-out"
    """Nobody was signed in, and there is nobody to keep the form for."""
    EXPIRED = "expired"
    """The page was too old; it can be sent again at once."""
    SOMEONE_ELSE = "someone-else"
    """Somebody else is signed in; the form is kept for its writer and not shown."""


class Stale(Exception):
    """What a form was about has changed meanwhile. ``texts`` maps a heading to each version, all escaped."""

    def __init__(self, message: str, texts: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.texts = texts or {}


def typed_fields() -> dict[str, list[str]]:
    """Return what was typed into the form of this request, without tokens and secrets."""
    try:
        fields = request.form.to_dict(flat=False)
    except HTTPException:
        return {}
    return {name: values for name, values in fields.items() if name not in NEVER_KEPT and any(values)}


def typed_texts() -> list[str]:
    """Return the longer texts among what was typed, to be shown so that they can be copied."""
    return [
        value
        for values in typed_fields().values()
        for value in values
        if " " in value.strip() or len(value) > WORD
    ]


def check_writer() -> None:
    """Raise SomeoneElse if the form at hand was written by another person than the one signed in."""
    if request.method in SAFE_METHODS:
        return
    writer = writer_of(request.form.get(FIELD, ""))
    if writer is None or not current_user.is_authenticated:
        return
    if writer != (current_user.viewer.practice_id, current_user.viewer.account_id):
        raise SomeoneElse


def _keep() -> bool:
    keep = portal().keep_form
    token, fields = request.form.get(FIELD, ""), typed_fields()
    return bool(keep and token and fields and keep(token, request.path, fields))


def sign_in_first(_error: Exception) -> Answer:
    """Send a visitor to the sign-in page; keep what a form carried for its writer."""
    if request.method in SAFE_METHODS:
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), 303)
    if not typed_fields():
        return redirect(url_for("people.sign_in"), 303)
    return _kept_page(Reason.KEPT if _keep() else Reason.SIGNED_OUT, url_for("people.sign_in")), 401


def form_expired(error: Exception) -> Answer:
    """Answer a form whose token no longer fits: show what was typed and let it be sent again."""
    if not current_user.is_authenticated:
        return sign_in_first(error)
    return _kept_page(Reason.EXPIRED, request.full_path.rstrip("?")), 400


def someone_else(_error: Exception) -> Answer:
    """Keep the text for its writer and show nothing of it to whoever is signed in now."""
    return render(
        "errors/kept.html", reason=_keep() and Reason.SOMEONE_ELSE, fields={}, texts=[], url="/"
    ), 409


def _kept_page(reason: "Reason", url: str) -> str:
    return render("errors/kept.html", reason=reason, fields=typed_fields(), texts=typed_texts(), url=url)


def not_found(_error: Exception) -> Answer:
    """Answer with the one page for what isn't there and what isn't for these eyes."""
    return render("errors/not_found.html"), 404


def stale(error: Stale) -> Answer:
    """Show both versions of a text that was changed in two places."""
    return render(
        "errors/conflict.html", message=error.message, versions=error.texts, texts=typed_texts()
    ), 409


def too_large(_error: Exception) -> Answer:
    """Answer a form that is longer than the portal takes."""
    return render("errors/too_large.html", texts=[]), 413


def unavailable(error: Exception) -> Answer:
    """Answer while the database can't be reached: show what was typed, ask to try again."""
    log.error("database unavailable: %s", type(error).__name__)
    if "_login_user" not in g:
        # Who is asking could not be looked up; the page that says so must not try it again.
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 - Flask-Login has no public way to say so
    page = render("errors/unavailable.html", texts=typed_texts(), reference=_reference())
    return page, 503, {"Retry-After": "5"}


def server_error(error: Exception) -> Answer:
    """Answer an error of ours with a reference and nothing else."""
    original = getattr(error, "original_exception", None) or error
    # Only the kind of error and where it happened are logged: its text may hold what somebody wrote.
    log.error(
        "error %s: %s in %s",
        _reference(),
        type(original).__name__,
        request.endpoint,
        exc_info=_scrubbed(original),
    )
    return render("errors/server_error.html", texts=typed_texts(), reference=_reference()), 500


def _scrubbed(error: BaseException) -> Any:
    return (type(error), type(error)("(text withheld)") if _plain(error) else None, error.__traceback__)


def _plain(error: BaseException) -> bool:
    try:
        type(error)("")
    except Exception:  # noqa: BLE001 - any constructor may refuse; then only the place is logged
        return False
    return True


def other(error: HTTPException) -> Answer:
    """Answer any other refusal in plain words."""
    code = error.code or 500
    if isinstance(error, SecurityError):
        # For a host that isn't ours no address can be built, and a page is full of addresses.
        return make_response(
            str(_("This address isn’t served here.")), code, {"Content-Type": "text/plain; charset=utf-8"}
        )
    if code in {404, 405, 410}:
        return render("errors/not_found.html"), code
    return render("errors/server_error.html", texts=typed_texts(), reference=_reference()), code


def _reference() -> str:
    if "reference" not in g:
        g.reference = new_id()[:8]
    return str(g.reference)


def _logged_by_us(_exc_info: object) -> None:
    """Stand in for Flask's own log of an error, which would hold its text; ``server_error`` logs the rest."""


def install(app: Flask) -> None:
    """Register every error page."""
    app.log_exception = _logged_by_us  # type: ignore[assignment, method-assign]  # Flask offers no switch
    app.before_request(check_writer)
    app.register_error_handler(NeedsSignIn, sign_in_first)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(SomeoneElse, someone_else)
    app.register_error_handler(Refused, not_found)
    app.register_error_handler(CannotOpen, server_error)
    app.register_error_handler(Stale, stale)
    app.register_error_handler(413, too_large)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(InternalServerError, server_error)
    app.register_error_handler(HTTPException, other)
