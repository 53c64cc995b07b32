"""Every exercise of the library, from being given to being read: both partners do all of it, without a script."""

import pytest

from portal.exercises import safety
from portal.exercises.mechanics.base import SHARED, MechanicName
from portal.exercises.models import Assignment
from portal.exercises.shelf import library
from tests.exercises.doing import fill, give, send
from tests.exercises.playing import Hand, play
from tests.portal_app import Sites, furnish, open_session

pytestmark = pytest.mark.no_cover

WORDS = {"a": "Quince and lantern light", "b": "Marram grass by the jetty"}


@pytest.mark.parametrize("slug", sorted(library()))
def test_both_do_it_and_their_therapist_reads_what_is_for_the_therapist(sites: Sites, slug: str) -> None:
    site, exercise = sites.empty(), library()[slug]
    pair = furnish(site.records)[0]
    if "touch_overlap" in exercise.needs:
        menu, open_to = give(site.records, pair, "touch-menu"), fill(library()["touch-menu"], "")
        for partner in (pair.a, pair.b):
            send(site.records, partner, menu, open_to)
    given = give(site.records, pair, slug, recurrence=exercise.recurrence)
    hands = (
        Hand(site.sign_in_as(pair.a), given, WORDS["a"], exercise),
        Hand(site.sign_in_as(pair.b), given, WORDS["b"], exercise),
    )
    ines = site.sign_in_as(pair.therapist)
    play(site, exercise, hands, ines)
    ines.take(open_session(site.records, pair.therapist))
    answer = ines.get(f"/answers/{given}")
    assert answer.status_code == 200
    for hand in hands:
        for path in ("/today", "/together", "/just-me"):
            assert hand.visitor.get(path).status_code == 200
    if exercise.lead is MechanicName.JOURNAL:
        assert not any(words in answer.get_data(as_text=True) for words in WORDS.values())
    with site.records.within(pair.therapist, read_only=True) as scope:
        if exercise.lead in SHARED:
            assert scope.find(Assignment, given).both_sent_at is not None
        assert safety.open_flags(scope, pair.couple_id) == []
    assert site.faults == []
