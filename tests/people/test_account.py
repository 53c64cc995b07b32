"""A person's own account: settings, password, second step, and where they are signed in."""

import re
from pathlib import Path

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.viewer import Role, Viewer
from portal.people.models import Account, LoginSession, RecoveryCode
from portal.people.passwords import Hasher
from tests.people.door import OTHER_PASSWORD, PASSWORD, Browser, Door

SETTINGS = {"locale": "en", "theme": "dark", "text_size": "125"}


def account_of(door: Door, viewer: Viewer) -> Account:
    [found] = [row for row in door.read(viewer, Account) if row.id == viewer.account_id]
    return found


def actions(door: Door) -> list[Action]:
    return [entry.action for entry in door.read(door.world.sample.a, AuditEntry)]


# --- Settings ---------------------------------------------------------------------------------------


def test_settings_are_kept_and_used_at_once(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account")
    assert shown.send(SETTINGS).status_code == 303
    found = account_of(door, door.world.sample.a)
    assert (found.locale, found.theme, found.text_size) == ("en", "dark", 125)
    assert re.search(r'value="125"[^>]*checked|checked[^>]*value="125"', shown.get("/account").text)


@pytest.mark.parametrize(
    "wrong",
    [{"locale": "xx"}, {"theme": "disco"}, {"text_size": "400"}, {"text_size": "١٢٥"}, {"text_size": "x"}],
)
def test_other_settings_are_refused(door: Door, wrong: dict[str, str]) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account")
    assert shown.send(SETTINGS | wrong).status_code == 422
    assert account_of(door, door.world.sample.a).theme == "device"


def test_nothing_but_settings_can_be_set(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account")
    pushed = {"role_names": "admin", "practice_id": "x", "name": "Somebody", "state": "suspended", "id": "x"}
    shown.send(SETTINGS | pushed)
    found = account_of(door, door.world.sample.a)
    assert (found.role_names, found.name) == ("partner", "Sam Wren")


def test_partner_pages_are_called_notebook(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    for path in ("/account", "/account/password", "/account/second-step", "/account/devices"):
        page = shown.get(path)
        assert page.status_code == 200
        assert "<title>Notebook</title>" in page.text
        assert 'href="/leave"' in page.text


def test_every_account_page_needs_somebody(door: Door) -> None:
    for path in (
        "/account",
        "/account/password",
        "/account/second-step",
        "/account/devices",
        "/sign-in/again",
    ):
        assert door.browser().get(path).location == f"/sign-in?next={path}"


# --- Password ---------------------------------------------------------------------------------------


def _change(shown: Browser, new: str, *, current: str = PASSWORD) -> int:
    shown.get("/account/password")
    return shown.send({"current_password": current, "new_password": new}).status_code


def test_a_new_password_works_and_the_old_one_does_not(door: Door) -> None:
    assert _change(door.partner_in(door.world.sample.a), OTHER_PASSWORD) == 303
    email = door.email(door.world.sample.a)
    assert door.browser().sign_in(email).status_code == 422
    assert door.browser().sign_in(email, OTHER_PASSWORD).status_code == 303
    assert Action.PASSWORD_CHANGED in actions(door)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(any_door: Door) -> None:
    door = any_door
    here, elsewhere = door.partner_in(door.world.sample.a), door.partner_in(door.world.sample.a)
    partners = door.partner_in(door.world.sample.b)
    before = here.held()["_user_id"]
    assert _change(here, OTHER_PASSWORD) == 303
    assert here.is_in()
    assert not elsewhere.is_in()
    assert partners.is_in()
    assert here.held()["_user_id"] != before


def test_a_new_password_needs_the_old_one(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    assert _change(shown, OTHER_PASSWORD, current="not the password") == 422
    assert "That isn’t your password." in shown.text()
    assert door.partner_in(door.world.sample.a).is_in()


def test_the_old_password_cannot_be_guessed_from_inside(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    for number in range(10):
        _change(shown, OTHER_PASSWORD, current=f"guess number {number}")
    assert _change(shown, OTHER_PASSWORD) == 422
    assert "too many tries" in shown.text()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("too short", "at least 12"),
        ("x" * 10_000, "at most 256"),
        ("password1234", "tried first"),
        ("Sam Wren 1987!", "names"),
        ("alexholm-2019", "names"),
        ("Harbour Practice", "names"),
    ],
)
def test_a_weak_password_is_explained(door: Door, password: str, words: str) -> None:
    shown = door.partner_in(door.world.sample.a)
    assert _change(shown, password) == 422
    assert words in shown.text()
    assert door.partner_in(door.world.sample.a).is_in()


def test_passwords_may_be_pasted_and_managed(door: Door) -> None:
    page = door.partner_in(door.world.sample.a).get("/account/password").text
    assert "onpaste" not in page
    assert 'autocomplete="new-password"' in page
    assert 'autocomplete="current-password"' in page
    assert "maxlength" not in page


def test_a_password_with_spaces_at_its_ends_and_emoji_works(door: Door) -> None:
    password = "  🦢 quiet herons 🦢  "
    assert _change(door.partner_in(door.world.sample.a), password) == 303
    email = door.email(door.world.sample.a)
    assert door.browser().sign_in(email, password.strip()).status_code == 422
    assert door.browser().sign_in(email, password).status_code == 303


def test_what_is_stored_is_a_hash(door: Door) -> None:
    _change(door.partner_in(door.world.sample.a), OTHER_PASSWORD)
    stored = account_of(door, door.world.sample.a).password_hash
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert Hasher(cheap=True).verify(stored, OTHER_PASSWORD)


# --- Second step ------------------------------------------------------------------------------------


def _secret_on(shown: Browser) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7 ]{32,})</code>", shown.text())
    assert found is not None
    return found[1].replace(" ", "")


def _set_up(door: Door, shown: Browser) -> tuple[str, list[str]]:
    """Set the second step up; return the secret and the recovery codes."""
    shown.get("/account/second-step")
    assert shown.send(action="/account/second-step").location == "/account/second-step/confirm"
    shown.get("/account/second-step/confirm")
    secret = _secret_on(shown)
    assert shown.send({"code": door.code(secret)}).status_code == 200
    return secret, re.findall(r"<code>([a-z2-7-]{19})</code>", shown.text())


def test_staff_set_it_up_and_go_in(door: Door, admin: Viewer) -> None:
    shown = door.browser()
    shown.sign_in(door.email(admin))
    secret, codes = _set_up(door, shown)
    assert len(codes) == 10
    assert shown.get("/caseload").status_code == 200
    door.wait(seconds=30)
    again = door.browser()
    assert again.sign_in(door.email(admin)).location == "/sign-in/code"
    again.get("/sign-in/code")
    assert again.send({"code": door.code(secret)}).status_code == 303
    other = door.browser()
    other.sign_in(door.email(admin))
    other.get("/sign-in/code")
    assert other.send({"code": codes[3]}).status_code == 303
    assert shown.get("/account/second-step").text.count("9 recovery codes are left.") == 1


def test_the_secret_is_sealed_and_the_codes_are_hashed(door: Door, admin: Viewer) -> None:
    shown = door.browser()
    shown.sign_in(door.email(admin))
    secret, codes = _set_up(door, shown)
    file = door.records.engine.url.database
    assert file is not None
    stored = b"".join(Path(f"{file}{end}").read_bytes() for end in ("", "-wal"))
    assert secret.encode() not in stored
    assert not any(code.encode() in stored or code.replace("-", "").encode() in stored for code in codes)
    assert len(door.read(admin, RecoveryCode)) == 10


def test_the_code_that_set_it_up_is_used_up(door: Door, admin: Viewer) -> None:
    shown = door.browser()
    shown.sign_in(door.email(admin))
    secret, _codes = _set_up(door, shown)
    other = door.browser()
    other.sign_in(door.email(admin))
    other.get("/sign-in/code")
    assert other.send({"code": door.code(secret)}).status_code == 422


def test_a_wrong_first_code_turns_nothing_on(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account/second-step")
    shown.send(action="/account/second-step")
    shown.get("/account/second-step/confirm")
    first = _secret_on(shown)
    assert shown.send({"code": "000000"}).status_code == 422
    assert _secret_on(shown) == first
    assert door.browser().sign_in(door.email(door.world.sample.a)).location == "/today"


def test_setting_it_up_ends_the_sessions_that_lack_it(door: Door) -> None:
    here, elsewhere = door.partner_in(door.world.sample.a), door.partner_in(door.world.sample.a)
    _set_up(door, here)
    assert here.is_in()
    assert not elsewhere.is_in()


def test_a_partner_may_turn_it_off_again(any_door: Door) -> None:
    door = any_door
    shown = door.partner_in(door.world.sample.a)
    _set_up(door, shown)
    shown.get("/account/second-step")
    assert shown.send(action="/account/second-step/off").location == "/account/second-step"
    assert door.browser().sign_in(door.email(door.world.sample.a)).location == "/today"
    assert door.read(door.world.sample.a, RecoveryCode) == []
    assert Action.SECOND_FACTOR_REMOVED in actions(door)


def test_staff_cannot_turn_it_off(door: Door) -> None:
    shown = door.staff_in(door.world.sample.therapist)
    shown.get("/account/second-step")
    assert "Turn it off" not in shown.text()
    assert shown.post("/account/second-step/off", shown.form("/account/second-step")[1]).status_code == 404
    assert account_of(door, door.world.sample.therapist).totp_sealed is not None


def test_moving_it_leaves_the_old_one_in_force_until_the_new_one_is_confirmed(door: Door) -> None:
    therapist = door.world.sample.therapist
    shown = door.staff_in(therapist)
    before = account_of(door, therapist).totp_sealed
    shown.get("/account/second-step")
    shown.send(action="/account/second-step")
    assert account_of(door, therapist).totp_sealed == before
    shown.get("/account/second-step/confirm")
    secret = _secret_on(shown)
    door.wait(seconds=30)
    shown.send({"code": door.code(secret)})
    assert account_of(door, therapist).totp_sealed != before
    assert account_of(door, therapist).totp_next_sealed is None


def test_new_recovery_codes_replace_the_old_ones(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    _secret, old = _set_up(door, shown)
    shown.get("/account/second-step")
    shown.send(action="/account/recovery-codes")
    new = re.findall(r"<code>([a-z2-7-]{19})</code>", shown.text())
    assert len(new) == 10
    assert not set(new) & set(old)
    assert len(door.read(door.world.sample.a, RecoveryCode)) == 10


def test_nobody_without_a_second_step_gets_codes(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account/second-step")
    assert shown.post("/account/recovery-codes", shown.form()[1]).status_code == 404


def test_the_picture_has_no_inline_styles(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account/second-step")
    shown.send(action="/account/second-step")
    page = shown.get("/account/second-step/confirm").text
    assert "<svg" in page
    assert "style=" not in page


# --- Where somebody is signed in --------------------------------------------------------------------


def test_all_devices_are_listed_coarsely(door: Door) -> None:
    door.browser(agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0").sign_in(door.email(door.world.sample.a))
    door.partner_in(door.world.sample.b)
    page = door.partner_in(door.world.sample.a).get("/account/devices").text
    assert page.count("Phone, Chrome") == 1
    assert page.count("Computer, Firefox") == 1
    assert page.count("This one") == 1
    assert "Pixel" not in page
    assert "192.0.2" not in page


def test_another_device_can_be_signed_out(door: Door) -> None:
    elsewhere, here = door.partner_in(door.world.sample.a), door.partner_in(door.world.sample.a)
    here.get("/account/devices")
    [action] = re.findall(r'action="(/account/devices/[a-z2-7]{26}/end)"', here.text())
    assert here.send(action=action).location == "/account/devices"
    assert here.is_in()
    assert not elsewhere.is_in()
    assert Action.SESSION_ENDED in actions(door)


def test_everything_can_be_signed_out_at_once(door: Door) -> None:
    elsewhere, here = door.partner_in(door.world.sample.a), door.partner_in(door.world.sample.a)
    partners = door.partner_in(door.world.sample.b)
    here.get("/account/devices")
    here.send(action="/account/devices/end-all")
    assert not here.is_in()
    assert not elsewhere.is_in()
    assert partners.is_in()


def test_nobody_ends_the_session_of_another(any_door: Door) -> None:
    door = any_door
    partners = door.partner_in(door.world.sample.b)
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account/devices")
    fields = shown.form("/account/devices/end-all")[1]
    [target] = [
        row
        for row in door.read(door.world.sample.b, LoginSession)
        if row.account_id == door.world.sample.b.account_id
    ]
    foreign = shown.post(f"/account/devices/{target.id}/end", fields)
    missing = shown.post(f"/account/devices/{'a' * 26}/end", fields)
    assert foreign.status_code == missing.status_code == 404
    assert partners.is_in()


# --- The password, once more ------------------------------------------------------------------------


def test_what_matters_asks_for_the_password_after_ten_minutes(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    door.wait(minutes=10)
    assert shown.get("/export").status_code == 200
    door.wait(seconds=1)
    answer = shown.get("/export?period=1")
    assert answer.location == "/sign-in/again?next=/export?period%3D1"
    before = shown.held()["_user_id"]
    shown.get(str(answer.location))
    assert shown.send({"password": PASSWORD}).location == "/export?period=1"
    assert shown.held()["_user_id"] != before
    assert shown.get("/export").status_code == 200


def test_the_old_token_is_dead_after_the_password_was_given_again(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    cookie = shown.client.get_cookie("portal")
    assert cookie is not None
    shown.get("/sign-in/again?next=/account")
    assert shown.send({"password": PASSWORD}).location == "/account"
    copied = door.browser()
    copied.client.set_cookie("portal", cookie.value)
    assert not copied.is_in()


def test_a_wrong_password_opens_nothing(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    door.wait(minutes=11)
    shown.get("/sign-in/again?next=/export")
    assert shown.send({"password": "not the password"}).status_code == 422
    assert shown.get("/export").status_code == 303


def test_text_that_was_typed_before_the_password_was_asked_for_is_kept(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/export")
    door.wait(minutes=11)
    answer = shown.send({"reason": "Because we talked about it on Tuesday."})
    shown.get(str(answer.location))
    kept = shown.send({"password": PASSWORD}).location
    assert str(kept).startswith("/kept/")
    assert "Because we talked about it on Tuesday." in shown.get(str(kept)).text
    assert shown.send(action="/export").text == "exported"


def test_the_way_back_never_leads_away(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/sign-in/again?next=//evil.example")
    assert shown.send({"password": PASSWORD}).location == "/today"


def test_a_desk_account_starts_at_the_caseload(door: Door) -> None:
    practice = door.world.sample.a.practice_id
    desk = Viewer(practice, door.world.account(practice, "Kit Lowe", Role.DESK), frozenset({Role.DESK}))
    door.change(desk, password_hash=account_of(door, door.world.sample.a).password_hash)
    assert door.staff_in(desk).get("/sign-in").location == "/caseload"
