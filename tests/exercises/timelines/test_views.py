"""A timeline in the browser, without any script: years, events and answers one by one, then both in one drawing."""

import re

import pytest

from portal.exercises import care_commands
from portal.exercises.mechanics.timeline_model import EVENT, LINE, START
from portal.exercises.models import AssignmentState
from tests.exercises.doing import give
from tests.exercises.timelines.telling import SLUG, draft, keep, story, tell
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, masked, settle

HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }} \u202e"\' & <b>'


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


@pytest.fixture
def years(site: Site, pair: Pair) -> str:
    return give(site.records, pair, SLUG)


def page(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def main_of(text: str) -> str:
    """Return the main part of a page as words."""
    main = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def fields_of(visitor: Visitor, path: str, ending: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a page goes whose address has some ending, and what it would send untouched."""
    form = next(each for each in read(path, page(visitor, path)).forms if each.action.endswith(ending))
    kept = {name: values[0] for name, values in form.fields.items() if values and values[0]}
    return form.action, kept | {"csrf_token": visitor.csrf}


def press(visitor: Visitor, path: str, ending: str, **fields: str) -> str:
    """Send a form of a page; return where it leads."""
    action, sent = fields_of(visitor, path, ending)
    answer = visitor.post(action, sent | fields)
    assert answer.status_code == 303, (answer.status_code, main_of(answer.get_data(as_text=True)))
    return str(answer.headers["Location"])


def test_a_story_is_told_piece_by_piece_read_over_and_sent_without_a_script(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    base = f"/t/{years}/years"
    assert press(sam, f"/t/{years}", "/begin") == base
    assert press(sam, base, "/start", story_start="2019", go="on").startswith(base)
    event = press(sam, base, "/years", near_2019="7", near_2021="3", go="event")
    assert event == f"{base}/1"
    typed = {
        "event_year": "2020",
        "event_title": "The long winter",
        "event_kind": "health",
        "event_note": "Two\n\nparts",
    }
    assert press(sam, event, "/1", **typed, go="on").startswith(base)
    assert "2020 The long winter Health" in main_of(page(sam, base))
    assert press(sam, base, "/years", near_2026="5", go="on") == f"{base}/questions"
    assert press(sam, f"{base}/questions", "/questions", held_us="The dog", go="on") == f"{base}/check"
    over = main_of(page(sam, f"{base}/check"))
    for words in ("The long winter", "Two", "parts", "The dog", "7 in 2019", "5 in 2026"):
        assert words in over
    assert press(sam, f"{base}/check", "/send") == base
    assert "Yours is in" in main_of(page(sam, base))
    assert draft(site.records, pair.a, years)[LINE] == "2019 7\n2021 3\n2026 5"
    assert site.faults == []


def test_both_see_the_same_drawing_with_all_that_either_told(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor, years: str
) -> None:
    tell(site.records, pair.a, years, story("First"))
    tell(site.records, pair.b, years, story("Second", start=2005))
    pages = [page(each, f"/t/{years}/years") for each in (sam, alex)]
    for text in map(main_of, pages):
        for words in ("title", "note", "answer"):
            assert f"First {words}" in text
            assert f"Second {words}" in text
        assert "Sam: 8 in 2003, 3 in 2009" in text
        assert "Alex: 8 in 2005, 3 in 2011" in text
    charts = [re.findall(r"<svg[^>]*chart-years.*?</svg>", each, re.DOTALL) for each in pages]
    assert len(charts[0]) == 2
    assert charts[0] == charts[1]
    assert "First title" not in "".join(charts[0])
    together = main_of(page(sam, "/together"))
    assert "Your years, drawn together" in together


def everything(visitor: Visitor, years: str) -> list[bytes]:
    ends = ["", "/years", "/years/start", "/years/1", "/years/questions", "/years/check", "/open", "/sent"]
    return [
        masked(visitor.get(path)) for path in ("/today", "/together", *(f"/t/{years}{end}" for end in ends))
    ]


def test_until_both_have_sent_the_others_pages_stay_the_same_to_the_last_byte(
    site: Site, pair: Pair, alex: Visitor, years: str
) -> None:
    everything(alex, years)
    before = everything(alex, years)
    keep(site.records, pair.a, years, story("A draft"))
    assert everything(alex, years) == before
    tell(site.records, pair.a, years, story("A secret"))
    assert everything(alex, years) == before


def test_hostile_words_are_shown_as_they_were_typed(site: Site, pair: Pair, sam: Visitor, years: str) -> None:
    tell(site.records, pair.a, years, story("Sam"))
    tell(site.records, pair.b, years, story(HOSTILE.replace("\u202e", "")))
    for visitor, path in ((sam, f"/t/{years}/years"), (site.sign_in_as(pair.therapist), f"/answers/{years}")):
        shown = page(visitor, path)
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown
        assert "{{ 7 * 7 }}" in shown


@pytest.mark.parametrize("year", ["", "1890", "2027", "soon", "20.5"])
def test_a_year_that_cannot_be_comes_back_with_what_is_wrong_and_the_rest_is_kept(
    site: Site, pair: Pair, sam: Visitor, years: str, year: str
) -> None:
    keep(site.records, pair.a, years, {START: 2003})
    action, sent = fields_of(sam, f"/t/{years}/years/1", "/1")
    answer = sam.post(action, sent | {"event_year": year, "event_title": "The move", "go": "on"})
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert "The move" in shown
    assert 'href="#event_year"' in shown
    assert draft(site.records, pair.a, years)[f"{EVENT}1"] == "- -\nThe move"
    assert "Not finished" in main_of(page(sam, f"/t/{years}/years"))


def test_a_number_beyond_the_scale_is_refused_and_the_others_are_kept(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    keep(site.records, pair.a, years, {START: 2020, LINE: "2020 4"})
    action, sent = fields_of(sam, f"/t/{years}/years", "/years")
    answer = sam.post(action, sent | {"near_2020": "11", "near_2021": "6", "go": "on"})
    assert answer.status_code == 422
    assert draft(site.records, pair.a, years)[LINE] == "2020 4\n2021 6"


def test_two_windows_with_the_same_line_are_both_heard(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    keep(site.records, pair.a, years, {START: 2024, LINE: "2024 4"})
    action, first = fields_of(sam, f"/t/{years}/years", "/years")
    second = dict(first)
    assert sam.post(action, first | {"near_2024": "8", "go": "later"}).status_code == 303
    clash = sam.post(action, second | {"near_2024": "2", "go": "on"})
    assert clash.status_code == 409
    shown = main_of(clash.get_data(as_text=True))
    assert "2024 On this page 2 In the other window 8" in shown
    form = next(
        each for each in read(action, clash.get_data(as_text=True)).forms if "near_2024" in each.fields
    )
    kept = {name: values[0] for name, values in form.fields.items() if values} | {"csrf_token": sam.csrf}
    assert sam.post(action, kept | {"go": "mine"}).status_code == 303
    assert draft(site.records, pair.a, years)[LINE] == "2024 2"


def test_two_windows_that_each_add_an_event_both_keep_it(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    keep(site.records, pair.a, years, {START: 2003})
    action, first = fields_of(sam, f"/t/{years}/years/1", "/1")
    second = dict(first)
    for sent, title in ((first, "One"), (second, "Two")):
        answer = sam.post(action, sent | {"event_year": "2010", "event_title": title, "go": "on"})
        assert answer.status_code == 303
    kept = draft(site.records, pair.a, years)
    assert (kept[f"{EVENT}1"], kept[f"{EVENT}2"]) == ("2010 -\nOne", "2010 -\nTwo")


def test_what_is_typed_is_kept_on_the_way_and_the_page_goes_on_from_there(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    keep(site.records, pair.a, years, {START: 2003})
    action, sent = fields_of(sam, f"/t/{years}/years/1", "/1")
    first = sam.post(f"{action}/draft", sent | {"event_title": "A"})
    assert first.status_code == 200
    mark = re.search(r'name="revision" value="(\w+)"', first.get_data(as_text=True))
    assert mark
    again = sam.post(f"{action}/draft", sent | {"event_title": "A new", "revision": mark[1]})
    assert again.status_code == 200
    late = sam.post(f"{action}/draft", sent | {"event_title": "An old"})
    assert late.status_code == 409
    assert draft(site.records, pair.a, years)[f"{EVENT}1"] == "- -\nA new"


def test_an_event_is_taken_out(site: Site, pair: Pair, sam: Visitor, years: str) -> None:
    keep(site.records, pair.a, years, story("Sam"))
    path = f"/t/{years}/years/1"
    form = next(each for each in read(path, page(sam, path)).forms if ("go", "remove") in each.buttons)
    sent = {name: values[0] for name, values in form.fields.items() if values} | {"csrf_token": sam.csrf}
    assert sam.post(path, sent | {"go": "remove"}).status_code == 303
    assert f"{EVENT}1" not in draft(site.records, pair.a, years)


def test_sending_without_a_line_says_what_is_missing(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    keep(site.records, pair.a, years, {START: 2003, "held_us": "Sundays"})
    action, sent = fields_of(sam, f"/t/{years}/years/check", "/send")
    answer = sam.post(action, sent)
    assert answer.status_code == 422
    assert "give at least one year a number" in answer.get_data(as_text=True)


def test_a_page_that_was_open_when_the_drawing_opened_loses_nothing_that_was_typed(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    tell(site.records, pair.a, years, story("Sam"))
    action, sent = fields_of(sam, f"/t/{years}/years/questions", "/questions")
    tell(site.records, pair.b, years, story("Alex"))
    answer = sam.post(action, sent | {"held_us": "Typed meanwhile", "go": "on"})
    assert answer.status_code == 409
    assert "Typed meanwhile" in answer.get_data(as_text=True)
    assert sam.post(f"{action}/draft", sent | {"held_us": "Typed meanwhile"}).status_code == 409


def test_it_can_be_taken_back_and_worked_on_again(site: Site, pair: Pair, sam: Visitor, years: str) -> None:
    tell(site.records, pair.a, years, story("Sam"))
    assert press(sam, f"/t/{years}/years", "/take-back") == f"/t/{years}/years"
    assert "What happened along the way" in main_of(page(sam, f"/t/{years}/years"))


def test_after_the_end_the_drawing_stays_and_a_draft_is_not_taken_any_more(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    other = give(site.records, pair, SLUG)
    keep(site.records, pair.a, other, {START: 2003})
    tell(site.records, pair.a, years, story("Sam"))
    tell(site.records, pair.b, years, story("Alex"))
    with site.records.within(pair.therapist) as scope:
        for each in (years, other):
            care_commands.end(scope, each, state=AssignmentState.FINISHED)
    assert "Alex title" in main_of(page(sam, f"/t/{years}/years"))
    assert "This has ended" in main_of(page(sam, f"/t/{other}/years"))


def test_the_pages_of_a_timeline_are_for_the_two_it_was_given_to(
    site: Site, pair: Pair, sam: Visitor, years: str
) -> None:
    stranger = site.world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    settle(site.records, stranger.a)
    letter = give(site.records, pair, "i-statements")
    for visitor, assignment in (
        (site.sign_in_as(stranger.a), years),
        (site.sign_in_as(pair.therapist), years),
        (sam, letter),
    ):
        for end in ("", "/start", "/1", "/questions", "/check"):
            assert visitor.get(f"/t/{assignment}/years{end}").status_code == 404
    assert sam.get(f"/t/{years}/years/0").status_code == 404
    assert sam.get(f"/t/{years}/years/31").status_code == 404
    assert sam.get(f"/t/{years}/p/1?part=timeline&round=1").status_code in {200, 404}
