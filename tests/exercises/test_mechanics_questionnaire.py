"""The questionnaire: when answers open, what a summary says, and where two partners stand far apart."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.domain import LIBRARY, load_exercise
from portal.exercises.mechanics import questionnaire
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent, State
from portal.exercises.mechanics.questionnaire import Of, QuestionnaireSpec, Reveal, compare, widest_first
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.model import declined
from portal.questionnaires.scoring import Omitted

EARLY = Sent(datetime(2026, 11, 1, tzinfo=UTC))
LATE = Sent(EARLY.at + timedelta(days=2))

COUPLE_TABLE = """
{reveal}
[[pages]]
key = "one"
title = "One"
[[pages.items]]
key = "close"
kind = "scale"
text = "How close?"
low = 0
high = 10
low_text = "Far"
high_text = "Close"
[[pages.items]]
key = "told"
kind = "long"
text = "For your therapist"
audience = "therapist"
"""


def spec(reveal="", audience=Audience.COUPLE):
    text = COUPLE_TABLE.format(reveal=reveal)
    frame = Frame(title="Title", audience=audience)
    return read_definition(text, lambda table: questionnaire.read(table, frame), name="q.toml")


def opens(of, audience, other):
    return questionnaire.open_at(of, audience, own=EARLY, other=other, delivery=AT_ONCE)


@pytest.mark.parametrize(
    ("reveal", "audience", "other", "expected"),
    [
        ("both", Audience.COUPLE, None, None),
        ("both", Audience.COUPLE, LATE, LATE.at),
        ("both", Audience.THERAPIST, LATE, None),
        ("both", Audience.HELD, LATE, None),
        ("sent", Audience.COUPLE, None, EARLY.at),
        ("sent", Audience.COUPLE, LATE, EARLY.at),
        ("sent", Audience.PRIVATE, LATE, None),
    ],
)
def test_only_couple_answers_open_and_when_the_form_says(reveal, audience, other, expected):
    assert opens(spec(f'reveal = "{reveal}"'), audience, other) == expected


def test_a_later_own_sending_counts_when_both_are_needed():
    found = questionnaire.open_at(spec(), Audience.COUPLE, own=LATE, other=EARLY, delivery=AT_ONCE)

    assert found == LATE.at


def test_nothing_opens_of_a_form_that_is_never_revealed():
    of = spec(audience=Audience.THERAPIST)

    assert of.reveal is Reveal.NEVER
    assert opens(of, Audience.THERAPIST, LATE) is None
    assert opens(of, Audience.COUPLE, LATE) is None


def test_couple_answers_wait_for_both_unless_it_says_otherwise():
    assert spec().reveal is Reveal.BOTH
    assert questionnaire.label(spec(), Audience.COUPLE) is Label.LATER
    assert questionnaire.label(spec('reveal = "sent"'), Audience.COUPLE) is Label.COUPLE
    assert questionnaire.label(spec(), Audience.THERAPIST) is Label.THERAPIST


@pytest.mark.parametrize(
    ("reveal", "audience"), [('reveal = "never"', Audience.COUPLE), ('reveal = "sent"', Audience.THERAPIST)]
)
def test_reveal_has_to_fit_the_audiences(reveal, audience):
    with pytest.raises(DefinitionError, match="never exactly if no item is for the couple"):
        spec(reveal, audience)


def test_contents_hold_all_texts():
    contents = questionnaire.contents(spec())

    assert contents["reveal"] == "both"
    assert contents["items"][0] == {
        "key": "close",
        "page": "one",
        "kind": "scale",
        "text": "How close?",
        "audience": "couple",
        "low": 0,
        "high": 10,
        "low_text": "Far",
        "high_text": "Close",
        "required": False,
    }


@pytest.fixture(scope="module")
def signs():
    found = load_exercise(LIBRARY / "warning-signs.toml").spec(QuestionnaireSpec)
    assert found is not None
    return found


SIGNS = ("quality_time", "distance", "unmet_needs", "loneliness", "talking")
OFTEN = ("hardly_ever", "now_and_then", "half_the_time", "often", "nearly_always")


def answers_of(**signs):
    """Give ``sign=(frequency, hurt)`` as answers."""
    answers = {}
    for sign, (often, hurt) in signs.items():
        answers |= {f"{sign}_often": OFTEN[often], f"{sign}_hurt": hurt, f"{sign}_since": "months"}
    return answers


def test_there_are_exactly_five_warning_signs(signs):
    assert tuple(score.key.removesuffix("_weight") for score in signs.form.scores[:-1]) == SIGNS
    assert len(signs.form.scores) == 6


@pytest.mark.parametrize(
    ("often", "hurt", "weight", "shown"),
    [(0, 0, 0, 0), (4, 10, 10, 10), (3, 7, Fraction(29, 4), 7), (1, 0, Fraction(5, 4), 1), (2, 2, 3.5, 4)],
)
def test_a_sign_weighs_the_mean_of_hurt_and_frequency(signs, often, hurt, weight, shown):
    summary = questionnaire.summary(signs, answers_of(loneliness=(often, hurt)))

    result = {one.score.key: one for one in summary.scores}["loneliness_weight"]
    assert result.value == weight
    assert result.whole == shown


def test_the_overall_weight_is_the_sum_of_all_five_or_left_out(signs):
    whole = answers_of(**dict.fromkeys(SIGNS, (3, 7)))

    overall = questionnaire.summary(signs, whole).scores[-1]
    assert overall.value == Fraction(145, 4)
    assert overall.whole == 36
    assert (overall.ends.low, overall.ends.high) == (0, 50)
    assert overall.band == "weighs heavily"

    without = questionnaire.summary(signs, whole | {"talking_hurt": declined()}).scores[-1]
    assert without.value is None
    assert without.omitted is Omitted.INCOMPLETE


def test_partners_are_compared_sign_by_sign(signs):
    ours, theirs = (
        answers_of(loneliness=(4, 10), talking=(1, 2)),
        answers_of(loneliness=(2, 3), talking=(1, 3)),
    )

    found = {one.key: one for one in compare(signs, ours, theirs)}

    assert found["loneliness_weight"].distance == 6
    assert found["loneliness_weight"].is_far_apart
    assert found["loneliness_weight"].of is Of.SCORE
    assert found["talking_weight"].distance == Fraction(1, 2)
    assert not found["talking_weight"].is_far_apart
    assert found["loneliness_often"].distance == 2
    assert found["loneliness_often"].is_far_apart
    assert found["loneliness_hurt"].distance == 7
    assert found["loneliness_since"].distance is None
    assert not found["loneliness_since"].is_far_apart
    assert found["overall_weight"].share is None
    assert found["distance_hurt"].distance is None
    assert found["loneliness_hurt"].first.texts == ("10",)
    assert found["loneliness_often"].second.texts == ("About half the time",)


def test_three_points_on_a_weight_are_far_apart_and_less_is_not(signs):
    at_three = compare(signs, answers_of(talking=(2, 8)), answers_of(talking=(2, 2)))
    just_below = compare(signs, answers_of(talking=(2, 7)), answers_of(talking=(2, 2)))

    assert {one.key: one.distance for one in at_three}["talking_weight"] == 3
    assert {one.key: one.is_far_apart for one in at_three}["talking_weight"]
    assert not {one.key: one.is_far_apart for one in just_below}["talking_weight"]


def test_the_widest_distance_comes_first_and_none_last(signs):
    ours, theirs = (
        answers_of(loneliness=(4, 10), talking=(1, 2)),
        answers_of(loneliness=(2, 3), talking=(1, 3)),
    )

    ordered = widest_first(compare(signs, ours, theirs))

    shares = [one.share for one in ordered]
    assert ordered[0].key == "loneliness_hurt"
    known = [share for share in shares if share is not None]
    assert known == sorted(known, reverse=True)
    assert shares[: len(known)] == known


def test_the_share_of_a_distance_is_its_part_of_the_span():
    text = COUPLE_TABLE.format(reveal="") + (
        '[[scores]]\nkey = "w"\ntitle = "W"\nitems = ["close"]\nrule = "sum"\nmissing = "all"\n'
        'higher_is = "lighter"\n'
    )
    frame = Frame(title="Title", audience=Audience.COUPLE)
    of = read_definition(text, lambda table: questionnaire.read(table, frame), name="q.toml")

    found = compare(of, {"close": 2}, {"close": 4})

    assert found[0].distance == 2
    assert found[0].share == Fraction(1, 5)


def test_a_summary_tells_answered_declined_and_blank_apart_but_not_to_the_partner():
    summary = questionnaire.summary(spec(), {"close": 3, "told": declined()})

    assert [line.state for line in summary.lines] == [State.ANSWERED, State.DECLINED]
    assert summary.lines[0].number == 3
    assert summary.lines[0].ends == ("Far", "Close")
    assert summary.lines[0].page == "One"
    skipped = questionnaire.summary(spec(), {"close": 3})
    assert summary.for_partner() == skipped.for_partner() == skipped


def test_a_summary_for_some_audiences_leaves_out_lines_and_the_scores_over_them(signs):
    whole = questionnaire.summary(signs, answers_of(talking=(1, 2)))
    mixed = questionnaire.summary(spec(), {"close": 3, "told": "x"})

    assert whole.only([Audience.THERAPIST]) == whole
    assert whole.only([Audience.COUPLE]).lines == ()
    assert whole.only([Audience.COUPLE]).scores == ()
    assert [line.key for line in mixed.only([Audience.COUPLE]).lines] == ["close"]
