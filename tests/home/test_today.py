"""A partner's four tabs: one thing first, and nothing that tells of the other."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from portal.access.privacy import Audience
from portal.access.viewer import Seat
from portal.exercises import care_commands, commands, review_queries
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.mechanics import MECHANICS
from portal.exercises.models import Whom
from portal.exercises.shelf import library
from portal.home.today import greeting
from portal.kit.ids import new_id
from tests.exercises.doing import fill, give, send, task_of, type_in
from tests.exercises.playing import Hand, play
from tests.factories import Pair
from tests.portal_app import Site, Visitor, furnish

SIGNS, LETTER, OVERLAP, HABIT, BOTH = (
    "warning-signs",
    "i-statements",
    "touch-menu",
    "daily-five",
    "progress-reflection",
)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    """The partner in seat a, signed in."""
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    """The partner in seat b, signed in."""
    return site.sign_in_as(pair.b)


def page(visitor: Visitor, path: str = "/today") -> str:
    """Open a page and return its main part, without tags and doubled spaces."""
    answer = visitor.get(path)
    assert answer.status_code == 200
    main = re.search(r"<main.*?</main>", answer.get_data(as_text=True), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def title(slug: str) -> str:
    """Return what an exercise is called."""
    return library()[slug].title


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """Collect the queries that are asked meanwhile."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "set_config" not in statement:
            asked.append(statement)

    event.listen(site.records.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(site.records.engine, "before_cursor_execute", note)


def test_nothing_for_today_is_a_calm_page(sam: Visitor) -> None:
    words = page(sam)
    assert "Good morning, Sam" in words
    assert "Nothing for today" in words
    assert "Ines is preparing your next step" in words


@pytest.mark.parametrize(
    ("hour", "words"),
    [(5, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening"), (2, "evening")],
)
def test_the_greeting_follows_the_hour(site: Site, hour: int, words: str) -> None:
    with site.app.test_request_context():
        assert greeting(hour, "Sam") == f"Good {words}, Sam"


def test_the_hour_is_that_of_the_practice(site: Site, sam: Visitor) -> None:
    site.clock.move_to(datetime(2026, 7, 1, 17, 30, tzinfo=UTC))
    sam.take(_anew(site, sam))
    assert "Good evening, Sam" in page(sam)


def _anew(site: Site, visitor: Visitor) -> str:
    from tests.portal_app import open_session

    assert visitor.viewer is not None
    return open_session(site.records, visitor.viewer)


def test_what_was_begun_comes_before_what_is_older(site: Site, pair: Pair, sam: Visitor) -> None:
    give(site.records, pair, SIGNS)
    begun = give(site.records, pair, LETTER)
    type_in(site.records, pair.a, begun, {library()[LETTER].form.questions[0].key: "A first line"})
    words = page(sam)
    assert words.index("One thing for today") < words.index(title(LETTER)) < words.index("a little more time")
    assert "Your draft is saved" in words
    assert words.index("a little more time") < words.index(title(SIGNS))


def test_quick_notes_never_push_in_front(site: Site, pair: Pair, sam: Visitor) -> None:
    give(site.records, pair, HABIT, recurrence=Recurrence.DAILY)
    site.clock.move(timedelta(minutes=5))
    give(site.records, pair, SIGNS)
    words = page(sam)
    assert words.index(title(SIGNS)) < words.index(title(HABIT))
    assert "A ten-second note for today" in words


def test_a_letter_and_the_habit_beside_it_are_told_apart(site: Site, pair: Pair, sam: Visitor) -> None:
    give(site.records, pair, SIGNS)
    site.clock.move(timedelta(minutes=5))
    give(site.records, pair, "appreciations", recurrence=Recurrence.WEEKLY)
    words = page(sam)
    assert words.count(title("appreciations")) == 2
    assert "A letter. About 8 minutes" in words
    assert "A short note for this week" in words


def test_a_quick_note_alone_is_the_one_thing(site: Site, pair: Pair, sam: Visitor) -> None:
    give(site.records, pair, HABIT, recurrence=Recurrence.DAILY)
    assert "Nothing for today" not in page(sam)
    send(site.records, pair.a, next(iter(_ids(site, pair))), fill(library()[HABIT], "A walk"))
    words = page(sam)
    assert "Nothing for today" in words
    assert "Noted for today" in words


def _ids(site: Site, pair: Pair) -> list[str]:
    with site.records.within(pair.therapist) as scope:
        return [work.assignment.id for work in review_queries.work_of(scope, pair.couple_id)]


@pytest.mark.parametrize(("slug", "words"), [(OVERLAP, "You can still change yours"), (BOTH, "Yours is in")])
def test_what_opens_for_both_is_not_open_yet(
    site: Site, pair: Pair, sam: Visitor, slug: str, words: str
) -> None:
    given = give(site.records, pair, slug)
    send(site.records, pair.a, given, fill(library()[slug], "Words"))
    shown = page(sam)
    assert "Not open yet" in shown
    assert words in shown
    send(site.records, pair.b, given, fill(library()[slug], "Words"))
    shown = page(sam)
    assert "Not open yet" not in shown
    assert "New to read" in shown


def _some(slug: str) -> dict[str, object]:
    return fill(library()[slug], "My own words")  # type: ignore[return-value]


def _leave_out(site: Site, pair: Pair, given: str) -> None:
    with site.records.within(pair.a) as scope:
        commands.decline(scope, task_of(scope, pair.a, given))


DOINGS: dict[str, Callable[[Site, Pair, str], object]] = {
    "begun": lambda site, pair, given: type_in(site.records, pair.a, given, _some(SIGNS)),
    "sent": lambda site, pair, given: send(site.records, pair.a, given, _some(SIGNS)),
    "left out": _leave_out,
}


@pytest.mark.parametrize("doing", DOINGS)
@pytest.mark.parametrize("path", ["/today", "/together", "/just-me", "/more"])
def test_what_one_partner_does_alone_changes_nothing_for_the_other(
    site: Site, pair: Pair, alex: Visitor, path: str, doing: str
) -> None:
    given = give(site.records, pair, SIGNS)
    before = page(alex, path)
    DOINGS[doing](site, pair, given)
    assert page(alex, path) == before


def test_what_was_left_out_is_off_the_list_and_can_be_found_again(
    site: Site, pair: Pair, sam: Visitor
) -> None:
    given = give(site.records, pair, SIGNS)
    _leave_out(site, pair, given)
    assert title(SIGNS) not in page(sam)
    assert "Left out this time" in page(sam, "/just-me")


def test_just_me_lists_drafts_and_what_was_sent_with_who_sees_it(
    site: Site, pair: Pair, sam: Visitor
) -> None:
    send(site.records, pair.a, give(site.records, pair, SIGNS), _some(SIGNS))
    type_in(site.records, pair.a, give(site.records, pair, LETTER), _some(LETTER))
    words = page(sam, "/just-me")
    assert words.index("Begun") < words.index(title(LETTER)) < words.index("Sent 19 Nov")
    assert "You and Ines" in words


def test_a_day_that_has_passed_is_not_mentioned(site: Site, pair: Pair, sam: Visitor) -> None:
    with site.records.within(pair.therapist) as scope:
        plan = care_commands.Plan(
            couple_id=pair.couple_id,
            whom=Whom.BOTH,
            recurrence=Recurrence.ONCE,
            due_on=datetime(2026, 11, 21, tzinfo=UTC).date(),
        )
        care_commands.assign(scope, library()[SIGNS], plan, once_key=new_id())
    assert "Good to have by Sat 21 Nov" in page(sam)
    site.clock.move(timedelta(days=4))
    sam.take(_anew(site, sam))
    words = page(sam).casefold()
    assert "good to have by" not in words
    assert "overdue" not in words


def test_a_reply_to_one_is_news_for_that_one_alone(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, _some(SIGNS))
    before = page(alex)
    with site.records.within(pair.therapist) as scope:
        care_commands.give_feedback(
            scope, given, "Thank you.", to=Audience.REPLY, seat=Seat.A, once_key=new_id()
        )
    assert "A word from Ines" in page(sam)
    assert "With a word from Ines" in page(sam, "/together")
    assert page(alex) == before
    assert "word from" not in page(alex, "/together")


def test_a_note_of_the_therapist_is_nobodys_news(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    with site.records.within(pair.therapist) as scope:
        care_commands.give_feedback(scope, given, "Ask about this.", to=Audience.NOTE, once_key=new_id())
    assert "New to read" not in page(sam)


def test_news_is_pointed_out_for_a_week(site: Site, pair: Pair, sam: Visitor, alex: Visitor) -> None:
    send(site.records, pair.a, give(site.records, pair, LETTER), _some(LETTER))
    assert "A letter from Sam" in page(alex)
    site.clock.move(timedelta(days=8))
    alex.take(_anew(site, alex))
    assert "New to read" not in page(alex)
    assert "A letter from Sam, since 19 Nov" in page(alex, "/together")


def test_a_small_habit_never_says_when_the_other_noted_something(
    site: Site, pair: Pair, alex: Visitor
) -> None:
    given = give(site.records, pair, HABIT, recurrence=Recurrence.DAILY)
    before = page(alex, "/together")
    send(site.records, pair.a, given, {key: each for key, each in _some(HABIT).items() if key != "log_note"})
    assert page(alex, "/together") == before, "that the other has noted something is not told"
    send(site.records, pair.b, given, {key: each for key, each in _some(HABIT).items() if key != "log_note"})
    assert "Days one of you noted" in page(alex, "/together")
    send(site.records, pair.a, given, {**_some(HABIT), "log_note": "At the gate"})
    words = page(alex, "/together")
    assert "A note from Sam" in words
    assert "Nov" not in words
    assert "At the gate" not in words
    assert "New to read" not in page(alex)


def test_prepared_work_is_not_there(site: Site, pair: Pair, sam: Visitor) -> None:
    give(site.records, pair, OVERLAP, release=False)
    assert title(OVERLAP) not in page(sam)
    assert "Nothing for today" in page(sam)


def queries_of_today(site: Site, visitor: Visitor) -> list[str]:
    """Return what a second look at Today asks the database, besides who is signed in."""
    page(visitor)
    with counted(site) as asked:
        page(visitor)
    return [each for each in asked if "login_session" not in each]


@pytest.mark.parametrize("many", [1, 12])
def test_today_asks_six_queries_however_much_is_assigned(
    site: Site, pair: Pair, sam: Visitor, many: int
) -> None:
    for slug in list(library())[:many]:
        recurrence = Recurrence.WEEKLY if "tracker" in library()[slug].mechanics else Recurrence.ONCE
        given = give(site.records, pair, slug, recurrence=recurrence)
        send(site.records, pair.b, given, fill(library()[slug], "Long enough to be sent as it stands here"))
    assert len(asked := queries_of_today(site, sam)) <= 6, asked


def one_of_each_mechanic() -> list[Exercise]:
    """Return an exercise for each mechanic, also those that are never the first of one, needing nothing before."""
    free = [each for each in library().values() if not each.needs]
    found = {name: each for each in reversed(free) for name in each.mechanics}
    assert found.keys() == set(MECHANICS)
    return [library()[slug] for slug in sorted({each.slug for each in found.values()})]


@pytest.mark.slow
def test_today_asks_six_queries_whatever_is_begun_under_way_or_over(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor
) -> None:
    ines = site.sign_in_as(pair.therapist)
    for exercise in one_of_each_mechanic():
        new, begun, over = (
            give(site.records, pair, exercise.slug, recurrence=exercise.recurrence) for _each in range(3)
        )
        for visitor in (sam, alex):
            Hand(visitor, begun, "A lamp by the window", exercise).begin()
        hands = (
            Hand(sam, over, "A lamp by the window", exercise),
            Hand(alex, over, "A boat on the lake", exercise),
        )
        play(site, exercise, hands, ines)
        for hand in hands:
            hand.sign_in_again()
        assert new
        assert len(asked := queries_of_today(site, sam)) <= 6, (exercise.slug, asked)


def test_every_page_is_called_notebook(sam: Visitor) -> None:
    for path in ("/today", "/together", "/just-me", "/more"):
        assert "<title>Notebook</title>" in sam.get(path).get_data(as_text=True)


def test_staff_have_no_such_pages(site: Site, pair: Pair) -> None:
    therapist = site.sign_in_as(pair.therapist)
    for path in ("/today", "/together", "/just-me", "/more"):
        assert therapist.get(path).status_code == 404
