"""Who gets into which page: role by role, gate by gate, before any view has run."""

import re

import pytest
from sqlalchemy import update

from portal.access.policy import allows
from portal.access.viewer import House, Viewer
from portal.people.models import Account, Consent, LoginSession
from portal.web.room import MEMBERS, For, guard_of
from tests.portal_app import Site, Sites, Visitor, furnish

NOT_A_PAGE = {"static", "styleguide"}
UNGATED = {
    "people.before_you_start",
    "people.help_and_safety",
    "people.join",
    "people.leave",
    "people.not_now",
    "people.second_step",
    "people.second_step_confirm",
    "people.sign_in",
    "people.sign_in_again",
    "people.sign_in_code",
    "people.sign_out",
    "people.who_sees_what",
    "people.your_consent",
    "home.front",
}
"""Pages that open before consent, introduction and second factor are done."""


def plain_pages(site: Site, method: str) -> list[tuple[str, str, For]]:
    """Return every page without a parameter: its address, its endpoint and whom it is for."""
    found = []
    for rule in site.app.url_map.iter_rules():
        guard = guard_of(site.app, rule.endpoint)
        if (
            guard
            and method in (rule.methods or ())
            and not rule.arguments
            and rule.endpoint not in NOT_A_PAGE
        ):
            found.append((rule.rule, rule.endpoint, guard[1]))
    return found


def allowed(site: Site, endpoint: str, viewer: Viewer) -> bool:
    guard = guard_of(site.app, endpoint)
    assert guard is not None
    permission, audience = guard
    return audience is For.ANYONE or bool(viewer.roles & MEMBERS[audience] and allows(viewer, permission))


def test_each_role_gets_into_its_own_pages_and_into_no_other(sites: Sites) -> None:
    site = sites.empty()
    _pair, people = furnish(site.records)
    for name, viewer in people.items():
        visitor = site.sign_in_as(viewer)
        for path, endpoint, _audience in plain_pages(site, "GET"):
            if endpoint == "people.leave":
                continue
            status = visitor.get(path).status_code
            if allowed(site, endpoint, viewer):
                assert status in {200, 303}, (name, path)
            else:
                assert status == 404, (name, path)


def test_nobody_gets_in_without_signing_in(sites: Sites) -> None:
    site = sites.empty()
    stranger = site.sign_in_as(None)
    for path, _endpoint, audience in plain_pages(site, "GET"):
        answer = stranger.get(path)
        if audience is not For.ANYONE:
            assert answer.status_code == 303, path
            assert str(answer.location).startswith("/sign-in?next="), path


@pytest.fixture
def partner(sites: Sites) -> tuple[Site, Viewer, Visitor]:
    site = sites.empty()
    _pair, people = furnish(site.records)
    return site, people["a"], site.sign_in_as(people["a"])


def closed_pages(site: Site, viewer: Viewer, visitor: Visitor, way: str) -> None:
    """Check that every gated page leads to one place, and takes no form."""
    for path, endpoint, _audience in plain_pages(site, "GET"):
        if endpoint not in UNGATED and allowed(site, endpoint, viewer):
            answer = visitor.get(path)
            assert (answer.status_code, answer.location) == (303, way), path
    page = visitor.get(way).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    before = site.state()
    for path, endpoint, _audience in plain_pages(site, "POST"):
        if endpoint not in UNGATED and allowed(site, endpoint, viewer):
            assert visitor.post(path, {"csrf_token": token[1]}).status_code == 409, path
    assert site.state() == before


def test_nothing_opens_before_a_partner_has_agreed(partner: tuple[Site, Viewer, Visitor]) -> None:
    site, viewer, visitor = partner
    with site.records.within(viewer) as scope:
        scope.session.execute(update(Consent).values(withdrawn_at=scope.now))
    closed_pages(site, viewer, visitor, "/welcome/agree")


def test_nothing_opens_before_a_partner_has_read_how_to_leave(partner: tuple[Site, Viewer, Visitor]) -> None:
    site, viewer, visitor = partner
    with site.records.within(House(viewer.practice_id)) as scope:
        scope.find(Account, viewer.account_id).introduced_at = None
    closed_pages(site, viewer, visitor, "/welcome")


@pytest.mark.parametrize("name", ["therapist", "admin", "desk"])
def test_nothing_opens_for_staff_without_a_second_factor(sites: Sites, name: str) -> None:
    site = sites.empty()
    _pair, people = furnish(site.records)
    visitor = site.sign_in_as(people[name])
    with site.records.within(people[name]) as scope:
        scope.session.execute(update(LoginSession).values(second_factor=False))
    closed_pages(site, people[name], visitor, "/account/second-step")


def test_a_role_or_a_couple_that_was_taken_away_is_gone_with_the_next_request(sites: Sites) -> None:
    site = sites.empty()
    pair, people = furnish(site.records)
    therapist, admin = site.sign_in_as(people["therapist"]), site.sign_in_as(people["admin"])
    path = f"/couples/{pair.couple_id}/access"
    assert therapist.get(path).status_code == admin.get("/practice/people").status_code == 200
    with site.records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, people["therapist"].account_id).role_names = "desk"
        scope.find(Account, people["admin"].account_id).role_names = "desk"
    assert therapist.get(path).status_code == admin.get("/practice/people").status_code == 404
