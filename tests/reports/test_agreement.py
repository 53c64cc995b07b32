"""The printed copy of a signed text holds what both signed, for whoever of them asks, and not a word more."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from flask import Flask
from flask_babel import Babel
from pypdf import PdfReader

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Seat, Viewer
from portal.exercises.mechanics.negotiation_model import EventKind as K
from portal.exercises.parts.agreements.queries import Place
from portal.kit.pdf import PdfPool
from portal.reports.agreement import COPIES, NothingSigned, Wanted, gather
from portal.reports.agreement_page import AgreementPage
from portal.reports.base import Copy, paper_assets, printable
from portal.web import render
from tests.exercises.agreements.negotiating import Table, lay
from tests.exercises.agreements.sitting import Room, form_in, sit
from tests.factories import World
from tests.made_ready import warm_press
from tests.portal_app import Sites
from tests.reports.press import STATIC, environment

A, B = Seat.A, Seat.B
CANARIES = ("DRAFTED", "REMARKED", "NOTED", "PROPOSED", "EARLIER")


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """Just enough of the portal to set type."""
    app = Flask("portal", template_folder=str(render.templates_folder()))
    Babel(app)
    render.install(app)
    with app.app_context():
        yield app


@pytest.fixture(scope="module")
def pool() -> Iterator[PdfPool]:
    with PdfPool(paper_assets(STATIC), max_workers=1) as running:
        running.start()
        yield running


@pytest.fixture
def table(records: Records, world: World) -> Table:
    """A text in its second version, with marked words in every place that isn't signed."""
    table = lay(records, world.sample)
    table.do(A, K.REWORD, "phones", "EARLIER words that nobody signed.")
    table.do(A, K.REWORD, "phones", "")
    table.do(B, K.AGREE, "phones")
    table.settle()
    table.sign()
    world.clock.move(timedelta(days=7))
    table.do(B, K.REOPEN)
    table.do(B, K.REWORD, "pause", "We say stop.")
    table.do(A, K.AGREE, "pause")
    table.sign()
    table.type(A, Place.WORDING.key("pause"), "DRAFTED by one of them")
    table.do(B, K.SLIPPED, "pause", "NOTED for the therapist", period="2026-W47")
    table.do(A, K.COMMENT, "pause", "REMARKED beside it")
    table.do(A, K.REOPEN)
    table.do(A, K.PROPOSE, text="PROPOSED and not signed.")
    return table


def page_for(table: Table, viewer: Viewer, copy: Copy) -> AgreementPage:
    with table.records.within(viewer, read_only=True) as scope:
        return gather(scope, Wanted(couple_id=table.pair.couple_id, copy=copy, assignment_id=table.given))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text().replace("\xa0", " ") for page in PdfReader(io.BytesIO(pdf)).pages)


def readers(table: Table) -> list[tuple[Viewer, Copy]]:
    pair = table.pair
    return [
        (pair.a, Copy.PARTNER_A),
        (pair.b, Copy.PARTNER_B),
        (pair.therapist, Copy.JOINT),
        (pair.therapist, Copy.CLINICIAN),
        (pair.therapist, Copy.PARTNER_A),
    ]


def test_every_copy_holds_the_signed_words_and_nothing_else(app: Flask, table: Table) -> None:
    for viewer, copy in readers(table):
        told = text_of(warm_press().agreement(page_for(table, viewer, copy)).pdf)
        for words in ("How we pause", "We say stop.", "Twenty minutes.", "We both mean it."):
            assert words in told
        assert "Sam Wren" in told
        assert "Alex Holm" in told
        assert [each for each in CANARIES if each in told] == []
        assert "Both of you and your therapist" in told


def test_a_changed_clause_says_what_stood_there_and_since_when_each_reads_as_it_does(
    app: Flask, table: Table
) -> None:
    [sheet] = page_for(table, table.pair.a, Copy.PARTNER_A).sheets
    pause, length = sheet.clauses
    assert (pause.news, pause.before, pause.since) == ("New in version 2.", ("We say pause.",), "26 Nov")
    assert (length.news, length.before, length.since) == ("", (), "19 Nov")
    assert sheet.facts[0].lines == ("2, of 26 November 2026", "1, of 19 November 2026")
    assert sheet.facts[1].lines == ("26 December 2026", "a Saturday")
    assert sheet.left_out == ""


def test_only_the_day_is_told_on_which_both_signatures_were_there(
    app: Flask, table: Table, world: World
) -> None:
    table.do(B, K.AGREE, "added_1")
    table.do(A, K.SIGN)
    world.clock.move(timedelta(days=3))
    table.do(B, K.SIGN)
    [sheet] = page_for(table, table.pair.b, Copy.PARTNER_B).sheets
    assert sheet.accepted == "Signature, date. Accepted online by both, 29 November 2026."
    assert "26 November" not in str(replace(sheet, facts=(), clauses=()))


def test_what_was_put_away_or_never_signed_is_not_printed(app: Flask, records: Records, world: World) -> None:
    table = lay(records, world.sample)
    table.settle()
    for act in (None, K.SIGN):
        if act:
            table.do(A, act)
        with pytest.raises(NothingSigned):
            page_for(table, table.pair.a, Copy.PARTNER_A)
    table.do(B, K.SIGN)
    assert page_for(table, table.pair.b, Copy.PARTNER_B).sheets
    table.do(B, K.WITHDRAW)
    with pytest.raises(NothingSigned):
        page_for(table, table.pair.b, Copy.PARTNER_B)


