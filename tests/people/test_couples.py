"""Adding couples, and seeing to each partner's own way in."""

import re

import pytest
from werkzeug.test import TestResponse

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Role, Seat, Viewer
from portal.kit.ids import new_id
from portal.people.couple_commands import SameAddress, add_couple, send_partner_link
from portal.people.couple_queries import Standing, circle, couple_card, couples_of
from portal.people.invitation_commands import AddressTaken, NewPerson
from portal.people.models import Account, Caseload, Couple, Invitation, LoginName, OutgoingMail, Partner
from tests.factories import World
from tests.people.whole import Whole

PRIYA = NewPerson("Priya  Nair", "Priya.Nair@Post.example")
JO = NewPerson("Jo Sandoval", "jo@bücher.example")
FIELDS = {
    "a_name": "Priya Nair",
    "a_email": "priya@post.example",
    "b_name": "Jo Sandoval",
    "b_email": "jo@post.example",
    "goals": "A dinner without phones",
}


def therapist_of(world: World) -> Viewer:
    return world.sample.therapist


def without_nonce(answer: TestResponse) -> str:
    """Return a page without the one thing in it that is new with every response."""
    return re.sub(r'nonce="[^"]+"', "", answer.text)


def rows(records: Records, viewer: Viewer, model: type) -> list:
    with records.within(House(viewer.practice_id), read_only=True) as scope:
        return list(scope.session.query(model).all())


# --- Adding ----------------------------------------------------------------------------------------


def test_a_couple_is_two_accounts_two_seats_and_two_invitations(records: Records, world: World) -> None:
    therapist = therapist_of(world)
    with records.within(therapist) as scope:
        couple_id = add_couple(scope, (PRIYA, JO), goals="Rest", once_key=new_id())
    reached = Viewer(
        therapist.practice_id, therapist.account_id, therapist.roles, therapist.couples | {couple_id}
    )
    with records.within(reached, read_only=True) as scope:
        around = circle(scope, couple_id)
        assert (around.a.name, around.b.name) == ("Priya Nair", "Jo Sandoval")
        assert (around.a.seat, around.b.seat) == (Seat.A, Seat.B)
        assert around.therapists == ("Ines Marlowe",)
        assert scope.find(Couple, couple_id).goals == "Rest"
        accounts = [scope.find(Account, each.account_id) for each in (around.a, around.b)]
        assert [account.email for account in accounts] == ["Priya.Nair@post.example", "jo@bücher.example"]
        assert {account.roles for account in accounts} == {frozenset({Role.PARTNER})}
        invitations = scope.all(scope.select(Invitation))
        assert {(each.account_id, each.purpose) for each in invitations} == {
            (account.id, "join") for account in accounts
        }
        assert len({each.token_hash for each in invitations}) == 2
        mails = scope.all(scope.select(OutgoingMail))
        assert {mail.account_id for mail in mails} == {account.id for account in accounts}
        entries = scope.all(scope.select(AuditEntry))
        assert Action.COUPLE_ADDED in {entry.action for entry in entries}
        assert couple_card(scope, couple_id).a.standing is Standing.INVITED


@pytest.mark.parametrize(
    "twin",
    [
        "priya.nair@post.example",
        "PRIYA.NAIR@POST.EXAMPLE",
        " Priya.Nair@post.example ",
        "ｐriya.nair@post.example",
    ],
)
def test_one_address_for_both_is_refused_however_it_is_written(
    records: Records, world: World, twin: str
) -> None:
    with pytest.raises(SameAddress), records.within(therapist_of(world)) as scope:
        add_couple(scope, (PRIYA, NewPerson("Jo", twin)), once_key=new_id())


def test_both_spellings_of_an_international_domain_are_one_address(records: Records, world: World) -> None:
    with pytest.raises(SameAddress), records.within(therapist_of(world)) as scope:
        add_couple(scope, (JO, NewPerson("Kim", "JO@xn--bcher-kva.example")), once_key=new_id())


def test_an_address_that_is_in_use_is_refused_and_nothing_is_left_behind(
    records: Records, world: World
) -> None:
    therapist = therapist_of(world)
    with records.within(therapist) as scope:
        add_couple(scope, (PRIYA, JO), once_key=new_id())
    before = [len(rows(records, therapist, model)) for model in (Account, Couple, Partner, LoginName)]
    with pytest.raises(AddressTaken) as taken, records.within(therapist) as scope:
        add_couple(
            scope,
            (NewPerson("Ann", "ann@post.example"), NewPerson("Jo", "JO@bücher.example")),
            once_key=new_id(),
        )
    assert taken.value.email == "JO@bücher.example"
    assert before == [len(rows(records, therapist, model)) for model in (Account, Couple, Partner, LoginName)]


