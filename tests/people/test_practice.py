"""Running a practice: its people, their roles, its settings, and who looks after whom."""

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Role, Viewer
from portal.kit.ids import new_id
from portal.people.invitation_commands import NewPerson
from portal.people.models import Account, AccountState, Caseload, Practice
from portal.people.practice_commands import (
    LastAdministrator,
    LeftAlone,
    add_therapist,
    change_roles,
    create_practice,
    invite_staff,
    remove_therapist,
    restore,
    suspend,
)
from portal.people.practice_queries import clients_of, practice_of, staff_of
from tests.factories import World
from tests.people.door import PASSWORD, Browser
from tests.people.whole import Whole

ADMIN, THERAPIST, DESK = frozenset({Role.ADMIN}), frozenset({Role.THERAPIST}), frozenset({Role.DESK})


def administrator(world: World) -> Viewer:
    practice_id = world.sample.a.practice_id
    return Viewer(practice_id, world.account(practice_id, "Ruth Adeyemi", Role.ADMIN), ADMIN)


# --- Creating ----------------------------------------------------------------------------------------


def test_a_practice_begins_with_an_administrator_and_its_countrys_help(records: Records) -> None:
    practice_id = new_id()
    with records.within(House(practice_id)) as scope:
        link = create_practice(
            scope,
            NewPerson("Ada Bell", "ada@post.example"),
            name="Quay",
            time_zone="America/New_York",
            locale="en",
            country="US",
        )
        assert link.startswith(f"/join/{practice_id}.")
    with records.within(House(practice_id), read_only=True) as scope:
        assert "988" in {row["reach"] for row in practice_of(scope).crisis_resources}
        [account] = scope.all(scope.select(Account))
        assert (account.roles, account.state) == (ADMIN, AccountState.INVITED)
        assert Action.PRACTICE_CREATED in {entry.action for entry in scope.all(scope.select(AuditEntry))}


# --- People ------------------------------------------------------------------------------------------


def test_the_last_administrator_can_neither_step_down_nor_be_suspended(
    records: Records, world: World
) -> None:
    admin = administrator(world)
    world.account(admin.practice_id, "Not yet there", Role.ADMIN, state=AccountState.INVITED)
    with records.within(admin) as scope:
        with pytest.raises(LastAdministrator):
            change_roles(scope, admin.account_id, roles=DESK)
        with pytest.raises(LastAdministrator):
            suspend(scope, admin.account_id)
    other = world.account(admin.practice_id, "Second Admin", Role.ADMIN)
    with records.within(admin) as scope:
        change_roles(scope, admin.account_id, roles=DESK)
        with pytest.raises(LastAdministrator):
            suspend(scope, other)


def test_roles_are_roles_of_staff(records: Records, world: World) -> None:
    admin = administrator(world)
    with records.within(admin) as scope:
        for roles in (frozenset(), frozenset({Role.PARTNER}), frozenset({Role.ADMIN, Role.PARTNER})):
            with pytest.raises(Refused):
                change_roles(scope, admin.account_id, roles=roles)
            with pytest.raises(Refused):
                invite_staff(scope, NewPerson("X", "x@post.example"), roles=roles)
        with pytest.raises(Refused):
            change_roles(scope, world.sample.a.account_id, roles=ADMIN)


def test_somebody_may_have_several_roles(records: Records, world: World) -> None:
    with records.within(administrator(world)) as scope:
        account, _link = invite_staff(scope, NewPerson("Kit", "kit@post.example"), roles=ADMIN | THERAPIST)
        assert account.role_names == "admin therapist"


def test_the_only_therapist_of_a_couple_stays_a_therapist(records: Records, world: World) -> None:
    pair, admin = world.sample, administrator(world)
    with records.within(admin) as scope, pytest.raises(LeftAlone):
        change_roles(scope, pair.therapist.account_id, roles=DESK)


