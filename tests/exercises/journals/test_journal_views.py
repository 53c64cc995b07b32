"""The pages of a journal, as a writer uses them, with two windows, hostile words, and without scripts."""

import re
from typing import Any

import pytest

from portal.access.privacy import Audience
from portal.exercises import care_commands
from portal.exercises.models import AssignmentState, Whom
from tests.exercises.doing import give
from tests.exercises.journals.keeping import FIRST, OPEN, SLUG, entries, share, stop, write
from tests.exercises.test_review import fields_of, html, words
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

HOSTILE = "<script>alert('x')</script> “quoted” {{ 7*7 }} \u202e \u200b 👩🏽‍🚀 line\nline"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def given(site: Site, pair: Pair) -> str:
    return give(site.records, pair, SLUG)


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def follow(visitor: Visitor, path: str, action: str, **typed: Any) -> str:
    """Send the form of a page as it stands, with something typed; return where it leads."""
    where, fields = fields_of(visitor, path, action)
    answer = visitor.post(where, fields | {name: [value] for name, value in typed.items()})
    assert answer.status_code == 303, (answer.status_code, words(answer.get_data(as_text=True)))
    return answer.location


def begin(visitor: Visitor, given: str) -> str:
    """Begin the exercise from its introduction; return the page of the journal."""
    return follow(visitor, f"/t/{given}", "/begin")


def new_page(visitor: Visitor, given: str, place: int = 0) -> str:
    """Return where a new entry about a prompt begins."""
    links = read("/", html(visitor, f"/t/{given}/own")).links
    return next(link for link in links if re.search(rf"round=[a-z2-7]+-{place:02d}$", link))


def test_writing_keeping_and_reading_again(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    assert begin(sam, given).endswith(f"/t/{given}/own")
    page = words(html(sam, f"/t/{given}/own"))
    assert "Only you can see this" in page
    assert "Neither Alex nor Ines can tell whether anything stands here" in page
    assert "Your pages" not in page

    there = new_page(sam, given, 1)
    assert follow(sam, there, "/p/1", first_move=HOSTILE, mood="7") == f"/t/{given}/own"

    entry = entries(site.records, pair.a, given)[0]
    listed = html(sam, f"/t/{given}/own")
    assert "Your pages" in listed
    assert "<script>alert" not in listed
    shown = html(sam, f"/t/{given}/own/{entry.name}")
    assert "&lt;script&gt;alert" in shown
    assert "{{ 7*7 }}" in shown
    assert "7, between “Heavy” and “Light”" in words(shown)
    assert new_page(sam, given, 1) != there


def test_an_entry_is_written_on_and_saved_by_itself(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    write(site.records, pair.a, given, {"entry": "One."})
    there = next(
        link for link in read("/", html(sam, f"/t/{given}/own/{OPEN}")).links if f"round={OPEN}" in link
    )
    assert "Keep it" in html(sam, there)
    assert "Finish later" not in html(sam, there)
    where, fields = fields_of(sam, there, "/p/1")
    saved = sam.post(where.replace("/p/1", "/p/1/draft"), fields | {"entry": ["One. Two."]})
    assert saved.status_code == 200
    assert entries(site.records, pair.a, given)[0].values["entry"] == "One. Two."


def test_two_windows_on_one_entry_show_both_wordings(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "First."})
    there = f"/t/{given}/p/1?part=journal&round={OPEN}"
    where, fields = fields_of(sam, there, "/p/1")
    write(site.records, pair.a, given, {"entry": "From elsewhere."})

    answer = sam.post(where, fields | {"entry": ["From here."]})

    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "From here." in page
    assert "From elsewhere." in page


def test_what_is_typed_while_the_assignment_is_withdrawn_is_shown_to_be_taken_along(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "Kept before."})
    where, fields = fields_of(sam, f"/t/{given}/p/1?part=journal&round={OPEN}", "/p/1")
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)

    answer = sam.post(where, fields | {"entry": ["Typed just now."]})

    assert answer.status_code == 409
    assert "Typed just now." in answer.get_data(as_text=True)
    page = words(html(sam, f"/t/{given}/own"))
    assert "Your therapist has closed this. Your pages stay yours" in page
    assert "More questions" not in page
    shown = html(sam, f"/t/{given}/own/{OPEN}")
    assert "Kept before." in shown
    assert "Go on writing" not in shown
    assert sam.get(f"/t/{given}").location == f"/t/{given}/own"


