"""Giving an exercise: deciding, looking it over, giving it once."""

import re
from datetime import timedelta
from typing import Any

import pytest

from portal.access.policy import Refused
from portal.exercises import care_commands, review_queries
from portal.exercises.domain import Recurrence, needs_both
from portal.exercises.models import Assignment, Whom
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.people.models import OutgoingMail
from tests.exercises.doing import give
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

SIGNS, TOUCH, LETTER, APOLOGY, HABIT = (
    "warning-signs",
    "touch-menu",
    "i-statements",
    "repair-script",
    "daily-five",
)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple with its therapist."""
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    """The couple's therapist, signed in."""
    return site.sign_in_as(pair.therapist)


def address(pair: Pair, slug: str, **more: str) -> str:
    """Return where an exercise is given to a couple."""
    return f"/assign/{slug}?couple={pair.couple_id}" + "".join(
        f"&{name}={value}" for name, value in more.items()
    )


def prepared(ines: Visitor, path: str, **chosen: str) -> dict[str, Any]:
    """Return what the form at an address sends, with some fields chosen otherwise."""
    page = ines.get(path).get_data(as_text=True)
    form = next(form for form in read(path, page).forms if form.method == "post")
    fields = {name: [value.strip() for value in values] for name, values in form.fields.items()}
    return {**fields, "go": "check"} | {name: [value] for name, value in chosen.items()}


def given(site: Site, pair: Pair) -> list[Assignment]:
    """Return everything that was assigned to the couple, newest first."""
    with site.records.within(pair.therapist) as scope:
        return [work.assignment for work in review_queries.work_of(scope, pair.couple_id)]


