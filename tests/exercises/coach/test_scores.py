"""How well the coach reads labelled texts. Rules are worked on with the set "tune", never with the set "apart"."""

from pathlib import Path

import pytest

from portal.exercises.coach import Code, Kind
from portal.exercises.coach.scoring import Score, read_labelled, score

LABELLED = Path(__file__).parent / "labelled"


@pytest.fixture(scope="module", params=["tune", "apart"])
def measured(request: pytest.FixtureRequest) -> Score:
    return score(read_labelled(LABELLED / f"{request.param}.jsonl"))


def test_there_are_enough_labelled_texts_of_every_kind_and_code() -> None:
    tune, apart = (list(read_labelled(LABELLED / f"{name}.jsonl")) for name in ("tune", "apart"))
    assert len(tune) >= 280
    assert len(apart) >= 140
    for texts in (tune, apart):
        assert {each.kind for each in texts} == set(Kind)
        for code in Code:
            assert sum(code in each.labels for each in texts) >= 5
    assert not {each.text for each in tune} & {each.text for each in apart}


def test_what_it_finds_is_mostly_right(measured: Score) -> None:
    assert {each.code: each.precision for each in measured.codes if each.precision < 0.85} == {}


def test_it_finds_most_of_what_there_is(measured: Score) -> None:
    assert {each.code: each.recall for each in measured.codes if each.recall < 0.8} == {}
