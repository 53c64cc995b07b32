"""Exercises are files: read whole, refused with every mistake, kept with assignments as they were."""

import json
from datetime import UTC, date, datetime

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.domain import (
    LIBRARY,
    Phase,
    Recurrence,
    Who,
    as_json,
    check_files,
    content_digest,
    load_exercise,
    load_library,
    parse_exercise,
    period_for,
)
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind, MechanicName, Sent
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.tracker import TrackerSpec
from portal.kit.library import DefinitionError

HEAD = """
id = "two-in-one"
version = 2
title = "Two in one"
purpose = "Try both."
phase = "opening-up"
mechanics = ["letter", "tracker"]
audience = "couple"
who = "both"
minutes = 10
recurrence = "weekly"
steps = ["Write."]
cautions = ["Go gently."]
contraindications = ["Fear."]
why = "It helps. It really does."
sources = ["S2", "A book (2001)"]
themes = ["opening-up", "small_things"]
debrief = ["How was it?"]
[clinician]
rationale = "Because."
not_when = "Not then."
look_for = "This."
"""
LETTER = """
[letter]
kind = "appreciation"
deliveries = ["now", "held"]
responses = [{ key = "thank_you", text = "Thank you" }]
[[letter.parts]]
key = "moment"
title = "The moment"
prompt = "What happened?"
min = 1
max_length = 600
"""
TRACKER = """
[tracker]
every = "day"
question = "Did you?"
choices = [{ key = "yes", text = "Yes" }, { key = "no", text = "Not today", done = false }]
note_prompt = "A word"
note_max = 200
restart_text = "Good to have you here."
"""
BOTH = HEAD + LETTER + TRACKER


def parse(text):
    return parse_exercise(text, name="two-in-one.toml")


def problems(text):
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    return [f"{mistake.key}: {mistake.problem}" for mistake in caught.value.mistakes]


def test_an_exercise_is_read_whole():
    exercise = parse(BOTH)

    assert (exercise.slug, exercise.version, exercise.title) == ("two-in-one", 2, "Two in one")
    assert (exercise.phase, exercise.who, exercise.recurrence) == (
        Phase.OPENING_UP,
        Who.BOTH,
        Recurrence.WEEKLY,
    )
    assert exercise.lead is MechanicName.LETTER
    assert exercise.mechanics == (MechanicName.LETTER, MechanicName.TRACKER)
    assert (exercise.touch_level, exercise.requires_release, exercise.reading_minutes) == (0, False, 2)
    assert exercise.materials == ()
    assert exercise.clinician.look_for == "This."


def test_several_mechanics_are_one_walk():
    exercise = parse(BOTH)

    assert [page.key for page in exercise.form.pages] == ["letter", "log"]
    assert exercise.mechanic_of("moment") is MechanicName.LETTER
    assert exercise.mechanic_of("log_note") is MechanicName.TRACKER
    assert isinstance(exercise.spec(LetterSpec), LetterSpec)
    assert isinstance(exercise.spec(TrackerSpec), TrackerSpec)
    assert exercise.spec(OverlapSpec) is None
    with pytest.raises(KeyError):
        exercise.mechanic_of("gone")


def test_items_open_by_the_rule_of_their_mechanic():
    exercise = parse(BOTH)
    sent = Sent(datetime(2026, 11, 1, tzinfo=UTC))
    moment, note = exercise.form.item("moment"), exercise.form.item("log_note")
    held = Delivery(DeliveryKind.HELD)

    assert exercise.open_at(moment, own=sent) == sent.at
    assert exercise.open_at(moment, own=sent, delivery=held) is None
    assert exercise.open_at(moment, own=sent, audience=Audience.HELD, delivery=AT_ONCE) is None
    assert exercise.open_at(note, own=sent, delivery=held) == sent.at
    assert exercise.open_at(exercise.form.item("log"), own=sent, other=sent) is None
    assert exercise.label_of(moment) is Label.COUPLE


def test_a_summary_runs_over_all_mechanics():
    lines = parse(BOTH).summary({"moment": "then", "log": "yes"}).lines

    assert [(line.key, line.texts) for line in lines] == [
        ("moment", ("then",)),
        ("log", ("Yes",)),
        ("log_note", ()),
    ]


def test_an_assignment_comes_back_from_the_kept_text_as_it_was():
    exercise = parse(BOTH)

    assert parse(exercise.source) == exercise


def test_the_digest_is_of_what_is_said_not_of_how_it_is_laid_out():
    same = BOTH.replace("\n", "\r\n").replace("version = 2", "version   = 2 # the second")

    assert content_digest(BOTH) == content_digest(same) == parse(same).digest
    assert content_digest(BOTH) != content_digest(BOTH.replace("Try both.", "Try both"))
    assert len(content_digest(BOTH)) == 64


