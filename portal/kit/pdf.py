"""PDF from our own HTML: rendered in separate, killable processes that can fetch nothing but our own files."""

import hashlib
import importlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

    from pebble import ProcessPool

SCHEME = "portal:"
"""Addresses that documents may use: `portal:/static/…` for files of the asset folders, `portal:/given/…` for
bytes handed over with one document. Every other address is refused and fails the document."""


FILE_KINDS = frozenset({".css", ".woff2", ".svg", ".png"})
"""What a document may use from the asset folders."""

_WORKER = "portal.kit.pdf_worker"
"""Named, not imported: only the processes of a pool load the typesetter."""


class PdfFailed(Exception):
    """A document could not be made. The message never quotes the document."""


class PdfTooLong(PdfFailed):
    """A document is longer than a report may be. Offer a shorter period."""


class PdfTimedOut(PdfFailed):
    """A document took longer than its time limit; its process was ended."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use. The defaults suit reports; long exports get their own pool.

    With 25 seconds for the process, the caller has an answer within 30 on a busy machine too.
    """

    seconds: float = 25
    memory_mib: int = 1024
    pages: int = 150
    html_bytes: int = 800_000


@dataclass(frozen=True, slots=True)
class Assets:
    """The files that documents may use: folders by the first part of their address, and the style sheets to apply."""

    folders: Mapping[str, Path]
    stylesheets: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Return a digest of the style sheets' content, for the keys of a cache."""
        joined = hashlib.sha256()
        for address in self.stylesheets:
            joined.update(_length_first(self.file(address).read_bytes()))
        return joined.hexdigest()

    def file(self, address: str) -> Path:
        """Return the file behind a `portal:/<folder>/…` address; LookupError if it isn't one of ours."""
        folder, _, inside = address.removeprefix(f"{SCHEME}/").partition("/")
        if not address.startswith(f"{SCHEME}/") or folder not in self.folders:
            raise LookupError(address)
        root = self.folders[folder].resolve()
        path = (root / inside).resolve()
        if not path.is_relative_to(root) or path.suffix not in FILE_KINDS or not path.is_file():
            raise LookupError(address)
        return path


class Refusal(StrEnum):
    """Why a process handed back no document."""

    TOO_LONG = "too-long"
    MEMORY = "memory"
    FETCH = "fetch"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Order:
    """One document to be made, as it travels to a process."""

    html: str
    title: str
    lang: str
    given: Mapping[str, bytes]
    max_pages: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: a document, or why there is none. `reason` is a class name, never words of the document."""

    pdf: bytes = b""
    pages: int = 0
    refusal: Refusal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document."""

    pdf: bytes
    pages: int


class PdfStore(Protocol):
    """Where finished documents may be kept. They hold people's answers: memory, or an encrypted place."""

    def get(self, key: str) -> Rendered | None:
        """Return the document kept under a key, or None."""

    def put(self, key: str, document: Rendered) -> None:
        """Keep a document under a key."""


