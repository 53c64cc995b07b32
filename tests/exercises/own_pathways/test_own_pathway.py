"""A draft keeps what was typed, becomes an ordinary definition, and says at which field something stands in the way."""

from dataclasses import replace

import pytest

from portal.exercises.own_pathways.drafts import (
    Draft,
    StepDraft,
    draft_of,
    from_plain,
    moved,
    put_back,
    to_plain,
    with_step,
    without_step,
)
from portal.exercises.own_pathways.source import Fault, definition, sketch, troubles
from portal.exercises.pathway import (
    ForWhom,
    GateKind,
    Otherwise,
    Pathway,
    Release,
    parse_pathway,
    pathways,
)
from portal.exercises.shelf import library
from portal.kit.library import DefinitionError
from tests.exercises.own_pathways.writing import TALK, short_way, with_values


def parsed(draft: Draft) -> Pathway:
    return parse_pathway(definition(draft, library(), slug="own-x", version=2), name="own-x")


def found(draft: Draft) -> list[tuple[str, str, Fault]]:
    return [(each.step, each.field, each.fault) for each in troubles(draft, library())]


@pytest.mark.parametrize("slug", sorted(pathways()))
def test_a_copy_of_a_built_in_pathway_says_the_very_same(slug: str) -> None:
    original = pathways()[slug]
    draft = from_plain(to_plain(draft_of(original)))
    text = definition(draft, library(), slug=slug, version=original.version)
    again = parse_pathway(text, name=slug)
    assert replace(again, source=original.source, digest=original.digest) == original


def test_a_finished_draft_is_an_ordinary_pathway() -> None:
    pathway = parsed(short_way())
    assert (pathway.slug, pathway.version, pathway.title) == ("own-x", 2, "Slowly nearer")
    assert [step.release for step in pathway.steps] == [Release.AT_ONCE, Release.AFTER_DELAY, Release.AFTER]
    assert pathway.steps[2].anchor is not None
    assert pathway.weeks >= 2


def test_touch_never_opens_while_a_safety_flag_is_open_even_if_nobody_said_so() -> None:
    kinds = {gate.kind for gate in parsed(short_way()).steps[1].gates}
    assert kinds == {GateKind.MATCHES, GateKind.NO_FLAG}


@pytest.mark.parametrize(("whom", "read"), [("", None), ("both", ForWhom.BOTH), ("b", ForWhom.B)])
def test_for_whom_a_step_is_stays_open_where_nothing_is_said(whom: str, read: ForWhom | None) -> None:
    assert (
        parsed(with_values(short_way(), "step_3", exercise="repair-script", whom=whom)).steps[2].whom is read
    )


@pytest.mark.parametrize(
    ("values", "otherwise"),
    [
        ({"flag_skips": True}, Otherwise.SKIP),
        ({"no_flag": True, "flag_skips": True}, Otherwise.SKIP),
        ({"no_flag": True}, Otherwise.WAIT),
    ],
)
def test_a_step_waits_for_a_flag_to_be_closed_or_is_left_out(
    values: dict[str, bool], otherwise: Otherwise
) -> None:
    draft = with_values(short_way(), "step_3", therapist=False, **values)
    (gate,) = parsed(draft).steps[2].gates
    assert (gate.kind, gate.otherwise) == (GateKind.NO_FLAG, otherwise)
    assert from_plain(to_plain(draft)) == draft


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('He said "never" \\ ever', 'He said "never" \\ ever'),
        ("Two\tcolumns\x7f", "Two columns"),
        ('"""\n[[steps]]\nkey = "x"', '"""\n[[steps]]\nkey = "x"'),
        ("Ünïcode – ‘quotes’ 🙂", "Ünïcode – ‘quotes’ 🙂"),
    ],
)
def test_whatever_is_typed_stays_text(text: str, kept: str) -> None:
    if "\x7f" in text:
        text = text.replace("\x7f", "")
    assert parsed(replace(short_way(), why=text)).why == kept


def test_an_empty_draft_lists_what_it_lacks_and_cannot_be_published() -> None:
    assert found(Draft()) == [
        ("", "title", Fault.MISSING),
        ("", "purpose", Fault.MISSING),
        ("", "not_when", Fault.MISSING),
        ("", "steps", Fault.MISSING),
    ]
    with pytest.raises(DefinitionError):
        definition(Draft(), library(), slug="own-x", version=1)


