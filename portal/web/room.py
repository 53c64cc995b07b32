"""A room's pages. Each names a permission and an audience, or the portal doesn't start."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, abort, redirect, request
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission, Refused, allows
from portal.access.viewer import Role
from portal.web.current import SAFE_METHODS, SignedIn, person_or_none, portal
from portal.web.errors import NeedsSignIn

View = TypeVar("View", bound=Callable[..., Any])
GUARD = "portal_guard"


class For(StrEnum):
    """Whom a page is made for."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    PARTNER = "partner"
    THERAPIST = "therapist"
    ADMIN = "admin"
    STAFF = "staff"


MEMBERS: dict[For, frozenset[Role]] = {
    For.SIGNED_IN: frozenset(Role),
    For.PARTNER: frozenset({Role.PARTNER}),
    For.THERAPIST: frozenset({Role.THERAPIST}),
    For.ADMIN: frozenset({Role.ADMIN}),
    For.STAFF: frozenset({Role.ADMIN, Role.THERAPIST, Role.DESK}),
}


class Unguarded(RuntimeError):
    """A page exists that names no permission and audience."""


class Room(Blueprint):
    """A blueprint whose pages can't be added without saying who may open them."""

    def page(
        self,
        rule: str,
        *,
        permission: Permission,
        audience: For,
        methods: tuple[str, ...] = ("GET",),
        gated: bool = True,
    ) -> Callable[[View], View]:
        """Add a page. ``gated`` pages open only after consent, introduction and the second factor are done."""

        def decorate(view: View) -> View:
            guarded = open_to(permission, audience, gated=gated)(view)
            self.add_url_rule(rule, endpoint=view.__name__, view_func=guarded, methods=list(methods))
            return guarded

        return decorate


def _stop(permission: Permission, audience: For, *, gated: bool) -> Response | None:
    """Return the answer that stops a request, or None to let it through."""
    if audience is For.ANYONE:
        return None
    person = person_or_none()
    if person is None:
        raise NeedsSignIn
    if not person.viewer.roles & MEMBERS[audience] or not allows(person.viewer, permission):
        raise Refused(permission)
    return _first_gate(person) if gated else None


def _first_gate(person: SignedIn) -> Response | None:
    for gate in portal().gates:
        address = gate(person)
        if address is None:
            continue
        if request.method not in SAFE_METHODS:
            abort(409)
        return redirect(address, 303)
    return None


def open_to(permission: Permission, audience: For, *, gated: bool = True) -> Callable[[View], View]:
    """Return a decorator that says who may open a view, and checks it at every request."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            answer = _stop(permission, audience, gated=gated)
            return view(*args, **kwargs) if answer is None else answer

        setattr(guarded, GUARD, (permission, audience))
        return cast("View", guarded)

    return decorate


def guard_of(app: Flask, endpoint: str) -> tuple[Permission, For] | None:
    """Return what a page says about who may open it, or None if it says nothing."""
    return cast("tuple[Permission, For] | None", getattr(app.view_functions[endpoint], GUARD, None))


def check_guards(app: Flask) -> None:
    """Raise Unguarded if any page of the app names no permission and audience."""
    bare = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and guard_of(app, rule.endpoint) is None
    )
    if bare:
        raise Unguarded(f"these pages say nothing about who may open them: {', '.join(bare)}")
