"""Mails: what they look like, and what becomes of one whose server misbehaves."""

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from portal.kit.mail import (
    MailTexts,
    NotDelivered,
    OutboxFolder,
    SmtpServer,
    Texts,
    compose,
    open_transport,
    sender_of,
)
from portal.web.render import templates_folder

WHEN = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
TEXTS = Texts("You have something new in Notebook", "Hello,\n\nhttps://notebook.example/\n")
TELLING = (
    "abuse",
    "violence",
    "couple",
    "therap",
    "partner",
    "intimacy",
    "session",
    "practice",
    "questionnaire",
)


def mail(mail_id: str = "m1", recipient: str = "sam@post.example", texts: Texts = TEXTS):
    return compose(
        mail_id, sender="no-reply@notebook.example", recipient=recipient, texts=texts, decided_at=WHEN
    )


# --- Composing ---------------------------------------------------------------------------------------


def test_a_mail_is_the_same_however_often_it_is_composed() -> None:
    assert mail().as_bytes() == mail().as_bytes()
    assert mail()["Message-ID"] == "<m1@notebook.example>"
    assert mail()["From"] == "Notebook <no-reply@notebook.example>"


@pytest.mark.parametrize("broken", ["sam@post.example\r\nBcc: eve@post.example", "sam@post.example\nX: y"])
def test_a_line_break_never_makes_a_header(broken: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mail(recipient=broken)
    with pytest.raises(ValueError, match=r"."):
        mail(texts=Texts("Hello\r\nBcc: eve@post.example", "x"))


def test_an_address_in_any_script_is_carried() -> None:
    sent = message_from_bytes(mail(recipient="ану@пример.example").as_bytes(), policy=default)
    assert "ану@пример.example" in str(sent["To"])


def test_the_sender_is_named_by_the_settings_or_by_the_portals_host() -> None:
    assert sender_of("", base_url="https://notebook.example") == "no-reply@notebook.example"
    assert sender_of("", base_url="http://127.0.0.1:8000") == "no-reply@localhost"
    assert sender_of("smtp://h?from=a%40b.example", base_url="https://x.example") == "a@b.example"


@pytest.mark.parametrize("message", sorted(path.name for path in (templates_folder() / "email").iterdir()))
def test_the_texts_say_nothing_of_what_this_is_about(message: str, tmp_path: Path) -> None:
    texts = MailTexts(templates_folder() / "email", tmp_path).render(
        message, locale="en", link="https://n.example/x"
    )
    words = f"{texts.subject} {texts.body}".lower()
    assert not [word for word in TELLING if word in words]
    assert "https://n.example/x" in texts.body
    assert "\n" not in texts.subject
    assert texts.body.isascii()


# --- The outbox folder -------------------------------------------------------------------------------


def test_writing_a_mail_twice_leaves_one_file(tmp_path: Path) -> None:
    outbox = open_transport("", outbox=tmp_path / "outbox")
    assert isinstance(outbox, OutboxFolder)
    for _time in range(2):
        outbox.send(mail(), mail_id="m1")
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == ["m1.eml"]
    assert (tmp_path / "outbox/m1.eml").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(NotDelivered) as problem:
        OutboxFolder(tmp_path / "outbox").send(mail(), mail_id="m1")
    assert not problem.value.final


# --- SMTP --------------------------------------------------------------------------------------------


class Script(socketserver.StreamRequestHandler):
    """An SMTP server that answers by a script: the reply to each command, or None to hang up."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Listening)
        self.wfile.write(f"{server.script.get('GREETING', '220 ready')}\r\n".encode())
        while line := self.rfile.readline():
            verb = line.split()[0].decode().upper()
            reply = server.script.get(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 OK"))
            if reply is None:
                return
            self.wfile.write(f"{reply}\r\n".encode())
            if verb == "DATA" and reply.startswith("354"):
                lines = []
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(line)
                server.taken.append(b"".join(lines))
                after = server.script.get("AFTER", "250 taken")
                if after is None:
                    return
                self.wfile.write(f"{after}\r\n".encode())
            if verb == "QUIT":
                return


class Listening(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, script: dict[str, str | None]) -> None:
        super().__init__(("127.0.0.1", 0), Script)
        self.script = script
        self.taken: list[bytes] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def listening(**script: str | None) -> Iterator[Listening]:
    with Listening(script) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("goodbye", ["221 bye", "421 too slow", None])
def test_a_mail_is_handed_to_the_server(goodbye: str | None) -> None:
    with listening(QUIT=goodbye) as server:
        SmtpServer(server.url).send(mail(), mail_id="m1")
        [taken] = server.taken
    assert message_from_bytes(taken, policy=default)["Message-ID"] == "<m1@notebook.example>"


@pytest.mark.parametrize(
    ("script", "fault", "final"),
    [
        ({"RCPT": "550 no such user"}, "smtp-550", True),
        ({"RCPT": "451 greylisted"}, "smtp-451", False),
        ({"GREETING": "421 busy"}, "smtp-421", False),
        ({"MAIL": "550 not from you"}, "smtp-550", False),
        ({"AFTER": "554 looks like spam"}, "smtp-554", True),
        ({"AFTER": "452 no room"}, "smtp-452", False),
        ({"AFTER": None}, "SMTPServerDisconnected", False),
        ({"MAIL": None}, "SMTPServerDisconnected", False),
    ],
)
def test_what_a_server_says_decides_whether_to_try_again(
    script: dict[str, str | None], fault: str, final: bool
) -> None:
    with listening(**script) as server, pytest.raises(NotDelivered) as problem:
        SmtpServer(server.url).send(mail(), mail_id="m1")
    assert (problem.value.fault, problem.value.final) == (fault, final)


def test_a_server_that_never_answers_is_left_after_a_while() -> None:
    with listening(GREETING="") as server, pytest.raises(NotDelivered) as problem:
        SmtpServer(server.url, timeout=0.2).send(mail(), mail_id="m1")
    assert not problem.value.final


def test_no_server_at_all_is_tried_again() -> None:
    with pytest.raises(NotDelivered) as problem:
        SmtpServer("smtp://127.0.0.1:1", timeout=1).send(mail(), mail_id="m1")
    assert (problem.value.fault, problem.value.final) == ("ConnectionRefusedError", False)


def test_the_servers_password_is_not_shown() -> None:
    assert "hunter2" not in repr(SmtpServer("smtp://user:hunter2@mail.example"))
    assert os.sep not in repr(SmtpServer("smtp://user:hunter2@mail.example"))
