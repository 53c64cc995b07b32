"""Signing in, staying in and getting out."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import session as flask_session
from flask import url_for
from sqlalchemy import delete, event, update
from sqlalchemy.exc import OperationalError

from portal.access.audit import Action, AuditEntry
from portal.access.scope import Records
from portal.access.viewer import House, Role, Viewer
from portal.people import browser, login_sessions, totp
from portal.people.devices import device_of
from portal.people.models import Account, AccountState, LoginSession, RecoveryCode, SignInAttempt
from portal.people.passwords import Hasher
from tests.people.door import OTHER_PASSWORD, PASSWORD, Browser, Door, hash_of, make_app

WRONG = "That email address and password don’t fit together."


def sessions(door: Door) -> list[LoginSession]:
    return door.read(door.world.sample.a, LoginSession)


# --- The way in -----------------------------------------------------------------------------------


def test_a_partner_starts_at_today(door: Door) -> None:
    shown = door.browser()
    answer = shown.sign_in(door.email(door.world.sample.a))
    assert (answer.status_code, answer.location) == (303, "/today")
    assert shown.get("/today").text == f"today of {door.world.sample.a.account_id}"


def test_a_therapist_starts_at_the_caseload_after_a_code(door: Door) -> None:
    secret = door.give_second_factor(door.world.sample.therapist)
    shown = door.browser()
    answer = shown.sign_in(door.email(door.world.sample.therapist))
    assert answer.location == "/sign-in/code"
    assert shown.get("/caseload").location.startswith("/sign-in")
    shown.get("/sign-in/code")
    assert shown.send({"code": door.code(secret)}).location == "/caseload"
    assert shown.get("/caseload").status_code == 200


def test_an_administrator_starts_at_the_people(door: Door, admin: Viewer) -> None:
    secret = door.give_second_factor(admin)
    shown = door.browser()
    shown.sign_in(door.email(admin))
    shown.get("/sign-in/code")
    assert shown.send({"code": door.code(secret)}).location == url(door, "people.accounts")


def url(door: Door, endpoint: str) -> str:
    with door.app.test_request_context():
        return url_for(endpoint)


def test_an_address_may_be_typed_in_any_case(door: Door) -> None:
    shown = door.browser()
    assert shown.sign_in(f" {door.email(door.world.sample.a).upper()} ").status_code == 303


def test_what_a_request_knows_of_a_person_comes_from_the_tables(any_door: Door) -> None:
    door = any_door
    pair = door.world.sample
    for viewer in (pair.a, pair.b):
        token = _token(door.partner_in(viewer))
        found = login_sessions.load(door.records, token)
        assert found is not None
        assert found.viewer == viewer
        assert (found.practice_name, found.time_zone, found.introduced, found.consented) == (
            "Harbour Practice",
            "Europe/London",
            True,
            True,
        )
    found = login_sessions.load(door.records, _token(door.staff_in(pair.therapist)))
    assert found is not None
    assert found.viewer == pair.therapist
    assert found.second_factor


def test_a_person_is_looked_up_in_two_queries_at_most(any_door: Door) -> None:
    door = any_door
    token = _token(door.staff_in(door.world.sample.therapist))
    asked: list[str] = []
    event.listen(door.records.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert login_sessions.load(door.records, token) is not None
    queries = [
        statement for statement in asked if statement.startswith("SELECT") and "set_config" not in statement
    ]
    assert len(queries) == 2
    assert not [statement for statement in asked if statement.startswith("UPDATE")]


def _token(shown: Browser) -> str:
    return str(shown.held()["_user_id"])


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(door: Door, admin: Viewer) -> None:
    shown = door.staff_in(admin)
    assert shown.get("/caseload").status_code == 200
    door.change(admin, state=AccountState.SUSPENDED)
    assert shown.get("/caseload").location.startswith("/sign-in")


# --- One answer for every failure -------------------------------------------------------------------


def test_every_failure_reads_the_same(door: Door) -> None:
    pair = door.world.sample
    suspended = door.world.account(pair.a.practice_id, "Tom Reed", Role.PARTNER, state=AccountState.SUSPENDED)
    invited = door.world.account(pair.a.practice_id, "Una Bell", Role.PARTNER, state=AccountState.INVITED)
    gone = Viewer(pair.a.practice_id, suspended, frozenset({Role.PARTNER}))
    new = Viewer(pair.a.practice_id, invited, frozenset({Role.PARTNER}))
    door.change(gone, password_hash=hash_of(PASSWORD))
    pages = set()
    for email, password in [
        (door.email(pair.a), "not the password"),
        (door.email(pair.a), ""),
        (door.email(pair.a), "x" * 10_000),
        (door.email(pair.a), "nul \x00 inside"),
        (door.email(gone), PASSWORD),
        (door.email(new), PASSWORD),
        ("nobody@post.example", PASSWORD),
        ("no address at all", PASSWORD),
        ("", PASSWORD),
    ]:
        shown = door.browser()
        answer = shown.sign_in(email, password)
        assert answer.status_code == 422
        assert WRONG in answer.text
        pages.add(_without_what_varies(answer.text, email))
    assert len(pages) == 1


def _without_what_varies(page: str, email: str) -> str:
    kept = [line for line in page.splitlines() if "csrf_token" not in line and "nonce" not in line]
    return "\n".join(line for line in kept if 'name="email"' not in line and (not email or email not in line))


def test_an_overlong_password_never_reaches_the_hasher(door: Door) -> None:
    reached: list[str] = []

    class Counting(Hasher):
        def _slot(self) -> object:  # type: ignore[override]
            reached.append("hashing")
            return super()._slot()

    door.app.extensions["portal"].parts[browser.HASHER] = Counting(cheap=True)
    assert door.browser().sign_in(door.email(door.world.sample.a), "x" * 10_000).status_code == 422
    assert reached == []
    assert door.browser().sign_in("nobody@post.example", "y" * 20).status_code == 422
    assert reached == ["hashing"]


def test_a_stale_hash_is_made_anew_when_its_owner_signs_in(door: Door) -> None:
    door.app.extensions["portal"].parts[browser.HASHER] = Hasher()
    door.partner_in(door.world.sample.a)
    [account] = [
        row for row in door.read(door.world.sample.a, Account) if row.id == door.world.sample.a.account_id
    ]
    assert account.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert door.partner_in(door.world.sample.a).is_in()


def test_a_form_without_its_token_signs_nobody_in(door: Door) -> None:
    shown = door.browser()
    shown.post("/sign-in", {"email": door.email(door.world.sample.a), "password": PASSWORD})
    assert not shown.is_in()
    shown.get("/sign-in")
    assert shown.post(
        "/sign-in",
        {**shown.form()[1], "email": door.email(door.world.sample.a), "password": PASSWORD},
        Origin="https://evil.example",
    ).status_code == 400  # fmt: skip


# --- Throttling -------------------------------------------------------------------------------------


def test_guessing_is_stopped(any_door: Door) -> None:
    door = any_door
    shown = door.browser()
    answers = [
        shown.sign_in(door.email(door.world.sample.a), f"guess number {n}").status_code for n in range(12)
    ]
    assert answers == [422] * 10 + [429] * 2
    assert shown.sign_in(door.email(door.world.sample.a)).status_code == 429
    door.wait(minutes=16)
    assert shown.sign_in(door.email(door.world.sample.a)).status_code == 303


def test_a_partner_who_fails_on_purpose_locks_nobody_out(door: Door) -> None:
    mine = door.partner_in(door.world.sample.a)
    mine.post("/sign-out", _sign_out_fields(mine))
    # The same home, so even the same address.
    theirs = door.browser()
    for n in range(60):
        theirs.sign_in(door.email(door.world.sample.a), f"guess number {n}")
    assert theirs.sign_in(door.email(door.world.sample.a)).status_code == 429
    assert mine.sign_in(door.email(door.world.sample.a), "mistyped once").status_code == 422
    assert mine.sign_in(door.email(door.world.sample.a)).status_code == 303


def _sign_out_fields(shown: Browser) -> dict[str, list[str]]:
    shown.get("/account")
    return shown.form("/sign-out")[1]


def test_a_known_browser_has_its_own_limit(door: Door) -> None:
    mine = door.partner_in(door.world.sample.a)
    mine.post("/sign-out", _sign_out_fields(mine))
    answers = [
        mine.sign_in(door.email(door.world.sample.a), f"guess number {n}").status_code for n in range(11)
    ]
    assert answers[-2:] == [422, 429]


def test_a_browser_is_known_only_for_those_who_signed_in_with_it(door: Door) -> None:
    pair = door.world.sample
    shared = door.partner_in(pair.b)
    shared.post("/sign-out", _sign_out_fields(shared))
    for n in range(12):
        shared.sign_in(door.email(pair.a), f"guess number {n}")
    assert shared.sign_in(door.email(pair.a)).status_code == 429
    assert shared.sign_in(door.email(pair.b)).status_code == 303


def test_one_address_cannot_try_a_password_on_everybody(door: Door) -> None:
    answers = [
        door.browser(address="198.51.100.3").sign_in(f"person{n}@post.example", PASSWORD).status_code
        for n in range(42)
    ]
    assert answers == [422] * 40 + [429] * 2
    assert door.browser(address="203.0.113.9").sign_in(door.email(door.world.sample.a)).status_code == 303


def test_counters_are_in_the_database_and_tell_nothing(door: Door) -> None:
    shown = door.browser()
    for n in range(10):
        shown.sign_in(door.email(door.world.sample.a), f"guess number {n}")
    restarted = Records.open(door.records.engine, door.records.ring.masters, door.clock)
    again = Door(restarted, make_app(restarted), door.world)
    assert again.browser().sign_in(door.email(door.world.sample.a)).status_code == 429
    with door.records.unfenced() as found:
        assert all(len(row.bucket) == 64 for row in found.query(SignInAttempt))


def test_success_is_not_counted(door: Door) -> None:
    for _ in range(12):
        assert door.browser().sign_in(door.email(door.world.sample.a)).status_code == 303


def test_many_guesses_at_once_do_not_slip_through(any_door: Door) -> None:
    door = any_door
    email = door.email(door.world.sample.a)

    def guess(number: int) -> int:
        return door.browser().sign_in(email, f"guess number {number}").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(422) == 10
    assert answers.count(429) == 14


# --- The second factor ------------------------------------------------------------------------------


@pytest.fixture
def half(door: Door) -> tuple[Browser, str]:
    """A browser in which a therapist has given the password, and the secret of the second factor."""
    secret = door.give_second_factor(door.world.sample.therapist)
    shown = door.browser()
    shown.sign_in(door.email(door.world.sample.therapist))
    return shown, secret


def _try(shown: Browser, code: str) -> int:
    shown.get("/sign-in/code")
    return int(shown.send({"code": code}).status_code)


def test_a_password_alone_opens_nothing(door: Door, half: tuple[Browser, str]) -> None:
    shown, _secret = half
    assert sessions(door) == []
    for path in ("/caseload", "/account", "/account/second-step", "/account/second-step/confirm", "/note"):
        assert shown.get(path).location.startswith("/sign-in")


def test_a_code_works_once(door: Door, half: tuple[Browser, str]) -> None:
    shown, secret = half
    code = door.code(secret)
    assert _try(shown, code) == 303
    other = door.browser()
    other.sign_in(door.email(door.world.sample.therapist))
    assert _try(other, code) == 422
    assert _try(other, door.code(secret, steps=-1)) == 422
    door.wait(seconds=30)
    assert _try(other, door.code(secret)) == 303


def test_of_two_posts_of_one_code_exactly_one_wins(any_door: Door) -> None:
    door = any_door
    secret = door.give_second_factor(door.world.sample.therapist)
    both = [door.browser(), door.browser()]
    for each in both:
        each.sign_in(door.email(door.world.sample.therapist))
        each.get("/sign-in/code")
    start = threading.Barrier(2)

    def send(number: int) -> int:
        start.wait()
        return both[number].send({"code": door.code(secret)}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [303, 422]


def test_codes_cannot_be_guessed(door: Door, half: tuple[Browser, str]) -> None:
    shown, secret = half
    wrong = f"{(int(door.code(secret)) + 7) % 1_000_000:06d}"
    assert [_try(shown, wrong) for _ in range(6)] == [422] * 5 + [429]
    assert _try(shown, door.code(secret)) == 429


def test_codes_are_capped_over_the_day(door: Door) -> None:
    secret = door.give_second_factor(door.world.sample.therapist)
    answers = []
    for _ in range(16):
        door.wait(minutes=90)
        shown = door.browser()
        shown.sign_in(door.email(door.world.sample.therapist))
        answers += [_try(shown, f"{(int(door.code(secret)) + 7 + n) % 1_000_000:06d}") for n in range(4)]
    assert answers.count(422) <= 50
    assert 429 in answers


def test_a_wrong_code_is_explained_by_the_clock(door: Door, half: tuple[Browser, str]) -> None:
    shown, secret = half
    _try(shown, door.code(secret, steps=10))
    assert "check that the clock of your phone is right" in shown.text()


def test_the_half_way_state_lasts_ten_minutes(door: Door, half: tuple[Browser, str]) -> None:
    shown, secret = half
    shown.get("/sign-in/code")
    door.wait(minutes=10, seconds=1)
    assert shown.send({"code": door.code(secret)}).location == "/sign-in"


def test_the_half_way_state_ends_with_the_password(door: Door, half: tuple[Browser, str]) -> None:
    shown, _secret = half
    door.change(door.world.sample.therapist, password_hash=hash_of(OTHER_PASSWORD))
    assert shown.get("/sign-in/code").location == "/sign-in"


def test_a_recovery_code_is_burned(door: Door, half: tuple[Browser, str]) -> None:
    shown, _secret = half
    therapist = door.world.sample.therapist
    code = totp.new_recovery_codes()[0]
    with door.records.within(therapist) as scope:
        scope.add(RecoveryCode(account_id=therapist.account_id, code_hash=totp.recovery_hash(code)))
    assert _try(shown, code.upper().replace("-", " ")) == 303
    again = door.browser()
    again.sign_in(door.email(therapist))
    assert _try(again, code) == 422
    assert Action.RECOVERY_CODE_USED in {entry.action for entry in door.read(therapist, AuditEntry)}


def test_staff_without_a_second_factor_reach_only_the_page_that_sets_it_up(door: Door, admin: Viewer) -> None:
    shown = door.browser()
    answer = shown.sign_in(door.email(admin))
    assert answer.location == url(door, "people.accounts")
    for path in ("/caseload", "/account", "/account/password", "/account/devices", "/note", "/export"):
        assert shown.get(path).location == "/account/second-step"
    assert shown.get("/account/second-step").status_code == 200
    fields = shown.form()[1]
    assert shown.post("/note", {**fields, "words": "Changed"}).status_code == 409
    assert shown.post("/sign-out", fields).status_code == 303


def test_a_session_without_the_factor_cannot_replace_one_that_was_set_meanwhile(
    door: Door, admin: Viewer
) -> None:
    shown = door.browser()
    shown.sign_in(door.email(admin))
    shown.get("/account/second-step")
    fields = shown.form()[1]
    door.give_second_factor(admin)
    assert shown.post("/account/second-step", fields).location == "/sign-in"
    assert not shown.is_in()


# --- Sessions ---------------------------------------------------------------------------------------


def test_a_session_gets_a_new_identity_when_somebody_signs_in(door: Door) -> None:
    shown = door.browser()
    shown.get("/sign-in")
    with shown.client.session_transaction() as before:
        before["planted"] = "by somebody else"
        before["_user_id"] = f"{door.world.sample.a.practice_id}.chosen-by-somebody-else"
    shown.get("/sign-in")
    shown.send({"email": door.email(door.world.sample.a), "password": PASSWORD})
    assert "planted" not in shown.held()
    assert not _token(shown).endswith("chosen-by-somebody-else")


def test_nothing_of_one_partner_is_left_for_the_other(any_door: Door) -> None:
    door = any_door
    shared = door.partner_in(door.world.sample.a)
    with shared.client.session_transaction() as session:
        session["draft"] = "only for my own eyes"
    shared.post("/sign-out", _sign_out_fields(shared))
    assert shared.held() == {}
    shared.sign_in(door.email(door.world.sample.b))
    assert "draft" not in shared.held()
    assert shared.get("/today").text == f"today of {door.world.sample.b.account_id}"


def test_signing_in_over_somebody_ends_their_session(door: Door) -> None:
    shared = door.browser()
    shared.get("/sign-in")
    form = shared.form()[1]
    shared.send({"email": door.email(door.world.sample.a), "password": PASSWORD})
    stolen = shared.client.get_cookie("portal")
    form["csrf_token"] = _sign_out_fields(shared)["csrf_token"]
    shared.post("/sign-in", {**form, "email": door.email(door.world.sample.b), "password": PASSWORD})
    assert shared.get("/today").text == f"today of {door.world.sample.b.account_id}"
    old = door.browser()
    assert stolen is not None
    old.client.set_cookie("portal", stolen.value)
    assert not old.is_in()


@pytest.mark.parametrize("way_out", ["sign-out", "leave"])
def test_the_cookie_of_an_ended_session_opens_nothing(door: Door, way_out: str) -> None:
    shown = door.partner_in(door.world.sample.a)
    cookie = shown.client.get_cookie("portal")
    assert cookie is not None
    shown.get("/leave") if way_out == "leave" else shown.post("/sign-out", _sign_out_fields(shown))
    assert shown.client.get_cookie("portal") is None
    copied = door.browser()
    copied.client.set_cookie("portal", cookie.value)
    assert not copied.is_in()


@pytest.mark.parametrize(
    "cookie", ["", "nonsense", "eyJfdXNlcl9pZCI6ICJ4In0.ZzZz.forged", "x" * 3000, "eyJfdXNlcl9pZCI6MX0"]
)
def test_an_invented_cookie_opens_nothing(door: Door, cookie: str) -> None:
    shown = door.browser()
    shown.client.set_cookie("portal", cookie)
    assert not shown.is_in()


@pytest.mark.parametrize("token", ["", ".", "x", "é" * 26 + ".x", "a" * 26, "a" * 26 + "." + "b" * 9999])
def test_an_odd_token_stands_for_nobody(door: Door, token: str) -> None:
    assert login_sessions.load(door.records, token) is None


def test_a_token_of_another_practice_stands_for_nobody(door: Door) -> None:
    token = _token(door.partner_in(door.world.sample.a))
    other = door.world.practice("Elm Practice")
    assert login_sessions.load(door.records, f"{other}.{token.partition('.')[2]}") is None


def test_only_a_fingerprint_of_the_token_is_stored(door: Door) -> None:
    token = _token(door.partner_in(door.world.sample.a))
    [row] = sessions(door)
    assert token.partition(".")[2] not in repr(vars(row))
    assert len(row.token_hash) == 64


def test_a_partner_is_signed_out_after_half_an_hour_of_quiet(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    door.wait(minutes=29, seconds=59)
    assert shown.is_in()
    door.wait(minutes=29, seconds=59)
    assert shown.is_in()
    door.wait(minutes=30, seconds=1)
    assert shown.get("/today").location == "/sign-in?next=/today"


def test_staff_are_signed_out_after_a_quarter_of_an_hour_of_quiet(door: Door) -> None:
    shown = door.staff_in(door.world.sample.therapist)
    door.wait(minutes=14, seconds=59)
    assert shown.is_in()
    door.wait(minutes=15, seconds=1)
    assert not shown.is_in()


def test_everybody_is_signed_out_after_twelve_hours(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    for _ in range(35):
        door.wait(minutes=20)
        assert shown.is_in()
    door.wait(minutes=20)
    assert not shown.is_in()


def test_polling_does_not_keep_a_session_awake(door: Door) -> None:
    door.app.extensions["portal"].parts[browser.QUIET].add("home.poll")
    shown = door.partner_in(door.world.sample.a)
    for _ in range(6):
        door.wait(minutes=5)
        assert shown.get("/poll").status_code == 200
    door.wait(seconds=1)
    assert shown.get("/poll").location.startswith("/sign-in")


def test_being_seen_is_written_down_once_a_minute(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    written: list[str] = []
    event.listen(
        door.records.engine,
        "before_cursor_execute",
        lambda *about: written.append(about[2]) if about[2].startswith("UPDATE") else None,
    )
    for _ in range(6):
        door.wait(seconds=20)
        shown.get("/today")
    assert len(written) == 2


def test_a_clock_that_jumps_makes_no_session_immortal_and_kills_none(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    door.wait(minutes=-10)
    assert shown.is_in()
    door.wait(minutes=29)
    assert shown.is_in()
    door.wait(hours=1)
    assert not shown.is_in()
    assert door.partner_in(door.world.sample.a).is_in()


def test_a_session_that_was_deleted_stays_gone(any_door: Door) -> None:
    door = any_door
    shown = door.partner_in(door.world.sample.a)
    found = login_sessions.load(door.records, _token(shown))
    assert found is not None
    with door.records.within(House(found.viewer.practice_id)) as scope:
        scope.session.execute(delete(LoginSession))
    # What an earlier request still wants to write about it.
    login_sessions.touch(door.records, found)
    assert login_sessions.renew_session(door.records, found, second_factor=True) is None
    login_sessions.end_session(door.records, found)
    assert sessions(door) == []
    assert not shown.is_in()


def test_an_ended_session_is_not_revived_by_a_request_in_flight(any_door: Door) -> None:
    door = any_door
    shown = door.partner_in(door.world.sample.a)
    found = login_sessions.load(door.records, _token(shown))
    assert found is not None
    with door.records.within(House(found.viewer.practice_id)) as scope:
        scope.session.execute(update(LoginSession).values(ended_at=scope.now))
    door.wait(minutes=1)
    login_sessions.touch(door.records, found)
    assert login_sessions.renew_session(door.records, found, second_factor=True) is None
    assert all(row.ended_at is not None for row in sessions(door))


def test_signing_in_and_out_is_in_the_audit_trail_without_content(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.post("/sign-out", _sign_out_fields(shown))
    entries = door.read(door.world.sample.a, AuditEntry)
    assert [entry.action for entry in sorted(entries, key=lambda each: each.action)] == [
        Action.SIGNED_IN,
        Action.SIGNED_OUT,
    ]
    assert all(entry.actor_id == door.world.sample.a.account_id for entry in entries)
    assert all(entry.detail == {} for entry in entries)


def test_old_sessions_are_forgotten(any_door: Door) -> None:
    door = any_door
    door.partner_in(door.world.sample.a)
    door.wait(days=31)
    door.partner_in(door.world.sample.a)
    assert len(sessions(door)) == 1


# --- Cookies ----------------------------------------------------------------------------------------


def test_cookies_over_https_are_bound_to_this_host(door: Door) -> None:
    app = make_app(door.records, base_url="https://notebook.example")
    with app.test_client() as client:
        client.get("/sign-in", base_url="https://notebook.example")
        page = client.get("/sign-in", base_url="https://notebook.example").text
        token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
        answer = client.post(
            "/sign-in",
            base_url="https://notebook.example",
            data={"csrf_token": token, "email": door.email(door.world.sample.a), "password": PASSWORD},
            headers={"Referer": "https://notebook.example/sign-in"},
        )
    assert answer.status_code == 303
    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert cookies.keys() == {"__Host-portal", "__Host-portal-browser"}
    assert all({"Secure", "HttpOnly", "Path=/"} <= set(line.split("; ")) for line in cookies.values())
    assert "SameSite=Lax" in cookies["__Host-portal"]
    assert "SameSite=Strict" in cookies["__Host-portal-browser"]
    assert not any("Domain=" in line for line in cookies.values())
    assert "Expires=" not in cookies["__Host-portal"]


def test_nobody_is_remembered_beyond_their_session(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    assert shown.client.get_cookie("remember_token") is None
    shown.client.delete_cookie("portal")
    assert not shown.is_in()


# --- Where to go next -------------------------------------------------------------------------------


def test_after_signing_in_a_person_goes_where_they_wanted_to(door: Door) -> None:
    shown = door.browser()
    shown.get(str(shown.get("/account?from=mail").location))
    answer = shown.send({"email": door.email(door.world.sample.a), "password": PASSWORD})
    assert answer.location == "/account?from=mail"


def test_the_wish_survives_the_second_step(door: Door) -> None:
    secret = door.give_second_factor(door.world.sample.therapist)
    shown = door.browser()
    shown.get("/sign-in?next=/account")
    shown.send({"email": door.email(door.world.sample.therapist), "password": PASSWORD})
    shown.get("/sign-in/code")
    assert shown.send({"code": door.code(secret)}).location == "/account"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/today",
        "/%09/evil.example",
        "/\t/evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "///evil.example",
        "/.evil.example",
        "@evil.example",
        "/@evil.example",
        "javascript:alert(1)",
        " /today",
        "/today\r\nSet-Cookie: x=y",
        "/nowhere",
        "/today/../../evil",
        "/leave",
        "/sign-in",
        "/sign-out",
        "/static/portal.css",
        "today",
        "",
    ],
)
def test_no_link_can_lead_away(door: Door, target: str) -> None:
    shown = door.browser()
    shown.get("/sign-in")
    fields = shown.form()[1] | {"next": [target]}
    answer = shown.post(
        "/sign-in", {**fields, "email": door.email(door.world.sample.a), "password": PASSWORD}
    )
    assert answer.location == "/today"


def test_somebody_who_is_signed_in_needs_no_sign_in_page(door: Door) -> None:
    assert door.partner_in(door.world.sample.a).get("/sign-in").location == "/today"


# --- Leaving ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_leaving_ends_the_session_and_leads_to_the_weather(door: Door, method: str) -> None:
    shown = door.partner_in(door.world.sample.a)
    answer = getattr(shown, method)("/leave")
    assert (answer.status_code, answer.location) == (303, "https://www.weather.gov/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert [row.ended_at is not None for row in sessions(door)] == [True]
    assert not shown.is_in()


def test_leaving_leads_to_the_weather_of_ones_country(door: Door) -> None:
    answer = door.browser().get("/leave", Accept_Language="en-GB,en;q=0.8")
    assert answer.location == "https://www.metoffice.gov.uk/"


def test_a_parting_signal_is_answered_without_another_request(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    answer = shown.post("/leave", Sec_Fetch_Dest="empty", Sec_Fetch_Site="same-origin")
    assert (answer.status_code, answer.location) == (204, None)
    assert not shown.is_in()


def test_another_site_cannot_send_the_signal(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    assert shown.post("/leave", Sec_Fetch_Site="cross-site").status_code == 400
    assert shown.is_in()


def test_leaving_works_for_strangers_too(door: Door) -> None:
    assert door.browser().get("/leave").status_code == 303


def test_leaving_works_while_the_database_cannot_be_written(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)

    def fail(*_about: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    event.listen(door.records.engine, "before_cursor_execute", fail)
    try:
        answer = shown.get("/leave")
    finally:
        event.remove(door.records.engine, "before_cursor_execute", fail)
    assert answer.location == "https://www.weather.gov/"
    assert shown.client.get_cookie("portal") is None


def test_the_pages_before_signing_in_say_nothing_of_their_topic(door: Door) -> None:
    page = door.browser().get("/sign-in").text.lower()
    assert "<title>notebook</title>" in page
    assert not any(
        word in page for word in ("couple", "therap", "practice", "partner", "clinic", "relationship")
    )


# --- Devices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1",
            "phone/Safari",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36", "phone/Chrome"),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-X200) SamsungBrowser/28 Chrome/130 Safari/537.36",
            "tablet/Samsung Internet",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "computer/Edge"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "computer/Firefox"),
        ("curl/8.5", "computer/"),
        ("", "computer/"),
        ("x" * 10_000, "computer/"),
    ],
)
def test_a_device_is_named_coarsely(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_the_session_of_this_request_is_empty_for_strangers(door: Door) -> None:
    with door.app.test_client() as client:
        client.get("/today")
        assert "_user_id" not in flask_session


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/code", "/sign-in/again", "/account", "/account/second-step"]
)
def test_asking_for_the_head_of_a_page_changes_nothing(door: Door, path: str) -> None:
    shown = door.partner_in(door.world.sample.a)
    assert shown.client.head(path).status_code in {200, 303}
    assert door.browser().client.head(path).status_code in {200, 303}
    assert shown.is_in()