def test_an_address_in_another_practice_is_no_hindrance(records: Records, world: World) -> None:
    with records.within(therapist_of(world)) as scope:
        add_couple(scope, (PRIYA, JO), once_key=new_id())
    elsewhere = world.pair(world.practice("Second practice")).therapist
    with records.within(elsewhere) as scope:
        add_couple(scope, (PRIYA, JO), once_key=new_id())


def test_sending_the_form_twice_adds_one_couple(records: Records, world: World) -> None:
    key, therapist = new_id(), therapist_of(world)
    added = []
    for _time in range(2):
        with records.within(therapist) as scope:
            added.append(add_couple(scope, (PRIYA, JO), once_key=key))
    assert added[0] == added[1]
    assert len(rows(records, therapist, Couple)) == 2  # the sample couple and this one
    assert len(rows(records, therapist, OutgoingMail)) == 2


def test_only_therapists_add_couples(records: Records, world: World) -> None:
    for roles in ({Role.ADMIN}, {Role.DESK}, {Role.PARTNER}):
        viewer = Viewer(world.sample.a.practice_id, world.sample.a.account_id, frozenset(roles))
        with pytest.raises(Refused), records.within(viewer) as scope:
            add_couple(scope, (PRIYA, JO), once_key=new_id())


# --- The circle --------------------------------------------------------------------------------------


def test_a_partner_sees_their_own_circle_and_no_other(records: Records, world: World) -> None:
    pair = world.sample
    other = world.pair(pair.a.practice_id, ("Hana Ito", "Milo Rask"))
    with records.within(pair.b, read_only=True) as scope:
        around = circle(scope)
        assert around.label == ("Sam", "Alex")
        assert around.partner_of(pair.b.account_id).first_name == "Sam"
        assert around.therapist == "Ines"
        with pytest.raises(Refused):
            circle(scope, other.couple_id)
        with pytest.raises(Refused):
            around.partner_of(other.a.account_id)


def test_staff_without_a_couple_in_mind_see_no_circle(records: Records, world: World) -> None:
    with records.within(world.sample.therapist, read_only=True) as scope, pytest.raises(Refused):
        circle(scope)


def test_two_people_of_one_first_name_are_called_by_both_names(records: Records, world: World) -> None:
    pair = world.pair(world.sample.a.practice_id, ("Sam Wren", "Sam Holm"))
    with records.within(pair.a, read_only=True) as scope:
        assert circle(scope).label == ("Sam Wren", "Sam Holm")


def test_a_therapist_lists_their_couples_and_an_administrator_all(records: Records, world: World) -> None:
    pair = world.sample
    other = world.pair(pair.a.practice_id, ("Hana Ito", "Milo Rask"))
    admin = Viewer(
        pair.a.practice_id, world.account(pair.a.practice_id, "Ruth", Role.ADMIN), frozenset({Role.ADMIN})
    )
    with records.within(pair.therapist, read_only=True) as scope:
        assert [card.couple_id for card in couples_of(scope)] == [pair.couple_id]
    with records.within(admin, read_only=True) as scope:
        assert [card.label for card in couples_of(scope)] == [("Hana", "Milo"), ("Sam", "Alex")]
    idle = Viewer(pair.a.practice_id, pair.therapist.account_id, frozenset({Role.THERAPIST}))
    with records.within(idle, read_only=True) as scope:
        assert couples_of(scope) == []
    with records.within(pair.a, read_only=True) as scope, pytest.raises(Refused):
        couples_of(scope)
    assert other.couple_id != pair.couple_id


# --- Links -------------------------------------------------------------------------------------------


def test_a_therapist_helps_only_their_own_couples_and_only_their_partners(
    records: Records, world: World
) -> None:
    pair = world.sample
    other = world.pair(pair.a.practice_id, ("Hana Ito", "Milo Rask"))
    for couple_id, account_id in (
        (other.couple_id, other.a.account_id),
        (pair.couple_id, other.a.account_id),
        (pair.couple_id, pair.therapist.account_id),
        (new_id(), pair.a.account_id),
    ):
        with pytest.raises(Refused), records.within(pair.therapist) as scope:
            send_partner_link(scope, couple_id, account_id=account_id)
    with pytest.raises(Refused), records.within(pair.a) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.b.account_id)


# --- Pages -------------------------------------------------------------------------------------------


