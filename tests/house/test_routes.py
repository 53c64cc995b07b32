"""Every page says who may open it, looking changes nothing, and nothing is changed by a form from elsewhere."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask

from portal.access.policy import POLICY, Permission
from portal.access.viewer import Viewer
from portal.web.room import MEMBERS, For, Unguarded, check_guards, guard_of
from tests.house.crawl import Crawl
from tests.portal_app import Site, Sites, Visitor, furnish

COMMITTED = Path(__file__).with_name("routes.txt")
OPEN_TO_ALL = {
    "home.front",
    "people.help_and_safety",
    "people.join",
    "people.leave",
    "people.sign_in",
    "people.sign_in_code",
    "people.sign_out",
    "styleguide",
}
WITHOUT_TOKEN = {"people.leave"}
"""The browser's parting signal can't carry a token; forging it could only sign a person out."""
LEAVES = {"people.leave"}
"""Leave must work by a plain link, so opening it ends the session."""
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def told(app: Flask) -> str:
    """Return the list of routes: address, methods, endpoint, permission and audience."""
    lines = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        methods = "+".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        guard = guard_of(app, rule.endpoint)
        who = f"{guard[0]} for {guard[1]}" if guard else "static files"
        lines.append(f"{rule.rule:52} {methods:9} {rule.endpoint:34} {who}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def real(sites: Sites) -> Site:
    """A portal as a practice runs it, without the pages for developers."""
    return sites.empty(environment="production")


def test_every_page_names_a_permission_and_an_audience(real: Site) -> None:
    for rule in real.app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        guard = guard_of(real.app, rule.endpoint)
        assert guard is not None, rule.endpoint
        permission, audience = guard
        assert isinstance(permission, Permission)
        assert isinstance(audience, For)
        if audience is For.ANYONE:
            assert rule.endpoint in OPEN_TO_ALL
        else:
            assert MEMBERS[audience] & POLICY[permission], f"{rule.endpoint} can be opened by nobody"


def test_a_page_without_them_keeps_the_portal_from_starting(real: Site) -> None:
    real.app._got_first_request = False
    real.app.add_url_rule("/planted", endpoint="planted", view_func=lambda: "open to all")
    with pytest.raises(Unguarded, match="planted"):
        check_guards(real.app)


def test_the_routes_are_the_ones_that_were_agreed(real: Site, pytestconfig: pytest.Config) -> None:
    now = told(real.app)
    if pytestconfig.getoption("--update-routes"):
        COMMITTED.write_text(now, encoding="utf-8")
    before = COMMITTED.read_text(encoding="utf-8")
    changes = list(
        difflib.unified_diff(before.splitlines(), now.splitlines(), "agreed", "now", lineterm="", n=0)
    )
    assert changes == [], "look at each change, then run pytest tests/house/test_routes.py --update-routes"


def visitors(site: Site) -> Iterator[tuple[str, Visitor]]:
    _pair, people = furnish(site.records)
    for name, viewer in people.items():
        yield name, site.sign_in_as(viewer)
    yield "stranger", site.sign_in_as(None)


def addresses(site: Site, method: str) -> Iterator[tuple[str, str]]:
    """Yield one address for each route that takes a method, with its endpoint."""
    for rule in site.app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.rule.startswith(("/static", "/styleguide")):
            yield (
                re.sub(r"<int:[^>]+>", "1", re.sub(r"<[a-z_]+>", "nobodyatallnobodyatall2345", rule.rule)),
                rule.endpoint,
            )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_asking_changes_nothing_for_anybody(site: Site, method: str) -> None:
    for name, visitor in visitors(site):
        before = site.state()
        for path, endpoint in addresses(site, method):
            if endpoint in LEAVES:
                continue
            answer = visitor.client.open(path, method=method)
            assert answer.status_code < 500, (name, path)
            if method != "GET":
                assert answer.get_data() == b""
        assert site.state() == before, name
    assert site.faults == []


def test_head_opens_nothing_that_get_does_not(site: Site) -> None:
    for name, visitor in visitors(site):
        for path, endpoint in addresses(site, "GET"):
            if endpoint not in LEAVES:
                by_get, by_head = visitor.get(path), visitor.client.head(path)
                assert (by_head.status_code, by_head.location) == (by_get.status_code, by_get.location), (
                    name,
                    path,
                )


def test_trace_and_methods_in_disguise_are_refused(site: Site) -> None:
    _pair, people = furnish(site.records)
    visitor = site.sign_in_as(people["a"])
    before = site.state()
    for path, endpoint in addresses(site, "GET"):
        if endpoint in LEAVES:
            continue
        assert visitor.client.open(path, method="TRACE").status_code == 405, path
        plain = visitor.get(path).status_code
        assert (
            visitor.get(path, **{"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE"}).status_code
            == plain
        )
        assert visitor.get(f"{path}?_method=POST").status_code == plain
    assert site.state() == before


@pytest.mark.parametrize(
    "way", ["no token", "another's token", "cross-site", "another origin", "no form at all"]
)
def test_a_form_from_elsewhere_is_refused_everywhere(site: Site, way: str) -> None:
    _pair, people = furnish(site.records)
    everybody = [(name, site.sign_in_as(viewer)) for name, viewer in people.items()]
    everybody.append(("stranger", site.sign_in_as(None)))
    others = site.sign_in_as(people["b"]).csrf
    for name, visitor in everybody:
        own = visitor.csrf
        before = site.state()
        for path, endpoint in addresses(site, "POST"):
            if endpoint in WITHOUT_TOKEN and way not in {"cross-site", "another origin"}:
                continue
            answer = _sent(visitor, path, way, own=own, others=others)
            assert answer in {400, 401, 404, 409} or _only_to_sign_in(visitor, answer), (name, path, answer)
        assert site.state() == before, name


def _sent(visitor: Visitor, path: str, way: str, *, own: str, others: str) -> int:
    fields = {"name": "Taken Over", "body": "words that are not mine", "go": "send", "choice": "agree"}
    match way:
        case "no token":
            return visitor.post(path, fields).status_code
        case "another's token":
            return visitor.post(path, fields | {"csrf_token": others}).status_code
        case "cross-site":
            return visitor.post(path, fields | {"csrf_token": own}, Sec_Fetch_Site="cross-site").status_code
        case "another origin":
            return visitor.post(path, fields | {"csrf_token": own}, Origin="https://evil.example").status_code
        case _:
            return visitor.client.post(path, data='{"name": "x"}', content_type="text/plain").status_code


def _only_to_sign_in(visitor: Visitor, status: int) -> bool:
    return visitor.viewer is None and status == 303


def test_methods_that_no_page_takes_are_refused(site: Site) -> None:
    _pair, people = furnish(site.records)
    visitor = site.sign_in_as(people["therapist"])
    before = site.state()
    for method in UNSAFE[1:]:
        for path, _endpoint in addresses(site, "GET"):
            assert visitor.post(path, {"csrf_token": visitor.csrf}, method=method).status_code in {
                400,
                404,
                405,
            }
    assert site.state() == before


TWISTED = ("//{0}", "/{0}/", "/{0}.json", "/{0};x", "/%2e%2e/{0}", "/{0}%00", "/{1}")


@pytest.mark.parametrize("twisted", TWISTED)
def test_a_twisted_address_opens_nothing_that_the_plain_one_does_not(sites: Sites, twisted: str) -> None:
    site = sites.empty()
    _pair, people = furnish(site.records)
    for visitor in (site.sign_in_as(None), site.sign_in_as(people["a"])):
        for plain in ("practice/people", "account", "couples/new"):
            path = twisted.format(plain, plain.upper())
            answer = visitor.client.get("/", environ_overrides={"PATH_INFO": unquote(path)})
            assert answer.status_code in {200, 301, 303, 308, 400, 404}, path
            if answer.status_code == 200:
                assert visitor.get(f"/{plain}").status_code == 200, path
    assert site.faults == []


def test_every_link_that_anybody_is_shown_leads_somewhere(sites: Sites) -> None:
    site = sites.empty()
    pair, people = furnish(site.records)
    knows = {("couple", pair.couple_id): frozenset(people)}
    for name, visitor in ((name, site.sign_in_as(viewer)) for name, viewer in people.items()):
        crawl = Crawl(visitor, name, knows, _cares(people[name]), most_links=60)
        crawl.read_everything()
        assert crawl.faults == []


def _cares(viewer: Viewer) -> frozenset[str]:
    return viewer.couples
