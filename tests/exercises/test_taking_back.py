"""Taking back what was sent: anything for ten minutes, and a letter until it reaches whom it is for."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from portal.access.policy import Refused
from portal.access.viewer import House
from portal.exercises import care_commands, commands, queries
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind
from portal.exercises.models import AssignmentState, Whom
from portal.exercises.queries import Until
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import answer_ids, fill, give, open_item, send, task_of
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, masked

NOTE, ACCOUNT, LETTER, CAUSES = "surprise-note", "honest-account", "i-statements", "root-causes"
HELD = Delivery(DeliveryKind.HELD)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


def in_days(site: Site, days: int) -> Delivery:
    """Return a delivery for later."""
    return Delivery(DeliveryKind.LATER, site.clock.now() + timedelta(days=days))


def sent(site: Site, pair: Pair, slug: str, delivery: Delivery, *, whom: Whom = Whom.BOTH) -> tuple[str, str]:
    """Let A send an exercise; return the ids of assignment and response."""
    given = give(site.records, pair, slug, whom=whom)
    return given, send(site.records, pair.a, given, fill(library()[slug], "My words"), delivery=delivery)


def until(site: Site, pair: Pair, given: str) -> Until | None:
    """Return until when A can take it back."""
    with site.records.within(pair.a, read_only=True) as scope:
        return commands.can_take_back(scope, task_of(scope, pair.a, given))


def take_back(site: Site, pair: Pair, given: str) -> None:
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))


def words(visitor: Visitor, path: str) -> str:
    """Return a page without its tags."""
    page = visitor.get(path).get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_letter_for_later_can_be_taken_back_until_it_arrives(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, NOTE, in_days(site, 5))
    site.clock.move(timedelta(days=4))
    assert until(site, pair, given) is Until.ARRIVES
    take_back(site, pair, given)
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == fill(library()[NOTE], "My words")
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert queries.written(scope, [given]) == []


def test_a_letter_that_has_arrived_stays(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, NOTE, in_days(site, 5))
    site.clock.move(timedelta(days=5))
    assert until(site, pair, given) is None
    with pytest.raises(commands.TooLate):
        take_back(site, pair, given)


def test_a_letter_for_a_session_can_be_taken_back_until_it_is_opened(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, ACCOUNT, HELD, whom=Whom.A)
    site.clock.move(timedelta(days=60))
    assert until(site, pair, given) is Until.OPENED
    take_back(site, pair, given)
    response = send(site.records, pair.a, given, {}, delivery=HELD)
    open_item(site.records, pair.therapist, response)
    # It was heard: not even the first ten minutes help.
    assert until(site, pair, given) is None
    with pytest.raises(commands.TooLate):
        take_back(site, pair, given)


def test_what_its_writer_took_back_cannot_be_opened(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, ACCOUNT, HELD, whom=Whom.A)
    ines = site.sign_in_as(pair.therapist)
    page = read("", ines.get(f"/answers/{given}").get_data(as_text=True))
    address = next(link for link in page.links if "/open/" in link)
    take_back(site, pair, given)
    assert ines.get(address).status_code == 404
    with pytest.raises(Refused), site.records.within(pair.therapist) as scope:
        care_commands.open_held(scope, address.rpartition("/")[2])


def test_a_letter_that_arrives_at_once_can_be_taken_back_for_ten_minutes(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, LETTER, AT_ONCE)
    assert until(site, pair, given) is Until.MINUTES
    site.clock.move(timedelta(minutes=11))
    assert until(site, pair, given) is None


def test_questions_that_are_held_can_be_taken_back_for_ten_minutes_unless_opened(
    site: Site, pair: Pair
) -> None:
    given, response = sent(site, pair, CAUSES, AT_ONCE)
    assert until(site, pair, given) is Until.MINUTES
    open_item(site.records, pair.therapist, response, "why_disconnected")
    assert until(site, pair, given) is None


@pytest.mark.parametrize("kind", [DeliveryKind.LATER, DeliveryKind.HELD])
def test_the_receiver_cannot_tell_that_there_ever_was_a_letter(
    site: Site, pair: Pair, kind: DeliveryKind
) -> None:
    given = give(site.records, pair, LETTER)
    alex = site.sign_in_as(pair.b)
    paths = ("/today", "/together", f"/t/{given}", "/just-me")
    assert alex.csrf
    before = [masked(alex.get(path)) for path in paths]
    delivery = in_days(site, 2) if kind is DeliveryKind.LATER else HELD
    send(site.records, pair.a, given, fill(library()[LETTER], "My words"), delivery=delivery)
    assert [masked(alex.get(path)) for path in paths] == before
    take_back(site, pair, given)
    assert [masked(alex.get(path)) for path in paths] == before
    with site.records.within(House(pair.a.practice_id, frozenset({pair.couple_id}))) as scope:
        waiting = scope.select(OutgoingMail).where(OutgoingMail.due_at > site.clock.now())
        assert scope.all(waiting) == []


@pytest.mark.parametrize(
    ("slug", "delivered", "says"),
    [
        (NOTE, DeliveryKind.LATER, "Until it arrives you can make it a draft again."),
        (ACCOUNT, DeliveryKind.HELD, "Until it is opened you can make it a draft again."),
        (LETTER, DeliveryKind.NOW, "Within 10 minutes of sending you can make it a draft again."),
        (CAUSES, DeliveryKind.NOW, "Within 10 minutes of sending you can make it a draft again."),
    ],
)
def test_the_page_after_sending_says_until_when(
    site: Site, pair: Pair, slug: str, delivered: DeliveryKind, says: str
) -> None:
    delivery = in_days(site, 3) if delivered is DeliveryKind.LATER else Delivery(delivered)
    given, _response = sent(site, pair, slug, delivery)
    sam = site.sign_in_as(pair.a)
    page = words(sam, f"/t/{given}/sent")
    assert says in page
    assert ("isn’t told that it was there" in page) is (delivered is not DeliveryKind.NOW)


@pytest.mark.parametrize(
    ("slug", "says"),
    [
        (NOTE, "You can take it back until it arrives."),
        (ACCOUNT, "You can take it back until it is opened."),
        (
            LETTER,
            "You can take it back until it arrives or is opened, and for 10 minutes if it arrives at once.",
        ),
        ("warning-signs", "You can take it back for 10 minutes after sending."),
        (CAUSES, "as long as it isn’t open to you both."),
        ("progress-reflection", "as long as it isn’t open to you both."),
    ],
)
def test_the_introduction_says_until_when(site: Site, pair: Pair, slug: str, says: str) -> None:
    given = give(site.records, pair, slug)
    assert says in words(site.sign_in_as(pair.a), f"/t/{given}")


def test_a_letter_that_waits_is_its_writers_also_once_the_exercise_has_ended(site: Site, pair: Pair) -> None:
    given, _response = sent(site, pair, ACCOUNT, HELD, whom=Whom.A)
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.FINISHED)
    sam = site.sign_in_as(pair.a)
    page = read("", sam.get(f"/t/{given}/sent").get_data(as_text=True))
    form = next(each for each in page.forms if each.action.endswith("/take-back"))
    answer = sam.post(form.action, form.filled(""))
    assert (answer.status_code, answer.location) == (303, "/today")
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert queries.written(scope, [given]) == []


@pytest.mark.parametrize("first", ["the writer", "the therapist"])
def test_of_two_at_the_same_moment_the_second_sees_what_the_first_did(
    site: Site, pair: Pair, first: str
) -> None:
    given, response = sent(site, pair, ACCOUNT, HELD, whom=Whom.A)
    held = next(iter(answer_ids(site.records, pair.therapist, response).values()))
    refused: list[Exception] = []

    def second(run: Callable[[], object]) -> None:
        try:
            run()
        except (commands.TooLate, Refused) as error:
            refused.append(error)

    def open_it() -> None:
        with site.records.within(pair.therapist) as scope:
            care_commands.open_held(scope, held)

    scope = site.records.scope(pair.a if first == "the writer" else pair.therapist)
    if first == "the writer":
        commands.take_back(scope, task_of(scope, pair.a, given))
        other = Thread(target=second, args=(open_it,))
    else:
        care_commands.open_held(scope, held)
        other = Thread(target=second, args=(lambda: take_back(site, pair, given),))
    other.start()
    other.join(timeout=0.5)
    scope.commit()
    scope.close()
    other.join(timeout=30)
    assert not other.is_alive()
    assert len(refused) == 1
    with site.records.within(pair.b, read_only=True) as reading:
        assert bool(queries.written(reading, [given])) is (first == "the therapist")
