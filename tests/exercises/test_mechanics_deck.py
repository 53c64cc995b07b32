"""The deck: its table, the pages of a round, and what opens when."""

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.domain import LIBRARY, load_exercise
from portal.exercises.mechanics import deck
from portal.exercises.mechanics.base import AT_ONCE, Frame, Sent, State
from portal.exercises.mechanics.deck import DEPTH, DeckSpec, answer_key, guess_key, own_card
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.model import ItemKind

HEAD = """
per_round = 1
answer_max = 300
pass_text = "Leave it empty to pass."
"""
CARDS = """
[[cards]]
key = "sea"
text = "What do you think of when you hear the sea?"
follow_ups = ["Which sea?"]
[[cards]]
key = "bread"
text = "Which bread would you take to an island?"
"""
DEEP = """
layers = [{ key = "light", title = "Light" }, { key = "deep", title = "Deep" }]
depth_prompt = "How deep may the next ones go?"
depth_hint = "As deep as both like."
"""
FRAME = Frame(title="Cards", audience=Audience.COUPLE)
DECKS = ["tell-me-more", "hopes-and-fears", "curiosity-cards"]
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


def read(text):
    return read_definition(text, lambda table: deck.read(table, FRAME), name="cards.toml")


PLAIN = read(HEAD + CARDS)
GUESSING = read(HEAD + 'guess = true\nguess_prompt = "What will your partner write?"\n' + CARDS)
LAYERED = read(
    HEAD + DEEP + re.sub(r"(key = .*)", r'\1\nlayer = "light"', CARDS)
    + '[[cards]]\nkey = "loss"\nlayer = "deep"\ntext = "What do you miss?"'
)  # fmt: skip


def test_a_round_has_a_page_for_each_card_and_none_has_to_be_answered():
    form = deck.round_form(PLAIN, [PLAIN.cards[1], own_card(3, "What did you hum today?")])

    assert [item.text for item in form.questions] == [PLAIN.cards[1].text, "What did you hum today?"]
    assert [item.key for item in form.questions] == ["card_bread", "card_own_3"]
    assert len(form.pages) == 2
    for item in form.questions:
        assert (item.kind, item.audience, item.max_length) == (ItemKind.LONG, Audience.COUPLE, 300)
        assert not item.required
        assert not item.may_decline, "a pass must not be told from an empty answer"
        assert item.hint == "Leave it empty to pass."


def test_where_guessing_is_wanted_each_card_asks_for_a_guess_too():
    form = deck.round_form(GUESSING, GUESSING.cards)

    assert [[item.key for item in page.items] for page in form.pages] == [
        ["card_sea", "guess_sea"],
        ["card_bread", "guess_bread"],
    ]


def test_layers_ask_for_the_depth_of_the_next_cards_last_and_show_their_names():
    form = deck.round_form(LAYERED, LAYERED.cards[2:])

    assert [page.intro for page in form.pages] == ["Deep", ""]
    depth = form.item(DEPTH)
    assert depth.audience is Audience.OVERLAP
    assert [option.text for option in depth.options] == ["Light", "Deep"]
    assert deck.label(LAYERED, depth.audience) is Label.OVERLAP


def test_answers_open_once_both_have_sent_and_a_wished_depth_never_does():
    own, other = Sent(NOW), Sent(NOW + timedelta(days=1))
    open_at = deck.open_at

    assert open_at(LAYERED, Audience.COUPLE, own=own, other=None, delivery=AT_ONCE) is None
    assert open_at(LAYERED, Audience.COUPLE, own=own, other=other, delivery=AT_ONCE) == other.at
    assert open_at(LAYERED, Audience.COUPLE, own=other, other=own, delivery=AT_ONCE) == other.at
    assert open_at(LAYERED, Audience.OVERLAP, own=own, other=other, delivery=AT_ONCE) is None
    assert deck.label(LAYERED, Audience.COUPLE) is Label.LATER


def test_a_summary_tells_of_the_cards_that_were_answered_and_of_no_others():
    lines = deck.summary(GUESSING, {answer_key("bread"): "Rye", guess_key("bread"): "White"}).lines

    assert [(line.label, line.texts) for line in lines] == [
        ("Which bread would you take to an island?", ("Rye",)),
        ("What will your partner write?", ("White",)),
    ]
    assert {line.state for line in lines} == {State.ANSWERED}
    assert deck.summary(LAYERED, {DEPTH: "deep"}).lines[0].texts == ("Deep",)


WRONG = {
    "cards: two cards ask the same": HEAD + CARDS.replace("Which bread would you take to an island?", "What do you think of when you hear the SEA?"),
    "cards: the card key sea comes twice": HEAD + CARDS.replace("bread", "sea", 1),
    "cards: must be at least 4": HEAD.replace("per_round = 1", "per_round = 2") + CARDS,
    "doesn't begin with own_": HEAD + CARDS.replace('"bread"', '"own_1"'),
    "guess_prompt: is missing": HEAD + "guess = true" + CARDS,
    "layers: must be 2 to 5": HEAD + DEEP.replace(', { key = "deep", title = "Deep" }', "") + CARDS,
    "no card is in the layer deep": HEAD + DEEP + re.sub(r"(key = .*)", r'\1\nlayer = "light"', CARDS),
    "there is no layer 'dark'": HEAD + DEEP + re.sub(r"(key = .*)", r'\1\nlayer = "dark"', CARDS),
    "layer: unknown key": HEAD + re.sub(r"(key = .*)", r'\1\nlayer = "light"', CARDS),
    "depth_prompt: is missing": HEAD + DEEP.replace("depth_prompt", "depth_question") + CARDS,
}  # fmt: skip


@pytest.mark.parametrize(("said", "text"), WRONG.items(), ids=WRONG)
def test_mistakes_in_a_table_are_named(said, text):
    with pytest.raises(DefinitionError) as error:
        read(text)

    assert said in str(error.value)


def deck_of(slug):
    return load_exercise(LIBRARY / f"{slug}.toml")


def sentences(exercise):
    spec = exercise.spec(DeckSpec)
    texts = [text for card in spec.cards for text in (card.text, *card.follow_ups)]
    return [words(sentence) for text in texts for sentence in re.split(r"(?<=[.?!])\s+", text)]


def words(text):
    return re.sub(r"[^a-z ]", "", text.casefold()).split()


@pytest.mark.parametrize("slug", DECKS)
def test_each_deck_has_forty_different_cards_in_plain_words(slug):
    spec = deck_of(slug).spec(DeckSpec)

    assert len(spec.cards) >= 40
    told = sentences(deck_of(slug))
    assert len({" ".join(each) for each in told}) == len(told)
    for card in spec.cards:
        assert len(card.text) < 160
        assert "!" not in card.text


def test_no_two_decks_share_a_sentence_or_nearly_one():
    for first, second in combinations(map(deck_of, DECKS), 2):
        for ours in sentences(first):
            for theirs in sentences(second):
                assert ours != theirs
                common = len(set(ours) & set(theirs)) / max(len(set(ours) | set(theirs)), 1)
                assert common < 0.6, (ours, theirs)