def test_nobody_else_gets_a_copy(app: Flask, table: Table, world: World) -> None:
    other = world.pair(table.pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (other.a, other.therapist, House(table.pair.a.practice_id)):
        with pytest.raises(Refused):
            page_for(table, viewer, Copy.JOINT)  # type: ignore[arg-type]  # the house is no reader either
    with pytest.raises(Refused):
        page_for(table, table.pair.therapist, Copy.RELEASE)
    assert Copy.RELEASE not in COPIES


def test_the_file_is_tagged_and_says_nothing_about_people(app: Flask, table: Table, pool: PdfPool) -> None:
    page = page_for(table, table.pair.therapist, Copy.JOINT)
    html = environment().get_template("reports/agreement.html").render(page=printable(page))
    made = pool.render(html, title=page.paper.title, lang=page.paper.lang)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.docinfo.get("/Title", "")) == page.paper.title
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as told:
            assert told.get("pdfuaid:part") == "1"
            assert "Wren" not in str(told)
    assert page.paper.file_name.startswith("report-26-")
    assert "Sam" not in page.paper.file_name


def test_a_clause_never_breaks_and_signatures_never_stand_without_one(
    app: Flask, records: Records, world: World, pool: PdfPool
) -> None:
    table = lay(records, world.sample)
    for number in range(12):
        table.do(
            A,
            K.PROPOSE,
            text=f"Clause {number} begins here, goes on for a good while and ends here {number}.",
        )
        table.do(B, K.AGREE, f"added_{number + 1}")
    table.settle()
    table.sign()
    page = page_for(table, table.pair.a, Copy.PARTNER_A)
    html = environment().get_template("reports/agreement.html").render(page=printable(page))
    made = pool.render(html, title=page.paper.title, lang="en").pdf
    pages = [each.extract_text().replace("\xa0", " ") for each in PdfReader(io.BytesIO(made)).pages]
    assert len(pages) == 2
    for number in range(12):
        assert (
            len([each for each in pages if f"Clause {number} begins" in each and f"here {number}." in each])
            == 1
        )
    assert "Clause 11" in pages[-1]
    assert "At the review" in pages[-1]


def test_hostile_words_are_set_as_words(app: Flask, records: Records, world: World, pool: PdfPool) -> None:
    table = lay(records, world.sample)
    hostile = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "x" * 180, "مرحبا بكم في البيت", "👩‍❤️‍👨 &amp; <b>"]
    for number, words in enumerate(hostile, start=1):
        table.do(A, K.PROPOSE, text=words)
        table.do(B, K.AGREE, f"added_{number}")
    table.settle()
    table.sign()
    page = page_for(table, table.pair.a, Copy.PARTNER_A)
    html = environment().get_template("reports/agreement.html").render(page=printable(page))
    assert "<script>" not in html
    assert "{{ 7 * 7 }}" in html
    assert pool.render(html, title=page.paper.title, lang="en").pages >= 1
    assert any(each.direction == "rtl" for each in page.sheets[0].clauses)


@pytest.fixture
def room(sites: Sites) -> Room:
    room = sit(sites.empty())
    room.table.settle()
    return room


def test_either_partner_downloads_the_same_text_under_a_neutral_name(room: Room) -> None:
    address = f"/t/{room.table.given}/copy"
    assert room.a.get(address).status_code == 404
    room.table.sign()
    for visitor in (room.a, room.b):
        assert address in room.page(visitor)
        answer = visitor.get(address)
        assert answer.status_code == 200, room.site.faults
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="report-26-')
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Twenty minutes." in text_of(answer.get_data())
    room.table.do(A, K.WITHDRAW)
    assert room.a.get(address).status_code == 404


def test_the_therapists_copy_is_written_down(room: Room) -> None:
    room.table.sign()
    ines = room.site.sign_in_as(room.viewers["therapist"])
    review = f"/answers/{room.table.given}"
    form, fields = form_in(review, ines.get(review).get_data(as_text=True), f"/agreement/{room.table.given}")
    answer = ines.post(form, fields)
    assert answer.status_code == 200, room.site.faults
    assert "Twenty minutes." in text_of(answer.get_data())
    with room.site.records.within(House(room.table.pair.a.practice_id), read_only=True) as scope:
        made = scope.all(scope.select(AuditEntry).where(AuditEntry.action == Action.REPORT_MADE))
        assert [each.detail["kind"] for each in made] == ["agreement"]


def test_nobody_else_downloads_it(room: Room) -> None:
    room.table.sign()
    neighbours = room.site.world.pair(room.table.pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    dana = room.site.sign_in_as(neighbours.a)
    assert dana.get(f"/t/{room.table.given}/copy").status_code in {303, 404}
    for name in ("therapist", "admin"):
        assert room.site.sign_in_as(room.viewers[name]).get(f"/t/{room.table.given}/copy").status_code == 404
    post = f"/couples/{room.table.pair.couple_id}/reports/agreement/{room.table.given}"
    assert room.a.post(post, {"csrf_token": room.a.csrf}).status_code == 404
