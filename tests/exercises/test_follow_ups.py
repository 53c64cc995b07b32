"""The day that a letter names: both read it, its writer alone is asked on it, and nobody learns what came of that."""

import re
from datetime import timedelta
from typing import Any

import pytest

from portal.access.viewer import Viewer
from portal.exercises import care_commands, commands, follow_ups
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.models import AssignmentState, Response, Whom
from portal.people.models import MailState, OutgoingMail
from portal.questionnaires.validation import Problem
from tests.exercises.doing import give, send, task_of, type_in
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

REPAIR = "repair-script"
WORDS = {"act": "let the phone ring", "change": "pick it up"}
PROMISED = WORDS | {"follow_up": "2026-12-04"}
ASKS = "You said you would ask"
DAY = "I’ll ask you again on Friday 4 December."


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything. It is Thursday 19 November 2026."""
    return furnish(site.records)[0]


@pytest.fixture
def given(site: Site, pair: Pair) -> str:
    """The apology, given to one of them."""
    return give(site.records, pair, REPAIR, whom=Whom.A)


def words(visitor: Visitor, path: str, status: int = 200) -> str:
    """Open a page and return its main part without tags."""
    answer = visitor.get(path)
    assert answer.status_code == status, answer.headers.get("Location")
    main = re.search(r"<main.*?</main>", answer.get_data(as_text=True), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def press(visitor: Visitor, path: str, ending: str, **typed: str) -> Any:
    """Send a form of a page as it stands there."""
    page = visitor.get(path).get_data(as_text=True)
    form = next(one for one in read(path, page).forms if one.action.partition("?")[0].endswith(ending))
    return visitor.post(form.action, dict(form.fields) | typed)


def mails(site: Site, viewer: Viewer) -> list[str]:
    """Return when a person's waiting mails are due, in the practice's time."""
    with site.records.within(viewer, read_only=True) as scope:
        waiting = scope.select(OutgoingMail).where(
            OutgoingMail.account_id == viewer.account_id, OutgoingMail.state == MailState.WAITING
        )
        return sorted(f"{each.due_at:%m-%d %H}" for each in scope.all(waiting) if each.due_at > scope.now)


def after(site: Site, viewer: Viewer, **passed: float) -> Visitor:
    """Let time pass, and sign in."""
    site.clock.move(timedelta(**passed))
    return site.sign_in_as(viewer)


def test_both_read_the_day_in_the_letter_and_so_does_the_therapist(
    site: Site, pair: Pair, given: str
) -> None:
    send(site.records, pair.a, given, PROMISED)
    assert DAY in words(site.sign_in_as(pair.b), f"/t/{given}/open")
    assert DAY in words(site.sign_in_as(pair.a), f"/t/{given}/sent")
    assert DAY in words(site.sign_in_as(pair.therapist), f"/answers/{given}")


def test_it_is_read_before_it_is_sent(site: Site, pair: Pair, given: str) -> None:
    type_in(site.records, pair.a, given, PROMISED)
    told = words(site.sign_in_as(pair.a), f"/t/{given}/check")
    assert DAY in told
    assert "4 December 2026" in told


def test_the_writer_alone_is_asked_and_not_before_the_day(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    assert ASKS not in words(after(site, pair.a, days=14, hours=14), "/today")
    told = words(after(site, pair.a, hours=2), "/today")
    assert f"{ASKS} today how it is now" in told
    assert "Nothing for today" not in told
    assert "Who can see this: Only you" in told
    alex = site.sign_in_as(pair.b)
    assert ASKS not in words(alex, "/today")
    assert alex.get(f"/t/{given}/ask?round=1").status_code == 404
    assert f"{ASKS} on Fri 4 Dec how it is now" in words(after(site, pair.a, days=2), "/today")


def test_the_mail_about_it_says_nothing_and_goes_to_the_writer(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    assert mails(site, pair.a) == ["12-04 08"]
    assert mails(site, pair.b) == []


def test_who_has_asked_is_asked_no_more(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    sam = after(site, pair.a, days=15)
    path = f"/t/{given}/ask?round=1"
    told = words(sam, path)
    assert DAY in told
    assert "Nobody is told whether you asked." in told
    assert "hasn’t been opened" not in told
    assert press(sam, path, "/ask").status_code == 303
    assert ASKS not in words(sam, "/today")
    assert mails(site, pair.a) == []
    # The page that was left open in another window leads back.
    assert sam.get(path).headers["Location"].endswith("/today")


def test_it_can_be_put_off_by_a_week_at_a_time(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    sam = after(site, pair.a, days=15)
    assert press(sam, f"/t/{given}/ask?round=1", "/ask", go="later").status_code == 303
    assert ASKS not in words(sam, "/today")
    assert mails(site, pair.a) == ["12-11 08"]
    assert DAY in words(site.sign_in_as(pair.b), f"/t/{given}/open")
    assert ASKS in words(after(site, pair.a, days=7), "/today")


def test_a_letter_that_is_taken_back_promises_nothing(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, REPAIR, whom=Whom.A)
    send(site.records, pair.a, given, PROMISED, delivery=Delivery(DeliveryKind.HELD))
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    assert mails(site, pair.a) == []
    assert ASKS not in words(after(site, pair.a, days=16), "/today")
    # Sent again with another day, that one counts.
    send(site.records, pair.a, given, WORDS | {"follow_up": "2026-12-20"})
    assert mails(site, pair.a) == ["12-20 08"]


def test_a_letter_without_a_day_asks_nothing(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, WORDS)
    assert mails(site, pair.a) == []
    assert "I’ll ask you again" not in words(site.sign_in_as(pair.b), f"/t/{given}/open")
    assert site.sign_in_as(pair.a).get(f"/t/{given}/ask").status_code == 303


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-18", "Please choose a day to come: tomorrow or later"),
        ("2026-11-19", "Please choose a day to come: tomorrow or later"),
        ("2030-01-01", "Please choose a day within the next year"),
    ],
)
def test_a_day_that_cannot_be_is_refused_where_it_is_chosen_and_nothing_is_lost(
    site: Site, pair: Pair, given: str, day: str, said: str
) -> None:
    sam = site.sign_in_as(pair.a)
    with site.records.within(pair.a) as scope:
        commands.begin(scope, task_of(scope, pair.a, given))
    path = f"/t/{given}/p/1"
    answer = press(sam, path, "/p/1", **WORDS, follow_up=day, go="on")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in page
    assert "let the phone ring" in page
    assert f'value="{day}"' in page
    assert 'type="date"' in page
    # Finishing later asks for nothing, and what was typed is there again.
    assert press(sam, path, "/p/1", **WORDS, follow_up=day, go="later").status_code == 303
    assert f'value="{day}"' in sam.get(path).get_data(as_text=True)


def test_a_day_that_has_passed_since_it_was_typed_is_told_before_sending(
    site: Site, pair: Pair, given: str
) -> None:
    type_in(site.records, pair.a, given, PROMISED)
    sam = after(site, pair.a, days=20)
    answer = press(sam, f"/t/{given}/check", "/send", delivery="now")
    assert answer.status_code == 422
    assert "Please choose a day to come: tomorrow or later" in answer.get_data(as_text=True)
    with site.records.within(pair.a, read_only=True) as scope:
        assert task_of(scope, pair.a, given).state == "draft"


def test_a_day_before_the_letter_arrives_does_not_fit(site: Site, pair: Pair, given: str) -> None:
    later = Delivery(DeliveryKind.LATER, site.clock.now() + timedelta(days=15))
    with pytest.raises(commands.Incomplete) as missing:
        send(site.records, pair.a, given, PROMISED, delivery=later)
    assert missing.value.errors["follow_up"].problem is Problem.DAY_BEFORE_ARRIVAL
    send(site.records, pair.a, given, WORDS | {"follow_up": "2026-12-05"}, delivery=later)


def test_a_letter_that_waits_for_a_session_says_so_on_its_day(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED, delivery=Delivery(DeliveryKind.HELD))
    told = words(after(site, pair.a, days=15), f"/t/{given}/ask?round=1")
    assert "Your letter hasn’t been opened yet." in told


def test_every_round_of_a_letter_that_comes_back_keeps_its_own_day(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, REPAIR, whom=Whom.A, recurrence=Recurrence.WEEKLY)
    send(site.records, pair.a, given, PROMISED)
    sam = after(site, pair.a, days=15)
    told = words(sam, "/today")
    assert ASKS in told
    page = sam.get("/today").get_data(as_text=True)
    path = next(url for url in re.findall(r'href="(/t/[^"]+)"', page) if "/ask" in url)
    assert "Write the next letter" in words(sam, path)


def test_nobody_else_notes_it_or_sees_what_came_of_it(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    before = words(site.sign_in_as(pair.therapist), f"/answers/{given}")
    seen = words(site.sign_in_as(pair.b), f"/t/{given}/open")
    site.clock.move(timedelta(days=15))
    assert site.sign_in_as(pair.therapist).get(f"/t/{given}/ask?round=1").status_code == 404
    with site.records.within(pair.a) as scope:
        follow_ups.has_asked(scope, task_of(scope, pair.a, given), "1")
    with site.records.within(pair.a, read_only=True) as scope:
        (response,) = scope.all(scope.select(Response).where(Response.assignment_id == given))
        assert response.asked_at is None
    assert words(site.sign_in_as(pair.therapist), f"/answers/{given}") == before
    assert words(site.sign_in_as(pair.b), f"/t/{given}/open") == seen


def test_an_ended_exercise_asks_no_more(site: Site, pair: Pair, given: str) -> None:
    send(site.records, pair.a, given, PROMISED)
    with site.records.within(pair.therapist) as scope:
        care_commands.end(scope, given, state=AssignmentState.FINISHED)
    assert mails(site, pair.a) == []
    assert ASKS not in words(after(site, pair.a, days=15), "/today")
