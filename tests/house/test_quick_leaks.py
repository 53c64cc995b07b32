"""The rules of reading in one breath: a few people, one row of each kind, and who gets to it through the portal."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from portal.access.audit import AuditEntry
from portal.access.policy import Matter, Permission, Refused, reaches
from portal.access.privacy import Audience
from portal.access.scope import Records, Scope
from portal.access.transaction import WrongPractice
from portal.access.viewer import House, Role, Viewer
from portal.exercises import commands, queries, review_queries
from portal.exercises.care_commands import Plan, assign, give_feedback
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.models import Answer, Assignment, Draft, Feedback, Response, Whom
from portal.kit.ids import new_id
from portal.people.models import Account, Couple, Partner
from portal.reports.base import Copy
from portal.reports.words import keep_words
from tests.exercises.doing import give, task_of
from tests.exercises.journals import keeping
from tests.factories import MORNING, Pair, World
from tests.house import leak_exercises

CONTENT = (Answer, Assignment, Draft, Feedback, Response)


@pytest.fixture
def given(records: Records, world: World) -> dict[str, str]:
    """A couple of which A wrote in every way; returns the assignments by name."""
    pair = world.sample
    made = {
        "mixed": leak_exercises.mixed("mixed", "Mixed"),
        "unsent": leak_exercises.mixed("unsent", "Unsent"),
        "letter": leak_exercises.letter("letter", "Letter"),
        "overlap": leak_exercises.overlap("overlap", "Overlap"),
    }
    found = {}
    for name, exercise in made.items():
        with records.within(pair.therapist) as scope:
            plan = Plan(couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
            found[name] = assign(scope, exercise, plan, once_key=new_id()).id
    _write(records, pair, found)
    return found


def _write(records: Records, pair: Pair, given: dict[str, str]) -> None:
    everything = {
        "only_me": "mine",
        "to_therapist": "for the therapist",
        "to_both": "for both",
        "how_much": 4,
    }
    for name, values in (
        ("mixed", everything),
        ("unsent", {"to_therapist": "not sent"}),
        ("letter", {"words": "held"}),
        ("overlap", {"walk": "not_now", "song": "comfortable"}),
    ):
        with records.within(pair.a) as scope:
            commands.keep_draft(scope, task_of(scope, pair.a, given[name]), values, revision=None)
            if name != "unsent":
                held = Delivery(DeliveryKind.HELD)
                commands.send(scope, task_of(scope, pair.a, given[name]), once_key=new_id(), delivery=held)
    with records.within(pair.therapist) as scope:
        give_feedback(scope, given["mixed"], "a note", to=Audience.NOTE, once_key=new_id())
        keep_words(scope, pair.couple_id, Copy.CLINICIAN, summary="in short", comment="a comment")


def read_by(records: Records, viewer: Viewer) -> set[str]:
    """Return every text and value that somebody's queries find."""
    with records.within(viewer, read_only=True) as scope:
        found = {str(each.value) for each in scope.all(scope.select(Answer))}
        found |= {each.body for each in scope.all(scope.select(Feedback))}
        return found | {str(each.values) for each in scope.all(scope.select(Draft))}


def rows_of(records: Records, viewer: Viewer) -> int:
    with records.within(viewer, read_only=True) as scope:
        return sum(scope.count(scope.select(model)) for model in CONTENT)


def test_the_partner_reads_nothing_of_what_was_written_alone(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    assert read_by(records, world.sample.b) == set()


def test_the_partner_does_not_learn_that_anything_was_done(
    records: Records, world: World, given: dict[str, str]
) -> None:
    with records.within(world.sample.b, read_only=True) as scope:
        assert scope.count(scope.select(Response)) == scope.count(scope.select(Draft)) == 0
        assert [each.assignment_id for each in queries.written(scope, sorted(given.values()))] == []


def test_the_therapist_reads_what_was_sent_to_them_and_nothing_else(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    assert read_by(records, world.sample.therapist) == {
        "for the therapist",
        "for both",
        "4",
        "held",
        "a note",
    }


def test_a_joint_scope_reads_nothing_before_both_may(
    records: Records, world: World, given: dict[str, str]
) -> None:
    pair = world.sample
    with records.within(pair.therapist, read_only=True) as scope:
        joint = scope.joined_by([pair.a, pair.b])
        assert joint.all(joint.select(Answer)) == []
        assert queries.written(joint, sorted(given.values())) == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DESK, Role.THERAPIST])
