"""A draft and the definition it becomes say the same, and whatever is wrong is found where it was typed."""

from dataclasses import fields

import pytest

from portal.exercises.domain import parse_exercise
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.own.arranging import add, may_move, move, new_key, put_back, take_out
from portal.exercises.own.compile import Trouble, definition_of, exercise_of, steps_of, troubles_in
from portal.exercises.own.conditions import OTHER, in_words, put_condition, sayings, sources
from portal.exercises.own.drafts import Draft, as_draft, as_kept, draft_of, source_of
from portal.exercises.own.preview import viewable
from portal.exercises.own.problem_words import say
from portal.exercises.own.schema import Nowhere, find, walk
from portal.exercises.own.shapes import parts_of
from portal.exercises.own.starters import STARTERS, starter
from portal.exercises.shelf import library
from portal.kit.library import values_of
from portal.questionnaires.conditions import enabled_keys

SLUG = "own-a"


def questions() -> Draft:
    """Return a draft with two pages and a question on each."""
    draft = starter(MechanicName.QUESTIONNAIRE, "Quiet")
    draft["questionnaire"]["pages"] = [
        {"key": "first", "title": "One", "items": [{"key": "q1", "kind": "choice", "text": "Was there time?",
         "options": [{"key": "yes", "text": "Yes"}, {"key": "no", "text": "No"}]}]},
        {"key": "second", "title": "Two", "items": [{"key": "q2", "kind": "long", "text": "How was it?"}]},
    ]  # fmt: skip
    return draft


FIRST, SECOND = (("questionnaire", "pages", p, "items", q) for p, q in (("first", "q1"), ("second", "q2")))


@pytest.mark.parametrize("slug", sorted(library()))
def test_a_copy_of_any_exercise_says_what_that_says(slug: str) -> None:
    draft = as_draft(as_kept(draft_of(library()[slug].source)))
    assert troubles_in(draft, slug=slug) == []
    made, was = exercise_of(draft, slug=slug, version=library()[slug].version), library()[slug]
    same = [each.name for each in fields(was) if each.name not in {"source", "digest", "translations"}]
    assert {each: getattr(made, each) for each in same} == {each: getattr(was, each) for each in same}


@pytest.mark.parametrize("slug", sorted(library()))
def test_the_editor_knows_a_place_for_every_text_of_every_exercise(slug: str) -> None:
    """What an exercise says can be changed: no text is reached by no field."""
    draft = draft_of(library()[slug].source)
    kept_as_they_are = {"mechanics", "stressors", "reading_minutes", "private_part", "shareable", "needs"}
    known = {each.key for found in walk(draft, parts_of(draft)) for each in found.fields}
    for key in draft.keys() - kept_as_they_are - {"clinician"} - set(draft["mechanics"]):
        assert key in known, key
    for name in draft["mechanics"]:
        part = find(draft, parts_of(draft), (name,))
        names = {each.key for each in part.fields} | {each.key.split(".")[0] for each in part.lists}
        texts = {
            key for key, value in draft[name].items() if isinstance(value, str | list) and len(value) > 12
        }
        assert texts - names <= {"only_from"}, name


@pytest.mark.parametrize(
    "words", ['a "quote" \\ and a\nline', "tab\there", "Grüße, 私たち 💛", "'''", '"""', "del\x7f"]
)
def test_any_words_come_through_a_definition_as_they_were(words: str) -> None:
    source = source_of(
        {"title": words, "steps": [words, "b"], "clinician": {"rationale": words}}, slug=SLUG, version=3
    )
    values = values_of(source, name="here")
    assert (values["id"], values["version"], values["title"]) == (SLUG, 3, words.strip())
    assert values["steps"] == [words.strip(), "b"]


def test_the_editors_own_keys_never_reach_a_definition() -> None:
    draft = draft_of(library()["i-statements"].source) | {"_taken_out": [{"entry": "secret"}], "_count": 9}
    assert "secret" not in definition_of(draft, slug=SLUG)


def test_nothing_typed_is_nothing_said() -> None:
    assert "stop_rule" not in source_of(
        {"stop_rule": "", "materials": [], "x": {"y": {"z": ""}}}, slug=SLUG, version=1
    )


