"""A couple's own habit: notes to be read, days without a name, the rest for the therapist, and what each is asked alone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from markupsafe import escape
from sqlalchemy import delete

from portal.access.keys import PersonKey
from portal.access.scope import Records
from portal.access.viewer import House
from portal.exercises import care_commands, commands, queries, review_queries
from portal.exercises.domain import Exercise, Recurrence, check_files, parse_exercise
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.models import Answer, AssignmentState, Whom
from portal.exercises.own.compile import exercise_of
from portal.exercises.own.drafts import draft_of
from portal.exercises.safety import open_flags
from portal.exercises.safety_models import FlagKind
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from tests.exercises.doing import give, task_of
from tests.exercises.test_habits import RITUAL, TIME, note, open_to
from tests.exercises.test_review import fields_of, html, words
from tests.factories import Pair
from tests.house import leak_exercises
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


def assign(records: Records, pair: Pair, exercise: Exercise) -> str:
    """Give an exercise that isn't in the library to both; return the assignment's id."""
    plan = care_commands.Plan(
        couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence(exercise.recurrence)
    )
    with records.within(pair.therapist) as scope:
        return care_commands.assign(scope, exercise, plan, once_key=new_id()).id


def text_of(visitor: Visitor, path: str) -> str:
    """Return the words of whatever a page answers, or where it leads."""
    answer = visitor.get(path)
    return answer.headers.get("Location") or words(answer.get_data(as_text=True))


def test_the_words_beside_each_field_are_true_and_the_rows_say_the_same(
    site: Site, sam: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, TIME, recurrence=Recurrence.WEEKLY)
    page = words(html(sam, f"/t/{given}"))
    assert "You and Ines. Both of you see only when it was done, without a name" in page
    assert page.count("You, Alex and Ines") == 1, "the note, and nothing else"
    note(sam, f"/t/{given}", log="real_time", log_minutes="30", log_note="Soup")
    with site.records.within(pair.therapist, read_only=True) as scope:
        rows = scope.all(scope.select(Answer).where(Answer.assignment_id == given))
        assert {each.item: (str(each.audience), each.open_at is not None) for each in rows} == {
            "log": ("days", False),
            "log_minutes": ("therapist", False),
            "log_note": ("couple", True),
        }


def test_the_other_reads_the_note_with_its_week_and_neither_choice_nor_minutes(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, TIME, recurrence=Recurrence.WEEKLY)
    note(sam, f"/t/{given}", log="snatches", log_minutes="47", log_note="Soup on the stairs")
    page = words(html(alex, f"/t/{given}"))
    assert "Sam noted" in page
    assert "Week of 16 Nov" in page
    assert "Soup on the stairs" in page
    assert "47" not in page
    with site.records.within(pair.b, read_only=True) as scope:
        assert [values for _p, _a, values in queries.logs(scope, given)] == [
            {"log_note": "Soup on the stairs"}
        ]
    assert "Sam noted" not in words(html(sam, f"/t/{given}")), "one's own note stands in its field"


def test_both_see_a_day_without_a_name_and_a_log_without_a_note_adds_nothing_else(
    site: Site, pair: Pair
) -> None:
    given = assign(site.records, pair, leak_exercises.tracker("daily", "A log"))
    alex = site.sign_in_as(pair.b)
    before, listed = words(html(alex, f"/t/{given}")), words(html(alex, "/together"))
    sam = site.sign_in_as(pair.a)
    note(sam, f"/t/{given}", log="no")
    assert words(html(alex, f"/t/{given}")) == before, "what wasn't done shows nothing"
    note(sam, f"/t/{given}", log="yes")
    after = words(html(alex, f"/t/{given}"))
    assert after == before.replace("19 November, today", "19 November, noted, today")
    assert words(html(alex, "/together")) == listed, "that the other has logged something is not told"
    note(alex, f"/t/{given}", log="yes")
    assert "Days one of you noted" in words(html(alex, "/together"))


@pytest.mark.parametrize("audience", ["private", "therapist"])
def test_nothing_of_a_habit_that_is_not_the_couples_reaches_the_other(
    site: Site, pair: Pair, audience: str
) -> None:
    given = assign(
        site.records, pair, leak_exercises.tracker("alone", "A log of one's own", audience=audience)
    )
    places = ("/today", "/together", f"/t/{given}", f"/t/{given}/open")
    alex, sam = site.sign_in_as(pair.b), site.sign_in_as(pair.a)
    before = [text_of(alex, path) for path in places]
    note(sam, f"/t/{given}", log="yes", log_note="Only for me")
    assert [text_of(alex, path) for path in places] == before
    assert "Days you noted" in words(html(sam, f"/t/{given}"))
    assert "A log of one's own" not in words(html(sam, "/together")).replace("’", "'")


def test_notes_can_be_read_after_the_habit_has_ended_and_by_who_was_not_asked(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    mine = give(site.records, pair, TIME, whom=Whom.A, recurrence=Recurrence.WEEKLY)
    note(sam, f"/t/{mine}", log="snatches", log_note="At the gate")
    assert "At the gate" in words(html(alex, f"/t/{mine}/open"))
    assert "A note from Sam" in words(html(alex, "/together"))
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, mine, state=AssignmentState.FINISHED)
    assert "At the gate" in words(html(alex, f"/t/{mine}/open"))
    assert "A note from Sam" in words(html(alex, "/together"))


def test_earlier_notes_are_folded_away(site: Site, pair: Pair) -> None:
    given = assign(site.records, pair, leak_exercises.tracker("daily", "A log"))
    for day in range(5):
        note(site.sign_in_as(pair.a), f"/t/{given}", log="yes", log_note=f"Moment {day}")
        site.clock.move(timedelta(days=1))
    page = html(site.sign_in_as(pair.b), f"/t/{given}")
    assert (
        page.index("Moment 4") < page.index("Moment 2") < page.index("Earlier notes") < page.index("Moment 1")
    )


# Their therapist reads what each chose, how long it was, and what they wrote


def test_the_therapist_reads_choices_minutes_and_how_far_apart_they_are(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = give(site.records, pair, TIME, recurrence=Recurrence.WEEKLY)
    note(sam, f"/t/{given}", log="real_time", log_minutes="90", log_note="Soup on the stairs")
    note(alex, f"/t/{given}", log="no_room", log_minutes="30")
    site.clock.move(timedelta(days=7))
    note(site.sign_in_as(pair.a), f"/t/{given}", log="snatches", log_minutes="20")
    page = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}"))
    both = "We had time that felt like ours 90 min There was no room this week 30 min 60 min"
    assert both in page
    assert "A few moments here and there 20 min – –" in page
    assert "These four weeks 110 min 30 min 60 min" in page, "apart counts where both noted"
    assert "Week of 16 Nov. We had time that felt like ours, 90 min" in page
    assert "Soup on the stairs" in page


def test_the_therapist_reads_a_daily_log_day_by_day(site: Site, sam: Visitor, pair: Pair) -> None:
    given = assign(site.records, pair, leak_exercises.tracker("daily", "A log"))
    note(sam, f"/t/{given}", log="no")
    site.clock.move(timedelta(days=1))
    note(site.sign_in_as(pair.a), f"/t/{given}", log="yes", log_note="By the door")
    page = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}"))
    assert "1 of 2 Not today 1, Yes 1" in page
    assert re.search(r"Day by day .*Fri 20 Nov Yes – Thu 19 Nov Not today –", page)
    assert "Apart" not in page


# What each is asked alone, once a week

CARD = "Two questions for you alone"


def ask_alone(site: Site, pair: Pair) -> str:
    open_to(site, pair)
    return give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)


def address_alone(visitor: Visitor, given: str) -> str:
    """Return where the two questions are asked, from the page of a log."""
    return next(link for link in read("/", html(visitor, f"/t/{given}")).links if "part=tracker" in link)


def answer_alone(visitor: Visitor, given: str, **answers: str) -> None:
    """Go from the page of a log to the two questions, answer and send them."""
    where, fields = fields_of(visitor, address_alone(visitor, given), "/p/1")
    chosen = {name: [value] for name, value in answers.items()}
    path = visitor.post(where, fields | {"go": ["on"]} | chosen).headers["Location"]
    where, fields = fields_of(visitor, path, "/send")
    answer = visitor.post(where, fields)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/t/{given}/log"


def test_after_a_log_each_is_asked_alone_and_once_a_week(site: Site, sam: Visitor, pair: Pair) -> None:
    given = ask_alone(site, pair)
    assert CARD not in words(html(sam, f"/t/{given}"))
    note(sam, f"/t/{given}", log="not_today")
    assert CARD in words(html(sam, f"/t/{given}"))
    answer_alone(sam, given, free_to_say_no="yes", worry="no")
    assert CARD not in words(html(sam, f"/t/{given}"))
    assert "Change today" in words(html(sam, f"/t/{given}"))
    site.clock.move(timedelta(days=7))
    again = site.sign_in_as(pair.a)
    assert CARD not in words(html(again, f"/t/{given}"))
    note(again, f"/t/{given}", log="yes")
    assert CARD in words(html(again, f"/t/{given}"))


def test_it_is_asked_also_once_nothing_is_shared_any_more(site: Site, sam: Visitor, pair: Pair) -> None:
    menu = open_to(site, pair)
    given = give(site.records, pair, RITUAL, recurrence=Recurrence.DAILY)
    note(sam, f"/t/{given}", log="yes")
    with site.records.within(pair.b) as scope:
        commands.withdraw_choices(scope, task_of(scope, pair.b, menu))
    page = words(html(sam, f"/t/{given}"))
    assert "Nothing stands here right now." in page
    assert CARD in page
    answer_alone(sam, given, free_to_say_no="no")
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert [each.kind for each in open_flags(scope, pair.couple_id)] == [FlagKind.NOT_FREE]


def test_it_can_be_put_away_for_this_week(site: Site, sam: Visitor, pair: Pair) -> None:
    given = ask_alone(site, pair)
    note(sam, f"/t/{given}", log="yes")
    where, fields = fields_of(sam, f"/t/{given}", "/not-now")
    assert sam.post(where, fields).status_code == 303
    page = words(html(sam, f"/t/{given}"))
    assert CARD not in page
    assert "Change today" in page
    assert sam.post(where, fields).status_code == 303


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ({"free_to_say_no": "yes", "worry": "no"}, set()),
        ({}, set()),
        ({"free_to_say_no": "partly"}, {FlagKind.NOT_FREE}),
        ({"free_to_say_no": "no", "worry": "talk"}, {FlagKind.NOT_FREE, FlagKind.ALONE}),
    ],
)
def test_an_answer_raises_a_flag_for_the_therapist_and_nothing_changes_for_the_other(
    site: Site, pair: Pair, answers: dict[str, str], kinds: set[FlagKind]
) -> None:
    given = ask_alone(site, pair)
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    note(sam, f"/t/{given}", log="yes")
    places = ("/today", "/together", "/just-me", f"/t/{given}", f"/t/{given}/open")
    before = [text_of(alex, path) for path in places]
    answer_alone(sam, given, **answers)
    assert [text_of(alex, path) for path in places] == before
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert {FlagKind(each.kind) for each in open_flags(scope, pair.couple_id)} == kinds
    review = words(html(site.sign_in_as(pair.therapist), f"/answers/{given}?period=q2026-W47"))
    assert ("Afterwards, each on their own" in review) is bool(answers)


def test_what_was_answered_alone_is_never_shown_to_its_writer_again(
    site: Site, sam: Visitor, pair: Pair
) -> None:
    given = ask_alone(site, pair)
    note(sam, f"/t/{given}", log="yes")
    address = address_alone(sam, given)
    answer_alone(sam, given, free_to_say_no="no")
    assert "checked" not in sam.get(address).get_data(as_text=True)


def test_nobody_is_asked_alone_about_a_week_in_which_they_logged_nothing(
    site: Site, sam: Visitor, alex: Visitor, pair: Pair
) -> None:
    given = ask_alone(site, pair)
    note(sam, f"/t/{given}", log="yes")
    page = alex.get(address_alone(sam, given)).get_data(as_text=True)
    assert "free_to_say_no" not in page
    assert CARD not in words(html(alex, f"/t/{given}"))


def test_what_is_asked_alone_is_no_round_of_the_habit(site: Site, sam: Visitor, pair: Pair) -> None:
    given = ask_alone(site, pair)
    note(sam, f"/t/{given}", log="yes")
    site.clock.move(timedelta(minutes=1))
    answer_alone(sam, given, free_to_say_no="yes")
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.work(scope, given).rounds_sent == {"2026-11-19"}
        unread = review_queries.to_read(scope)
        assert given not in [each.assignment.id for each in unread]
    with site.records.within(pair.a, read_only=True) as scope:
        mine = [own.response.period for own in queries.my_work(scope) if own.assignment.id == given]
        assert mine == ["2026-11-19"]


def test_the_way_to_stop_stands_openly_beside_touch(site: Site, sam: Visitor, pair: Pair) -> None:
    given = ask_alone(site, pair)
    page = html(sam, f"/t/{given}")
    rule = str(escape(library()[RITUAL].stop_rule))
    assert page.count(rule) == 1
    assert page.index(rule) < page.index("Save for today") < page.index("<details")


def test_a_file_with_touch_must_ask_alone_and_what_was_given_before_goes_on(tmp_path: Path) -> None:
    source = library()[RITUAL].source
    older = source[: source.index("[tracker.afterwards]")]
    file = tmp_path / f"{RITUAL}.toml"
    file.write_text(older, encoding="utf-8")
    assert check_files([file]) == [
        f"{RITUAL}.toml: line 1: tracker.afterwards: is missing; touch_level is above 0"
    ]
    assert parse_exercise(older, name="as kept").spec(TrackerSpec) is not None


def test_a_therapists_own_habit_with_touch_asks_the_same() -> None:
    draft = draft_of(library()["daily-five"].source) | {
        "touch_level": 1,
        "stop_rule": "A hand lifted ends it.",
    }
    own, built_in = exercise_of(draft, slug="own-touch"), library()[RITUAL]
    specs = [each.spec(TrackerSpec) for each in (own, built_in)]
    assert all(specs)
    assert specs[0].afterwards == specs[1].afterwards  # type: ignore[union-attr]
    without = exercise_of(draft | {"touch_level": 0}, slug="own-touch").spec(TrackerSpec)
    assert without is not None
    assert without.afterwards.pages == ()


def test_logs_whose_key_was_destroyed_leave_the_page_of_the_other_readable(site: Site, pair: Pair) -> None:
    given = assign(site.records, pair, leak_exercises.tracker("daily", "A log"))
    note(site.sign_in_as(pair.a), f"/t/{given}", log="yes", log_note="Gone with its key")
    with site.records.within(House(pair.a.practice_id)) as scope:
        scope.session.execute(delete(PersonKey).where(PersonKey.owner_id == pair.a.account_id))
    site.records.ring.opened.clear()
    alex = site.sign_in_as(pair.b)
    page = words(html(alex, f"/t/{given}"))
    assert "Days one of you noted" in page
    assert "Sam noted" not in page
    assert "Gone with its key" not in words(html(alex, "/together"))
