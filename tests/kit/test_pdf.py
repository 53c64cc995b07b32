"""Documents are made in processes that can't be stalled, can fetch nothing of others, and tell nothing of people."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pikepdf
import pytest

from portal.kit.pdf import (
    Assets,
    Limits,
    PdfFailed,
    PdfPool,
    PdfTimedOut,
    PdfTooLong,
    RecentPdfs,
    Rendered,
    digest,
)

PAGE = '<!doctype html><html lang="en"><title>-</title><body>'


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an asset folder with a style sheet and an icon, beside a file that must stay out of reach."""
    outside = tmp_path_factory.mktemp("house")
    (outside / "secret.css").write_text("p { color: red }")
    folder = outside / "static"
    folder.mkdir()
    (folder / "print.css").write_text("@page { size: 100mm 100mm } p { color: #123456 }")
    (folder / "dot.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'
    )
    (folder / "notes.txt").write_text("not an asset")
    return folder


@pytest.fixture(scope="module")
def pool(static: Path) -> Iterator[PdfPool]:
    """Return a warm pool of one process with short limits."""
    assets = Assets({"static": static}, ("portal:/static/print.css",))
    with PdfPool(assets, max_workers=1, limits=Limits(seconds=4, pages=12)) as running:
        running.start()
        yield running


def opened(document: Rendered) -> pikepdf.Pdf:
    """Open a finished document for inspection."""
    return pikepdf.open(io.BytesIO(document.pdf))


def test_a_document_is_tagged_and_has_its_language(pool: PdfPool) -> None:
    made = pool.render(f"{PAGE}<h1>Head</h1><p>Text", title="Report N-26-0001", lang="es")
    with opened(made) as pdf:
        assert made.pages == len(pdf.pages) == 1
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "es"
        assert "/StructTreeRoot" in pdf.Root
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()


def test_metadata_holds_the_title_and_nothing_about_people_or_places(pool: PdfPool) -> None:
    html = (
        '<html lang="en"><title>Sam and Alex</title><meta name="author" content="Dr. Marlowe">'
        '<meta name="keywords" content="grief"><meta name="dcterms.created" content="2026-11-22"><p>Text'
    )
    with opened(pool.render(html, title="Report N-26-0001")) as pdf:
        assert set(pdf.docinfo) == {"/Title", "/Producer"}
        assert str(pdf.docinfo.Title) == "Report N-26-0001"
        assert str(pdf.docinfo.Producer).startswith("WeasyPrint ")
        everything = pdf.Root.Metadata.read_bytes()
    assert b"Report N-26-0001" in everything
    for secret in (b"Sam", b"Marlowe", b"grief", b"2026-11-22", str(Path.cwd()).encode()):
        assert secret not in everything


def test_equal_input_gives_equal_bytes(pool: PdfPool) -> None:
    html = f"{PAGE}<p>The same</p><img alt='dot' src='portal:/static/dot.svg'>"
    first = pool.render(html, title="Report")
    pool.render(f"{PAGE}<p>Another between</p>", title="Other")
    assert pool.render(html, title="Report").pdf == first.pdf


def test_given_bytes_and_our_files_can_be_used(pool: PdfPool) -> None:
    dot = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
    html = f"{PAGE}<img alt=dot src='portal:/given/dot.svg'><img alt=dot src='portal:/static/dot.svg'>"
    assert pool.render(html, title="Report", assets={"dot.svg": dot}).pages == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=file:///etc/passwd>",
        "<img src=http://127.0.0.1:1/x.png>",
        "<img src=http://169.254.169.254/latest/meta-data/>",
        "<img src='data:image/svg+xml,<svg/>'>",
        "<img src='ftp://127.0.0.1/x'>",
        "<img src=portal:/static/../secret.css>",
        "<img src=portal:/static/%2e%2e/secret.css>",
        "<img src=portal:/static/notes.txt>",
        "<img src=portal:/given/none.svg>",
        "<img src=portal:/elsewhere/print.css>",
        "<a rel=attachment href=file:///etc/passwd>x</a>",
        "<style>@import url(http://127.0.0.1:1/x.css)</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x",
        "<style>p { background: url(file:///etc/passwd) }</style><p>x",
        "<style>p::before { content: url(file:///etc/passwd) }</style><p>x",
        "<style>li { list-style-image: url(file:///etc/passwd) }</style><li>x",
        "<link rel=stylesheet href=file:///etc/passwd>",
        "<object data=file:///etc/passwd></object>",
        "<embed src=file:///etc/passwd>",
        "<base href=file:///etc/><img src=passwd>",
        "<svg width=9 height=9><image href='file:///etc/passwd' width=9 height=9 /></svg>",
    ],
)
def test_whatever_is_not_ours_fails_the_document(pool: PdfPool, hostile: str) -> None:
    with pytest.raises(PdfFailed) as failed:
        pool.render(f"{PAGE}{hostile}", title="Report")
    assert "passwd" not in str(failed.value)