def test_json_has_the_shape_others_rely_on():
    shown = as_json(parse(BOTH))

    wanted = {
        "slug", "title", "purpose", "phase", "mechanics", "minutes", "touch_level", "steps", "cautions",
        "contraindications", "why", "clinician_notes", "sources", "audience",
    }  # fmt: skip
    assert wanted <= shown.keys()
    assert shown["mechanics"] == ["letter", "tracker"]
    assert [one["key"] for one in shown["items"]] == ["moment", "log", "log_note"]
    assert json.loads(json.dumps(shown)) == shown


@pytest.mark.parametrize(
    ("recurrence", "day", "period"),
    [
        (Recurrence.ONCE, date(2026, 11, 22), "1"),
        (Recurrence.DAILY, date(2026, 11, 22), "2026-11-22"),
        (Recurrence.WEEKLY, date(2026, 11, 22), "2026-W47"),
        (Recurrence.WEEKLY, date(2025, 12, 29), "2026-W01"),
        (Recurrence.WEEKLY, date(2027, 1, 3), "2026-W53"),
        (Recurrence.MONTHLY, date(2026, 2, 1), "2026-02"),
    ],
)
def test_a_day_belongs_to_a_round(recurrence, day, period):
    assert period_for(recurrence, day) == period


def test_a_log_that_leads_comes_back_as_its_own_table_says_whatever_is_wished():
    daily, weekly = load_library()["promises-kept"], load_library()["shared-time"]
    assert (daily.recurrences, weekly.recurrences) == ((Recurrence.DAILY,), (Recurrence.WEEKLY,))
    assert [daily.recurring(each) for each in (None, *Recurrence)] == [Recurrence.DAILY] * 5
    assert weekly.recurring(Recurrence.ONCE) is Recurrence.WEEKLY


def test_anything_else_comes_back_as_wished_and_as_usual_without_a_wish():
    letter = load_library()["appreciations"]
    assert letter.recurrences == tuple(Recurrence)
    assert [letter.recurring(each) for each in Recurrence] == list(Recurrence)
    assert letter.recurring() is letter.recurrence


def test_every_exercise_of_the_library_comes_back_as_it_can():
    assert all(each.recurrence in each.recurrences for each in load_library().values())


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id = "two-in-one"', 'id = "Two in one"', "id: must be lower-case letters and digits"),
        ('"letter", "tracker"', '"letter"', "tracker: unknown key"),
        ('"letter", "tracker"', "", "mechanics: must name at least one of"),
        ('audience = "couple"', 'audience = "note"', "audience: note isn't for a partner's answers"),
        ('audience = "couple"', 'audience = "private"', "audience: letter can only lead to couple, held"),
        ('"S2"', '"S7"', "sources: there is no source S7"),
        ('"small_things"', '"Small things"', "themes: 'Small things' is not a tag"),
        ('key = "moment"', 'key = "log"', "mechanics: the item key log comes twice"),
        ("version = 2", "version = 2\ntouch_level = 1", "requires_release: must be true where touch_level"),
        (
            "version = 2",
            "version = 2\ntouch_level = 1\nrequires_release = true",
            "stop_rule: is missing; touch_level is above 0",
        ),
        ('look_for = "This."', "", "clinician.look_for: is missing"),
    ],
)
def test_each_mistake_is_named(old, new, problem):
    found = problems(BOTH.replace(old, new))

    assert any(one.startswith(problem) for one in found), found


def test_a_mechanic_that_is_named_and_not_listed_cant_be_used(monkeypatch):
    monkeypatch.delitem(MECHANICS, MechanicName.TRACKER)

    assert any(one.startswith("mechanics: tracker can't be used yet") for one in problems(BOTH))


def test_page_keys_come_once_over_the_mechanics():
    questionnaire = """
[questionnaire]
reveal = "sent"
[[questionnaire.pages]]
key = "letter"
title = "One"
[[questionnaire.pages.items]]
key = "told"
kind = "short"
text = "?"
"""
    text = BOTH.replace('"letter", "tracker"', '"letter", "tracker", "questionnaire"') + questionnaire

    assert problems(text) == ["mechanics: the page key letter comes twice over the mechanics"]


def test_answers_of_one_audience_open_by_one_rule():
    questionnaire = """
[questionnaire]
[[questionnaire.pages]]
key = "one"
title = "One"
[[questionnaire.pages.items]]
key = "told"
kind = "short"
text = "?"
"""
    text = BOTH.replace('"letter", "tracker"', '"letter", "tracker", "questionnaire"') + questionnaire

    assert problems(text) == ["mechanics: couple answers would open by two rules: couple, later"]
    assert parse(text.replace("[questionnaire]\n", '[questionnaire]\nreveal = "sent"\n'))


def test_touch_with_a_release_and_a_way_to_stop_passes():
    head = 'version = 2\ntouch_level = 1\nrequires_release = true\nstop_rule = "Stop any time."'

    assert parse(BOTH.replace("version = 2", head)).touch_level == 1


