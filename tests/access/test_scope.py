"""The fence: nobody asks without a name, nothing crosses from one practice into another."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.access.audit import Action, AuditEntry, record
from portal.access.policy import Permission, Refused
from portal.access.scope import Records, Scope
from portal.access.transaction import ReadOnly, Unfenced, WrongPractice
from portal.access.viewer import House
from portal.exercises.models import Assignment, ExerciseCopy
from portal.people.models import Account, Couple, Partner, Practice
from tests.factories import World


def test_a_query_without_anybody_asking_is_refused(records: Records) -> None:
    transaction = records._transaction(None, read_only=True)
    with pytest.raises(Unfenced):
        transaction.session.scalars(select(Account)).all()
    transaction.close()
    with pytest.raises(Unfenced):
        Scope(transaction, [], records.clock, records.wake)


def test_every_kind_of_statement_stays_inside_the_practice(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with records.within(ours.therapist) as scope:
        session = scope.session
        assert session.scalar(select(Account).where(Account.id == theirs.a.account_id)) is None
        assert session.get(Account, (theirs.a.practice_id, theirs.a.account_id)) is None
        assert session.execute(update(Account).values(name="Taken Over")).rowcount == 3
        assert session.execute(delete(Partner).where(Partner.couple_id == theirs.couple_id)).rowcount == 0
    with records.within(theirs.therapist, read_only=True) as scope:
        assert {account.name for account in scope.all(scope.select(Account))} == {
            "Sam Wren", "Alex Holm", "Ines Marlowe",
        }  # fmt: skip


def test_a_row_of_another_practice_cannot_be_written(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.practice("Second Practice")
    with pytest.raises(WrongPractice), records.within(ours.therapist) as scope:
        scope.add(Couple(practice_id=theirs, created_at=scope.now))


def test_a_row_cannot_point_into_another_practice(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with pytest.raises(IntegrityError), records.within(ours.therapist) as scope:
        scope.add(Partner(couple_id=theirs.couple_id, account_id=ours.a.account_id, seat="a"))


def test_a_scope_that_only_reads_writes_nothing(records: Records, world: World) -> None:
    pair = world.sample
    with pytest.raises(ReadOnly), records.within(pair.therapist, read_only=True) as scope:
        scope.add(Couple(created_at=scope.now))


def test_what_is_not_there_and_what_is_not_allowed_are_the_same_refusal(
    records: Records, world: World
) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    neighbours = world.pair(ours.a.practice_id, ("Dana Moss", "Lee Quill"))
    with records.within(ours.a, read_only=True) as scope:
        for couple_id in (theirs.couple_id, neighbours.couple_id, "no-such-couple"):
            with pytest.raises(Refused, match="there is no such thing"):
                scope.find(Couple, couple_id)
        assert scope.find(Couple, ours.couple_id).id == ours.couple_id


def test_the_house_works_only_on_a_couple_within_reach(records: Records, world: World) -> None:
    ours = world.sample
    with records.within(ours.a, read_only=True) as scope:
        assert scope.as_house(ours.couple_id).viewer == House(ours.a.practice_id, frozenset({ours.couple_id}))
        with pytest.raises(Refused):
            scope.as_house("another")
        with pytest.raises(Refused):
            _ = scope.as_house(ours.couple_id).account_id
        with pytest.raises(Refused):
            scope.require(Permission.REVIEW)


def test_people_of_two_practices_never_share_a_scope(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with pytest.raises(WrongPractice), records.within(ours.therapist, read_only=True) as scope:
        scope.joined_by([theirs.a])


def test_an_audit_entry_lives_and_dies_with_what_it_records(records: Records, world: World) -> None:
    pair = world.sample

    def fail_on_purpose() -> None:
        with records.within(pair.therapist) as scope:
            record(scope, Action.COUPLE_ADDED, couple_id=pair.couple_id)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_on_purpose()
    with records.within(pair.therapist) as scope:
        record(scope, Action.COUPLE_ADDED, couple_id=pair.couple_id, seats=2)
    with records.within(pair.therapist, read_only=True) as scope:
        (entry,) = scope.all(scope.select(AuditEntry))
        assert (entry.action, entry.actor_id, entry.detail) == (
            "couple.added",
            pair.therapist.account_id,
            {"seats": 2},
        )


def test_what_waits_for_the_commit_happens_after_it_and_never_after_an_undo(
    records: Records, world: World
) -> None:
    done: list[str] = []
    scope = records.scope(world.sample.therapist)
    scope.afterwards(lambda: done.append("undone"))
    scope.rollback()
    scope.afterwards(lambda: done.append("kept"))
    assert done == []
    scope.commit()
    scope.commit()
    scope.close()
    assert done == ["kept"]


def test_the_clock_of_a_scope_can_be_another(records: Records, world: World) -> None:
    before = records.clock.now()
    world.clock.move(timedelta(hours=1))
    with records.within(world.sample.a, read_only=True) as scope:
        assert scope.now == before + timedelta(hours=1)
    assert records.with_clock(world.clock).clock is world.clock


def test_counting_and_multi_table_rows_stay_within_reach(records: Records, world: World) -> None:
    pair = world.sample
    world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(Partner)) == 2
        pairs = scope.rows(scope.select(Partner, Account).where(Partner.account_id == Account.id))
        assert {account.name for _partner, account in pairs} == {"Sam Wren", "Alex Holm"}


def test_on_postgresql_the_database_itself_holds_the_fence(records: Records, world: World) -> None:
    if records.engine.dialect.name != "postgresql":
        names = {row[1] for row in records.engine.connect().exec_driver_sql("PRAGMA table_list")}
        assert "account" in names
        return
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with records.within(ours.therapist) as scope:
        connection = scope.session.connection()
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == 3
        assert (
            connection.execute(
                text("UPDATE account SET name = 'x' WHERE id = :id"), {"id": theirs.a.account_id}
            ).rowcount
            == 0
        )
    with records.unfenced() as session:
        assert session.connection().execute(text("SELECT count(*) FROM account")).scalar() == 0
    with pytest.raises(DBAPIError, match="permission denied"), records.within(ours.therapist) as scope:
        scope.session.connection().execute(text("DELETE FROM audit_entry"))


def test_every_owned_table_is_forced_behind_the_fence_on_postgresql(records: Records) -> None:
    if records.engine.dialect.name != "postgresql":
        assert Assignment.__table__.primary_key.columns.keys() == ["practice_id", "id"]
        return
    query = """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'practice_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (
            c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL))
    """
    with records.engine.connect() as connection:
        # Login names are read before a practice is known; they hold fingerprints only.
        assert set(connection.execute(text(query)).scalars()) == {"login_name"}


def test_practice_rows_belong_to_nobody_and_are_found_by_name(records: Records, world: World) -> None:
    practice_id = world.practice("Harbour Practice")
    with records.within(House(practice_id), read_only=True) as scope:
        assert scope.session.scalar(select(Practice.name)) == "Harbour Practice"
        with pytest.raises(Refused):
            scope.find(ExerciseCopy, "none")
