"""A form is one transaction: nothing is asked of the database once it is committed, so the lock is taken once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from portal.exercises.shelf import library
from tests.exercises.doing import fill, give, type_in
from tests.factories import Pair
from tests.portal_app import Site, Visitor, furnish

EXERCISE, LETTER = "warning-signs", "i-statements"


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    """A partner, signed in."""
    return site.sign_in_as(pair.a)


@contextmanager
def after_the_last_commit(site: Site) -> Iterator[list[str]]:
    """Note every statement that follows a commit; each commit empties the list."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        found.append(statement)

    def forget(_connection: object) -> None:
        found.clear()

    event.listen(site.records.engine, "before_cursor_execute", note)
    event.listen(site.records.engine, "commit", forget)
    try:
        yield found
    finally:
        event.remove(site.records.engine, "before_cursor_execute", note)
        event.remove(site.records.engine, "commit", forget)


def fields_of(visitor: Visitor, path: str) -> dict[str, str]:
    """Open a page and return the hidden fields of its form."""
    page = visitor.get(path).get_data(as_text=True)
    hidden = re.findall(r'<input(?=[^>]*type="hidden")[^>]*>', page)
    named = [(re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)) for each in hidden]
    return {name[1]: value[1] if value else "" for name, value in named if name}


@pytest.mark.parametrize(
    ("go", "status"), [("on", 422), ("later", 303)], ids=["incomplete", "kept for later"]
)
def test_a_page_of_an_exercise(site: Site, sam: Visitor, pair: Pair, go: str, status: int) -> None:
    given = give(site.records, pair, LETTER)
    sam.post(f"/t/{given}/begin", fields_of(sam, f"/t/{given}"))
    fields = fields_of(sam, f"/t/{given}/p/1")
    with after_the_last_commit(site) as asked:
        assert sam.post(f"/t/{given}/p/1", fields | {"go": go}).status_code == status
        assert asked == []


def test_what_is_typed_and_kept_by_itself(site: Site, sam: Visitor, pair: Pair) -> None:
    given = give(site.records, pair, EXERCISE)
    sam.post(f"/t/{given}/begin", fields_of(sam, f"/t/{given}"))
    fields = fields_of(sam, f"/t/{given}/p/1")
    with after_the_last_commit(site) as asked:
        assert sam.post(f"/t/{given}/p/1/draft", fields).status_code == 200
        assert asked == []


def test_sending_and_taking_back(site: Site, sam: Visitor, pair: Pair) -> None:
    given = give(site.records, pair, EXERCISE)
    type_in(site.records, pair.a, given, fill(library()[EXERCISE], "words"))
    fields = fields_of(sam, f"/t/{given}/check")
    with after_the_last_commit(site) as asked:
        assert sam.post(f"/t/{given}/send", fields).status_code == 303
        assert asked == []
        fields = fields_of(sam, f"/t/{given}/sent")
        assert sam.post(f"/t/{given}/take-back", fields).status_code == 303
        assert asked == []