@dataclass(slots=True)
class RecentPdfs:
    """The documents made last, in memory only, up to a number of bytes. Safe to share between threads."""

    room: int = 32_000_000
    _kept: OrderedDict[str, Rendered] = field(default_factory=OrderedDict)
    _used: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: str) -> Rendered | None:
        """Return the document kept under a key, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, document: Rendered) -> None:
        """Keep a document; the ones longest unused make room for it."""
        with self._lock:
            if key in self._kept or len(document.pdf) > self.room:
                return
            self._kept[key] = document
            self._used += len(document.pdf)
            while self._used > self.room:
                _, dropped = self._kept.popitem(last=False)
                self._used -= len(dropped.pdf)


def digest(
    html: str, *, title: str, lang: str, assets: Mapping[str, bytes] | None = None, style: str = ""
) -> str:
    """Return the key under which an unchanged document can be served again.

    It covers everything the bytes depend on: content, title, language, given assets, the style sheets'
    fingerprint and the version of the typesetter.
    """
    parts = [version("weasyprint"), html, title, lang, style]
    key = hashlib.sha256(b"".join(_length_first(part.encode()) for part in parts))
    for name in sorted(assets or {}):
        key.update(_length_first(name.encode()) + _length_first((assets or {})[name]))
    return key.hexdigest()


def _length_first(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


class PdfPool:
    """A few warm processes that turn HTML into tagged PDF (PDF/UA-1).

    Use as a context manager, or call `close()`. Processes start with the first document or with `start()`, which
    returns once they are warm. A process that runs out of time, or dies, is replaced; the caller gets an error.
    """

    def __init__(self, assets: Assets, *, max_workers: int = 2, limits: Limits | None = None) -> None:
        self.assets = assets
        self.limits = limits or Limits()
        self._max_workers = max_workers
        self._pool: ProcessPool | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the processes and wait until each has loaded the typesetter, the fonts and the style sheets."""
        pool = self._running_pool()
        for warm in [pool.schedule(_warm, timeout=60) for _ in range(self._max_workers)]:
            warm.result()

    def close(self) -> None:
        """End all processes, finished or not."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only most of itself.
            pool.join()

    def render(
        self, html: str, *, title: str, lang: str = "en", assets: Mapping[str, bytes] | None = None
    ) -> Rendered:
        """Return the PDF of an HTML document; equal input gives equal bytes.

        `title` is the only thing told about the document in its metadata: keep it neutral. `assets` are bytes the
        document may use under `portal:/given/<name>`. Raises `PdfTooLong`, `PdfTimedOut` or `PdfFailed`.
        """
        if len(html.encode()) > self.limits.html_bytes:
            raise PdfTooLong("the document is too long to be set")
        order = Order(
            html=html, title=title, lang=lang, given=dict(assets or {}), max_pages=self.limits.pages
        )
        outcome = self._outcome_of(order)
        match outcome.refusal:
            case None:
                return Rendered(outcome.pdf, outcome.pages)
            case Refusal.TOO_LONG:
                raise PdfTooLong(f"the document has more than {self.limits.pages} pages")
            case Refusal.MEMORY:
                raise PdfTooLong("the document needs more memory than it may use")
            case Refusal.FETCH:
                raise PdfFailed("the document asked for a file that isn't ours")
            case Refusal.BROKEN:
                raise PdfFailed(f"the document could not be set ({outcome.reason})")

    def render_cached(
        self,
        store: PdfStore,
        html: str,
        *,
        title: str,
        lang: str = "en",
        assets: Mapping[str, bytes] | None = None,
    ) -> Rendered:
        """Return the PDF from a store if nothing it depends on has changed, else make it and keep it there."""
        key = digest(html, title=title, lang=lang, assets=assets, style=self.assets.fingerprint())
        kept = store.get(key)
        if kept is not None:
            return kept
        made = self.render(html, title=title, lang=lang, assets=assets)
        store.put(key, made)
        return made

    def _outcome_of(self, order: Order) -> Outcome:
        """Run an order; a process that died under it gets one more try, since another may have taken its memory."""
        from concurrent.futures import CancelledError  # noqa: PLC0415 - see _running_pool
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - see _running_pool

        from pebble import ProcessExpired  # noqa: PLC0415 - see _running_pool

        for _ in range(2):
            try:
                return self._scheduled(order)
            except TimeoutError:
                raise PdfTimedOut(f"the document took longer than {self.limits.seconds:g} seconds") from None
            except ProcessExpired:
                continue
            except (BrokenProcessPool, CancelledError):
                self.close()
        raise PdfFailed("the typesetter stopped unexpectedly")

    def _scheduled(self, order: Order) -> Outcome:
        task = self._running_pool().schedule(_made, args=(order,), timeout=self.limits.seconds)
        return task.result()

    def _running_pool(self) -> "ProcessPool":
        # What runs other processes is imported with the first document: most processes never print one, and start
        # a good deal faster without it.
        from pebble import ProcessPool  # noqa: PLC0415 - see above

        with self._lock:
            if self._pool is None or not self._pool.active:
                self._pool = ProcessPool(
                    max_workers=self._max_workers,
                    initializer=_prepare,
                    initargs=(self.assets, self.limits),
                    context=_context(),
                )
            return self._pool


def _context() -> "SpawnContext":
    """Return fresh processes on every system: a copy of this one would carry its threads' locks and its keys."""
    import multiprocessing  # noqa: PLC0415 - see PdfPool._running_pool

    return multiprocessing.get_context("spawn")


def _prepare(assets: Assets, limits: Limits) -> None:
    importlib.import_module(_WORKER).prepare(assets, limits)


def _warm() -> None:
    importlib.import_module(_WORKER).warm()


def _made(order: Order) -> Outcome:
    outcome: Outcome = importlib.import_module(_WORKER).made(order)
    return outcome
