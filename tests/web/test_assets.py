"""Static files: addresses that change with their content, icons from vetted files, and a small first visit."""

import gzip
import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.web.assets import STATIC, UnknownIcon, asset_url, icon, icon_names
from portal.web.styleguide import make_app


@pytest.fixture
def app() -> Iterator[Flask]:
    app = make_app()
    app.testing = True
    with app.test_request_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def packed(path: str) -> int:
    return len(gzip.compress((STATIC / path).read_bytes(), 9))


@pytest.mark.usefixtures("app")
def test_an_address_carries_the_hash_of_the_content() -> None:
    assert re.fullmatch(r"/static/portal\.css\?v=[0-9a-f]{12}", asset_url("portal.css"))


@pytest.mark.usefixtures("app")
def test_a_misspelt_file_is_an_error_not_a_broken_link() -> None:
    with pytest.raises(FileNotFoundError):
        asset_url("portal.cs")


@pytest.mark.usefixtures("app")
def test_hashed_and_versioned_files_may_be_kept_for_ever(client: FlaskClient) -> None:
    for address in (asset_url("portal.css"), "/static/vendor/htmx.org-4.0.1/htmx.min.js"):
        with client.get(address) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
    with client.get("/static/portal.css") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_an_icon_is_hidden_from_screen_readers_and_has_no_style() -> None:
    drawing = icon("lock", size=24)
    assert 'aria-hidden="true"' in drawing
    assert 'width="24"' in drawing
    assert "style" not in drawing
    assert "<script" not in drawing


def test_icons_that_point_along_the_line_turn_around_in_other_scripts() -> None:
    assert "icon-turns" in icon("arrow-right")
    assert "icon-turns" not in icon("arrow-up")


@pytest.mark.parametrize("name", ["no-such-icon", "../../portal", "Lock"])
def test_an_unknown_icon_is_an_error(name: str) -> None:
    with pytest.raises(UnknownIcon):
        icon(name)


def test_every_icon_can_be_drawn() -> None:
    assert all(icon(name).endswith("</svg>") for name in icon_names())


@pytest.mark.parametrize(("name", "most"), [("portal.css", 16 * 1024), ("staff.css", 4 * 1024)])
def test_the_style_sheets_stay_small_and_know_no_left_or_right(name: str, most: int) -> None:
    assert packed(name) <= most
    css = (STATIC / name).read_text(encoding="utf-8")
    assert not re.findall(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|[;{ ](?:left|right|top|bottom):", css
    )
    assert "@import" not in css
    assert not re.findall(r"url\(\"?(?:https?:)?//", css)


def test_every_file_the_style_sheet_asks_for_is_there() -> None:
    css = (STATIC / "portal.css").read_text(encoding="utf-8")
    assert all((STATIC / path).is_file() for path in re.findall(r'url\("([^"]+)"\)', css))


def test_all_scripts_of_the_heaviest_page_stay_small() -> None:
    scripts = ("portal.js", "vendor/htmx.org-4.0.1/htmx.min.js", "vendor/htmx.org-4.0.1/hx-csp.min.js",
               "vendor/govuk-frontend-6.6.0/exit-this-page.mjs", "vendor/govuk-frontend-6.6.0/character-count.mjs")  # fmt: skip
    assert sum(packed(script) for script in scripts) <= 30 * 1024


def test_the_manifest_says_nothing_about_what_this_is() -> None:
    manifest = json.loads((STATIC / "notebook.webmanifest").read_text(encoding="utf-8"))
    assert manifest["name"] == manifest["short_name"] == "Notebook"
    assert all((STATIC / icon["src"]).is_file() for icon in manifest["icons"])
