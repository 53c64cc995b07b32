"""What a link from a mail does: once, for fourteen days, for its own person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.kit.ids import new_id, new_token
from portal.people.couple_commands import add_couple, send_partner_link, withdraw_partner_link
from portal.people.couple_queries import Standing, couple_card
from portal.people.invitation_commands import LIFETIME, LinkEnded, NewPerson, accept
from portal.people.invitation_queries import opening
from portal.people.models import Account, AccountState, Invitation, LoginSession, OutgoingMail
from portal.people.post import Message
from tests.factories import World
from tests.people.door import OTHER_PASSWORD, PASSWORD
from tests.people.whole import Whole

PEOPLE = (NewPerson("Priya Nair", "priya@post.example"), NewPerson("Jo Sandoval", "jo@post.example"))
HASH = "a hash"


def invited(records: Records, world: World) -> tuple[Viewer, str]:
    """Add a couple; return its therapist with the couple in reach, and the first partner's token."""
    therapist = world.sample.therapist
    with records.within(therapist) as scope:
        couple_id = add_couple(scope, PEOPLE, once_key=new_id())
        first = scope.all(scope.select(OutgoingMail).order_by(OutgoingMail.created_at))[0]
        token = str(first.link).removeprefix("/join/")
    reaching = Viewer(therapist.practice_id, therapist.account_id, therapist.roles, frozenset({couple_id}))
    return reaching, token


def look(records: Records, practice_id: str, token: str) -> object:
    with records.within(House(practice_id), read_only=True) as scope:
        return opening(scope, token)


def use(records: Records, practice_id: str, token: str) -> str:
    with records.within(House(practice_id)) as scope:
        return accept(scope, token, password_hash=HASH)


# --- The link ----------------------------------------------------------------------------------------


