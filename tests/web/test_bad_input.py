"""Whatever is typed, nothing breaks and nobody's words are lost: strange texts, lost sessions, a busy database."""

import html
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import event, make_url
from werkzeug.test import TestResponse, encode_multipart

from portal.access.scope import Records
from portal.access.viewer import House, Viewer
from portal.exercises.care_commands import Plan, assign
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.models import Draft, Whom
from portal.people.models import Account, KeptForm
from tests.factories import Pair
from tests.house import leak_exercises
from tests.house.crawl import Crawl
from tests.pages import Form, read
from tests.people.door import PASSWORD, hash_of
from tests.portal_app import Site, Sites, Visitor, furnish

MARK = "These are my own words"
STRANGE: Mapping[str, str] = {
    "a null": f"{MARK} \0 here",
    "control characters": f"{MARK} \x1b[2J\x07\x08",
    "markup": f"{MARK} <script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": f"{MARK} {{{{7*7}}}} ${{7*7}} <%= 7*7 %> {{% raw %}}",
    "a formula": f'=HYPERLINK("http://evil.example") {MARK}',
    "another direction": f"{MARK} \u202egnp.exe\u2066 \u05e9\u05dc\u05d5\u05dd",
    "a non-character": f"{MARK} \ufffe \ufdd0",
    "new lines in a header": f"{MARK}\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "many marks": MARK + " a" + "\u0301" * 500,
    "a very long word": f"{MARK} " + "w" * 100_000,
    "a huge number": f"1{'0' * 30}",
    "not a number": "sNaN",
    "digits of another script": "\u0661\u0662",
    "a day that never was": "0000-00-00",
    "nothing but blanks": "   \n\t ",
}
MORE = {
    "practice_id": "nobodyatallnobodyatall2345", "author_id": "nobodyatallnobodyatall2345", "role": "admin",
    "role_names": "admin", "audience": "couple", "visibility": "shared", "state": "active", "version": "99",
    "open_at": "2020-01-01", "sent_at": "2020-01-01", "lists_open": "1",
}  # fmt: skip
SESSION_LASTS = timedelta(minutes=31)
LONG = "A long and careful account of it. " * 555


def give(records: Records, pair: Pair, exercise: Exercise) -> str:
    plan = Plan(couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence(exercise.recurrence))
    with records.within(pair.therapist) as scope:
        return assign(scope, exercise, plan, once_key=f"key of {exercise.slug}").id


def populated(sites: Sites) -> tuple[Site, Pair, dict[str, Viewer], str]:
    site = sites.empty()
    pair, people = furnish(site.records)
    given = give(site.records, pair, leak_exercises.mixed("mixed", "Questions"))
    for exercise in (
        leak_exercises.letter("letter", "A letter"),
        leak_exercises.overlap("overlap", "What both want"),
        leak_exercises.tracker("log", "A log"),
    ):
        give(site.records, pair, exercise)
    return site, pair, people, given


def forms_of(
    visitor: Visitor, people: Mapping[str, Viewer], pair: Pair, given: str
) -> list[tuple[str, Form]]:
    """Return one form of each shape that somebody is shown."""
    knows = {("couple", pair.couple_id): frozenset({"me"}), ("assignment", given): frozenset({"me"})}
    knows |= {("account", each.account_id): frozenset({"me"}) for each in people.values()}
    cares = frozenset({pair.couple_id, pair.a.account_id, pair.b.account_id})
    crawl = Crawl(visitor, "me", knows, cares, most_links=60)
    crawl.read_everything()
    shapes: dict[Any, tuple[str, Form]] = {}
    for (_action, *shape), found in crawl.forms.items():
        shapes.setdefault(tuple(shape), found)
    return [(path, form) for path, form in shapes.values() if form.texts or form.choices]


def frozen(site: Site) -> None:
    """Make what a portal holds now the state that ``restore`` brings back."""
    target = site.folder / "frozen.sqlite3"
    site.records.engine.dispose()
    target.write_bytes(open_file(site))
    site.template = target


