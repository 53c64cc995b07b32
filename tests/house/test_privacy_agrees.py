"""The tables of policy and privacy, the Python check and the SQL filter say the same for every case there is."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from portal.access.filters import Audienced, visible
from portal.access.policy import POLICY, REACH, Matter, Permission, Reach, Refused, allows, reaches, require
from portal.access.privacy import LABELS, PRIVACY, Audience, Reader, Rule, may_read
from portal.access.scope import Records
from portal.access.viewer import House, Role, Seat, Viewer
from portal.exercises.models import Assignment, ExerciseCopy, Feedback
from tests.factories import MORNING, Pair, World

MOMENTS = (None, MORNING - timedelta(days=1), MORNING, MORNING + timedelta(seconds=1))


def people_around(world: World) -> dict[str, tuple[Viewer, Pair]]:
    practice = world.practice()
    pair = world.pair(practice)
    neighbours = world.pair(practice, ("Dana Moss", "Lee Quill"))
    elsewhere = world.pair(world.practice("Second Practice"), ("Priya Sand", "Jo Fell"))
    desk = Viewer(practice, world.account(practice, "Dee Front", Role.DESK), frozenset({Role.DESK}))
    admin = Viewer(practice, world.account(practice, "Ada Min", Role.ADMIN), frozenset({Role.ADMIN}))
    colleague = Viewer(
        practice, world.account(practice, "Jonah Pryce", Role.THERAPIST), frozenset({Role.THERAPIST})
    )
    return {
        "a": (pair.a, pair),
        "b": (pair.b, pair),
        "therapist": (pair.therapist, pair),
        "neighbour": (neighbours.a, pair),
        "neighbours' therapist": (neighbours.therapist, pair),
        "other practice": (elsewhere.a, pair),
        "other practice's therapist": (elsewhere.therapist, pair),
        "desk": (desk, pair),
        "admin": (admin, pair),
        "colleague without caseload": (colleague, pair),
        "partner without a couple": (replace(pair.a, couples=frozenset()), pair),
        "the house on this couple": (House(practice, frozenset({pair.couple_id})), pair),
        "the house on no couple": (House(practice), pair),
    }


def write_every_case(records: Records, pair: Pair) -> list[Feedback]:
    """One row for each audience, moment of sending and opening, list policy, author and addressee."""
    rows = []
    with records.within(House(pair.a.practice_id, frozenset({pair.couple_id}))) as scope:
        copy = scope.add(ExerciseCopy(slug="x", source="", created_at=scope.now))
        assignment = scope.add(
            Assignment(
                couple_id=pair.couple_id,
                copy_id=copy.id,
                slug="x",
                whom="both",
                recurrence="once",
                opens_at=scope.now,
                author_id=pair.therapist.account_id,
                created_at=scope.now,
                once_key="k",
            )
        )
        authors = (pair.a.account_id, pair.b.account_id, pair.therapist.account_id)
        addressees = (None, pair.a.account_id, pair.b.account_id)
        cases = product(Audience, MOMENTS, MOMENTS, (False, True), authors, addressees)
        for number, (audience, sent_at, open_at, lists_open, author, addressee) in enumerate(cases):
            rows.append(
                Feedback(
                    couple_id=pair.couple_id,
                    assignment_id=assignment.id,
                    audience=audience,
                    sent_at=sent_at,
                    open_at=open_at,
                    lists_open=lists_open,
                    author_id=author,
                    addressee_id=addressee,
                    body_sealed=b"",
                    once_key=str(number),
                )
            )
        scope.add_all(rows)
    return rows


def test_the_sql_filter_returns_exactly_what_the_privacy_table_allows(records: Records, world: World) -> None:
    viewers = people_around(world)
    rows = write_every_case(records, viewers["a"][1])
    for name, (viewer, _pair) in viewers.items():
        allowed = {row.id for row in rows if may_read(viewer, row.facts(), MORNING)}
        with records.within(viewer, read_only=True) as scope:
            found = {row.id for row in scope.all(scope.select(Feedback))}
        assert found == allowed, name


def test_a_joint_scope_returns_only_what_each_of_its_people_may_read(records: Records, world: World) -> None:
    viewers = people_around(world)
    pair = viewers["a"][1]
    rows = write_every_case(records, pair)
    together = (pair.therapist, pair.a, pair.b)
    allowed = {row.id for row in rows if all(may_read(viewer, row.facts(), MORNING) for viewer in together)}
    with records.within(pair.therapist, read_only=True) as scope:
        joint = scope.joined_by([pair.a, pair.b])
        found = {row.id for row in joint.all(joint.select(Feedback))}
    assert found == allowed
    assert found


def readers(audience: Audience) -> set[tuple[Reader, Rule]]:
    return set(PRIVACY[audience].items())


@pytest.mark.parametrize("audience", list(Audience))
def test_every_audience_has_a_row_and_a_label_and_its_author_always_reads(audience: Audience) -> None:
    assert PRIVACY[audience][Reader.AUTHOR] is Rule.ALWAYS
    assert audience in LABELS


def test_the_privacy_table_is_the_one_that_was_agreed() -> None:
    author = (Reader.AUTHOR, Rule.ALWAYS)
    assert readers(Audience.PRIVATE) == {author}
    assert readers(Audience.THERAPIST) == {author, (Reader.THERAPIST, Rule.SENT)}
    assert readers(Audience.OVERLAP) == {author, (Reader.THERAPIST, Rule.LISTS)}
    assert readers(Audience.HELD) == {author, (Reader.THERAPIST, Rule.SENT), (Reader.PARTNER, Rule.OPEN)}
    assert readers(Audience.COUPLE) == {author, (Reader.THERAPIST, Rule.SENT), (Reader.PARTNER, Rule.OPEN)}
    assert readers(Audience.DAYS) == {author, (Reader.THERAPIST, Rule.SENT)}
    assert readers(Audience.NOTE) == {author, (Reader.THERAPIST, Rule.SENT)}
    assert readers(Audience.REPLY) == {author, (Reader.THERAPIST, Rule.SENT), (Reader.ADDRESSEE, Rule.SENT)}
    assert readers(Audience.REPLY_BOTH) == {
        author,
        (Reader.THERAPIST, Rule.SENT),
        (Reader.PARTNER, Rule.SENT),
    }


def test_nobody_reads_what_was_not_sent_but_its_author(records: Records, world: World) -> None:
    viewers = people_around(world)
    pair = viewers["a"][1]
    drafts = [row for row in write_every_case(records, pair) if row.sent_at is None]
    for name, (viewer, _pair) in viewers.items():
        readable = [row for row in drafts if may_read(viewer, row.facts(), MORNING)]
        if name == "the house on this couple":
            continue
        assert all(row.author_id == viewer.account_id for row in readable), name


def test_every_permission_is_in_the_policy_and_admins_and_desks_never_reach_content() -> None:
    assert set(POLICY) == set(Permission)
    assert set(REACH) == set(product(Matter, Role))
    assert REACH[Matter.CONTENT, Role.ADMIN] is REACH[Matter.CONTENT, Role.DESK] is Reach.NONE
    reading = {Permission.REVIEW, Permission.REPORT, Permission.ASSIGN, Permission.DO_HOMEWORK}
    for role in (Role.ADMIN, Role.DESK):
        viewer = Viewer("p", "x", frozenset({role}), frozenset({"c"}))
        assert not any(allows(viewer, permission) for permission in reading)
        assert not reaches(viewer, Matter.CONTENT, "c")


def test_a_permission_names_a_couple_only_if_it_is_one_of_the_viewers_own() -> None:
    therapist = Viewer("p", "t", frozenset({Role.THERAPIST}), frozenset({"c"}))
    require(therapist, Permission.REVIEW, couple_id="c")
    for couple, permission in (("d", Permission.REVIEW), ("c", Permission.DO_HOMEWORK)):
        with pytest.raises(Refused):
            require(therapist, permission, couple_id=couple)
    assert reaches(therapist, Matter.DIRECTORY, "c")
    assert not reaches(therapist, Matter.DIRECTORY, "d")


def test_no_couples_means_none() -> None:
    now: datetime = MORNING
    partner = Viewer("p", "x", frozenset({Role.PARTNER}), frozenset(), Seat.A)
    assert str(visible(Feedback, partner, now).compile(compile_kwargs={"literal_binds": True})).startswith(
        "false"
    )
    assert issubclass(Feedback, Audienced)
