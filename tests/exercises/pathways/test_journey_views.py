"""A therapist's pages about pathways: looking, arming, deciding; and what two windows do to each other."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.access.viewer import House
from portal.exercises import safety
from portal.exercises.journey_commands import plan_session
from portal.exercises.journey_jobs import advance_all
from portal.exercises.journey_queries import journeys_of
from portal.exercises.pathway_models import JourneyState
from portal.kit.ids import new_id
from portal.people.practice_queries import practice_of
from tests.factories import Pair
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

FIRST = "first-four-weeks"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def form_to(visitor: Visitor, path: str, ending: str, *, nth: int = 0) -> Form:
    """Return the form of a page whose address ends in some words."""
    found = [form for form in read(path, page(visitor, path)).forms if re.search(ending, form.action)]
    return found[nth]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def arm(ines: Visitor, pair: Pair, **chosen: list[str]) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    assert ines.post(path, form.fields | chosen).status_code == 303


def couple_page(pair: Pair) -> str:
    return f"/couples/{pair.couple_id}/pathway"


def state(site: Site, pair: Pair) -> str:
    with site.records.within(pair.therapist, read_only=True) as scope:
        return journeys_of(scope, pair.couple_id)[0].state


def test_all_pathways_are_listed_and_each_shows_its_steps(ines: Visitor) -> None:
    assert "/pathways/twelve-weeks" in page(ines, "/pathways")
    told = words(page(ines, f"/pathways/{FIRST}"))
    for each in ("Five minutes a day", "5 days after the step before has opened, 3 days before the next session",
                 "When you open it", "Not while a safety flag is open", "Every week"):  # fmt: skip
        assert each in told, each


def test_an_unknown_pathway_is_not_there(ines: Visitor) -> None:
    assert ines.get("/pathways/nowhere").status_code == 404


def test_arming_without_a_couple_leads_to_the_pathway(ines: Visitor) -> None:
    assert ines.get(f"/pathways/{FIRST}/arm").headers["Location"] == f"/pathways/{FIRST}"


def test_arming_puts_the_couple_on_its_way(site: Site, pair: Pair, ines: Visitor) -> None:
    assert "No pathway yet" in page(ines, couple_page(pair))
    arm(ines, pair)
    told = words(page(ines, couple_page(pair)))
    assert "Open since 19 Nov" in told
    assert "From Sat 21 Nov" in told
    sam = site.sign_in_as(pair.a)
    assert "Five signs of distance" in page(sam, "/today")
    assert "First four weeks" not in page(sam, "/today")


def test_steps_can_be_left_out_beforehand_but_not_all_of_them(pair: Pair, ines: Visitor) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    answer = ines.post(path, form.fields | {"steps": []})
    assert answer.status_code == 422
    assert "Please leave at least one step in" in answer.get_data(as_text=True)
    arm(ines, pair, steps=["signs", "five"])
    assert words(page(ines, couple_page(pair))).count("Left out") == 6


REPAIR = "repair"


def repair_form(ines: Visitor, pair: Pair) -> Form:
    return form_to(ines, f"/pathways/{REPAIR}/arm?couple={pair.couple_id}", "/arm")


def test_arming_asks_who_writes_what_one_of_the_two_does_and_chooses_nobody(
    pair: Pair, ines: Visitor
) -> None:
    told = page(ines, f"/pathways/{REPAIR}/arm?couple={pair.couple_id}")
    radios = re.findall(r'<input[^>]*name="(whom_[a-z_]+)"[^>]*>', told)
    assert set(radios) == {"whom_account", "whom_sorry"}
    assert not [one for one in re.findall(r"<input[^>]*>", told) if "whom_" in one and "checked" in one]
    assert [
        words(one)
        for one in re.findall(r'<label class="option" for="whom_sorry-\d">(.*?)</label>', told, re.DOTALL)
    ] == [
        "Only Sam",
        "Only Alex",
        "Sam and Alex, each on their own",
    ]
    assert "whom_" not in page(ines, f"/pathways/{FIRST}/arm?couple={pair.couple_id}")


def test_arming_without_saying_for_whom_asks_for_it_and_keeps_what_was_chosen(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    form = repair_form(ines, pair)
    chosen = {
        "steps": ["own_part", "account", "sorry", "look_back"],
        "whom_account": ["b"],
        "day_look_back": ["2026-12-24"],
    }
    answer = ines.post(form.action, form.fields | chosen)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Please choose who “A short, real apology” is for" in told
    assert "Please choose who “Telling it as it was” is for" not in told
    assert re.search(r'<input(?=[^>]* checked)[^>]*name="whom_account"[^>]*value="b"', told)
    assert 'value="2026-12-24"' in told
    assert re.search(r'value="promises"(?! checked)', told)
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert not journeys_of(scope, pair.couple_id)


def test_nobody_is_asked_about_a_step_that_is_left_out(pair: Pair, ines: Visitor) -> None:
    form = repair_form(ines, pair)
    assert ines.post(form.action, form.fields | {"steps": ["own_part", "promises"]}).status_code == 303


def test_somebody_who_was_not_offered_is_refused(pair: Pair, ines: Visitor) -> None:
    form = repair_form(ines, pair)
    answer = ines.post(form.action, form.fields | {"steps": ["sorry"], "whom_sorry": ["c"]})
    assert answer.status_code == 422
    assert "Please choose one of these" in answer.get_data(as_text=True)


def test_a_journey_says_for_whom_its_steps_are(pair: Pair, ines: Visitor) -> None:
    form = repair_form(ines, pair)
    chosen = {"steps": ["own_part", "account", "sorry"], "whom_account": ["a"], "whom_sorry": ["both"]}
    assert ines.post(form.action, form.fields | chosen).status_code == 303
    told = words(page(ines, couple_page(pair)))
    assert "Telling it as it was Ahead For Sam" in told
    assert "A short, real apology Ahead For both, each on their own" in told


def test_whom_a_step_is_for_can_be_chosen_anew_until_it_opens(pair: Pair, ines: Visitor) -> None:
    form = repair_form(ines, pair)
    assert (
        ines.post(
            form.action, form.fields | {"steps": ["own_part", "sorry"], "whom_sorry": ["a"]}
        ).status_code
        == 303
    )
    change = form_to(ines, couple_page(pair), "/steps/2/whom")
    assert change.fields["whom"] == ["a"]
    assert ines.post(change.action, change.fields | {"whom": ["b"]}).status_code == 303
    assert "A short, real apology Ahead For Alex" in words(page(ines, couple_page(pair)))
    behind = ines.post(change.action, change.fields | {"whom": ["a"]})
    assert behind.status_code == 409
    again = form_to(ines, couple_page(pair), "/steps/2/whom")
    assert ines.post(again.action, again.fields | {"whom": ["c"]}).status_code == 303
    assert "For Alex" in words(page(ines, couple_page(pair)))


def test_for_whom_a_step_is_that_both_do_is_not_a_matter_of_choice(pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    assert "/whom" not in page(ines, couple_page(pair))
    form = form_to(ines, couple_page(pair), "/steps/3/move")
    answer = ines.post(form.action.replace("/move", "/whom"), form.fields | {"whom": ["a"]})
    assert answer.status_code == 404


def test_a_pathway_says_that_it_will_be_asked_for_whom_a_step_is(ines: Visitor) -> None:
    told = words(page(ines, f"/pathways/{REPAIR}"))
    assert told.count("You choose for whom when you put them on their way") == 2
    assert "Both, each on their own" in words(page(ines, "/pathways/closeness-at-your-pace"))


def test_only_the_therapist_reads_why_a_step_was_left_out(site: Site, pair: Pair, ines: Visitor) -> None:
    ahead = f"/pathways/looking-ahead/arm?couple={pair.couple_id}"
    sam = site.sign_in_as(pair.a)
    before = today_without_its_marks(sam)
    form = form_to(ines, ahead, "/arm")
    assert ines.post(ahead, form.fields | {"steps": ["something_new", "setbacks"]}).status_code == 303
    assert "Left out if a safety flag is open when its time has come" in words(page(ines, couple_page(pair)))
    with site.records.within(pair.therapist) as scope:
        safety.raise_by_hand(scope, pair.couple_id)
    site.clock.move_to(site.clock.now() + timedelta(days=5))
    advance_all(site.records)
    ines, sam = site.sign_in_as(pair.therapist), site.sign_in_as(pair.a)
    told = words(page(ines, couple_page(pair)))
    assert "Left out: a safety flag was open" in told
    assert "Left out if a safety flag" not in told
    assert today_without_its_marks(sam) == before
    assert "Left out" not in page(sam, "/today")


def today_without_its_marks(partner: Visitor) -> str:
    """Return what Today says, without the day that stands on it."""
    return re.sub(r"\b\w+day,? \d+ \w+|Good \w+", "", words(page(partner, "/today")))


def test_a_day_that_has_passed_is_refused_and_what_was_chosen_stays(pair: Pair, ines: Visitor) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    answer = ines.post(path, form.fields | {"steps": ["signs", "look_back"], "day_look_back": ["2026-11-01"]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This day has passed" in told
    assert 'value="2026-11-01"' in told
    assert re.search(r'value="load"(?! checked)', told)


def test_pausing_going_on_and_ending(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    for ending, after in (
        ("/pause", JourneyState.PAUSED),
        ("/go-on", JourneyState.RUNNING),
        ("/end", JourneyState.ENDED),
    ):
        form = form_to(ines, couple_page(pair), ending)
        assert ines.post(form.action, form.fields).status_code == 303
        assert state(site, pair) == after


def test_a_window_that_is_behind_shows_how_it_stands_now(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    behind = form_to(ines, couple_page(pair), "/pause")
    first = form_to(ines, couple_page(pair), "/leave-out")
    ines.post(first.action, first.fields)
    answer = ines.post(behind.action, behind.fields)
    assert answer.status_code == 409
    assert "It went on since you opened this page" in answer.get_data(as_text=True)
    assert state(site, pair) == JourneyState.RUNNING


def test_a_step_is_moved_opened_and_left_out(pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/steps/2/move")
    ines.post(form.action, form.fields | {"day": ["2026-11-30"]})
    assert "From Mon 30 Nov" in words(page(ines, couple_page(pair)))
    form = form_to(ines, couple_page(pair), "/steps/6/open")
    ines.post(form.action, form.fields)
    assert "for you to open it" not in words(page(ines, couple_page(pair)))
    form = form_to(ines, couple_page(pair), "/steps/3/leave-out")
    ines.post(form.action, form.fields)
    assert "Left out" in words(page(ines, couple_page(pair)))


def test_a_day_that_cannot_be_read_changes_nothing(pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/steps/2/move")
    answer = ines.post(form.action, form.fields | {"day": ["soon"]})
    assert answer.status_code == 303
    assert "From Sat 21 Nov" in words(page(ines, couple_page(pair)))


@pytest.mark.parametrize("act", ["/journeys/{}/fly", "/journeys/{}/steps/1/fly"])
def test_acts_that_there_are_not_are_not_there(site: Site, pair: Pair, ines: Visitor, act: str) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/pause")
    journey_id = form.action.split("/")[2]
    assert ines.post(act.format(journey_id), form.fields).status_code == 404


def test_sessions_are_written_down_held_and_cancelled(site: Site, pair: Pair, ines: Visitor) -> None:
    form = form_to(ines, couple_page(pair), "/sessions$")
    answer = ines.post(form.action, form.fields | {"day": ["2026-11-18"], "at": ["17:00"], "minutes": ["50"]})
    assert answer.status_code == 303
    assert "Wed 18 Nov" in words(page(ines, couple_page(pair)))
    held = form_to(ines, couple_page(pair), "/held")
    ines.post(held.action, held.fields)
    assert "Took place" in page(ines, couple_page(pair))
    planned = form_to(ines, couple_page(pair), "/planned")
    ines.post(planned.action, planned.fields)
    cancelled = form_to(ines, couple_page(pair), "/cancelled")
    ines.post(cancelled.action, cancelled.fields)
    assert "None is written down" in page(ines, couple_page(pair))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2029-01-01", "2020-01-01"])
def test_a_session_that_is_years_away_is_asked_for_again(pair: Pair, ines: Visitor, day: str) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/sessions$")
    answer = ines.post(form.action, form.fields | {"day": [day], "at": ["23:30"], "minutes": ["45"]})

    assert answer.status_code == 422
    told = answer.get_data(as_text=True)
    assert "Choose a day that is less than two years away" in told
    assert 'value="45"' in told
    assert "None is written down." in page(ines, couple_page(pair))


def test_a_session_at_the_end_of_the_calendar_from_earlier_breaks_no_page_and_can_be_cancelled(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    arm(ines, pair)
    with site.records.within(pair.therapist) as scope:
        last = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
        plan_session(scope, pair.couple_id, starts_at=last, minutes=50, once_key=new_id())
    advance_all(site.records)

    assert page(ines, f"/couples/{pair.couple_id}")
    form = form_to(ines, couple_page(pair), "/cancelled$")
    assert ines.post(form.action, form.fields).status_code == 303
    assert "None is written down." in page(ines, couple_page(pair))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon"])
def test_a_step_is_not_moved_to_a_day_out_of_reach(site: Site, pair: Pair, ines: Visitor, day: str) -> None:
    with site.records.within(House(pair.therapist.practice_id)) as scope:
        practice_of(scope).time_zone = "Asia/Tokyo"
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/move$")
    assert ines.post(form.action, form.fields | {"day": [day]}).status_code == 303

    said = "Please give a day" if day == "soon" else "Choose a day that is less than two years away"
    told = page(ines, couple_page(pair))
    assert said in told
    assert day not in told


def test_a_pathway_is_not_begun_with_a_day_out_of_reach(pair: Pair, ines: Visitor) -> None:
    path = f"/pathways/{FIRST}/arm?couple={pair.couple_id}"
    form = form_to(ines, path, "/arm")
    days = [name for name in form.fields if name.startswith("day_")]
    assert days
    for name in days:
        answer = ines.post(path, form.fields | {name: ["9999-12-31"]})
        assert answer.status_code == 422
        assert "Choose a day within the next two years" in answer.get_data(as_text=True)


def test_a_session_without_a_day_is_asked_for_and_the_rest_stays(pair: Pair, ines: Visitor) -> None:
    form = form_to(ines, couple_page(pair), "/sessions$")
    answer = ines.post(form.action, form.fields | {"day": [""], "at": ["17:00"], "minutes": ["45"]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Please choose a day" in told
    assert 'value="45"' in told


def test_nobody_else_gets_to_a_couples_pathway(site: Site, pair: Pair, ines: Visitor) -> None:
    arm(ines, pair)
    form = form_to(ines, couple_page(pair), "/pause")
    stranger = site.sign_in_as(site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist)
    assert stranger.get(couple_page(pair)).status_code == 404
    fields = {"csrf_token": stranger.csrf, "writer": stranger.writer, "seen": "0"}
    assert stranger.post(form.action, fields).status_code == 404
    for partner in (pair.a, pair.b):
        assert site.sign_in_as(partner).get(couple_page(pair)).status_code == 404
