"""Reading answers and writing back: what a therapist sees, and that nobody else learns of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.audit import Action, AuditEntry
from portal.access.privacy import Audience
from portal.access.viewer import House, Viewer
from portal.exercises import commands, queries, review_queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.mechanics.overlap import OverlapSpec, TherapistSees
from portal.exercises.models import Feedback, Whom
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import answer_ids, fill, give, send, task_of, type_in
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

SIGNS, LETTER, TOUCH, HABIT, HELD, CAUSES = (
    "warning-signs",
    "i-statements",
    "touch-menu",
    "daily-five",
    "honest-account",
    "root-causes",
)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    """The couple's therapist, signed in."""
    return site.sign_in_as(pair.therapist)


def html(visitor: Visitor, path: str, status: int = 200) -> str:
    """Open a page and return it."""
    answer = visitor.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def words(page: str) -> str:
    """Return the main part of a page without its tags."""
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def answers(slug: str, text: str = "My own words, long enough to be sent") -> dict[str, Any]:
    """Return an answer to everything."""
    return fill(library()[slug], text)


def fields_of(visitor: Visitor, path: str, action: str) -> tuple[str, dict[str, Any]]:
    """Return where a form of a page goes, and what it holds; the form is found by the end of its address."""
    form = next(
        form
        for form in read(path, html(visitor, path)).forms
        if form.action.partition("?")[0].endswith(action)
    )
    return form.action, dict(form.fields)


def write(visitor: Visitor, given: str, to: str, body: str) -> int:
    """Write back from the review of an assignment; return the status."""
    action, fields = fields_of(visitor, f"/answers/{given}", "/feedback")
    return visitor.post(action, fields | {"to": [to], "body": [body]}).status_code


def said(site: Site, pair: Pair, given: str, viewer: Viewer | None = None) -> list[tuple[str, str]]:
    """Return the therapist's words that somebody can read: audience and text."""
    with site.records.within(viewer or pair.therapist) as scope:
        return [(each.audience, each.body) for each in queries.feedback(scope, [given])]


def test_with_nothing_new_the_page_says_so(ines: Visitor) -> None:
    assert "All read" in html(ines, "/answers")


def test_the_oldest_unread_is_open_and_the_others_are_listed(site: Site, pair: Pair, ines: Visitor) -> None:
    first = give(site.records, pair, SIGNS)
    second = give(site.records, pair, LETTER)
    send(site.records, pair.a, first, answers(SIGNS))
    site.clock.move(timedelta(minutes=2))
    send(site.records, pair.b, second, answers(LETTER))
    page = html(ines, "/answers")
    assert f"<h1>{library()[SIGNS].title}</h1>" in page
    assert page.index(f"/answers/{first}") < page.index(f"/answers/{second}")
    assert "Five signs of distance, Sam" in words(page)


def test_both_answers_stand_beside_each_other_with_their_distance(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, SIGNS)
    mine, theirs = answers(SIGNS), answers(SIGNS)
    mine["loneliness_hurt"], theirs["loneliness_hurt"] = 9, 2
    theirs["distance_hurt"] = {"declined": True}
    del theirs["talking_hurt"]
    mine["anything_else"], theirs["anything_else"] = "Evenings are the worst.", "It is all right."
    send(site.records, pair.a, given, mine)
    send(site.records, pair.b, given, theirs)
    page = html(ines, f"/answers/{given}")
    told = words(page)
    assert "Each answered for you alone. Neither sees this comparison" in told
    assert "7 apart" in told
    assert "Evenings are the worst." in told
    assert "It is all right." in told
    assert "Prefers not to answer" in told
    assert "Not answered" in told
    assert "No total: 1 of 2 answered" in told
    assert "5 of 10" in told
    rows = page[page.index("sheet-rows") :]
    assert rows.index("7 apart") < rows.index("The same")


