"""Reading a text: words know where they stand, and quotations are somebody else's."""

from portal.exercises.coach.lexicon import inflected
from portal.exercises.coach.reading import sentences


def lines(text: str) -> list[str]:
    return [each.line.strip() for each in sentences(text)]


def test_contractions_are_read_in_full() -> None:
    assert lines("You’re late, and I can't wait.") == ["you are late , and i can not wait"]


def test_people_type_without_apostrophes() -> None:
    assert lines("u dont care, your so cold") == ["you do not care , you are so cold"]


def test_slips_of_the_pen_are_read_as_meant() -> None:
    assert lines("i was dissapointed becuase you alwyas go") == ["i was disappointed because you always go"]


def test_words_keep_their_places_in_the_text() -> None:
    text = "Oh! You’re 😀 so lazy."
    second = sentences(text)[1]
    assert [text[word.start : word.end] for word in second.words] == ["You’re", "You’re", "😀", "so", "lazy"]


def test_quotations_are_masked_in_straight_curly_and_single_marks() -> None:
    for text in (
        'You said "you are lazy" again',
        "You said “you are lazy” again",
        "You said 'you are lazy' again",
    ):
        assert lines(text) == ["you said ~ ~ ~ ~ ~ again"]


def test_an_apostrophe_is_not_a_quotation() -> None:
    assert lines("my parents' house isn't the kids' house") == ["my parents house is not the kids house"]


def test_a_text_that_is_one_quotation_is_read() -> None:
    assert lines("“You never listen.”") == ['" you never listen', '"']


def test_a_title_does_not_end_a_sentence() -> None:
    assert lines("Dr. May called. I was glad") == ["dr may called", "i was glad"]


def test_questions_are_known() -> None:
    assert [each.asks for each in sentences("Are you sad? I am.")] == [True, False]


def test_a_list_entry_stands_for_all_its_forms() -> None:
    assert inflected("stop++") == ("stop", "stops", "stopped", "stopping")
    assert inflected("criticise+") == ("criticise", "criticises", "criticised", "criticising")
    assert inflected("worry+") == ("worry", "worries", "worried", "worrying")
    assert inflected("know-it-all") == ("know - it - all", "know it all")
