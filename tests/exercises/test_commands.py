"""What partners and therapists do with exercises, and what each of them sees of it before and after."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import Seat
from portal.exercises import care_commands, commands, partner_pages, queries, review_queries
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.exercises.models import Answer, AssignmentState, Draft, Feedback, Response, Whom
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from portal.web.visibility import Names
from tests.exercises.doing import answer_ids, fill, give, open_item, send, task_of, type_in
from tests.factories import Pair, World

OPEN, MAYBE, NOT_NOW = "comfortable", "maybe", "not_now"


def seen_by(records: Records, viewer: object, assignment_id: str) -> list[tuple[str, dict[str, object]]]:
    """Return (author, values) of everything that a viewer may read of an assignment."""
    with records.within(viewer, read_only=True) as scope:  # type: ignore[arg-type]
        return [(each.author_id, dict(each.values)) for each in queries.written(scope, [assignment_id])]


def options() -> list[str]:
    return [item.key for item in library()["touch-menu"].form.questions]


def matches(records: Records, pair: Pair, assignment_id: str) -> list[tuple[str, str]] | None:
    """Return what both partners see of an overlap; it must be the same for both."""
    seen = []
    for viewer in (pair.a, pair.b):
        with records.within(viewer, read_only=True) as scope:
            task = task_of(scope, viewer, assignment_id)
            found = queries.matches(scope, task.assignment, task.exercise)
            seen.append(None if found is None else [(each.option, each.level) for each in found])
    assert seen[0] == seen[1]
    return seen[0]


@pytest.fixture
def pair(world: World) -> Pair:
    return world.sample


def test_an_assignment_keeps_the_definition_as_it_was_and_is_given_once(records: Records, pair: Pair) -> None:
    plan = care_commands.Plan(couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
    for _ in range(2):
        with records.within(pair.therapist) as scope:
            first = care_commands.assign(scope, library()["i-statements"], plan, once_key="same key")
    with records.within(pair.therapist, read_only=True) as scope:
        work = review_queries.work_of(scope, pair.couple_id)
        assert [each.assignment.id for each in work] == [first.id]
        assert work[0].exercise == library()["i-statements"]
        assert scope.count(scope.select(OutgoingMail)) == 2


def test_only_their_own_therapist_assigns_and_nothing_is_seen_before_its_release(
    records: Records, pair: Pair, world: World
) -> None:
    other = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    plan = care_commands.Plan(
        couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE, release=False
    )
    for viewer in (other.therapist, pair.a):
        with pytest.raises(Refused), records.within(viewer) as scope:
            care_commands.assign(scope, library()["i-statements"], plan, once_key="k")
    prepared = give(records, pair, "i-statements", release=False)
    with pytest.raises(Refused), records.within(pair.a, read_only=True) as scope:
        task_of(scope, pair.a, prepared)
    with records.within(pair.therapist) as scope:
        care_commands.release(scope, prepared)
        care_commands.release(scope, prepared)
    with records.within(pair.a, read_only=True) as scope:
        assert task_of(scope, pair.a, prepared).state is None


def test_what_asks_only_one_partner_is_not_there_for_the_other(records: Records, pair: Pair) -> None:
    only_a = give(records, pair, "i-statements", whom=Whom.A)
    with records.within(pair.b, read_only=True) as scope:
        with pytest.raises(Refused):
            task_of(scope, pair.b, only_a)
        assert queries.my_tasks(scope, seat=Seat.B, today=scope.now.date()) == []


def test_a_draft_is_its_writers_alone(records: Records, pair: Pair) -> None:
    given = give(records, pair, "warning-signs")
    type_in(records, pair.a, given, {"distance_hurt": 7})
    for viewer in (pair.b, pair.therapist):
        assert seen_by(records, viewer, given) == []
        with records.within(viewer, read_only=True) as scope:
            assert scope.all(scope.select(Draft)) == []
    with records.within(pair.b, read_only=True) as scope:
        assert scope.all(scope.select(Response)) == []


def test_therapist_answers_reach_the_therapist_once_sent_and_the_partner_never(
    records: Records, pair: Pair
) -> None:
    exercise = library()["warning-signs"]
    given = give(records, pair, "warning-signs")
    send(records, pair.a, given, fill(exercise, "from A"))
    send(records, pair.b, given, fill(exercise, "from B"))
    assert {author for author, _ in seen_by(records, pair.therapist, given)} == {
        pair.a.account_id,
        pair.b.account_id,
    }
    assert {author for author, _ in seen_by(records, pair.a, given)} == {pair.a.account_id}


def test_answers_that_open_for_both_open_at_the_second_sending(
    records: Records, pair: Pair, world: World
) -> None:
    exercise = library()["progress-reflection"]
    given = give(records, pair, "progress-reflection")
    send(records, pair.a, given, fill(exercise, "from A"))
    assert seen_by(records, pair.b, given) == []
    world.clock.move(timedelta(days=1))
    send(records, pair.b, given, fill(exercise, "from B"))
    for viewer in (pair.a, pair.b):
        assert {author for author, _ in seen_by(records, viewer, given)} == {
            pair.a.account_id,
            pair.b.account_id,
        }
        with records.within(viewer, read_only=True) as scope:
            assert [each.assignment.id for each in queries.together(scope)] == [given]
            assert not commands.can_take_back(scope, task_of(scope, viewer, given))


def test_sending_twice_counts_once_and_required_things_are_asked_for(records: Records, pair: Pair) -> None:
    exercise = library()["i-statements"]
    given = give(records, pair, "i-statements")
    with records.within(pair.a) as scope, pytest.raises(commands.Incomplete) as missing:
        commands.send(scope, task_of(scope, pair.a, given), once_key="k")
    assert missing.value.errors
    first = send(records, pair.a, given, fill(exercise, "words"), once_key="k")
    with records.within(pair.a) as scope:
        again = commands.send(scope, task_of(scope, pair.a, given), once_key="k")
        assert again.id == first
        other_page = commands.send(scope, task_of(scope, pair.a, given), once_key="another key")
        assert other_page.id == first
    with records.within(pair.a, read_only=True) as scope:
        sent = [e for e in scope.session.scalars(select(AuditEntry)) if e.action == Action.SENT]
        assert len(sent) == 1
        assert scope.count(scope.select(Answer)) == len(exercise.form.questions)


def test_two_windows_neither_lose_words_nor_overwrite_each_other(records: Records, pair: Pair) -> None:
    given = give(records, pair, "i-statements")
    key = library()["i-statements"].form.questions[0].key
    with records.within(pair.a) as scope:
        kept = commands.keep_draft(scope, task_of(scope, pair.a, given), {key: "first window"}, revision=None)
    with records.within(pair.a) as scope:
        commands.keep_draft(
            scope, task_of(scope, pair.a, given), {key: "second window"}, revision=kept.revision
        )
    with records.within(pair.a) as scope, pytest.raises(commands.Conflict) as conflict:
        commands.keep_draft(
            scope, task_of(scope, pair.a, given), {key: "first window, later"}, revision=kept.revision
        )
    assert conflict.value.theirs == {key: "second window"}
    assert conflict.value.mine == {key: "first window, later"}
    with records.within(pair.a) as scope:
        commands.keep_draft(
            scope, task_of(scope, pair.a, given), {key: "chosen"}, revision=kept.revision, replace=True
        )
    with records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == {key: "chosen"}


def test_what_cannot_be_kept_is_named_and_leaves_the_rest(records: Records, pair: Pair) -> None:
    given = give(records, pair, "warning-signs")
    with records.within(pair.a) as scope:
        kept = commands.keep_draft(
            scope, task_of(scope, pair.a, given), {"distance_hurt": 4, "loneliness_hurt": 99}, revision=None
        )
        assert set(kept.errors) == {"loneliness_hurt"}
    with records.within(pair.a) as scope:
        task = task_of(scope, pair.a, given)
        assert queries.my_values(scope, task) == {"distance_hurt": 4}
        commands.keep_draft(scope, task, {"distance_hurt": None}, revision=None)
        assert queries.my_values(scope, task) == {}


def test_leaving_an_exercise_out_shows_to_the_therapist_only(records: Records, pair: Pair) -> None:
    given = give(records, pair, "root-causes")
    type_in(records, pair.a, given, fill(library()["root-causes"], "draft"))
    with records.within(pair.a) as scope:
        commands.decline(scope, task_of(scope, pair.a, given))
    with records.within(pair.b, read_only=True) as scope:
        assert scope.all(scope.select(Response)) == []
        assert scope.all(scope.select(Draft)) == []
    with records.within(pair.therapist, read_only=True) as scope:
        (work,) = review_queries.work_of(scope, pair.couple_id)
        assert [each.state for each in work.responses] == ["declined"]
    with records.within(pair.a) as scope:
        task = task_of(scope, pair.a, given)
        assert commands.begin(scope, task).state == "draft"
        assert queries.my_values(scope, task) == {}


def test_a_sent_letter_can_be_taken_back_for_ten_minutes(records: Records, pair: Pair, world: World) -> None:
    exercise = library()["i-statements"]
    given = give(records, pair, "i-statements")
    send(records, pair.a, given, fill(exercise, "too soon"))
    world.clock.move(timedelta(minutes=9))
    with records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    assert seen_by(records, pair.b, given) == seen_by(records, pair.therapist, given) == []
    with records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == fill(exercise, "too soon")
    send(records, pair.a, given, {})
    world.clock.move(timedelta(minutes=11))
    with pytest.raises(commands.TooLate), records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))


def test_a_letter_for_later_arrives_at_its_time(records: Records, pair: Pair, world: World) -> None:
    given = give(records, pair, "surprise-note")
    later = Delivery(DeliveryKind.LATER, world.clock.now() + timedelta(days=2))
    send(records, pair.a, given, fill(library()["surprise-note"], "a note"), delivery=later)
    assert seen_by(records, pair.b, given) == []
    assert seen_by(records, pair.therapist, given)
    world.clock.move(timedelta(days=2))
    assert [author for author, _ in seen_by(records, pair.b, given)] == [pair.a.account_id]


def test_a_held_letter_waits_for_the_therapist(records: Records, pair: Pair, world: World) -> None:
    given = give(records, pair, "honest-account")
    response = send(
        records,
        pair.a,
        given,
        fill(library()["honest-account"], "held"),
        delivery=Delivery(DeliveryKind.HELD),
    )
    send(
        records,
        pair.b,
        given,
        fill(library()["honest-account"], "mine"),
        delivery=Delivery(DeliveryKind.HELD),
    )
    world.clock.move(timedelta(days=30))
    assert {author for author, _ in seen_by(records, pair.b, given)} == {pair.b.account_id}
    held = answer_ids(records, pair.therapist, response)
    with pytest.raises(Refused), records.within(pair.b) as scope:
        care_commands.open_held(scope, held["about"])
    open_item(records, pair.therapist, response, "about")
    # A letter is one thing: all of its parts are open now.
    assert seen_by(records, pair.b, given)[0][1].keys() == held.keys()
    assert {author for author, _ in seen_by(records, pair.b, given)} == {pair.a.account_id, pair.b.account_id}
    assert {author for author, _ in seen_by(records, pair.a, given)} == {pair.a.account_id}


def test_a_letter_is_answered_by_a_guided_choice_or_not_at_all(records: Records, pair: Pair) -> None:
    given = give(records, pair, "appreciations")
    response = send(records, pair.a, given, fill(library()["appreciations"], "thanks"))
    spec = library()["appreciations"].spec(LetterSpec)
    assert spec is not None
    spec_responses = [each.key for each in spec.responses]
    with pytest.raises(Refused), records.within(pair.b) as scope:
        commands.react(scope, response, "no such choice")
    with pytest.raises(Refused), records.within(pair.a) as scope:
        commands.react(scope, response, spec_responses[0])
    for choice in spec_responses[:2]:
        with records.within(pair.b) as scope:
            commands.react(scope, response, choice)
    with records.within(pair.a, read_only=True) as scope:
        assert queries.reactions(scope, [response]) == {response: spec_responses[:2][-1]}


@pytest.mark.parametrize("sees", list(TherapistSees))
def test_an_overlap_shows_only_what_both_are_open_to_at_the_lower_level(
    records: Records, pair: Pair, sees: TherapistSees
) -> None:
    first, second, third, fourth = options()[:4]
    given = give(records, pair, "touch-menu", sees=sees)
    send(records, pair.a, given, {first: OPEN, second: OPEN, third: NOT_NOW, fourth: MAYBE})
    assert matches(records, pair, given) == []
    send(records, pair.b, given, {first: OPEN, second: MAYBE, third: OPEN, fourth: NOT_NOW})
    assert matches(records, pair, given) == [(first, OPEN), (second, MAYBE)]
    for viewer in (pair.a, pair.b):
        assert {author for author, _ in seen_by(records, viewer, given)} == {viewer.account_id}
    lists = seen_by(records, pair.therapist, given)
    assert len(lists) == (2 if sees is TherapistSees.LISTS else 0)


def test_an_overlap_changes_silently_and_ends_when_the_first_consent_ends(
    records: Records, pair: Pair, world: World
) -> None:
    first, second = options()[:2]
    given = give(records, pair, "touch-menu")
    send(records, pair.a, given, {first: OPEN, second: OPEN})
    send(records, pair.b, given, {first: OPEN, second: OPEN})
    with records.within(pair.therapist, read_only=True) as scope:
        mails = scope.count(scope.select(OutgoingMail))
    world.clock.move(timedelta(days=3))
    send(records, pair.a, given, {second: None})
    assert matches(records, pair, given) == [(first, OPEN)]
    send(records, pair.a, given, {first: None})
    assert matches(records, pair, given) == []
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(OutgoingMail)) == mails
    send(records, pair.a, given, {first: MAYBE})
    assert matches(records, pair, given) == [(first, MAYBE)]
    world.clock.move(timedelta(days=400))
    assert matches(records, pair, given) == []


def test_a_tracker_is_logged_once_a_day_and_can_be_corrected(
    records: Records, pair: Pair, world: World
) -> None:
    given = give(records, pair, "daily-five", recurrence=Recurrence.DAILY)
    choices = [option.key for option in library()["daily-five"].form.questions[0].options]
    send(records, pair.a, given, {"log": choices[0], "log_note": "short and good"})
    send(records, pair.a, given, {"log": choices[1]})
    world.clock.move(timedelta(days=1))
    send(records, pair.a, given, {"log": choices[0]})
    with records.within(pair.therapist, read_only=True) as scope:
        found = queries.logs(scope, given)
    assert [(period, values["log"]) for period, _author, values in found] == [
        ("2026-11-19", choices[1]), ("2026-11-20", choices[0]),
    ]  # fmt: skip
    with records.within(pair.b, read_only=True) as scope:
        task = task_of(scope, pair.b, given)
        habit = task.exercise.spec(TrackerSpec)
        assert habit is not None
        read = {item for _p, _a, values in queries.logs(scope, given) for item in values}
        assert read == {"log_note"}, "the other reads notes, and no log"
        done = {day for day, key in ((19, choices[1]), (20, choices[0])) if key in habit.done_keys}
        assert {each.day for each in queries.noted_days(scope, task.assignment, habit)} == done


def test_sharing_is_one_answer_at_a_time_and_for_one_version(records: Records, pair: Pair) -> None:
    exercise = library()["warning-signs"]
    given = give(records, pair, "warning-signs")
    send(records, pair.a, given, fill(exercise, "A"))
    with records.within(pair.a) as scope:
        answer = scope.one(scope.select(Answer).where(Answer.item == "distance_hurt"))
        commands.share(scope, answer.id)
    assert seen_by(records, pair.b, given) == [(pair.a.account_id, {"distance_hurt": 0})]
    with pytest.raises(Refused), records.within(pair.b) as scope:
        commands.share(scope, answer.id)
    with pytest.raises(Refused), records.within(pair.therapist) as scope:
        commands.share(scope, answer.id)
    send(records, pair.a, given, {"distance_hurt": 3})
    assert seen_by(records, pair.b, given) == []


def test_answers_about_safety_can_never_be_shared(records: Records, pair: Pair) -> None:
    given = give(records, pair, "stressors")
    send(records, pair.a, given, fill(library()["stressors"], "A"))
    with records.within(pair.a) as scope:
        for answer in scope.all(scope.select(Answer)):
            with pytest.raises(Refused):
                commands.share(scope, answer.id)


def test_an_ended_assignment_takes_nothing_more_but_keeps_what_was_sent(records: Records, pair: Pair) -> None:
    exercise = library()["i-statements"]
    given = give(records, pair, "i-statements")
    send(records, pair.a, given, fill(exercise, "sent"))
    type_in(records, pair.b, given, {exercise.form.questions[0].key: "half"})
    with records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.WITHDRAWN)
    with records.within(pair.b) as scope:
        task = task_of(scope, pair.b, given)
        for act in (
            lambda: commands.keep_draft(scope, task, {}, revision=None),
            lambda: commands.send(scope, task, once_key="k"),
            lambda: commands.decline(scope, task),
        ):
            with pytest.raises(commands.TooLate):
                act()
    assert len(seen_by(records, pair.b, given)) == 1


def test_reviewing_marks_what_was_sent_and_new_rounds_are_new(
    records: Records, pair: Pair, world: World
) -> None:
    exercise = library()["warning-signs"]
    given = give(records, pair, "warning-signs", recurrence=Recurrence.WEEKLY)
    send(records, pair.a, given, fill(exercise, "week one"))
    with records.within(pair.therapist) as scope:
        assert [each.assignment.id for each in review_queries.to_read(scope)] == [given]
        care_commands.mark_read(scope, given)
        assert review_queries.to_read(scope) == []
    world.clock.move(timedelta(days=7))
    send(records, pair.a, given, fill(exercise, "week two"))
    with records.within(pair.therapist, read_only=True) as scope:
        (work,) = review_queries.to_read(scope)
        assert len(work.responses) == 2
        assert work.unread
        latest = work.latest(pair.a.account_id)
        assert latest is not None
        assert latest.reviewed_at is None
    with pytest.raises(Refused), records.within(pair.a) as scope:
        care_commands.mark_read(scope, given)


def test_a_therapists_words_reach_exactly_whom_they_are_for(records: Records, pair: Pair) -> None:
    given = give(records, pair, "i-statements")
    with records.within(pair.therapist) as scope:
        for number, (to, seat) in enumerate(
            [(Audience.NOTE, None), (Audience.REPLY, Seat.A), (Audience.REPLY_BOTH, None)]
        ):
            for _ in range(2):
                care_commands.give_feedback(
                    scope, given, f"words {to}", to=to, seat=seat, once_key=str(number)
                )
        for to in (Audience.COUPLE, Audience.REPLY):
            with pytest.raises(Refused):
                care_commands.give_feedback(scope, given, "words", to=to, once_key="other")
    expected = {
        pair.a: {"words reply", "words reply-both"},
        pair.b: {"words reply-both"},
        pair.therapist: {"words note", "words reply", "words reply-both"},
    }
    for viewer, words in expected.items():
        with records.within(viewer, read_only=True) as scope:
            assert {each.body for each in queries.feedback(scope, [given])} == words
            assert scope.count(scope.select(Feedback)) == len(words)


def test_nothing_is_asked_of_the_database_for_nothing(records: Records, pair: Pair) -> None:
    with records.within(pair.a, read_only=True) as scope:
        assert queries.written(scope, []) == []
        assert queries.feedback(scope, []) == []
        assert queries.reactions(scope, []) == {}
        assert queries.together(scope) == []
    with records.within(pair.therapist, read_only=True) as scope:
        assert review_queries.work_of(scope, pair.couple_id) == []


def mails_to(records: Records, pair: Pair, account_id: str) -> list[OutgoingMail]:
    with records.within(pair.therapist, read_only=True) as scope:
        return scope.all(scope.select(OutgoingMail).where(OutgoingMail.account_id == account_id))


def clear_mails(records: Records, pair: Pair) -> None:
    with records.within(pair.therapist) as scope:
        for mail in scope.all(scope.select(OutgoingMail)):
            scope.delete(mail)


def test_a_partner_is_told_when_something_opens_to_them_and_never_otherwise(
    records: Records, pair: Pair, world: World
) -> None:
    alone = give(records, pair, "warning-signs")
    letter = give(records, pair, "i-statements")
    note = give(records, pair, "surprise-note")
    both = give(records, pair, "progress-reflection")
    touch = give(records, pair, "touch-menu")
    clear_mails(records, pair)
    first = options()[0]
    send(records, pair.a, alone, fill(library()["warning-signs"], "A"))
    send(records, pair.a, both, fill(library()["progress-reflection"], "A"))
    send(records, pair.a, touch, {first: OPEN})
    send(records, pair.b, alone, fill(library()["warning-signs"], "B"))
    assert mails_to(records, pair, pair.a.account_id) == mails_to(records, pair, pair.b.account_id) == []
    send(records, pair.b, touch, {first: OPEN})
    assert len(mails_to(records, pair, pair.a.account_id)) == 1
    clear_mails(records, pair)
    send(records, pair.b, touch, {first: MAYBE})
    assert mails_to(records, pair, pair.a.account_id) == []
    send(records, pair.a, letter, fill(library()["i-statements"], "A"))
    assert len(mails_to(records, pair, pair.b.account_id)) == 1
    clear_mails(records, pair)
    later = world.clock.now() + timedelta(days=2)
    send(
        records,
        pair.a,
        note,
        fill(library()["surprise-note"], "A"),
        delivery=Delivery(DeliveryKind.LATER, later),
    )
    assert [mail.due_at for mail in mails_to(records, pair, pair.b.account_id)] == [later]


def test_a_declined_answer_opens_like_one_that_was_left_out(records: Records, pair: Pair) -> None:
    exercise = library()["progress-reflection"]
    texts = [item.key for item in exercise.form.questions if item.kind == "long" and item.prefer_not]
    seen = []
    for value in ({"declined": True}, None):
        given = give(records, pair, "progress-reflection")
        send(records, pair.a, given, fill(exercise, "A"))
        send(records, pair.b, given, {**fill(exercise, "B"), texts[0]: value})
        with records.within(pair.a, read_only=True) as scope:
            found = partner_pages.opened(scope, given, Names(), me=pair.a.account_id)["found"]
            seen.append(
                [(each.page, each.item, each.mine, each.theirs, each.numbers) for each in found.questions]
            )
    assert seen[0] == seen[1]
    assert any(not theirs for _page, _item, _mine, theirs, _numbers in seen[0])