def test_what_is_missing_is_found_at_its_field() -> None:
    draft = starter(MechanicName.QUESTIONNAIRE, "Quiet")
    found = {(each.where, each.field) for each in troubles_in(draft, slug=SLUG)}
    assert (("about",), "purpose") in found
    assert (("couple",), "steps") in found
    assert (("therapist",), "clinician.look_for") in found
    assert (("questionnaire", "pages", "page1"), "title") in found
    assert all(each.is_gap for each in troubles_in(draft, slug=SLUG))


@pytest.mark.parametrize(
    ("change", "where", "field"),
    [
        ({"minutes": "twelve"}, ("about",), "minutes"),
        ({"title": "x" * 81}, ("about",), "title"),
        ({"touch_level": 2, "stop_rule": ""}, ("couple",), "stop_rule"),
        ({"audience": "overlap"}, ("about",), "audience"),
    ],
)
def test_what_is_wrong_is_found_at_its_field(
    change: dict[str, object], where: tuple[str, ...], field: str
) -> None:
    draft = draft_of(library()["warning-signs"].source) | change
    assert (where, field) in {(each.where, each.field) for each in troubles_in(draft, slug=SLUG)}


def test_a_wrong_number_deep_inside_is_found_at_its_question() -> None:
    draft = draft_of(library()["warning-signs"].source)
    page = draft["questionnaire"]["pages"][0]
    scale = next(each for each in page["items"] if each["kind"] in {"scale", "number", "choice", "long"})
    scale["kind"], scale["low"], scale["high"], scale["low_text"], scale["high_text"] = (
        "scale",
        0,
        "many",
        "a",
        "b",
    )
    where = ("questionnaire", "pages", page["key"], "items", scale["key"])
    assert (where, "high") in {(each.where, each.field) for each in troubles_in(draft, slug=SLUG)}


def test_every_trouble_is_said_in_words_without_a_key(site: object) -> None:
    with site.app.test_request_context():  # type: ignore[attr-defined]
        for problem in (
            "is missing",
            "has 90 characters; 80 are allowed",
            "must hold at least 2",
            "must be at most 240",
        ):
            words = say(Trouble(("about",), "title", problem))
            assert problem not in words


def test_what_was_typed_for_another_kind_of_question_stays_in_the_draft_only() -> None:
    draft = questions()
    item = find(draft, parts_of(draft), SECOND).table
    item["options"] = [{"key": "a", "text": "Left over"}]
    assert "Left over" not in definition_of(draft, slug=SLUG)
    assert find(draft, parts_of(draft), SECOND).table["options"]


def test_touch_always_needs_a_release() -> None:
    draft = draft_of(library()["warning-signs"].source) | {
        "touch_level": 1,
        "stop_rule": "Stop.",
        "requires_release": False,
    }
    assert parse_exercise(definition_of(draft, slug=SLUG), name="it").requires_release


def test_a_path_of_a_mistake_is_taken_apart() -> None:
    assert steps_of("questionnaire.pages[2].items[1].text") == [
        "questionnaire",
        "pages",
        1,
        "items",
        0,
        "text",
    ]


@pytest.mark.parametrize("name", list(STARTERS))
def test_a_new_exercise_can_be_looked_at_before_anything_is_written(name: MechanicName) -> None:
    assert viewable(starter(name, ""), slug=SLUG, version=1) is not None


def test_a_draft_with_something_wrong_can_still_be_looked_at() -> None:
    draft = draft_of(library()["warning-signs"].source) | {"minutes": "twelve", "title": ""}
    shown = viewable(draft, slug=SLUG, version=1)
    assert shown is not None
    assert shown.title == "…"
    assert draft["minutes"] == "twelve"


def test_keys_are_never_made_twice() -> None:
    draft = questions()
    assert new_key(draft, "q") == "q3"
    assert new_key(draft, "page") == "page4"
    where = add(draft, parts_of(draft), ("questionnaire", "pages", "second"), "items", kind="short")
    take_out(draft, parts_of(draft), where)
    assert add(draft, parts_of(draft), ("questionnaire", "pages", "second"), "items", kind="short") != where


def test_pressing_twice_adds_once() -> None:
    draft = questions()
    first = add(draft, parts_of(draft), ("questionnaire",), "pages", once_key="k")
    assert add(draft, parts_of(draft), ("questionnaire",), "pages", once_key="k") == first
    assert len(draft["questionnaire"]["pages"]) == 3


