"""A worksheet is an exercise on blank paper: whole, for whoever it is theirs to do, and with nobody's answers."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pytest
from flask import Flask
from flask_babel import Babel
from pypdf import PdfReader

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.privacy import Audience, Label
from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises import care_commands, safety
from portal.exercises.domain import Exercise, parse_exercise
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.afterwards import UNTROUBLED
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.models import AssignmentState, Whom
from portal.exercises.safety import OnHold
from portal.exercises.shelf import library
from portal.kit.pdf import PdfPool
from portal.people.models import Account
from portal.questionnaires.model import Condition, Form, Item, ItemKind, Match, Operator, Option, Page
from portal.reports.base import Colophon, Copy, Paper, paper_assets, printable
from portal.reports.worksheet import COPIES, NoSuchExercise, NothingToPrint, Wanted, gather, of_library, sheet
from portal.reports.worksheets.blocks import Drawn
from portal.reports.worksheets.items import condition_words, lines_for, numbers, on_paper
from portal.reports.worksheets.mechanics import DRAWN_BY
from portal.reports.worksheets.page import Question, WorksheetPage
from portal.web import render
from tests.exercises.doing import fill, give, send, type_in
from tests.factories import Pair, World
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish
from tests.reports.press import STATIC, environment

ALL = sorted(library())
HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} " + "x" * 300 + " =1+1 مرحبا 👩‍❤️‍👨 &amp; </title>"


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


JINJA = environment()


def page_of(exercise: Exercise) -> WorksheetPage:
    shown = sheet(exercise)
    paper = Paper("26-7K2QF", "Worksheet", Copy.PARTNER_A, shown.label, shown.label_words, exercise.language)
    return WorksheetPage(paper=paper, sheets=(shown,), colophon=Colophon(("Call a friend.",)))


def html_of(page: WorksheetPage) -> str:
    return JINJA.get_template("reports/worksheet.html").render(page=printable(page))


def words_of(html: str) -> str:
    body = re.sub(r"<[^>]+>", " ", html)
    for mark, letter in (("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&"), ("\xa0", " "), ("\u200b", "")):
        body = body.replace(mark, letter)
    return " ".join(body.split())


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text().replace("\xa0", " ") for page in PdfReader(io.BytesIO(pdf)).pages)


def flat(text: str) -> str:
    return " ".join(text.split())


def led_by(name: MechanicName) -> Exercise:
    found = [each for each in library().values() if name in each.mechanics]
    assert found, f"no exercise of the library uses {name}, so its worksheet can't be looked at"
    return min(found, key=lambda each: each.mechanics.index(name))


# What stands on it


@pytest.mark.parametrize("slug", ALL)
def test_every_exercise_of_the_library_is_a_worksheet_with_all_of_its_words(app: Flask, slug: str) -> None:
    exercise = library()[slug]
    told = words_of(html_of(page_of(exercise)))
    words = [exercise.title, exercise.purpose, exercise.why, exercise.stop_rule]
    words += [*exercise.steps, *exercise.cautions, *exercise.materials]
    for name in exercise.mechanics:
        items = on_paper(MECHANICS[name].form(exercise.specs[name]))
        asked = [each for each in items if name not in {MechanicName.LADDER, MechanicName.DECK}]
        words += [each.text for each in asked if name is not MechanicName.TIMELINE]
    assert [each for each in words if flat(each) not in told] == []
    assert [each for each in exercise.contraindications if flat(each) in told] == []
    assert flat(exercise.clinician.look_for) not in told


@pytest.mark.parametrize("name", list(MECHANICS))
def test_every_mechanic_of_the_registry_gives_something_to_write_on_and_prints_tagged(
    app: Flask, pool: PdfPool, name: MechanicName
) -> None:
    page = page_of(led_by(name))
    made = pool.render(html_of(page), title=page.paper.title, lang=page.paper.lang)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.docinfo.get("/Title", "")) == page.paper.title
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        with pdf.open_metadata() as metadata:
            assert metadata.get("pdfuaid:part") == "1"
    told = flat(text_of(made.pdf))
    assert flat(page.sheets[0].title) in told
    assert "Call a friend." in told
    assert f"Page {made.pages} of {made.pages}" in told


def test_everything_that_can_be_drawn_has_a_macro_and_is_used(app: Flask) -> None:
    used: set[Drawn | None] = set()
    for exercise in library().values():
        for section in sheet(exercise).sections:
            for block in section.blocks:
                used.update(getattr(each, "kind", None) for each in (block, *getattr(block, "blocks", ())))
    assert used - {None} == set(Drawn)


def test_a_mechanic_without_a_drawing_of_its_own_gets_its_questions(app: Flask) -> None:
    plain = set(MECHANICS) - set(DRAWN_BY)
    assert MechanicName.QUESTIONNAIRE in plain
    for name in plain:
        assert any(
            isinstance(each, Question) for part in sheet(led_by(name)).sections for each in part.blocks
        )


def test_a_list_that_two_combine_is_each_ones_own_and_says_how_it_stays_so(app: Flask) -> None:
    for slug in ("touch-menu", "small-disclosures"):
        shown = sheet(library()[slug])
        before, listed, *_more = shown.sections
        assert before.label is listed.label is Label.PRIVATE
        told = words_of(html_of(page_of(library()[slug])))
        assert "Don’t show yours, and don’t ask what is on theirs." in told
        assert "fold it at the small mark in the left margin" in told
        [marks] = listed.blocks
        assert marks.open_title == "I am open to it"  # type: ignore[union-attr]
        assert len(marks.open_levels) == 2  # type: ignore[union-attr]


def test_what_is_for_other_readers_than_its_neighbors_stands_on_a_page_of_its_own(
    app: Flask, pool: PdfPool
) -> None:
    exercise = library()["progress-reflection"]
    shown = sheet(exercise)
    assert [each.label for each in shown.sections][-2:] == [Label.LATER, Label.THERAPIST]
    page = page_of(exercise)
    made = pool.render(html_of(page), title="Sheet", lang="en")
    *before, last = [flat(each.extract_text()) for each in PdfReader(io.BytesIO(made.pdf)).pages]
    assert "You and your therapist. Don’t leave it lying about" in last
    assert all("You and your therapist. Don’t" not in each for each in before)
    alone = [each.text for each in exercise.form.questions if each.audience is Audience.THERAPIST]
    assert alone
    assert all(flat(each) in last and flat(each) not in " ".join(before) for each in alone)


def test_nobody_is_asked_about_safety_on_paper(app: Flask) -> None:
    for exercise in library().values():
        told = words_of(html_of(page_of(exercise)))
        for item in exercise.form.questions:
            if item.care or item.care_from is not None or item.key in UNTROUBLED:
                assert flat(item.text) not in told, f"{exercise.slug}: {item.key}"
    assert "Is anything worrying you about your safety?" not in words_of(
        html_of(page_of(library()["check-in"]))
    )


def item(key: str, kind: ItemKind = ItemKind.SCALE, **more: object) -> Item:
    return Item(key=key, kind=kind, text=f"Text of {key}", audience=Audience.THERAPIST, **more)  # type: ignore[arg-type]


def test_conditions_are_words_that_name_questions_by_their_numbers(app: Flask) -> None:
    choice = item(
        "one", ItemKind.CHOICE, options=(Option(key="a", text="Often"), Option(key="b", text="Never"))
    )
    scale = item("two", low=0, high=10)
    day = item("day", ItemKind.DATE)
    cases = {
        Condition(item="one", op=Operator.EQUALS, value="a"): "if you chose “Often” at question 1",
        Condition(
            item="one", op=Operator.DIFFERS, value="b"
        ): "if you chose anything but “Never” at question 1",
        Condition(item="one", op=Operator.EXISTS, value=True): "if you answered question 1",
        Condition(item="one", op=Operator.EXISTS, value=False): "if you left question 1 empty",
        Condition(item="two", op=Operator.ABOVE, value=3): "if it is more than 3 at question 2",
        Condition(item="two", op=Operator.BELOW, value=3): "if it is less than 3 at question 2",
        Condition(item="two", op=Operator.AT_LEAST, value=3): "if it is 3 or more at question 2",
        Condition(item="two", op=Operator.AT_MOST, value=3): "if it is 3 or less at question 2",
        Condition(
            item="day", op=Operator.EQUALS, value="2026-11-22"
        ): "if you chose November 22, 2026 at question 3",
    }
    asked = (choice, scale, day)
    for condition, words in cases.items():
        dependent = item("four", when=(condition,), low=0, high=3)
        form = Form(pages=(Page(key="p", title="P", items=(*asked, dependent)),))
        assert condition_words(dependent, numbers(form.walk()), form) == f"Only {words}."
    two = tuple(cases)[:2]
    for match, joined in ((Match.ANY, " or "), (Match.ALL, " and ")):
        dependent = item("four", when=two, when_match=match, low=0, high=3)
        form = Form(pages=(Page(key="p", title="P", items=(*asked, dependent)),))
        assert joined in condition_words(dependent, numbers(form.walk()), form)


def test_what_depends_on_a_question_about_safety_is_left_out_with_it() -> None:
    hidden = item("hidden", ItemKind.CHOICE, options=(Option(key="yes", text="Yes"),), care=("yes",))
    when = (Condition(item="hidden", op=Operator.EQUALS, value="yes"),)
    child = item("child", ItemKind.LONG, when=when, max_length=500)
    grandchild = item(
        "grandchild", when=(Condition(item="child", op=Operator.EXISTS, value=True),), low=0, high=3
    )
    form = Form(
        pages=(Page(key="p", title="P", items=(grandchild, child, hidden, item("free", low=0, high=3))),)
    )
    assert [each.key for each in on_paper(form)] == ["free"]


def test_the_room_to_write_grows_with_what_may_be_written() -> None:
    lengths = [20, 150, 280, 500, 900, 1800, 9000]
    lines = [lines_for(item("x", ItemKind.LONG, max_length=each)) for each in lengths]
    assert lines == sorted(set(lines))


def test_hostile_words_of_own_exercises_are_set_as_words(app: Flask, pool: PdfPool) -> None:
    for name in MECHANICS:
        exercise = replace(
            led_by(name),
            title=HOSTILE,
            purpose=HOSTILE,
            steps=(HOSTILE,),
            cautions=(HOSTILE,),
            stop_rule=HOSTILE,
            why=HOSTILE,
            materials=(HOSTILE,),
        )
        html = html_of(page_of(exercise))
        assert "<script>" not in html
        assert "{{ 7 * 7 }}" in words_of(html)
        assert "</title> {{" not in html
        if name is MechanicName.DECK:
            assert pool.render(html, title="Sheet", lang="en").pages >= 1


def test_hostile_words_in_questions_are_set_as_words(app: Flask) -> None:
    source = library()["warning-signs"].source
    hostile = "<img src=x onerror=alert(1)> {{ 7 * 7 }} &lt;"
    source = source.replace("How often do you miss good time together?", hostile).replace(
        "Hardly ever", hostile
    )
    html = html_of(page_of(parse_exercise(source, name="own")))
    assert "<img" not in html
    assert html.count("&lt;img src=x") == 1 + source.count(f'"{hostile}"') - 1


# Who gets which


def told_to(records: Records, viewer: Viewer, wanted: Wanted) -> list[str]:
    with records.within(viewer, read_only=True) as scope:
        return [each.title for each in gather(scope, wanted).sheets]


def titles(*slugs: str) -> list[str]:
    return [library()[each].title for each in slugs]


@pytest.fixture
def pair(records: Records, world: World) -> Pair:
    return world.sample


def test_each_gets_what_asks_them_and_is_open(app: Flask, records: Records, pair: Pair) -> None:
    for slug, whom in (("i-statements", Whom.A), ("warning-signs", Whom.BOTH), ("daily-five", Whom.B)):
        give(records, pair, slug, whom=whom)
    give(records, pair, "check-in", release=False)
    expected = {
        Copy.PARTNER_A: ["i-statements", "warning-signs"],
        Copy.PARTNER_B: ["warning-signs", "daily-five"],
        Copy.JOINT: ["warning-signs"],
        Copy.CLINICIAN: ["i-statements", "warning-signs", "daily-five"],
    }
    for copy, slugs in expected.items():
        wanted = Wanted(couple_id=pair.couple_id, copy=copy)
        assert sorted(told_to(records, pair.therapist, wanted)) == sorted(titles(*slugs))
    for viewer, copy in ((pair.a, Copy.PARTNER_A), (pair.b, Copy.PARTNER_B)):
        wanted = Wanted(couple_id=pair.couple_id, copy=copy)
        assert sorted(told_to(records, viewer, wanted)) == sorted(titles(*expected[copy]))


def test_what_is_done_or_left_out_changes_nothing_on_the_paper(
    app: Flask, records: Records, pair: Pair
) -> None:
    given = give(records, pair, "i-statements")
    wanted = Wanted(couple_id=pair.couple_id, copy=Copy.PARTNER_A)
    with records.within(pair.therapist, read_only=True) as scope:
        before = gather(scope, wanted)
    send(records, pair.a, given, fill(library()["i-statements"], "BAITED"))
    type_in(records, pair.b, given, fill(library()["i-statements"], "BAITED"))
    with records.within(pair.therapist, read_only=True) as scope:
        assert gather(scope, wanted) == before
    for viewer, copy in (
        (pair.a, Copy.PARTNER_A),
        (pair.b, Copy.PARTNER_B),
        (pair.therapist, Copy.CLINICIAN),
    ):
        with records.within(viewer, read_only=True) as scope:
            page = gather(scope, Wanted(couple_id=pair.couple_id, copy=copy, assignment_id=given))
        assert "BAITED" not in html_of(page)
        assert "Sam" not in html_of(page)


def test_nobody_else_gets_one_and_there_is_no_other_copy(
    app: Flask, records: Records, world: World, pair: Pair
) -> None:
    give(records, pair, "i-statements")
    neighbors = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    cases = [
        (neighbors.a, Copy.PARTNER_A),
        (neighbors.therapist, Copy.CLINICIAN),
        (House(pair.a.practice_id), Copy.CLINICIAN),
        (pair.a, Copy.PARTNER_B),
        (pair.a, Copy.JOINT),
        (pair.a, Copy.CLINICIAN),
        (pair.therapist, Copy.RELEASE),
    ]
    for viewer, copy in cases:
        with pytest.raises(Refused):
            told_to(records, viewer, Wanted(couple_id=pair.couple_id, copy=copy))  # type: ignore[arg-type]  # the house is no reader
    assert Copy.RELEASE not in COPIES


def test_nothing_open_is_nothing_to_print(app: Flask, records: Records, pair: Pair) -> None:
    given = give(records, pair, "i-statements", whom=Whom.B)
    wanted = Wanted(couple_id=pair.couple_id, copy=Copy.PARTNER_A)
    with pytest.raises(NothingToPrint):
        told_to(records, pair.therapist, wanted)
    for viewer in (pair.a, pair.therapist):
        with pytest.raises(Refused):
            told_to(records, viewer, replace(wanted, assignment_id=given))


def test_an_exercise_by_name_is_printed_only_if_it_could_be_given(
    app: Flask, records: Records, pair: Pair
) -> None:
    def by_name(*slugs: str, copy: Copy = Copy.PARTNER_A, viewer: Viewer = pair.therapist) -> list[str]:
        return told_to(records, viewer, Wanted(couple_id=pair.couple_id, copy=copy, slugs=slugs))

    assert by_name("i-statements", "check-in", "i-statements") == titles("i-statements", "check-in")
    with pytest.raises(NoSuchExercise):
        by_name("no-such-thing")
    with pytest.raises(NoSuchExercise):
        by_name("check-in", viewer=pair.a)
    give(records, pair, "touch-menu")
    with records.within(pair.therapist) as scope:
        safety.raise_by_hand(scope, pair.couple_id)
    for copy in (Copy.PARTNER_A, Copy.JOINT):
        with pytest.raises(OnHold):
            by_name("intimacy-preferences", copy=copy)
        assert by_name("touch-menu", copy=copy) == titles("touch-menu"), "what is open stays open"
    assert by_name("intimacy-preferences", copy=Copy.CLINICIAN) == titles("intimacy-preferences")


def test_it_is_in_the_language_of_whoever_writes_on_it(app: Flask, records: Records, pair: Pair) -> None:
    give(records, pair, "fair-fight-rules")
    spanish = "Cómo queremos discutir"

    def printed(copy: Copy) -> list[str]:
        return told_to(records, pair.therapist, Wanted(couple_id=pair.couple_id, copy=copy))

    with records.within(pair.therapist) as scope:
        scope.find(Account, pair.b.account_id).locale = "es"
    assert printed(Copy.PARTNER_B) == [spanish]
    assert printed(Copy.PARTNER_A) == printed(Copy.JOINT) == titles("fair-fight-rules")
    with records.within(pair.therapist) as scope:
        scope.find(Account, pair.a.account_id).locale = "es"
    assert printed(Copy.JOINT) == [spanish]
    assert printed(Copy.CLINICIAN) == titles("fair-fight-rules")
    with records.within(pair.therapist, read_only=True) as scope:
        assert of_library(scope, "fair-fight-rules", language="es").paper.lang == "es"


def test_its_number_says_nothing_and_is_the_same_for_the_same_sheet(
    app: Flask, records: Records, pair: Pair
) -> None:
    give(records, pair, "i-statements")
    with records.within(pair.therapist, read_only=True) as scope:
        papers = [
            gather(scope, Wanted(couple_id=pair.couple_id, copy=copy)).paper
            for copy in (Copy.PARTNER_A, Copy.PARTNER_A, Copy.PARTNER_B)
        ]
    assert papers[0].number == papers[1].number != papers[2].number
    assert re.fullmatch(r"report-26-[2-9A-Z]{5}\.pdf", papers[0].file_name)


# In the browser


def test_a_partner_prints_what_is_theirs_to_do_from_its_introduction(site: Site) -> None:
    pair = furnish(site.records)[0]
    given = give(site.records, pair, "i-statements")
    for_b = give(site.records, pair, "daily-affirmation", whom=Whom.B)
    ahead = give(site.records, pair, "noticing-efforts", release=False)
    sam = site.sign_in_as(pair.a)
    address = f"/t/{given}/worksheet"
    assert address in read("", sam.get(f"/t/{given}").get_data(as_text=True)).links
    answer = sam.get(address)
    assert answer.status_code == 200, site.faults
    assert answer.headers["Content-Type"] == "application/pdf"
    assert re.search(r'attachment; filename="report-26-\w{5}\.pdf"', answer.headers["Content-Disposition"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert library()["i-statements"].title in flat(text_of(answer.get_data()))
    for foreign in (for_b, ahead, "nosuchthing"):
        assert sam.get(f"/t/{foreign}/worksheet").status_code == 404
    neighbors = site.world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    assert site.sign_in_as(neighbors.a).get(address).status_code in {303, 404}
    assert site.sign_in_as(pair.therapist).get(address).status_code == 404
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    assert sam.get(address).status_code == 404
    assert site.faults == []


def own_fields(visitor: Visitor) -> dict[str, str]:
    return {"csrf_token": visitor.csrf, "writer": visitor.writer, "copy": "partner-b"}


def test_their_therapist_prints_one_for_each_and_it_is_written_down(site: Site) -> None:
    pair = furnish(site.records)[0]
    given = give(site.records, pair, "i-statements", whom=Whom.B)
    ines = site.sign_in_as(pair.therapist)
    review = ines.get(f"/answers/{given}").get_data(as_text=True)
    form = next(each for each in read("", review).forms if "/reports/worksheet/" in each.action)
    assert form.buttons == [("copy", "partner-b")]
    answer = ines.post(form.action, form.filled())
    assert answer.status_code == 200, site.faults
    assert library()["i-statements"].title in flat(text_of(answer.get_data()))
    with site.records.within(House(pair.a.practice_id), read_only=True) as scope:
        [made] = scope.all(scope.select(AuditEntry).where(AuditEntry.action == Action.REPORT_MADE))
        assert (made.detail["kind"], made.detail["copy"]) == ("worksheet", "partner-b")
        assert made.couple_id == pair.couple_id
    fields = form.filled() | {"copy": ["partner-a"]}
    assert ines.post(form.action, fields).status_code == 404, "it asks the other"
    assert ines.post(form.action, fields | {"copy": ["joint"]}).status_code == 303
    neighbors = site.world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    theirs, partner = site.sign_in_as(neighbors.therapist), site.sign_in_as(pair.a)
    assert theirs.post(form.action, own_fields(theirs)).status_code == 404
    assert partner.post(form.action, own_fields(partner)).status_code == 404


def test_a_therapist_prints_what_is_in_the_library(site: Site) -> None:
    pair, staff = furnish(site.records)
    ines = site.sign_in_as(pair.therapist)
    for language, title in ((None, "How we want to quarrel"), ("es", "Cómo queremos discutir")):
        query = f"?language={language}" if language else ""
        shown = ines.get(f"/library/fair-fight-rules{query}").get_data(as_text=True)
        link = f"/library/fair-fight-rules/worksheet{query}"
        assert link in read("", shown).links
        answer = ines.get(link)
        assert answer.status_code == 200, site.faults
        assert title in flat(text_of(answer.get_data()))
    assert ines.get("/library/no-such-thing/worksheet").status_code == 404
    for other in (pair.a, staff["admin"], staff["desk"]):
        assert site.sign_in_as(other).get("/library/fair-fight-rules/worksheet").status_code == 404