def test_nobody_else_in_the_practice_reaches_content(
    records: Records, world: World, given: dict[str, str], role: Role
) -> None:
    assert given
    practice = world.sample.a.practice_id
    viewer = Viewer(practice, world.account(practice, "Somebody Else", role), frozenset({role}))
    assert rows_of(records, viewer) == 0
    with records.within(viewer, read_only=True) as scope:
        for permission in (Permission.REVIEW, Permission.REPORT, Permission.ASSIGN):
            with pytest.raises(Refused):
                scope.require(permission, couple_id=world.sample.couple_id)


def test_another_couple_reaches_nothing(records: Records, world: World, given: dict[str, str]) -> None:
    assert given
    neighbours = world.pair(world.sample.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (neighbours.a, neighbours.therapist):
        assert rows_of(records, viewer) == 0
        with records.within(viewer, read_only=True) as scope:
            assert {each.couple_id for each in scope.all(scope.select(Partner))} == {neighbours.couple_id}
            with pytest.raises(Refused):
                scope.as_house(world.sample.couple_id)


def test_another_practice_reaches_not_even_names(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    elsewhere = world.pair(world.practice("Second Practice"), ("Priya Sand", "Jo Fell"))
    chief = Viewer(elsewhere.a.practice_id, elsewhere.therapist.account_id, frozenset({Role.ADMIN}))
    for viewer in (elsewhere.therapist, chief, House(elsewhere.a.practice_id)):
        with records.within(viewer, read_only=True) as scope:
            assert {each.practice_id for each in scope.all(scope.select(Account))} == {viewer.practice_id}
            assert {each.practice_id for each in scope.all(scope.select(AuditEntry))} <= {viewer.practice_id}
            assert world.sample.couple_id not in {each.id for each in scope.all(scope.select(Couple))}


def test_a_partner_can_do_nothing_that_is_for_therapists(
    records: Records, world: World, given: dict[str, str]
) -> None:
    pair = world.sample
    with records.within(pair.b, read_only=True) as scope:
        with pytest.raises(Refused):
            review_queries.work_of(scope, pair.couple_id)
        with pytest.raises(Refused):
            give_feedback(scope, given["mixed"], "words", to=Audience.NOTE, once_key=new_id())


def test_nobody_but_its_writer_learns_that_a_draft_is_there(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    for viewer, drafts in ((world.sample.a, 1), (world.sample.therapist, 0)):
        with records.within(viewer, read_only=True) as scope:
            assert scope.count(scope.select(Draft)) == drafts


def test_a_query_for_drafts_beside_rounds_finds_none_for_a_therapist(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    with records.within(world.sample.therapist, read_only=True) as scope:
        beside = scope.select(Response, Draft).where(Draft.response_id == Response.id)
        assert scope.rows(beside) == []


def test_a_row_cannot_be_moved_into_another_practice(
    records: Records, world: World, given: dict[str, str]
) -> None:
    elsewhere = world.practice("Second Practice")
    scope = records.scope(world.sample.therapist)
    scope.find(Assignment, given["mixed"]).practice_id = elsewhere
    with pytest.raises(WrongPractice):
        scope.flush()
    scope.rollback()
    scope.close()


def test_not_even_the_house_writes_into_another_practice(records: Records, world: World) -> None:
    here, elsewhere = world.practice(), world.practice("Second Practice")
    with pytest.raises(WrongPractice), records.within(House(here)) as scope:
        scope.add(Couple(practice_id=elsewhere, created_at=scope.now))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DESK, Role.PARTNER])
def test_the_house_never_works_for_somebody_without_the_couple(
    records: Records, world: World, role: Role
) -> None:
    viewer = Viewer(world.sample.a.practice_id, world.sample.b.account_id, frozenset({role}))
    with records.within(viewer, read_only=True) as scope, pytest.raises(Refused):
        scope.as_house(world.sample.couple_id)


@pytest.mark.parametrize("sent_at", [None, MORNING + timedelta(minutes=1)])
def test_what_is_not_sent_yet_is_read_by_its_writer_alone(
    records: Records, world: World, given: dict[str, str], sent_at: datetime | None
) -> None:
    pair = world.sample
    with records.within(pair.a) as scope:
        for answer in scope.all(scope.select(Answer)):
            answer.sent_at = sent_at
    assert len(read_by(records, pair.a)) > 4
    assert read_by(records, pair.therapist) == {"a note"}
    assert read_by(records, pair.b) == set()


def test_a_note_is_for_therapists_alone(records: Records, world: World, given: dict[str, str]) -> None:
    pair = world.sample
    for viewer, words in ((pair.therapist, ["a note"]), (pair.a, []), (pair.b, [])):
        with records.within(viewer, read_only=True) as scope:
            assert [each.body for each in queries.feedback(scope, sorted(given.values()))] == words
    with records.within(pair.therapist, read_only=True) as scope:
        joint = scope.joined_by([pair.a, pair.b])
        assert joint.count(joint.select(Feedback)) == joint.count(joint.select(Draft)) == 0


def test_a_list_stays_with_its_writer_where_the_form_says_so(
    records: Records, world: World, given: dict[str, str]
) -> None:
    pair = world.sample
    for viewer, items in ((pair.a, {"walk", "song"}), (pair.therapist, set()), (pair.b, set())):
        with records.within(viewer, read_only=True) as scope:
            found = {item for each in queries.written(scope, [given["overlap"]]) for item in each.values}
            assert found == items


def test_managing_a_practice_opens_no_content(records: Records, world: World, given: dict[str, str]) -> None:
    assert given
    practice = world.sample.a.practice_id
    account = world.account(practice, "Ada Min", Role.ADMIN, Role.DESK)
    viewer = Viewer(practice, account, frozenset({Role.ADMIN, Role.DESK}))
    with records.within(viewer, read_only=True) as scope:
        assert scope.find(Couple, world.sample.couple_id).id == world.sample.couple_id
        assert scope.count(scope.select(Assignment)) == scope.count(scope.select(Response)) == 0
        assert not any(
            reaches(viewer, Matter.CONTENT, couple) for couple in (world.sample.couple_id, "another")
        )


def test_a_permission_never_reaches_another_couple(
    records: Records, world: World, given: dict[str, str]
) -> None:
    assert given
    neighbours = world.pair(world.sample.a.practice_id, ("Dana Moss", "Lee Quill"))
    with records.within(neighbours.therapist, read_only=True) as scope:
        assert review_queries.work_of(scope, neighbours.couple_id) == []
        with pytest.raises(Refused):
            review_queries.work_of(scope, world.sample.couple_id)
    with records.within(neighbours.therapist) as scope:
        plan = Plan(couple_id=world.sample.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
        exercise = leak_exercises.mixed("planted", "Planted")
        with pytest.raises(Refused):
            assign(scope, exercise, plan, once_key=new_id())
        with pytest.raises(Refused):
            keep_words(scope, world.sample.couple_id, Copy.JOINT, summary="", comment="planted")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DESK, Role.PARTNER])
@pytest.mark.parametrize("ask", [review_queries.to_read, review_queries.unread_count])
def test_only_therapists_have_something_to_review(
    records: Records, world: World, role: Role, ask: Callable[[Scope], object]
) -> None:
    viewer = Viewer(world.sample.a.practice_id, world.sample.b.account_id, frozenset({role}))
    with records.within(viewer, read_only=True) as scope, pytest.raises(Refused):
        ask(scope)
    with records.within(world.sample.therapist, read_only=True) as scope:
        assert not ask(scope)


# What somebody writes for themselves


@pytest.fixture
def journal(records: Records, world: World) -> str:
    """A page of A's journal that nobody has been shown; returns the assignment."""
    given = give(records, world.sample, keeping.SLUG)
    keeping.write(records, world.sample.a, given, {"entry": "for nobody"})
    return given


def test_a_page_of_a_journal_is_nobodys_but_its_writers(records: Records, world: World, journal: str) -> None:
    pair = world.sample
    for viewer in (pair.b, pair.therapist):
        assert read_by(records, viewer) == set()
        with records.within(viewer, read_only=True) as scope:
            assert scope.count(scope.select(Response)) == 0
    assert len(keeping.entries(records, pair.a, journal)) == 1


def test_a_therapist_has_nothing_to_read_of_a_journal(records: Records, world: World, journal: str) -> None:
    with records.within(world.sample.therapist, read_only=True) as scope:
        assert review_queries.unread_count(scope) == 0
        assert review_queries.work(scope, journal).responses == ()


@pytest.mark.parametrize("leave_out", [False, True])
def test_a_therapist_does_not_learn_whether_a_journal_was_begun_or_left_out(
    records: Records, world: World, journal: str, leave_out: bool
) -> None:
    viewer = world.sample.a
    with records.within(viewer) as scope:
        (commands.decline if leave_out else commands.begin)(scope, task_of(scope, viewer, journal))
    with records.within(world.sample.therapist, read_only=True) as scope:
        assert scope.count(scope.select(Response)) == 0


def test_one_shared_page_of_a_journal_brings_no_other_with_it(
    records: Records, world: World, journal: str
) -> None:
    pair = world.sample
    keeping.write(records, pair.a, journal, {"first_move": "for both"}, name=keeping.FIRST)
    keeping.share(records, pair.a, journal, name=keeping.FIRST)
    for viewer in (pair.b, pair.therapist):
        assert read_by(records, viewer) == {"for both"}
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(Response)) == 1