def test_suspending_is_undone_by_restoring(records: Records, world: World) -> None:
    pair, admin = world.sample, administrator(world)
    with records.within(admin) as scope:
        scope.find(Account, pair.a.account_id).password_hash = "a hash"
        scope.flush()
        for account_id, after in (
            (pair.a.account_id, AccountState.ACTIVE),
            (pair.b.account_id, AccountState.INVITED),
        ):
            suspend(scope, account_id)
            assert scope.find(Account, account_id).state == AccountState.SUSPENDED
            restore(scope, account_id)
            assert scope.find(Account, account_id).state == after


def test_only_administrators_manage_people(records: Records, world: World) -> None:
    pair = world.sample
    desk = Viewer(pair.a.practice_id, world.account(pair.a.practice_id, "Desk", Role.DESK), DESK)
    for viewer in (pair.a, pair.therapist, desk):
        with records.within(viewer) as scope:
            for act in (
                lambda scope: suspend(scope, pair.b.account_id),
                lambda scope: restore(scope, pair.b.account_id),
                lambda scope: change_roles(scope, pair.therapist.account_id, roles=ADMIN),
                lambda scope: invite_staff(scope, NewPerson("X", "x@post.example"), roles=ADMIN),
                lambda scope: add_therapist(scope, pair.couple_id, account_id=pair.therapist.account_id),
                staff_of,
                clients_of,
            ):
                with pytest.raises(Refused):
                    act(scope)


def test_people_of_another_practice_are_not_there(records: Records, world: World) -> None:
    admin = administrator(world)
    elsewhere = world.pair(world.practice("Second practice"))
    with records.within(admin) as scope:
        for act in (suspend, restore):
            with pytest.raises(Refused):
                act(scope, elsewhere.a.account_id)
        with pytest.raises(Refused):
            add_therapist(scope, elsewhere.couple_id, account_id=elsewhere.therapist.account_id)
        with pytest.raises(Refused):
            add_therapist(scope, world.sample.couple_id, account_id=elsewhere.therapist.account_id)
        assert elsewhere.a.account_id not in {each.account_id for each in clients_of(scope)}


# --- Handing over ------------------------------------------------------------------------------------


def test_a_couple_is_handed_over_and_never_left_alone(records: Records, world: World) -> None:
    pair, admin = world.sample, administrator(world)
    colleague = world.account(pair.a.practice_id, "Jonah Pryce", Role.THERAPIST)
    desk = world.account(pair.a.practice_id, "Front Desk", Role.DESK)
    with records.within(admin) as scope:
        with pytest.raises(LeftAlone):
            remove_therapist(scope, pair.couple_id, account_id=pair.therapist.account_id)
        with pytest.raises(Refused):
            add_therapist(scope, pair.couple_id, account_id=desk)
        with pytest.raises(Refused):
            add_therapist(scope, pair.couple_id, account_id=pair.a.account_id)
        for _twice in range(2):
            add_therapist(scope, pair.couple_id, account_id=colleague)
        remove_therapist(scope, pair.couple_id, account_id=pair.therapist.account_id)
        assert [row.account_id for row in scope.all(scope.select(Caseload))] == [colleague]
        with pytest.raises(Refused):
            remove_therapist(scope, pair.couple_id, account_id=pair.therapist.account_id)


# --- Pages -------------------------------------------------------------------------------------------


@pytest.fixture
def shown(whole: Whole):
    assert whole.admin is not None
    return whole.staff_in(whole.admin)


def test_an_administrator_sees_names_and_states_but_no_partners_address(whole: Whole, shown) -> None:
    pair = whole.world.sample
    page = shown.get("/practice/people").text
    assert "Sam Wren" in page
    assert whole.email(pair.therapist) in page
    assert whole.email(pair.a) not in page
    page = shown.get(f"/practice/clients/{pair.a.account_id}").text
    assert whole.email(pair.a) not in page
    assert shown.get(f"/practice/clients/{pair.therapist.account_id}").status_code == 404
    assert shown.get(f"/practice/people/{pair.a.account_id}").status_code == 404


