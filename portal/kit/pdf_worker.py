"""The inside of a PDF process: limits first, then fonts and style sheets once, then one document after another.

This is the only file that imports WeasyPrint, and only the processes of a `PdfPool` import this file.
"""

import gc
import mimetypes
import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass, field

from weasyprint import CSS, HTML, Document
from weasyprint.document import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from portal.kit.pdf import SCHEME, Assets, Limits, Order, Outcome, Refusal

COLLECT_EVERY = 8
"""Documents between two garbage collections: collecting during a render costs a fifth of its time."""

WARMING = "<!doctype html><html lang=en><title>-</title><p>Warm <b>now</b>"


class Refused(FatalURLFetchingError):  # type: ignore[misc]  # WeasyPrint carries no types.
    """A document asked for something that isn't ours.

    It derives from BaseException through WeasyPrint's own class, because WeasyPrint swallows every Exception of a
    fetcher and would print the document without the missing part.
    """


class OurFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types.
    """Serves the asset folders and the bytes given with one document; refuses every other address."""

    def __init__(self, assets: Assets, given: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._assets = assets
        self._given = given
        self.refused = False

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002  # WeasyPrint's signature.
        """Return one of our files. Neither the network nor any other file is ever opened."""
        given = url.removeprefix(f"{SCHEME}/given/")
        if given != url and given in self._given:
            return _response(url, self._given[given])
        try:
            return _response(url, self._assets.file(url).read_bytes())
        except LookupError:
            # Remembered as well as raised: while it draws, WeasyPrint swallows even this.
            self.refused = True
            raise Refused from None


def _response(url: str, body: bytes) -> URLFetcherResponse:
    kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
    return URLFetcherResponse(url, body, {"Content-Type": kind})


@dataclass(slots=True)
class Press:
    """What one process keeps between documents: fonts, parsed style sheets, a count."""

    assets: Assets
    fonts: FontConfiguration = field(default_factory=FontConfiguration)
    styles: list[CSS] = field(default_factory=list)
    stamps: tuple[int, ...] = ()
    made: int = 0

    def stylesheets(self) -> list[CSS]:
        """Return the parsed style sheets, parsed again only after a file has changed."""
        stamps = tuple(self.assets.file(address).stat().st_mtime_ns for address in self.assets.stylesheets)
        if not self.styles or stamps != self.stamps:
            fetcher = OurFilesOnly(self.assets, {})
            self.styles = [
                CSS(url=address, url_fetcher=fetcher, font_config=self.fonts)
                for address in self.assets.stylesheets
            ]
            self.stamps = stamps
        return self.styles


_press: list[Press] = []


def prepare(assets: Assets, limits: Limits) -> None:
    """Bind this process to its limits and load what every document needs. Called once, as the process starts."""
    _limit(limits)
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]
    _press[:] = [Press(assets)]
    _rendered(Order(html=WARMING, title="-", lang="en", given={}, max_pages=1)).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    gc.collect()
    gc.freeze()
    gc.disable()


def _limit(limits: Limits) -> None:
    """Set limits that hold whatever the document does. No core dump: it would hold people's answers."""
    memory = limits.memory_mib * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64_000_000, 64_000_000))
    # A last line of defence should the pool itself have died and left this process running.
    seconds = int(limits.seconds) * 200
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def warm() -> None:
    """Do nothing: the answer proves that `prepare` is done."""


def made(order: Order) -> Outcome:
    """Make one document. Only plain values leave the process, and no words of the document in a refusal."""
    try:
        document = _rendered(order)
        if len(document.pages) > order.max_pages:
            return Outcome(refusal=Refusal.TOO_LONG)
        pdf = document.write_pdf(pdf_variant="pdf/ua-1")
        if document.url_fetcher.refused:
            return Outcome(refusal=Refusal.FETCH)
        return Outcome(pdf=pdf, pages=len(document.pages))
    except Refused:
        return Outcome(refusal=Refusal.FETCH)
    except MemoryError:
        return Outcome(refusal=Refusal.MEMORY)
    except Exception as error:  # noqa: BLE001  # Whatever a typesetter stumbles over must not end the process.
        return Outcome(refusal=Refusal.BROKEN, reason=type(error).__name__)
    finally:
        _collect_now_and_then()


def _rendered(order: Order) -> Document:
    press = _press[0]
    page = HTML(string=order.html, base_url=None, url_fetcher=OurFilesOnly(press.assets, order.given))
    document = page.render(
        font_config=press.fonts,
        stylesheets=press.stylesheets(),
        presentational_hints=False,
        pdf_variant="pdf/ua-1",
    )
    # The metadata is written from this list alone, so that nothing in a template can add to it.
    document.metadata = DocumentMetadata(title=order.title, lang=order.lang)
    return document


def _collect_now_and_then() -> None:
    press = _press[0]
    press.made += 1
    if press.made % COLLECT_EVERY == 0:
        gc.collect()
