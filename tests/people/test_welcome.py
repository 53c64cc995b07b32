"""The first steps of a partner, and the help page that is the same for everybody."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from portal.access.audit import Action, AuditEntry
from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.people.crisis import countries, resources_for, shown
from portal.people.models import Account, Consent
from portal.people.welcome_commands import agree, withdraw_consent
from portal.people.welcome_queries import standing_consent
from tests.factories import World
from tests.people.door import Browser
from tests.people.whole import Whole

GATED = ("/today", "/account", "/account/devices")


def newcomer(whole: Whole) -> Browser:
    """A browser of a partner who was never here: neither introduced nor asked."""
    viewer = whole.world.sample.a
    whole.change(viewer, introduced_at=None)
    with whole.records.within(viewer) as scope:
        withdraw_consent(scope)
    return whole.partner_in(viewer)


def account_of(whole: Whole, viewer: Viewer) -> Account:
    [found] = [row for row in whole.read(viewer, Account) if row.id == viewer.account_id]
    return found


def content(answer: TestResponse) -> str:
    return re.sub(r'nonce="[^"]+"', "", answer.text.partition("<main")[2].partition("</main>")[0])


# --- Before you start ----------------------------------------------------------------------------------


def test_nothing_opens_before_the_introduction_was_read(whole: Whole) -> None:
    theirs = newcomer(whole)
    for path in GATED:
        assert theirs.get(path).location == "/welcome"
    assert theirs.get("/welcome/agree").location == "/welcome"
    assert theirs.post("/account", {"theme": "dark"}).status_code in {400, 409}


def test_the_introduction_says_what_leave_cannot_do_and_hides_the_address(whole: Whole) -> None:
    theirs = newcomer(whole)
    page = theirs.get("/welcome").text
    assert "It can’t stop someone who watches this device" in page
    assert whole.email(whole.world.sample.a) not in page
    assert "s•••@post.example" in page
    assert "<title>Notebook</title>" in page
    assert theirs.send().location == "/welcome/agree"
    assert account_of(whole, whole.world.sample.a).introduced_at == whole.clock.now()


def test_reading_it_again_changes_nothing(whole: Whole) -> None:
    theirs = newcomer(whole)
    theirs.get("/welcome")
    theirs.send()
    first = account_of(whole, whole.world.sample.a).introduced_at
    whole.clock.move(timedelta(minutes=5))
    theirs.get("/welcome")
    theirs.send()
    assert account_of(whole, whole.world.sample.a).introduced_at == first


# --- Consent -------------------------------------------------------------------------------------------


def test_agreeing_opens_the_portal(whole: Whole) -> None:
    theirs = newcomer(whole)
    theirs.get("/welcome")
    page = theirs.get(theirs.send().location)
    assert "Alex" in page.text
    assert "Ines" in page.text
    assert theirs.get("/today").location == "/welcome/agree"
    theirs.get("/welcome/agree")
    assert theirs.send({"choice": "agree"}).status_code == 303
    assert theirs.get("/today").status_code == 200
    [consent] = [row for row in whole.read(whole.world.sample.a, Consent) if row.withdrawn_at is None
                 and row.account_id == whole.world.sample.a.account_id]  # fmt: skip
    assert consent.agreed_at == whole.clock.now()


def test_declining_leads_to_a_calm_page_and_leaves_no_trace(whole: Whole) -> None:
    theirs = newcomer(whole)
    theirs.get("/welcome")
    theirs.send()
    theirs.get("/welcome/agree")
    before = len(whole.read(whole.world.sample.a, AuditEntry))
    answer = theirs.send({"choice": "not-now"})
    assert answer.location == "/welcome/later"
    page = theirs.get("/welcome/later").text
    assert "nobody is told" in page
    assert theirs.get("/today").location == "/welcome/agree"
    assert len(whole.read(whole.world.sample.a, AuditEntry)) == before
    theirs.get("/welcome/later")
    assert theirs.send(action="/sign-out").location == "/sign-in"


@pytest.mark.parametrize("choice", ["", "yes", "AGREE", None])
def test_only_a_plain_yes_is_a_yes(whole: Whole, choice: str | None) -> None:
    theirs = newcomer(whole)
    theirs.get("/welcome")
    theirs.send()
    theirs.get("/welcome/agree")
    theirs.send({} if choice is None else {"choice": choice})
    assert theirs.get("/today").location == "/welcome/agree"


def test_consent_is_withdrawn_and_given_again(whole: Whole) -> None:
    viewer = whole.world.sample.a
    theirs = whole.partner_in(viewer)
    assert theirs.get("/today").status_code == 200
    assert "You agreed to this on 19 November 2026" in theirs.get("/consent").text
    assert theirs.send().location == "/welcome/later"
    assert theirs.get("/today").location == "/welcome/agree"
    assert theirs.get("/consent").location == "/welcome/agree"
    theirs.get("/welcome/agree")
    theirs.send({"choice": "agree"})
    assert theirs.get("/today").status_code == 200
    actions = [
        entry.action for entry in whole.read(viewer, AuditEntry) if entry.actor_id == viewer.account_id
    ]
    assert actions.count(Action.CONSENT_WITHDRAWN) == 1
    assert Action.CONSENT_GIVEN in actions


def test_one_partners_consent_is_not_the_others(whole: Whole) -> None:
    newcomer(whole)
    assert whole.partner_in(whole.world.sample.b).get("/today").status_code == 200


def test_agreeing_twice_is_agreeing_once(records: Records, world: World) -> None:
    viewer = world.sample.a
    for _time in range(2):
        with records.within(viewer) as scope:
            agree(scope)
    with records.within(viewer, read_only=True) as scope:
        assert len(scope.all(scope.select(Consent))) == 1
        assert standing_consent(scope, viewer.account_id) is not None
        assert standing_consent(scope, world.sample.b.account_id) is None


def test_staff_are_never_asked(whole: Whole) -> None:
    theirs = whole.staff_in(whole.world.sample.therapist)
    assert theirs.get("/account").status_code == 200
    for path in ("/welcome", "/welcome/agree", "/welcome/later", "/consent"):
        assert theirs.get(path).status_code == 404


# --- Help ----------------------------------------------------------------------------------------------


def test_help_is_open_to_everybody_even_before_the_first_steps(whole: Whole) -> None:
    for theirs in (whole.browser(), newcomer(whole), whole.staff_in(whole.world.sample.therapist)):
        page = theirs.get("/help")
        assert page.status_code == 200
        assert "isn’t medical advice" in page.text
        assert "Nobody watches these pages" in page.text


def test_both_partners_read_the_same_help(whole: Whole) -> None:
    pages = {
        content(whole.partner_in(viewer).get("/help"))
        for viewer in (whole.world.sample.a, whole.world.sample.b)
    }
    assert len(pages) == 1
    assert "Samaritans" in pages.pop()


def test_help_before_signing_in_names_no_country_and_no_practice(whole: Whole) -> None:
    page = whole.browser().get("/help").text
    assert "Samaritans" not in page
    assert "Harbour" not in page
    assert "findahelpline.com" in page


@pytest.mark.parametrize("country", [*countries(), "anywhere", "AQ"])
def test_every_list_names_somebody_who_can_be_reached(country: str) -> None:
    found = shown(resources_for(country), country)
    assert found
    for each in found:
        assert each.name
        assert each.note
        assert re.fullmatch(r"tel:[+0-9]+|https://\S+", each.url)
