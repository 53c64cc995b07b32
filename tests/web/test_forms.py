"""Forms say what is missing in the portal's own words."""

import re
from pathlib import Path

import wtforms

from portal.web.forms import WORDS
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
