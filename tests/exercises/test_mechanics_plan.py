"""The table of a plan."""

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import plan
from portal.exercises.mechanics.base import AT_ONCE, Sent
from portal.exercises.mechanics.plan import Idea, Source
from portal.kit.library import DefinitionError
from tests.exercises.turns import AFTERWARDS, NOW, spec_of

HEAD = """
question = "What will it be?"
meetings = 2
feeds_shared_time = true
after_due_days = 1
"""
FIELDS = """
[[fields]]
key = "when"
kind = "moment"
text = "When?"
[[fields]]
key = "where"
kind = "short"
text = "Where?"
hint = "A place you both like."
[[fields]]
key = "who"
kind = "who"
text = "Who sees to it?"
"""
WHAT = '[[fields]]\nkey = "what"\nkind = "{kind}"\ntext = "What?"\n'
GROUPS = """
[[groups]]
key = "some"
title = "Shapes"
options = [{ key = "coffee", text = "Coffee" }, { key = "walk", text = "A walk" }]
"""
IDEAS = 'own_ideas = 2\nidea_prompt = "Something we used to do"\nidea_why_prompt = "What was good?"\n'
SHARED = HEAD + 'source = "overlap"\n' + WHAT.format(kind="pick") + FIELDS + AFTERWARDS
OWN = HEAD + 'source = "own"\n' + IDEAS + GROUPS + WHAT.format(kind="short") + FIELDS + AFTERWARDS
WEEKLY = (
    'question = "What shape?"\nsource = "own"\n'
    + GROUPS
    + WHAT.format(kind="pick_or_short")
    + FIELDS.replace('"moment"', '"weekly_moment"')
)


def test_a_plan_says_what_there_is_to_settle():
    spec = spec_of(plan, SHARED)
    assert spec.source is Source.OVERLAP
    assert (spec.what.key, spec.moment.key, spec.meetings) == ("what", "when", 2)
    assert not spec.is_weekly
    assert spec_of(plan, WEEKLY).is_weekly


def test_ideas_and_how_it_was_are_the_couples_at_once_and_the_two_closing_questions_are_the_therapists():
    spec = spec_of(plan, OWN)
    audiences = {item.key: item.audience for item in plan.form(spec).questions}
    assert audiences == {
        "idea_1": Audience.COUPLE,
        "idea_why_1": Audience.COUPLE,
        "idea_2": Audience.COUPLE,
        "idea_why_2": Audience.COUPLE,
        "free_to_say_no": Audience.THERAPIST,
        "worry": Audience.THERAPIST,
    }
    assert plan.label(spec, Audience.COUPLE) is Label.COUPLE
    assert plan.open_at(spec, Audience.COUPLE, own=Sent(NOW), other=None, delivery=AT_ONCE) == NOW
    assert plan.open_at(spec, Audience.THERAPIST, own=Sent(NOW), other=None, delivery=AT_ONCE) is None


def test_ideas_without_words_are_left_out():
    spec = spec_of(plan, OWN)
    assert plan.ideas_in(spec, {"idea_2": "Breakfast", "idea_why_2": "Toast", "idea_why_1": "Lost"}) == (
        Idea(2, "Breakfast", "Toast"),
    )
    assert plan.ideas_in(spec_of(plan, SHARED), {"idea_1": "Breakfast"}) == ()


def test_a_weekly_plan_asks_nothing_afterwards_and_is_all_the_same_a_plan():
    spec = spec_of(plan, WEEKLY)
    assert plan.form(spec).pages == ()
    assert plan.summary(spec, {}).lines == ()


def test_a_summary_has_only_the_pages_of_its_round():
    spec = spec_of(plan, OWN)
    assert [line.key for line in plan.summary(spec, {"worry": "no"}).lines] == ["free_to_say_no", "worry"]


def test_the_name_of_a_round_is_short_and_tells_plan_and_time():
    assert plan.period_of(12, 3) == "p12-3"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SHARED.replace('"overlap"', '"own"'), "is overlap exactly if a field is a pick"),
        (OWN.replace('source = "own"', 'source = "overlap"'), "is overlap exactly if a field is a pick"),
        (SHARED.replace('kind = "moment"', 'kind = "short"'), "exactly one must be a moment"),
        (SHARED.replace('kind = "pick"', 'kind = "who"'), "the first must say what is planned"),
        (SHARED.replace('key = "where"', 'key = "when"'), "comes twice"),
        (WEEKLY.replace(GROUPS, ""), "nothing to pick"),
        (WEEKLY.replace('key = "walk"', 'key = "coffee"'), "comes twice"),
        (SHARED.replace("meetings = 2", "meetings = 0"), "meetings"),
        (OWN.replace("own_ideas = 2", "own_ideas = 9"), "own_ideas"),
        (SHARED.replace('key = "worry"', 'key = "sorrow"'), "must ask worry"),
    ],
)
def test_mistakes_in_the_table_are_named(text, complaint):
    with pytest.raises(DefinitionError, match=complaint):
        spec_of(plan, text)


def test_its_contents_hold_every_text():
    told = plan.contents(spec_of(plan, OWN))
    assert [field["key"] for field in told["plan"]["fields"]] == ["what", "when", "where", "who"]
    assert [option["text"] for option in told["plan"]["options"]] == ["Coffee", "A walk"]
    assert len(told["items"]) == 6