def test_inviting_a_colleague_on_the_page(whole: Whole, shown) -> None:
    shown.get("/practice/people/new")
    sent = {"name": "Jonah Pryce", "email": "jonah@post.example", "roles": ["therapist", "desk"]}
    assert shown.send(sent | {"role_names": "admin", "state": "active"}).status_code == 303
    [account] = [each for each in whole.read(whole.admin, Account) if each.name == "Jonah Pryce"]
    assert (account.role_names, account.state) == ("desk therapist", "invited")
    assert "jonah@post.example" in whole.links()
    shown.get("/practice/people/new")
    assert "already leads to an account" in shown.send(sent).text


@pytest.mark.parametrize("roles", [[], ["partner"], ["admin", "partner"], ["root"]])
def test_roles_that_do_not_exist_are_refused(whole: Whole, shown, roles: list[str]) -> None:
    shown.get("/practice/people/new")
    assert shown.send({"name": "X", "email": "x@post.example", "roles": roles}).status_code == 422
    shown.get(f"/practice/people/{whole.admin.account_id}")
    action = ""
    assert shown.send({"roles": roles}, action=action).status_code == 422


def test_the_page_explains_that_somebody_has_to_manage_the_practice(whole: Whole, shown) -> None:
    shown.get(f"/practice/people/{whole.admin.account_id}")
    answer = shown.send({"roles": ["desk"]})
    assert answer.status_code == 422
    assert "Somebody has to manage the practice" in answer.text
    where = f"/practice/people/{whole.admin.account_id}/suspend"
    shown.get(f"/practice/people/{whole.admin.account_id}")
    shown.send(action=where)
    assert "Somebody has to manage the practice" in shown.get("/practice/people").text


def test_a_suspended_person_is_out_at_once_and_back_after_restoring(whole: Whole, shown) -> None:
    pair = whole.world.sample
    theirs = whole.partner_in(pair.a)
    assert theirs.is_in()
    shown.get(f"/practice/clients/{pair.a.account_id}")
    shown.send(action=f"/practice/people/{pair.a.account_id}/suspend")
    assert not theirs.is_in()
    assert whole.browser().sign_in(whole.email(pair.a)).status_code == 422
    shown.get(f"/practice/clients/{pair.a.account_id}")
    shown.send(action=f"/practice/people/{pair.a.account_id}/restore")
    assert whole.partner_in(pair.a).is_in()


def test_settings_and_the_list_of_who_can_help(whole: Whole, shown) -> None:
    shown.get("/practice/settings")
    sent = {
        "name": "Quay",
        "time_zone": "Europe/Dublin",
        "locale": "en",
        "country": "IE",
        "secrets_policy": "limited",
        "resources-0-name": "Samaritans",
        "resources-0-reach": "116 123",
        "resources-0-note": "Day and night",
        "resources-1-name": "",
        "resources-1-reach": "",
        "resources-1-note": "",
    }
    assert shown.send(sent | {"id": "x", "created_at": "x"}).status_code == 303
    [practice] = whole.read(whole.admin, Practice)
    assert (practice.name, practice.time_zone, practice.country) == ("Quay", "Europe/Dublin", "IE")
    assert practice.crisis_resources == [{"name": "Samaritans", "reach": "116 123", "note": "Day and night"}]
    assert practice.secrets_policy == "limited"
    page = whole.partner_in(whole.world.sample.a).get("/help").text
    assert 'href="tel:116123"' in page
    for wrong in (
        {"time_zone": "Mars/Base"},
        {"country": "XX"},
        {"secrets_policy": "all"},
        {"name": " "},
        {"resources-0-reach": "javascript:alert(1)"},
        {"resources-0-reach": ""},
    ):
        shown.get("/practice/settings")
        assert shown.send(sent | wrong).status_code == 422


