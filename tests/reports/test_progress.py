"""A progress report says what each of its readers may read, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask_babel import Babel
from pypdf import PdfReader

from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import Seat
from portal.exercises import care_commands, commands
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.models import Answer, Whom
from portal.exercises.shelf import library
from portal.reports.base import Copy
from portal.reports.printing import open_press, progress_page
from portal.reports.words import keep_words, note_made, words_for
from portal.web import render
from tests.exercises.doing import fill, give, send, type_in
from tests.factories import Pair, World
from tests.made_ready import warm_press

SIGNS = ("quality_time", "distance", "unmet_needs", "loneliness", "talking")


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """Just enough of the portal to set type."""
    app = Flask("portal", template_folder=str(render.templates_folder()))
    Babel(app)
    render.install(app)
    with app.app_context():
        yield app


def signs(hurt: int, words: str) -> dict[str, object]:
    filled = fill(library()["warning-signs"], words)
    return {**filled, **{f"{sign}_hurt": hurt for sign in SIGNS}}


@pytest.fixture
def pair(records: Records, world: World) -> Pair:
    """A couple with a little history in which every kind of text carries a mark of its own."""
    pair = world.sample
    for hurt, mark in ((8, "FIRST"), (4, "SECOND")):
        given = give(records, pair, "warning-signs")
        send(records, pair.a, given, signs(hurt, f"ALONE-A-{mark}"))
        send(records, pair.b, given, signs(hurt - 1, f"ALONE-B-{mark}"))
        world.clock.move(timedelta(days=30))
    letter = give(records, pair, "i-statements")
    send(records, pair.a, letter, fill(library()["i-statements"], "LETTER-A"))
    later = Delivery(DeliveryKind.LATER, world.clock.now() + timedelta(days=90))
    send(
        records, pair.b, give(records, pair, "surprise-note"), fill(library()["surprise-note"], "LATER-B"),
        delivery=later,
    )  # fmt: skip
    type_in(records, pair.b, letter, fill(library()["i-statements"], "DRAFT-B"))
    touch = give(records, pair, "touch-menu")
    first, second = [item.key for item in library()["touch-menu"].form.questions][:2]
    send(records, pair.a, touch, {first: "comfortable", second: "not_now"})
    send(records, pair.b, touch, {first: "comfortable", second: "comfortable"})
    give(records, pair, "what-i-miss", whom=Whom.A)
    habit = give(records, pair, "daily-five", recurrence=Recurrence.DAILY)
    done = library()["daily-five"].form.questions[0].options[0].key
    for day in (0, 1, 2, 14, 15):
        world.clock.move(timedelta(days=day and 1 if day != 14 else 12))
        send(records, pair.a, habit, {"log": done, "log_note": "LOG-A"})
    with records.within(pair.therapist) as scope:
        for to, seat in ((Audience.NOTE, None), (Audience.REPLY, Seat.A), (Audience.REPLY_BOTH, None)):
            care_commands.give_feedback(scope, letter, f"FEEDBACK-{to}", to=to, seat=seat, once_key=to)
        keep_words(scope, pair.couple_id, Copy.CLINICIAN, summary="", comment="COMMENT-CLINICIAN")
        keep_words(
            scope, pair.couple_id, Copy.JOINT, summary="SUMMARY-JOINT by hand.", comment="COMMENT-JOINT"
        )
    world.clock.move(timedelta(days=1))
    return pair


def printed(app: Flask, records: Records, pair: Pair, copy: Copy) -> str:
    """Return the text of the PDF for one kind of reader."""
    del app
    with records.within(pair.therapist, read_only=True) as scope:
        found = warm_press().progress(progress_page(scope, pair.couple_id, copy))
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(found.pdf)).pages).split())


def test_the_joint_copy_holds_only_what_both_may_read(app: Flask, records: Records, pair: Pair) -> None:
    text = printed(app, records, pair, Copy.JOINT)
    for allowed in ("LETTER-A", "SUMMARY-JOINT", "COMMENT-JOINT", "Sam Wren", "Alex Holm", "five minutes"):
        assert allowed.casefold() in text.casefold(), allowed
    forbidden = (
        "ALONE-",
        "LATER-B",
        "DRAFT-B",
        "FEEDBACK-",
        "COMMENT-CLINICIAN",
        library()["what-i-miss"].title,
    )
    for words in forbidden:
        assert words not in text, words


def test_the_clinicians_copy_holds_what_was_told_alone_and_no_draft(
    app: Flask, records: Records, pair: Pair
) -> None:
    text = printed(app, records, pair, Copy.CLINICIAN)
    for allowed in ("ALONE-A-SECOND", "ALONE-B-SECOND", "LETTER-A", "COMMENT-CLINICIAN"):
        assert allowed in text, allowed
    for words in ("DRAFT-B", "FEEDBACK-", "COMMENT-JOINT", "SUMMARY-JOINT"):
        assert words not in text, words


def test_what_was_told_alone_stands_by_page_with_the_words_at_the_ends_of_its_scale(
    app: Flask, records: Records, pair: Pair
) -> None:
    del app
    given = give(records, pair, "stressors")
    send(records, pair.a, given, fill(library()["stressors"], "ALONE-A-THIRD"))
    with records.within(pair.therapist, read_only=True) as scope:
        alone = progress_page(scope, pair.couple_id, Copy.CLINICIAN).alone[0]
    told = {record.title: record for record in alone.records}
    (outside, *_others) = told[library()["stressors"].title].batches
    assert outside.title == "From outside"
    assert outside.scale == "from “Plays no part” to “Takes up all the room”"
    assert all(len(each.answer) == 1 and each.answer[0].isdigit() for each in outside.told)
    assert all(batch.title for batch in told[library()["warning-signs"].title].batches)


def test_shared_answers_bring_their_signs_into_the_joint_copy(
    app: Flask, records: Records, pair: Pair
) -> None:
    del app
    with records.within(pair.therapist, read_only=True) as scope:
        assert progress_page(scope, pair.couple_id, Copy.JOINT).signs is None
    for viewer in (pair.a, pair.b):
        with records.within(viewer) as scope:
            mine = scope.select(Answer).where(
                Answer.author_id == viewer.account_id,
                Answer.item.in_(["loneliness_hurt", "loneliness_often"]),
            )
            for answer in scope.all(mine):
                commands.share(scope, answer.id)
    with records.within(pair.therapist, read_only=True) as scope:
        page = progress_page(scope, pair.couple_id, Copy.JOINT)
    assert page.signs is not None
    assert [row.title for row in page.signs.rows] == ["Loneliness"]
    assert page.signs.overall is None
    (row,) = page.signs.rows
    assert row.a_then == 4
    assert row.a_now == 2


def test_the_numbers_follow_from_the_answers(app: Flask, records: Records, pair: Pair) -> None:
    del app
    with records.within(pair.therapist, read_only=True) as scope:
        page = progress_page(scope, pair.couple_id, Copy.CLINICIAN)
    assert page.signs is not None
    assert len(page.signs.rows) == 5
    assert page.signs.overall is not None
    assert (page.signs.overall.a_then, page.signs.overall.a_now) == (20, 10)
    assert [len(line.scores) for line in page.courses[0].lines] == [2, 2]
    assert page.together is not None
    assert len(page.together.days) == 5
    states = {given.title: given.states for given in page.exercises}
    assert states[library()["what-i-miss"].title] == ("not started", "–")
    assert [one.who.seat for one in page.alone] == ["a", "b"]


def test_a_period_leaves_out_what_lies_outside(
    app: Flask, records: Records, pair: Pair, world: World
) -> None:
    del app
    with records.within(pair.therapist, read_only=True) as scope:
        today = world.clock.now().date()
        page = progress_page(scope, pair.couple_id, Copy.CLINICIAN, first=today, last=today)
    assert page.signs is None
    assert page.exercises == ()
    assert page.together is None
    assert page.in_short


def test_minutes_stand_week_by_week_for_the_therapist_and_nobody_else(
    app: Flask, records: Records, world: World
) -> None:
    pair = world.sample
    given = give(records, pair, "shared-time", recurrence=Recurrence.WEEKLY)
    for week, (ours, theirs) in enumerate([(90, 30), (0, None), (None, None), (45, 60)]):
        for viewer, minutes in ((pair.a, ours), (pair.b, theirs)):
            said = {} if minutes is None else {"log_minutes": minutes, "log_note": f"NOTE-{week}"}
            send(records, viewer, given, {"log": "real_time", **said})
        world.clock.move(timedelta(days=7))
    with records.within(pair.therapist, read_only=True) as scope:
        clinician, joint = (
            progress_page(scope, pair.couple_id, copy) for copy in (Copy.CLINICIAN, Copy.JOINT)
        )
    [minutes] = clinician.minutes
    assert minutes.title == "Hours that are ours"
    assert [(week.a, week.b, week.apart) for week in minutes.weeks] == [
        (90, 30, 60), (0, None, None), (45, 60, 15),
    ]  # fmt: skip
    assert joint.minutes == ()
    assert not any("90" in str(each) for each in joint.alone)
    assert [each.states for each in joint.exercises] == [("kept up",)]
    words = printed(app, records, pair, Copy.CLINICIAN)
    assert "Minutes: Hours that are ours" in words
    assert "Minutes:" not in printed(app, records, pair, Copy.JOINT)


def test_days_on_the_joint_paper_are_those_of_both_without_a_name(
    app: Flask, records: Records, world: World
) -> None:
    pair = world.sample
    given = give(records, pair, "daily-five", recurrence=Recurrence.DAILY)
    done = library()["daily-five"].form.questions[0].options[0].key
    for viewer in (pair.a, pair.b, pair.a):
        send(records, viewer, given, {"log": done})
        world.clock.move(timedelta(days=1))
    with records.within(pair.therapist, read_only=True) as scope:
        joint = progress_page(scope, pair.couple_id, Copy.JOINT)
    assert joint.together is not None
    assert sorted(day.day for day in joint.together.days) == [19, 20, 21]
    assert joint.excerpts == ()


def test_only_the_couples_own_therapist_gets_a_report(
    app: Flask, records: Records, pair: Pair, world: World
) -> None:
    del app
    other = world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    for viewer in (pair.a, pair.b, other.therapist, other.a):
        with pytest.raises(Refused), records.within(viewer, read_only=True) as scope:
            progress_page(scope, pair.couple_id, Copy.JOINT)
    with pytest.raises(Refused), records.within(pair.therapist, read_only=True) as scope:
        progress_page(scope, pair.couple_id, Copy.RELEASE)


def test_a_therapists_words_are_kept_for_therapists(app: Flask, records: Records, pair: Pair) -> None:
    del app
    for viewer in (pair.a, pair.b):
        with records.within(viewer, read_only=True) as scope:
            assert words_for(scope, pair.couple_id, Copy.JOINT) is None
    with records.within(pair.therapist) as scope:
        note_made(scope, pair.couple_id, Copy.JOINT, number="26-ABCDE")
        kept = words_for(scope, pair.couple_id, Copy.JOINT)
        assert kept is not None
        assert kept.comment == "COMMENT-JOINT"


def test_equal_content_gives_an_equal_number_and_equal_bytes(
    app: Flask, records: Records, pair: Pair
) -> None:
    del app
    press = open_press()
    try:
        with records.within(pair.therapist, read_only=True) as scope:
            pages = [progress_page(scope, pair.couple_id, Copy.JOINT) for _ in range(2)]
            first, second = (press.progress(page).pdf for page in pages)
            other = progress_page(scope, pair.couple_id, Copy.CLINICIAN)
    finally:
        press.close()
    assert first == second
    assert pages[0].paper.number == pages[1].paper.number != other.paper.number
