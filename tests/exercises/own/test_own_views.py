"""Writing an exercise in the browser: everything typed is kept, nothing is published by accident, nobody else sees it."""

import re
from collections.abc import Mapping
from dataclasses import fields
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.access.viewer import Viewer
from portal.exercises.own.compile import exercise_of
from portal.exercises.own.drafts import Draft, as_draft
from portal.exercises.own.models import OwnKind, Shelf
from portal.exercises.own.queries import my_works
from tests.exercises.own.writing import (
    LETTER,
    SIGNS,
    ask,
    change,
    colleague,
    copied,
    decide,
    publish,
    published,
    work_of,
    write,
)
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

FIRST_PAGE = "questionnaire/pages/page1"


@pytest.fixture
def people(site: Site) -> tuple[Pair, dict[str, Viewer]]:
    return furnish(site.records)


@pytest.fixture
def pair(people: tuple[Pair, dict[str, Viewer]]) -> Pair:
    return people[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def html(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, path
    return unescape(answer.get_data(as_text=True))


def form_at(visitor: Visitor, path: str, ending: str = "") -> Form:
    """Return the last form of a page that posts to an address with this ending."""
    page = visitor.get(path).get_data(as_text=True)
    return [
        each for each in read(path, page).forms if each.method == "post" and each.action.endswith(ending)
    ][-1]


def send(visitor: Visitor, path: str, changed: Mapping[str, Any], ending: str = "") -> TestResponse:
    """Fill in some fields of the form on a page, and send it."""
    form = form_at(visitor, path, ending)
    return visitor.post(form.action, form.fields | {key: [value] for key, value in changed.items()})


def begun(visitor: Visitor, kind: str = "questionnaire", title: str = "Quiet") -> str:
    """Begin an exercise through the page for it; return its address."""
    answer = send(visitor, "/own-exercises/new", {"title": title, "kind": kind})
    assert answer.status_code == 303
    return str(answer.location)


def draft_at(site: Site, pair: Pair, address: str) -> Draft:
    return as_draft(work_of(site.records, pair.therapist, address.rsplit("/", 1)[1]).draft)


def arrange(visitor: Visitor, address: str, go: str, **more: str) -> TestResponse:
    return send(visitor, address, {"go": go, **more}, "/arrange")


def test_an_exercise_is_written_from_nothing_to_the_library(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    about = {"f_purpose": "Notice the quiet.", "f_themes": "Everyday life\nTime", "f_minutes": "12"}
    couple = {"f_why": "It helps.", "f_steps-0": "Sit down.", "f_cautions": "There is no right answer."}
    notes = {f"f_clinician_{each}": "Some words." for each in ("rationale", "not_when", "look_for")}
    for part, typed in (
        ("about", about),
        ("couple", couple),
        ("therapist", notes | {"f_contraindications": "Violence."}),
    ):
        assert send(ines, f"{address}/edit/{part}", typed).status_code == 303, part
    assert send(ines, f"{address}/edit/{FIRST_PAGE}", {"f_title": "Quiet moments"}).status_code == 303
    added = arrange(ines, address, f"add:items@{FIRST_PAGE}", kind="yes_no")
    assert (
        send(ines, str(added.location), {"f_text": "Was there one?", "f_audience": "therapist"}).status_code
        == 303
    )
    assert "Some things are left to do" not in html(ines, f"{address}/publish")
    assert send(ines, f"{address}/publish", {}).status_code == 303
    page = html(ines, "/library?q=quiet")
    assert "Written in your practice" in page
    slug = re.search(r"/library/(own-[a-z0-9]+)", page)
    assert slug is not None
    assert "Was there one?" in html(ines, f"/library/{slug[1]}")
    assert html(ines, f"/assign/{slug[1]}?couple={pair.couple_id}")
    assert html(ines, f"/assign/{slug[1]}/several")


def test_what_is_missing_is_named_with_the_way_there_and_nothing_is_published(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    address = begun(ines)
    page = html(ines, f"{address}/publish")
    assert "What it is: What it is for" in page
    assert f"{address}/edit/couple?check=1#f_steps" in page
    assert "Please fill this in" in html(ines, f"{address}/edit/couple?check=1")
    work_id = address.rsplit("/", 1)[1]
    token = form_at(ines, f"{address}/edit/about").fields
    assert ines.post(f"{address}/publish", token | {"revision": ["0"]}).status_code == 422
    assert work_of(site.records, pair.therapist, work_id).version == 0


def test_what_is_wrong_is_said_beside_it_and_kept_all_the_same(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    answer = send(ines, f"{address}/edit/about", {"f_minutes": "twelve", "f_purpose": "Some words"})
    assert answer.status_code == 422
    page = unescape(answer.get_data(as_text=True))
    assert 'value="twelve"' in page
    assert "Please write a number in digits" in page
    draft = draft_at(site, pair, address)
    assert (draft["minutes"], draft["purpose"]) == ("twelve", "Some words")


def test_what_cant_be_kept_at_all_is_still_on_the_page(ines: Visitor) -> None:
    address = begun(ines)
    answer = send(ines, f"{address}/edit/about", {"f_purpose": "before\x00after", "f_title": "Another title"})
    assert answer.status_code == 422
    assert "Another title" in answer.get_data(as_text=True)


def test_of_two_tabs_the_second_sees_both_texts_and_can_go_on(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    path = f"{address}/edit/about"
    second = form_at(ines, path)
    send(ines, path, {"f_purpose": "From the first tab"})
    answer = ines.post(second.action, second.fields | {"f_purpose": ["From the second tab"]})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "From the first tab" in page
    assert "From the second tab" in page
    assert draft_at(site, pair, address)["purpose"] == "From the first tab"
    again = [each for each in read(path, page).forms if each.method == "post"][-1]
    assert ines.post(again.action, again.fields).status_code == 303
    assert draft_at(site, pair, address)["purpose"] == "From the second tab"


def test_it_is_kept_while_somebody_types(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    form = form_at(ines, f"{address}/edit/about")
    typed = form.fields | {"f_purpose": ["Half a sen"]}
    answer = ines.post(f"{address}/keep/about", typed)
    assert answer.status_code == 200
    assert "Draft saved" in answer.get_data(as_text=True)
    assert draft_at(site, pair, address)["purpose"] == "Half a sen"
    fresh = dict(re.findall(r'name="(revision|seen)" value="([^"]*)"', answer.get_data(as_text=True)))
    later = typed | {name: [value] for name, value in fresh.items()} | {"f_purpose": ["Half a sentence"]}
    arrange(ines, address, "add:pages@questionnaire")
    assert ines.post(f"{address}/keep/about", later).status_code == 200
    assert ines.post(f"{address}/keep/about", typed | {"f_purpose": ["Older"]}).status_code == 409
    assert draft_at(site, pair, address)["purpose"] == "Half a sentence"


def test_two_tabs_on_different_parts_dont_get_in_each_others_way(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    address = begun(ines)
    second = form_at(ines, f"{address}/edit/couple")
    send(ines, f"{address}/edit/about", {"f_purpose": "First"})
    assert ines.post(second.action, second.fields | {"f_why": ["Second"]}).status_code == 303
    draft = draft_at(site, pair, address)
    assert (draft["purpose"], draft["why"]) == ("First", "Second")


def test_steps_are_moved_and_taken_out_while_all_that_is_typed_stays(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    address = begun(ines)
    path = f"{address}/edit/couple"
    send(ines, path, {"f_steps-0": "One", "f_why": "Typed meanwhile", "go": "more:steps"})
    send(ines, path, {"f_steps-1": "Two", "go": "up:steps:1"})
    draft = draft_at(site, pair, address)
    assert (draft["steps"], draft["why"]) == (["Two", "One"], "Typed meanwhile")
    send(ines, path, {"go": "drop:steps:0"})
    assert draft_at(site, pair, address)["steps"] == ["One"]
    assert "Two" in html(ines, address)
    arrange(ines, address, "back:0@")
    assert draft_at(site, pair, address)["steps"] == ["Two", "One"]


def test_cards_are_added_several_at_once(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines, "deck")
    arrange(ines, address, "lines:cards@deck", lines="What made you laugh?\n\nWhat was hard?\n")
    cards = draft_at(site, pair, address)["deck"]["cards"]
    assert [each["text"] for each in cards] == ["What made you laugh?", "What was hard?"]
    assert len({each["key"] for each in cards}) == 2


def test_a_reworded_answer_keeps_its_key_and_a_new_one_gets_its_own(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    address = begun(ines)
    added = str(arrange(ines, address, f"add:items@{FIRST_PAGE}", kind="yes_no").location)
    send(ines, added, {"f_options": "Yes\nNot really"})
    send(ines, added, {"f_options": "Yes\nNot really\nA little"})
    options = draft_at(site, pair, address)["questionnaire"]["pages"][0]["items"][0]["options"]
    assert [(each["key"], each["text"]) for each in options[:2]] == [("yes", "Yes"), ("no", "Not really")]
    assert options[2]["key"] not in {"yes", "no"}


def test_a_condition_is_chosen_step_by_step_and_read_in_words(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    first = str(arrange(ines, address, f"add:items@{FIRST_PAGE}", kind="yes_no").location)
    send(ines, first, {"f_text": "Was there one?"})
    page = str(arrange(ines, address, "add:pages@questionnaire").location)
    where = page.split("/edit/")[1]
    second = str(arrange(ines, address, f"add:items@{where}", kind="long").location)
    assert "Ask it only after certain answers" not in html(ines, first)
    path = second.replace("/edit/", "/when/")
    (question,) = re.findall(r'href="([^"]+\?of=[^"]+)"', html(ines, path))
    assert send(ines, question, {"said": "=", "choice": ""}).status_code == 422
    assert send(ines, question, {"said": "=", "choice": "no"}).status_code == 303
    assert "“Was there one?” is “No”" in html(ines, address)
    item = draft_at(site, pair, address)["questionnaire"]["pages"][1]["items"][0]
    assert item["when"] == [{"item": first.rsplit("/", 1)[1], "op": "=", "value": "no"}]
    send(ines, second, {"number": "0"}, f"/not-when/{where}/items/{item['key']}")
    assert draft_at(site, pair, address)["questionnaire"]["pages"][1]["items"][0]["when"] == []


def test_a_copy_begins_with_all_of_the_original(site: Site, pair: Pair, ines: Visitor) -> None:
    assert f"/own-exercises/new?of={LETTER}" in html(ines, f"/library/{LETTER}")
    answer = send(ines, f"/own-exercises/new?of={LETTER}", {"title": "My letter"})
    draft = draft_at(site, pair, str(answer.location))
    assert draft == copied(LETTER, title="My letter")
    with site.records.within(pair.therapist, read_only=True) as scope:
        (work,) = my_works(scope, OwnKind.EXERCISE)
    assert work.copied_from == LETTER


@pytest.mark.parametrize(
    "slug", ["boundaries", "check-in", "forgiveness", "how-we-drifted", "date-ideas", "hopes-and-fears"]
)
def test_every_part_of_a_copy_opens_and_is_kept_unchanged(
    site: Site, pair: Pair, ines: Visitor, slug: str
) -> None:
    work_id = write(site.records, pair.therapist, copied(slug))
    address = f"/own-exercises/{work_id}"
    was = draft_at(site, pair, address)
    pages = dict.fromkeys(re.findall(rf'href="({address}/edit/[^"#?]+)"', html(ines, address)))
    assert len(pages) > 4
    for path in pages:
        assert send(ines, path, {}, path).status_code == 303, path
    publish(site.records, pair.therapist, work_id)
    before, after = (exercise_of(each, slug="own-a") for each in (was, draft_at(site, pair, address)))
    same = [each.name for each in fields(before) if each.name not in {"source", "digest"}]
    assert {each: getattr(after, each) for each in same} == {each: getattr(before, each) for each in same}
    assert "The draft is the same as version 1" in html(ines, f"{address}/publish")


def test_the_draft_is_seen_as_either_of_two_partners(site: Site, pair: Pair, ines: Visitor) -> None:
    address = f"/own-exercises/{write(site.records, pair.therapist, copied(SIGNS, title='As it stands'))}"
    page = html(ines, f"{address}/preview?couple={pair.couple_id}&seat=a")
    assert "As it stands" in page
    assert "seat=b" in page
    assert html(ines, f"{address}/preview?couple={pair.couple_id}&seat=b") != page
    assert "As it stands" in html(ines, f"{begun(ines, title='As it stands')}/preview")


def test_versions_say_what_changed(site: Site, pair: Pair, ines: Visitor) -> None:
    work = published(site.records, pair.therapist, title="One title")
    change(site.records, pair.therapist, work.id, title="Another title")
    publish(site.records, pair.therapist, work.id)
    page = html(ines, f"/own-exercises/{work.id}/versions")
    assert "<del>One</del><ins>Another</ins> title" in page
    assert "Version 1" in page
    assert "One title" in html(ines, f"/own-exercises/{work.id}/preview?version=1")


def test_the_administrator_reads_it_and_offers_it_or_hands_it_back(
    site: Site, people: tuple[Pair, dict[str, Viewer]], ines: Visitor
) -> None:
    pair, staff = people
    admin = site.sign_in_as(staff["admin"])
    work = published(site.records, pair.therapist, title="For everybody")
    page = f"/practice/own-works/{work.id}"
    assert admin.get(page).status_code == 404
    assert send(ines, f"/own-exercises/{work.id}", {"go": "ask"}, "/ask").status_code == 303
    assert "For everybody" in html(admin, "/practice/own-works")
    assert copied()["clinician"]["rationale"] in html(admin, page)
    assert send(admin, page, {"go": "back", "note": ""}).status_code == 422
    assert send(admin, page, {"go": "back", "note": "Please shorten it."}).status_code == 303
    assert "Please shorten it." in html(ines, f"/own-exercises/{work.id}")
    ask(site.records, pair.therapist, work.id)
    assert send(admin, page, {"go": "offer"}).status_code == 303
    other = site.sign_in_as(colleague(site.world, pair.a.practice_id))
    assert "For everybody" in html(other, "/library")
    assert html(other, f"/library/{work.slug}")
    assert "Go on writing it" not in html(other, f"/library/{work.slug}")
    assert "Go on writing it" in html(ines, f"/library/{work.slug}")
    assert send(admin, page, {"go": "withdraw", "note": "Not now."}).status_code == 303
    assert other.get(f"/library/{work.slug}").status_code == 404


def test_the_administrator_reads_no_edition_that_nobody_asked_about(
    site: Site, people: tuple[Pair, dict[str, Viewer]]
) -> None:
    pair, staff = people
    admin = site.sign_in_as(staff["admin"])
    work = published(site.records, pair.therapist, title="Offered title")
    ask(site.records, pair.therapist, work.id)
    decide(site.records, staff["admin"], work.id)
    for title in ("Newer edition", "Newest draft"):
        change(site.records, pair.therapist, work.id, title=title)
        if title == "Newer edition":
            publish(site.records, pair.therapist, work.id)
    for path in ("/practice/own-works", f"/practice/own-works/{work.id}"):
        page = html(admin, path)
        assert "Offered title" in page
        assert "Newe" not in page


def test_taken_off_the_shelf_and_put_back(site: Site, pair: Pair, ines: Visitor) -> None:
    work = published(site.records, pair.therapist)
    assert send(ines, f"/own-works/{work.id}/retire", {}).status_code == 303
    assert ines.get(f"/assign/{work.slug}").status_code == 404
    assert send(ines, f"/own-exercises/{work.id}/publish", {}).status_code == 303
    found = work_of(site.records, pair.therapist, work.id)
    assert (found.shelf, found.version) == (Shelf.MINE, 1)


def test_a_draft_is_deleted_after_asking_once_more(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    path = f"/own-works/{address.rsplit('/', 1)[1]}/delete"
    assert "Delete “Quiet”?" in html(ines, path)
    assert send(ines, path, {}).status_code == 303
    html(ines, address, 404)


PLACES = ("", "/edit/about", "/edit/letter", "/preview", "/publish", "/versions")


@pytest.mark.parametrize("who", ["a", "b", "admin", "desk", "colleague"])
def test_nobody_else_reaches_any_page_of_it(
    site: Site, people: tuple[Pair, dict[str, Viewer]], who: str
) -> None:
    pair, staff = people
    work = published(site.records, pair.therapist, title="Canary title")
    viewer = {**staff, "b": pair.b, "colleague": colleague(site.world, pair.a.practice_id)}[who]
    visitor = site.sign_in_as(viewer)
    paths = [f"/own-exercises/{work.id}{each}" for each in PLACES]
    paths += [f"/own-works/{work.id}/{each}" for each in ("retire", "delete")]
    paths += [f"/library/{work.slug}", f"/assign/{work.slug}", f"/practice/own-works/{work.id}"]
    for path in paths:
        assert visitor.get(path).status_code == 404, path
    for path in ("/own-exercises", "/library", "/practice/own-works", "/"):
        assert "Canary title" not in visitor.get(path).get_data(as_text=True)
    for path in (
        f"/own-works/{work.id}/ask",
        f"/own-exercises/{work.id}/arrange",
        f"/own-exercises/{work.id}/publish",
    ):
        answer = visitor.post(path, {"csrf_token": visitor.csrf, "writer": visitor.writer, "go": "ask"})
        assert answer.status_code == 404, path
    assert work_of(site.records, pair.therapist, work.id).asked_at is None


@pytest.mark.parametrize("who", ["a", "desk"])
def test_the_lists_are_for_staff_who_write_or_decide(
    site: Site, people: tuple[Pair, dict[str, Viewer]], who: str
) -> None:
    visitor = site.sign_in_as(people[1][who])
    for path in (
        "/own-exercises",
        "/own-exercises/new",
        f"/own-exercises/new?of={LETTER}",
        "/practice/own-works",
    ):
        assert visitor.get(path).status_code == 404


def test_a_partner_reads_what_was_assigned_and_nothing_about_who_wrote_it(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    work = published(site.records, pair.therapist, title="From my desk")
    giving = form_at(ines, f"/assign/{work.slug}?couple={pair.couple_id}")
    answer = ines.post(giving.action, giving.fields | {"go": ["assign"]})
    assert answer.status_code == 303
    ada = site.sign_in_as(pair.a)
    page = html(ada, "/today")
    assert "From my desk" in page
    (task,) = set(re.findall(r'href="(/t/[a-z0-9]+)"', page))
    shown = html(ada, task)
    assert "From my desk" in shown
    assert "own-" not in shown


def test_an_old_address_of_a_part_that_is_gone_is_no_such_page(site: Site, pair: Pair, ines: Visitor) -> None:
    address = begun(ines)
    arrange(ines, address, f"out@{FIRST_PAGE}")
    for path in (
        f"/edit/{FIRST_PAGE}",
        "/edit/nowhere",
        f"/when/{FIRST_PAGE}/items/q9",
        "/edit/questionnaire/pages",
    ):
        html(ines, address + path, 404)
    assert arrange(ines, address, f"up@{FIRST_PAGE}").status_code == 303


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "²", "x", ""])
def test_a_strange_number_in_an_address_or_form_does_no_harm(
    site: Site, pair: Pair, ines: Visitor, number: str
) -> None:
    address = f"/own-exercises/{published(site.records, pair.therapist).id}"
    assert ines.get(f"{address}/preview?version={number}").status_code == 200
    assert arrange(ines, address, f"back:{number}@").status_code == 303
    answer = send(
        ines, f"{address}/edit/couple", {"go": f"up:steps:{number}", "revision": number, "seen": "x"}
    )
    assert answer.status_code in {303, 409}
    assert draft_at(site, pair, address)["steps"] == copied()["steps"]


def test_a_letter_can_ask_for_a_day_to_come_back_on(site: Site, pair: Pair, ines: Visitor) -> None:
    work_id = write(site.records, pair.therapist, copied("i-statements"))
    address = f"/own-exercises/{work_id}"
    typed = {"f_follow_up_title": "When I will ask", "f_follow_up_prompt": "On which day will you ask?"}
    assert send(ines, f"{address}/edit/letter", typed).status_code == 303
    draft = as_draft(work_of(site.records, pair.therapist, work_id).draft)
    assert draft["letter"]["follow_up"]["prompt"] == "On which day will you ask?"
    assert "Some things are left to do" not in html(ines, f"{address}/publish")
