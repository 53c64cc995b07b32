"""A deck in the browser, without any script: cards to answer, cards turned over, and nothing of the other's before."""

import re

import pytest

from portal.exercises import care_commands
from portal.exercises.domain import Recurrence
from portal.exercises.models import AssignmentState
from tests.exercises.decks.dealing import WEEK, answer, answer_key, hand, pass_time
from tests.exercises.doing import give
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, masked, settle

HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }} \u202e"\' & <b>'


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.a)


@pytest.fixture
def alex(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.b)


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


@pytest.fixture
def deck(site: Site, pair: Pair) -> str:
    """A weekly deck in which both may guess."""
    return give(site.records, pair, "curiosity-cards", recurrence=Recurrence.WEEKLY)


def page(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def main_of(text: str) -> str:
    """Return the main part of a page as words."""
    main = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def press(visitor: Visitor, path: str, ending: str, **fields: str) -> str:
    """Send the form of a page that goes to an address with some ending; return where it leads."""
    form = next(
        each
        for each in read(path, page(visitor, path)).forms
        if each.action.partition("?")[0].endswith(ending)
    )
    sent = {name: values[0] for name, values in form.filled("").items() if values} | fields
    sent["csrf_token"] = visitor.csrf
    answer = visitor.post(form.action, sent)
    assert answer.status_code == 303, (answer.status_code, main_of(answer.get_data(as_text=True)))
    return str(answer.headers["Location"])


def walk_link(visitor: Visitor, deck: str) -> str:
    """Return where a deck's page leads to answer the cards."""
    path = f"/t/{deck}/cards"
    return next(each for each in read(path, page(visitor, path)).links if "/p/1?" in each)


def walk_through(visitor: Visitor, deck: str, words: list[dict[str, str]]) -> str:
    """Answer the cards page by page, read them over and send them; return where it ends."""
    address = walk_link(visitor, deck)
    for typed in words:
        address = press(visitor, address, address.partition("?")[0], **typed, go="on")
    assert "/check" in address
    return press(visitor, address, "/send")


def test_a_round_is_begun_answered_read_over_and_sent_without_a_script(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor, deck: str
) -> None:
    assert press(sam, f"/t/{deck}", "/begin").endswith(f"/t/{deck}/cards")
    keys = hand(site.records, pair.a, deck)
    words = [{answer_key(key): f"Sam on {key}", f"guess_{key}": f"perhaps {key}"} for key in keys]
    assert walk_through(sam, deck, words).endswith(f"/t/{deck}/cards")
    sent = main_of(page(sam, f"/t/{deck}/cards"))
    assert f"Sam on {keys[0]}" in sent
    assert "Yours is in" in sent
    before = main_of(page(alex, f"/t/{deck}/cards"))
    assert "Sam on" not in before
    walk_through(alex, deck, [{answer_key(key): f"Alex on {key}"} for key in keys])
    for visitor in (sam, alex):
        opened = main_of(page(visitor, f"/t/{deck}/cards"))
        for key in keys:
            assert {f"Sam on {key}", f"Alex on {key}", f"perhaps {key}"} <= set(
                re.findall(r"(?:Sam on|Alex on|perhaps) \w+", opened)
            )
    assert "Alex had thought" not in main_of(page(sam, f"/t/{deck}/cards"))
    assert f"You had thought: perhaps {keys[0]}" in main_of(page(sam, f"/t/{deck}/cards"))
    assert f"Sam had thought: perhaps {keys[0]}" in main_of(page(alex, f"/t/{deck}/cards"))
    assert site.faults == []


def everything(visitor: Visitor, deck: str) -> list[bytes]:
    paths = [
        "/today",
        "/together",
        "/just-me",
        f"/t/{deck}",
        f"/t/{deck}/cards",
        f"/t/{deck}/open",
        f"/t/{deck}/sent",
    ]
    return [masked(visitor.get(path)) for path in paths]


def test_until_both_have_sent_the_others_pages_stay_the_same_to_the_last_byte(
    site: Site, pair: Pair, alex: Visitor, deck: str
) -> None:
    layered = give(site.records, pair, "hopes-and-fears", recurrence=Recurrence.WEEKLY)
    everything(alex, deck)
    before = [everything(alex, each) for each in (deck, layered)]
    answer(site.records, pair.a, deck, words="Quillmere stays with me")
    answer(site.records, pair.a, layered, words="Quillmere, once more", depth="third")
    after = [everything(alex, each) for each in (deck, layered)]
    assert after == before
    pass_time(site.records, WEEK)
    alex = site.sign_in_as(pair.b)
    with_answers = [everything(alex, each) for each in (deck, layered)]
    assert b"Quillmere" not in b"".join(each for pages in with_answers for each in pages)


def test_a_round_in_which_one_passed_on_everything_shows_no_more_than_empty_answers(
    site: Site, pair: Pair, sam: Visitor, deck: str
) -> None:
    answer(site.records, pair.a, deck, words="Sam")
    answer(site.records, pair.b, deck)
    opened = main_of(page(sam, f"/t/{deck}/cards"))
    assert opened.count("Alex Not answered") == 3
    assert "pass" not in opened.lower().replace("you may pass", "").replace("how it works", "")


def test_hostile_words_are_shown_as_they_were_typed(
    site: Site, pair: Pair, sam: Visitor, ines: Visitor, deck: str
) -> None:
    key = hand(site.records, pair.b, deck)[0]
    answer(site.records, pair.b, deck, values={answer_key(key): HOSTILE, f"guess_{key}": HOSTILE})
    answer(site.records, pair.a, deck)
    for visitor, path in ((sam, f"/t/{deck}/cards"), (ines, f"/answers/{deck}")):
        shown = page(visitor, path)
        assert "<script>alert" not in shown
        assert shown.count("&lt;script&gt;alert") == 2


def test_a_page_that_was_open_when_the_cards_turned_over_loses_nothing_that_was_typed(
    site: Site, pair: Pair, sam: Visitor, deck: str
) -> None:
    answer(site.records, pair.a, deck, words="Sam")
    link = walk_link(sam, deck)
    answer(site.records, pair.b, deck, words="Alex")
    key = answer_key(hand(site.records, pair.a, deck, 0)[0])
    stale = sam.post(link, {"csrf_token": sam.csrf, "writer": sam.writer, key: "Typed meanwhile", "go": "on"})
    assert stale.status_code == 409
    assert "Typed meanwhile" in stale.get_data(as_text=True)


def test_two_windows_with_the_same_card_are_both_heard(
    site: Site, pair: Pair, sam: Visitor, deck: str
) -> None:
    press(sam, f"/t/{deck}", "/begin")
    link = walk_link(sam, deck)
    key = answer_key(hand(site.records, pair.a, deck)[0])
    windows = [
        next(each for each in read(link, page(sam, link)).forms if "/p/1" in each.action) for _ in "ab"
    ]
    sent = [
        {name: values[0] for name, values in each.fields.items()} | {"csrf_token": sam.csrf, "go": "later"}
        for each in windows
    ]
    assert sam.post(link, sent[0] | {key: "One window, going on"}).status_code == 303
    other = sam.post(link, sent[1] | {key: "The other window"})
    assert other.status_code == 409
    shown = other.get_data(as_text=True)
    assert "One window, going on" in shown
    assert "The other window" in shown


def test_a_round_can_be_taken_back_and_is_offered_again_next_week(
    site: Site, pair: Pair, sam: Visitor, alex: Visitor, deck: str
) -> None:
    answer(site.records, pair.a, deck, words="Sam")
    assert f"/t/{deck}/cards?round=" in press(sam, f"/t/{deck}/cards", "/take-back")
    assert "Your draft is saved" in main_of(page(sam, f"/t/{deck}/cards"))
    answer(site.records, pair.b, deck, words="Alex")
    assert "Alex" not in main_of(page(sam, f"/t/{deck}/cards")).replace("Alex and Ines", "")
    pass_time(site.records, WEEK)
    alex = site.sign_in_as(pair.b)
    week = main_of(page(alex, f"/t/{deck}/cards"))
    assert "Cards of the week of 23 Nov" in week
    assert "Cards of the week of 16 Nov Yours is in" in week


@pytest.mark.parametrize("name", ["2026-W99", "2026-W48", "2026-W47.2", "x", "1"])
def test_rounds_that_are_not_there_are_not_there(sam: Visitor, deck: str, name: str) -> None:
    assert sam.get(f"/t/{deck}/cards?round={name}").status_code == 404
    assert "<textarea" not in page(sam, f"/t/{deck}/p/1?part=deck&round={name}")


def test_the_page_of_a_deck_is_for_the_two_it_was_given_to(
    site: Site, pair: Pair, ines: Visitor, deck: str
) -> None:
    other = site.world.pair(pair.a.practice_id, ("Dana Moss", "Lee Quill"))
    settle(site.records, other.a)
    assert site.sign_in_as(other.a).get(f"/t/{deck}/cards").status_code == 404
    assert ines.get(f"/t/{deck}/cards").status_code == 404
    letter = give(site.records, pair, "i-statements")
    assert site.sign_in_as(pair.a).get(f"/t/{letter}/cards").status_code == 404


def test_a_therapist_adds_a_card_and_takes_it_out_again(
    site: Site, ines: Visitor, sam: Visitor, deck: str
) -> None:
    assert press(ines, f"/answers/{deck}", "/cards", text=f"What now? {HOSTILE}").endswith("#cards")
    review = page(ines, f"/answers/{deck}")
    assert "What now? &lt;script&gt;" in review
    assert "What now?" not in page(sam, f"/t/{deck}/cards")
    press(ines, f"/answers/{deck}", "/take-out")
    assert "What now?" not in page(ines, f"/answers/{deck}")
    assert site.faults == []


def test_a_card_that_is_too_long_comes_back_with_its_words(ines: Visitor, deck: str) -> None:
    sent = {"csrf_token": ines.csrf, "writer": ines.writer, "text": "Why? " * 100}
    answer = ines.post(f"/answers/{deck}/cards", sent)
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert "Why? Why? Why?" in shown
    assert "Use up to 300 characters" in shown


def test_a_deck_that_has_ended_still_shows_what_is_open(
    site: Site, pair: Pair, sam: Visitor, ines: Visitor, deck: str
) -> None:
    answer(site.records, pair.a, deck, words="Sam")
    answer(site.records, pair.b, deck, words="Alex")
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, deck, state=AssignmentState.FINISHED)
    shown = main_of(page(sam, f"/t/{deck}/cards"))
    assert "Alex card_" in shown
    assert "next cards" not in shown
    assert "Cards of your own" not in main_of(page(ines, f"/answers/{deck}"))
