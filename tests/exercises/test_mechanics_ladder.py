"""The table of graded steps."""

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import ladder
from portal.exercises.mechanics.base import AT_ONCE, Sent, State
from portal.kit.library import DefinitionError
from tests.exercises.turns import AFTERWARDS, NOW, spec_of

HEAD = """
question = "How ready are you?"
levels = [
  { key = "ready", text = "Ready" },
  { key = "maybe", text = "With care" },
  { key = "not_now", text = "Not now" },
]
waiting_text = "Not scheduled."
step_back_text = "A good place to be."
"""
STEPS = """
[[steps]]
key = "look"
title = "Look"
text = "Look at each other."
minutes = 5
[[steps]]
key = "hands"
title = "Hands"
text = "Hold hands."
hint = "Slowly."
minutes = 10
touch_level = 1
[[steps]]
key = "back"
title = "Back"
text = "A massage."
minutes = 20
touch_level = 2
"""
TOGETHER = HEAD + 'therapist = "overlap"\nexpires_days = 14\n' + STEPS + AFTERWARDS
OPENED = (
    HEAD
    + 'therapist = "lists"\ntherapist_opens = true\nexpires_days = 14\nrepeats = 2\n'
    + STEPS
    + AFTERWARDS
)
SOLO = (
    HEAD
    + "solo = true\n"
    + STEPS.replace('key = "hands"', 'key = "hands"\nmax_length = 500').replace(
        'key = "back"', 'key = "back"\nmax_length = 900\naudience = "held"'
    )
    + """
[[afterwards.pages]]
key = "after"
title = "After"
[[afterwards.pages.items]]
key = "words"
kind = "long"
text = "Anything to remember?"
"""
)


def together():
    return spec_of(ladder, TOGETHER)


def solo():
    return spec_of(ladder, SOLO, Audience.PRIVATE)


def test_ratings_are_an_overlap_of_the_steps_within_reach():
    spec = together()
    items = ladder.readiness_form(spec, {"look", "hands"}).questions

    assert [(item.key, item.text, item.hint) for item in items] == [
        ("ready_look", "Look", "Look at each other."),
        ("ready_hands", "Hands", "Hold hands."),
    ]
    assert {ladder.label(spec, item.audience) for item in items} == {Label.OVERLAP}
    assert not any(item.may_decline or item.required for item in items)


def test_on_a_ladder_of_ones_own_ratings_and_pages_are_private():
    spec = solo()

    assert {item.audience for item in ladder.readiness_form(spec, {"look"}).questions} == {Audience.PRIVATE}
    assert [item.key for item in ladder.step_form(spec, "look").questions] == ["words"]
    asked = ladder.step_form(spec, "back").questions
    assert [(item.key, item.audience) for item in asked] == [
        ("back", Audience.HELD),
        ("words", Audience.PRIVATE),
    ]
    assert spec.expires is None
    assert ladder.contents(spec)["expires_days"] is None


def test_the_form_has_all_items_and_a_summary_those_of_the_round():
    spec = solo()

    assert [page.key for page in ladder.form(spec).pages] == ["readiness", "step_hands", "step_back", "after"]
    lines = ladder.summary(spec, {"hands": "It was so."}).lines
    assert [(line.key, line.state) for line in lines] == [("hands", State.ANSWERED)]


def test_periods_name_step_and_visit_in_twelve_letters():
    assert ladder.period_of(together(), "hands", 3) == "02-3"
    with pytest.raises(KeyError):
        ladder.period_of(together(), "gone", 1)


def test_only_what_is_told_to_the_couple_opens_and_ratings_never_do():
    opened = {
        audience: ladder.open_at(together(), audience, own=Sent(NOW), other=Sent(NOW), delivery=AT_ONCE)
        for audience in Audience
    }

    assert opened.pop(Audience.COUPLE) == NOW
    assert set(opened.values()) == {None}


def test_contents_hold_steps_and_items():
    contents = ladder.contents(spec_of(ladder, OPENED))

    assert contents["therapist_opens"] is True
    assert contents["expires_days"] == 14
    assert [step["touch_level"] for step in contents["steps"]] == [0, 1, 2]
    assert [item["key"] for item in contents["items"]] == ["free_to_say_no", "worry"]


@pytest.mark.parametrize(
    ("text", "audience", "problem"),
    [
        (TOGETHER, Audience.PRIVATE, "solo: is true exactly if the audience of the exercise is private"),
        (SOLO, Audience.COUPLE, "solo: is true exactly if the audience of the exercise is private"),
        (TOGETHER.replace('"look"', '"hands"'), Audience.COUPLE, "the step key hands comes twice"),
        (TOGETHER.replace('"look"', '"ready_look"'), Audience.COUPLE, "doesn't begin with ready_"),
        (TOGETHER.replace('"look"', f'"{"l" * 33}"'), Audience.COUPLE, "has at most 32 letters"),
        (TOGETHER.replace('key = "maybe"', 'key = "ready"'), Audience.COUPLE, "exactly three different ones"),
        (TOGETHER.replace("expires_days = 14", ""), Audience.COUPLE, "expires_days: is missing"),
        (
            TOGETHER.replace("minutes = 5", "minutes = 5\nmax_length = 50"),
            Audience.COUPLE,
            "max_length: unknown key",
        ),
        (SOLO.replace('"held"', '"couple"'), Audience.PRIVATE, "couple isn't possible here"),
        (
            HEAD
            + 'therapist = "overlap"\nexpires_days = 14\n'
            + STEPS[: STEPS.index('[[steps]]\nkey = "hands')]
            + AFTERWARDS,
            Audience.COUPLE,
            "steps: must be 2 to 30",
        ),
        (TOGETHER.replace('"worry"', '"other"'), Audience.COUPLE, "must ask worry"),
    ],
)
def test_mistakes_in_a_table_are_named(text, audience, problem):
    with pytest.raises(DefinitionError) as caught:
        spec_of(ladder, text, audience)
    assert problem in str(caught.value)