@pytest.mark.parametrize(
    ("key", "values", "trouble"),
    [
        ("step_2", {"days": ""}, ("step_2", "days", Fault.MISSING)),
        ("step_2", {"days": "three"}, ("step_2", "days", Fault.NO_NUMBER)),
        ("step_2", {"days": "-1"}, ("step_2", "days", Fault.NO_NUMBER)),
        ("step_2", {"days": "367"}, ("step_2", "days", Fault.OUT_OF_RANGE)),
        ("step_2", {"at_least": ""}, ("step_2", "at_least", Fault.MISSING)),
        ("step_2", {"at_least": "0"}, ("step_2", "at_least", Fault.OUT_OF_RANGE)),
        ("step_2", {"times": "many"}, ("step_2", "times", Fault.NO_NUMBER)),
        ("step_2", {"due_days": "91"}, ("step_2", "due_days", Fault.OUT_OF_RANGE)),
        ("step_3", {"session_days": ""}, ("step_3", "session_days", Fault.MISSING)),
        ("step_3", {"exercise": ""}, ("step_3", "exercise", Fault.MISSING)),
        ("step_3", {"exercise": "own-gone"}, ("step_3", "exercise", Fault.NO_EXERCISE)),
        ("step_3", {"both_done": "step_9"}, ("step_3", "both_done", Fault.NOT_EARLIER)),
        ("step_1", {"both_done": "step_3"}, ("step_1", "both_done", Fault.NOT_EARLIER)),
        ("step_3", {"matches_of": "step_2", "at_least": "1"}, ("step_3", "matches_of", Fault.NO_OVERLAP)),
        ("step_3", {"word": "x" * 2001}, ("step_3", "word", Fault.TOO_LONG)),
        ("step_2", {"recurrence": "weekly"}, ("step_2", "recurrence", Fault.NOT_SO_OFTEN)),
        ("step_1", {"recurrence": "once", "times": "2"}, ("step_1", "times", Fault.COMES_ONCE)),
    ],
)
def test_each_trouble_is_named_at_its_field(key: str, values: dict[str, str], trouble: object) -> None:
    assert found(with_values(short_way(), key, **values)) == [trouble]


def test_what_a_field_that_does_not_count_holds_is_kept_and_not_asked_for() -> None:
    draft = with_values(short_way(), "step_3", days="not needed here", at_least="nor this", session="")
    assert found(draft) == []
    assert from_plain(to_plain(draft)) == draft


def test_the_first_step_counts_from_the_start_wherever_it_stood_before() -> None:
    draft = moved(moved(short_way(), "step_2", by=-1), "step_1", by=0)
    draft = with_values(draft, "step_2", matches_of="")
    assert parsed(draft).steps[0].release is Release.ON_DATE
    assert draft.steps[0].release == "after_delay"
    back = moved(draft, "step_2", by=1)
    assert parsed(back).steps[1].release is Release.AFTER_DELAY


def test_moving_past_an_end_changes_nothing() -> None:
    draft = short_way()
    assert moved(draft, "step_1", by=-1) == draft
    assert moved(draft, "step_3", by=1) == draft
    assert moved(draft, "step_9", by=1) == draft


def test_a_step_that_is_taken_out_can_be_put_back_with_everything_in_it() -> None:
    draft = short_way()
    without = without_step(draft, "step_2")
    assert [step.key for step in without.steps] == ["step_1", "step_3"]
    assert put_back(from_plain(to_plain(without))) == draft


def test_a_condition_on_a_step_that_is_gone_is_said_and_comes_right_again() -> None:
    draft = without_step(short_way(), "step_1")
    assert ("step_2", "matches_of", Fault.NOT_EARLIER) in found(draft)
    assert found(put_back(draft)) == []


def test_a_new_step_never_takes_the_name_of_one_that_was_there() -> None:
    draft, key = with_step(without_step(short_way(), "step_3"), TALK)
    assert key not in {"step_1", "step_2", "step_3"}
    assert draft.steps[-1] == StepDraft(key=key, exercise=TALK)


def test_an_unfinished_draft_can_be_looked_at_as_far_as_it_goes() -> None:
    draft = with_values(short_way(), "step_2", days="soon", exercise="")
    way = sketch(draft, library())
    assert way.steps[1].days == 0
    assert len(way.steps) == 3


@pytest.mark.parametrize("plain", [None, [], "x", {"steps": "x"}, {"title": 3, "steps": [None, {"days": 4}]}])
def test_a_draft_of_another_shape_is_read_as_far_as_it_can_be(plain: object) -> None:
    assert isinstance(from_plain(plain), Draft)
