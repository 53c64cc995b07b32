"""The writing coach: what it points out, what it lets be, and that it never stumbles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exercises.coach import GOOD, PROBLEMS, Code, Kind, coach, needs_care
from portal.exercises.coach.hints import say

I_STATEMENT, APPRECIATION, APOLOGY, TURN = Kind

PIECES = st.sampled_from(
    "you never always , . ? ! \" ' “ ” I'm sorry but if feel that like lonely when on Friday thank for making tea "
    "because of lazy not said could please I'll leave ~ - \n 😀 ﬁ İ ’".split(" ")
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map(" ".join))


def codes(kind: Kind, text: str) -> set[str]:
    return {code.value for code in coach(kind, text).labels}


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        # Generalisations
        (TURN, "You never help me.", {"always_never"}),
        (TURN, "You always make me laugh.", set()),
        (TURN, "You never forget my birthday.", set()),
        (TURN, "I always go quiet.", set()),
        (TURN, "You said I never help.", set()),
        (TURN, "What I hear is that I never ask.", set()),
        (TURN, "We always take the 8:15 train.", set()),
        (APPRECIATION, "You always leave the light on for me.", {"specific_appreciation"}),
        # Blame
        (TURN, "This is all your fault.", {"blaming_you"}),
        (TURN, "It's not your fault.", set()),
        (TURN, "You made me do it.", {"blaming_you"}),
        (TURN, "You made me a cup of tea.", set()),
        (TURN, "Why can't you be more like Peter?", {"blaming_you"}),
        # Labels of character
        (TURN, "You are so selfish.", {"character_label"}),
        (TURN, "your so stubborn", {"character_label"}),
        (TURN, "You act like a child.", {"character_label"}),
        (TURN, "You're just like your mother.", {"character_label"}),
        (TURN, "You're not lazy.", set()),
        (TURN, "I was selfish last week.", set()),
        (TURN, "Come here, you big silly bear.", set()),
        (TURN, "You look cold.", set()),
        (TURN, "She said “you are lazy” to me.", set()),
        # Mind-reading
        (TURN, "You don't care about me.", {"mind_reading"}),
        (TURN, "You just want to win.", {"mind_reading"}),
        (TURN, "Maybe you just wanted some peace.", set()),
        (TURN, "I know you didn't mean to hurt me.", set()),
        (TURN, "Do you want to go home?", set()),
        # Threats
        (TURN, "If you do that again, I'm leaving.", {"threat"}),
        (TURN, "No sex until you apologise.", {"threat"}),
        (TURN, "Either she goes or I go.", {"threat"}),
        (TURN, "If you shout, I will leave the room and come back in ten minutes.", set()),
        (TURN, "I'm leaving at six to catch the train.", set()),
        # Apologies
        (APOLOGY, "I'm sorry I was late, but the traffic was awful.", {"but_apology"}),
        (APOLOGY, "I'm sorry I yelled, but you started it.", {"but_apology", "blaming_you"}),
        (APOLOGY, "I was tired, but I did it anyway, that's on me. I'm sorry I snapped.", {"owned_apology"}),
        (APOLOGY, "I'm sorry if I hurt you.", {"if_apology"}),
        (APOLOGY, "I'm sorry you feel that way.", {"if_apology"}),
        (APOLOGY, "I'm sorry I shouted. If you'd like to talk, I'm here.", {"owned_apology"}),
        (APOLOGY, "I'm sorry for everything.", set()),
        (APOLOGY, "I'm so sorry that your father is ill.", set()),
        # Praise
        (APPRECIATION, "You're amazing.", {"generic_praise"}),
        (APPRECIATION, "You make me laugh.", set()),
        (APPRECIATION, "Thank you for making lunch this morning.", {"specific_appreciation"}),
        (TURN, "Thanks for walking the dog this morning.", {"specific_appreciation"}),
        # Feelings
        (I_STATEMENT, "I felt lonely last night when you went to bed early.", {"clear_i_statement"}),
        (I_STATEMENT, "I feel lonely in this marriage.", {"no_situation"}),
        (I_STATEMENT, "You came home late.", {"no_feeling"}),
        (I_STATEMENT, "I feel that you don't pull your weight.", {"disguised_accusation", "no_feeling"}),
        (I_STATEMENT, "I feel attacked when you raise your voice.", {"disguised_accusation", "no_feeling"}),
        (TURN, "I feel that you are a wonderful father.", set()),
        (TURN, "I felt attacked by my boss.", set()),
        # Wishes
        (TURN, "Could you put your phone away while we eat?", {"request"}),
        (TURN, "Please be nicer to me.", set()),
        (TURN, "Please forgive me.", set()),
        (TURN, "Can I bring you anything?", set()),
    ],
)
def test_it_reads_as_a_careful_person_would(kind: Kind, text: str, wanted: set[str]) -> None:
    assert codes(kind, text) == wanted


def test_a_hint_is_about_the_words_that_it_names() -> None:
    text = "I felt lonely on Tuesday. You never put yours away, and I miss hearing about your day."
    (hint,) = [each for each in coach(I_STATEMENT, text).hints if each.code is Code.ALWAYS_NEVER]
    assert text[hint.start : hint.end] == "You never put yours away"


def test_offsets_count_code_points() -> None:
    text = "😀😀 You’re so selfish"
    (hint,) = [each for each in coach(TURN, text).hints if each.code is Code.CHARACTER_LABEL]
    assert text[hint.start : hint.end] == "You’re so selfish"


def test_no_feeling_is_told_instead_of_no_situation() -> None:
    assert codes(I_STATEMENT, "I think so.") == {"no_feeling"}


def test_a_text_without_words_has_no_hints() -> None:
    for text in ("", " ", "\n\n", "...", "“”"):
        assert coach(TURN, text).hints == ()
    assert coach(I_STATEMENT, "").labels == ()


@pytest.mark.parametrize(
    "text",
    [
        "If you leave me I'll kill myself.",
        "I don't want to live any more",
        "i want to die",
        "I'd rather be dead than go on.",
        "One day I will kill you.",
        "I could strangle the kids",
        "If you go, I'll take a whole bottle of tablets.",
        "Leave me and I'm going off the bridge.",
        "I won't be here tomorrow if you walk out.",
        "If you leave, I'm going to end it.",
        "I've started cutting again.",
        "I might as well be dead.",
        "If you go to her, I'll step in front of a train.",
        "I don't want to be here any more.",
        "You'll come home to find me hanging.",
        "I'm going to do away with myself.",
        "You'd all be better off if I was dead.",
        "I just want to go to sleep and never wake up.",
    ],
)
def test_danger_to_a_life_reaches_the_safety_path(text: str) -> None:
    assert needs_care(text)


@pytest.mark.parametrize(
    "text",
    [
        "I could have died laughing.",
        "You're killing me, ha ha",
        "I was dead tired.",
        "I'm dying to see your mum's new kitchen.",
        "It kills me that I missed your concert.",
        "I won't be here tomorrow, I'm at the conference until Thursday.",
        "I'll take my pills after breakfast.",
        "I cut myself shaving again.",
        "I'm going to jump off the diving board.",
        "You're to die for in that suit.",
        "I could murder a curry.",
        "I'll kill you if you tell me the ending, haha",
        "I would never kill anybody, you know that.",
        "",
    ],
)
def test_a_figure_of_speech_does_not(text: str) -> None:
    assert not needs_care(text)


def test_every_code_is_either_a_problem_or_good_and_has_words_to_say() -> None:
    assert GOOD.isdisjoint(PROBLEMS)
    for code in Code:
        words = say(code)
        assert len(words.split()) <= 20
        assert "!" not in words


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(Kind), text=TEXTS)
def test_any_text_is_read_without_stumbling_and_always_the_same(kind: Kind, text: str) -> None:
    advice = coach(kind, text)
    assert advice == coach(kind, text)
    for hint in advice.hints:
        assert 0 <= hint.start < hint.end <= len(text)
        assert text[hint.start : hint.end].strip()
    assert list(advice.labels) == sorted(set(advice.labels), key=list(Code).index)
    assert set(advice.labels) == {hint.code for hint in advice.hints}
    assert not {Code.NO_FEELING, Code.NO_SITUATION} <= set(advice.labels)
    needs_care(text)