def test_the_order_of_the_form_can_be_chosen(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    mine = answers(SIGNS) | {"talking_hurt": 10}
    send(site.records, pair.a, given, mine)
    send(site.records, pair.b, given, answers(SIGNS))
    page = html(ines, f"/answers/{given}?order=form")
    questions = re.findall(r'<h3 class="question">([^<]+)</h3>', page)
    assert questions == [item.text.replace("'", "&#39;") for item in library()[SIGNS].form.questions]
    assert re.findall(r'<h3 class="question">([^<]+)</h3>', html(ines, f"/answers/{given}")) != questions


def test_one_partners_answers_are_shown_without_a_comparison(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, answers(SIGNS))
    type_in(site.records, pair.b, given, {"anything_else": "A line that was never sent"})
    told = words(html(ines, f"/answers/{given}"))
    assert "Sent 19 Nov" in told
    assert "Draft" in told
    assert "never sent" not in told
    assert "apart" not in told.replace("Far apart", "")
    assert "Far apart first" not in told


def test_what_was_left_out_is_said_neutrally(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    with site.records.within(pair.a) as scope:
        commands.decline(scope, task_of(scope, pair.a, given))
    told = words(html(ines, f"/answers/{given}"))
    assert "Sam Left it out" in told.replace("S Sam", "Sam")
    assert "There is nothing to read in this round." in told


def test_a_letter_is_read_as_a_whole_with_where_it_is(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, LETTER)
    later = Delivery(DeliveryKind.LATER, site.clock.now() + timedelta(days=3))
    send(site.records, pair.a, given, answers(LETTER, "What I would like to say"), delivery=later)
    told = words(html(ines, f"/answers/{given}"))
    assert "What I would like to say" in told
    assert "Arrives Sun 22 Nov, 09:00" in told
    site.clock.move(timedelta(days=4))
    assert "Open since 22 Nov" in words(html(_again(site, pair), f"/answers/{given}"))


def _again(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def test_an_overlap_shows_what_both_are_open_to_and_never_the_lists(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, TOUCH)
    items = [item.key for item in library()[TOUCH].form.questions]
    send(site.records, pair.a, given, {items[0]: "comfortable", items[1]: "comfortable", items[2]: "not_now"})
    told = words(html(ines, f"/answers/{given}"))
    assert "Nothing stands here right now" in told
    send(site.records, pair.b, given, {items[0]: "maybe", items[1]: "not_now", items[2]: "comfortable"})
    page = html(ines, f"/answers/{given}")
    told = words(page)
    texts = [library()[TOUCH].form.item(key).text for key in items[:3]]  # type: ignore[union-attr]
    assert texts[0] in told
    assert texts[1] not in told
    assert texts[2] not in told
    assert "Not now" not in told
    assert "<table" not in page


def test_full_lists_are_shown_only_where_the_form_had_said_so(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, TOUCH, sees=TherapistSees.LISTS)
    items = [item.key for item in library()[TOUCH].form.questions]
    send(site.records, pair.a, given, {items[0]: "comfortable", items[1]: "not_now"})
    send(site.records, pair.b, given, {items[0]: "maybe"})
    told = words(html(ines, f"/answers/{given}"))
    assert "Not now" in told
    assert "Each of them was told that you also see their whole list" in told


def test_a_list_that_has_run_out_is_shown_to_nobody_any_more(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, TOUCH, sees=TherapistSees.LISTS)
    items = [item.key for item in library()[TOUCH].form.questions]
    spec = library()[TOUCH].spec(OverlapSpec)
    assert spec is not None
    send(site.records, pair.a, given, {items[0]: "comfortable", items[1]: "not_now"})
    site.clock.move(timedelta(days=3))
    send(site.records, pair.b, given, {items[0]: "maybe"})

    site.clock.move(spec.expires - timedelta(days=3))
    told = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}"))
    assert "Not now" not in told
    assert "Comfortable" not in told
    assert "<table" in html(site.sign_in_as(pair.therapist), f"/answers/{given}")
    site.clock.move(timedelta(days=3))
    assert "<table" not in html(site.sign_in_as(pair.therapist), f"/answers/{given}")


def test_a_small_habit_is_counted_by_week_for_the_therapist_alone(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, HABIT, recurrence=Recurrence.DAILY)
    send(site.records, pair.a, given, answers(HABIT, "Beside the canal"))
    told = words(html(ines, f"/answers/{given}"))
    assert "Week by week" in told
    assert "1 of 1" in told
    assert "Beside the canal" in told
    assert "Mark as read" not in told
    assert "All read" in html(ines, "/answers")


def test_rounds_can_be_chosen_and_the_oldest_unread_comes_first(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    send(site.records, pair.a, given, answers(LETTER, "The first week here"))
    site.clock.move(timedelta(days=7))
    send(site.records, pair.a, given, answers(LETTER, "The second week here"))
    ines = _again(site, pair)
    told = words(html(ines, f"/answers/{given}"))
    assert "The first week here" in told
    assert "Week of 16 Nov" in told
    assert "Week of 23 Nov" in told
    assert "The second week here" in words(html(ines, f"/answers/{given}?period=2026-W48"))


def test_marking_as_read_takes_only_what_the_page_has_shown(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, answers(SIGNS))
    action, fields = fields_of(ines, f"/answers/{given}", "/read")
    site.clock.move(timedelta(minutes=1))
    send(site.records, pair.b, given, answers(SIGNS))
    assert ines.post(action, fields).status_code == 303
    with site.records.within(pair.therapist) as scope:
        by_author = {each.author_id: each.reviewed_at for each in review_queries.work(scope, given).responses}
    assert by_author[pair.a.account_id] is not None
    assert by_author[pair.b.account_id] is None


def test_reading_is_written_down(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, answers(SIGNS))
    action, fields = fields_of(ines, f"/answers/{given}", "/read")
    ines.post(action, fields)
    with site.records.within(House(pair.a.practice_id)) as scope:
        entries = scope.all(scope.select(AuditEntry).where(AuditEntry.action == Action.READ))
    assert [(each.subject_id, each.actor_id) for each in entries] == [(given, pair.therapist.account_id)]
    assert "All read" in html(ines, "/answers")


READERS = {"note": "", "a": "a", "b": "b", "both": "ab"}


@pytest.mark.parametrize("to", READERS)
def test_words_reach_exactly_those_they_are_for(site: Site, pair: Pair, ines: Visitor, to: str) -> None:
    given = give(site.records, pair, SIGNS)
    assert write(ines, given, to, "Something to think about.") == 303
    assert [text for _audience, text in said(site, pair, given)] == ["Something to think about."]
    for seat, viewer in (("a", pair.a), ("b", pair.b)):
        assert bool(said(site, pair, given, viewer)) is (seat in READERS[to])
    assert "Something to think about." in html(ines, f"/answers/{given}")


def test_words_sent_twice_are_there_once(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    action, fields = fields_of(ines, f"/answers/{given}", "/feedback")
    for _ in range(2):
        ines.post(action, fields | {"to": ["note"], "body": ["Once."]})
    assert said(site, pair, given) == [(Audience.NOTE, "Once.")]


def test_a_note_for_the_therapist_is_what_is_chosen_to_begin_with(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, SIGNS)
    _action, fields = fields_of(ines, f"/answers/{given}", "/feedback")
    assert fields["to"] == ["note"]


def test_empty_words_are_refused_and_nothing_typed_is_lost(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    action, fields = fields_of(ines, f"/answers/{given}", "/feedback")
    answer = ines.post(action, fields | {"to": ["b"], "body": [" "]})
    assert answer.status_code == 422
    assert "Please write something first" in answer.get_data(as_text=True)
    too_long = ines.post(action, fields | {"to": ["b"], "body": ["x" * 8001]})
    assert "x" * 8001 in too_long.get_data(as_text=True)


def test_who_was_not_asked_is_not_written_to(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, LETTER, whom=Whom.A)
    page = html(ines, f"/answers/{given}")
    assert "Reply to Sam" in page
    assert "Reply to Alex" not in page
    assert "Word to both" not in page
    assert write(ines, given, "b", "For Alex") == 422
    assert said(site, pair, given) == []


def test_before_a_release_there_are_only_notes(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, TOUCH, release=False)
    assert "Reply to Sam" not in html(ines, f"/answers/{given}")
    assert write(ines, given, "both", "Soon.") == 422


def test_what_is_held_opens_to_both_after_a_second_question(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, HELD, whom=Whom.A)
    response = send(
        site.records,
        pair.a,
        given,
        answers(HELD, "It was like this, as far as I know"),
        delivery=Delivery(DeliveryKind.HELD),
    )
    page = html(ines, f"/answers/{given}")
    assert "Held by you: Sam" in page
    assert "Held until you open it" in words(page)
    held = answer_ids(site.records, pair.therapist, response)["about"]
    path = f"/answers/{given}/open/{held}"
    shown = words(html(ines, path))
    assert "Open this letter to both?" in shown
    assert "can’t be closed again" in shown
    with site.records.within(pair.b) as scope:
        assert queries.written(scope, [given]) == []
    action, fields = fields_of(ines, path, path)
    assert ines.post(action, fields).status_code == 303
    with site.records.within(pair.b) as scope:
        assert len(queries.written(scope, [given])) == 1
    assert "Open since 19 Nov" in words(html(ines, f"/answers/{given}"))


def test_an_answer_is_only_opened_within_its_own_assignment(site: Site, pair: Pair, ines: Visitor) -> None:
    held = give(site.records, pair, HELD, whom=Whom.A)
    other = give(site.records, pair, SIGNS)
    response = send(site.records, pair.a, held, answers(HELD), delivery=Delivery(DeliveryKind.HELD))
    answer = answer_ids(site.records, pair.therapist, response)["about"]
    html(ines, f"/answers/{held}/open/{answer}")
    html(ines, f"/answers/{other}/open/{answer}", 404)
    html(ines, f"/answers/{held}/open/{response}", 404)


def test_held_answers_open_one_by_one(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, CAUSES)
    first = send(site.records, pair.a, given, answers(CAUSES, "Sam wrote"))
    send(site.records, pair.b, given, answers(CAUSES, "Alex wrote"))
    ids = answer_ids(site.records, pair.therapist, first)
    page = html(ines, f"/answers/{given}")
    assert all(f"/answers/{given}/open/{ids[key]}" in page for key in ids if key != "therapist_note")
    assert f"/answers/{given}/open/{ids['therapist_note']}" not in page
    html(ines, f"/answers/{given}/open/{ids['therapist_note']}", 404)
    path = f"/answers/{given}/open/{ids['why_disconnected']}"
    asked = words(html(ines, path))
    assert "How do I think we came to be further apart than we wanted?" in asked
    assert "Sam wrote why_disconnected" in asked
    assert "What else is held stays held" in asked
    for _time in range(2):
        action, fields = fields_of(ines, path, path)
        assert ines.post(action, fields).status_code == 303
    alex = site.sign_in_as(pair.b)
    read_by_partner = words(html(alex, f"/t/{given}/open"))
    assert "Sam wrote why_disconnected" in read_by_partner
    # Nothing else that was held is there: not the partner's, and not as if it were open one's own.
    assert read_by_partner.count(" wrote ") == 1
    assert "Not answered" not in read_by_partner
    with site.records.within(pair.therapist, read_only=True) as scope:
        opened = [e for e in scope.session.scalars(select(AuditEntry)) if e.action == Action.RELEASED]
        assert [each.subject_id for each in opened] == [ids["why_disconnected"]]
        assert (
            scope.count(scope.select(OutgoingMail).where(OutgoingMail.account_id == pair.b.account_id)) == 1
        )
    left = words(html(ines, f"/answers/{given}"))
    assert "Open to both: 1 answer from Sam How do I think we came" in left
    assert left.count("Open it to both") == len(ids) - 2 + len(ids) - 1


@pytest.mark.parametrize(("act", "state"), [("withdraw", "withdrawn"), ("finish", "finished")])
def test_an_assignment_ends_after_a_second_question(
    site: Site, pair: Pair, ines: Visitor, act: str, state: str
) -> None:
    given = give(site.records, pair, SIGNS)
    path = f"/answers/{given}/{act}"
    action, fields = fields_of(ines, path, path)
    assert ines.post(action, fields).headers["Location"] == f"/couples/{pair.couple_id}"
    with site.records.within(pair.therapist) as scope:
        assert review_queries.work(scope, given).assignment.state == state


def test_what_was_prepared_is_released_after_a_second_look(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, TOUCH, release=False)
    path = f"/answers/{given}/release"
    assert "Think this through first" in html(ines, path)
    action, fields = fields_of(ines, path, path)
    ines.post(action, fields)
    with site.records.within(pair.a) as scope:
        assert task_of(scope, pair.a, given).assignment.released_at == site.clock.now()


def test_assigning_again_is_one_step_away(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    links = read("/", html(ines, f"/answers/{given}")).links
    assert f"/assign/{SIGNS}?couple={pair.couple_id}&previous={given}" in links


def test_nobody_else_reads_here(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, SIGNS)
    response = send(site.records, pair.a, given, answers(SIGNS))
    stranger = site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist
    for viewer in (pair.a, pair.b, stranger):
        visitor = site.sign_in_as(viewer)
        for path in ("", "/release", "/withdraw", "/finish", f"/open/{response}"):
            assert visitor.get(f"/answers/{given}{path}").status_code == 404, path
        for path in ("/feedback", "/read"):
            sent = {
                "csrf_token": visitor.csrf,
                "to": "both",
                "body": "Not mine to say",
                "until": "2027-01-01T00:00:00+00:00",
            }
            assert visitor.post(f"/answers/{given}{path}", sent).status_code == 404, path
    with site.records.within(pair.therapist) as scope:
        assert scope.all(scope.select(Feedback)) == []
        assert review_queries.work(scope, given).unread