def open_file(site: Site) -> bytes:
    with open(str(make_url(site.url).database), "rb") as file:  # noqa: PTH123 - a database's own file
        return file.read()


def typed_over(form: Form, words: str) -> dict[str, Any]:
    """Return what a form sends when somebody types these words into everything that takes words."""
    return form.filled(words) | {name: [words] for name in form.texts if "password" not in name}


def check_kept(answer: TestResponse, form: Form, words: str, *, where: str) -> None:
    """Check that the words were taken, or stand on the page that refuses them."""
    assert answer.status_code < 500, where
    assert "Set-Cookie: a=b" not in str(answer.headers)
    if answer.status_code in {200, 303, 404} or MARK not in words or not form.texts:
        return
    names = {name for name in form.texts if "password" not in name and name not in {"code", "email"}}
    if names:
        assert MARK in html.unescape(answer.get_data(as_text=True)), where
        assert b"<script>alert(1)" not in answer.get_data(), where


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a", "therapist", "admin", "stranger"])
def test_no_text_breaks_a_form_or_is_lost(sites: Sites, name: str, caplog: pytest.LogCaptureFixture) -> None:
    site, pair, people, given = populated(sites)
    caplog.set_level(logging.INFO)
    visitor = site.sign_in_as(people.get(name))
    found = forms_of(visitor, people, pair, given)
    assert found
    frozen(site)
    held = visitor.cookie()
    for path, form in found:
        for what, words in STRANGE.items():
            answer = visitor.post(form.action, typed_over(form, words))
            check_kept(answer, form, words, where=f"{what} into {form.action} of {path}")
            if answer.status_code < 400:
                site.restore()
            visitor.bake(held)
    assert site.faults == []
    assert MARK not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a", "therapist", "admin"])
def test_what_a_form_does_not_ask_changes_nothing(sites: Sites, name: str) -> None:
    site, pair, people, given = populated(sites)
    visitor = site.sign_in_as(people[name])
    found = forms_of(visitor, people, pair, given)
    frozen(site)
    held = visitor.cookie()
    for path, form in found:
        for fields in (form.filled() | MORE, {key: [*values, *values] for key, values in form.filled().items()},
                       {key: ["no such choice"] for key in form.choices} | {"csrf_token": [visitor.csrf]}):  # fmt: skip
            answer = visitor.post(form.action, fields)
            assert answer.status_code < 500, (path, form.action)
            assert roles_in(site, pair) == roles_after(people), (path, form.action)
            site.restore()
            visitor.bake(held)
    assert site.faults == []


def roles_in(site: Site, pair: Pair) -> dict[str, str]:
    with site.records.within(House(pair.a.practice_id), read_only=True) as scope:
        rows = scope.all(scope.select(Account))
        known = {pair.a.account_id, pair.b.account_id, pair.therapist.account_id}
        return {row.id: row.role_names for row in rows if row.id in known}


def roles_after(people: Mapping[str, Viewer]) -> dict[str, str]:
    return {people[name].account_id: " ".join(sorted(people[name].roles)) for name in ("a", "b", "therapist")}


RAW = {
    "a lone surrogate": b"%ED%A0%80",
    "broken UTF-8": b"%FF%FE%C3",
    "percent signs": b"%%%zz%",
    "a null": b"%00",
}


