"""Taking a rule away is noticed: two rules in every run, all of them with ``python -m tests.house.seed_faults``."""

from pathlib import Path

import pytest

from tests.house import seed_faults
from tests.house.seed_faults import ENOUGH, FAULTS, ROOT, copy_to, red_tests, seed


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_is_still_about_something(name: str) -> None:
    fault = FAULTS[name]
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.was) == 1
    assert fault.was != fault.becomes


@pytest.mark.slow
@pytest.mark.parametrize("name", ["every piece of writing readable", "no fence around a practice"])
def test_taking_a_rule_away_turns_several_tests_red(tmp_path: Path, name: str) -> None:
    copy_to(tmp_path)
    seed(tmp_path, FAULTS[name])
    red = red_tests(tmp_path)
    assert len(red) >= ENOUGH, red


def test_a_fault_that_no_longer_fits_is_said(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "rules.py").write_text("nothing of the kind")
    with pytest.raises(ValueError, match="0 times"):
        seed(tmp_path, seed_faults.Fault("portal/rules.py", "a rule", "none"))
