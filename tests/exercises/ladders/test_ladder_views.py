"""The pages of a ladder, as two partners and their therapist use them: in two windows, late, and after all is over."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from portal.access.viewer import House
from portal.exercises import care_commands, review_queries
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import AssignmentState, Draft, ResponseState
from portal.exercises.shelf import library
from portal.people.models import Account, AccountState
from tests.exercises.doing import give, open_item
from tests.exercises.ladders.climbing import (
    ALONE,
    TALK,
    TOUCH,
    begin,
    begun,
    both_rate,
    open_steps,
    rate,
    seen_by,
    stop,
    take,
    tell,
)
from tests.exercises.test_review import fields_of, html
from tests.exercises.test_review import words as escaped_words
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

NOT_SCHEDULED = "This step is not scheduled. Nothing was noted."


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def words(page: str) -> str:
    """Return the main part of a page as it is read."""
    return unescape(escaped_words(page))


def page(visitor: Visitor, given: str) -> str:
    return words(html(visitor, f"/t/{given}/steps"))


def press(visitor: Visitor, given: str, act: str) -> str:
    """Press a button of the ladder's page as it stands; return the page after it."""
    where, fields = fields_of(visitor, f"/t/{given}/steps", f"/steps/{act}")
    answer = visitor.post(where, fields)
    assert answer.status_code == 303, answer.status_code
    return words(html(visitor, answer.location))


def walk(visitor: Visitor, there: str, **typed: Any) -> str:
    """Answer a walk of one page as it stands, look it over and send it; return where it leads."""
    where, fields = fields_of(visitor, there, "/p/1")
    chosen = {name: [value] for name, value in typed.items()}
    answer = visitor.post(where, fields | chosen | {"go": ["on"]})
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    where, fields = fields_of(visitor, answer.location, "/send")
    answer = visitor.post(where, fields)
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    return answer.location


def readiness(given: str) -> str:
    return f"/t/{given}/p/1?part=ladder&round=readiness"


def test_two_partners_climb_the_first_step(site: Site, pair: Pair, sam: Visitor, alex: Visitor) -> None:
    given = give(site.records, pair, TALK)
    for visitor in (sam, alex):
        where, fields = fields_of(visitor, f"/t/{given}", "/begin")
        assert visitor.post(where, fields).location.endswith(f"/t/{given}/steps")
        assert "No step is open at present" in page(visitor, given)
        asked = words(html(visitor, readiness(given)))
        assert "“Not yet” is never shown or counted" in asked
        assert walk(visitor, readiness(given), ready_saw="ready") == f"/t/{given}/steps"
    for visitor in (sam, alex):
        shown = page(visitor, given)
        assert "Open to you both Something I saw" in shown
        assert "Either of you can stop in mid-sentence" in shown
    assert "It is noted for you both." in press(sam, given, "taken")
    assert "How was “Something I saw” for you?" in page(alex, given)
    assert "A few words after a step" in words(html(alex, "/today"))
    links = read("/", html(alex, f"/t/{given}/steps")).links
    assert any(link.endswith("round=01-1") for link in links)


