"""What was typed when a form could not be taken."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest

from portal.access.viewer import Viewer
from portal.people import kept
from portal.people.models import Account, KeptForm
from tests.people.door import PASSWORD, Browser, Door

WORDS = "I keep thinking about what you said on the bridge.\r\nIt mattered & it still does <b>."


def _writing(door: Door, viewer: Viewer) -> tuple[Browser, dict[str, list[str]]]:
    """Return a browser in which somebody has a form open, and the form's hidden fields."""
    shown = door.partner_in(viewer)
    shown.get("/note")
    return shown, shown.form()[1]


def _expired(door: Door, viewer: Viewer, words: str = WORDS) -> Browser:
    """Return a browser in which a session ended while somebody wrote, who then sent the form."""
    shown, fields = _writing(door, viewer)
    door.wait(minutes=31)
    assert shown.post("/note", {**fields, "words": words, "choice": "two"}).status_code == 401
    return shown


def forms(door: Door) -> list[KeptForm]:
    return door.read(door.world.sample.a, KeptForm)


def test_a_text_survives_the_end_of_a_session_and_is_taken_in_the_end(any_door: Door) -> None:
    door = any_door
    shown = _expired(door, door.world.sample.a)
    answer = shown.sign_in(door.email(door.world.sample.a))
    assert str(answer.location).startswith("/kept/")
    page = shown.get(str(answer.location)).text
    assert html.escape(WORDS.replace("\r\n", "\n"), quote=False).split("\n")[1] in page
    assert "<b>" not in page
    action, fields = shown.form("/note")
    assert fields["words"] == [WORDS] or fields["words"] == [WORDS.replace("\r\n", "\n")]
    assert fields["choice"] == ["two"]
    assert shown.post(action, fields).location == "/today"
    [account] = [
        row for row in door.read(door.world.sample.a, Account) if row.id == door.world.sample.a.account_id
    ]
    assert account.name.startswith("I keep thinking")
    assert forms(door) == []
    assert shown.get(str(answer.location)).status_code == 404


def test_it_can_be_left_out(door: Door) -> None:
    shown = _expired(door, door.world.sample.a)
    address = str(shown.sign_in(door.email(door.world.sample.a)).location)
    shown.get(address)
    assert shown.send(action=f"{address}/leave-out").location == "/today"
    assert forms(door) == []


def test_the_partner_never_learns_of_it(door: Door) -> None:
    shown = _expired(door, door.world.sample.a)
    [row] = forms(door)
    answer = shown.sign_in(door.email(door.world.sample.b))
    assert answer.location == "/today"
    foreign = shown.get(f"/kept/{row.id}")
    missing = shown.get(f"/kept/{'a' * 26}")
    assert foreign.status_code == missing.status_code == 404
    assert WORDS[:20] not in foreign.text
    shown.get("/note")
    fields = shown.form()[1]
    shown.post(f"/kept/{row.id}/leave-out", fields)
    assert shown.post("/note", {**fields, "words": "mine", "kept": row.id}).status_code == 303
    assert len(forms(door)) == 1


def test_the_partner_in_the_same_browser_cannot_send_it_as_theirs(door: Door) -> None:
    shared, fields = _writing(door, door.world.sample.a)
    shared.post("/sign-out", fields)
    shared.sign_in(door.email(door.world.sample.b))
    shared.get("/note")
    fresh = shared.form()[1]["csrf_token"]
    answer = shared.post("/note", {**fields, "csrf_token": fresh, "words": WORDS})
    assert answer.status_code == 409
    assert WORDS[:20] not in answer.text
    [row] = forms(door)
    assert row.author_id == door.world.sample.a.account_id
    names = {account.name for account in door.read(door.world.sample.b, Account)}
    assert not any(name.startswith("I keep") for name in names)


def test_it_is_sealed(door: Door) -> None:
    _expired(door, door.world.sample.a)
    file = door.records.engine.url.database
    assert file is not None
    assert not any(b"on the bridge" in Path(f"{file}{end}").read_bytes() for end in ("", "-wal"))


def test_secrets_and_tokens_are_never_kept(door: Door) -> None:
    shown = door.partner_in(door.world.sample.a)
    shown.get("/account/password")
    fields = shown.form()[1]
    door.wait(minutes=31)
    shown.post(
        "/account/password", {**fields, "current_password": PASSWORD, "new_password": "something else here"}
    )
    assert forms(door) == []
    _expired(door, door.world.sample.a)
    with door.records.within(door.world.sample.a, read_only=True) as scope:
        [row] = scope.all(scope.select(KeptForm))
        assert row.fields.keys() == {"words", "choice"}


