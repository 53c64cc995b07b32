"""Every answer carries the whole set of headers, whatever kind of answer it is, and cookies are for this host alone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.access.policy import Permission
from portal.access.viewer import Viewer
from portal.exercises.care_commands import Plan, assign
from portal.exercises.domain import Recurrence
from portal.exercises.models import Whom
from portal.web.room import For, open_to
from tests.house.leak_exercises import mixed
from tests.portal_app import Site, Sites, Visitor, furnish

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "X-Robots-Tag": "noindex, nofollow",
}
CONTENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
TELLING = ("Server", "X-Powered-By", "ETag", "Last-Modified")
PAPER = "copy=joint&first=2026-11-01&last=2026-11-30"


def check(answer: TestResponse, *, static: bool = False) -> None:
    for name, value in EXPECTED.items():
        assert answer.headers.getlist(name) == [value], name
    (policy,) = answer.headers.getlist("Content-Security-Policy")
    nonce = re.search(r"'nonce-([\w-]{24})'", policy)
    assert nonce
    assert policy == CONTENT_POLICY.format(nonce=nonce[1])
    if static:
        answer.close()
        return
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert not [name for name in TELLING if name in answer.headers]
    if answer.mimetype == "text/html":
        found = set(re.findall(r'nonce="([^"]+)"', answer.get_data(as_text=True)))
        assert found <= {nonce[1]}


def plant_a_fault(app: Flask) -> None:
    """Add a page that breaks."""

    @open_to(Permission.BE_ANYONE, For.ANYONE, gated=False)
    def broken() -> str:
        raise RuntimeError("what somebody wrote")

    app._got_first_request = False
    app.add_url_rule("/broken", view_func=broken, methods=["GET", "POST"])


Ask = Callable[[Visitor, str], TestResponse]
ANSWERS: dict[str, tuple[int, Ask]] = {
    "a page": (200, lambda visitor, _couple: visitor.get("/account")),
    "not found": (404, lambda visitor, _couple: visitor.get("/no/such/page")),
    "not allowed": (404, lambda visitor, _couple: visitor.get("/practice/people")),
    "no such method": (405, lambda visitor, _couple: visitor.post("/help")),
    "a form without its token": (400, lambda visitor, _couple: visitor.post("/account", {"theme": "dark"})),
    "a form that is wrong": (
        422,
        lambda visitor, _couple: visitor.post("/account", {"csrf_token": visitor.csrf, "theme": "glaring"}),
    ),
    "a form that is too long": (
        413,
        lambda visitor, _couple: visitor.post(
            "/account", {"csrf_token": visitor.csrf, "theme": "x" * 5_000_000}
        ),
    ),
    "a fault of ours": (500, lambda visitor, _couple: visitor.get("/broken")),
    "a paper": (
        200,
        lambda visitor, couple: visitor.post(
            f"/couples/{couple}/reports/progress?{PAPER}", {"csrf_token": visitor.csrf, "go": "download"}
        ),
    ),
}


@pytest.fixture
def therapist(sites: Sites) -> tuple[Visitor, str]:
    site = sites.empty()
    plant_a_fault(site.app)
    pair, people = furnish(site.records)
    return site.sign_in_as(people["therapist"]), pair.couple_id


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_every_answer_has_the_whole_set(therapist: tuple[Visitor, str], kind: str) -> None:
    status, ask = ANSWERS[kind]
    answer = ask(*therapist)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    if kind == "a paper":
        assert answer.mimetype == "application/pdf"
    check(answer)
    assert b"what somebody wrote" not in answer.get_data()


def test_redirects_static_files_and_bare_strangers_get_it_too(sites: Sites) -> None:
    stranger = sites.empty().sign_in_as(None)
    check(stranger.get("/account"))
    check(stranger.get("/sign-in"))
    check(stranger.get("/leave"))
    check(stranger.get("/static/portal.css"), static=True)
    missing = stranger.get("/static/no-such-file.css")
    assert missing.status_code == 404
    check(missing, static=True)


def test_each_page_has_a_nonce_of_its_own(sites: Sites) -> None:
    stranger = sites.empty().sign_in_as(None)
    policies = {stranger.get("/sign-in").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_a_host_that_is_not_ours_gets_nothing(sites: Sites) -> None:
    site = sites.empty()
    answer = site.app.test_client().get("/sign-in", base_url="http://evil.example")
    assert answer.status_code == 400
    check(answer)
    assert b"evil" not in answer.get_data()
    assert site.faults == []


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("http://localhost", "portal", False), ("https://notebook.example", "__Host-portal", True)],
)
def test_cookies_are_for_this_host_alone(sites: Sites, base_url: str, name: str, secure: bool) -> None:
    site = sites.empty(base_url=base_url)
    answer = site.app.test_client().get("/sign-in", base_url=base_url)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    head, *flags = [part.strip() for part in cookie.split(";")]
    assert head.startswith(f"{name}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert ("Secure" in flags) is secure
    assert not any(flag.lower().startswith(("expires", "max-age", "domain")) for flag in flags)
    assert ("Strict-Transport-Security" in answer.headers) is secure
    check(answer)


def test_signing_out_wipes_what_the_browser_holds(sites: Sites) -> None:
    site = sites.empty()
    _pair, people = furnish(site.records)
    visitor = site.sign_in_as(people["a"])
    answer = visitor.post("/sign-out", {"csrf_token": visitor.csrf})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.get("/account").status_code == 303


def test_a_title_and_an_address_tell_nothing(sites: Sites) -> None:
    site = sites.empty()
    pair, people = furnish(site.records)
    given = _give(site, pair.couple_id, people)
    visitor = site.sign_in_as(people["a"])
    for path in ("/", f"/t/{given}", "/account", "/help", "/no/such/page"):
        answer = visitor.get(path)
        answer = visitor.get(answer.location) if answer.location else answer
        title = re.search(r"<title>(.*?)</title>", answer.get_data(as_text=True), re.DOTALL)
        assert title, path
        assert title[1].strip() == "Notebook"


def _give(site: Site, couple_id: str, people: dict[str, Viewer]) -> str:
    plan = Plan(couple_id=couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
    with site.records.within(people["therapist"]) as scope:
        found = assign(scope, mixed("secret-topic", "A secret topic"), plan, once_key="k").id
    site.clock.move(timedelta(seconds=1))
    return found
