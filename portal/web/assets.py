"""Addresses of the portal's static files, and its icons as inline drawings."""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for
from markupsafe import Markup

STATIC = Path(__file__).resolve().parent.parent / "static"
ICONS = STATIC / "vendor" / "lucide-static-1.62.0"
OWN_ICONS = STATIC / "icons"

# Icons that point along the line of reading are mirrored in right-to-left languages.
DIRECTIONAL = frozenset(
    {
        "arrow-right", "chevron-left", "chevron-right", "list", "list-checks", "list-ordered", "log-out", "menu",
        "notebook-text", "send", "notebook-mark",
    }
)  # fmt: skip


# From this size on the line is drawn finer, so that a large icon doesn't look heavier than a title.
LARGE = 40


class UnknownIcon(LookupError):
    """An icon was asked for that is not among the files in ``static``."""


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset_url(path: str) -> str:
    """Address of a file below ``portal/static``, with its content hash, so that it may be cached for ever.

    Raises ``FileNotFoundError`` for a file that does not exist, so a misspelt name fails in the first test.
    """
    file = STATIC / path
    return url_for("static", filename=path, v=_version(file, file.stat().st_mtime_ns))


def cache_forever(response: Response) -> Response:
    """Let browsers keep static files that carry a content hash or lie in a folder named by version."""
    lasting = request.endpoint == "static" and (
        "v" in request.args or request.path.startswith("/static/vendor/")
    )
    if lasting and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@lru_cache(maxsize=256)
def _drawing(name: str) -> str:
    """The shapes inside an icon's file, without its outer ``svg`` element."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise UnknownIcon(name)
    for folder in (ICONS, OWN_ICONS):
        file = folder / f"{name}.svg"
        if file.is_file():
            shapes = (
                file.read_text(encoding="utf-8")
                .partition("<svg")[2]
                .partition(">")[2]
                .rpartition("</svg>")[0]
            )
            return re.sub(r"\s+", " ", shapes).strip()
    raise UnknownIcon(f"{name}: add it to ICONS in tools/vendor.py and run that")


@lru_cache(maxsize=512)
def icon(name: str, *, size: int = 20, css: str = "") -> Markup:
    """An icon as inline SVG, hidden from screen readers: words always stand beside it.

    ``size`` is in CSS pixels at normal text size; ``css`` adds class names. Raises ``UnknownIcon``.
    """
    classes = " ".join(filter(None, ("icon", "icon-turns" if name in DIRECTIONAL else "", css)))
    opening = Markup(
        '<svg class="{}" width="{}" height="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="{}" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
    ).format(classes, size, size, 1.75 if size < LARGE else 1.4)
    return opening + Markup(_drawing(name)) + Markup("</svg>")  # noqa: S704 -- committed files, never input


def icon_names() -> Iterator[str]:
    """Names of every icon there is, in order."""
    yield from sorted(file.stem for folder in (ICONS, OWN_ICONS) for file in folder.glob("*.svg"))


def install_assets(app: Flask) -> None:
    """Give templates ``asset_url`` and ``icon``, and static files their caching header."""
    app.jinja_env.globals.update(asset_url=asset_url, icon=icon)
    app.after_request(cache_forever)
