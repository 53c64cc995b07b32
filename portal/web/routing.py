"""Addresses of pages, made ready when they are first needed: a portal has many, and a process uses few of them."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule that compiles the code for building its address when the first one is built.

    Werkzeug compiles it for every rule at the start, which is most of the time that the start of a portal takes. What
    is put off is private to Werkzeug: should it be called otherwise one day, rules are just compiled early again.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        compiled: Callable[..., tuple[str, str]] | None = None

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            if compiled is None:
                compiled = compile_now(append_unknown)
            return compiled(rule, **values)

        return build
