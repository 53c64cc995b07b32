"""What the exercises for two at once promise: the same questions alone afterwards, and who reads what."""

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.domain import as_json
from portal.exercises.mechanics.afterwards import UNTROUBLED
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.base import AT_ONCE, MechanicName, Sent
from portal.exercises.mechanics.dialogue import DialogueSpec
from portal.exercises.mechanics.ladder import READY, LadderSpec
from portal.exercises.shelf import library
from tests.exercises.turns import NOW

SENT = Sent(NOW)
KINDS = {
    DialogueSpec: ["check-in", "reflective-listening", "understanding-first", "validate-first"],
    AgreementSpec: [
        "boundaries",
        "fair-fight-rules",
        "money-meeting",
        "parenting-plan",
        "pause-and-return",
        "setback-plan",
    ],
    LadderSpec: ["forgiveness", "sensory-awareness", "small-disclosures"],
}


def read(slug):
    return library()[slug]


@pytest.mark.parametrize(("kind", "slug"), [(kind, slug) for kind, slugs in KINDS.items() for slug in slugs])
def test_an_exercise_is_read_whole_and_can_be_shown(kind, slug):
    exercise = read(slug)

    assert exercise.spec(kind) is not None
    assert as_json(exercise)["items"]
    for item in exercise.form.questions:
        exercise.label_of(item)
        opened = exercise.open_at(item, own=SENT, other=SENT, delivery=AT_ONCE)
        assert (opened is not None) is (item.audience is Audience.COUPLE)


@pytest.mark.parametrize(
    "slug", [slug for slugs in KINDS.values() for slug in slugs if slug != "forgiveness"]
)
def test_what_two_people_do_together_is_followed_by_the_same_two_questions_for_the_therapist(slug):
    exercise = read(slug)

    for key in UNTROUBLED:
        item = exercise.form.item(key)
        assert exercise.label_of(item) is Label.THERAPIST
        assert not item.required


def test_a_ladder_of_touch_needs_release_opening_and_consent_that_runs_out():
    exercise = read("sensory-awareness")
    spec = exercise.spec(LadderSpec)

    assert exercise.requires_release
    assert exercise.stop_rule
    assert spec.therapist_opens
    assert spec.expires is not None
    assert exercise.label_of(exercise.form.item(READY + "hands")) is Label.OVERLAP


def test_on_the_way_of_forgiving_everything_is_private_but_one_page_that_can_be_held():
    exercise = read("forgiveness")

    held = [item.key for item in exercise.form.questions if item.audience is not Audience.PRIVATE]
    assert held == ["tell"]
    assert exercise.label_of(exercise.form.item("tell")) is Label.HELD


def test_a_compromise_can_end_in_an_agreement():
    exercise = read("compromise")

    assert exercise.lead is MechanicName.OVERLAP
    assert [clause.key for clause in exercise.spec(AgreementSpec).clauses][:2] == [
        "agreed_issue",
        "firm_points",
    ]
