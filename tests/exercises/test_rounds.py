"""Rounds that come back: what was begun goes on, what is open stays, what was chosen stands until it is taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises import care_commands, commands, queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.models import AssignmentState, Reaction, ResponseState
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import fill, give, send, task_of, type_in
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

SATURDAY = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
LETTER, BOTH, MENU = "what-i-miss", "progress-reflection", "touch-menu"


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


def page(visitor: Visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


def mails_to(records: Records, pair: Pair, viewer: Viewer) -> list[datetime]:
    with records.within(House(pair.therapist.practice_id), read_only=True) as scope:
        own = scope.select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id)
        return sorted(mail.due_at for mail in scope.all(own))


@pytest.mark.parametrize(
    ("slug", "recurrence", "days"),
    [
        ("i-statements", Recurrence.WEEKLY, 2),
        ("warning-signs", Recurrence.MONTHLY, 3),
        ("daily-affirmation", Recurrence.DAILY, 1),
        (MENU, Recurrence.MONTHLY, 3),
    ],
)
def test_what_was_begun_in_one_round_is_still_there_in_the_next(
    site: Site, pair: Pair, slug: str, recurrence: Recurrence, days: int
) -> None:
    given = give(site.records, pair, slug, recurrence=recurrence)
    site.clock.move_to(SATURDAY)
    values = fill(library()[slug], "On Saturday evening")
    type_in(site.records, pair.a, given, values)
    site.clock.move_to(SATURDAY + timedelta(days=days))
    sam = site.sign_in_as(pair.a)
    assert "Continue" in page(sam, f"/t/{given}")
    assert "Your draft is saved" in page(sam, "/today")
    with site.records.within(pair.a) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == values
    checked = page(sam, f"/t/{given}/check")
    form = next(each for each in read("", checked).forms if each.action.endswith("/send"))
    assert sam.post(form.action, form.fields).status_code == 303
    with site.records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
        assert task.response is None, "the new round is asked once the old one is sent"
        assert queries.my_work(scope)[0].response.state == ResponseState.SENT


def test_what_was_begun_goes_with_its_round_when_it_is_left_out(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "i-statements", recurrence=Recurrence.WEEKLY)
    site.clock.move_to(SATURDAY)
    type_in(site.records, pair.a, given, {"situation": "On Saturday evening"})
    site.clock.move_to(SATURDAY + timedelta(days=2))
    with site.records.within(pair.a) as scope:
        commands.decline(scope, task_of(scope, pair.a, given))
    with site.records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
        assert (task.period, task.response) == ("2026-W49", None)


def test_a_letter_that_has_arrived_is_not_written_over(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LETTER)
    send(site.records, pair.a, given, fill(library()[LETTER], "The first words"))
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    assert "The first words" in page(alex, f"/t/{given}/open")
    values = fill(library()[LETTER], "Other words")
    fields = {"csrf_token": sam.csrf, "writer": sam.writer, "go": "on", **values}
    late = sam.post(f"/t/{given}/p/1", fields)
    assert late.status_code == 409
    assert "Other words" in late.get_data(as_text=True), "what was typed is shown to take along"
    assert "no longer open" in page(sam, f"/t/{given}/p/1")
    with site.records.within(pair.a) as scope, pytest.raises(commands.TooLate):
        commands.begin(scope, task_of(scope, pair.a, given))
    assert "The first words" in page(alex, f"/t/{given}/open")


def test_a_letter_that_is_sent_twice_by_a_double_click_is_sent_once(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LETTER)
    type_in(site.records, pair.a, given, fill(library()[LETTER], "Words"))
    sam = site.sign_in_as(pair.a)
    form = next(
        each for each in read("", page(sam, f"/t/{given}/check")).forms if each.action.endswith("/send")
    )
    answers = [sam.post(form.action, form.fields | {"delivery": ["now"]}) for _ in range(2)]
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [
        (303, f"/t/{given}/sent")
    ] * 2


def test_an_answer_to_a_letter_goes_with_the_words_it_answered(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LETTER)
    response_id = send(site.records, pair.a, given, fill(library()[LETTER], "The first words"))
    spec = library()[LETTER].spec(LetterSpec)
    assert spec is not None
    choice = spec.responses[0]
    with site.records.within(pair.b) as scope:
        commands.react(scope, response_id, choice.key, assignment_id=given)
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    assert choice.text in page(sam, f"/t/{given}/sent")
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    send(site.records, pair.a, given, fill(library()[LETTER], "Other words"))
    assert choice.text not in page(sam, f"/t/{given}/sent")
    assert f"You answered: {choice.text}" not in page(alex, f"/t/{given}/open")
    with site.records.within(House(pair.a.practice_id), read_only=True) as scope:
        assert scope.count(scope.select(Reaction)) == 0


def test_who_has_read_the_others_answers_cannot_change_their_own(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, BOTH)
    for viewer, words in ((pair.a, "Sam was first"), (pair.b, "Alex was second")):
        send(site.records, viewer, given, fill(library()[BOTH], words))
    sam = site.sign_in_as(pair.a)
    assert "Alex was second" in page(sam, f"/t/{given}/open")
    with site.records.within(pair.a) as scope, pytest.raises(commands.TooLate):
        commands.keep_draft(
            scope, task_of(scope, pair.a, given), fill(library()[BOTH], "Changed"), revision=None
        )
    assert "no longer open" in page(sam, f"/t/{given}/p/1")


def test_answers_of_two_rounds_never_stand_side_by_side(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, BOTH, recurrence=Recurrence.MONTHLY)
    for viewer, words in ((pair.a, "Sam in November"), (pair.b, "Alex in November")):
        send(site.records, viewer, given, fill(library()[BOTH], words))
    site.clock.move_to(datetime(2026, 12, 10, 20, 0, tzinfo=UTC))
    send(site.records, pair.a, given, fill(library()[BOTH], "Sam in December"))
    sam = site.sign_in_as(pair.a)
    opened = page(sam, f"/t/{given}/open")
    assert "Alex in November" in opened
    assert "Sam in November" in opened
    assert "Sam in December" not in opened
    with site.records.within(pair.a) as scope:
        assert commands.can_take_back(scope, task_of(scope, pair.a, given)), "nothing of this round is open"


def test_what_was_chosen_stands_in_the_next_round_and_can_be_taken_back_there(site: Site, pair: Pair) -> None:
    spec = library()[MENU].spec(OverlapSpec)
    assert spec is not None
    given = give(site.records, pair, MENU, recurrence=Recurrence.MONTHLY)
    site.clock.move_to(SATURDAY)
    chosen = {item.key: spec.levels[0].key for item in spec.form.questions[:3]}
    send(site.records, pair.a, given, chosen)
    site.clock.move_to(SATURDAY + timedelta(days=4))
    sam = site.sign_in_as(pair.a)
    intro = page(sam, f"/t/{given}")
    assert "Your earlier choices stand" in intro
    assert f"/t/{given}/choices/back" in intro
    assert f"/t/{given}/choices/back" in page(sam, f"/t/{given}/leave-out")
    assert f"/t/{given}" in page(sam, "/just-me")
    sam.post(f"/t/{given}/begin", {"csrf_token": sam.csrf})
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == chosen
    with site.records.within(pair.a) as scope:
        commands.withdraw_choices(scope, task_of(scope, pair.a, given))
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == {}
    assert "Your earlier choices stand" not in page(sam, f"/t/{given}?again=1")


def test_consent_that_was_taken_over_into_a_new_round_grows_no_younger(site: Site, pair: Pair) -> None:
    spec = library()[MENU].spec(OverlapSpec)
    assert spec is not None
    given = give(site.records, pair, MENU, recurrence=Recurrence.MONTHLY)
    site.clock.move_to(SATURDAY)
    send(site.records, pair.a, given, {item.key: spec.levels[0].key for item in spec.form.questions[:3]})
    site.clock.move_to(SATURDAY + spec.expires - timedelta(hours=1))
    with site.records.within(pair.a) as scope:
        commands.begin(scope, task_of(scope, pair.a, given))
        assert len(queries.my_values(scope, task_of(scope, pair.a, given))) == 3
    site.clock.move_to(SATURDAY + spec.expires)
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == {}


def test_no_mail_tells_of_a_letter_that_was_taken_back(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "surprise-note")
    before = mails_to(site.records, pair, pair.b)
    arrives = site.clock.now() + timedelta(days=3)
    send(
        site.records,
        pair.a,
        given,
        fill(library()["surprise-note"], "A note"),
        delivery=Delivery(DeliveryKind.LATER, arrives),
    )
    assert mails_to(site.records, pair, pair.b) == sorted([*before, arrives])
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    assert mails_to(site.records, pair, pair.b) == before


def test_a_mail_stays_where_something_else_opens_at_its_moment(site: Site, pair: Pair) -> None:
    arrives = site.clock.now() + timedelta(days=3)
    first, second = (give(site.records, pair, slug) for slug in ("surprise-note", LETTER))
    for slug, given in (("surprise-note", first), (LETTER, second)):
        send(
            site.records,
            pair.a,
            given,
            fill(library()[slug], "A note"),
            delivery=Delivery(DeliveryKind.LATER, arrives),
        )
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, first))
    assert arrives in mails_to(site.records, pair, pair.b)


def test_no_mail_tells_of_an_exercise_that_was_withdrawn_before_its_day(site: Site, pair: Pair) -> None:
    before = [mails_to(site.records, pair, viewer) for viewer in (pair.a, pair.b)]
    given = give(site.records, pair, "tell-me-more", opens_at=site.clock.now() + timedelta(days=3))
    assert [mails_to(site.records, pair, viewer) for viewer in (pair.a, pair.b)] != before
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    assert [mails_to(site.records, pair, viewer) for viewer in (pair.a, pair.b)] == before
