"""Questions that are worded once: none is loose, none finds what its asker may not see, and each is told to the database."""

from typing import Any

import pytest
from sqlalchemy import and_, bindparam, func, or_, select, text
from sqlalchemy.orm import aliased

from portal.access.policy import Refused
from portal.access.questions import COUPLE, PRACTICE, Loose, Question, partners_see
from portal.access.scope import Records, Scope
from portal.access.transaction import WrongPractice
from portal.access.viewer import House
from portal.people.models import Account, Caseload, Couple, Partner, Practice
from tests.factories import World

OURS = Account.practice_id == PRACTICE
Other = aliased(Account)
Disguised = aliased(Account, name="practice")

NAMES = Question(select(Account.id, Account.name).where(OURS).order_by(Account.name))
COUPLES = Question(select(Couple.id).where(Couple.practice_id == PRACTICE, partners_see(Couple)))


LOOSE = {
    "nothing said": select(Account.id),
    "a practice written in": select(Account.id).where(Account.practice_id == "p"),
    "a parameter of its own": select(Account.id).where(Account.practice_id == bindparam("practice")),
    "another column": select(Account.id).where(Account.id == PRACTICE),
    "any other practice": select(Account.id).where(Account.practice_id != PRACTICE),
    "or something else": select(Account.id).where(or_(OURS, Account.name == "Sam Wren")),
    "not so": select(Account.id).where(~OURS),
    "a second table": select(Account.id, Couple.id).where(OURS),
    "a second look at a table": select(Account.id, Other.id).where(OURS),
    "the practice itself": select(Practice.id),
    "a table called practice": select(Disguised.id).where(Disguised.id == PRACTICE),
    "a join by another key": select(Account.id).join(Partner, Partner.account_id == Account.id).where(OURS),
    "the near side said at the far one": select(Account.id)
    .outerjoin(Partner, and_(Partner.account_id == Account.id, OURS))
    .where(Partner.practice_id == PRACTICE),
    "the near side not said": select(Account.id).outerjoin(Partner, Partner.practice_id == PRACTICE),
    "a full join": select(Account.id).join(Partner, OURS & (Partner.practice_id == PRACTICE), full=True),
    "a select within": select(Account.id).where(OURS, Account.id.in_(select(Partner.account_id))),
    "a select to select from": select(select(Account.id).subquery().c.id),
    "a table by name": select(func.count()).select_from(Couple),
}
HELD = {
    "a condition": select(Account.id).where(OURS),
    "one of several": select(Account.id).where(and_(Account.name == "Sam", and_(OURS, Account.id == "x"))),
    "the practice itself": select(Practice.name).where(Practice.id == PRACTICE),
    "two looks at a table": select(Account.id, Other.id).where(OURS, Other.practice_id == PRACTICE),
    "a join": select(Account.id).join(Partner, OURS & (Partner.practice_id == PRACTICE)),
    "an outer join": select(Account.id).outerjoin(Partner, Partner.practice_id == PRACTICE).where(OURS),
}


@pytest.mark.parametrize("statement", LOOSE.values(), ids=[each.replace(" ", "-") for each in LOOSE])
def test_wording_that_could_reach_another_practice_is_refused(statement: Any) -> None:
    with pytest.raises(Loose):
        Question(statement)


@pytest.mark.parametrize("statement", HELD.values(), ids=[each.replace(" ", "-") for each in HELD])
def test_wording_that_names_the_practice_for_every_table_is_taken(statement: Any) -> None:
    assert Question(statement).statement is statement


def test_a_question_finds_rows_of_its_own_practice_alone(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    for pair in (ours, theirs):
        with records.within(pair.a, read_only=True) as scope:
            assert {row.id for row in scope.put_for_all(NAMES)} == {
                pair.a.account_id, pair.b.account_id, pair.therapist.account_id
            }  # fmt: skip
            assert scope.put(NAMES).name == "Alex Holm"


def test_who_asks_cannot_be_put_in_by_the_caller(records: Records, world: World) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with records.within(ours.a, read_only=True) as scope:
        stolen = {PRACTICE.key: theirs.a.practice_id, COUPLE.key: theirs.couple_id}
        assert theirs.a.account_id not in {row.id for row in scope.put_for_all(NAMES, **stolen)}
        assert [row.id for row in scope.put_for_all(COUPLES, **stolen)] == [ours.couple_id]


def test_what_is_worded_for_any_partner_is_found_by_partners_alone(records: Records, world: World) -> None:
    ours = world.sample
    neighbours = world.pair(ours.a.practice_id, ("Dana Moss", "Lee Quill"))
    house = House(ours.a.practice_id, frozenset({ours.couple_id}))
    found = {}
    for viewer in (ours.a, ours.b, neighbours.a, ours.therapist, house):
        with records.within(viewer, read_only=True) as scope:
            found[viewer] = [row.id for row in scope.put_for_all(COUPLES)]
    assert found == {
        ours.a: [ours.couple_id],
        ours.b: [ours.couple_id],
        neighbours.a: [neighbours.couple_id],
        ours.therapist: [],
        house: [],
    }


def test_several_who_ask_at_once_put_no_questions(records: Records, world: World) -> None:
    pair = world.sample
    with records.within(pair.a, read_only=True) as scope, pytest.raises(Refused):
        scope.joined_by([pair.b]).put(NAMES)


def test_a_question_sees_what_its_own_transaction_has_written(records: Records, world: World) -> None:
    with records.within(world.sample.therapist) as scope:
        account = scope.one(scope.select(Account).where(Account.name == "Alex Holm"))
        account.name = "Alex Moor"
        assert [row.name for row in scope.put_for_all(NAMES)] == ["Alex Moor", "Ines Marlowe", "Sam Wren"]


def test_questions_and_rows_of_a_scope_come_from_one_moment(records: Records, world: World) -> None:
    pair = world.sample
    counted = Question(select(func.count(Caseload.id)).where(Caseload.practice_id == PRACTICE))
    with records.within(pair.therapist, read_only=True) as scope:
        before = scope.put(counted)[0]
        assert scope.count(scope.select(Account)) == 3
        assert scope.put(counted)[0] == before == 1
        assert scope.find(Couple, pair.couple_id).id == pair.couple_id


def test_on_postgresql_a_question_is_asked_behind_the_fence(records: Records, world: World) -> None:
    if records.engine.dialect.name != "postgresql":
        return
    pair = world.sample
    with records.within(pair.a, read_only=True) as scope:
        assert scope.put(NAMES) is not None
        assert told(scope) == ("portal_app", pair.a.practice_id)
        scope.rollback()
        # What was told ended with it, and is told again.
        assert scope.put(NAMES) is not None
        assert told(scope) == ("portal_app", pair.a.practice_id)


def told(scope: Scope) -> tuple[Any, ...]:
    """Return the role and the practice that the database knows of."""
    connection = scope.session.connection()
    return tuple(connection.execute(text("SELECT current_user, current_setting('portal.practice')")).one())


def test_only_the_house_turns_to_somebody_and_never_to_another_practice(
    records: Records, world: World
) -> None:
    ours, theirs = world.sample, world.pair(world.practice("Second Practice"))
    with records.within(House(ours.a.practice_id), read_only=True) as door:
        names = door.put_for_all(NAMES)
        turned = door.turned_to(ours.a)
        assert turned.put_for_all(NAMES) == names
        assert turned.find(Couple, ours.couple_id).id == ours.couple_id
        with pytest.raises(WrongPractice):
            door.turned_to(theirs.a)
        with pytest.raises(Refused):
            turned.turned_to(ours.b)
