"""The headers of every response, and the check that a form comes from our own pages."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from portal.web.current import SAFE_METHODS, portal

POLICY = {
    "default-src": "'none'",
    "script-src": "'nonce-{nonce}'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "htmx",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": the form check needs to see that a form comes from our own pages.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "X-Robots-Tag": "noindex, nofollow",
}
TRANSPORT = "max-age=63072000; includeSubDomains"
PRIVATE = "no-store"


def content_security_policy(nonce: str) -> str:
    """Return the policy with a response's nonce."""
    return "; ".join(f"{name} {value}" for name, value in POLICY.items()).replace("{nonce}", nonce)


def make_nonce() -> None:
    """Give this response its nonce."""
    g.csp_nonce = secrets.token_urlsafe(18)


def check_origin() -> None:
    """Refuse a form that another site sent, by what the browser says of where it comes from."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        abort(400)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(400)


def set_headers(response: Response) -> Response:
    """Put the whole set of headers on a response. Static files may be cached; nothing else ever is."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = content_security_policy(
        g.get("csp_nonce") or secrets.token_urlsafe(18)
    )
    if request.endpoint != "static":
        response.headers["Cache-Control"] = PRIVATE
        response.headers.add("Vary", "Cookie")
    if portal().config.secure:
        response.headers["Strict-Transport-Security"] = TRANSPORT
    response.headers.pop("Server", None)
    return response


def install(app: Flask) -> None:
    """Register nonce, origin check and headers."""
    app.before_request(make_nonce)
    app.before_request(check_origin)
    app.after_request(set_headers)
