"""A therapist's own works: for nobody else until they are published, and an edition never changes."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records, Scope
from portal.access.viewer import Role, Viewer
from portal.exercises import care_commands, queries, review_queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.models import Assignment, Whom
from portal.exercises.own import commands as own_commands
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.compile import compile_exercise
from portal.exercises.own.drafts import as_draft
from portal.exercises.own.models import OwnEdition, OwnKind, OwnWork, Shelf
from portal.exercises.own.queries import (
    any_work,
    editions,
    my_work,
    my_works,
    work_for_decision,
    works_for_decision,
)
from portal.exercises.shelf import at_hand, exercise_at_hand, library
from portal.kit.ids import new_id
from portal.kit.library import DefinitionError
from tests.exercises.doing import agree, send, task_of, type_in
from tests.exercises.own.writing import (
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
from tests.factories import Pair, World


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


@pytest.fixture
def other(world: World, pair: Pair) -> Viewer:
    return colleague(world, pair.a.practice_id)


@pytest.fixture
def admin(world: World, pair: Pair) -> Viewer:
    return colleague(world, pair.a.practice_id, Role.ADMIN, name="Ida Brook")


def seen_by(records: Records, viewer: Viewer) -> dict[str, int]:
    """Return the own exercises that somebody can assign, with their editions."""
    with records.within(viewer, read_only=True) as scope:
        return {slug: each.version for slug, each in at_hand(scope).items() if slug not in library()}


def test_the_same_key_begins_one_work(records: Records, pair: Pair) -> None:
    assert write(records, pair.therapist, once_key="k") == write(records, pair.therapist, once_key="k")


def test_a_draft_is_kept_however_unfinished(records: Records, pair: Pair) -> None:
    work_id = write(
        records, pair.therapist, {"title": "x" * 300, "mechanics": ["questionnaire"], "minutes": "soon"}
    )
    work = work_of(records, pair.therapist, work_id)
    assert as_draft(work.draft)["title"] == "x" * 300
    assert len(work.title) == 80
    assert seen_by(records, pair.therapist) == {}


def test_an_unfinished_draft_is_not_published(records: Records, pair: Pair) -> None:
    work_id = write(records, pair.therapist, copied(title=""))
    with pytest.raises(DefinitionError):
        publish(records, pair.therapist, work_id)
    assert work_of(records, pair.therapist, work_id).version == 0


def test_an_edition_stays_as_it_was_published(records: Records, pair: Pair) -> None:
    work = published(records, pair.therapist, title="First")
    change(records, pair.therapist, work.id, title="Second")
    assert publish(records, pair.therapist, work.id) == 2
    with records.within(pair.therapist, read_only=True) as scope:
        newer, older = editions(scope, any_work(scope, work.id))
    assert ("First" in older.source, "First" in newer.source) == (True, False)


def test_publishing_the_same_again_makes_nothing_new(records: Records, pair: Pair) -> None:
    work = published(records, pair.therapist)
    assert publish(records, pair.therapist, work.id) == 1


def test_what_is_published_is_what_was_looked_at(records: Records, pair: Pair) -> None:
    work_id = write(records, pair.therapist)
    change(records, pair.therapist, work_id, title="Changed in another window")
    with records.within(pair.therapist) as scope, pytest.raises(DraftChanged):
        own_commands.publish(scope, any_work(scope, work_id), compile_exercise, revision=0)


def test_of_two_windows_the_second_is_told(records: Records, pair: Pair) -> None:
    work_id = write(records, pair.therapist)
    change(records, pair.therapist, work_id, title="The first window")
    with records.within(pair.therapist) as scope:
        work = any_work(scope, work_id)
        with pytest.raises(DraftChanged) as caught:
            own_commands.change(scope, work, lambda draft: draft | {"title": "The second"}, revision=0)
    assert caught.value.work.title == "The first window"


def test_two_windows_on_different_parts_keep_both(records: Records, pair: Pair) -> None:
    work_id = write(records, pair.therapist)
    change(records, pair.therapist, work_id, title="The first window")
    with records.within(pair.therapist) as scope:
        work = any_work(scope, work_id)
        own_commands.change(
            scope,
            work,
            lambda draft: draft | {"why": "The second"},
            revision=0,
            is_untouched=lambda _draft: True,
        )
    draft = as_draft(work_of(records, pair.therapist, work_id).draft)
    assert (draft["title"], draft["why"]) == ("The first window", "The second")


def test_published_it_is_for_its_writer_only(records: Records, pair: Pair, other: Viewer) -> None:
    work = published(records, pair.therapist)
    assert seen_by(records, pair.therapist) == {work.slug: 1}
    assert seen_by(records, other) == {}
    with records.within(other, read_only=True) as scope:
        assert exercise_at_hand(scope, work.slug) is None


def test_offered_to_the_practice_every_therapist_has_the_edition_that_was_read(
    records: Records, pair: Pair, other: Viewer, admin: Viewer
) -> None:
    work = published(records, pair.therapist)
    ask(records, pair.therapist, work.id)
    decide(records, admin, work.id)
    change(records, pair.therapist, work.id, title="Newer")
    publish(records, pair.therapist, work.id)
    assert seen_by(records, other) == {work.slug: 1}
    assert seen_by(records, pair.therapist) == {work.slug: 2}
    ask(records, pair.therapist, work.id)
    assert seen_by(records, other) == {work.slug: 1}
    decide(records, admin, work.id)
    assert seen_by(records, other) == {work.slug: 2}


def test_what_is_handed_back_comes_with_a_note(
    records: Records, pair: Pair, other: Viewer, admin: Viewer
) -> None:
    work = published(records, pair.therapist)
    ask(records, pair.therapist, work.id)
    decide(records, admin, work.id, accept=False, note="Please say when to stop.")
    found = work_of(records, pair.therapist, work.id)
    assert (found.shelf, found.asked_at, found.note) == (Shelf.MINE, None, "Please say when to stop.")
    assert seen_by(records, other) == {}


def test_an_edition_that_nobody_read_is_not_offered(records: Records, pair: Pair, admin: Viewer) -> None:
    work = published(records, pair.therapist)
    ask(records, pair.therapist, work.id)
    change(records, pair.therapist, work.id, title="Newer")
    publish(records, pair.therapist, work.id)
    with records.within(admin) as scope, pytest.raises(DraftChanged):
        own_commands.decide(scope, work_for_decision(scope, work.id), accept=True, version=1)


def test_an_administrator_reads_nothing_that_nobody_asked_about(
    records: Records, pair: Pair, admin: Viewer
) -> None:
    work = published(records, pair.therapist)
    with records.within(admin) as scope:
        assert works_for_decision(scope) == []
        with pytest.raises(Refused):
            work_for_decision(scope, work.id)
        with pytest.raises(Refused):
            my_works(scope, OwnKind.EXERCISE)


def test_the_administrator_can_take_it_back_from_the_practice(
    records: Records, pair: Pair, other: Viewer, admin: Viewer
) -> None:
    work = published(records, pair.therapist)
    ask(records, pair.therapist, work.id)
    decide(records, admin, work.id)
    with records.within(admin) as scope:
        own_commands.withdraw_from_practice(scope, work_for_decision(scope, work.id), note="Not any more.")
    assert seen_by(records, other) == {}
    assert seen_by(records, pair.therapist) == {work.slug: 1}


def test_off_the_shelf_nobody_can_assign_it_until_it_is_put_back(records: Records, pair: Pair) -> None:
    work = published(records, pair.therapist)
    with records.within(pair.therapist) as scope:
        own_commands.retire(scope, any_work(scope, work.id))
    assert seen_by(records, pair.therapist) == {}
    with records.within(pair.therapist, read_only=True) as scope:
        assert exercise_at_hand(scope, work.slug) is None
        for_journeys = exercise_at_hand(scope, work.slug, for_journey_of=pair.therapist.account_id)
        assert for_journeys is not None
    assert publish(records, pair.therapist, work.id) == 1
    assert seen_by(records, pair.therapist) == {work.slug: 1}


def test_only_what_was_never_published_can_be_deleted(records: Records, pair: Pair) -> None:
    draft, work = write(records, pair.therapist), published(records, pair.therapist)
    with records.within(pair.therapist) as scope:
        own_commands.drop(scope, any_work(scope, draft))
        with pytest.raises(Refused):
            own_commands.drop(scope, any_work(scope, work.id))
        assert [each.id for each in my_works(scope, OwnKind.EXERCISE)] == [work.id]


ACTS: list[Callable[[Scope, OwnWork], object]] = [
    lambda scope, work: my_work(scope, work.id, OwnKind.EXERCISE),
    lambda scope, work: own_commands.change(scope, work, lambda _draft: {}, revision=0),
    lambda scope, work: own_commands.publish(scope, work, compile_exercise, revision=0),
    own_commands.ask_for_practice,
    own_commands.retire,
    own_commands.drop,
]


@pytest.mark.parametrize("act", ACTS)
def test_a_colleague_can_do_nothing_with_it(
    records: Records, pair: Pair, other: Viewer, act: Callable[[Scope, OwnWork], object]
) -> None:
    work = published(records, pair.therapist)
    with records.within(other) as scope, pytest.raises(Refused):
        act(scope, work)


@pytest.mark.parametrize("act", ACTS)
def test_a_partner_can_do_nothing_with_it(
    records: Records, pair: Pair, act: Callable[[Scope, OwnWork], object]
) -> None:
    work = published(records, pair.therapist)
    with records.within(pair.a) as scope:
        with pytest.raises(Refused):
            act(scope, work)
        with pytest.raises(Refused):
            at_hand(scope)


def test_an_edition_that_cant_be_read_any_more_keeps_nobody_from_the_library(
    records: Records, pair: Pair
) -> None:
    work = published(records, pair.therapist)
    with records.within(pair.therapist) as scope:
        row = scope.one(scope.select(OwnEdition).where(OwnEdition.work_id == work.id))
        row.source = "id = 1"
    assert seen_by(records, pair.therapist) == {}


def give_own(records: Records, pair: Pair, slug: str) -> str:
    """Assign an exercise that is at hand; return the assignment's id."""
    plan = care_commands.Plan(
        couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE, sees=TherapistSees.OVERLAP
    )
    with records.within(pair.therapist) as scope:
        exercise = exercise_at_hand(scope, slug)
        assert exercise is not None
        return care_commands.assign(scope, exercise, plan, once_key=new_id()).id