def test_sharing_says_first_what_it_means_and_shares_one_page(
    site: Site, sam: Visitor, alex: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": HOSTILE, "mood": 3})
    write(site.records, pair.a, given, {"first_move": "The other page."}, name=FIRST)
    there = f"/t/{given}/own/{OPEN}/share"
    page = words(html(sam, there))
    assert "exactly what will be read" in page
    assert "can’t be made unread" in page
    assert "You and Ines" in page
    assert "You, Alex and Ines" in page
    where, fields = fields_of(sam, there, "/share")
    unsure = sam.post(where, fields)
    assert unsure.status_code == 422
    assert "Please choose who may read it" in unsure.get_data(as_text=True)

    follow(sam, there, "/share", audience="couple")

    read_by_alex = html(alex, f"/t/{given}/open")
    assert "&lt;script&gt;alert" in read_by_alex
    assert "The other page." not in read_by_alex
    assert "Shared by Sam" in words(html(alex, "/together"))
    assert "Shared by Sam" in words(html(alex, "/today"))
    read_by_ines = html(ines, f"/answers/{given}")
    assert "Pages that were shared" in read_by_ines
    assert "&lt;script&gt;alert" in read_by_ines
    assert "The other page." not in read_by_ines
    shown = words(html(sam, f"/t/{given}/own/{OPEN}"))
    assert "You, Alex and Ines" in shown
    assert "Go on writing" not in shown


def test_a_page_that_changed_in_another_window_is_not_shared_unseen(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "Mild."})
    where, fields = fields_of(sam, f"/t/{given}/own/{OPEN}/share", "/share")
    write(site.records, pair.a, given, {"entry": "Too much."})

    answer = sam.post(where, fields | {"audience": ["couple"]})

    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Nothing was shared" in page
    assert "Too much." in page
    assert entries(site.records, pair.a, given)[0].is_private
    form = next(form for form in read(where, page).forms if form.action.endswith("/share"))
    assert sam.post(form.action, form.fields | {"audience": ["couple"]}).status_code == 303


def test_writing_in_one_window_while_the_other_shares_loses_nothing(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "Shared."})
    where, fields = fields_of(sam, f"/t/{given}/p/1?part=journal&round={OPEN}", "/p/1")
    share(site.records, pair.a, given)

    answer = sam.post(where, fields | {"entry": ["Shared. And more."]})
    autosaved = sam.post(where.replace("/p/1", "/p/1/draft"), fields | {"entry": ["Shared. And more."]})

    assert (answer.status_code, autosaved.status_code) == (409, 409)
    assert "Shared. And more." in answer.get_data(as_text=True)
    assert entries(site.records, pair.a, given)[0].values == {"entry": "Shared."}


def test_sharing_stops_after_a_page_that_says_what_it_cant_undo(
    site: Site, sam: Visitor, alex: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "For us, for now."})
    share(site.records, pair.a, given)
    assert "has read it" in words(html(sam, f"/t/{given}/own/{OPEN}/stop"))

    follow(sam, f"/t/{given}/own/{OPEN}/stop", "/stop")

    assert alex.get(f"/t/{given}/open").location == f"/t/{given}"
    assert "For us" not in html(ines, f"/answers/{given}")
    assert "Go on writing" in html(sam, f"/t/{given}/own/{OPEN}")
    assert sam.get(f"/t/{given}/own/{OPEN}/stop").location == f"/t/{given}/own/{OPEN}"


def test_deleting_asks_once_more_and_twice_is_once(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    write(site.records, pair.a, given, {"entry": "Gone."})
    there = f"/t/{given}/own/{OPEN}/delete"
    assert "Delete this page?" in html(sam, there)
    where, fields = fields_of(sam, there, "/delete")
    assert sam.post(where, fields).status_code == 303
    assert sam.post(where, fields).status_code == 303
    assert sam.get(f"/t/{given}/own/{OPEN}").status_code == 404


def test_a_shared_page_is_not_deleted_from_an_old_window(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "Shared meanwhile."})
    where, fields = fields_of(sam, f"/t/{given}/own/{OPEN}/delete", "/delete")
    share(site.records, pair.a, given)
    assert sam.post(where, fields).status_code == 404
    assert len(entries(site.records, pair.a, given)) == 1