def words(page: str) -> str:
    """Return a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_couple_is_chosen_first_where_there_are_several(site: Site, pair: Pair, ines: Visitor) -> None:
    other = site.world.pair(
        pair.a.practice_id, ("Hana Ito", "Milo Reyes"), therapist=pair.therapist.account_id
    )
    page = ines.get(f"/assign/{SIGNS}").get_data(as_text=True)
    assert f"couple={pair.couple_id}" in page
    assert f"couple={other.couple_id}" in page


def test_the_only_couple_is_taken_at_once(pair: Pair, ines: Visitor) -> None:
    answer = ines.get(f"/assign/{SIGNS}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == address(pair, SIGNS)


def test_the_form_suggests_what_the_exercise_suggests(pair: Pair, ines: Visitor) -> None:
    fields = prepared(ines, address(pair, SIGNS))
    assert fields["recurrence"] == ["monthly"]
    assert fields["whom"] == ["both"]
    assert fields["release"] == ["now"]
    assert fields["opens_on"] == ["2026-11-19"]


def test_looking_it_over_repeats_everything_and_gives_nothing_yet(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = address(pair, LETTER)
    fields = prepared(ines, path, instructions="Take your time with it.", due_on="2026-11-24", whom="a")
    answer = ines.post(path, fields)
    page = words(answer.get_data(as_text=True))
    assert answer.status_code == 200
    for told in (
        "Only Sam",
        "Tuesday 24 November",
        "Take your time with it.",
        "Every week",
        "Sam will read",
        "You, Alex and Ines",
    ):
        assert told in page, told
    assert "Alex will read" not in page
    assert given(site, pair) == []


def test_giving_it_leads_to_the_couple_and_tells_them(site: Site, pair: Pair, ines: Visitor) -> None:
    path = address(pair, LETTER)
    check = ines.post(path, prepared(ines, path, instructions="Slowly.")).get_data(as_text=True)
    form = next(form for form in read(path, check).forms if form.method == "post")
    answer = ines.post(form.action, form.fields | {"go": ["assign"]})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/couples/{pair.couple_id}"
    (assignment,) = given(site, pair)
    assert (assignment.slug, assignment.whom, assignment.recurrence) == (LETTER, "both", "weekly")
    assert assignment.released_at == site.clock.now()
    with site.records.within(pair.therapist) as scope:
        assert scope.find(Assignment, assignment.id).instructions == "Slowly."
        assert {mail.account_id for mail in scope.all(scope.select(OutgoingMail))} == {
            pair.a.account_id,
            pair.b.account_id,
        }
    assert "is given" in ines.get(f"/couples/{pair.couple_id}").get_data(as_text=True)


def test_sending_it_twice_gives_it_once(site: Site, pair: Pair, ines: Visitor) -> None:
    path = address(pair, SIGNS)
    fields = prepared(ines, path, go="assign")
    assert [ines.post(path, fields).status_code for _ in range(3)] == [303] * 3
    assert len(given(site, pair)) == 1


def test_changing_something_brings_the_form_back_as_it_was(pair: Pair, ines: Visitor) -> None:
    path = address(pair, LETTER)
    fields = prepared(ines, path, instructions="Kept as typed.", whom="b", go="change")
    page = ines.post(path, fields).get_data(as_text=True)
    form = next(form for form in read(path, page).forms if form.method == "post")
    assert form.fields["instructions"][0].strip() == "Kept as typed."
    assert form.fields["whom"] == ["b"]


def test_days_that_have_passed_or_lie_the_wrong_way_round_are_refused(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = address(pair, SIGNS)
    passed = ines.post(path, prepared(ines, path, opens_on="2026-11-18"))
    assert passed.status_code == 422
    assert "This day has passed" in passed.get_data(as_text=True)
    twisted = ines.post(path, prepared(ines, path, opens_on="2026-11-25", due_on="2026-11-24"))
    assert "before the exercise opens" in twisted.get_data(as_text=True)
    for far in ({"opens_on": "9999-12-31", "due_on": ""}, {"due_on": "9999-12-31"}):
        away = ines.post(path, prepared(ines, path, **far))
        assert away.status_code == 422
        assert "Choose a day within the next two years" in away.get_data(as_text=True)
    assert given(site, pair) == []


def test_a_day_to_come_opens_at_its_midnight_and_sends_no_mail_before(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = address(pair, SIGNS)
    ines.post(path, prepared(ines, path, opens_on="2026-11-25", go="assign"))
    (assignment,) = given(site, pair)
    assert assignment.opens_at.isoformat() == "2026-11-25T00:00:00+00:00"
    with site.records.within(pair.therapist) as scope:
        mails = scope.all(scope.select(OutgoingMail))
    assert {mail.due_at.isoformat() for mail in mails} == {"2026-11-25T08:00:00+00:00"}


def test_touch_is_thought_through_and_released_later(site: Site, pair: Pair, ines: Visitor) -> None:
    path = address(pair, TOUCH)
    fields = prepared(ines, path, go="assign")
    assert fields["release"] == ["later"]
    refused = ines.post(path, fields)
    assert refused.status_code == 422
    assert "say that you have thought about it" in refused.get_data(as_text=True)
    ines.post(path, fields | {"thought": ["y"]})
    (assignment,) = given(site, pair)
    assert assignment.released_at is None
    assert "Release" in ines.get(f"/couples/{pair.couple_id}").get_data(as_text=True)


def test_each_partner_is_quoted_what_they_will_read_about_an_overlap(pair: Pair, ines: Visitor) -> None:
    page = words(ines.get(address(pair, TOUCH)).get_data(as_text=True))
    assert "Alex and Ines see only what you are both open to" in page
    assert "Sam sees only what you are both open to. Ines sees your whole list" in page


@pytest.mark.parametrize("sees", ["overlap", "lists"])
def test_what_the_therapist_sees_of_the_lists_is_as_was_chosen(
    site: Site, pair: Pair, ines: Visitor, sees: str
) -> None:
    path = address(pair, TOUCH)
    ines.post(path, prepared(ines, path, sees=sees, thought="y", go="assign"))
    assert [each.lists_open for each in given(site, pair)] == [sees == "lists"]


@pytest.mark.parametrize("slug", sorted(library()))
def test_what_opens_once_both_have_answered_is_only_for_both(
    site: Site, pair: Pair, ines: Visitor, slug: str
) -> None:
    page = ines.get(address(pair, slug)).get_data(as_text=True)
    assert ('value="a"' in page) is not needs_both(library()[slug])
    if needs_both(library()[slug]):
        plan = care_commands.Plan(couple_id=pair.couple_id, whom=Whom.A, recurrence=Recurrence.ONCE)
        with site.records.within(pair.therapist) as scope, pytest.raises(Refused):
            care_commands.assign(scope, library()[slug], plan, once_key=new_id())


def test_for_one_person_somebody_has_to_be_named(pair: Pair, ines: Visitor) -> None:
    path = address(pair, APOLOGY)
    answer = ines.post(path, prepared(ines, path))
    assert answer.status_code == 422
    assert "Please choose who it is for" in answer.get_data(as_text=True)


def test_a_log_keeps_to_its_own_days(pair: Pair, ines: Visitor) -> None:
    page = ines.get(address(pair, HABIT)).get_data(as_text=True)
    form = next(form for form in read(address(pair, HABIT), page).forms if form.method == "post")
    assert form.choices["recurrence"] == ["daily"]


def test_giving_it_again_begins_with_what_was_chosen_before(site: Site, pair: Pair, ines: Visitor) -> None:
    before = give(
        site.records, pair, LETTER, whom=Whom.B, recurrence=Recurrence.MONTHLY, instructions="As last time."
    )
    path = address(pair, LETTER, previous=before)
    fields = prepared(ines, path, go="assign")
    assert (fields["whom"], fields["recurrence"], fields["instructions"]) == (
        ["b"],
        ["monthly"],
        ["As last time."],
    )
    site.clock.move(timedelta(minutes=1))
    ines.post(path, fields)
    assert given(site, pair)[0].previous_id == before


def test_an_assignment_of_another_exercise_is_not_given_again_here(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    before = give(site.records, pair, LETTER)
    assert ines.get(address(pair, SIGNS, previous=before)).status_code == 404


def test_somebody_elses_couple_can_be_given_nothing(site: Site, pair: Pair, ines: Visitor) -> None:
    other = site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes"))
    fields = prepared(ines, address(pair, SIGNS), go="assign")
    ines.post(address(other, SIGNS), fields)
    assert given(site, other) == []
    assert "Hana" not in ines.get(address(other, SIGNS)).get_data(as_text=True)