def test_what_was_assigned_keeps_the_version_it_was_assigned_with(records: Records, pair: Pair) -> None:
    agree(records, pair)
    work = published(records, pair.therapist, title="The first")
    first = give_own(records, pair, work.slug)
    with records.within(pair.a, read_only=True) as scope:
        item = task_of(scope, pair.a, first).form.questions[0].key
    type_in(records, pair.a, first, {item: "Half a sentence"})
    change(records, pair.therapist, work.id, title="The second", letter=copied("surprise-note")["letter"])
    publish(records, pair.therapist, work.id)
    second = give_own(records, pair, work.slug)
    with records.within(pair.a, read_only=True) as scope:
        before, after = task_of(scope, pair.a, first), task_of(scope, pair.a, second)
        assert (before.exercise.title, after.exercise.title) == ("The first", "The second")
        assert before.response is not None
        draft = queries.my_draft(scope, before.response)
        assert draft is not None
        assert draft.values == {item: "Half a sentence"}
        needed = {
            each.key: "Long enough to be sent, and a little more than that." for each in before.form.questions
        }
    send(records, pair.a, first, needed)
    with records.within(pair.therapist, read_only=True) as scope:
        titles = {
            work.assignment.id: work.exercise.title for work in review_queries.work_of(scope, pair.couple_id)
        }
    assert titles == {first: "The first", second: "The second"}


def test_what_was_done_with_it_is_written_down_without_its_words(
    records: Records, pair: Pair, admin: Viewer
) -> None:
    work = published(records, pair.therapist, title="Words of its own")
    ask(records, pair.therapist, work.id)
    decide(records, admin, work.id)
    with records.within(pair.therapist, read_only=True) as scope:
        entries = list(scope.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == work.id)))
        found = {each.action for each in entries}
        assert "Words of its own" not in repr([each.detail for each in entries])
        assert scope.all(scope.select(Assignment)) == []
    assert found == {Action.OWN_PUBLISHED, Action.OWN_ASKED, Action.OWN_OFFERED}


def test_what_is_at_hand_costs_one_query_however_much_there_is(records: Records, pair: Pair) -> None:
    for title in ("One", "Two", "Three"):
        published(records, pair.therapist, title=title)
    with records.within(pair.therapist, read_only=True) as scope:
        asked: list[str] = []

        def note(*about: object) -> None:
            asked.append(str(about[2]))

        connection = scope.session.connection()
        event.listen(connection, "before_cursor_execute", note)
        assert len(at_hand(scope)) == len(library()) + 3
        assert len(asked) == 1
        assert exercise_at_hand(scope, "warning-signs") is not None
        assert len(asked) == 1