def test_a_blank_page_offers_no_sharing(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    write(site.records, pair.a, given, {"entry": None})
    assert "Share this page" not in html(sam, f"/t/{given}/own/{OPEN}")
    assert sam.get(f"/t/{given}/own/{OPEN}/share").status_code == 303


def test_an_entry_is_never_sent_by_the_ordinary_way(site: Site, sam: Visitor, pair: Pair, given: str) -> None:
    write(site.records, pair.a, given, {"entry": "Not for sending."})
    _where, fields = fields_of(sam, f"/t/{given}/p/1?part=journal&round={OPEN}", "/p/1")
    for path in ("check", "send"):
        address = f"/t/{given}/{path}?part=journal&round={OPEN}"
        answer = sam.get(address) if path == "check" else sam.post(address, fields)
        assert answer.status_code == 404
    assert entries(site.records, pair.a, given)[0].is_private


def test_nobody_opens_a_journal_that_isnt_theirs(
    site: Site, sam: Visitor, alex: Visitor, ines: Visitor, pair: Pair
) -> None:
    for_sam = give(site.records, pair, SLUG, whom=Whom.A)
    write(site.records, pair.a, for_sam, {"entry": "Mine."})
    for path in ("", f"/{OPEN}", f"/{OPEN}/share", f"/{OPEN}/stop", f"/{OPEN}/delete"):
        assert alex.get(f"/t/{for_sam}/own{path}").status_code == 404
        assert ines.get(f"/t/{for_sam}/own{path}").status_code == 404
    assert alex.get(f"/t/{for_sam}/open").status_code == 404


def test_who_wasnt_asked_reads_all_the_same_what_is_shared_with_them(
    site: Site, alex: Visitor, pair: Pair
) -> None:
    for_sam = give(site.records, pair, SLUG, whom=Whom.A)
    write(site.records, pair.a, for_sam, {"entry": "For you too."})
    share(site.records, pair.a, for_sam)
    assert "For you too." in html(alex, f"/t/{for_sam}/open")
    stop(site.records, pair.a, for_sam)
    assert alex.get(f"/t/{for_sam}/open").status_code == 404


def test_what_is_shared_with_the_therapist_alone_stays_between_the_two(
    site: Site, alex: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    write(site.records, pair.a, given, {"entry": "Only for Ines."})
    share(site.records, pair.a, given, audience=Audience.THERAPIST)
    assert alex.get(f"/t/{given}/open").location == f"/t/{given}"
    review = html(ines, f"/answers/{given}")
    assert "Only for Ines." in review
    assert "Sam and you" in words(review)
    where, fields = fields_of(ines, f"/answers/{given}", "/read")
    assert ines.post(where, fields).status_code == 303
    assert "All read" in html(ines, "/answers")


def test_it_stands_among_ones_own_work_with_a_way_back_to_it(
    site: Site, sam: Visitor, pair: Pair, given: str
) -> None:
    begin(sam, given)
    write(site.records, pair.a, given, {"entry": "Mine."})
    assert f"/t/{given}" in read("/", html(sam, "/just-me")).links
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.FINISHED)
    assert f"/t/{given}" in read("/", html(sam, "/just-me")).links


def test_leaving_it_out_keeps_every_page(
    site: Site, sam: Visitor, ines: Visitor, pair: Pair, given: str
) -> None:
    begin(sam, given)
    write(site.records, pair.a, given, {"entry": "Still here."})
    before = words(html(ines, f"/answers/{given}"))
    assert "Your pages stay" in words(html(sam, f"/t/{given}/leave-out"))
    follow(sam, f"/t/{given}/leave-out", "/leave-out")
    assert words(html(ines, f"/answers/{given}")) == before
    assert "Still here." in html(sam, f"/t/{given}/own/{OPEN}")
    assert follow(sam, f"/t/{given}", "/begin") == f"/t/{given}/own"