def test_what_both_told_after_a_step_stands_beside_it(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    take(site.records, pair.a, given, "saw")
    told = {"how_was_it": "harder", "received": "You waited for me.", "free_to_say_no": "yes", "worry": "no"}
    tell(site.records, pair.a, given, told, period="01-1")
    for visitor in (sam, alex):
        shown = page(visitor, given)
        assert "You waited for me." in shown
        assert "free to say no" not in shown
    assert "You waited for me." in words(html(alex, f"/t/{given}/open"))
    assert "From Sam" in words(html(alex, "/together"))
    assert "How was “Something I saw”" not in page(sam, given)
    # Who has looked back on a step is asked what to think about; the other not yet.
    assert library()[TALK].debrief[0] in page(sam, given)
    assert library()[TALK].debrief[0] not in page(alex, given)


def test_stopping_and_going_back_need_one_press_and_no_reason(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    take(site.records, pair.a, given, "saw")
    both_rate(site.records, pair, given, {"saw": "ready", "liked": "ready"})
    assert "You’ve gone back a step" in press(sam, given, "back")
    assert "Open to you both Something I saw" in page(alex, given)
    assert "You have stopped" in press(alex, given, "stop")
    for visitor in (sam, alex):
        assert "No step is open at present" in page(visitor, given)
    assert open_steps(site.records, pair.a, given) == {}


def test_a_page_from_before_a_step_closed_notes_nothing_and_says_nothing_more(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    where, fields = fields_of(alex, f"/t/{given}/steps", "/steps/taken")
    stop(site.records, pair.a, given)
    answer = alex.post(where, fields)
    assert answer.status_code == 303
    assert NOT_SCHEDULED in page(alex, given)
    assert seen_by(site.records, pair.a, given).history == ()


def test_a_step_that_both_say_was_taken_on_pages_of_their_own_is_one_visit(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    pages = [(each, *fields_of(each, f"/t/{given}/steps", "/steps/taken")) for each in (sam, alex, sam)]
    for visitor, where, fields in pages:
        assert visitor.post(where, fields).status_code == 303
    assert seen_by(site.records, pair.a, given).times("saw") == 1


def test_a_second_window_in_which_ratings_were_changed_shows_both(
    site: Site, pair: Pair, sam: Visitor
) -> None:
    given = begun(site.records, pair)
    first = fields_of(sam, readiness(given), "/p/1")
    second = fields_of(sam, readiness(given), "/p/1")
    (where, fields), (again, later) = first, second
    assert sam.post(where, fields | {"ready_saw": ["ready"], "go": ["on"]}).status_code == 303
    assert sam.post(again, later | {"ready_saw": ["nearly"], "go": ["later"]}).status_code in {303, 409}
    with site.records.within(pair.a, read_only=True) as scope:
        assert len(scope.all(scope.select(Draft))) == 1


def test_stopping_in_one_window_leaves_no_old_yes_in_the_other(site: Site, pair: Pair, sam: Visitor) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    where, fields = fields_of(sam, readiness(given), "/p/1")
    sam.post(where, fields | {"ready_saw": ["nearly"], "go": ["on"]})
    check = fields_of(sam, f"/t/{given}/check?part=ladder&round=readiness", "/send")
    press(sam, given, "stop")
    assert sam.post(*check).status_code in {303, 422}
    assert open_steps(site.records, pair.b, given) == {}


def test_a_step_that_was_withdrawn_while_somebody_typed_gives_their_words_back(
    site: Site, pair: Pair, sam: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    take(site.records, pair.a, given, "saw")
    where, fields = fields_of(sam, f"/t/{given}/p/1?part=ladder&round=01-1", "/p/1")
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    answer = sam.post(where, fields | {"received": ["You waited for me."], "go": ["on"]})
    assert answer.status_code == 409
    assert "You waited for me." in answer.get_data(as_text=True)
    shown = page(sam, given)
    assert "This exercise has ended" in shown
    assert "We took this step" not in shown
    assert fields_of(sam, f"/t/{given}/steps", "/steps/stop")


def test_an_ended_ladder_can_still_be_stopped_and_takes_no_steps(
    site: Site, pair: Pair, sam: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    taken = fields_of(sam, f"/t/{given}/steps", "/steps/taken")
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.FINISHED)
    assert sam.post(*taken).status_code in {200, 409}
    assert seen_by(site.records, pair.a, given).history == ()
    press(sam, given, "stop")
    assert open_steps(site.records, pair.b, given) == {}


def test_leaving_out_closes_steps_and_taking_it_up_again_opens_none(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    where, fields = fields_of(sam, f"/t/{given}/leave-out", "/leave-out")
    assert sam.post(where, fields).status_code == 303
    assert "No step is open at present" in page(alex, given)
    assert sam.get(f"/t/{given}/steps").status_code == 303
    where, fields = fields_of(sam, f"/t/{given}", "/begin")
    sam.post(where, fields)
    assert "No step is open at present" in page(sam, given)


def test_a_partner_who_was_suspended_reaches_nothing_and_the_other_page_stays(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    stopping = fields_of(sam, f"/t/{given}/steps", "/steps/stop")
    before = page(alex, given)
    with site.records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, pair.a.account_id).state = AccountState.SUSPENDED
    for path in (f"/t/{given}/steps", readiness(given)):
        assert "/sign-in" in str(sam.get(path).location)
    assert "/sign-in" in str(sam.post(*stopping).location)
    assert page(alex, given) == before


@pytest.mark.parametrize("field", [{"place": ["99"]}, {"place": ["x"]}, {"place": []}, {"visit": ["0"]}])
@pytest.mark.parametrize("act", ["taken", "back"])
def test_a_broken_form_changes_nothing(
    site: Site, pair: Pair, sam: Visitor, act: str, field: dict[str, list[str]]
) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    where, fields = fields_of(sam, f"/t/{given}/steps", f"/steps/{act}")
    assert sam.post(where, fields | field).status_code == 303
    assert seen_by(site.records, pair.a, given).history == ()
    assert open_steps(site.records, pair.a, given) == {"saw": "ready"}


def test_a_visit_that_is_out_of_turn_is_not_scheduled(site: Site, pair: Pair, sam: Visitor) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    where, fields = fields_of(sam, f"/t/{given}/steps", "/steps/taken")
    sam.post(where, fields | {"visit": ["3"]})
    assert NOT_SCHEDULED in page(sam, given)


@pytest.mark.parametrize("round_", ["01-2", "02-1", "99-1", "1", "readiness-2", "../x"])
def test_only_rounds_that_are_there_can_be_walked(site: Site, pair: Pair, sam: Visitor, round_: str) -> None:
    given = begun(site.records, pair)
    answer = sam.get(f"/t/{given}/p/1?part=ladder&round={round_}")
    assert answer.status_code == 200
    assert "Did you feel free" not in answer.get_data(as_text=True)


def test_another_exercise_has_no_ladder(site: Site, pair: Pair, sam: Visitor, ines: Visitor) -> None:
    given = give(site.records, pair, "touch-menu")
    assert sam.get(f"/t/{given}/steps").status_code == 404
    assert ines.get(f"/answers/{given}/steps/1/open").status_code == 404


def test_no_page_of_a_ladder_holds_a_date_or_a_count(site: Site, pair: Pair, sam: Visitor) -> None:
    given = begun(site.records, pair)
    both_rate(site.records, pair, given, {"saw": "ready"})
    take(site.records, pair.b, given, "saw")
    site.clock.move(timedelta(days=3))
    shown = html(site.sign_in_as(pair.a), f"/t/{given}/steps")
    assert "<time" not in shown
    for day in ("19 Nov", "22 Nov", "18 Jan", "2026", "2027"):
        assert day not in words(shown)


# For the therapist


def test_a_therapist_opens_and_closes_a_step(site: Site, pair: Pair, ines: Visitor, sam: Visitor) -> None:
    given = begun(site.records, pair, TOUCH)
    both_rate(site.records, pair, given, {"senses_alone": "gently"})
    shown = words(html(ines, f"/answers/{given}"))
    assert "Yes, if it’s short and gentle" in shown
    assert "No step is open at present" in page(sam, given)
    for act, expected in (("open", "On your own: five senses"), ("close", "No step is open at present")):
        where, fields = fields_of(ines, f"/answers/{given}/steps/1/{act}", f"/steps/1/{act}")
        assert ines.post(where, fields).status_code == 303
        assert expected in page(sam, given)


def test_a_step_is_not_opened_while_a_flag_is_open(site: Site, pair: Pair, ines: Visitor) -> None:
    given = begun(site.records, pair, TOUCH)
    where, fields = fields_of(ines, f"/answers/{given}/steps/1/open", "/steps/1/open")
    tell(site.records, pair.a, given, {"free_to_say_no": "no"}, period="01-1")
    assert "Something needs your decision first" in words(html(ines, f"/answers/{given}/steps/1/open"))
    answer = ines.post(where, fields)
    assert answer.status_code == 409
    assert "Something needs your decision first" in words(answer.get_data(as_text=True))
    assert seen_by(site.records, pair.a, given).history == ()


def test_a_therapist_reads_what_is_for_them_and_no_readiness(site: Site, pair: Pair, ines: Visitor) -> None:
    given = begun(site.records, pair)
    rate(site.records, pair.a, given, {"saw": "nearly"})
    shown = words(html(ines, f"/answers/{given}"))
    assert "Nearly, if we take it slowly" not in shown
    assert "Sam Begun" in shown
    rate(site.records, pair.b, given, {"saw": "ready"})
    take(site.records, pair.a, given, "saw")
    tell(site.records, pair.a, given, {"received": "You waited.", "free_to_say_no": "partly"}, period="01-1")
    shown = words(html(ines, f"/answers/{given}"))
    assert "1. Something I saw Taken once" in shown
    assert "You waited." in shown
    assert "Partly" in shown


def test_full_lists_stand_there_where_the_form_said_so(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, TALK, sees=TherapistSees.LISTS)
    begin(site.records, pair.a, given)
    asked = words(html(site.sign_in_as(pair.a), readiness(given)))
    assert "Ines sees your whole list" in asked
    rate(site.records, pair.a, given, {"saw": "not_yet"})
    shown = words(html(ines, f"/answers/{given}"))
    assert "Not yet" in shown
    assert "Each of them was told" in shown


def test_a_ladder_of_ones_own_shows_a_therapist_nothing_but_what_is_held(
    site: Site, pair: Pair, ines: Visitor, alex: Visitor
) -> None:
    given = begun(site.records, pair, ALONE)
    steps = [step.key for step in seen_by(site.records, pair.a, given).spec.steps]
    for step in steps[:-1]:
        rate(site.records, pair.a, given, dict.fromkeys(steps[: steps.index(step) + 1], "ready"))
        take(site.records, pair.a, given, step)
    tell(site.records, pair.a, given, {"name_it": "What happened."}, period="01-1")
    before = words(html(ines, f"/answers/{given}"))
    assert "Nothing. Everything else on this ladder is private" in before
    assert "What happened." not in before
    rate(site.records, pair.a, given, dict.fromkeys(steps, "ready"))
    tell(site.records, pair.a, given, {"tell": "Hear this with me."}, period="11-1")
    shown = words(html(ines, f"/answers/{given}"))
    assert "Hear this with me." in shown
    assert "Held by you: Sam" in shown
    assert alex.get(f"/t/{given}/open").status_code in {303, 404}
    with site.records.within(pair.therapist) as scope:
        work = review_queries.work(scope, given)
        sent = next(each for each in work.responses if each.state == ResponseState.SENT)
    open_item(site.records, pair.therapist, sent.id)
    assert "Hear this with me." in words(html(alex, f"/t/{given}/open"))


def test_a_step_of_ones_own_is_written_in_and_taken_with_it(site: Site, pair: Pair, sam: Visitor) -> None:
    given = begun(site.records, pair, ALONE)
    assert walk(sam, readiness(given), ready_name_it="ready") == f"/t/{given}/steps"
    shown = page(sam, given)
    assert "Open for you Name it" in shown
    assert "Write in this step" in shown
    there = next(link for link in read("/", html(sam, f"/t/{given}/steps")).links if "round=01-1" in link)
    where, fields = fields_of(sam, there, "/p/1")
    following = sam.post(where, fields | {"name_it": ["It was this."], "go": ["on"]}).location
    where, fields = fields_of(sam, following, "/p/2")
    check = sam.post(where, fields | {"weight": ["4"], "go": ["on"]}).location
    sam.post(*fields_of(sam, check, "/send"))
    assert "You took it" in page(sam, given)
    press(sam, given, "stop")
    assert "Read or change what you noted" in page(sam, given)
