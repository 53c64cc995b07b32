"""Keeping, sharing, un-sharing and deleting entries, and who can tell that they are there."""

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises import care_commands, commands, queries, review_queries
from portal.exercises.models import Answer, AssignmentState, Draft, Response
from portal.exercises.parts.journals import commands as journals
from portal.exercises.parts.journals import queries as journal_queries
from portal.exercises.parts.journals.commands import Blank, Changed
from tests.exercises.doing import give, task_of
from tests.exercises.journals.keeping import (
    FIRST,
    OPEN,
    SLUG,
    discard,
    entries,
    share,
    stop,
    write,
)
from tests.factories import Pair, World


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


@pytest.fixture
def given(records: Records, pair: Pair) -> str:
    return give(records, pair, SLUG)


def seen_rows(records: Records, viewer: Viewer) -> int:
    """How many rows about writing somebody can see in any way."""
    with records.within(viewer, read_only=True) as scope:
        return sum(len(scope.all(scope.select(model))) for model in (Response, Answer, Draft))


def trail(records: Records, pair: Pair) -> list[str]:
    with records.within(House(pair.a.practice_id), read_only=True) as scope:
        found = scope.all(scope.select(AuditEntry))
    return sorted(str(each.action) for each in found if each.actor_id == pair.a.account_id)


def read_by(records: Records, viewer: Viewer, given: str) -> list[dict[str, object]]:
    with records.within(viewer, read_only=True) as scope:
        return [dict(each.values) for each in queries.written(scope, [given])]


def unread(records: Records, pair: Pair) -> int:
    with records.within(pair.therapist, read_only=True) as scope:
        return review_queries.unread_count(scope)


def test_entries_are_kept_newest_first_and_nobody_else_can_see_a_row_of_them(
    records: Records, world: World, pair: Pair, given: str
) -> None:
    before = [seen_rows(records, viewer) for viewer in (pair.b, pair.therapist)]
    write(records, pair.a, given, {"entry": "I drift off.", "mood": 4})
    world.clock.move(commands.TAKE_BACK)
    write(records, pair.a, given, {"first_move": "I looked at my phone."}, name=FIRST)

    found = entries(records, pair.a, given)

    assert [each.name for each in found] == [FIRST, OPEN]
    assert dict(found[1].values) == {"entry": "I drift off.", "mood": 4}
    assert all(each.is_private for each in found)
    assert [seen_rows(records, viewer) for viewer in (pair.b, pair.therapist)] == before == [0, 0]
    assert trail(records, pair) == []


def test_leaving_a_journal_out_is_nobodys_business_either(records: Records, pair: Pair, given: str) -> None:
    with records.within(pair.a) as scope:
        commands.decline(scope, task_of(scope, pair.a, given))
    assert seen_rows(records, pair.therapist) == 0


def test_sharing_with_the_therapist_opens_one_entry_to_them_alone(
    records: Records, pair: Pair, given: str
) -> None:
    write(records, pair.a, given, {"entry": "For Ines.", "closeness": 2})
    write(records, pair.a, given, {"first_move": "For nobody."}, name=FIRST)

    share(records, pair.a, given, audience=Audience.THERAPIST)

    assert read_by(records, pair.therapist, given) == [{"entry": "For Ines.", "closeness": 2}]
    assert read_by(records, pair.b, given) == []
    assert unread(records, pair) == 1
    assert trail(records, pair) == [Action.WIDENED]
    with records.within(pair.therapist, read_only=True) as scope:
        assert [each.period for each in review_queries.work(scope, given).responses] == [OPEN]


def test_sharing_with_both_opens_it_to_the_partner_and_marks_nothing_as_answered_by_both(
    records: Records, pair: Pair, given: str
) -> None:
    write(records, pair.a, given, {"entry": "For us."})

    share(records, pair.a, given)

    assert (
        read_by(records, pair.b, given) == read_by(records, pair.therapist, given) == [{"entry": "For us."}]
    )
    with records.within(pair.b, read_only=True) as scope:
        assert [each.assignment.id for each in queries.together(scope)] == [given]
        assert queries.together(scope)[0].assignment.both_sent_at is None


def test_sharing_goes_on_to_more_people_and_never_to_fewer(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "Step by step."})
    share(records, pair.a, given, audience=Audience.THERAPIST)
    share(records, pair.a, given, audience=Audience.COUPLE)
    assert read_by(records, pair.b, given) == [{"entry": "Step by step."}]
    with pytest.raises(Refused):
        share(records, pair.a, given, audience=Audience.THERAPIST)
    assert trail(records, pair) == [Action.WIDENED, Action.WIDENED]


def test_sharing_twice_is_sharing_once(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "Once."})
    share(records, pair.a, given)
    share(records, pair.a, given, mark="whatever the page had")
    assert trail(records, pair) == [Action.WIDENED]


def test_only_the_words_that_the_page_showed_are_shared(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "Mild."})
    mark = entries(records, pair.a, given)[0].mark
    write(records, pair.a, given, {"entry": "What I would never show."})
    with pytest.raises(Changed):
        share(records, pair.a, given, mark=mark)
    assert seen_rows(records, pair.therapist) == 0