def test_nothing_is_ever_attached(pool: PdfPool) -> None:
    html = '<html lang="en"><title>-</title><link rel=attachment href=file:///etc/passwd><p>Text'
    with opened(pool.render(html, title="Report")) as pdf:
        assert not pdf.attachments
        assert "/Names" not in pdf.Root or "/EmbeddedFiles" not in pdf.Root.Names


@pytest.mark.parametrize(
    "hostile", ["<table><tr><td colspan=1000000>x</table>", "<div>" * 500, "<p style='font-size:1e7px'>x"]
)
def test_markup_that_breaks_a_typesetter_ends_in_a_clear_answer(pool: PdfPool, hostile: str) -> None:
    with suppress(PdfFailed):
        assert pool.render(f"{PAGE}{hostile}", title="Report").pages
    assert pool.render(f"{PAGE}<p>Next", title="Report").pages == 1


@pytest.mark.slow
def test_a_stalled_process_is_ended_and_the_next_document_is_made(pool: PdfPool) -> None:
    with pytest.raises(PdfTimedOut):
        pool.render(f"{PAGE}<p style='overflow-wrap: anywhere'>{'x' * 100_000}", title="Report")
    assert pool.render(f"{PAGE}<p>Next", title="Report").pages == 1


def test_too_many_pages_are_refused(pool: PdfPool) -> None:
    with pytest.raises(PdfTooLong):
        pool.render(PAGE + "<p style='break-after: page'>x</p>" * 30, title="Report")


def test_a_document_of_unreasonable_size_is_refused_at_once(pool: PdfPool) -> None:
    began = time.monotonic()
    with pytest.raises(PdfTooLong):
        pool.render(PAGE + "word " * 500_000, title="Report")
    assert time.monotonic() - began < 1


def test_a_killed_process_costs_one_try_and_is_replaced(pool: PdfPool) -> None:
    pool.render(f"{PAGE}<p>x", title="Report")
    for process in _children():
        os.kill(process, signal.SIGKILL)
    assert pool.render(f"{PAGE}<p>Again", title="Report").pages == 1


def _children() -> list[int]:
    """Return the processes that this one has spawned for its pools."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spawn_main" in line]


@pytest.mark.slow
def test_the_memory_limit_holds(static: Path) -> None:
    greedy = PAGE + "<p>word word word word</p>" * 12_000
    with PdfPool(
        Assets({"static": static}), max_workers=1, limits=Limits(memory_mib=420, seconds=25)
    ) as small:
        with pytest.raises(PdfFailed):
            small.render(greedy, title="Report")
        assert small.render(f"{PAGE}<p>x", title="Report").pages == 1


def test_an_unchanged_document_comes_from_the_store(pool: PdfPool) -> None:
    store = RecentPdfs()
    html = f"{PAGE}<p>Kept"
    first = pool.render_cached(store, html, title="Report")
    began = time.perf_counter()
    assert pool.render_cached(store, html, title="Report") is first
    assert time.perf_counter() - began < 0.01
    assert pool.render_cached(store, f"{html}!", title="Report") is not first


def test_the_key_covers_everything_the_bytes_depend_on() -> None:
    keys = {
        digest("a", title="t", lang="en"),
        digest("b", title="t", lang="en"),
        digest("a", title="u", lang="en"),
        digest("a", title="t", lang="es"),
        digest("a", title="t", lang="en", style="s"),
        digest("a", title="t", lang="en", assets={"x": b"1"}),
        digest("a", title="t", lang="en", assets={"x": b"2"}),
        digest("at", title="", lang="en"),
    }
    assert len(keys) == 8


def test_the_store_forgets_what_was_used_longest_ago() -> None:
    store = RecentPdfs(room=25)
    for key in "abc":
        store.put(key, Rendered(b"0123456789", 1))
    assert store.get("a") is None
    assert store.get("b") == store.get("c") == Rendered(b"0123456789", 1)


def test_a_web_process_never_loads_the_typesetter() -> None:
    code = "import sys, portal.kit.pdf, portal.reports.base; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
