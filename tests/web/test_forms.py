"""Forms say what is missing in the portal's own words."""

import re
from pathlib import Path

import pytest
import wtforms

from portal.kit.ids import new_id
from portal.web.forms import WORDS, storable_key
from tests.portal_app import Site, furnish

SHOWN = re.compile(r'(?:ngettext|gettext)\(\s*"([^"]+)"(?:,\s*"([^"]+)")?')


def test_every_message_that_has_words_of_ours_is_one_of_the_library() -> None:
    said = {
        message
        for path in Path(wtforms.__file__).parent.rglob("*.py")
        for found in SHOWN.findall(path.read_text(encoding="utf-8"))
        for message in found
    }
    assert WORDS.keys() <= said


def test_what_is_missing_is_said_in_plain_words(site: Site) -> None:
    pair = furnish(site.records)[0]
    ines = site.sign_in_as(pair.therapist)
    answer = ines.get(f"/couples/{pair.couple_id}/reports/progress?copy=neighbours&first=soon")
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in (
        "Please choose one of these",
        "Please give a day, with its month",
        "Please give the last day",
    ):
        assert words in told
    assert "required" not in told


ODD_KEYS = ("k" * 500, "k\x00", "k’", "a b", "<b>")


@pytest.mark.parametrize("odd", ODD_KEYS)
def test_a_key_that_no_table_can_hold_becomes_one_that_is_the_same_each_time(odd: str) -> None:
    kept = storable_key(odd)

    assert kept == storable_key(odd) == storable_key(kept)
    assert len(kept) <= 40
    assert kept.isascii()
    assert kept.isalnum()
    assert len({storable_key(each) for each in ODD_KEYS}) == len(ODD_KEYS)


def test_a_key_of_ours_stays_as_it_is_and_none_at_all_is_a_fresh_one() -> None:
    ours = new_id()

    assert storable_key(ours) == ours
    assert storable_key("") != storable_key("")
    assert storable_key(None)