def test_an_empty_page_cant_be_shared(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "Words"})
    write(records, pair.a, given, {"entry": None})
    with pytest.raises(Blank):
        share(records, pair.a, given)


@pytest.mark.parametrize("audience", [Audience.PRIVATE, Audience.HELD, Audience.OVERLAP, Audience.NOTE])
def test_there_is_no_other_way_to_share(records: Records, pair: Pair, given: str, audience: Audience) -> None:
    write(records, pair.a, given, {"entry": "Words"})
    if audience is Audience.PRIVATE:
        share(records, pair.a, given, audience=audience)
    else:
        with pytest.raises(Refused):
            share(records, pair.a, given, audience=audience)
    assert seen_rows(records, pair.therapist) == 0


def test_what_is_shared_no_longer_is_private_again_with_every_word_and_it_is_written_down(
    records: Records, pair: Pair, given: str
) -> None:
    write(records, pair.a, given, {"entry": "For us.", "mood": 1})
    share(records, pair.a, given)
    with records.within(pair.therapist) as scope:
        care_commands.mark_read(scope, given)

    stop(records, pair.a, given)

    assert seen_rows(records, pair.b) == seen_rows(records, pair.therapist) == 0
    assert dict(entries(records, pair.a, given)[0].values) == {"entry": "For us.", "mood": 1}
    assert trail(records, pair) == [Action.TAKEN_BACK, Action.WIDENED]
    stop(records, pair.a, given)
    assert len(trail(records, pair)) == 2


def test_sharing_anew_is_new_to_the_therapist(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "For us."})
    share(records, pair.a, given)
    with records.within(pair.therapist) as scope:
        care_commands.mark_read(scope, given)
    assert unread(records, pair) == 0
    stop(records, pair.a, given)
    share(records, pair.a, given)
    assert unread(records, pair) == 1


def test_a_private_entry_is_deleted_without_a_trace_and_a_shared_one_only_after_it_is_private_again(
    records: Records, pair: Pair, given: str
) -> None:
    write(records, pair.a, given, {"entry": "Gone soon."})
    share(records, pair.a, given)
    with pytest.raises(Refused):
        discard(records, pair.a, given)
    stop(records, pair.a, given)

    discard(records, pair.a, given)
    discard(records, pair.a, given)

    assert entries(records, pair.a, given) == []
    with records.within(House(pair.a.practice_id, frozenset({pair.couple_id})), read_only=True) as scope:
        assert [len(scope.all(scope.select(model))) for model in (Response, Answer, Draft)] == [0, 0, 0]
    assert trail(records, pair) == [Action.TAKEN_BACK, Action.WIDENED]


def test_after_the_end_of_the_assignment_the_pages_stay_their_writers(
    records: Records, pair: Pair, given: str
) -> None:
    write(records, pair.a, given, {"entry": "Still mine."})
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)

    with pytest.raises(commands.TooLate):
        write(records, pair.a, given, {"first_move": "Too late."}, name=FIRST)
    share(records, pair.a, given)
    assert read_by(records, pair.b, given) == [{"entry": "Still mine."}]
    stop(records, pair.a, given)
    discard(records, pair.a, given)
    assert entries(records, pair.a, given) == []


def test_nobody_touches_the_entries_of_another(records: Records, pair: Pair, given: str) -> None:
    write(records, pair.a, given, {"entry": "Mine."})
    for act in (share, stop):
        with pytest.raises(Refused):
            act(records, pair.b, given)
    discard(records, pair.b, given)
    assert len(entries(records, pair.a, given)) == 1
    with records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
    with records.within(pair.therapist) as scope:
        for forbidden in (
            lambda: journals.discard(scope, task, OPEN),
            lambda: journals.share(scope, task, OPEN, audience=Audience.COUPLE, mark=""),
            lambda: journals.stop_sharing(scope, task, OPEN),
        ):
            with pytest.raises(Refused):
                forbidden()


def test_the_name_of_a_new_entry_is_the_same_until_it_is_taken_and_says_nothing_to_others(
    records: Records, pair: Pair, given: str
) -> None:
    with records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
        first = journal_queries.new_name(scope, task, 2, ())
        assert journal_queries.new_name(scope, task, 2, ()) == first
        second = journal_queries.new_name(scope, task, 2, {first})
        assert second != first
        assert journal_queries.new_name(scope, task, 2, {second}) == first
    with records.within(pair.b, read_only=True) as scope:
        assert journal_queries.new_name(scope, task_of(scope, pair.b, given), 2, ()) != first


@pytest.mark.parametrize("name", ["", "1", "2026-W47", "abcdefgh-99", "abcdefgh-1", "ABCDEFGH-01"])
def test_other_names_are_no_entries(records: Records, pair: Pair, given: str, name: str) -> None:
    with records.within(pair.a, read_only=True) as scope, pytest.raises(Refused):
        journal_queries.entry_task(scope, task_of(scope, pair.a, given), name)
