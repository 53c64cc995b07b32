"""Addresses are built as Werkzeug builds them, and nothing is compiled for those that nobody builds."""

from types import CodeType

import pytest
from flask import Flask
from werkzeug.routing import BuildError, Rule

from portal.web.routing import LateRule


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules for which code was made so far."""
    made: list[str] = []
    before = Rule._get_func_code

    def note(code: CodeType, name: str) -> object:
        made.append(name)
        return before(code, name)

    monkeypatch.setattr(Rule, "_get_func_code", staticmethod(note))
    return made


def app_with(rule_class: type[Rule]) -> Flask:
    app = Flask("tried")
    app.url_rule_class = rule_class
    for number in range(3):
        app.add_url_rule(f"/things/<name>/{number}", f"thing_{number}", lambda name: name)
    return app


def test_only_what_is_used_is_compiled(compiled: list[str]) -> None:
    app = app_with(LateRule)
    early = len(compiled)
    app.test_client().get("/things/lamp/1")
    assert len(compiled) == early
    with app.test_request_context():
        for _time in range(2):
            app.url_for("thing_1", name="lamp")
    assert len(compiled) == early + 1


def test_addresses_are_the_same() -> None:
    for rule_class in (Rule, LateRule):
        app = app_with(rule_class)
        with app.test_request_context():
            assert app.url_for("thing_2", name="a lampé", round="1 2") == "/things/a%20lamp%C3%A9/2?round=1+2"
            with pytest.raises(BuildError):
                app.url_for("thing_2")
