"""The table of a shared text in clauses."""

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import agreement
from portal.exercises.mechanics.base import AT_ONCE, Sent
from portal.kit.library import DefinitionError
from tests.exercises.turns import AFTERWARDS, NOW, spec_of

TEXT = (
    """
review_days = 30
signature_text = "We both mean it."
clause_max = 200
[[clauses]]
key = "pause"
title = "A pause"
prompt = "How do you call it?"
suggestion = "We say pause."
[[clauses]]
key = "length"
title = "How long"
prompt = "How long is it?"
[[clauses]]
key = "phones"
title = "Phones"
prompt = "Where are they?"
suggestion = "Not at the table."
optional = true
"""
    + AFTERWARDS
)


def test_a_table_becomes_clauses_of_which_the_optional_ones_have_no_words_yet():
    spec = spec_of(agreement, TEXT)

    assert [(clause.key, clause.wording) for clause in spec.clauses] == [
        ("pause", "We say pause."),
        ("length", ""),
        ("phones", ""),
    ]
    assert spec.clauses[2].suggestion == "Not at the table."
    assert agreement.contents(spec)["clauses"][2]["optional"] is True


def test_a_clause_is_an_item_for_both_to_read_and_may_be_left_empty():
    spec = spec_of(agreement, TEXT)
    item = agreement.clause_item(spec, "How do you call it?")

    assert (item.text, item.max_length, item.required) == ("How do you call it?", 200, False)
    assert agreement.label(spec, item.audience) is Label.COUPLE


def test_what_is_asked_afterwards_never_opens_to_the_partner():
    spec = spec_of(agreement, TEXT)
    opens = [
        agreement.open_at(spec, audience, own=Sent(NOW), other=None, delivery=AT_ONCE)
        for audience in (Audience.THERAPIST, Audience.COUPLE)
    ]

    assert opens == [None, NOW]
    assert len(agreement.summary(spec, {}).lines) == len(agreement.form(spec).questions) == 2


def test_beside_an_overlap_the_text_is_for_the_couple_all_the_same():
    assert spec_of(agreement, TEXT, Audience.OVERLAP) == spec_of(agreement, TEXT)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT.replace('"length"', '"pause"'), "the clause key pause comes twice"),
        (
            TEXT.replace('"length"', '"added_1"'),
            "keys that begin with added_ are for clauses that a couple adds",
        ),
        (TEXT.replace("clause_max = 200", "clause_max = 2"), "clause_max: must be at least 100"),
        (TEXT.replace("review_days = 30", ""), "review_days: is missing"),
    ],
)
def test_mistakes_in_a_table_are_named(text, problem):
    with pytest.raises(DefinitionError) as caught:
        spec_of(agreement, text)
    assert problem in str(caught.value)