def test_without_the_writers_mark_nothing_is_kept(door: Door) -> None:
    shown, fields = _writing(door, door.world.sample.a)
    door.wait(minutes=31)
    for mark in ([""], ["forged"], [fields["writer"][0][:-2] + "xx"]):
        answer = shown.post("/note", {**fields, "writer": mark, "words": WORDS})
        assert answer.status_code == 401
    assert forms(door) == []


def test_it_is_gone_after_a_day(door: Door) -> None:
    shown = _expired(door, door.world.sample.a)
    [row] = forms(door)
    door.wait(hours=24, seconds=1)
    assert shown.sign_in(door.email(door.world.sample.a)).location == "/today"
    assert shown.get(f"/kept/{row.id}").status_code == 404


def test_the_sealed_row_goes_when_the_next_one_is_kept(door: Door) -> None:
    _expired(door, door.world.sample.a)
    door.wait(hours=25)
    _expired(door, door.world.sample.a)
    assert len(forms(door)) == 1


def test_a_form_that_is_refused_again_stays_kept(door: Door) -> None:
    shown = _expired(door, door.world.sample.a)
    shown.get(str(shown.sign_in(door.email(door.world.sample.a)).location))
    _action, fields = shown.form("/note")
    assert shown.post("/note", {**fields, "csrf_token": "wrong"}).status_code == 400
    assert len(forms(door)) == 1


def test_a_growing_text_is_kept_once(door: Door) -> None:
    shown, fields = _writing(door, door.world.sample.a)
    door.wait(minutes=31)
    for length in (10, 25, 40):
        door.wait(seconds=5)
        shown.post("/note", {**fields, "words": WORDS[:length]})
    shown.post("/note", {**fields, "words": "Something else entirely, from another tab."})
    with door.records.within(door.world.sample.a, read_only=True) as scope:
        found = [
            row.fields["words"] for row in scope.all(scope.select(KeptForm).order_by(KeptForm.created_at))
        ]
    assert sorted(found) == sorted([[WORDS[:40]], ["Something else entirely, from another tab."]])


def keep(door: Door, number: int, *, path: str = "/note") -> str | None:
    writer = (door.world.sample.a.practice_id, door.world.sample.a.account_id)
    return kept.keep(door.records, writer, path=path, fields={"words": [f"text number {number}"]})


def test_twenty_are_kept_and_the_oldest_goes(any_door: Door) -> None:
    door = any_door
    ids = []
    for number in range(23):
        door.clock.move(timedelta(seconds=1))
        ids.append(keep(door, number))
    assert {row.id for row in forms(door)} == set(ids[3:])


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/note", {}), ("/note", {"words": ["x" * 1024 * 1024]}), ("/" + "n" * 300, {"words": ["text"]})],
)
def test_what_is_too_much_is_not_kept(door: Door, path: str, fields: dict[str, list[str]]) -> None:
    writer = (door.world.sample.a.practice_id, door.world.sample.a.account_id)
    assert kept.keep(door.records, writer, path=path, fields=fields) is None


def test_nothing_is_kept_for_an_account_that_does_not_exist(door: Door) -> None:
    writer = (door.world.sample.a.practice_id, "a" * 26)
    assert kept.keep(door.records, writer, path="/note", fields={"words": ["text"]}) is None


def test_a_form_for_no_page_of_ours_is_not_offered(door: Door) -> None:
    kept_id = keep(door, 1, path="/nowhere")
    assert door.partner_in(door.world.sample.a).get(f"/kept/{kept_id}").status_code == 404


def test_everything_that_will_be_sent_is_shown(door: Door) -> None:
    shown = _expired(door, door.world.sample.a)
    page = shown.get(str(shown.sign_in(door.email(door.world.sample.a)).location)).text
    assert re.search(r"<dt>choice</dt><dd[^>]*>two</dd>", page)


def test_a_persons_own_words_are_told_from_ids_and_choices() -> None:
    fields = {
        "a": ["Yes, gladly."],
        "b": ["two"],
        "c": ["4"],
        "d": ["q7k2"],
        "e": ["first line\nsecond line", ""],
    }
    assert kept.own_words(fields) == ["Yes, gladly.", "first line\nsecond line"]


def test_leading_line_breaks_survive(door: Door) -> None:
    shown = _expired(door, door.world.sample.a, "\nfirst an empty line")
    shown.get(str(shown.sign_in(door.email(door.world.sample.a)).location))
    assert shown.form("/note")[1]["words"] == ["\nfirst an empty line"]