def test_handing_over_on_the_page(whole: Whole, shown) -> None:
    pair = whole.world.sample
    colleague = whole.world.account(pair.a.practice_id, "Jonah Pryce", Role.THERAPIST)
    assert "Sam Wren and Alex Holm" in shown.get("/practice/couples").text
    path = f"/practice/couples/{pair.couple_id}"
    shown.get(path)
    assert shown.send({"account_id": colleague}).status_code == 303
    shown.get(path)
    shown.send(action=f"{path}/remove/{pair.therapist.account_id}")
    assert [row.account_id for row in whole.read(whole.admin, Caseload)] == [colleague]
    theirs = whole.staff_in(pair.therapist)
    assert theirs.get(f"/couples/{pair.couple_id}/access").status_code == 404
    elsewhere = whole.world.pair(whole.world.practice("Second practice"))
    assert shown.get(f"/practice/couples/{elsewhere.couple_id}").status_code == 404


def again(shown: Browser, where: str | None) -> str:
    """Give the password once more where a page asked for it; return the address that this leads to."""
    assert where is not None
    assert where.startswith("/sign-in/again")
    shown.get(where)
    return str(shown.send({"password": PASSWORD}).location)


def test_pages_that_decide_who_gets_in_ask_for_the_password_once_more(whole: Whole, shown: Browser) -> None:
    pair = whole.world.sample
    whole.wait(minutes=11)
    for path in (
        "/practice/people/new",
        f"/practice/people/{pair.therapist.account_id}",
        f"/practice/clients/{pair.a.account_id}",
        f"/practice/couples/{pair.couple_id}",
    ):
        assert str(shown.get(path).location).startswith("/sign-in/again"), path
    assert shown.get("/practice/people").status_code == 200
    path = f"/practice/couples/{pair.couple_id}"
    assert again(shown, shown.get(path).location) == path
    assert shown.get(path).status_code == 200


def test_a_screen_that_was_left_open_changes_nothing_and_loses_nothing(whole: Whole, shown: Browser) -> None:
    pair = whole.world.sample
    colleague = whole.world.account(pair.a.practice_id, "Jonah Pryce", Role.THERAPIST)
    path = f"/practice/people/{colleague}"
    shown.get(path)
    whole.wait(minutes=11)
    kept = again(shown, shown.send({"roles": ["therapist", "desk"]}).location)
    assert _roles(whole, colleague) == "therapist"
    assert "What you chose is still here" in shown.get(kept).text
    assert shown.send(action=path).status_code == 303
    assert _roles(whole, colleague) == "desk therapist"
    shown.get("/practice/people/new")
    whole.wait(minutes=11)
    sent = {"name": "Mina Okafor", "email": "mina@post.example", "roles": ["desk"]}
    kept = again(shown, shown.send(sent).location)
    assert "Mina Okafor" in shown.get(kept).text
    assert shown.send(action="/practice/people/new").status_code == 303
    assert [each.role_names for each in staff(whole) if each.name == "Mina Okafor"] == ["desk"]


def test_a_button_that_was_pressed_too_late_leads_back_to_its_page(whole: Whole, shown: Browser) -> None:
    pair = whole.world.sample
    path = f"/practice/clients/{pair.a.account_id}"
    shown.get(path)
    whole.wait(minutes=11)
    _where, hidden = shown.form(f"/practice/people/{pair.a.account_id}/suspend")
    late = shown.post(
        f"/practice/people/{pair.a.account_id}/suspend", hidden, Referer=f"http://localhost{path}"
    )
    assert again(shown, late.location) == path
    assert [each.state for each in whole.read(pair.a, Account) if each.id == pair.a.account_id] == ["active"]


def staff(whole: Whole) -> list[Account]:
    return whole.read(whole.world.sample.a, Account)


def _roles(whole: Whole, account_id: str) -> str:
    [found] = [each.role_names for each in staff(whole) if each.id == account_id]
    return str(found)


def test_nobody_else_finds_the_pages_of_administrators(whole: Whole) -> None:
    pair = whole.world.sample
    for theirs in (whole.partner_in(pair.a), whole.staff_in(pair.therapist)):
        for path in (
            "/practice/people",
            "/practice/people/new",
            "/practice/settings",
            f"/practice/couples/{pair.couple_id}",
        ):
            assert theirs.get(path).status_code == 404
