"""The outbox: written with its cause, sent until it is taken, and silent about what it is for."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.kit.ids import new_id
from portal.kit.mail import MailTexts, NotDelivered, OutboxFolder
from portal.people.couple_commands import add_couple, send_partner_link
from portal.people.couple_queries import couple_card
from portal.people.invitation_commands import NewPerson
from portal.people.models import Account, AccountState, MailState, OutgoingMail
from portal.people.post import DELIVER, Message, call_off, post
from portal.people.post_jobs import LEASE, TRIES, PostOffice, deliver, deliver_due, pause_after
from portal.web.render import templates_folder
from tests.factories import World


class Died(BaseException):
    """The process ended here."""


@dataclass
class Server:
    """Takes mails, unless told to do something else with the next ones."""

    taken: list[bytes] = field(default_factory=list)
    moods: list[Callable[[], None]] = field(default_factory=list)

    def send(self, message: EmailMessage, *, mail_id: str) -> None:
        assert mail_id in message["Message-ID"]
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None and mood.__name__ != "after":
            mood()
        self.taken.append(message.as_bytes())
        if mood is not None:
            mood()


def refuse(fault: str, *, final: bool = False) -> Callable[[], None]:
    def before() -> None:
        raise NotDelivered(fault, final=final)

    return before


def after() -> None:
    raise Died


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def office(server: Server, tmp_path: Path) -> PostOffice:
    texts = MailTexts(templates_folder() / "email", tmp_path)
    return PostOffice(texts, server, "https://notebook.example", "no-reply@notebook.example")


def the_mail(records: Records, viewer: Viewer) -> OutgoingMail:
    with records.within(House(viewer.practice_id), read_only=True) as scope:
        [mail] = scope.all(scope.select(OutgoingMail))
        return mail


def write(records: Records, viewer: Viewer, message: Message = Message.NEWS) -> str | None:
    with records.within(viewer) as scope:
        mail = post(scope, viewer.account_id, message)
        return mail.id if mail else None


# --- Writing -----------------------------------------------------------------------------------------


def test_a_mail_lives_and_dies_with_its_cause(records: Records, world: World) -> None:
    pair = world.sample
    with suppress(Died), records.within(pair.a) as scope:
        post(scope, pair.b.account_id)
        raise Died
    with records.within(House(pair.a.practice_id), read_only=True) as scope:
        assert scope.all(scope.select(OutgoingMail)) == []


def test_the_worker_is_nudged_after_the_commit_and_not_before(records: Records, world: World) -> None:
    nudged: list[tuple[str, dict[str, str]]] = []
    woken = Records(
        records.engine, records.ring, records.clock, lambda job, **payload: nudged.append((job, payload))
    )
    pair = world.sample
    scope = woken.scope(pair.a)
    mail = post(scope.as_house(pair.couple_id), pair.b.account_id)
    assert nudged == []
    scope.commit()
    assert nudged == [(DELIVER, {"practice_id": pair.a.practice_id, "mail_id": mail.id})]
    scope.close()


def test_several_pieces_of_news_are_told_once(records: Records, world: World, office: PostOffice) -> None:
    pair = world.sample
    assert write(records, pair.a) is not None
    assert write(records, pair.a) is None
    deliver_due(records, office)
    assert write(records, pair.a) is not None


def test_news_that_opens_later_gets_a_mail_of_its_own_and_can_be_called_off(
    records: Records, world: World
) -> None:
    pair = world.sample
    later = records.clock.now() + timedelta(days=21)
    with records.within(pair.a) as scope:
        assert post(scope, pair.a.account_id) is not None
        assert post(scope, pair.a.account_id, due_at=later) is not None
        assert post(scope, pair.a.account_id, due_at=later) is None
        other = post(scope, pair.a.account_id, due_at=later + timedelta(seconds=1))
        call_off(scope, pair.a.account_id, due_at=later)
        waiting = scope.all(scope.select(OutgoingMail).where(OutgoingMail.due_at > records.clock.now()))
        assert [mail.id for mail in waiting] == [other.id]  # type: ignore[union-attr]  # it was written above


def test_nobody_is_written_to_whose_account_is_not_in_use(records: Records, world: World) -> None:
    pair = world.sample
    for state in (AccountState.INVITED, AccountState.SUSPENDED):
        with records.within(House(pair.a.practice_id)) as scope:
            scope.find(Account, pair.a.account_id).state = state
        assert write(records, pair.a) is None


# --- Sending -----------------------------------------------------------------------------------------


def test_a_mail_is_sent_once_and_its_link_forgotten(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    with records.within(pair.therapist) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.b.account_id)
    for _minute in range(3):
        deliver_due(records, office)
    assert len(server.taken) == 1
    assert b"https://notebook.example/join/" in server.taken[0]
    mail = the_mail(records, pair.b)
    assert (mail.state, mail.attempts, mail.link_sealed) == (MailState.SENT, 1, None)
    assert mail.sent_at == records.clock.now()


def test_no_mail_names_anybody_or_says_what_it_is_about(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    with records.within(pair.therapist) as scope:
        add_couple(
            scope,
            (NewPerson("Priya Nair", "one@post.example"), NewPerson("Jo Sandoval", "two@post.example")),
            goals="less shouting",
            once_key=new_id(),
        )
        send_partner_link(scope, pair.couple_id, account_id=pair.a.account_id)
    for message in (Message.NEWS, Message.ACCOUNT):
        write(records, pair.b, message)
    deliver_due(records, office)
    assert len(server.taken) == 5
    everything = b"\n".join(server.taken).lower()
    told = (
        "priya",
        "nair",
        "jo ",
        "sandoval",
        "wren",
        "holm",
        "ines",
        "marlowe",
        "harbour",
        "shouting",
        "couple",
        "therap",
    )
    assert not [word for word in told if word.encode() in everything]


def test_a_server_that_is_down_is_tried_again_later_and_later(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    write(records, pair.a)
    server.moods = [refuse("ConnectionRefusedError"), refuse("smtp-451")]
    deliver_due(records, office)
    assert (the_mail(records, pair.a).state, the_mail(records, pair.a).fault) == (
        "waiting",
        "ConnectionRefusedError",
    )
    deliver_due(records, office)
    assert the_mail(records, pair.a).attempts == 1
    world.clock.move(pause_after(1))
    deliver_due(records, office)
    assert the_mail(records, pair.a).attempts == 2
    world.clock.move(pause_after(1))
    deliver_due(records, office)
    assert server.taken == []
    world.clock.move(pause_after(2))
    deliver_due(records, office)
    assert len(server.taken) == 1
    assert (the_mail(records, pair.a).state, the_mail(records, pair.a).fault) == (MailState.SENT, None)


def test_a_mail_that_is_never_taken_is_given_up_in_the_end(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    write(records, pair.a)
    server.moods = [refuse("smtp-421")] * 50
    for _try in range(TRIES + 3):
        deliver_due(records, office)
        world.clock.move(timedelta(hours=5))
    mail = the_mail(records, pair.a)
    assert (mail.state, mail.attempts, mail.fault) == (MailState.FAILED, TRIES, "smtp-421")


def test_the_therapist_sees_that_an_address_does_not_exist(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    with records.within(pair.therapist) as scope:
        send_partner_link(scope, pair.couple_id, account_id=pair.b.account_id)
    server.moods = [refuse("smtp-550", final=True)]
    deliver_due(records, office)
    mail = the_mail(records, pair.b)
    assert (mail.state, mail.link_sealed) == (MailState.FAILED, None)
    with records.within(pair.therapist, read_only=True) as scope:
        card = couple_card(scope, pair.couple_id)
        assert (card.a.mail_failed, card.b.mail_failed) == (False, True)


def test_a_process_that_dies_after_sending_leaves_one_message_id(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    write(records, pair.a)
    server.moods = [after]
    with pytest.raises(Died):
        deliver_due(records, office)
    deliver_due(records, office)
    assert len(server.taken) == 1
    world.clock.move(LEASE + timedelta(seconds=1))
    deliver_due(records, office)
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]
    assert the_mail(records, pair.a).state == MailState.SENT


def test_a_process_that_dies_after_writing_leaves_one_file(
    records: Records, world: World, office: PostOffice, server: Server, tmp_path: Path
) -> None:
    pair, outbox = world.sample, OutboxFolder(tmp_path / "outbox")

    class Dying:
        def send(self, message: EmailMessage, *, mail_id: str) -> None:
            outbox.send(message, mail_id=mail_id)
            raise Died

    write(records, pair.a)
    with pytest.raises(Died):
        deliver_due(records, PostOffice(office.texts, Dying(), office.base_url, office.sender))
    world.clock.move(LEASE + timedelta(seconds=1))
    deliver_due(records, PostOffice(office.texts, outbox, office.base_url, office.sender))
    assert len(list((tmp_path / "outbox").iterdir())) == 1
    assert the_mail(records, pair.a).state == MailState.SENT


def test_a_mail_is_leased_to_one_worker_at_a_time(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    mail_id = write(records, pair.a)

    class Slow:
        def send(self, message: EmailMessage, *, mail_id: str) -> None:
            assert message["To"]
            deliver(records, office, practice_id=pair.a.practice_id, mail_id=mail_id)

    slow = PostOffice(office.texts, Slow(), office.base_url, office.sender)
    deliver(records, slow, practice_id=pair.a.practice_id, mail_id=str(mail_id))
    assert server.taken == []
    assert the_mail(records, pair.a).attempts == 1


def test_a_nudge_for_another_practice_or_for_nothing_does_nothing(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    mail_id = write(records, world.sample.a)
    deliver(records, office, practice_id=world.practice("Second practice"), mail_id=str(mail_id))
    deliver(records, office, practice_id=world.sample.a.practice_id, mail_id=new_id())
    assert server.taken == []


def test_somebody_who_was_suspended_meanwhile_gets_no_mail(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    write(records, pair.a)
    with records.within(House(pair.a.practice_id)) as scope:
        scope.find(Account, pair.a.account_id).state = AccountState.SUSPENDED
    deliver_due(records, office)
    assert server.taken == []
    assert the_mail(records, pair.a).state == MailState.FAILED


def test_each_mail_goes_to_its_own_persons_address(
    records: Records, world: World, office: PostOffice, server: Server
) -> None:
    pair = world.sample
    elsewhere = world.pair(world.practice("Second practice"))
    for viewer in (pair.a, pair.b, elsewhere.a):
        write(records, viewer)
    deliver_due(records, office)
    addressed = sorted(
        line for mail in server.taken for line in mail.decode().splitlines() if line.startswith("To:")
    )
    emails = []
    for viewer in (pair.a, pair.b, elsewhere.a):
        with records.within(House(viewer.practice_id), read_only=True) as scope:
            emails.append(f"To: {scope.find(Account, viewer.account_id).email}")
    assert addressed == sorted(emails)
