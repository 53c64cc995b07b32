"""What goes wrong tells nobody anything, least of all the log, and never costs anybody their words."""

import html
import logging
from typing import Any

import pytest
from flask import Flask, request

from portal.access.policy import Permission, Refused
from portal.access.vault import CannotOpen
from portal.web.errors import Stale
from portal.web.room import For, open_to
from tests.portal_app import Sites, Visitor, furnish

WORDS = "What I wrote about last night & us"
FAULTS: dict[str, tuple[int, Any]] = {
    "a mistake of ours": (500, lambda: _raise(RuntimeError(f"can't take {WORDS}"))),
    "a key that is gone": (500, lambda: _raise(CannotOpen(WORDS))),
    "a value that fits nowhere": (500, lambda: int(WORDS)),
    "something that changed": (
        409,
        lambda: _raise(Stale("This was changed", {"Before": "<b>older</b> words"})),
    ),
    "something refused": (404, lambda: _raise(Refused(WORDS))),
}


def _raise(error: Exception) -> None:
    raise error


def plant(app: Flask) -> None:
    """Add a page that breaks in the way that its form asks for."""

    @open_to(Permission.OWN_ACCOUNT, For.SIGNED_IN, gated=False)
    def broken() -> str:
        FAULTS[request.form["how"]][1]()
        return "fine"

    app._got_first_request = False
    app.add_url_rule("/broken", view_func=broken, methods=["POST"])


@pytest.fixture
def visitor(sites: Sites) -> Visitor:
    site = sites.empty()
    plant(site.app)
    _pair, people = furnish(site.records)
    return site.sign_in_as(people["a"])


@pytest.mark.parametrize("how", list(FAULTS))
def test_a_fault_shows_the_words_to_their_writer_and_to_no_log(
    visitor: Visitor, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fields = {"csrf_token": visitor.csrf, "how": how, "words": WORDS, "password": "a secret of mine"}
    answer = visitor.post("/broken", fields)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == FAULTS[how][0]
    assert "a secret of mine" not in page
    assert "Traceback" not in page
    if answer.status_code != 404:
        assert WORDS in page
        assert "<b>older</b>" not in answer.get_data(as_text=True)
    assert WORDS not in caplog.text
    if answer.status_code == 500:
        assert "(text withheld)" in caplog.text
        assert "test_errors.py" in caplog.text, "the place is what helps to find it"


def test_what_is_refused_and_what_is_not_there_are_one_answer(visitor: Visitor) -> None:
    refused = visitor.post("/broken", {"csrf_token": visitor.csrf, "how": "something refused"})
    missing = visitor.get("/nothing/of/the/kind")
    assert refused.status_code == missing.status_code == 404
    assert len(refused.get_data()) == len(missing.get_data())