def test_a_link_sets_an_account_up_once(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    found = look(records, therapist.practice_id, token)
    assert found is not None
    account_id = use(records, therapist.practice_id, token)
    with records.within(House(therapist.practice_id), read_only=True) as scope:
        account = scope.find(Account, account_id)
        assert (account.state, account.password_hash) == (AccountState.ACTIVE, HASH)
        assert Action.ACCOUNT_ACTIVATED in {entry.action for entry in scope.all(scope.select(AuditEntry))}
    assert look(records, therapist.practice_id, token) is None
    with pytest.raises(LinkEnded):
        use(records, therapist.practice_id, token)


def test_a_link_ends_after_fourteen_days(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    world.clock.move(LIFETIME - timedelta(seconds=1))
    assert look(records, therapist.practice_id, token) is not None
    world.clock.move(timedelta(seconds=1))
    assert look(records, therapist.practice_id, token) is None
    with pytest.raises(LinkEnded):
        use(records, therapist.practice_id, token)


def test_of_many_who_use_one_link_at_once_one_gets_in(records: Records, world: World) -> None:
    therapist, token = invited(records, world)

    def try_it(_number: int) -> bool:
        try:
            use(records, therapist.practice_id, token)
        except LinkEnded:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(try_it, range(6))) == [False] * 5 + [True]


def test_a_token_of_one_practice_opens_nothing_in_another(records: Records, world: World) -> None:
    _therapist, token = invited(records, world)
    elsewhere = world.practice("Second practice")
    moved = f"{elsewhere}.{token.partition('.')[2]}"
    assert look(records, elsewhere, token) is None
    assert look(records, elsewhere, moved) is None
    with pytest.raises(LinkEnded):
        use(records, elsewhere, moved)


def test_the_token_is_not_kept(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    with records.within(House(therapist.practice_id), read_only=True) as scope:
        for invitation in scope.all(scope.select(Invitation)):
            assert token not in invitation.token_hash
        for mail in scope.all(scope.select(OutgoingMail)):
            assert token.encode() not in mail.link_sealed


def test_a_new_link_ends_the_older_one_and_its_mail(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    couple_id = next(iter(therapist.couples))
    found = look(records, therapist.practice_id, token)
    with records.within(therapist) as scope:
        send_partner_link(scope, couple_id, account_id=found.account_id)
    assert look(records, therapist.practice_id, token) is None
    with records.within(therapist, read_only=True) as scope:
        mails = scope.all(scope.select(OutgoingMail).where(OutgoingMail.account_id == found.account_id))
        assert [mail.message for mail in mails] == [Message.INVITATION]
        newer = str(mails[0].link).removeprefix("/join/")
    assert look(records, therapist.practice_id, newer) is not None


def test_a_withdrawn_link_no_longer_works(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    couple_id = next(iter(therapist.couples))
    found = look(records, therapist.practice_id, token)
    with records.within(therapist) as scope:
        withdraw_partner_link(scope, couple_id, account_id=found.account_id)
    assert look(records, therapist.practice_id, token) is None
    with records.within(therapist, read_only=True) as scope:
        assert couple_card(scope, couple_id).access_of(found.account_id).standing is Standing.LINK_ENDED
        assert len(scope.all(scope.select(OutgoingMail))) == 1


def test_a_reset_keeps_the_second_factor_and_ends_every_session(records: Records, world: World) -> None:
    pair = world.sample
    with records.within(pair.a) as scope:
        account = scope.find(Account, pair.a.account_id)
        account.totp, account.password_hash = "JBSWY3DP", "an older hash"
        scope.add(
            LoginSession(
                account_id=account.id,
                token_hash="x",
                device="Phone",
                created_at=scope.now,
                seen_at=scope.now,
                fresh_at=scope.now,
                expires_at=scope.now + timedelta(hours=12),
            )
        )
    with records.within(pair.therapist) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.a.account_id)
        [mail] = scope.all(scope.select(OutgoingMail))
        assert mail.message == Message.RESET
        token = str(mail.link).removeprefix("/join/")
        assert scope.find(Account, pair.a.account_id).password_hash == "an older hash"
    use(records, pair.a.practice_id, token)
    with records.within(pair.a, read_only=True) as scope:
        account = scope.find(Account, pair.a.account_id)
        assert (account.password_hash, account.totp) == (HASH, "JBSWY3DP")
        assert [session.ended_at for session in scope.all(scope.select(LoginSession))] == [scope.now]


def test_a_suspended_account_gets_no_link_and_its_link_does_not_work(records: Records, world: World) -> None:
    therapist, token = invited(records, world)
    found = look(records, therapist.practice_id, token)
    with records.within(House(therapist.practice_id)) as scope:
        scope.find(Account, found.account_id).state = AccountState.SUSPENDED
    assert look(records, therapist.practice_id, token) is None
    with pytest.raises(LinkEnded):
        use(records, therapist.practice_id, token)
    with pytest.raises(Refused), records.within(therapist) as scope:
        send_partner_link(scope, next(iter(therapist.couples)), account_id=found.account_id)


# --- The page ----------------------------------------------------------------------------------------


def a_new_couple(whole: Whole) -> dict[str, str]:
    with whole.records.within(whole.world.sample.therapist) as scope:
        add_couple(scope, PEOPLE, once_key=new_id())
    return whole.links()


def test_a_partner_sets_up_their_account_and_signs_in(whole: Whole) -> None:
    links = a_new_couple(whole)
    shown = whole.browser()
    page = shown.get(links["priya@post.example"])
    assert page.status_code == 200
    assert "priya@post.example" in page.text
    for other in ("Sandoval", "jo@post.example", "Harbour", "Marlowe"):
        assert other not in page.text
    assert shown.send({"new_password": PASSWORD}).location == "/sign-in"
    assert shown.sign_in("Priya@POST.example").status_code == 303
    assert shown.get("/today").location == "/welcome"


@pytest.mark.parametrize(
    "weak", ["short", "password1234", "priya nair 1990", "jo sandoval 2024", "x" * 300, ""]
)
def test_a_weak_password_is_explained_and_the_link_still_works(whole: Whole, weak: str) -> None:
    link = a_new_couple(whole)["priya@post.example"]
    shown = whole.browser()
    shown.get(link)
    answer = shown.send({"new_password": weak})
    assert answer.status_code == 422
    assert "Sandoval" not in answer.text
    assert shown.get(link).status_code == 200


def test_every_link_that_does_not_work_gets_one_answer(whole: Whole) -> None:
    practice = whole.world.sample.a.practice_id
    links = a_new_couple(whole)
    used, old = links["priya@post.example"], links["jo@post.example"]
    shown = whole.browser()
    shown.get(used)
    shown.send({"new_password": PASSWORD})
    shown = whole.browser()
    answers = [
        shown.get(path)
        for path in (
            used,
            f"/join/{practice}.{new_token()}",
            f"/join/{new_id()}.{new_token()}",
            f"/join/{practice}.short",
            "/join/nonsense",
            "/join/%00",
        )
    ]
    whole.wait(days=14)
    answers.append(shown.get(old))
    assert {answer.status_code for answer in answers} == {404}
    bodies = {answer.text.partition("<main")[2].partition("</main>")[0] for answer in answers}
    assert len(bodies) == 1
    assert "ask your therapist" in bodies.pop()


def test_looking_at_a_link_does_not_use_it_up(whole: Whole) -> None:
    link = a_new_couple(whole)["priya@post.example"]
    for _look in range(3):
        assert whole.browser().get(link).status_code == 200
        assert whole.browser().client.head(link).status_code == 200


def test_extra_fields_change_nothing(whole: Whole) -> None:
    link = a_new_couple(whole)["priya@post.example"]
    shown = whole.browser()
    shown.get(link)
    pushed = {"role_names": "admin", "name": "Root", "email": "x@y.example", "state": "suspended"}
    assert shown.send({"new_password": PASSWORD} | pushed).status_code == 303
    [account] = [each for each in whole.read(whole.world.sample.a, Account) if each.name == "Priya Nair"]
    assert (account.role_names, account.state) == ("partner", "active")


def test_whoever_was_signed_in_on_this_device_is_signed_out(whole: Whole) -> None:
    pair = whole.world.sample
    with whole.records.within(pair.therapist) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.b.account_id)
    shown = whole.partner_in(pair.a)
    assert shown.is_in()
    shown.get(whole.links()[whole.email(pair.b)])
    assert shown.send({"new_password": OTHER_PASSWORD}).status_code == 303
    assert not shown.is_in()
    assert shown.sign_in(whole.email(pair.b), OTHER_PASSWORD).status_code == 303


def test_the_old_password_and_the_old_sessions_end_with_a_reset(whole: Whole) -> None:
    pair = whole.world.sample
    elsewhere = whole.partner_in(pair.b)
    with whole.records.within(pair.therapist) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.b.account_id)
    assert elsewhere.is_in()
    shown = whole.browser()
    shown.get(whole.links()[whole.email(pair.b)])
    shown.send({"new_password": OTHER_PASSWORD})
    assert not elsewhere.is_in()
    assert whole.browser().sign_in(whole.email(pair.b), PASSWORD).status_code == 422


def test_an_invited_person_cannot_sign_in_without_the_link(whole: Whole) -> None:
    a_new_couple(whole)
    assert whole.browser().sign_in("priya@post.example", "").status_code == 422
