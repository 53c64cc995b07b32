"""Consent in an overlap: it opens only what is common, changes without a sound, runs out, and is given anew from a blank."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from threading import Barrier, Thread

import pytest

from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import care_commands, commands, queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.models import Answer, Assignment, AssignmentState, Draft
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import fill, give, send, task_of, type_in
from tests.exercises.test_review import fields_of, html
from tests.exercises.test_review import words as escaped_words
from tests.factories import Pair, World
from tests.portal_app import Site, furnish

MENU = "touch-menu"
SPEC = library()[MENU].spec(OverlapSpec)
assert SPEC is not None
FIRST, SECOND, THIRD = (item.key for item in SPEC.form.questions[:3])
YES, PERHAPS, NO = (level.key for level in SPEC.levels)


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def common(records: Records, viewer: Viewer, given: str) -> dict[str, str]:
    with records.within(viewer, read_only=True) as scope:
        assignment = scope.find(Assignment, given)
        found = queries.matches(scope, assignment, library()[MENU])
        return {each.option: each.level for each in found}


def mails_to(records: Records, viewer: Viewer) -> int:
    with records.within(viewer, read_only=True) as scope:
        own = scope.select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id)
        return scope.count(own)


def mine(records: Records, viewer: Viewer, given: str) -> dict[str, object]:
    with records.within(viewer, read_only=True) as scope:
        return dict(queries.my_values(scope, task_of(scope, viewer, given)))


def withdraw(records: Records, viewer: Viewer, given: str) -> None:
    with records.within(viewer) as scope:
        commands.withdraw_choices(scope, task_of(scope, viewer, given))


def deliver(records: Records, pair: Pair) -> None:
    """Let everything that was posted so far count as sent, so that a further mail would be one more."""
    with records.within(pair.therapist) as scope:
        for mail in scope.all(scope.select(OutgoingMail)):
            scope.delete(mail)


def test_that_both_answered_and_want_nothing_together_is_told_to_nobody(records: Records, pair: Pair) -> None:
    given = give(records, pair, MENU)
    deliver(records, pair)
    send(records, pair.a, given, {FIRST: YES, SECOND: NO})
    send(records, pair.b, given, {FIRST: NO, SECOND: YES})
    assert mails_to(records, pair.a) == mails_to(records, pair.b) == 0
    for viewer in (pair.a, pair.b):
        with records.within(viewer, read_only=True) as scope:
            assert scope.find(Assignment, given).both_sent_at is None
            assert queries.together(scope) == []
            assert queries.news(scope, since=scope.now - timedelta(days=7)) == []


def test_the_first_thing_in_common_is_told_once_and_changes_never(records: Records, pair: Pair) -> None:
    given = give(records, pair, MENU)
    deliver(records, pair)
    send(records, pair.a, given, {FIRST: YES})
    send(records, pair.b, given, {FIRST: YES})
    assert (mails_to(records, pair.a), mails_to(records, pair.b)) == (1, 0)
    deliver(records, pair)
    send(records, pair.a, given, {FIRST: NO})
    send(records, pair.b, given, {SECOND: YES})
    send(records, pair.a, given, {FIRST: YES, SECOND: PERHAPS})
    withdraw(records, pair.a, given)
    assert mails_to(records, pair.a) == mails_to(records, pair.b) == 0


@pytest.mark.parametrize("how", ["no", "withdrawn", "run out"])
def test_once_nothing_is_common_it_stands_nowhere_any_more(
    records: Records, pair: Pair, world: World, how: str
) -> None:
    given = give(records, pair, MENU)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES})
    with records.within(pair.b, read_only=True) as scope:
        assert [each.assignment.id for each in queries.together(scope)] == [given]
    match how:
        case "no":
            send(records, pair.a, given, {FIRST: NO})
        case "withdrawn":
            withdraw(records, pair.a, given)
        case "run out":
            assert SPEC is not None
            world.clock.move(SPEC.expires)
    for viewer in (pair.a, pair.b):
        assert common(records, viewer, given) == {}
        with records.within(viewer, read_only=True) as scope:
            assert queries.together(scope) == []
            assert queries.news(scope, since=scope.now - timedelta(days=365)) == []
            assert queries.with_matches(scope) == frozenset()


def test_taking_everything_back_leaves_nothing_sent_or_typed(records: Records, pair: Pair) -> None:
    given = give(records, pair, MENU)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES})
    type_in(records, pair.a, given, {SECOND: YES})
    withdraw(records, pair.a, given)
    withdraw(records, pair.a, given)
    with records.within(pair.a, read_only=True) as scope:
        assert scope.count(scope.select(Answer)) == 0
        assert [each.values for each in scope.all(scope.select(Draft))] == [{}]
    assert common(records, pair.b, given) == {}
    send(records, pair.a, given, {FIRST: PERHAPS})
    assert common(records, pair.b, given) == {FIRST: PERHAPS}


def test_it_can_be_taken_back_after_the_end(records: Records, pair: Pair) -> None:
    given = give(records, pair, MENU)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES})
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.FINISHED)
    withdraw(records, pair.b, given)
    assert common(records, pair.a, given) == {}


def test_what_has_run_out_is_blank_when_it_is_given_anew(records: Records, pair: Pair, world: World) -> None:
    given = give(records, pair, MENU)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES, SECOND: PERHAPS})
    assert SPEC is not None
    world.clock.move(SPEC.expires - timedelta(minutes=1))
    assert mine(records, pair.a, given) == {FIRST: YES, SECOND: PERHAPS}
    world.clock.move(timedelta(minutes=1))
    assert mine(records, pair.a, given) == {}
    send(records, pair.b, given, {FIRST: YES, SECOND: YES})
    send(records, pair.a, given, {SECOND: YES})
    assert common(records, pair.b, given) == {SECOND: YES}


def test_a_draft_from_before_carries_no_old_yes_over_the_end(
    records: Records, pair: Pair, world: World
) -> None:
    given = give(records, pair, MENU)
    send(records, pair.a, given, {FIRST: YES, SECOND: YES})
    assert SPEC is not None
    world.clock.move(SPEC.expires - timedelta(days=1))
    type_in(records, pair.a, given, {THIRD: YES})
    assert mine(records, pair.a, given) == {FIRST: YES, SECOND: YES, THIRD: YES}
    world.clock.move(timedelta(days=1))
    assert mine(records, pair.a, given) == {THIRD: YES}
    with records.within(pair.a) as scope:
        task = task_of(scope, pair.a, given)
        assert set(commands.check(scope, task).values) == {THIRD}
        commands.send(scope, task, once_key="k")
    send(records, pair.b, given, {FIRST: YES, SECOND: YES, THIRD: YES})
    assert common(records, pair.b, given) == {THIRD: YES}


def test_saving_an_old_draft_anew_brings_nothing_back(records: Records, pair: Pair, world: World) -> None:
    given = give(records, pair, MENU)
    send(records, pair.a, given, {FIRST: YES})
    type_in(records, pair.a, given, {SECOND: YES})
    assert SPEC is not None
    world.clock.move(SPEC.expires)
    type_in(records, pair.a, given, {SECOND: YES})
    type_in(records, pair.a, given, {THIRD: PERHAPS})
    assert mine(records, pair.a, given) == {SECOND: YES, THIRD: PERHAPS}


def test_of_lists_from_several_months_the_newest_counts_whole(
    records: Records, pair: Pair, world: World
) -> None:
    given = give(records, pair, MENU, recurrence=Recurrence.MONTHLY)
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {FIRST: YES, SECOND: YES})
    world.clock.move(timedelta(days=20))
    send(records, pair.a, given, {FIRST: None, SECOND: PERHAPS})
    assert common(records, pair.b, given) == {SECOND: PERHAPS}
    withdraw(records, pair.a, given)
    assert common(records, pair.b, given) == {}


@pytest.mark.parametrize("attempt", range(3))
def test_a_yes_and_a_withdrawal_at_the_same_moment_leave_nothing_common(
    records: Records, pair: Pair, attempt: int
) -> None:
    given = give(records, pair, MENU)
    send(records, pair.a, given, {FIRST: YES})
    met, errors = Barrier(2), []

    def run(act: Callable[[], object]) -> None:
        try:
            met.wait(timeout=20)
            act()
        except BaseException as error:  # noqa: BLE001 - the test looks at whatever it was
            errors.append(error)

    acts = (
        lambda: withdraw(records, pair.a, given),
        lambda: send(records, pair.b, given, {FIRST: YES}),
    )
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert common(records, pair.b, given) == {}


# On its pages


def words(page: str) -> str:
    return unescape(escaped_words(page))


def test_the_pages_of_an_overlap_never_count_and_lead_back(site: Site) -> None:
    pair, _staff = furnish(site.records)
    given = give(site.records, pair, MENU)
    for viewer in (pair.a, pair.b):
        send(site.records, viewer, given, {FIRST: YES, SECOND: YES, THIRD: NO})
    sam = site.sign_in_as(pair.a)
    opened = words(html(sam, f"/t/{given}/open"))
    assert "What you are both open to" in opened
    assert not re.search(r"\d", opened)
    for path in ("/today", "/together", f"/t/{given}/sent"):
        shown = words(html(sam, path))
        assert not re.search(r"\d+ (?:of|in common|choices|options|matches)", shown), path
    where, fields = fields_of(sam, f"/t/{given}/choices/back", "/choices/back")
    assert sam.post(where, fields).status_code == 303
    assert "None of your choices stand now" in words(html(sam, f"/t/{given}/sent"))
    alex = site.sign_in_as(pair.b)
    assert alex.get(f"/t/{given}/open").location.endswith(f"/t/{given}")
    assert "What kind of touch feels good" not in words(html(alex, "/together"))
    assert "Your choices are saved" in words(html(alex, f"/t/{given}/sent"))


def test_what_has_run_out_is_said_to_its_writer_alone(site: Site) -> None:
    pair, _staff = furnish(site.records)
    given = give(site.records, pair, MENU)
    send(site.records, pair.a, given, {FIRST: YES})
    assert SPEC is not None
    site.clock.move(SPEC.expires)
    send(site.records, pair.b, given, {FIRST: YES})
    sam, alex = site.sign_in_as(pair.a), site.sign_in_as(pair.b)
    assert "have run out" in words(html(sam, f"/t/{given}/sent"))
    assert "Your choices have run out" in words(html(sam, "/today"))
    for path in (f"/t/{given}/sent", "/today"):
        assert "run out" not in words(html(alex, path))


def test_choices_of_another_exercise_are_not_there_to_take_back(site: Site) -> None:
    pair, _staff = furnish(site.records)
    given = give(site.records, pair, "stressors")
    sam = site.sign_in_as(pair.a)
    assert sam.get(f"/t/{given}/choices/back").status_code == 404


def test_taking_choices_back_leaves_what_else_was_answered_in_the_same_exercise(
    records: Records, pair: Pair
) -> None:
    exercise = library()["compromise"]
    given = give(records, pair, "compromise")
    send(records, pair.a, given, fill(exercise, "My own words"))
    withdraw(records, pair.a, given)
    with records.within(pair.a, read_only=True) as scope:
        left = {Audience(each.audience) for each in scope.all(scope.select(Answer))}
    assert left == {item.audience for item in exercise.walk().form.questions} - {Audience.OVERLAP}