def test_a_question_moves_over_the_end_of_its_page() -> None:
    draft = questions()
    assert not may_move(draft, parts_of(draft), FIRST, -1)
    assert move(draft, parts_of(draft), SECOND, -1) == (*FIRST[:-1], "q2")
    assert [each["key"] for each in draft["questionnaire"]["pages"][0]["items"]] == ["q1", "q2"]
    assert draft["questionnaire"]["pages"][1]["items"] == []


def test_what_was_taken_out_comes_back_where_it_stood() -> None:
    draft = questions()
    was = as_kept(draft["questionnaire"])
    take_out(draft, parts_of(draft), FIRST)
    with pytest.raises(Nowhere):
        find(draft, parts_of(draft), FIRST)
    assert put_back(draft, parts_of(draft), 0) == FIRST
    assert as_kept(draft["questionnaire"]) == was


def test_conditions_look_at_earlier_pages_only(site: object) -> None:
    draft = questions()
    assert sources(draft, parts_of(draft), FIRST) == []
    assert [each["key"] for each in sources(draft, parts_of(draft), SECOND)] == ["q1"]


def test_another_answer_means_an_answer(site: object) -> None:
    """Who left a question out isn't asked what only goes with another answer, as authors mean it."""
    draft = questions() | draft_texts()
    item = find(draft, parts_of(draft), SECOND).table
    (source,) = sources(draft, parts_of(draft), SECOND)
    put_condition(item, source, OTHER, "yes")
    form = exercise_of(draft, slug=SLUG).form
    assert "q2" not in enabled_keys(form, {})
    assert "q2" not in enabled_keys(form, {"q1": "yes"})
    assert "q2" in enabled_keys(form, {"q1": "no"})
    with site.app.test_request_context():  # type: ignore[attr-defined]
        assert in_words(draft, item) == [
            "“Was there time?” was answered",
            "“Was there time?” is not “Yes”",
        ]
        assert OTHER not in dict(sayings(source, {"when": [{}], "when_match": "any"}))


def draft_texts() -> Draft:
    """Return the texts that every exercise needs, taken from a built-in one."""
    whole = draft_of(library()["warning-signs"].source)
    return {
        key: whole[key] for key in whole if key not in {"questionnaire", "mechanics", "audience", "title"}
    }


def test_a_question_may_be_for_somebody_else_than_its_exercise() -> None:
    draft = questions() | draft_texts() | {"audience": "couple"}
    find(draft, parts_of(draft), SECOND).table["audience"] = "private"
    made = exercise_of(draft, slug=SLUG)
    assert {each.key: each.audience.value for each in made.form.questions} == {
        "q1": "couple",
        "q2": "private",
    }


def test_nobody_has_to_know_the_rule_about_opening() -> None:
    draft = questions() | draft_texts() | {"audience": "couple"}
    draft["questionnaire"]["reveal"] = "never"
    for audience in ("couple", "therapist"):
        draft["audience"] = audience
        assert troubles_in(draft, slug=SLUG) == []


def test_no_built_in_exercise_has_a_name_like_an_own_one() -> None:
    assert not [slug for slug in library() if slug.startswith("own-")]


def letter_of(draft: Draft) -> LetterSpec:
    """Return the letter that a draft becomes."""
    found = exercise_of(draft, slug=SLUG).spec(LetterSpec)
    assert found is not None
    return found


def text_of(draft: Draft) -> AgreementSpec:
    """Return the shared text that a draft becomes."""
    found = exercise_of(draft, slug=SLUG).spec(AgreementSpec)
    assert found is not None
    return found


def test_a_copied_letter_keeps_the_day_that_it_asks_for_and_can_do_without() -> None:
    copy = draft_of(library()["repair-script"].source)
    assert letter_of(copy).has_follow_up
    letter = {key: value for key, value in copy["letter"].items() if key != "follow_up"}
    emptied = copy | {"letter": letter | {"follow_up": {"title": "", "prompt": "", "hint": ""}}}
    assert not letter_of(emptied).has_follow_up


def test_a_copy_without_the_question_about_weeks_is_looked_at_after_its_days() -> None:
    copy = draft_of(library()["compromise"].source)
    assert text_of(copy).weeks_from == "weeks"
    pages = [
        page | {"items": [item for item in page["items"] if item["key"] != "weeks"]}
        for page in copy["questionnaire"]["pages"]
    ]
    without = text_of(copy | {"questionnaire": copy["questionnaire"] | {"pages": pages}})
    assert (without.weeks_from, without.review_after.days) == ("", 28)
