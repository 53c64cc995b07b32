"""What docs/adding-things.md says is done here, with the very blocks that stand in it."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import portal
from portal.access.privacy import Audience, Label
from portal.exercises.domain import Exercise, load_exercise
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import Mechanic, MechanicName
from portal.kit.library import DefinitionError
from portal.kit.pdf import PdfPool
from portal.questionnaires.conditions import pages_to_walk
from portal.questionnaires.validation import check_sending
from portal.reports.base import paper_assets, printable
from tests.servers import PORTAL, portal_environment

HOUSE = Path(portal.__file__).parent
PAGE = HOUSE.parent / "docs" / "adding-things.md"
BLOCK = re.compile(r"^```\w+ file=(?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def blocks(tmp_path: Path) -> Path:
    """The blocks of the page, each in a file of its own in one folder."""
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        (tmp_path / block["name"]).write_text(block["text"], encoding="utf-8")
    return tmp_path


def module_in(path: Path) -> ModuleType:
    """Return a module from a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while they are made.
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


def check_with_the_command(path: Path) -> subprocess.CompletedProcess[str]:
    """Run ``portal library check`` on a file, as the page says."""
    return subprocess.run(
        [PORTAL, "library", "check", path],
        env=portal_environment(path.parent / "instance"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_exercise_is_one_file(blocks: Path) -> None:
    exercise: Exercise = load_exercise(blocks / "small-thanks.toml")

    said = check_with_the_command(blocks / "small-thanks.toml")

    assert said.returncode == 0, said.stderr
    labels = {item.key: exercise.label_of(item) for item in exercise.form.questions}
    assert labels == {"thing": Label.LATER, "only_therapist": Label.THERAPIST}
    assert check_sending(exercise.form, {"thing": "You made the tea"}).is_clean


def test_a_mistake_in_an_exercise_is_named_with_file_key_and_line(blocks: Path) -> None:
    file = blocks / "small-thanks.toml"
    wrong = file.read_text().replace('audience = "therapist"', 'audiance = "therapist"')
    line = wrong[: wrong.index("audiance")].count("\n") + 1
    file.write_text(wrong)

    said = check_with_the_command(file)

    assert said.returncode != 0
    assert "small-thanks.toml" in said.stderr + said.stdout
    assert "audiance" in said.stderr + said.stdout
    assert str(line) in said.stderr + said.stdout


def test_a_mechanic_is_one_module_and_one_line(blocks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DefinitionError, match="journal"):
        load_exercise(blocks / "evening-page.toml")
    journal: Mechanic[object] = module_in(blocks / "journal.py")  # type: ignore[assignment]
    monkeypatch.setitem(MECHANICS, MechanicName.JOURNAL, journal)  # type: ignore[arg-type]

    exercise = load_exercise(blocks / "evening-page.toml")

    assert [page.key for page in pages_to_walk(exercise.form, {})] == ["today_page"]
    item = exercise.form.item("today")
    assert item is not None
    assert item.audience is Audience.PRIVATE
    assert exercise.label_of(item) is Label.PRIVATE
    assert exercise.summary({"today": "the heron"}).lines[0].texts == ("the heron",)


def test_a_report_is_gathered_drawn_and_printed(blocks: Path, tmp_path: Path) -> None:
    report = module_in(blocks / "thanks_report.py").THANKS
    templates = Environment(loader=FileSystemLoader(blocks), autoescape=True, undefined=StrictUndefined)

    page = report.gather(["You made the tea", "x" * 5000], number="N-26-0001")
    html = templates.get_template(Path(report.template).name).render(page=printable(page))
    with PdfPool(paper_assets(HOUSE / "static"), max_workers=1) as pool:
        made = pool.render(html, title=page.paper.title, lang=page.paper.lang)

    (tmp_path / "thanks.pdf").write_bytes(made.pdf)
    told = subprocess.run(
        ["pdftotext", tmp_path / "thanks.pdf", "-"], capture_output=True, text=True, check=True
    )
    assert "You made the tea" in told.stdout
