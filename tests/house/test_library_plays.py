"""Every exercise of the library plays: filled in by its form with sound, blank and hostile answers."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from werkzeug.datastructures import MultiDict

from portal.access.privacy import Audience
from portal.exercises.domain import LIBRARY, as_json, load_exercise, parse_exercise, period_for
from portal.exercises.mechanics import MECHANICS, letter, overlap, questionnaire, tracker
from portal.exercises.mechanics.base import AT_ONCE, Sent, State
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.questionnaire import QuestionnaireSpec
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.questionnaires.conditions import enabled_keys, pages_to_walk, refuse_cycles, unpaired_differences
from portal.questionnaires.drawing import PREFER_NOT, draw_page
from portal.questionnaires.model import ItemKind, declined
from portal.questionnaires.validation import check_draft, check_sending

SENT = Sent(datetime(2026, 11, 22, 20, tzinfo=UTC))
HOSTILE = [
    "<script>alert(1)</script>",
    "\x00",
    "\ud800",
    "NaN",
    "١",
    "1_000",
    "1" + "0" * 30,
    "0000-00-00",
    "'; DROP TABLE answer; --",
    "{{ 7 * 7 }}",
    "x" * 30_000,
    "",
    "   ",
]
HOSTILE_JSON = [
    *HOSTILE,
    10**400,
    float("nan"),
    float("inf"),
    True,
    [],
    [[]],
    {},
    {"declined": False},
    [None],
    -1,
]


@pytest.fixture(params=sorted(LIBRARY.glob("*.toml")), ids=lambda path: path.stem, scope="module")
def exercise(request):
    return load_exercise(request.param)


def sound(item, turn):
    """Give one of the answers that an item allows, as a form sends it."""
    match item.kind:
        case ItemKind.CHOICE | ItemKind.MULTI:
            return item.options[turn % len(item.options)].key
        case ItemKind.SCALE | ItemKind.NUMBER:
            return str(item.high if turn % 2 else item.low)
        case ItemKind.DATE:
            return "2026-01-31"
        case _:
            return "Some words, “quoted” <b>& more</b> 👩‍❤️‍👨"[: item.max_length]


def walk(exercise, given):
    """Go through the pages as a partner would; return the answers. ``given`` gives what a field sends."""
    answers = {}
    seen = set()
    while pages := [page for page in pages_to_walk(exercise.form, answers) if page.key not in seen]:
        page = pages[0]
        seen.add(page.key)
        drawn = draw_page(page, enabled_keys(exercise.form, answers), visible_to=Audience)
        pairs = [("sent", "1")] + [
            (item.key, value)
            for item in drawn.items
            if item.is_answerable and (value := given(item)) is not None
        ]
        form = drawn.form(answers, formdata=MultiDict(pairs))
        assert form.validate(), form.errors
        answers |= {key: value for key, value in drawn.answers_in(form).items() if value is not None}
    return answers


@pytest.mark.parametrize("turn", range(3))
def test_sound_answers_can_be_sent_summed_up_and_opened(exercise, turn):
    answers = walk(exercise, lambda item: sound(item, turn))

    checked = check_sending(exercise.form, answers)
    assert checked.errors == {}
    assert checked.values == answers
    assert json.loads(json.dumps(answers)) == answers
    lines = exercise.summary(answers).lines
    assert {line.key for line in lines if line.state is State.ANSWERED} == set(answers)
    for key in answers:
        item = exercise.form.item(key)
        exercise.label_of(item)
        opened = exercise.open_at(item, own=SENT, other=SENT, delivery=AT_ONCE)
        assert (opened is not None) is (item.audience is Audience.COUPLE)


def test_the_least_that_is_required_can_be_sent(exercise):
    answers = walk(exercise, lambda item: sound(item, 0) if item.required else None)

    assert check_sending(exercise.form, answers).errors == {}
    exercise.summary(answers)


def test_everything_that_can_be_declined_can_be_declined(exercise):
    answers = {item.key: declined() for item in exercise.form.questions if item.may_decline}

    checked = check_draft(exercise.form, answers)

    assert checked.errors == {}
    assert all(score.value is None for score in exercise.summary(answers).scores if score.answered == 0)


def test_a_blank_page_only_asks_for_what_is_required(exercise):
    for page in exercise.form.pages:
        everything = {item.key for item in page.walk()}
        drawn = draw_page(page, everything, visible_to=Audience)
        form = drawn.form({}, formdata=MultiDict([("sent", "1")]))
        form.validate()
        assert set(form.errors) == {item.key for item in drawn.items if item.required}


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_fields_become_clean_answers_or_errors(exercise, hostile):
    for page in exercise.form.pages:
        drawn = draw_page(page, {item.key for item in page.walk()}, visible_to=Audience)
        pairs = [(item.key, hostile) for item in drawn.items]
        form = drawn.form({}, formdata=MultiDict([*pairs, (PREFER_NOT, hostile)]))
        form.validate()
        for item in drawn.items:
            if item.is_answerable and item.kind not in (ItemKind.SHORT, ItemKind.LONG) and hostile.strip():
                assert item.key in form.errors


def test_hostile_json_becomes_clean_answers_or_errors(exercise):
    for hostile in HOSTILE_JSON:
        raw = {item.key: hostile for item in exercise.form.walk()} | {"ghost": hostile}
        for check in (check_draft, check_sending):
            checked = check(exercise.form, raw)
            assert "ghost" in checked.errors
            assert not checked.values.keys() & checked.errors.keys()
            exercise.summary(checked.values)


def test_each_mechanic_does_what_only_it_does(exercise):
    answers = walk(exercise, lambda item: sound(item, 0))
    if spec := exercise.spec(QuestionnaireSpec):
        assert not any(one.is_far_apart for one in questionnaire.compare(spec, answers, answers))
    if spec := exercise.spec(OverlapSpec):
        most_open = spec.levels[0].key
        found = overlap.matches(spec, answers, answers)
        assert [match.option_key for match in found] == [item.key for item in spec.form.questions]
        assert {match.level for match in found} == {most_open}
    if spec := exercise.spec(LetterSpec):
        assert letter.whole_text(spec, answers)
        assert spec.responses
    if spec := exercise.spec(TrackerSpec):
        period = period_for(exercise.recurrence, date(2026, 11, 22)) if spec.every == "week" else "2026-11-22"
        assert tracker.is_done(spec, answers) is (answers["log"] in spec.done_keys)
        assert tracker.counts_per_week(
            spec, {period: answers}, first=date(2026, 11, 16), last=date(2026, 11, 22)
        )


def test_conditions_are_sound(exercise):
    refuse_cycles(exercise.form)
    assert unpaired_differences(exercise.form) == ()


def test_the_definition_survives_being_kept_and_shown(exercise):
    assert parse_exercise(exercise.source, name="kept") == exercise
    shown = as_json(exercise)
    assert json.loads(json.dumps(shown)) == shown
    assert shown.keys() & {"items", "options"}


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


UNWELCOME = re.compile(r"!|\boverdue\b|\bstreaks?\b|\bwaiting for\b|\bhusband\b|\bwife\b", re.IGNORECASE)


def test_the_voice_is_calm_and_leaves_nobody_out(exercise):
    found = [text for text in texts_of(as_json(exercise)) if UNWELCOME.search(text)]

    assert found == []


def test_couples_read_short_steps_and_two_sentences_of_why(exercise):
    assert "\n" not in exercise.purpose
    assert all(len(step) <= 240 for step in exercise.steps)
    assert len(re.findall(r"[.?](?=\s|$)", exercise.why)) == 2, exercise.why


def test_every_mechanic_is_known_by_its_own_name():
    assert all(mechanic.NAME is name for name, mechanic in MECHANICS.items())