def test_a_file_is_named_like_its_exercise(tmp_path):
    path = tmp_path / "other.toml"
    path.write_text(BOTH)

    assert check_files([path]) == ["other.toml: line 1: id: 'two-in-one' differs from the name of the file"]


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    path = tmp_path / "two-in-one.toml"
    path.write_bytes(b'a = "x"\nb = "\xff"\n')

    assert check_files([path]) == ["two-in-one.toml: line 2: is not UTF-8 text"]


def test_a_file_that_is_not_there_is_said(tmp_path):
    assert check_files([tmp_path / "gone.toml"]) == ["gone.toml: can't be read: No such file or directory"]


def test_a_sound_file_has_no_mistakes(tmp_path):
    path = tmp_path / "two-in-one.toml"
    path.write_text(BOTH)

    assert check_files([str(path)]) == []
    assert load_exercise(path) == parse(BOTH)


def test_a_library_is_read_whole_and_in_order(tmp_path):
    for slug in ("b-second", "a-first"):
        (tmp_path / f"{slug}.toml").write_text(BOTH.replace("two-in-one", slug))

    assert list(load_library(tmp_path)) == ["a-first", "b-second"]


def test_the_mistakes_of_a_whole_library_come_together(tmp_path):
    (tmp_path / "a.toml").write_text(BOTH)
    (tmp_path / "b.toml").write_text("x = ")

    with pytest.raises(DefinitionError) as caught:
        load_library(tmp_path)

    assert [mistake.file for mistake in caught.value.mistakes] == ["a.toml", "b.toml"]


def test_the_built_in_library_is_sound():
    assert {"warning-signs", "i-statements", "touch-menu", "daily-five"} <= load_library(LIBRARY).keys()


TWO_LISTS = (
    HEAD.replace('"letter", "tracker"', '"overlap", "questionnaire", "agreement"').replace(
        'audience = "couple"', 'audience = "overlap"'
    )
    + """
[overlap]
question = "Would you?"
therapist = "overlap"
expires_days = 30
levels = [{ key = "yes", text = "Yes" }, { key = "maybe", text = "Maybe" }, { key = "no", text = "Not now" }]
groups = [{ key = "ways", title = "Ways", options = [{ key = "turns", text = "Turns" }] }]
[questionnaire]
reveal = "both"
opening = true
[[questionnaire.pages]]
key = "issue"
title = "The issue"
[[questionnaire.pages.items]]
key = "issue_name"
kind = "short"
audience = "couple"
text = "What is it about?"
[[questionnaire.pages]]
key = "rest"
title = "The rest"
[[questionnaire.pages.items]]
key = "weeks"
kind = "number"
audience = "couple"
text = "How many weeks?"
low = 1
high = 26
[agreement]
review_days = 28
weeks_from = "weeks"
signature_text = "We do."
clauses = [{ key = "try", title = "Try", prompt = "What?" }]
[[agreement.afterwards.pages]]
key = "alone"
title = "Alone"
[[agreement.afterwards.pages.items]]
key = "free_to_say_no"
kind = "choice"
audience = "therapist"
text = "Free?"
options = [{ key = "yes", text = "Yes" }, { key = "partly", text = "Partly" }, { key = "no", text = "No" }]
[[agreement.afterwards.pages.items]]
key = "worry"
kind = "choice"
audience = "therapist"
text = "Worry?"
options = [{ key = "no", text = "No" }, { key = "talk", text = "Talk" }]
"""
)


def test_a_questionnaire_can_open_what_a_list_leads():
    exercise = parse(TWO_LISTS)
    walk = exercise.walk()

    assert [page.key for page in walk.form.pages] == ["issue", "ways", "rest"]
    assert walk.first_label is Label.OVERLAP
    assert exercise.labels[0] is Label.OVERLAP
    answers = {"weeks": 3, "turns": "yes", "issue_name": "Sundays"}
    assert [line.key for line in walk.summary(answers).lines] == ["issue_name", "turns", "weeks"]
    after = parse(TWO_LISTS.replace("opening = true", "opening = false")).walk()
    assert [page.key for page in after.form.pages] == ["ways", "issue", "rest"]


@pytest.mark.parametrize(
    "text",
    [
        TWO_LISTS.replace('weeks_from = "weeks"', 'weeks_from = "gone"'),
        TWO_LISTS.replace('weeks_from = "weeks"', 'weeks_from = "issue_name"'),
        TWO_LISTS.replace('kind = "number"\naudience = "couple"', 'kind = "number"\naudience = "therapist"'),
    ],
)
def test_a_shared_text_takes_weeks_only_from_what_both_may_know(text):
    assert any(each.startswith("agreement.weeks_from: ") for each in problems(text))


def test_what_to_think_about_alone_is_what_never_opens_and_what_says_so():
    exercise, built_in = parse(BOTH), load_library()

    assert not exercise.is_debriefed_alone
    assert parse(BOTH.replace("version = 2", "version = 2\ndebrief_alone = true")).is_debriefed_alone
    assert built_in["warning-signs"].is_debriefed_alone
    assert built_in["touch-menu"].is_debriefed_alone
    assert not built_in["date-ideas"].is_debriefed_alone
