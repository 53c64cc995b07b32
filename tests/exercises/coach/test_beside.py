"""The coach over a text in parts: what it says stands under the part that it is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exercises.coach import Code, Kind, coach
from portal.exercises.coach.beside import THE_WHOLE, Excerpt, Looked, Slot, excerpt, look_over
from portal.exercises.mechanics.letter import LetterKind, LetterSpec, whole_text
from portal.exercises.shelf import library

SITUATION, FEELING, WISH = (
    Slot("situation", "When"),
    Slot("feeling", "I felt"),
    Slot("wish", "", needed=False),
)
LETTER = (SITUATION, FEELING, WISH)


def codes(looked: Looked) -> dict[str, list[Code]]:
    """Return the codes that were told, by the part they stand under."""
    found = {name: [remark.code for remark in told] for name, told in looked.parts.items()}
    return {
        name: told
        for name, told in {**found, THE_WHOLE: [each.code for each in looked.whole]}.items()
        if told
    }


def test_a_remark_stands_under_the_part_that_its_words_are_in() -> None:
    typed = {"situation": "you came home at ten on Monday. You never call", "feeling": "lonely and worried"}
    looked = look_over(Kind.I_STATEMENT, LETTER, typed)
    assert codes(looked) == {"situation": [Code.ALWAYS_NEVER]}


def test_a_feeling_in_one_part_and_its_moment_in_another_make_a_clear_whole() -> None:
    typed = {"situation": "you came home at ten on Monday without a call", "feeling": "lonely and worried"}
    assert codes(look_over(Kind.I_STATEMENT, LETTER, typed)) == {"feeling": [Code.CLEAR_I_STATEMENT]}


def test_nothing_is_said_to_be_missing_while_parts_are_still_empty() -> None:
    begun = look_over(Kind.I_STATEMENT, LETTER, {"situation": "you came home at ten on Monday"})
    assert codes(begun) == {}
    done = look_over(
        Kind.I_STATEMENT,
        LETTER,
        {"situation": "you came home at ten on Monday", "feeling": "that I could sleep"},
    )
    assert codes(done) == {THE_WHOLE: [Code.NO_FEELING]}


def test_a_part_that_may_stay_empty_is_not_waited_for() -> None:
    typed = {"situation": "things are as they are", "feeling": "sad"}
    assert Code.NO_SITUATION in codes(look_over(Kind.I_STATEMENT, LETTER, typed))[THE_WHOLE]


def test_of_a_text_in_one_part_everything_stands_under_it() -> None:
    looked = look_over(Kind.APPRECIATION, [Slot("words")], {"words": "You are wonderful."})
    assert codes(looked) == {"words": [Code.GENERIC_PRAISE]}
    assert looked.whole == ()


def test_a_code_that_comes_twice_is_said_once_with_both_places() -> None:
    looked = look_over(Kind.TURN, [Slot("words")], {"words": "You never listen. And you always shout."})
    (remark,) = looked.parts["words"]
    assert [each.words for each in remark.excerpts] == ["You never listen", "you always shout"]


def test_suggestions_come_before_what_is_good() -> None:
    words = "Could you call me at six tomorrow? You never do."
    (first, second) = look_over(Kind.TURN, [Slot("words")], {"words": words}).parts["words"]
    assert (first.is_good, second.is_good) == (False, True)


def test_nothing_typed_is_nothing_to_say() -> None:
    looked = look_over(Kind.I_STATEMENT, LETTER, {"situation": " \n", "feeling": ""})
    assert looked.everything == ()
    assert looked.care == frozenset()


def test_danger_to_a_life_is_told_of_the_part_that_speaks_of_it() -> None:
    typed = {"situation": "you left on Monday", "feeling": "that I want to kill myself"}
    looked = look_over(Kind.I_STATEMENT, LETTER, typed)
    assert looked.care == {"feeling"}
    assert Code.THREAT not in {remark.code for remark in looked.everything}


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("I feel sad today, as so often.", "sad", Excerpt("I feel ", "sad", " today, as so often")),
        ("It rained. You never call. I wait.", "never", Excerpt("You ", "never", " call")),
        ("one two three four five sad", "sad", Excerpt("…two three four five ", "sad", "")),
        ("You always shout at me in the car", "You always shout at me in the car", None),
    ],
)
def test_short_words_are_quoted_with_a_little_around_them(
    text: str, words: str, told: Excerpt | None
) -> None:
    start = text.index(words)
    assert excerpt(text, start, start + len(words)) == (told or Excerpt("", words, ""))


def test_long_words_are_shortened() -> None:
    text = "word " * 40
    assert excerpt(text, 0, len(text)).words == "word " * 13 + "word…"


@given(st.dictionaries(st.sampled_from(["situation", "feeling", "wish"]), st.text(max_size=80)))
def test_every_remark_of_the_coach_is_told_once_somewhere(typed: dict[str, str]) -> None:
    looked = look_over(Kind.TURN, LETTER, typed)
    text = "\n\n".join(words for slot in LETTER if (words := slot.read(typed.get(slot.name, ""))))
    assert {remark.code for remark in looked.everything} == set(coach(Kind.TURN, text).labels)


@pytest.mark.parametrize("words", ["", "you were late", "When you were late", " when I saw it \n", "…"])
def test_a_part_reads_the_way_it_will_stand_in_the_letter(words: str) -> None:
    for exercise in library().values():
        spec = exercise.spec(LetterSpec)
        if spec is None or spec.kind is LetterKind.NOTE:
            continue
        for item in spec.parts:
            slot = Slot(item.key, item.starter or "", item.required)
            assert slot.read(words) == whole_text(spec, {item.key: words})
