"""What docs/adding-things.md says is done here, with the very blocks that stand in it."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import portal
from portal.access.privacy import Label
from portal.exercises.domain import Exercise, load_exercise
from portal.kit.pdf import PdfPool
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


STEPS = {
    "base.py": ('    PLAN = "plan"\n', '    WEATHER = "weather"\n'),
    "__init__.py": ("    MechanicName.TRACKER: tracker,\n", "    MechanicName.WEATHER: weather,\n"),
}
"""What the page says of two files of mechanics: after which line the new one comes."""
ASKING = """
import sys
from pathlib import Path
from portal.access.privacy import Label
from portal.exercises.domain import load_exercise
from portal.questionnaires.conditions import pages_to_walk
from portal.questionnaires.validation import check_sending

exercise = load_exercise(Path(sys.argv[1]))
assert [page.key for page in pages_to_walk(exercise.form, {})] == ["weather"]
item = exercise.form.item("weather_today")
assert exercise.label_of(item) is Label.THERAPIST
assert check_sending(exercise.form, {"weather_today": "cloudy"}).is_clean
print(exercise.summary({"weather_today": "cloudy"}).lines[0].texts[0])
"""


def ask_a_copy(copy: Path, exercise: Path) -> subprocess.CompletedProcess[str]:
    """Read an exercise with the portal that lies in a folder."""
    return subprocess.run(
        [sys.executable, "-c", ASKING, exercise],
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_mechanic_is_a_name_one_module_and_one_line(blocks: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(HOUSE, copy / "portal", ignore=shutil.ignore_patterns("static", "__pycache__"))
    mechanics = copy / "portal" / "exercises" / "mechanics"
    before = ask_a_copy(copy, blocks / "inner-weather.toml")
    assert "'weather' is not one of" in before.stderr

    shutil.copy(blocks / "weather.py", mechanics)
    for name, (after, line) in STEPS.items():
        file = mechanics / name
        text = file.read_text(encoding="utf-8")
        assert line.strip().rstrip(",") in PAGE.read_text(encoding="utf-8")
        assert text.count(after) == 1
        file.write_text(text.replace(after, after + line), encoding="utf-8")
    imports = mechanics / "__init__.py"
    registry = imports.read_text(encoding="utf-8")
    imports.write_text(
        registry.replace("\nMECHANICS", "\nfrom portal.exercises.mechanics import weather\n\nMECHANICS", 1)
    )

    said = ask_a_copy(copy, blocks / "inner-weather.toml")

    assert said.stdout == "Cloudy\n", said.stderr


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
