"""Looks at every template: each compiles, escapes, has a title, and carries no style or script of its own."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from portal.web.render import templates_folder
from portal.web.styleguide import make_app

FOLDER = templates_folder()
APART = ("reports/", "email/")
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
SCREENS = [name for name in NAMES if not name.startswith(APART)]
PAGES = [name for name in SCREENS if not name.startswith(("components/", "layouts/")) and name != "base.html"]
COMPONENTS = [name for name in NAMES if name.startswith("components/")]


@pytest.fixture(scope="module")
def env() -> Environment:
    """The portal's own Jinja environment, with every setting that counts."""
    return make_app().jinja_env


@cache
def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def parsed(env: Environment, name: str) -> nodes.Template:
    return env.parse(source(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_compiles(env: Environment, name: str) -> None:
    env.compile(source(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_never_turns_escaping_off(env: Environment, name: str) -> None:
    filters = {node.name for node in parsed(env, name).find_all(nodes.Filter)}
    assert "safe" not in filters
    assert "autoescape" not in re.findall(r"{%-?\s*(\w+)", source(name))


def parents(env: Environment, name: str) -> list[str]:
    """The templates a template may extend; several where a page serves staff and partners alike."""
    extends = parsed(env, name).find_all(nodes.Extends)
    named = (each for extend in extends for each in [extend.template, *extend.template.find_all(nodes.Const)])
    return [each.value for each in named if isinstance(each, nodes.Const) and isinstance(each.value, str)]


def lineage(env: Environment, name: str) -> list[str]:
    """A template and everything it extends, outermost last; the staff layout goes first where there is a choice."""
    chain = [name]
    while above := parents(env, chain[-1]):
        chain.append(max(above, key=lambda each: each == "layouts/staff.html"))
    return chain


def blocks(env: Environment, name: str) -> set[str]:
    return {block.name for block in parsed(env, name).find_all(nodes.Block)}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_title(env: Environment, name: str) -> None:
    chain = lineage(env, name)
    if chain[-1] != "base.html":
        # A part of a page, exchanged on its own; it has no head.
        return
    if "layouts/staff.html" in chain:
        own = chain[: chain.index("layouts/staff.html")]
        assert any(blocks(env, each) & {"title", "page_title"} for each in own)
        return
    titles = re.findall(r"{%-? block title -?%}(.*?){%-? endblock", "".join(source(each) for each in chain))
    assert set(titles) == {"Notebook"}, (
        "titles show in histories and task switchers: partners' pages are all alike"
    )


@pytest.mark.parametrize("name", SCREENS)
def test_has_no_inline_style_or_script(name: str) -> None:
    text = re.sub(r"{#.*?#}", "", source(name), flags=re.DOTALL)
    assert not re.search(r"\sstyle=\"", text)
    assert not re.search(r"\son(click|change|input|load|submit|focus|blur|key\w+|mouse\w+|error)\s*=", text)
    assert "<style" not in text
    for script in re.findall(r"<script[^>]*>", text):
        assert "nonce=" in script


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_explains_itself_and_is_named_after_its_file(env: Environment, name: str) -> None:
    text = source(name)
    assert text.lstrip().startswith("{#")
    macros = [node.name for node in parsed(env, name).body if isinstance(node, nodes.Macro)]
    public = [macro for macro in macros if not macro.startswith("_")]
    assert public == [Path(name).stem]


@pytest.mark.parametrize("name", SCREENS)
def test_asks_no_other_address(name: str) -> None:
    assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", source(name))