@pytest.mark.parametrize("what", list(RAW))
def test_bytes_that_are_no_text_break_nothing(sites: Sites, what: str) -> None:
    site, _pair, people, given = populated(sites)
    visitor = site.sign_in_as(people["a"])
    form = step(visitor, given)
    body = urlencode({"csrf_token": visitor.csrf, "revision": "0"}).encode()
    for name in [*sorted(form.texts), "csrf_token", "writer", "revision", "once_key"]:
        answer = visitor.client.post(
            form.action,
            data=body + b"&" + name.encode() + b"=" + RAW[what] + b"words",
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code < 500, name
    for name in ("couple", "show", "next", "again", "part", "copy", "first", "q"):
        path = f"/account?{name}=".encode() + RAW[what]
        assert visitor.client.get(path.decode("ascii")).status_code < 500
    assert site.faults == []


def step(visitor: Visitor, given: str) -> Form:
    """Return the form of an exercise's first page."""
    begun = visitor.post(f"/t/{given}/begin", {"csrf_token": visitor.csrf, "writer": visitor.writer})
    assert begun.status_code == 303
    page = visitor.get(str(begun.location))
    forms = read(str(begun.location), page.get_data(as_text=True)).forms
    return max(forms, key=lambda form: len(form.texts))


ENCODINGS = ("urlencoded", "multipart")


def sent_as(visitor: Visitor, path: str, fields: Mapping[str, Any], *, kind: str) -> TestResponse:
    """Send fields in one of the two ways in which browsers send forms."""
    if kind == "urlencoded":
        return visitor.post(path, fields)
    boundary, body = encode_multipart(fields)
    return visitor.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


@pytest.mark.parametrize("kind", ENCODINGS)
@pytest.mark.parametrize("letter", ["a", "я", "漢", "🙂"])
def test_a_long_text_in_any_script_is_taken_or_given_back(sites: Sites, kind: str, letter: str) -> None:
    site, _pair, people, given = populated(sites)
    visitor = site.sign_in_as(people["a"])
    form = step(visitor, given)
    for length in (19_900, 20_000, 20_001, 60_000):
        fields = form.filled() | {"to_both": [f"{MARK} ".ljust(length, letter)]}
        answer = sent_as(visitor, form.action, fields, kind=kind)
        assert answer.status_code in {303, 409, 422}, length
        text = html.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 303 or fields["to_both"][0] in text, length
    assert site.faults == []


def test_a_form_that_is_far_too_long_gets_a_page_about_it(sites: Sites) -> None:
    site, _pair, people, given = populated(sites)
    visitor = site.sign_in_as(people["a"])
    form = step(visitor, given)
    for kind in ENCODINGS:
        answer = sent_as(visitor, form.action, form.filled() | {"to_both": ["w" * 5_000_000]}, kind=kind)
        assert answer.status_code == 413
        assert "too much at once" in answer.get_data(as_text=True)
    assert visitor.get(f"/t/{given}").status_code in {200, 303}
    assert site.faults == []


def test_thousands_of_fields_break_nothing(sites: Sites) -> None:
    site, _pair, people, given = populated(sites)
    visitor = site.sign_in_as(people["a"])
    form = step(visitor, given)
    many = {f"field{number}": "x" for number in range(20_000)}
    for kind in ENCODINGS:
        answer = sent_as(visitor, form.action, form.filled() | many, kind=kind)
        assert answer.status_code in {303, 413, 422}
    assert site.faults == []


# Lost sessions


def with_password(site: Site, viewer: Viewer) -> str:
    """Give somebody a password; return their address."""
    with site.records.within(House(viewer.practice_id)) as scope:
        account = scope.find(Account, viewer.account_id)
        account.password_hash = hash_of(PASSWORD)
        return str(account.email)


def sign_in(visitor: Visitor, email: str) -> TestResponse:
    page = visitor.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert token
    fields = {"csrf_token": token[1], "email": email, "password": PASSWORD}
    return visitor.post("/sign-in", fields)


def lose_session(sites: Sites) -> tuple[Site, Pair, Visitor, Form, str]:
    """Let a partner type a long text until their session is over, and send it."""
    site, pair, _people, given = populated(sites)
    visitor = site.sign_in_as(pair.a)
    form = step(visitor, given)
    site.clock.move(SESSION_LASTS)
    answer = visitor.post(form.action, form.filled() | {"to_both": [LONG]})
    assert answer.status_code == 401
    assert LONG.strip() in html.unescape(answer.get_data(as_text=True))
    return site, pair, visitor, form, given


def test_what_was_typed_while_a_session_ended_is_saved_after_signing_in_again(sites: Sites) -> None:
    site, pair, visitor, _form, _given = lose_session(sites)
    back = sign_in(visitor, with_password(site, pair.a))
    assert "/kept/" in str(back.location)
    page = visitor.get(str(back.location))
    assert LONG.strip() in html.unescape(page.get_data(as_text=True))
    resend = next(
        form for form in read("/kept", page.get_data(as_text=True)).forms if "to_both" in form.fields
    )
    taken = visitor.post(resend.action, resend.filled())
    assert taken.status_code == 303
    with site.records.within(pair.a, read_only=True) as scope:
        (draft,) = scope.all(scope.select(Draft))
        assert draft.values["to_both"] == LONG.strip()
        assert scope.count(scope.select(KeptForm)) == 0
    assert site.faults == []


def test_somebody_else_who_signs_in_gets_nothing_of_it(sites: Sites) -> None:
    site, pair, visitor, form, given = lose_session(sites)
    back = sign_in(visitor, with_password(site, pair.b))
    assert "/kept/" not in str(back.location)
    visitor.take_anew()
    with site.records.within(House(pair.a.practice_id), read_only=True) as scope:
        (kept,) = scope.all(scope.select(KeptForm))
    for path in ("/", "/account", f"/kept/{kept.id}", f"/t/{given}", form.action):
        assert LONG[:40] not in html.unescape(visitor.get(path).get_data(as_text=True))
    late = visitor.post(form.action, form.filled() | {"to_both": [LONG], "csrf_token": [visitor.csrf]})
    assert late.status_code == 409
    assert LONG[:40] not in html.unescape(late.get_data(as_text=True))
    with site.records.within(pair.b, read_only=True) as scope:
        assert scope.count(scope.select(Draft)) == 0
    assert site.faults == []


# A database that is busy


@pytest.fixture
def busy(sites: Sites) -> Iterator[tuple[Site, Pair, Visitor, Form, sqlite.Connection]]:
    """A partner's open page, and another connection that holds the whole database."""
    site, pair, _people, given = populated(sites)
    visitor = site.sign_in_as(pair.a)
    form = step(visitor, given)
    site.records.engine.dispose()
    event.listen(
        site.records.engine, "connect", lambda made, _record: made.execute("PRAGMA busy_timeout=100")
    )
    other = sqlite.connect(str(make_url(site.url).database), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield site, pair, visitor, form, other
    other.close()


@pytest.mark.parametrize("minutes", [0, 2], ids=["just now", "after a pause"])
def test_words_stay_on_the_page_while_the_database_is_busy(busy: Any, minutes: int) -> None:
    site, pair, visitor, form, other = busy
    site.clock.move(timedelta(minutes=minutes))
    words = f"{MARK} & yours"
    answer = visitor.post(form.action, form.filled() | {"to_both": [words]})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert words in html.unescape(answer.get_data(as_text=True))
    other.execute("ROLLBACK")
    later = visitor.post(form.action, form.filled() | {"to_both": [words]})
    assert later.status_code == 303
    with site.records.within(pair.a, read_only=True) as scope:
        (draft,) = scope.all(scope.select(Draft))
        assert draft.values["to_both"] == words


def test_words_stay_on_the_page_while_nobody_can_be_looked_up(sites: Sites) -> None:
    site, pair, _people, given = populated(sites)
    visitor = site.sign_in_as(pair.a)
    form = step(visitor, given)
    site.records.engine.dispose()
    site.template = site.folder / "empty.sqlite3"
    sqlite.connect(str(site.template)).close()
    site.template.touch()
    site.restore()
    answer = visitor.post(form.action, form.filled() | {"to_both": [MARK]})
    assert answer.status_code == 503
    assert MARK in html.unescape(answer.get_data(as_text=True))


def test_leaving_works_while_the_database_is_busy(busy: Any) -> None:
    _site, _pair, visitor, _form, _other = busy
    answer = visitor.get("/leave")
    assert answer.status_code == 303
    assert "weather" in str(answer.location) or "metoffice" in str(answer.location)
    assert visitor.cookie() == {}


def test_a_word_about_raw_bytes() -> None:
    """The raw bodies above are what they are named for."""
    assert quote_from_bytes("\ud800".encode("utf-8", "surrogatepass")) == RAW["a lone surrogate"].decode()