def test_a_therapist_adds_a_couple_on_a_page(whole: Whole) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    answer = shown.send(FIELDS)
    assert answer.status_code == 303
    page = shown.get(answer.location)
    assert page.status_code == 200
    assert "Priya Nair" in page.text
    assert "Jo Sandoval" in page.text
    assert len(whole.read(whole.world.sample.a, Couple)) == 2


def test_a_double_click_adds_one_couple(whole: Whole) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    _where, hidden = shown.form()
    first, second = (shown.post("/couples/new", {**hidden, **FIELDS}) for _click in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(whole.read(whole.world.sample.a, Couple)) == 2


def test_the_page_explains_why_one_address_is_not_enough_and_keeps_what_was_typed(whole: Whole) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    answer = shown.send(FIELDS | {"b_email": "PRIYA@post.example"})
    assert answer.status_code == 422
    assert "an address of their own" in answer.text
    assert "A dinner without phones" in answer.text
    assert len(whole.read(whole.world.sample.a, Couple)) == 1


def test_the_page_explains_that_an_address_is_in_use(whole: Whole) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    answer = shown.send(FIELDS | {"a_email": whole.email(whole.world.sample.a).upper()})
    assert answer.status_code == 422
    assert "already leads to an account" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"a_name": "  "},
        {"a_email": "nobody"},
        {"b_email": "a@b@c.example"},
        {"a_name": "x" * 121},
        {"goals": "x" * 2001},
    ],
)
def test_the_page_refuses_what_makes_no_sense(whole: Whole, wrong: dict[str, str]) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    assert shown.send(FIELDS | wrong).status_code == 422
    assert len(whole.read(whole.world.sample.a, Couple)) == 1


def test_extra_fields_change_nothing(whole: Whole) -> None:
    shown = whole.staff_in(whole.world.sample.therapist)
    shown.get("/couples/new")
    pushed = {
        "role_names": "admin",
        "role": "admin",
        "practice_id": "x",
        "id": "x",
        "state": "active",
        "account_id": "x",
    }
    assert shown.send(FIELDS | pushed).status_code == 303
    new = [account for account in whole.read(whole.world.sample.a, Account) if account.state == "invited"]
    assert {account.role_names for account in new} == {"partner"}
    assert {account.practice_id for account in new} == {whole.world.sample.a.practice_id}
    therapists = {row.account_id for row in whole.read(whole.world.sample.a, Caseload)}
    assert therapists == {whole.world.sample.therapist.account_id}


def test_foreign_ids_get_the_same_answer_as_made_up_ones(whole: Whole) -> None:
    pair = whole.world.sample
    elsewhere = whole.world.pair(whole.world.practice("Second practice"), ("Hana Ito", "Milo Rask"))
    colleague = whole.world.pair(pair.a.practice_id, ("Dana Poe", "Lee Ash"))
    shown = whole.staff_in(pair.therapist)
    made_up = new_id()
    expected = shown.get(f"/couples/{made_up}/access")
    assert expected.status_code == 404
    for other in (elsewhere, colleague):
        answer = shown.get(f"/couples/{other.couple_id}/access")
        assert (answer.status_code, without_nonce(answer)) == (404, without_nonce(expected))
        answer = shown.get(f"/couples/{pair.couple_id}/access/{other.a.account_id}/link")
        assert answer.status_code == 404
        shown.get(f"/couples/{pair.couple_id}/access/{pair.a.account_id}/link")
        _where, hidden = shown.form()
        answer = shown.post(f"/couples/{other.couple_id}/access/{other.a.account_id}/link", hidden)
        assert answer.status_code == 404
    assert whole.mails() == []


def test_a_new_link_is_sent_after_asking_once_more(whole: Whole) -> None:
    pair = whole.world.sample
    shown = whole.staff_in(pair.therapist)
    path = f"/couples/{pair.couple_id}/access/{pair.b.account_id}/link"
    assert "Never on their partner" in shown.get(path).text
    assert shown.send().status_code == 303
    [mail] = whole.deliver()
    assert mail["To"] == whole.email(pair.b)
    assert "A link for a new password is open until" in shown.get(f"/couples/{pair.couple_id}/access").text


def test_partners_and_administrators_do_not_find_the_pages(whole: Whole) -> None:
    pair = whole.world.sample
    assert whole.admin is not None
    for shown in (whole.partner_in(pair.a), whole.staff_in(whole.admin)):
        assert shown.get("/couples/new").status_code == 404
        assert shown.get(f"/couples/{pair.couple_id}/access").status_code == 404
