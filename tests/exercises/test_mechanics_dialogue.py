"""The table of a talk in turns, and what is asked of each alone when two have done something together."""

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import dialogue
from portal.exercises.mechanics.afterwards import asks_for_care
from portal.exercises.mechanics.base import AT_ONCE, Sent, State
from portal.kit.library import DefinitionError
from portal.questionnaires.model import declined
from tests.exercises.turns import AFTERWARDS, NOW, spec_of

HEAD = """
topic = "own"
topic_prompt = "What is on your mind?"
topics = ["The week"]
first_speaker = "choice"
rounds = 1
quiet_hours = 48
pause_text = "Paused."
closing = "That is all."
"""
SAY = """
[[stages]]
key = "say"
kind = "say"
by = "speaker"
title = "Say"
prompt = "What is it?"
hint = "One thing."
starters = ["I"]
seconds = 300
max_length = 200
"""
BACK = """
[[stages]]
key = "back"
kind = "say_back"
by = "listener"
title = "Say back"
prompt = "What did you hear?"
breath = "A moment."
breath_seconds = 10
max_length = 200
"""
CONFIRM = """
[[stages]]
key = "confirm"
kind = "confirm"
by = "speaker"
title = "Is that it?"
prompt = "Is it?"
yes_text = "Yes"
no_text = "Not quite"
max_length = 200
"""
TOGETHER = """
[[stages]]
key = "kind_word"
kind = "say"
by = "both"
title = "A kind word"
prompt = "Say one."
max_length = 100
"""
ASK = """
[[stages]]
key = "ask"
kind = "ask"
by = "listener"
title = "Ask"
prompt = "Ask one thing."
max_length = 100
"""
TALK = HEAD + SAY + BACK + CONFIRM + TOGETHER + AFTERWARDS


def read(text):
    return spec_of(dialogue, text)


def problems(text):
    with pytest.raises(DefinitionError) as caught:
        read(text)
    return str(caught.value)


def test_a_table_becomes_stages_of_each_half_and_stages_at_the_end():
    spec = read(TALK)

    assert [stage.key for stage in spec.stages] == ["say", "back", "confirm"]
    assert [stage.key for stage in spec.last_stages] == ["kind_word"]
    assert spec.swap
    assert spec.pieces == 1
    assert spec.stages[1].breath_seconds == 10
    assert dialogue.contents(spec)["stages"][0]["starters"] == ["I"]


def test_a_stage_is_an_item_to_write_in_for_both_to_read():
    spec = read(TALK)
    item, topic = dialogue.item_of(spec.stages[0]), dialogue.topic_item(spec)

    assert (item.text, item.hint, item.max_length, item.audience) == (
        "What is it?",
        "One thing.",
        200,
        Audience.COUPLE,
    )
    assert topic.text == "What is on your mind?"
    assert dialogue.label(spec, topic.audience) is Label.COUPLE


def test_what_is_asked_afterwards_never_opens_to_the_partner():
    spec = read(TALK)
    opens = [
        dialogue.open_at(spec, audience, own=Sent(NOW), other=Sent(NOW), delivery=AT_ONCE)
        for audience in (Audience.THERAPIST, Audience.COUPLE)
    ]

    assert opens == [None, NOW]
    assert [item.key for item in dialogue.form(spec).questions] == ["free_to_say_no", "worry"]
    assert [line.state for line in dialogue.summary(spec, {"worry": "no"}).lines] == [
        State.UNANSWERED,
        State.ANSWERED,
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + BACK + CONFIRM + AFTERWARDS, "the speaker says something first"),
        (HEAD + TOGETHER + AFTERWARDS, "the speaker says something first"),
        (HEAD + SAY + BACK + AFTERWARDS, "after back: say_back is followed by confirm"),
        (HEAD + SAY + CONFIRM + AFTERWARDS, "after say: say_back is followed by confirm"),
        (HEAD + SAY + TOGETHER + ASK + AFTERWARDS, "what both do comes last"),
        (HEAD + SAY + SAY + AFTERWARDS, "the stage key say comes twice"),
        (HEAD + SAY + ASK.replace("listener", "speaker") + AFTERWARDS, "ask is never done by speaker"),
        (HEAD + AFTERWARDS, "stages: must hold at least one table"),
        (HEAD + SAY, "afterwards: is missing"),
        (
            HEAD + SAY + BACK.replace("breath_seconds = 10\n", "") + CONFIRM + AFTERWARDS,
            "breath_seconds: is missing",
        ),
        (TALK.replace('"worry"', '"worries"'), "must ask worry: a choice for the therapist"),
        (TALK.replace('audience = "therapist"', 'audience = "couple"'), "must ask free_to_say_no"),
        (
            TALK.replace('{ key = "partly", text = "Partly" }, ', ""),
            "free_to_say_no has the options yes, partly, no",
        ),
    ],
)
def test_mistakes_in_a_table_are_named(text, problem):
    assert problem in problems(text)


@pytest.mark.parametrize(
    ("answers", "asks"),
    [
        ({}, False),
        ({"free_to_say_no": "yes", "worry": "no"}, False),
        ({"free_to_say_no": declined(), "worry": declined()}, False),
        ({"free_to_say_no": "", "worry": ""}, False),
        ({"free_to_say_no": "partly"}, True),
        ({"free_to_say_no": "no", "worry": "no"}, True),
        ({"worry": "talk"}, True),
    ],
)
def test_pressure_and_worry_ask_for_the_therapist_and_silence_does_not(answers, asks):
    assert asks_for_care(answers) is asks
